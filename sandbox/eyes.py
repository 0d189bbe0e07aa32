"""What a session of the bot is shown: which events, and how much of them.

Discord sends a bot nothing that happens in rooms it cannot see, hides the content of messages
from applications without the content intent, and lists in GUILD_CREATE only the bot itself
and who is in a voice room unless the presences intent was asked for (Discord's docs, Gateway
Intents and Guild Create).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox import payloads
from sandbox.event_payloads import event_payload
from sandbox.intents import Intent
from sandbox.permissions import Permission, channel_permissions
from sandbox.thread_payloads import thread_payload

if TYPE_CHECKING:
    from discord.types import gateway

    from sandbox.session import Session
    from sandbox.state import Member, Server, State

_WITH_CONTENT = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE"})

_IN_A_ROOM = frozenset(
    {
        "MESSAGE_CREATE",
        "MESSAGE_UPDATE",
        "MESSAGE_DELETE",
        "MESSAGE_DELETE_BULK",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "MESSAGE_REACTION_REMOVE_ALL",
        "MESSAGE_REACTION_REMOVE_EMOJI",
        "CHANNEL_PINS_UPDATE",
        "TYPING_START",
    }
)

_VIEW = int(Permission.VIEW_CHANNEL)

CHUNK = 1000
"""Members in one GUILD_MEMBERS_CHUNK (Discord's docs, Request Guild Members)."""

LONGEST_NONCE = 32
"""Bytes of a request's nonce; a longer one is ignored (same place)."""

FOUND_AT_MOST = 100
"""Members that a request by prefix or by ids may ask for (same place)."""


class Eyes:
    """The bot's view of the state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def may_hear(self, event: str, data: dict[str, Any], server: Server | None) -> bool:
        """Return whether an event reaches the bot at all."""
        if server is None:
            return True
        bot = server.members.get(self._state.bot.id)
        if bot is None or not server.available:
            return False
        if event not in _IN_A_ROOM:
            return True
        channel = self._state.find_channel(int(data["channel_id"]))
        return channel is None or bool(
            channel_permissions(server, bot, channel, self._state.now()) & _VIEW
        )

    @staticmethod
    def about(event: str, data: dict[str, Any], server: Server | None) -> int | None:
        """Return which server an event is about; None for DMs and what concerns no server."""
        if server is not None:
            return server.id
        told = data.get("id") if event == "GUILD_DELETE" else data.get("guild_id")
        return None if told is None else int(told)

    def hides(self, event: str, data: dict[str, Any]) -> bool:
        """Return whether an event says less to a session without the content intent."""
        return event in _WITH_CONTENT and "guild_id" in data

    def stripped(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return a message event without what others wrote."""
        return payloads.without_content(data, self._state.bot.id)

    def servers(self) -> list[Server]:
        """Return the servers that the bot is in."""
        bot_id = self._state.bot.id
        return [server for server in self._state.servers.values() if bot_id in server.members]

    def ready(self, session: Session, url: str, servers: list[Server]) -> dict[str, Any]:
        """Return the first event of a session."""
        application = self._state.application
        ready: gateway.ReadyEvent = {
            "v": 10,
            "user": payloads.own_user_payload(self._state.bot),
            "guilds": [{"id": str(server.id), "unavailable": True} for server in servers],
            "session_id": session.id,
            "resume_gateway_url": url,
            "shard": [*session.shard],
            "application": {"id": str(application.id), "flags": application.flags},
        }
        return cast("dict[str, Any]", ready)

    def server(self, server: Server, session: Session, huge_from: int) -> dict[str, Any]:
        """Return a server as GUILD_CREATE tells it to a session.

        With more than `huge_from` members it lists only who is in voice, whatever the intents.
        """
        now = self._state.now()
        bot = server.members[self._state.bot.id]
        visible = {
            channel.id
            for channel in server.channels.values()
            if channel_permissions(server, bot, channel, now) & _VIEW
        }
        # A category is seen by whoever sees one of its rooms.
        visible |= {
            channel.parent_id
            for channel in server.channels.values()
            if channel.id in visible and channel.parent_id is not None
        }
        intents = session.intents
        large = len(server.members) > session.large_threshold
        all_listed = (
            intents & Intent.GUILD_PRESENCES
            and intents & Intent.GUILD_MEMBERS
            and not large
            and len(server.members) <= huge_from
        )
        listed = server.members.values() if all_listed else _self_and_voice(server, bot)
        told = cast(
            "dict[str, Any]",
            payloads.guild_create_payload(
                self._state, server, members=listed, visible=visible, large=large
            ),
        )
        told["threads"] = [
            thread_payload(thread, viewer_id=bot.user.id)
            for thread in server.threads.values()
            if not thread.archived and channel_permissions(server, bot, thread, now) & _VIEW
        ]
        told["guild_scheduled_events"] = [
            event_payload(event)
            for event in server.events.values()
            if event.channel_id is None or event.channel_id in visible
        ]
        return told

    def chunks(self, server: Server, request: dict[str, Any], intents: int) -> list[dict[str, Any]]:
        """Return GUILD_MEMBERS_CHUNK events for a request; none where an intent is missing."""
        found, not_found = self._members(server, request, intents)
        if found is None:
            return []
        count = max(1, -(-len(found) // CHUNK))
        chunks: list[dict[str, Any]] = []
        for index in range(count):
            part = found[index * CHUNK : (index + 1) * CHUNK]
            chunk: gateway.GuildMembersChunkEvent = {
                "guild_id": str(server.id),
                "members": [payloads.member_payload(member) for member in part],
                "chunk_index": index,
                "chunk_count": count,
                "not_found": [str(user_id) for user_id in not_found],
            }
            told = cast("dict[str, Any]", chunk)
            if request.get("presences") and intents & Intent.GUILD_PRESENCES:
                told["presences"] = []
            nonce = request.get("nonce")
            if isinstance(nonce, str) and len(nonce.encode()) <= LONGEST_NONCE:
                told["nonce"] = nonce
            chunks.append(told)
        return chunks

    @staticmethod
    def _members(
        server: Server, request: dict[str, Any], intents: int
    ) -> tuple[list[Member] | None, list[int]]:
        asked = request.get("user_ids")
        if asked is not None:
            many = cast("list[Any]", asked) if isinstance(asked, list) else [asked]
            ids = [int(one) for one in many[:FOUND_AT_MOST]]
            found = [server.members[one] for one in ids if one in server.members]
            return found, [one for one in ids if one not in server.members]
        query = str(request.get("query", "")).casefold()
        limit = int(request.get("limit", 0))
        if not query and limit == 0:
            if not intents & Intent.GUILD_MEMBERS:
                return None, []
            return list(server.members.values()), []
        found = [
            member
            for member in server.members.values()
            if member.user.name.casefold().startswith(query)
            or (member.nick or member.user.global_name or "").casefold().startswith(query)
        ]
        return found[: min(limit, FOUND_AT_MOST) or FOUND_AT_MOST], []


def _self_and_voice(server: Server, bot: Member) -> list[Member]:
    listening = [
        member
        for member in server.members.values()
        if member.voice_channel_id is not None and member is not bot
    ]
    return [bot, *listening]


def asks_for_everyone(request: dict[str, Any]) -> bool:
    """Return whether a request for members is for the whole list, which is rate limited."""
    return (
        request.get("user_ids") is None
        and not request.get("query")
        and not int(request.get("limit", 0))
    )
