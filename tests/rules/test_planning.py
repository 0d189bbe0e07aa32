"""The difference between tables and server: cases, and what holds for every server."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.access import BOT, LIVE, VIEW, Overwrite
from bot.rules.planning import (
    Action,
    ChangeRoles,
    Desired,
    DesiredGroup,
    EditRoom,
    Home,
    MakeRole,
    MakeRoom,
    NameRole,
    NameRoom,
    Observed,
    ObservedMember,
    ObservedRoom,
    plan,
    plan_group,
    plan_member,
    unexpected,
)

SERVER, HEARTH, GUARDS, MUTED, BOOSTER = 1, 2, 10, 11, 12
ROLE, ROOM, OTHER_ROLE, OTHER_ROOM = 21, 31, 22, 32
KIM, LENA = 101, 102
NONE = frozenset[int]()
SINCE = datetime(2026, 3, 2, tzinfo=UTC)


def group(number: int = 1, **changes: object) -> DesiredGroup:
    """Return a group whose role and room stand, unless said otherwise."""
    plain = DesiredGroup(
        group_id=number,
        name=f"Group {number}",
        colour=0xAB,
        room_name=f"group-{number}",
        topic="",
        by_role=True,
        open=True,
        role_id=ROLE + number - 1,
        room_id=ROOM + number - 1,
        role_written=f"0000ab Group {number}",
        room_written=f"group-{number}",
    )
    return replace(plain, **changes)  # type: ignore[arg-type] - fields by name, as a test gives them


def tables(*groups: DesiredGroup, homes: Mapping[int, Home] | None = None) -> Desired:
    """Return the tables with these groups."""
    by_id = {one.group_id: one for one in groups}
    return Desired(
        SERVER,
        by_id,
        frozenset(by_id),
        homes or {},
        safety_roles=frozenset({GUARDS}),
        restricted_roles=frozenset({MUTED}),
    )


def server(
    members: Mapping[int, ObservedMember] | None = None,
    *,
    roles: frozenset[int] = frozenset({ROLE, OTHER_ROLE, GUARDS}),
    rooms: Mapping[int, ObservedRoom] | None = None,
    complete: bool = True,
) -> Observed:
    """Return a server where both groups' roles stand."""
    return Observed(SERVER, HEARTH, BOT, roles, rooms or {}, members or {}, complete)


def home(state: str = "here", group_id: int = 1) -> Home:
    """Return a home in a state."""
    return Home(group_id, state, SINCE)


def member(*roles: int, timed_out: bool = False) -> ObservedMember:
    """Return a member with these roles."""
    return ObservedMember(frozenset(roles), timed_out)


@pytest.mark.parametrize(
    ("lives", "carries", "give", "take"),
    [
        pytest.param(None, member(BOOSTER), None, None, id="not ours"),
        pytest.param(home(), member(ROLE, BOOSTER), None, None, id="as it should be"),
        pytest.param(home(), member(BOOSTER), {ROLE}, NONE, id="moves in"),
        pytest.param(home(), member(OTHER_ROLE), {ROLE}, {OTHER_ROLE}, id="moves"),
        pytest.param(home("kept"), member(ROLE), NONE, {ROLE}, id="leaves"),
        pytest.param(home("held"), member(), None, None, id="held"),
        pytest.param(home("held"), member(ROLE), NONE, {ROLE}, id="held, still has it"),
        pytest.param(home("gone"), member(ROLE), NONE, {ROLE}, id="gone"),
        pytest.param(None, member(ROLE, OTHER_ROLE), NONE, {ROLE, OTHER_ROLE}, id="has no home"),
        pytest.param(home(), member(MUTED), None, None, id="restricted"),
        pytest.param(None, member(ROLE, timed_out=True), None, None, id="timed out"),
    ],
)
def test_members(
    lives: Home | None, carries: ObservedMember, give: set[int] | None, take: set[int] | None
) -> None:
    """Only groups' roles are touched, and not of everybody."""
    wanted = tables(group(), group(2), homes={} if lives is None else {KIM: lives})
    change = plan_member(wanted, server({KIM: carries}), KIM)
    if give is None or take is None:
        assert change is None
    else:
        assert change == ChangeRoles(KIM, frozenset(give), frozenset(take))


