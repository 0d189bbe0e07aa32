"""Which groups may become one, which of two moves, and who fits whom best.

The smaller group moves into the larger, so that the fewest people move. Nobody's belonging becomes
more public by it: a group without a role never moves into one whose role stands on everyone's
profile, and one that is named nowhere never into one that is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.rules.planning import OVERWRITES

WORD_WAITS = timedelta(days=14)  # then a question that nobody answered is taken back
MOST_SHOWN = 5  # candidates on the card
KEYS_MOST = 100  # overwrites that one call for a room takes; members, guests and guards together


@dataclass(frozen=True, slots=True)
class Side:
    """What a merge needs to know of one of two groups."""

    group_id: int
    type_id: int
    kind: str
    access: str  # role | overwrites
    listed: bool
    state: str
    homes: int  # seats that are lived in, kept or held
    offered: int  # seats kept free for somebody of the waiting list
    cap: int
    minimum: int
    visitors: int = 0  # open visits, asked for or granted
    guards: int = 0  # overwrites of the bot and the safety roles, and of open doors
    locked: bool = False
    language: str = ""
    hours: float = 0.0  # its time zone, in hours from UTC


@dataclass(frozen=True, slots=True)
class Bond:
    """What two groups have to do with each other."""

    kin: bool = False  # they came out of the same split
    visits: int = 0  # of people of the one to the other within the last month


def moves(one: Side, other: Side) -> tuple[Side, Side]:
    """Return which of two groups moves and which stays: the smaller moves, of two alike the new."""
    first, second = sorted((one, other), key=lambda side: (side.homes, -side.group_id))
    return first, second


def why_not(goes: Side, stays: Side) -> str | None:
    """Return the name of what keeps one group from moving into another; None if nothing does."""
    if goes.group_id == stays.group_id:
        return "same"
    if goes.state not in {"open", "resting"} or stays.state != "open":
        return "not_open"
    if goes.locked or stays.locked:
        return "locked"
    if goes.access == OVERWRITES and stays.access != OVERWRITES:
        return "roles_are_public"
    if not goes.listed and stays.listed:
        return "stays_unlisted"
    if stays.homes + stays.offered + goes.homes > stays.cap:
        return "no_seats"
    keys = stays.homes + goes.homes + stays.visitors + stays.guards
    if stays.access == OVERWRITES and keys > KEYS_MOST:
        return "no_keys"
    return None


def ranked(
    small: Side, others: Iterable[tuple[Side, Bond]], *, most: int = MOST_SHOWN
) -> list[tuple[Side, Bond]]:
    """Return the groups that fit a small one best, the best first.

    Kin before strangers, then the same type, the same kind, the same language, people who visit
    each other, the nearest time zone, and the smallest table that results; ties by id, so that the
    same facts give the same answer. Groups that are named nowhere are never suggested.
    """
    fitting = [
        (other, bond)
        for other, bond in others
        if other.listed and small.listed and why_not(*moves(small, other)) is None
    ]
    fitting.sort(
        key=lambda pair: (
            not pair[1].kin,
            pair[0].type_id != small.type_id,
            pair[0].kind != small.kind,
            pair[0].language != small.language,
            -pair[1].visits,
            apart(pair[0].hours, small.hours),
            pair[0].homes,
            pair[0].group_id,
        )
    )
    return fitting[:most]


def apart(one: float, other: float) -> float:
    """Return how many hours lie between two time zones, the short way round."""
    distance = abs(one - other) % 24
    return min(distance, 24 - distance)
