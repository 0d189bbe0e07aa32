"""The quiet letter, from the line in the facilitators' room to the last button."""

from datetime import datetime, timedelta

import pytest

from bot.services import letters
from models import ActiveDay, Connected, Facilitator, Presence, QuietEpisode
from sandbox.app import Sandbox
from sandbox.state import Message
from tests.cogs.listening import Listening, Town


@pytest.fixture
async def quiet(bot: Listening, town: Town, sandbox: Sandbox, now: datetime) -> None:
    """Mara and Jo are quiet, for 12 and 16 days."""
    async with bot.database.writing() as session:
        session.add(Connected(server_id=town.server.id, since=now - timedelta(days=90), until=now))
        for name, days in (("Mara", 12), ("Jo", 16)):
            who = {"server_id": town.server.id, "user_id": town.people[name].id}
            last = now - timedelta(days=days)
            session.add(Presence(**who, last_at=last))
            session.add(ActiveDay(**who, group_id=1, day=last.date().isoformat(), signals=1))
            session.add(QuietEpisode(**who, group_id=1, silent_since=last, began_at=now))
    await sandbox.settle()


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
    assert "✓" in answered.text
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
async def test_nobody_else_can_open_it(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """Whoever presses in passing learns no name, not even which group it is about."""
    await write_letters(bot, town, sandbox)
    refused = await town.people["Vera"].press(last(town), "Open")
    assert refused.ephemeral
    assert refused.text.startswith("That letter is for the people who look after that group.")
    async with bot.database.reading() as session:
        assert await letters.alerts(session, town.server.id) == 0


@pytest.mark.usefixtures("quiet")
async def test_a_letter_by_dm_and_its_fallback(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """The names go to Lena alone; when her messages are closed the line stands in the room."""
    lena = town.people["Lena"]
    async with bot.database.writing() as session:
        await letters.by_dm(session, 1, lena.id, wanted=True)
    await write_letters(bot, town, sandbox)
    (dm,) = lena.dms
    assert "quiet for 12 days" in dm.content
    assert list(town.facilitators_room.history) == []
    answered = await lena.press(dm, "2 · Not now")
    assert "not now" in answered.text
    async with bot.database.reading() as session:
        assert await letters.alerts(session, town.server.id) == 2
    lena.accepts_dms = False
    await sandbox.advance(timedelta(days=8))
    await write_letters(bot, town, sandbox)
    assert last(town).content == f"<@{lena.id}>, your letter is ready."
    opened = await lena.press(last(town), "Open")
    assert f"<@{town.people['Mara'].id}>, quiet for" in opened.text
