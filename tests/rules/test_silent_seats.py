"""Seats that go to others after a long silence: never without two weeks' notice."""

from datetime import timedelta

import pytest

from bot.rules.silent_seats import Step, step


@pytest.mark.parametrize(
    ("lasted", "told", "expected"),
    [
        (75, None, "keep"),
        (76, None, "tell"),
        (300, None, "tell"),  # the rule is new
        (80, 4, "wait"),
        (300, 13, "wait"),
        (89, 14, "wait"),  # Hearth was blind since: the silence itself is not long enough yet
        (90, 14, "free"),
        (90, 13, "wait"),
        (3, 3, "keep"),
    ],
)
def test_who_is_told_and_whose_seat_goes(lasted: int, told: int | None, expected: Step) -> None:
    """By a rule of ninety days."""
    ago = None if told is None else timedelta(days=told)
    assert step(timedelta(days=lasted), timedelta(days=90), ago) == expected
