"""The figures of groups on a log that was written by hand, and of a small drawn server."""

from datetime import UTC, datetime, timedelta

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


async def test_a_log_is_heard_as_it_was_written() -> None:
    """Six voices of six, one conversation a week; a ring in which nobody answers back."""
    found = await health.replayed(evenings())
    assert (found["weeks"], found["groups"], found["people"]) == (WEEKS, 1, 6)
    measures = found["measures"]
    assert measures.keys() <= MEASURES.keys()
    assert measures["active"]["quantiles"] == [1.0, 1.0, 1.0]
    assert measures["conversations"]["server"][0][0] == 1
    assert measures["voices"]["server"][0][0] == 1
    assert measures["reciprocity"]["server"][0][0] == 0
    assert measures["islands"]["server"][0][0] == 1
    assert measures["active"]["changes"] == 0


async def test_closing_a_week_of_a_small_server() -> None:
    """Every measure of each group and of the server is written."""
    found = await health.large(groups=3, homes=20)
    whole = sum("server" in one.scopes for one in MEASURES.values())
    each = sum("group" in one.scopes for one in MEASURES.values())
    assert found["figures"] == 3 * each + whole
    assert found["people"] == 60
    slow = {**found, "own_ms": health.LONGEST_BLOCK + 1, "write_s": health.LONGEST_WRITE + 1}
    quick = {**found, "own_ms": 0.0, "write_s": 0.0}
    assert len(health.failures({"large": slow})) == 2
    assert not health.failures({"large": quick})


async def test_the_page_can_be_read() -> None:
    """A row for each measure, and what closing a week took."""
    console = Console(width=200)
    with console.capture() as shown:
        figures = {"evenings": await health.replayed(evenings())}
        health.show(console, {**figures, "large": await health.large(groups=1, homes=20)})
    for measure in health.OURS:
        assert measure in shown.get()
    assert "Closing a week of 20 people in 1 groups" in shown.get()
