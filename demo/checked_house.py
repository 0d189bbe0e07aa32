"""What belongs to a server and to no group: rooms of setup, the panel, what was given back.

Shares no code with the bot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from demo.checked_rooms import VIEW
from demo.checked_rows import Rows
from sandbox.state import Message, OverwriteType, Server


@dataclass(frozen=True, slots=True)
class House:
    """One server beside its rows."""

    server: Server
    rows: Rows
    bot: int
    untouched: set[int]
    """People who are left alone for now."""

    def differences(self) -> Iterator[str]:
        """Name every difference."""
        yield from self._setup()
        yield from self._panel()
        yield from self._given_back()

    def _setup(self) -> Iterator[str]:
        """Name rooms of setup that are not there, or that are not whose they should be."""
        named = self.rows.setup_rooms(self.server.id)
        for part, room_id in named.items():
            if room_id not in self.server.channels:
                yield f"setup names a {part} that is not there"
        looks_after = {user for _, user in self.rows.offices(self.server.id)}
        looks_after &= self.server.members.keys()
        for one in self.rows.house_rooms(self.server.id):
            room = self.server.channels.get(one.room_id or 0)
            if room is None:
                yield f"the {one.part} that setup wants was not made"
                continue
            if one.part == "commons":
                continue
            everyone = room.overwrites.get(self.server.id)
            if everyone is None or not everyone.deny & VIEW:
                yield f"everyone sees the {one.part}"
            if one.part == "facilitators_room":
                entered = {
                    entry.id
                    for entry in room.overwrites.values()
                    if entry.type is OverwriteType.MEMBER and entry.allow & VIEW
                } - {self.bot}
                for user in sorted((entered ^ looks_after) - self.untouched):
                    how = "may" if user in entered else "may not"
                    yield f"{user} {how} enter the {one.part}"

    def _panel(self) -> Iterator[str]:
        """Name a panel that is not where it should be, and one that should not be there."""
        standing = [one for one in self.rows.panels(self.server.id) if one.state == "stands"]
        if len(standing) > 1:
            yield f"{len(standing)} panels stand at once"
        known = {one.message_id for one in standing}
        if (self.rows.panel_of(self.server.id) or None) not in (known or {None}):
            yield "the server's row names another panel than the one that stands"
        for one in standing:
            room = self.server.channels.get(one.channel_id or 0)
            message = None if room is None else room.history.get(one.message_id or 0)
            if message is None or not is_panel(message):
                yield f"the panel {one.message_id} is not there"
        for channel in self.server.channels.values():
            for message in channel.history:
                own = message.author.id == self.bot and is_panel(message)
                if own and message.id not in known:
                    yield f"a panel stands in {channel.name} that no row knows: {message.id}"

    def _given_back(self) -> Iterator[str]:
        """Name rooms that were given back and in which Hearth still has an entry of its own."""
        for room_id, had in self.rows.given_back(self.server.id).items():
            room = self.server.channels.get(room_id)
            if room is not None and self.bot in room.overwrites and self.bot not in had:
                yield f"{room.name} was given back, and Hearth's own entry stands there"


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


def is_panel(message: Message) -> bool:
    """Return whether a message is the panel of the commons, by what its buttons open."""
    opened = {one.partition(":")[0] for one in button_ids(message)}
    return opened == {"find-open", "groups-open", "home-open"}
