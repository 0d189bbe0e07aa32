"""What members read whose role and room were adopted: the room's questions, and their choice."""

from collections.abc import Sequence
from datetime import datetime

from bot.rules.home_cards import Note
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe
from bot.rules.place_names import Place, room

MOST = 24  # Discord's 25 choices, and the home itself


def hello(group: str, home: str | None, *, told: bool) -> Message:
    """Return the answer to "I'm part of it"; `home` of a guest, `told` where counting begins."""
    lines = [
        Line("adopt.hello_home", {"group": safe(group)})
        if home is None
        else Line("adopt.hello_guest", {"group": safe(group), "home": safe(home)})
    ]
    buttons: list[Button] = []
    if home is not None:
        buttons.append(Button("adopt.choose", "adopt-choose", "primary"))
    if told:
        lines.append(Line("home.consent"))
        buttons.append(Button("home.opt_out", "privacy-opt-out"))
    return Message(tuple(lines), tuple(buttons))


def note(places: Sequence[Place]) -> Note:
    """Return what stands in /home of who had several groups' roles and has not chosen yet."""
    rooms = ", ".join(room(place) for place in places)
    return Note(
        (Line("adopt.note", {"rooms": rooms}),),
        (Button("adopt.choose", "adopt-choose", "primary"),),
    )


def choice(home: Place | None, others: Sequence[Place], here: str) -> Message:
    """Return the question which group is home; `here` is the reader's word for the one it is."""
    choices = tuple(Choice(place.group, str(place.group_id)) for place in others[:MOST])
    asked = Line("adopt.choose_first")
    if home is not None:
        choices = (Choice(home.group, str(home.group_id), here), *choices)
        asked = Line("adopt.choose_ask", {"group": safe(home.group)})
    return Message((asked,), menus=(Menu("adopt.choose_menu", "adopt-chosen", choices),))


def chosen(group: str, until: datetime, *, moved: bool, told: bool) -> Message:
    """Return what was chosen, and how long the others stay open."""
    key = "adopt.chosen" if moved else "adopt.chosen_same"
    lines = [Line(key, {"group": safe(group), "until": int(until.timestamp())})]
    if not told:
        return Message(tuple(lines))
    lines.append(Line("home.consent"))
    return Message(tuple(lines), (Button("home.opt_out", "privacy-opt-out"),))
