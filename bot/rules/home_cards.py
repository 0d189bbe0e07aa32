"""What one person sees of their own place: the home card, and the answers to their wishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.membership import Alternatives, Full
from bot.rules.message import Button, Line, Message
from bot.rules.naming import CUSTOM_EMOJI, safe

ORDINALS_SAID = 20  # up to here a place in line is said as 4th; after it, as people ahead
SPELLED = 3  # 1st, 2nd and 3rd have texts of their own


@dataclass(frozen=True, slots=True)
class Place:
    """A group as someone's card names it."""

    group_id: int
    group: str
    emoji: str = ""
    room_id: int | None = None
    until: datetime | None = None


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
    next_move_at: datetime | None = None  # None: at any time
    away: bool = False
    away_until: datetime | None = None
    question_waits: bool = False
    looks_after: Sequence[str] = ()
    draft: bool = False
    opted_out: bool = False


def home_card(card: HomeCard, user_id: int) -> Message:
    """Return the card, with a button for whatever can be done now."""
    lines, buttons = _home(card)
    lines += [
        Line(
            "home.card_visit",
            {"group": safe(v.group), "room": room(v), "until": stamp(v.until)},
        )
        for v in card.visits
    ]
    if card.waits_for is not None:
        which, counted = in_line(card.place_in_line)
        names = {**counted, "group": safe(card.waits_for.group)}
        lines.append(Line(f"home.card_waits_{which}", names))
        buttons.append(Button("home.stop_waiting", "wait-stop"))
    for request in card.requests:
        names = {"group": safe(request.group), "at": stamp(request.asked_at)}
        lines.append(Line(_request_key(request), names))
        label = "home.put_away" if request.refused else "home.take_back"
        buttons.append(Button(label, f"request-back:{request.group_id}:{request.kind}"))
    if card.looks_after:
        groups = ", ".join(map(safe, card.looks_after))
        lines.append(Line("home.card_looks_after", {"groups": groups}))
    if card.away_until is not None:
        lines.append(Line("home.card_away", {"until": stamp(card.away_until)}))
    elif card.away:
        lines.append(Line("home.card_away_open"))
    if card.home is not None and card.state == "here":
        lines.append(
            Line("home.card_move_any_time")
            if card.next_move_at is None
            else Line("home.card_move_from", {"at": stamp(card.next_move_at)})
        )
    if card.opted_out:
        lines.append(Line("home.card_opted_out"))
    if card.question_waits:
        buttons.insert(0, Button("home.question", f"question-open:{user_id}:0", "primary"))
    if card.draft:
        buttons.append(Button("home.continue_draft", "group-form"))
    buttons.append(Button("home.away_button", "away-open"))
    if card.home is not None:
        buttons.append(Button("home.charter_button", f"charter:{card.home.group_id}"))
    buttons += [
        Button("home.privacy_button", "privacy-show"),
        Button("home.help_button", "help-open"),
    ]
    return Message(tuple(lines), tuple(buttons[:25]))


def _home(card: HomeCard) -> tuple[list[Line], list[Button]]:
    find = Button("home.find_button", "groups-open", "primary")
    if card.home is None:
        return [Line("home.card_none")], [find]
    names = {"group": named(card.home), "room": room(card.home), "until": stamp(card.home.until)}
    if card.state == "held":
        return [Line("home.card_held", names)], []
    if card.state == "here":
        key = "home.card_home" if card.home.room_id is not None else "home.card_home_no_room"
        return [Line(key, names)], [Button("home.find_other_button", "groups-open")]
    back = Button("home.go_back", f"join:{card.home.group_id}", "primary")
    return [Line("home.card_kept", names)], [back, find]


def _request_key(request: Request) -> str:
    if request.refused:
        return "home.card_refused"
    return "home.card_asked_visit" if request.kind == "visit" else "home.card_asked"


def moving(
    group_id: int, group: str, leaves: str, *, visit_stays: bool, free: bool, asks: bool
) -> Message:
    """Return what ends and what stays with a move, and the one question."""
    names = {"group": safe(group), "old": safe(leaves)}
    lines = [
        Line("home.move_head", names),
        Line("home.move_ends", names),
        Line("home.move_visit_stays" if visit_stays else "home.move_no_visit", names),
    ]
    if not free:
        lines.append(Line("home.move_cooldown"))
    if asks:
        lines.append(Line("home.move_asks", names))
    return Message(
        tuple(lines),
        buttons=(
            Button("home.move_yes", f"move-go:{group_id}", "success", {"group": group}),
            Button("home.move_no", "home-stay"),
        ),
    )


def joined(
    where: Place,
    *,
    returned: bool,
    told: bool,
    left: str | None,
    visit_until: datetime | None,
    next_move_at: datetime | None,
) -> Message:
    """Return the answer to a join; a link only where it works by now."""
    names = {"group": named(where), "room": room(where)}
    lines = [Line("home.joined_back" if returned else "home.joined", names)]
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
    buttons: list[Button] = []
    if other.place is not None:
        which, counted = in_line(other.place)
        label = f"home.wait_button_{which}"
        buttons.append(Button(label, f"wait:{other.group_id}", "primary", counted))
    if other.visit_days is not None:
        days = {"n": other.visit_days}
        buttons.append(Button("home.visit_button", f"visit:{other.group_id}", params=days))
    if other.similar is not None:
        like = {"group": other.similar.name, "n": other.similar.seats}
        buttons.append(Button("home.similar_button", f"join:{other.similar.group_id}", params=like))
    return Message((Line(found.key, found.params),), tuple(buttons))


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


def leaving(group_id: int, group: str, *, is_home: bool, hours: int) -> Message:
    """Return the question before someone leaves; `hours` is how long the seat is kept."""
    names = {"group": safe(group), "n": hours}
    go = f"leave-go:{group_id}"
    if is_home:
        yes = Button("home.leave_yes", go, "danger", {"group": group})
        return Message(
            (Line("home.leave_sure", names),), (yes, Button("home.move_no", "home-stay"))
        )
    yes = Button("home.leave_visit_yes", go, "danger")
    return Message(
        (Line("home.leave_visit_sure", names),), (yes, Button("home.move_no", "home-stay"))
    )


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
