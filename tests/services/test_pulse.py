"""Pulses in the tables: what is written, what goes at the close, what stays."""

import itertools
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from bot.database import Database
from bot.errors import UserError
from bot.pulses import Pulses
from bot.rules.health import SERVER as WHOLE
from bot.rules.health import Closing, Figure, GroupThen, Week
from bot.rules.pulse import FEWEST, KEPT, LINES_KEPT, OPEN_FOR, OWNERS_AFTER, QUESTIONS, Given
from bot.services import (
    health_pulse,
    personal,
    privacy,
    pulse_answers,
    pulse_asking,
    pulse_closing,
    pulse_lines,
)
from bot.settings import Settings
from bot.storage.migrating import file_of
from models import (
    Base,
    Group,
    Membership,
    OutboxMessage,
    Pulse,
    PulseAnswer,
    PulseLine,
    PulseNo,
    PulsePart,
    PulseTally,
    Server,
)
from tests.services.shore import LENA, OWNER, POND, RIVER, RIVER_PEOPLE, SERVER, Shore

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def shore(database: Database, settings: Settings, now: datetime) -> Shore:
    """Riverside, where eight live with Lena, who looks after it; Millpond, where four live."""
    built = Shore(database, settings, now)
    await built.build()
    return built


async def asked(shore: Shore, *, at: datetime | None = None) -> int:
    """Let Lena ask Riverside; return the pulse's id."""
    async with shore.database.writing() as session:
        who = shore.actor(LENA)
        pulse = await pulse_asking.ask(session, who, RIVER, at or shore.now)
    return pulse.id


def of(steps: Iterable[int], line: str = "") -> dict[int, Given]:
    """Return an answer of each of Riverside's people, the same step for every question."""
    return {
        user: Given(dict.fromkeys(QUESTIONS, step), line and f"{line} {user}")
        for user, step in zip(itertools.count(RIVER_PEOPLE[0]), steps, strict=False)
    }


async def answered(shore: Shore, pulse_id: int, steps: Iterable[int], line: str = "") -> Pulses:
    """Let people answer; return what keeps the answers that wait."""
    pulses = Pulses(shore.database)
    for user, given in of(steps, line).items():
        await pulses.take(shore.actor(user), pulse_id, given, shore.now)
    return pulses


async def closed(shore: Shore, steps: Iterable[int], line: str = "") -> int:
    """Let a pulse run from the question to the close, and what came of it be told."""
    pulse_id = await asked(shore)
    pulses = await answered(shore, pulse_id, steps, line)
    await pulses.step(shore.now + OPEN_FOR)
    return pulse_id


async def rows(shore: Shore, table: type[Base]) -> list[Any]:
    """Return all rows of a table."""
    async with shore.database.reading() as session:
        return list(await session.scalars(select(table)))


async def one(shore: Shore, pulse_id: int) -> Pulse:
    """Return a pulse."""
    async with shore.database.reading() as session:
        return await session.get_one(Pulse, pulse_id)


async def owed(shore: Shore) -> dict[str, str]:
    """Return what is owed, by its key without the numbers."""
    found = await rows(shore, OutboxMessage)
    return {row.key.split(":")[0]: row.content for row in found}


async def test_a_batch_has_nothing_in_common_with_who_gave_it(shore: Shore) -> None:
    """Random keys, three rows a person apart, lines apart; no time and no number anywhere."""
    pulse_id = await asked(shore)
    batch = of([1, 2, 3, 4, 5], "Line of")
    async with shore.database.writing() as session:
        assert await pulse_answers.keep(session, pulse_id, batch, rest=0)
    answers, lines = await rows(shore, PulseAnswer), await rows(shore, PulseLine)
    assert len(answers) == 15
    assert len({row.key for row in (*answers, *lines)}) == 20
    assert sorted(row.step for row in answers) == sorted([1, 2, 3, 4, 5] * 3)
    assert {row.user_id for row in await rows(shore, PulsePart)} == set(batch)
    for table in (PulseAnswer, PulseLine, PulseTally):
        names = {column.name for column in table.__table__.columns}
        assert names <= {"key", "pulse_id", "question", "step", "said", "ticked", "people"}
        assert not personal.PEOPLE & names
    assert {column.name for column in PulsePart.__table__.columns} == {"pulse_id", "user_id"}


