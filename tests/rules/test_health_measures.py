"""Each measure on an example that is worked out by hand beside it."""

import math

import pytest

from bot.rules import health_activity, health_newcomers, health_talk, health_ties
from bot.rules.health import Figure, Reckoned
from bot.rules.health_newcomers import DAY, HOUR, NEVER, within
from bot.rules.health_pooling import bunched, in_the_whole, pooled
from bot.rules.health_statistics import Estimate
from bot.rules.health_ties import Pair, Told

SEED = ("test", 1)
MINUTE_MS = 60_000


def test_active_is_a_share_of_those_who_live_there() -> None:
    """Eight live there; six of them were around, and a visitor, who is none of the eight: 6/8."""
    found = health_activity.active(range(8), [0, 1, 2, 3, 4, 5, 99])
    assert (found.value, found.people) == (0.75, 8)
    # Wilson by hand: z = 1.95996, p = 0.75, n = 8 gives the middle 0.66889 and the reach 0.25962.
    assert found.low == pytest.approx(0.40927, abs=1e-4)
    assert found.high == pytest.approx(0.92852, abs=1e-4)


def test_of_four_people_nothing_is_said() -> None:
    """Not even how many they are."""
    assert health_activity.active(range(4), [0]) == Figure("active", 0, None, silent="few")
    assert health_activity.active([], []).silent == "nothing"


def test_rituals_are_for_those_who_live_there() -> None:
    """Ten live there, and three of them came to any; without one being held it says nothing."""
    assert health_activity.rituals(range(10), {1, 2, 3, 77}, held=4).value == 0.3
    assert health_activity.rituals(range(10), {1}, held=0).silent == "nothing"


# People 1 to 6 of group 1 were in group 2, people 1 and 2 also in group 3; 30 of group 3 was in 1.
STAYS = [*((who, 1, 2) for who in range(1, 7)), (1, 1, 3), (2, 1, 3), (30, 3, 1), (5, 1, 1)]


def test_only_five_people_and_more_are_told_of_between_two_groups() -> None:
    """Six went from 1 to 2; of two who went to 3, and one who came from there, nothing is told."""
    assert health_activity.between(STAYS).lent == {(1, 2): 6}


def test_what_a_group_lends_and_borrows() -> None:
    """Six of group 1 were elsewhere, each once; one came to it, which is not told; to 4 nobody."""
    found = health_activity.between(STAYS)
    assert health_activity.lending(1, 20, found) == [
        Reckoned(1, Figure("lends", 20, 6.0)),
        Reckoned(1, Figure("borrows", 0, None, silent="few")),
    ]
    assert [one.figure.value for one in health_activity.lending(2, 20, found)] == [0.0, 6.0]
    assert [one.figure.value for one in health_activity.lending(4, 20, found)] == [0.0, 0.0]
    assert [one.figure.silent for one in health_activity.lending(4, 4, found)] == ["few", "few"]


def test_an_island_is_a_group_that_nobody_left_and_nobody_came_to() -> None:
    """Of 1, 2, 3, 4 and 5 that is 4; 5 has three people and is not looked at."""
    found = health_activity.islands({1: 20, 2: 9, 3: 9, 4: 8, 5: 3}, health_activity.between(STAYS))
    assert (found.value, found.people, found.low) == (1.0, 46, None)
    assert health_activity.islands({5: 3}, health_activity.between(())).silent == "nothing"


def test_half_a_group_abroad() -> None:
    """Six of twelve."""
    found = health_activity.between(STAYS)
    assert health_activity.elsewhere(range(12), found.abroad[1]).value == 0.5


def test_conversations_a_week_are_sevenfold_those_of_a_day() -> None:
    """14 days with 1, 3, 1, 3 …: two a day, fourteen a week, between those of days of 1 and 3."""
    found = health_talk.conversations([1, 3] * 7, 6, SEED)
    assert found.value == 14
    # The mean of 14 days that differ by 1 from it: 7 * 2.16 * sqrt(1 / 13) = 4.19 to either side.
    assert found.low == pytest.approx(14 - 4.19, abs=0.6)
    assert found.high == pytest.approx(14 + 4.19, abs=0.6)


def test_silence_is_no_less_than_none() -> None:
    """No conversation in four weeks is nought, and certain."""
    found = health_talk.conversations([0] * 28, 9, SEED)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_conversations_say_nothing_of_few_people_or_days() -> None:
    """Four who wrote; less than a week that was heard."""
    assert health_talk.conversations([1] * 28, 4, SEED).silent == "few"
    assert health_talk.conversations([1] * 6, 9, SEED).silent == "nothing"


def test_peers() -> None:
    """Days of 1 of 2, 4 of 4, none, and 1 of 4 answers among peers: 6 of 10."""
    found = health_talk.peer([(1, 2), (4, 4), (0, 0), (1, 4)], 6, SEED)
    assert found.value == 0.6
    assert health_talk.peer([(0, 0)], 6, SEED).silent == "nothing"


def test_voices() -> None:
    """Of 10, 10 and 20 messages: 40² / (100 + 100 + 400) = 2.67 voices, of three 0.89."""
    assert health_talk.voices([10, 10, 20], SEED).value == pytest.approx(1600 / 600 / 3)
    # Everybody the same: each is a voice. One writes nearly everything: one voice of five.
    assert health_talk.voices([7] * 5, SEED).value == pytest.approx(1)
    assert health_talk.voices([10_000, 1, 1, 1, 1], SEED).value == pytest.approx(0.2, abs=1e-3)


