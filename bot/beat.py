"""The file that tells the operator's health check how the running bot is.

Its age says whether the event loop turns; what stands in it, whether the tables can be used.
"""

from dataclasses import dataclass
from pathlib import Path

STALE_SECONDS = 120  # the beat is touched every half minute


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


@dataclass(frozen=True, slots=True)
class State:
    """What the beat tells of a running bot, in lines for the operator."""

    well: bool
    lines: tuple[str, ...]


def state(file: Path, now: float) -> State:
    """Judge the beat at `now` (seconds since 1970): well if it is fresh and names no trouble."""
    try:
        said = last(file)
    except OSError:
        return State(well=False, lines=(f"No beat: {file} is not there.",))
    age = now - said.at
    lines = [f"The last beat was {age:.0f} seconds ago."]
    if said.trouble:
        lines.append(f"The tables cannot be used: {said.trouble}.")
    return State(well=age <= STALE_SECONDS and not said.trouble, lines=tuple(lines))
