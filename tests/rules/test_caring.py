"""Who already does what facilitators do, read off signs of life."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.caring import (
    DEEDS,
    OFTEN,
    SUGGESTED_MOST,
    Act,
    Revival,
    Week,
    acts,
    fit,
    revivals,
    sums,
)
from bot.rules.counting import Counted, Person
from bot.rules.signals import Heard, Kind, Place
from bot.rules.ties import LastMessages

SERVER, GROUP, ROOM = 9, 1, 501
MARA, JO, KIM, VERA, NEW = 11, 12, 13, 16, 17
HERE, THREAD = Place(ROOM, ROOM, SERVER), Place(600, ROOM, SERVER)
ELSEWHERE = Place(700, 700, SERVER, everyone=True)
NOON = int(datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp() * 1000)
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = "2026-03-02"
SERVERS = {
    SERVER: Counted(
        "UTC",
        counts_commons=True,
        rooms={ROOM: GROUP},
        people={
            **{who: Person(0, GROUP) for who in (MARA, JO, KIM, NEW)},
            VERA: Person(0, None),
        },
    )
}


def says(
    who: int, at_ms: int, place: Place = HERE, *, to: int = 0, names: tuple[int, ...] = ()
) -> Heard:
    """Return a message."""
    return Heard(Kind.MESSAGE, place, who, at_ms, at_ms, to, 1 if to else 0, names)


def found(*batch: Heard, before: LastMessages | None = None) -> list[Revival]:
    """Return who ended a silence."""
    return revivals(batch, SERVERS, {} if before is None else {ROOM: before})


def test_a_message_speaks_to_whom_it_answers_and_names() -> None:
    """Once each, in the room or in a thread of it; not to oneself, nor to who lives elsewhere."""
    batch = [
        says(MARA, NOON, to=NEW, names=(NEW, JO, MARA, VERA)),
        says(JO, NOON, THREAD, to=KIM),
        says(JO, NOON),
        says(JO, NOON, ELSEWHERE, to=KIM),
        says(VERA, NOON, to=KIM),
        Heard(Kind.REACTION, HERE, JO, NOON, 0, NEW, 1),
    ]
    assert acts(batch, SERVERS) == [
        Act(SERVER, GROUP, MARA, NOON, (NEW, JO)),
        Act(SERVER, GROUP, JO, NOON, (KIM,)),
    ]


def test_what_came_before_somebody_was_told_of_counting_is_no_deed() -> None:
    """Neither of who writes nor of whom they speak to."""
    people = {MARA: Person(NOON, GROUP), JO: Person(NOON + HOUR, GROUP)}
    servers = {SERVER: Counted("UTC", counts_commons=False, rooms={ROOM: GROUP}, people=people)}
    assert acts([says(MARA, NOON - 1, to=JO), says(MARA, NOON, to=JO)], servers) == []
    assert len(acts([says(MARA, NOON + HOUR, to=JO)], servers)) == 1


def test_a_silence_is_ended_by_words_that_are_answered() -> None:
    """A day without a word, then two people within an hour: the first of them ended it."""
    silence = LastMessages([(KIM, NOON - DAY)])
    answered = says(MARA, NOON), says(JO, NOON + HOUR)
    assert found(*answered, before=silence) == [Revival(SERVER, GROUP, MARA, NOON)]
    assert found(*answered, before=LastMessages([(KIM, NOON - DAY + 1)])) == []
    assert found(*answered) == []  # a room that was never written in was not silent
    late = says(MARA, NOON), says(JO, NOON + HOUR + 1)
    assert found(*late, before=silence) == []
    alone = says(MARA, NOON), says(MARA, NOON + MINUTE)
    assert found(*alone, before=silence) == []


def test_who_goes_on_alone_is_answered_all_the_same() -> None:
    """The hour begins with their latest words; the next who writes after that ends nothing."""
    silence = LastMessages([(KIM, NOON - 2 * DAY)])
    batch = (
        says(MARA, NOON),
        says(MARA, NOON + 50 * MINUTE),
        says(JO, NOON + 100 * MINUTE),
        says(KIM, NOON + 101 * MINUTE),
    )
    (one,) = found(*batch, before=silence)
    assert one.user_id == MARA


def test_an_answer_in_the_next_batch_counts() -> None:
    """What the room's last messages tell is enough."""
    before = LastMessages([(0, NOON - DAY), (MARA, NOON), (MARA, NOON + MINUTE)])
    (one,) = found(says(JO, NOON + 2 * MINUTE), before=before)
    assert (one.user_id, one.at_ms) == (MARA, NOON + MINUTE)
    settled = LastMessages([(0, NOON - DAY), (MARA, NOON), (JO, NOON + MINUTE)])
    assert found(says(KIM, NOON + 2 * MINUTE), before=settled) == []


