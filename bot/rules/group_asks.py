"""Questions from one group to another: how long they stand open, and what fits in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.errors import UserError
from bot.rules.naming import clean

TAKEN_UP_WITHIN = timedelta(days=7)  # by who looks after the group that is asked
OPEN_FOR = timedelta(days=7)  # for answers, once it was put to that group
QUESTION_LEAST, QUESTION_MOST = 10, 300
ANSWER_LEAST, ANSWER_MOST = 3, 600
MONTH, IN_A_MONTH = timedelta(days=30), 2  # questions that one group is asked by others
SHOWN_MOST = 5  # groups to choose from

Due = Literal["lapsed", "over", "ended", "back"]


@dataclass(frozen=True, slots=True)
class Stands:
    """How a question stands, and what became of the groups and its author."""

    put: bool
    ends_at: datetime
    asking_is_there: bool  # neither archived nor otherwise ended
    asked_is_there: bool  # that, and still named to others
    author_inside: bool  # lives in the group that asks, or looks after it


def due(stands: Stands, now: datetime) -> Due | None:
    """Return what becomes of an open question by now; None: nothing yet.

    Until it is put to the other group it is its author's, and goes when they go; afterwards it is
    their group's.
    """
    if not stands.asking_is_there or not stands.asked_is_there:
        return "ended"
    if not stands.put and not stands.author_inside:
        return "back"
    if now >= stands.ends_at:
        return "over" if stands.put else "lapsed"
    return None


def question(typed: str) -> str:
    """Return a question as it is kept; UserError for one that is too short or too long."""
    words = clean(typed, lines=True)
    if len(words) < QUESTION_LEAST:
        raise UserError("asks.question_short")
    if len(words) > QUESTION_MOST:
        raise UserError("asks.question_long", n=QUESTION_MOST)
    return words


def answer(typed: str) -> str:
    """Return an answer as it is posted; UserError for one that is too short or too long."""
    words = clean(typed, lines=True)
    if len(words) < ANSWER_LEAST:
        raise UserError("asks.answer_short")
    if len(words) > ANSWER_MOST:
        raise UserError("asks.answer_long", n=ANSWER_MOST)
    return words
