"""The log of a real server is read exactly, or refused with the line that is wrong."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.log import Entry, LogError, parse, read

HEADER = "message,timestamp,channel,author,reply_to,mentions"
FIRST = "0,1740436801,region-000,264,,"


def test_reads_every_column() -> None:
    """Numbers, times, replies and mentions come out as they stand in the file."""
    entries = list(parse([HEADER, FIRST, "1,1740436861,topic-013,12,0,264 7"]))
    assert entries[1] == Entry(
        1, datetime(2025, 2, 24, 22, 41, 1, tzinfo=UTC), "topic-013", 12, 0, (264, 7)
    )
    assert entries[0].regional
    assert not entries[1].regional


@pytest.mark.parametrize("packed", [True, False])
def test_reads_plain_and_packed_files(tmp_path: Path, packed: bool) -> None:
    """A gzipped file and a plain one are told apart by their first bytes, not by their name."""
    text = f"{HEADER}\r\n{FIRST}\r\n".encode()
    file = tmp_path / "log"
    file.write_bytes(gzip.compress(text, mtime=0) if packed else text)
    assert [entry.number for entry in read(file)] == [0]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("1,1740436802,region-000,264,", "line 3: 5 fields instead of 6"),
        ("x,1740436802,region-000,264,,", "line 3: message is not a whole number: 'x'"),
        ("1,17e8,region-000,264,,", "line 3: timestamp is not a whole number: '17e8'"),
        ("1,7,region-000,264,,", "line 3: timestamp 7 is not between 2015 and 2100"),
        ("1,1740436800,region-000,264,,", "line 3: earlier than the line above it"),
        ("1,1740436802,general,264,,", "line 3: channel 'general' is neither"),
        ("0,1740436802,region-000,264,,", "line 3: message 0 was there before"),
        ("1,1740436802,region-000,264,5,", "line 3: answers message 5, which is not above it"),
        ("1,1740436802,region-000,264,1,", "line 3: answers message 1, which is not above it"),
        ("1,1740436802,region-000,-4,,", "line 3: author is not a whole number: '-4'"),
        ("1,1740436802,region-000,4,,5 a", "line 3: mentions is not a whole number: 'a'"),
    ],
)
def test_names_the_line_that_is_wrong(row: str, why: str) -> None:
    """A bad row is refused with its line and what is wrong with it."""
    with pytest.raises(LogError) as refused:
        list(parse([HEADER, FIRST, row]))
    assert str(refused.value).startswith(why)


def test_other_columns_are_refused() -> None:
    """A file with other columns is not guessed at."""
    with pytest.raises(LogError, match="line 1: the columns must be"):
        list(parse(["time,author", "1,2"]))


@pytest.mark.parametrize(
    "content",
    [b"", HEADER.encode(), b"\x1f\x8bbroken", b"\xff\xfe", gzip.compress(b"x", mtime=0)[:-4]],
)
def test_a_file_without_messages_is_refused(tmp_path: Path, content: bytes) -> None:
    """An empty, a cut and a garbled file end in one clear error."""
    file = tmp_path / "log"
    file.write_bytes(content)
    with pytest.raises(LogError):
        read(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A path that leads nowhere is an error of the same kind."""
    with pytest.raises(LogError, match="cannot be read"):
        read(tmp_path / "nowhere.csv.gz")
