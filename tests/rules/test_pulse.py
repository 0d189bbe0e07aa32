"""When a group can be asked how it is to live there, and what is said of the answers."""

from datetime import datetime, timedelta

import pytest

from bot.rules import pulse
from bot.rules.pulse import Before, Given


def test_a_filled_form_is_read() -> None:
    """Steps of one to five, a line without what cannot be seen; the rest is no answer."""
    read = pulse.given(
        {"belonging": "5", "trust": "1", "connection": None, "line": " Hi\u202e you "}
    )
    assert read == Given({"belonging": 5, "trust": 1}, "Hi you")


@pytest.mark.parametrize("forged", ["0", "6", "-1", "3.5", "٣", "three", "", " 3", "1e1", "33"])
def test_what_is_no_step_is_no_answer(forged: str) -> None:
    """Whatever a forged form sends."""
    assert pulse.given({"belonging": forged, "line": "\u200b"}).is_empty


def test_a_line_is_cut() -> None:
    """To what the table takes, whatever came through."""
    assert len(pulse.given({"line": "x" * 4000}).line) == pulse.LINE_MOST


def test_once_a_month(now: datetime) -> None:
    """From question to question; half a year after those who live there said no."""
    day = timedelta(days=1)
    assert pulse.again_at(None) is None
    assert pulse.again_at(Before("shown", now, now + 7 * day)) == now + 28 * day
    assert pulse.again_at(Before("called_off", now, now + day)) == now + 28 * day
    assert pulse.again_at(Before("open", now, None)) == now + 28 * day
    assert pulse.again_at(Before("declined", now, now + 2 * day)) == now + 184 * day


@pytest.mark.parametrize(
    ("homes", "enough"), [(2, 2), (5, 2), (6, 2), (7, 3), (9, 3), (10, 4), (150, 50)]
)
def test_a_third_declines(homes: int, enough: int) -> None:
    """And never one alone."""
    assert pulse.enough_to_decline(homes) == enough


def test_what_is_said_of_five() -> None:
    """Five chose 3, 4, 4, 5 and 4: the mean is 20 / 5 = 4, and they see it alike."""
    told = pulse.told("trust", {3: 1, 4: 3, 5: 1}, {})
    assert told is not None
    assert (told.people, told.mean, told.differ, told.change) == (5, 4.0, False, "")


def test_nothing_is_said_of_four() -> None:
    """However alike they answered."""
    assert pulse.told("trust", {4: 4}, {}) is None


def test_who_see_it_differently() -> None:
    """1, 1, 3, 5, 5: squares of 4 + 4 + 0 + 4 + 4 over 4 are 4, so they lie 2 steps apart."""
    told = pulse.told("belonging", {1: 2, 3: 1, 5: 2}, {})
    assert told is not None
    assert told.differ
    assert told.mean == 3.0


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        # Means 4.5 and 2.5, variances 0.278 each (ten people): t = 2 / sqrt(0.0556) = 8.5.
        ({4: 5, 5: 5}, {2: 5, 3: 5}, "up"),
        ({2: 5, 3: 5}, {4: 5, 5: 5}, "down"),
        # Means 3.6 and 3.2 of five, variances 1.3 and 1.7: t = 0.4 / sqrt(0.6) = 0.5.
        ({2: 1, 3: 1, 4: 2, 5: 1}, {2: 2, 3: 1, 4: 1, 5: 1}, ""),
        ({5: 5}, {1: 5}, ""),  # no spread on either side to judge by
        ({5: 5}, {1: 4, 2: 1}, "up"),
        ({5: 5}, {1: 4}, ""),  # of four nothing was said the last time
    ],
)
def test_a_change_is_more_than_chance(
    now: dict[int, int], before: dict[int, int], change: str
) -> None:
    """Else nothing is said of it."""
    told = pulse.told("connection", now, before)
    assert told is not None
    assert told.change == change
