"""A voice room beside a group's room: the same people, and rights to talk."""

from dataclasses import replace

from bot.rules.access import BOT, CONNECT, LIVE, READ, SPEAK, VIEW, VOICE, Overwrite
from bot.rules.planning import (
    Desired,
    DesiredGroup,
    EditRoom,
    MakeRole,
    MakeRoom,
    NameRoom,
    Observed,
    ObservedRoom,
    plan_group,
)

SERVER, HEARTH, ROLE, ROOM, TALK, KIM, VERA = 1, 2, 20, 30, 40, 100, 101
ALL = (1 << 49) - 1
GROUP = DesiredGroup(
    group_id=5,
    name="🌊 Riverside",
    colour=0xAB,
    room_name="🌊-riverside",
    topic="",
    by_role=True,
    open=True,
    role_id=ROLE,
    room_id=ROOM,
    role_written="0000ab 🌊 Riverside",
    room_written="🌊-riverside",
    residents=frozenset({KIM}),
    voice=True,
    voice_name="🌊 Riverside",
)


def wanted(group: DesiredGroup) -> Desired:
    """Return the tables with one group."""
    return Desired(SERVER, {5: group}, frozenset({5}), {})


def there(*, talk: dict[int, Overwrite] | None = None, rights: int = ALL) -> Observed:
    """Return the server with the group's room as it should be, and a voice room if given."""
    rooms = {
        ROOM: ObservedRoom(
            "🌊-riverside",
            {
                SERVER: Overwrite(SERVER, "role", 0, VIEW),
                HEARTH: Overwrite(HEARTH, "member", BOT & rights, 0),
                ROLE: Overwrite(ROLE, "role", LIVE & rights, 0),
            },
        )
    }
    if talk is not None:
        rooms[TALK] = ObservedRoom("🌊 Riverside", talk)
    return Observed(SERVER, HEARTH, rights, frozenset({ROLE}), rooms)


def test_it_is_made_after_the_room_with_the_same_keys() -> None:
    """Role, then room, then voice room; who may write may also come in and speak."""
    bare = replace(GROUP, role_id=None, room_id=None)
    assert plan_group(wanted(bare), there(), 5) == [MakeRole(5)]
    no_room = replace(GROUP, room_id=None)
    assert [type(a) for a in plan_group(wanted(no_room), there(), 5)] == [MakeRoom]
    (made,) = plan_group(wanted(GROUP), there(), 5)
    assert isinstance(made, MakeRoom)
    assert made.voice
    entries = {one.target_id: one for one in made.overwrites}
    assert entries[SERVER].deny & VIEW
    assert entries[ROLE].allow == LIVE | VOICE
    assert entries[HEARTH].allow == BOT | CONNECT


def test_once_made_it_needs_nothing() -> None:
    """What was made with is what it is looked after with."""
    (made,) = plan_group(wanted(GROUP), there(), 5)
    assert isinstance(made, MakeRoom)
    talk = {one.target_id: one for one in made.overwrites}
    stands = replace(GROUP, voice_id=TALK, voice_written="🌊 Riverside")
    assert plan_group(wanted(stands), there(talk=talk), 5) == []


def test_a_type_without_voice_rooms_makes_none_and_deletes_none() -> None:
    """Switched off, one that stands keeps its keys in order; one that is gone stays gone."""
    off = replace(GROUP, voice=False)
    assert plan_group(wanted(off), there(), 5) == []
    left = replace(off, voice_id=TALK, voice_written="🌊 Riverside")
    assert plan_group(wanted(left), there(), 5) == []
    (edit,) = plan_group(wanted(left), there(talk={}), 5)
    assert isinstance(edit, EditRoom)
    assert edit.room_id == TALK


def test_one_that_was_deleted_is_made_again() -> None:
    """As a room is: its group needs it, and the owners are told."""
    gone = replace(GROUP, voice_id=TALK, voice_written="🌊 Riverside")
    (made,) = plan_group(wanted(gone), there(), 5)
    assert isinstance(made, MakeRoom)
    assert made.instead_of == TALK
    resting = replace(gone, open=False)
    assert plan_group(wanted(resting), there(), 5) == []


def test_it_takes_the_groups_new_name() -> None:
    """By the name that Hearth wrote last, so that a person's own name stands."""
    (made,) = plan_group(wanted(GROUP), there(), 5)
    assert isinstance(made, MakeRoom)
    talk = {one.target_id: one for one in made.overwrites}
    renamed = replace(GROUP, voice_id=TALK, voice_written="🌊 Brook")
    assert plan_group(wanted(renamed), there(talk=talk), 5) == [NameRoom(5, TALK, voice=True)]


def test_while_a_room_is_only_read_nobody_talks() -> None:
    """Locked or archived: the voice room too; when it is open again all is as before."""
    (made,) = plan_group(wanted(GROUP), there(), 5)
    assert isinstance(made, MakeRoom)
    talk = {one.target_id: one for one in made.overwrites}
    stands = replace(GROUP, voice_id=TALK, voice_written="🌊 Riverside")
    locked = replace(stands, read_only=True)
    edits = [
        action
        for action in plan_group(wanted(locked), there(talk=talk), 5)
        if isinstance(action, EditRoom) and action.room_id == TALK
    ]
    (edit,) = edits
    after = talk | {one.target_id: one for one in edit.edit.writes}
    assert after[ROLE].allow == READ
    assert after[SERVER].deny & CONNECT
    assert after[SERVER].deny & SPEAK
    (back,) = plan_group(wanted(stands), there(talk=after), 5)
    assert isinstance(back, EditRoom)
    assert after | {one.target_id: one for one in back.edit.writes} == talk


def test_a_bot_without_the_right_to_talk_grants_the_rest() -> None:
    """An overwrite may hold no bit that its writer lacks; /hearth check says what is missing."""
    rights = ALL & ~VOICE & ~(1 << 3)
    (made,) = plan_group(wanted(GROUP), there(rights=rights), 5)
    assert isinstance(made, MakeRoom)
    assert {one.target_id: one.allow for one in made.overwrites}[ROLE] == LIVE & rights


def test_who_visits_may_come_in_and_an_ended_visit_ends_there_too() -> None:
    """The same guests in both rooms."""
    guests = replace(GROUP, voice_id=TALK, voice_written="🌊 Riverside", visitors=frozenset({VERA}))
    actions = plan_group(wanted(guests), there(talk={}), 5)
    edit = next(a for a in actions if isinstance(a, EditRoom) and a.room_id == TALK)
    (vera,) = [one for one in edit.edit.writes if one.target_id == VERA]
    assert vera.allow & CONNECT
    talk = {one.target_id: one for one in edit.edit.writes}
    gone = replace(guests, visitors=frozenset(), former=frozenset({VERA}))
    actions = plan_group(wanted(gone), there(talk=talk), 5)
    edit = next(a for a in actions if isinstance(a, EditRoom) and a.room_id == TALK)
    assert [one.target_id for one in edit.edit.erases] == [VERA]
