"""What owners and those who look after a group see of health: a picture and three sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rules import health_pictures as pictures
from bot.rules import health_words as words
from bot.rules.health import Week
from bot.rules.health_words import Lines, Seen
from bot.rules.message import Button, Choice, Line, Menu, Message, Picture
from bot.rules.naming import safe

MENU_MOST = 25
PICK = "health-pick"
GOT_WORSE = ("active", "conversations", "repeat")  # what a group is shown to owners for


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a server; without a name it is one that is not listed."""

    group_id: int
    name: str | None
    lines: Lines


def none_yet(at: datetime, back: Button | None = None) -> Message:
    """Say when the first figures come."""
    buttons = () if back is None else (back,)
    return Message((Line("health.none_yet", {"at": int(at.timestamp())}),), buttons)


def of_group(group_id: int, name: str, emoji: str, lines: Lines, back: Button) -> Message:
    """Return how one group goes, for its own people or for owners."""
    one = words.seen(lines)
    suggestion, act = words.to_try(one, group_id)
    picture = pictures.of_one(pictures.named(name), pictures.alt_group(name, one.week), one)
    told = (
        Line("health.group_title", {"emoji": emoji, "group": safe(name)}),
        words.well(one),
        words.changed(one),
        suggestion,
        until(one.week, shown=picture is not None),
    )
    buttons = (back,) if act is None else (act, back)
    return Message(told, buttons, pictures=_only(picture))


def of_server(lines: Lines, groups: Sequence[Group]) -> Message:
    """Return how all groups go, for owners."""
    one = words.seen(lines)
    looked = {*compared_by(lines, groups), *GOT_WORSE}
    seen = [words.seen(group.lines, looked) for group in groups]
    picture = everywhere(one, seen)
    between = (Button("health.map", "health-map"),) if len(groups) > 1 else ()
    return Message(
        (
            Line("health.all_title", {"n": len(groups)}),
            words.well(one),
            words.changed(one),
            words.to_try_everywhere(one, seen),
            until(one.week, shown=picture is not None),
        ),
        (*between, Button("health.stay", "health-stay")),
        _menus(groups, seen),
        pictures=_only(picture),
    )


def compared_by(lines: Lines, groups: Sequence[Group]) -> list[str]:
    """Return by which measures the groups are put beside each other."""
    return pictures.compared(lines, [group.lines for group in groups])


def everywhere(one: Seen, groups: Sequence[Seen]) -> Picture | None:
    """Return the picture of a server: its groups beside each other, or its weeks where few."""
    alt = Line("health.alt_all", {"day": pictures.sunday(one.week).isoformat()})
    title = pictures.text("health.picture_all")
    return pictures.of_groups(one, groups) or pictures.of_one(title, alt, one)


def _menus(groups: Sequence[Group], seen: Sequence[Seen]) -> tuple[Menu, ...]:
    """Return the menu from which owners choose a group, by name.

    Where there are more than it holds, those are left out for which nothing got worse.
    """
    ranked = sorted(
        (not any(change.worse for change in one.changes.values()), place)
        for place, (group, one) in enumerate(zip(groups, seen, strict=True))
        if group.name is not None and group.lines
    )
    shown = [groups[place] for _, place in sorted(ranked[:MENU_MOST], key=lambda one: one[1])]
    choices = tuple(Choice(group.name or "", str(group.group_id)) for group in shown)
    return (Menu("health.pick", PICK, choices),) if choices else ()


def until(week: Week, *, shown: bool) -> Line:
    """Say until when figures go, and how the picture is read if one is `shown`."""
    # Sunday's noon: there it is Sunday in nearly every zone, so that is the date people read.
    at = int((week.ends - timedelta(hours=12)).timestamp())
    return Line("health.until" if shown else "health.until_bare", {"at": at})


def _only(picture: Picture | None) -> tuple[Picture, ...]:
    return () if picture is None else (picture,)
