"""The people of a source on the sandbox: who is who, who lives where, which room is whose.

What people know about themselves (where they live, whether they wait) is read from the tables,
read-only; whatever they do goes through Discord.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sandbox.components import walk
from sandbox.people import Person
from sandbox.state import Channel, Message, Server


@dataclass(frozen=True, slots=True)
class Group:
    """One group as it is now; `origin` is the name of the founding group it comes from."""

    id: int
    name: str
    room_id: int | None
    origin: str


class Society:
    """Everyone, by the number their source gives them; to be closed."""

    def __init__(self, server: Server, tables: Path) -> None:
        self.server = server
        self.people: dict[int, Person] = {}
        self.number: dict[int, int] = {}
        """Discord id to the source's number."""
        self.groups: dict[int, Group] = {}
        self._founded: dict[int, str] = {}
        self._by_name: dict[str, Group] = {}
        self._connection = sqlite3.connect(f"{tables.resolve().as_uri()}?mode=ro", uri=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def add(self, who: int, person: Person) -> None:
        """Remember somebody who came."""
        self.people[who] = person
        self.number[person.id] = who

    def refresh(self) -> None:
        """Learn of new groups, names and rooms."""
        parents = dict(self.ask("SELECT child_id, parent_id FROM lineage"))
        rows = self.ask("SELECT id, name, room_id FROM groups ORDER BY id")
        for group_id, name, _ in rows:
            self._founded.setdefault(group_id, name)
        self.groups = {
            group_id: Group(group_id, name, room_id, self._founded[_root(group_id, parents)])
            for group_id, name, room_id in rows
        }
        self._by_name = {group.name: group for group in self.groups.values()}

    def group(self, name: str) -> Group | None:
        """Return the group that has this name now, else the one that had it when it was founded."""
        found = self._by_name.get(name)
        if found is None:
            found = next((one for one in self.groups.values() if one.origin == name), None)
        return found

    def room(self, group: Group) -> Channel | None:
        """Return a group's room, if it has been made."""
        return None if group.room_id is None else self.server.channels.get(group.room_id)

    def home(self, who: int) -> Group | None:
        """Return where somebody lives now."""
        person = self.people.get(who)
        if person is None:
            return None
        found = self.ask(
            "SELECT group_id FROM membership WHERE user_id = ? AND state = 'here'", person.id
        )
        return self.groups.get(found[0][0]) if found else None

    def lives(self, who: int) -> str | None:
        """Return the name of the group where somebody lives now."""
        home = self.home(who)
        return None if home is None else home.name

    def residents(self) -> dict[int, list[int]]:
        """Return who lives in each group, by the source's numbers."""
        found: dict[int, list[int]] = {group: [] for group in self.groups}
        for user_id, group_id in self.ask(
            "SELECT user_id, group_id FROM membership WHERE state = 'here'"
        ):
            if group_id in found and user_id in self.number:
                found[group_id].append(self.number[user_id])
        return found

    def offices(self) -> Mapping[int, list[tuple[int, str]]]:
        """Return who looks after each group or was asked to: (Discord id, asked or active)."""
        found: dict[int, list[tuple[int, str]]] = {group: [] for group in self.groups}
        for group_id, user_id, state in self.ask(
            "SELECT group_id, user_id, state FROM facilitator"
        ):
            found.setdefault(group_id, []).append((user_id, state))
        return found

    def ask(self, query: str, *values: Any) -> list[Any]:
        """Read from the tables."""
        with closing(self._connection.execute(query, values)) as cursor:
            return cursor.fetchall()


def _root(group: int, parents: Mapping[int, int]) -> int:
    while parents.get(group, group) != group:
        group = parents[group]
    return group


def button(message: Message, verb: str) -> str | None:
    """Return the id of the first button of a message that means `verb`."""
    for part in walk(message.components):
        custom_id = str(part.get("custom_id") or "")
        if custom_id.partition(":")[0] == verb and not part.get("disabled"):
            return custom_id
    return None
