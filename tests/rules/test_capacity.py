"""How many groups still fit."""

import pytest

from bot.rules.capacity import (
    CATEGORIES,
    CHANNELS,
    ROLES,
    ROOMS_IN_A_CATEGORY,
    Room,
    Use,
    groups_that_fit,
    housing_seconds,
    limits,
    nearly_full,
)


@pytest.mark.parametrize(
    ("use", "fits"),
    [
        (Use(roles=2, channels=2, categories=0), Room(by_role=236, without_role=468)),
        (Use(roles=ROLES, channels=2, categories=0), Room(by_role=0, without_role=468)),
        (Use(roles=233, channels=2, categories=0), Room(by_role=5, without_role=468)),
        (Use(roles=238, channels=2, categories=0), Room(by_role=0, without_role=468)),
        (Use(roles=2, channels=CHANNELS, categories=0), Room(by_role=0, without_role=0)),
        (Use(roles=2, channels=479, categories=3), Room(by_role=0, without_role=0)),
        (Use(roles=2, channels=478, categories=3), Room(by_role=1, without_role=1)),
        (Use(roles=2, channels=60, categories=CATEGORIES), Room(by_role=0, without_role=0)),
    ],
)
def test_groups_that_fit(use: Use, fits: Room) -> None:
    """Roles, channels and categories each set a limit; a few of each stay free."""
    assert groups_that_fit(use) == fits


@pytest.mark.parametrize("channels", range(0, CHANNELS, 7))
def test_what_fits_really_fits(channels: int) -> None:
    """The rooms that are promised, and the categories for them, stay below Discord's limits."""
    rooms = groups_that_fit(Use(roles=0, channels=channels, categories=0)).without_role
    categories = -(-rooms // ROOMS_IN_A_CATEGORY)
    assert channels + rooms + categories <= CHANNELS
    assert categories <= CATEGORIES


def test_a_voice_room_takes_a_second_channel() -> None:
    """Half as many groups, unless roles are what runs out first."""
    room = Room(by_role=100, without_role=301)
    assert room.groups(by_role=False, voice=True) == 150
    assert room.groups(by_role=True, voice=True) == 100
    assert Room(by_role=100, without_role=101).groups(by_role=True, voice=True) == 50
    assert room.groups(by_role=True, voice=False) == 100


def test_a_limit_comes_near_at_four_fifths() -> None:
    """Owners hear of it in time."""
    assert nearly_full(200, ROLES)
    assert not nearly_full(199, ROLES)


def test_every_limit_is_told_of_before_it_is_reached() -> None:
    """Near at four fifths, a stop with some left for the owners, far again well below."""
    for roles, near, reached, far in (
        (180, False, False, True),
        (190, False, False, False),
        (200, True, False, False),
        (238, True, True, False),
    ):
        limit = limits(Use(roles=roles, channels=2, categories=0))[0]
        assert (limit.near, limit.reached, limit.far) == (near, reached, far)


def test_housing_takes_a_second_a_member_and_two_days_per_250_groups() -> None:
    """Ten roles in ten seconds, and 250 new roles in 48 hours."""
    assert housing_seconds(600, 4) == 600
    assert housing_seconds(0, 251) == 48 * 3600