def test_a_silence_begins_anew() -> None:
    """Two silences in one batch are two."""
    batch = (
        says(MARA, NOON),
        says(JO, NOON + MINUTE),
        says(KIM, NOON + 2 * DAY),
        says(JO, NOON + 2 * DAY + MINUTE),
    )
    assert [one.user_id for one in found(*batch, before=LastMessages([(JO, NOON - DAY)]))] == [
        MARA,
        KIM,
    ]


def test_whoever_is_not_counted_ends_no_silence_but_may_answer() -> None:
    """A visitor's first words are nobody's deed; their answer is an answer."""
    silence = LastMessages([(KIM, NOON - DAY)])
    assert found(says(VERA, NOON), says(JO, NOON + MINUTE), before=silence) == []
    assert len(found(says(JO, NOON), says(VERA, NOON + MINUTE), before=silence)) == 1
    thread = says(MARA, NOON, THREAD), says(JO, NOON, THREAD)
    assert found(*thread, before=silence) == []


def test_the_three_deeds_add_up_by_week() -> None:
    """Newcomers themselves do none; people who know each other are not brought together."""
    new = {GROUP: frozenset((NEW,))}
    spoke = [
        Act(SERVER, GROUP, MARA, NOON, (NEW,)),
        Act(SERVER, GROUP, MARA, NOON, (NEW, JO)),
        Act(SERVER, GROUP, MARA, NOON + 7 * DAY, (JO,)),
        Act(SERVER, GROUP, NEW, NOON, (JO, KIM)),
        Act(SERVER, GROUP, KIM, NOON, (MARA, JO)),
    ]
    ended = [Revival(SERVER, GROUP, JO, NOON), Revival(SERVER, GROUP, NEW, NOON)]
    total = sums(spoke, ended, new, {GROUP: frozenset(((MARA, JO),))})
    assert total == {
        (SERVER, GROUP, MARA, WEEK): {"welcomed": 2, "connected": 1},
        (SERVER, GROUP, JO, WEEK): {"revived": 1},
    }


def week(
    user_id: int, monday: str, welcomed: int = 0, revived: int = 0, connected: int = 0
) -> Week:
    """Return what somebody did in one week."""
    return Week(user_id, monday, welcomed, revived, connected)


def test_often_is_several_times_in_several_weeks() -> None:
    """Three newcomers on one evening are no habit; one deed is named, the telling one first."""
    assert fit([week(MARA, WEEK, welcomed=9)], GROUP) == []
    assert fit([week(MARA, WEEK, welcomed=1), week(MARA, "2026-03-09", welcomed=1)], GROUP) == []
    (one,) = fit(
        [week(MARA, WEEK, 2, 2, 1), week(MARA, "2026-03-09", 1, 1, 1)],
        GROUP,
    )
    assert (one.user_id, one.deed) == (MARA, "welcomed")
    (one,) = fit([week(JO, WEEK, 0, 2, 1), week(JO, "2026-03-09", 0, 1, 1)], GROUP)
    assert one.deed == "revived"
    (one,) = fit([week(KIM, WEEK, connected=1), week(KIM, "2026-03-09", connected=1)], GROUP)
    assert one.deed == "connected"


@given(st.dictionaries(st.integers(1, 99), st.integers(3, 50), min_size=1, max_size=20))
def test_the_order_says_nothing(welcomed: dict[int, int]) -> None:
    """At most three, and whoever did more of the same people stands no earlier for it."""
    rows = [
        week(who, monday, welcomed=times)
        for who, times in welcomed.items()
        for monday in (WEEK, "2026-03-09")
    ]
    shown = fit(rows, GROUP)
    assert len(shown) == min(len(welcomed), SUGGESTED_MOST)
    others = {one.user_id for one in shown}
    turned = [
        week(who, monday, welcomed=100 - welcomed[who])
        for who in others
        for monday in (WEEK, "2026-03-09")
    ]
    assert fit(turned, GROUP) == shown
    assert set(OFTEN) == set(DEEDS)
