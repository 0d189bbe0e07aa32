"""What a server looks like, in words that do not depend on ids or on the order things were made in.

Two runs of the same story must end in equal snapshots, whether or not the bot was killed on the
way. Roles, rooms and messages are listed one by one, so that two of a kind differ from one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.components import walk
from sandbox.state import Channel, Message, Overwrite, OverwriteType, Server, State

_MENTION = re.compile(r"<(@&|@|#)(\d+)>")
_MOMENT = re.compile(r"<t:\d+(:\w)?>")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One server."""

    roles: list[str]
    rooms: list[str]
    """Name, category, topic, and who may do what."""
    members: dict[str, list[str]]
    """Everyone's roles."""
    messages: dict[str, list[str]]
    """By room, and by person for direct messages: what the bot wrote, with its buttons."""


def snapshot(state: State, server: Server) -> Snapshot:
    """Look at a server."""
    return _Look(state, server).snapshot()


class _Look:
    def __init__(self, state: State, server: Server) -> None:
        self._state = state
        self._server = server

    def snapshot(self) -> Snapshot:
        server = self._server
        return Snapshot(
            roles=sorted(
                f"{role.name}: {role.color:06x} {role.permissions:x} {role.mentionable}"
                for role in server.roles.values()
            ),
            rooms=sorted(self._room(channel) for channel in server.channels.values()),
            members={
                member.user.name: sorted(server.roles[role].name for role in member.roles)
                for member in server.members.values()
            },
            messages=self._messages(),
        )

    def _room(self, channel: Channel) -> str:
        parent = self._server.channels.get(channel.parent_id or 0)
        where = "" if parent is None else f" in {parent.name}"
        doors = sorted(map(self._door, channel.overwrites.values()))
        return f"{channel.type.name} {channel.name}{where}: {channel.topic} {'; '.join(doors)}"

    def _door(self, overwrite: Overwrite) -> str:
        kind = "@" if overwrite.type is OverwriteType.MEMBER else "@&"
        return f"{self._name(kind, overwrite.id)} +{overwrite.allow:x} -{overwrite.deny:x}"

    def _messages(self) -> dict[str, list[str]]:
        named: list[tuple[str, Channel]] = [
            *((channel.name, channel) for channel in self._server.channels.values()),
            *((f"DM {dm.recipients[0].name}", dm) for dm in self._state.dms.values()),
        ]
        found: dict[str, list[str]] = {}
        for name, channel in named:
            own = [self._message(m) for m in channel.history if m.author is self._state.bot]
            if own:
                found[name] = sorted(found.get(name, []) + own)
        return found

    def _message(self, message: Message) -> str:
        said = _MENTION.sub(lambda hit: self._name(hit[1], int(hit[2])), message.content)
        buttons = [_text_of(part) for part in walk(message.components)]
        pinged = sorted(user.name for user in message.mentions)
        return f"{_MOMENT.sub('<t>', said)} {[b for b in buttons if b]} {pinged}"

    def _name(self, kind: str, its_id: int) -> str:
        server, users = self._server, self._state.users
        names: Mapping[str, Callable[[], str]] = {
            "@&": lambda: server.roles[its_id].name,
            "@": lambda: users[its_id].name,
            "#": lambda: server.channels[its_id].name,
        }
        try:
            return f"<{kind}{names[kind]()}>"
        except KeyError:
            return f"<{kind}?>"


def _text_of(part: Mapping[str, Any]) -> str:
    """Return what a button or menu is for: the verb of its id, and what it says."""
    verb = str(part.get("custom_id") or "").partition(":")[0]
    return f"{verb} {part.get('label') or ''}".strip()
