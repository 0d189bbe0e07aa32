"""Which groups are islands, and when something is offered to them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.islands import A_QUARTER, WAYS, Neighbour, Way, is_island, may_offer, part, way

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WEEKS = ["2026-02-23", "2026-02-16", "2026-02-09", "2026-02-02"]
ALONE = {(week, measure): 0.0 for week in WEEKS for measure in ("lends", "borrows")}


def test_four_weeks_of_nobody_make_an_island() -> None:
    """One guest, one week of which nothing is known, or fewer weeks: no island."""
    assert is_island(ALONE, WEEKS)
    assert not is_island({**ALONE, (WEEKS[2], "borrows"): 5.0}, WEEKS)
    assert not is_island({**ALONE, (WEEKS[0], "lends"): None}, WEEKS)
    assert not is_island({}, WEEKS)
    assert not is_island(ALONE, WEEKS[:3])


@pytest.mark.parametrize(
    ("offered", "refused", "may"),
    [
        (None, None, True),
        (NOW - A_QUARTER, None, True),
        (NOW - A_QUARTER + timedelta(days=1), None, False),
        (NOW - 9 * A_QUARTER, NOW - 8 * A_QUARTER, False),
    ],
)
def test_once_a_quarter_and_never_after_a_no(
    offered: datetime | None, refused: datetime | None, may: bool
) -> None:
    """Who said that it is not for them is not asked again."""
    assert may_offer(offered, refused, NOW) is may


def test_another_thing_each_time() -> None:
    """Three quarters offer all three; neighbours do not get the same at once."""
    assert {way(7, NOW + number * A_QUARTER) for number in range(3)} == set(WAYS)
    assert {way(group_id, NOW) for group_id in range(3)} == set(WAYS)


@pytest.mark.parametrize("offered", WAYS)
def test_one_line_and_a_no(offered: Way) -> None:
    """Each with its way in, if a press begins it, and always with a way out."""
    found = part(1, Neighbour(2, "Mill*pond", "🦆"), offered)
    assert found.page == "front"
    (line,) = found.lines
    assert line.params["group"] == r"Mill\*pond"
    assert found.buttons[-1].press == "guest-island-no:1"
    assert len(found.buttons) == (1 if offered == "bridge" else 2)
