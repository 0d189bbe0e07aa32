"""A group's rooms as the server has them: whoever should have a key has one, and nobody else.

Shares no code with the bot. The text room and the voice room of a group have the same keys; where a
room is only read, its people look and read, and only Hearth and those who keep the server safe may
write.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from demo.checked_rows import MAKES_READY, GroupRow
from sandbox.permissions import Permission
from sandbox.state import Channel, ChannelType, Overwrite, OverwriteType, Server

VIEW = int(Permission.VIEW_CHANNEL)
SEND = int(Permission.SEND_MESSAGES)
HISTORY = int(Permission.READ_MESSAGE_HISTORY)
CONNECT = int(Permission.CONNECT)


@dataclass(frozen=True, slots=True)
class Keys:
    """Who should have an entry in a group's rooms, by id."""

    bot: int
    safety: set[int]
    """Roles that exist."""
    lasting: set[int]
    """The group's role and siblings' whose door is open, or the people who live there."""
    visitors: set[int]
    shut: set[int] = field(default_factory=set[int])
    """People whom a sibling's open door must not let in."""
    untouched: set[int] = field(default_factory=set[int])
    """People who are left alone for now."""
    stays: set[int] = field(default_factory=set[int])
    """Entries that a person made in a room which was there before Hearth."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms of one server's groups."""

    server: Server
    categories: set[int]

    def differences(self, group: GroupRow, keys: Keys, *, adopted: bool) -> Iterator[str]:
        """Name what is wrong with a group's room, and with its voice room."""
        channel = self.server.channels.get(group.room_id or 0)
        if channel is None:
            yield f"{group.name}: no room"
        else:
            yield from self._room(group, group.name, channel, keys, adopted=adopted)
        voice = self.server.channels.get(group.voice_id or 0)
        if voice is not None:
            where = f"{group.name} (voice)"
            if voice.type is not ChannelType.VOICE:
                yield f"{where}: nobody can talk in it"
            yield from self._room(group, where, voice, keys, adopted=False)
        elif group.wants_voice and group.state in MAKES_READY:
            yield f"{group.name}: no voice room"

    def _room(
        self, group: GroupRow, where: str, channel: Channel, keys: Keys, *, adopted: bool
    ) -> Iterator[str]:
        if channel.parent_id not in self.categories and not adopted:
            yield f"{where}: the room stands in none of Hearth's categories"
        guards = {keys.bot, *keys.safety}
        opened = (keys.lasting | keys.visitors) - guards
        wanted = {self.server.id, *guards, *opened, *keys.shut} - keys.untouched
        found = channel.overwrites.keys() - keys.untouched - (keys.stays - wanted)
        for target in sorted(wanted ^ found, key=str):
            how = "stands in the room and should not" if target in found else "is missing"
            yield f"{where}: the overwrite for {target} {how}"
        everyone = channel.overwrites.get(self.server.id)
        if everyone is not None:
            yield from self._everyone(group, where, channel, everyone, adopted=adopted)
        for target in sorted(wanted & found - {self.server.id}, key=str):
            entry = channel.overwrites[target]
            if target in keys.shut - opened:
                if not entry.deny & VIEW or entry.allow & VIEW:
                    yield f"{where}: {target} must not come in, and may"
            else:
                reads = group.read_only and target in opened
                yield from self._key(channel, where, entry, reads=reads, adopted=adopted)
            if target in keys.visitors and not group.history and not entry.deny & HISTORY:
                yield f"{where}: the overwrite for {target} shows the history"
            is_member = target not in self.server.roles
            if (entry.type is OverwriteType.MEMBER) != is_member:
                yield f"{where}: the overwrite for {target} is of the wrong kind"

    def _everyone(
        self, group: GroupRow, where: str, channel: Channel, entry: Overwrite, *, adopted: bool
    ) -> Iterator[str]:
        if not entry.deny & VIEW:
            yield f"{where}: everyone sees the room"
        taken = _used_in(channel)
        if group.read_only and entry.deny & taken != taken:
            yield f"{where}: is only to be read, and everyone may write"
        if not group.read_only and not adopted and entry.deny & taken == taken:
            yield f"{where}: is not locked any more, and still is"

    def _key(
        self, channel: Channel, where: str, entry: Overwrite, *, reads: bool, adopted: bool
    ) -> Iterator[str]:
        """Say what is wrong with an overwrite that should let somebody in.

        Who was forbidden to write in a room before it was adopted still is.
        """
        whose = f"{where}: the overwrite for {entry.id}"
        if not entry.allow & VIEW or entry.deny & (VIEW if adopted else VIEW | SEND):
            yield f"{whose} does not open the room"
        taken = _used_in(channel)
        used = entry.allow & taken
        if reads and used:
            yield f"{whose} opens what is only to be read"
        if not reads and (used | (entry.deny if adopted else 0)) & taken != taken:
            yield f"{whose} lets somebody in who can do nothing there"


def _used_in(channel: Channel) -> int:
    """Return what people do in a room: write, or come in and talk."""
    return SEND | CONNECT if channel.type is ChannelType.VOICE else SEND
