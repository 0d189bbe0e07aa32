"""Answers to pulses while they wait: written together, told when they are lost, nobody's secret."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.database import Database
from bot.errors import TablesDown, UserError
from bot.pulses import Pulses
from bot.rules.pulse import FEWEST, OPEN_FOR, QUESTIONS, Given
from bot.rules.pulse_pool import FULL
from bot.services import privacy, pulse_answers, pulse_asking
from bot.settings import Settings
from bot.storage.migrating import file_of
from models import (
    Base,
    Membership,
    OutboxMessage,
    Pulse,
    PulseAnswer,
    PulseLine,
    PulsePart,
    PulseTally,
)
from tests.services.shore import LENA, OMAR, POND, RIVER, SERVER, Shore

MORE = range(300, 330)  # who moves in beside the eight
PEOPLE = (*range(100, 108), *MORE)
TOLD = "nobody shall find this"


@pytest.fixture
async def shore(database: Database, settings: Settings, now: Any) -> Shore:
    """Riverside with 38 people, looked after by Lena, one of them."""
    built = Shore(database, settings, now)
    await built.build(cap=100)
    async with database.writing() as session:
        session.add_all(
            Membership(server_id=SERVER, user_id=user, group_id=RIVER, since=now) for user in MORE
        )
    return built


@pytest.fixture
async def pulse_id(shore: Shore) -> int:
    """A pulse that Lena asked for."""
    async with shore.database.writing() as session:
        return (await pulse_asking.ask(session, shore.actor(LENA), RIVER, shore.now)).id


def answer(step: int = 4, line: str = "") -> Given:
    """Return an answer."""
    return Given(dict.fromkeys(QUESTIONS, step), line)


async def take(
    shore: Shore, pulses: Pulses, pulse_id: int, users: Sequence[int], line: str = ""
) -> None:
    """Let these people answer, one after the other."""
    for user in users:
        await pulses.take(shore.actor(user), pulse_id, answer(line=line), shore.now)


async def rows(shore: Shore, table: type[Base]) -> list[Any]:
    """Return all rows of a table."""
    async with shore.database.reading() as session:
        return list(await session.scalars(select(table)))


async def kinds(shore: Shore) -> list[str]:
    """Return the kinds of what is owed, in order."""
    return [row.kind for row in await rows(shore, OutboxMessage)]


def on_disk(settings: Settings) -> bytes:
    """Return everything that the tables' files hold, the write-ahead log among them."""
    file = file_of(settings.database)
    assert file is not None
    parts = sorted(file.parent.glob(f"{file.name}*"))
    assert len(parts) >= 2, "the log is among them while the tables are open"
    return b"".join(part.read_bytes() for part in parts)


async def test_the_disk_hears_of_five_at_once(
    shore: Shore, pulse_id: int, settings: Settings
) -> None:
    """Nine wait and no file holds a word or a name; with the tenth five go in, and five stay."""
    pulses = Pulses(shore.database)
    await take(shore, pulses, pulse_id, PEOPLE[: FULL - 1], TOLD)
    assert TOLD.encode() not in on_disk(settings)
    assert not await rows(shore, PulsePart)
    assert pulses.count(pulse_id) == FULL - 1
    await take(shore, pulses, pulse_id, PEOPLE[FULL - 1 : FULL], TOLD)
    assert len(await rows(shore, PulsePart)) == len(await rows(shore, PulseLine)) == FEWEST
    assert len(await rows(shore, PulseAnswer)) == FEWEST * len(QUESTIONS)
    assert pulses.count(pulse_id) == FEWEST
    written = {row.user_id for row in await rows(shore, PulsePart)}
    assert all(pulses.has(pulse_id, user) != (user in written) for user in PEOPLE[:FULL])


