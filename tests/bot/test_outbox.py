"""What is owed is sent exactly once, whatever breaks in between: against a sandbox over sockets."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.message import Button, Line, Message
from bot.services.dm_wishes import WISHES, Direct
from bot.services.outbox import withdraw
from models import (
    FailedEffect,
    Group,
    Member,
    Occurrence,
    OutboxMessage,
    Ritual,
    SentMessage,
    Server,
)
from tests.bot.post_office import GROUP, MESSAGES, Post, custom_id, office, settled, until

RITUAL, OCCURRENCE = 1, 1


@pytest.fixture
async def post(database: Database, now: datetime) -> AsyncIterator[Post]:
    """A server whose #general is the commons and whose #welcome is the room of group 1."""
    async with office(database, now) as opened:
        yield opened


async def test_a_message_is_sent_once_and_forgotten(post: Post) -> None:
    """It stands in its room with its button, silently; the row is erased; the key stays used."""
    assert await post.owe("hello")
    assert not await post.owe("hello")
    await post.deliver()
    (message,) = post.from_bot(post.commons)
    assert message.content.startswith("<@1>, there is a question for you")
    assert custom_id(message) == "open:hello"
    assert message.flags & 1 << 12  # suppress notifications
    assert message.mentions == []
    assert await post.rows(OutboxMessage) == []
    assert not await post.owe("hello")
    await post.deliver()
    assert len(post.from_bot(post.commons)) == 1


async def test_only_named_people_are_pinged_and_loud_messages_sound(post: Post) -> None:
    """Allowed mentions are exact, whatever the text holds."""
    kim, mara = [await post.sandbox.person(post.guild, name) for name in ("Kim", "Mara")]
    text = f"{kim.mention} {mara.mention} @everyone <@&{post.guild.id}>"
    message = Message(
        (Line("rituals.prompt", {"prompt": text}),),
        (Button("home.open", "open:loud"),),
        users=(kim.id,),
        loud=True,
    )
    await post.owe("loud", message=message)
    await post.deliver()
    (sent,) = post.from_bot(post.commons)
    assert [user.id for user in sent.mentions] == [kim.id]
    assert not sent.mention_everyone
    assert not sent.flags & 1 << 12


async def test_rooms_side_by_side_and_in_order_within(post: Post) -> None:
    """Twenty messages to two rooms arrive in the order in which they were owed."""
    for n in range(10):
        await post.owe(f"c{n}")
        await post.owe(f"r{n}", "room", group_id=GROUP)
    await post.deliver()
    assert post.keys(post.commons) == [f"c{n}" for n in range(10)]
    assert post.keys(post.room) == [f"r{n}" for n in range(10)]


async def test_killed_after_the_claim(post: Post) -> None:
    """A claimed row that was never sent is looked for, not found, and sent."""
    await post.owe("hello")
    await post.claim()
    await post.deliver()
    assert post.keys(post.commons) == ["hello"]
    assert await post.rows(OutboxMessage) == []


async def test_killed_between_sending_and_recording(post: Post) -> None:
    """The next process finds the message by its button, half an hour of chatter later."""
    await occurrence(post)
    await post.owe(
        "ritual:1",
        "room",
        kind="ritual",
        group_id=GROUP,
        message=Message((Line("rituals.title", {"title": "A"}),), (Button("home.open", "i:1"),)),
    )
    post.sandbox.faults.add("silence", "POST", MESSAGES, effect=True)
    async with post.outbox():
        await until(lambda: post.from_bot(post.room))
    assert len(await post.rows(OutboxMessage)) == 1
    for _ in range(6):
        post.pass_time(timedelta(minutes=5))
        for n in range(30):
            await post.guild.owner.write(post.room, f"chatter {n}")
    # Discord has long forgotten the nonce.
    post.sandbox.world.nonces.clear()
    await post.deliver()
    (message,) = post.from_bot(post.room)
    (row,) = await post.rows(Occurrence)
    assert (row.state, row.message_id) == ("posted", message.id)
    assert await post.rows(OutboxMessage) == []


