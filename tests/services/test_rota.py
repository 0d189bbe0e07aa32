"""Hosts of rituals in the tables: who leaves drops out, who goes along hosts there."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import NotAllowed, UserError
from bot.rules import rota as rules
from bot.rules.actor import Actor
from bot.rules.ritual_forms import checked
from bot.services import (
    facilitators,
    hosting,
    hostless,
    merge_followings,
    privacy,
    ritual_moves,
    rota,
    rota_swaps,
    settling,
)
from models import Group, Membership, OutboxMessage, Ritual, RitualHost, RitualSwap
from tests.services.conftest import JO, KIM, LENA, MARA, MILLPOND, OMAR, RIVERSIDE, SERVER, Town

FRIDAY = datetime(2026, 3, 6, 17, tzinfo=UTC)  # 18:00 in Berlin
DAY = timedelta(days=1)


def who(user_id: int) -> Actor:
    """Return somebody of the server."""
    return Actor(SERVER, user_id)


@pytest.fixture
async def ritual(database: Database, town: Town, now: datetime) -> int:
    """A ritual of Riverside's on Fridays, hosted by Lena, Jo and Mara in turn."""
    form = checked(title="Paths", when="weekly friday 18:00", prompts="A?\nB?", pings="")
    async with database.writing() as session:
        await town(session)
        added = await hosting.add(session, who(LENA), RIVERSIDE, form, now)
        await hosting.start(session, who(LENA), added.id, now)
        for user_id in (JO, MARA):
            await rota.offer(session, who(user_id), added.id, now)
    return added.id


async def order(session: AsyncSession, ritual_id: int) -> list[int]:
    """Return the hosts, the next one first."""
    return await rota.hosts(session, await session.get_one(Ritual, ritual_id))


async def test_who_moves_out_or_is_forgotten_drops_out(
    database: Database, ritual: int, now: datetime
) -> None:
    """The next host's turn comes; what they asked and were asked goes with them."""
    async with database.writing() as session:
        await rota_swaps.ask(session, who(LENA), ritual, [JO, MARA], now)
        home = await session.get_one(Membership, (SERVER, LENA))
        await settling.give_up(session, home, "left", now)
        assert await order(session, ritual) == [JO, MARA]
        assert (await session.scalars(select(RitualSwap))).all() == []
        await rota_swaps.ask(session, who(MARA), ritual, [], now)
        await privacy.forget(session, JO, [SERVER], now)
        assert await order(session, ritual) == [MARA]
        assert (await session.scalars(select(RitualSwap))).all() == []
        await facilitators.gone(session, SERVER, MARA)
        assert await order(session, ritual) == []


async def test_a_facilitator_from_elsewhere_hosts_as_long_as_they_look_after_it(
    database: Database, ritual: int, now: datetime
) -> None:
    """One who lives there hosts on when they step down."""
    async with database.writing() as session:
        await session.execute(
            update(Membership).where(Membership.user_id == LENA).values(group_id=MILLPOND)
        )
        await facilitators.step_down(
            session, server_id=SERVER, group_id=RIVERSIDE, user_id=LENA, now=now
        )
        assert await order(session, ritual) == [JO, MARA]


async def test_without_a_host_it_rests_and_is_asked_about_once(
    database: Database, ritual: int, now: datetime
) -> None:
    """Those who look after the group are named, and neither ritual nor group."""
    async with database.writing() as session:
        assert await hostless.step_due(session, now) == 0
        for user_id in (LENA, JO, MARA):
            await rota.leaves(session, server_id=SERVER, user_id=user_id, group_id=RIVERSIDE)
        assert await hostless.step_due(session, now) == 1
        assert await hostless.step_due(session, now + DAY) == 0
        row = await session.get_one(Ritual, ritual)
        assert (row.state, row.next_due_at, row.hostless_at) == ("paused", None, now)
        (owed,) = (await session.scalars(select(OutboxMessage))).all()
        assert (owed.kind, owed.place) == ("ritual-hostless", "room")
        assert str(LENA) in owed.content
        assert "Paths" not in owed.content
        again = await hosting.start(session, who(LENA), ritual, now + DAY)
        assert (again.hosts, again.turn) == ((LENA,), LENA)
        assert row.hostless_at is None


async def test_it_comes_back_as_soon_as_somebody_hosts_it(
    database: Database, ritual: int, now: datetime
) -> None:
    """Whoever is asked and says yes need not start it; what was let rest, rests."""
    async with database.writing() as session:
        row = await session.get_one(Ritual, ritual)
        for let_rest in (True, False):
            for user_id in (LENA, JO, MARA):
                await rota.leaves(session, server_id=SERVER, user_id=user_id, group_id=RIVERSIDE)
            assert await hostless.step_due(session, now) == 1
            if let_rest:
                await hosting.pause(session, who(LENA), ritual, now)
            await rota.ask(session, who(LENA), ritual, MARA, now)
            await rota.accept(session, who(MARA), ritual, now)
            assert await ritual_moves.resume_due(session, now) == (0 if let_rest else 1)
            if let_rest:
                assert row.state == "paused"
                await hosting.start(session, who(LENA), ritual, now)
        assert (row.state, row.host_id, row.hostless_at) == ("running", MARA, None)
        assert row.next_due_at is not None