async def test_the_order_of_insertion_is_the_order_of_nothing(
    shore: Shore, settings: Settings
) -> None:
    """Rows lie by their keys, and the keys are drawn anew: answers come back in other orders."""
    pulse_id = await asked(shore)
    file = file_of(settings.database)
    assert file is not None
    orders: set[tuple[int, ...]] = set()
    for _ in range(12):
        async with shore.database.writing() as session:
            await pulse_answers.keep(session, pulse_id, of([1, 2, 3, 4, 5]), rest=0)
        orders.add(as_they_lie(file))
        async with shore.database.writing() as session:
            await pulse_closing.erase(session, pulse_id)
    assert len(orders) > 6, "15 answers have 15! orders"


async def test_the_log_shows_no_order_either(shore: Shore, settings: Settings) -> None:
    """In the write-ahead log's bytes, lines lie in another order each time, by chance alone."""
    pulse_id = await asked(shore)
    file = file_of(settings.database)
    assert file is not None
    log = file.with_name(f"{file.name}-wal")
    orders: set[tuple[int, ...]] = set()
    for turn in range(12):
        batch = of([1, 2, 3, 4, 5], f"Turn {turn:02} of")
        async with shore.database.writing() as session:
            await pulse_answers.keep(session, pulse_id, batch, rest=0)
        written = log.read_bytes()
        places = [written.rfind(given.line.encode()) for given in batch.values()]
        assert min(places) > 0
        orders.add(tuple(sorted(range(FEWEST), key=places.__getitem__)))
        async with shore.database.writing() as session:
            await pulse_closing.erase(session, pulse_id)
    assert len(orders) > 6, "five lines have 120 orders"


def as_they_lie(file: Path) -> tuple[int, ...]:
    """Return the steps as SQLite finds them on the disk; such tables have no row numbers."""
    connection = sqlite3.connect(file)
    try:
        for table in ("pulse_answer", "pulse_line", "pulse_part"):
            with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
                connection.execute(f"SELECT rowid FROM {table}")  # noqa: S608 - a name from above
        found = connection.execute("SELECT step FROM pulse_answer").fetchall()
        return tuple(step for (step,) in found)
    finally:
        connection.close()


async def test_fewer_than_five_are_never_written(shore: Shore) -> None:
    """Whoever asks for it."""
    pulse_id = await asked(shore)
    async with shore.database.writing() as session:
        with pytest.raises(ValueError, match="too little company"):
            await pulse_answers.keep(session, pulse_id, of([1, 2, 3, 4]), rest=0)
    assert not await rows(shore, PulsePart)


async def test_what_is_written_too_late_is_not_written(shore: Shore) -> None:
    """A pulse that has ended takes no batch."""
    pulse_id = await asked(shore)
    async with shore.database.writing() as session:
        await pulse_asking.call_off(session, shore.actor(LENA), pulse_id, shore.now)
        assert not await pulse_answers.keep(session, pulse_id, of([1, 2, 3, 4, 5]), rest=0)
    assert not await rows(shore, PulseAnswer)


async def test_the_close_leaves_sums(shore: Shore) -> None:
    """Six answered 5, 5, 4, 4, 4 and 2; who they were and what each said is gone."""
    pulse_id = await closed(shore, [5, 5, 4, 4, 4, 2], "Line of")
    pulse = await one(shore, pulse_id)
    assert (pulse.state, pulse.people, pulse.lines) == ("shown", 6, 6)
    tally = await rows(shore, PulseTally)
    trust = {row.step: row.people for row in tally if row.question == "trust"}
    assert trust == {5: 2, 4: 3, 2: 1}
    assert not await rows(shore, PulsePart)
    assert not await rows(shore, PulseAnswer)
    assert len(await rows(shore, PulseLine)) == 6
    said = (await owed(shore))["pulse-results"]
    assert '"mean":"4.0"' in said  # 24 / 6
    assert "pulse-read" in await owed(shore)


