"""What pairs read: the beginning in the room, a pair's own message, and what follows it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from bot.rules.message import Button, Line, Message, Thread
from bot.rules.naming import safe

Often = Literal["weekly", "fortnightly", "monthly"]
OFTEN: tuple[Often, ...] = ("weekly", "fortnightly", "monthly")

QUESTIONS = 48  # in bot/texts/en/pair_questions.toml, counted from 0
QUESTIONS_MOST = 5  # that one pair gets
STEP = 7  # from one question to another; shares no factor with their number
PAIR = 2


def first_question(round_id: int, place: int) -> int:
    """Return the question of the pair at a place in a round: neighbours get different ones."""
    return (round_id * 11 + place * STEP) % QUESTIONS


def next_question(question: int) -> int:
    """Return the question that follows one; none comes again before all were there."""
    return (question + STEP) % QUESTIONS


def started(
    pairing_id: int,
    mark: str,
    *,
    host_id: int,
    often: str,
    first_at: datetime,
    sibling: str = "",
) -> Message:
    """Return what a room hears when pairs begin; `sibling` is named where both may be named."""
    at = int(first_at.timestamp())
    lines = [Line(f"pairs.started_{often}", {"host": host_id, "at": at})]
    if sibling:
        lines.append(Line("pairs.started_with", {"group": safe(sibling)}))
    return Message(
        tuple(lines),
        (
            Button("pairs.like", f"pair-join:{pairing_id}:{mark}", "primary"),
            Button("pairs.how_button", f"pair-how:{pairing_id}:{mark}"),
        ),
    )


def together(pair_id: int, people: Sequence[int], question: int, *, thread: bool) -> Message:
    """Return what brings people together: in a thread of theirs, or named in the room."""
    key = "pairs.together_two" if len(people) == PAIR else "pairs.together_three"
    return Message(
        (Line(key, {"people": mentions(people)}), asked(question)),
        (
            Button("pairs.met", f"pair-met:{pair_id}", "success"),
            Button("pairs.not_met", f"pair-not:{pair_id}"),
            Button("pairs.another", f"pair-more:{pair_id}"),
            Button("pairs.take_break", f"pair-break:{pair_id}"),
        ),
        users=tuple(people),
        loud=True,
        thread=Thread(Line("pairs.thread", {"n": pair_id}), private=True) if thread else None,
    )


def asked(question: int) -> Line:
    """Return an opening question."""
    return Line(f"pair_questions.q{question % QUESTIONS:02}")


def more(pair_id: int, number: int, question: int) -> Message:
    """Return another question, the pair's `number`th."""
    return Message(
        (Line("pairs.more"), asked(question)),
        (
            Button("pairs.another", f"pair-more:{pair_id}:{number}"),
            Button("pairs.met", f"pair-met:{pair_id}:{number}", "success"),
        ),
    )


def did_you_meet(pair_id: int, people: Sequence[int], closes_at: datetime) -> Message:
    """Return the question whether they met; asked once."""
    params = {"people": mentions(people), "at": int(closes_at.timestamp())}
    return Message(
        (Line("pairs.did_you", params),),
        (
            Button("pairs.met", f"pair-met:{pair_id}:end", "success"),
            Button("pairs.not_met", f"pair-not:{pair_id}:end"),
        ),
        users=tuple(people),
    )


def goes_on(
    pairing_id: int, pair_id: int, left: Sequence[int], next_at: datetime | None
) -> Message:
    """Return what who is left hears when somebody cannot go on; never why, nor who it was."""
    if len(left) > 1:
        line = Line("pairs.three_go_on", {"people": mentions(left)})
    elif next_at is None:
        line = Line("pairs.two_end_open", {"person": mentions(left)})
    else:
        at = int(next_at.timestamp())
        line = Line("pairs.two_end", {"person": mentions(left), "at": at})
    button = Button("pairs.how_button", f"pair-how:{pairing_id}:{pair_id}:{len(left)}")
    return Message((line,), (button,), users=tuple(left))


def waits(pairing_id: int, mark: int, people: Sequence[int]) -> Message:
    """Return the line that pairs rest and ask; others read it, so it names no group."""
    key = "pairs.waits" if people else "pairs.waits_nobody"
    params = {"people": mentions(people)} if people else {}
    button = Button("pairs.waits_open", f"pair-waits:{pairing_id}:{mark}", "primary")
    return Message((Line(key, params),), (button,), users=tuple(people))


def how(*, threads: bool) -> Message:
    """Return how pairs work, for whoever asks."""
    place = "thread" if threads else "mention"
    keys = ("title", "who", "choice", place, "miss", "kept")
    return Message(tuple(Line(f"pairs.how_{key}") for key in keys))


def mentions(people: Sequence[int]) -> str:
    """Return people as they are mentioned, one after the other."""
    return " ".join(f"<@{user}>" for user in people)
