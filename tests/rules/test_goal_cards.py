"""What a challenge says: sums from five people on, never a smaller number, and nobody's name."""

from datetime import UTC, date, datetime

import pytest

from bot.rules import goal_cards, goal_mine_cards, goal_pictures, goals
from bot.rules.goal_cards import Shown
from bot.rules.goals import DAY, Course, Ended, Mine, Progress
from bot.rules.message import Message, Picture
from bot.texts import catalogue

SAY = catalogue()
FIRST = date(2026, 3, 2)
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
COURSE = Course(FIRST, FIRST + 13 * DAY, "UTC", 7, 2)
ONE = Shown(1, 1, "Walk *daily*", "Outside", COURSE, 14, "running")


def text(message: Message) -> str:
    """Return a message as it is read."""
    return "\n".join(SAY(line.key, **line.params) for line in message.lines)


def progress(people: int, steady: int) -> Progress:
    """Return how it stands where so many of the people never missed a day."""
    days = frozenset(FIRST + n * DAY for n in range(8))
    parts = [Mine(FIRST, days if n < steady else frozenset()) for n in range(people)]
    return goals.progress(COURSE, parts, NOW)


def words(picture: Picture | None) -> str:
    """Return what a picture says to who cannot see it."""
    assert picture is not None
    return " ".join(SAY(line.key, **line.params) for line in picture.words)


@pytest.mark.parametrize(("people", "steady"), [(4, 4), (0, 0), (4, 0)])
def test_below_five_people_there_is_no_number(people: int, steady: int) -> None:
    """Neither in words nor in a picture."""
    found = progress(people, steady)
    assert goal_pictures.of(ONE, found) is None
    half = text(goal_cards.half(ONE, found, NOW, None))
    assert half.split("\n")[1:] == [SAY("goals.half_ask")]
    assert "no numbers yet" in SAY(goal_cards.taking_part(found).key)
    assert text(goal_mine_cards.progress(ONE, found, None)).endswith("sums need company.")


def test_of_few_who_are_on_their_way_nothing_is_said() -> None:
    """How many take part is said; in the picture their days are dots."""
    found = progress(9, 4)
    assert "9 of you take part." in text(goal_cards.half(ONE, found, NOW, None))
    picture = goal_pictures.of(ONE, found)
    assert "on their way" not in words(picture)
    assert picture is not None
    assert picture.values["on_way"] == 0
    assert {bar["people"] for bar in picture.values["bars"]} == {None}
    assert "On days with fewer than five check-ins no number is shown." in words(picture)


def test_a_picture_says_what_it_shows() -> None:
    """How many, the day with the most, and room for the days to come."""
    picture = goal_pictures.of(ONE, progress(9, 7))
    assert words(picture) == (
        r"How Walk \*daily\* goes: 9 take part. 7 of them are on their way."
        " Most people checked in on 2026-03-02: 7."
    )
    assert picture is not None
    assert (len(picture.values["bars"]), picture.values["slots"]) == (7, 14)


@pytest.mark.parametrize(
    ("came", "said", "names"),
    [
        (Ended(14, 9), "9 of 14 kept it up to the end.", True),
        (Ended(14, 4), "14 of you took part.", True),
        (Ended(14, 0), "14 of you took part.", False),
        (Ended(4, 4), "Thank you for going along.", True),
        (Ended(0, 0), "Thank you for going along.", False),
    ],
)
def test_the_end_counts_what_may_be_counted(came: Ended, said: str, names: bool) -> None:
    """Who completed it may be named if they like, however few they are."""
    message = goal_cards.ended(ONE, came, NOW, None, early=False)
    assert said in text(message)
    assert any(button.press == "goal-name:1:end" for button in message.buttons) is names
    early = goal_cards.ended(ONE, came, NOW, None, early=True)
    assert not any(button.label == "goals.name_me" for button in early.buttons)


def test_many_names_are_several_messages() -> None:
    """Each within Discord's bounds, and each to be told from the others."""
    made = goal_cards.named(ONE, list(range(10**17, 10**17 + 120)))
    assert len(made) == 3
    assert len({message.buttons[0].press for message in made}) == 3
    assert all(len(text(message)) < 2000 and not message.users for message in made)


def test_the_desk_compares_only_where_there_are_five_on_both_sides() -> None:
    """And says that it proves nothing."""
    over = Shown(1, 1, "Walk", "Outside", COURSE, 14, "over")
    card = text(goal_cards.desk_none(1, "Riverside", over, Ended(14, 9, 6, 5), archived=False))
    assert "With a partner 5 of 6 completed it, without one 4 of 8." in card
    assert "says nothing about why" in card
    card = text(goal_cards.desk_none(1, "Riverside", over, Ended(14, 9, 4, 4), archived=False))
    assert "partner" not in card


def test_a_strip_shows_what_was_done_and_the_days_there_were() -> None:
    """Never more than seven, and none of before it began."""
    assert (
        goal_mine_cards.strip(COURSE, frozenset({FIRST}), datetime(2026, 3, 3, tzinfo=UTC)) == "●·"
    )
    assert goal_mine_cards.strip(COURSE, frozenset({FIRST}), NOW) == "·" * 7
    late = datetime(2026, 5, 1, tzinfo=UTC)
    assert goal_mine_cards.strip(COURSE, frozenset({COURSE.last}), late) == "······●"
