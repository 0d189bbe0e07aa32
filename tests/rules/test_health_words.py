"""Three sentences: what is well, what changed, what could be tried; nothing claimed by chance."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.rules import health_cards
from bot.rules import health_words as words
from bot.rules.health import MEASURES, Figure, Series, Week
from bot.rules.message import Line
from bot.texts import catalogue
from tests.measured import WEEK, line, lines, unsaid, usual

SAY = catalogue()


@pytest.mark.parametrize(
    ("value", "half", "well"), [(0.9, 0.05, True), (0.72, 0.05, False), (0.6, 0.01, False)]
)
def test_a_share_is_well_where_even_its_lower_end_is(value: float, half: float, well: bool) -> None:
    """From 0.7 on newcomers are answered well: an interval from 0.67 on does not say so."""
    one = words.seen(lines(line("answered", value, half=half)))
    said = words.well(one)
    assert (said.key == "health.well_answered") is well
    if well:
        assert said.params == {"now": "90"}


def test_waiting_is_well_where_even_the_upper_end_is_short() -> None:
    """Six hours is the bar; fewer are better, so the interval's upper end counts."""
    soon, late = line("first_answer", 4, half=1), line("first_answer", 5.5, half=1)
    assert words.well(words.seen(lines(soon))).key == "health.well_first_answer"
    assert words.well(words.seen(lines(late))).key == "health.well_unsaid"


def test_what_is_well_takes_turns() -> None:
    """With several things that are well, each week says another one; the same week the same."""
    said: list[str] = []
    for later in range(3):
        last = WEEK.later(later)
        both = lines(
            line("repeat", 0.9, last=last),
            line("active", 0.9, last=last),
            line("peer", 0.9, last=last),
        )
        said.append(words.well(words.seen(both)).key)
        assert words.well(words.seen(both)).key == said[-1]
    assert len(set(said)) == 3


def test_of_fewer_than_five_nothing_is_said_to_be_well() -> None:
    """Where every figure is silent because of few people, that is the sentence."""
    one = words.seen(lines(line("homes", 4), unsaid("active", "few"), unsaid("repeat", "nothing")))
    assert words.well(one).key == "health.well_few"
    assert words.to_try(one, 7)[0].key == "health.try_few"


def test_a_week_that_was_not_heard_is_put_down_to_hearth() -> None:
    """Nobody is told that it is early, or that they are few, when Hearth was away."""
    one = words.seen(lines(line("homes", 40), unsaid("active", "blind"), unsaid("peer", "blind")))
    assert words.well(one).key == "health.well_deaf"
    assert words.changed(one).key == "health.changed_deaf"
    assert words.to_try(one, 7) == (Line("health.try_wait"), None)
    assert words.to_try_everywhere(one, []).key == "health.try_wait"
    card = health_cards.of_server(one.lines, [])
    assert card.pictures == ()
    assert card.lines[-1].key == "health.until_bare", "there is no band to be read"


def test_a_young_group_of_enough_people_is_asked_to_wait() -> None:
    """They are not told to invite somebody because they were too few."""
    one = words.seen(lines(line("homes", 12), unsaid("active", "young")))
    assert words.to_try(one, 7)[0].key == "health.try_wait"


def test_where_nothing_changes_hardly_anybody_is_told_of_a_change() -> None:
    """Of 100 groups with nine measures that only wander, at most 8 hear of one: 22 at 19 in 20."""
    random = np.random.default_rng(5)
    keys = ("active", "conversations", "repeat", "reciprocity", "peer", "answered", "voices",
            "elsewhere", "rituals")  # fmt: skip
    told = 0
    for _ in range(100):
        wandering: list[Series] = []
        for key in keys:
            window = MEASURES[key].weeks
            single = random.normal(size=30 + window)
            figures: list[tuple[Week, Figure]] = []
            for number, week in enumerate(WEEK.window(30)):
                value = 0.5 + 0.05 * float(single[number : number + window].sum()) / window**0.5
                figures.append((week, Figure(key, 30, value, value - 0.1, value + 0.1)))
            wandering.append(Series(key, tuple(figures)))
        told += bool(words.seen(lines(*wandering)).changes)
    assert told <= 8


def test_a_change_is_told_only_where_it_is_sure() -> None:
    """A straight fall is told; the same fall within the figure's own doubt is not."""
    falls = line("active", 0.4, rise=-0.02, half=0.05)
    told = words.changed(words.seen(lines(falls)))
    assert told.key == "health.down_active"
    assert told.params == {"now": "40", "weeks": 11}
    unsure = line("active", 0.4, rise=-0.002, half=0.05)
    assert words.changed(words.seen(lines(unsure))).key == "health.changed_nothing"


def test_what_goes_up_and_down_is_no_change() -> None:
    """A zigzag has a trend whose interval holds zero."""
    flat = line("active", 0.4)
    points = tuple(
        (week, replace(figure, value=0.3 + 0.2 * (number % 2)))
        for number, (week, figure) in enumerate(flat.points)
    )
    one = words.seen(lines(Series("active", points)))
    assert one.changes == {}
    assert words.changed(one).key == "health.changed_nothing"


def test_a_young_group_hears_that_it_is_too_early() -> None:
    """Four weeks are no trend."""
    one = words.seen(lines(line("active", 0.4, rise=0.05, weeks=4)))
    assert words.changed(one).key == "health.changed_early"


