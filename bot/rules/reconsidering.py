"""When a ritual may be worth another thought: nobody answers any more, or hardly anybody.

Answers are replies, reactions and presses on [I'm in], as a number per occurrence. A ritual is
measured against its own past only: one that three people always answered is fine. One that nobody
answered three times in a row pauses itself (bot/services/rituals.py); this speaks up before.
"""

from collections.abc import Sequence
from datetime import timedelta
from statistics import mean
from typing import Literal

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
