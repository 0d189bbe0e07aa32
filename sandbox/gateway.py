"""The gateway: sessions that hear every event once, in order, over connections that may break.

A client that comes back with RESUME misses nothing (`session.py`); one that stays away too long, or
missed too much, is told to begin anew. What a connection may say stands in `protocol.py`, what a
session is shown of an event in `eyes.py`, what may go wrong on order in `gatewayfaults.py`.
"""

from __future__ import annotations

import json
import secrets
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sandbox.eyes import Eyes
from sandbox.gatewayfaults import GatewayFaults
from sandbox.intents import Intent
from sandbox.protocol import Close, GatewayProtocol
from sandbox.record import recorder
from sandbox.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp import web

    from sandbox.connection import Connection
    from sandbox.gatewayfaults import GatewayFault
    from sandbox.state import Server, State

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode

RESUME_WITHIN = 180.0
"""Real seconds that a session waits for its client to come back (no figure is published)."""

HELLO_EVERY = 41.25
"""Seconds between two heartbeats, as Discord asks for today."""

SERVERS_PER_SHARD = 2500
"""With more servers a bot must use more shards (Discord's docs, Sharding)."""

HUGE_FROM = 75_000
"""Members from which GUILD_CREATE lists only who is in voice (Discord's docs, Guild Create)."""


