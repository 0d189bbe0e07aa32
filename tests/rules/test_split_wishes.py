"""Whose wish to live with another child comes true, and with whom they change places."""

from bot.rules.split_wishes import come_true

TWO = {1: 0, 2: 0, 3: 0, 11: 1, 12: 1, 13: 1}
THREE = {1: 0, 2: 0, 3: 0, 11: 1, 12: 1, 13: 1, 21: 2, 22: 2, 23: 2}


def test_alone_while_the_sizes_allow_it() -> None:
    """Three and three: one may go, for children may differ by one; the next then waits."""
    sides = {**TWO, 4: 0}
    assert come_true(sides, {1: 1}, 1, count=2, minimum=2, cap=10) == {1: 1}
    assert come_true(sides, {11: 0}, 11, count=2, minimum=2, cap=10) == {}
    assert come_true(sides, {1: 1}, 1, count=2, minimum=2, cap=3) == {}
    assert come_true(TWO, {1: 1}, 1, count=2, minimum=3, cap=10) == {}


def test_two_change_places_and_the_first_by_id_does() -> None:
    """Sizes stay; whoever else wishes the same waits on."""
    wishes = {1: 1, 13: 0, 12: 0}
    assert come_true(TWO, wishes, 1, count=2, minimum=3, cap=3) == {1: 1, 12: 0}


def test_three_change_places_in_a_ring() -> None:
    """Where no two wish the opposite; a shorter ring comes first."""
    wishes = {1: 1, 11: 2, 21: 0}
    ring = come_true(THREE, wishes, 1, count=3, minimum=3, cap=3)
    assert ring == {1: 1, 11: 2, 21: 0}
    wishes[12] = 0
    assert come_true(THREE, wishes, 1, count=3, minimum=3, cap=3) == {1: 1, 12: 0}
    del wishes[12], wishes[21]
    assert come_true(THREE, wishes, 1, count=3, minimum=3, cap=3) == {}


def test_nobody_comes_to_live_with_whom_they_must_not_meet() -> None:
    """Neither alone nor by changing places; with who moves away at the same time it is fine."""
    wishes = {1: 1, 12: 0, 13: 0}
    assert come_true(TWO, wishes, 1, count=2, minimum=3, cap=3, apart=[(1, 11)]) == {}
    assert come_true(TWO, wishes, 1, count=2, minimum=3, cap=3, apart=[(2, 12)]) == {1: 1, 13: 0}
    assert come_true(TWO, wishes, 1, count=2, minimum=3, cap=3, apart=[(1, 12)]) == {1: 1, 12: 0}
    sides = {**TWO, 4: 0}
    assert come_true(sides, {1: 1}, 1, count=2, minimum=2, cap=10, apart=[(1, 13)]) == {}


def test_who_is_there_already_has_their_wish() -> None:
    """Nothing to do, and nobody is moved for it."""
    assert come_true(TWO, {1: 0, 12: 0}, 1, count=2, minimum=3, cap=3) == {}
