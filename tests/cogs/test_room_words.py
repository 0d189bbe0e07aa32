"""The desk's page of the room: norms on request, a question from the charter, calling everyone."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.rules.actor import Actor
from bot.rules.room_messages import MENTIONS_IN_ONE, SAID_MOST
from bot.services import room_words
from models import Group, OutboxMessage, RoomWord
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

ROOM = "🌊-riverside"
NORMS = "Nobody is left behind\nBring a lamp\nSay *hello*"
SAID = {"said": "Who comes along on Saturday?"}


async def found(hearth: Running) -> Person:
    """Riverside with norms, Mara and Jo at home there, looked after by Lena; it is noon."""
    await set_up(hearth)
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    for name in ("Mara", "Jo"):
        await at_home(hearth, name)
    async with hearth.app.database.writing() as session:
        await session.execute(update(Group).values(norms=NORMS))
    await hearth.settle()
    return lena


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def lena(hearth: Running) -> Person:
    """Riverside with norms, Mara and Jo at home there, looked after by Lena; it is noon."""
    return hearth.founded


def last(room: Channel) -> Message:
    """Return the newest message of a room."""
    return list(room.history)[-1]


async def page(lena: Person) -> Answer:
    """Return the desk's page of the room."""
    return await desk_page(lena, "Room")


async def test_norms_are_recalled_once_a_week(hearth: Running, lena: Person) -> None:
    """Read at the desk, put into the room without a ping, read there by whoever presses."""
    card = await lena.press(await page(lena), "Our norms")
    assert "• Nobody is left behind\n• Bring a lamp\n• Say \\*hello\\*" in card.text
    other = await lena.press(await page(lena), "Our norms")
    done = await lena.press(card, "Remind the room")
    assert "without a ping" in done.text
    await hearth.settle()
    posted = last(channel(hearth, ROOM))
    assert "A look back at what we agreed on here:\n• Nobody" in posted.content
    assert not posted.mentions
    assert posted.flags & 1 << 12
    again = await lena.press(other, "Remind the room")
    assert "Once a week is enough" in again.text
    await hearth.advance(timedelta(days=7))
    once_more = await lena.press(await lena.press(await page(lena), "Our norms"), "Remind the room")
    assert "It stands in the room now" in once_more.text


async def test_norms_on_request(hearth: Running, lena: Person) -> None:
    """Beside the charter in the room; whoever may not know of the group reads nothing of it."""
    await hearth.advance(timedelta(minutes=5))
    form = await lena.press(await lena.press(await page(lena), "Charter"), "Change the charter")
    changed = await lena.fill(
        form,
        purpose="Evening runs around the lake.",
        for_whom="Whoever runs, however slowly.",
        unites="We run after work, whatever the weather.",
        norms=NORMS.replace("*", ""),
    )
    assert "is changed" in changed.text
    await hearth.settle()
    charter = next(
        m for m in reversed(list(channel(hearth, ROOM).history)) if "Our norms" in str(m.components)
    )
    read = await lena.press(charter, "Our norms")
    assert read.ephemeral
    assert "What we agreed on in **Riverside**:" in read.text
    assert "Remind the room" not in read.buttons
    async with hearth.app.database.writing() as session:
        await session.execute(update(Group).values(norms=""))
    assert "tell whoever looks after it" in (await lena.press(charter, "Our norms")).text


async def test_a_group_without_norms(hearth: Running, lena: Person) -> None:
    """Nothing to recall, and a word about how to add some."""
    old = await lena.press(await page(lena), "Our norms")
    async with hearth.app.database.writing() as session:
        await session.execute(update(Group).values(norms=""))
    card = await lena.press(await page(lena), "Our norms")
    assert "has written down no norms yet" in card.text
    assert card.buttons == ["Charter", "Back"]
    assert "has written down no norms yet" in (await lena.press(old, "Remind the room")).text


async def test_a_question_from_the_charter(hearth: Running, lena: Person) -> None:
    """Three a week to leaf through; one stands in the room as Lena's, and one a day is enough."""
    card = await lena.press(await page(lena), "Something to talk about")
    texts = [card.text]
    other = card
    for _ in range(3):
        other = await lena.press(other, "Another one")
        texts.append(other.text)
    assert len(set(texts[:3])) == 3
    assert texts[3] == texts[0]
    asked = card.text.splitlines()[1]
    room = channel(hearth, ROOM)
    before = len(list(room.history))
    assert "Be the first to answer" in (await lena.press(other, "Post it")).text
    await hearth.settle()
    assert len(list(room.history)) == before + 1
    posted = last(room)
    assert posted.content == f"💬 {lena.mention} would like to know:\n{asked}"
    assert not posted.mentions
    why = await lena.press(posted, "Why this question?")
    assert why.ephemeral
    assert "made from your charter" in why.text
    card = await lena.press(await page(lena), "Something to talk about")
    assert "One a day is enough" in (await lena.press(card, "Post it")).text
    await hearth.advance(timedelta(days=1))
    card = await lena.press(await page(lena), "Something to talk about")
    assert "It stands in the room" in (await lena.press(card, "Post it")).text


async def test_a_question_that_no_longer_fits(hearth: Running, lena: Person) -> None:
    """An old card's question is made from what is not there any more."""
    card = await lena.press(await page(lena), "Something to talk about")
    for _ in range(3):
        if "lake" in card.text or "agreed" in card.text:
            break
        card = await lena.press(card, "Another one")
    async with hearth.app.database.writing() as session:
        await session.execute(update(Group).values(norms="", purpose=""))
    assert "no longer among this group's" in (await lena.press(card, "Post it")).text
    async with hearth.app.database.reading() as session:
        assert not list(await session.scalars(select(RoomWord)))


