"""The file that tells the operator's health check how the running bot is.

Its age says whether the event loop turns; what stands in it, whether the tables can be used.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Beat:
    """What the file said: when it was touched last (seconds since 1970), and what is wrong."""

    at: float
    trouble: str


def beat(file: Path, trouble: str | None) -> None:
    """Say that the loop turns, and what is wrong with the tables, if anything.

    Raises OSError where the file cannot be written; its age tells the same then.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(trouble or "", encoding="utf-8")


def last(file: Path) -> Beat:
    """Return what was said last; OSError where there is no file."""
    return Beat(file.stat().st_mtime, file.read_text(encoding="utf-8").strip())
