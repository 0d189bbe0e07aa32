"""Who gets into a room: cases, and what holds for every room."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.access import (
    ADMINISTRATOR,
    BOT,
    HISTORY,
    LIVE,
    MANAGE_CHANNELS,
    MOST_IN_A_CALL,
    SEND,
    VIEW,
    Keys,
    Overwrite,
    RoomEdit,
    edit,
    fresh,
    keys_changed,
    may,
)

EVERYONE, HEARTH, GUARDS, OWN, SIBLING, OTHER, ALIEN = 1, 2, 10, 11, 12, 13, 14
KIM, LENA, OMAR, GUEST = 101, 102, 103, 104
MANAGE_MESSAGES = 1 << 13
ALL = BOT | MANAGE_MESSAGES | MANAGE_CHANNELS

KEYS = Keys(
    server_id=EVERYONE,
    bot_id=HEARTH,
    bot_permissions=ALL,
    safety_roles=frozenset({GUARDS}),
    roles=frozenset({OWN, SIBLING}),
    visitors=frozenset({KIM}),
    group_roles=frozenset({OWN, SIBLING, OTHER}),
    former=frozenset({OMAR}),
)


def role(target: int, allow: int = 0, deny: int = 0) -> Overwrite:
    return Overwrite(target, "role", allow, deny)


def person(target: int, allow: int = 0, deny: int = 0) -> Overwrite:
    return Overwrite(target, "member", allow, deny)


SETTLED = {
    one.target_id: one
    for one in (
        role(EVERYONE, 0, VIEW),
        person(HEARTH, BOT),
        role(GUARDS, LIVE),
        role(OWN, LIVE),
        role(SIBLING, LIVE),
        person(KIM, LIVE & ~HISTORY, HISTORY),
    )
}


def after(keys: Keys, now: dict[int, Overwrite]) -> dict[int, Overwrite]:
    """Return the room as it is once the edit has been carried out."""
    change = edit(keys, now)
    done = {**now, **{one.target_id: one for one in change.writes}}
    for one in change.erases:
        del done[one.target_id]
    if change.whole is not None:
        assert {one.target_id: one for one in change.whole} == done
    return done


def test_a_new_room_has_everything_in_one_call() -> None:
    """Guards, keys and the closed door for everybody come with the room."""
    assert {one.target_id: one for one in fresh(KEYS)} == SETTLED


def test_a_settled_room_needs_nothing() -> None:
    """What is as it should be is left."""
    assert not edit(KEYS, SETTLED)


@pytest.mark.parametrize(
    ("by_hand", "expected"),
    [
        pytest.param(role(EVERYONE, VIEW), role(EVERYONE, 0, VIEW), id="opened to all"),
        pytest.param(role(EVERYONE, 0, VIEW | SEND), None, id="more is forbidden to all"),
        pytest.param(person(HEARTH, 0, SEND), person(HEARTH, BOT), id="the bot is silenced"),
        pytest.param(role(GUARDS, 0, VIEW), role(GUARDS, LIVE), id="guards are locked out"),
        pytest.param(role(OWN, LIVE & ~SEND, SEND), None, id="the room is locked"),
        pytest.param(role(OWN, VIEW), role(OWN, LIVE), id="a right was cleared"),
        pytest.param(role(OWN, LIVE | MANAGE_MESSAGES), None, id="a right was added"),
        pytest.param(role(OTHER, LIVE), "gone", id="a group's role without a door"),
        pytest.param(role(OTHER, 0, VIEW), None, id="a group's role is kept out"),
        pytest.param(role(ALIEN, VIEW), None, id="a role of the server's own"),
        pytest.param(role(ALIEN, LIVE), "gone", id="a former safety role"),
        pytest.param(
            person(KIM, VIEW, SEND),
            person(KIM, LIVE & ~(SEND | HISTORY), SEND | HISTORY),
            id="a visitor is muted",
        ),
        pytest.param(person(OMAR, VIEW), "gone", id="a visit that is over"),
        pytest.param(person(OMAR, LIVE, SEND), person(OMAR, 0, SEND), id="over, and still muted"),
        pytest.param(person(OMAR, 0, VIEW), None, id="kept out by hand"),
        pytest.param(person(GUEST, VIEW), None, id="somebody's guest"),
        pytest.param(person(GUEST, LIVE & ~HISTORY, HISTORY), "gone", id="a forgotten visitor"),
        pytest.param(person(GUEST, LIVE), "gone", id="a forgotten member"),
    ],
)
def test_what_people_change(by_hand: Overwrite, expected: Overwrite | str | None) -> None:
    """What was forbidden stands, what was cleared heals, keys of Hearth's alone are taken back."""
    now = {**SETTLED, by_hand.target_id: by_hand}
    result = after(KEYS, now).get(by_hand.target_id)
    if expected == "gone":
        assert result is None
    else:
        assert result == (by_hand if expected is None else expected)


