"""Counts what should be nothing: differences between the tables and the server, doubles, orphans.

Runs when the bot has stopped. It reads the sandbox's state and the tables, read-only and as plain
SQL, and shares no code with the bot: a mistake in the bot's own picture of what should be cannot
hide here.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.permissions import Permission
from sandbox.state import AuditAction, Channel, Message, Overwrite, OverwriteType, Server, State

VIEW = int(Permission.VIEW_CHANNEL)
SEND = int(Permission.SEND_MESSAGES)
HISTORY = int(Permission.READ_MESSAGE_HISTORY)


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

    @property
    def clean(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.drift or self.posted_twice or self.two_homes or self.unsettled)


@dataclass(frozen=True, slots=True)
class _Group:
    id: int
    name: str
    role_id: int | None
    room_id: int | None
    by_role: bool
    history: bool
    homes: int
    """Seats that the group counts as taken."""


def check(state: State, tables: Path) -> Verdict:
    """Compare everything; `tables` is the bot's SQLite file."""
    verdict = Verdict()
    with closing(sqlite3.connect(f"{tables.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        rows = _Rows(connection, state.now())
        for server_id in rows.servers():
            server = state.servers.get(server_id)
            if server is None:
                verdict.drift.append(f"server {server_id} is not there")
                continue
            look = _Look(state, server, rows)
            verdict.drift += look.drift()
            verdict.two_homes += look.two_homes()
            verdict.posted_twice += look.posted_twice()
            verdict.unsettled += rows.unsettled(server_id)
    return verdict


class _Rows:
    """The tables, as far as the server must follow them."""

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")

    def _all(self, query: str, *values: Any) -> Sequence[Any]:
        return self._connection.execute(query, values).fetchall()

    def servers(self) -> list[int]:
        found = self._all("SELECT id FROM server WHERE removed_at IS NULL AND paused_at IS NULL")
        return [row["id"] for row in found]

    def groups(self, server_id: int) -> list[_Group]:
        found = self._all(
            "SELECT g.id, g.name, g.role_id, g.room_id, g.homes, t.access, t.visitors_read_history"
            " FROM groups g JOIN group_type t ON t.id = g.type_id WHERE g.server_id = ?",
            server_id,
        )
        return [
            _Group(
                id=row["id"],
                name=row["name"],
                role_id=row["role_id"],
                room_id=row["room_id"],
                by_role=row["access"] == "role",
                history=bool(row["visitors_read_history"]),
                homes=row["homes"],
            )
            for row in found
        ]

    def homes(self, server_id: int) -> list[tuple[int, int, str]]:
        found = self._all(
            "SELECT user_id, group_id, state FROM membership WHERE server_id = ?", server_id
        )
        return [(row["user_id"], row["group_id"], row["state"]) for row in found]

    def visits(self, server_id: int) -> dict[int, set[int]]:
        found = self._all(
            "SELECT group_id, user_id FROM visit WHERE server_id = ? AND ended_at IS NULL",
            server_id,
        )
        return _sets((row["group_id"], row["user_id"]) for row in found)

    def doors(self, server_id: int) -> dict[int, set[int]]:
        found = self._all(
            "SELECT group_id, for_group_id FROM door WHERE server_id = ? AND closes_at > ?",
            server_id,
            self._now,
        )
        return _sets((row["group_id"], row["for_group_id"]) for row in found)

    def part_of_setup(self, server_id: int, part: str) -> set[int]:
        found = self._all(
            "SELECT role_id FROM setup_role WHERE server_id = ? AND part = ?", server_id, part
        )
        return {row["role_id"] for row in found}

    def categories(self, server_id: int) -> set[int]:
        found = self._all("SELECT id FROM room_category WHERE server_id = ?", server_id)
        return {row["id"] for row in found}

    def setup_rooms(self, server_id: int) -> set[int]:
        """Return the rooms that setup names, some of which it made."""
        found = self._all(
            "SELECT commons_id, facilitators_room_id, moderators_room_id, owners_room_id"
            " FROM server WHERE id = ?",
            server_id,
        )
        return {room for row in found for room in row if room is not None}

    def posted(self, server_id: int) -> list[tuple[int, int]]:
        found = self._all(
            "SELECT o.group_id, o.message_id FROM occurrence o JOIN groups g ON g.id = o.group_id"
            " WHERE g.server_id = ? AND o.state = 'posted'",
            server_id,
        )
        return [(row["group_id"], row["message_id"]) for row in found]

    def unsettled(self, server_id: int) -> list[str]:
        """Describe what is owed and overdue, begun, or given up."""
        owed = self._all(
            "SELECT kind, key, state FROM outbox_message WHERE server_id = ? AND due_at <= ?",
            server_id,
            self._now,
        )
        begun = self._all("SELECT what, subject_id FROM creation WHERE server_id = ?", server_id)
        failed = self._all(
            "SELECT subject, action, why FROM failed_effect WHERE server_id = ?", server_id
        )
        moving = self._all(
            "SELECT group_id FROM split WHERE server_id = ? AND state = 'moving'", server_id
        )
        return [
            *(f"{row['kind']} {row['key']} is {row['state']}, not sent" for row in owed),
            *(f"{row['what']} of {row['subject_id']} was begun" for row in begun),
            *(f"{row['subject']}: {row['action']}: {row['why']}" for row in failed),
            *(f"the split of group {row['group_id']} is not over" for row in moving),
        ]


class _Look:
    """One server beside its rows."""

    def __init__(self, state: State, server: Server, rows: _Rows) -> None:
        self._state = state
        self._server = server
        self._rows = rows
        self._groups = rows.groups(server.id)
        self._homes = rows.homes(server.id)
        self._at_home = _sets((group, user) for user, group, how in self._homes if how == "here")
        self._visits = rows.visits(server.id)
        self._untouched = {
            member.id
            for member in server.members.values()
            if member.roles & rows.part_of_setup(server.id, "restricted")
            or (member.timed_out_until is not None and member.timed_out_until > state.now())
        }

    def drift(self) -> Iterator[str]:
        """Name every difference."""
        doors = self._rows.doors(self._server.id)
        role_of = {group.id: group.role_id for group in self._groups}
        for group in self._groups:
            yield from self._role(group)
            opened = {role_of[sibling] for sibling in doors.get(group.id, ())}
            yield from self._room(group, {role for role in opened if role is not None})
        yield from self._people()
        yield from self._seats()
        yield from self._orphans()
        yield from self._rituals()

    def _role(self, group: _Group) -> Iterator[str]:
        if not group.by_role:
            if group.role_id is not None:
                yield f"{group.name}: has a role, though its type uses overwrites"
            return
        if group.role_id is None or group.role_id not in self._server.roles:
            yield f"{group.name}: no role"
            return
        holders = {m.id for m in self._server.members.values() if group.role_id in m.roles}
        wanted = self._at_home.get(group.id, set())
        for user in sorted((holders ^ wanted) - self._untouched):
            how = "holds the role and does not live there" if user in holders else "lacks the role"
            yield f"{group.name}: {user} {how}"

    def _room(self, group: _Group, siblings: set[int]) -> Iterator[str]:
        channel = None if group.room_id is None else self._server.channels.get(group.room_id)
        if channel is None:
            yield f"{group.name}: no room"
            return
        if channel.parent_id not in self._rows.categories(self._server.id):
            yield f"{group.name}: the room stands in none of Hearth's categories"
        at_home = self._at_home.get(group.id, set())
        keys = {role for role in (group.role_id,) if role is not None} if group.by_role else at_home
        visitors = self._visits.get(group.id, set())
        safety = self._rows.part_of_setup(self._server.id, "safety") & self._server.roles.keys()
        bot = self._state.bot.id
        wanted: set[int] = {
            self._server.id,
            bot,
            *safety,
            *keys,
            *visitors,
            *siblings,
        } - self._untouched
        found = channel.overwrites.keys() - self._untouched
        for target in sorted(wanted ^ found, key=str):
            how = "stands in the room and should not" if target in found else "is missing"
            yield f"{group.name}: the overwrite for {target} {how}"
        everyone = channel.overwrites.get(self._server.id)
        if everyone is not None and not everyone.deny & VIEW:
            yield f"{group.name}: everyone sees the room"
        for target in sorted((wanted & found) - {self._server.id}, key=str):
            yield from self._key(group, channel.overwrites[target], visitor=target in visitors)

    def _key(self, group: _Group, overwrite: Overwrite, *, visitor: bool) -> Iterator[str]:
        """Say what is wrong with an overwrite that should let somebody in."""
        where = f"{group.name}: the overwrite for {overwrite.id}"
        if not overwrite.allow & VIEW or overwrite.deny & (VIEW | SEND):
            yield f"{where} does not open the room"
        if visitor and not group.history and not overwrite.deny & HISTORY:
            yield f"{where} shows the history"
        is_member = overwrite.id not in self._server.roles
        if (overwrite.type is OverwriteType.MEMBER) != is_member:
            yield f"{where} is of the wrong kind"

    def _people(self) -> Iterator[str]:
        """Name rows of people who are not in the server."""
        present = self._server.members.keys()
        for user, group, how in self._homes:
            if how == "here" and user not in present:
                yield f"{user} lives in group {group} and is not in the server"
        for group, users in self._visits.items():
            for user in sorted(users - present):
                yield f"{user} visits group {group} and is not in the server"

    def _seats(self) -> Iterator[str]:
        """Name groups that count another number of seats than there are rows."""
        taken = Counter(group for _, group, _ in self._homes)
        for group in self._groups:
            if taken[group.id] != group.homes:
                yield f"{group.name}: counts {group.homes} seats, {taken[group.id]} are taken"

    def _orphans(self) -> Iterator[str]:
        """Name what the bot made and no row knows."""
        own_roles = {group.role_id for group in self._groups}
        own_rooms = {group.room_id for group in self._groups}
        own_rooms |= self._rows.categories(self._server.id)
        own_rooms |= self._rows.setup_rooms(self._server.id)
        for missing in sorted(
            self._rows.categories(self._server.id) - self._server.channels.keys()
        ):
            yield f"category {missing} is gone"
        for entry in self._server.audit_log:
            if entry.actor_id != self._state.bot.id or entry.target_id is None:
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

    def two_homes(self) -> Iterator[str]:
        """Name people who live in two groups, by their rows or by their keys."""
        for user, count in Counter(user for user, _, _ in self._homes).items():
            if count > 1:
                yield f"{user} has {count} homes by the tables"
        role_ids = {group.role_id for group in self._groups} - {None}
        keys: Counter[int] = Counter()
        for member in self._server.members.values():
            keys[member.id] += len(member.roles & role_ids)
        for group in self._groups:
            room = self._server.channels.get(group.room_id or 0)
            if room is not None and not group.by_role:
                visitors = self._visits.get(group.id, set())
                keys.update(set(room.overwrites) & self._server.members.keys() - visitors)
        keys.pop(self._state.bot.id, None)
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
                if message.author.id == self._state.bot.id:
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


def button_ids(message: Message) -> frozenset[str]:
    """Return the ids of a message's buttons and menus."""
    found: set[str] = set()
    waiting: list[Any] = list(message.components)
    while waiting:
        part = waiting.pop()
        if "custom_id" in part:
            found.add(part["custom_id"])
        waiting += part.get("components", ())
    return frozenset(found)


def _sets(pairs: Iterator[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return dict(found)
