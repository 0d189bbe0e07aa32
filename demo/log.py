"""A real server's log without its words: who wrote when, where, and whom it answered.

The file is a CSV, plain or gzipped, with the columns `message` (a running number), `timestamp`
(Unix seconds), `channel` (`region-NNN` or `topic-NNN`), `author` (a number), `reply_to` (a message
number or empty) and `mentions` (author numbers, separated by blanks). Rows stand in the order of
time.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

COLUMNS = ("message", "timestamp", "channel", "author", "reply_to", "mentions")
GZIP_MAGIC = b"\x1f\x8b"
# Discord's ids start counting in 2015; what lies beyond 2100 is a slip.
EARLIEST, LATEST = 1_420_070_400, 4_102_444_800


class LogError(Exception):
    """A file that cannot be replayed; the message names the line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the log."""

    number: int
    at: datetime
    channel: str
    author: int
    reply_to: int | None
    """The number of the message that this one answers; it stands earlier in the log."""
    mentions: tuple[int, ...]

    @property
    def regional(self) -> bool:
        """Whether it was written in a channel of a region, not of a topic."""
        return self.channel.startswith("region-")


def read(path: Path) -> list[Entry]:
    """Read a whole log; LogError names the first line that cannot be used."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw.startswith(GZIP_MAGIC) else raw).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise LogError(f"{path}: cannot be read: {error}") from error
    entries = list(parse(io.StringIO(text, newline="")))
    if not entries:
        raise LogError(f"{path}: holds no messages")
    return entries


def parse(lines: Iterable[str]) -> Iterator[Entry]:
    """Turn CSV lines, the header first, into entries; LogError names the first bad line."""
    reader = csv.reader(lines)
    header = tuple(next(reader, ()))
    if header != COLUMNS:
        raise LogError(f"line 1: the columns must be {','.join(COLUMNS)}, not {','.join(header)}")
    known: set[int] = set()
    latest = EARLIEST
    for row in reader:
        line = reader.line_num
        if len(row) != len(COLUMNS):
            raise LogError(f"line {line}: {len(row)} fields instead of {len(COLUMNS)}")
        number, moment, channel, author, reply_to, mentions = row
        second = _whole(moment, line, "timestamp")
        if not EARLIEST <= second <= LATEST:
            raise LogError(f"line {line}: timestamp {second} is not between 2015 and 2100")
        if second < latest:
            raise LogError(f"line {line}: earlier than the line above it")
        latest = second
        entry = Entry(
            number=_whole(number, line, "message"),
            at=datetime.fromtimestamp(second, tz=UTC),
            channel=channel,
            author=_whole(author, line, "author"),
            reply_to=_whole(reply_to, line, "reply_to") if reply_to else None,
            mentions=tuple(_whole(one, line, "mentions") for one in mentions.split()),
        )
        if not channel.startswith(("region-", "topic-")):
            raise LogError(f"line {line}: channel {channel!r} is neither a region's nor a topic's")
        if entry.number in known:
            raise LogError(f"line {line}: message {entry.number} was there before")
        if entry.reply_to is not None and entry.reply_to not in known:
            raise LogError(f"line {line}: answers message {entry.reply_to}, which is not above it")
        known.add(entry.number)
        yield entry


def _whole(text: str, line: int, column: str) -> int:
    """Return a number of at most twelve digits; LogError otherwise."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise LogError(f"line {line}: {column} is not a whole number: {text[:40]!r}")
    return int(text)
