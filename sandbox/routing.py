"""The route table, and what a handler is given for one request.

A handler is a plain or an async function of one `Call`. It returns the JSON to answer (None: 204,
no content), or raises an `ApiError`. Each part of the API registers its handlers on a `RouteTable`:

    @table.route("GET", "/guilds/{guild_id}/roles")
    def list_roles(call: Call) -> object: ...
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from sandbox.errors import error, invalid_form
from sandbox.forms import Form, read_snowflake
from sandbox.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.ratelimits import Bucket
    from sandbox.state import Channel, Member, Message, Role, Server, State, User
    from sandbox.world import World

Handler = Callable[["Call"], object | Awaitable[object]]


@dataclass(frozen=True, slots=True)
class SubLimit:
    """A second budget for some of a route's requests, of which its headers tell nothing."""

    bucket: Bucket
    applies: Callable[[Call], bool]
    code: int = 0
    """Discord's error code for its refusal, where it has one."""


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the route table."""

    method: str
    template: str
    handler: Handler
    bucket: Bucket | None = None
    sub_limit: SubLimit | None = None
    status: int = 200
    """The status of an answer with content."""
    bot_only: bool = True
    """Whether the bot's token is needed; False where a token stands in the path."""
    counted: bool = True
    """Whether it counts to the global limit, which interaction endpoints do not."""

    @property
    def name(self) -> str:
        """The route as the request log names it."""
        return f"{self.method} {self.template}"


@dataclass(slots=True)
class _Node:
    routes: dict[str, Route] = field(default_factory=dict[str, Route])
    fixed: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    variable: _Node | None = None


class RouteTable:
    """Routes, found by method and path; a fixed segment wins over a variable one."""

    def __init__(self) -> None:
        self._root = _Node()

    def route(
        self,
        method: str,
        template: str,
        *,
        bucket: Bucket | None = None,
        sub_limit: SubLimit | None = None,
        status: int = 200,
        bot_only: bool = True,
        counted: bool = True,
    ) -> Callable[[Handler], Handler]:
        """Register the decorated handler; see `Route` for the options."""

        def register(handler: Handler) -> Handler:
            self.add(Route(method, template, handler, bucket, sub_limit, status, bot_only, counted))
            return handler

        return register

    def add(self, route: Route) -> None:
        """Register a route; the same method and path a second time is a mistake."""
        node = self._root
        for part in route.template.strip("/").split("/"):
            if part.startswith("{"):
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.fixed.setdefault(part, _Node())
        assert route.method not in node.routes, route.name
        node.routes[route.method] = route

    def include(self, other: RouteTable) -> None:
        """Take over another table's routes."""
        for route in other.all():
            self.add(route)

    def all(self) -> list[Route]:
        """Return every route."""
        found: list[Route] = []
        waiting = [self._root]
        while waiting:
            node = waiting.pop()
            found += node.routes.values()
            waiting += node.fixed.values()
            if node.variable is not None:
                waiting.append(node.variable)
        return found

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route for a request's raw path and its decoded variable segments."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        route = _descend(self._root, parts, 0, method)
        if route is None:
            return None
        names = route.template.strip("/").split("/")
        params = {
            name[1:-1]: part for name, part in zip(names, parts, strict=True) if name[0] == "{"
        }
        return route, params


def _descend(node: _Node, parts: list[str], depth: int, method: str) -> Route | None:
    if depth == len(parts):
        return node.routes.get(method)
    fixed = node.fixed.get(parts[depth])
    if fixed is not None:
        found = _descend(fixed, parts, depth + 1, method)
        if found is not None:
            return found
    return _descend(node.variable, parts, depth + 1, method) if node.variable else None


@dataclass(slots=True)
class Upload:
    """A file that came with a message."""

    name: str
    content_type: str
    content: bytes

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return len(self.content)


@dataclass(slots=True)
class Call:
    """One request, and the things its path names."""

    world: World
    route: Route
    params: dict[str, str]
    """Path segments, URL-decoded."""
    query: Mapping[str, str]
    body: Any = None
    """The parsed JSON; None when there was none."""
    uploads: dict[int, Upload] = field(default_factory=dict[int, Upload])
    reason: str | None = None
    """X-Audit-Log-Reason, decoded."""
    host: str = "127.0.0.1"
    """Where the client reached the sandbox, with the port."""

    @property
    def state(self) -> State:
        """The sandbox's state."""
        return self.world.state

    def id(self, name: str) -> int:
        """Return an id from the path; "@me" is the bot's."""
        text = self.params[name]
        if text == "@me":
            return self.state.bot.id
        found = read_snowflake(text)
        if found is None:
            raise invalid_form(name, "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')
        return found

    def form(self) -> Form:
        """Return the body, to be read field by field."""
        return Form({} if self.body is None else self.body)

    def parts(self) -> list[Form]:
        """Return a body that is a list of objects, each to be read field by field."""
        body: object = self.body
        if not isinstance(body, list):
            raise invalid_form("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
        return [Form(entry, path=str(number)) for number, entry in enumerate(cast("Any", body))]

    def options(self) -> Form:
        """Return the query string, to be read field by field."""
        return Form(dict(self.query))

    def server(self) -> Server:
        """Return the path's server; 10004 where there is none or the bot is not in it."""
        server = self.state.servers.get(self.id("guild_id"))
        if server is None or self.state.bot.id not in server.members:
            raise error(10004)
        return server

    def bot(self, server: Server) -> Member:
        """Return the bot as a member of a server."""
        return server.members[self.state.bot.id]

    def channel(self) -> Channel:
        """Return the path's channel; 10003 for none, 50001 for one the bot may not see."""
        channel = self.state.find_channel(self.id("channel_id"))
        if channel is None:
            raise error(10003)
        server = self.state.server_of(channel)
        if server is not None:
            bot = server.members.get(self.state.bot.id)
            if bot is None or not self.world.bot_sees(channel):
                raise error(50001)
        return channel

    def room(self) -> tuple[Server, Channel, Member]:
        """Return the path's channel with its server and the bot there; 50003 for a DM."""
        channel = self.channel()
        server = self.state.server_of(channel)
        if server is None:
            raise error(50003)
        return server, channel, self.bot(server)

    def message(self, channel: Channel) -> Message:
        """Return the path's message; 10008 where there is none."""
        self.need_history(channel)
        message = channel.history.get(self.id("message_id"))
        if message is None:
            raise error(10008)
        return message

    def need_history(self, channel: Channel) -> None:
        """Refuse (50013) where the bot may not read what was written before."""
        server = self.state.server_of(channel)
        if server is not None:
            self.world.need(self.bot(server), Permission.READ_MESSAGE_HISTORY, channel)

    def member(self, server: Server) -> Member:
        """Return the path's member; 10007, or 10013 for an account that does not exist."""
        user_id = self.id("user_id")
        if user_id not in self.state.users:
            raise error(10013)
        member = server.members.get(user_id)
        if member is None:
            raise error(10007)
        return member

    def role(self, server: Server) -> Role:
        """Return the path's role; 10011 where there is none."""
        role = server.roles.get(self.id("role_id"))
        if role is None:
            raise error(10011)
        return role

    def user(self) -> User:
        """Return the path's account; 10013 where there is none."""
        user = self.state.users.get(self.id("user_id"))
        if user is None:
            raise error(10013)
        return user
