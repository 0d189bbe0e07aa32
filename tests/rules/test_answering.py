"""Which messages wait for an answer, and what answers them."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.answering import Awaiting
from bot.rules.counting import Counted, Person, Sums, count
from bot.rules.signals import Heard, Kind, Place

SERVER, RIVERSIDE, BOT = 9, 1, 77
ROOM, VOICE, THREAD = 501, 502, 600
START = 1_772_452_800_000
MINUTE = 60_000
MARA, JO, KIM, STRANGER = 11, 12, 13, 99
HERE = Place(ROOM, ROOM, SERVER)


@dataclass
class Room:
    """A room of Riverside in which people write; what waits there is read off at any time.

    Mara and Jo wrote here before, Kim moved in lately, nobody counts the stranger.
    """

    batch: list[Heard] = field(default_factory=list[Heard])
    counts_commons: bool = False

    def write(self, user_id: int, minute: float, place: Place = HERE, **what: Any) -> int:
        """Write a message so many minutes after the start; return its id."""
        message_id = 1_000 + len(self.batch)
        at_ms = START + int(minute * MINUTE)
        self.batch.append(Heard(Kind.MESSAGE, place, user_id, at_ms, message_id, **what))
        return message_id

    def other(self, kind: Kind, user_id: int, message_id: int, place: Place = HERE) -> None:
        """React to a message, or delete it."""
        at_ms = START + 200 * MINUTE
        self.batch.append(Heard(kind, place, user_id, at_ms, to_message_id=message_id))

    def town(self) -> Counted:
        """Return what counts, as the service reads it."""
        people = {
            MARA: Person(0, RIVERSIDE),
            JO: Person(0, RIVERSIDE),
            KIM: Person(0, RIVERSIDE, wrote=False),
        }
        rooms = {ROOM: RIVERSIDE, VOICE: RIVERSIDE}
        return Counted("UTC", counts_commons=self.counts_commons, rooms=rooms, people=people)

    def waiting(self) -> list[int]:
        """Return the ids of the messages that wait at the end."""
        return [one.message_id for one in self.sums().awaiting.get((SERVER, RIVERSIDE), [])]

    def sums(self) -> Sums:
        """Return what all of it adds up to."""
        return count(self.batch, {SERVER: self.town()}, {}, BOT)


@pytest.fixture
def room() -> Room:
    """An empty room."""
    return Room()


def test_a_message_that_opens_a_talk_waits(room: Room) -> None:
    """The first waits; what its author adds within the hour belongs to it; later is another."""
    first = room.write(MARA, 0)
    room.write(MARA, 20)
    later = room.write(MARA, 90)
    assert room.waiting() == [first, later]


@pytest.mark.parametrize("minutes", [1, 60])
def test_writing_soon_after_is_an_answer(room: Room, minutes: int) -> None:
    """Whoever it is, counted or not; and what they say waits for nothing itself."""
    room.write(MARA, 0)
    room.write(STRANGER, minutes)
    assert room.waiting() == []


def test_after_an_hour_it_is_another_talk(room: Room) -> None:
    """Both wait then."""
    ids = [room.write(MARA, 0), room.write(JO, 61)]
    assert room.waiting() == ids


def test_what_is_talked_of_elsewhere_answers_nothing(room: Room) -> None:
    """A thread beside it is another talk."""
    first = room.write(MARA, 0)
    for minute in range(1, 8):
        room.write(STRANGER, minute, Place(THREAD, ROOM, SERVER))
    assert room.waiting() == [first]


def test_who_talks_to_themselves_for_long_is_answered_as_a_whole(room: Room) -> None:
    """Seven lines within the hour are one talk, and whoever takes it up answers it."""
    first = room.write(MARA, 0)
    for minute in range(1, 8):
        room.write(MARA, minute)
    assert room.waiting() == [first]
    room.write(JO, 9)
    assert room.waiting() == []


@pytest.mark.parametrize(
    "what",
    [{"to_message_id": 1000, "to_user_id": MARA}, {"to_message_id": 1000}, {"mentions": (MARA,)}],
    ids=["reply", "reply to somebody unknown", "mention"],
)
def test_turning_to_somebody_answers_them_whenever_and_wherever(
    room: Room, what: dict[str, Any]
) -> None:
    """A reply or a mention hours later, in the voice room's chat as well."""
    room.write(MARA, 0)
    answer = room.write(JO, 300, Place(VOICE, VOICE, SERVER), **what)
    assert room.waiting() == ([answer] if "mentions" in what else [])


def test_a_thread_begun_from_a_message_is_an_answer(room: Room) -> None:
    """It carries the message's id; what its own author writes there is none."""
    first = room.write(MARA, 0)
    thread = Place(first, ROOM, SERVER)
    own = room.write(MARA, 100, thread)
    assert room.waiting() == [first, own]
    room.write(JO, 200, thread)
    assert first not in room.waiting()


def test_a_reaction_is_an_answer_but_not_ones_own(room: Room) -> None:
    """Also of who is not counted."""
    first = room.write(MARA, 0)
    room.other(Kind.REACTION, MARA, first)
    assert room.waiting() == [first]
    room.other(Kind.REACTION, STRANGER, first)
    assert room.waiting() == []


def test_a_deleted_message_waits_for_nothing(room: Room) -> None:
    """It is no sign of life either."""
    first = room.write(MARA, 0)
    room.other(Kind.GONE, 0, first)
    sums = room.sums()
    assert sums.awaiting[SERVER, RIVERSIDE] == []
    assert sums.signals == 1
    assert sums.lives[SERVER] == {MARA: START}


