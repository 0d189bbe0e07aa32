"""What the checker says of threads, events, pairs and what is shared."""

from collections.abc import Callable
from datetime import timedelta

import pytest

import models
from demo.checker import Verdict
from demo.ledger import Ledger
from sandbox import acts
from sandbox.people import Person
from sandbox.state import Message, ScheduledEvent
from tests.demo.checked import DAY, NOW, House


@pytest.fixture
async def lively(house: House) -> House:
    """A house in which groups do things together, and all of it agrees."""
    post = house.post("River", "ritual-in:1")
    thread = acts.start_thread(
        house.sandbox.world,
        house.sandbox.state.bot,
        house.rooms["River"],
        {"name": "Wins"},
        on=post,
    )
    here = {"server_id": house.server.id, "group_id": 1}
    house.tables.add(
        models.Ritual(
            id=1, **here, title="Wins", cadence="weekly", weekday=0, zone="UTC", anchor="2026-03-02"
        ),
        models.Occurrence(
            ritual_id=1,
            group_id=1,
            local_moment="2026-03-02T12:00",
            due_at=NOW,
            state="posted",
            message_id=post.id,
            channel_id=house.rooms["River"].id,
            thread_id=thread.id,
        ),
        models.Pairing(
            id=1,
            **here,
            cadence="weekly",
            weekday=0,
            hour=9,
            minute=0,
            zone="UTC",
            anchor="2026-03-02",
            begun_at=NOW,
        ),
    )
    shared = await house.people["Ada"].write(house.rooms["River"], "bread")
    bridge(house, shared, house.post("Owls", "bridge-thanks:1"))
    gathering(house, announced(house).id)
    return house


def bridge(house: House, source: Message, post: Message) -> None:
    """Write down that Ada shared a message, which stands in the Owls' room for the commons."""
    house.tables.add(
        models.Bridge(
            id=1,
            server_id=house.server.id,
            group_id=1,
            user_id=house.people["Ada"].id,
            channel_id=source.channel_id,
            message_id=source.id,
            kind="insight",
            named=True,
            said="",
            cut=False,
            left_there="",
            shared_at=NOW,
            state="published",
            post_channel_id=post.channel_id,
            post_message_id=post.id,
        )
    )


def announced(house: House, marker: str = "hearth:1") -> ScheduledEvent:
    """Let the bot announce an event."""
    starts = NOW + DAY
    return acts.create_event(
        house.sandbox.world,
        house.server,
        house.server.members[house.sandbox.bot_id],
        {
            "name": "Tea",
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=1),
            "location": "here",
            "description": f"Cake!\n{marker}",
        },
    )


def gathering(house: House, event_id: int) -> None:
    """Write down a gathering whose date stands among the events."""
    house.tables.add(
        models.Gathering(
            id=1,
            server_id=house.server.id,
            group_id=1,
            title="Tea",
            zone="UTC",
            first_local="2026-03-03T12:00",
            minutes=60,
            state="running",
            created_at=NOW,
        ),
        models.GatheringDate(
            gathering_id=1,
            server_id=house.server.id,
            local_moment="2026-03-03T12:00",
            starts_at=NOW + DAY,
            ends_at=NOW + DAY + timedelta(hours=1),
            state="open",
            message_id=7,
            event_state="made",
            event_id=event_id,
        ),
    )


def rounds(house: House, *each: tuple[tuple[Person, ...], ...]) -> None:
    """Write down rounds of pairs, a week between them."""
    pair_id = 0
    for number, pairs in enumerate(each, 1):
        house.tables.add(
            models.PairRound(
                id=number,
                pairing_id=1,
                server_id=house.server.id,
                local_moment=f"2026-03-0{number}T09:00",
                at=NOW + number * 7 * DAY,
                closes_at=NOW + (number + 1) * 7 * DAY,
            )
        )
        for people in pairs:
            pair_id += 1
            here = {"server_id": house.server.id}
            house.tables.add(
                models.Pair(id=pair_id, **here, round_id=number, group_id=1, question=0),
                *(models.PairSeat(pair_id=pair_id, user_id=one.id, **here) for one in people),
            )


async def test_where_all_is_well_nothing_is_found(lively: House) -> None:
    """A thread, an event, a bridge, each with its row."""
    assert lively.verdict() == Verdict()


def thread_of(house: House) -> int:
    """Return the one thread's id."""
    (thread_id,) = house.server.threads
    return thread_id


def source_of(house: House) -> Message:
    """Return what Ada wrote."""
    ada = house.people["Ada"].id
    (message,) = [m for m in house.rooms["River"].history if m.author.id == ada]
    return message


def written_twice(house: House) -> None:
    """Let one message stand in a thread twice."""
    thread = house.server.threads[thread_of(house)]
    for _ in range(2):
        acts.send(
            house.sandbox.world, house.sandbox.state.bot, thread, acts.Draft("So?", nonce="one")
        )


