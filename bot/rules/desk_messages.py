"""The facilitators' desk: what waits, and everything else that looking after a group takes.

The front says how the group stands and what waits for somebody; behind its doors are the pages
people, together, room and growth, and the rituals' own card. What other matters add comes as
`Part`s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules import charter_cards
from bot.rules.desk_parts import Page, Part
from bot.rules.facilitation import Load, load_line
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

CHOICES_MOST = 25  # of Discord's menus
# Of a message's five rows of five buttons: the front keeps the last for its doors, a page one for
# its menu.
DOORS_ROW = 4
WAITING_MOST = 20
PAGE_MOST = 20


@dataclass(frozen=True, slots=True)
class Card:
    """How a group stands, for those who look after it; `letters` None: not one's own office."""

    group_id: int
    name: str
    emoji: str
    stage: str  # see bot.rules.stages
    room_id: int | None
    homes: int
    cap: int
    visitors: int
    waiting: int
    concerns: int
    requests: int
    facilitators: tuple[int, ...]
    rituals_running: int
    rituals_paused: int
    next_ritual_at: datetime | None
    split_open: bool
    merge_open: bool
    small: bool  # below its type's minimum, and has been for long
    letters: str | None
    letters_by_dm: bool
    much: Load | None = None  # more than is good for one person


def desk(card: Card, parts: Sequence[Part] = ()) -> Message:
    """Return the desk's front: how the group stands, what waits, and the doors to its pages.

    `parts` are what other matters have for the front.
    """
    group = card.group_id
    lines = [
        Line("desk.title", {"emoji": card.emoji, "group": safe(card.name)}),
        Line("desk.seats", {"homes": card.homes, "cap": card.cap, "n": card.visitors}),
    ]
    if card.stage not in {"open", "full"}:
        lines.insert(1, Line(f"stages.now_{card.stage}"))
    if card.room_id is not None:
        lines.append(Line("desk.room", {"room": card.room_id}))
    lines.append(_care(card))
    if card.much is not None:
        lines.append(load_line(card.much))
    waits, buttons = _what_waits(card)
    for part in parts:
        waits += part.lines
        buttons += part.buttons
    lines += waits or [Line("desk.nothing_waits")]
    if card.letters is not None:
        buttons.insert(0, Button("desk.letter", f"letter-open:{group}", "primary"))
    people = Button("desk.people", f"desk-page:{group}:people", row=DOORS_ROW)
    rituals = Button("desk.rituals", f"rituals-list:{group}", row=DOORS_ROW)
    together = Button("desk.together", f"desk-page:{group}:together", row=DOORS_ROW)
    room = Button("desk.own_room", f"desk-page:{group}:room", row=DOORS_ROW)
    growth = Button("desk.growth", f"desk-page:{group}:growth", row=DOORS_ROW)
    lines += [Line("desk.about_people"), _rituals(card)]
    if card.stage == "archived":  # what has ended begins nothing and does not grow
        lines.append(Line("desk.about_room"))
        doors = (people, rituals, room)
    else:
        lines += [Line(f"desk.about_{what}") for what in ("together", "room", "growth")]
        doors = (people, rituals, together, room, growth)
    return Message(tuple(lines), (*buttons[:WAITING_MOST], *doors))


def page(
    card: Card, which: Page, parts: Sequence[Part], letter_choices: tuple[Choice, ...] = ()
) -> Message:
    """Return a page of the desk; `letter_choices` are the menu's lines in the reader's words."""
    match which:
        case "people":
            lines, buttons = _people(card)
        case "together":  # all of it comes from the matters themselves
            lines, buttons = [Line("desk.together_how")], []
        case "room":
            lines, buttons = _room(card)
        case _:
            lines, buttons = _growth(card)
    for part in parts:
        lines += part.lines
        buttons += part.buttons
    menus: tuple[Menu, ...] = ()
    if which == "people" and card.letters is not None:
        menus = (Menu("desk.letters_menu", f"desk-letters:{card.group_id}", letter_choices),)
    title = Line(f"desk.title_{which}", {"emoji": card.emoji, "group": safe(card.name)})
    back = Button("desk.back", f"desk-open:{card.group_id}")
    return Message((title, *lines), (*buttons[: PAGE_MOST - 1], back), menus)


def _care(card: Card) -> Line:
    people = " ".join(f"<@{user}>" for user in card.facilitators)
    return Line("desk.care", {"people": people}) if people else Line("desk.care_nobody")


def _what_waits(card: Card) -> tuple[list[Line], list[Button]]:
    """Return what somebody should look at: they who ask first, then private words."""
    group = card.group_id
    lines: list[Line] = []
    buttons: list[Button] = []
    if card.requests:
        lines.append(Line("desk.requests", {"n": card.requests}))
        buttons.append(Button("desk.who_asks", f"desk-requests:{group}", "success"))
    if card.concerns:
        lines.append(Line("concerns.desk", {"n": card.concerns}))
        buttons.append(Button("concerns.desk_open", f"concern-list:{group}", "primary"))
    if card.split_open:
        lines.append(Line("desk.split_open"))
        buttons.append(Button("desk.split", f"split-look:{group}", "primary"))
    if card.merge_open:
        lines.append(Line("merging.desk_open"))
        buttons.append(Button("merging.note_open", f"small-open:{group}:desk", "primary"))
    return lines, buttons