async def test_everyone_is_called_once_a_week(hearth: Running, lena: Person) -> None:
    """By the group's role, in the facilitator's words; rituals share the week."""
    old = await page(lena)
    form = await lena.press(old, "Call everyone")
    second = await lena.press(await page(lena), "Call everyone")
    done = await lena.fill(form, said="Who comes along on *Saturday* with @everyone?")
    assert "Everyone is called" in done.text
    await hearth.settle()
    posted = last(channel(hearth, ROOM))
    role = next(role for role in lena.roles if "Riverside" in role.name)
    assert posted.content.startswith(f"<@&{role.id}> Who comes along on \\*Saturday\\*")
    assert posted.content.endswith(f"— {lena.mention}")
    assert posted.mention_roles == [role.id]
    assert not posted.mention_everyone
    assert not posted.mentions
    assert not posted.flags & 1 << 12
    late = await lena.fill(second, **SAID)
    assert "Once a week is enough" in late.text
    assert "You wrote: “Who comes along on Saturday?”" in late.text
    assert "Once a week is enough" in (await lena.press(old, "Call everyone")).text
    assert "Everyone was called" in (await page(lena)).text
    await hearth.advance(timedelta(days=7))
    assert "Everyone was called" not in (await page(lena)).text
    assert (await lena.press(await page(lena), "Call everyone")).kind == "modal"


async def test_nobody_is_woken(hearth: Running, lena: Person) -> None:
    """At night on the group's own clock nobody is called, and the words are not lost."""
    form = await lena.press(await page(lena), "Call everyone")
    async with hearth.app.database.writing() as session:
        await session.execute(update(Group).values(zone="Pacific/Auckland"))  # there it is 1 a.m.
    refused = await lena.fill(form, **SAID)
    assert "It is night where the group lives" in refused.text
    assert "You wrote: “Who comes along on Saturday?”" in refused.text
    morning = int(datetime(2026, 3, 2, 20, tzinfo=UTC).timestamp())
    assert f"<t:{morning}:F>" in refused.text
    assert "It is night" in (await lena.press(await page(lena), "Call everyone")).text
    await hearth.advance(timedelta(hours=8))
    form = await lena.press(await page(lena), "Call everyone")
    assert "Everyone is called" in (await lena.fill(form, **SAID)).text


async def test_a_call_that_is_held_up_wakes_nobody_either(hearth: Running, lena: Person) -> None:
    """What Discord does not take by nine in the evening is not said at night."""
    late = hearth.app.clock.now().replace(hour=20, minute=30)
    who = Actor(server_id=hearth.server.id, user_id=lena.id)
    async with hearth.app.database.writing() as session:
        riverside = (await session.scalars(select(Group.id))).one()
        await room_words.call(session, who, riverside, "Who comes along?", late)
        owed = select(OutboxMessage.expires_at).where(OutboxMessage.kind == "room-call")
        assert (await session.scalars(owed)).one() == late.replace(hour=21, minute=0)


async def test_a_call_needs_words(lena: Person) -> None:
    """What cannot be seen is no sentence."""
    form = await lena.press(await page(lena), "Call everyone")
    assert "Say in a sentence" in (await lena.fill(form, said="\u200b\u200b\u200b")).text


async def test_a_group_without_a_role_is_called_by_name(hearth: Running, lena: Person) -> None:
    """Everyone who lives there but the caller; who is not there is not."""
    async with hearth.app.database.writing() as session:
        await session.execute(update(Group).values(role_id=None))
    form = await lena.press(await page(lena), "Call everyone")
    await lena.fill(form, **SAID)
    await hearth.settle()
    posted = last(channel(hearth, ROOM))
    assert sorted(user.name for user in posted.mentions) == ["jo", "mara"]
    assert MENTIONS_IN_ONE * len("<@1477998909849600001> ") + 2 * SAID_MOST + 50 < 2000


@pytest.mark.parametrize("label", ["Remind the room", "Post it", "Call everyone"])
async def test_where_nobody_writes_nothing_is_said(
    hearth: Running, lena: Person, label: str
) -> None:
    """A room that is locked, not made, or of a group that has ended, hears nothing."""
    cards = {
        "Remind the room": await lena.press(await page(lena), "Our norms"),
        "Post it": await lena.press(await page(lena), "Something to talk about"),
        "Call everyone": await page(lena),
    }
    room = channel(hearth, ROOM)
    said = len(list(room.history))
    now = hearth.app.clock.now()
    for change, refusal in (
        ({"locked_at": now}, "moderators have locked the room"),
        ({"locked_at": None, "room_id": None}, "is still being made"),
        ({"room_id": room.id, "state": "archived"}, "has come to its end"),
    ):
        async with hearth.app.database.writing() as session:
            await session.execute(update(Group).values(**change))
        assert refusal in (await lena.press(cards[label], label)).text
    await hearth.settle()
    assert len(list(room.history)) == said


async def test_a_page_that_was_left_open(lena: Person) -> None:
    """Who steps down has no say in the room any more."""
    opened = await page(lena)
    norms = await lena.press(await page(lena), "Our norms")
    starter = await lena.press(await page(lena), "Something to talk about")
    form = await lena.press(await page(lena), "Call everyone")
    sure = await lena.press(await desk_page(lena, "People"), "Step down")
    await lena.press(sure, "Step down today")
    for card, label in (
        (opened, "Our norms"),
        (opened, "Something to talk about"),
        (opened, "Call everyone"),
        (norms, "Remind the room"),
        (starter, "Another one"),
        (starter, "Post it"),
    ):
        assert "facilitators of" in (await lena.press(card, label)).text, label
    assert "facilitators of" in (await lena.fill(form, **SAID)).text
