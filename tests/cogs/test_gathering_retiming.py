"""A series that comes round at another time, while one of its dates stands in the room."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from models import Gathering, GatheringDate
from sandbox.answers import Answer
from sandbox.state import Message
from tests.cogs.gathering_town import DAY, HOUR, Town, town_of
from tests.conftest import Running

FRIDAY = datetime(2026, 3, 6, 18, tzinfo=UTC)


@pytest.fixture
async def town(hearth: Running) -> Town:
    """Riverside, with people."""
    return await town_of(hearth)


async def test_the_date_in_the_room_is_kept(town: Town) -> None:
    """It stays as it is; the first at the new time is the one that is not nearly the same."""
    post = await town.announced("weekly")
    await town.says("Kim", post)
    form = await town["Lena"].press(await town.plan(post), "Another regular time")
    assert "2026-03-06 18:00" in str(form.components)
    refused = await town["Lena"].fill(form, when="saturday")
    assert "At what time?" in refused.text
    again = await town["Lena"].press(refused, "Fix it")
    asked = await town["Lena"].fill(again, when="saturday 10:00 Berlin")
    assert f"on {_at(FRIDAY)}" in asked.text
    assert f"new time is {_at(FRIDAY.replace(day=14, hour=9))}" in asked.text
    assert f"becomes {_at(FRIDAY.replace(day=7, hour=9))}" in asked.text
    assert len(await town.heard()) == 1
    done = await town["Lena"].press(asked, "Keep that date")
    assert f"from {_at(FRIDAY.replace(day=14, hour=9))} on" in done.text
    said = await town.last()
    assert f"The date on {_at(FRIDAY)} stays as it is." in said.content
    assert said.mentions == []
    await town.presses(town["Lena"], "gathering-retime:1:keep:2026-03-07T10.00:Europe/Berlin")
    assert (await town.last()).id == said.id  # pressed twice
    plan = await town.plan(post)
    assert f"The one after that is {_at(FRIDAY.replace(day=14, hour=9))}." in plan.text
    dates = await town["Lena"].press(plan, "Dates")
    assert [choice[:16] for choice in dates.choices[:3]] == [
        "2026-03-06 19:00",  # on the clock by which it comes round now
        "2026-03-14 10:00",
        "2026-03-21 10:00",
    ]
    file = await town["Kim"].press(await town["Kim"].press(post, "Details"), "Calendar file")
    content = file.opened(file.attachments[0])
    assert b"DTSTART;TZID=Europe/Berlin:20260314T100000" in content
    assert b"DTSTART;TZID=Europe/Berlin:20260306T190000" in content
    await town.until_friday(before=-DAY - 3 * HOUR)
    assert await _dates(town) == [("2026-03-06T18:00", "over"), ("2026-03-14T10:00", "open")]


async def test_the_date_in_the_room_goes_along(town: Town) -> None:
    """Who said yes is asked whether they can; what was planned for single dates is no more."""
    post = await town.announced("weekly")
    await town.says("Kim", post)
    for number in (2, 1):
        dates = await town["Lena"].press(await town.plan(post), "Dates")
        later = await town["Lena"].choose(dates, dates.choices[number])
        await town["Lena"].press(later, "Leave it out")
    asked = await _typed(town, post, "saturday 10:00")
    await town["Lena"].press(asked, "Move that date too")
    said = await town.last()
    assert f"it is {_at(FRIDAY.replace(day=7, hour=10))} now, instead of {_at(FRIDAY)}, and" in (
        said.content
    )
    assert {user.id for user in said.mentions} == {town["Lena"].id, town["Kim"].id}
    assert await _dates(town) == [("2026-03-07T10:00", "open")]
    assert "You're coming." in (await town.says("Kim", said, "Details")).text
    dates = await town["Lena"].press(await town.plan(post), "Dates")
    assert [choice[:16] for choice in dates.choices[:2]] == ["2026-03-07 10:00", "2026-03-14 10:00"]
    assert "moved" not in str(dates.components)


async def test_a_series_with_no_date_ahead_in_the_room(town: Town) -> None:
    """There is nothing to ask: it comes round at the new time at once, also while it rests."""
    post = await town.announced("weekly")
    plan = await town.plan(post)
    await town.until_friday(before=-HOUR)  # it is under way: nobody's to move any more
    async with town.hearth.app.client.database.writing() as session:
        await session.execute(update(Gathering).values(state="paused"))
    form = await town["Lena"].press(plan, "Another regular time")
    done = await town["Lena"].fill(form, when="wednesday 20:00")
    assert f"from {_at(FRIDAY.replace(day=11, hour=20))} on" in done.text
    assert "It rests." in (await town["Lena"].press(done, "Back")).text
    dates = await town["Lena"].press(plan, "Dates")
    assert dates.choices[0].startswith("2026-03-11 20:00")


async def test_it_ends_as_it_was_to_end(town: Town) -> None:
    """After as many dates as were left, and never after its last day."""
    post = await town.announced("weekly")
    until = await town["Lena"].press(await town.plan(post), "Until when?")
    await town["Lena"].fill(until, until="2 times")
    asked = await _typed(town, post, "monday 19:00")
    done = await town["Lena"].press(asked, "Move that date too")
    assert "It ends after 2 dates." in (await town["Lena"].press(done, "Back")).text
    asked = await _typed(town, post, "tuesday 19:00")
    assert f"new time is {_at(FRIDAY.replace(day=10, hour=19))}" in asked.text
    done = await town["Lena"].press(asked, "Keep that date")
    assert "It ends after 1 date." in (await town["Lena"].press(done, "Back")).text
    until = await town["Lena"].press(await town.plan(post), "Until when?")
    await town["Lena"].fill(until, until="2026-03-28")
    assert "after its end, 2026-03-28" in (await _typed(town, post, "2026-03-29 18:00")).text


async def test_the_only_date_left_stands_in_the_room(town: Town) -> None:
    """It can be moved, and nothing comes after it."""
    post = await town.announced("weekly")
    until = await town["Lena"].press(await town.plan(post), "Until when?")
    await town["Lena"].fill(until, until="2 times")
    await town.until_friday(before=-DAY - 3 * HOUR)
    last = await town.last()
    asked = await _typed(town, last, "saturday 12:00")
    assert "its last one" in (await town["Lena"].press(asked, "Keep that date")).text
    done = await town["Lena"].press(asked, "Move that date too")
    assert f"from {_at(FRIDAY.replace(day=14, hour=12))} on" in done.text


async def test_what_cannot_come_round(town: Town) -> None:
    """One date only, a day that not every month has, a time from a button that nobody was given."""
    once = await town.announced()
    assert "Another regular time" not in (await town.plan(once)).buttons
    form = await town.presses(town["Lena"], "gathering-regular:1")
    assert "held once" in (await town["Lena"].fill(form, when="friday 10:00")).text
    monthly = await town.announced("monthly")
    assert "not every month" in (await _typed(town, monthly, "2026-03-30 18:00")).text
    assert "over" in (await _typed(town, monthly, "2026-03-01 18:00")).text
    for end, said in (
        ("keep:2026-03-12T19.00:Nowhere", "has had its day"),
        ("keep:tomorrow:UTC", "has had its day"),
        ("keep:2026-03-01T19.00:UTC", "That moment is over"),
        ("keep:2026-03-02T12.10:UTC", "less than half an hour"),
    ):
        refused = await town.presses(town["Lena"], f"gathering-retime:2:{end}")
        assert said in refused.text, end
    kim = await town.presses(town["Kim"], "gathering-retime:2:move:2026-03-12T19.00:UTC")
    assert "for the facilitators of Riverside" in kim.text


def _at(moment: datetime) -> str:
    return f"<t:{int(moment.timestamp())}:F>"


async def _typed(town: Town, post: Message, when: str) -> Answer:
    """Write another regular time; what that would mean."""
    form = await town["Lena"].press(await town.plan(post), "Another regular time")
    return await town["Lena"].fill(form, when=when)


async def _dates(town: Town) -> list[tuple[str, str]]:
    """Return the dates that are written down: for which wall time, and how they stand."""
    async with town.hearth.app.client.database.reading() as session:
        rows = await session.scalars(select(GatheringDate).order_by(GatheringDate.starts_at))
        return [(row.local_moment, row.state) for row in rows.all()]
