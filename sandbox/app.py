"""The sandbox itself: a Discord on this machine, REST and gateway on one port."""

from __future__ import annotations

import base64
import functools
import random
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from aiohttp import web

from sandbox import acts
from sandbox.clock import VirtualClock
from sandbox.commands import Commands
from sandbox.control import Control
from sandbox.faults import Faults
from sandbox.gateway import Gateway
from sandbox.interaction_routes import answer_routes, command_routes
from sandbox.interactions import Interactions
from sandbox.names import NAMES
from sandbox.people import Person
from sandbox.permissions import ALL, EVERYONE_DEFAULT, Permission
from sandbox.ratelimits import Limiter
from sandbox.requestlog import RequestLog
from sandbox.rest import LARGEST_REQUEST, RestApi
from sandbox.routes.files import fetched
from sandbox.state import (
    Application,
    Channel,
    ChannelType,
    Member,
    OutageStatus,
    Role,
    Server,
    State,
    User,
    time_snowflake,
)
from sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from types import TracebackType

BOT_PERMISSIONS = int(
    ALL
    & ~(
        Permission.ADMINISTRATOR
        | Permission.KICK_MEMBERS
        | Permission.BAN_MEMBERS
        | Permission.MANAGE_GUILD
        | Permission.MODERATE_MEMBERS
    )
)
"""What the bot's role may do in a new server unless `add_server` is told otherwise."""


