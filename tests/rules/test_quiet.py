"""Who has gone quiet, and who has not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.quiet import (
    Hearing,
    Life,
    Span,
    merged,
    quiet,
    silence,
    silence_of,
    sure_since,
)
from bot.rules.rhythm import PATIENCE, Rhythm

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVER = [(NOW - timedelta(days=400), NOW)]
ALWAYS = Hearing(EVER, EVER)


def ago(days: float) -> datetime:
    """Return the moment that many days before now."""
    return NOW - timedelta(days=days)


def regular(patience: float, days: int = 9) -> Rhythm:
    """Return the rhythm of somebody whose silence is long after so many days, by default."""
    return Rhythm(days=days, around=(patience / PATIENCE["usual"]) ** 2, pause=1.0)


MARA = Life(
    last_at=ago(12), home_since=ago(100), patience="usual", counted=True, rhythm=regular(10)
)
NEW = Life(
    last_at=ago(8),
    home_since=ago(9),
    patience="usual",
    counted=True,
    rhythm=Rhythm(days=2, around=1.9, pause=2.0),
    arrived_at=ago(9),
)


def quiet_for(life: Life, now: datetime, hearing: Hearing) -> timedelta | None:
    """Return how long a member has been quiet, if they have."""
    found = quiet(life, now, hearing)
    return None if found is None else found.lasted


def test_a_silence_longer_than_patience_is_quiet() -> None:
    """Twelve days where ten are normal."""
    found = quiet(MARA, NOW, ALWAYS)
    assert found is not None
    assert (found.kind, found.since, found.lasted) == ("quiet", ago(12), timedelta(days=12))
    assert found.beyond == pytest.approx(1.2)


@pytest.mark.parametrize(("usual", "longer"), [(0.0, True), (11.0, True), (13.0, False)])
def test_it_is_not_always_longer_than_usual(usual: float, *, longer: bool) -> None:
    """Who comes every two weeks is asked after, but nobody says that this is unusual for them."""
    found = quiet(replace(MARA, rhythm=replace(MARA.rhythm, usual=usual)), NOW, ALWAYS)
    assert found is not None
    assert found.longer_than_usual is longer


@pytest.mark.parametrize(
    ("why", "life"),
    [
        ("the patience is not over", replace(MARA, last_at=ago(10))),
        ("patience is never below five days", replace(MARA, last_at=ago(5), rhythm=regular(1))),
        ("the type's patience is longer", replace(MARA, patience="late")),
        ("never heard of", replace(MARA, last_at=None)),
        ("not counted", replace(MARA, counted=False)),
        ("around too rarely before, and no newcomer", replace(MARA, rhythm=regular(10, days=3))),
        ("moved in a short while ago", replace(MARA, home_since=ago(9))),
        ("away until they say so", replace(MARA, away_from=ago(2))),
        ("away until a date", replace(MARA, away_from=ago(2), away_until=ago(-1))),
        ("was away half of the time", replace(MARA, away_from=ago(8), away_until=ago(2))),
        ("a newcomer of last week", replace(NEW, last_at=ago(7))),
        ("a newcomer who is not counted", replace(NEW, counted=False)),
        ("a newcomer who is away", replace(NEW, away_from=ago(2))),
        ("a newcomer who was away", replace(NEW, away_from=ago(8), away_until=ago(7))),
        ("a newcomer who moved on", replace(NEW, home_since=ago(3))),
        ("moved in long ago", replace(NEW, arrived_at=ago(31), home_since=ago(31))),
        ("never moved in", replace(NEW, arrived_at=None)),
    ],
)
def test_who_is_not_quiet(why: str, life: Life) -> None:
    """Each of these alone is reason enough to say nothing."""
    assert quiet(life, NOW, ALWAYS) is None, why


@pytest.mark.parametrize(
    "life",
    [
        replace(MARA, last_at=ago(6), rhythm=regular(5)),
        replace(MARA, last_at=ago(5.01), rhythm=regular(0)),
        replace(MARA, last_at=ago(9), patience="soon"),
        replace(MARA, rhythm=regular(10, days=4)),
        replace(MARA, home_since=ago(10)),
        replace(MARA, away_from=ago(-3), away_until=ago(-9)),
        replace(MARA, away_from=ago(50), away_until=ago(40)),
        replace(MARA, away_from=ago(12), away_until=ago(11)),
        NEW,
        replace(NEW, last_at=ago(6), rhythm=Rhythm(days=1, around=1.0)),
    ],
)
def test_who_is_quiet(life: Life) -> None:
    """Just over each of the lines; an absence to come or long over changes nothing."""
    assert quiet(life, NOW, ALWAYS) is not None


def test_who_moved_in_and_was_never_heard_of_has_faded() -> None:
    """Their silence begins when they moved in; what was said in the commons before is no answer."""
    never = replace(NEW, last_at=None, rhythm=Rhythm(), home_since=ago(8), arrived_at=ago(8))
    for life in (never, replace(never, last_at=ago(20))):
        found = quiet(life, NOW, ALWAYS)
        assert found is not None
        assert (found.kind, found.since, found.lasted) == ("faded", ago(8), timedelta(days=8))


def test_a_silence_that_is_not_long_has_a_measure_too() -> None:
    """For the order of names it does not matter whether patience is over yet."""
    fresh = silence_of(replace(MARA, last_at=ago(5)), NOW, ALWAYS)
    assert fresh.beyond == pytest.approx(0.5)
    regular_first = silence_of(replace(MARA, last_at=ago(16), rhythm=regular(20)), NOW, ALWAYS)
    assert regular_first.beyond < silence_of(MARA, NOW, ALWAYS).beyond


def test_hearths_own_blindness_is_not_a_members_silence() -> None:
    """Twelve days without a word, of which Hearth heard only nine."""
    heard = [(ago(300), ago(8)), (ago(5), NOW)]
    hearing = Hearing(heard, heard)
    assert quiet_for(MARA, NOW, hearing) is None
    assert quiet_for(replace(MARA, last_at=ago(20)), NOW, hearing) is None
    hours = [(ago(300), ago(8)), (ago(7.5), NOW)]
    assert quiet_for(MARA, NOW, Hearing(hours, hours)) == timedelta(days=11.5)


@pytest.mark.parametrize(
    ("heard", "since"),
    [
        (EVER, 12),
        ([(ago(300), ago(8)), (ago(5), NOW)], 5),
        ([(ago(300), ago(8)), (ago(5), ago(4)), (ago(3), NOW)], 3),
        ([(ago(300), ago(20)), (ago(15), NOW)], 12),
        ([(ago(300), ago(8)), (ago(7.5), ago(4)), (ago(3.1), NOW)], 12),
        ([(ago(300), ago(13)), (ago(9), NOW)], 9),
        ([], 12),
    ],
)
def test_after_a_long_blindness_a_silence_begins_anew(heard: list[Span], since: float) -> None:
    """A day or more is enough for anybody to come, write and go; hours are only not counted."""
    assert sure_since(ago(12), heard) == ago(since)


def test_a_gap_that_was_read_tells_of_those_who_write_alone() -> None:
    """Who reacts or talks as well may have done so while nobody could notice."""
    hearing = Hearing([(ago(300), ago(8)), (ago(5), NOW)], EVER)
    assert quiet_for(MARA, NOW, hearing) == timedelta(days=12)
    assert quiet_for(replace(MARA, only_writes=False), NOW, hearing) is None


def test_blind_time_while_away_is_taken_off_once() -> None:
    """Time that is both blind and away is not taken off twice."""
    heard = [(ago(30), ago(8)), (ago(6), NOW)]
    assert silence(ago(20), NOW, heard, (ago(9), ago(5))) == timedelta(days=20 - 4)


def test_without_any_hearing_there_is_no_silence() -> None:
    """A Hearth that was never connected knows nothing."""
    assert silence(ago(20), NOW, []) == timedelta()


days = st.floats(min_value=0, max_value=60, allow_nan=False)
spans = st.lists(st.tuples(days, days).map(lambda two: (ago(max(two)), ago(min(two)))), max_size=8)


@given(days, spans)
def test_silence_is_never_more_than_the_time_that_passed(since: float, heard: list[Span]) -> None:
    """Nor less than nothing, however the intervals lie."""
    lasted = silence(ago(since), NOW, merged(heard))
    assert timedelta() <= lasted <= timedelta(days=since)


@given(days, spans, days, days)
def test_being_away_only_ever_shortens_a_silence(
    since: float, heard: list[Span], one: float, other: float
) -> None:
    """Taking off an absence never adds to a silence, and never takes more than all of it."""
    away = (ago(max(one, other)), ago(min(one, other)))
    whole = silence(ago(since), NOW, merged(heard))
    assert timedelta() <= silence(ago(since), NOW, merged(heard), away) <= whole


@given(spans)
def test_merged_spans_are_in_order_and_apart(given_spans: list[Span]) -> None:
    """Merging keeps every moment and leaves no overlap."""
    joined = merged(given_spans)
    assert all(start < end for start, end in joined)
    assert all(one[1] < other[0] for one, other in pairwise(joined))
    for start, end in given_spans:
        if start < end:
            assert any(s <= start and end <= e for s, e in joined)