async def occurrence(post: Post) -> None:
    """Write down an occurrence that is being posted."""
    now = post.clock.now()
    async with post.database.writing() as session:
        session.add(
            Ritual(
                id=RITUAL,
                server_id=post.guild.id,
                group_id=GROUP,
                title="A",
                cadence="weekly",
                weekday=0,
                zone="UTC",
                anchor="2026-03-02",
            )
        )
        await session.flush()
        session.add(
            Occurrence(
                id=OCCURRENCE,
                ritual_id=RITUAL,
                group_id=GROUP,
                local_moment="2026-03-02T12:00",
                due_at=now,
                state="claimed",
            )
        )


@pytest.mark.parametrize("kind", ["503", "reset", "504", "slow", "cloudflare"])
async def test_an_answer_that_is_lost(post: Post, kind: Any) -> None:
    """After the effect the room is read first: the message stands there once."""
    post.sandbox.faults.add(kind, "POST", MESSAGES, effect=True)
    await post.owe("hello")
    await post.deliver()
    assert post.keys(post.commons) == ["hello"]
    assert await post.rows(OutboxMessage) == []


@pytest.mark.parametrize(
    "kind", ["503", "reset", "slow", "cloudflare", "cloudflare-ban", "cloudflare-403"]
)
async def test_a_failure_before_the_effect(post: Post, kind: Any) -> None:
    """What was not sent is sent at the next try."""
    post.sandbox.faults.add(kind, "POST", MESSAGES)
    await post.owe("hello")
    await post.deliver()
    assert post.keys(post.commons) == ["hello"]


async def test_no_answer_for_too_long(post: Post) -> None:
    """A send that nobody confirms in time is looked for, even where no nonce would help."""
    post.sandbox.faults.add("silence", "POST", MESSAGES, effect=True)
    await post.owe("hello")
    async with post.outbox(unconfirmed_after=0.2) as outbox:
        await until(lambda: post.from_bot(post.commons))
        post.sandbox.world.nonces.clear()
        await settled(outbox)
    assert post.keys(post.commons) == ["hello"]
    assert await post.rows(OutboxMessage) == []


async def test_discord_is_down_for_a_while(post: Post) -> None:
    """A failure that stays is put off by minutes of the clock, and nothing is lost."""
    outage = post.sandbox.faults.add("503", "*", MESSAGES, times=None)
    await post.owe("hello")
    await post.deliver()
    (row,) = await post.rows(OutboxMessage)
    assert row.due_at == post.clock.now() + timedelta(minutes=5)
    post.sandbox.faults.remove(outage)
    await post.deliver()
    assert post.keys(post.commons) == []
    post.pass_time(timedelta(minutes=5))
    await post.deliver()
    assert post.keys(post.commons) == ["hello"]


async def test_a_room_that_is_not_made_yet(post: Post) -> None:
    """The message waits for its room and is sent once it is there."""
    async with post.database.writing() as session:
        (await session.get_one(Group, GROUP)).room_id = None
    await post.owe("hello", "room", group_id=GROUP)
    async with post.outbox() as outbox:
        await settled(outbox)
        async with post.database.writing() as session:
            (await session.get_one(Group, GROUP)).room_id = post.room.id
        outbox.wake()
        await settled(outbox)
    assert post.keys(post.room) == ["hello"]


async def test_a_group_room_that_was_deleted_by_hand(post: Post) -> None:
    """It is made anew, so what it is owed waits for that; a room of the setup is the owners'."""
    await post.guild.owner.delete_channel(post.room)
    await post.owe("hello", "room", group_id=GROUP)
    await post.deliver()
    assert [row.state for row in await post.rows(OutboxMessage)] == ["owed"]
    async with post.database.writing() as session:
        (await session.get_one(Group, GROUP)).room_id = post.commons.id
    post.pass_time(timedelta(minutes=1))
    await post.deliver()
    assert post.keys(post.commons) == ["hello"]


