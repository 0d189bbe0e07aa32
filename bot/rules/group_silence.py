"""When a group has gone quiet as a whole, against its own weeks; and how that is said.

What is compared are days of people: in each of the last four fortnights, on how many days each of
those who live there now was around, summed. The newest against the middle one of the three before:
a third or less is quiet, two thirds are lively again. Of who lives there now, so that a split or
people who moved on do not look like silence; in time that Hearth heard, so that its own blindness
does not either. On a real log, two months into a channel's life, such a fortnight was followed by
four weeks below half of what was usual in 6 of 10 cases; any fortnight in 2 to 3 of 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe

FORTNIGHT = timedelta(days=14)
FORTNIGHTS = 4
LEAST_HEARD = 0.5  # of a fortnight, for it to tell anything
LEAST_USUAL = 14.0  # days of people in a fortnight: somebody each day
LEAST_PEOPLE = 5
QUIET, LIVELY = 1 / 3, 2 / 3
TOLD_FOR = timedelta(weeks=4)  # afterwards it is known, and letters speak of other things
OVER_AFTER = timedelta(weeks=12)  # then this is how the group is


@dataclass(frozen=True, slots=True)
class Fortnight:
    """How much of two weeks Hearth heard (0 to 1), and the days of people in it."""

    heard: float
    days: int

    @property
    def whole(self) -> float:
        """What it would have been, had Hearth heard all of it."""
        return self.days / self.heard


def usual(fortnights: Sequence[Fortnight]) -> float | None:
    """Return the usual of a group's earlier fortnights, newest first; None if they say too little.

    Figures are for groups in which at least `LEAST_PEOPLE` were around in them.
    """
    before = fortnights[1:]
    if len(before) < FORTNIGHTS - 1:
        return None
    if any(one.heard < LEAST_HEARD for one in fortnights):
        return None
    found = median(one.whole for one in before)
    return found if found >= LEAST_USUAL else None


def fell_silent(newest: Fortnight, was_usual: float) -> bool:
    """Return whether the newest fortnight is quiet against what was usual."""
    return newest.heard >= LEAST_HEARD and newest.whole <= was_usual * QUIET


def is_lively(newest: Fortnight, was_usual: float) -> bool:
    """Return whether a group that was quiet is as it used to be, or nearly."""
    return newest.heard >= LEAST_HEARD and newest.whole >= was_usual * LIVELY


def question(group_id: int, at: int) -> Message:
    """Return the neutral line in the owners' room."""
    press = f"hush-open:{group_id}:{at}"
    return Message((Line("noticing.hush_owners"),), (Button("noticing.open", press, "primary"),))


def card(group_id: int, group: str, *, alone: bool) -> Message:
    """Return what owners are told; `alone`: nobody looks after the group."""
    names = {"group": safe(group)}
    return Message(
        (
            Line("noticing.hush_card", names),
            Line("noticing.hush_alone" if alone else "noticing.hush_absent"),
            Line("noticing.hush_what"),
        ),
        (
            Button("noticing.ask_the_group", f"care-ask:{group_id}", "primary"),
            Button("noticing.open_desk", f"desk-open:{group_id}"),
        ),
    )
