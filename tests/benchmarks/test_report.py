"""The benchmarks' floors hold or fail as stated."""

import io
from typing import Any

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
        "requests": {"moved": moved, "requests": requests},
    }
    assert len(failures(figures)) == failing


def test_one_part_alone_is_shown() -> None:
    """What was not measured is neither shown nor missed."""
    console = Console(width=100, record=True, file=io.StringIO())
    show(console, {"ingest": GOOD_INGEST})
    assert "8,000 messages/s" in console.export_text()
    assert failures({"ingest": GOOD_INGEST}) == []


def felt(own_ms: float, **more: float) -> dict[str, float]:
    """Return what a probe felt."""
    return {"own_ms": own_ms, "block_ms": own_ms, "collection_ms": 1.0, "memory_mb": 200.0, **more}


def large(block: float) -> dict[str, Any]:
    """Return a large server's figures with this longest block during a look."""
    return {
        "members": 34_000,
        "groups": 230,
        "set_up": felt(20, requests=34_697, hours=9.44, seconds=80),
        "look": felt(block, look_s=0.9, look_cpu_s=0.4),
        "start": felt(20, requests=10, seconds=3),
        "split": felt(20, moved=68, requests=74, minutes=1.0),
    }


@pytest.mark.parametrize(("block", "failing"), [(49, 0), (51, 1)])
def test_a_large_server_keeps_nobody_waiting(block: float, failing: int) -> None:
    """A block of more than 50 ms does not pass; hours and head counts are shown."""
    console = Console(width=160, record=True, file=io.StringIO())
    show(console, {"large": large(block)})
    text = console.export_text()
    assert "34,000 people in 230 groups" in text
    assert "9.4 h by Discord's buckets" in text
    assert len(failures({"large": large(block)})) == failing


@pytest.mark.parametrize(("answer", "key", "failing"), [(3, 5, 0), (3.1, 5, 1), (3.1, 5.1, 2)])
def test_who_clicks_is_answered_in_time(answer: float, key: float, failing: int) -> None:
    """Three seconds for the answer, five for the key."""
    figures = {"clicks": {"answer_s": answer, "key_s": key, "presses": 9, "left_to_move": 45}}
    show(Console(file=io.StringIO()), figures)
    assert len(failures(figures)) == failing


def matched(**more: float) -> dict[str, Any]:
    """Return the figures of a matching that does what it should."""
    return {
        "people": 3_000,
        "groups": 30,
        "top3": 0.84,
        "oracle": 0.9,
        "random": 0.1,
        "first_come": 0.1,
        "vague_share": 0.8,
        "fill_spread": 0.26,
        "oracle_spread": 0.27,
        "random_spread": 0.13,
        "first_come_spread": 0.35,
        "placed": 1.0,
        "rule_ms": 1.0,
        "suggest_ms": 10.0,
        "suggest_p99_ms": 12.0,
        "statements": 18.0,
        **more,
    }


@pytest.mark.parametrize(
    ("more", "failing"),
    [
        ({}, 0),
        ({"top3": 0.81}, 0),
        ({"top3": 0.80}, 1),
        ({"fill_spread": 0.35}, 1),
        ({"top3": 0.5, "fill_spread": 0.4}, 2),
    ],
)
def test_the_matching_has_floors(more: dict[str, float], failing: int) -> None:
    """Nine tenths of what an oracle reaches, and groups that fill more evenly than first come."""
    figures = {"matching": matched(**more)}
    assert len(failures(figures)) == failing
    console = Console(width=120, record=True, file=io.StringIO())
    show(console, figures)
    assert "of an oracle's 90.0%" in console.export_text()
