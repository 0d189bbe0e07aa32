"""The facilitators' desk: one card with everything that looking after a group takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules import charter_cards
from bot.rules.facilitation import Load, load_line
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

CHOICES_MOST = 25  # of Discord's menus


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


def desk(card: Card, letter_choices: tuple[Choice, ...]) -> Message:
    """Return the desk; `letter_choices` are the menu's lines in the reader's words."""
    group = card.group_id
    lines = [
        Line("desk.title", {"emoji": card.emoji, "group": safe(card.name)}),
        Line("desk.seats", {"homes": card.homes, "cap": card.cap, "n": card.visitors}),
    ]
    if card.stage not in {"open", "full"}:
        lines.insert(1, Line(f"stages.now_{card.stage}"))
    if card.room_id is not None:
        lines.append(Line("desk.room", {"room": card.room_id}))
    people = " ".join(f"<@{user}>" for user in card.facilitators)
    lines.append(Line("desk.care", {"people": people}) if people else Line("desk.care_nobody"))
    if card.much is not None:
        lines.append(load_line(card.much))
    if card.waiting:
        lines.append(Line("desk.waiting", {"n": card.waiting}))
    if card.requests:
        lines.append(Line("desk.requests", {"n": card.requests}))
    if card.concerns:
        lines.append(Line("concerns.desk", {"n": card.concerns}))
    if card.next_ritual_at is not None:
        at = int(card.next_ritual_at.timestamp())
        lines.append(Line("desk.next_ritual", {"n": card.rituals_running, "at": at}))
    elif card.rituals_paused:
        lines.append(Line("desk.rituals_rest", {"n": card.rituals_paused}))
    else:
        lines.append(Line("desk.no_rituals"))
    if card.split_open:
        lines.append(Line("desk.split_open"))
    if card.merge_open:
        lines.append(Line("merging.desk_open"))
    if card.letters is not None:
        key = f"desk.letters_{card.letters}" + ("_dm" if card.letters_by_dm else "")
        lines.append(Line("desk.letters_none" if card.letters == "none" else key))
    buttons = [
        Button("desk.rituals", f"rituals-list:{group}", "primary"),
        Button("desk.visitors", f"visitors:{group}"),
        Button("desk.charter", f"desk-charter:{group}"),
        Button("desk.hand_over", f"desk-hand-over:{group}"),
    ]
    if card.stage != "archived":  # nobody moves into what has ended
        buttons[2:2] = [
            Button("desk.split", f"split-look:{group}"),
            Button("desk.invite", f"desk-invite:{group}"),
            Button("living.desk_button", f"living-desk:{group}"),
            Button("find.fits_button", f"fits-open:{group}"),
        ]
    if card.merge_open or card.small:
        label = "merging.note_open" if card.merge_open else "merging.desk_small"
        buttons.append(Button(label, f"small-open:{group}:desk"))
    if card.letters is not None:
        buttons.insert(0, Button("desk.letter", f"letter-open:{group}", "primary"))
        buttons.append(Button("desk.step_down", f"desk-step-down:{group}"))
    if card.concerns:
        buttons.insert(0, Button("concerns.desk_open", f"concern-list:{group}", "primary"))
    if card.requests:
        buttons.insert(0, Button("desk.who_asks", f"desk-requests:{group}", "success"))
    menus = (
        (Menu("desk.letters_menu", f"desk-letters:{group}", letter_choices),)
        if card.letters is not None
        else ()
    )
    return Message(tuple(lines), tuple(buttons), menus)


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
