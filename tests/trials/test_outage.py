"""Hearth's own blindness is nobody's silence: five days of being down change no alert."""

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.rules.quiet import LEAST_PATIENCE
from demo.log import Entry, read
from tests import one_thread
from tests.trials.outage import AFTER, BEFORE, DOWN, FIRST_LOOK, Part, courses, part

START = datetime(2026, 1, 5, tzinfo=UTC)
REAL = os.environ.get("LOG") or None
"""A real server's log (docs/demo.md tells its form): `make test LOG=path/to/log.csv.gz`."""


SILENCES = (
    (12, 34),  # found, and back before the outage
    (20, 99),  # found before it, and not back
    (27, 43),  # found while it lasts, if anybody could; back in the middle of it
    (29, 99),  # the same, and not back
    (36, 99),  # found after it
    (38, 47),  # back too soon to be found, were it not for the outage
    (42, 99),  # the last word was said while it lasted
    (99, 99),  # always there
)
"""From which day until which the people of the invented log are silent; the outage is 40 to 45."""


def invented() -> Part:
    """Return a log of a few people of each kind, who else write every day or two."""
    draw = random.Random(5)
    found = [
        (START + timedelta(days=day, seconds=draw.randrange(86_400)), author)
        for author in range(3 * len(SILENCES))
        for day in range(author % 2, (BEFORE + DOWN + AFTER).days, 1 + author % 2)
        if not SILENCES[author % 8][0] <= day < SILENCES[author % 8][1]
    ]
    entries = [
        Entry(number, at, f"region-{author % 3:03}", author, None, ())
        for number, (at, author) in enumerate(sorted(found))
    ]
    return part(entries, regions=3, start=START)


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
async def test_alerts_with_and_without_an_outage(
    which: str, tmp_path: Path, brought_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is named who would not have been; who is missed wrote meanwhile.

    Where history can be read, nobody is found later than on the first look after the outage. Where
    it cannot, nobody is named who was not silent for as long as any patience lasts.
    """
    played = invented() if which == "invented" else real()
    since, until = played.down
    back = played.wrote_meanwhile()
    one_thread.settle_in(monkeypatch)
    found = await courses(tmp_path, brought_up, played)
    truth, told, blind = found.truth, found.told, found.blind
    assert len([at for at in truth.values() if at < since]) >= 3
    assert len([at for at in truth.values() if at > until]) >= 3
    assert told.keys() <= truth.keys()
    assert {alert.author for alert in truth.keys() - told.keys()} <= back
    for alert, at in told.items():
        if since <= truth[alert] <= until:
            assert until <= at <= until + FIRST_LOOK
        else:
            assert at == truth[alert]
    for seen in (truth, told, blind):
        assert all(
            at - played.last_word(alert.author, at) > LEAST_PATIENCE for alert, at in seen.items()
        )
