"""What a gateway client may say, and how the gateway answers (Discord's docs, Gateway)."""

from __future__ import annotations

import contextlib
import json
import time
from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING, Any, cast

from aiohttp import WSMsgType, web

from sandbox.connection import Connection
from sandbox.eyes import asks_for_everyone
from sandbox.intents import Intent

if TYPE_CHECKING:
    from sandbox.gateway import Gateway, Session

MISSED_BEATS = 1.5
"""Heartbeat intervals without a heartbeat after which a session has timed out (not published)."""

LARGE_FROM, LARGE_UP_TO = 50, 250
"""What `large_threshold` may be (Discord's docs, Identify)."""

EVENTS_ALLOWED, EVENTS_PERIOD = 120, 60.0
"""Messages that a connection may send in so many seconds (Discord's docs, Rate Limiting)."""

MEMBER_LIST_PERIOD = 30.0
"""Seconds between two requests for a server's whole member list (Discord's change log, 2025-10)."""


_INVALID_SESSION = '{"op":9,"d":false}'


class Op(IntEnum):
    """Gateway opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    REQUEST_GUILD_MEMBERS = 8


class Close(IntEnum):
    """Gateway close codes."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class _Goodbye(Exception):  # noqa: N818 - it ends a connection, it is not an error of ours
    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code


