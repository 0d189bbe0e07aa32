"""Where naming people leads, once everybody had time to choose: only who asked moves, in bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import splitting
from bot.rules.wished_places import brought_together, wanted
from bot.rules.wishes import Wished

SIDES = {1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 1, 7: 1, 8: 1, 9: 1, 10: 1}


def like(user: int, *others: int) -> list[Wished]:
    """Return that somebody would like to be with others."""
    return [Wished(user, other, "together") for other in others]


@pytest.mark.parametrize(
    ("wishes", "leads_to"),
    [
        (like(1, 6, 7), {1: 1}),
        (like(1, 6, 7, 2), {1: 1}),
        (like(1, 6, 2), {}),
        (like(1, 2), {}),
        (like(1, 99), {}),
        ([*like(1, 6), Wished(6, 1, "apart")], {}),
        ([*like(1, 6), Wished(1, 7, "apart")], {1: 1}),
        (like(2, 6), {}),
    ],
    ids=["both there", "most there", "as many here", "here", "gone", "a no", "own no", "not asked"],
)
def test_where_the_people_one_named_are(wishes: list[Wished], leads_to: dict[int, int]) -> None:
    """To the child with most of them; not for as many, and not to who would rather not."""
    assert wanted(SIDES, wishes, {1}) == leads_to


def test_friends_who_ask_for_each_other_do_not_pass_each_other_by() -> None:
    """Where one moved to the other, the other is content; where neither can, nobody moves."""
    wishes = [*like(1, 6), *like(6, 1)]
    for sides, moves in (({**SIDES, 11: 0}, {1: 1}), (SIDES, {})):
        found = brought_together(sides, wishes, {1, 6}, others={}, count=2, minimum=2, cap=20)
        assert found == moves


def test_one_who_wishes_for_the_place_changes_with_one_who_wishes_for_people() -> None:
    """Both get what they wish, and the sizes stay."""
    even = {**SIDES, 11: 0, 12: 1}
    moves = brought_together(
        even, like(1, 6), {1}, others={7: 0}, count=2, minimum=6, cap=20, apart=()
    )
    assert moves == {1: 1, 7: 0}


def test_nobody_is_brought_to_whom_moderators_keep_them_apart_from() -> None:
    """Whatever they wish."""
    moves = brought_together(
        {**SIDES, 11: 0}, like(1, 6), {1}, others={}, count=2, minimum=2, cap=20, apart=[(1, 8)]
    )
    assert moves == {}


PEOPLE = st.integers(1, 14)


@given(
    st.lists(st.tuples(PEOPLE, PEOPLE), max_size=20),
    st.sets(PEOPLE),
    st.dictionaries(PEOPLE, st.integers(0, 2), max_size=5),
)
def test_only_who_asked_moves_and_the_sizes_stay_within_bounds(
    pairs: list[tuple[int, int]], asking: set[int], others: dict[int, int]
) -> None:
    """Whatever is wished by whom, for any three parts."""
    sides = {user: user % 3 for user in range(1, 15)}
    wishes = [Wished(one, other, "together") for one, other in pairs if one != other]
    moves = brought_together(sides, wishes, asking, others=others, count=3, minimum=3, cap=20)
    assert set(moves) <= asking | set(others)
    fewest, most = splitting.bounds(14, 3, 20, 3)
    after = list({**sides, **moves}.values())
    assert all(fewest <= after.count(child) <= most for child in range(3))
