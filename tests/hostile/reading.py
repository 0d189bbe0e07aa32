"""Reads all that somebody can open without typing anything, one press after the other."""

from typing import Any

from discord import app_commands

from tests.hostile.town import Town
from tests.hostile.watching import parts

# What ends something for good would take the cards away that are still to be read.
ENDS = ("danger", "leave", "forget", "opt-out", "step-down", "archive", "pause", "undo", "drop")
MOST = 90  # presses of one reader


async def read_all(town: Town, name: str, most: int = MOST) -> int:
    """Let somebody open every command that needs no option, and all that this leads to."""
    found: list[tuple[dict[str, Any], str]] = []
    seen: set[str] = set()
    count = 0

    def take_in(components: list[dict[str, Any]]) -> None:
        for part in parts(components):
            press = part.get("custom_id")
            if not press or press in seen or any(word in press for word in ENDS):
                continue
            seen.add(press)
            if part["type"] == 3:
                found.extend((part, option["value"]) for option in part["options"][:3])
            elif part["type"] == 2 and part["style"] != 4:
                found.append((part, ""))

    for command in town.hearth.app.client.tree.walk_commands():
        if not isinstance(command, app_commands.Command) or any(
            word in command.qualified_name for word in ENDS
        ):
            continue
        if any(option.required for option in command.parameters):
            continue
        try:
            answer = await town[name].command(command.qualified_name)
        except PermissionError:
            continue  # Discord does not offer it to them
        town.watch.saw(f"{name} calls /{command.qualified_name}", answer)
        take_in(answer.components)
        count += 1
    for part, value in found:
        if count >= most:
            break
        if part["type"] == 3:
            answer = await town.press(name, part["custom_id"], value)
        else:
            answer = await town.press(name, part["custom_id"])
        town.watch.saw(f"{name} presses {part['custom_id']}", answer)
        if answer.kind == "message":
            take_in(answer.components)
        count += 1
    await town.hearth.settle()
    town.watch.rooms(f"after {name} read")
    return count