class Gateway:
    """Every session of the bot, and the way to reach them all.

    The switches for privileged intents in Discord's developer portal are `allow_members_intent`,
    `allow_content_intent` and `allow_presences_intent`.
    """

    def __init__(self, state: State, *, time_scale: float = 1.0, seed: int = 0) -> None:
        self.allow_presences_intent = False
        self.faults = GatewayFaults(seed)
        self.recorder = recorder()
        """Writes down what is told; None for nobody."""
        self.heartbeat_interval = HELLO_EVERY
        """Real seconds; for connections that are opened from now on."""
        self.servers_per_shard = SERVERS_PER_SHARD
        self.huge_from = HUGE_FROM
        self.state = state
        self.time_scale = time_scale
        self.url = ""
        """The address that clients resume at; set when the sandbox listens."""
        self.sessions: dict[str, Session] = {}
        self.dispatched = 0
        """Events dispatched so far, heard or not."""
        self._members_asked: dict[int, float] = {}
        self._eyes = Eyes(state)
        self._connections: set[Connection] = set()
        self._unwelcomed: list[Connection] = []
        self._down = False
        state.entrance.time_scale = time_scale

    @property
    def allow_members_intent(self) -> bool:
        """Whether a client may ask for the members intent."""
        return self.state.application.members_intent

    @allow_members_intent.setter
    def allow_members_intent(self, allowed: bool) -> None:
        self.state.application.members_intent = allowed

    @property
    def allow_content_intent(self) -> bool:
        """Whether a client may ask for the message content intent."""
        return self.state.application.content_intent

    @allow_content_intent.setter
    def allow_content_intent(self, allowed: bool) -> None:
        self.state.application.content_intent = allowed

    # --- limits ---------------------------------------------------------------------------------

    @property
    def shards(self) -> int:
        """How many shards Discord recommends."""
        return self.state.entrance.shards

    @shards.setter
    def shards(self, count: int) -> None:
        self.state.entrance.shards = count

    @property
    def max_concurrency(self) -> int:
        """How many shards may identify within `identify_period`."""
        return self.state.entrance.max_concurrency

    @max_concurrency.setter
    def max_concurrency(self, count: int) -> None:
        self.state.entrance.max_concurrency = count

    @property
    def identify_period(self) -> float:
        """Seconds, divided by the time scale, between two identifies; 0 asks for no wait."""
        return self.state.entrance.concurrency_period

    @identify_period.setter
    def identify_period(self, seconds: float) -> None:
        self.state.entrance.concurrency_period = seconds

    @property
    def identify_total(self) -> int:
        """How often sessions may begin within a day; one more, and the token is reset."""
        return self.state.entrance.total

    @identify_total.setter
    def identify_total(self, count: int) -> None:
        self.state.entrance.total = count

    @property
    def identifies_left(self) -> int:
        """How many of those are left."""
        return self.state.entrance.left

    # --- events ---------------------------------------------------------------------------------

    def dispatch(
        self, event: str, data: dict[str, Any], *, intent: Intent | None, server: Server | None
    ) -> None:
        """Send an event to every session that asked for `intent` (None: to all).

        Nothing is sent of a server that the bot has left or of a channel that it cannot see.
        """
        self.dispatched += 1
        if not self.sessions or not self._eyes.may_hear(event, data, server):
            return
        self._forget_parted()
        server_id = self._eyes.about(event, data, server)
        listening = [
            session
            for session in self.sessions.values()
            if (intent is None or session.intents & intent) and session.serves(server_id)
        ]
        if listening and self.recorder is not None:
            self.recorder.hear(event, data)
        fault: GatewayFault | None = None
        if self.faults and listening:
            holding = any(session.holds for session in listening)
            fault = self.faults.strike(event, holding=holding)
        if fault is not None and fault.kind == "lost":
            return
        whole = stripped = ""
        for session in listening:
            if session.intents & Intent.MESSAGE_CONTENT or not self._eyes.hides(event, data):
                encoded = whole = whole or _encode(data)
            else:
                encoded = stripped = stripped or _encode(self._eyes.stripped(data))
            if fault is None:
                session.send(event, encoded)
            elif fault.kind == "duplicated":
                session.send(event, encoded)
                session.send(event, encoded)
            else:
                session.send_late(event, encoded, fault.by)

    def tell(self, session: Session, event: str, data: dict[str, Any]) -> None:
        """Send an event to one session alone."""
        session.send(event, _encode(data))

    def announce(self, server: Server) -> None:
        """Tell every session that the bot was added to a server just now."""
        self._introduce(server, {})

    def _introduce(self, server: Server, more: dict[str, Any]) -> None:
        self.dispatched += 1
        for session in self.sessions.values():
            if session.intents & Intent.GUILDS and session.serves(server.id):
                data = self._eyes.server(server, session, self.huge_from)
                self.tell(session, "GUILD_CREATE", {**data, **more})

    def take_away(self, server: Server) -> None:
        """Let Discord itself lose a server: nobody reaches it, and nothing is heard of it."""
        if not server.available:
            return
        server.available = False
        self.faults.struck["outage"] += 1
        self.dispatched += 1
        for session in self.sessions.values():
            if session.intents & Intent.GUILDS and session.serves(server.id):
                gone = {"id": str(server.id), "unavailable": True}
                self.tell(session, "GUILD_DELETE", gone)

    def bring_back(self, server: Server) -> None:
        """End a server's outage: it is introduced anew, with all that changed meanwhile."""
        if server.available:
            return
        server.available = True
        if self.state.bot.id in server.members:
            self._introduce(server, {"unavailable": False})

    # --- what is open ---------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether every dispatched event has left the sandbox."""
        return all(connection.idle for connection in self._connections) and not any(
            session.holds for session in self.sessions.values()
        )

    @property
    def connected(self) -> bool:
        """Whether a session is connected right now."""
        return any(session.connection is not None for session in self.sessions.values())

    @property
    def is_down(self) -> bool:
        """Whether nobody gets in now (see `down`)."""
        return self._down

    def sequence(self, session_id: str) -> int | None:
        """Return the number of a connected session's last event; None if it is not connected."""
        session = self.sessions.get(session_id)
        return None if session is None or session.connection is None else session.sequence

    def open_session(
        self,
        connection: Connection,
        intents: int,
        *,
        large_threshold: int = 50,
        shard: tuple[int, int] = (0, 1),
    ) -> None:
        """Open a session for a client that has identified itself: READY, then every server."""
        session = Session(connection, intents, large_threshold=large_threshold, shard=shard)
        self.sessions[session.id] = session
        connection.session = session
        servers = [server for server in self._eyes.servers() if session.serves(server.id)]
        self.tell(session, "READY", self._eyes.ready(session, self.url, servers))
        if intents & Intent.GUILDS:
            for server in servers:
                if not server.available:
                    continue
                data = self._eyes.server(server, session, self.huge_from)
                self.tell(session, "GUILD_CREATE", {**data, "unavailable": False})

    def resume(self, connection: Connection, session_id: str, sequence: int) -> bool:
        """Give a session its new connection and what it missed; False: it must identify anew."""
        self._forget_parted()
        session = self.sessions.get(session_id)
        missed = None if session is None else session.missed(sequence)
        if session is None or missed is None:
            return False
        if session.connection is not None:
            session.connection.session = None
            session.connection.reset()
        session.connection = connection
        connection.session = session
        for frame in missed:
            connection.push(frame)
        session.send("RESUMED", '{"_trace":[]}')
        return True

    def wait_for_members(self, server: Server, period: float) -> float:
        """Return the seconds until a server's whole member list may be asked for; 0: now, counted.

        `period` is how long (seconds) one request keeps the next from being answered.
        """
        now = time.monotonic()
        wait = self._members_asked.get(server.id, -period) + period - now
        if wait > 0:
            return wait
        self._members_asked[server.id] = now
        return 0.0

    def send_members(self, session: Session, server: Server, request: dict[str, Any]) -> None:
        """Answer a request for a server's members in chunks."""
        for chunk in self._eyes.chunks(server, request, session.intents):
            self.tell(session, "GUILD_MEMBERS_CHUNK", chunk)

    # --- connections ----------------------------------------------------------------------------

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one client from its first to its last byte."""
        return await GatewayProtocol(self, request).run()

    def opened(self, connection: Connection) -> None:
        """Take note of a new connection, and greet it unless nobody gets in now."""
        self._connections.add(connection)
        if self._down:
            self._unwelcomed.append(connection)
        else:
            self._greet(connection)

    def _greet(self, connection: Connection) -> None:
        interval = int(self.heartbeat_interval * 1000)
        connection.push(f'{{"op":10,"s":null,"t":null,"d":{{"heartbeat_interval":{interval}}}}}')

    def closed(self, connection: Connection, *, cleanly: bool) -> None:
        """Take note that a connection ended; a clean good-bye ends its session too."""
        self._connections.discard(connection)
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        session.parted_at = time.monotonic()
        if cleanly:
            self.sessions.pop(session.id, None)

    def drop(self, resumable: bool, *, politely: bool = False) -> None:
        """Break every connection: with a reset, or `politely` with RECONNECT / INVALID_SESSION.

        Sessions that are not `resumable` are forgotten; events until the client has identified
        itself anew are lost to it.
        """
        self.faults.struck["drop-resumed" if resumable else "drop-lost"] += 1
        if not resumable:
            self.sessions.clear()
        for connection in list(self._connections):
            if connection.session is None:
                continue
            if not resumable:
                connection.session = None
            if politely:
                connection.push('{"op":7,"d":null}' if resumable else '{"op":9,"d":false}')
            else:
                connection.reset()

    def invalidate(self, resumable: bool) -> None:
        """Tell every session that it is invalid; one that is `resumable` may come back as it is."""
        if not resumable:
            self.drop(resumable=False, politely=True)
            return
        self.faults.struck["drop-resumed"] += 1
        for connection in self._connections:
            if connection.session is not None:
                connection.push('{"op":9,"d":true}')

    @asynccontextmanager
    async def down(self, *, resumable: bool = False) -> AsyncGenerator[None]:
        """Drop every connection and let nobody in while the block lasts.

        What happens meanwhile is lost to every client, or replayed where sessions are `resumable`.
        Who connects waits for HELLO.
        """
        self._down = True
        self.drop(resumable)
        try:
            yield
        finally:
            self._down = False
            waiting, self._unwelcomed = self._unwelcomed, []
            for connection in waiting:
                if connection in self._connections:
                    self._greet(connection)

    def reset_token(self) -> None:
        """Give the bot a new token, as Discord does when a client identifies itself too often.

        Every connection is closed with 4004.
        """
        application = self.state.application
        head, _, _ = application.token.partition(".")
        application.token = f"{head}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(27)}"
        self.sessions.clear()
        for connection in list(self._connections):
            connection.session = None
            connection.dismiss(Close.AUTHENTICATION_FAILED)

    def shut(self) -> None:
        """Break every connection for good."""
        self.sessions.clear()
        for connection in list(self._connections):
            connection.reset()

    def _forget_parted(self) -> None:
        oldest = time.monotonic() - RESUME_WITHIN
        for session in [
            session
            for session in self.sessions.values()
            if session.connection is None and session.parted_at < oldest
        ]:
            del self.sessions[session.id]
