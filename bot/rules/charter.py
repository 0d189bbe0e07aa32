"""A group's charter: what may stand in it, and how what was typed becomes it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import UserError
from bot.rules import tongues, zones
from bot.rules.naming import CUSTOM_EMOJI, clean, key
from bot.rules.stages import DUTIES

NAME_LEAST, NAME_MOST = 2, 40
PURPOSE_LEAST, PURPOSE_MOST = 10, 300
FOR_WHOM_MOST = 300
UNITES_MOST = 300
NORMS_MOST = 600
NORMS_LEAST = 3  # norms that a whole charter gives
CITY_MOST, VENUE_MOST = 60, 120
EMOJI_MOST = 10  # characters of one emoji with skin tones, joiners and all
DEFAULT_EMOJI = "🔥"
DEFAULT_COLOUR = 0xE07A3F

# What would ring a bell, look like a mention, or be read as a command by Discord's clients.
CALLS = re.compile(r"@(?:everyone|here)\b|<[@#:/a]|discord\.gg/|\]\(|://|\bwww\.", re.IGNORECASE)
RESERVED = frozenset(map(key, ("everyone", "here", "@everyone", "@here", "discord")))
# One emoji as it is drawn: a flag of two letters, or a sign with all that is joined to it.
_DRESSED = r"[^\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
_DRESS = r"[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
_SIGNS = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|{_DRESSED}{_DRESS}(?:\u200d{_DRESSED}{_DRESS})*"
)
HEX = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE)
COLOURS = {
    "red": 0xD1495B,
    "orange": 0xE07A3F,
    "yellow": 0xE9C46A,
    "green": 0x4C9F70,
    "teal": 0x2A9D8F,
    "blue": 0x3D7EA6,
    "purple": 0x7B5EA7,
    "pink": 0xD77A9B,
    "brown": 0x8D6E55,
    "grey": 0x7A8288,
    "gray": 0x7A8288,
}


@dataclass(frozen=True, slots=True)
class Charter:
    """Why a group exists, what it is recognised by, and where and in what language it lives."""

    name: str
    purpose: str
    emoji: str = DEFAULT_EMOJI
    colour: int = DEFAULT_COLOUR
    for_whom: str = ""
    norms: str = ""
    unites: str = ""  # what its people have in common beyond the topic
    language: str = ""  # a code of rules.tongues; "": the server's
    zone: str = ""  # IANA name; "": the server's
    city: str = ""  # may stand in the directory
    venue: str = ""  # never read outside the room


def read(typed: Mapping[str, str], before: Charter | None = None) -> Charter:
    """Return the charter that `typed` describes, by the names of `Charter`'s fields.

    What is not in `typed` stays as it was `before`. UserError says what to do about the first
    thing that cannot stand.
    """
    old = before or Charter("", "")
    return Charter(
        name=name(typed["name"]) if "name" in typed or before is None else old.name,
        purpose=purpose(typed["purpose"]) if "purpose" in typed or before is None else old.purpose,
        emoji=emoji(typed["emoji"]) if typed.get("emoji") else old.emoji,
        colour=colour(typed["colour"]) if typed.get("colour") else old.colour,
        for_whom=_body(typed["for_whom"], "for_whom", FOR_WHOM_MOST)
        if "for_whom" in typed
        else old.for_whom,
        norms=_body(typed["norms"], "norms", NORMS_MOST) if "norms" in typed else old.norms,
        unites=_body(typed["unites"], "unites", UNITES_MOST) if "unites" in typed else old.unites,
        language=language(typed["language"]) if "language" in typed else old.language,
        zone=zone(typed["zone"]) if "zone" in typed else old.zone,
        city=place(typed["city"], "city", CITY_MOST) if "city" in typed else old.city,
        venue=place(typed["venue"], "venue", VENUE_MOST) if "venue" in typed else old.venue,
    )


def whole(charter: Charter) -> Charter:
    """Return the charter; UserError asks for the first duty that it does not fulfil.

    For the form, which explains each of them; what else makes a group may leave some for later.
    """
    missing = lacks(
        purpose=charter.purpose,
        for_whom=charter.for_whom,
        unites=charter.unites,
        norms=charter.norms,
    )
    if missing:
        found = len(norms_in(charter.norms))
        raise UserError(f"groups.{missing[0]}_missing", n=found, least=NORMS_LEAST)
    return charter


def norms_in(norms: str) -> list[str]:
    """Return the single norms of a text: one per line, or set apart by semicolons."""
    parts = (part.strip(" -–•*\t") for part in re.split(r"[\n;]", norms))
    return [part for part in parts if any(char.isalnum() for char in part)]


def lacks(*, purpose: str, for_whom: str, unites: str, norms: str) -> tuple[str, ...]:
    """Return the duties that a charter does not fulfil yet, in the order of asking.

    Every charter says why the group exists, for whom it is, what unites its people beyond the
    topic, and gives three norms or more.
    """
    kept = {
        "purpose": bool(purpose),
        "for_whom": bool(for_whom),
        "unites": bool(unites),
        "norms": len(norms_in(norms)) >= NORMS_LEAST,
    }
    return tuple(duty for duty in DUTIES if not kept[duty])


def name(typed: str) -> str:
    """Return a name that a group can have."""
    shown = clean(typed)
    if len(shown) > NAME_MOST:
        raise UserError("groups.name_too_long", n=len(shown), most=NAME_MOST)
    if len(shown) < NAME_LEAST or not any(char.isalnum() for char in shown):
        raise UserError("groups.name_too_short", least=NAME_LEAST)
    if CALLS.search(shown) or key(shown) in RESERVED:
        raise UserError("groups.name_calls")
    return shown


def purpose(typed: str) -> str:
    """Return a purpose: one or two sentences that say why the group is there."""
    shown = clean(typed, lines=True)
    if sum(char.isalnum() for char in shown) < PURPOSE_LEAST:
        raise UserError("groups.purpose_empty")
    return _body(typed, "purpose", PURPOSE_MOST)


def language(typed: str) -> str:
    """Return the code of the language that a group speaks; nothing typed is the server's."""
    return tongues.tongue(typed) if clean(typed) else ""


