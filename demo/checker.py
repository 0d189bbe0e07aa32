"""Counts what should be nothing: differences between the tables and the server, doubles, orphans.

Runs when the bot has stopped. It reads the sandbox's state and the tables, read-only and as plain
SQL, and shares no code with the bot: a mistake in the bot's own picture of what should be cannot
hide here.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from demo.checked_health import told_of_few
from demo.checked_house import House, button_ids
from demo.checked_rooms import VIEW, Keys, Rooms
from demo.checked_rows import GroupRow, Rows, sets
from demo.checked_together import Together
from sandbox.state import AuditAction, Channel, Server, State


@dataclass(slots=True)
class Verdict:
    """What was found, one line for each difference."""

    drift: list[str] = field(default_factory=list[str])
    """What the tables say and the server does not show, or the other way round."""
    posted_twice: list[str] = field(default_factory=list[str])
    """Messages of Hearth that stand in a room more than once."""
    two_homes: list[str] = field(default_factory=list[str])
    """People who live in two groups, by the tables or by what the server lets them into."""
    unsettled: list[str] = field(default_factory=list[str])
    """Effects that were owed or begun and are not done."""
    of_few: list[str] = field(default_factory=list[str])
    """Figures that tell of fewer than five people."""
    met_again: list[str] = field(default_factory=list[str])
    """Rounds of pairs in which people met again though new ones were left."""
    sourceless: list[str] = field(default_factory=list[str])
    """What stands in the commons though its source is gone or was changed."""

    @property
    def clean(self) -> bool:
        """Whether nothing at all was found."""
        found = (self.drift, self.posted_twice, self.two_homes, self.unsettled, self.of_few)
        return not any((*found, self.met_again, self.sourceless))


def check(state: State, tables: Path) -> Verdict:
    """Compare everything; `tables` is the bot's SQLite file."""
    verdict = Verdict()
    with closing(sqlite3.connect(f"{tables.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        rows = Rows(connection, state.now())
        for server_id in rows.servers():
            server = state.servers.get(server_id)
            if server is None:
                verdict.drift.append(f"server {server_id} is not there")
                continue
            look = _Look(state, server, rows)
            verdict.drift += look.drift()
            verdict.two_homes += look.two_homes()
            verdict.posted_twice += look.posted_twice()
            together = Together(state, server, connection)
            verdict.drift += [*together.threads(), *together.events()]
            verdict.posted_twice += together.twice()
            verdict.met_again += together.met_again()
            verdict.sourceless += together.bridges()
            verdict.unsettled += rows.unsettled(server_id)
        verdict.of_few += told_of_few(connection)
    return verdict


class _Look:
    """One server beside its rows."""

    def __init__(self, state: State, server: Server, rows: Rows) -> None:
        self._state = state
        self._server = server
        self._rows = rows
        self._bot = state.bot.id
        self._groups = rows.groups(server.id)
        self._homes = rows.homes(server.id)
        self._at_home = sets((group, user) for user, group, how in self._homes if how == "here")
        self._adopted = rows.adopted(server.id)
        self._open_visits = rows.visits(server.id)
        by_role = {group.id for group in self._groups if group.by_role}
        adopted = [
            (group, user, how == "adopted" and group in by_role)
            for group, user, how in self._open_visits
        ]
        self._guests = sets((group, user) for group, user, holds in adopted if holds)
        """Whose key is a role that they had before Hearth."""
        self._visits = sets((group, user) for group, user, holds in adopted if not holds)
        self._untouched = {
            member.id
            for member in server.members.values()
            if member.pending
            or member.roles & rows.part_of_setup(server.id, "restricted")
            or (member.timed_out_until is not None and member.timed_out_until > state.now())
        }

    def drift(self) -> Iterator[str]:
        """Name every difference."""
        for group in self._groups:
            yield from self._role(group)
        yield from self._rooms_of_groups()
        yield from self._people()
        yield from self._offices()
        yield from self._counts()
        yield from House(self._server, self._rows, self._bot, self._untouched).differences()
        yield from self._orphans()
        yield from self._rituals()

    def _role(self, group: GroupRow) -> Iterator[str]:
        if not group.by_role:
            if group.role_id is not None:
                yield f"{group.name}: has a role, though its type uses overwrites"
            return
        if group.role_id is None or group.role_id not in self._server.roles:
            if group.state != "archived":
                yield f"{group.name}: no role"
            return
        holders = {m.id for m in self._server.members.values() if group.role_id in m.roles}
        wanted = self._at_home.get(group.id, set()) | self._guests.get(group.id, set())
        for user in sorted((holders ^ wanted) - self._untouched):
            how = "holds the role and does not live there" if user in holders else "lacks the role"
            yield f"{group.name}: {user} {how}"

    # --- rooms ----------------------------------------------------------------------------------

    def _rooms_of_groups(self) -> Iterator[str]:
        doors = self._rows.doors(self._server.id)
        rooms = Rooms(self._server, self._rows.categories(self._server.id))
        safety = self._rows.part_of_setup(self._server.id, "safety") & self._server.roles.keys()
        role_of = {group.id: group.role_id for group in self._groups}
        former = self._rows.former_visitors(self._server.id)
        for group in self._groups:
            lasting = self._at_home.get(group.id, set())
            siblings = doors.get(group.id, set())
            if group.by_role:
                keyed = (role_of[one] for one in (group.id, *siblings) if one in role_of)
                lasting = {role for role in keyed if role in self._server.roles}
            visitors = self._visits.get(group.id, set())
            adopted = group.id in self._adopted
            keys = Keys(
                bot=self._bot,
                safety=safety,
                lasting=lasting,
                visitors=visitors,
                shut=self._shut_out(group, siblings) - visitors - lasting,
                untouched=self._untouched,
                stays=self._was_there(group, former) if adopted else set(),
            )
            yield from rooms.differences(group, keys, adopted=adopted)

    def _was_there(self, group: GroupRow, former: dict[int, set[int]]) -> set[int]:
        """Return whose entry in an adopted room may be anybody's: none of Hearth's keys.

        Where the room is opened person by person, an entry is a key.
        """
        room = self._server.channels.get(group.room_id or 0)
        if room is None:
            return set()
        own = {one.role_id for one in self._groups}
        gone = former.get(group.id, set())
        return {
            target
            for target in room.overwrites
            if (target in self._server.roles and target not in own)
            or (group.by_role and target not in self._server.roles and target not in gone)
        }

    def _shut_out(self, group: GroupRow, siblings: set[int]) -> set[int]:
        """Return who must not use an open door: the barred, and who would meet whom they must not.

        Somebody's home counts as a place to be met in, whether or not they have its key just now.
        """
        barred, apart = self._rows.barred(self._server.id), self._rows.apart(self._server.id)
        by_door = {user for user, home, _ in self._homes if home in siblings}
        there = {user for user, home, _ in self._homes if home == group.id}
        there |= {user for where, user, _ in self._open_visits if where == group.id}
        shut = {user for user in by_door if {(user, group.id), (user, 0)} & barred}
        for one, other in apart:
            if {one, other} <= by_door:
                shut |= {one, other}
            shut |= {user for user, met in ((one, other), (other, one)) if met in there} & by_door
        return shut

    # --- people ---------------------------------------------------------------------------------

    def _people(self) -> Iterator[str]:
        """Name rows of people who are not in the server."""
        present = self._server.members.keys()
        for user, group, how in self._homes:
            if how == "here" and user not in present:
                yield f"{user} lives in group {group} and is not in the server"
        for group, user, _ in sorted(self._open_visits):
            if user not in present:
                yield f"{user} visits group {group} and is not in the server"

    def _offices(self) -> Iterator[str]:
        """Name people who look after a group that they cannot enter, and keys without an office."""
        offices = self._rows.offices(self._server.id)
        inside = {(group, user) for user, group, how in self._homes if how == "here"}
        inside |= {(group, user) for group, user, _ in self._open_visits}
        for group, user in sorted(offices - inside):
            yield f"{user} looks after group {group} and has no key to it"
        for group, user, how in sorted(self._open_visits):
            if how == "office" and (group, user) not in offices:
                yield f"{user} has the key of an office in group {group} and no office"

    def _counts(self) -> Iterator[str]:
        """Name groups that count other seats or visits than there are rows."""
        taken = Counter(group for _, group, _ in self._homes)
        kept = Counter(self._rows.offers(self._server.id))
        asked = Counter(group for group, _, how in self._open_visits if how == "asked")
        for group in self._groups:
            for what, counted, there in (
                ("seats that are taken", group.homes, taken[group.id]),
                ("seats that are kept for others", group.offered, kept[group.id]),
                ("visits that were asked for", group.visitors, asked[group.id]),
            ):
                if counted != there:
                    yield f"{group.name}: counts {counted} {what}, there are {there}"

    def _orphans(self) -> Iterator[str]:
        """Name what the bot made and no row knows."""
        own_roles = {group.role_id for group in self._groups}
        own_rooms = {room for group in self._groups for room in (group.room_id, group.voice_id)}
        own_rooms |= self._rows.categories(self._server.id)
        own_rooms |= set(self._rows.setup_rooms(self._server.id).values())
        for missing in sorted(
            self._rows.categories(self._server.id) - self._server.channels.keys()
        ):
            yield f"category {missing} is gone"
        for entry in self._server.audit_log:
            if entry.actor_id != self._bot or entry.target_id is None:
                continue
            target = entry.target_id
            if entry.action is AuditAction.ROLE_CREATE:
                if target in self._server.roles and target not in own_roles:
                    yield f"role {self._server.roles[target].name} belongs to no group"
            elif (
                entry.action is AuditAction.CHANNEL_CREATE
                and target in self._server.channels
                and target not in own_rooms
            ):
                yield f"channel {self._server.channels[target].name} belongs to no group"

    def _rituals(self) -> Iterator[str]:
        """Name occurrences that count as posted and stand nowhere."""
        for group_id, message_id in self._rows.posted(self._server.id):
            if not any(channel.history.get(message_id) for channel in self._rooms(group_id)):
                yield f"group {group_id}: the ritual message {message_id} is not there"

    def _rooms(self, group_id: int) -> Iterator[Channel]:
        for group in self._groups:
            if group.id == group_id and group.room_id in self._server.channels:
                yield self._server.channels[group.room_id]

    # --- two of a kind --------------------------------------------------------------------------

    def two_homes(self) -> Iterator[str]:
        """Name people who live in two groups, by their rows or by their keys."""
        for user, count in Counter(user for user, _, _ in self._homes).items():
            if count > 1:
                yield f"{user} has {count} homes by the tables"
        keys: Counter[int] = Counter()
        for group in self._groups:
            if group.by_role:
                guests = self._guests.get(group.id, set())
                members = self._server.members.values()
                keys.update({m.id for m in members if group.role_id in m.roles} - guests)
                continue
            room = self._server.channels.get(group.room_id or 0)
            if room is not None:
                let_in = {one.id for one in room.overwrites.values() if one.allow & VIEW}
                visitors = self._visits.get(group.id, set())
                keys.update(let_in & self._server.members.keys() - visitors)
        keys.pop(self._bot, None)
        for user, count in keys.items():
            if count > 1:
                yield f"{user} has {count} homes in the server"

    def posted_twice(self) -> Iterator[str]:
        """Name messages of Hearth that stand there twice.

        A message of Hearth's has a nonce of its own, and the buttons under a ritual carry its
        occurrence: the same nonce, or the buttons of a posted occurrence on another message, is the
        same message again.
        """
        nonces: Counter[str] = Counter()
        buttons: dict[int, Counter[frozenset[str]]] = defaultdict(Counter)
        for channel in self._server.channels.values():
            for message in channel.history:
                if message.author.id == self._bot:
                    if message.nonce is not None:
                        nonces[f"{message.nonce}"] += 1
                    if ids := button_ids(message):
                        buttons[channel.id][ids] += 1
        for nonce, count in nonces.items():
            if count > 1:
                yield f"the message with nonce {nonce} stands there {count} times"
        for group_id, message_id in self._rows.posted(self._server.id):
            for channel in self._rooms(group_id):
                message = channel.history.get(message_id)
                ids = frozenset[str]() if message is None else button_ids(message)
                if ids and buttons[channel.id][ids] > 1:
                    yield f"the ritual message {message_id} of group {group_id} stands there twice"
