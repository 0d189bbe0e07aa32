"""Before a group is full: when it is nearly so, when it will be, and how that reads."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.rules.desk_parts import Part
from bot.rules.letter_parts import Section
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.split_messages import Child, child_lines, kept_lines
from bot.rules.split_sizes import ROOM_TO_GROW

LOOKED_BACK: Final = timedelta(weeks=4)
LEAST_WATCHED: Final = timedelta(weeks=2)  # a younger group tells nothing yet
LONGEST_SAID: Final = 26  # weeks; further ahead nobody can tell


@dataclass(frozen=True, slots=True)
class Ready:
    """What is got ready for a group that is nearly full."""

    group_id: int
    group: str
    homes: int
    cap: int
    weeks: int | None  # until it is full; None: nobody can tell
    children: tuple[Child, ...]
    kept_weight: float
    stranded: int
    counted: bool  # whether anybody's talk has been counted: else the figures say nothing


def is_near(homes: int, cap: int) -> bool:
    """Return whether a group is so nearly full that its split is got ready."""
    return homes >= cap * ROOM_TO_GROW


def weeks_until_full(free: int, *, arrived: int, freed: int, watched: timedelta) -> int | None:
    """Return in about how many weeks the last seat is taken; None where that cannot be told.

    `arrived` moved in and `freed` seats came free while it was `watched`.
    """
    if watched < LEAST_WATCHED or arrived <= freed:
        return None
    per_week = (arrived - freed) / (watched / timedelta(weeks=1))
    weeks = max(1, math.ceil(free / per_week))
    return weeks if weeks <= LONGEST_SAID else None


def desk_part(ready: Ready) -> Sequence[Part]:
    """Return what the desk's page of growth says of a group that is nearly full."""
    button = Button("prepare.open", f"prepare-look:{ready.group_id}")
    return (Part("growth", (_when(ready),), (button,)),)


def section(ready: Ready) -> Section:
    """Return what a facilitator's letter says, once for each time that a group is nearly full."""
    return Section(
        key=f"nearly-full:{ready.group_id}",
        lines=(Line("prepare.letter"), _when(ready)),
        buttons=(Button("prepare.open", f"prepare-look:{ready.group_id}"),),
    )


def card(ready: Ready) -> Message:
    """Return what is ready, with what can be done already, for those who look after the group."""
    lines = [
        _when(ready),
        Line("prepare.today", {"count": len(ready.children)}),
        *child_lines(ready.children),
        *kept_lines(ready.kept_weight, ready.stranded, counted=ready.counted),
    ]
    buttons: list[Button] = []
    for index, child in enumerate(ready.children):
        if child.facilitator_id is not None and not child.agreed:
            params = {"user": child.facilitator_id, "name": safe(child.name)}
            lines.append(Line("prepare.could_ask", params))
            press = f"prepare-ask:{ready.group_id}:{child.facilitator_id}"
            buttons.append(Button("prepare.ask", press, "primary", {"name": child.name}))
        if index:
            press = f"prepare-name:{ready.group_id}:{index}"
            buttons.append(Button("prepare.name", press, params={"name": child.name}))
    lines.append(Line("prepare.nothing_yet"))
    buttons.append(Button("desk.back", f"desk-page:{ready.group_id}:growth"))
    return Message(tuple(lines), tuple(buttons))


def name_refused(group_id: int, index: int, line: Line) -> Message:
    """Return why a name cannot be, with the way back to the form as it was filled in."""
    fix = Button("splits.fix_it", f"prepare-name:{group_id}:{index}", "primary")
    return Message((line,), (fix,))


def _when(ready: Ready) -> Line:
    params = {"group": safe(ready.group), "homes": ready.homes, "cap": ready.cap}
    if ready.weeks is None:
        return Line("prepare.nearly_full", params)
    return Line("prepare.full_in", {**params, "n": ready.weeks})
