"""What is asked of people who look for a home: where servers begin, and what is worth asking."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.matching import SAME_HOURS, Asked, Candidate, Told, chance, shared_hours

MOST = 5  # questions that one person is asked
TEXT_MOST, LABEL_MOST = 150, 60
CHOICES_LEAST, CHOICES_MOST = 2, 25  # of Discord's menus
WORTH_LEAST = 0.02
"""Bits. What tells groups apart less than this is not worth anybody's time."""
LOOKED_AT = 60
"""So many groups are enough to see whether a question tells them apart."""


@dataclass(frozen=True, slots=True)
class StartingQuestion:
    """A question that a server starts out with.

    Its words are texts of the catalogue: `questions.<name>`, and `questions.<name>_choices`, one
    per line. `values` are what the choices stand for, in their order, where they stand for
    something.
    """

    name: str
    about: str = "fit"
    most: int = 1
    values: tuple[str, ...] = ()


ZONES = (
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
)
EUROPEAN = ("en", "de", "es", "fr", "it", "nl", "pl", "pt", "ru", "tr", "uk")
LANGUAGES = (*EUROPEAN, "ar", "hi", "ja", "ko", "zh")

OF_EVERY_TYPE: tuple[StartingQuestion, ...] = (
    StartingQuestion("language", "language", 3, LANGUAGES),
    StartingQuestion("zone", "zone", 1, ZONES),
    StartingQuestion("company", most=2),
)
OF_KIND: Mapping[str, tuple[StartingQuestion, ...]] = {
    "interest": (StartingQuestion("interest", most=3),),
    "goal": (StartingQuestion("goal", most=2),),
    "geographic": (StartingQuestion("part", most=2),),
    "experience": (StartingQuestion("experience", most=2),),
    "identity": (StartingQuestion("identity", most=3),),
    "cohort": (StartingQuestion("together"),),
    "own": (),
}
"""By the kind of a type: two types of one kind share a question, so that nobody is asked twice."""


def told(asked: Asked, group: Candidate, now: datetime) -> Told:
    """Return what is known of a group for a question; what its columns say counts as said."""
    if asked.about == "zone":
        near = (
            choice
            for choice, zone in asked.values.items()
            if shared_hours(zone, group.zone, now) >= SAME_HOURS
        )
        return Told(frozenset(near))
    if asked.about == "language":
        same = (choice for choice, code in asked.values.items() if code == group.language)
        return Told(frozenset(same))
    return group.told.get(asked.id, Told())


def worth(asked: Asked, groups: Sequence[Candidate], now: datetime) -> float:
    """Return by how much an answer is expected to tell these groups apart, in bits.

    Nothing where all of them say the same, or nobody has said anything yet.
    """
    looked_at = groups[:: max(1, len(groups) // LOOKED_AT)]
    if not looked_at or not asked.choices:
        return 0.0
    count = len(asked.choices)
    overall, inside = [0.0] * count, 0.0
    for group in looked_at:
        known = told(asked, group, now)
        shares = [chance(known, choice, given=1, choices=count) for choice in asked.choices]
        whole = sum(shares)
        for place, share in enumerate(shares):
            overall[place] += share / whole / len(looked_at)
        inside += _bits([share / whole for share in shares]) / len(looked_at)
    return max(0.0, _bits(overall) - inside)


def chosen(
    questions: Sequence[Asked],
    groups: Sequence[Candidate],
    now: datetime,
    *,
    apart: frozenset[int] = frozenset(),
) -> list[int]:
    """Return the ids of the questions that people are asked, at most five, in their order.

    Those that tell groups apart best. A question of `apart` is about groups that are not listed:
    one of them is always the last of the five, whatever such groups say, so that it tells nobody
    anything; but nobody is asked something so personal alone.
    """
    last = [asked.id for asked in questions if asked.id in apart][:1]
    known = {asked.id: worth(asked, groups, now) for asked in questions if asked.id not in apart}
    useful = sorted(
        (number for number, bits in known.items() if bits >= WORTH_LEAST),
        key=lambda number: (-round(known[number], 6), number),
    )
    wanted = useful[: MOST - len(last)]
    if not wanted:
        return []
    return [*(asked.id for asked in questions if asked.id in wanted), *last]


def _bits(shares: Sequence[float]) -> float:
    return -sum(share * math.log2(share) for share in shares if share > 0)
