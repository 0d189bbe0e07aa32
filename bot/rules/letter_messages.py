"""How a quiet letter reads: names, days, and what can be said about each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe

MOST_NAMES = 5
WEEKLY = timedelta(days=7)
DAILY = timedelta(days=1)
# Jobs beat once an hour or later: a letter must not slip by an hour each week.
SLACK = timedelta(hours=2)

Outcome = Literal["reached", "away", "fine", "later", "back"]
Often = Literal["weekly", "daily", "none"]


@dataclass(frozen=True, slots=True)
class Named:
    """One name in a letter: a member, their silence, and what became of it (None: still quiet)."""

    episode_id: int
    user_id: int
    days: int
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A letter as its facilitator reads it."""

    letter_id: int
    group_id: int
    group: str
    facilitator_id: int
    names: Sequence[Named]
    often: Often
    by_dm: bool


def interval(often: str) -> timedelta | None:
    """Return how long after a letter the next may come; None for never."""
    return {"weekly": WEEKLY - SLACK, "daily": DAILY - SLACK}.get(often)


def letter(told: Told) -> Message:
    """Return the letter: a line per name, four answers to each who is still quiet."""
    still = [named for named in told.names if named.outcome is None]
    head = "letters.head_daily" if told.often == "daily" else "letters.head"
    lines = [Line(head, {"user": told.facilitator_id, "group": safe(told.group)})]
    if not told.names:
        lines.append(Line("letters.nobody"))
    buttons: list[Button] = []
    for number, named in enumerate(told.names, 1):
        params = {"number": number, "user": named.user_id, "n": named.days}
        if named.outcome is None:
            # One name needs no number on its buttons.
            mark = f"{number} · " if len(told.names) > 1 else ""
            lines.append(Line("letters.name" if mark else "letters.only_name", params))
            row = still.index(named)
            about = f"{told.letter_id}:{named.episode_id}"
            buttons += [
                Button("letters.reached", f"quiet-reached:{about}", "primary", {"mark": mark}, row),
                Button("letters.away", f"quiet-away:{about}", params={"mark": mark}, row=row),
                Button("letters.fine", f"quiet-fine:{about}", params={"mark": mark}, row=row),
                Button("letters.later", f"quiet-later:{about}", params={"mark": mark}, row=row),
            ]
        else:
            lines.append(Line(f"letters.was_{named.outcome}", params))
    if still:
        lines.append(Line("letters.may_mean_nothing"))
    # Five rows of five: with five names the wishes stand at the ends of the first two.
    last = (0, 1) if len(still) == MOST_NAMES else (4, 4)
    at = f"{told.group_id}:{told.letter_id}"
    if told.often == "none":
        lines.append(Line("letters.none_any_more"))
        buttons.append(Button("letters.again", f"letter-more:{at}", row=last[0]))
    else:
        # After a weekly letter there is nothing fewer than none.
        label = "letters.fewer" if told.often == "daily" else "letters.no_more"
        buttons.append(Button(label, f"letter-fewer:{at}", row=last[0]))
    if told.often == "none":
        return Message(tuple(lines), tuple(buttons))
    if told.by_dm:
        buttons.append(Button("letters.no_dm", f"letter-room:{at}", row=last[1]))
    else:
        buttons.append(Button("letters.by_dm", f"letter-dm:{at}", row=last[1]))
    return Message(tuple(lines), tuple(buttons))


def waits(facilitator_id: int, group_id: int, letter_id: int) -> Message:
    """Return the line in the facilitators' room: whose letter is ready, and no other name."""
    return Message(
        (Line("letters.ready", {"user": facilitator_id}),),
        (Button("letters.open", f"letter-open:{group_id}:{letter_id}", "primary"),),
        users=(facilitator_id,),
    )
