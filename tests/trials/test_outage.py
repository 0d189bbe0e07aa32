"""Hearth's own blindness is nobody's silence: five days of being down change no alert."""

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.rules.types import STARTING
from demo.log import Entry, read
from tests.trials.outage import AFTER, BEFORE, DOWN, Alert, Part, alerts, part

(PLACE,) = (kind.rules for kind in STARTING if kind.rules.kind == "geographic")
PATIENCE = timedelta(days=PLACE.patience_days)
START = datetime(2026, 1, 5, tzinfo=UTC)
REAL = os.environ.get("LOG")
"""A real server's log (docs/demo.md tells its form): `make test LOG=path/to/log.csv.gz`."""


def invented() -> Part:
    """Return a log of people of all kinds: steady, rare, gone before, during and after the outage.

    Some who were silent write again in the middle of it.
    """
    random_ = random.Random(5)
    found: list[tuple[datetime, int]] = []
    span = (BEFORE + DOWN + AFTER).days
    for author in range(36):
        pause = random_.choice((1, 1, 2, 3))
        silence = sorted(random_.randrange(20, span) for _ in range(2))
        if author % 6 == 0:
            silence = [BEFORE.days - 12, BEFORE.days + 2]  # is back while nobody listens
        for day in range(author % pause, span, pause):
            if author % 3 and silence[0] <= day < silence[1]:
                continue
            if author % 6 == 0 and silence[0] <= day < silence[1]:
                continue
            found.append((START + timedelta(days=day, seconds=random_.randrange(86_400)), author))
    found.sort()
    entries = [
        Entry(number, at, f"region-{author % 2 + 1:03}", author, None, ())
        for number, (at, author) in enumerate(found)
    ]
    return part(entries, regions=2, start=START)


def real() -> Part:
    """Return the liveliest weeks that a real log holds, of its two liveliest regions."""
    assert REAL is not None
    log = read(Path(REAL))
    window = BEFORE + DOWN + AFTER
    first = log[0].at.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [
        first + timedelta(days=day) for day in range(0, (log[-1].at - first - window).days, 14)
    ]
    parts = [part(log, regions=2, start=start) for start in starts]
    return max(parts, key=lambda one: len(one.entries))


@pytest.mark.slow
@pytest.mark.parametrize(
    "which",
    [
        "invented",
        pytest.param("real", marks=pytest.mark.skipif(REAL is None, reason="no LOG is given")),
    ],
)
async def test_alerts_with_and_without_an_outage(which: str, tmp_path: Path) -> None:
    """Nobody is named who would not have been; who is missed wrote meanwhile.

    Where history can be read, nobody is found later than on the first look after the outage. Where
    it cannot, nobody is named who was not silent for as long as the patience lasts.
    """
    played = invented() if which == "invented" else real()
    since, until = played.down
    back = played.wrote_meanwhile()
    found: dict[str, dict[Alert, datetime]] = {}
    for name, outage, readable in (
        ("never down", False, True),
        ("read afterwards", True, True),
        ("nothing to read", True, False),
    ):
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        found[name] = await alerts(folder, played, outage=outage, readable=readable)
    truth, told, blind = found["never down"], found["read afterwards"], found["nothing to read"]
    assert len([at for at in truth.values() if at < since]) >= 3
    assert len([at for at in truth.values() if at > until]) >= 3
    assert told.keys() <= truth.keys()
    assert {alert.author for alert in truth.keys() - told.keys()} <= back
    late = timedelta(days=1)
    for alert, at in told.items():
        if since <= truth[alert] <= until:
            assert until <= at <= until + late
        else:
            assert at == truth[alert]
    for seen in (truth, told, blind):
        assert all(at - played.last_word(alert.author, at) > PATIENCE for alert, at in seen.items())
