"""The made-up server is the same every time, in order, and large enough to split."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta

import pytest

from demo.acts import Act, Arrive, Join, LeaveServer, Place, React, Visit, Write
from demo.town import Town

HOUR = timedelta(hours=1)


def played(town: Town) -> list[Act]:
    """Return everything that happens, asked for hour by hour."""
    return list(_hours(town))


def _hours(town: Town) -> Iterator[Act]:
    at = town.start
    while at < town.start + town.length:
        at += HOUR
        acts = town.next_acts(at)
        assert all(act.at < at for act in acts)
        assert acts == sorted(acts, key=lambda act: act.at)
        yield from acts


def test_the_same_seed_makes_the_same_town() -> None:
    """Two towns of one seed live the same life; another seed lives another."""
    assert played(Town(60, 4, 7)) == played(Town(60, 4, 7))
    assert played(Town(60, 4, 7)) != played(Town(60, 4, 8))


def test_acts_do_not_depend_on_how_often_they_are_asked_for() -> None:
    """A day at a time gives the same acts as an hour at a time."""
    by_hour, daily, at = played(Town(40, 2, 1)), Town(40, 2, 1), Town(40, 2, 1).start
    by_day: list[Act] = []
    while at < daily.start + daily.length:
        at += timedelta(days=1)
        by_day += daily.next_acts(at)
    assert by_day == by_hour


@pytest.mark.parametrize("seed", range(5))
def test_two_groups_outgrow_their_cap(seed: int) -> None:
    """In the demo's own size at least two groups reach 150 people long before the end."""
    town = Town(900, 12, seed)
    by_week_nine = Counter(person.lives(9 * 7) for person in town.inhabitants)
    by_week_nine.pop(None)
    assert len([size for size in by_week_nine.values() if size >= 150]) >= 2
    assert max(by_week_nine.values()) < 300


def test_people_come_before_they_act() -> None:
    """Nobody writes, joins or visits before they arrived, and messages answer earlier ones."""
    here: set[int] = set()
    keys: dict[int, int] = {}
    for act in played(Town(120, 6, 3)):
        if isinstance(act, Arrive):
            here.add(act.who)
        else:
            assert act.who in here
        if isinstance(act, Write):
            assert act.key not in keys
            if act.answers is not None:
                assert keys[act.answers] != act.who
            keys[act.key] = act.who
        if isinstance(act, React):
            assert keys[act.to] != act.who


def test_life_holds_what_the_demo_shows() -> None:
    """There are visits, moves, people who leave, and people who fall silent and come back."""
    town = Town(900, 12, 1)
    acts = played(town)
    kinds = Counter(type(act) for act in acts)
    assert kinds[Visit] > 50
    assert kinds[LeaveServer] > 5
    assert kinds[Join] > len(town.inhabitants) * 0.9
    silent = [p for p in town.inhabitants if p.silent_from < 12 * 7]
    assert len([p for p in silent if p.silent_until < 12 * 7]) > 10
    wrote: dict[int, set[int]] = defaultdict(set)
    for act in acts:
        if isinstance(act, Write):
            wrote[act.who].add((act.at - town.start).days)
    for person in silent:
        assert not {d for d in wrote[person.who] if person.silent_from <= d < person.silent_until}


def test_circles_talk_among_themselves() -> None:
    """Most answers stay inside a circle, so that a split has a line to follow."""
    town = Town(400, 6, 2)
    circle_of = {
        person.who: (group, number)
        for group, circles in enumerate(town.circles)
        for number, circle in enumerate(circles)
        for person in circle
    }
    writers: dict[int, int] = {}
    inside = outside = 0
    for act in played(town):
        if isinstance(act, Write) and act.where is Place.HOME:
            writers[act.key] = act.who
            if act.answers in writers:
                if circle_of[act.who] == circle_of[writers[act.answers]]:
                    inside += 1
                else:
                    outside += 1
    assert inside > 3 * outside > 0