class GatewayProtocol:
    """One connection, from HELLO to its end."""

    def __init__(self, gateway: Gateway, request: web.BaseRequest) -> None:
        self._gateway = gateway
        self._request = request
        self._socket = web.WebSocketResponse(compress=False, timeout=1.0, max_msg_size=16_384)
        self._connection = Connection(self._socket, request.transport)
        self._arrivals: deque[float] = deque(maxlen=EVENTS_ALLOWED)
        self._beaten = time.monotonic()
        """When the client last showed that it lives (monotonic seconds)."""

    async def run(self) -> web.StreamResponse:
        """Serve the client until it leaves, breaks off or is sent away."""
        try:
            self._connection.start(self._request.query.get("compress"))
        except ValueError as refusal:
            return web.Response(status=400, text=str(refusal))
        cleanly = False
        try:
            await self._socket.prepare(self._request)
            self._gateway.opened(self._connection)
            cleanly = await self._listen()
        except ConnectionError:
            pass  # the client broke off: its session waits for it
        finally:
            self._gateway.closed(self._connection, cleanly=cleanly)
            await self._connection.stop()
        # A client that was gone before the handshake is over gets no answer.
        return self._socket if self._socket.prepared else web.Response()

    async def _listen(self) -> bool:
        """Read until the end; return whether the client said good-bye with 1000 or 1001."""
        patience = self._gateway.heartbeat_interval * MISSED_BEATS
        while True:
            try:
                left = self._beaten + patience - time.monotonic()
                message = await self._socket.receive(timeout=max(left, 0.001))
                if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    self._hear(message.data)
                    continue
            except TimeoutError:  # "reconnect and start a new one"
                self._gateway.closed(self._connection, cleanly=True)
                await self._connection.close(Close.SESSION_TIMED_OUT, "Session timed out.")
                return True
            except _Goodbye as goodbye:
                await self._connection.close(goodbye.code, str(goodbye))
                return False
            return message.type is WSMsgType.CLOSE and message.data in {1000, 1001}

    def _hear(self, raw: str | bytes) -> None:
        self._count()
        op, data = _decode(raw)
        session = self._connection.session
        match op:
            case Op.HEARTBEAT:
                self._beaten = time.monotonic()
                self._connection.push('{"op":11}')
            case Op.IDENTIFY:
                self._identify(data)
            case Op.RESUME:
                self._resume(data)
            case Op.PRESENCE_UPDATE | Op.VOICE_STATE_UPDATE | Op.REQUEST_GUILD_MEMBERS:
                if session is None:
                    raise _Goodbye(Close.NOT_AUTHENTICATED)
                if op == Op.REQUEST_GUILD_MEMBERS:
                    self._send_members(session, data)
            case _:
                raise _Goodbye(Close.UNKNOWN_OPCODE)

    def _count(self) -> None:
        now = time.monotonic()
        arrivals = self._arrivals
        period = EVENTS_PERIOD / self._gateway.time_scale
        if len(arrivals) == arrivals.maxlen and now - arrivals[0] < period:
            raise _Goodbye(Close.RATE_LIMITED)
        arrivals.append(now)

    def _identify(self, data: dict[str, Any]) -> None:
        gateway = self._gateway
        if self._connection.session is not None:
            raise _Goodbye(Close.ALREADY_AUTHENTICATED)
        if not self._knows_token(data):
            raise _Goodbye(Close.AUTHENTICATION_FAILED)
        shard = _shard(data.get("shard", [0, 1]))
        intents = data.get("intents")
        if not isinstance(intents, int) or intents < 0:
            raise _Goodbye(Close.INVALID_INTENTS)
        forbidden = (
            (0 if gateway.allow_members_intent else Intent.GUILD_MEMBERS)
            | (0 if gateway.allow_presences_intent else Intent.GUILD_PRESENCES)
            | (0 if gateway.allow_content_intent else Intent.MESSAGE_CONTENT)
        )
        if intents & forbidden:
            raise _Goodbye(Close.DISALLOWED_INTENTS)
        servers = sum(
            gateway.state.bot.id in server.members for server in gateway.state.servers.values()
        )
        if servers > gateway.servers_per_shard * shard[1]:
            raise _Goodbye(Close.SHARDING_REQUIRED)
        entrance = gateway.state.entrance
        if not entrance.spend():
            gateway.reset_token()
            return
        if not entrance.admit(shard[0]):
            self._connection.push(_INVALID_SESSION)
            return
        large = data.get("large_threshold", LARGE_FROM)
        if not isinstance(large, int) or not LARGE_FROM <= large <= LARGE_UP_TO:
            large = LARGE_FROM
        gateway.open_session(self._connection, intents, large_threshold=large, shard=shard)

    def _resume(self, data: dict[str, Any]) -> None:
        if self._connection.session is not None:
            raise _Goodbye(Close.ALREADY_AUTHENTICATED)
        if not self._knows_token(data):
            raise _Goodbye(Close.AUTHENTICATION_FAILED)
        session_id, sequence = data.get("session_id"), data.get("seq")
        session = self._gateway.sessions.get(str(session_id))
        if session is not None and isinstance(sequence, int) and sequence > session.sequence:
            raise _Goodbye(Close.INVALID_SEQUENCE)
        if (
            not isinstance(session_id, str)
            or not isinstance(sequence, int)
            or not self._gateway.resume(self._connection, session_id, sequence)
        ):
            self._connection.push(_INVALID_SESSION)

    def _send_members(self, session: Session, data: dict[str, Any]) -> None:
        gateway = self._gateway
        with contextlib.suppress(KeyError, ValueError, TypeError):
            server = gateway.state.servers[int(data["guild_id"])]
            if gateway.state.bot.id not in server.members:
                return
            if asks_for_everyone(data):
                wait = gateway.wait_for_members(server, MEMBER_LIST_PERIOD / gateway.time_scale)
                if wait > 0:
                    meta = {"guild_id": str(server.id), "nonce": data.get("nonce")}
                    limited = {"opcode": int(Op.REQUEST_GUILD_MEMBERS), "retry_after": wait}
                    gateway.tell(session, "RATE_LIMITED", {**limited, "meta": meta})
                    return
            gateway.send_members(session, server, data)

    def _knows_token(self, data: dict[str, Any]) -> bool:
        token = data.get("token")
        if not isinstance(token, str):
            return False
        return token.removeprefix("Bot ") == self._gateway.state.application.token


def _decode(raw: str | bytes) -> tuple[int, dict[str, Any]]:
    try:
        message: Any = json.loads(raw)
        op = int(message["op"])
    except (ValueError, KeyError, TypeError):
        raise _Goodbye(Close.DECODE_ERROR) from None
    data: Any = message.get("d")
    return op, cast("dict[str, Any]", data) if isinstance(data, dict) else {}


def _shard(asked: object) -> tuple[int, int]:
    """Return a shard's number and how many there are, if that can be."""
    match asked:
        case [int(number), int(count)] if 0 <= number < count:
            return number, count
        case _:
            raise _Goodbye(Close.INVALID_SHARD)
