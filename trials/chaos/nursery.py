"""Where bots are born: processes that are forked from one that has imported everything already.

A start of Hearth spends most of its time on imports. A nursery is forked off once, before any
event loop or thread exists; from then on it forks one bot after another, each of which runs the
same `python -m bot run` as an operator does, with an environment and a log file of its own. A bot
is a process like any other: SIGKILL ends it in the middle of whatever it does.

What the bot commits is counted in memory that both sides see, so that it can be killed right after
a commit as well, before it has told anybody.
"""

import asyncio
import functools
import gc
import importlib
import json
import mmap
import os
import selectors
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction, configure_mappers

from bot import texts
from bot.app import COGS

_TALLY = struct.Struct("=qq")
"""Commits counted so far, and the one to die of (0: none)."""
_WROTE = "chaos_wrote"
_CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Commits:
    """How often the bot has committed a change, in memory that is shared with its process."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, _TALLY.size)

    @property
    def count(self) -> int:
        """Commits of changes since the last `arm`."""
        return self._read()[0]

    def arm(self, deadly: int = 0) -> None:
        """Count anew; the process dies of the commit with this number (0: of none)."""
        self._shared[:] = _TALLY.pack(0, deadly)

    def _read(self) -> tuple[int, int]:
        count, deadly = _TALLY.unpack(self._shared[:])
        return count, deadly

    def watch(self) -> None:
        """Count every commit of this process that changed something, and die of the deadly one."""

        @event.listens_for(Engine, "before_cursor_execute")
        def executing(  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
            connection: Connection, _cursor: Any, statement: str, *_: Any
        ) -> None:
            if statement.lstrip()[:8].upper().startswith(_CHANGES):
                connection.info[_WROTE] = True

        @event.listens_for(Session, "after_begin")
        def begun(  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
            session: Session, _transaction: SessionTransaction, connection: Connection
        ) -> None:
            connection.info.pop(_WROTE, None)
            session.info[_WROTE] = connection.info

        @event.listens_for(Session, "after_commit")
        def committed(session: Session) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
            if session.info.pop(_WROTE, {}).pop(_WROTE, False):
                self._counted()

    def _counted(self) -> None:
        count, deadly = self._read()
        self._shared[:] = _TALLY.pack(count + 1, deadly)
        if count + 1 == deadly:
            os.kill(os.getpid(), signal.SIGKILL)


def warm_up() -> None:
    """Import everything that a bot needs, and read its texts."""
    for name in ("bot.__main__", "bot.app", *COGS, "sqlalchemy.dialects.sqlite.aiosqlite"):
        importlib.import_module(name)
    configure_mappers()
    texts.catalogue()
    gc.freeze()  # what is never garbage is not looked through, so that forks go on sharing it


class Nursery:
    """Our end of the process that forks bots; to be made before there is an event loop."""

    def __init__(self) -> None:
        self.commits = Commits()
        self._socket, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if self._pid == 0:
            self._socket.close()
            _forked(functools.partial(_serve, theirs, self.commits))
        theirs.close()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def bear(self, environment: Mapping[str, str], log: Path) -> int:
        """Start a bot; return its process id."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(sock=self._socket.dup())
        order = {"environment": dict(environment), "log": str(log)}
        self._writer.write(json.dumps(order).encode() + b"\n")
        await self._writer.drain()
        return int(await self._heard())

    async def ended(self) -> int:
        """Wait until the bot is gone; return its exit status, negative for a signal."""
        return int(await self._heard())

    async def _heard(self) -> bytes:
        assert self._reader is not None, "nothing was started"
        line = await self._reader.readline()
        if not line:
            raise RuntimeError("the nursery is gone")
        return line

    async def part(self) -> None:
        """Let go of the connection, as long as the event loop is there; it can be taken up anew."""
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
        self._reader = self._writer = None

    def close(self) -> None:
        """End the nursery, and a bot that is still in it."""
        self._socket.close()
        os.waitpid(self._pid, 0)


def _forked(work: Callable[[], int | None]) -> None:
    """Do all that a forked process does, and end it; never returns."""
    status = 1
    try:
        status = work() or 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:  # noqa: BLE001 - nothing may climb into the parent's stack
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _serve(orders: socket.socket, commits: Commits) -> None:
    """Bear one bot after another until nobody wants any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with orders, orders.makefile("rb") as lines:
        for line in lines:
            order: dict[str, Any] = json.loads(line)
            # Both ends of the pipe are closed when the bot is gone, however it went.
            life, lives = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(life)
                lines.close()
                orders.close()
                _forked(functools.partial(_live, order, commits))
            os.close(lives)
            with suppress(OSError):
                orders.sendall(b"%d\n" % pid)
            _watch_over(pid, life, orders)
            os.close(life)


def _watch_over(pid: int, life: int, orders: socket.socket) -> None:
    """Wait for the end of a bot; end it when nobody wants it any more. Tell its status."""
    with selectors.DefaultSelector() as selector:
        selector.register(life, selectors.EVENT_READ)
        selector.register(orders, selectors.EVENT_READ)
        ready = {key.fd for key, _ in selector.select()}
        if life not in ready:  # no order comes while a bot lives: the other end was closed
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):
        orders.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _live(order: dict[str, Any], commits: Commits) -> int:
    """Be a bot: what `python -m bot run` is."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["bot", "run"]
    commits.watch()
    main = importlib.import_module("bot.__main__").main
    return int(main(["run"]))
