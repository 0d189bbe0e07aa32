"""Landing well: the welcome in the room, whose turn it is to greet, and what a newcomer reads.

A greeter is asked, not appointed: the welcome mentions them, and whoever presses "I'll show them
around" first does so, the asked one or another. Nobody reads that someone did not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.rules.charter import CALLS
from bot.rules.message import Button, Line, Message
from bot.rules.naming import clean, safe
from bot.rules.place_names import stamp
from bot.rules.types import KINDS

GREETS_A_DAY = 3  # newcomers that one greeter is asked about within a day
THINGS = 3  # first things to do that each kind of group has to choose from
FIRST_THING_MOST = 200
ANSWERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be asked to greet, with when and how often they were lately."""

    user_id: int
    since: datetime
    volunteer: bool
    asked_at: datetime | None = None
    asked_today: int = 0


@dataclass(frozen=True, slots=True)
class TakenOn:
    """That `by` shows a newcomer around; `new`: from this press on."""

    user_id: int
    by: int
    new: bool
    next_ritual_at: datetime | None


def whose_turn(candidates: Sequence[Candidate]) -> int | None:
    """Return who is asked next, None for nobody.

    Volunteers before facilitators; among them who was never asked, then who was asked longest ago.
    Whoever was asked often today has done their share.
    """
    free = [one for one in candidates if one.asked_today < GREETS_A_DAY]
    if not free:
        return None
    return min(
        free,
        key=lambda one: (
            not one.volunteer,
            one.asked_at is not None,
            one.asked_at or one.since,
            one.user_id,
        ),
    ).user_id


def first_thing(kind: str, own: str, user_id: int) -> Line:
    """Return a small thing to begin with: the group's own, else one that suits its kind."""
    if own:
        return Line("living.first_own", {"thing": safe(own)})
    known = kind if kind in KINDS else "own"
    return Line(f"living.first_{known}_{user_id % THINGS + 1}")


def welcome(
    *,
    group_id: int,
    user_id: int,
    greeter: int | None,
    answers: Sequence[str],
    first: Line,
    now: datetime,
) -> Message:
    """Return the welcome in the room; the newcomer and who is asked to greet are mentioned."""
    at = int(now.timestamp())
    names = {"user": user_id, "answers": ", ".join(map(safe, answers[:ANSWERS_SHOWN]))}
    asked = () if greeter is None else (greeter,)
    return Message(
        (
            Line("living.welcome_answers" if answers else "living.welcome", names),
            Line("living.welcome_wave")
            if greeter is None
            else Line("living.welcome_asked", {"greeter": greeter}),
            Line("living.welcome_start", names),
            first,
        ),
        buttons=(
            Button("living.wave", f"wave:{user_id}:{at}", "primary"),
            Button("groups.how", f"charter:{group_id}"),
            Button("living.show_around", f"living-greet:{group_id}:{user_id}"),
        ),
        users=(user_id, *asked),
    )


def greeted(group_id: int, user_id: int, greeter: int, now: datetime) -> Message:
    """Return the line in the room once somebody has taken a newcomer under their wing."""
    return Message(
        (Line("living.greeted", {"greeter": greeter, "user": user_id}),),
        buttons=(Button("groups.how", f"charter:{group_id}:{user_id}:{int(now.timestamp())}"),),
        users=(user_id,),
    )


def taken_on(taken: TakenOn, presser: int) -> Message:
    """Return what whoever offered to show a newcomer around reads."""
    names = {"user": taken.user_id, "by": taken.by}
    if not taken.new:
        mine = taken.by == presser
        return Message((Line("living.taken_on_mine" if mine else "living.taken_on_before", names),))
    lines = [Line("living.taken_on", names)]
    if taken.next_ritual_at is not None:
        lines.append(Line("living.taken_on_ritual", {"at": stamp(taken.next_ritual_at)}))
    return Message(tuple(lines))


def told(group_id: int, greeter: int | None, first: Line) -> tuple[list[Line], list[Button]]:
    """Return what the newcomer's own reply says on how to begin, and its buttons."""
    asked = (
        Line("living.told_nobody")
        if greeter is None
        else Line("living.told_greeter", {"greeter": greeter})
    )
    buttons = [
        Button("groups.how", f"charter:{group_id}"),
        Button("living.introduce", f"living-write:{group_id}"),
    ]
    return [asked, first], buttons


def first_thing_typed(typed: str) -> str:
    """Return a first thing to do as it may stand in a room; "" goes back to what Hearth says."""
    said = clean(typed)
    if len(said) > FIRST_THING_MOST:
        raise UserError("living.first_too_long", n=len(said), most=FIRST_THING_MOST)
    if CALLS.search(said):
        raise UserError("living.calls")
    return said


def greeting_card(
    group_id: int,
    group: str,
    *,
    greeters: Sequence[int],
    first: Line,
    own: bool,
    greets: bool,
    lives_here: bool,
) -> Message:
    """Return how newcomers are received, for those who look after a group."""
    people = ", ".join(f"<@{user}>" for user in greeters)
    lines = [
        Line("living.desk_head", {"group": safe(group)}),
        Line("living.desk_greeters", {"people": people})
        if greeters
        else Line("living.desk_no_greeters"),
        Line("living.desk_first_own" if own else "living.desk_first"),
        first,
    ]
    buttons = [Button("living.desk_first_button", f"living-first:{group_id}", "primary")]
    if lives_here:
        buttons.append(offer_button(group_id, greets=greets))
    buttons += [
        Button("living.who", f"living-who:{group_id}:0"),
        Button("desk.back", f"desk-open:{group_id}"),
    ]
    return Message(tuple(lines), tuple(buttons))


def offer_button(group_id: int, *, greets: bool) -> Button:
    """Return the button by which someone offers to greet, or takes the offer back."""
    if greets:
        return Button("living.greet_no_more", f"living-greeter:{group_id}:0")
    return Button("living.greet_too", f"living-greeter:{group_id}:1")
