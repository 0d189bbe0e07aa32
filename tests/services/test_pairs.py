"""Pairs by the tables: who is put together, what is a miss, what goes along, what is late."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.actor import Actor
from bot.services import (
    pair_answers,
    pair_hosting,
    pair_moves,
    pair_rounds,
    pair_siblings,
    pair_talk,
    privacy,
    resting,
    retention,
)
from bot.services.outbox import unpacked
from bot.settings import Settings
from models import (
    Apart,
    Connected,
    Facilitator,
    Group,
    GroupRest,
    Lineage,
    Membership,
    OutboxMessage,
    Pair,
    Pairing,
    PairRound,
    PairSeat,
    PairWish,
    Server,
    Takedown,
    Wish,
)

SERVER, RIVERSIDE, MILLPOND = 9_000, 1, 2
WEEK = timedelta(days=7)
LENA, JO, MARA = 1, 2, 3
Town = Callable[[AsyncSession], Awaitable[None]]


@pytest.fixture
async def six(database: Database, town: Town, now: datetime) -> Sequence[int]:
    """Six people of Riverside who would like to be paired each Monday noon, hosted by Lena."""
    people = range(1, 7)
    async with database.writing() as session:
        await town(session)
        (await session.get_one(Server, SERVER)).commons_id = 77
        session.add(_office(LENA, now))
        session.add(
            Pairing(
                id=1,
                server_id=SERVER,
                group_id=RIVERSIDE,
                host_id=LENA,
                cadence="weekly",
                weekday=0,
                hour=12,
                minute=0,
                zone="UTC",
                anchor="2026-03-02",
                begun_at=now,
                next_due_at=now,
            )
        )
        session.add(Connected(server_id=SERVER, since=now - WEEK, until=now + 60 * WEEK))
        await session.flush()
        await settle(session, people, RIVERSIDE, now)
        await wish(session, people, now)
    return people


def _office(user_id: int, now: datetime) -> Facilitator:
    """Return that somebody looks after Riverside."""
    return Facilitator(
        server_id=SERVER, group_id=RIVERSIDE, user_id=user_id, state="active", since=now
    )


async def settle(session: AsyncSession, people: Sequence[int], group: int, now: datetime) -> None:
    """Let people live in a group."""
    for user in people:
        session.add(Membership(server_id=SERVER, user_id=user, group_id=group, since=now))
    await session.flush()


async def wish(session: AsyncSession, people: Sequence[int], now: datetime) -> None:
    """Let people take part."""
    session.add_all(
        PairWish(pairing_id=1, user_id=user, server_id=SERVER, since=now) for user in people
    )
    await session.flush()


async def tables(database: Database) -> list[tuple[int, ...]]:
    """Return who sits with whom in the last round."""
    async with database.reading() as session:
        last = await session.scalar(select(func.max(PairRound.id)))
        rows = await session.execute(
            select(PairSeat.pair_id, PairSeat.user_id)
            .join(Pair, Pair.id == PairSeat.pair_id)
            .where(Pair.round_id == last)
            .order_by(PairSeat.user_id)
        )
    found: dict[int, list[int]] = {}
    for pair_id, user_id in rows:
        found.setdefault(pair_id, []).append(user_id)
    return [tuple(people) for people in found.values()]


async def sent(database: Database, now: datetime, thread_from: int = 500) -> None:
    """Let every message that brings people together stand in a thread of its own."""
    async with database.writing() as session:
        owed = await session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == pair_talk.KIND)
        )
        for row in owed.all():
            row.thread_id = thread_from + row.id
            await pair_talk.sent(session, row, 900 + row.id, now)
            await session.delete(row)


async def one(database: Database, table: type[Any], *where: Any) -> Any:
    """Return the one row there is."""
    async with database.reading() as session:
        return (await session.scalars(select(table).where(*where))).one()


async def rows(database: Database, table: type[Any], *where: Any) -> Sequence[Any]:
    """Return rows of a table."""
    async with database.reading() as session:
        return (await session.scalars(select(table).where(*where))).all()


async def test_five_rounds_bring_everybody_together_once(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """Or nearly: what must repeat repeats with whom it was longest ago; nobody is left."""
    met: list[tuple[int, ...]] = []
    for week in range(5):
        await pair_rounds.step(database, now + week * WEEK)
        await sent(database, now + week * WEEK)
        async with database.writing() as session:
            await session.execute(update(PairSeat).values(answer="met"))
        made = await tables(database)
        assert sorted(user for table in made for user in table) == list(six)
        met += made
    assert len(set(met)) >= 13


async def test_held_once_whatever_happens_in_between(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """Killed before it was written, it is written by the next minute; written twice, once."""
    assert len(six) == 6
    async with database.writing() as session:
        crowd = await pair_rounds.ready(session, 1, now)
    assert crowd is not None
    async with database.writing() as session:
        again = await pair_rounds.ready(session, 1, now + timedelta(minutes=1))
    assert again is not None
    round_ = again.matched()
    async with database.writing() as session:
        assert await pair_rounds.write(session, again, round_, now)
        assert not await pair_rounds.write(session, crowd, crowd.matched(), now)
    await pair_rounds.step(database, now + timedelta(minutes=2))
    assert len(await rows(database, PairRound)) == 1
    assert len(await rows(database, OutboxMessage)) == 3


async def test_whom_moderators_keep_apart_and_who_would_rather_not(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """Neither sits at one table, in any round, though both cost repeats."""
    async with database.writing() as session:
        session.add(Apart(server_id=SERVER, low_id=1, high_id=2, by_user_id=9, at=now))
        session.add(Wish(server_id=SERVER, user_id=4, other_id=3, kind="apart", at=now))
        session.add(Wish(server_id=SERVER, user_id=5, other_id=6, kind="together", at=now))
    assert len(six) == 6
    for week in range(8):
        await pair_rounds.step(database, now + week * WEEK)
        await sent(database, now + week * WEEK)
        async with database.writing() as session:
            await session.execute(update(PairSeat).values(answer="met"))
        for table in await tables(database):
            assert not {(1, 2), (3, 4)} & set(combinations(table, 2))


async def test_two_who_are_kept_apart_since(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """Their thread closes within a minute and nothing is said; both come first the next time."""
    assert len(six) == 6
    await pair_rounds.step(database, now)
    await sent(database, now)
    low, high = (await tables(database))[0]
    async with database.writing() as session:
        session.add(Apart(server_id=SERVER, low_id=low, high_id=high, by_user_id=9, at=now))
    await pair_rounds.step(database, now + timedelta(minutes=1))
    assert len(await rows(database, Takedown)) == 1
    assert await rows(database, OutboxMessage) == []
    firsts = await rows(database, PairWish, PairWish.first)
    assert sorted(row.user_id for row in firsts) == [low, high]


async def test_who_lives_there_no_more_before_it_was_said(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """What was not posted yet is taken back; who is left reads it at /home and comes first."""
    assert len(six) == 6
    await pair_rounds.step(database, now)
    gone, left = (await tables(database))[0]
    async with database.writing() as session:
        home = await session.get_one(Membership, (SERVER, gone))
        home.state = "gone"
    await pair_rounds.step(database, now + timedelta(minutes=1))
    assert len(await rows(database, OutboxMessage)) == 2
    row = await one(database, PairWish, PairWish.user_id == left)
    assert row.first
    assert row.alone_at is not None


async def test_somebody_who_was_forgotten(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """Nothing of them is left; who was to meet them hears that it cannot go on, and comes first."""
    assert len(six) == 6
    await pair_rounds.step(database, now)
    await sent(database, now)
    gone, left = (await tables(database))[0]
    async with database.writing() as session:
        await privacy.forget(session, gone, [SERVER], now)
    await pair_rounds.step(database, now + timedelta(minutes=1))
    (said,) = await rows(database, OutboxMessage)
    assert f"<@{left}>" in said.content
    assert f"<@{gone}>" not in said.content
    assert [row.user_id for row in await rows(database, PairWish, PairWish.first)] == [left]


async def test_three_of_whom_one_goes_before_it_was_said(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """The two who are left are brought together as two."""
    async with database.writing() as session:
        await settle(session, [7], RIVERSIDE, now)
        await wish(session, [7], now)
    await pair_rounds.step(database, now)
    three = next(table for table in await tables(database) if len(table) == 3)
    async with database.writing() as session:
        (await session.get_one(Membership, (SERVER, three[0]))).state = "kept"
    await pair_rounds.step(database, now + timedelta(minutes=1))
    owed = await rows(database, OutboxMessage)
    assert len(owed) == len(six) // 2
    assert not any(f"<@{three[0]}>" in row.content for row in owed)
    assert any(f"<@{three[1]}> <@{three[2]}>" in row.content for row in owed)


async def test_a_week_in_which_nothing_was_heard_is_nobodys_miss(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """Nor is a pair that was never told; a heard one is, and twice is a rest."""
    assert len(six) == 6
    async with database.writing() as session:
        await session.execute(update(Connected).values(until=now + timedelta(hours=1)))
    await pair_rounds.step(database, now)
    await sent(database, now)
    await pair_rounds.step(database, now + WEEK)  # unheard
    assert {row.misses for row in await rows(database, PairWish)} == {0}
    async with database.writing() as session:
        await session.execute(update(Connected).values(until=now + 60 * WEEK))
        await session.execute(update(Pairing).values(thin=0))
    await pair_rounds.step(database, now + 2 * WEEK)  # the second was never told
    assert {row.misses for row in await rows(database, PairWish)} == {0}
    await sent(database, now + 2 * WEEK)
    async with database.writing() as session:
        await session.execute(update(Pairing).values(thin=0))
    await pair_rounds.step(database, now + 3 * WEEK)
    assert {row.misses for row in await rows(database, PairWish)} == {1}


async def test_who_asks_for_another_question_is_there(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """It is a press: that round is none without a word of theirs, but nobody met by it."""
    assert len(six) == 6
    for week in range(2):
        at = now + week * WEEK
        await pair_rounds.step(database, at)
        await sent(database, at, thread_from=500 + 100 * week)
        (first,) = [table for table in await tables(database) if 1 in table]
        async with database.writing() as session:
            pair = await session.scalar(
                select(Pair.id)
                .join(PairSeat, PairSeat.pair_id == Pair.id)
                .where(PairSeat.user_id == 1, Pair.closed_at.is_(None))
                .order_by(Pair.id.desc())
            )
            assert pair is not None
            await pair_answers.another(session, Actor(SERVER, 1), pair, at)
            assert len(first) == 2
            await session.execute(update(Pairing).values(thin=0))
    await pair_rounds.step(database, now + 2 * WEEK)
    resting = await rows(database, PairWish, PairWish.rests_why == "missed")
    assert {row.user_id for row in resting} == {2, 3, 4, 5, 6}
    assert {one.met for one in await rows(database, PairRound)} == {0}


@pytest.mark.parametrize("hosts", [LENA, MARA])
async def test_who_is_asked_about_pairs_that_rest(
    database: Database, six: Sequence[int], now: datetime, hosts: int
) -> None:
    """Its host, if they can decide: one who looks after the group no more could not even read."""
    async with database.writing() as session:
        session.add(_office(JO, now))
        row = await session.get_one(Pairing, 1)
        row.host_id = hosts
        await pair_rounds.rest(session, row, "thin", now)
    assert six
    (owed,) = await rows(database, OutboxMessage)
    asked = set(unpacked(owed.content)[0].users)
    assert asked == {LENA} if hosts == LENA else asked >= {LENA, JO} and MARA not in asked


async def test_down_for_a_week_and_more(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """What is late by more than a day is left out; nothing comes in a burst."""
    assert len(six) == 6
    await pair_rounds.step(database, now + 2 * WEEK + timedelta(days=2))
    assert await rows(database, PairRound) == []
    assert (await one(database, Pairing)).next_due_at == now + 3 * WEEK
    await pair_rounds.step(database, now + 4 * WEEK + timedelta(hours=3))
    assert len(await rows(database, PairRound)) == 1
    assert (await one(database, Pairing)).next_due_at == now + 5 * WEEK


async def test_a_day_of_rest_has_no_round(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """It is left out, and the pairs of the last one keep each other until the next."""
    await pair_rounds.step(database, now)
    before = await tables(database)
    async with database.writing() as session:
        session.add(
            GroupRest(
                server_id=SERVER,
                group_id=RIVERSIDE,
                first="2026-03-07",
                last="2026-03-09",
                why="holiday",
            )
        )
    await pair_rounds.step(database, now + WEEK)
    assert await tables(database) == before
    (held,) = await rows(database, PairRound)
    assert (held.closed_at, held.closes_at) == (None, now + 2 * WEEK)
    await pair_rounds.step(database, now + 2 * WEEK)
    assert len(await rows(database, PairRound)) == 2
    assert len(six) == 6


async def test_the_next_round_is_never_on_a_day_of_rest(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """What people read of it is right as soon as the group plans a rest, and when it thinks again.

    The round that lasts goes on until then.
    """
    assert len(six) == 6
    owner = Actor(SERVER, 999, manages_server=True)
    await pair_rounds.step(database, now)
    async with database.writing() as session:
        rest = await resting.add(
            session, owner, RIVERSIDE, "holidays", first="9 march", last="17 march", now=now
        )
    for _ in range(2):
        assert (await one(database, Pairing)).next_due_at == now + 3 * WEEK
        assert (await one(database, PairRound)).closes_at == now + 3 * WEEK
        await pair_rounds.step(database, now + timedelta(minutes=1))
    async with database.writing() as session:
        when = pair_hosting.read_when("weekly monday 12:00 UTC")
        assert await pair_hosting.change(session, owner, RIVERSIDE, when, now) == now + 3 * WEEK
        row = await pair_hosting.pause(session, owner, 1)
        row.host_id = LENA
        gone_on = await pair_hosting.go_on(session, Actor(SERVER, LENA), 1, now)
        assert gone_on.next_due_at == now + 3 * WEEK
        await resting.end(session, owner, RIVERSIDE, rest.id, now)
    assert (await one(database, Pairing)).next_due_at == now + WEEK
    assert (await one(database, PairRound)).closes_at == now + WEEK


async def test_pairs_that_rest_miss_nothing(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """They are not asked, and the round that lasted is closed by itself."""
    assert len(six) == 6
    await pair_rounds.step(database, now)
    await sent(database, now)
    async with database.writing() as session:
        await session.execute(update(Pairing).values(state="paused", next_due_at=None))
    await pair_rounds.step(database, now + WEEK - timedelta(hours=3))
    assert await rows(database, OutboxMessage) == []
    await pair_rounds.step(database, now + WEEK + timedelta(days=3))
    (held,) = await rows(database, PairRound)
    assert held.closed_at is not None
    assert {row.misses for row in await rows(database, PairWish)} == {0}
    assert len(await rows(database, Takedown)) == 3


async def test_clocks_that_change(database: Database, six: Sequence[int], now: datetime) -> None:
    """In the gap of spring the first moment after it; a week apart on the clock, not in hours."""
    assert len(six) == 6
    async with database.writing() as session:
        await session.execute(
            update(Pairing).values(
                zone="Europe/Berlin",
                weekday=6,
                hour=2,
                minute=30,
                next_due_at=datetime(2026, 3, 22, 1, 30, tzinfo=now.tzinfo),
            )
        )
    await pair_rounds.step(database, datetime(2026, 3, 22, 1, 30, tzinfo=now.tzinfo))
    due = (await one(database, Pairing)).next_due_at
    assert due == datetime(2026, 3, 29, 1, 0, tzinfo=now.tzinfo)
    await pair_rounds.step(database, due)
    assert (await one(database, Pairing)).next_due_at == datetime(
        2026, 4, 5, 0, 30, tzinfo=now.tzinfo
    )
    assert len(await rows(database, PairRound)) == 2


async def test_a_paused_server_waits(database: Database, six: Sequence[int], now: datetime) -> None:
    """Nothing is held or asked in it."""
    assert len(six) == 6
    async with database.writing() as session:
        await session.execute(update(Server).values(paused_at=now))
    await pair_rounds.step(database, now)
    assert await rows(database, PairRound) == []


async def test_threads_are_spread_over_minutes(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """Discord lets a bot open 50 in five minutes; a second group waits for the first."""
    async with database.writing() as session:
        await settle(session, range(310, 430), RIVERSIDE, now)
        await wish(session, range(310, 430), now)
        session.add(
            Pairing(
                id=2,
                server_id=SERVER,
                group_id=MILLPOND,
                host_id=201,
                cadence="weekly",
                weekday=0,
                hour=12,
                minute=0,
                zone="UTC",
                anchor="2026-03-02",
                begun_at=now,
                next_due_at=now,
            )
        )
        await session.flush()
        await settle(session, [201, 202], MILLPOND, now)
        session.add_all(
            PairWish(pairing_id=2, user_id=user, server_id=SERVER, since=now) for user in (201, 202)
        )
    await pair_rounds.step(database, now)
    due = sorted(row.due_at for row in await rows(database, OutboxMessage))
    assert len(due) == (len(six) + 120) // 2 + 1
    for first in due:
        within = [at for at in due if first <= at < first + timedelta(minutes=5)]
        assert len(within) <= 40


async def test_who_moves_along_takes_part_there(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """With the host the pairs run on; whom one met is known by the people."""
    await pair_rounds.step(database, now)
    movers = [LENA, 2, 3]
    async with database.writing() as session:
        await session.execute(
            update(Membership).where(Membership.user_id.in_(movers)).values(group_id=MILLPOND)
        )
        await pair_moves.follow(
            session, from_group_id=RIVERSIDE, to_group_id=MILLPOND, user_ids=movers
        )
    # Somebody who looks after the group hosts them where their host left.
    here = await one(database, Pairing, Pairing.group_id == RIVERSIDE)
    there = await one(database, Pairing, Pairing.group_id == MILLPOND)
    assert (here.host_id, there.host_id, there.state) == (14, LENA, "running")
    wishes = await rows(database, PairWish, PairWish.pairing_id == there.id)
    assert sorted(row.user_id for row in wishes) == movers
    async with database.writing() as session:
        await pair_moves.follow(
            session, from_group_id=MILLPOND, to_group_id=RIVERSIDE, user_ids=movers
        )
    wishes = await rows(database, PairWish, PairWish.pairing_id == here.id)
    assert sorted(row.user_id for row in wishes) == list(six)


async def test_who_moves_without_the_host(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """There they rest until somebody hosts them; who takes part in nothing makes none."""
    assert len(six) == 6
    async with database.writing() as session:
        await pair_moves.follow(
            session, from_group_id=RIVERSIDE, to_group_id=MILLPOND, user_ids=[50]
        )
        assert await session.scalar(select(func.count()).select_from(Pairing)) == 1
        await pair_moves.follow(
            session, from_group_id=RIVERSIDE, to_group_id=MILLPOND, user_ids=[2, 3]
        )
    there = await one(database, Pairing, Pairing.group_id == MILLPOND)
    assert (there.state, there.why, there.host_id) == ("paused", "host", None)
    assert there.begun_at == now


async def test_a_sibling_without_the_commons(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """People of two groups have no room that both see: each side meets its own."""
    async with database.writing() as session:
        await session.execute(update(Pairing).values(sibling_id=MILLPOND, sibling_state="yes"))
        (await session.get_one(Server, SERVER)).commons_id = None
        await settle(session, range(211, 217), MILLPOND, now)
        await wish(session, range(211, 217), now)
    await pair_rounds.step(database, now)
    for table in await tables(database):
        assert len({user in six for user in table}) == 1


async def test_which_siblings_there_are(
    database: Database, six: Sequence[int], now: datetime
) -> None:
    """Of the same lineage, either way round; none that has ended."""
    assert len(six) == 6
    async with database.writing() as session:
        river, pond = [await session.get_one(Group, one) for one in (RIVERSIDE, MILLPOND)]
        assert await pair_siblings.possible(session, river) == []
        session.add(Lineage(child_id=MILLPOND, parent_id=RIVERSIDE, at=now))
        await session.flush()
        assert [one.group_id for one in await pair_siblings.possible(session, river)] == [MILLPOND]
        assert [one.group_id for one in await pair_siblings.possible(session, pond)] == [RIVERSIDE]
        pond.state = "archived"
        await session.flush()
        assert await pair_siblings.possible(session, river) == []


async def test_what_goes_when_its_time_is_over(
    database: Database, six: Sequence[int], now: datetime, settings: Settings
) -> None:
    """Who met whom after a year; a wish when its home is another."""
    await pair_rounds.step(database, now)
    async with database.writing() as session:
        home = await session.get_one(Membership, (SERVER, six[1]))
        home.group_id = MILLPOND
        await retention.sweep(session, now + timedelta(days=360), settings)
    assert len(await rows(database, PairSeat)) == 6
    assert six[1] not in {row.user_id for row in await rows(database, PairWish)}
    async with database.writing() as session:
        await retention.sweep(session, now + timedelta(days=366), settings)
    assert await rows(database, PairSeat) == await rows(database, PairRound) == []
