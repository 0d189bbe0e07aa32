"""Which groups would have something to say to each other: by kinship, visits, and their charters.

What two charters share is measured by their words. A word that stands in most charters of a server
says nothing, one that only two groups use says much, so each counts by how rare it is there.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.rules.merging import apart
from bot.rules.naming import key

WORD = re.compile(r"[^\W\d_]{3,}")
BEGINNING = 6  # letters: "running", "runners" and "runs in" share most of their beginnings
KIN = 3.0  # next to a whole charter in common, which is 1
VISITED, VISITS_MOST = 0.1, 5  # for each person who was here and there lately
KIND, TONGUE = 0.2, 0.3
FAR = 12.0  # hours between two time zones at most


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A group as its neighbours may know it, for finding who fits whom."""

    group_id: int
    name: str
    emoji: str
    charter: str  # everything it says of itself
    kind: str
    language: str
    hours: float  # its time zone, in hours from UTC
    kin: bool = False  # they came out of the same split
    visits: int = 0  # people of either who visited the other lately


def words(text: str) -> frozenset[str]:
    """Return the words of a text as they are compared: without case, by their beginnings."""
    return frozenset(word[:BEGINNING] for word in WORD.findall(key_of(text)))


def key_of(text: str) -> str:
    """Return a text of any length as its words are compared."""
    return " ".join(key(part) for part in text.split())


def ranked(
    mine: Neighbour, others: Collection[Neighbour], *, about: str = "", most: int
) -> list[Neighbour]:
    """Return the groups that fit one best, the best first; `about`: what it wants to ask them.

    Ties go by id, so that the same facts give the same answer.
    """
    told = {other.group_id: words(f"{other.name} {other.charter}") for other in others}
    rare = _rareness([words(f"{mine.name} {mine.charter}"), *told.values()])
    wanted = words(f"{mine.name} {mine.charter}")
    asked = words(about)

    def fit(other: Neighbour) -> float:
        theirs = told[other.group_id]
        found = _shared(wanted, theirs, rare)
        if asked:
            found += 2 * _covered(asked, theirs, rare)  # the question is what it is about
        found += KIN * other.kin + VISITED * min(other.visits, VISITS_MOST)
        found += KIND * (other.kind == mine.kind) + TONGUE * (other.language == mine.language)
        return found - KIND * apart(mine.hours, other.hours) / FAR

    return sorted(others, key=lambda other: (-fit(other), other.group_id))[:most]


def _rareness(charters: Collection[frozenset[str]]) -> dict[str, float]:
    seen = Counter(word for charter in charters for word in charter)
    return {word: math.log((len(charters) + 1) / count) for word, count in seen.items()}


def _shared(one: Iterable[str], other: Iterable[str], rare: dict[str, float]) -> float:
    """Return how much of the words of either both have, 0 to 1."""
    mine, theirs = set(one), set(other)
    whole = sum(rare[word] for word in mine | theirs)
    return sum(rare[word] for word in mine & theirs) / whole if whole else 0.0


def _covered(asked: Iterable[str], other: Iterable[str], rare: dict[str, float]) -> float:
    """Return how much of what is asked a charter has, 0 to 1; words nobody has say nothing."""
    known = {word: rare[word] for word in asked if word in rare}
    whole = sum(known.values())
    theirs = set(other)
    return sum(rare for word, rare in known.items() if word in theirs) / whole if whole else 0.0
