"""When a ritual may be worth another thought."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.reconsidering import why


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([], None),
        ([0], None),  # once is no habit
        ([0, 0], "none"),
        ([9, 8, 0, 0], "none"),
        ([0, 0, 1], None),
        ([6, 6, 6, 2, 2, 2], "fewer"),
        ([6, 6, 6, 3, 2, 2], None),
        ([6, 6, 1, 1, 1], None),  # two do not make a past
        ([2, 3, 3, 1, 0, 1], None),  # it never had many
        ([3, 3, 3, 1, 1, 1], "fewer"),
        ([40, 6, 6, 6, 6, 6, 6, 6, 6, 6, 4, 4, 4], None),  # long ago counts no more
    ],
)
def test_a_ritual_against_its_own_past(answers: Sequence[int], found: str | None) -> None:
    """None twice in a row, or a third of what it used to have; small ones are fine as they are."""
    assert why(answers) == found


@given(st.lists(st.integers(min_value=0, max_value=50), max_size=20))
def test_one_that_finds_as_many_as_ever_is_left_in_peace(answers: list[int]) -> None:
    """Whatever its past, more answers than usual are no reason."""
    best = max([*answers, 1])
    assert why([*answers, best, best, best]) is None
