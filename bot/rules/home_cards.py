"""What one person sees of their own place: the home card, and the answers to their wishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.rules.membership import Alternatives, Full
from bot.rules.message import Button, Line, Message
from bot.rules.naming import CUSTOM_EMOJI, safe

ORDINALS_SAID = 20  # up to here a place in line is said as 4th; after it, as people ahead
SHOWN = 20  # buttons for what can be done now; Discord takes 25, and some always stay
SPELLED = 3  # 1st, 2nd and 3rd have texts of their own

# fits: the rooms open · cut: not yet · stuck: Discord refuses until a person changes something
Key = Literal["fits", "cut", "stuck"]


@dataclass(frozen=True, slots=True)
class Place:
    """A group as someone's card names it."""

    group_id: int
    group: str
    emoji: str = ""
    room_id: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation of the card's owner; `visits`: they may come for a visit first."""

    group_id: int
    group: str
    visits: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the card's owner, waiting or answered with "not now"."""

    group_id: int
    group: str
    kind: str
    asked_at: datetime
    refused: bool


@dataclass(frozen=True, slots=True)
class HomeCard:
    """All that /home shows."""

    home: Place | None = None
    state: str | None = None  # here | kept | held | gone
    visits: Sequence[Place] = ()
    waits_for: Place | None = None
    place_in_line: int = 0
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

    @property
    def has_rooms(self) -> bool:
        """Whether there is a room that a key of theirs should open."""
        return bool(self.visits) or (self.home is not None and self.state == "here")


def home_card(card: HomeCard, user_id: int) -> Message:
    """Return the card, with a button for whatever can be done now."""
    lines, buttons = _home(card)
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
    if card.waits_for is not None:
        which, counted = in_line(card.place_in_line)
        names = {**counted, "group": safe(card.waits_for.group)}
        lines.append(Line(f"home.card_waits_{which}", names))
        buttons.append(Button("home.stop_waiting", "wait-stop"))
    for request in card.requests:
        names = {"group": safe(request.group), "at": stamp(request.asked_at)}
        lines.append(Line(_request_key(request), names))
        what = "visit" if request.kind == "visit" else "join"
        label = "home.put_away" if request.refused else f"home.take_back_{what}"
        back = f"request-back:{request.group_id}:{request.kind}"
        buttons.append(Button(label, back, params={"group": request.group}))
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
    if card.home is not None:
        always.insert(1, Button("home.charter_button", f"charter:{card.home.group_id}"))
    always += [
        Button("home.privacy_button", "privacy-show"),
        Button("home.help_button", "help-open"),
    ]
    return Message(tuple(lines), (*buttons[:SHOWN], *always))


def _home(card: HomeCard) -> tuple[list[Line], list[Button]]:
    find = Button("home.find_button", "groups-open", "primary")
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
    if request.refused:
        return "home.card_refused"
    return "home.card_asked_visit" if request.kind == "visit" else "home.card_asked"


def moving(
    group_id: int,
    group: str,
    leaves: str,
    *,
    looks_after: bool,
    visit_stays: bool,
    free: bool,
    asks: bool,
) -> Message:
    """Return what ends and what stays with a move, and the one question."""
    names = {"group": safe(group), "old": safe(leaves)}
    lines = [
        Line("home.move_head", names),
        Line("home.move_ends_office" if looks_after else "home.move_ends", names),
        Line("home.move_visit_stays" if visit_stays else "home.move_no_visit", names),
    ]
    if not free:
        lines.append(Line("home.move_cooldown"))
    if asks:
        lines.append(Line("home.move_asks", names))
    return Message(
        tuple(lines),
        buttons=(
            Button(
                "home.move_ask" if asks else "home.move_yes",
                f"move-go:{group_id}",
                "success",
                {"group": group},
            ),
            Button("home.move_no", "home-stay"),
        ),
    )


def joined(
    where: Place,
    *,
    returned: bool,
    office_open: bool = False,
    told: bool,
    left: str | None,
    visit_until: datetime | None,
    next_move_at: datetime | None,
) -> Message:
    """Return the answer to a join; a link only where it works by now."""
    names = {"group": named(where), "room": room(where)}
    lines = [Line("home.joined_back" if returned else "home.joined", names)]
    if office_open:
        lines.append(Line("home.office_open", names))
    lines.append(Line("home.key_cut", names) if where.room_id else Line("home.key_being_cut"))
    if left is not None and visit_until is not None:
        lines.append(Line("home.joined_door", {"old": safe(left), "until": stamp(visit_until)}))
    if next_move_at is not None:
        lines.append(Line("home.joined_next_move", {"at": stamp(next_move_at)}))
    return _with_consent(lines, [], told=told)


