"""What may be written into a gathering's form, and how one is told when it does not fit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from bot.errors import UserError
from bot.rules import moments
from bot.rules.away import day_named
from bot.rules.gathering_series import Ends, checked_ends
from bot.rules.moments import Typed
from bot.rules.naming import clean, key, safe

Place = Literal["", "voice", "link", "place"]

TITLE_MOST, WORDS_MOST, SPOT_MOST = 80, 400, 200
# The fields as Discord's form takes them: a little more, so that who writes too much is told.
WHAT_MOST, WHEN_MOST, WHERE_MOST, LONG_MOST, SEATS_MOST = 520, 80, 240, 30, 30
MINUTES_LEAST, MINUTES_MOST, MINUTES_USUAL = 15, 3 * 24 * 60, 120
FEWEST, MOST = 2, 150
SOON = timedelta(minutes=30)  # who is asked must be able to come
SPAN = re.compile(r"(\d{1,4})(d|days?|h|hours?|hrs?|m|min|mins|minutes?)")
CLOCKED = re.compile(r"(\d{1,2}):(\d{2})")
UNITS = {"d": 24 * 60, "h": 60, "m": 1}
NO_LIMIT = frozenset({"", "everybody", "everyone", "all", "no limit", "any"})
VOICE = frozenset({"voice", "voice room", "our voice room", "the voice room"})
MENTION = re.compile(r"<#(\d{15,20})>")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?:\S|.*//)", re.IGNORECASE)  # not "Room: 3/4"


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that fits; `voice_id` None with place "voice": the group's own voice room."""

    title: str
    words: str
    when: Typed | None
    minutes: int
    place: Place
    spot: str
    voice_id: int | None
    most: int | None


def checked(
    fields: Mapping[str, str],
    *,
    now: datetime,
    zone: str,
    rooms: Mapping[int, str],
    dated: bool = True,
) -> Filled:
    """Return what the form says; UserError for the first thing that does not fit.

    `zone` is the group's, `rooms` the server's voice rooms by id. Without `dated` the form does not
    ask when.
    """
    title, _, rest = clean(fields["what"], lines=True).partition("\n")
    words = rest.strip()
    if not title:
        raise UserError("gathering.no_title")
    if len(title) > TITLE_MOST:
        raise UserError("gathering.title_long", n=len(title), most=TITLE_MOST)
    if len(words) > WORDS_MOST:
        raise UserError("gathering.words_long", n=len(words), most=WORDS_MOST)
    when = moment(fields["when"], now, zone) if dated else None
    minutes = length(fields["long"])
    most = seats(fields["most"])
    place, spot, voice_id = where(fields["where"], rooms)
    return Filled(title, words, when, minutes, place, spot, voice_id, most)


def moment(text: str, now: datetime, zone: str) -> Typed:
    """Return when it is; UserError for what is past, or too soon for anybody to come."""
    when = moments.read(text, now, zone)
    if when.at < now:
        raise UserError("gathering.when_past")
    if when.at < now + SOON:
        raise UserError("gathering.when_soon")
    return when


def length(text: str) -> int:
    """Return how many minutes it lasts; two hours if nothing is said."""
    said = key(text).replace(" and ", " ").replace(" ", "")
    if not said:
        return MINUTES_USUAL
    clocked = CLOCKED.fullmatch(said)
    minutes = None if clocked is None else int(clocked[1]) * 60 + int(clocked[2])
    if minutes is None and re.fullmatch(rf"(?:{SPAN.pattern})+", said):
        minutes = sum(int(n) * UNITS[unit[0]] for n, unit in SPAN.findall(said))
    if minutes is None:
        raise UserError("gathering.long_unclear", typed=safe(clean(text)[:LONG_MOST]))
    if not MINUTES_LEAST <= minutes <= MINUTES_MOST:
        raise UserError("gathering.long_bounds")
    return minutes


def seats(text: str) -> int | None:
    """Return how many may come; None for everybody."""
    said = key(text)
    if said in NO_LIMIT:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", said):
        raise UserError("gathering.most_unclear", typed=safe(clean(text)[:SEATS_MOST]))
    if not FEWEST <= int(said) <= MOST:
        raise UserError("gathering.most_bounds", least=FEWEST, most=MOST)
    return int(said)


def where(text: str, rooms: Mapping[int, str]) -> tuple[Place, str, int | None]:
    """Return the kind of place, the link or the place in words, and the voice room if it is one."""
    said = clean(text)
    if not said:
        return "", "", None
    if key(said) in VOICE:
        return "voice", "", None
    mention = MENTION.fullmatch(said)
    if mention is not None or said.startswith("#"):
        wanted = key(said.removeprefix("#"))
        for id_, name in rooms.items():
            if (mention is not None and id_ == int(mention[1])) or key(name) == wanted:
                return "voice", "", id_
        raise UserError("gathering.where_room", typed=safe(said[:40]))
    if len(said) > SPOT_MOST:
        raise UserError("gathering.where_long", n=len(said), most=SPOT_MOST)
    if SCHEME.match(said) and "/" in said:
        return "link", link(said), None
    return "place", said, None


def link(said: str) -> str:
    """Return a link that can be shown as one; UserError unless it is https and nothing else."""
    try:
        parts = urlsplit(said)
        host = parts.hostname or ""
        plain = said.isascii() and not re.search(r"[\s<>()\[\]\\`*|\"]", said)
    except ValueError:
        raise UserError("gathering.where_link") from None
    if parts.scheme.lower() != "https" or "." not in host or parts.username or not plain:
        raise UserError("gathering.where_link")
    return said


def ends(text: str, *, first: datetime, now: datetime) -> Ends:
    """Return when a series is over: "24 december", "10 times"; nothing: when somebody ends it."""
    said = key(text).removeprefix("until ").removeprefix("after ").strip()
    if not said:
        return Ends()
    counted = re.fullmatch(r"([0-9]{1,6})(?: ?(?:times|dates|x))", said)
    if counted is not None:
        return checked_ends(None, int(counted[1]), first)
    day = _day(said, now)
    if day is None:
        raise UserError("gathering.ends_unclear", typed=safe(clean(text)[:40]))
    return checked_ends(day, None, first)


def _day(said: str, now: datetime) -> date | None:
    try:
        return day_named(said, now.date())
    except OverflowError:
        return None
