"""Who may visit, and what stands in the way."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.rules.visits import AGAIN_AFTER, Guest, Host, way_in

OPEN = Host("Riverside", "open", "role", "open")
NEW = Guest()
TOMORROW = timedelta(days=1)


@pytest.mark.parametrize(
    ("host", "guest", "way"),
    [
        ({}, {}, "enter"),
        ({"visits": "request"}, {}, "ask"),
        ({"access": "overwrites"}, {}, "ask"),
        ({"visits": "request"}, {"invited": True}, "enter"),
        ({"access": "overwrites"}, {"invited": True}, "enter"),
        ({}, {"open_visits": 2}, "enter"),
    ],
)
def test_the_way_in(now: datetime, host: dict[str, Any], guest: dict[str, Any], way: str) -> None:
    """Open doors open, others are asked at; a room without a role is never simply open."""
    assert way_in(replace(OPEN, **host), replace(NEW, **guest), now, at_once=3) == way


@pytest.mark.parametrize(
    ("host", "guest", "key"),
    [
        ({}, {"barred": True}, "visits.door_closed"),
        ({}, {"apart": True}, "visits.door_closed"),
        ({}, {"lives_here": True}, "visits.own_home"),
        ({"state": "resting"}, {}, "visits.resting"),
        ({"visits": "closed"}, {}, "visits.closed"),
        ({"visits": "closed"}, {"invited": True}, "visits.closed"),
        ({}, {"open_visits": 3}, "visits.too_many"),
        ({}, {"open_visits": 3, "invited": True}, "visits.too_many"),
    ],
)
def test_what_stands_in_the_way(
    now: datetime, host: dict[str, Any], guest: dict[str, Any], key: str
) -> None:
    """Each refusal has its own friendly line; a bar and an apart share one."""
    with pytest.raises(UserError) as refused:
        way_in(replace(OPEN, **host), replace(NEW, **guest), now, at_once=3)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("guest", "key"),
    [("visits_until", "visits.already"), ("door_until", "visits.door_open")],
)
def test_who_may_enter_already_hears_until_when(now: datetime, guest: str, key: str) -> None:
    """An open visit and a sibling's open door need no second key, which would close the past."""
    with pytest.raises(UserError) as refused:
        way_in(OPEN, replace(NEW, **{guest: now + TOMORROW}), now, at_once=3)
    assert refused.value.key == key
    assert refused.value.params["at"] == int((now + TOMORROW).timestamp())


def test_the_same_visit_again_after_thirty_days_or_by_invitation(now: datetime) -> None:
    """To the second, counted from the end of the last one."""
    just = replace(NEW, ended_at=now - AGAIN_AFTER)
    early = replace(NEW, ended_at=now - AGAIN_AFTER + timedelta(seconds=1))
    assert way_in(OPEN, just, now, at_once=3) == "enter"
    assert way_in(OPEN, replace(early, invited=True), now, at_once=3) == "enter"
    assert way_in(OPEN, early, now, at_once=3, admitted=True) == "enter"
    with pytest.raises(UserError) as refused:
        way_in(OPEN, early, now, at_once=3)
    assert refused.value.key == "visits.too_soon"


def test_a_name_cannot_ping(now: datetime) -> None:
    """What owners typed stands in refusals as text."""
    with pytest.raises(UserError) as refused:
        way_in(replace(OPEN, name="**@everyone**", visits="closed"), NEW, now, at_once=3)
    assert "@everyone" not in refused.value.params["group"]