async def test_who_compares_copies_finds_heaps_of_five(shore: Shore, pulse_id: int) -> None:
    """After every single answer, after a stop, and at the close: five more people, or nobody."""
    people: list[int] = []
    answers: list[int] = []

    async def look() -> None:
        people.append(len(await rows(shore, PulsePart)))
        answers.append(len(await rows(shore, PulseAnswer)))

    async with Pulses(shore.database) as pulses:
        for user in PEOPLE[:23]:
            await take(shore, pulses, pulse_id, [user])
            await look()
    await look()
    async with Pulses(shore.database) as pulses:
        for user in PEOPLE[23:]:
            await take(shore, pulses, pulse_id, [user])
            await look()
        await pulses.step(shore.now + OPEN_FOR)
    grown = [after - before for before, after in pairwise([0, *people])]
    assert {more for more in grown if more} == {FEWEST, 8}
    assert sum(grown) == 15 + 8 + 10, "of the last five, who came after the stop, there is no row"
    assert answers == [number * len(QUESTIONS) for number in people]
    assert not await rows(shore, PulsePart)
    assert not await rows(shore, PulseAnswer)


async def test_which_five_it_is_chance_that_says(shore: Shore, pulse_id: int) -> None:
    """Not those who came first."""
    drawn: set[frozenset[int]] = set()
    for _ in range(6):
        pulses = Pulses(shore.database)
        await take(shore, pulses, pulse_id, PEOPLE[:FULL])
        drawn.add(frozenset(row.user_id for row in await rows(shore, PulsePart)))
        async with shore.database.writing() as session:
            for row in await session.scalars(select(PulsePart)):
                await session.delete(row)
    assert len(drawn) > 1


async def test_two_forms_of_one_person_at_once(shore: Shore, pulse_id: int) -> None:
    """One is taken, the other is refused with its line; also once the first is written."""
    pulses = Pulses(shore.database)
    twice = [
        pulses.take(shore.actor(LENA), pulse_id, answer(line="*Me*"), shore.now) for _ in range(2)
    ]
    done = await asyncio.gather(*twice, return_exceptions=True)
    (refused,) = [one for one in done if isinstance(one, UserError)]
    assert refused.key == "pulse.already_kept"
    assert refused.params["typed"] == "\\*Me\\*"
    assert pulses.count(pulse_id) == 1
    await take(shore, pulses, pulse_id, [user for user in PEOPLE if user != LENA][: FULL * 2])
    for row in await rows(shore, PulsePart):
        with pytest.raises(UserError, match=r"pulse\.already"):
            await take(shore, pulses, pulse_id, [row.user_id])


async def test_thirty_at_once(shore: Shore, pulse_id: int) -> None:
    """Everybody's answer is in, once, and no batch was smaller than five."""
    pulses = Pulses(shore.database)
    await asyncio.gather(
        *(
            pulses.take(shore.actor(user), pulse_id, answer(1 + user % 5), shore.now)
            for user in PEOPLE
        )
    )
    parts = {row.user_id for row in await rows(shore, PulsePart)}
    assert len(parts) + pulses.count(pulse_id) == len(PEOPLE)
    await pulses.step(shore.now + OPEN_FOR)
    async with shore.database.reading() as session:
        pulse = await session.get_one(Pulse, pulse_id)
        assert (pulse.state, pulse.people) == ("shown", len(PEOPLE))


async def test_a_kill_is_told_and_who_took_part_may_again(shore: Shore, pulse_id: int) -> None:
    """What waited is gone with the process; the room hears it once, the tables know no half."""
    await take(shore, Pulses(shore.database), pulse_id, PEOPLE[: FULL + 2])
    written = {row.user_id for row in await rows(shore, PulsePart)}
    after = Pulses(shore.database)  # the process before was killed: nothing of it is left
    for _ in range(2):
        await after.step(shore.now + timedelta(minutes=1))
    assert await kinds(shore) == ["pulse", "pulse-lost"]
    lost = [user for user in PEOPLE[: FULL + 2] if user not in written]
    await take(shore, after, pulse_id, lost)
    for user in written:
        with pytest.raises(UserError, match=r"pulse\.already"):
            await take(shore, after, pulse_id, [user])
    await after.step(shore.now + OPEN_FOR)
    async with shore.database.reading() as session:
        assert (await session.get_one(Pulse, pulse_id)).people == FULL + 2


async def test_an_answer_before_the_first_look_does_not_hide_a_loss(
    shore: Shore, pulse_id: int
) -> None:
    """Somebody is quicker than the minute after a kill: the room hears of it all the same."""
    await take(shore, Pulses(shore.database), pulse_id, PEOPLE[:3])
    after = Pulses(shore.database)
    await take(shore, after, pulse_id, PEOPLE[3:4])
    await after.step(shore.now + timedelta(minutes=1))
    assert (await kinds(shore)).count("pulse-lost") == 1
    assert after.count(pulse_id) == 1


