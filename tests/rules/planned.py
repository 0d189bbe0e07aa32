"""A server that is the tables' and people's: what both know, and how plans are carried out.

`tests/rules/test_planning_machine.py` lets things happen to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hypothesis.stateful import RuleBasedStateMachine

from bot.rules import planning
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
    Observed,
    ObservedMember,
    ObservedRoom,
)

SERVER, HEARTH, GUARDS, MUTED, BOOSTER, STRANGER = 1, 2, 10, 11, 12, 13
PEOPLE = range(100, 108)
REMOVALS = 2
NOW = datetime(2026, 3, 2, tzinfo=UTC)
NAMED = "0000ab"


@dataclass(slots=True)
class Row:
    """One group in the tables."""

    name: str
    by_role: bool
    open: bool = True
    role_id: int | None = None
    room_id: int | None = None
    role_written: str | None = None
    room_written: str | None = None
    doors: set[int] = field(default_factory=set[int])


class Tables:
    """What Hearth decided; people come in by the same rules as in the services."""

    def __init__(self) -> None:
        self.groups: dict[int, Row] = {}
        self.homes: dict[int, Home] = {}
        self.visits: set[tuple[int, int]] = set()
        self.former: set[tuple[int, int]] = set()
        self.bars: set[tuple[int, int]] = set()
        self.apart: set[tuple[int, int]] = set()

    def barred(self, user: int, group: int) -> bool:
        """Return whether someone is barred from a group, or from all."""
        return not self.bars.isdisjoint({(user, group), (user, 0)})

    def others(self, user: int) -> set[int]:
        """Return whom someone must not meet."""
        return {one for pair in self.apart if user in pair for one in pair} - {user}

    def meets(self, user: int, group: int) -> bool:
        """Return whether someone lives, has a seat or visits there whom they must not meet."""
        return any(group in self.places(other) for other in self.others(user))

    def places(self, user: int) -> set[int]:
        """Return the groups where someone has a seat or visits."""
        home = self.homes.get(user)
        visited = {group for one, group in self.visits if one == user}
        return visited | ({home.group_id} if home is not None else set())

    def leave(self, user: int) -> None:
        """End a home at once."""
        home = self.homes.pop(user, None)
        if home is not None:
            self.former.add((user, home.group_id))

    def end_visits(self, user: int, groups: Iterable[int]) -> None:
        """End someone's visits to these groups."""
        ended = {(user, group) for group in groups} & self.visits
        self.visits -= ended
        self.former |= ended

    def shut(self, group: int) -> frozenset[int]:
        """Return who lives behind an open door of a group and must not come in by it."""
        return frozenset(
            user
            for user, home in self.homes.items()
            if home.group_id in self.groups[group].doors
            and (self.barred(user, group) or self.meets(user, group))
        )

    def desired(self) -> Desired:
        """Return what `services.desired` reads from such tables."""
        groups: dict[int, DesiredGroup] = {}
        for number, row in self.groups.items():
            here = {u for u, h in self.homes.items() if (h.group_id, h.state) == (number, "here")}
            guests = {user for user, group in self.visits if group == number}
            kept = {u for u, h in self.homes.items() if h.group_id == number} - here
            over = {user for user, group in self.former if group == number} | kept
            groups[number] = DesiredGroup(
                group_id=number,
                name=row.name,
                colour=0xAB,
                room_name=row.name,
                topic="",
                by_role=row.by_role,
                open=row.open,
                role_id=row.role_id,
                room_id=row.room_id,
                role_written=row.role_written,
                room_written=row.room_written,
                residents=frozenset(here),
                visitors=frozenset(guests),
                former=frozenset(over - here - guests),
                doors=frozenset(row.doors),
                shut=self.shut(number),
            )
        return Desired(
            SERVER,
            groups,
            frozenset(groups),
            dict(self.homes),
            bars=frozenset(self.bars),
            safety_roles=frozenset({GUARDS}),
            restricted_roles=frozenset({MUTED}),
        )


