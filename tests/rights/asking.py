"""Asking Hearth for something without a client that would stop one: forged presses, forms, calls.

A client shows people only the buttons they were given and the commands they are offered. Whoever
writes their own client sends what they like; what may be done is decided by Hearth alone.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.driven import handlers_done
from sandbox.answers import Answer
from sandbox.calls import Resolved, command_data, menu_data
from sandbox.command_rules import CommandType
from sandbox.interactions import Interaction, Kind
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.conftest import Running

PATIENCE = 10.0  # real seconds, for a bot that is broken
OWN_ANSWERS = re.compile(r"/(interactions|webhooks)/")
TOKEN = "t0ken"  # noqa: S105 - the fresh word at the end of a form's id


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody got: a form or words; and what Hearth asked of Discord besides answering."""

    form: bool
    text: str
    buttons: tuple[str, ...] = ()
    modal: dict[str, Any] | None = None
    requests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Press:
    """A button, or with `values` a menu."""

    custom_id: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form that is sent, whoever it was opened for."""

    custom_id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """A slash command, by its whole path."""

    path: str
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Menu:
    """A command from the menu of a person or a message."""

    name: str
    target: Person | Message


Ask = Press | Form | Call | Menu


@dataclass(frozen=True, slots=True)
class Place:
    """Where one asks: a room or a DM, and a message of Hearth's there."""

    channel: Channel
    message: Message


async def ask(hearth: Running, person: Person, what: Ask, where: Place) -> Seen:
    """Send it as this person and wait until all that it set off is done."""
    sandbox = hearth.sandbox
    resolved = Resolved(sandbox.state, person.user, where.channel)
    kind, message = Kind.COMPONENT, where.message
    if isinstance(what, Press):
        data: dict[str, Any] = {"custom_id": what.custom_id, "component_type": 2, "id": 2}
        if what.values is not None:
            data |= {"component_type": 3, "values": list(what.values)}
    elif isinstance(what, Form):
        kind = Kind.MODAL
        data = {"custom_id": f"{what.custom_id}:{TOKEN}", "components": _typed(what.fields)}
    else:
        kind, message = Kind.COMMAND, None
        data = _called(hearth, what, resolved)
    before = sandbox.requests.snapshot()
    interaction = sandbox.interactions.open(kind, person.user, where.channel, data, message=message)
    await _answered(interaction)
    await handlers_done()
    asked = sandbox.requests.since(before).by_route
    answer = Answer(sandbox.interactions, interaction)
    assert answer.kind != "none", what
    return Seen(
        answer.kind == "modal",
        answer.text,
        tuple(answer.buttons),
        answer.modal,
        tuple(sorted(route for route in asked if not OWN_ANSWERS.search(route))),
    )


async def _answered(interaction: Interaction) -> None:
    async with asyncio.timeout(PATIENCE):
        while interaction.reply is None or interaction.loading:
            interaction.news.clear()
            await interaction.news.wait()


def _typed(fields: Mapping[str, str]) -> Sequence[dict[str, Any]]:
    return [
        {"type": 18, "id": number, "component": {"type": 4, "id": 50 + number, **field}}
        for number, field in enumerate(_parts(fields), start=1)
    ]


def _parts(fields: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name, value in fields.items():
        yield {"custom_id": name, "value": value}


def _called(hearth: Running, what: Call | Menu, resolved: Resolved) -> dict[str, Any]:
    """Return a call's data; as a server's settings may show any command to anybody, so here."""
    known = hearth.sandbox.commands.all(None)
    if isinstance(what, Menu):
        wanted = CommandType.USER if isinstance(what.target, Person) else CommandType.MESSAGE
        command = next(c for c in known if c["name"] == what.name and c["type"] == wanted)
        return menu_data(command, what.target, resolved)
    name, *steps = what.path.split()
    command = next(c for c in known if c["name"] == name and c["type"] == CommandType.CHAT_INPUT)
    return command_data(command, steps, dict(what.options), resolved)
