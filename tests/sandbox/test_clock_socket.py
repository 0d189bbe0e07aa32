"""The clock socket: settling and advancing with a small bot that shares the sandbox's time."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import pytest

from sandbox.app import Sandbox
from tests.sandbox.clients import Wire, Wires

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.people import Person

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Bot:
    """A bot that counts messages, one at a time, and notes when it was told to do what is due.

    `hold` keeps it from handling its next event, `thinking` from saying that it is settled; what
    `due` lists is done at the next advance.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.now: list[datetime] = []
        self.asked: list[str] = []
        self.heard: list[str] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.thinking = asyncio.Lock()
        self.session = ""
        self.sequence = 0
        self.socket: aiohttp.ClientWebSocketResponse
        self.wire: Wire
        self.room_id = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._wires = Wires(sandbox)
        self._http = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        self.socket = await self._http.ws_connect(self.sandbox.clock_url)
        await self.connect()
        self._tasks.append(asyncio.create_task(self._follow()))
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.die()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._wires.__aexit__()
        await self._http.close()

    async def connect(self) -> None:
        """Open a new gateway session."""
        self.wire = await self._wires.open()
        self.session = (await self.wire.identify(self.sandbox))["session_id"]
        self.sequence = 1
        self._tasks.append(asyncio.create_task(self._listen(self.wire)))

    async def die(self) -> None:
        """Let go of the clock, as a killed process does."""
        await self.socket.close()

    async def _listen(self, wire: Wire) -> None:
        with contextlib.suppress(AssertionError):  # the gateway closed
            while True:
                message = await wire.hear()
                await self.hold.wait()
                if message.get("t") == "MESSAGE_CREATE":
                    self.heard.append(message["d"]["id"])
                if message.get("s"):
                    self.sequence = message["s"]

    async def _follow(self) -> None:
        async for message in self.socket:
            said: dict[str, Any] = message.json()
            self.asked.append(said["op"])
            match said["op"]:
                case "clock":
                    self.now.append(datetime.fromisoformat(said["now"]))
                case "settle":
                    async with self.thinking:
                        answer = {"session": self.session, "sequence": self.sequence}
                    await self.socket.send_json({"op": "settled", **answer})
                case "advance":
                    self.now.append(datetime.fromisoformat(said["now"]))
                    await self._do_what_is_due()
                    await self.socket.send_json({"op": "advanced"})
                case other:
                    raise AssertionError(other)

    async def _do_what_is_due(self) -> None:
        path = f"/channels/{self.room_id}/messages"
        status, _ = await self._wires.rest("POST", path, {"content": "good morning"})
        assert status == 200


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """An open sandbox on virtual time."""
    async with Sandbox(start=START, time_scale=1000) as opened:
        yield opened


@pytest.fixture
def owner(sandbox: Sandbox) -> Person:
    """The owner of its only server."""
    return sandbox.add_server().owner


@pytest.fixture
async def bot(sandbox: Sandbox, owner: Person) -> AsyncIterator[Bot]:
    """A bot that shares the clock."""
    async with Bot(sandbox) as attached:
        attached.room_id = owner.server.channel("general").id
        await sandbox.settle()
        yield attached


async def test_a_bot_is_told_the_time_on_connecting(bot: Bot) -> None:
    """The first word on the socket is the virtual moment."""
    assert bot.now == [START]
    assert bot.asked[0] == "clock"


async def test_settling_waits_for_every_event(sandbox: Sandbox, owner: Person, bot: Bot) -> None:
    """The sandbox is not settled before the bot has handled what was written."""
    room = owner.server.channel("general")
    bot.hold.clear()
    written = [str((await owner.write(room, str(number))).id) for number in range(20)]
    settling = asyncio.create_task(sandbox.settle())
    while bot.asked.count("settle") < 3:  # noqa: ASYNC110 - rounds are counted, time is not
        await asyncio.sleep(0)
    assert not settling.done()
    bot.hold.set()
    await settling
    assert bot.heard == written


async def test_an_answer_that_nobody_waits_for_any_more_settles_nothing(
    sandbox: Sandbox, bot: Bot
) -> None:
    """Whoever gave up waiting leaves an answer behind; the next to ask waits for their own."""
    asked = bot.asked.count("settle")
    async with bot.thinking:
        given_up = asyncio.create_task(sandbox.settle())
        while bot.asked.count("settle") == asked:  # noqa: ASYNC110 - rounds are counted
            await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
    await bot.thinking.acquire()  # the bot has its answer to the first, and none to the second
    settling = asyncio.create_task(sandbox.settle())
    while bot.asked.count("settle") == asked + 1:  # noqa: ASYNC110 - rounds are counted
        await asyncio.sleep(0)
    for _ in range(200):
        await asyncio.sleep(0)
    assert not settling.done()
    bot.thinking.release()
    await settling


async def test_advancing_runs_what_is_due(sandbox: Sandbox, owner: Person, bot: Bot) -> None:
    """The bot's clock is set, its due work is done at the new time, and its echo is handled."""
    await sandbox.advance(timedelta(days=1))
    assert sandbox.clock.now() == START + timedelta(days=1)
    assert bot.now == [START, START + timedelta(days=1)]
    (message,) = owner.server.channel("general").history
    assert message.sent_at == START + timedelta(days=1)
    assert bot.heard == [str(message.id)]
    await sandbox.advance(START + timedelta(days=2))
    assert len(bot.heard) == 2


async def test_advancing_without_a_bot_sets_the_clock(sandbox: Sandbox) -> None:
    """Nobody has to be attached."""
    await sandbox.advance(timedelta(hours=3))
    assert sandbox.clock.now() == START + timedelta(hours=3)
    with pytest.raises(ValueError, match="forwards"):
        await sandbox.advance(START)


async def test_a_bot_that_dies_while_it_is_asked_is_not_waited_for(
    sandbox: Sandbox, owner: Person, bot: Bot
) -> None:
    """A socket that ends half way counts as none attached."""
    bot.hold.clear()
    await owner.write(owner.server.channel("general"), "unheard")
    settling = asyncio.create_task(sandbox.settle())
    while bot.asked.count("settle") < 3:  # noqa: ASYNC110 - rounds are counted, time is not
        await asyncio.sleep(0)
    await bot.die()
    await settling
    assert not sandbox.control.attached
    await sandbox.advance(timedelta(days=1))


async def test_a_lost_session_is_waited_for(sandbox: Sandbox, owner: Person, bot: Bot) -> None:
    """Between two sessions the sandbox is not settled; with the new one it is."""
    sandbox.gateway.drop(resumable=False)
    await owner.write(owner.server.channel("general"), "lost")
    settling = asyncio.create_task(sandbox.settle())
    asked = bot.asked.count("settle")
    while bot.asked.count("settle") < asked + 3:  # noqa: ASYNC110 - rounds are counted
        await asyncio.sleep(0)
    assert not settling.done()
    await bot.connect()
    await settling
    assert bot.heard == []


async def test_a_bot_that_hangs_is_a_timeout(sandbox: Sandbox, owner: Person, bot: Bot) -> None:
    """A bot that never becomes idle fails the wait instead of blocking it for ever."""
    bot.hold.clear()
    await owner.write(owner.server.channel("general"), "stuck")
    sandbox.control.patience = 0.05
    with pytest.raises(TimeoutError):
        await sandbox.settle()
