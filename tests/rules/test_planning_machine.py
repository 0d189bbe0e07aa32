"""Whatever happens between tables and server, in any order: plan and apply bring them together."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from bot.errors import UserError
from bot.rules import membership, planning, splitting, visits
from bot.rules.access import SEND, VIEW, Overwrite
from bot.rules.planning import Home, ObservedMember
from tests.rules.planned import BOOSTER, MUTED, NOW, PEOPLE, SERVER, STRANGER, Row, World

MINIMUM = 1
BOUNDS = membership.Bounds(cooldown=timedelta(0), free_first=timedelta(0))
MOST_GROUPS = 6
TURNS = 8  # plans until everything must be as it should be

somebody = st.sampled_from(PEOPLE)
pick = st.integers(0, 11)


class Life(World):
    """What may happen to a server, by commands, by hand and by misfortune."""

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


TestLife = Life.TestCase
TestLife.settings = hypothesis_settings(
    max_examples=60, stateful_step_count=30, deadline=None, derandomize=True
)
