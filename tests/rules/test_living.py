"""Turns of greeters, first things to do, introductions as they may stand, panels' figures."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules import introductions, living
from bot.rules.directory import QUERY_MOST, View, query
from bot.rules.introductions import Page, Told
from bot.rules.living import Candidate, first_thing, whose_turn
from bot.rules.panels import Figures, changed_much
from bot.rules.types import KINDS
from bot.texts import catalogue

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def ago(days: float) -> datetime:
    """Return the moment so many days before noon."""
    return NOON - timedelta(days=days)


@pytest.mark.parametrize(
    ("candidates", "next_"),
    [
        ([], None),
        ([Candidate(1, ago(9), volunteer=False)], 1),
        ([Candidate(1, ago(9), volunteer=False), Candidate(2, ago(1), volunteer=True)], 2),
        ([Candidate(1, ago(9), True, ago(1), 1), Candidate(2, ago(2), True)], 2),
        ([Candidate(1, ago(9), True, ago(3)), Candidate(2, ago(9), True, ago(4))], 2),
        ([Candidate(1, ago(9), True, ago(0.1), 3), Candidate(2, ago(9), False)], 2),
        ([Candidate(1, ago(9), True, ago(0.1), 3)], None),
    ],
)
def test_whose_turn_it_is(candidates: list[Candidate], next_: int | None) -> None:
    """Volunteers first, who was never or longest ago asked, nobody more than three times a day."""
    assert whose_turn(candidates) == next_


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5, unique=True), st.integers(1, 30))
def test_turns_are_fair(people: list[int], newcomers: int) -> None:
    """However many come, a newcomer a day: nobody greets two more than anybody else."""
    asked: dict[int, datetime] = {}
    counts = dict.fromkeys(people, 0)
    for day in range(newcomers):
        turn = whose_turn([Candidate(p, ago(99), True, asked.get(p)) for p in people])
        assert turn is not None
        asked[turn] = NOON + timedelta(days=day)
        counts[turn] += 1
    assert max(counts.values()) - min(counts.values()) <= 1


def test_every_kind_of_group_knows_how_to_begin() -> None:
    """Three ways each, and an unknown kind falls back; the group's own comes first."""
    texts = catalogue("en")
    for kind in (*KINDS, "unheard of"):
        said = {texts(first_thing(kind, "", user).key) for user in range(9)}
        assert len(said) == 3
    own = first_thing("goal", "Show *one* photo", 1)
    assert texts(own.key, **own.params) == "> Show \\*one\\* photo"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "living.said_empty"),
        ("\u200b\u200b..", "living.said_empty"),
        ("x" * 301, "living.said_too_long"),
        ("Come to discord.gg/abc", "living.calls"),
        ("Hello <@123456789012345678>", "living.calls"),
    ],
)
def test_introductions_that_cannot_stand(typed: str, key: str) -> None:
    """Each says what to mend."""
    with pytest.raises(UserError) as refused:
        introductions.read(typed)
    assert refused.value.key == key


def test_a_full_page_of_the_longest_introductions_fits_a_message() -> None:
    """Whatever is escaped in them; nothing is cut off at the end of the card."""
    told = [Told(10**18 + n, NOON, "*" * 300) for n in range(introductions.PER_PAGE)]
    page = Page(
        1, "*" * 40, 150, 12, told, 1, 3, lives_here=True, own=False, hidden=False, may_hide=False
    )
    texts = catalogue("en")
    card = introductions.card(page, {})
    text = "\n".join(texts(line.key, **line.params) for line in card.lines)
    assert len(text) <= 2000
    assert text.count("> ") == introductions.PER_PAGE
    assert "Page 2 of 3" in text


@pytest.mark.parametrize(
    ("then", "now", "much"),
    [
        (Figures(10, 100), Figures(10, 100), False),
        (Figures(10, 100), Figures(11, 110), False),
        (Figures(10, 100), Figures(12, 100), True),
        (Figures(10, 100), Figures(10, 79), True),
        (Figures(10, 1), Figures(10, 0), True),
        (Figures(0, 0), Figures(1, 150), True),
        (Figures(100, 900), Figures(108, 950), False),
    ],
)
def test_when_a_panel_misleads(then: Figures, now: Figures, *, much: bool) -> None:
    """A first group or the last seat always; else a tenth of the groups or a fifth of the seats."""
    assert changed_much(then, now) is much


@given(st.text(max_size=80), st.integers(0, 99))
def test_a_search_fits_a_buttons_id(typed: str, page: int) -> None:
    """At most a hundred characters, three arguments, whatever was typed."""
    words = query(typed)
    assert len(words) <= QUERY_MOST
    press = View(page, "city-1a2b3c4d", words).press(page + 1)
    assert len(press) <= 100
    assert press.count(":") == 3


def test_what_is_refused_as_a_first_thing() -> None:
    """Too long, or calling people; empty goes back to Hearth's own."""
    assert living.first_thing_typed("  ") == ""
    for typed, key in (("x" * 201, "living.first_too_long"), ("@here now", "living.calls")):
        with pytest.raises(UserError) as refused:
            living.first_thing_typed(typed)
        assert refused.value.key == key
