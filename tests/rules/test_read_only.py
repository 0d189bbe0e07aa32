"""A room that is only read: locked by moderators, or its group archived."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.access import (
    BOT,
    CREATE_PUBLIC_THREADS,
    HISTORY,
    LIVE,
    MUTE,
    READ,
    SEND,
    VIEW,
    Keys,
    Overwrite,
    edit,
)

EVERYONE, HEARTH, GUARDS, OWN, SIBLING, ALIEN = 1, 2, 10, 11, 12, 14
KIM, LENA, OMAR, GUEST = 101, 102, 103, 104
ALL = BOT | MUTE

OPEN = Keys(
    server_id=EVERYONE,
    bot_id=HEARTH,
    bot_permissions=ALL,
    safety_roles=frozenset({GUARDS}),
    roles=frozenset({OWN, SIBLING}),
    residents=frozenset({LENA}),
    visitors=frozenset({KIM}),
    group_roles=frozenset({OWN, SIBLING}),
)
LOCKED = replace(OPEN, read_only=True)


def role(target: int, allow: int = 0, deny: int = 0) -> Overwrite:
    return Overwrite(target, "role", allow, deny)


def person(target: int, allow: int = 0, deny: int = 0) -> Overwrite:
    return Overwrite(target, "member", allow, deny)


def after(keys: Keys, now: dict[int, Overwrite]) -> dict[int, Overwrite]:
    """Return the room as it is once the edit has been carried out."""
    change = edit(keys, now)
    done = {**now, **{one.target_id: one for one in change.writes}}
    for one in change.erases:
        del done[one.target_id]
    return done


def may_do(room: dict[int, Overwrite], bit: int, *roles: int, member: int = 0) -> bool:
    """Return whether somebody may do something, by Discord's own order, on top of all rights."""
    rights = ALL
    everyone = room[EVERYONE]
    rights = (rights & ~everyone.deny) | everyone.allow
    held = [room[one] for one in roles if one in room]
    for one in held:
        rights &= ~one.deny
    for one in held:
        rights |= one.allow
    own = room.get(member, person(member))
    return bool(((rights & ~own.deny) | own.allow) & bit)


def test_a_locked_room_is_read_by_its_people_and_written_in_by_the_guards() -> None:
    """Members, neighbours and visitors read on; none of them writes, reacts or begins threads."""
    room = after(LOCKED, after(OPEN, {}))
    for who in ((OWN,), (SIBLING,)):
        assert may_do(room, VIEW, *who)
        assert may_do(room, HISTORY, *who)
        assert not may_do(room, MUTE, *who)
    for member in (KIM, LENA):
        assert may_do(room, VIEW, member=member)
        assert not may_do(room, MUTE, member=member)
    assert not may_do(room, HISTORY, member=KIM)  # a visitor reads no more of the past than before
    assert may_do(room, HISTORY, member=LENA)
    assert may_do(room, SEND, GUARDS)
    assert may_do(room, SEND, member=HEARTH)
    assert not may_do(room, CREATE_PUBLIC_THREADS, OWN)
    assert not may_do(room, VIEW)


def test_unlocking_gives_back_exactly_what_there_was() -> None:
    """What a person forbade before the lock, or while it lasts, stands afterwards."""
    before = after(OPEN, {})
    assert after(OPEN, after(LOCKED, before)) == before
    muted = after(OPEN, {**before, KIM: person(KIM, LIVE & ~HISTORY & ~SEND, HISTORY | SEND)})
    assert after(OPEN, after(LOCKED, muted)) == muted
    locked = after(LOCKED, before)
    locked[OWN] = role(OWN, READ, SEND)
    assert after(OPEN, after(LOCKED, locked))[OWN] == role(OWN, LIVE & ~SEND, SEND)


def test_a_lock_holds_against_a_hand() -> None:
    """Who opens a locked room by its entries is put right; moderators unlock it by command."""
    locked = after(LOCKED, after(OPEN, {}))
    by_hand = {**locked, EVERYONE: role(EVERYONE, 0, VIEW), OWN: role(OWN, LIVE)}
    assert after(LOCKED, by_hand) == locked


def test_a_key_that_is_over_is_taken_back_though_the_room_was_locked() -> None:
    """Nobody keeps reading whose home or visit ended meanwhile, nor when both end at once."""
    locked = after(LOCKED, after(OPEN, {}))
    assert {one.target_id for one in edit(LOCKED, locked).erases} == set()
    bare = {"residents": frozenset[int](), "visitors": frozenset[int]()}
    for keys in (replace(LOCKED, **bare), replace(OPEN, **bare)):
        room = after(keys, locked)
        assert KIM not in room
        assert LENA not in room


def test_whom_a_person_let_in_by_hand_is_let_alone() -> None:
    """An entry that opens a locked room to somebody is a decision; it does not let them write."""
    locked = {**after(LOCKED, after(OPEN, {})), GUEST: person(GUEST, VIEW)}
    assert after(LOCKED, locked) == locked
    assert not may_do(locked, SEND, member=GUEST)


bits = st.integers(0, (1 << 18) - 1).map(lambda low: low | (MUTE if low & SEND else 0))


@given(
    st.dictionaries(st.sampled_from([EVERYONE, GUARDS, OWN, SIBLING, ALIEN]), bits),
    st.dictionaries(st.sampled_from([HEARTH, KIM, LENA, OMAR, GUEST]), bits),
    st.booleans(),
)
def test_one_edit_locks_and_unlocks_any_room(
    roles: dict[int, int], people: dict[int, int], allowed: bool
) -> None:
    """Whatever the room was like: one edit each way, and nobody with a key writes meanwhile."""
    room = {
        **{one: role(one, *((b, 0) if allowed else (0, b))) for one, b in roles.items()},
        **{one: person(one, *((b, 0) if allowed else (0, b))) for one, b in people.items()},
    }
    keys = replace(OPEN, bot_permissions=(1 << 40) - 1)
    locks = replace(keys, read_only=True)
    locked = after(locks, room)
    assert not edit(locks, locked)
    for who in ((OWN,), (SIBLING,)):
        assert not may_do(locked, MUTE, *who)
    assert not may_do(locked, MUTE, member=KIM)
    assert not may_do(locked, MUTE, member=LENA)
    assert may_do(locked, SEND, GUARDS)
    unlocked = after(keys, locked)
    assert not edit(keys, unlocked)
    assert unlocked[EVERYONE].deny & MUTE != MUTE
