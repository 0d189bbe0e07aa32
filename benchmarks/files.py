"""Files that are given to the benchmarks: CSV, plain or gzipped."""

import gzip
import zlib
from pathlib import Path

from demo.log import GZIP_MAGIC


class GivenError(Exception):
    """A file that cannot be used; the message says which and why."""


def text_of(path: Path) -> str:
    """Return what a file says, unpacked where it is packed; GivenError when it cannot be read."""
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if raw.startswith(GZIP_MAGIC) else raw).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise GivenError(f"{path}: cannot be read: {error}") from error


def header_of(text: str) -> tuple[str, ...]:
    """Return the names of a CSV's columns."""
    return tuple(text.split("\n", 1)[0].strip().split(","))
