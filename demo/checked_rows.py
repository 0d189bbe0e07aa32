"""What the tables say that a server must show, read as plain SQL: the checker's one half.

Shares no code with the bot, and knows the tables by their names alone.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MAKES_READY = ("forming", "open")
"""States in which what a group lacks in Discord is made."""
HOUSE_PARTS = ("commons", "facilitators_room", "moderators_room", "owners_room")
"""The rooms of setup, as columns of `server` (with _id) and as parts of `house_room`."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group, with what its type says of its rooms."""

    id: int
    name: str
    state: str
    role_id: int | None
    room_id: int | None
    voice_id: int | None
    by_role: bool
    history: bool
    """Whether visitors may read what was said before."""
    wants_voice: bool
    locked: bool
    homes: int
    """Seats that the group counts as taken."""
    offered: int
    """Seats that it counts as kept for people in line."""
    visitors: int
    """Visits that it counts as asked for."""

    @property
    def read_only(self) -> bool:
        """Whether its people may only read there."""
        return self.locked or self.state == "archived"


@dataclass(frozen=True, slots=True)
class PanelRow:
    """A panel that was posted."""

    state: str
    channel_id: int | None
    message_id: int | None


@dataclass(frozen=True, slots=True)
class HouseRow:
    """A room that setup had made."""

    part: str
    room_id: int | None


