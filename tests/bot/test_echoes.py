"""Our own writes until they are heard back."""

from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.echoes import Echoes
from bot.rules.access import Overwrite

KIM, ROLE, ROOM = 1, 2, 3
NONE: frozenset[int] = frozenset()
HAS = frozenset({ROLE})


def test_what_landed_counts_until_it_is_heard() -> None:
    """Between Discord's answer and its event the cache is behind; we are not."""
    echoes = Echoes()
    writing = echoes.writing(KIM, {ROLE: True})
    assert echoes.roles(KIM, NONE) == NONE
    writing.landed()
    assert echoes.roles(KIM, NONE) == HAS
    assert echoes.heard_roles(KIM, NONE, HAS) == (NONE, NONE)
    assert echoes.roles(KIM, NONE) == NONE


def test_an_event_before_the_answer_is_ours_too() -> None:
    """The event may be quicker than the answer."""
    echoes = Echoes()
    writing = echoes.writing(KIM, {ROLE: True})
    assert echoes.heard_roles(KIM, NONE, HAS) == (NONE, NONE)
    writing.landed()
    assert echoes.roles(KIM, NONE) == NONE


def test_what_was_refused_is_forgotten() -> None:
    """What Discord did not do is not expected, so another's doing is seen as that."""
    echoes = Echoes()
    echoes.writing(KIM, {ROLE: True}).refused()
    assert echoes.heard_roles(KIM, NONE, HAS) == (HAS, NONE)


def test_others_are_told_apart() -> None:
    """After our echo, the same change by others is theirs."""
    echoes = Echoes()
    echoes.writing(KIM, {ROLE: True}).landed()
    assert echoes.heard_roles(KIM, NONE, HAS) == (NONE, NONE)
    assert echoes.heard_roles(KIM, HAS, NONE) == (NONE, HAS)
    assert echoes.heard_roles(KIM, NONE, HAS) == (HAS, NONE)


def test_back_and_forth_is_ours_in_order() -> None:
    """Two writes of ours in a row are two echoes."""
    echoes = Echoes()
    echoes.writing(KIM, {ROLE: True}).landed()
    echoes.writing(KIM, {ROLE: False}).landed()
    assert echoes.roles(KIM, NONE) == NONE
    assert echoes.heard_roles(KIM, NONE, HAS) == (NONE, NONE)
    assert echoes.heard_roles(KIM, HAS, NONE) == (NONE, NONE)


def test_a_new_session_makes_the_cache_the_truth() -> None:
    """What landed before is in the fresh cache; what is under way is still expected."""
    echoes = Echoes()
    echoes.writing(KIM, {ROLE: True}).landed()
    under_way = echoes.writing(KIM + 1, {ROLE: True})
    old, fresh = object(), object()
    echoes.made_role(9, old)
    echoes.made_room(8, ("room", 0, {}), old)
    echoes.clear(fresh)
    assert echoes.roles(KIM, NONE) == NONE
    assert not echoes.made_roles
    assert not echoes.made_rooms
    under_way.landed()
    assert echoes.roles(KIM + 1, NONE) == HAS


def test_what_a_fresh_cache_has_not_heard_of_is_remembered() -> None:
    """A role or room made since the cache was filled is there, until its event says more."""
    echoes = Echoes()
    cache = object()
    echoes.made_role(9, cache)
    echoes.made_room(8, ("room", 0, {}), cache)
    echoes.clear(cache)
    assert echoes.made_roles == {9}
    assert set(echoes.made_rooms) == {8}
    echoes.seen(9)
    echoes.seen(8)
    assert not echoes.made_roles
    assert not echoes.made_rooms


def test_rooms_are_told_apart_entry_by_entry() -> None:
    """A room's event is ours only if every entry that changed is."""
    echoes = Echoes()
    ours, theirs = Overwrite(KIM, "member", 1, 0), Overwrite(ROLE, "role", 1, 0)
    echoes.writing(ROOM, {KIM: ours}).landed()
    assert echoes.overwrites(ROOM, {}) == {KIM: ours}
    assert not echoes.heard_overwrites(ROOM, {}, {KIM: ours})
    assert echoes.heard_overwrites(ROOM, {KIM: ours}, {KIM: ours, ROLE: theirs}) == {ROLE}
    echoes.writing(ROOM, {KIM: None}).landed()
    assert echoes.overwrites(ROOM, {KIM: ours}) == {}
    assert not echoes.heard_overwrites(ROOM, {KIM: ours}, {})


@given(st.lists(st.booleans(), max_size=12))
def test_every_echo_is_known(hands: list[bool]) -> None:
    """Whoever turns a role around, each event is credited to the one who did it."""
    echoes = Echoes()
    has = NONE
    for ours in hands:
        turned = HAS - has
        if ours:
            echoes.writing(KIM, {ROLE: bool(turned)}).landed()
            assert echoes.roles(KIM, has) == turned
        given_, taken = echoes.heard_roles(KIM, has, turned)
        assert (given_ | taken == HAS) != ours
        has = turned
        assert echoes.roles(KIM, has) == has
