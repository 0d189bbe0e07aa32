"""Conversation starters: which three a group is offered, and in whose words."""

from datetime import date, timedelta
from itertools import pairwise
from typing import get_args

import pytest

from bot.rules.starters import (
    A_WEEK,
    OF_CHARTER,
    OF_KIND,
    OF_SEASON,
    Own,
    Season,
    name,
    named,
    of_week,
)
from bot.rules.types import KINDS
from bot.texts import catalogue

MONDAY = date(2026, 3, 2)
WHOLE = Own(
    group_id=7,
    kind="interest",
    season="settled",
    purpose="Evening runs around the lake.",
    for_whom="Whoever runs, however slowly.",
    unites="Mud on our shoes",
    norms="Nobody is left behind\nSay hello\n\nBring a lamp",
    first_thing="Which path would you show a friend?",
    city="Berlin",
)


def texts(own: Own, today: date) -> list[str]:
    """Return the week's starters as people read them."""
    say = catalogue("en")
    return [say(line.key, **line.params) for line in of_week(own, today)]


def test_three_a_week_for_everyone_alike() -> None:
    """From Monday to Sunday the same; from the charter, the kind and the season one each."""
    monday = of_week(WHOLE, MONDAY)
    assert len(monday) == A_WEEK
    assert all(of_week(WHOLE, MONDAY + timedelta(days=day)) == monday for day in range(7))
    kinds = {name(line).rpartition("_")[0] for line in monday}
    assert {"interest", "settled"} < kinds
    assert kinds & OF_CHARTER.keys()


def test_they_go_round() -> None:
    """The next week brings others, and in time everything that the charter has to offer."""
    weeks = [
        {name(line) for line in of_week(WHOLE, MONDAY + timedelta(weeks=week))}
        for week in range(sum(OF_CHARTER.values()))
    ]
    assert all(not one & other for one, other in pairwise(weeks))
    every = {one for week in weeks for one in week}
    assert len({one for one in every if one.rpartition("_")[0] in OF_CHARTER}) == sum(
        OF_CHARTER.values()
    )
    assert len({one for one in every if one.startswith("interest_")}) == OF_KIND


def test_a_bare_charter_leaves_its_place_to_the_kind() -> None:
    """Three all the same, and none that speaks of what is not there."""
    bare = Own(group_id=7, kind="goal", season="young")
    shown = of_week(bare, MONDAY)
    assert len({line.key for line in shown}) == A_WEEK
    assert not any(line.params for line in shown)
    assert named(bare, "purpose_1", MONDAY) is None


def test_own_words_are_shown_as_they_were_typed() -> None:
    """No markdown, no mention gets out of a charter into a room."""
    loud = Own(7, "own", "settled", purpose="Say *hi* to @everyone")
    line = named(loud, "purpose_1", MONDAY)
    assert line is not None
    assert "\\*hi\\*" in str(line.params["purpose"])
    assert "@everyone" not in str(line.params["purpose"])


def test_norms_take_turns() -> None:
    """Each norm has its week; empty lines are none."""
    shown = {
        str(line.params["norm"])
        for week in range(3)
        if (line := named(WHOLE, "norm_1", MONDAY + timedelta(weeks=week)))
    }
    assert shown == {"Nobody is left behind", "Say hello", "Bring a lamp"}


@pytest.mark.parametrize("season", get_args(Season))
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_season_has_words(kind: str, season: Season) -> None:
    """All starters can be read, whatever group asks."""
    own = Own(7, kind, season, "p", "f", "u", "n", "t", "c")
    for week in range(12):
        for text in texts(own, MONDAY + timedelta(weeks=week)):
            assert text
            assert "{" not in text
    assert OF_SEASON[season] >= 1
