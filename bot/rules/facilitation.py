"""What is said about looking after a group: asked privately, refused without a trace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe


@dataclass(frozen=True, slots=True)
class Load:
    """How much one person looks after: groups, and people who live in them."""

    groups: int
    homes: int


def too_much(load: Load, *, most_groups: int, most_homes: int) -> bool:
    """Return whether one person looks after more than is good for anybody."""
    return load.groups > most_groups or load.homes > most_homes


def much_with_one_more(load: Load, *, most_groups: int, most_homes: int) -> bool:
    """Return whether one more group would be too much for one person."""
    return load.groups >= most_groups or load.homes >= most_homes


def much_already(user_id: int, load: Load) -> Line:
    """Return what owners read who ask somebody that looks after much."""
    return Line(
        "facilitators.much_already", {"user": user_id, "n": load.groups, "homes": load.homes}
    )


def waits_in_room(user_id: int, asked_at: int) -> Message:
    """Return the neutral line in a room: it names neither the question nor the group.

    `asked_at` (seconds since 1970) makes the button this question's own.
    """
    return Message(
        (Line("facilitators.waits", {"user": user_id}),),
        buttons=(Button("facilitators.open", f"question-open:{user_id}:{asked_at}", "primary"),),
        users=(user_id,),
    )


def question(group_id: int, group: str, *, lives_there: bool = True) -> Message:
    """Return the question itself, for the asked person's eyes only."""
    lines = [Line("facilitators.question", {"group": safe(group)})]
    if not lives_there:
        lines.append(Line("facilitators.question_elsewhere"))
    return Message(
        tuple(lines),
        buttons=(
            Button("facilitators.yes", f"office-accept:{group_id}", "success"),
            Button("facilitators.no", f"office-decline:{group_id}"),
        ),
    )


def accepted(
    group_id: int, group: str, *, lives_there: bool, opened: bool, counted: bool, much: Load | None
) -> Message:
    """Return the answer to a yes; `much`: what they look after now is a lot for one person."""
    names = {"group": safe(group)}
    lines = [Line("facilitators.accepted", names)]
    buttons: list[Button] = []
    if opened:
        lines.append(Line("facilitators.accepted_opens", names))
    if not lives_there:
        lines.append(Line("facilitators.accepted_key", names))
        buttons.append(Button("facilitators.live_there", f"join:{group_id}"))
    if much is not None:
        lines.append(load_line(much))
    if counted:
        lines.append(Line("home.consent"))
        buttons.append(Button("home.opt_out", "privacy-opt-out"))
    return Message(tuple(lines), tuple(buttons))


def load_line(load: Load) -> Line:
    """Return what somebody reads who looks after much."""
    return Line("facilitators.much", {"n": load.groups, "homes": load.homes})


def sought(group_id: int, group: str, at: int, *, alone: bool) -> Message:
    """Return the card by which a group is asked; `alone`: nobody looks after it now."""
    head = "facilitators.sought" if alone else "facilitators.sought_help"
    return Message(
        (Line(head, {"group": safe(group)}), Line("facilitators.sought_how")),
        buttons=(Button("facilitators.i_would", f"care-would:{group_id}:{at}", "primary"),),
    )


def what_it_means(group_id: int, group: str, *, offered: bool) -> Message:
    """Return what looking after a group means, to one who pressed; `offered`: they said so."""
    names = {"group": safe(group)}
    if offered:
        return Message(
            (Line("facilitators.offered_before", names),),
            buttons=(Button("facilitators.rather_not", f"care-withdraw:{group_id}"),),
        )
    return Message(
        (Line("facilitators.means", names),),
        buttons=(
            Button("facilitators.yes_i_would", f"care-offer:{group_id}", "success"),
            Button("facilitators.rather_not", f"care-withdraw:{group_id}"),
        ),
    )


def somebody_would(group_id: int, ask: Sequence[int], at: int) -> Message:
    """Return the neutral line for those who confirm an offer; `ask` are pinged."""
    button = Button("facilitators.open", f"care-offers:{group_id}:{at}", "primary")
    if not ask:
        return Message((Line("facilitators.somebody_would"),), buttons=(button,))
    people = " ".join(f"<@{user}>" for user in ask)
    return Message(
        (Line("facilitators.somebody_would_help", {"people": people}),),
        buttons=(button,),
        users=tuple(ask),
    )


def offered(group_id: int, group: str, user_id: int, since: datetime, *, others: int) -> Message:
    """Return an offer, for those who say yes to it; `others` more wait behind it."""
    names = {"group": safe(group), "user": user_id, "at": int(since.timestamp())}
    lines = [Line("facilitators.offer", names)]
    if others:
        lines.append(Line("facilitators.more_offers", {"n": others}))
    return Message(
        tuple(lines),
        buttons=(
            Button("facilitators.yes", f"care-confirm:{group_id}:{user_id}", "success"),
            Button("facilitators.not_now", f"care-pass:{group_id}:{user_id}"),
        ),
    )


def began(group_id: int, group: str, user_id: int, at: int) -> Message:
    """Return the line in the room by which an office begins that was offered and confirmed."""
    return Message(
        (Line("facilitators.began", {"group": safe(group), "user": user_id}),),
        buttons=(Button("groups.how", f"charter:{group_id}:{user_id}:{at}"),),
        users=(user_id,),
    )


def stepped_down(
    group_id: int,
    group: str,
    user_id: int,
    *,
    left: int,
    at: int,
    moved_out: bool = False,
    asked: bool = False,
) -> Message:
    """Return the line for the owners; `left` facilitators remain, `at` in seconds since 1970.

    `moved_out`: the office ended because they left the group, not by a press on [Step down].
    `asked`: nobody remains, and a card in the room asks who would look after it.
    """
    why = "facilitators.moved_out" if moved_out else "facilitators.stepped_down"
    who_stays = "facilitators.some_stay" if left else "facilitators.nobody_stays"
    if asked:
        who_stays = "facilitators.nobody_stays_asked"
    names = {"user": user_id, "group": safe(group)}
    return Message(
        (Line(why, names), Line(who_stays, {"n": left})),
        buttons=(Button("facilitators.look", f"office-look:{group_id}:{at}"),),
    )


def stepped_down_unlisted(group_id: int, at: int) -> Message:
    """Return the line for the owners about a group that is named nowhere but in its own room."""
    return Message(
        (Line("facilitators.stepped_down_unlisted"),),
        buttons=(Button("facilitators.look", f"office-look:{group_id}:{at}"),),
    )


def invited_line(group_id: int, user_id: int, at: int) -> Message:
    """Return the neutral line for someone who is invited; `at` in seconds since 1970."""
    return Message(
        (Line("home.waits", {"user": user_id}),),
        buttons=(
            Button("facilitators.open", f"invitation-open:{group_id}:{user_id}:{at}", "primary"),
        ),
        users=(user_id,),
    )


def invitation(group_id: int, group: str, *, visits: bool) -> Message:
    """Return the invitation itself, for the invited person's eyes only."""
    buttons = [Button("desk.invitation_join", f"join:{group_id}", "primary")]
    if visits:
        buttons.append(Button("desk.invitation_visit", f"visit:{group_id}"))
    return Message((Line("desk.invitation", {"group": safe(group)}),), buttons=tuple(buttons))
