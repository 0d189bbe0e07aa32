"""The monthly report: when it comes, what it says, and whom it does not name."""

from datetime import UTC, date, datetime

import pytest

from bot.rules import monthly
from bot.rules.group_maps import Map, Place
from bot.rules.health import Week
from bot.rules.health_cards import Group
from bot.rules.monthly import Month
from bot.texts import catalogue
from tests.measured import WEEK, line, lines, unsaid, usual

SAY = catalogue()
FEBRUARY = Month(2026, 2)


@pytest.mark.parametrize(
    ("at", "zone", "told", "expected"),
    [
        (datetime(2026, 3, 1, 10, tzinfo=UTC), "UTC", None, "2026-02"),
        (datetime(2026, 3, 1, 9, tzinfo=UTC), "UTC", None, None),
        (datetime(2026, 3, 1, 9, tzinfo=UTC), "Europe/Berlin", None, "2026-02"),
        (datetime(2026, 3, 7, 23, tzinfo=UTC), "UTC", "2026-01", "2026-02"),
        (datetime(2026, 3, 8, 10, tzinfo=UTC), "UTC", "2026-01", None),
        (datetime(2026, 3, 2, 10, tzinfo=UTC), "UTC", "2026-02", None),
        (datetime(2026, 1, 2, 10, tzinfo=UTC), "UTC", "2025-11", "2025-12"),
        (datetime(2026, 2, 28, 23, tzinfo=UTC), "Pacific/Auckland", None, "2026-02"),
    ],
)
def test_it_comes_once_in_the_first_week_of_a_month(
    at: datetime, zone: str, told: str | None, expected: str | None
) -> None:
    """From ten in the morning of the server's own clock, and never twice."""
    found = monthly.due(at, zone, told)
    assert (None if found is None else found.key) == expected


@pytest.mark.parametrize(
    ("month", "monday"),
    [
        (Month(2026, 2), date(2026, 2, 16)),  # ends on a Saturday
        (Month(2026, 5), date(2026, 5, 25)),  # ends on a Sunday
        (Month(2025, 12), date(2025, 12, 22)),
    ],
)
def test_a_month_is_told_by_the_last_week_that_ended_in_it(month: Month, monday: date) -> None:
    """A week that reaches into the next month belongs there."""
    assert month.week == Week(monday)
    assert Month.keyed(month.key) == month


@pytest.mark.parametrize("wrong", ["", "2026", "2026-13", "2026-00", "march", "2026-1-2"])
def test_what_is_no_month(wrong: str) -> None:
    """Nothing else is taken for one."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever Python says of it
        Month.keyed(wrong)


def test_what_came_later_is_not_told() -> None:
    """Figures are cut at the month's last week; a measure that had none then is left out."""
    later = WEEK.later(2)
    cut = monthly.until(lines(line("active", 0.5, rise=0.01, last=later)), WEEK)
    assert cut["active"].points[-1][0] == WEEK
    assert cut["active"].now.value == pytest.approx(0.48)
    young = lines(line("active", 0.5, weeks=1, last=later))
    assert monthly.until(young, WEEK) == {}


def test_groups_that_are_not_listed_are_not_named() -> None:
    """They are counted, and that is said."""
    falling = lines(line("active", 0.4, rise=-0.02), line("homes", 30, half=0))
    rising = lines(line("active", 0.6, rise=0.02), line("homes", 30, half=0))
    groups = [
        Group(1, "Riverside", rising),
        Group(2, "Mill*pond", falling),
        Group(3, None, falling),
        Group(4, None, rising),
    ]
    found = monthly.message(FEBRUARY, usual(), groups, None)
    assert found is not None
    said = "\n".join(SAY(one.key, **one.params) for one in found.lines)
    assert "**Going up:** Riverside." in said
    assert "**Going up:** a group that is not listed." in said
    assert "**Worth a look:** Mill\\*pond." in said
    assert "**Worth a look:** a group that is not listed." in said
    assert "40 people live in 4 groups, as many as four weeks before." in said
    assert found.buttons[0].press == "health-all:2026-02"


def test_how_many_live_there_is_compared_with_four_weeks_before() -> None:
    """More and fewer are said with the number; nothing is, where nobody knows."""
    cases = ((1.0, 20, "4 more than"), (-1.0, 20, "4 fewer than"), (0.0, 3, "in 1 group."))
    for rise, weeks, words in cases:
        some = {**usual(), "homes": line("homes", 40, rise=rise, half=0, weeks=weeks)}
        found = monthly.message(FEBRUARY, some, [Group(1, "Riverside", usual())], None)
        assert found is not None
        assert words in SAY(found.lines[1].key, **found.lines[1].params)


def test_with_nothing_to_tell_there_is_no_report() -> None:
    """How many live there is no news by itself."""
    silent = lines(line("homes", 40), unsaid("active", "few"))
    assert monthly.message(FEBRUARY, silent, [], None) is None


def test_the_map_comes_along_where_groups_lend_visitors() -> None:
    """Two pictures then, else one."""
    places = (Place(1, "Riverside", 30, usual()), Place(2, "Millpond", 20, usual()))
    groups = [Group(place.group_id, place.name, place.lines) for place in places]
    with_map = Map(WEEK, places, {(1, 2): 9}, ())
    without = Map(WEEK, places, {}, ())
    counts = [
        len(found.pictures)
        for sights in (with_map, without, None)
        if (found := monthly.message(FEBRUARY, usual(), groups, sights)) is not None
    ]
    assert counts == [2, 1, 1]


def test_the_last_month_of_all_has_a_last_day() -> None:
    """Whatever an operator types is a month or none, and never more than the calendar knows."""
    assert Month.keyed("9999-12").last == date(9999, 12, 31)
    assert Month.keyed("2028-02").last == date(2028, 2, 29)
