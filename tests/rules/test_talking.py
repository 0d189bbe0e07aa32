"""What a turn, a conversation and an answer are, on talks written out by hand."""

from collections.abc import Iterable

import pytest

from bot.rules.counting import Counted, Person, Sums, count
from bot.rules.signals import Heard, Kind, Place
from bot.rules.talking import Talk

SERVER, RIVERSIDE, HEARTH = 9, 1, 99
ROOM = Place(501, 501, SERVER)
THREAD = Place(777, 501, SERVER)
SQUARE = Place(503, 503, SERVER, everyone=True)
# Mara, Jo and Kim live in Riverside, Lena looks after it; Vera visits, Nobody is not counted.
MARA, JO, KIM, LENA, VERA, NOBODY = 11, 12, 13, 14, 15, 16
PEOPLE = {who: Person(0, RIVERSIDE) for who in (MARA, JO, KIM, LENA)} | {VERA: Person(0, 2)}
TOWN = Counted(
    "UTC",
    counts_commons=True,
    rooms={501: RIVERSIDE},
    people=PEOPLE,
    carers={RIVERSIDE: {LENA}},
)
MONDAY_NOON = 1_772_452_800_000  # 2 March 2026
MINUTE, HOUR = 60_000, 3_600_000


def said(
    who: int,
    minute: float,
    *,
    to: tuple[int, int] = (0, 0),
    mentions: Iterable[int] = (),
    place: Place = ROOM,
) -> Heard:
    """Return a message written so many minutes after Monday noon; `to`: (author, message)."""
    at = MONDAY_NOON + round(minute * MINUTE)
    return Heard(Kind.MESSAGE, place, who, at, at, *to, tuple(mentions))


def counted(*batch: Heard) -> Sums:
    """Return what these messages add up to."""
    return count(batch, {SERVER: TOWN}, {}, HEARTH)


def talk(*batch: Heard) -> Talk:
    """Return the one day's talk in Riverside."""
    ((where, found),) = counted(*batch).talk.items()
    assert where == (SERVER, RIVERSIDE, "2026-03-02")
    return found


def answered(*batch: Heard) -> dict[tuple[int, int], int]:
    """Return how often who answered whom among those who live in Riverside."""
    found = counted(*batch).answered
    return dict(found.get((SERVER, RIVERSIDE, "2026-03-02"), {}))


def test_somebody_alone_has_no_conversation() -> None:
    """Three messages of one person are messages, and nothing else."""
    assert talk(said(MARA, 0), said(MARA, 1), said(MARA, 50)) == Talk(messages=3)


def test_a_conversation_begins_with_its_second_turn() -> None:
    """Mara, Mara, Jo, Mara, Kim: four turns in one conversation; each later one is an answer."""
    found = talk(said(MARA, 0), said(MARA, 1), said(JO, 5), said(MARA, 6), said(KIM, 7))
    assert found == Talk(messages=5, turns=4, conversations=1, answers=3, peer_answers=3)


def test_an_hour_of_silence_ends_a_talk() -> None:
    """Exactly an hour is still the same; a moment more is another one."""
    assert talk(said(MARA, 0), said(JO, 60)).conversations == 1
    apart = talk(said(MARA, 0), said(JO, 60.01))
    assert apart == Talk(messages=2)
    again = talk(said(MARA, 0), said(JO, 1), said(KIM, 70), said(MARA, 80), said(JO, 81))
    assert (again.conversations, again.turns) == (2, 5)


def test_a_long_monologue_does_not_hide_that_there_was_a_conversation() -> None:
    """More than six messages in a row leave the turn where it was."""
    found = talk(said(MARA, 0), said(JO, 1), *(said(JO, 2 + n) for n in range(8)), said(MARA, 30))
    assert (found.conversations, found.turns) == (1, 3)