def test_what_comes_back() -> None:
    """Mara answered Jo 4 times and he her 4 times; Kim answered her twice, and she him never.

    2 * (4 + 0) of 8 + 2 answers are 0.8; had Jo answered once only, 2 * (1 + 0) of 5 + 2.
    """
    mara, jo, kim = 1, 2, 3
    one_sided = Pair(mara, kim, 0, 2)
    found = health_ties.reciprocity([Pair(mara, jo, 4, 4), one_sided, Pair(jo, kim, 0, 0)], SEED)
    assert (_value(found), found.people, found.weight) == (pytest.approx(0.8), 3, 10)
    found = health_ties.reciprocity([Pair(mara, jo, 4, 1), one_sided], SEED)
    assert _value(found) == pytest.approx(2 / 7)


def test_who_talks_again() -> None:
    """Of four pairs who talked in the first four weeks two did again within two weeks: a half.

    1-2 in weeks 0 and 1. 1-3 in weeks 0 and 3: too late. 2-3 in week 3 and 5: in time. 1-4 in week
    2 only. Not looked at: 2-4, who talked in week 4 first; 3-4, of whom only one ever answered.
    """
    talked = {(1, 2): (0, 1), (1, 3): (0, 3), (2, 3): (3, 5), (1, 4): (2,), (2, 4): (4, 5)}
    pairs = [Pair(*who, 1, 1, frozenset(weeks)) for who, weeks in talked.items()]
    found = health_ties.repeat([*pairs, Pair(3, 4, 9, 0)], SEED)
    assert (_value(found), found.people, found.weight) == (0.5, 4, 4)


def test_ties_of_nobody_say_nothing() -> None:
    """No answers, no share."""
    assert health_ties.reciprocity([], SEED) == Told(0, 0, None)
    assert health_ties.repeat([], SEED) == Told(0, 0, None)


@pytest.mark.parametrize(
    ("waited", "bound"),
    [
        (0, 5),
        (5 * MINUTE_MS, 5),
        (5 * MINUTE_MS + 1, 15),
        (DAY * MINUTE_MS, DAY),
        (DAY * MINUTE_MS + 1, 2 * DAY),
        (7 * DAY * MINUTE_MS, 7 * DAY),
        (7 * DAY * MINUTE_MS + 1, NEVER),
    ],
)
def test_which_bound_a_wait_keeps(waited: int, bound: int) -> None:
    """The smallest that is no shorter."""
    assert within(waited) == bound


def test_answered_within_a_day() -> None:
    """Of eight, three within the hour, two within the day, one later, two never: 5 of 8."""
    found = health_newcomers.answered({HOUR: 3, DAY: 2, 4 * DAY: 1, NEVER: 2})
    assert (found.value, found.people) == (0.625, 8)
    assert health_newcomers.answered({}).silent == "nothing"
    assert health_newcomers.answered({HOUR: 4}).silent == "few"


def test_after_how_long_half_had_an_answer() -> None:
    """Seven: one within 5 minutes, four within one to two hours, two never.

    The fourth wait in the order is the third of four that are spread over that hour: 1 h and
    2.5/4 of an hour. Its limits are the first, in the middle of 5 minutes, and the last: a week.
    """
    found = health_newcomers.first_answer({5: 1, 2 * HOUR: 4, NEVER: 2})
    assert found.value == pytest.approx(1.625)
    assert found.low == pytest.approx(2.5 / 60)
    assert found.high == 7 * 24


def test_a_median_that_nobody_answered_is_a_week() -> None:
    """As long as anybody waits."""
    assert health_newcomers.first_answer({HOUR: 2, NEVER: 6}).value == 7 * 24


def test_a_few_sure_cases_are_not_certain() -> None:
    """Two of two on two days: drawing days finds nothing else, Wilson's interval does."""
    found = bunched([(1, 1), (1, 1)], 2, SEED)
    assert found is not None
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(0.342, abs=1e-3)


def test_bunches_widen_an_interval() -> None:
    """A hundred answers on ten days that each are all the one or all the other know only ten."""
    lumpy = bunched([(10, 10), (0, 10)] * 5, 100, SEED)
    even = bunched([(5, 10)] * 10, 100, SEED)
    assert lumpy is not None
    assert even is not None
    assert lumpy.high - lumpy.low > 2 * (even.high - even.low)


def test_groups_are_pooled_by_their_weights() -> None:
    """0.2 ± 0.1 and 0.8 ± 0.2, three to one: 0.35; reaches of 0.075 and 0.05 make 0.0901."""
    found = pooled([(Estimate(0.2, 0.1, 0.3), 30), (Estimate(0.8, 0.6, 1.0), 10)])
    assert found is not None
    assert found.value == pytest.approx(0.35)
    assert found.high - found.value == pytest.approx(math.hypot(0.075, 0.05))
    assert found.value - found.low == pytest.approx(math.hypot(0.075, 0.05))
    assert pooled([]) is None


def test_a_small_group_cannot_be_reckoned_back_from_the_whole() -> None:
    """Alone it is left out of the server's figure; with another small one it cannot be told."""
    assert in_the_whole({1: 20, 2: 4}) == {1}
    assert in_the_whole({1: 20, 2: 4, 3: 0}) == {1}
    assert in_the_whole({1: 20, 2: 4, 3: 1}) == {1, 2, 3}
    assert in_the_whole({}) == frozenset()


def _value(found: Told) -> float:
    assert found.share is not None
    return found.share.value
