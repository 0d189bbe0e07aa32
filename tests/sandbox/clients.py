"""Clients for the sandbox: an unmodified discord.py, and a bare WebSocket."""

from __future__ import annotations

import asyncio
import json
import zlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox.intents import Intent
from tests.sandbox.openapi import Held

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sandbox.app import Sandbox

EVERYTHING = 0b1_1111_1111_1111_1111 & ~int(Intent.GUILD_PRESENCES)
"""Every intent that a bot can get here."""

PATIENCE = 10.0
"""Seconds after which a test gives up waiting for an event."""


class Client(discord.Client):
    """A client with a command tree that is registered before the gateway is opened."""

    def __init__(self, *, content: bool = False, **options: Any) -> None:
        intents = discord.Intents.default()
        intents.members = True
        intents.message_content = content
        super().__init__(intents=intents, guild_ready_timeout=0.05, **options)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Register the commands."""
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once; by default discord.py waits five seconds before it does so again."""

    @property
    def harbour(self) -> discord.Guild:
        """The only server."""
        (guild,) = self.guilds
        return guild


@asynccontextmanager
async def logged_in(sandbox: Sandbox, client: Client) -> AsyncGenerator[Client]:
    """Point discord.py at a sandbox, log in and be ready; leave cleanly.

    What it asks and is answered meanwhile is held to Discord's published description.
    """
    held = sandbox.rest.observer = Held()
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = f"{sandbox.base_url}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(sandbox.gateway_url)
    try:
        async with client:
            await client.login(sandbox.token)
            ready = asyncio.ensure_future(client.wait_for("ready", timeout=PATIENCE))
            running = asyncio.create_task(client.connect())
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                ready.cancel()
                running.result()
            await ready
            yield client
        await running
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway
    assert not held.faults, held.faults


class Wire:
    """A bare gateway client that says and hears JSON."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, *, compressed: bool) -> None:
        self.socket = socket
        self._inflate = zlib.decompressobj() if compressed else None

    async def say(self, op: int, data: object = None) -> None:
        """Send one message."""
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def hear(self) -> dict[str, Any]:
        """Return the next message; AssertionError when the gateway closes instead."""
        message = await self.socket.receive(timeout=PATIENCE)
        if message.type is aiohttp.WSMsgType.BINARY:
            assert self._inflate is not None
            return json.loads(self._inflate.decompress(message.data))
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return json.loads(message.data)

    async def until(self, event: str) -> dict[str, Any]:
        """Return the data of the next event of a name, passing over others."""
        return (await self.whole(event))["d"]

    async def whole(self, event: str) -> dict[str, Any]:
        """Return the next event of a name with its number."""
        while True:
            message = await self.hear()
            if message.get("t") == event:
                return message

    async def sent_away(self) -> int | None:
        """Return the code that the gateway closes with, passing over messages."""
        while True:
            message = await self.socket.receive(timeout=PATIENCE)
            if message.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
                continue
            return self.socket.close_code

    async def identify(
        self, sandbox: Sandbox, intents: int = EVERYTHING, **more: Any
    ) -> dict[str, Any]:
        """Pass HELLO, identify, and return READY."""
        assert (await self.hear())["op"] == 10
        await self.say(2, {"token": sandbox.token, "intents": intents, "properties": {}, **more})
        return await self.until("READY")


class Wires:
    """Opens bare clients to one sandbox and closes them all."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.http = aiohttp.ClientSession()
        self._open: list[aiohttp.ClientWebSocketResponse] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        for socket in self._open:
            await socket.close()
        await self.http.close()

    async def open(self, *, compressed: bool = False) -> Wire:
        """Open one."""
        query = {"v": "10", "encoding": "json"}
        if compressed:
            query["compress"] = "zlib-stream"
        socket = await self.http.ws_connect(self.sandbox.gateway_url, params=query)
        self._open.append(socket)
        return Wire(socket, compressed=compressed)

    async def identified(self, intents: int = EVERYTHING) -> Wire:
        """Open one and identify it."""
        wire = await self.open()
        await wire.identify(self.sandbox, intents)
        return wire

    async def rest(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send one REST request as the bot and return status and JSON."""
        headers = {"Authorization": f"Bot {self.sandbox.token}", "User-Agent": "bare"}
        url = f"{self.sandbox.base_url}/api/v10{path}"
        async with self.http.request(method, url, json=body, headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else None
