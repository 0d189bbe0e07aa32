"""Nothing that is typed behind a command takes harm, nor what is suggested meanwhile."""

import discord
import pytest
from discord import app_commands

from sandbox.people import Person
from tests.conftest import Running
from tests.hostile.reading import read_all
from tests.hostile.stored import unclean
from tests.hostile.texts import packed, short
from tests.hostile.town import Town, riverside

FLOODS = ("flood of stars", "flood of pings", "flood of lines", "lines at once")
OFTEN = 4  # once in so many texts, what is suggested is looked at, too

# What makes the rest of a command right; a command that would end something takes no one real.
GOOD: dict[str, object] = {
    "name": "Lakeside",
    "kind": "interest",
    "group": "Hill",
    "type": "Interest",
    "to": "facilitators",
    "other": "Hill",
    "purpose": "Evening runs around the lake.",
    "access": "role",
}


def caller(command: str) -> str:
    """Return who calls a command."""
    first = command.partition(" ")[0]
    return {"hearth": "owner", "safety": "Gus", "desk": "Lena"}.get(first, "Jo")


def asked(hearth: Running) -> dict[str, list[app_commands.Parameter]]:
    """Return every command with its options that take any text."""
    found: dict[str, list[app_commands.Parameter]] = {}
    for command in hearth.app.client.tree.walk_commands():
        if isinstance(command, app_commands.Command):
            texts = [
                option
                for option in command.parameters
                if option.type is discord.AppCommandOptionType.string and not option.choices
            ]
            if texts:
                found[command.qualified_name] = texts
    return found


def rest(hearth: Running, command: str, option: str, town: Town) -> dict[str, object]:
    """Return what else a command needs, each as right as it can be."""
    found: dict[str, object] = {}
    tree = hearth.app.client.tree
    for one in tree.walk_commands():
        if isinstance(one, app_commands.Command) and one.qualified_name == command:
            for parameter in one.parameters:
                name = parameter.display_name
                if name == option or not parameter.required:
                    continue
                if parameter.choices:
                    found[name] = parameter.choices[0].value
                elif parameter.type is discord.AppCommandOptionType.user:
                    found[name] = town["Omar"]
                elif parameter.type is discord.AppCommandOptionType.channel:
                    found[name] = town.hearth.server.channel("elsewhere")
                elif parameter.type is discord.AppCommandOptionType.role:
                    found[name] = next(iter(town.hearth.server.roles.values()))
                else:
                    found[name] = GOOD[name]
    return found


async def ask(town: Town, who: Person, command: str, option: str, text: str) -> bool:
    """Call a command with one text; False where a client would not send it."""
    hearth = town.hearth
    try:
        answer = await who.command(command, **{**rest(hearth, command, option, town), option: text})
    except ValueError:
        return False
    town.watch.typed += 1
    town.watch.saw(f"/{command} {option}", answer)
    return True


@pytest.fixture
def town(hearth: Running) -> Town:
    """Riverside and Hill."""
    found = hearth.founded
    assert isinstance(found, Town)
    return found


@pytest.mark.founded(by=riverside)
async def test_no_option_takes_harm(town: Town, hearth: Running) -> None:
    """Every option that takes text, every text; then all that can be opened is read."""
    texts = {**short(town.who), **{name: packed(town.who)[name] for name in FLOODS}}
    commands = asked(hearth)
    # Makers first: what they make stands in every list and suggestion from then on.
    order = sorted(commands, key=lambda name: ("create" not in name and "add" not in name, name))
    options = suggested = 0
    for command in order:
        who = town[caller(command)]
        for option in commands[command]:
            options += 1
            name = option.display_name
            for number, text in enumerate(texts.values()):
                if name == "emoji" and text.startswith("<:"):
                    continue  # one of a server's own emoji is right here
                await ask(town, who, command, name, text)
                if option.autocomplete and number % OFTEN == 0:
                    suggested += 1
                    found = await who.autocomplete(command, name, text[:100])
                    town.watch.saw_choices(f"/{command} {name}", found)
        await hearth.settle()
        town.watch.rooms(f"after /{command}")
    for name in ("owner", "Lena", "Kim", "Gus"):
        await read_all(town, name, 30)
    print(  # noqa: T201 - the counts are a part of the promise
        f"{options} options of {len(commands)} commands: {town.watch.typed} texts,"
        f" {suggested} times suggested; {town.watch.answers} answers and"
        f" {town.watch.messages} messages read"
    )
    assert town.watch.wrong == {}
    assert await unclean(hearth) == []
    assert options == sum(map(len, commands.values())) > 30
    assert town.watch.typed > 30 * options
