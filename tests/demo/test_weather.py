"""What goes wrong with --faults: how often, when, and that the same seed brings the same."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

from demo.weather import CONNECTION, EVENTS, KINDS, REQUESTS, Weather, forecast, in_words
from sandbox.app import Sandbox

START = datetime(2026, 3, 2, tzinfo=UTC)
LENGTH = timedelta(days=20)


def test_every_kind_comes_as_often_as_asked() -> None:
    """Each kind comes so many times, in order of time, with some calm at both ends."""
    gusts = forecast(START, LENGTH, 7, 1)
    counted = Counter((gust.kind, gust.effect) for gust in gusts)
    kinds = {*REQUESTS, *((kind, False) for kind in CONNECTION + EVENTS)}
    assert counted == Counter(dict.fromkeys(kinds, 7))
    assert gusts == sorted(gusts)
    assert START + timedelta(hours=12) <= gusts[0].at
    assert gusts[-1].at <= START + LENGTH - timedelta(hours=12)


def test_a_kind_is_spread_over_the_whole_length() -> None:
    """No kind has all its times at once: two weeks of twenty days are never without it."""
    gusts = forecast(START, LENGTH, 7, 1)
    for kind in {gust.kind for gust in gusts}:
        at = [gust.at for gust in gusts if gust.kind == kind]
        gaps = [later - sooner for sooner, later in itertools.pairwise(at)]
        assert max(gaps) < timedelta(days=6), kind


def test_the_same_seed_brings_the_same_weather() -> None:
    """A seed is enough to see a bad day again; another seed is another one."""
    assert forecast(START, LENGTH, 3, 5) == forecast(START, LENGTH, 3, 5)
    assert forecast(START, LENGTH, 3, 5) != forecast(START, LENGTH, 3, 6)


async def test_what_is_due_is_ordered_and_counted() -> None:
    """What did not strike is counted too, as nothing; an outage ends when time has passed."""
    async with Sandbox(start=START) as sandbox:
        server = sandbox.add_server()
        weather = Weather(sandbox, server, start=START, length=LENGTH, each=1, seed=1)
        await weather.breaks(START)
        assert not sandbox.faults
        assert weather.struck == Counter(dict.fromkeys(KINDS, 0))
        await weather.breaks(START + LENGTH)
        assert sandbox.faults
        assert not server.available
        await weather.clears()
        assert server.available
        assert weather.struck["outage"] == weather.struck["reconnect"] == 1
        await weather.over()
        assert not sandbox.faults


def test_what_struck_is_told_in_one_line() -> None:
    """The line names each kind with its count; nothing is called nothing."""
    assert in_words(Counter({"reset": 2, "429": 1})) == "1 × 429, 2 × reset"
    assert in_words(Counter()) == "nothing"
