"""The letter, from the line in the facilitators' room to the last button."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot.services import letters
from models import (
    ActiveDay,
    Connected,
    Facilitator,
    Group,
    Membership,
    Presence,
    QuietEpisode,
    Ritual,
)
from models import Member as MemberRow
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.listening import Listening, Town


@pytest.fixture
async def quiet(bot: Listening, town: Town, sandbox: Sandbox, now: datetime) -> None:
    """Mara and Jo are quiet, for 12 and 16 days."""
    async with bot.database.writing() as session:
        session.add(Connected(server_id=town.server.id, since=now - timedelta(days=90), until=now))
        await session.execute(update(Group).values(homes=50))
    for name, days in (("Mara", 12), ("Jo", 16)):
        await hush(bot, town, town.people[name], now=now, days=days)
    await sandbox.settle()


async def hush(
    bot: Listening, town: Town, person: Person, *, now: datetime, days: int, kind: str = "quiet"
) -> None:
    """Let somebody who lives in Riverside have been quiet for so many days."""
    who = {"server_id": town.server.id, "user_id": person.id}
    last = now - timedelta(days=days)
    async with bot.database.writing() as session:
        if await session.get(Membership, (town.server.id, person.id)) is None:
            session.add(MemberRow(**who, counted_since=now - timedelta(days=60)))
            await session.flush()
            session.add(Membership(**who, group_id=1, since=now - timedelta(days=days + 2)))
        session.add(Presence(**who, last_at=last))
        session.add(ActiveDay(**who, group_id=1, day=last.date().isoformat(), signals=1))
        session.add(QuietEpisode(**who, group_id=1, kind=kind, silent_since=last, began_at=now))


async def write_letters(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """Let the letters that are due be written and sent."""
    async with bot.database.writing() as session:
        await letters.due(session, town.server.id, bot.client.clock.now())
    await sandbox.settle()


def last(town: Town) -> Message:
    """Return the newest message of the facilitators' room."""
    return list(town.facilitators_room.history)[-1]


@pytest.mark.usefixtures("quiet")
async def test_lena_opens_her_letter_and_answers(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """The room sees that a letter is there, Lena alone the names, and each answer at once."""
    lena = town.people["Lena"]
    await write_letters(bot, town, sandbox)
    assert last(town).content == f"<@{lena.id}>, your letter is ready."
    opened = await lena.press(last(town), "Open")
    assert opened.ephemeral
    assert f"<@{town.people['Jo'].id}>, quiet for 16 days" in opened.text
    answered = await lena.press(opened, "1 · I reached out")
    assert f"✓ <@{town.people['Jo'].id}>: you reached out. Thank you." in answered.text
    assert "1 · I reached out" not in answered.buttons
    answered = await lena.press(answered, "2 · They're away")
    assert await bot.rows(QuietEpisode, "user_id", "closed_by") == sorted(
        [(town.people["Mara"].id, "away"), (town.people["Jo"].id, None)]
    )
    answered = await lena.press(answered, "No more letters")
    assert "Letters again" in answered.buttons
    answered = await lena.press(answered, "Letters again")
    await lena.press(answered, "Letters by DM")
    assert await bot.rows(Facilitator, "letters", "letters_by_dm") == [("weekly", True)]


@pytest.mark.usefixtures("quiet")
async def test_a_long_letter_is_turned_over_and_answered_by_name(
    bot: Listening, town: Town, sandbox: Sandbox, now: datetime
) -> None:
    """Of many names a menu asks which; newcomers have a page of their own with a fitting act."""
    lena = town.people["Lena"]
    many = [await sandbox.person(town.server, f"Person {n}") for n in range(7)]
    new = [await sandbox.person(town.server, name) for name in ("Ida", "Ben")]
    for number, person in enumerate(many):
        await hush(bot, town, person, now=now, days=20 + number)
    for person in new:
        await hush(bot, town, person, now=now, days=8, kind="faded")
    async with bot.database.writing() as session:
        await session.execute(update(Group).values(homes=150))
        session.add(
            Ritual(
                server_id=town.server.id,
                group_id=1,
                title="Sunday walk",
                cadence="weekly",
                weekday=6,
                zone="UTC",
                anchor="2026-03-01",
                host_id=many[0].id,
                state="running",
                next_due_at=now + timedelta(days=6),
            )
        )
    await write_letters(bot, town, sandbox)
    opened = await lena.press(last(town), "Open")
    assert "They host Sunday walk: ask what would make the next one easy for them." in opened.text
    assert opened.choices[0] == "1 · Person 6"
    assert len(opened.choices) == 9
    assert len(opened.text) < 2000
    card = await lena.choose(opened, "7 · Person 0")
    assert f"<@{many[0].id}>, quiet for 20 days, longer than usual for them." in card.text
    assert card.buttons == [
        "I reached out",
        "They're away",
        "They're fine",
        "Not now",
        "Back to the letter",
    ]
    back = await lena.press(card, "Back to the letter")
    assert len(back.choices) == 9
    answered = await lena.press(await lena.choose(back, "7 · Person 0"), "Not now")
    assert f"<@{many[0].id}>: not now. I'll mention them again in a week." in answered.text
    assert "7 · Person 0" not in answered.choices
    newcomers = await lena.press(answered, "More: page 2 of 2")
    assert "**New here, and not heard of since**" in newcomers.text
    at = int((now + timedelta(days=6)).timestamp())
    assert f"→ Invite them to Sunday walk, <t:{at}:F>." in newcomers.text
    answered = await lena.press(newcomers, "10 · I reached out")
    assert answered.text.count("you reached out") == 1
    assert "Page before" in answered.buttons


@pytest.mark.usefixtures("quiet")
async def test_nobody_else_can_open_it(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """Whoever presses in passing learns no name, not even which group it is about."""
    await write_letters(bot, town, sandbox)
    refused = await town.people["Vera"].press(last(town), "Open")
    assert refused.ephemeral
    assert refused.text.startswith("That letter is for the people who look after that group.")
    async with bot.database.reading() as session:
        assert await letters.alerts(session, town.server.id) == 0
