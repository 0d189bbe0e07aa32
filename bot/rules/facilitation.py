"""What is said about looking after a group: asked privately, refused without a trace."""

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe


def waits_in_room(user_id: int, asked_at: int) -> Message:
    """Return the neutral line in a room: it names neither the question nor the group.

    `asked_at` (seconds since 1970) makes the button this question's own.
    """
    return Message(
        (Line("facilitators.waits", {"user": user_id}),),
        buttons=(Button("facilitators.open", f"question-open:{user_id}:{asked_at}", "primary"),),
        users=(user_id,),
    )


def question(group_id: int, group: str) -> Message:
    """Return the question itself, for the asked person's eyes only."""
    return Message(
        (Line("facilitators.question", {"group": safe(group)}),),
        buttons=(
            Button("facilitators.yes", f"office-accept:{group_id}", "success"),
            Button("facilitators.no", f"office-decline:{group_id}"),
        ),
    )


def stepped_down(
    group_id: int, group: str, user_id: int, *, left: int, at: int, moved_out: bool = False
) -> Message:
    """Return the line for the owners; `left` facilitators remain, `at` in seconds since 1970.

    `moved_out`: the office ended because they left the group, not by a press on [Step down].
    """
    why = "facilitators.moved_out" if moved_out else "facilitators.stepped_down"
    who_stays = "facilitators.some_stay" if left else "facilitators.nobody_stays"
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
