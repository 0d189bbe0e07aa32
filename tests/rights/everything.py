"""All that can be asked of Hearth: read off what is loaded, not what somebody recalls."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from discord import AppCommandType, app_commands

from bot.client import Hearth

COGS = Path(__file__).parents[2] / "cogs"
MARKS = {"pressed": "press", "submitted": "form"}


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


def said() -> dict[tuple[str, str], str]:
    """Return what every button and form does, in the words of the code that answers it."""
    found: dict[tuple[str, str], str] = {}
    for file in sorted(COGS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef):
                does = (ast.get_docstring(node) or "").partition("\n")[0]
                found |= dict.fromkeys(_marks(node), does)
    return found


def _marks(node: ast.AsyncFunctionDef) -> Iterator[tuple[str, str]]:
    for mark in node.decorator_list:
        match mark:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(verb))]):
                if name in MARKS:
                    yield MARKS[name], verb
            case _:
                pass


def _commands(client: Hearth) -> Iterator[Thing]:
    for command in client.tree.walk_commands(type=AppCommandType.chat_input):
        if isinstance(command, app_commands.Command):
            takes = tuple(one.display_name for one in command.parameters)
            yield Thing("command", command.qualified_name, command.module or "", takes)


def _menus(client: Hearth) -> Iterator[Thing]:
    for type_ in (AppCommandType.user, AppCommandType.message):
        for command in client.tree.get_commands(type=type_):
            yield Thing("menu", command.name, command.module or "")
