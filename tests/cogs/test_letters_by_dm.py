"""Letters by DM: to who asked for them, a few new conversations at a time, and closed ones."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot.services import letters, privacy
from models import Facilitator, Group, Member
from sandbox.app import Sandbox
from tests.cogs.listening import Listening, Town
from tests.cogs.test_letters import hush, last, quiet, write_letters

__all__ = ["quiet"]  # a fixture
OPENED = "POST /users/@me/channels"


async def by_dm(bot: Listening, town: Town, name: str = "Lena") -> None:
    """Let somebody want their letters by DM."""
    async with bot.database.writing() as session:
        await letters.by_dm(session, 1, town.people[name].id, wanted=True)


@pytest.mark.usefixtures("quiet")
async def test_a_letter_by_dm_is_answered_there(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """The names go to Lena alone; her answers change the message in her DMs."""
    lena = town.people["Lena"]
    await by_dm(bot, town)
    await write_letters(bot, town, sandbox)
    (dm,) = lena.dms
    assert "quiet for 12 days" in dm.content
    assert list(town.facilitators_room.history) == []
    answered = await lena.press(dm, "2 · Not now")
    assert "not now" in answered.text
    async with bot.database.reading() as session:
        assert await letters.alerts(session, town.server.id) == 2


@pytest.mark.usefixtures("quiet")
async def test_a_long_letter_by_dm_has_numbers_until_it_is_pressed(
    bot: Listening, town: Town, sandbox: Sandbox, now: datetime
) -> None:
    """What is owed knows no names; behind the first press the menu has them."""
    lena = town.people["Lena"]
    async with bot.database.writing() as session:
        await session.execute(update(Group).values(homes=150))
    for number in range(3):
        person = await sandbox.person(town.server, f"Person {number}")
        await hush(bot, town, person, now=now, days=20 + number)
    await by_dm(bot, town)
    await write_letters(bot, town, sandbox)
    (dm,) = lena.dms
    card = await lena.choose(dm, "1")
    assert "quiet for 22 days" in card.text
    answered = await lena.press(card, "I reached out")
    assert answered.choices == ["2 · Person 1", "3 · Person 0", "4 · Jo", "5 · Mara"]


@pytest.mark.usefixtures("quiet")
async def test_a_letter_that_may_not_name_somebody_is_opened_in_the_dm(
    bot: Listening, town: Town, sandbox: Sandbox, now: datetime
) -> None:
    """Jo opted out before it was sent: the DM names nobody, and opens what is left to say."""
    lena, jo = town.people["Lena"], town.people["Jo"]
    await by_dm(bot, town)
    async with bot.database.writing() as session:
        await letters.due(session, town.server.id, now)
        await privacy.opt_out(session, jo.id, [town.server.id], now)
    await sandbox.settle()
    (dm,) = lena.dms
    assert dm.content == f"{lena.mention}, your letter is ready."
    opened = await lena.press(dm, "Open")
    assert "quiet for 12 days" in opened.text
    assert jo.mention not in opened.text
    assert "you reached out" in (await lena.press(opened, "I reached out")).text


@pytest.mark.usefixtures("quiet")
async def test_closed_dms_fall_back_and_are_remembered(
    bot: Listening, town: Town, sandbox: Sandbox, now: datetime
) -> None:
    """The line stands in the room instead; for a month no DM is tried, unless they ask again."""
    lena = town.people["Lena"]
    await by_dm(bot, town)
    lena.accepts_dms = False
    await write_letters(bot, town, sandbox)
    assert lena.dms == []
    assert last(town).content == f"<@{lena.id}>, your letter is ready."
    opened = await lena.press(last(town), "Open")
    assert f"<@{town.people['Mara'].id}>, quiet for 12 days" in opened.text
    await hush(bot, town, await sandbox.person(town.server, "Ann"), now=now, days=14)
    await sandbox.advance(timedelta(days=8))
    before = sandbox.requests.snapshot()
    await write_letters(bot, town, sandbox)
    assert sandbox.requests.since(before).by_route["POST /channels/{channel_id}/messages"] == 1
    assert len(town.facilitators_room.history) == 2
    # Lena opens her DMs and says so: the next letter comes there.
    lena.accepts_dms = True
    opened = await lena.press(last(town), "Open")
    opened = await lena.press(opened, "No more DMs")
    await lena.press(opened, "Letters by DM")
    await hush(bot, town, await sandbox.person(town.server, "Tom"), now=now, days=14)
    await sandbox.advance(timedelta(days=8))
    await write_letters(bot, town, sandbox)
    assert [message.content[:3] for message in lena.dms] == ["Hi "]


@pytest.mark.usefixtures("quiet")
async def test_only_a_few_are_written_to_at_once(
    bot: Listening, town: Town, sandbox: Sandbox, now: datetime
) -> None:
    """Ten new conversations a minute: of fourteen who asked for DMs four wait for the next."""
    crowd = [await sandbox.person(town.server, f"Friend {number}") for number in range(14)]
    async with bot.database.writing() as session:
        await session.execute(update(Facilitator).values(letters="none"))
        for person in crowd:
            who = {"server_id": town.server.id, "user_id": person.id}
            session.add(Member(**who, counted_since=now))
            session.add(
                Facilitator(group_id=1, **who, state="active", since=now, letters_by_dm=True)
            )
    before = sandbox.requests.snapshot()
    await write_letters(bot, town, sandbox)
    assert sum(len(person.dms) for person in crowd) == 10
    await sandbox.advance(timedelta(minutes=2))
    bot.client.outbox.wake()
    await sandbox.settle()
    assert [len(person.dms) for person in crowd] == [1] * 14
    assert sandbox.requests.since(before).by_route[OPENED] == 14
    assert all("Riverside this week" in person.dms[0].content for person in crowd)
