"""Which groups to suggest to somebody who looks for a home, and why."""

from dataclasses import dataclass

from bot.rules.message import Line


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
    seats: int  # free, those that are kept for others not among them
    entry: str  # open | request (invited people read open)
    visits: str  # open | request | closed
    visit_days: int
    listed: bool
    score: float  # 0 to 1; never shown
    reasons: tuple[Line, ...]  # why, in words: one or two lines
    greeter: int | None = None  # who would greet them
