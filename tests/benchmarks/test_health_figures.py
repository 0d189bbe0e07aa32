"""The figures of groups on a log that was written by hand, and of a small drawn server."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from benchmarks import health
from bot.rules.health import MEASURES
from demo.log import Entry

START = datetime(2026, 1, 5, 12, tzinfo=UTC)  # a Monday
WEEKS = 8


def evenings() -> list[Entry]:
    """Return a log in which six people talk one evening a week, and answer each other in turn."""
    found: list[Entry] = []
    for week in range(WEEKS + 1):
        for turn in range(12):
            number = len(found)
            at = START + timedelta(weeks=week, minutes=turn)
            reply = number - 1 if turn else None
            found.append(Entry(number, at, "region-000", turn % 6, reply, ()))
    return found


@pytest.fixture(scope="module")
def found() -> Mapping[str, Any]:
    """What was found in those evenings."""
    return asyncio.run(health.replayed(evenings()))


@pytest.fixture(scope="module")
def closed() -> Mapping[str, float]:
    """What closing a week of a small server took."""
    return asyncio.run(health.large(groups=3, homes=20))


def test_a_log_is_heard_as_it_was_written(found: Mapping[str, Any]) -> None:
    """Six voices of six, one conversation a week; a ring in which nobody answers back."""
    assert (found["weeks"], found["groups"], found["people"]) == (WEEKS, 1, 6)
    measures = found["measures"]
    assert measures.keys() <= MEASURES.keys()
    assert measures["active"]["quantiles"] == [1.0, 1.0, 1.0]
    assert measures["conversations"]["server"][0][0] == 1
    assert measures["voices"]["server"][0][0] == 1
    assert measures["reciprocity"]["server"][0][0] == 0
    assert measures["islands"]["server"][0][0] == 1
    assert measures["active"]["changes"] == 0


def test_closing_a_week_of_a_small_server(closed: Mapping[str, float]) -> None:
    """Every measure of each group and of the server is written."""
    whole = sum("server" in one.scopes for one in MEASURES.values())
    each = sum("group" in one.scopes for one in MEASURES.values())
    assert closed["figures"] == 3 * each + whole
    assert closed["people"] == 60
    slow = {**closed, "own_ms": health.LONGEST_BLOCK + 1, "write_s": health.LONGEST_WRITE + 1}
    quick = {**closed, "own_ms": 0.0, "write_s": 0.0}
    assert len(health.failures({"large": slow})) == 2
    assert not health.failures({"large": quick})


def test_the_page_can_be_read(found: Mapping[str, Any], closed: Mapping[str, float]) -> None:
    """A row for each measure, and what closing a week took."""
    console = Console(width=200)
    with console.capture() as shown:
        health.show(console, {"evenings": found, "large": closed})
    for measure in health.OURS:
        assert measure in shown.get()
    assert "Closing a week of 60 people in 3 groups" in shown.get()
