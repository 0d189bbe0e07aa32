"""Application commands: what is registered, globally and per server, under Discord's rules.

The figures are Discord's (docs, Application Commands; its OpenAPI description).
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sandbox.errors import ApiError, error, invalid_form

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.state import Server, State

    Raw = dict[str, Any]


class CommandType(IntEnum):
    """Kinds of command."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3


class OptionType(IntEnum):
    """Kinds of option."""

    SUBCOMMAND = 1
    GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


MOST = {CommandType.CHAT_INPUT: 100, CommandType.USER: 15, CommandType.MESSAGE: 15}
"""Commands of each kind, globally and again in each server."""
MAX_OPTIONS = 25
MAX_CHOICES = 25
MAX_CHARACTERS = 8000
"""Names, descriptions and choices of one command in all."""
MAX_CREATED_PER_DAY = 200
"""New commands a day, globally and again in each server."""

_NAME = re.compile(r"[-_'\w]{1,32}")
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
            _check(body, f"{index}.")
        names = Counter((_kind(body), body["name"]) for body in raw)
        if any(count > 1 for count in names.values()):
            message = "Application command names must be unique"
            raise invalid_form("", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        _check_counts(raw)
        known = {(item["type"], item["name"]): item for item in self.all(server_id)}
        fresh = sum((_kind(body), body["name"]) not in known for body in raw)
        self._count_created(server_id, fresh)
        scope: dict[int, Raw] = {}
        for body in raw:
            item = self._made(server_id, body, known.get((_kind(body), body["name"])))
            scope[int(item["id"])] = item
        self._by_scope[server_id] = scope
        return list(scope.values())

    def create(self, server_id: int | None, body: Raw) -> tuple[Raw, bool]:
        """Add a command, or replace the one of its name and kind; also return whether it is new."""
        _check(body, "")
        scope = self._by_scope.setdefault(server_id, {})
        kind = _kind(body)
        known = self.find(server_id, kind, body["name"])
        if known is None:
            _check_counts([*scope.values(), body])
            self._count_created(server_id, 1)
        item = self._made(server_id, body, known)
        scope[int(item["id"])] = item
        return item, known is None

    def edit(self, server_id: int | None, command_id: int, body: Raw) -> Raw:
        """Change some fields of a command."""
        known = self.get(server_id, command_id)
        merged = {**known, **body, "type": known["type"]}
        _check(merged, "")
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
            "type": _kind(body),
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


def _kind(body: Raw) -> int:
    return int(body.get("type") or CommandType.CHAT_INPUT)


def _check_counts(commands: list[Raw]) -> None:
    for kind, count in Counter(_kind(body) for body in commands).items():
        most = MOST.get(CommandType(kind), 0)
        if count > most:
            message = f"Maximum number of application commands reached ({most})"
            raise ApiError(400, 30032, message)


def _check(body: Raw, path: str) -> None:
    kind = _kind(body)
    name = body.get("name")
    if kind not in MOST:
        raise invalid_form(f"{path}type", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3}.")
    if kind != CommandType.CHAT_INPUT:
        if not isinstance(name, str) or not 1 <= len(name) <= 32:
            raise _bad_length(f"{path}name", 1, 32)
        if body.get("description"):
            message = "Context menu commands cannot have description"
            raise invalid_form(f"{path}description", "APPLICATION_COMMAND_INVALID", message)
        return
    _check_named(body, path)
    _check_options(options_of(body), f"{path}options", depth=0)
    if sum(len(text) for text in _texts(body)) > MAX_CHARACTERS:
        message = f"Command exceeds maximum size ({MAX_CHARACTERS})"
        raise invalid_form(path.rstrip("."), "APPLICATION_COMMAND_TOO_LARGE", message)


def options_of(raw: Raw) -> list[Raw]:
    """Return the options of a command, group or subcommand."""
    return raw.get("options") or []


def choices_of(option: Raw) -> list[Raw]:
    """Return the choices that an option offers."""
    return option.get("choices") or []


def _texts(raw: Raw) -> Iterator[str]:
    yield from (raw["name"], raw["description"])
    for choice in choices_of(raw):
        yield from (str(choice["name"]), str(choice["value"]))
    for option in options_of(raw):
        yield from _texts(option)


def _check_named(raw: Raw, path: str) -> None:
    name = raw.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name != name.lower():
        message = "Command name is invalid"
        raise invalid_form(f"{path}name", "APPLICATION_COMMAND_INVALID_NAME", message)
    description = raw.get("description")
    if not isinstance(description, str) or not 1 <= len(description) <= 100:
        raise _bad_length(f"{path}description", 1, 100)


def _bad_length(path: str, least: int, most: int) -> ApiError:
    message = f"Must be between {least} and {most} in length."
    return invalid_form(path, "BASE_TYPE_BAD_LENGTH", message)


def _check_options(options: list[Raw], path: str, *, depth: int) -> None:
    """Check options at a depth: 0 in a command, 1 in a group or subcommand, 2 below a group."""
    if len(options) > MAX_OPTIONS:
        raise _bad_length(path, 0, MAX_OPTIONS)
    names = Counter(option.get("name") for option in options)
    if any(count > 1 for count in names.values()):
        message = "Option names must be unique"
        raise invalid_form(path, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message)
    kinds = [option.get("type") for option in options]
    nested = [kind in {OptionType.SUBCOMMAND, OptionType.GROUP} for kind in kinds]
    if any(nested) and not all(nested):
        message = "Sub-command and sub-command group option types are mutually exclusive to others"
        raise invalid_form(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    optional_seen = False
    for index, option in enumerate(options):
        here = f"{path}.{index}."
        if option.get("type") not in set(OptionType):
            raise invalid_form(f"{here}type", "BASE_TYPE_CHOICES", "Value must be one of 1 to 11.")
        _check_named(option, here)
        kind = OptionType(option["type"])
        if kind is OptionType.GROUP and depth > 0:
            message = "Groups cannot stand in groups or subcommands"
            raise invalid_form(f"{here}type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
        if kind <= OptionType.GROUP:
            inner = depth + 1 if kind is OptionType.GROUP else 2
            if kind is OptionType.SUBCOMMAND and depth == 2:
                message = "Subcommands cannot stand in subcommands"
                code = "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"
                raise invalid_form(f"{here}type", code, message)
            _check_options(options_of(option), f"{here}options", depth=inner)
            continue
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            raise invalid_form(here.rstrip("."), code, message)
        optional_seen = optional_seen or not option.get("required")
        _check_choices(option, here)


def _check_choices(option: Raw, path: str) -> None:
    choices = choices_of(option)
    if choices and option.get("autocomplete"):
        message = "Options with autocomplete cannot have choices"
        code = "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE"
        raise invalid_form(f"{path}choices", code, message)
    check_choices(choices, f"{path}choices")


def check_choices(choices: list[Raw], path: str) -> None:
    """Refuse choices, offered or suggested, that are too many, nameless or too long."""
    if len(choices) > MAX_CHOICES:
        raise _bad_length(path, 0, MAX_CHOICES)
    for index, choice in enumerate(choices):
        if not 1 <= len(str(choice.get("name") or "")) <= 100:
            raise _bad_length(f"{path}.{index}.name", 1, 100)
        value = choice.get("value")
        if value is None or (isinstance(value, str) and not 1 <= len(value) <= 100):
            raise _bad_length(f"{path}.{index}.value", 1, 100)