async def test_what_discord_refuses_is_written_down_for_the_owners(post: Post) -> None:
    """A deleted commons: the message is dropped, the owners see why, until it works again."""
    gone = post.commons
    await post.guild.owner.delete_channel(gone)
    await post.owe("hello")
    await post.deliver()
    (failed,) = await post.rows(FailedEffect)
    assert (failed.subject, failed.action, failed.code) == ("server", "message:test", 10003)
    assert await post.rows(OutboxMessage) == []
    async with post.database.writing() as session:
        (await session.get_one(Server, post.guild.id)).commons_id = post.room.id
    await post.owe("again")
    await post.deliver()
    assert post.keys(post.room) == ["again"]
    assert await post.rows(FailedEffect) == []


async def test_what_is_too_late_is_dropped(post: Post) -> None:
    """A ritual whose time is over is never posted, and its occurrence says so."""
    await occurrence(post)
    await post.owe(
        "ritual:1", "room", kind="ritual", group_id=GROUP, expires_in=timedelta(minutes=90)
    )
    post.pass_time(timedelta(minutes=90))
    await post.deliver()
    assert post.from_bot(post.room) == []
    (row,) = await post.rows(Occurrence)
    assert (row.state, row.message_id) == ("skipped", None)


async def test_what_was_claimed_is_looked_for_even_when_it_is_too_late(post: Post) -> None:
    """Killed in the middle and started hours later: found if it was sent, never sent late."""
    await post.owe("sent", expires_in=timedelta(minutes=90))
    await post.owe("unsent", "room", group_id=GROUP, expires_in=timedelta(minutes=90))
    post.sandbox.faults.add("silence", "POST", MESSAGES, times=2, effect=True)
    async with post.outbox():
        await until(lambda: post.from_bot(post.commons) and post.from_bot(post.room))
    (unsent,) = post.from_bot(post.room)
    await post.guild.owner.delete(unsent)
    post.pass_time(timedelta(hours=5))
    await post.deliver()
    assert post.keys(post.commons) == ["sent"]
    assert post.from_bot(post.room) == []
    assert await post.rows(OutboxMessage) == []


async def asked(_session: AsyncSession, _message: Direct) -> bool:
    """Stand for a person's press: messages of the kind "test" are wished for."""
    return True


@pytest.fixture
def wished_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody asked for direct messages of the kind that these tests owe."""
    monkeypatch.setitem(WISHES, "test", asked)


@pytest.mark.usefixtures("wished_for")
async def test_closed_direct_messages(post: Post) -> None:
    """A neutral line in the commons instead, and the next message does not even try."""
    kim = await post.sandbox.person(post.guild, "Kim")
    kim.accepts_dms = False
    await post.owe("one", "dm", user_id=kim.id)
    await post.deliver()
    (line,) = post.from_bot(post.commons)
    assert line.content.startswith(f"{kim.mention}, something waits for you: /home")
    assert [user.id for user in line.mentions] == [kim.id]
    (member,) = await post.rows(Member)
    assert member.dms_closed_at == post.clock.now()
    before = post.sandbox.requests.snapshot()
    fallback = Message(
        (Line("facilitators.waits", {"user": kim.id}),), (Button("home.open", "letter-open:1:9"),)
    )
    await post.owe("two", "dm", user_id=kim.id, fallback=fallback)
    await post.deliver()
    assert [custom_id(m) for m in post.from_bot(post.commons)][1:] == ["letter-open:1:9"]
    assert post.sandbox.requests.since(before).total == 1
    # After a month it is tried again.
    kim.accepts_dms = True
    post.pass_time(timedelta(days=31))
    await post.owe("three", "dm", user_id=kim.id)
    await post.deliver()
    assert [custom_id(m) for m in kim.dms] == ["open:three"]


@pytest.mark.usefixtures("wished_for")
async def test_new_conversations_have_a_budget(post: Post) -> None:
    """Ten people a minute are written to who were not before; others wait, known ones do not."""
    people = [await post.sandbox.person(post.guild) for _ in range(12)]
    for person in people:
        await post.owe(f"first {person.id}", "dm", user_id=person.id)
    async with post.outbox() as outbox:
        await settled(outbox)
        assert sum(len(person.dms) for person in people) == 10
        await post.owe("second", "dm", user_id=people[0].id)
        outbox.wake()
        await settled(outbox)
        assert len(people[0].dms) == 2
        post.pass_time(timedelta(minutes=1))
        outbox.wake()
        await settled(outbox)
    assert all(person.dms for person in people)


async def test_nobody_is_written_to_who_did_not_ask(post: Post) -> None:
    """A direct message without a standing wish cannot even be owed."""
    kim = await post.sandbox.person(post.guild, "Kim")
    with pytest.raises(ValueError, match="nobody asked"):
        await post.owe("one", "dm", user_id=kim.id)
    assert await post.rows(OutboxMessage) == []


async def test_a_wish_that_was_taken_back_meanwhile(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was owed before goes nowhere but into its line; no conversation is opened."""
    kim = await post.sandbox.person(post.guild, "Kim")
    monkeypatch.setitem(WISHES, "test", asked)
    await post.owe("one", "dm", user_id=kim.id)
    monkeypatch.delitem(WISHES, "test")
    await post.deliver()
    assert kim.dms == []
    (line,) = post.from_bot(post.commons)
    assert "something waits for you" in line.content


