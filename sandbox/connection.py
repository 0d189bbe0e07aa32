"""One gateway WebSocket: what is sent waits in a queue, is compressed, and goes out in order.

Each connection has one compression stream for its whole life, flushed after every message, as
Discord's transport compression wants it (Discord's docs, "Transport Compression").
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import zlib
from collections import deque
from typing import TYPE_CHECKING, Any

from aiohttp import ClientConnectionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from sandbox.gateway import Session

_LEVEL = 1
"""zlib's fastest: these bytes never leave the machine."""


def compressor(name: str) -> Callable[[bytes], bytes] | None:
    """Return the stream that an address's `compress` asks for; None when it is not on offer."""
    if name == "zlib-stream":
        deflate = zlib.compressobj(_LEVEL)
        return lambda data: deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if name == "zstd-stream":
        try:
            zstd: Any = importlib.import_module("compression.zstd")
        except ModuleNotFoundError:  # before Python 3.14; a client there asks for zlib by default
            return None
        stream = zstd.ZstdCompressor()
        return lambda data: stream.compress(data, mode=stream.FLUSH_BLOCK)
    return None


class Connection:
    """One client's socket, before and after it has become part of a session."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.session: Session | None = None
        self._socket = socket
        self._transport = transport
        self._compress: Callable[[bytes], bytes] | None = None
        self._pending: deque[str] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._writer: asyncio.Task[None] | None = None
        self._dismissal: asyncio.Task[None] | None = None

    def start(self, compression: str | None) -> None:
        """Begin to write; `compression` is a stream's name, None for plain text."""
        if compression is not None:
            self._compress = compressor(compression)
            if self._compress is None:
                raise ValueError(f"no such compression here: {compression}")
        self._writer = asyncio.create_task(self._write())

    @property
    def idle(self) -> bool:
        """Whether everything was handed to the operating system."""
        return self._idle.is_set()

    def push(self, frame: str) -> None:
        """Queue one message."""
        self._pending.append(frame)
        self._idle.clear()
        self._wake.set()

    async def drained(self) -> None:
        """Wait until the queue is empty; a connection that breaks counts as empty."""
        await self._idle.wait()

    def reset(self) -> None:
        """Break the connection without a word, as a failing network does."""
        if self._transport is not None:
            self._transport.abort()

    async def close(self, code: int, reason: str = "") -> None:
        """Send what is queued, then close with one of Discord's codes."""
        await self.drained()
        await self._socket.close(code=code, message=reason.encode())

    def dismiss(self, code: int) -> None:
        """Close soon with one of Discord's codes, from where nobody can wait for it."""
        self._dismissal = asyncio.create_task(self.close(code))

    async def stop(self) -> None:
        """End the writer; what is still queued is lost to this connection."""
        if self._writer is not None:
            self._writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writer
        self._pending.clear()
        self._idle.set()

    async def _write(self) -> None:
        pending, compress, socket = self._pending, self._compress, self._socket
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while pending:
                    frame = pending.popleft()
                    if compress is None:
                        await socket.send_str(frame)
                    else:
                        await socket.send_bytes(compress(frame.encode()))
                self._idle.set()
        except (ConnectionError, ClientConnectionError, RuntimeError):
            # The client is gone; the reading side ends this connection, the session keeps a copy.
            pending.clear()
        finally:
            self._idle.set()
