"""How much patience a presence earns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.rhythm import LEAST, MOST, PATIENCE, WINDOW, patience, rhythm

USUAL = PATIENCE["usual"]
presences = st.lists(st.integers(0, 400), min_size=1, max_size=120, unique=True).map(sorted)


def test_a_day_is_worth_half_after_three_months() -> None:
    """And nothing before the window; how often somebody was there on a day does not matter."""
    assert rhythm([400]).around == 1
    assert rhythm([310, 400]).around == 1.5
    found = rhythm([400 - WINDOW, 400])
    assert (found.days, found.around) == (1, 1)


@pytest.mark.parametrize(
    ("days", "pause"),
    [
        ([], 2.0),
        ([400], 2.0),
        ([386, 400], (14 * 2**5) ** (1 / 6)),
        (list(range(381, 401)), 2 ** (5 / 24)),
        (list(range(360, 401, 2)), 2.0),
    ],
)
def test_the_rhythm_is_known_little_by_little(days: list[int], pause: float) -> None:
    """One long pause says little against what is taken for granted, many pauses say it all."""
    assert rhythm(days).pause == pytest.approx(pause)


def test_only_the_last_pauses_tell_the_rhythm() -> None:
    """Who used to come every week and now comes every day has the rhythm of today."""
    before = [*range(250, 380, 7), *range(380, 401)]
    assert rhythm(before).pause == rhythm(list(range(380, 401))).pause


@pytest.mark.parametrize(
    ("days", "soon", "usual", "late"),
    [
        ([397, 398, 399, 400], 6.6, 7.8, 10.0),
        ([379, 386, 393, 400], 7.7, 9.0, 11.6),
        ([*range(371, 401)], 16.1, 18.8, 24.2),
        ([*range(311, 401)], 25.1, 29.3, 30.0),
        ([*range(200, 401)], 27.5, 30.0, 30.0),
    ],
)
def test_who_was_around_for_long_is_waited_for_longer(
    days: list[int], soon: float, usual: float, late: float
) -> None:
    """Four days in a row, one in each of four weeks, every day for one month, three and six."""
    found = [round(patience(rhythm(days), PATIENCE[word]), 1) for word in PATIENCE]
    assert found == [soon, usual, late]


def test_the_usual_pause_is_theirs_alone() -> None:
    """What may be said to be usual for somebody takes nothing for granted."""
    rare = rhythm([*range(220, 401, 36)])
    assert rare.usual == pytest.approx(36)
    assert rhythm([400]).usual == 0


@given(presences, st.sampled_from(sorted(PATIENCE.values())))
def test_patience_has_bounds(days: list[int], factor: float) -> None:
    """Nobody is asked after within five days, nobody waited for longer than a month."""
    assert LEAST <= patience(rhythm(days), factor) <= MOST


@given(presences)
def test_one_more_day_never_makes_patience_shorter(days: list[int]) -> None:
    """Another day of presence before the same rhythm's last one adds to what was earned."""
    doubled = sorted({*days, *(day - 1 for day in days)})
    assert rhythm(doubled).around >= rhythm(days).around


@given(presences, st.integers(-50, 50))
def test_only_the_distance_between_days_matters(days: list[int], shift: int) -> None:
    """The same days a month later earn the same patience."""
    one, other = rhythm(days), rhythm([day + shift for day in days])
    assert (one.days, one.around, one.pause) == (other.days, other.around, other.pause)