async def test_who_was_forgotten_while_it_was_tried_again(post: Post) -> None:
    """Between two tries the message is taken back: it is not sent after all."""
    await post.owe("hello")
    outage = post.sandbox.faults.add("503", "POST", MESSAGES, times=None)
    before = post.sandbox.requests.snapshot()
    async with post.outbox(delays=(0.2, 0.2)) as outbox:
        await until(lambda: post.sandbox.requests.since(before).total == 1)
        async with post.database.writing() as session:
            await session.execute(delete(OutboxMessage))
        post.sandbox.faults.remove(outage)
        await settled(outbox)
    assert post.from_bot(post.commons) == []
    assert post.sandbox.requests.since(before).total == 1


async def test_a_paused_server_is_left_alone(post: Post) -> None:
    """Nothing is sent while Hearth is paused; afterwards it is."""
    async with post.database.writing() as session:
        (await session.get_one(Server, post.guild.id)).paused_at = post.clock.now()
    await post.owe("hello")
    await post.deliver()
    assert post.from_bot(post.commons) == []
    async with post.database.writing() as session:
        (await session.get_one(Server, post.guild.id)).paused_at = None
    await post.deliver()
    assert post.keys(post.commons) == ["hello"]


async def test_what_is_due_later_waits(post: Post) -> None:
    """A message with a moment of its own is sent then; withdrawn in time, never."""
    later = post.clock.now() + timedelta(hours=1)
    await post.owe("later", due_at=later)
    await post.owe("never", due_at=later)
    await post.deliver()
    assert post.from_bot(post.commons) == []
    async with post.database.writing() as session:
        assert await withdraw(session, server_id=post.guild.id, key="never")
        assert not await withdraw(session, server_id=post.guild.id, key="never")
    post.pass_time(timedelta(hours=1))
    await post.deliver()
    assert post.keys(post.commons) == ["later"]


async def test_a_text_that_is_missing_is_given_up_for_good(post: Post) -> None:
    """A mistake of ours in one message does not stop the others."""
    broken = Message((Line("no.such.text"),), (Button("home.open", "open:broken"),))
    await post.owe("broken", message=broken)
    await post.owe("fine")
    await post.deliver()
    assert post.keys(post.commons) == ["fine"]
    # The next message of the kind went through, so nothing is left to show.
    assert await post.rows(FailedEffect) == []


async def test_the_memory_of_what_was_sent_goes_with_time(post: Post) -> None:
    """A key is free again once its message would have expired."""
    await post.owe("hello", expires_in=timedelta(days=1))
    await post.deliver()
    assert len(await post.rows(SentMessage)) == 1
    post.pass_time(timedelta(days=1))
    await post.deliver()
    assert await post.rows(SentMessage) == []
    assert await post.owe("hello")


@pytest.mark.parametrize(
    ("place", "buttons"), [("commons", ()), ("room", (Button("home.open", "x"),))]
)
async def test_what_could_not_be_recognised_or_placed_is_refused(
    post: Post, place: str, buttons: tuple[Button, ...]
) -> None:
    """A message without a button, or to a room that nobody named, is a mistake in the code."""
    with pytest.raises(ValueError, match="the owed message"):
        await post.owe("bad", place, message=Message((Line("home.waits"),), buttons))
