"""When a group is nearly full, when it will be, and what its facilitators read of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.rules import preparing, split_sizes
from bot.rules.preparing import Ready, is_near, weeks_until_full
from bot.rules.split_messages import Child

WEEK = timedelta(weeks=1)


@pytest.mark.parametrize(
    ("homes", "cap", "near"),
    [(127, 150, False), (128, 150, True), (149, 150, True), (8, 10, False), (9, 10, True)],
)
def test_nearly_full_is_six_sevenths_of_the_seats(homes: int, cap: int, *, near: bool) -> None:
    """From 85 % on a split is got ready."""
    assert is_near(homes, cap) == near


@pytest.mark.parametrize(
    ("free", "arrived", "freed", "watched", "weeks"),
    [
        (20, 40, 0, 4 * WEEK, 2),
        (20, 44, 4, 4 * WEEK, 2),
        (1, 40, 0, 4 * WEEK, 1),
        (20, 4, 4, 4 * WEEK, None),  # as many leave as come
        (20, 40, 0, WEEK, None),  # too young to tell
        (20, 1, 0, 4 * WEEK, None),  # more than half a year
    ],
)
def test_when_it_is_full_is_told_from_what_happened(
    free: int, arrived: int, freed: int, watched: timedelta, weeks: int | None
) -> None:
    """And not told where too little did."""
    assert weeks_until_full(free, arrived=arrived, freed=freed, watched=watched) == weeks


@pytest.mark.parametrize(
    ("count", "cap", "into"),
    [
        (150, 150, 2),
        (130, 150, 2),
        (255, 150, 2),
        (256, 150, 3),
        (300, 150, 3),
        (1000, 150, 8),
        (5000, 150, 8),
        (10, 10, 2),
        (18, 10, 3),
    ],
)
def test_a_group_becomes_as_few_as_leave_all_of_them_room_to_grow(
    count: int, cap: int, into: int
) -> None:
    """Two nearly always; at most eight at once, however many were adopted."""
    assert split_sizes.children(count, cap) == into
    most = split_sizes.most(count, cap, into)
    assert most * into >= count
    assert most == cap or into == split_sizes.MOST


READY = Ready(
    group_id=7,
    group="River*side",
    homes=131,
    cap=150,
    weeks=3,
    children=(
        Child("River*side", "🌊", 66, 100, agreed=True),
        Child("Millpond", "🦆", 65, 200),
    ),
    kept_weight=0.931,
    stranded=0,
    counted=True,
)


def test_the_card_says_what_is_ready_and_what_can_be_done() -> None:
    """Whom one could ask, and the name; who looks after it already is not asked."""
    card = preparing.card(READY)
    assert [line.key for line in card.lines] == [
        "prepare.full_in",
        "prepare.today",
        "splits.keeps_room_with",
        "splits.new_room_if",
        "splits.kept",
        "splits.nobody_alone",
        "prepare.could_ask",
        "prepare.nothing_yet",
    ]
    assert card.lines[0].params["group"] == "River\\*side"
    assert [button.press for button in card.buttons] == [
        "prepare-ask:7:200",
        "prepare-name:7:1",
        "desk-page:7:growth",
    ]


def test_nothing_is_claimed_that_nobody_knows() -> None:
    """Neither a time nor figures without anything counted, and nobody to ask where nobody fits."""
    plain = replace(
        READY, weeks=None, counted=False, children=(READY.children[0], Child("Millpond", "🦆", 65))
    )
    keys = {line.key for line in preparing.card(plain).lines}
    assert {"prepare.nearly_full", "splits.nothing_counted", "splits.new_room"} <= keys
    assert "prepare.could_ask" not in keys


def test_the_letter_tells_it_once() -> None:
    """The key stays the same while the group is nearly full."""
    one, other = preparing.section(READY), preparing.section(replace(READY, homes=140, weeks=1))
    assert one.key == other.key
    assert len(one.key) <= 60