def _rituals(card: Card) -> Line:
    if card.next_ritual_at is not None:
        at = int(card.next_ritual_at.timestamp())
        return Line("desk.next_ritual", {"n": card.rituals_running, "at": at})
    if card.rituals_paused:
        return Line("desk.rituals_rest", {"n": card.rituals_paused})
    return Line("desk.no_rituals")


def _people(card: Card) -> tuple[list[Line], list[Button]]:
    group = card.group_id
    lines = [_care(card)]
    buttons: list[Button] = []
    if card.waiting:
        lines.append(Line("desk.waiting", {"n": card.waiting}))
    if card.letters is not None:
        key = f"desk.letters_{card.letters}" + ("_dm" if card.letters_by_dm else "")
        lines.append(Line("desk.letters_none" if card.letters == "none" else key))
        buttons.append(Button("desk.letter", f"letter-open:{group}", "primary"))
    if card.stage != "archived":  # nobody moves into what has ended
        buttons += [
            Button("desk.invite", f"desk-invite:{group}"),
            Button("living.desk_button", f"living-desk:{group}"),
            Button("find.fits_button", f"fits-open:{group}"),
        ]
        lines.append(Line("desk.people_how"))
    buttons += [
        Button("desk.visitors", f"visitors:{group}"),
        Button("desk.hand_over", f"desk-hand-over:{group}"),
    ]
    if card.letters is not None:
        buttons.append(Button("desk.step_down", f"desk-step-down:{group}"))
    return lines, buttons


def _room(card: Card) -> tuple[list[Line], list[Button]]:
    lines = [] if card.room_id is None else [Line("desk.room", {"room": card.room_id})]
    if card.stage != "archived":
        lines.append(Line("desk.room_how"))
    return lines, [Button("desk.charter", f"desk-charter:{card.group_id}")]


def _growth(card: Card) -> tuple[list[Line], list[Button]]:
    group = card.group_id
    lines = [
        Line("desk.seats", {"homes": card.homes, "cap": card.cap, "n": card.visitors}),
        Line("desk.growth_how"),
    ]
    buttons = [Button("desk.split", f"split-look:{group}")]
    if card.split_open:
        lines.append(Line("desk.split_open"))
    if card.merge_open or card.small:
        label = "merging.note_open" if card.merge_open else "merging.desk_small"
        buttons.append(Button(label, f"small-open:{group}:desk"))
    return lines, buttons


def charter(
    card: Message, group: int, *, stage: str, lacks: Sequence[str], closes_at: datetime | None
) -> Message:
    """Return the charter as those who look after the group see it: where it stands, what it lacks.

    `card` is the charter itself, `stage` the group's, `closes_at` the end of its last day.
    """
    lines = list(card.lines)
    if stage != "forming" or not lacks:  # else it is said with what it lacks
        lines.append(Line(f"stages.now_{stage}"))
    if closes_at is not None:
        # The end of a day is the beginning of the next: what is shown is the day itself.
        lines.append(Line("stages.ends", {"at": int(closes_at.timestamp()) - 1}))
    lines += charter_cards.missing(lacks, waits=stage == "forming")
    return Message(
        tuple(lines),
        buttons=(
            Button("stages.change_words", charter_cards.open_form(charter_cards.WORDS, group)),
            Button("stages.place", charter_cards.open_form(charter_cards.PLACE, group)),
            Button("stages.set_last_day", f"last-day:{group}"),
            Button("stages.ask_for_help", f"care-ask:{group}"),
            Button("desk.back", f"desk-open:{group}"),
        ),
    )


def chooser(groups: Sequence[tuple[int, str, str]]) -> Message:
    """Return the question whose desk it shall be; groups as (id, emoji, name)."""
    choices = tuple(Choice(f"{emoji} {name}", str(id_)) for id_, emoji, name in groups)
    return Message(
        (Line("desk.which"),),
        menus=(Menu("desk.which_menu", "desk-choose", choices[:CHOICES_MOST]),),
    )


def asked(requests: Sequence[tuple[int, str]], group_id: int) -> Message:
    """Return those who ask to be let in, by name, as a menu."""
    choices = tuple(Choice(name, str(id_)) for id_, name in requests)[:CHOICES_MOST]
    return Message(
        (Line("desk.who_asks_now", {"n": len(requests)}),),
        buttons=(Button("desk.back", f"desk-open:{group_id}"),),
        menus=(Menu("desk.who_asks_menu", "desk-request", choices),),
    )


def step_down(group_id: int, group: str, left: int) -> Message:
    """Return the one question before an office ends; `left` others stay."""
    stays = Line("desk.others_stay", {"n": left}) if left else Line("desk.nobody_else")
    return Message(
        (Line("desk.step_down_sure", {"group": safe(group)}), stays),
        buttons=(
            Button("desk.step_down_yes", f"desk-step-down-yes:{group_id}", "danger"),
            Button("desk.back", f"desk-open:{group_id}"),
        ),
    )
