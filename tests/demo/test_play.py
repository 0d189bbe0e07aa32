"""The whole demo, small: people, commands, a split, the verdict, the picture."""

import io
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from demo.log import Entry
from demo.play import Options, play
from demo.replay import Replay
from demo.town import Town

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def log(people: int, days: int) -> Iterator[Entry]:
    """Yield the messages of two circles of one region, and of a small region beside it.

    Everybody comes within the first days; people answer their own circle.
    """
    draw = random.Random(7)
    number = 0
    last: dict[int, int] = {}
    for minute in range(0, days * 24 * 60, 90):
        here = min(people, 2 + minute * people // (4 * 24 * 60))
        author = draw.randrange(here)
        circle = author % 2
        answers = last.get(circle) if draw.random() < 0.7 else None
        channel = "region-1" if draw.random() < 0.9 else "topic-1"
        yield Entry(number, START + timedelta(minutes=minute), channel, author, answers, ())
        last[circle] = number
        number += 1
        if minute % 720 == 0:
            at = START + timedelta(minutes=minute + 5)
            yield Entry(number, at, "region-2", people + minute // 720 % 5, None, ())
            number += 1


async def played(source: Town | Replay, **options: Any) -> tuple[dict[str, Any], str]:
    """Play, and return the figures and what was printed."""
    screen, found = io.StringIO(), dict[str, Any]()

    def keep(figures: Mapping[str, Any]) -> None:
        found.update(figures)

    await play(source, Options(**options), Console(file=screen, width=80), keep)
    return found, screen.getvalue()


def in_order(found: Mapping[str, Any], screen: str) -> bool:
    """Return whether nothing was found that should not be; show it where it is not."""
    wrong = found["drift"], found["errors"], found["members_with_two_homes"]
    assert wrong == (0, 0, 0), screen
    assert (found["log"]["given_away"], found["health"]["of_few"]) == (0, 0), screen
    assert found["log"]["lines"] > 0, "nobody wrote a log"
    assert found["pictures"]["without_words"] == 0, screen
    return found["rituals"]["posted_twice"] == 0


@pytest.mark.slow
async def test_a_log_is_played_to_its_end(tmp_path: Path) -> None:
    """A region outgrows its cap and splits; people wait, visit and are let in; all is in order."""
    source = Replay(list(log(24, 14)), cap=20)
    found, screen = await played(source, picture=tmp_path / "picture.png", out=tmp_path / "out")
    assert in_order(found, screen)
    assert found["members"] == 29
    assert 27 <= found["homes"] <= 29
    assert found["largest_group"] <= found["cap"] == 20
    (split,) = found["splits"]
    assert sum(split["sizes"]) == 20
    assert 0 < split["requests"] <= split["moved"] + 8
    assert found["rituals"]["posted"] > 0
    together = found["together"]
    assert together["pairs"]["met_again_too_early"] == together["bridges"]["without_source"] == 0
    assert len(together["kinds"]) > 1
    assert together["pairs"]["pairs"] > 0
    assert together["bridges"]["published"] > 0
    assert together["goals"]["check_ins"] > 0
    assert found["virtual_days"] == 15
    assert (tmp_path / "picture.png").stat().st_size > 10_000
    assert "becomes" in screen
    page = tmp_path / "out" / "health.html"
    assert f"health report is in {page}" in " ".join(screen.split())
    assert found["health"]["weeks"] >= 1
    assert found["pictures"]["in_report"] >= 1
    assert page.stat().st_size > 10_000


@pytest.mark.slow
async def test_a_town_lives_through_faults() -> None:
    """With every kind of fault the server is as the tables say in the end."""
    found, screen = await played(Town(40, 1, 3), faults=True)
    assert in_order(found, screen)
    assert found["homes"] > 25
    assert found["requests"]["rate_limited"] > 0
    for kind in ("503-after", "reset", "silence", "cloudflare-ban", "drop-lost", "duplicated"):
        assert f"× {kind}" in screen