def zone(typed: str) -> str:
    """Return the time zone of the city that was typed; nothing typed is the server's."""
    return zones.zone(typed) if clean(typed) else ""


def place(typed: str, what: str, most: int) -> str:
    """Return a city or a venue as it can be shown; `what` names its texts."""
    shown = clean(typed)
    if len(shown) > most:
        raise UserError(f"groups.{what}_too_long", n=len(shown), most=most)
    if CALLS.search(shown):
        raise UserError("groups.place_calls")
    return shown


def emoji(typed: str) -> str:
    """Return the one emoji that `typed` is: a character of its own, or one of a server's."""
    shown = clean(typed)
    if CUSTOM_EMOJI.fullmatch(shown):
        return shown
    if not is_emoji(shown):
        raise UserError("groups.emoji_wrong")
    return shown


def read_sign(typed: str) -> dict[str, str]:
    """Return the fields that one line such as "🌊 #3D7EA6" stands for: an emoji and a colour."""
    words = clean(typed).split()
    colours = [w for w in words if w.casefold() in COLOURS or w.startswith("#") or w.isascii()]
    colours = [w for w in colours if not CUSTOM_EMOJI.fullmatch(w)]
    signs = [w for w in words if w not in colours]
    return {"emoji": " ".join(signs), "colour": " ".join(colours)}


def is_emoji(text: str) -> bool:
    """Return whether `text` looks like one emoji: a sign or a flag, and no letters."""
    if not text or len(text) > EMOJI_MOST or text.isascii():
        return False
    if len(_SIGNS.findall(text)) > 1:
        return False
    keycap = "\u20e3" in text
    for char in text:
        category = unicodedata.category(char)
        # Not the signs of markdown, which are symbols to Unicode: ` and ^, | and ~, < and >.
        signs = category in {"So", "Sk", "Cf", "Mn", "Me", "Sm"} and not char.isascii()
        if signs or ord(char) >= 0x1F000:
            continue
        if (keycap and char in "0123456789#*") or char in "‼⁉〰〽":
            continue
        return False
    return True


def colour(typed: str) -> int:
    """Return a colour by its name or as #RRGGBB."""
    shown = clean(typed)
    named = COLOURS.get(shown.casefold())
    if named is not None:
        return named
    match = HEX.fullmatch(shown)
    if match is None:
        raise UserError("groups.colour_wrong", names=", ".join(sorted(set(COLOURS) - {"gray"})))
    # Discord draws black as "no colour".
    return int(match[1], 16) or 1


def _body(typed: str, what: str, most: int) -> str:
    shown = clean(typed, lines=True)
    if len(shown) > most:
        raise UserError(f"groups.{what}_too_long", n=len(shown), most=most)
    return shown
