"""What arrives from the gateway, where discord.py trusts it more than it deserves.

Events may come twice: a message would be counted twice, a press answered twice. A server that comes
back from an outage is introduced anew, but what was deleted and who left meanwhile would stay in
discord.py's cache for ever. A request for the member list that Discord finds too early is refused
by an event that discord.py does not know: its caller would wait for ever. And where the connection
breaks while a session gets ready, and is resumed, nobody would ever say that it is ready.

`Arrivals` stands between the connection and discord.py's own parsers and puts that right.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Generator, Hashable
from contextlib import contextmanager
from typing import Any, cast

import aiohttp
import discord

log = logging.getLogger(__name__)

REMEMBERED = 2_000  # events of one kind; those that come twice come soon after another
REQUEST_MEMBERS = 8  # the gateway's opcode
MEMBERS = ("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE")
ROLES = ("GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE")
CHANNELS = ("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE")

Parser = Callable[[dict[str, Any]], None]


class Recent:
    """The last keys of one kind, as hashes: nobody can read from them who did what."""

    __slots__ = ("_keys", "_order")

    def __init__(self) -> None:
        self._keys: set[int] = set()
        self._order: deque[int] = deque()

    def is_new(self, key: Hashable) -> bool:
        """Return whether a key was not among the last, and remember it."""
        hashed = hash(key)
        if hashed in self._keys:
            return False
        self._keys.add(hashed)
        self._order.append(hashed)
        if len(self._order) > REMEMBERED:
            self._keys.discard(self._order.popleft())
        return True


class Arrivals:
    """Wraps the parsers of one client; made before it connects."""

    def __init__(self, client: discord.Client) -> None:
        self._state: Any = cast("Any", client)._connection  # noqa: SLF001 - discord.py hands its parsers out nowhere
        self._parsers: dict[str, Parser] = self._state.parsers
        self._touched: dict[int, set[int]] = {}
        self.comparing = asyncio.Lock()
        """Held while one server is compared: beside another, neither would hear of everything."""
        self.miscounted: dict[int, frozenset[tuple[int, int]]] = {}
        """By server: roles of which Discord counts other members than it lists, and how many."""
        self._asking: set[asyncio.Task[None]] = set()
        self._wrap("MESSAGE_CREATE", _once(lambda data: data["id"]))
        self._wrap("INTERACTION_CREATE", _once(lambda data: data["id"]))
        self._wrap("INTERACTION_CREATE", self._meeting)
        self._wrap("MESSAGE_REACTION_ADD", _once(_reaction))
        self._wrap("GUILD_CREATE", self._anew)
        for event in MEMBERS:
            self._wrap(event, self._counting)
            self._wrap(event, self._noting(lambda data: data["user"]["id"]))
        for event in ROLES:
            self._wrap(event, self._noting(lambda d: d.get("role_id") or d["role"]["id"]))
        for event in CHANNELS:
            self._wrap(event, self._noting(lambda data: data["id"]))
        self._parsers["RATE_LIMITED"] = self._refused
        self._getting_ready: asyncio.Task[None] | None = None
        self._wrap("READY", self._beginning)
        self._wrap("RESUMED", self._going_on)

    def watch(self, seen: Callable[[str, dict[str, Any]], None]) -> None:
        """Have `seen` called with every event and what it holds, before it is taken in."""

        def watched(event: str, parse: Parser) -> Parser:
            def see(data: dict[str, Any]) -> None:
                seen(event, data)
                parse(data)

            return see

        for event, parse in list(self._parsers.items()):
            self._parsers[event] = watched(event, parse)

    def replay(self, event: str, data: dict[str, Any]) -> None:
        """Let an event take place that never arrived."""
        self._parsers[event](data)

    def complete(self, guild: discord.Guild) -> None:
        """Take in that everybody in a server is in the cache, however they were counted."""
        known: Any = guild
        known._member_count = len(known._members)  # noqa: SLF001 - nothing else sets it

    @contextmanager
    def noting(self, server_id: int) -> Generator[set[int]]:
        """Collect which members, roles and channels of a server events are about meanwhile."""
        touched: set[int] = set()
        self._touched[server_id] = touched
        try:
            yield touched
        finally:
            if self._touched.get(server_id) is touched:
                del self._touched[server_id]

    def _wrap(self, event: str, around: Callable[[Parser], Parser]) -> None:
        self._parsers[event] = around(self._parsers[event])

    def _guild(self, data: dict[str, Any], key: str = "guild_id") -> Any:
        return self._state._get_guild(int(data[key])) if data.get(key) else None  # noqa: SLF001 - as above

    def _noting(self, which: Callable[[dict[str, Any]], str]) -> Callable[[Parser], Parser]:
        def around(parse: Parser) -> Parser:
            def noted(data: dict[str, Any]) -> None:
                if self._touched:
                    touched = self._touched.get(int(data.get("guild_id") or 0))
                    if touched is not None:
                        touched.add(int(which(data)))
                parse(data)

            return noted

        return around

    def _counting(self, parse: Parser) -> Parser:
        """Keep a complete member list complete: who is counted twice makes it look incomplete."""

        def counted(data: dict[str, Any]) -> None:
            guild = self._guild(data)
            complete = guild is not None and guild.chunked
            parse(data)
            if guild is not None and complete:
                self.complete(guild)

        return counted

    def _meeting(self, parse: Parser) -> Parser:
        """Take in somebody of whose coming nothing was heard: here they are."""

        def met(data: dict[str, Any]) -> None:
            guild, member = self._guild(data), data.get("member")
            if (
                guild is not None
                and member is not None
                and guild.chunked
                and guild.get_member(int(member["user"]["id"])) is None
            ):
                self.replay("GUILD_MEMBER_ADD", {**member, "guild_id": data["guild_id"]})
            parse(data)

        return met

    def _anew(self, parse: Parser) -> Parser:
        """Empty what is known of a server before it is introduced anew."""

        def introduced(data: dict[str, Any]) -> None:
            guild = None if data.get("unavailable") is True else self._guild(data, "id")
            if guild is not None:
                for known in ("_channels", "_members", "_threads", "_voice_states"):
                    setattr(guild, known, {})
            parse(data)

        return introduced

    def _beginning(self, parse: Parser) -> Parser:
        def begun(data: dict[str, Any]) -> None:
            parse(data)
            self._getting_ready = self._state._ready_task  # noqa: SLF001 - as above

        return begun

    def _going_on(self, parse: Parser) -> Parser:
        """Get ready once more, where asking for the members failed with the connection."""

        def resumed(data: dict[str, Any]) -> None:
            parse(data)
            task = self._getting_ready
            if task is not None and task.done() and not task.cancelled() and task.exception():
                again = asyncio.get_running_loop().create_task(self._state._delay_ready())  # noqa: SLF001 - as above
                self._state._ready_task = self._getting_ready = again  # noqa: SLF001 - as above

        return resumed

    def _refused(self, data: dict[str, Any]) -> None:
        """Ask for a server's members again when Discord says that it was too early."""
        if data.get("opcode") != REQUEST_MEMBERS:
            return
        meta: dict[str, Any] = data.get("meta") or {}
        asking = asyncio.get_running_loop().create_task(
            self._ask_again(int(meta["guild_id"]), meta.get("nonce"), float(data["retry_after"]))
        )
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def _ask_again(self, server_id: int, nonce: str | None, after: float) -> None:
        await asyncio.sleep(after)
        request = self._state._chunk_requests.get(server_id)  # noqa: SLF001 - as above
        if request is None or request.nonce != nonce:
            return  # a new session has begun, and asks by itself
        try:
            await self._state.chunker(server_id, nonce=nonce)
        except (ConnectionError, aiohttp.ClientError, discord.ConnectionClosed):
            log.info("The connection was lost before server %s could be asked again.", server_id)

    def forget_request(self, server_id: int) -> None:
        """Forget a request for the member list whose answer was lost with its connection.

        discord.py would wait for it instead of asking again.
        """
        request = self._state._chunk_requests.pop(server_id, None)  # noqa: SLF001 - as above
        if request is not None:
            request.done()


def _once(key: Callable[[dict[str, Any]], Hashable]) -> Callable[[Parser], Parser]:
    def around(parse: Parser) -> Parser:
        recent = Recent()

        def once(data: dict[str, Any]) -> None:
            if recent.is_new(key(data)):
                parse(data)

        return once

    return around


def _reaction(data: dict[str, Any]) -> Hashable:
    emoji = data["emoji"]
    return data["message_id"], data["user_id"], emoji.get("id") or emoji.get("name")
