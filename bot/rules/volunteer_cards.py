"""Who could be asked to help: a line on the desk, and one person at a time behind it."""

from collections.abc import Sequence

from bot.rules.caring import Fit
from bot.rules.desk_parts import Part
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe

NOBODY = 0  # in a button's id: the first


def desk_part(group_id: int, found: Sequence[Fit]) -> Sequence[Part]:
    """Return what the desk's page of people says when somebody could be asked."""
    if not found:
        return ()
    button = Button("volunteers.who", f"volunteer-look:{group_id}:{NOBODY}")
    return (Part("people", (Line("volunteers.desk"),), (button,)),)


def suggestion(group_id: int, group: str, one: Fit, *, more: bool) -> Message:
    """Return the suggestion to ask one person; `more`: there is somebody else."""
    buttons = [
        Button("volunteers.ask", f"volunteer-ask:{group_id}:{one.user_id}", "primary"),
        Button("volunteers.not_now", f"volunteer-not-now:{group_id}:{one.user_id}"),
    ]
    if more:
        buttons.append(Button("volunteers.else", f"volunteer-look:{group_id}:{one.user_id}"))
    buttons.append(Button("desk.back", f"desk-page:{group_id}:people"))
    return Message(
        (
            Line(f"volunteers.{one.deed}", {"user": one.user_id, "group": safe(group)}),
            Line("volunteers.would_you"),
        ),
        buttons=tuple(buttons),
    )