def test_whoever_is_not_counted_keeps_a_talk_going_and_is_nobody_in_it() -> None:
    """They bridge a silence, but neither take a turn nor are answered."""
    found = talk(said(MARA, 0), said(NOBODY, 50), said(JO, 100))
    assert found == Talk(messages=2, turns=2, conversations=1)
    assert talk(said(MARA, 0), said(NOBODY, 1), said(MARA, 2)) == Talk(messages=2)
    # After a silence that Nobody broke, what Mara said before is another talk.
    assert talk(said(MARA, 0), said(NOBODY, 90), said(JO, 91)).conversations == 0


def test_each_thread_is_a_talk_of_its_own() -> None:
    """It counts for the room's group; what is said beside it goes on."""
    found = talk(said(MARA, 0), said(KIM, 1, place=THREAD), said(JO, 2, place=THREAD))
    assert found == Talk(messages=3, turns=2, conversations=1, answers=1, peer_answers=1)


def test_the_commons_are_nobodys_talk() -> None:
    """They are no group."""
    assert not counted(said(MARA, 0, place=SQUARE), said(JO, 1, place=SQUARE)).talk


def test_a_reply_answers_its_author_and_nobody_else() -> None:
    """Also hours later, and whoever wrote last."""
    batch = (said(MARA, 0), said(JO, 300), said(KIM, 301, to=(MARA, 5)))
    assert answered(*batch) == {(KIM, MARA): 1}
    both = said(KIM, 301, to=(MARA, 5), mentions=(JO, KIM))
    assert answered(said(LENA, 300), both) == {(KIM, MARA): 1, (KIM, JO): 1}


def test_a_message_without_address_answers_who_wrote_last() -> None:
    """Within the hour, and only with the turn; going on with one's own answers nobody again."""
    batch = (said(MARA, 0), said(JO, 1), said(JO, 2), said(MARA, 3), said(KIM, 100))
    assert answered(*batch) == {(JO, MARA): 1, (MARA, JO): 1}


def test_a_reply_to_what_nobody_knows_the_author_of_answers_nobody() -> None:
    """Nor does a reply to oneself."""
    assert answered(said(MARA, 0), said(JO, 1, to=(0, 5)), said(JO, 2, to=(JO, 6))) == {}


def test_visitors_talk_and_have_no_ties() -> None:
    """Their answers count for the group, and for no pair."""
    batch = (said(MARA, 0), said(VERA, 1), said(MARA, 2))
    assert talk(*batch) == Talk(messages=3, turns=3, conversations=1, answers=2, peer_answers=2)
    assert answered(*batch) == {}


@pytest.mark.parametrize(
    "batch",
    [
        (said(MARA, 0), said(LENA, 1)),
        (said(LENA, 0), said(MARA, 1)),
        (said(MARA, 0, to=(HEARTH, 5)),),
        (said(MARA, 0, mentions=(HEARTH,)),),
        (said(MARA, 0, to=(JO, 5), mentions=(LENA,)),),
    ],
    ids=["by facilitator", "to facilitator", "to Hearth", "names Hearth", "to both"],
)
def test_what_is_not_among_peers(batch: tuple[Heard, ...]) -> None:
    """An answer by or to who looks after the group, or to Hearth, is an answer all the same."""
    found = talk(*batch)
    assert (found.answers, found.peer_answers) == (1, 0)


def test_who_answered_whom_is_always_a_tie_as_well() -> None:
    """So that both are kept in one row."""
    sums = counted(
        said(MARA, 0), said(JO, 1), said(KIM, 2, to=(MARA, 5)), said(JO, 3, mentions=(KIM,))
    )
    for where, pairs in sums.answered.items():
        for who, whom in pairs:
            assert sums.ties[where][min(who, whom), max(who, whom)] > 0


def test_what_is_said_at_midnight_counts_for_its_own_day() -> None:
    """Days of talk are UTC's, and a conversation counts for the day on which it became one."""
    late = 12 * 60 - 1
    found = counted(said(MARA, late), said(JO, late + 2), said(KIM, late + 3)).talk
    assert found == {
        (SERVER, RIVERSIDE, "2026-03-02"): Talk(messages=1),
        (SERVER, RIVERSIDE, "2026-03-03"): Talk(2, 3, 1, 2, 2),
    }