class Sandbox:
    """A Discord of one's own, served while the context is open.

    `start` is the virtual moment to begin at (None: the real clock), `time_scale` divides the
    periods of Discord's limits, `port` 0 takes any free one, `seed` makes names and faults
    repeatable. Nothing is global: many sandboxes may run in one process. One that was closed may be
    opened again, in another event loop too; only connections are lost.
    """

    def __init__(
        self,
        *,
        start: datetime | None = None,
        time_scale: float = 1.0,
        port: int = 0,
        seed: int = 0,
    ) -> None:
        self.clock = VirtualClock(start)
        self.time_scale = time_scale
        application = _application(self.clock.now(), seed)
        self.state = State(self.clock, application)
        self.gateway = Gateway(self.state, time_scale=time_scale, seed=seed)
        self.world = World(self.state, self.gateway)
        self.faults = Faults(seed, self.clock.now)
        self.requests = RequestLog()
        self.commands = Commands(self.state)
        self.interactions = Interactions(self.world)
        self.control = Control(self.clock, self.gateway, self.requests, self._time_passed)
        self.rest = RestApi(
            self.world,
            limiter=Limiter(time_scale),
            faults=self.faults,
            requests=self.requests,
        )
        self.rest.table.include(command_routes(self.commands))
        self.rest.table.include(answer_routes(self.interactions))
        self.seed = seed
        self.draws = random.Random(seed)
        """What names are drawn with."""
        self._wanted_port = self._port = port
        self._runner: web.AppRunner | None = None

    # --- addresses ------------------------------------------------------------------------------

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.state.application.token

    @property
    def bot_id(self) -> int:
        """The bot's account id."""
        return self.state.bot.id

    @property
    def application_id(self) -> int:
        """The application's id."""
        return self.state.application.id

    @property
    def port(self) -> int:
        """The port that is listened on; RuntimeError while the sandbox is not open."""
        if self._runner is None:
            raise RuntimeError("the sandbox is not open")
        return self._port

    @property
    def base_url(self) -> str:
        """Where Discord's website would be; the API is below it, at /api/v10."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"ws://127.0.0.1:{self.port}/gateway"

    @property
    def clock_url(self) -> str:
        """Where a bot under test shares the clock (see `control`)."""
        return f"ws://127.0.0.1:{self.port}/sandbox/clock"

    # --- opening and closing --------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/sandbox/clock", self.control.handle)
        app.router.add_get(
            r"/attachments/{file_id:\d{1,20}}/{name}", functools.partial(fetched, self.state)
        )
        self.rest.attach(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._wanted_port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.gateway.url = self.gateway_url
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        self.gateway.shut()
        await self.control.shut()
        await self._runner.cleanup()
        self._runner = None

    # --- servers and people ---------------------------------------------------------------------

    def add_server(
        self, name: str = "Harbour", *, members: int = 0, bot_permissions: int | None = None
    ) -> Server:
        """Add a server with an owner, the bot, #general, #welcome and so many other members."""
        state, now = self.state, self.clock.now()
        owner = self._new_user()
        server = Server(state.snowflake(), name, owner.id)
        server.roles[server.id] = Role(
            server.id, server.id, "@everyone", position=0, permissions=EVERYONE_DEFAULT
        )
        bot_role = Role(
            state.snowflake(),
            server.id,
            state.application.name,
            permissions=BOT_PERMISSIONS if bot_permissions is None else bot_permissions,
            managed=True,
            bot_id=state.bot.id,
        )
        server.roles[bot_role.id] = bot_role
        state.servers[server.id] = server
        for position, room in enumerate(("general", "welcome")):
            channel = Channel(
                state.snowflake(), ChannelType.TEXT, server.id, room, position=position
            )
            state.add_channel(server, channel)
        server.system_channel_id = server.channel("welcome").id
        people = [owner, state.bot, *(self._new_user() for _ in range(members))]
        for user in people:
            server.members[user.id] = Member(user, server.id, now)
        server.members[state.bot.id].roles.add(bot_role.id)
        server.owner = Person(self, server, owner)
        self.gateway.announce(server)
        return server

    async def person(
        self, server: Server, name: str | None = None, *, pending: bool = False
    ) -> Person:
        """Let someone new join a server; `pending`: they must accept its rules first."""
        user = self._new_user(name)
        acts.join_server(self.world, server, user, pending=pending)
        return Person(self, server, user)

    # --- outages --------------------------------------------------------------------------------

    def take_away(self, server: Server, *, status: OutageStatus = "503") -> None:
        """Begin an outage of one server; requests about it are answered with `status`."""
        server.outage_status = status
        self.gateway.take_away(server)

    def bring_back(self, server: Server) -> None:
        """End a server's outage."""
        self.gateway.bring_back(server)

    @asynccontextmanager
    async def outage(self, server: Server, *, status: OutageStatus = "503") -> AsyncGenerator[None]:
        """Let Discord itself lose a server while the block lasts.

        Its people may still change things there; the bot sees that when the server is back.
        """
        self.take_away(server, status=status)
        try:
            yield
        finally:
            self.bring_back(server)

    def people(self, server: Server) -> list[Person]:
        """Return everyone in a server but its owner and the bot, in the order they joined."""
        away = {server.owner_id, self.bot_id}
        return [
            Person(self, server, member.user)
            for member in server.members.values()
            if member.user.id not in away
        ]

    def _new_user(self, name: str | None = None) -> User:
        if name is None:
            name = f"{self.draws.choice(NAMES)}{len(self.state.users)}"
        user = User(self.state.snowflake(), name.lower().replace(" ", "_"), global_name=name)
        self.state.users[user.id] = user
        return user

    # --- time -----------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Wait until the bot has handled everything and is idle (see `Control.settle`)."""
        await self.control.settle()

    def _time_passed(self) -> None:
        """Let happen what Discord does by the clock."""
        acts.archive_due(self.world)
        acts.events_due(self.world)

    async def advance(self, to: timedelta | datetime) -> None:
        """Let virtual time pass, or go to a moment, and let the bot run what is due."""
        await self.control.advance(self.clock.now() + to if isinstance(to, timedelta) else to)


def _application(now: datetime, seed: int) -> Application:
    """Return the application, with ids older than everything else and a token like Discord's."""
    made = time_snowflake(now - timedelta(days=30))
    bot = User(made + 1, "hearth", bot=True)
    owner = User(made + 2, "owner")
    draw = random.Random(f"token {seed}")
    parts = [str(bot.id).encode(), draw.randbytes(4), draw.randbytes(27)]
    token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    return Application(made, "Hearth", bot, owner, token)
