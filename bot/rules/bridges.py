"""What of a message comes along when its author shares it with the commons, and for how long.

Whoever is mentioned in it did not agree to stand in the commons: people, roles and rooms lose their
names. Everything else is shown as it was typed, without power (`quoted`).
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args

from bot.rules.group_messages import short
from bot.rules.naming import clean, safe

Kind = Literal["insight", "story", "learning"]
KINDS: tuple[Kind, ...] = get_args(Kind)

SAID_MOST = 1100  # characters as they are shown, so that a preview finds room in one message
FILES_MOST = 3
BYTES_MOST = 4 * 1024 * 1024  # in all; Hearth holds them in its tables until they are posted
NAME_MOST, NAMES_MOST, WORDS_MOST = 60, 200, 1024  # characters
COPIED = ("image/", "audio/", "video/", "text/plain", "application/pdf")

WAITS = timedelta(days=60)  # for somebody to publish it; then it goes by itself
ASKED_AGAIN = timedelta(days=7)  # nobody is asked more often
CHANGED_SAID = timedelta(days=14)  # how long an author is told that an edit withdrew it
DECIDING = timedelta(minutes=15)  # how long a preview is held in memory
PREVIEWS_MOST = 500

# What Discord's clients show for these, by docs.discord.com/developers/reference (Message
# Formatting); what names nobody stays: times, and an emoji's own word.
PERSON, ROLE, ROOM = re.compile(r"<@!?\d+>"), re.compile(r"<@&\d+>"), re.compile(r"<#\d+>")
COMMAND, EMOJI = re.compile(r"</([^:>\n]{1,100}):\d+>"), re.compile(r"<a?(:\w{2,32}:)\d+>")
GUIDE = re.compile(r"<id:\w+>")
RAW_TIME = re.compile(r"<t:-?\d{1,13}(?::[tTdDfFRsS])?>")
TIME = re.compile(r"\\<(t:-?\d{1,13}(?::[tTdDfFRsS])?)\\>")  # as `safe` leaves it


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A file of the message: `words` for who cannot see it; `url` is where Discord holds it."""

    name: str
    size: int
    kind: str  # as Discord says: "image/png"
    words: str
    url: str

    @property
    def copyable(self) -> bool:
        """Whether Hearth would copy it if its author ticks it."""
        return self.kind.startswith(COPIED) and 0 < self.size <= BYTES_MOST


Key: TypeAlias = tuple[int, int]  # author and message


@dataclass(frozen=True, slots=True)
class Preview:
    """What an author is about to share; held in memory, and written down only by ‹Share›."""

    server_id: int
    group_id: int
    user_id: int
    channel_id: int
    message_id: int
    edited_at: datetime | None
    said: str
    cut: bool
    files: tuple[FileOffer, ...]
    since: datetime
    kind: Kind = "insight"
    named: bool = False
    ticked: frozenset[int] = frozenset()  # places in `files`

    @property
    def key(self) -> Key:
        """By what it is found again."""
        return self.user_id, self.message_id

    @property
    def mark(self) -> str:
        """Tell what is shown from what an older card of the same message showed."""
        shown = (self.said, self.kind, self.named, sorted(self.ticked), self.edited_at)
        return hashlib.blake2b(repr(shown).encode(), digest_size=4).hexdigest()

    @property
    def copied(self) -> tuple[FileOffer, ...]:
        """The files that come along."""
        return tuple(self.files[place] for place in sorted(self.ticked))

    @property
    def left_there(self) -> str:
        """The names of files that stay where they are, as text."""
        left = [one.name for place, one in enumerate(self.files) if place not in self.ticked]
        return names(left)


def carried(typed: str) -> tuple[str, bool]:
    """Return what of a message's text is shared, and whether the message goes on after it."""
    said = clean(_unnamed(typed), lines=True)
    if len(quoted(said)) <= SAID_MOST:
        return said, False
    shortest, longest = 0, min(len(said), SAID_MOST)
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if len(quoted(_ended(said, middle))) <= SAID_MOST:
            shortest = middle
        else:
            longest = middle - 1
    return _ended(said, shortest), True


def quoted(said: str) -> str:
    """Return a text as a quotation: as it was typed, naming nobody; times stay times."""
    shown = TIME.sub(r"<\1>", safe(said))
    return "\n".join(f"> {row}" for row in shown.split("\n"))


def label(said: str, most: int) -> str:
    """Return the beginning of a text for a menu, which shows no times."""
    return short(RAW_TIME.sub("🕒", said), most)


def tick(preview: Preview, places: Sequence[int]) -> Preview:
    """Return the preview with these files; what is too many or too large stays unticked."""
    ticked: set[int] = set()
    size = 0
    for place in sorted(set(places)):
        if not 0 <= place < len(preview.files):
            continue
        one = preview.files[place]
        if one.copyable and len(ticked) < FILES_MOST and size + one.size <= BYTES_MOST:
            ticked.add(place)
            size += one.size
    return replace(preview, ticked=frozenset(ticked))


def names(files: Sequence[str]) -> str:
    """Return names of files in one line, cut where they are too many; safe to be shown."""
    shown: list[str] = []
    for one in files:
        name = safe(short_name(one))
        if len(", ".join([*shown, name])) > NAMES_MOST:
            return f"{', '.join(shown)}, …" if shown else "…"
        shown.append(name)
    return ", ".join(shown)


def short_name(name: str) -> str:
    """Return a file's name, cut where it is too long; its ending stays."""
    plain = clean(name).replace("/", "_").replace("\\", "_") or "file"
    if len(plain) <= NAME_MOST:
        return plain
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 8:
        return plain[: NAME_MOST - 1] + "…"
    return f"{stem[: NAME_MOST - len(ending) - 2]}….{ending}"


class Previews:
    """What authors are deciding about, in memory only; lost with the process, which is no harm.

    Invariant: at most `PREVIEWS_MOST`, none older than `DECIDING` when anybody looks.
    """

    def __init__(self) -> None:
        self._held: dict[Key, Preview] = {}

    def put(self, preview: Preview, now: datetime) -> None:
        """Hold a preview; it takes the place of an older one of the same message."""
        self._clear(now)
        self._held.pop(preview.key, None)
        self._held[preview.key] = preview
        while len(self._held) > PREVIEWS_MOST:
            del self._held[next(iter(self._held))]

    def get(self, key: Key, now: datetime) -> Preview | None:
        """Return a preview, None if it is not held any more."""
        self._clear(now)
        return self._held.get(key)

    def drop(self, key: Key) -> None:
        """Let a preview go."""
        self._held.pop(key, None)

    def forget(self, user_id: int, server_ids: Collection[int] | None) -> None:
        """Let all of a person's previews go, in some servers or in all."""
        for key, one in list(self._held.items()):
            if one.user_id == user_id and (server_ids is None or one.server_id in server_ids):
                del self._held[key]

    def _clear(self, now: datetime) -> None:
        for key in [key for key, one in self._held.items() if one.since <= now - DECIDING]:
            del self._held[key]


def _unnamed(typed: str) -> str:
    said = ROLE.sub("@…", PERSON.sub("@…", typed))
    said = COMMAND.sub(r"/\1", ROOM.sub("#…", said))
    return GUIDE.sub("#…", EMOJI.sub(r"\1", said))


def _ended(said: str, at: int) -> str:
    """Return the beginning of a text, ended at a word where one is near."""
    begun = said[:at]
    if at < len(said) and not said[at].isspace():
        word = begun.rfind(" ")
        begun = begun[:word] if word > at - 40 else begun
    return begun.rstrip() + " …"