def test_a_reply_waits_for_nothing_but_one_to_hearth_does(room: Room) -> None:
    """An answer to a person is the end of something; an answer to a greeting or ritual begins."""
    room.write(MARA, 0, to_message_id=5, to_user_id=JO)
    assert room.waiting() == []
    greeted = room.write(MARA, 100, to_message_id=6, to_user_id=BOT)
    assert room.waiting() == [greeted]


def test_of_who_is_not_counted_nothing_waits(room: Room) -> None:
    """Nothing of theirs is kept, whatever happens."""
    room.write(STRANGER, 0)
    assert room.waiting() == []


def test_what_few_can_read_waits_for_nobody(room: Room) -> None:
    """A thread for its members alone is no matter of the group's."""
    room.write(MARA, 0, Place(THREAD, ROOM, SERVER, private=True))
    assert room.waiting() == []
    room.write(MARA, 1, Place(THREAD, ROOM, SERVER))
    assert room.waiting() == [1001]


def test_the_commons_are_nobodys_to_look_after(room: Room) -> None:
    """Counted or not, nothing waits there."""
    room.counts_commons = True
    room.write(MARA, 0, Place(500, 500, SERVER, everyone=True))
    assert not any(room.sums().awaiting.values())


def test_a_first_message_waits_among_others_talk(room: Room) -> None:
    """Who goes on talking may have overlooked it; turning to its author has not."""
    room.write(MARA, 0)
    first = room.write(KIM, 1)
    room.write(MARA, 2)
    (one,) = room.sums().awaiting[SERVER, RIVERSIDE]
    assert one == Awaiting(first, KIM, ROOM, START + MINUTE, first=True, in_talk=True)
    assert room.sums().first_words == {(SERVER, KIM): START + MINUTE}
    room.write(KIM, 3)
    assert room.waiting() == [first]  # only the first is the first
    room.write(JO, 4, mentions=(KIM,))
    assert room.waiting() == []


def test_a_first_message_that_opens_is_answered_like_any_other(room: Room) -> None:
    """Nobody else was talking: who writes soon after means them."""
    first = room.write(KIM, 0)
    (one,) = room.sums().awaiting[SERVER, RIVERSIDE]
    assert (one.message_id, one.first, one.in_talk) == (first, True, False)
    room.write(JO, 4)
    assert room.waiting() == []


who = st.sampled_from((MARA, JO, KIM, STRANGER))
message = st.builds(
    Heard,
    st.just(Kind.MESSAGE),
    st.sampled_from((HERE, Place(VOICE, VOICE, SERVER), Place(3, ROOM, SERVER))),
    who,
    st.just(0),
    st.just(0),
    st.one_of(st.just(0), who, st.just(BOT)),
    st.integers(min_value=0, max_value=30),
    st.lists(who, max_size=2).map(tuple),
)
reaction = st.builds(
    Heard,
    st.sampled_from((Kind.REACTION, Kind.GONE)),
    st.just(HERE),
    who,
    st.just(0),
    st.just(0),
    who,
    st.integers(min_value=0, max_value=30),
)
pauses = st.integers(min_value=0, max_value=80 * MINUTE)
streams = st.lists(st.tuples(st.one_of(message, reaction), pauses), max_size=30)


def _in_time(stream: list[tuple[Heard, int]]) -> list[Heard]:
    """Give each its moment and each message its id."""
    at_ms, heard = START, list[Heard]()
    for number, (one, pause) in enumerate(stream, 1):
        at_ms += pause
        message_id = number if one.kind is Kind.MESSAGE else 0
        heard.append(one._replace(at_ms=at_ms, message_id=message_id))
    return heard


@given(streams, st.integers(min_value=0, max_value=30))
def test_where_a_batch_ends_makes_no_difference(stream: list[tuple[Heard, int]], cut: int) -> None:
    """Going on from what waited, and from the last messages, comes to the same."""
    batch = _in_time(stream)
    whole = count(batch, {SERVER: Room().town()}, {}, BOT)
    first = count(batch[:cut], {SERVER: Room().town()}, {}, BOT)
    then = Room().town()
    then.awaiting[RIVERSIDE] = first.awaiting.get((SERVER, RIVERSIDE), [])
    if (SERVER, KIM) in first.first_words:
        then.people[KIM] = Person(0, RIVERSIDE)
    before = list(then.awaiting[RIVERSIDE])
    second = count(batch[cut:], {SERVER: then}, first.last, BOT)
    left = second.awaiting.get((SERVER, RIVERSIDE), before)
    assert left == whole.awaiting.get((SERVER, RIVERSIDE), [])
    assert then.awaiting[RIVERSIDE] == before  # what was before is not changed


@given(streams)
def test_what_waits_is_a_counted_persons_and_was_not_replied_to(
    stream: list[tuple[Heard, int]],
) -> None:
    """Whatever happened, nobody else turned to it or to its author after it."""
    batch = _in_time(stream)
    for one in count(batch, {SERVER: Room().town()}, {}, BOT).awaiting.get((SERVER, RIVERSIDE), []):
        assert one.user_id in (MARA, JO, KIM)
        later = [h for h in batch if h.at_ms > one.at_ms and h.user_id != one.user_id]
        assert not [h for h in later if h.to_message_id == one.message_id]
        assert not [
            h
            for h in later
            if h.kind is Kind.MESSAGE and one.user_id in (h.to_user_id, *h.mentions)
        ]
