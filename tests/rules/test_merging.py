"""Which groups may become one, which of two moves, and who fits whom best."""

from dataclasses import replace

import pytest

from bot.rules.merging import Bond, Side, apart, moves, ranked, why_not

RIVER = Side(
    group_id=1,
    type_id=1,
    kind="interest",
    access="role",
    listed=True,
    state="open",
    homes=12,
    offered=0,
    cap=20,
    minimum=5,
    language="en",
)
POND = replace(RIVER, group_id=2, homes=4)
BOND = Bond()


def test_the_smaller_moves_into_the_larger() -> None:
    """So that the fewest people move; of two alike the newer."""
    assert moves(RIVER, POND) == moves(POND, RIVER) == (POND, RIVER)
    twin = replace(POND, group_id=9)
    assert moves(POND, twin) == moves(twin, POND) == (twin, POND)


def test_two_open_groups_with_seats_may_become_one() -> None:
    """Also where the one that moves rests."""
    assert why_not(POND, RIVER) is None
    assert why_not(replace(POND, state="resting"), RIVER) is None


@pytest.mark.parametrize(
    ("goes", "stays", "reason"),
    [
        (RIVER, RIVER, "same"),
        (replace(POND, state="forming"), RIVER, "not_open"),
        (replace(POND, state="archived"), RIVER, "not_open"),
        (POND, replace(RIVER, state="resting"), "not_open"),
        (replace(POND, locked=True), RIVER, "locked"),
        (POND, replace(RIVER, locked=True), "locked"),
        (replace(POND, access="overwrites"), RIVER, "roles_are_public"),
        (replace(POND, listed=False), RIVER, "stays_unlisted"),
        (replace(POND, homes=9), RIVER, "no_seats"),
        (POND, replace(RIVER, offered=5), "no_seats"),
        (
            replace(POND, access="overwrites", homes=40),
            replace(RIVER, access="overwrites", homes=45, cap=90, visitors=10, guards=6),
            "no_keys",
        ),
    ],
)
def test_what_keeps_two_apart(goes: Side, stays: Side, reason: str) -> None:
    """Seats, keys, locks, and belonging that would become more public than it is."""
    assert why_not(goes, stays) == reason


def test_a_group_may_become_less_public() -> None:
    """From a role to none, and from the directory out of it: nobody learns more than before."""
    hidden = replace(RIVER, access="overwrites", listed=False, cap=90)
    assert why_not(POND, hidden) is None


def test_kin_comes_first_then_what_is_most_alike() -> None:
    """Each reason beats all that come after it."""
    far = replace(RIVER, group_id=10, hours=9.0, homes=5)
    near = replace(RIVER, group_id=11, hours=1.0, homes=14)
    visited = replace(far, group_id=12)
    other_language = replace(RIVER, group_id=13, language="de", homes=5)
    other_type = replace(RIVER, group_id=14, type_id=2, homes=5)
    other_kind = replace(other_type, group_id=15, kind="goal")
    kin = replace(other_kind, group_id=16, language="de")
    others = [
        (far, BOND),
        (near, BOND),
        (visited, Bond(visits=2)),
        (other_language, BOND),
        (other_type, BOND),
        (other_kind, BOND),
        (kin, Bond(kin=True)),
    ]
    order = [side.group_id for side, _ in ranked(POND, others, most=7)]
    assert order == [16, 12, 11, 10, 13, 14, 15]
    assert order == [side.group_id for side, _ in ranked(POND, others[::-1], most=7)]
    assert len(ranked(POND, others)) == 5


def test_what_is_named_nowhere_is_never_suggested() -> None:
    """Neither to others, nor others to it."""
    hidden = replace(RIVER, listed=False)
    assert ranked(POND, [(hidden, BOND)]) == []
    assert ranked(replace(POND, listed=False), [(RIVER, BOND)]) == []


def test_what_could_not_be_is_never_suggested() -> None:
    """Nor a group without the seats."""
    assert ranked(POND, [(replace(RIVER, homes=18), BOND)]) == []


@pytest.mark.parametrize(
    ("one", "other", "hours"), [(0, 0, 0), (-8, 9, 7), (12, -12, 0), (1, 5.5, 4.5)]
)
def test_zones_are_apart_the_short_way_round(one: float, other: float, hours: float) -> None:
    """Los Angeles is nearer to Tokyo than seventeen hours."""
    assert apart(one, other) == hours
