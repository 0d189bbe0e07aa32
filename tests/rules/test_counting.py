"""What a batch adds up to, whatever it holds."""

from collections import Counter
from dataclasses import astuple

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.counting import Counted, Person, count
from bot.rules.signals import Heard, Kind, Place, day_of
from bot.rules.ties import LastMessages

SERVER, RIVERSIDE, MILLPOND = 9, 1, 2
ROOMS = {501: RIVERSIDE, 502: MILLPOND}
START = 1_772_452_800_000
# Three live in Riverside, one in Millpond, 15 visits, 16 is not counted at all; 17
# looks after a group and lives nowhere.
PEOPLE = {
    11: Person(0, RIVERSIDE),
    12: Person(0, RIVERSIDE),
    13: Person(START + 5_000, RIVERSIDE),
    14: Person(0, MILLPOND),
    15: Person(0, None),
    17: Person(START + 5_000, None, cares=True),
}
TOWN = Counted("UTC", counts_commons=False, rooms=ROOMS, people=PEOPLE)

who = st.integers(min_value=11, max_value=17)
signals = st.builds(
    Heard,
    st.sampled_from(Kind),
    st.sampled_from((501, 502, 503)).map(lambda room: Place(room, room, SERVER, everyone=True)),
    who,
    st.integers(min_value=START, max_value=START + 10_000),
    st.integers(min_value=1, max_value=99),
    st.one_of(st.just(0), who),
    st.just(0),
    st.lists(who, max_size=3).map(tuple),
)
batches = st.lists(signals, max_size=25)


@given(batches)
def test_only_people_who_are_counted_leave_anything(batch: list[Heard]) -> None:
    """And never for what was before they were told."""
    sums = count(batch, {SERVER: TOWN}, {})
    for found in sums.days.values():
        assert set(found) <= PEOPLE.keys()
    for user_id, at_ms in sums.lives[SERVER].items():
        assert at_ms >= PEOPLE[user_id].counted_from_ms
    assert sum(found.total() for found in sums.days.values()) == sums.signals


@given(batches)
def test_ties_are_between_two_people_of_that_group(batch: list[Heard]) -> None:
    """Ordered pairs, both at home there, never the commons."""
    for (_, group, _), found in count(batch, {SERVER: TOWN}, {}).ties.items():
        for (low, high), worth in found.items():
            assert low < high
            assert worth > 0
            assert PEOPLE[low].home == PEOPLE[high].home == group


@given(batches, st.integers(min_value=0, max_value=25))
def test_where_a_batch_ends_makes_no_difference(batch: list[Heard], cut: int) -> None:
    """Two batches, the second going on from the first's last messages, add up to the one."""
    servers = {SERVER: TOWN}
    whole = count(batch, servers, {})
    first = count(batch[:cut], servers, {})
    second = count(batch[cut:], servers, first.last)
    assert first.signals + second.signals == whole.signals
    for what in ("days", "messages", "unwritten", "ties", "answered"):
        summed: Counter[object] = Counter()
        for sums in (first, second):
            for where, found in getattr(sums, what).items():
                summed.update({(where, key): n for key, n in found.items()})
        expected = {
            (where, key): n
            for where, found in getattr(whole, what).items()
            for key, n in found.items()
        }
        assert dict(summed) == expected
    talk: dict[object, list[int]] = {}
    for sums in (first, second):
        for where, found in sums.talk.items():
            before = talk.get(where, [0] * 5)
            talk[where] = [a + b for a, b in zip(before, astuple(found), strict=True)]
    assert talk == {where: list(astuple(found)) for where, found in whole.talk.items()}
    assert first.parts | second.parts == whole.parts


@given(batches)
def test_talk_adds_up(batch: list[Heard]) -> None:
    """Answers among peers are answers, each is a message, and a conversation has two turns."""
    for (_, group, _), talk in count(batch, {SERVER: TOWN}, {}).talk.items():
        assert group in (RIVERSIDE, MILLPOND)
        assert talk.peer_answers <= talk.answers <= talk.messages
        assert 2 * talk.conversations <= talk.turns


@given(batches)
def test_what_was_before_is_not_changed(batch: list[Heard]) -> None:
    """A batch that fails is counted again from the same last messages."""
    last = {501: LastMessages([(11, START), (12, START)])}
    once = count(batch, {SERVER: TOWN}, last)
    assert len(last[501]) == 2
    again = count(batch, {SERVER: TOWN}, last)
    assert (once.days, once.ties, once.cursors) == (again.days, again.ties, again.cursors)


def test_an_unknown_server_counts_for_nothing() -> None:
    """Before setup nothing is kept, not even how far a channel was read."""
    heard = Heard(Kind.MESSAGE, Place(501, 501, 4711), 11, START, 7)
    sums = count([heard], {SERVER: TOWN}, {})
    assert sums.uncounted == {501}
    assert not sums.cursors
    assert not sums.days


def test_the_last_message_is_the_cursor_whatever_the_order() -> None:
    """A message that comes late does not turn the cursor back; who wrote it does not matter."""
    place = Place(501, 501, SERVER)
    batch = [Heard(Kind.MESSAGE, place, 16, START + n, n) for n in (3, 9, 5)]
    assert count(batch, {SERVER: TOWN}, {}).cursors == {501: (SERVER, 9)}


@given(st.integers(min_value=START, max_value=START + 400 * 86_400_000))
def test_a_day_never_goes_back(at_ms: int) -> None:
    """A minute later it is the same local day or a later one, across changes of clocks too."""
    for zone in ("Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"):
        assert day_of(at_ms, zone) <= day_of(at_ms + 60_000, zone)


def test_a_private_thread_is_life_and_a_tie_but_no_talk_of_the_group() -> None:
    """Two who meet in one are alive and nearer to each other; the room's figures know nothing."""
    for private in (False, True):
        place = Place(601, 501, SERVER, private=private)
        batch = [
            Heard(Kind.MESSAGE, place, who, START + n * 60_000, 601 + n)
            for n, who in enumerate((11, 12, 11))
        ]
        sums = count(batch, {SERVER: TOWN}, {})
        (ties,) = sums.ties.values()
        assert set(ties) == {(11, 12)}
        (days,) = sums.days.values()
        assert days == {11: 2, 12: 1}
        assert bool(sums.talk) is not private
        assert bool(sums.hours) is not private
        assert bool(sums.awaiting) is not private