def test_nobody_is_without_a_key_while_the_next_is_cut() -> None:
    """As long as the new group's role is not made, the old one stays."""
    wanted = tables(group(role_id=None), group(2), homes={KIM: home()})
    assert plan_member(wanted, server({KIM: member(OTHER_ROLE)}), KIM) is None


def test_a_group_without_role_ends_the_old_home() -> None:
    """Who moves into a group without a role loses the other one's."""
    wanted = tables(group(by_role=False, role_id=None), group(2), homes={KIM: home()})
    change = plan_member(wanted, server({KIM: member(OTHER_ROLE)}), KIM)
    assert change == ChangeRoles(KIM, frozenset(), frozenset({OTHER_ROLE}))


@pytest.mark.parametrize(("carries", "planned"), [(member(ROLE), False), (member(), False)])
def test_nothing_is_only_taken_on_an_incomplete_list(
    carries: ObservedMember, planned: bool
) -> None:
    """While not every member is known, only moves and gifts are planned."""
    seen = server({KIM: carries}, complete=False)
    assert (plan_member(tables(group()), seen, KIM) is not None) == planned
    moves = tables(group(), group(2), homes={KIM: home(group_id=2)})
    assert plan_member(moves, seen, KIM) is not None


@pytest.mark.parametrize("bar", [(KIM, 0), (KIM, 1)])
@pytest.mark.parametrize("carries", [member(ROLE, MUTED), member(ROLE, timed_out=True)])
def test_a_bar_takes_the_key_from_who_is_left_alone_otherwise(
    bar: tuple[int, int], carries: ObservedMember
) -> None:
    """Who is timed out or restricted still reads the room, so a bar does not wait for its end."""
    wanted = replace(tables(group(), group(2)), bars=frozenset({bar}))
    taken = ChangeRoles(KIM, frozenset(), frozenset({ROLE}))
    assert plan_member(wanted, server({KIM: carries}), KIM) == taken
    assert plan_member(tables(group()), server({KIM: carries}), KIM) is None
    assert unexpected(wanted, [taken]) == NONE
    other = replace(wanted, bars=frozenset({(KIM, 2), (LENA, 0)}))
    assert plan_member(other, server({KIM: carries}), KIM) is None


def test_unexpected_removals_are_those_without_a_row() -> None:
    """A move and a kept seat explain themselves; a role without any row does not."""
    wanted = tables(group(), homes={KIM: home("kept")})
    bare = ChangeRoles(LENA, frozenset(), frozenset({ROLE}))
    kept = ChangeRoles(KIM, frozenset(), frozenset({ROLE}))
    assert unexpected(wanted, [bare, kept]) == {LENA}


def settled_room(*extra: Overwrite) -> ObservedRoom:
    """Return a group's room as Hearth makes it."""
    entries = (
        Overwrite(SERVER, "role", 0, VIEW),
        Overwrite(HEARTH, "member", BOT, 0),
        Overwrite(GUARDS, "role", LIVE, 0),
        Overwrite(ROLE, "role", LIVE, 0),
        *extra,
    )
    return ObservedRoom("group-1", {one.target_id: one for one in entries})


def without_role(room: ObservedRoom) -> ObservedRoom:
    """Return a room whose group's role was deleted, and its overwrite with it."""
    return replace(room, overwrites={k: v for k, v in room.overwrites.items() if k != ROLE})


