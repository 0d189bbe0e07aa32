"""The model with a voice: what acts need to change it and to tell the gateway.

What the bot is told depends on what it may see. A change that opens or closes rooms for the bot is
wrapped in `watching`, which tells it about every room whose visibility changed.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sandbox import payloads, permissions
from sandbox.errors import error
from sandbox.faults import Fault
from sandbox.forms import read_snowflake
from sandbox.intents import Intent
from sandbox.permissions import Permission
from sandbox.state import AuditEntry, ChannelType, Thread
from sandbox.thread_payloads import thread_list, thread_payload

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sandbox.state import (
        AuditAction,
        Channel,
        Dispatcher,
        Member,
        Message,
        Server,
        State,
    )

_VIEW = int(Permission.VIEW_CHANNEL)


class World:
    """One sandbox's state and its gateway."""

    def __init__(self, state: State, gateway: Dispatcher) -> None:
        self.state = state
        self.gateway = gateway
        self.nonces: dict[tuple[int, str], tuple[float, Message]] = {}
        """Author and nonce to when (monotonic seconds) and what was sent; oldest first."""

    def permissions(self, member: Member, channel: Channel | None = None) -> int:
        """Return what a member may do now, in their server or in one of its channels."""
        server = self.state.servers[member.server_id]
        now = self.state.now()
        if channel is None:
            return permissions.server_permissions(server, member, now)
        return permissions.channel_permissions(server, member, channel, now)

    def need(self, member: Member, permission: int, channel: Channel | None = None) -> None:
        """Refuse with 50013 unless a member holds every bit; with 50001 in an unseen channel."""
        granted = self.permissions(member, channel)
        if channel is not None and not granted & _VIEW:
            raise error(50001)
        if granted & permission != permission:
            raise error(50013)

    def outage(self, params: Mapping[str, str]) -> Fault | None:
        """Return what Discord's edge says to a path about a server that has an outage."""
        guild, channel = params.get("guild_id"), params.get("channel_id")
        server: Server | None = None
        if guild is not None:
            server = self.state.servers.get(read_snowflake(guild) or 0)
        elif channel is not None:
            found = self.state.find_channel(read_snowflake(channel) or 0)
            server = None if found is None else self.state.server_of(found)
        return None if server is None or server.available else Fault(kind=server.outage_status)

    def bot_in(self, server: Server) -> Member | None:
        """Return the bot's membership of a server."""
        return server.members.get(self.state.bot.id)

    def bot_sees(self, channel: Channel) -> bool:
        """Return whether the bot may see a channel; a category also when it sees a room in it."""
        if channel.server_id is None:
            return True
        server = self.state.servers[channel.server_id]
        bot = self.bot_in(server)
        if bot is None:
            return False
        if self.permissions(bot, channel) & _VIEW:
            return True
        return channel.type is ChannelType.CATEGORY and any(
            self.permissions(bot, child) & _VIEW
            for child in server.channels.values()
            if child.parent_id == channel.id
        )

    def visible(self, server: Server) -> set[int]:
        """Return the ids of a server's channels that the bot may see."""
        bot = self.bot_in(server)
        if bot is None:
            return set()
        seen = {c.id for c in server.channels.values() if self.permissions(bot, c) & _VIEW}
        parents = {server.channels[key].parent_id for key in seen}
        return seen | {parent for parent in parents if parent is not None}

    @contextmanager
    def watching(
        self, server: Server, *, relevant: bool = True, told: Channel | None = None
    ) -> Generator[None]:
        """Tell the bot of every room that the enclosed change opened or closed for it.

        `relevant` says whether the change can do that at all; `told` is a room that the change
        itself tells about.
        """
        if not relevant:
            yield
            return
        before = self.visible(server)
        existed = set(server.channels)
        yield
        after = self.visible(server)
        for channel_id in sorted(before ^ after):
            channel = server.channels.get(channel_id)
            if channel is not None and channel is not told and channel_id in existed:
                self.emit_channel("CHANNEL_UPDATE", channel)
        opened = (after - before) & existed
        if opened and server.threads:
            self._sync_threads(server, opened)

    def _sync_threads(self, server: Server, rooms: set[int]) -> None:
        """Tell the bot of the active threads in rooms that have just opened for it."""
        found = [
            thread
            for thread in server.threads.values()
            if thread.parent_id in rooms and not thread.archived and self.bot_sees(thread)
        ]
        data = {
            "guild_id": str(server.id),
            "channel_ids": [str(room_id) for room_id in sorted(rooms)],
            **thread_list(found, self.state.bot.id),
        }
        self.emit("THREAD_LIST_SYNC", data, Intent.GUILDS, server)

    def concerns_bot(self, server: Server, target_id: int) -> bool:
        """Return whether a role or account id has a say in what the bot may do."""
        bot = self.bot_in(server)
        return bot is not None and (target_id in {server.id, bot.user.id} or target_id in bot.roles)

    def emit(
        self, event: str, data: object, intent: Intent | None, server: Server | None = None
    ) -> None:
        """Hand an event to the gateway."""
        self.gateway.dispatch(event, cast("dict[str, Any]", data), intent=intent, server=server)

    def emit_channel(self, event: str, channel: Channel) -> None:
        """Tell about a channel, as much as the bot may know; nothing of a thread it cannot see."""
        assert channel.server_id is not None
        if isinstance(channel, Thread):
            if self.bot_sees(channel):
                told = thread_payload(channel, viewer_id=self.state.bot.id)
                self.emit(event, told, Intent.GUILDS, self.state.servers[channel.server_id])
            return
        data = payloads.channel_payload(channel, visible=self.bot_sees(channel))
        self.emit(event, data, Intent.GUILDS, self.state.servers[channel.server_id])

    def emit_deleted_channel(self, channel: Channel, *, visible: bool) -> None:
        """Tell that a channel is gone, in the form in which the bot knew it."""
        assert channel.server_id is not None
        data = payloads.channel_payload(channel, visible=visible)
        self.emit("CHANNEL_DELETE", data, Intent.GUILDS, self.state.servers[channel.server_id])

    def audit(
        self,
        server: Server,
        actor: Member,
        action: AuditAction,
        target_id: int | None,
        *,
        reason: str | None = None,
        changes: list[dict[str, Any]] | None = None,
        options: dict[str, str] | None = None,
    ) -> None:
        """Write a line into a server's audit log and tell the bot, if it may read it."""
        entry = AuditEntry(
            self.state.snowflake(),
            action,
            actor.user.id,
            target_id,
            reason,
            changes or [],
            options or {},
        )
        server.audit_log.append(entry)
        bot = self.bot_in(server)
        if bot is not None and self.permissions(bot) & Permission.VIEW_AUDIT_LOG:
            data = {**payloads.audit_entry_payload(entry), "guild_id": str(server.id)}
            self.emit("GUILD_AUDIT_LOG_ENTRY_CREATE", data, Intent.GUILD_MODERATION, server)


def change(key: str, old: object, new: object) -> list[dict[str, Any]]:
    """Return an audit log change as a list of one, or of none where nothing changed."""
    if old == new:
        return []
    entry: dict[str, Any] = {"key": key}
    if old is not None:
        entry["old_value"] = old
    if new is not None:
        entry["new_value"] = new
    return [entry]
