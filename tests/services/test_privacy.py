"""What is kept about a person is shown, handed over, and goes when they say so."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import AFTER_COMMIT, Database
from bot.rules.scope import MemberScope
from bot.services import personal, privacy, retention
from bot.settings import Settings
from models import (
    Bar,
    Base,
    Concern,
    ConcernReply,
    Group,
    LogEntry,
    Member,
    Membership,
    PreparedChild,
    Removal,
    Ritual,
    Server,
    SplitChild,
)
from tests.services.everything import (
    ELSEWHERE,
    LENA,
    MARA,
    MILLPOND,
    RIVERSIDE,
    SERVER,
    everything,
)

Town = Callable[[AsyncSession], Awaitable[None]]


@pytest.fixture
async def session(database: Database, town: Town, now: datetime) -> AsyncGenerator[AsyncSession]:
    """The town and a server elsewhere, with something about Mara in every table of both."""
    async with database.writing() as opened:
        await town(opened)
        opened.add(Server(id=ELSEWHERE, added_at=now))
        await opened.flush()
        opened.add(
            Group(
                id=3,
                server_id=ELSEWHERE,
                type_id=1,
                name="Far",
                name_key="far",
                cap=150,
                created_at=now,
            )
        )
        await opened.flush()
        await everything(opened, now, SERVER, RIVERSIDE)
        await everything(opened, now, ELSEWHERE, 3)
        opened.add(Membership(server_id=SERVER, user_id=MARA, group_id=MILLPOND, since=now))
        await opened.flush()
        yield opened


async def left(session: AsyncSession, condition: ColumnElement[bool], table: Table) -> int:
    """Return how many rows of a table fulfil a condition."""
    return await session.scalar(select(func.count()).select_from(table).where(condition)) or 0


async def test_show_counts_every_table(session: AsyncSession) -> None:
    """In one server only its own rows, and each table that can hold a person is among them."""
    here = await privacy.show(session, MARA, [SERVER])
    everywhere = await privacy.show(session, MARA)
    assert set(here.rows) == {table.name for table in personal.tables()}
    assert here.rows["bar"] == 2
    assert everywhere.rows["tie"] == 2 * here.rows["tie"] == 2
    assert here.counted_since is not None
    assert not here.opted_out
    assert (await privacy.show(session, 4711)).rows == {}


async def test_export_is_json_and_names_nobody_else(
    session: AsyncSession, settings: Settings
) -> None:
    """All rows, purposes and erase rules; the ids of others are left out."""
    found = json.loads(json.dumps(await privacy.export(session, MARA, [SERVER], settings=settings)))
    assert set(found) == {table.name for table in personal.tables()}
    for table in found.values():
        assert table["purpose"]
        assert table["erased"]
        for row in table["rows"]:
            people = {row[name] for name in personal.PEOPLE if name in row}
            assert people <= {MARA}
    assert found["tie"]["rows"][0]["weight"] == 7
    assert found["draft"]["rows"][0]["content"] == '{"purpose": "mine"}'


async def test_opting_out_erases_what_was_counted(session: AsyncSession, now: datetime) -> None:
    """Home and visits stay, others' rows too; and the way back begins from now."""
    assert await privacy.opt_out(session, MARA, [SERVER], now) == 9
    kept = await privacy.show(session, MARA, [SERVER])
    assert kept.opted_out
    assert kept.counted_since is None
    counted = {
        "active_day",
        "presence",
        "tie",
        "quiet_episode",
        "unanswered",
        "care",
        "ritual_part",
    }
    assert not (counted | {"commons_tie", "circle_member"}) & set(kept.rows)
    assert kept.rows["membership"] == kept.rows["visit"] == 1
    assert (await privacy.show(session, MARA, [ELSEWHERE])).rows["tie"] == 1
    await privacy.opt_in(session, MARA, [SERVER], now + timedelta(days=1))
    kept = await privacy.show(session, MARA, [SERVER])
    assert kept.counted_since == now + timedelta(days=1)
    assert not kept.opted_out


async def test_who_is_counted_in_one_of_two_servers_hears_of_both(
    session: AsyncSession, now: datetime
) -> None:
    """In the bot's DM nobody is told that they are not counted while they are somewhere."""
    await privacy.opt_out(session, MARA, [SERVER], now)
    both = await privacy.show(session, MARA)
    assert (both.opted_out, both.opted_out_in) == (False, 1)
    assert both.counted_since is not None
    await privacy.opt_out(session, MARA, [ELSEWHERE], now)
    both = await privacy.show(session, MARA)
    assert (both.opted_out, both.opted_out_in) == (True, 2)


async def test_opting_in_without_having_opted_out_changes_nothing(
    session: AsyncSession, now: datetime
) -> None:
    """Counting does not begin by a press on an old button."""
    await privacy.opt_in(session, 4711, [SERVER], now)
    assert (await privacy.show(session, 4711, [SERVER])).counted_since is None