class World(RuleBasedStateMachine):
    """One server and its tables. `truth` is Discord, `cache` what events have told of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = Tables()
        self.truth = Observed(
            SERVER,
            HEARTH,
            BOT,
            frozenset({GUARDS, MUTED, BOOSTER, STRANGER}),
            {},
            {user: ObservedMember(frozenset()) for user in PEOPLE},
        )
        self.cache = self.truth
        self.hears = True
        self.made: dict[tuple[str, int], int] = {}  # whose answer was lost, by its creation
        self.locked: set[tuple[int, int]] = set()  # (target, room): forbidden by hand
        self.told: set[int] = set()  # whose rows have changed since the last pass
        self._next = 1000

    def number(self) -> int:
        """Return an id that was never used."""
        self._next += 1
        return self._next

    def changed(self, truth: Observed) -> None:
        """Let something become true on Discord, and be heard of unless events are lost."""
        self.truth = truth
        if self.hears:
            self.cache = replace(truth, complete=self.cache.complete)

    def member(self, user: int, **changes: object) -> None:
        """Change what is true of a member."""
        new = replace(self.truth.members[user], **changes)  # type: ignore[arg-type] - fields by name, as a test gives them
        self.changed(replace(self.truth, members={**self.truth.members, user: new}))

    def room(self, room_id: int, **changes: object) -> None:
        """Change what is true of a room."""
        new = replace(self.truth.rooms[room_id], **changes)  # type: ignore[arg-type] - fields by name, as a test gives them
        self.changed(replace(self.truth, rooms={**self.truth.rooms, room_id: new}))

    # --- carrying out ---------------------------------------------------------------------------

    def pass_over(self, *, allowed: bool) -> list[Action]:
        """Return a plan as the reconciler would carry it out, with odd removals taken out."""
        wanted = self.tables.desired()
        actions = planning.plan(wanted, self.cache)
        changes = [action for action in actions if isinstance(action, ChangeRoles)]
        if not self.cache.complete:
            for change in changes:
                barred = planning.barred_roles(wanted, change.user_id)
                assert change.give or change.take <= barred
        for change in changes:
            if self.left_alone(self.cache, change.user_id):
                assert not change.give
                assert change.take <= planning.barred_roles(wanted, change.user_id)
        waits = planning.held_back(wanted, changes, self.told, most=REMOVALS)
        if allowed:
            waits = frozenset[int]()
        kept = [a for a in actions if not isinstance(a, ChangeRoles) or a.user_id not in waits]
        odd = planning.unexpected(wanted, [a for a in kept if isinstance(a, ChangeRoles)])
        assert allowed or len(odd - self.told) <= REMOVALS
        self.told.clear()
        return kept

    def attempt(self, action: Action, fate: str = "ok") -> None:
        """Carry out one step; a member's or room's is planned anew on what is true, as a try is."""
        if fate == "refused":
            return
        before = self.foreign()
        if isinstance(action, ChangeRoles):
            if action.user_id in self.truth.members:
                old = self.truth.members[action.user_id]
                give = action.give & self.truth.roles
                self.member(action.user_id, roles=(old.roles | give) - action.take)
        elif isinstance(action, MakeRole | MakeRoom):
            self.make(action, fate)
        elif isinstance(action, EditRoom):
            self.edit(action)
        else:
            row = self.tables.groups[action.group_id]
            if isinstance(action, NameRole) and action.role_id in self.truth.roles:
                row.role_written = f"{NAMED[:6]} {row.name}"
            elif not isinstance(action, NameRole) and action.room_id in self.truth.rooms:
                self.room(action.room_id, name=row.name)
                row.room_written = row.name
        assert self.foreign() == before

    def make(self, action: MakeRole | MakeRoom, fate: str) -> None:
        """Make a role or room once: one whose answer was lost is adopted by its creation's id."""
        row, what = self.tables.groups[action.group_id], type(action).__name__
        made = self.made.pop((what, action.group_id), None)
        there = self.truth.roles if isinstance(action, MakeRole) else self.truth.rooms
        if made is None or made not in there:
            made = self.number()
            if isinstance(action, MakeRole):
                self.changed(replace(self.truth, roles=self.truth.roles | {made}))
            else:
                entries = {
                    one.target_id: one
                    for one in action.overwrites
                    if one.kind == "member" or one.target_id in {SERVER, *self.truth.roles}
                }
                room = ObservedRoom(row.name, entries)
                self.changed(replace(self.truth, rooms={**self.truth.rooms, made: room}))
        if fate == "lost":
            self.made[what, action.group_id] = made
        elif isinstance(action, MakeRole):
            row.role_id, row.role_written = made, f"{NAMED} {row.name}"
        else:
            row.room_id, row.room_written = made, row.name

    def edit(self, action: EditRoom) -> None:
        """Put a room's entries right: on what is there now, one by one or all at once."""
        room = self.truth.rooms.get(action.room_id)
        if room is None or room.hidden:
            return
        entries = dict(room.overwrites)
        if action.edit.whole is not None:
            fresh = planning.plan_group(self.tables.desired(), self.truth, action.group_id)
            edits = [one.edit for one in fresh if isinstance(one, EditRoom)]
        else:
            edits = [action.edit]
        for edit in edits:
            entries |= {
                one.target_id: one
                for one in edit.writes
                if one.kind == "member" or one.target_id in {SERVER, *self.truth.roles}
            }
            for one in edit.erases:
                entries.pop(one.target_id, None)
            if edit.whole is not None:
                assert entries == {one.target_id: one for one in edit.whole}
        self.room(action.room_id, overwrites=entries)

    def foreign(self) -> object:
        """Return everything that is not Hearth's to touch."""
        ours = {row.role_id for row in self.tables.groups.values()} | set(self.made.values())
        made = {role for role in self.truth.roles if role > PEOPLE[-1]}
        return (
            self.truth.roles - made,
            {user: one.roles - ours - made for user, one in self.truth.members.items()},
            {
                key: room.overwrites.get(STRANGER)
                for key, room in self.truth.rooms.items()
                if STRANGER in room.overwrites
            },
            {key: room.overwrites for key, room in self.truth.rooms.items() if room.hidden},
        )

    # --- at the end ------------------------------------------------------------------------------

    def check_members(self) -> None:
        """Everybody carries the role of their home and no other group's; some are left alone."""
        wanted = self.tables.desired()
        for user, member in self.truth.members.items():
            held = member.roles & wanted.group_roles
            if member.timed_out or MUTED in member.roles:
                assert not held & planning.barred_roles(wanted, user)
                continue
            home = self.tables.homes.get(user)
            row = None if home is None else self.tables.groups[home.group_id]
            expected: set[int | None] = set()
            if row is not None and home is not None and home.state == "here" and row.by_role:
                expected = {row.role_id} & {*self.truth.roles}
            assert held == expected

    def check_rooms(self) -> None:
        """A room is seen by who lives there, visits, or may by a door; nobody meets in it."""
        tables = self.tables
        seen: dict[int, set[int]] = {user: set() for user in self.truth.members}
        for number, row in tables.groups.items():
            if row.room_id is None or row.room_id not in self.truth.rooms:
                assert not row.open
                continue
            assert row.role_id in self.truth.roles or not row.by_role or not row.open
            entries = self.truth.rooms[row.room_id].overwrites
            assert entries[SERVER].deny & VIEW
            assert entries[HEARTH].allow & BOT == BOT
            assert entries[GUARDS].allow & LIVE == LIVE
            for user, member in self.truth.members.items():
                if can_look(entries, user, member):
                    seen[user].add(number)
                if not self.left_alone(self.truth, user) and (user, row.room_id) not in self.locked:
                    assert (number in seen[user]) == self.may_look(user, number), (user, number)
        for one, other in tables.apart:
            if one in seen and other in seen and not self.left_alone(self.truth, one, other):
                assert not seen[one] & seen[other]

    @staticmethod
    def left_alone(server: Observed, *people: int) -> bool:
        """Return whether one of these is timed out or restricted, so that Hearth waits."""
        members = [server.members[user] for user in people]
        return any(one.timed_out or MUTED in one.roles for one in members)

    def may_look(self, user: int, number: int) -> bool:
        """Return what the tables say about one member and one room."""
        tables, row = self.tables, self.tables.groups[number]
        if (user, number) in tables.visits:
            return True
        home = tables.homes.get(user)
        if home is None or home.state != "here":
            return False
        if home.group_id == number:
            return not row.by_role or row.role_id in self.truth.roles
        other = tables.groups[home.group_id]
        by_door = row.by_role and home.group_id in row.doors and other.role_id in self.truth.roles
        return by_door and user not in tables.shut(number)


def can_look(entries: Mapping[int, Overwrite], user: int, member: ObservedMember) -> bool:
    """Return whether a member sees a room, in Discord's order: everyone, roles, the member."""
    carried = [entries[role] for role in member.roles if role in entries and role != STRANGER]
    look = not entries[SERVER].deny & VIEW
    look = look and not any(one.deny & VIEW for one in carried)
    look = look or any(one.allow & VIEW for one in carried)
    own = entries.get(user)
    if own is None:
        return look
    return bool(own.allow & VIEW) or (look and not own.deny & VIEW)