async def test_who_skips_a_question_is_not_counted_in_it(shore: Shore) -> None:
    """Five answered, of belonging only four: nothing is said of belonging, and no sum is kept."""
    pulse_id = await asked(shore)
    pulses = Pulses(shore.database)
    given = of([4, 4, 4, 4, 4])
    given[LENA] = Given({"trust": 5, "connection": 1})
    for user, one_ in given.items():
        await pulses.take(shore.actor(user), pulse_id, one_, shore.now)
    await pulses.step(shore.now + OPEN_FOR)
    assert {row.question for row in await rows(shore, PulseTally)} == {"trust", "connection"}
    said = (await owed(shore))["pulse-results"]
    assert "told_belonging" not in said
    assert "told_trust" in said


async def test_of_four_nothing_is_ever_written(shore: Shore, settings: Settings) -> None:
    """They are told how many they were, and the file never held a word of theirs."""
    pulse_id = await closed(shore, [1, 1, 1, 1], "Written by")
    pulse = await one(shore, pulse_id)
    assert (pulse.state, pulse.people, pulse.lines) == ("few", 4, 0)
    for table in (PulsePart, PulseAnswer, PulseLine, PulseTally):
        assert not await rows(shore, table)
    assert '"n":4' in (await owed(shore))["pulse-results"]
    file = file_of(settings.database)
    assert file is not None
    for part in file.parent.glob(f"{file.name}*"):
        assert b"Written by" not in part.read_bytes(), part


async def test_answers_of_the_forgotten_stay_nobodys(shore: Shore) -> None:
    """Once written nobody finds them again; that they took part goes, and the sums stay right."""
    pulse_id = await asked(shore)
    async with shore.database.writing() as session:
        await pulse_answers.keep(session, pulse_id, of([5, 5, 5, 5, 5]), rest=0)
    async with shore.database.writing() as session:
        await privacy.forget(session, LENA, [SERVER], shore.now)
    assert LENA not in {row.user_id for row in await rows(shore, PulsePart)}
    assert len(await rows(shore, PulseAnswer)) == 15
    await Pulses(shore.database).step(shore.now + OPEN_FOR)
    pulse = await one(shore, pulse_id)
    assert (pulse.state, pulse.people) == ("shown", 5)


async def test_what_export_hands_over(shore: Shore) -> None:
    """That somebody took part, while the pulse is open, and their own no; nothing else."""
    pulse_id = await asked(shore)
    async with shore.database.writing() as session:
        await pulse_answers.keep(session, pulse_id, of([5] * 5, "Line of"), rest=0)
        await pulse_asking.say_no(session, shore.actor(LENA), pulse_id, shore.now)
        counted = await personal.counts(session, LENA, [SERVER])
        part = await personal.rows(session, Base.metadata.tables["pulse_part"], LENA, None)
    assert {name for name in counted if name.startswith("pulse")} == {"pulse_part", "pulse_no"}
    assert part == [{"pulse_id": pulse_id, "user_id": LENA}]


async def test_one_pulse_at_a_time(shore: Shore) -> None:
    """The table itself holds it."""
    await asked(shore)
    async with shore.database.writing() as session:
        again = Pulse(
            server_id=SERVER, group_id=RIVER, started_at=shore.now, closes_at=shore.now + MINUTE
        )
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                session.add(again)


async def test_the_last_pulse_is_compared_with(shore: Shore) -> None:
    """A change that is more than chance is said; against the last one that was shown."""
    await closed(shore, [1, 2, 1, 2, 1, 2])
    shore.now += timedelta(days=28)
    await closed(shore, [4, 5, 4, 5, 4, 5])
    async with shore.database.reading() as session:
        newest = select(OutboxMessage.content).order_by(OutboxMessage.id.desc()).limit(1)
        said = await session.scalar(newest.where(OutboxMessage.kind == "pulse-results"))
    assert said is not None
    assert "pulse.told_up" in said


