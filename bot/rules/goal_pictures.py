"""What the picture of a challenge shows, and the same in full sentences: sums, never people."""

from datetime import date
from typing import Any

from bot.rules.goal_cards import Shown
from bot.rules.goals import FEWEST, Progress
from bot.rules.health_pictures import shown_day, text
from bot.rules.message import Line, Picture
from bot.rules.naming import safe

SPANS_LEAST = 2  # one bar is no picture


def of(one: Shown, found: Progress) -> Picture | None:
    """Return the picture of how a challenge goes; None below five people, or before it does.

    Of days or weeks with fewer than five check-ins nothing is told, not even that there were some.
    """
    if found.people < FEWEST or len(found.spans) < SPANS_LEAST:
        return None
    weekly = found.spans[0][0] != found.spans[0][1]
    told = [(first, people) for first, _, people in found.spans if people >= FEWEST]
    words = [Line("goals.alt", {"title": safe(one.title), "n": found.people})]
    params: dict[str, Any] = {"n": found.people, "on_way": found.on_way}
    some = found.on_way < FEWEST
    if not some:
        words.append(Line("goals.alt_way", params))
    if told:
        first, most = max(told, key=lambda span: span[1])
        key = "goals.alt_most_week" if weekly else "goals.alt_most"
        words.append(Line(key, {"day": first.isoformat(), "most": most}))
    if len(told) < len(found.spans):
        words.append(Line("goals.alt_few_week" if weekly else "goals.alt_few"))
    values = {
        "title": text("goals.picture_title", title={"name": one.title}),
        "below": text("goals.picture_below_week" if weekly else "goals.picture_below_day"),
        "way": text("goals.picture_people" if some else "goals.picture_way", **params),
        "few": text("goals.picture_few"),
        "people": found.people,
        "on_way": 0 if some else found.on_way,
        "bars": [_bar(first, people) for first, _, people in found.spans],
        "slots": _slots(one, weekly=weekly),
    }
    return Picture("goal", values, tuple(words))


def _bar(first: date, people: int) -> dict[str, Any]:
    return {"first": shown_day(first), "people": people if people >= FEWEST else None}


def _slots(one: Shown, *, weekly: bool) -> int:
    """Return how many bars there will be in the end: what is still to come has its room."""
    return -(-one.course.days // 7) if weekly else one.course.days
