"""Doors in a room's entries: what guests read, and what it means that an entry is gone."""

import pytest

from bot.rules.access import HISTORY, LIVE, VIEW, Keys, Overwrite, doors_shut, edit

SERVER, BOT, OURS, GUESTS, OTHERS = 1, 2, 10, 11, 12
ALL = (1 << 40) - 1


def keys(*, guests: bool, blind: bool = False) -> Keys:
    """Return who may enter a room whose role is OURS, with a door open to guests or not."""
    return Keys(
        server_id=SERVER,
        bot_id=BOT,
        bot_permissions=ALL,
        roles=frozenset({OURS, GUESTS} if guests else {OURS}),
        blind_roles=frozenset({GUESTS} if blind else ()),
        group_roles=frozenset({OURS, GUESTS, OTHERS}),
    )


def room(of: Keys, before: dict[int, Overwrite] | None = None) -> dict[int, Overwrite]:
    """Return a room's entries once they are as they should be."""
    now = dict(before or {})
    found = edit(of, now)
    now |= {one.target_id: one for one in found.writes}
    for one in found.erases:
        del now[one.target_id]
    return now


@pytest.mark.parametrize("blind", [True, False])
def test_guests_read_what_is_said_while_they_are_there(*, blind: bool) -> None:
    """Without the past their entry forbids it, whatever the server allows everybody."""
    found = room(keys(guests=True, blind=blind))[GUESTS]
    assert found.allow == (LIVE & ~HISTORY if blind else LIVE)
    assert found.deny == (HISTORY if blind else 0)


@pytest.mark.parametrize("blind", [True, False])
def test_the_entry_goes_with_the_door(*, blind: bool) -> None:
    """One entry in, one out; and looking again changes nothing."""
    before = room(keys(guests=False))
    during = room(keys(guests=True, blind=blind), before)
    assert not edit(keys(guests=True, blind=blind), during)
    over = edit(keys(guests=False), during)
    assert (len(over.writes), [one.target_id for one in over.erases]) == (0, [GUESTS])
    assert room(keys(guests=False), during) == before


def test_what_a_hand_forbade_guests_stays_forbidden() -> None:
    """Their entry is not taken back with what a person decided about them."""
    during = room(keys(guests=True, blind=True))
    during[GUESTS] = Overwrite(GUESTS, "role", 0, VIEW | HISTORY)
    over = edit(keys(guests=False), during)
    assert GUESTS not in {one.target_id for one in (*over.writes, *over.erases)}


OPEN = {role: Overwrite(role, "role", LIVE) for role in range(20, 26)}


AFTERWARDS: list[tuple[Overwrite | None, bool]] = [
    (None, True),
    (Overwrite(20, "role", 0, VIEW), True),
    (Overwrite(20, "role", VIEW), False),
]


@pytest.mark.parametrize(("after", "shut"), AFTERWARDS)
def test_an_entry_that_lets_nobody_in_any_more(after: Overwrite | None, *, shut: bool) -> None:
    """Taken out or forbidden; one that is only cut shorter shuts no door."""
    entries = {} if after is None else {20: after}
    assert doors_shut([20], {20: OPEN[20]}, entries) == ({20} if shut else set())


def test_many_at_once_are_a_room_that_was_cleared() -> None:
    """And members' entries are no doors."""
    assert doors_shut(OPEN, OPEN, {}) == frozenset()
    assert doors_shut([30], {30: Overwrite(30, "member", LIVE)}, {}) == frozenset()
