"""A log becomes acts: its messages as they are, and what it does not hold by the stated rules."""

from datetime import UTC, datetime, timedelta

from demo.acts import Act, Arrive, Join, Write
from demo.log import Entry
from demo.replay import Replay

START = datetime(2026, 1, 1, 8, tzinfo=UTC)


def entry(
    number: int, author: int, channel: str, answers: int | None = None, *mentions: int
) -> Entry:
    """Return a message, each ten minutes after the one before."""
    at = START + timedelta(minutes=10 * number)
    return Entry(number, at, channel, author, answers, mentions)


def region(size: int, name: str = "region-1") -> list[Entry]:
    """Return one message of each of so many people."""
    return [entry(number, number, name) for number in range(size)]


def played(replay: Replay, *, homes: dict[int, str] | None = None) -> list[Act]:
    """Return all acts, hour by hour, where `homes` says who lives where."""
    replay.lives = (homes or {}).get
    acts: list[Act] = []
    at = replay.start
    while at < replay.start + replay.length:
        at += timedelta(hours=1)
        acts += replay.next_acts(at)
    return acts


def test_every_message_is_written_as_the_log_says() -> None:
    """Author, time, place, answer and mentions come from the log."""
    log = [*region(6), entry(6, 0, "topic-9", 1, 2, 3)]
    writes = [act for act in played(Replay(log)) if isinstance(act, Write)]
    assert writes[0] == Write(START, 0, 0, "Region 1")
    assert writes[-1] == Write(log[-1].at, 0, 6, "#topic-9", answers=1, mentions=(2, 3))
    assert len(writes) == len(log)


def test_people_come_with_their_first_message_or_mention() -> None:
    """Everyone arrives once, before they write or are named."""
    log = [*region(5), entry(5, 4, "region-1", None, 9), entry(6, 9, "topic-1")]
    arrivals = [act for act in played(Replay(log)) if isinstance(act, Arrive)]
    assert [act.who for act in arrivals] == [0, 1, 2, 3, 4, 9]
    assert arrivals[-1].at == log[5].at


def test_who_writes_in_a_region_joins_their_home_first() -> None:
    """A person joins the region they write most in, with their first message in any region."""
    log = [
        *region(6),
        *(entry(6 + n, 10 + n, "region-2") for n in range(6)),
        entry(12, 20, "region-1"),
        entry(13, 20, "region-2"),
        entry(14, 20, "region-2"),
    ]
    acts = played(Replay(log))
    joins = [act for act in acts if isinstance(act, Join) and act.who == 20]
    assert joins == [Join(log[12].at, 20, "Region 2")]
    first = next(act for act in acts if isinstance(act, Write) and act.who == 20)
    assert acts.index(joins[0]) < acts.index(first)


def test_who_has_no_region_follows_the_first_answer() -> None:
    """Someone without a region joins where the first who answered them lives, once."""
    log = [
        *region(6),
        entry(6, 30, "topic-1"),
        entry(7, 1, "topic-1", 6),
        entry(8, 2, "topic-1", 6),
        entry(20, 30, "topic-1"),
    ]
    acts = played(Replay(log), homes={2: "Millpond"})
    joins = [act for act in acts if isinstance(act, Join) and act.who == 30]
    assert joins == [Join(log[8].at, 30, "Millpond")]


def test_who_is_answered_by_nobody_at_home_stays_without() -> None:
    """Without an answer from somebody with a home there is no group to follow."""
    log = [*region(6), entry(6, 30, "topic-1"), entry(7, 31, "topic-1", 6)]
    assert not [act for act in played(Replay(log)) if isinstance(act, Join) and act.who in {30, 31}]


def test_the_end_of_the_log_is_played() -> None:
    """The last message lies inside the length, whenever the first day began."""
    log = [*region(5), entry(600, 1, "region-1")]
    replay = Replay(log)
    assert replay.start.hour == 0
    assert [act for act in played(replay) if isinstance(act, Write)][-1].key == 600
