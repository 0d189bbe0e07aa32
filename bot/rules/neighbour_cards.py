"""The desk's card of a group's neighbours: evenings, questions, and what can be begun."""

from collections.abc import Sequence

from bot.rules.ask_cards import Ask
from bot.rules.group_messages import plain
from bot.rules.guest_cards import Evening
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe

EVENINGS_MOST = 10  # shown; each has a button


def desk(
    group_id: int,
    name: str,
    emoji: str,
    *,
    evenings: Sequence[Evening],
    missed: Sequence[Evening],
    own_ask: Ask | None,
    asks: Sequence[Ask],
    takes_questions: bool,
    may_host: bool,
) -> Message:
    """Return the card; what a group would host needs somebody who looks after it."""
    lines = [
        Line("guests.desk_title", {"group": safe(name), "emoji": emoji}),
        Line("guests.desk_about"),
    ]
    buttons: list[Button] = []
    for one in evenings[:EVENINGS_MOST]:
        whose = "host" if one.group_id == group_id else "guest"
        stage = "runs" if one.opened else "agreed" if one.agreed else "asked"
        lines.append(Line(f"guests.desk_evening_{stage}_{whose}", one.names))
        buttons.append(_look(one, group_id))
    lines += [Line("guests.desk_evening_missed", one.names) for one in missed]
    if may_host:
        buttons.insert(0, Button("guests.desk_ask", f"guest-ask:{group_id}", "primary"))
    if own_ask is not None:
        lines.append(Line("asks.desk_asked", own_ask.names))
    for ask in asks:
        lines.append(Line("asks.desk_put" if ask.put else "asks.desk_waits", ask.names))
        buttons.append(Button("asks.desk_look", f"ask-group-look:{ask.id}"))
    buttons.append(
        Button("asks.see_button" if own_ask else "asks.ask_button", f"ask-group-open:{group_id}")
    )
    lines.append(Line("asks.takes_on" if takes_questions else "asks.takes_off"))
    buttons.append(
        Button("asks.stop_taking", f"ask-group-take:{group_id}:0")
        if takes_questions
        else Button("asks.take_again", f"ask-group-take:{group_id}:1")
    )
    back = Button("desk.back", f"desk-page:{group_id}:together")
    return Message(tuple(lines), (*buttons, back))


def _look(one: Evening, group_id: int) -> Button:
    ours = one.group_id == group_id
    other = plain(one.guest_emoji, one.guest) if ours else plain(one.emoji, one.group)
    return Button("guests.desk_evening", f"guest-open:{one.id}:{group_id}", params={"group": other})