def test_whose_keys_others_changed() -> None:
    """One member's key is a decision, a role's is not about a member, many are an accident."""
    crowd = {user: person(user, LIVE) for user in range(200, 204)}
    had = {KIM: person(KIM, LIVE), OWN: role(OWN, LIVE), **crowd}
    assert keys_changed([KIM, OWN], had, {LENA: person(LENA, VIEW)}) == (set(), {KIM})
    assert keys_changed([KIM], had, {KIM: person(KIM, 0, VIEW)}) == (set(), {KIM})
    assert keys_changed([KIM], had, {KIM: person(KIM, LIVE, SEND)}) == (set(), set())
    assert keys_changed([LENA], had, {**had, LENA: person(LENA, VIEW)}) == ({LENA}, set())
    assert keys_changed(crowd, had, {}) == (set(), set())


def test_visitors_read_the_past_only_where_the_type_says_so() -> None:
    """The same visit, in a type whose visitors may read back."""
    keys = Keys(EVERYONE, HEARTH, ALL, visitors=frozenset({KIM}), visitors_read_history=True)
    assert after(keys, {})[KIM] == person(KIM, LIVE)


def test_who_moves_in_after_a_visit_reads_the_past() -> None:
    """A visitor who becomes a member of a group without a role gets the whole room."""
    keys = Keys(EVERYONE, HEARTH, ALL, residents=frozenset({KIM}))
    assert after(keys, dict(SETTLED))[KIM] == person(KIM, LIVE)


def test_the_bot_writes_no_bit_that_it_lacks() -> None:
    """Discord refuses an overwrite with a bit that its writer does not hold."""
    keys = Keys(EVERYONE, HEARTH, VIEW | SEND, visitors=frozenset({KIM}))
    assert all(may(keys, one.allow | one.deny) == one.allow | one.deny for one in fresh(keys))
    assert may(Keys(EVERYONE, HEARTH, ADMINISTRATOR), LIVE) == LIVE


def test_many_changes_are_one_edit() -> None:
    """Beyond three changes the room is put right in one call, foreign entries kept."""
    people = frozenset(range(200, 220))
    keys = Keys(EVERYONE, HEARTH, ALL, residents=people)
    change = edit(keys, {**SETTLED, ALIEN: role(ALIEN, VIEW)})
    assert change.whole is not None
    assert role(ALIEN, VIEW) in change.whole
    assert people <= {one.target_id for one in change.whole}


@pytest.mark.parametrize(
    ("count", "alien"), [(MOST_IN_A_CALL, VIEW), (20, 1 << 40)], ids=["too many", "foreign bits"]
)
def test_what_one_call_cannot_hold_is_written_singly(count: int, alien: int) -> None:
    """More than a hundred entries, or one with bits that the bot lacks, are not sent in one."""
    keys = Keys(EVERYONE, HEARTH, ALL, residents=frozenset(range(200, 200 + count)))
    change = edit(keys, {ALIEN: role(ALIEN, alien)})
    assert change.whole is None
    assert len(change.writes) == count + 2
    assert len(fresh(keys)) <= MOST_IN_A_CALL


