"""Application commands: what is registered, globally and per server, under Discord's rules.

What a command may be stands in `command_rules.py`.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.command_rules import OptionType, check_command, check_counts, kind_of, options_of
from sandbox.errors import ApiError, error, invalid_form

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.state import Server, State

    Raw = dict[str, Any]


MAX_CREATED_PER_DAY = 200
"""New commands a day, globally and again in each server."""

_KEPT = (
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "nsfw",
    "dm_permission",
    "contexts",
    "integration_types",
)


class Commands:
    """The registry of one application."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._by_scope: dict[int | None, dict[int, Raw]] = {}
        self._created: dict[int | None, list[datetime]] = {}

    def take_over(self, other: Commands) -> None:
        """Have registered what another registry has."""
        self._by_scope = {key: dict(scope) for key, scope in other._by_scope.items()}
        self._created = {key: list(times) for key, times in other._created.items()}

    def all(self, server_id: int | None) -> list[Raw]:
        """Return what is registered in a server, or globally for None."""
        return list(self._by_scope.get(server_id, {}).values())

    def get(self, server_id: int | None, command_id: int) -> Raw:
        """Return one command; 10063 if there is none."""
        found = self._by_scope.get(server_id, {}).get(command_id)
        if found is None:
            raise error(10063)
        return found

    def replace(self, server_id: int | None, raw: list[Raw]) -> list[Raw]:
        """Put exactly these commands in place; one of a known name and kind keeps its id."""
        for index, body in enumerate(raw):
            check_command(body, f"{index}.")
        names = Counter((kind_of(body), body["name"]) for body in raw)
        if any(count > 1 for count in names.values()):
            message = "Application command names must be unique"
            raise invalid_form("", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        check_counts(raw)
        known = {(item["type"], item["name"]): item for item in self.all(server_id)}
        fresh = sum((kind_of(body), body["name"]) not in known for body in raw)
        self._count_created(server_id, fresh)
        scope: dict[int, Raw] = {}
        for body in raw:
            item = self._made(server_id, body, known.get((kind_of(body), body["name"])))
            scope[int(item["id"])] = item
        self._by_scope[server_id] = scope
        return list(scope.values())

    def create(self, server_id: int | None, body: Raw) -> tuple[Raw, bool]:
        """Add a command, or replace the one of its name and kind; also return whether it is new."""
        check_command(body, "")
        scope = self._by_scope.setdefault(server_id, {})
        kind = kind_of(body)
        known = self.find(server_id, kind, body["name"])
        if known is None:
            check_counts([*scope.values(), body])
            self._count_created(server_id, 1)
        item = self._made(server_id, body, known)
        scope[int(item["id"])] = item
        return item, known is None

    def edit(self, server_id: int | None, command_id: int, body: Raw) -> Raw:
        """Change some fields of a command."""
        known = self.get(server_id, command_id)
        merged = {**known, **body, "type": known["type"]}
        check_command(merged, "")
        item = self._made(server_id, merged, known)
        self._by_scope[server_id][command_id] = item
        return item

    def delete(self, server_id: int | None, command_id: int) -> None:
        """Remove a command."""
        self.get(server_id, command_id)
        del self._by_scope[server_id][command_id]

    def find(self, server_id: int | None, kind: int, name: str) -> Raw | None:
        """Return the command of a name and kind that was registered in exactly this scope."""
        for item in self._by_scope.get(server_id, {}).values():
            if item["name"] == name and item["type"] == kind:
                return item
        return None

    def offered(self, server: Server | None, kind: int, name: str) -> Raw:
        """Return the command that a person finds under a name in a server (None: in a DM).

        A server's own command hides a global one; LookupError says what there is instead.
        """
        found = self.find(server.id, kind, name) if server else None
        found = found or self.find(None, kind, name)
        if found is None or (server is None and not in_dms(found)):
            scopes = [*self.all(server.id if server else None), *self.all(None)]
            names = sorted({item["name"] for item in scopes if item["type"] == kind})
            raise LookupError(f"no command {name!r} is registered; there are: {', '.join(names)}")
        return found

    def _made(self, server_id: int | None, body: Raw, known: Raw | None) -> Raw:
        permissions = body.get("default_member_permissions")
        item: Raw = {key: body[key] for key in _KEPT if body.get(key) is not None}
        item |= {
            "id": known["id"] if known else str(self._state.snowflake()),
            "application_id": str(self._state.application.id),
            "type": kind_of(body),
            "description": body.get("description") or "",
            "default_member_permissions": None if permissions is None else str(permissions),
        }
        item.setdefault("dm_permission", True)
        item.setdefault("nsfw", False)
        item.setdefault("contexts", None)
        item.setdefault("integration_types", [0])
        if server_id is not None:
            item["guild_id"] = str(server_id)
        unchanged = known is not None and {**known, "version": ""} == {**item, "version": ""}
        item["version"] = known["version"] if known and unchanged else str(self._state.snowflake())
        return item

    def _count_created(self, server_id: int | None, count: int) -> None:
        now = self._state.now()
        recent = [
            moment
            for moment in self._created.get(server_id, [])
            if moment > now - timedelta(days=1)
        ]
        if len(recent) + count > MAX_CREATED_PER_DAY:
            message = "Max number of daily application command creates has been reached (200)"
            raise ApiError(400, 30034, message)
        self._created[server_id] = recent + [now] * count


def in_dms(command: Raw) -> bool:
    """Return whether a global command is offered in the bot's DM."""
    contexts = command["contexts"]
    return bool(command["dm_permission"]) if contexts is None else 1 in contexts


def leaf(command: Raw, path: list[str]) -> tuple[list[Raw], list[Raw]]:
    """Follow subcommand names below a command.

    Return the groups and subcommands passed, outermost first, and the options of the last of
    them. LookupError where a name leads nowhere or a subcommand is missing.
    """
    passed: list[Raw] = []
    options: list[Raw] = options_of(command)
    for name in path:
        found = next(
            (o for o in options if o["name"] == name and o["type"] <= OptionType.GROUP), None
        )
        if found is None:
            names = [o["name"] for o in options if o["type"] <= OptionType.GROUP]
            raise LookupError(f"no subcommand {name!r}; there are: {', '.join(names)}")
        passed.append(found)
        options = options_of(found)
    if any(option["type"] <= OptionType.GROUP for option in options):
        names = [option["name"] for option in options]
        raise LookupError(f"a subcommand is missing; there are: {', '.join(names)}")
    return passed, options