@pytest.mark.parametrize(
    ("wanted", "seen", "kinds"),
    [
        pytest.param(group(), server(rooms={ROOM: settled_room()}), [], id="as it should be"),
        pytest.param(group(role_id=None, room_id=None), server(), [MakeRole], id="new"),
        pytest.param(group(room_id=None), server(), [MakeRoom], id="role made, room not"),
        pytest.param(group(), server(), [MakeRoom], id="room deleted"),
        pytest.param(
            group(),
            server(roles=frozenset({GUARDS}), rooms={ROOM: settled_room()}),
            [MakeRole],
            id="role deleted",
        ),
        pytest.param(group(open=False), server(), [], id="resting, room deleted"),
        pytest.param(
            group(open=False),
            server(roles=frozenset({GUARDS}), rooms={ROOM: without_role(settled_room())}),
            [],
            id="resting, role deleted",
        ),
        pytest.param(
            group(role_written="000000 Old", room_written="old"),
            server(rooms={ROOM: settled_room()}),
            [NameRole, NameRoom],
            id="renamed in the tables",
        ),
        pytest.param(
            group(),
            server(rooms={ROOM: replace(settled_room(), name="riverbank")}),
            [],
            id="renamed by hand",
        ),
        pytest.param(
            group(visitors=frozenset({KIM})),
            server(rooms={ROOM: settled_room()}),
            [EditRoom],
            id="a visit begins",
        ),
        pytest.param(
            group(visitors=frozenset({KIM})),
            server(rooms={ROOM: ObservedRoom("___hidden___", {}, hidden=True)}),
            [],
            id="hidden",
        ),
    ],
)
def test_groups(wanted: DesiredGroup, seen: Observed, kinds: list[type[Action]]) -> None:
    """A group's steps, one stage at a time."""
    assert [type(one) for one in plan_group(tables(wanted), seen, 1)] == kinds


def test_a_door_lets_the_siblings_role_in() -> None:
    """An open door is one overwrite, for the sibling's role; a sibling without role has none."""
    seen = server(rooms={ROOM: settled_room()})
    wanted = tables(group(doors=frozenset({2})), group(2))
    (step,) = plan_group(wanted, seen, 1)
    assert isinstance(step, EditRoom)
    assert step.edit.writes == (Overwrite(OTHER_ROLE, "role", LIVE, 0),)
    assert not plan_group(
        tables(group(doors=frozenset({2})), group(2, by_role=False, role_id=None)), seen, 1
    )


# --- every server ---------------------------------------------------------------------------------

USERS = range(100, 112)
FOREIGN_ROLES = (BOOSTER, MUTED)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Desired, Observed]:
    """Any tables, beside any server that has come from some of them."""
    count = draw(st.integers(1, 4))
    groups: dict[int, DesiredGroup] = {}
    roles, rooms = {GUARDS, *FOREIGN_ROLES}, dict[int, ObservedRoom]()
    homes = {
        user: Home(draw(st.integers(1, count)), draw(st.sampled_from(("here", "kept"))), SINCE)
        for user in draw(st.sets(st.sampled_from(USERS)))
    }
    for number in range(1, count + 1):
        by_role = draw(st.booleans())
        role_id = 1000 + number if by_role and draw(st.booleans()) else None
        room_id = 2000 + number if draw(st.booleans()) else None
        if role_id is not None and draw(st.integers(0, 4)):
            roles.add(role_id)
        if room_id is not None and draw(st.integers(0, 4)):
            entries = draw(
                st.dictionaries(st.sampled_from(USERS), st.sampled_from([LIVE, VIEW]), max_size=5)
            )
            rooms[room_id] = ObservedRoom(
                "any", {u: Overwrite(u, "member", allow, 0) for u, allow in entries.items()}
            )
        here = {u for u, h in homes.items() if h.group_id == number and h.state == "here"}
        visitors = draw(st.sets(st.sampled_from(USERS), max_size=3)) - here
        groups[number] = group(
            number,
            by_role=by_role,
            open=True,
            role_id=role_id,
            room_id=room_id,
            role_written=draw(st.sampled_from((None, f"0000ab Group {number}"))),
            residents=frozenset(here),
            visitors=frozenset(visitors),
            former=frozenset(set(USERS) - here - visitors),
            doors=frozenset(draw(st.sets(st.integers(1, count))) - {number}),
        )
    pool = [*FOREIGN_ROLES, *(role for role in roles if role > 1000)]
    members = {
        user: ObservedMember(frozenset(draw(st.sets(st.sampled_from(pool), max_size=3))))
        for user in USERS
    }
    wanted = Desired(
        SERVER,
        groups,
        frozenset(groups),
        homes,
        safety_roles=frozenset({GUARDS}),
        restricted_roles=frozenset({MUTED}),
    )
    return wanted, Observed(SERVER, HEARTH, BOT, frozenset(roles), rooms, members)


