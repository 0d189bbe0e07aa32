"""Answers that wait: five at once or none, nobody twice, and nobody's who was forgotten."""

from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.rules.pulse import FEWEST, Given
from bot.rules.pulse_pool import FULL, Pool

PULSES = st.integers(1, 2)
PEOPLE = st.integers(1, 30)


def given(step: int) -> Given:
    """Return an answer that can be told apart."""
    return Given({"belonging": step})


def full(people: int = FULL) -> Pool:
    """Return a pool in which so many people's answers to one pulse wait."""
    pool = Pool(Random(1))
    for user in range(people):
        assert pool.add(1, 9, user, given(1 + user % 5))
    return pool


def test_nobody_answers_twice() -> None:
    """The first answer stands."""
    pool = Pool(Random(1))
    assert pool.add(1, 9, 7, given(5))
    assert not pool.add(1, 9, 7, given(1))
    assert pool.add(2, 9, 7, given(1)), "another pulse is another matter"
    assert pool.all(1) == {}
    assert pool.count(1) == 1


def test_five_of_ten_are_drawn_and_five_stay() -> None:
    """So that whoever comes next has company; which five it is chance that says."""
    assert full(FULL - 1).some(1) == {}
    pool = full()
    batches = [pool.some(1) for _ in range(20)]
    assert {len(batch) for batch in batches} == {FEWEST}
    assert len({frozenset(batch) for batch in batches}) > 10
    batch = batches[-1]
    assert pool.count(1) == FULL, "until they are written they are all still there"
    pool.written(1, batch)
    assert pool.count(1) == FEWEST
    assert not any(pool.holds(1, user) for user in batch)


def test_fewer_than_five_are_never_drawn() -> None:
    """Not at the close either."""
    assert full(FEWEST - 1).all(1) == {}
    assert len(full(FEWEST).all(1)) == FEWEST
    assert len(full(FULL - 1).all(1)) == FULL - 1


def test_who_is_forgotten_is_in_it_no_more() -> None:
    """In one server or in all, and nobody else is touched."""
    pool = full(6)
    pool.add(2, 8, 3, given(2))
    assert pool.of(3, None) == {1: given(4), 2: given(2)}
    assert pool.of(3, [8]) == {2: given(2)}
    assert pool.forget(3, [9]) == 1
    assert not pool.holds(1, 3)
    assert pool.holds(2, 3)
    assert pool.forget(3, None) == 1
    assert pool.pulses == [1]
    assert pool.count(1) == 5
    pool.drop(1)
    assert pool.pulses == []


class Waiting(RuleBasedStateMachine):
    """Beside a plain list of who answered and what was written, whatever happens in what order."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = Pool(Random(2))
        self.waiting: dict[int, dict[int, Given]] = {1: {}, 2: {}}
        self.written: dict[int, list[int]] = {1: [], 2: []}

    @rule(pulse_id=PULSES, user=PEOPLE, step=st.integers(1, 5))
    def answer(self, pulse_id: int, user: int, step: int) -> None:
        """Somebody answers, perhaps again."""
        new = user not in self.waiting[pulse_id]
        assert self.pool.add(pulse_id, 9, user, given(step)) == new
        self.waiting[pulse_id].setdefault(user, given(step))

    @rule(pulse_id=PULSES, close=st.booleans(), fails=st.booleans())
    def write(self, pulse_id: int, *, close: bool, fails: bool) -> None:
        """A batch is written, or its transaction fails."""
        batch = self.pool.all(pulse_id) if close else self.pool.some(pulse_id)
        assert not batch or len(batch) >= FEWEST
        assert all(self.waiting[pulse_id][user] == one for user, one in batch.items())
        if batch and not fails:
            self.pool.written(pulse_id, batch)
            self.written[pulse_id] += batch
            for user in batch:
                del self.waiting[pulse_id][user]

    @rule(user=PEOPLE)
    def forget(self, user: int) -> None:
        """Somebody is forgotten."""
        gone = sum(waiting.pop(user, None) is not None for waiting in self.waiting.values())
        assert self.pool.forget(user, None) == gone

    @invariant()
    def nothing_is_lost_or_made_up(self) -> None:
        """What waits is what was given and neither written nor forgotten."""
        for pulse_id, waiting in self.waiting.items():
            assert self.pool.count(pulse_id) == len(waiting)
            assert all(self.pool.holds(pulse_id, user) for user in waiting)


TestWaiting = Waiting.TestCase
