"""What a ritual does for its group: who took part, time by time, and whose first words it heard.

Numbers of the whole group, and none below five people: a few could be told apart by who was there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median_low
from typing import Any
from zoneinfo import ZoneInfo

from bot.rules.health_pictures import shown_day, text
from bot.rules.message import Button, Line, Message, Picture
from bot.rules.naming import safe
from bot.rules.reconsidering import LATEST

FEW = 5  # people; below this no number is said
SHOWN_MOST = 16  # occurrences in the picture
SHOWN_LEAST = 2


@dataclass(frozen=True, slots=True)
class Held:
    """One occurrence that was posted: how many took part, None where that is not known any more."""

    at: datetime
    people: int | None


@dataclass(frozen=True, slots=True)
class Suggested:
    """One change that is suggested; `to` is what it would become, as people read it."""

    id: int
    what: str
    to: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What is known of a ritual, for those who look after its group.

    `newcomers` wrote their first words in the group since the first of `held`, `first_words` of
    them while an occurrence was open. `skips`: who took one of the last few off.
    """

    ritual_id: int
    group_id: int
    title: str
    zone: str
    held: tuple[Held, ...]  # oldest first
    newcomers: int = 0
    first_words: int = 0
    skips: int = 0
    suggested: Suggested | None = None


def card(found: Effects) -> Message:
    """Return what a ritual does: a picture, a few sentences, and at most one suggestion."""
    lines = [Line("doing.card", {"title": safe(found.title)})]
    shown = _picture(found)
    if shown is None:
        lines.append(Line("doing.too_young"))
    else:
        lines += _taking_part(found)
        lines += first_words(found)
    if found.skips >= FEW:
        lines.append(Line("doing.skips", {"n": found.skips}))
    lines.append(Line("doing.below_five"))
    buttons: list[Button] = []
    if found.suggested is not None:
        one = found.suggested
        key = f"doing.suggest_{one.what}"
        if one.what in {"fewer", "more"}:
            key = f"{key}_{one.to}"
        lines.append(Line(key, {"to": one.to}))
        buttons.append(Button("doing.look", f"ritual-suggest:{one.id}", "primary"))
        buttons.append(Button("doing.not_for_us", f"ritual-suggest-no:{one.id}"))
    buttons.append(Button("desk.back", f"ritual-show:{found.ritual_id}"))
    return Message(tuple(lines), tuple(buttons), pictures=() if shown is None else (shown,))


def first_words(found: Effects) -> list[Line]:
    """Return whose first words were heard while it was open, as far as that is no small number."""
    heard, all_ = found.first_words, found.newcomers
    if all_ < FEW:
        return []
    if heard < FEW:
        return [Line("doing.first_words_few", {"n": all_})]
    if 0 < all_ - heard < FEW:  # how many did not would be a small number
        return [Line("doing.first_words_most", {"n": heard})]
    return [Line("doing.first_words", {"n": heard, "all": all_})]


def _known(found: Effects) -> list[Held]:
    return [one for one in found.held if one.people is not None][-SHOWN_MOST:]


def _usual(people: Sequence[int]) -> int:
    """Return the middle one: from a mean a small number beside large ones could be worked out."""
    return median_low(people) if people else 0


def _taking_part(found: Effects) -> list[Line]:
    people = [one.people or 0 for one in _known(found)]
    lately = _usual(people[-LATEST:])
    lines: list[Line] = []
    before = people[:-LATEST]
    if lately < FEW:
        lines.append(Line("doing.lately_few"))
    elif len(before) < LATEST or _usual(before) < FEW:
        lines.append(Line("doing.lately", {"n": lately}))
    else:
        lines.append(Line("doing.lately_before", {"n": lately, "before": _usual(before)}))
    return lines


def _picture(found: Effects) -> Picture | None:
    """Return the picture of the latest occurrences; None before there are two."""
    known = _known(found)
    if len(known) < SHOWN_LEAST:
        return None
    zone = ZoneInfo(found.zone)
    days = [one.at.astimezone(zone).date() for one in known]
    bars: list[dict[str, Any]] = [
        {"people": one.people if (one.people or 0) >= FEW else None, "none": one.people == 0}
        for one in known
    ]
    most = max((bar["people"] or 0 for bar in bars), default=0)
    told = [bar["people"] for bar in bars if bar["people"] is not None]
    words = [
        Line(
            "doing.alt",
            {
                "title": safe(found.title),
                "n": len(known),
                "first": days[0].isoformat(),
                "last": days[-1].isoformat(),
            },
        )
    ]
    if told:
        words.append(Line("doing.alt_range", {"least": min(told), "most": max(told)}))
    few = len(bars) - len(told)
    if few:
        words.append(Line("doing.alt_few", {"n": few}))
    words += first_words(found)
    values = {
        "title": text("doing.picture", title={"name": found.title}),
        "below": text("doing.picture_below"),
        "bars": bars,
        "most": max(most, FEW),
        "few": text("doing.picture_few"),
        "days": [shown_day(day) for day in days],
        "foot": _foot(found),
    }
    return Picture("ritual", values, tuple(words))


def _foot(found: Effects) -> dict[str, Any] | None:
    """Return the share of newcomers whose first words were heard, for the picture's lower edge."""
    heard, all_ = found.first_words, found.newcomers
    if heard < FEW or 0 < all_ - heard < FEW:
        return None
    label = text("doing.picture_words", n=heard, all=all_)
    return {"label": label, "share": heard / all_}