async def test_opting_out_before_anything_is_kept(session: AsyncSession, now: datetime) -> None:
    """The wish alone is remembered, where Hearth is; elsewhere there is nothing to remember."""
    where = await privacy.servers(session, 4711, None, [SERVER, 1])
    assert await privacy.opt_out(session, 4711, where, now) == 0
    assert (await privacy.show(session, 4711)).rows == {"member": 1}
    assert await privacy.servers(session, MARA, None, []) == [SERVER, ELSEWHERE]
    assert await privacy.servers(session, MARA, [5], [6]) == [5]


async def test_forget_leaves_nothing_but_what_moderators_decided(
    session: AsyncSession, now: datetime
) -> None:
    """Walked over every column that holds a person's id, in this server only."""
    elsewhere = (await privacy.show(session, MARA, [ELSEWHERE])).rows
    done = await privacy.forget(session, MARA, [SERVER], now)
    assert (done.homes_left, done.bars_kept, done.opt_outs_kept) == (1, 2, 0)
    for table in Base.metadata.sorted_tables:
        for column in personal.people_columns(table):
            mine = (column == MARA) & personal.in_servers(table, [SERVER])
            stays = (table.name, column.name) in {("bar", "user_id"), ("apart", "high_id")}
            assert await left(session, mine, table) == stays, (table.name, column.name)
    assert await personal.owed_naming(session, MARA, [SERVER]) == []
    assert (await privacy.show(session, MARA, [SERVER])).rows == {"bar": 1, "apart": 1}
    assert (await privacy.show(session, MARA, [ELSEWHERE])).rows == elsewhere


async def test_forget_frees_the_seat_and_keeps_the_ritual(
    session: AsyncSession, now: datetime
) -> None:
    """Somebody else may move in; what Mara hosted and looked after is left without her."""
    await privacy.forget(session, MARA, None, now)
    assert await session.scalar(select(Group.homes).where(Group.id == MILLPOND)) == 0
    assert set(await session.scalars(select(Ritual.host_id))) == {None}
    assert set(await session.scalars(select(SplitChild.facilitator_id))) == {None}
    assert set(await session.scalars(select(PreparedChild.facilitator_id))) == {None}
    assert set(await session.scalars(select(Bar.by_user_id))) == {LENA, 0}
    lines = await session.execute(
        select(LogEntry.by_user_id, LogEntry.user_id, LogEntry.undone_by_user_id).order_by(
            LogEntry.action, LogEntry.id
        )
    )
    # What was done stays in the owners' log, without her name.
    assert list(map(tuple, lines)) == [(0, None, 0)] * 2 + [(LENA, None, None)] * 2
    assert MemberScope(SERVER, MARA) in session.info[AFTER_COMMIT]
    assert (await privacy.show(session, MARA)).rows == {"bar": 2, "apart": 2}


async def test_forget_keeps_the_wish_not_to_be_counted(
    session: AsyncSession, now: datetime
) -> None:
    """The opt-out stays, alone in its row."""
    await privacy.opt_out(session, MARA, [SERVER], now)
    done = await privacy.forget(session, MARA, [SERVER], now + timedelta(days=1))
    assert done.opt_outs_kept == 1
    row = await session.get_one(Member, (SERVER, MARA), populate_existing=True)
    assert (row.opted_out_at, row.counted_since, row.first_home_at, row.moves) == (
        now,
        None,
        None,
        0,
    )


async def test_forget_of_somebody_unknown_is_no_error(session: AsyncSession, now: datetime) -> None:
    """There is nothing to erase."""
    done = await privacy.forget(session, 4711, None, now)
    assert (done.rows, done.homes_left, done.bars_kept) == (0, 0, 0)


async def test_words_about_others_are_their_authors_alone(
    session: AsyncSession, settings: Settings, now: datetime
) -> None:
    """Who looked after a concern or answered an appeal is handed over nothing that others wrote."""
    handed = json.dumps(await privacy.export(session, MARA, [SERVER], settings=settings))
    for own in ("Mine.", "Enough.", "Why?", "Hm."):
        assert own in handed
    for theirs in ("Jo's.", "Never.", "Please.", "Noted."):
        assert theirs not in handed
    await privacy.forget(session, MARA, [SERVER], now)
    assert set(await session.scalars(select(Concern.said).where(Concern.server_id == SERVER))) == {
        "Jo's."
    }
    replies = select(ConcernReply.by_user_id, ConcernReply.said)
    found = await session.execute(replies.where(ConcernReply.server_id == SERVER))
    assert list(map(tuple, found)) == [(None, "Hm.")]


async def test_being_forgotten_opens_no_door_that_is_shut(
    session: AsyncSession, settings: Settings, now: datetime
) -> None:
    """The removal stays while its door is shut, without a word; then it goes like the others."""
    row = await session.get_one(Removal, RIVERSIDE)
    row.shut, row.shut_until = True, now + timedelta(days=30)
    await session.flush()
    assert (await privacy.forget(session, MARA, [SERVER], now)).bars_kept == 3
    await session.refresh(row)
    assert (row.user_id, row.reason, row.shut) == (MARA, "", True)
    row.shut = False
    await session.flush()
    await retention.sweep(session, now + timedelta(days=366), settings)
    assert await session.scalar(select(Removal.id).where(Removal.id == RIVERSIDE)) is None
