"""Which groups stand in *From the neighbourhoods*: all in their turn, the small among them."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.bridges import KINDS, Kind
from bot.rules.neighbourhoods import (
    EVERY,
    FOR_SMALL,
    PLACES,
    Candidate,
    Town,
    choose,
    next_host,
    small_groups,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def candidate(bridge_id: int, group_id: int, kind: Kind = "insight", hours: int = 0) -> Candidate:
    """Return something that was shared, so many hours after the first."""
    return Candidate(bridge_id, group_id, kind, NOW + timedelta(hours=hours))


def test_at_most_one_of_each_group() -> None:
    """However much somebody shares."""
    waiting = [candidate(number, number % 2) for number in range(10)]
    chosen = choose(waiting, Town({0: 50, 1: 60}, {}))
    assert sorted(one.group_id for one in chosen) == [0, 1]
    assert sorted(one.bridge_id for one in chosen) == [0, 1]


def test_whoever_was_shown_longest_ago_comes_first_then_the_smaller() -> None:
    """Never shown is longest ago."""
    waiting = [candidate(group, group) for group in range(4)]
    homes = {0: 100, 1: 90, 2: 80, 3: 10}
    shown = {0: NOW - EVERY, 1: NOW - 3 * EVERY}
    chosen = choose(waiting, Town(homes, shown), places=3)
    assert [one.group_id for one in chosen] == [3, 2, 1]


def test_small_groups_have_places_of_their_own() -> None:
    """Also when they were shown later than others that wait."""
    homes = {group: 100 + group for group in range(10)} | {20: 8, 21: 9}
    shown = {20: NOW, 21: NOW}
    waiting = [candidate(group, group) for group in (*range(5, 10), 20, 21)]
    chosen = [one.group_id for one in choose(waiting, Town(homes, shown))]
    assert len(chosen) == PLACES
    assert {20, 21} < set(chosen)


def test_kinds_are_mixed() -> None:
    """Of one group the kind that is rarest so far; then what waits longest."""
    waiting = [
        candidate(1, 1, "story"),
        candidate(2, 2, "story"),
        candidate(3, 2, "learning", hours=5),
        candidate(4, 3, "story"),
        candidate(5, 3, "learning", hours=1),
        candidate(6, 3, "insight", hours=9),
    ]
    chosen = choose(waiting, Town({1: 9, 2: 19, 3: 29}, {}))
    assert [one.bridge_id for one in chosen] == [1, 3, 6]


def test_what_was_read_stays_and_free_places_are_filled() -> None:
    """The order in which a host saw it is kept."""
    waiting = [candidate(group, group) for group in range(9)]
    before = [waiting[7], waiting[8]]
    chosen = choose(waiting, Town(dict.fromkeys(range(9), 50), {}), chosen=before)
    assert chosen[:2] == before
    assert len(chosen) == PLACES
    assert len({one.group_id for one in chosen}) == PLACES


@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.sampled_from(KINDS), st.integers(0, 500)), max_size=40
    ),
    st.dictionaries(st.integers(0, 12), st.integers(5, 150)),
    st.dictionaries(st.integers(0, 12), st.integers(0, 50)),
)
def test_as_many_groups_as_have_something(
    shared: list[tuple[int, Kind, int]], homes: dict[int, int], weeks: dict[int, int]
) -> None:
    """Up to the places there are, each once, all of them from what waits."""
    waiting = [candidate(n, group, kind, at) for n, (group, kind, at) in enumerate(shared)]
    shown = {group: NOW - ago * EVERY for group, ago in weeks.items()}
    chosen = choose(waiting, Town(homes, shown))
    groups = {one.group_id for one in waiting}
    assert len(chosen) == min(len(groups), PLACES)
    assert len({one.group_id for one in chosen}) == len(chosen)
    assert set(chosen) <= set(waiting)


@pytest.mark.parametrize("count", [3, 7, 20, 60])
def test_over_weeks_nobody_waits_longer_than_their_turn(count: int) -> None:
    """Everybody has something every week; big groups and small take turns, the small more often."""
    homes = {group: 5 + 2 * group for group in range(count)}
    shown: dict[int, datetime] = {}
    seen: Counter[int] = Counter()
    waited = dict.fromkeys(homes, 0)
    longest = 0
    for week in range(60):
        now = NOW + week * EVERY
        chosen = {
            one.group_id
            for one in choose([candidate(group, group) for group in homes], Town(homes, shown))
        }
        for group in homes:
            waited[group] = 0 if group in chosen else waited[group] + 1
            longest = max(longest, waited[group])
        shown |= dict.fromkeys(chosen, now)
        seen.update(chosen)
    assert longest <= -(-count // (PLACES - FOR_SMALL))
    small = small_groups(homes)
    assert (
        min(seen[group] for group in small)
        >= max((seen[group] for group in homes if group not in small), default=0) - 1
    )


def test_the_smaller_half() -> None:
    """By how many live there; nobody is small where there is nobody."""
    assert small_groups({1: 10, 2: 20, 3: 30, 4: 40}) == {1, 2}
    assert small_groups({1: 10, 2: 10}) == {1, 2}
    assert not small_groups({})


def test_hosts_take_turns() -> None:
    """First who never had one, in the order in which they offered; then whose is longest ago."""
    since = [NOW - timedelta(days=day) for day in range(4)]
    rota = [(1, NOW - EVERY, since[3]), (2, NOW - 2 * EVERY, since[2]), (3, None, since[0])]
    assert next_host(rota) == 3
    assert next_host(rota, but=3) == 2
    assert next_host(rota[:1], but=1) == 1
    assert next_host([]) is None
    assert next_host([(5, None, NOW), (4, None, since[1])]) == 4
