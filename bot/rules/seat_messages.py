"""What is said about seats: none right now, a place in line, and a seat that is kept for somebody.

"Somebody" reads it behind a press: the line in the commons names no group.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.rules.home_cards import Note
from bot.rules.membership import Alternatives, Full
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.pace import Weeks
from bot.rules.place_names import in_line, stamp


@dataclass(frozen=True, slots=True)
class Standing:
    """Someone's place in a line, as their card tells it."""

    group: str
    state: str  # of the group: forming | open | resting | archived
    place: int
    weeks: Weeks | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A seat that is kept for someone; `home`: where they live now, if they would move."""

    group_id: int
    group: str
    until: datetime
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """A seat that went on to the next; `out`: they are out of the line by now."""

    group_id: int
    group: str
    at: datetime
    out: bool


def full(found: Full) -> Message:
    """Return the clear answer where there is no seat, with what can be done instead."""
    other: Alternatives = found.alternatives
    lines, buttons = [Line(found.key, found.params)], list[Button]()
    if other.place is not None and other.waits:
        which, counted = in_line(other.place)
        names = {**counted, "group": found.params["group"]}
        lines += [Line(f"seats.in_line_{which}", names), often(other.weeks)]
        buttons.append(Button("seats.stop", "wait-stop"))
    elif other.place is not None:
        which, params = in_line(other.place)
        label = f"seats.wait_{which}"
        if other.weeks is not None:
            label = f"{label}_{other.weeks.said}"
            params = {**params, "low": other.weeks.low, "high": other.weeks.high or 0}
        buttons.append(Button(label, f"wait:{other.group_id}", "primary", params))
    if other.visit_days is not None:
        days = {"n": other.visit_days}
        label = "groups.visit_ask_button" if other.visit_asks else "home.visit_button"
        buttons.append(Button(label, f"visit:{other.group_id}", params=days))
    if other.similar is not None:
        like = {"group": other.similar.name, "n": other.similar.seats}
        buttons.append(Button("home.similar_button", f"join:{other.similar.group_id}", params=like))
    return Message(tuple(lines), tuple(buttons))


def waits(
    group: str, place: int, weeks: Weeks | None, *, gave_up: str | None, hours: int
) -> Message:
    """Return the answer to [Wait]; `hours` is how long a seat will be kept for them."""
    which, counted = in_line(place)
    lines = [
        Line(f"seats.in_line_{which}", {**counted, "group": safe(group)}),
        often(weeks),
        Line("seats.how_offered", {"n": hours}),
    ]
    if gave_up is not None:
        lines.append(Line("seats.waits_no_more", {"group": safe(gave_up)}))
    return Message(tuple(lines), (Button("seats.stop", "wait-stop"),))


def often(weeks: Weeks | None) -> Line:
    """Return how long it often takes, or that nobody can tell yet."""
    if weeks is None:
        return Line("seats.often_unknown")
    return Line(f"seats.often_{weeks.said}", {"low": weeks.low, "high": weeks.high or 0})


def in_line_note(standing: Standing) -> Note:
    """Return what a card tells of a place in line."""
    if standing.state == "archived":
        line = Line("seats.closed", {"group": safe(standing.group)})
        return Note((line,), (Button("seats.put_away", "wait-stop"),))
    which, counted = in_line(standing.place)
    first = Line(f"seats.in_line_{which}", {**counted, "group": safe(standing.group)})
    resting = standing.state == "resting"
    second = Line("seats.rests") if resting else often(standing.weeks)
    return Note((first, second), (Button("seats.stop", "wait-stop"),))


def kept_note(kept: Kept) -> Note:
    """Return what a card tells of a seat that is kept: someone else waits for the answer."""
    lines = [Line("seats.offer", {"group": safe(kept.group), "until": stamp(kept.until)})]
    if kept.home is not None:
        lines.append(Line("seats.offer_moves", {"home": safe(kept.home)}))
    return Note(
        tuple(lines),
        (
            Button("seats.take", f"join:{kept.group_id}", "success"),
            Button("seats.no_thanks", f"seat-no:{kept.group_id}"),
        ),
        urgent=True,
    )


def missed_note(missed: Missed) -> Note:
    """Return what a card tells, once, of a seat that went on to the next."""
    names = {"group": safe(missed.group), "at": stamp(missed.at)}
    put_away = Button("seats.put_away", "seat-seen")
    if not missed.out:
        return Note((Line("seats.missed_last", names),), (put_away,))
    again = Button("seats.wait_again", f"wait:{missed.group_id}", "primary")
    return Note((Line("seats.missed_out", names),), (again, put_away))