async def test_where_nothing_waited_nothing_is_lost(shore: Shore, pulse_id: int) -> None:
    """A pulse nobody has answered, and one that is closed."""
    await Pulses(shore.database).step(shore.now)
    assert await kinds(shore) == ["pulse"]
    await take(shore, Pulses(shore.database), pulse_id, PEOPLE[:2])
    await Pulses(shore.database).step(shore.now + OPEN_FOR)
    assert "pulse-lost" not in await kinds(shore)


async def test_a_stop_puts_away_what_has_company(shore: Shore, pulse_id: int) -> None:
    """Six are written and nothing is lost; of the three who come after, the start tells."""
    async with Pulses(shore.database) as pulses:
        await take(shore, pulses, pulse_id, PEOPLE[:6])
    assert len(await rows(shore, PulsePart)) == 6
    async with Pulses(shore.database) as pulses:
        await pulses.step(shore.now)
        assert "pulse-lost" not in await kinds(shore)
        await take(shore, pulses, pulse_id, PEOPLE[6:9])
    assert len(await rows(shore, PulsePart)) == 6
    await Pulses(shore.database).step(shore.now)
    assert "pulse-lost" in await kinds(shore)


async def test_who_come_after_a_stop_and_stay_alone_go_unread(
    shore: Shore, pulse_id: int, settings: Settings
) -> None:
    """Three of them at the close are too few to be written; the room hears how many."""
    async with Pulses(shore.database) as pulses:
        await take(shore, pulses, pulse_id, PEOPLE[:6])
    late = Pulses(shore.database)
    await take(shore, late, pulse_id, PEOPLE[6:9], TOLD)
    await late.step(shore.now + OPEN_FOR)
    assert "pulse-alone" in await kinds(shore)
    assert TOLD.encode() not in on_disk(settings)
    async with shore.database.reading() as session:
        assert (await session.get_one(Pulse, pulse_id)).people == 6


async def test_who_is_forgotten_takes_a_waiting_answer_along(
    shore: Shore, pulse_id: int, settings: Settings
) -> None:
    """It is never written, and four who are left are too few."""
    pulses = Pulses(shore.database)
    await take(shore, pulses, pulse_id, PEOPLE[:4])
    await take(shore, pulses, pulse_id, PEOPLE[4:5], TOLD)
    assert pulses.forget(PEOPLE[4], [SERVER]) == 1
    async with shore.database.writing() as session:
        await privacy.forget(session, PEOPLE[4], [SERVER], shore.now)
    await pulses.step(shore.now + OPEN_FOR)
    assert TOLD.encode() not in on_disk(settings)
    async with shore.database.reading() as session:
        pulse = await session.get_one(Pulse, pulse_id)
        assert (pulse.state, pulse.people) == ("few", 4)


async def test_forgotten_by_another_process(shore: Shore, pulse_id: int) -> None:
    """The command line cannot reach the memory: who has no home by then is not written."""
    pulses = Pulses(shore.database)
    await take(shore, pulses, pulse_id, PEOPLE[:6])
    async with shore.database.writing() as session:
        await privacy.forget(session, PEOPLE[0], [SERVER], shore.now)
    await pulses.__aexit__(None, None, None)
    assert {row.user_id for row in await rows(shore, PulsePart)} == set(PEOPLE[1:6])


async def test_forgotten_while_a_batch_waits_for_its_turn(shore: Shore, pulse_id: int) -> None:
    """The batch is drawn when it may write, not before: it goes without them, or not at all."""
    pulses = Pulses(shore.database)
    await take(shore, pulses, pulse_id, PEOPLE[: FULL - 1])
    async with shore.database.writing() as session:
        tenth = asyncio.create_task(
            pulses.take(shore.actor(PEOPLE[FULL - 1]), pulse_id, answer(), shore.now)
        )
        await asyncio.sleep(0)  # it waits for this transaction now
        pulses.forget(PEOPLE[0], [SERVER])
        await privacy.forget(session, PEOPLE[0], [SERVER], shore.now)
    await tenth
    assert not await rows(shore, PulsePart), "nine are left: too few to leave five"
    assert pulses.count(pulse_id) == FULL - 1
    assert not pulses.has(pulse_id, PEOPLE[0])


