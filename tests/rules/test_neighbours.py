"""Which groups fit each other as neighbours."""

from dataclasses import replace

from bot.rules.neighbours import Neighbour, ranked, words

RUNNERS = Neighbour(1, "Riverside", "🌊", "Evening runs around the lake", "interest", "en", 0.0)
POND = Neighbour(2, "Millpond", "🦆", "Slow running around the pond", "interest", "en", 0.0)
CHESS = Neighbour(3, "Rooks", "♟️", "Chess openings and endgames", "interest", "en", 0.0)
BREAD = Neighbour(4, "Crumb", "🍞", "Sourdough, rye and patience", "goal", "en", 0.0)


def order(*others: Neighbour, about: str = "", most: int = 9) -> list[int]:
    """Return who fits the runners, the best first."""
    return [one.group_id for one in ranked(RUNNERS, others, about=about, most=most)]


def test_words_are_compared_by_their_beginnings() -> None:
    """Case, short words and endings do not count."""
    assert words("Running & RUNNERS, at 7!") == {"runnin", "runner"}
    assert words("Läufe über Brücken") == {"läufe", "über", "brücke"}


def test_who_writes_alike_comes_first() -> None:
    """What two charters share, against what everybody writes."""
    assert order(BREAD, CHESS, POND)[0] == POND.group_id


def test_kin_come_before_strangers_and_those_who_visit_before_others() -> None:
    """Siblings share a past; visits show that there is something."""
    assert order(POND, replace(BREAD, kin=True))[0] == BREAD.group_id
    assert order(CHESS, replace(CHESS, group_id=5, visits=4)) == [5, 3]


def test_a_question_goes_where_its_words_are_at_home() -> None:
    """Whoever asks about bread reaches the bakers."""
    assert order(POND, CHESS, BREAD, about="Whose sourdough survives a holiday?")[0] == 4
    assert order(POND, CHESS, BREAD, about="Xyzzy?")[0] == POND.group_id


def test_far_away_and_in_another_language_comes_later() -> None:
    """Of two that say the same."""
    assert order(replace(POND, group_id=7, hours=9.0), POND) == [2, 7]
    assert order(replace(POND, group_id=7, language="fi"), POND) == [2, 7]


def test_the_order_is_the_same_each_time_and_has_an_end() -> None:
    """Ties go by id; no more than were asked for."""
    twins = [replace(CHESS, group_id=number) for number in (9, 8, 7)]
    assert order(*twins) == [7, 8, 9]
    assert order(*twins, most=2) == [7, 8]
    assert order() == []