async def test_what_was_not_told_is_told_later(shore: Shore) -> None:
    """A stop between closing and telling only puts it off, and it is told once."""
    pulse_id = await asked(shore)
    async with shore.database.writing() as session:
        over = shore.now + OPEN_FOR
        await pulse_closing.close(session, pulse_id, of([3] * 6), waiting=6, now=over)
    assert "pulse-results" not in await owed(shore)
    for _ in range(2):
        await Pulses(shore.database).step(over)
    found = await rows(shore, OutboxMessage)
    assert [row.kind for row in found].count("pulse-results") == 1


async def test_a_pulse_is_over_once(shore: Shore) -> None:
    """Closed twice, the second time changes nothing."""
    pulse_id = await closed(shore, [3] * 6)
    async with shore.database.writing() as session:
        assert not await pulse_closing.close(session, pulse_id, {}, waiting=0, now=shore.now)
        with pytest.raises(UserError, match=r"pulse\.over"):
            await pulse_asking.call_off(session, shore.actor(LENA), pulse_id, shore.now)


async def test_a_pause_puts_off_the_close(shore: Shore) -> None:
    """While Hearth is paused nothing ends; afterwards it does."""
    pulse_id = await asked(shore)
    pulses = await answered(shore, pulse_id, [4] * 6)
    over = shore.now + OPEN_FOR
    for paused, state in ((shore.now, "open"), (None, "shown")):
        async with shore.database.writing() as session:
            await session.execute(update(Server).values(paused_at=paused))
        await pulses.step(over)
        assert (await one(shore, pulse_id)).state == state


async def test_a_group_that_ends_takes_its_pulse_along(shore: Shore) -> None:
    """Unread, and from memory as well."""
    pulse_id = await asked(shore)
    pulses = await answered(shore, pulse_id, [4] * 6)
    async with shore.database.writing() as session:
        await session.execute(update(Group).where(Group.id == RIVER).values(state="archived"))
    await pulses.step(shore.now + MINUTE)
    assert (await one(shore, pulse_id)).state == "called_off"
    assert pulses.count(pulse_id) == 0
    assert not await rows(shore, PulseTally)


async def test_lines_nobody_reads_are_erased(shore: Shore) -> None:
    """Two weeks after the close; old pulses go after a year, with their sums."""
    pulse_id = await closed(shore, [4] * 5, "Line of")
    over = shore.now + OPEN_FOR
    async with shore.database.writing() as session:
        assert await pulse_closing.sweep(session, over + LINES_KEPT - MINUTE) == 0
        assert await pulse_closing.sweep(session, over + LINES_KEPT) == 5
    assert not await rows(shore, PulseLine)
    async with shore.database.reading() as session:
        with pytest.raises(UserError, match=r"pulse\.lines_done"):
            await pulse_lines.read(session, shore.actor(LENA), pulse_id, 0)
    async with shore.database.writing() as session:
        assert await pulse_closing.sweep(session, over + KEPT) == 1
    assert not await rows(shore, PulseTally)


async def test_a_no_goes_with_the_home(shore: Shore) -> None:
    """Who moved out has no say, and leaves none behind."""
    pulse_id = await asked(shore)
    async with shore.database.writing() as session:
        assert not await pulse_asking.say_no(session, shore.actor(LENA), pulse_id, shore.now)
        home = await session.get_one(Membership, (SERVER, LENA))
        await session.delete(home)
        await session.flush()
        for user in RIVER_PEOPLE[1:3]:  # three would be a third of the seven who are left
            assert not await pulse_asking.say_no(session, shore.actor(user), pulse_id, shore.now)
        await pulse_closing.sweep(session, shore.now)
    assert {row.user_id for row in await rows(shore, PulseNo)} == set(RIVER_PEOPLE[1:3])


async def test_noes_that_are_enough_stand_before_the_next_question(shore: Shore) -> None:
    """Said after a pulse was over, they keep the next one from being asked."""
    pulse_id = await closed(shore, [4] * 6)
    async with shore.database.writing() as session:
        for user in RIVER_PEOPLE[:3]:
            assert not await pulse_asking.say_no(session, shore.actor(user), pulse_id, shore.now)
        with pytest.raises(UserError, match=r"pulse\.not_wanted"):
            await pulse_asking.ask(
                session, shore.actor(LENA), RIVER, shore.now + timedelta(days=28)
            )