async def test_tables_that_fail_lose_nothing(
    shore: Shore, pulse_id: int, settings: Settings
) -> None:
    """An answer whose note cannot be written is not taken; what waits goes on waiting."""
    file = file_of(settings.database)
    assert file is not None
    async with Database.open(settings.database, upgrade=False, lock_seconds=0.0) as hasty:
        pulses = Pulses(hasty)
        await take(shore, pulses, pulse_id, PEOPLE[:6])
        other = sqlite3.connect(file, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")  # another program holds the tables
            with pytest.raises(TablesDown):
                await take(shore, pulses, pulse_id, PEOPLE[6:7])
            await pulses.__aexit__(None, None, None)
        finally:
            other.close()
        assert pulses.count(pulse_id) == 6
        assert not pulses.has(pulse_id, PEOPLE[6])
        await pulses.__aexit__(None, None, None)
    assert len(await rows(shore, PulsePart)) == 6


async def test_stopped_between_writing_and_noting_it(shore: Shore, pulse_id: int) -> None:
    """What is on the disk already is not written again, and the pulse closes all the same."""
    pulses = Pulses(shore.database)
    await take(shore, pulses, pulse_id, PEOPLE[: FULL - 1])
    async with shore.database.writing() as session:  # as the process does, then forgets it did
        given = dict.fromkeys(PEOPLE[:FEWEST], answer())
        await pulse_answers.keep(session, pulse_id, given, rest=FULL - 1 - FEWEST)
    await take(shore, pulses, pulse_id, PEOPLE[FULL - 1 : FULL])
    assert len(await rows(shore, PulsePart)) == FEWEST
    assert pulses.count(pulse_id) == FEWEST
    await pulses.step(shore.now + OPEN_FOR)
    async with shore.database.reading() as session:
        assert (await session.get_one(Pulse, pulse_id)).people == FULL


async def test_one_that_cannot_be_closed_holds_no_other_up(shore: Shore, pulse_id: int) -> None:
    """Its answers collide with what is there: the other one closes and is told, then it is said."""
    async with shore.database.writing() as session:
        session.add(Membership(server_id=SERVER, user_id=400, group_id=POND, since=shore.now))
        await session.flush()
        other_id = (await pulse_asking.ask(session, shore.actor(OMAR), POND, shore.now)).id
    first, other = sorted((pulse_id, other_id))
    async with shore.database.writing() as session:
        session.add(PulseTally(pulse_id=first, question="trust", step=4, people=1))
    pulses = Pulses(shore.database)
    await take(shore, pulses, pulse_id, PEOPLE[:6])
    for _ in range(2):
        with pytest.raises(IntegrityError):
            await pulses.step(shore.now + OPEN_FOR)
    async with shore.database.reading() as session:
        assert (await session.get_one(Pulse, first)).state == "open"
        assert (await session.get_one(Pulse, other)).told_at is not None
    assert pulses.count(pulse_id) == 6, "what waits goes on waiting"


async def test_what_ended_meanwhile_is_let_go_of(shore: Shore, pulse_id: int) -> None:
    """Ended by another hand (the command line's, a merge), noticed within the minute."""
    pulses = Pulses(shore.database)
    await take(shore, pulses, pulse_id, PEOPLE[:6])
    async with shore.database.writing() as session:
        await pulse_asking.call_off(session, shore.actor(LENA), pulse_id, shore.now)
    await pulses.step(shore.now)
    assert pulses.count(pulse_id) == 0
    assert not await rows(shore, PulsePart)


async def test_no_log_tells_of_anybody(
    shore: Shore, pulse_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever happens to answers, at any level."""
    caplog.set_level("DEBUG")
    async with Pulses(shore.database) as pulses:
        await take(shore, pulses, pulse_id, PEOPLE[:3], TOLD)
    assert "3 answers to pulses had too little company" in caplog.text
    own = [one.getMessage() for one in caplog.records if one.name.startswith("bot.")]
    assert not [said for said in own if TOLD in said or str(PEOPLE[0]) in said]
