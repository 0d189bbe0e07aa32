"""Seats that a type frees after a long silence: who is told when, and what they read.

Only where the owners made that a rule of the type. Silence is what Hearth could have heard: time in
which it was blind, and time in which somebody is away, is none. Whoever it is about is told two
weeks before, one press keeps the seat, and who comes back later comes first.
"""

from datetime import datetime, timedelta
from typing import Literal

from bot.rules.home_cards import Note
from bot.rules.message import Button, Line
from bot.rules.naming import safe
from bot.rules.place_names import stamp

NOTICE = timedelta(days=14)
# How much longer than the rule's days signs of life must be kept for it to be told at all
MARGIN = 14

# keep: nothing to say · tell: they are to be told · wait: they were · free: the seat goes
Step = Literal["keep", "tell", "wait", "free"]


def step(lasted: timedelta, limit: timedelta, told: timedelta | None) -> Step:
    """Return what is to be done about one silence.

    `lasted` is how long it is, `limit` the type's rule, `told` how long ago they were told, as far
    as Hearth heard since; None: they were not.
    """
    if lasted < limit - NOTICE:
        return "keep"
    if told is None:
        return "tell"
    return "free" if lasted >= limit and told >= NOTICE else "wait"


def told_note(group_id: int, group: str, told_at: datetime) -> Note:
    """Return what a card says of a seat that will go to others soon."""
    line = Line("seats.silent", {"group": safe(group), "until": stamp(told_at + NOTICE)})
    return Note((line,), (Button("seats.silent_keep", f"silent-keep:{group_id}", "success"),), True)


def freed_note(group_id: int, group: str) -> Note:
    """Return what a card says of a seat that went to others."""
    return Note(
        (Line("seats.silent_freed", {"group": safe(group)}),),
        (
            Button("seats.silent_back", f"silent-back:{group_id}", "success"),
            Button("seats.silent_past", f"silent-past:{group_id}"),
        ),
    )
