"""A server behind the sandbox's REST API, with a gateway that only writes down what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from sandbox import acts
from sandbox.clock import VirtualClock
from sandbox.permissions import EVERYONE_DEFAULT, Permission
from sandbox.ratelimits import Limiter
from sandbox.rest import LARGEST_REQUEST, RestApi
from sandbox.state import (
    Application,
    Channel,
    ChannelType,
    Member,
    Role,
    Server,
    State,
    User,
)
from sandbox.world import World
from tests.sandbox.clients import Wires
from tests.sandbox.openapi import Held, misfits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.app import Sandbox
    from sandbox.intents import Intent

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOT_POWERS = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.MANAGE_ROLES
    | Permission.MANAGE_CHANNELS
    | Permission.MENTION_EVERYONE
    | Permission.VIEW_AUDIT_LOG
    | Permission.PIN_MESSAGES
)


@dataclass
class Heard:
    """What the gateway was told, in order."""

    events: list[tuple[str, dict[str, Any], Intent | None]] = field(
        default_factory=list[tuple[str, dict[str, Any], "Intent | None"]]
    )

    def dispatch(
        self, event: str, data: dict[str, Any], *, intent: Intent | None, server: Server | None
    ) -> None:
        """Write an event down."""
        del server
        self.events.append((event, data, intent))

    def named(self, event: str) -> list[dict[str, Any]]:
        """Return the data of every event with this name."""
        return [data for name, data, _ in self.events if name == event]

    @property
    def names(self) -> list[str]:
        """The names of all events, in order."""
        return [name for name, _, _ in self.events]


@dataclass
class Reply:
    """What the API answered."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> int:
        """Discord's error code."""
        return self.body["code"]


class Api:
    """A server called Harbour with an owner, the bot and one ordinary member, and the API to it."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.heard = Heard()
        bot, owner = User(10, "hearth", bot=True), User(11, "Ada")
        self.state = State(self.clock, Application(10, "Hearth", bot, owner, "MTA.x.y"))
        self.world = World(self.state, self.heard)
        self.now = 1000.0
        self.rest = RestApi(self.world, limiter=Limiter(monotonic=lambda: self.now))
        self.server = self._server(owner)
        self.bot = self.server.members[bot.id]
        self.owner = self.server.members[owner.id]
        self.kim = self.join("Kim")
        self.room = self.channel("general")
        self.client: TestClient[web.Request, web.Application]

    def _server(self, owner: User) -> Server:
        server = Server(self.state.snowflake(), "Harbour", owner.id)
        server.roles[server.id] = Role(
            server.id, server.id, "@everyone", position=0, permissions=EVERYONE_DEFAULT
        )
        self.bot_role = Role(
            self.state.snowflake(),
            server.id,
            "Hearth",
            position=5,
            permissions=BOT_POWERS,
            managed=True,
            bot_id=self.state.bot.id,
        )
        server.roles[self.bot_role.id] = self.bot_role
        self.state.servers[server.id] = server
        acts.join_server(self.world, server, owner)
        acts.join_server(self.world, server, self.state.bot).roles.add(self.bot_role.id)
        return server

    def join(self, name: str) -> Member:
        """Let a new person in."""
        user = User(self.state.snowflake(), name)
        return acts.join_server(self.world, self.server, user)

    def channel(
        self, name: str, kind: ChannelType = ChannelType.TEXT, parent: Channel | None = None
    ) -> Channel:
        """Add a channel without telling anyone."""
        channel = Channel(self.state.snowflake(), kind, self.server.id, name)
        channel.parent_id = parent.id if parent else None
        self.state.add_channel(self.server, channel)
        return channel

    def role(self, name: str, position: int = 1, permissions: int = 0) -> Role:
        """Add a role without telling anyone."""
        role = Role(self.state.snowflake(), self.server.id, name, position, permissions)
        self.server.roles[role.id] = role
        return role

    def pass_time(self, real: float = 3600.0, virtual: timedelta = timedelta(0)) -> None:
        """Let time pass for the rate limits (seconds) and on the virtual clock."""
        self.now += real
        self.clock.set(self.clock.now() + virtual)

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        reason: str | None = None,
        authorization: str | None = "Bot MTA.x.y",
        **query: object,
    ) -> Reply:
        """Send one request as the bot and return the answer."""
        headers = {"User-Agent": "bare"}
        if authorization:
            headers["Authorization"] = authorization
        if reason is not None:
            headers["X-Audit-Log-Reason"] = reason
        params = {key: str(value) for key, value in query.items()}
        async with self.client.request(
            method, "/api/v10" + path, json=body, headers=headers, params=params
        ) as answer:
            is_json = answer.content_type == "application/json"
            content = await answer.json() if is_json else await answer.text()
            return Reply(answer.status, content, dict(answer.headers))

    async def guild(self, method: str, path: str = "", body: object = None, **query: Any) -> Reply:
        """Send a request about the server."""
        return await self.call(method, f"/guilds/{self.server.id}{path}", body, **query)

    async def say(self, content: str = "", channel: Channel | None = None, **more: Any) -> Reply:
        """Let the bot send a message, with no regard to the rate limit."""
        self.pass_time()
        target = channel or self.room
        body = {"content": content, **more}
        return await self.call("POST", f"/channels/{target.id}/messages", body)


@pytest.fixture
async def wires(sandbox: Sandbox) -> AsyncIterator[Wires]:
    """Bare clients for the test's own sandbox."""
    async with Wires(sandbox) as opened:
        yield opened


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Serve a fresh Harbour on a port of its own."""
    api = Api()
    app = web.Application(client_max_size=LARGEST_REQUEST)
    api.rest.attach(app)
    api.rest.observer = held = Held(answers_only=True)
    async with TestClient(TestServer(app)) as client:
        api.client = client
        api.heard.events.clear()
        yield api
        heard = api.heard.events
    assert held.faults == []
    assert misfits(heard) == []
