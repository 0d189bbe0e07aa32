"""What a server and the tables look like, in words that do not depend on ids or on the clock.

Two runs of the same story must end in equal snapshots, whether or not the bot was killed on the
way. Everything is listed one by one, so that two of a kind differ from one. Nothing is left out of
the tables but what `rows` names.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.components import walk
from sandbox.state import Channel, Message, Overwrite, OverwriteType, Role, Server, State, Thread

_MENTION = re.compile(r"<(@&|@|#)(\d+)>")
_MOMENT = re.compile(r"<t:\d+(:\w)?>")

Snapshot = dict[str, list[str]]
"""What was looked at ("roles", "room: 🔥-riverside", "table: groups") to what was seen there."""


def differences(expected: Snapshot, found: Snapshot) -> list[str]:
    """Return what is missing (-) and what is too much (+), each under its heading."""
    lines: list[str] = []
    for heading in sorted(expected.keys() | found.keys()):
        wanted, seen = Counter(expected.get(heading, ())), Counter(found.get(heading, ()))
        here = [f"  - {line}" for line in sorted((wanted - seen).elements())]
        here += [f"  + {line}" for line in sorted((seen - wanted).elements())]
        if here:
            lines += [heading, *here]
    return lines


def server_snapshot(state: State, server: Server) -> Snapshot:
    """Look at a server: its roles, rooms, members, and what Hearth has said in it."""
    return _Look(state, server).snapshot()


def names(state: State, server: Server) -> tuple[dict[int, str], dict[str, str]]:
    """Return what to call everything that has an id, and messages by their nonces."""
    found = {server.id: "<server>"}
    found |= {user.id: f"<@{user.name}>" for user in state.users.values()}
    roles = (role for role in server.roles.values() if role.id != server.id)
    found |= {role.id: f"<@&{role.name}>" for role in roles}
    nonces: dict[str, str] = {}
    look = _Look(state, server)
    for where, channel in look.rooms():
        found[channel.id] = f"<#{where}>"
    for where, channel in look.rooms():
        for message in channel.history:
            said = " ".join(look.said(message).split())
            found[message.id] = f"<message in {where}: {said[:60]}>"
            if message.nonce is not None:
                nonces[str(message.nonce)] = found[message.id]
    return found, nonces


class _Look:
    def __init__(self, state: State, server: Server) -> None:
        self._state = state
        self._server = server

    def snapshot(self) -> Snapshot:
        server = self._server
        members = {
            member.user.name: sorted(server.roles[role].name for role in member.roles)
            for member in server.members.values()
        }
        return {
            "roles": [self._role(role) for role in server.roles.values()],
            "rooms": [self._room(channel) for channel in server.channels.values()],
            "members": [f"{name}: {', '.join(roles)}" for name, roles in members.items()],
            "threads": [self._thread(thread) for thread in server.threads.values()],
            **self._messages(),
        }

    def rooms(self) -> Iterator[tuple[str, Channel]]:
        """Yield every room and thread, and people's direct messages, by name."""
        for channel in self._server.channels.values():
            yield channel.name, channel
        for thread in self._server.threads.values():
            yield self._called(thread), thread
        for dm in self._state.dms.values():
            yield f"DM {dm.recipients[0].name}", dm

    def _role(self, role: Role) -> str:
        flags = f"hoist={role.hoist} mentionable={role.mentionable}"
        return f"{role.name}: {role.color:06x} {role.permissions:x} {flags}"

    def _room(self, channel: Channel) -> str:
        parent = self._server.channels.get(channel.parent_id or 0)
        where = "" if parent is None else f" in {parent.name}"
        doors = sorted(map(self._door, channel.overwrites.values()))
        return f"{channel.type.name} {channel.name}{where}: {channel.topic} {'; '.join(doors)}"

    def _called(self, thread: Thread) -> str:
        return f"{self._server.channels[thread.parent_id or 0].name}: {thread.name}"

    def _thread(self, thread: Thread) -> str:
        inside = sorted(self._state.users[user].name for user in thread.members)
        state = f"archived={thread.archived} locked={thread.locked}"
        return f"{thread.type.name} {self._called(thread)}: {', '.join(inside)} {state}"

    def _door(self, overwrite: Overwrite) -> str:
        kind = "@" if overwrite.type is OverwriteType.MEMBER else "@&"
        return f"{self._name(kind, overwrite.id)} +{overwrite.allow:x} -{overwrite.deny:x}"

    def _messages(self) -> Snapshot:
        found: Snapshot = {}
        for name, channel in self.rooms():
            own = [self._message(m) for m in channel.history if m.author is self._state.bot]
            if own:
                found.setdefault(f"messages in {name}", []).extend(own)
        return found

    def said(self, message: Message) -> str:
        """Return a message's words, with names for mentions."""
        said = _MENTION.sub(lambda hit: self._name(hit[1], int(hit[2])), message.content)
        return _MOMENT.sub("<t>", said)

    def _message(self, message: Message) -> str:
        buttons = [text for text in map(_text_of, walk(message.components)) if text]
        pinged = sorted(user.name for user in message.mentions)
        marks = sorted(
            f"{emoji} {len(reaction.users)}" for emoji, reaction in message.reactions.items()
        )
        held = "" if message.pinned_at is None else " pinned"
        return f"{self.said(message)!r} {buttons} pings {pinged} {marks}{held}"

    def _name(self, kind: str, its_id: int) -> str:
        server, users = self._server, self._state.users
        called: Mapping[str, Callable[[], str]] = {
            "@&": lambda: server.roles[its_id].name,
            "@": lambda: users[its_id].name,
            "#": lambda: server.channels[its_id].name,
        }
        try:
            return f"<{kind}{called[kind]()}>"
        except KeyError:
            return f"<{kind}?>"


def _text_of(part: Mapping[str, Any]) -> str:
    """Return what a button or menu is for: the verb of its id, and what it says."""
    verb = str(part.get("custom_id") or "").partition(":")[0]
    return f"{verb} {part.get('label') or ''}".strip()
