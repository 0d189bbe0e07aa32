"""The town that the matching is measured in, and what is measured there."""

import numpy as np

from benchmarks.matching import measure
from benchmarks.population import DISTINCT, EMPTY, WRONG, town

PEOPLE, GROUPS = 600, 12


def test_a_fifth_of_the_answers_is_wrong_or_missing() -> None:
    """As many are empty and drawn by lot as is said."""
    here = town(PEOPLE, GROUPS, 1)
    given = [answer for answers in here.answers for answer in answers.values()]
    empty = sum(not answer for answer in given) / len(given)
    assert abs(empty - EMPTY) < 0.03
    assert EMPTY + WRONG == 0.2


def test_what_is_said_is_offered() -> None:
    """Answers and what fits groups are choices of the questions, and no more than are allowed."""
    here = town(PEOPLE, GROUPS, 1)
    offered = {asked.id: asked.choices.keys() for asked in here.questions}
    for answers in here.answers:
        assert all(set(given) <= offered[asked] for asked, given in answers.items())
    for group in here.groups:
        assert all(fits <= offered[asked] for asked, fits in group.fits.items())


def test_the_same_seed_draws_the_same_town() -> None:
    """Figures can be compared between runs."""
    one, other = town(PEOPLE, GROUPS, 3), town(PEOPLE, GROUPS, 3)
    assert one.answers == other.answers
    assert np.array_equal(one.likings, other.likings)
    assert not np.array_equal(one.likings, town(PEOPLE, GROUPS, 4).likings)
    assert DISTINCT.unasked > 0, "something of what people need is asked nowhere"


def test_ways_to_suggest_stand_beside_each_other() -> None:
    """Nobody shows more people their best group than the oracle, and the lot shows the fewest."""
    found = measure(town(PEOPLE, GROUPS, 2), 2)
    assert found["oracle"].top3() >= found["matching"].top3()
    assert found["matching"].top3() > 2 * found["random"].top3()
    assert found["matching"].placed == PEOPLE
    assert found["matching"].spread < found["first_come"].spread
