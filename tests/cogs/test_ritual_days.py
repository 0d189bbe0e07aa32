"""Days of rest, one moment moved alone, and pauses that end, through the real commands."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from models import Draft, GroupRest, Occurrence, Ritual, RitualHost
from sandbox.answers import Answer
from tests.cogs.ritual_town import MINE, MONDAY, QUESTION, WEEK, Village, together, village
from tests.conftest import Running

DAY = timedelta(days=1)
WHY, END = "ritual-rest-why:1", "ritual-rest-end:1"


async def found_first(hearth: Running) -> Village:
    """The village with its ritual, hosted by Lena."""
    found = await village(hearth)
    await found.begun()
    return found


pytestmark = pytest.mark.founded(by=found_first)


@pytest.fixture
def town(hearth: Running) -> Village:
    """The village with its ritual, hosted by Lena."""
    return hearth.founded


def at(moment: datetime) -> str:
    """Return a moment as people read it."""
    return f"<t:{int(moment.timestamp())}:F>"


def day(number: int) -> str:
    """Return a day of March as people read it."""
    return f"<t:{int(datetime(2026, 3, number, 12, tzinfo=UTC).timestamp())}:D>"


async def rests(town: Village) -> Answer:
    """Open when the group rests."""
    return await town.lena.press(await town.listed(), "We rest")


async def rest(town: Village, first: str, last: str = "", why: str = "Holidays") -> Answer:
    """Let the group rest; the answer to the form."""
    form = await town.lena.choose(await rests(town), why, custom_id=WHY)
    return await town.lena.fill(form, first=first, last=last)


async def coming(town: Village) -> Answer:
    """Open the card of the next moment."""
    return await town.lena.press(await town.shown(), "The next one")


async def states(town: Village) -> list[tuple[str, str]]:
    """Return what became of each moment of the ritual that has one."""
    return await town.rows(Occurrence, "local_moment", "state")


# --- days of rest ---------------------------------------------------------------------------------


async def test_on_days_of_rest_nothing_is_posted(town: Village) -> None:
    """It is written down as rest, does not count as unanswered, and the next one comes again."""
    told = await rest(town, "2026-03-09", "2026-03-17")
    assert "Rituals on those days are left out" in told.text
    assert f"• {day(9)} to {day(17)}: holidays" in told.text
    await town.hearth.advance(MONDAY)
    assert at(MONDAY + 3 * WEEK) in (await town.shown()).text
    assert at(MONDAY + WEEK) not in (await town.shown()).text
    assert "left out" in (await coming(town)).text
    for week in (1, 2, 3):
        await town.hearth.advance(MONDAY + week * WEEK)
    assert await states(town) == [
        ("2026-03-02T18:00", "posted"),
        ("2026-03-09T18:00", "rests"),
        ("2026-03-16T18:00", "rests"),
        ("2026-03-23T18:00", "posted"),
    ]
    assert len(town.posts()) == 2


async def test_a_rest_that_is_ended_is_over(town: Village) -> None:
    """The list is open to change as long as it lies ahead; a second press finds nothing."""
    await rest(town, "2026-03-09")
    card, old = await rests(town), await rests(town)
    ended = await town.lena.choose(card, "Holidays", custom_id=END)
    assert "rituals come on those days as usual" in ended.text
    assert (
        "not on the list any more" in (await town.lena.choose(old, "Holidays", custom_id=END)).text
    )
    await town.hearth.advance(MONDAY + WEEK)
    assert len(town.posts()) == 1


async def test_what_does_not_fit_is_kept_and_fixed(town: Village) -> None:
    """Each refusal says what to write, and the form opens again as it was typed."""
    for first, last, words in (
        ("soonish", "", "can't find a day in “soonish”"),
        ("2026-03-09", "2026-03-08", "before the first"),
        ("2026-02-01", "2026-02-03", "over"),
        ("2028-01-01", "", "more than a year ahead"),
        ("2026-03-09", "2026-09-09", "pause each ritual"),
    ):
        refused = await rest(town, first, last)
        assert words in refused.text
        again = await town.lena.press(refused, "Fix it")
        assert first in str(again.modal)
    done = await town.lena.fill(again, first="2026-03-09", last="")
    assert f"• {day(9)}: holidays" in done.text
    assert await town.rows(Draft, "form") == []
    assert await town.rows(GroupRest, "first", "last", "why") == [
        ("2026-03-09", "2026-03-09", "holidays")
    ]


async def test_rests_are_few_and_swallow_what_lies_in_them(town: Village) -> None:
    """Twelve are enough; a longer one takes the place of those inside it."""
    for day in range(12):
        await rest(town, f"2026-04-{day + 1:02}")
    full = await rests(town)
    assert len(full.choices) == 12
    assert "Rituals of Riverside" in (await town.lena.press(full, "Back")).text
    async with town.hearth.app.database.writing() as session:
        await session.execute(delete(GroupRest).where(GroupRest.first == "2026-04-12"))
    one = await rest(town, "2026-04-01", "2026-04-11", "A summer break")
    assert one.text.count("•") == 1


# --- the next one ---------------------------------------------------------------------------------


async def test_one_is_moved_and_the_series_stays(town: Village) -> None:
    """It comes once, at its new time; the one after it comes as ever."""
    card = await coming(town)
    assert f"It is on {at(MONDAY)}" in card.text
    form = await town.lena.press(card, "Move the next one")
    assert "2026-03-02 18:00" in str(form.modal)
    moved = await town.lena.fill(form, when="wednesday 19:30")
    new = datetime(2026, 3, 4, 19, 30, tzinfo=UTC)
    assert f"It was moved to {at(new)}" in moved.text
    assert f"the series goes on as ever: {at(MONDAY + WEEK)}" in moved.text
    assert f"moved to {at(new)}" in (await town.shown()).text
    await town.hearth.advance(MONDAY + timedelta(hours=2))
    assert town.posts() == []
    await town.hearth.advance(new)
    assert len(town.posts()) == 1
    await town.hearth.advance(MONDAY + WEEK)
    assert len(town.posts()) == 2
    assert await states(town) == [
        ("2026-03-02T18:00", "posted"),
        ("2026-03-09T18:00", "posted"),
    ]


async def test_one_that_came_early_does_not_come_again(town: Village) -> None:
    """Not even when the ritual is paused, started and changed in between."""
    form = await town.lena.press(await coming(town), "Move the next one")
    await town.lena.fill(form, when="today 13:00")
    await town.hearth.advance(MONDAY.replace(hour=13))
    assert len(town.posts()) == 1
    await town.lena.press(await town.shown(), "Pause")
    again = await town.lena.press(await town.shown(), "Start")
    assert f"Next: {at(MONDAY + WEEK)}" in again.text
    form = await town.lena.press(again, "Edit")
    await town.lena.fill(form, prompts="Which path?")
    await town.hearth.advance(MONDAY + timedelta(hours=1))
    assert len(town.posts()) == 1


async def test_a_move_is_put_back(town: Village) -> None:
    """While its own time lies ahead; afterwards it can only be moved again."""
    form = await town.lena.press(await coming(town), "Move the next one")
    moved = await town.lena.fill(form, when="friday 18:00")
    back = await town.lena.press(moved, "Put it back")
    assert f"It is on {at(MONDAY)}" in back.text
    form = await town.lena.press(back, "Move the next one")
    moved = await town.lena.fill(form, when="friday 18:00")
    await town.hearth.advance(MONDAY + DAY)
    assert "Its own time is past" in (await town.lena.press(moved, "Put it back")).text


async def test_where_one_cannot_be_moved_to(town: Village) -> None:
    """Into the past, past the one after it, onto a day of rest, or nowhere at all."""
    await rest(town, "2026-03-05")
    for typed, words in (
        ("today 11:00", "That is past"),
        ("2026-03-09 18:00", "The one after it is on"),
        ("2026-03-05 18:00", "a day of rest"),
        ("friday", "time"),
        ("18:00", "day"),
    ):
        form = await town.lena.press(await coming(town), "Move the next one")
        refused = await town.lena.fill(form, when=typed)
        assert words in refused.text
        assert typed in str((await town.lena.press(refused, "Fix it")).modal)
    assert await town.rows(Ritual, "moved_from_at") == [(None,), (None,)]


async def test_one_is_left_out_and_held_after_all(town: Village) -> None:
    """Pressing twice leaves out one; taken back, it comes."""
    card, twice = await coming(town), await coming(town)
    left = await town.lena.press(card, "Leave out the next one")
    assert f"Left out: {at(MONDAY)}" in left.text
    assert f"It is on {at(MONDAY + WEEK)}" in left.text
    again = await town.lena.press(twice, "Leave out the next one")
    assert f"It is on {at(MONDAY + WEEK)}" in again.text
    held = await town.lena.press(again, "Hold it after all")
    assert f"It is on {at(MONDAY)}" in held.text
    assert "nothing" in (await town.lena.press(left, "Hold it after all")).text.lower()
    await town.lena.press(await coming(town), "Leave out the next one")
    await town.hearth.advance(MONDAY)
    await town.hearth.advance(MONDAY + WEEK)
    assert await states(town) == [
        ("2026-03-02T18:00", "rests"),
        ("2026-03-09T18:00", "posted"),
    ]


async def test_hosts_may_move_theirs_and_others_may_not(town: Village) -> None:
    """Whoever hosts it needs no office for that; who stepped out has no say any more."""
    jo = town.jo
    await jo.press(await together(jo), f"I'd host {QUESTION} too")
    rota = await jo.press(await together(jo), MINE)
    card = await jo.press(rota, "The next one")
    form = await jo.press(card, "Move the next one")
    async with town.hearth.app.database.writing() as session:
        await session.execute(delete(RitualHost).where(RitualHost.user_id == jo.id))
    refused = await jo.fill(form, when="friday 18:00")
    assert "for the facilitators" in refused.text
    assert await town.rows(Draft, "form") == []
    assert "for the facilitators" in (await jo.press(card, "Leave out the next one")).text


# --- pauses ---------------------------------------------------------------------------------------


async def test_a_pause_ends_by_itself(town: Village) -> None:
    """On its day it starts again with its host; nobody presses, nothing is made up for."""
    form = await town.lena.press(await town.shown(), "Pause until…")
    for typed, words in (
        ("whenever", "can't find a day"),
        ("today", "still to come"),
        ("2028-01-01", "more than a year ahead"),
    ):
        refused = await town.lena.fill(form, day=typed)
        assert words in refused.text
        form = await town.lena.press(refused, "Fix it")
    paused = await town.lena.fill(form, day="2026-03-20")
    until = datetime(2026, 3, 20, tzinfo=UTC)
    assert f"starts again by itself on <t:{int(until.timestamp())}:D>" in paused.text
    assert "Start" in paused.buttons
    assert "rests, and starts again by itself" in (await town.listed()).text
    await town.hearth.advance(until - timedelta(hours=1))
    assert town.posts() == []
    await town.hearth.advance(until + timedelta(minutes=2))
    assert f"Next: {at(MONDAY + 3 * WEEK)}" in (await town.shown()).text
    await town.hearth.advance(MONDAY + 3 * WEEK)
    assert len(town.posts()) == 1


async def test_a_pause_whose_host_left_asks(town: Village) -> None:
    """It does not come back without a person; those who look after the group are asked."""
    form = await town.lena.press(await town.shown(), "Pause until…")
    await town.lena.fill(form, day="2026-03-12")
    async with town.hearth.app.database.writing() as session:
        await session.execute(update(Ritual).values(host_id=None))
        await session.execute(delete(RitualHost))
    await town.hearth.advance(datetime(2026, 3, 12, 0, 5, tzinfo=UTC))
    assert ("paused", None) in await town.rows(Ritual, "state", "paused_until")
    assert any("question is waiting" in m.content for m in town.office.history)
    await town.hearth.advance(MONDAY + 2 * WEEK)
    assert town.posts() == []
