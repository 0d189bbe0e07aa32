"""What else is noticed in a group, from the message in the room to the last button."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot.app import COGS
from bot.services import group_silence, letters
from bot.settings import Settings
from models import (
    ActiveDay,
    Connected,
    Facilitator,
    Group,
    GroupSilence,
    Member,
    Membership,
    Occurrence,
    QuietEpisode,
    Ritual,
    RitualPrompt,
    Server,
    Unanswered,
)
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.cogs.listening import Listening, Town, listening

DAY = timedelta(days=1)


@pytest.fixture
async def bot(
    sandbox: Sandbox, settings: Settings, town: Town, now: datetime
) -> AsyncGenerator[Listening]:
    """A Hearth with all its cogs in the town, which it has heard for long; owners have a room."""
    async with listening(sandbox, settings, COGS) as opened:
        async with opened.database.writing() as session:
            server = await session.get_one(Server, town.server.id)
            server.commons_id = town.commons.id
            server.owners_room_id = town.server.channel("welcome").id
            session.add(Connected(server_id=server.id, since=now - 99 * DAY, until=now + 30 * DAY))
            # Somebody was around on many days; newcomers are those who were not.
            for name in ("Mara", "Jo", "Lena"):
                for day in range(20, 26):
                    session.add(around(town, town.people[name], now - day * DAY))
        yield opened


def around(town: Town, person: Person, day: datetime) -> ActiveDay:
    """Return a day on which somebody was around in Riverside."""
    return ActiveDay(
        server_id=town.server.id,
        user_id=person.id,
        group_id=1,
        day=day.date().isoformat(),
        signals=1,
    )


async def newcomer(bot: Listening, town: Town, sandbox: Sandbox, name: str) -> Person:
    """Let somebody have moved into Riverside today."""
    person = await sandbox.person(town.server, name)
    now = bot.client.clock.now()
    async with bot.database.writing() as session:
        session.add(Member(server_id=town.server.id, user_id=person.id, counted_since=now))
        await session.flush()
        session.add(Membership(server_id=town.server.id, user_id=person.id, group_id=1, since=now))
    return person


async def write_letters(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """Let the letters that are due be written and sent."""
    async with bot.database.writing() as session:
        await letters.due(session, town.server.id, bot.client.clock.now())
    await sandbox.settle()


def last(room: Channel) -> Message:
    """Return the newest message of a room."""
    return list(room.history)[-1]


def link(message: Message) -> str:
    """Return where Discord shows a message."""
    return f"https://discord.com/channels/{message.server_id}/{message.channel_id}/{message.id}"


async def test_a_first_message_that_nobody_answers_comes_into_the_letter(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """First, as a link without a word or a name; a reaction takes it out again."""
    lena, jo = town.people["Lena"], town.people["Jo"]
    kim = await newcomer(bot, town, sandbox, "Kim")
    await sandbox.advance(timedelta(hours=1))
    older = await town.people["Mara"].write(town.room, "Anybody up for a run?")
    await sandbox.advance(timedelta(hours=2))
    first = await kim.write(town.room, "Hello! I am new here.")
    await sandbox.advance(timedelta(hours=20))
    await write_letters(bot, town, sandbox)
    assert list(town.facilitators_room.history) == []
    await sandbox.advance(timedelta(hours=25))
    await write_letters(bot, town, sandbox)
    assert last(town.facilitators_room).content == f"<@{lena.id}>, your letter is ready."
    opened = await lena.press(last(town.facilitators_room), "Open")
    text = opened.text
    assert "**Nobody answered yet**" in text
    assert text.index(f"• A first message here: {link(first)}") < text.index(link(older))
    assert str(kim.id) not in text.replace(link(first), "")
    assert "Hello" not in text
    await jo.react(first, "👋")
    await sandbox.settle()
    opened = await lena.press(last(town.facilitators_room), "Open")
    assert link(first) not in opened.text
    assert link(older) in opened.text


@pytest.mark.usefixtures("bot")
async def test_the_desk_lists_what_nobody_answered(town: Town, sandbox: Sandbox) -> None:
    """At its front while anything waits; nobody but who looks after the group is shown it."""
    lena, mara, jo = (town.people[name] for name in ("Lena", "Mara", "Jo"))
    asked = await mara.write(town.room, "Who knows a good path?")
    await sandbox.advance(timedelta(hours=25))
    desk = await lena.command("desk")
    assert "1 message found no answer for a day." in desk.text
    listed = await lena.press(desk, "Unanswered")
    assert link(asked) in listed.text
    await jo.write(town.room, "The one at the lake", reply_to=asked)
    await sandbox.settle()
    desk = await lena.press(listed, "Back")
    assert "Unanswered" not in desk.buttons
    listed = await lena.press(await lena.press(desk, "People"), "Unanswered")
    assert listed.text.startswith(
        "**Riverside**: nobody was left without an answer this week. Lovely."
    )


async def test_deleted_messages_are_not_linked(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """One by one or many at once."""
    asked = await town.people["Mara"].write(town.room, "Who knows a good path?")
    await sandbox.settle()
    assert await bot.rows(Unanswered, "message_id") == [(asked.id,)]
    await town.people["Mara"].delete(asked)
    await sandbox.settle()
    assert await bot.rows(Unanswered, "message_id") == []


async def test_who_looks_after_the_group_no_more_is_shown_nothing(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """A desk that was left open."""
    lena = town.people["Lena"]
    await town.people["Mara"].write(town.room, "Who knows a good path?")
    await sandbox.advance(timedelta(hours=25))
    desk = await lena.command("desk")
    async with bot.database.writing() as session:
        await session.delete(await session.get_one(Facilitator, (1, lena.id)))
    refused = await lena.press(desk, "Unanswered")
    assert "https://" not in refused.text
    assert refused.text.startswith("That's for the facilitators of Riverside.")


@pytest.fixture
async def ritual(bot: Listening, town: Town, now: datetime) -> None:
    """A weekly question in Riverside that found six answers each time, then one, then none."""
    async with bot.database.writing() as session:
        session.add(
            Ritual(
                id=1,
                server_id=town.server.id,
                group_id=1,
                title="Monday *question*",
                cadence="weekly",
                weekday=0,
                zone="UTC",
                anchor="2026-01-05",
                state="running",
                next_due_at=now + timedelta(days=6),
            )
        )
        await session.flush()
        session.add(RitualPrompt(ritual_id=1, position=0, prompt="What made you laugh?"))
        for week, answers in enumerate((6, 6, 6, 1, 0, 0)):
            due = now - timedelta(days=37 - 7 * week)
            session.add(
                Occurrence(
                    ritual_id=1,
                    group_id=1,
                    local_moment=f"{due:%Y-%m-%dT%H:%M}",
                    due_at=due,
                    state="posted",
                    answers=answers,
                )
            )


@pytest.mark.usefixtures("ritual")
async def test_a_ritual_that_nobody_answers_is_looked_at_once(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """One press from the letter to the ritual; then it is left in peace."""
    lena = town.people["Lena"]
    await write_letters(bot, town, sandbox)
    opened = await lena.press(last(town.facilitators_room), "Open")
    assert "**A ritual to think about**" in opened.text
    assert "the last two times nobody answered" in opened.text
    ritual = await lena.press(opened, "Look at it")
    assert "What made you laugh?" in ritual.text
    assert "Pause" in ritual.buttons
    opened = await lena.press(last(town.facilitators_room), "Open")
    assert "A ritual to think about" not in opened.text


@pytest.mark.usefixtures("ritual")
async def test_a_ritual_is_looked_at_by_who_may_change_it(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """And not when it is gone."""
    lena = town.people["Lena"]
    await write_letters(bot, town, sandbox)
    opened = await lena.press(last(town.facilitators_room), "Open")
    async with bot.database.writing() as session:
        office = await session.get_one(Facilitator, (1, lena.id))
        office.state = "asked"
    refused = await lena.press(opened, "Look at it")
    assert refused.text.startswith("That's for the facilitators of Riverside.")
    async with bot.database.writing() as session:
        (await session.get_one(Facilitator, (1, lena.id))).state = "active"
        await session.delete(await session.get_one(Ritual, 1))
    refused = await lena.press(opened, "Look at it")
    assert refused.text == "That ritual is not held any more."


@pytest.mark.usefixtures("ritual")
async def test_by_dm_the_letter_says_where_in_the_server_things_are(
    bot: Listening, town: Town, sandbox: Sandbox, now: datetime
) -> None:
    """A button that cannot work there is not there; pausing letters can."""
    lena = town.people["Lena"]
    async with bot.database.writing() as session:
        await letters.by_dm(session, 1, lena.id, wanted=True)
        session.add(GroupSilence(group_id=1, server_id=town.server.id, since=now, usual=30))
        session.add(quiet(town, lena, now - 12 * DAY))
    await write_letters(bot, town, sandbox)
    (dm,) = lena.dms
    assert "→ ‹Rituals› on your /desk has it." in dm.content
    assert "→ /desk has something to talk about, and a way to call everyone." in dm.content
    paused = await lena.press(dm, "Pause my letters")
    assert paused.text.startswith("No letters about Riverside until <t:")
    async with bot.database.reading() as session:
        office = await session.get_one(Facilitator, (1, lena.id))
        assert office.letters_paused_until is not None


def quiet(town: Town, person: Person, since: datetime, kind: str = "quiet") -> QuietEpisode:
    """Return that somebody is quiet."""
    return QuietEpisode(
        server_id=town.server.id,
        user_id=person.id,
        group_id=1,
        kind=kind,
        silent_since=since,
        began_at=since + 10 * DAY,
    )


async def test_a_facilitator_who_is_quiet_is_told_alone(
    bot: Listening, town: Town, sandbox: Sandbox, now: datetime
) -> None:
    """Once, kindly; who looks after the group with them reads nothing of it. Letters can wait."""
    lena, jo = town.people["Lena"], town.people["Jo"]
    async with bot.database.writing() as session:
        session.add(quiet(town, lena, now - 12 * DAY))
        session.add(
            Facilitator(
                group_id=1, user_id=jo.id, server_id=town.server.id, state="active", since=now
            )
        )
    await write_letters(bot, town, sandbox)
    (line,) = town.facilitators_room.history
    assert line.content == f"<@{lena.id}>, your letter is ready."
    opened = await lena.press(line, "Open")
    assert "I haven't heard from you here for 12 days." in opened.text
    desk = await jo.press(await jo.command("desk"), "Letter")
    assert str(lena.id) not in desk.text
    form = await lena.press(opened, "Ask someone to help")
    assert form.kind == "modal"
    await lena.press(opened, "Pause my letters")
    async with bot.database.writing() as session:
        session.add(quiet(town, town.people["Mara"], now - 15 * DAY))
    await sandbox.advance(timedelta(days=8))
    await write_letters(bot, town, sandbox)
    waiting = [message.content for message in town.facilitators_room.history]
    assert waiting.count(f"<@{lena.id}>, your letter is ready.") == 1
    assert waiting.count(f"<@{jo.id}>, your letter is ready.") == 1
    people = await lena.press(await lena.command("desk"), "People")
    await lena.choose(people, "Every week")
    await sandbox.advance(timedelta(days=1))
    await write_letters(bot, town, sandbox)
    waiting = [message.content for message in town.facilitators_room.history]
    assert waiting.count(f"<@{lena.id}>, your letter is ready.") == 2


async def test_letters_are_paused_by_whose_they_are(
    bot: Listening, town: Town, sandbox: Sandbox, now: datetime
) -> None:
    """Who steps down meanwhile has none to pause."""
    lena = town.people["Lena"]
    async with bot.database.writing() as session:
        session.add(quiet(town, lena, now - 12 * DAY))
    await write_letters(bot, town, sandbox)
    opened = await lena.press(last(town.facilitators_room), "Open")
    async with bot.database.writing() as session:
        await session.delete(await session.get_one(Facilitator, (1, lena.id)))
    refused = await lena.press(opened, "Pause my letters")
    assert refused.text.startswith("That letter is for the people who look after that group.")


async def lively_once(bot: Listening, town: Town, sandbox: Sandbox, now: datetime) -> None:
    """Let six people have been around every other day until a fortnight ago."""
    async with bot.database.writing() as session:
        for number in range(6):
            person = await sandbox.person(town.server, f"Person {number}")
            who = {"server_id": town.server.id, "user_id": person.id}
            session.add(Member(**who, counted_since=now - 99 * DAY))
            await session.flush()
            session.add(Membership(**who, group_id=1, since=now - 99 * DAY))
            session.add_all(around(town, person, now - day * DAY) for day in range(15, 60, 2))


async def look(bot: Listening, town: Town, sandbox: Sandbox) -> int:
    """Look at groups as a whole, as happens once a day."""
    async with bot.database.writing() as session:
        found = await group_silence.look(session, town.server.id, bot.client.clock.now())
    await sandbox.settle()
    return found


async def test_a_group_that_fell_silent_is_told_of(
    bot: Listening, town: Town, sandbox: Sandbox, now: datetime
) -> None:
    """In the letter and on the desk; the owners read of it only when nobody is there."""
    lena, owner = town.people["Lena"], town.server.owner
    office = town.server.channel("welcome")
    await lively_once(bot, town, sandbox, now)
    assert await look(bot, town, sandbox) == 1
    assert list(office.history) == []
    await write_letters(bot, town, sandbox)
    opened = await lena.press(last(town.facilitators_room), "Open")
    assert "**The whole group has gone quiet**" in opened.text
    desk = await lena.press(opened, "Open its desk")
    assert "The whole group has been far quieter than usual" in desk.text
    async with bot.database.writing() as session:
        session.add(quiet(town, lena, now - 12 * DAY))
    assert await look(bot, town, sandbox) == 0
    line = last(office)
    assert "Riverside" not in line.content
    assert not line.mentions
    refused = await lena.press(line, "Open")
    assert "Riverside" not in refused.text
    card = await owner.press(line, "Open")
    assert "Those who look after it have been away or quiet, too." in card.text
    asked = await owner.press(card, "Ask who would help")
    assert "Riverside" in asked.text
    assert await look(bot, town, sandbox) == 0
    assert len(list(office.history)) == 1
    async with bot.database.writing() as session:
        await session.execute(update(Group).values(state="resting"))
    assert await look(bot, town, sandbox) == 0
    over = await owner.press(line, "Open")
    assert over.text == "That group is lively again, or rests. Nothing to do."


async def test_what_history_tells_is_answered_or_waits(
    sandbox: Sandbox, settings: Settings, town: Town, now: datetime
) -> None:
    """Written while Hearth was gone: read when it is back, with its answers."""
    mara, jo, lena = (town.people[name] for name in ("Mara", "Jo", "Lena"))
    async with listening(sandbox, settings):
        before = await mara.write(town.room, "Written while Hearth listened")
        await sandbox.settle()
    await sandbox.advance(timedelta(hours=5))
    await jo.write(town.room, "Taken up", reply_to=before)
    await sandbox.advance(timedelta(hours=5))
    waits = await lena.write(town.room, "Nobody takes this up")
    await sandbox.advance(timedelta(hours=5))
    async with listening(sandbox, settings) as bot:
        await sandbox.settle()
        assert await bot.rows(Unanswered, "message_id", "at") == [
            (waits.id, now + timedelta(hours=10))
        ]
