"""Which groups to suggest to somebody who looks for a home, and why.

fit × free seats × shared hours × warmth × balance between siblings; each of them between a floor
and 1, so that nothing but the answers alone decides, and nothing decides alone.

Answers are taken as what they are: some are wrong, some are missing. An answer speaks for a group
by how likely somebody who fits there gives it: at first by what its facilitators say fits, and more
and more by how many of those who live there gave it, too. Where everything is said to fit, an
answer says nothing; none rules a group out; what a group has not said counts neither way.
"""

import math
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.rules.message import Line

DOUBT = 0.25
"""How much of an answer is taken for chance: people press the wrong thing, groups change."""
SAID_WEIGHS = 8
"""What facilitators say weighs as much as the answers of this many people who live there."""
FEWEST = 5
"""Of fewer people than this who answered a question nothing is said, not even to the rule."""
HOURS_AROUND = 10
"""Hours of the day, up to bedtime, in which somebody may be met."""
HOURS_FLOOR, SEATS_FLOOR, WARMTH_FLOOR, BALANCE_FLOOR = 0.3, 0.7, 0.75, 0.75
LANGUAGE_FLOOR = 0.1
"""A group whose language somebody does not speak is all but no group for them."""
ROOMY = 0.2
"""From this share of free seats on there is room enough; below, each seat counts."""
WARM, MIDDLING = 0.6, 0.5
"""Warmth from which on it is worth a word, and what is assumed of a group nobody has measured."""
SAME_HOURS = 0.6
DAY = 24
PRECISION = 9
"""Decimals to which scores are compared: no machine's last bit puts one group before another."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One group that may be somebody's home.

    A group that is not `listed` is suggested without its name: `name`, `emoji`, `purpose` are
    empty, `greeter` is None, and it is asked through [Ask them] of `find-ask:<group_id>`.
    """

    group_id: int
    name: str
    emoji: str
    purpose: str
    seats: int  # that could be taken right now, by the pace too; none that is kept for others
    entry: str  # open | request (invited people read open)
    visits: str  # open | request | closed
    visit_days: int
    listed: bool
    score: float  # 0 to 1; never shown
    reasons: tuple[Line, ...]  # why, in words: one or two lines
    greeter: int | None = None  # who would greet them


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the rule sees it; `about` as in models.Question.

    `choices` are labels by id, `values` the zone or language that a choice stands for.
    """

    id: int
    about: str
    choices: Mapping[int, str]
    values: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A group that somebody could move into or ask right now."""

    group_id: int
    kin: int  # groups with the same number are siblings: a type's id
    cap: int
    taken: int  # homes, and seats that are kept for others
    zone: str
    language: str
    told: Mapping[int, "Told"]  # by question; absent: nothing is known
    warmth: float | None = None  # 0 cold to 1 warm; None: not known yet


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a group for one question."""

    fits: frozenset[int] = frozenset()  # what its facilitators say fits; empty: not said
    people: int = 0  # how many who live there answered the question
    gave: Mapping[int, int] = field(default_factory=dict[int, int])  # how many of them, by choice


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score and what spoke for it."""

    group_id: int
    score: float
    matched: tuple[int, ...]  # choices of the person that the group names, the most telling first
    alike: bool  # those who live there answer more like them than others do
    hours: float | None  # share of their waking hours that they have in common; None: not asked
    warm: bool


