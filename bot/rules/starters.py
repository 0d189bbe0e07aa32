"""Conversation starters: three a week for each group, from its charter, its kind and its season.

A starter is a text of the catalogue whose places are filled with the group's own words. Which three
they are follows from group and week alone, so that everyone who looks after a group is offered the
same; and from week to week they go round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Literal

from bot.rules.message import Line
from bot.rules.naming import safe

# Where a group is just now: a beginning, the time after a split, newcomers, the last weeks, no free
# seat; or none of these.
Season = Literal["young", "parted", "newcomers", "ending", "full", "settled"]

A_WEEK = 3  # starters
YOUNG = timedelta(days=30)
PARTED = timedelta(days=30)
NEWCOMERS = timedelta(days=7)
ENDING = timedelta(days=28)

# How many texts there are, by what they need.
OF_CHARTER: Mapping[str, int] = {
    "purpose": 2,
    "for_whom": 2,
    "unites": 2,
    "norm": 2,
    "first_thing": 1,
    "city": 1,
}
OF_KIND = 3
OF_SEASON: Mapping[Season, int] = {
    "young": 2,
    "parted": 1,
    "newcomers": 2,
    "ending": 1,
    "full": 1,
    "settled": 3,
}


@dataclass(frozen=True, slots=True)
class Own:
    """What a group says about itself, and where it is just now."""

    group_id: int
    kind: str
    season: Season
    purpose: str = ""
    for_whom: str = ""
    unites: str = ""
    norms: str = ""  # one per line
    first_thing: str = ""
    city: str = ""


def of_week(own: Own, today: date) -> list[Line]:
    """Return the group's starters of the week that `today`, on its own calendar, belongs to."""
    week = (today.toordinal() - 1) // 7  # the first day of year 1 was a Monday
    charter, kind, season = _of_charter(own, week), _of_kind(own), _of_season(own)
    found: list[Line] = []
    for pool in (charter, kind, season):
        turned = _turned(pool, own.group_id, week)
        found += turned[:1]
    # A charter that says nothing leaves its place to the kind of group.
    found += _turned(kind, own.group_id, week)[1 : 1 + A_WEEK - len(found)]
    return sorted(found, key=lambda line: _order(own.group_id, week, line.key))


def named(own: Own, key: str, today: date) -> Line | None:
    """Return the starter of this name if it is one of the group's at all; not only of the week."""
    week = (today.toordinal() - 1) // 7
    every = (*_of_charter(own, week), *_of_kind(own), *_of_season(own))
    return next((line for line in every if line.key == f"starters.{key}"), None)


def name(line: Line) -> str:
    """Return what `named` finds a starter by."""
    return line.key.removeprefix("starters.")


def _of_charter(own: Own, week: int) -> list[Line]:
    norms = [norm for norm in own.norms.splitlines() if norm.strip()]
    says = {
        "purpose": own.purpose,
        "for_whom": own.for_whom,
        "unites": own.unites,
        "norm": norms[(week + own.group_id) % len(norms)] if norms else "",
        "first_thing": own.first_thing,
        "city": own.city,
    }
    return [
        Line(f"starters.{what}_{number}", {what: safe(says[what].strip())})
        for what, most in OF_CHARTER.items()
        if says[what].strip()
        for number in range(1, most + 1)
    ]


def _of_kind(own: Own) -> list[Line]:
    return [Line(f"starters.{own.kind}_{number}") for number in range(1, OF_KIND + 1)]


def _of_season(own: Own) -> list[Line]:
    return [
        Line(f"starters.{own.season}_{number}") for number in range(1, OF_SEASON[own.season] + 1)
    ]


def _turned(pool: Sequence[Line], group_id: int, week: int) -> list[Line]:
    """Return a pool with this week's first, in an order of the group's own."""
    ordered = sorted(pool, key=lambda line: _order(group_id, 0, line.key))
    if not ordered:
        return []
    first = week % len(ordered)
    return ordered[first:] + ordered[:first]


def _order(group_id: int, week: int, key: str) -> bytes:
    return blake2b(f"{group_id}:{week}:{key}".encode(), digest_size=8).digest()
