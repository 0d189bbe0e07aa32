"""The gateway: sessions that hear every event once, in order, over connections that may break.

A session outlives its connections: it numbers its events and keeps the last of them, so that a
client that comes back with RESUME misses nothing; one that stays away too long, or missed too
much, is told to begin anew. What a connection may say stands in `protocol.py`, what a session is
shown of an event in `eyes.py`.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from sandbox.eyes import Eyes
from sandbox.intents import Intent
from sandbox.protocol import GatewayProtocol

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.connection import Connection
    from sandbox.state import Server, State

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode

KEPT_EVENTS = 20_000
"""How many events a session keeps for a resume (Discord publishes no figure)."""

RESUME_WITHIN = 180.0
"""Real seconds that a session waits for its client to come back (no figure is published)."""


class Session:
    """One identified client: what it asked to hear, what it heard last, and its connection."""

    __slots__ = ("_kept", "connection", "id", "intents", "parted_at", "sequence")

    def __init__(self, intents: int, connection: Connection) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.sequence = 0
        self.connection: Connection | None = connection
        self.parted_at = 0.0
        self._kept: deque[str] = deque(maxlen=KEPT_EVENTS)

    def send(self, event: str, encoded: str) -> None:
        """Send an event under the next number, and keep it."""
        self.sequence += 1
        frame = f'{{"t":"{event}","s":{self.sequence},"op":0,"d":{encoded}}}'
        self._kept.append(frame)
        if self.connection is not None:
            self.connection.push(frame)

    def missed(self, sequence: int) -> list[str] | None:
        """Return the events after `sequence`; None when some are no longer kept."""
        count = self.sequence - sequence
        if not 0 <= count <= len(self._kept):
            return None
        return [self._kept[index] for index in range(len(self._kept) - count, len(self._kept))]


class Gateway:
    """Every session of the bot, and the way to reach them all.

    The switches for privileged intents in Discord's developer portal are `allow_members_intent`,
    `allow_content_intent` and `allow_presences_intent`.
    """

    def __init__(self, state: State, *, time_scale: float = 1.0) -> None:
        self.allow_presences_intent = False
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
        whole = stripped = ""
        for session in self.sessions.values():
            if intent is not None and not session.intents & intent:
                continue
            if session.intents & Intent.MESSAGE_CONTENT or not self._eyes.hides(event, data):
                whole = whole or _encode(data)
                session.send(event, whole)
            else:
                stripped = stripped or _encode(self._eyes.stripped(data))
                session.send(event, stripped)

    def tell(self, session: Session, event: str, data: dict[str, Any]) -> None:
        """Send an event to one session alone."""
        session.send(event, _encode(data))

    def announce(self, server: Server) -> None:
        """Tell every session that the bot was added to a server just now."""
        self.dispatched += 1
        for session in self.sessions.values():
            if session.intents & Intent.GUILDS:
                self.tell(session, "GUILD_CREATE", self._eyes.server(server, session.intents))

    # --- what is open ---------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether every dispatched event has left the sandbox."""
        return all(connection.idle for connection in self._connections)

    @property
    def connected(self) -> bool:
        """Whether a session is connected right now."""
        return any(session.connection is not None for session in self.sessions.values())

    def sequence(self, session_id: str) -> int | None:
        """Return the number of a connected session's last event; None if it is not connected."""
        session = self.sessions.get(session_id)
        return None if session is None or session.connection is None else session.sequence

    def open_session(self, connection: Connection, intents: int, large_threshold: int) -> None:
        """Open a session for a client that has identified itself: READY, then every server."""
        session = Session(intents, connection)
        self.sessions[session.id] = session
        connection.session = session
        servers = self._eyes.servers()
        self.tell(session, "READY", self._eyes.ready(session.id, self.url, servers))
        if intents & Intent.GUILDS:
            for server in servers:
                if not server.available:
                    continue
                data = self._eyes.server(server, intents, large_threshold)
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
        """Take note of a new connection."""
        self._connections.add(connection)

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
