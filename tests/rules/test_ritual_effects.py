"""What is told of a ritual's effect: numbers of a whole group, and none below five people."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.message import Message
from bot.rules.ritual_effects import FEW, SHOWN_MOST, Effects, Held, Suggested, card
from bot.texts import catalogue

SAY = catalogue("en")
FRIDAY = datetime(2026, 7, 3, 16, tzinfo=UTC)


def effects(*people: int | None, newcomers: int = 0, first_words: int = 0) -> Effects:
    """Return a ritual that was held each week."""
    held = tuple(Held(FRIDAY + timedelta(weeks=n), count) for n, count in enumerate(people))
    return Effects(1, 2, "Wins", "UTC", held, newcomers, first_words)


def told(message: Message) -> str:
    """Return the text."""
    return "\n".join(SAY(line.key, **line.params) for line in message.lines)


def numbers(message: Message) -> set[int]:
    """Return every number in the text and in the picture's words, but those of dates and times."""
    lines = [*message.lines, *(line for one in message.pictures for line in one.words)]
    text = "\n".join(SAY(line.key, **line.params) for line in lines)
    text = re.sub(r"\d{4}-\d\d-\d\d|the last \d+ times|\d+ times fewer", "", text)
    return {int(number) for number in re.findall(r"\d+", text)}


@given(
    st.lists(st.none() | st.integers(0, 30), max_size=24),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_no_number_below_five_is_told(people: list[int | None], one: int, other: int) -> None:
    """Neither in words nor in the picture; nor how many newcomers were not there."""
    newcomers, heard = max(one, other), min(one, other)
    shown = card(effects(*people, newcomers=newcomers, first_words=heard))
    assert not {number for number in numbers(shown) if 0 < number < FEW}
    if 0 < newcomers - heard < FEW:
        assert not {newcomers, heard} <= numbers(shown) or newcomers in people or heard in people
    for picture in shown.pictures:
        bars = picture.values["bars"]
        assert len(bars) <= SHOWN_MOST
        assert all(bar["people"] is None or bar["people"] >= FEW for bar in bars)
        assert picture.values["foot"] is None or heard >= FEW


def test_what_is_told_of_a_lively_one() -> None:
    """How many lately and before, whose first words it heard, and a picture."""
    shown = card(effects(7, 9, 8, 14, 16, 15, newcomers=19, first_words=12))
    text = told(shown)
    assert "Lately about 15 people took part each time; before, it was about 8." in text
    assert "12 of 19 people who moved in meanwhile wrote their first words here" in text
    (picture,) = shown.pictures
    assert [bar["people"] for bar in picture.values["bars"]] == [7, 9, 8, 14, 16, 15]
    words = " ".join(SAY(line.key, **line.params) for line in picture.words)
    assert "from 2026-07-03 to 2026-08-07" in words
    assert "Between 7 and 16 people." in words


def test_a_small_or_young_one_is_not_belittled() -> None:
    """Few people are no fault; once is no line."""
    assert "Small can be just right" in told(card(effects(3, 2, 4)))
    young = card(effects(9))
    assert not young.pictures
    assert "too few times" in told(young)
    assert "fewer than five of them" in told(card(effects(9, 9, newcomers=8, first_words=2)))
    assert "nearly all did" in told(card(effects(9, 9, newcomers=8, first_words=6)))


def test_a_suggestion_comes_with_two_presses() -> None:
    """To the filled form, or away."""
    suggested = Suggested(5, "fewer", "monthly")
    shown = card(replace(effects(9, 9), suggested=suggested, skips=6))
    assert [b.press for b in shown.buttons] == [
        "ritual-suggest:5",
        "ritual-suggest-no:5",
        "ritual-show:1",
    ]
    assert "Once a month" in told(shown)
    assert "6 presses on ‹Skip this week›" in told(shown)
