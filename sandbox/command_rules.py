"""What an application command may be (Discord's docs, Application Commands; its OpenAPI)."""

from __future__ import annotations

import re
from collections import Counter
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sandbox.errors import ApiError, invalid_form

if TYPE_CHECKING:
    from collections.abc import Iterator

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

_NAME = re.compile(r"[-_'\w]{1,32}")


def kind_of(body: Raw) -> int:
    """Return the kind of a command that may leave it out."""
    return int(body.get("type") or CommandType.CHAT_INPUT)


def check_counts(commands: list[Raw]) -> None:
    """Refuse (400, 30032) more commands of a kind than a scope may have."""
    for kind, count in Counter(kind_of(body) for body in commands).items():
        most = MOST.get(CommandType(kind), 0)
        if count > most:
            message = f"Maximum number of application commands reached ({most})"
            raise ApiError(400, 30032, message)


def check_command(body: Raw, path: str) -> None:
    """Refuse (400, 50035) a command that breaks a rule; `path` says where it stands."""
    kind = kind_of(body)
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