class Rows:
    """The tables, as far as the server must follow them."""

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")

    def _all(self, query: str, *values: Any) -> Sequence[Any]:
        return self._connection.execute(query, values).fetchall()

    def servers(self) -> list[int]:
        """Return the servers that Hearth works in."""
        found = self._all("SELECT id FROM server WHERE removed_at IS NULL AND paused_at IS NULL")
        return [row["id"] for row in found]

    def groups(self, server_id: int) -> list[GroupRow]:
        """Return all groups."""
        found = self._all(
            "SELECT g.*, t.access, t.visitors_read_history, t.voice"
            " FROM groups g JOIN group_type t ON t.id = g.type_id WHERE g.server_id = ?",
            server_id,
        )
        return [
            GroupRow(
                id=row["id"],
                name=row["name"],
                state=row["state"],
                role_id=row["role_id"],
                room_id=row["room_id"],
                voice_id=row["voice_id"],
                by_role=row["access"] == "role",
                history=bool(row["visitors_read_history"]),
                wants_voice=bool(row["voice"]),
                locked=row["locked_at"] is not None,
                homes=row["homes"],
                offered=row["offered"],
                visitors=row["visitors"],
            )
            for row in found
        ]

    def homes(self, server_id: int) -> list[tuple[int, int, str]]:
        """Return (user, group, state) of everybody who has a seat."""
        found = self._all(
            "SELECT user_id, group_id, state FROM membership WHERE server_id = ?", server_id
        )
        return [(row["user_id"], row["group_id"], row["state"]) for row in found]

    def visits(self, server_id: int) -> list[tuple[int, int, str]]:
        """Return (group, user, origin) of all that run."""
        found = self._all(
            "SELECT group_id, user_id, origin FROM visit WHERE server_id = ? AND ended_at IS NULL",
            server_id,
        )
        return [(row["group_id"], row["user_id"], row["origin"]) for row in found]

    def former_visitors(self, server_id: int) -> dict[int, set[int]]:
        """Return by group whose visit is over."""
        found = self._all(
            "SELECT group_id, user_id FROM visit WHERE server_id = ? AND ended_at IS NOT NULL",
            server_id,
        )
        return sets((row["group_id"], row["user_id"]) for row in found)

    def doors(self, server_id: int) -> dict[int, set[int]]:
        """Return by group whose people may enter besides."""
        found = self._all(
            "SELECT group_id, for_group_id FROM door WHERE server_id = ? AND closes_at > ?",
            server_id,
            self._now,
        )
        return sets((row["group_id"], row["for_group_id"]) for row in found)

    def barred(self, server_id: int) -> set[tuple[int, int]]:
        """Return (user, group) of who may not enter; group 0 is every group."""
        bars = self._all("SELECT user_id, group_id FROM bar WHERE server_id = ?", server_id)
        removed = self._all(
            "SELECT user_id, group_id FROM removal"
            " WHERE server_id = ? AND shut AND group_id IS NOT NULL",
            server_id,
        )
        return {(row["user_id"], row["group_id"]) for row in (*bars, *removed)}

    def apart(self, server_id: int) -> list[tuple[int, int]]:
        """Return the pairs who must not meet."""
        found = self._all("SELECT low_id, high_id FROM apart WHERE server_id = ?", server_id)
        return [(row["low_id"], row["high_id"]) for row in found]

    def offers(self, server_id: int) -> list[int]:
        """Return the groups of seats that are kept for people in line, one for each seat."""
        found = self._all(
            "SELECT group_id FROM waiting WHERE server_id = ? AND offered_at IS NOT NULL",
            server_id,
        )
        return [row["group_id"] for row in found]

    def offices(self, server_id: int) -> set[tuple[int, int]]:
        """Return (group, user) of who looks after which group."""
        found = self._all(
            "SELECT group_id, user_id FROM facilitator WHERE server_id = ? AND state = 'active'",
            server_id,
        )
        return {(row["group_id"], row["user_id"]) for row in found}

    def adopted(self, server_id: int) -> set[int]:
        """Return the groups whose role and room were there before Hearth."""
        found = self._all(
            "SELECT group_id FROM adoption WHERE server_id = ? AND undone_at IS NULL", server_id
        )
        return {row["group_id"] for row in found}

    def given_back(self, server_id: int) -> dict[int, set[int]]:
        """Return rooms that were given back, and who had an entry there before Hearth came."""
        found = self._all(
            "SELECT room_id, before FROM adoption WHERE server_id = ?"
            " AND given_back_at IS NOT NULL AND NOT EXISTS (SELECT * FROM adoption later"
            " WHERE later.room_id = adoption.room_id AND later.id > adoption.id)",
            server_id,
        )
        return {
            row["room_id"]: {int(target) for target in json.loads(row["before"])["entries"]}
            for row in found
        }

    def part_of_setup(self, server_id: int, part: str) -> set[int]:
        """Return the roles that keep the server safe, or that mark restricted people."""
        found = self._all(
            "SELECT role_id FROM setup_role WHERE server_id = ? AND part = ?", server_id, part
        )
        return {row["role_id"] for row in found}

    def categories(self, server_id: int) -> set[int]:
        """Return the categories that rooms are put into."""
        found = self._all("SELECT id FROM room_category WHERE server_id = ?", server_id)
        return {row["id"] for row in found}

    def setup_rooms(self, server_id: int) -> dict[str, int]:
        """Return the rooms that setup names, by part, some of which it made."""
        (row,) = self._all("SELECT * FROM server WHERE id = ?", server_id)
        named = {part: row[f"{part}_id"] for part in HOUSE_PARTS}
        return {part: room for part, room in named.items() if room is not None}

    def house_rooms(self, server_id: int) -> list[HouseRow]:
        """Return the rooms that setup had made, or will have."""
        found = self._all("SELECT part, room_id FROM house_room WHERE server_id = ?", server_id)
        return [HouseRow(row["part"], row["room_id"]) for row in found]

    def panel_of(self, server_id: int) -> int | None:
        """Return the message that the server's row takes for its panel."""
        (row,) = self._all("SELECT panel_message_id FROM server WHERE id = ?", server_id)
        return row["panel_message_id"]

    def panels(self, server_id: int) -> list[PanelRow]:
        """Return every panel that there was."""
        found = self._all(
            "SELECT state, channel_id, message_id FROM panel WHERE server_id = ?", server_id
        )
        return [PanelRow(row["state"], row["channel_id"], row["message_id"]) for row in found]

    def posted(self, server_id: int) -> list[tuple[int, int]]:
        """Return (group, message) of rituals that were posted."""
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
        splits = self._all(
            "SELECT group_id FROM split WHERE server_id = ? AND state = 'moving'", server_id
        )
        merges = self._all(
            "SELECT group_id, into_id FROM merge WHERE server_id = ? AND state = 'moving'",
            server_id,
        )
        panels = self._all(
            "SELECT message_id FROM panel WHERE server_id = ? AND state = 'over'", server_id
        )
        kept = self._all(
            "SELECT room_id FROM adoption"
            " WHERE server_id = ? AND undone_at IS NOT NULL AND given_back_at IS NULL",
            server_id,
        )
        unwanted = self._all("SELECT what FROM takedown WHERE server_id = ?", server_id)
        claimed = self._all(
            "SELECT id FROM gathering_date WHERE server_id = ? AND event_state = 'claimed'",
            server_id,
        )
        running = self._all(
            "SELECT kind FROM undertaking WHERE server_id = ? AND state = 'running'", server_id
        )
        return [
            *(f"{row['kind']} {row['key']} is {row['state']}, not sent" for row in owed),
            *(f"{row['what']} of {row['subject_id']} was begun" for row in begun),
            *(f"{row['subject']}: {row['action']}: {row['why']}" for row in failed),
            *(f"the split of group {row['group_id']} is not over" for row in splits),
            *(
                f"the merge of {row['group_id']} into {row['into_id']} is not over"
                for row in merges
            ),
            *(f"the panel {row['message_id']} was not taken down" for row in panels),
            *(f"the room {row['room_id']} was not given back" for row in kept),
            *(f"the {row['kind']} is under way" for row in running),
            *(f"a {row['what']} is still there that shall go" for row in unwanted),
            *(f"the event of date {row['id']} is neither made nor given up" for row in claimed),
        ]


def sets(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """Return the second of each pair, gathered by the first."""
    found: dict[int, set[int]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return dict(found)
