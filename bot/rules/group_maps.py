"""The map of groups: who lends visitors to whom, which group came out of which, and islands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.rules import health_pictures as pictures
from bot.rules.health import Week
from bot.rules.health_words import Lines
from bot.rules.message import Button, Line, Message, Picture
from bot.rules.naming import safe

LENT = ("lends", "borrows")
TOLD_PAIRS = 5  # of groups, in words
NAMED_MOST = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A group on the map; without a name it is one that is not listed."""

    group_id: int
    name: str | None
    homes: int
    lines: Lines

    @property
    def island(self) -> bool:
        """Whether surely nobody of it was elsewhere, and nobody from elsewhere there."""
        both = [self.lines[key].now.value for key in LENT if key in self.lines]
        return both == [0, 0]


@dataclass(frozen=True, slots=True)
class Map:
    """Groups; how many people of the first were around in the second; who came out of whom."""

    week: Week
    places: tuple[Place, ...]
    lent: Mapping[tuple[int, int], int]
    family: tuple[tuple[int, int], ...]  # (parent, child)

    @property
    def islands(self) -> tuple[Place, ...]:
        """The groups that know only themselves."""
        return tuple(place for place in self.places if place.island)

    @property
    def nobody(self) -> str:
        """The text that says that there are no pairs, or that Hearth cannot know."""
        lines = [place.lines[key] for place in self.places for key in LENT if key in place.lines]
        deaf = any(line.now.silent == "blind" for line in lines)
        return "health.map_deaf" if deaf else "health.map_nobody"


def card(found: Map, back: Button) -> Message:
    """Return the map with what it says in a few lines."""
    lines = [Line("health.map_title")]
    ranked = _ranked(found)
    if ranked:
        lines += [
            Line("health.map_pair", {"one": first, "other": second, "n": people})
            for first, second, people in ranked[:TOLD_PAIRS]
        ]
    else:
        lines.append(Line(found.nobody))
    islands = found.islands
    if islands:
        lines.append(_islands(islands))
    lines.append(Line("health.map_how"))
    return Message(tuple(lines), (back,), pictures=_pictures(found))


def picture(found: Map) -> Picture | None:
    """Return the map; None where there are too few groups for one."""
    return next(iter(_pictures(found)), None)


def _pictures(found: Map) -> tuple[Picture, ...]:
    if len(found.places) < 2:
        return ()
    at = {place.group_id: number for number, place in enumerate(found.places)}
    values: dict[str, Any] = {
        "title": pictures.text("health.map_picture"),
        "below": pictures.text("health.map_below"),
        "groups": [
            {"name": place.name, "homes": place.homes, "island": place.island}
            for place in found.places
        ],
        "lent": [
            [at[one], at[other], people]
            for (one, other), people in sorted(found.lent.items())
            if one in at and other in at
        ],
        "family": [[at[p], at[c]] for p, c in found.family if p in at and c in at],
    }
    return (Picture("map", values, tuple(_in_words(found, values))),)


def _in_words(found: Map, values: Mapping[str, Sequence[Any]]) -> list[Line]:
    day = pictures.sunday(found.week).isoformat()
    words = [Line("health.alt_map", {"n": len(found.places), "day": day})]
    counts = {
        "pairs": len(values["lent"]),
        "family": len(values["family"]),
        "islands": len(found.islands),
    }
    ranked = _ranked(found)
    for what, n in counts.items():
        if n:
            words.append(Line(f"health.alt_map_{what}", {"n": n}))
        elif what == "pairs":
            words.append(Line(found.nobody))
        if what == "pairs" and ranked:  # it says "most", of these
            first, second, people = ranked[0]
            words.append(Line("health.alt_map_most", {"one": first, "other": second, "n": people}))
    return words


def _ranked(found: Map) -> list[tuple[str, str, int]]:
    """Return pairs of listed groups by how many they lend, the most first."""
    names = {place.group_id: place.name for place in found.places}
    ranked = sorted(found.lent.items(), key=lambda pair: (-pair[1], pair[0]))
    told: list[tuple[str, str, int]] = []
    for (one, other), people in ranked:
        first, second = names.get(one), names.get(other)
        if first is not None and second is not None:
            told.append((safe(first), safe(second), people))
    return told


def _islands(places: Sequence[Place]) -> Line:
    """Say how many groups know only themselves, and name some that are listed."""
    names = [safe(place.name) for place in places if place.name is not None]
    if not names:
        return Line("health.map_islands_unnamed", {"n": len(places)})
    groups = ", ".join(names[:NAMED_MOST]) + (", …" if len(names) > NAMED_MOST else "")
    return Line("health.map_islands", {"n": len(places), "groups": groups})
