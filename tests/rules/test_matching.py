"""Which groups suit somebody, and which questions are worth asking."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import portraits, questions
from bot.rules.matching import (
    FEWEST,
    Asked,
    Candidate,
    Ranked,
    Told,
    chance,
    rank,
    shared_hours,
    warmth,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RUNNING, GAMES, BOOKS, MUSIC = 11, 12, 13, 14
LIKES = Asked(1, "fit", {RUNNING: "Running", GAMES: "Games", BOOKS: "Books", MUSIC: "Music"}, {})
BERLIN, TOKYO = 21, 22
ZONE = Asked(
    2,
    "zone",
    {BERLIN: "Europe", TOKYO: "Japan"},
    {BERLIN: "Europe/Berlin", TOKYO: "Asia/Tokyo"},
)
ENGLISH, GERMAN = 31, 32
TONGUE = Asked(3, "language", {ENGLISH: "English", GERMAN: "Deutsch"}, {31: "en", 32: "de"})
ALL = (LIKES, ZONE, TONGUE)


def group(
    number: int,
    *fits: int,
    taken: int = 50,
    zone: str = "Europe/Berlin",
    language: str = "en",
    warm: float | None = None,
    kin: int = 1,
) -> Candidate:
    """Return a group that says what fits it."""
    told = {LIKES.id: Told(frozenset(fits))} if fits else dict[int, Told]()
    return Candidate(number, kin, 150, taken, zone, language, told, warm)


def ranked(*groups: Candidate, tie: int = 7, **answers: int) -> list[Ranked]:
    """Rank groups for somebody who gave these answers."""
    by_name = {"likes": LIKES.id, "zone": ZONE.id, "tongue": TONGUE.id}
    given_ = {by_name[name]: [choice] for name, choice in answers.items()}
    return rank(given_, ALL, groups, tie=tie, now=NOW)


def first(*groups: Candidate, **answers: int) -> int:
    """Return the group that is suggested first."""
    return ranked(*groups, **answers)[0].group_id


def test_what_fits_comes_first() -> None:
    """The group that names the answer is put before those that name others or nothing."""
    order = ranked(group(1, GAMES), group(2), group(3, BOOKS), likes=BOOKS)
    assert [one.group_id for one in order] == [3, 2, 1]
    assert order[0].matched == (BOOKS,)
    assert order[2].matched == ()


def test_a_group_that_fits_everything_says_nothing() -> None:
    """It is put behind one that names the answer, and beside one that named nothing."""
    everything = group(1, *LIKES.choices)
    assert first(everything, group(2, BOOKS), likes=BOOKS) == 2
    scores = {one.group_id: one.score for one in ranked(everything, group(3), likes=BOOKS)}
    assert scores[1] == scores[3]


def test_one_wrong_answer_rules_no_group_out() -> None:
    """Two answers that fit outweigh one that does not."""
    more = Asked(4, "fit", {41: "Calm", 42: "Lively", 43: "Deep"}, {})
    right = Candidate(
        1, 1, 150, 50, "UTC", "en", {1: Told(frozenset({BOOKS, MUSIC})), 4: Told(frozenset({41}))}
    )
    wrong = Candidate(
        2, 1, 150, 50, "UTC", "en", {1: Told(frozenset({GAMES})), 4: Told(frozenset({42}))}
    )
    answers = {1: [BOOKS, GAMES, MUSIC], 4: [41]}
    assert rank(answers, (LIKES, more), (wrong, right), tie=1, now=NOW)[0].group_id == 1


def test_those_who_live_there_outweigh_what_was_said() -> None:
    """A group that calls itself one thing and is another is found by what it is."""
    gave = {GAMES: 2, MUSIC: 60}
    other = Candidate(
        1, 1, 150, 80, "Europe/Berlin", "en", {1: Told(frozenset({GAMES}), people=62, gave=gave)}
    )
    assert first(other, group(2), likes=MUSIC) == 1
    (one, _) = ranked(other, group(2), likes=MUSIC)
    assert one.alike
    assert not one.matched
    assert first(other, group(2), likes=GAMES) == 2


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (group(1, taken=60), group(2, taken=148)),
        (group(1, warm=0.9), group(2, warm=0.1)),
        (group(1, taken=20), group(2, taken=80)),
    ],
    ids=["free seats", "warmth", "balance between siblings"],
)
def test_where_answers_say_nothing(better: Candidate, worse: Candidate) -> None:
    """Room, warmth and the emptier sibling decide, whoever asks."""
    for person in range(20):
        assert ranked(worse, better, tie=person)[0].group_id == 1


def test_siblings_are_balanced_among_themselves_only() -> None:
    """A fuller group of another type is not held back for an empty one's sake."""
    same = ranked(group(1, taken=20), group(2, taken=80))
    other = ranked(group(1, taken=20), group(2, taken=80, kin=2))
    assert same[1].score < other[1].score


def test_hours_and_languages() -> None:
    """Who is awake together, and who understands each other, is put together."""
    here, there = group(1), group(2, zone="Asia/Tokyo")
    assert first(here, there, zone=BERLIN) == 1
    assert first(here, there, zone=TOKYO) == 2
    assert ranked(here, there, zone=BERLIN)[0].hours == 1
    german = group(3, BOOKS, language="de")
    assert first(german, group(4), likes=BOOKS, tongue=ENGLISH) == 4
    assert first(german, group(4), tongue=GERMAN) == 3