@pytest.mark.parametrize(
    ("measure", "rise", "worse", "better"),
    [
        ("active", -0.02, True, False),
        ("active", 0.02, False, True),
        ("first_answer", 1.0, True, False),
        ("first_answer", -1.0, False, True),
        ("elsewhere", -0.02, False, False),
    ],
)
def test_what_is_worse_depends_on_the_measure(
    measure: str, rise: float, worse: bool, better: bool
) -> None:
    """More waiting is worse, more taking part is better, more visits are neither."""
    found = words.change(line(measure, 0.5 if abs(rise) < 1 else 30, rise=rise))
    assert found is not None
    assert (found.worse, found.better) == (worse, better)


def test_what_got_worse_is_tried_before_what_is_low() -> None:
    """Falling conversations come before a low share of answered newcomers, which is the first."""
    low = line("answered", 0.3)
    falling = line("conversations", 30, rise=-2, half=2)
    first, button = words.to_try(words.seen(lines(low, falling)), 7)
    assert first.key == "health.try_conversations"
    assert button is not None
    assert button.press == "room-starter:7:0"
    assert words.to_try(words.seen(lines(low)), 7)[0].key == "health.try_answered"


def test_between_well_and_low_nothing_is_said() -> None:
    """A figure that is neither is no reason for praise, nor for a suggestion."""
    one = words.seen(lines(line("answered", 0.6, half=0.05), line("active", 0.3, half=0.02)))
    assert words.well(one).key == "health.well_unsaid"
    assert words.to_try(one, 7)[0].key == "health.try_nothing"
    assert words.WELL.keys() == words.LOW.keys() == set(words.TRIED)
    for key in words.TRIED:
        less = MEASURES[key].better == "less"
        assert (words.WELL[key] < words.LOW[key]) is less


def test_the_page_tells_the_same_bars() -> None:
    """docs/health.md names from where on something is well, and below where it is low."""
    page = (Path(__file__).parents[2] / "docs" / "health.md").read_text(encoding="utf-8")
    told = {
        key: (well, low)
        for key, well, low in re.findall(
            r"^\| `(\w+)` \| ([^|]+?) \| ([^|]+?) \|$", page, re.MULTILINE
        )
    }
    shown = {
        key: tuple(_bar(MEASURES[key].unit, bar) for bar in (words.WELL[key], words.LOW[key]))
        for key in words.TRIED
    }
    assert told == shown


def _bar(unit: str, bar: float) -> str:
    match unit:
        case "share":
            return f"{100 * bar:.0f} %"
        case "hours":
            return f"{bar:.0f} h"
        case _:
            return f"{bar:g}"


def test_where_all_is_well_nothing_needs_doing() -> None:
    """No suggestion is made for the sake of one."""
    said, button = words.to_try(words.seen(usual(answered=0.95, active=0.6, repeat=0.7)), 7)
    assert (said.key, button) == ("health.try_nothing", None)


def test_what_only_looks_low_is_not_called_fine() -> None:
    """Of six people nobody was around: nobody can be sure, but nor does nothing need doing."""
    one = words.seen(lines(line("active", 0, half=0.4), line("answered", 0.6, half=0.05)))
    said, button = words.to_try(one, 7)
    assert said.key == "health.try_unsure"
    assert button is not None
    assert button.press == "room-starter:7:0"
    assert words.to_try_everywhere(one, []).key == "health.try_all_unsure"


def test_a_group_that_is_alone_has_nobody_to_invite() -> None:
    """The only group of a server is an island by nature."""
    one = words.seen({**usual(answered=0.95, active=0.6), "islands": line("islands", 1, half=0)})
    assert words.to_try_everywhere(one, [one]).key == "health.try_all_nothing"
    assert words.to_try_everywhere(one, [one, one]).key == "health.try_all_islands"


def test_owners_are_told_first_of_groups_that_fall() -> None:
    """Then of newcomers who wait, then of islands; of nothing where nothing is."""
    well = usual(answered=0.95, active=0.6, repeat=0.7)
    falling = words.seen(lines(line("active", 0.4, rise=-0.02)))
    said = words.to_try_everywhere(words.seen(well), [falling, words.seen(well)])
    assert (said.key, said.params) == ("health.try_all_falling", {"n": 1})
    alone = {**well, "islands": line("islands", 3)}
    waiting = {**alone, "answered": line("answered", 0.3)}
    keys = [words.to_try_everywhere(words.seen(one), []).key for one in (waiting, alone, well, {})]
    assert keys == [
        "health.try_all_answered",
        "health.try_all_islands",
        "health.try_all_nothing",
        "health.try_all_few",
    ]


def test_every_measure_has_its_words() -> None:
    """A measure that is added needs a name, its sentences, and what it says, in the texts."""
    fillings = {"now": "4", "weeks": 8, "n": 4}
    for key in MEASURES:
        for text in (f"name_{key}", f"alt_{key}", f"up_{key}", f"down_{key}"):
            assert SAY(f"health.{text}", **fillings), text
        assert SAY(f"report.what_{key}")
    for key in words.WELL:
        assert SAY(f"health.well_{key}", **fillings)
    for key in words.TRIED:
        said, _ = words.to_try(
            words.seen(lines(line(key, 0.01 if MEASURES[key].better == "more" else 90))), 7
        )
        assert SAY(said.key)


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("share", 0.476, "48"),
        ("number", 6.34, "6.3"),
        ("number", 6.0, "6"),
        ("number", 63.4, "63"),
        ("steps", 4.0, "4.0"),
        ("hours", 11.6, "12"),
    ],
)
def test_figures_are_written_as_people_read_them(unit: str, value: float, shown: str) -> None:
    """Shares in per cent, small numbers with a decimal where it says something."""
    assert words.number(unit, value) == shown  # pyright: ignore[reportArgumentType] - a case names its unit