def asked(group: str, *, told: bool, again: bool) -> Message:
    """Return the answer to a request to live in a group."""
    key = "home.asked_again" if again else "home.asked"
    return _with_consent([Line(key, {"group": safe(group)})], [], told=told)


def waits(group: str, place: int, *, told: bool, gave_up: str | None) -> Message:
    """Return the answer to [Wait]."""
    which, counted = in_line(place)
    lines = [Line(f"home.waits_now_{which}", {**counted, "group": safe(group)})]
    if gave_up is not None:
        lines.append(Line("home.waits_no_more", {"group": safe(gave_up)}))
    return _with_consent(lines, [Button("home.stop_waiting", "wait-stop")], told=told)


def full(found: Full) -> Message:
    """Return the clear answer of a full group, with what can be done instead."""
    other: Alternatives = found.alternatives
    lines, buttons = [Line(found.key, found.params)], list[Button]()
    if other.place is not None and other.waits:
        which, counted = in_line(other.place)
        names = {**counted, "group": found.params["group"]}
        lines.append(Line(f"home.card_waits_{which}", names))
        buttons.append(Button("home.stop_waiting", "wait-stop"))
    elif other.place is not None:
        which, counted = in_line(other.place)
        label = f"home.wait_button_{which}"
        buttons.append(Button(label, f"wait:{other.group_id}", "primary", counted))
    if other.visit_days is not None:
        days = {"n": other.visit_days}
        label = "groups.visit_ask_button" if other.visit_asks else "home.visit_button"
        buttons.append(Button(label, f"visit:{other.group_id}", params=days))
    if other.similar is not None:
        like = {"group": other.similar.name, "n": other.similar.seats}
        buttons.append(Button("home.similar_button", f"join:{other.similar.group_id}", params=like))
    return Message(tuple(lines), tuple(buttons))


def lives_here(line: Line, *, counted: bool) -> Message:
    """Return the answer to a join where they live already; counting is said here too."""
    if not counted:
        return Message((line,))
    return Message((line, Line("home.card_counted")), (Button("home.opt_out", "privacy-opt-out"),))


def _with_consent(lines: list[Line], buttons: list[Button], *, told: bool) -> Message:
    if told:
        lines.append(Line("home.consent"))
        buttons.append(Button("home.opt_out", "privacy-opt-out"))
    return Message(tuple(lines), tuple(buttons))


def in_line(place: int) -> tuple[str, dict[str, int]]:
    """Return which text tells a place in line, and its fillings.

    1st, 2nd and 3rd have texts of their own, 4th to 20th share one; after that people ahead are
    counted, for then no ending fits all numbers.
    """
    if place <= SPELLED:
        return str(place), {}
    if place <= ORDINALS_SAID:
        return "nth", {"place": place}
    return "far", {"n": place - 1}


def named(place: Place) -> str:
    """Return a group's sign and name for a message."""
    sign = place.emoji if CUSTOM_EMOJI.fullmatch(place.emoji) else safe(place.emoji)
    return f"{sign} {safe(place.group)}".strip()


def room(place: Place) -> str:
    """Return the link to a group's room, its name where there is no room yet."""
    return f"<#{place.room_id}>" if place.room_id is not None else safe(place.group)


def stamp(moment: datetime | None) -> int:
    """Return a moment as Discord's timestamps want it, in seconds since 1970."""
    return 0 if moment is None else int(moment.timestamp())


def last_second(ends: datetime) -> int:
    """Return the last second of an absence: it ends at midnight, and the day before counts."""
    return stamp(ends) - 1


def leaving(group_id: int, group: str, *, is_home: bool, looks_after: bool, hours: int) -> Message:
    """Return the question before someone leaves; `hours` is how long the seat is kept."""
    names = {"group": safe(group), "n": hours}
    go = f"leave-go:{group_id}"
    if is_home:
        lines = [Line("home.leave_sure", names)]
        if looks_after:
            lines.append(Line("home.leave_office"))
        yes = Button("home.leave_yes", go, "danger", {"group": group})
        return Message(tuple(lines), (yes, Button("home.move_no", "home-stay")))
    yes = Button("home.leave_visit_yes", go, "danger")
    return Message(
        (Line("home.leave_visit_sure", names),), (yes, Button("home.move_no", "home-stay"))
    )


def away_set(ends: datetime, *, has_home: bool) -> Message:
    """Return until when someone is away; whoever has a home is told that it stays theirs."""
    said = Line("home.away_set", {"until": last_second(ends)})
    return Message((said, Line("home.away_home")) if has_home else (said,))


def away_choices() -> Message:
    """Return the ways of being away."""
    return Message(
        (Line("home.away_ask"),),
        (
            Button("home.away_week", "away-for:7", "primary"),
            Button("home.away_two_weeks", "away-for:14", "primary"),
            Button("home.away_date", "away-form"),
            Button("home.away_back", "away-back"),
        ),
    )
