"""At which hours a group talks: every turn is counted in the hour it was taken, in UTC."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.counting import Counted, Person, count
from bot.rules.signals import Heard, Kind, Place

SERVER, RIVERSIDE, ROOM = 9, 1, 50
PLACE = Place(ROOM, ROOM, SERVER)
TOWN = Counted(
    "Asia/Tokyo",
    counts_commons=False,
    rooms={ROOM: RIVERSIDE},
    people={who: Person(0, RIVERSIDE) for who in (1, 2, 3)},
)
MONDAY = 1_772_409_600_000  # 2 March 2026, midnight in UTC
MINUTE = 60_000


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 4]), st.integers(1, 90)), max_size=60))
def test_hours_add_up_to_turns(said: list[tuple[int, int]]) -> None:
    """Of those who are counted, and of nobody else."""
    batch: list[Heard] = []
    at = MONDAY
    for number, (who, later) in enumerate(said):
        at += later * MINUTE
        batch.append(Heard(Kind.MESSAGE, PLACE, who, at, message_id=number + 1))
    sums = count(batch, {SERVER: TOWN}, {})
    turns = Counter[str]()
    for (_, _, day), talk in sums.talk.items():
        turns[day] += talk.turns
    assert sum(sums.hours.values()) == sum(turns.values())
    assert {hour for *_, hour in sums.hours} <= set(range(24))
    assert {group for _, group, _, _ in sums.hours} <= {RIVERSIDE}


def test_an_hour_is_that_of_the_message() -> None:
    """Two who answer each other at 18:10 took their turns in the nineteenth hour of the day."""
    at = MONDAY + (18 * 60 + 10) * MINUTE
    batch = [Heard(Kind.MESSAGE, PLACE, who, at + who, message_id=who) for who in (1, 2)]
    sums = count(batch, {SERVER: TOWN}, {})
    assert sums.hours == {(SERVER, RIVERSIDE, "2026-03-02", 18): 2}