class Simulated:
    """A server that does as it is told."""

    def __init__(self, wanted: Desired, seen: Observed) -> None:
        self.wanted: Desired = wanted
        self.seen: Observed = seen
        self._next = 5000

    def run(self) -> int:
        """Plan and apply until nothing is left; return how many plans were carried out."""
        for turn in range(6):
            actions = plan(self.wanted, self.seen)
            if not actions:
                return turn
            for action in actions:
                self.apply(action)
        raise AssertionError(f"still to do: {plan(self.wanted, self.seen)}")

    def apply(self, action: Action) -> None:
        """Carry out one step, as Discord would."""
        seen = self.seen
        if isinstance(action, ChangeRoles):
            old = seen.members[action.user_id]
            new = replace(old, roles=(old.roles | action.give) - action.take)
            self.seen = replace(seen, members={**seen.members, action.user_id: new})
            return
        self._next += 1
        if isinstance(action, MakeRole):
            self.seen = replace(seen, roles=seen.roles | {self._next})
            self._store(action.group_id, role_id=self._next)
        elif isinstance(action, MakeRoom):
            room = ObservedRoom("new", {one.target_id: one for one in action.overwrites})
            self.seen = replace(seen, rooms={**seen.rooms, self._next: room})
            self._store(action.group_id, room_id=self._next, room_written=None)
        elif isinstance(action, NameRole):
            self._store(action.group_id, role_written=self.wanted.groups[action.group_id].role_look)
        elif isinstance(action, NameRoom):
            self._store(action.group_id, room_written=self.wanted.groups[action.group_id].room_name)
        else:
            entries = dict(seen.rooms[action.room_id].overwrites)
            if action.edit.whole is not None:
                entries = {one.target_id: one for one in action.edit.whole}
            else:
                entries |= {one.target_id: one for one in action.edit.writes}
                for one in action.edit.erases:
                    del entries[one.target_id]
            self.seen = replace(
                seen, rooms={**seen.rooms, action.room_id: ObservedRoom("any", entries)}
            )

    def _store(self, group_id: int, **changes: object) -> None:
        changed = replace(self.wanted.groups[group_id], **changes)  # type: ignore[arg-type] - fields by name, as a test gives them
        self.wanted = replace(self.wanted, groups={**self.wanted.groups, group_id: changed})

    def can_look(self, user: int, group_id: int) -> bool:
        """Return whether a member sees a group's room, by Discord's own order."""
        room_id = self.wanted.groups[group_id].room_id
        assert room_id is not None
        entries = self.seen.rooms[room_id].overwrites
        seen = not entries[SERVER].deny & VIEW
        held = [entries[r] for r in self.seen.members[user].roles if r in entries]
        seen = any(one.allow & VIEW for one in held) or seen
        own = entries.get(user)
        return seen if own is None else bool(own.allow & VIEW) or (seen and not own.deny & VIEW)


@given(worlds())
def test_applying_the_plan_gives_what_is_desired(world: tuple[Desired, Observed]) -> None:
    """In a few turns everybody has the key to their home and to where they visit, and no other."""
    wanted, before = world
    simulated = Simulated(wanted, before)
    simulated.run()
    wanted, seen = simulated.wanted, simulated.seen
    ours = wanted.group_roles
    for user, carries in seen.members.items():
        old = before.members[user].roles
        if MUTED in old:
            assert carries.roles == old
            continue
        lives = wanted.homes.get(user)
        home_group = None if lives is None or lives.state != "here" else lives.group_id
        role = None if home_group is None else wanted.groups[home_group].role_id
        expected = set[int]() if role is None or role not in seen.roles else {role}
        assert carries.roles & ours == expected
        assert carries.roles - ours == old - ours
        for number, one in wanted.groups.items():
            siblings = {number, *one.doors} if one.by_role else {number}
            inside = (home_group in siblings and home_group in (number, *_by_role(wanted))) or (
                user in one.visitors
            )
            assert simulated.can_look(user, number) == inside


def _by_role(wanted: Desired) -> set[int]:
    return {number for number, one in wanted.groups.items() if one.by_role}