def test_the_same_facts_give_the_same_order() -> None:
    """Groups that suit alike come in an order of each person's own, and not all in one."""
    groups = [group(number) for number in range(12)]
    orders = {
        tuple(one.group_id for one in ranked(*groups, tie=person)[:3]) for person in range(30)
    }
    assert len(orders) > 10
    assert ranked(*groups, tie=5) == ranked(*groups, tie=5)
    backwards = ranked(*reversed(groups), tie=5)
    assert backwards == ranked(*groups, tie=5)


def test_without_groups() -> None:
    """There is nothing to suggest, and nothing breaks."""
    assert ranked(likes=BOOKS) == []


@given(
    fits=st.frozensets(st.sampled_from(sorted(LIKES.choices))),
    people=st.integers(0, 150),
    given_=st.integers(1, 4),
)
def test_a_chance_is_one(fits: frozenset[int], people: int, given_: int) -> None:
    """Never zero, never above one: no answer decides alone."""
    told = Told(fits, people, dict.fromkeys(LIKES.choices, people))
    for choice in LIKES.choices:
        assert 0 < chance(told, choice, given=given_, choices=4) <= 1


@given(
    st.lists(
        st.tuples(st.integers(0, 150), st.sampled_from([(), (BOOKS,), (GAMES, MUSIC)])),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([RUNNING, GAMES, BOOKS, MUSIC]),
)
def test_scores_lie_between_nothing_and_one(
    facts: list[tuple[int, tuple[int, ...]]], likes: int
) -> None:
    """Whatever the groups are like, each has its place, and the best come first."""
    groups = [group(n, *fits, taken=taken) for n, (taken, fits) in enumerate(facts)]
    order = ranked(*groups, likes=likes)
    scores = [one.score for one in order]
    assert sorted(one.group_id for one in order) == list(range(len(facts)))
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


@pytest.mark.parametrize(
    ("zone", "other", "share"),
    [
        ("Europe/Berlin", "Europe/Berlin", 1.0),
        ("Europe/Berlin", "Europe/London", 0.9),
        ("Europe/Berlin", "America/Los_Angeles", 0.1),
        ("Asia/Tokyo", "America/Los_Angeles", 0.3),
        ("Asia/Tokyo", "America/New_York", 0.0),
    ],
)
def test_shared_hours(zone: str, other: str, share: float) -> None:
    """The clock runs in a circle: seven hours on is seventeen back."""
    assert math.isclose(shared_hours(zone, other, NOW), share, abs_tol=1e-9)
    assert math.isclose(shared_hours(other, zone, NOW), share, abs_tol=1e-9)


def test_warmth() -> None:
    """More who are around and more newcomers who are answered make it warmer; few say little."""
    assert warmth(0, 0, 0, 0) == 0.5
    assert warmth(90, 100, 10, 9) > 0.8
    assert warmth(5, 100, 10, 0) < 0.2
    assert warmth(1, 1, 0, 0) < warmth(100, 100, 0, 0)


def test_a_portrait_leaves_out_what_few_said() -> None:
    """Fewer than five, or one alone with an answer, cannot be read off it."""
    text = portraits.packed(
        {1: {BOOKS}}, {1: FEWEST - 1, 2: FEWEST}, {1: {BOOKS: 4}, 2: {BERLIN: 4, TOKYO: 1}}
    )
    assert portraits.unpacked(text) == {
        1: Told(frozenset({BOOKS})),
        2: Told(frozenset(), FEWEST, {BERLIN: 4}),
    }
    assert portraits.unpacked(portraits.packed({}, {3: 2}, {3: {31: 2}})) == {}


class TestQuestions:
    """Nobody is asked what would change nothing."""

    def test_where_all_groups_say_the_same(self) -> None:
        """Nothing is asked, nor where nobody has said anything."""
        for groups in ([group(1, BOOKS), group(2, BOOKS)], [group(1), group(2)], []):
            assert questions.chosen(ALL, groups, NOW) == []

    def test_what_tells_groups_apart(self) -> None:
        """Each question is asked where the groups differ in it."""
        assert questions.chosen(ALL, [group(1, BOOKS), group(2, GAMES)], NOW) == [LIKES.id]
        far = group(2, zone="Asia/Tokyo")
        assert questions.chosen(ALL, [group(1), far], NOW) == [ZONE.id]
        german = group(2, language="de")
        assert questions.chosen(ALL, [group(1), german], NOW) == [TONGUE.id]

    def test_five_at_most(self) -> None:
        """Of many the most telling five, in the order of the questions."""
        many = [
            Asked(number, "fit", {number * 10 + n: "x" for n in range(4)}, {})
            for number in range(1, 9)
        ]
        some = [
            Candidate(
                place,
                1,
                150,
                0,
                "UTC",
                "en",
                {
                    # The higher its number, the more groups have said something to it.
                    asked.id: Told(frozenset({asked.id * 10 + place % 4}))
                    for asked in many
                    if place < asked.id
                },
            )
            for place in range(8)
        ]
        assert questions.chosen(many, some, NOW) == [4, 5, 6, 7, 8]
        assert questions.chosen(many, some, NOW, apart=frozenset({1})) == [5, 6, 7, 8, 1]

    def test_nobody_is_asked_something_personal_alone(self) -> None:
        """A question about groups that are not listed never comes first or alone."""
        groups = [group(1, BOOKS), group(2, GAMES)]
        assert questions.chosen((ZONE,), groups, NOW, apart=frozenset({ZONE.id})) == []
        both = questions.chosen((ZONE, LIKES), groups, NOW, apart=frozenset({ZONE.id}))
        assert both == [LIKES.id, ZONE.id]
