"""When a ritual may be worth another thought: nobody answers any more, or hardly anybody.

Answers are replies, reactions and presses on [I'm in], as a number per occurrence. A ritual is
measured against its own past only: one that three people always answered is fine. One that nobody
answered three times in a row pauses itself (bot/services/rituals.py); this speaks up before.

What could be changed is suggested apart from that, at most once a month in a group: one change, the
smallest that fits what is known, never the same twice within half a year.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import mean
from typing import Literal, get_args

from bot.rules.ritual_kinds import KINDS, OWN
from bot.rules.rituals import Schedule

ANSWERED_WITHIN = timedelta(hours=24)  # a younger occurrence may still find answers
PEACE = timedelta(weeks=8)  # after somebody looked at it, or changed it
NONE_IN = 2  # occurrences in a row without an answer
LATEST = 3
BEFORE_LEAST, BEFORE_MOST = 3, 8
ONCE_WELL = 3.0  # answers per occurrence that a ritual once had, for fewer to mean anything
SHARE = 1 / 3

Why = Literal["none", "fewer"]


def why(answers: Sequence[int]) -> Why | None:
    """Return why a ritual may be worth another thought; `answers` per occurrence, oldest first."""
    if len(answers) >= NONE_IN and not any(answers[-NONE_IN:]):
        return "none"
    before = answers[:-LATEST][-BEFORE_MOST:]
    if len(before) < BEFORE_LEAST:
        return None
    usual = mean(before)
    if usual >= ONCE_WELL and mean(answers[-LATEST:]) <= usual * SHARE:
        return "fewer"
    return None


# --- what could be changed ------------------------------------------------------------------------

A_MONTH = timedelta(days=30)  # between two suggestions in one group
HELD_LEAST = 4  # occurrences, before anything is said of a ritual
MANY = 8.0  # people in the mean, for a thread or for more of it
RISING = 1.25  # times as many as before
WORN = 2  # times that every prompt was used, when fresh ones are due
TURNS_LEAST = 200  # of talk, before anything is said about hours
OPEN_HOURS = 3  # after its moment people answer within these, mostly
EARLIEST, LATEST_HOUR = 7, 21  # local hours at which a ritual may be suggested
CLEARLY = 2.0  # times as much talk as around its own hour
NEXT_KIND: Mapping[str, str] = {
    "check_in": "wins",
    "wins": "gratitude",
    "question": "show",
    "show": "question",
    "gratitude": "check_in",
    "newcomers": "question",
    "quiet_hour": "check_in",
    "closing": "gratitude",
    OWN: "question",
}
"""By kind, another that asks for something else: tried when nothing smaller is left."""

# other prompts · another hour · a thread for each · held less or more often · another kind
What = Literal["prompts", "hour", "thread", "fewer", "more", "kind"]
CHANGES: tuple[What, ...] = get_args(What)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a ritual: numbers of a whole group.

    `people`: how many took part in each occurrence, oldest first. `prompts`: how often each prompt
    was used. `hours`: turns of talk in the group by local hour. `before`: what was suggested within
    half a year.
    """

    schedule: Schedule
    kind: str = OWN
    thread: bool = False
    people: Sequence[int] = ()
    prompts: Sequence[int] = ()
    hours: Mapping[int, int] = field(default_factory=dict[int, int])
    before: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `hour`, `cadence` or `kind` is what it would become, as far as it is about it."""

    what: What
    hour: int | None = None
    cadence: Literal["weekly", "fortnightly", "monthly"] | None = None
    kind: str | None = None


def change(facts: Facts) -> Change | None:
    """Return the smallest change that may do a ritual good; None: let it be."""
    if len(facts.people) < HELD_LEAST:
        return None
    fades = why(facts.people) is not None
    for what in CHANGES:
        if what not in facts.before:
            found = _fits(what, facts, fades=fades)
            if found is not None:
                return found
    return None


def _fits(what: What, facts: Facts, *, fades: bool) -> Change | None:
    cadence = facts.schedule.cadence
    lately = mean(facts.people[-LATEST:])
    match what:
        case "prompts" if facts.prompts and min(facts.prompts) >= WORN:
            return Change("prompts")
        case "hour" if fades and cadence != "cron":
            hour = better_hour(facts.schedule.hour, facts.hours)
            return None if hour is None else Change("hour", hour=hour)
        case "thread" if not facts.thread and KINDS[facts.kind].part == "words" and lately >= MANY:
            return Change("thread")
        case "fewer" if fades and cadence in {"weekly", "fortnightly"}:
            return Change("fewer", cadence="fortnightly" if cadence == "weekly" else "monthly")
        case "more" if cadence in {"fortnightly", "monthly"} and _rises(facts.people):
            return Change("more", cadence="weekly" if cadence == "fortnightly" else "fortnightly")
        case "kind" if fades:
            return Change("kind", kind=NEXT_KIND[facts.kind])
        case _:
            return None


def better_hour(hour: int, hours: Mapping[int, int]) -> int | None:
    """Return the local hour after which a group talks clearly more than after `hour`.

    None when there is none by day, or too little talk to say so.
    """
    if sum(hours.values()) < TURNS_LEAST:
        return None

    def after(start: int) -> int:
        return sum(hours.get((start + step) % 24, 0) for step in range(OPEN_HOURS))

    best = max(range(EARLIEST, LATEST_HOUR + 1), key=lambda one: (after(one), -abs(one - hour)))
    return best if after(best) >= max(CLEARLY * after(hour), 1) else None


def _rises(people: Sequence[int]) -> bool:
    """Return whether clearly more take part than did before, and enough to carry more of it."""
    before = people[:-LATEST][-BEFORE_MOST:]
    lately = mean(people[-LATEST:])
    return len(before) >= BEFORE_LEAST and lately >= MANY and lately >= RISING * mean(before)
