"""What one person sees of their own place: the card behind /home.

Other matters add to it through `Note`s, which `bot.services.home_notes` gathers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.place_names import Place, last_second, named, room, stamp

SHOWN = 18  # buttons for what can be done now; Discord takes 25, and some always stay

# fits: the rooms open · cut: not yet · stuck: Discord refuses until a person changes something
Key = Literal["fits", "cut", "stuck"]


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation of the card's owner; `visits`: they may come for a visit first."""

    group_id: int
    group: str
    visits: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the card's owner, waiting or answered with "not now"; no `group`: unnamed."""

    group_id: int
    group: str
    kind: str
    asked_at: datetime
    refused: bool


@dataclass(frozen=True, slots=True)
class Note:
    """What another matter adds to someone's card: its lines, and its buttons.

    `urgent`: someone else waits for an answer, or time runs out. The lines stand at the very top
    and the buttons come first; other notes stand below what is said about home and visits.
    """

    lines: Sequence[Line]
    buttons: Sequence[Button] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class HomeCard:
    """All that /home shows."""

    home: Place | None = None
    state: str | None = None  # here | kept | held | gone
    visits: Sequence[Place] = ()
    requests: Sequence[Request] = ()
    invitations: Sequence[Invited] = ()
    next_move_at: datetime | None = None  # None: at any time
    away: bool = False
    away_until: datetime | None = None
    question_waits: bool = False
    looks_after: Sequence[str] = ()
    draft: bool = False
    opted_out: bool = False
    counted: bool = False
    key: Key = "fits"
    notes: Sequence[Note] = ()

    @property
    def has_rooms(self) -> bool:
        """Whether there is a room that a key of theirs should open."""
        return bool(self.visits) or (self.home is not None and self.state == "here")


def home_card(card: HomeCard, user_id: int) -> Message:
    """Return the card, with a button for whatever can be done now."""
    home, buttons = _home(card)
    urgent = [note for note in card.notes if note.urgent]
    lines = [line for note in urgent for line in note.lines] + home
    buttons[:0] = [button for note in urgent for button in note.buttons]
    for v in card.visits:
        shown = room(v) if card.key == "fits" else f"**{safe(v.group)}**"
        lines.append(Line("home.card_visit", {"room": shown, "until": stamp(v.until)}))
        buttons.append(
            Button("home.end_visit_button", f"leave-ask:{v.group_id}", params={"group": v.group})
        )
    if card.key != "fits":
        lines.append(Line(f"home.card_key_{card.key}"))
    for one in card.invitations:
        lines.append(Line("home.card_invited", {"group": safe(one.group)}))
        to = {"group": one.group}
        buttons.append(Button("home.invited_move", f"join:{one.group_id}", "success", to))
        if one.visits:
            buttons.append(Button("home.invited_visit", f"visit:{one.group_id}", "success", to))
    for request in card.requests:
        names = {"group": safe(request.group), "at": stamp(request.asked_at)}
        lines.append(Line(_request_key(request), names))
        what = "visit" if request.kind == "visit" else "join"
        label = f"home.take_back_{what}" if request.group else "find.take_back"
        label = "home.put_away" if request.refused else label
        back = f"request-back:{request.group_id}:{request.kind}"
        buttons.append(Button(label, back, params={"group": request.group}))
    for note in card.notes:
        if not note.urgent:
            lines.extend(note.lines)
            buttons.extend(note.buttons)
    if card.looks_after:
        groups = ", ".join(map(safe, card.looks_after))
        lines.append(Line("home.card_looks_after", {"groups": groups}))
    if card.away_until is not None:
        lines.append(Line("home.card_away", {"until": last_second(card.away_until)}))
    elif card.away:
        lines.append(Line("home.card_away_open"))
    if card.home is not None and card.state == "here":
        lines.append(
            Line("home.card_move_any_time")
            if card.next_move_at is None
            else Line("home.card_move_from", {"at": stamp(card.next_move_at)})
        )
    always: list[Button] = []
    if card.opted_out:
        lines.append(Line("home.card_opted_out"))
    elif card.counted:
        # Said again here: the reply that told of it first may never have arrived.
        lines.append(Line("home.card_counted"))
        always.append(Button("home.opt_out", "privacy-opt-out"))
    if card.question_waits:
        buttons.insert(0, Button("home.question", f"question-open:{user_id}:0", "primary"))
    if card.draft:
        buttons.append(Button("home.continue_draft", "group-form"))
    always.insert(0, Button("home.away_button", "away-open"))
    always.insert(1, Button("home.wishes_button", "wishes-open"))
    if card.home is not None:
        always.insert(2, Button("home.charter_button", f"charter:{card.home.group_id}"))
    if card.home is not None and card.state == "here":
        always.insert(3, Button("living.who", f"living-who:{card.home.group_id}:0"))
    always += [
        Button("home.privacy_button", "privacy-show"),
        Button("home.help_button", "help-open"),
    ]
    return Message(tuple(lines), (*buttons[:SHOWN], *always))


def notes_only(notes: Sequence[Note]) -> Message:
    """Return the card of somebody in a server that has no groups yet."""
    return Message(
        tuple(line for note in notes for line in note.lines),
        tuple(button for note in notes for button in note.buttons)[:SHOWN],
    )


def _home(card: HomeCard) -> tuple[list[Line], list[Button]]:
    find = Button("home.find_button", "find-open", "primary")
    if card.home is None:
        return [Line("home.card_none")], [find]
    names = {"group": named(card.home), "room": room(card.home), "until": stamp(card.home.until)}
    if card.state == "held":
        return [Line("home.card_held", names)], []
    if card.state == "here":
        key = "home.card_home" if card.home.room_id is not None else "home.card_home_no_room"
        if card.key != "fits":
            key = "home.card_home_bare"
        return [Line(key, names)], [Button("home.find_other_button", "groups-open")]
    back = Button("home.go_back", f"join:{card.home.group_id}", "primary")
    return [Line("home.card_kept", names)], [back, find]


def _request_key(request: Request) -> str:
    if not request.group:
        return "find.card_refused" if request.refused else "find.card_asked"
    if request.refused:
        return "home.card_refused"
    return "home.card_asked_visit" if request.kind == "visit" else "home.card_asked"
