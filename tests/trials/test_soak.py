"""The soak, small, and what it makes of what it sees."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from demo.weather import KINDS
from trials.soak.__main__ import failures, figures, main
from trials.soak.checkup import MB, Checkup, growth, leaked
from trials.soak.month import Asked, soak
from trials.soak.restarts import WAYS

START = datetime(2026, 3, 2, tzinfo=UTC)


def checkup(day: float, mb: float, **tasks: int) -> Checkup:
    """Return how a bot was on a day."""
    return Checkup(START + timedelta(days=day), 1, int(mb * MB), Counter(tasks))


def test_growth_is_a_slope() -> None:
    """Memory that grows by half a MB a day is told so, whatever one day says."""
    steady = [checkup(day, 100 + 0.5 * day) for day in range(20)]
    assert growth(steady) == pytest.approx(0.5)
    flat = [checkup(day, 100 + (day % 2) * 0.4) for day in range(20)]
    assert abs(growth(flat)) < 0.02


def test_a_leaked_task_is_seen() -> None:
    """A task that runs at the end and did not at first is leaked; one that is gone is not."""
    seen = [checkup(0, 1, connect=1, look=1), checkup(1, 1, connect=1, wait=5)]
    assert leaked(seen) == Counter({"wait": 5})
    assert not leaked([*seen, checkup(2, 1, connect=1)])


def good() -> dict[str, object]:
    """Return figures that pass."""
    return {
        "faults": {"reset": 20, "429": 21},
        "drift": 0,
        "posted_twice": 0,
        "double_homes": 0,
        "errors": 0,
        "tasks_leaked": 0,
        "invalid_requests_worst": 99,
        "memory_growth_mb_per_day": 0.9,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"drift": 1},
        {"posted_twice": 1},
        {"double_homes": 1},
        {"errors": 1},
        {"tasks_leaked": 1},
        {"invalid_requests_worst": 100},
        {"memory_growth_mb_per_day": 1.0},
        {"faults": {"reset": 19, "429": 21}},
    ],
)
def test_whatever_is_wrong_fails(wrong: dict[str, object]) -> None:
    """Each of the figures alone is enough to fail; none of them is not."""
    assert failures(good(), 20, 20) == []
    assert len(failures(good() | wrong, 20, 20)) == 1


def test_growth_counts_after_ten_days(tmp_path: Path) -> None:
    """What a process takes up in its first days says nothing about the next months."""
    assert failures(good() | {"memory_growth_mb_per_day": 5.0}, 20, 9) == []
    with pytest.raises(SystemExit):
        main(["--days", "soon", "--json", str(tmp_path / "soak.json")])


@pytest.mark.slow
async def test_two_days_with_everything() -> None:
    """Forty people, every kind of fault and end of the process: nothing is worn."""
    found = await soak(Asked(people=40, days=2, each=1, seed=1), Console(quiet=True))
    counted = figures(found)
    told = [*found.verdict.drift, *found.verdict.posted_twice, *found.errors]
    assert failures(counted, 1, len(found.checkups)) == [], told
    assert counted["faults"].keys() >= {*KINDS, *WAYS, "by-hand"}
    assert all(counted["faults"][way] == 1 for way in WAYS)
    assert len(found.checkups) >= 2
    assert json.loads(json.dumps(counted))["virtual_days"] == 2
