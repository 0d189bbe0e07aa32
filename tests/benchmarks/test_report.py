"""The benchmarks' floors hold or fail as stated."""

import io

import pytest
from rich.console import Console

from benchmarks.report import failures, show

GOOD_INGEST = {"bare_per_s": 10_000.0, "hearth_per_s": 8_000.0, "ratio": 0.8}


@pytest.mark.parametrize(
    ("ratio", "moved", "requests", "failing"),
    [(0.8, 70, 78, 0), (0.6, 70, 70, 0), (0.59, 70, 78, 1), (0.8, 70, 79, 1), (0.5, 1, 10, 2)],
)
def test_floors(ratio: float, moved: int, requests: int, failing: int) -> None:
    """A ratio below 0.6 and more than eight requests besides the moves do not pass."""
    figures = {
        "ingest": {**GOOD_INGEST, "ratio": ratio},
        "split": {"moved": moved, "requests": requests},
    }
    assert len(failures(figures)) == failing


def test_one_part_alone_is_shown() -> None:
    """What was not measured is neither shown nor missed."""
    console = Console(width=100, record=True, file=io.StringIO())
    show(console, {"ingest": GOOD_INGEST})
    assert "8,000 messages/s" in console.export_text()
    assert failures({"ingest": GOOD_INGEST}) == []
