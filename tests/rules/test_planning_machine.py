"""Whatever happens between tables and server, in any order: plan and apply bring them together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.errors import UserError
from bot.rules import membership, planning, splitting, visits
from bot.rules.access import BOT, LIVE, SEND, VIEW, Overwrite
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
MINIMUM, REMOVALS = 1, 2
NOW = datetime(2026, 3, 2, tzinfo=UTC)
BOUNDS = membership.Bounds(cooldown=timedelta(0), free_first=timedelta(0))
MOST_GROUPS = 6
TURNS = 8  # plans until everything must be as it should be
NAMED = "0000ab"

somebody = st.sampled_from(PEOPLE)
pick = st.integers(0, 11)


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


class Life(RuleBasedStateMachine):
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

    @initialize(
        homes=st.lists(
            st.sampled_from([0, 0, 0, 1, 2, 9]), min_size=len(PEOPLE), max_size=len(PEOPLE)
        )
    )
    def begin(self, homes: list[int]) -> None:
        """A server with three groups, one of them without a role; nearly everybody lives in one."""
        for by_role in (True, True, False):
            self.create(by_role=by_role)
        groups = sorted(self.tables.groups)
        for user, home in zip(PEOPLE, homes, strict=True):
            if home < len(groups):
                self.tables.homes[user] = Home(groups[home], "here", NOW)
        self.told |= set(PEOPLE)
        self.work_off()

    # --- what the tables say --------------------------------------------------------------------

    def group(self, number: int) -> int:
        """Return one of the groups."""
        groups = sorted(self.tables.groups)
        return groups[number % len(groups)]

    def number(self) -> int:
        """Return an id that was never used."""
        self._next += 1
        return self._next

    @rule(by_role=st.booleans())
    def create(self, *, by_role: bool) -> None:
        """An owner makes a group."""
        if len(self.tables.groups) < MOST_GROUPS:
            number = self.number()
            self.tables.groups[number] = Row(f"group-{number}", by_role)

    @precondition(lambda self: self.tables.groups)
    @rule(number=pick, renamed=st.booleans())
    def rest_or_rename(self, number: int, *, renamed: bool) -> None:
        """An owner lets a group rest, opens it again, or gives it another name."""
        row = self.tables.groups[self.group(number)]
        if renamed:
            row.name = f"group-{self.number()}"
        else:
            row.open = not row.open

    @precondition(lambda self: self.tables.groups)
    @rule(user=somebody, number=pick)
    def join(self, user: int, number: int) -> None:
        """Somebody makes a group their home, or comes back to their seat."""
        tables, group = self.tables, self.group(number)
        home, row = tables.homes.get(user), tables.groups[group]
        past = membership.Past(
            None if home is None else home.group_id, None if home is None else home.state
        )
        try:
            membership.way_in(
                membership.Target(group, row.name, "open" if row.open else "resting", "open"),
                past,
                membership.Standing(
                    barred=tables.barred(user, group), apart=tables.meets(user, group)
                ),
                NOW,
                BOUNDS,
            )
        except UserError:
            return
        tables.leave(user)
        tables.former.discard((user, group))
        tables.visits.discard((user, group))
        tables.homes[user] = Home(group, "here", NOW)
        self.told.add(user)

    @precondition(lambda self: self.tables.groups)
    @rule(user=somebody, number=pick)
    def visit(self, user: int, number: int) -> None:
        """Somebody visits a group, or ends the visit."""
        tables, group = self.tables, self.group(number)
        self.told.add(user)
        if (user, group) in tables.visits:
            tables.end_visits(user, {group})
            return
        row, home = tables.groups[group], tables.homes.get(user)
        guest = visits.Guest(
            lives_here=home is not None and home.group_id == group,
            door_until=NOW if home is not None and home.group_id in row.doors else None,
            barred=tables.barred(user, group),
            apart=tables.meets(user, group),
        )
        host = visits.Host(row.name, "open" if row.open else "resting", "role", "open")
        try:
            visits.way_in(host, guest, NOW, at_once=9, admitted=True)
        except UserError:
            return
        tables.visits.add((user, group))
        tables.former.discard((user, group))

    @rule(user=somebody, at_once=st.booleans())
    def leave(self, user: int, *, at_once: bool) -> None:
        """Somebody leaves their home; the seat is kept, or its time is over."""
        home = self.tables.homes.get(user)
        if home is None:
            return
        self.told.add(user)
        if at_once:
            self.tables.leave(user)
        elif home.state == "here":
            self.tables.homes[user] = replace(home, state="kept")

    @rule(user=somebody, number=pick, everywhere=st.booleans())
    def bar(self, user: int, number: int, *, everywhere: bool) -> None:
        """A moderator bars somebody, or lifts the bar."""
        tables = self.tables
        group = 0 if everywhere or not tables.groups else self.group(number)
        self.told.add(user)
        if (user, group) in tables.bars:
            tables.bars.discard((user, group))
            return
        tables.bars.add((user, group))
        if group in {0, *([tables.homes[user].group_id] if user in tables.homes else [])}:
            tables.leave(user)
        tables.end_visits(user, set(tables.groups) if group == 0 else {group})

    @rule(one=somebody, other=somebody)
    def keep_apart(self, one: int, other: int) -> None:
        """A moderator keeps two people apart, or lets them meet again."""
        tables, pair = self.tables, (min(one, other), max(one, other))
        if one == other:
            return
        self.told |= {one, other}
        if pair in tables.apart:
            tables.apart.discard(pair)
            return
        tables.apart.add(pair)
        homes = [tables.homes[user].group_id for user in pair if user in tables.homes]
        if len(homes) == 2 and homes[0] == homes[1]:
            tables.leave(other)
        shared = tables.places(one) & tables.places(other)
        for user in pair:
            tables.end_visits(user, shared)

    @precondition(
        lambda self: any(len(self.residents(g)) >= 2 * MINIMUM for g in self.tables.groups)
    )
    @rule(number=pick, reason=st.sampled_from(["size", "apart", "bar"]))
    def split(self, number: int, reason: str) -> None:
        """A group becomes two, with doors between them where they have roles.

        Now and then two of them must not meet again, or one may not come to the other half.
        """
        tables = self.tables
        parents = [g for g in sorted(tables.groups) if len(self.residents(g)) >= 2 * MINIMUM]
        parent = parents[number % len(parents)]
        people = self.residents(parent)
        found = splitting.plan(people, [], minimum=MINIMUM, apart=tables.apart)
        child = self.number()
        by_role = tables.groups[parent].by_role
        tables.groups[child] = Row(f"group-{child}", by_role)
        if by_role:
            tables.groups[child].doors.add(parent)
            tables.groups[parent].doors.add(child)
        for user, side in found.sides.items():
            if side:
                tables.former.add((user, parent))
                tables.homes[user] = replace(tables.homes[user], group_id=child)
                tables.visits.discard((user, child))
                self.told.add(user)
        stays = next(user for user, side in found.sides.items() if not side)
        goes = next(user for user, side in found.sides.items() if side)
        if reason == "apart":
            tables.apart.add((min(stays, goes), max(stays, goes)))
            for user in (stays, goes):
                tables.end_visits(user, tables.places(stays) & tables.places(goes))
        elif reason == "bar":
            tables.bars.add((goes, parent))

    @rule()
    def close_doors(self) -> None:
        """The doors' time is over."""
        for row in self.tables.groups.values():
            row.doors.clear()

    def residents(self, group: int) -> list[int]:
        """Return who has a seat in a group, whatever became of them."""
        return [user for user, home in self.tables.homes.items() if home.group_id == group]

    # --- what people do by hand -----------------------------------------------------------------

    def changed(self, truth: Observed) -> None:
        """Let something become true on Discord, and be heard of unless events are lost."""
        self.truth = truth
        if self.hears:
            self.cache = replace(truth, complete=self.cache.complete)

    def member(self, user: int, **changes: object) -> None:
        """Change what is true of a member."""
        new = replace(self.truth.members[user], **changes)  # type: ignore[arg-type]
        self.changed(replace(self.truth, members={**self.truth.members, user: new}))

    def room(self, room_id: int, **changes: object) -> None:
        """Change what is true of a room."""
        new = replace(self.truth.rooms[room_id], **changes)  # type: ignore[arg-type]
        self.changed(replace(self.truth, rooms={**self.truth.rooms, room_id: new}))

    @rule(user=somebody)
    def leave_or_rejoin(self, user: int) -> None:
        """Somebody leaves the server and loses all roles, or comes back within the time."""
        tables, home = self.tables, self.tables.homes.get(user)
        members = dict(self.truth.members)
        if user in members:
            del members[user]
            if home is not None and home.state == "here":
                tables.homes[user] = replace(home, state="gone")
            tables.end_visits(user, set(tables.groups))
        else:
            members[user] = ObservedMember(frozenset())
            if home is not None and home.state == "gone":
                tables.homes[user] = replace(home, state="here")
        self.changed(replace(self.truth, members=members))

    @rule(user=somebody, number=pick)
    def turn_role(self, user: int, number: int) -> None:
        """Somebody gives or takes a role: a group's, one of the owners' own, a muting bot's."""
        ours = sorted(r.role_id for r in self.tables.groups.values() if r.role_id is not None)
        pool = [*(role for role in ours if role in self.truth.roles), MUTED, BOOSTER, STRANGER]
        role, member = pool[number % len(pool)], self.truth.members.get(user)
        if member is None:
            return
        left_alone = member.timed_out or MUTED in member.roles
        self.member(user, roles=member.roles ^ {role})
        home = self.tables.homes.get(user)
        if home is None or role != self.tables.groups[home.group_id].role_id or left_alone:
            return
        if not self.hears:
            return  # a gap: the audit log is asked, or the key is given again
        if role in member.roles and home.state == "here":
            self.tables.homes[user] = replace(home, state="held")
        elif role not in member.roles and home.state == "held":
            self.tables.homes[user] = replace(home, state="here")

    @rule(user=somebody)
    def time_out(self, user: int) -> None:
        """A moderator times somebody out, or the time is over."""
        member = self.truth.members.get(user)
        if member is not None:
            self.member(user, timed_out=not member.timed_out)

    @rule(user=somebody, back=st.booleans())
    def decide(self, user: int, *, back: bool) -> None:
        """A moderator answers about a home that is held: [Put back] or [Leave out]."""
        home = self.tables.homes.get(user)
        if home is None or home.state != "held":
            return
        self.told.add(user)
        if back:
            self.tables.homes[user] = replace(home, state="here")
        else:
            self.tables.leave(user)

    @precondition(lambda self: self.tables.groups)
    @rule(number=pick, what=st.sampled_from(["role", "room"]))
    def delete(self, number: int, what: str) -> None:
        """An owner deletes a group's role, with its entries, or its room."""
        row = self.tables.groups[self.group(number)]
        if what == "room":
            kept = {k: room for k, room in self.truth.rooms.items() if k != row.room_id}
            self.changed(replace(self.truth, rooms=kept))
            return
        gone = {row.role_id}
        self.changed(
            replace(
                self.truth,
                roles=self.truth.roles - gone,
                members={
                    user: replace(one, roles=one.roles - gone)
                    for user, one in self.truth.members.items()
                },
                rooms={
                    key: replace(
                        room, overwrites={t: o for t, o in room.overwrites.items() if t not in gone}
                    )
                    for key, room in self.truth.rooms.items()
                },
            )
        )

    @precondition(lambda self: self.truth.rooms)
    @rule(number=pick, entry=pick, how=st.sampled_from(["clear", "open", "lock", "stranger"]))
    def turn_entry(self, number: int, entry: int, how: str) -> None:
        """An owner edits a room: clears an entry, lets all look, locks somebody, adds their own."""
        rooms = sorted(self.truth.rooms)
        room_id = rooms[number % len(rooms)]
        entries = dict(self.truth.rooms[room_id].overwrites)
        guests = sorted(
            u for u, g in self.tables.visits if self.tables.groups[g].room_id == room_id
        )
        if how == "clear":
            chosen = sorted(entries)[entry % len(entries)] if entries else 0
            living = self.tables.homes.get(chosen)
            if living is not None and self.tables.groups[living.group_id].room_id == room_id:
                return  # a home that is held: see the tests of what is done by hand
            entries.pop(chosen, None)
            self.locked.discard((chosen, room_id))
        elif how == "open":
            entries[SERVER] = Overwrite(SERVER, "role", VIEW, 0)
        elif how == "stranger":
            entries[STRANGER] = Overwrite(STRANGER, "role", VIEW, SEND)
        elif guests:
            guest = guests[entry % len(guests)]
            entries[guest] = Overwrite(guest, "member", 0, VIEW | SEND)
            self.locked.add((guest, room_id))
        self.room(room_id, overwrites=entries)

    @precondition(lambda self: self.truth.rooms)
    @rule(number=pick, name=st.sampled_from(["riverbank", None]))
    def rename_or_hide(self, number: int, name: str | None) -> None:
        """An owner renames a room, or takes away the bot's own way in, or gives it back."""
        rooms = sorted(self.truth.rooms)
        room = self.truth.rooms[rooms[number % len(rooms)]]
        if name is None:
            self.room(rooms[number % len(rooms)], hidden=not room.hidden)
        else:
            self.room(rooms[number % len(rooms)], name=name)

    # --- what goes wrong ------------------------------------------------------------------------

    @rule()
    def lose_events(self) -> None:
        """From now on nothing is heard of what happens."""
        self.hears = False

    @rule(chunked=st.booleans())
    def restart(self, *, chunked: bool) -> None:
        """The bot starts anew and fills its cache, at first perhaps without all members."""
        self.hears = True
        self.cache = replace(self.truth, complete=chunked)

    @rule(
        steps=st.integers(1, 9),
        fate=st.lists(st.sampled_from(["ok", "refused", "lost"]), max_size=4),
    )
    def work(self, steps: int, fate: list[str]) -> None:
        """A part of the plan is carried out; calls fail, or work while their answer is lost."""
        actions = self.pass_over(allowed=False)
        for index, action in enumerate(actions[:steps]):
            self.attempt(action, fate[index] if index < len(fate) else "ok")

    @rule()
    def work_off(self) -> None:
        """Everything that can be done is done; then nothing is left but what waits for somebody."""
        for _ in range(TURNS):
            actions = self.pass_over(allowed=False)
            for action in actions:
                self.attempt(action)
            if not actions:
                return
        assert not self.hears  # what cannot be heard of looks undone

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

    # --- what holds -----------------------------------------------------------------------------

    @invariant()
    def nobody_has_a_way_to_whom_they_must_not_meet(self) -> None:
        """In the tables: no two who are apart have a seat or a visit in one group."""
        for one, other in self.tables.apart:
            assert not self.tables.places(one) & self.tables.places(other)

    def teardown(self) -> None:
        """Nothing fails any more, an owner has looked: now the server becomes as the tables say."""
        for room_id, room in self.truth.rooms.items():
            if room.hidden:
                self.room(room_id, hidden=False)
        self.restart(chunked=True)
        for _ in range(TURNS):
            actions = self.pass_over(allowed=True)
            for action in actions:
                self.attempt(action)
        assert planning.plan(self.tables.desired(), self.truth) == []
        self.check_members()
        self.check_rooms()

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


TestLife = Life.TestCase
TestLife.settings = hypothesis_settings(
    max_examples=60, stateful_step_count=30, deadline=None, derandomize=True
)
