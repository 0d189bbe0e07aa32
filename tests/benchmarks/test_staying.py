"""The curves of a log: who is silent for long has gone, who fell silent late is censored."""

from datetime import UTC, datetime, timedelta

from benchmarks import staying
from demo.log import Entry

FIRST = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
WEEK = timedelta(weeks=1)


def test_a_log_by_hand() -> None:
    """Ten begin; four write once, six to the end of the log: after a week six of ten are there."""
    last = FIRST + 20 * WEEK
    times = [FIRST] * 10 + [last] * 6
    entries = [
        Entry(number, at, "region-1", number % 10, None, ()) for number, at in enumerate(times)
    ]
    found = staying.drawn(entries)
    assert found["all"]["people"] == 10
    assert found["all"]["median"] is None
    assert {weeks: share[0] for weeks, share in found["all"]["share"].items()} == {
        "1": 0.6,
        "4": 0.6,
    }
    assert list(found["months"]) == ["2026-03"]