def rank(
    answers: Mapping[int, Collection[int]],
    questions: Sequence[Asked],
    groups: Sequence[Candidate],
    *,
    tie: int,
    now: datetime,
) -> list[Ranked]:
    """Return the groups in the order in which they suit somebody.

    `answers` are the choices by question; a question that was skipped is absent or empty. `tie`,
    the person's id, decides between groups that suit alike, so that not everybody is sent to the
    same one; the same facts give the same order.
    """
    if not groups:
        return []
    told = [(q, frozenset(answers.get(q.id, ())) & q.choices.keys()) for q in questions]
    told = [(question, given) for question, given in told if given]
    fit = [0.0] * len(groups)  # logarithms
    matched: list[list[tuple[float, int]]] = [[] for _ in groups]
    for question, given in told:
        if question.about == "fit":
            _add_fit(question, given, groups, fit, matched)
    best = max(fit)
    zone = _value(told, "zone")
    speaks = {q.values[c] for q, given in told if q.about == "language" for c in given}
    filled = [group.taken / group.cap for group in groups]
    least: dict[int, float] = {}
    for group, share in zip(groups, filled, strict=True):
        least[group.kin] = min(share, least.get(group.kin, share))
    hours_with: dict[str, float] = {}
    if zone is not None:
        hours_with = {other: shared_hours(zone, other, now) for other in {g.zone for g in groups}}
    found: list[Ranked] = []
    for place, group in enumerate(groups):
        share = filled[place]
        hours = None if zone is None else hours_with[group.zone]
        warmth = MIDDLING if group.warmth is None else group.warmth
        score = (
            math.exp(fit[place] - best)
            * _from(SEATS_FLOOR, min((1 - share) / ROOMY, 1.0))
            * (1.0 if hours is None else _from(HOURS_FLOOR, hours))
            * (LANGUAGE_FLOOR if speaks and group.language not in speaks else 1.0)
            * _from(WARMTH_FLOOR, warmth)
            * _from(BALANCE_FLOOR, 1 - (share - least[group.kin]))
        )
        spoke = [choice for _weight, choice in sorted(matched[place], reverse=True)]
        found.append(
            Ranked(
                group_id=group.group_id,
                score=round(score, PRECISION),
                matched=tuple(spoke),
                alike=fit[place] > 0,
                hours=hours,
                warm=warmth >= WARM,
            )
        )
    found.sort(key=lambda one: (-one.score, _lot(tie, one.group_id), one.group_id))
    return found


def chance(told: Told, choice: int, *, given: int, choices: int) -> float:
    """Return how likely somebody who fits into a group gives an answer.

    When they give so many of so many choices.
    """
    by_lot = given / choices
    said = by_lot
    if told.fits:
        suits = min(1.0, given / len(told.fits)) if choice in told.fits else 0.0
        said = (1 - DOUBT) * suits + DOUBT * by_lot
    return (SAID_WEIGHS * said + told.gave.get(choice, 0)) / (SAID_WEIGHS + told.people)


def shared_hours(zone: str, other: str, now: datetime) -> float:
    """Return the share of the hours they are around that people of two zones have in common."""
    apart = abs(_offset(zone, now) - _offset(other, now)) % DAY
    return max(0.0, 1 - min(apart, DAY - apart) / HOURS_AROUND)


def warmth(around: int, homes: int, newcomers: int, answered: int) -> float:
    """Return how warm a group is, 0 to 1.

    `around`: who gave a sign of life within the last week, of so many `homes`; `answered`: how many
    of those who moved in within the last month somebody has answered. Small numbers say little, so
    each share begins at one half.
    """
    lively = (min(around, homes) + 1) / (homes + 2)
    kind = (min(answered, newcomers) + 1) / (newcomers + 2)
    return math.sqrt(lively * kind)


def _add_fit(
    question: Asked,
    given: frozenset[int],
    groups: Sequence[Candidate],
    fit: list[float],
    matched: list[list[tuple[float, int]]],
) -> None:
    count = len(question.choices)
    by_lot = len(given) / count
    nothing = Told()
    for place, group in enumerate(groups):
        told = group.told.get(question.id, nothing)
        for choice in given:
            weight = math.log(chance(told, choice, given=len(given), choices=count) / by_lot)
            fit[place] += weight
            if choice in told.fits:
                matched[place].append((weight, choice))


def _value(told: Sequence[tuple[Asked, frozenset[int]]], about: str) -> str | None:
    for question, given in told:
        if question.about == about:
            return question.values[min(given)]
    return None


def _from(floor: float, share: float) -> float:
    return floor + (1 - floor) * share


@lru_cache(maxsize=4096)
def _offset_at(zone: str, hour: datetime) -> float:
    offset = hour.astimezone(ZoneInfo(zone)).utcoffset()
    return 0.0 if offset is None else offset.total_seconds() / 3600


def _offset(zone: str, now: datetime) -> float:
    return _offset_at(zone, now.replace(minute=0, second=0, microsecond=0))


def _lot(person: int, group_id: int) -> int:
    return zlib.crc32(f"{person}:{group_id}".encode())
