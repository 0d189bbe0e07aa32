"""The clock socket: how a bot under test shares the sandbox's time, in this process or its own.

JSON over a WebSocket at /sandbox/clock. The sandbox says, and the bot answers:

    {"op": "clock", "now": "<ISO 8601>"}     on connecting; no answer
    {"op": "settle"}                         {"op": "settled", "session": "…", "sequence": n}
    {"op": "advance", "now": "<ISO 8601>"}   {"op": "advanced"}

"settled" means: every event up to n of that gateway session was handled and the bot's queues
are empty. "advanced" means: the bot's clock shows that moment and what was due has run. A bot whose
socket ends while it is asked counts as not attached.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.clock import VirtualClock
    from sandbox.gateway import Gateway
    from sandbox.requestlog import RequestLog

PATIENCE = 120.0
"""Real seconds that a bot may take to settle or to advance before it counts as hanging."""

_PAUSE = 0.005
_QUIET = 0.05
"""Real seconds without requests after which a bot that is not attached counts as idle."""


class _Attached:
    """One bot's end of the socket."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self._answers: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._asked = self._answered = 0  # answers come in the questions' order

    async def ask(self, question: dict[str, Any], op: str) -> dict[str, Any] | None:
        """Send a question and return its answer, called `op`; None when the socket ended.

        Who asked before may have been cancelled: what was meant for them is passed over.
        """
        self._asked += 1
        number = self._asked
        try:
            await self.socket.send_json(question)
        except (ConnectionError, RuntimeError):
            return None
        while True:
            answer = await self._answers.get()
            if answer is None:
                self._answers.put_nowait(None)
                return None
            self._answered += 1
            if self._answered == number and answer.get("op") == op:
                return answer

    async def listen(self) -> None:
        """Take answers until the socket ends."""
        try:
            async for message in self.socket:
                if message.type is WSMsgType.TEXT:
                    self._answers.put_nowait(json.loads(message.data))
        finally:
            self._answers.put_nowait(None)


class Control:
    """Settling and advancing, with the bots that are attached and without."""

    def __init__(
        self,
        clock: VirtualClock,
        gateway: Gateway,
        requests: RequestLog,
        passed: Callable[[], None],
    ) -> None:
        self.patience = PATIENCE
        self._clock = clock
        self._gateway = gateway
        self._requests = requests
        self._passed = passed
        """Called when time has passed: what Discord does by itself."""
        self._bots: set[_Attached] = set()
        self._turn = asyncio.Lock()
        self._company = asyncio.Event()

    @property
    def attached(self) -> bool:
        """Whether a bot shares the clock now."""
        return bool(self._bots)

    async def attaches(self) -> None:
        """Wait until a bot shares the clock."""
        await self._company.wait()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one bot until it leaves."""
        socket = web.WebSocketResponse(timeout=1.0)
        bot = _Attached(socket)
        with contextlib.suppress(ConnectionError):
            await socket.prepare(request)
            await socket.send_json({"op": "clock", "now": self._clock.now().isoformat()})
            self._bots.add(bot)
            self._company.set()
            try:
                await bot.listen()
            finally:
                self._bots.discard(bot)
                if not self._bots:
                    self._company.clear()
        # A client that was gone before the handshake is over gets no answer.
        return socket if socket.prepared else web.Response()

    async def shut(self) -> None:
        """Let every bot go."""
        for bot in list(self._bots):
            await bot.socket.close()
        # Whoever opens the sandbox again may do so in another event loop.
        self._turn = asyncio.Lock()
        self._company = asyncio.Event()

    async def settle(self) -> None:
        """Wait until nothing is left to do; TimeoutError when that takes `patience` seconds.

        That is: every event that was sent has been handled by the attached bots, they have nothing
        queued, no request is being answered, and nothing new happened while they said so.
        """
        async with self._turn, asyncio.timeout(self.patience):
            await self._settle()

    async def advance(self, moment: datetime) -> None:
        """Settle, go to `moment`, let the attached bots run what is due, settle again."""
        async with self._turn, asyncio.timeout(self.patience):
            await self._settle()
            self._clock.set(moment)
            self._passed()
            question = {"op": "advance", "now": self._clock.now().isoformat()}
            for bot in list(self._bots):
                await bot.ask(question, "advanced")
            await self._settle()

    async def _settle(self) -> None:
        # A bot in its own process tells nobody when it becomes idle: it is asked again.
        while not await self._settled_once():  # noqa: ASYNC110 - see above
            await asyncio.sleep(_PAUSE)

    async def _settled_once(self) -> bool:
        before = self._happened()
        bots = list(self._bots)
        for bot in bots:
            answer = await bot.ask({"op": "settle"}, "settled")
            if answer is None:
                return False  # it is gone: look again, without it
            if self._gateway.is_down:
                continue  # there is nothing it could hear
            sent = self._gateway.sequence(str(answer.get("session")))
            if sent is None or sent != answer.get("sequence"):
                return False  # it has not heard everything, or has no live session yet
        if not bots:
            await asyncio.sleep(_QUIET)
        idle = self._requests.in_flight == 0 and self._gateway.idle
        return idle and self._happened() == before

    def _happened(self) -> tuple[int, int]:
        return self._gateway.dispatched, self._requests.total
