"""All that can be asked of Hearth: enumerated from what is loaded, not from what somebody recalls."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

from discord import AppCommandType, app_commands

from bot.client import Hearth


@dataclass(frozen=True, slots=True)
class Thing:
    """A command, a menu's command, a button or menu ("press"), or a form; with what it takes."""

    kind: str
    name: str
    module: str
    takes: tuple[str, ...] = ()
    chosen: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What it is: its kind and its name."""
        return self.kind, self.name


def things(client: Hearth) -> list[Thing]:
    """Return all of it."""
    found = [*_commands(client), *_menus(client)]
    for (kind, verb), method in client.answerers.known().items():
        parameters = list(inspect.signature(method).parameters.values())[1:]
        takes = tuple(
            one.name
            for one in parameters
            if one.name not in {"values", "fields"}
            and one.kind is not inspect.Parameter.VAR_POSITIONAL
        )
        chosen = any(one.name == "values" for one in parameters)
        found.append(Thing(kind, verb, method.__module__, takes, chosen))
    return found


def _commands(client: Hearth) -> Iterator[Thing]:
    for command in client.tree.walk_commands(type=AppCommandType.chat_input):
        if isinstance(command, app_commands.Command):
            takes = tuple(one.display_name for one in command.parameters)
            yield Thing("command", command.qualified_name, command.module or "", takes)


def _menus(client: Hearth) -> Iterator[Thing]:
    for type_ in (AppCommandType.user, AppCommandType.message):
        for command in client.tree.get_commands(type=type_):
            yield Thing("menu", command.name, command.module or "")