DRIFT: dict[str, Callable[[House], object]] = {
    "a private thread that nobody knows": lambda h: acts.start_thread(
        h.sandbox.world,
        h.sandbox.state.bot,
        h.rooms["River"],
        {"name": "Two"},
        private=True,
    ),
    "a thread whose message is gone": lambda h: (
        h.sql("UPDATE occurrence SET thread_id = NULL")
        or h.rooms["River"].history.remove(thread_of(h))
    ),
    "a thread that is not there": lambda h: h.server.threads.clear(),
    "an event that nobody knows": lambda h: h.sql("UPDATE gathering_date SET event_state = 'gone'"),
    "an event that is not there": lambda h: h.server.events.clear(),
}
TWICE: dict[str, Callable[[House], object]] = {
    "a message in a thread": written_twice,
    "an event": lambda h: h.sql("UPDATE gathering_date SET event_id = ?", announced(h).id),
}
SOURCELESS: dict[str, Callable[[House], object]] = {
    "a source that was deleted": lambda h: h.rooms["River"].history.remove(source_of(h).id),
    "a source that was changed": lambda h: setattr(source_of(h), "edited_at", NOW),
    "a post that nobody knows": lambda h: h.sql("DELETE FROM bridge"),
    "a post that is not there": lambda h: h.sql("UPDATE bridge SET post_message_id = 5"),
}


@pytest.mark.parametrize("what", DRIFT)
async def test_a_difference_is_found(lively: House, what: str) -> None:
    """Threads and events belong to a row, and rows to them."""
    DRIFT[what](lively)
    assert lively.verdict().drift


@pytest.mark.parametrize("what", TWICE)
async def test_what_stands_twice_is_found(lively: House, what: str) -> None:
    """By its nonce, or by what ends its description."""
    TWICE[what](lively)
    assert lively.verdict().posted_twice


@pytest.mark.parametrize("what", SOURCELESS)
async def test_what_has_no_source_is_found(lively: House, what: str) -> None:
    """What is shared goes with its message."""
    SOURCELESS[what](lively)
    assert lively.verdict().sourceless


async def test_a_thread_that_somebody_took_away_is_no_difference(lively: House) -> None:
    """Their decision stands."""
    await lively.server.owner.delete_thread(lively.server.threads[thread_of(lively)])
    assert lively.verdict().drift == []


async def test_who_meets_again_too_early_is_found(lively: House) -> None:
    """Two of four met again though each of them could have met somebody new."""
    ada, ben, cem, dua = (lively.people[name] for name in ("Ada", "Ben", "Cem", "Dua"))
    rounds(lively, ((ada, ben), (cem, dua)), ((ada, ben), (cem, dua)))
    (found,) = lively.verdict().met_again
    assert found == "in round 2 2 pairs met again, and nobody had to"


async def test_who_has_to_meet_again_is_not_found(lively: House) -> None:
    """Three of whom all have met, and one of four who may not be put together with the new ones."""
    ada, ben, cem, dua = (lively.people[name] for name in ("Ada", "Ben", "Cem", "Dua"))
    rounds(lively, ((ada, ben, cem),), ((ada, ben, cem),))
    assert lively.verdict().met_again == []
    for table in ("pair_seat", "pair", "pair_round"):
        lively.sql(f"DELETE FROM {table}")  # noqa: S608 - our own words
    rounds(lively, ((ada, ben), (cem, dua)), ((ada, ben), (cem, dua)))
    for other in (cem, dua):
        low, high = sorted((ada.id, other.id))
        apart = {"low_id": low, "high_id": high, "by_user_id": lively.server.owner.id}
        lively.tables.add(models.Apart(server_id=lively.server.id, at=NOW, **apart))
    assert lively.verdict().met_again == []


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("takedown", "a message is still there that shall go"),
        ("claimed", "the event of date 1 is neither made nor given up"),
    ],
)
async def test_what_is_under_way_is_unsettled(lively: House, row: str, told: str) -> None:
    """A post that shall go, and an event of which nobody knows."""
    if row == "takedown":
        lively.tables.add(
            models.Takedown(
                server_id=lively.server.id,
                what="message",
                channel_id=1,
                target_id=2,
                wanted_at=NOW,
                due_at=NOW,
            )
        )
    else:
        lively.sql("UPDATE gathering_date SET event_state = 'claimed', event_id = NULL")
    assert told in lively.verdict().unsettled


async def test_the_ledger_keeps_what_the_tables_forget(lively: House) -> None:
    """What groups did together is counted, also when the bot has erased it since."""
    ada, ben = lively.people["Ada"], lively.people["Ben"]
    rounds(lively, ((ada, ben),))
    lively.sql("UPDATE pair_round SET people = 2, pairs = 1, met = 1")
    lively.tables.add(models.GatheringAnswer(date_id=1, user_id=ada.id, answer="yes", at=NOW))
    with Ledger(lively.tables.file) as ledger:
        for _ in range(2):
            ledger.look(NOW)
            for table in ("pair_seat", "pair", "pair_round", "gathering_answer", "bridge"):
                lively.sql(f"DELETE FROM {table}")  # noqa: S608 - our own words
        story = ledger.story
    assert story.kinds == {"own": 1}
    assert story.threads == {thread_of(lively)}
    assert story.rounds == {1: (2, 1, 1)}
    assert story.gatherings == {1: (1, 0)}
    assert (len(story.shared), len(story.published), len(story.events)) == (1, 1, 1)
