"""Pulses: when a group can be asked, what an answer is, and what may be said of all together."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.rules.naming import clean

Question = Literal["belonging", "trust", "connection"]
State = Literal["open", "shown", "few", "called_off", "declined"]

QUESTIONS: tuple[Question, ...] = ("belonging", "trust", "connection")
STEPS = range(1, 6)
LINE_MOST = 180  # characters
FEWEST = 5  # people of whom anything is said, or written down at once

OPEN_FOR = timedelta(days=7)
AGAIN_AFTER = timedelta(days=28)  # from one question to the next: at most monthly
REST = timedelta(days=182)  # after those who live there said that it is nothing for them
LINES_KEPT = timedelta(days=14)  # after the close, until somebody has read them first
OWNERS_AFTER = timedelta(days=28)  # the group reads it first, owners' figures come later
KEPT = timedelta(days=365)  # that there was one, and its sums
CHANCE = 0.05  # a difference that chance alone makes as often is none
DIFFERING = 1.2  # steps of standard deviation from which people see something differently


@dataclass(frozen=True, slots=True)
class Given:
    """What one person answered: a step for each question they did not skip, and perhaps a line."""

    steps: Mapping[Question, int]
    line: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was answered."""
        return not self.steps and not self.line


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one question: how many answered it, their mean, whether they differ."""

    question: Question
    people: int
    mean: float
    differ: bool
    change: Literal["up", "down", ""] = ""  # against the last pulse, if it is more than chance


@dataclass(frozen=True, slots=True)
class Before:
    """The last pulse of a group: when it began, and how it ended if it did."""

    state: State
    started_at: datetime
    closed_at: datetime | None


def given(fields: Mapping[str, object]) -> Given:
    """Return what a filled form says; what is no step is no answer."""
    steps: dict[Question, int] = {}
    for question in QUESTIONS:
        chosen = str(fields.get(question) or "")
        if chosen.isascii() and chosen.isdigit() and int(chosen) in STEPS:
            steps[question] = int(chosen)
    line = clean(str(fields.get("line") or ""))[:LINE_MOST].strip()
    return Given(steps, line)


def again_at(last: Before | None) -> datetime | None:
    """Return from when on a group can be asked anew; None: it never was."""
    if last is None:
        return None
    if last.state == "declined" and last.closed_at is not None:
        return last.closed_at + REST
    return last.started_at + AGAIN_AFTER


def enough_to_decline(homes: int) -> int:
    """Return how many of those who live in a group end a pulse: a third, and never one alone."""
    return max(2, math.ceil(homes / 3))


def told(question: Question, tally: Mapping[int, int], before: Mapping[int, int]) -> Told | None:
    """Return what is said of a question, from how many chose each step, now and the last time.

    None where fewer than five answered it. A change is said only where Welch's 95 % interval of the
    difference leaves zero out (his test's p below 0.05). Loads scipy: call it in a thread.
    """
    now = _Sample.of(tally)
    if now.people < FEWEST:
        return None
    change = _change(now, _Sample.of(before))
    return Told(question, now.people, now.mean, differ=now.deviation >= DIFFERING, change=change)


def spread_out(tally: Mapping[int, int]) -> list[int]:
    """Return one step per person, the lowest first."""
    return [step for step, people in sorted(tally.items()) for _ in range(people)]


@dataclass(frozen=True, slots=True)
class _Sample:
    people: int
    mean: float
    deviation: float

    @classmethod
    def of(cls, tally: Mapping[int, int]) -> "_Sample":
        values = spread_out(tally)
        if len(values) < FEWEST:
            return cls(0, 0.0, 0.0)
        return cls(len(values), statistics.mean(values), statistics.stdev(values))


def _change(now: _Sample, before: _Sample) -> Literal["up", "down", ""]:
    # Where everybody agreed both times there is no spread to judge a difference by.
    if not before.people or not (now.deviation or before.deviation):
        return ""
    import scipy  # noqa: PLC0415 - most of a second, and only in the thread that reckons

    test = scipy.stats.ttest_ind_from_stats(
        now.mean,
        now.deviation,
        now.people,
        before.mean,
        before.deviation,
        before.people,
        equal_var=False,
    )
    if float(test.pvalue) >= CHANCE:
        return ""
    return "up" if now.mean > before.mean else "down"