def test_an_edit_that_changes_nothing_is_false() -> None:
    """An empty edit counts as none."""
    assert not RoomEdit()


bits = st.integers(0, (1 << 18) - 1)
targets = st.sampled_from([EVERYONE, GUARDS, OWN, SIBLING, OTHER, ALIEN])
people_ids = st.sampled_from([HEARTH, KIM, LENA, OMAR, GUEST])


@st.composite
def rooms(draw: st.DrawFn) -> dict[int, Overwrite]:
    """Any room that people could have made of one of Hearth's."""
    found: dict[int, Overwrite] = {}
    for target in draw(st.sets(targets)):
        allow = draw(bits)
        found[target] = role(target, allow, draw(bits) & ~allow)
    for target in draw(st.sets(people_ids)):
        allow = draw(st.one_of(bits, st.just(LIVE), st.just(LIVE & ~HISTORY)))
        found[target] = person(target, allow, draw(st.one_of(bits, st.just(HISTORY))) & ~allow)
    return found


def sees(room: dict[int, Overwrite], *targets: int, member: int = 0) -> bool:
    """Return whether somebody with these roles may look, by Discord's own order."""
    everyone = room.get(EVERYONE, role(EVERYONE))
    seen = not everyone.deny & VIEW
    held = [room[target] for target in targets if target in room]
    if any(one.deny & VIEW for one in held):
        seen = False
    if any(one.allow & VIEW for one in held):
        seen = True
    own = room.get(member, person(member))
    return (seen and not own.deny & VIEW) or bool(own.allow & VIEW)


@given(rooms(), st.booleans())
def test_every_room_comes_out_right(room: dict[int, Overwrite], history: bool) -> None:
    """One edit is enough, whatever the room was like; the guards see it and strangers do not."""
    keys = Keys(
        EVERYONE,
        HEARTH,
        (1 << 18) - 1,
        safety_roles=frozenset({GUARDS}),
        roles=frozenset({OWN, SIBLING}),
        residents=frozenset({LENA}),
        visitors=frozenset({KIM}),
        visitors_read_history=history,
        group_roles=frozenset({OWN, SIBLING, OTHER}),
        former=frozenset({OMAR}),
    )
    done = after(keys, dict(room))
    assert not edit(keys, done)
    assert not sees(done)
    assert sees(done, member=HEARTH)
    assert sees(done, GUARDS)
    assert not sees(done, OTHER)
    assert not sees(done, member=OMAR)
    for target in (OWN, SIBLING):
        locked = target in room and room[target].deny & VIEW
        assert sees(done, target) == (not locked)
    locked = KIM in room and room[KIM].deny & VIEW
    assert sees(done, member=KIM) == (not locked)
    assert sees(done, member=LENA)  # who was shut out by hand is held, and not a resident
    assert bool(done[KIM].allow & HISTORY) <= history


def test_who_must_not_come_in_by_a_door_is_shut_out_by_name() -> None:
    """Before the sibling's role is let in, and until it is over; then nothing of it is left."""
    from_door = replace(KEYS, shut=frozenset({LENA}))
    first = fresh(from_door)
    order = [one.target_id for one in first]
    assert order.index(LENA) < order.index(SIBLING)
    assert person(LENA, 0, LIVE) in first
    shut = {**SETTLED, LENA: person(LENA, 0, LIVE)}
    assert edit(from_door, SETTLED).writes == (person(LENA, 0, LIVE),)
    assert not edit(from_door, shut)
    assert edit(KEYS, shut).erases == (person(LENA, 0, LIVE),)
    as_guest = replace(KEYS, visitors=frozenset({KIM, LENA}))
    assert edit(as_guest, shut).writes == (person(LENA, LIVE & ~HISTORY, HISTORY),)


def test_what_a_person_forbade_is_not_taken_for_hearths_own() -> None:
    """A muted member's entry stands, also when it forbids more than Hearth ever would."""
    for by_hand in (person(LENA, 0, SEND), person(LENA, 0, LIVE | MANAGE_MESSAGES)):
        assert not edit(KEYS, {**SETTLED, LENA: by_hand})