async def test_who_goes_along_hosts_there(database: Database, ritual: int, now: datetime) -> None:
    """A split takes hosts along in their order; whose turn is next is settled here as well."""
    async with database.writing() as session:
        await rota_swaps.ask(session, who(LENA), ritual, [MARA], now)
        await hosting.copy_to(
            session, RIVERSIDE, MILLPOND, host_id=None, now=now, along={LENA, MARA}
        )
        assert await order(session, ritual) == [JO]
        twin = await session.scalar(select(Ritual).where(Ritual.group_id == MILLPOND))
        assert twin is not None
        assert (twin.state, twin.host_id) == ("paused", None)
        assert await rota.hosts(session, twin) == [LENA, MARA]
        assert (await session.scalars(select(RitualSwap))).all() == []
        owner = Actor(SERVER, OMAR, manages_server=True)
        started = await hosting.start(session, owner, twin.id, now)
        assert started.hosts == (OMAR, LENA, MARA)


async def test_a_merge_takes_hosts_along_and_leaves_none_behind(
    database: Database, ritual: int, now: datetime
) -> None:
    """Who moves hosts at the table; the room that is only read has no rota any more."""
    del now
    async with database.writing() as session:
        goes = await session.get_one(Group, RIVERSIDE)
        stays = await session.get_one(Group, MILLPOND)
        assert await merge_followings.rituals_follow(session, goes, stays, {LENA, JO})
        twin = await session.scalar(select(Ritual).where(Ritual.group_id == MILLPOND))
        assert twin is not None
        assert await rota.hosts(session, twin) == [LENA, JO]
        left = await session.scalars(select(RitualHost).where(RitualHost.ritual_id == ritual))
        assert left.all() == []


async def test_a_swap_of_turns_that_are_not_next(
    database: Database, ritual: int, now: datetime
) -> None:
    """Two who come later exchange their places; the next turn stays whose it is."""
    async with database.writing() as session:
        await rota_swaps.ask(session, who(JO), ritual, [MARA], now)
        shown = await rota_swaps.accept(session, who(MARA), ritual, now)
        assert shown.hosts == (LENA, MARA, JO)
        with pytest.raises(UserError, match="swap_over"):
            await rota_swaps.accept(session, who(MARA), ritual, now)


async def test_a_round_has_an_end(database: Database, ritual: int, now: datetime) -> None:
    """With many hosts nobody's turn would come; those who were asked are counted."""
    async with database.writing() as session:
        for number in range(rules.HOSTS_MOST - 3):
            user_id = 900 + number
            session.add(
                Membership(server_id=SERVER, user_id=user_id, group_id=RIVERSIDE, since=now)
            )
            await session.flush()
            assert await rota.ask(session, who(LENA), ritual, user_id, now)
        with pytest.raises(UserError, match="many_hosts"):
            await rota.offer(session, who(KIM), ritual, now)
        await rota.decline(session, who(900), ritual)
        await rota.offer(session, who(KIM), ritual, now)


async def test_ids_made_up_open_nothing(database: Database, ritual: int, now: datetime) -> None:
    """A ritual of another server, or none at all, is not held any more for anybody."""
    stranger = Actor(SERVER + 1, LENA)
    async with database.writing() as session:
        for call in (
            rota.card(session, who(LENA), 99, now),
            rota.offer(session, who(JO), 99, now),
            rota.step_out(session, who(JO), 99),
            rota.decline(session, who(JO), 99),
            rota_swaps.accept(session, who(JO), 99, now),
            ritual_moves.card(session, who(LENA), 99, now),
            hostless.question(session, who(LENA), 99),
        ):
            with pytest.raises(NotAllowed, match="gone"):
                await call
        with pytest.raises(UserError, match="not_set_up"):
            await rota.card(session, stranger, ritual, now)


async def test_who_is_held_out_of_the_room_is_passed_over(
    database: Database, ritual: int, now: datetime
) -> None:
    """Their place in the round stays: a moderator may put them back."""
    async with database.writing() as session:
        await session.execute(
            update(Membership).where(Membership.user_id == LENA).values(state="held")
        )
        row = await session.get_one(Ritual, ritual)
        assert await rota.whose_turn(session, row, now) == JO
        assert await order(session, ritual) == [LENA, JO, MARA]
