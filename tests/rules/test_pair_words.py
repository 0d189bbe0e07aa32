"""Pairs' opening questions, and the hours that people tell."""

from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import combinations

import pytest

from bot.rules import pair_hours
from bot.rules.pair_messages import (
    QUESTIONS,
    QUESTIONS_MOST,
    asked,
    first_question,
    goes_on,
    next_question,
    together,
)
from bot.texts import catalogue

LONGEST = 120  # characters: a line on a phone or two
TOO_LIKE = 0.8  # of a question, as another has it

WINTER, SUMMER = datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC)


def questions() -> list[str]:
    """Return every opening question in English."""
    entries = catalogue("en").entries
    return [str(text) for key, text in entries.items() if key.startswith("pair_questions.")]


def test_there_are_forty_and_more_and_each_is_one_of_its_own() -> None:
    """Short enough to be read at a glance, each a question, no two nearly the same."""
    every = questions()
    assert len(every) == QUESTIONS >= 40
    for text in every:
        assert text.endswith("?"), text
        assert len(text) <= LONGEST, text
    for one, other in combinations(every, 2):
        assert SequenceMatcher(None, one, other).ratio() < TOO_LIKE, (one, other)


def test_every_question_has_a_text() -> None:
    """By the key that a message names."""
    entries = catalogue("en").entries
    assert all(asked(number).key in entries for number in range(QUESTIONS))


def test_no_question_comes_again_before_all_were_there() -> None:
    """Also for a pair that asks for another, and for neighbours in a round."""
    seen = [0]
    while (following := next_question(seen[-1])) != seen[0]:
        seen.append(following)
    assert len(set(seen)) == len(seen) == QUESTIONS
    places = [first_question(17, place) for place in range(QUESTIONS)]
    assert len(set(places)) == QUESTIONS
    assert QUESTIONS_MOST < QUESTIONS


@pytest.mark.parametrize(
    ("parts", "zone", "now", "hours"),
    [
        (("morning",), "UTC", WINTER, {9, 10, 11}),
        (("morning",), "Europe/Berlin", WINTER, {8, 9, 10}),
        (("morning",), "Europe/Berlin", SUMMER, {7, 8, 9}),
        (("night",), "UTC", WINTER, {22, 23, 0, 1}),
        (("early",), "Pacific/Auckland", WINTER, {17, 18, 19}),
        (("early",), "Asia/Kolkata", WINTER, {0, 1, 2}),  # five and a half ahead: taken as six
        ((), "UTC", WINTER, set[int]()),
        (("noon-ish",), "UTC", WINTER, set[int]()),
    ],
)
def test_hours_are_those_of_ones_own_clock(
    parts: tuple[str, ...], zone: str, now: datetime, hours: set[int]
) -> None:
    """On the day that they are looked at, so that clocks that change take them along."""
    assert pair_hours.in_utc(parts, zone, now) == hours


def test_hours_are_kept_in_the_days_order() -> None:
    """What was written is read; what nobody knows is left out."""
    assert pair_hours.written(["night", "early", "x"]) == "early,night"
    assert pair_hours.read("early,night") == ("early", "night")
    assert pair_hours.read("") == ()


def test_who_is_left_never_reads_why() -> None:
    """Neither who it was nor what happened stands in what they hear."""
    alone, two = goes_on(3, 7, [11], None), goes_on(3, 7, [11, 12], None)
    assert (alone.users, two.users) == ((11,), (11, 12))
    assert alone.lines[0].params == {"person": "<@11>"}
    assert alone.buttons[0].press != two.buttons[0].press


def test_only_the_pair_is_mentioned() -> None:
    """In a thread of theirs, into which they come by that."""
    message = together(7, [11, 12, 13], 0, thread=True)
    assert message.users == (11, 12, 13)
    assert message.thread is not None
    assert message.thread.private
    assert together(7, [11, 12], 0, thread=False).thread is None