async def test_owners_neither_ask_nor_read(shore: Shore) -> None:
    """Whoever owns the server without looking after the group."""
    pulse_id = await closed(shore, [4] * 6, "Line of")
    async with shore.database.writing() as session:
        for refused in (
            pulse_asking.ask(session, shore.actor(OWNER), RIVER, shore.now),
            pulse_asking.at_desk(session, shore.actor(OWNER), RIVER),
            pulse_asking.own_pulse(session, shore.actor(OWNER), pulse_id),
            pulse_lines.read(session, shore.actor(OWNER), pulse_id, 0),
            pulse_lines.post(session, shore.actor(OWNER), pulse_id, shore.now, none=True),
        ):
            with pytest.raises(UserError, match=r"pulse\.not_for_owners"):
                await refused
        group = await session.get_one(Group, RIVER)
        who = shore.actor(OWNER)
        assert not await pulse_asking.desk_part(session, who, group, shore.now, shore.settings)


def closing(shore: Shore, at: datetime) -> Closing:
    """Return the week before a moment, as it is closed for the server."""
    groups = tuple(
        GroupThen(group_id, shore.now, frozenset(people))
        for group_id, people in ((RIVER, RIVER_PEOPLE), (POND, range(200, 204)))
    )
    return Closing(SERVER, shore.now, "UTC", Week.of(at).later(-1), groups)


async def figures(shore: Shore, at: datetime) -> dict[tuple[int, str], Figure]:
    """Return what pulses say of the week before a moment."""
    async with shore.database.reading() as session:
        found = await health_pulse.source(session, closing(shore, at))
    return {(one.group_id, one.figure.measure): one.figure for one in found}


async def test_owners_figures_come_four_weeks_later(shore: Shore) -> None:
    """From the week by whose end four are over, for a quarter; with people and an interval."""
    await closed(shore, [5, 5, 4, 4, 4, 2])
    over = shore.now + OPEN_FOR
    early, late = over + OWNERS_AFTER, over + timedelta(weeks=15)
    assert await figures(shore, early) == {}
    found = await figures(shore, early + timedelta(weeks=1))
    assert set(found) == {(g, f"pulse_{q}") for g in (RIVER, WHOLE) for q in QUESTIONS}
    trust = found[RIVER, "pulse_trust"]
    assert (trust.value, trust.people, trust.silent) == (4.0, 6, None)
    assert trust.low is not None
    assert trust.high is not None
    assert 2 < trust.low < 4.0 < trust.high <= 5
    assert found == await figures(shore, early + timedelta(weeks=1)), "the same for ever"
    assert await figures(shore, late) == {}


async def test_a_question_that_few_answered_is_silent(shore: Shore) -> None:
    """Not even how many they were is kept of it; and five who agree make nothing certain.

    Of five out of five, Wilson's interval begins at 5 / (5 + 1.96²) = 0.566: 0.434 of a step less.
    """
    pulse_id = await asked(shore)
    pulses = Pulses(shore.database)
    for user, given in of([4] * FEWEST).items():
        skipped = user == LENA
        own = Given({"trust": 4, "connection": 4}) if skipped else given
        await pulses.take(shore.actor(user), pulse_id, own, shore.now)
    await pulses.step(shore.now + OPEN_FOR)
    found = await figures(shore, shore.now + timedelta(weeks=6))
    belonging, trust = found[RIVER, "pulse_belonging"], found[RIVER, "pulse_trust"]
    assert (belonging.value, belonging.people, belonging.silent) == (None, 0, "few")
    assert (trust.value, trust.low, trust.high) == pytest.approx((4.0, 3.566, 4.434), abs=1e-3)


async def test_pulses_leave_with_their_group(shore: Shore) -> None:
    """No row of a pulse outlives it."""
    await closed(shore, [4] * 6, "Line of")
    async with shore.database.writing() as session:
        await session.execute(text("DELETE FROM server"))
        for table in (Pulse, PulseTally, PulseLine):
            assert not await session.scalar(select(func.count()).select_from(table))
