"""Bars and people kept apart: nothing they end comes back, and nobody meets whom they must not."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import desired, membership, offers, safety, visits
from bot.settings import Settings
from models import (
    Bar,
    Door,
    EntryRequest,
    Facilitator,
    Group,
    GroupType,
    Invitation,
    Member,
    Membership,
    Visit,
    Waiting,
)
from tests.services.conftest import (
    JO,
    KIM,
    LENA,
    MARA,
    MILLPOND,
    OMAR,
    RIVERSIDE,
    SERVER,
    VERA,
    Town,
)

GUARD = Actor(SERVER, 99, moderates_members=True)


@pytest.fixture
async def session(database: Database, town: Town) -> AsyncGenerator[AsyncSession]:
    """A transaction in the town."""
    async with database.writing() as opened:
        await town(opened)
        await opened.flush()
        yield opened


async def homes(session: AsyncSession, group_id: int) -> int:
    """Return how many seats of a group are taken, by its counted column."""
    return (await session.get_one(Group, group_id)).homes


async def visit(session: AsyncSession, user_id: int, group_id: int, now: datetime) -> None:
    """Let someone visit a group."""
    await visits.begin(session, server_id=SERVER, user_id=user_id, group_id=group_id, now=now)


async def open_visits(session: AsyncSession) -> set[tuple[int, int]]:
    """Return who visits where."""
    rows = await session.execute(
        select(Visit.user_id, Visit.group_id).where(Visit.ended_at.is_(None))
    )
    return {(row.user_id, row.group_id) for row in rows}


async def test_a_bar_ends_seat_and_lines_of_one_group(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """The home there is over at once, the visit elsewhere is not; nobody gets in again."""
    await visit(session, LENA, MILLPOND, now)
    assert await safety.bar(session, GUARD, LENA, RIVERSIDE, now=now)
    assert await session.get(Membership, (SERVER, LENA)) is None
    assert await session.get(Facilitator, (RIVERSIDE, LENA)) is None
    assert await homes(session, RIVERSIDE) == 3
    assert await open_visits(session) == {(LENA, MILLPOND)}
    with pytest.raises(UserError, match="door_closed"):
        await membership.join(session, SERVER, LENA, RIVERSIDE, now=now, settings=settings)
    with pytest.raises(UserError, match="door_closed"):
        await visits.way_in(
            session,
            server_id=SERVER,
            user_id=LENA,
            group_id=RIVERSIDE,
            now=now,
            settings=settings,
        )
    await membership.join(session, SERVER, LENA, MILLPOND, now=now, settings=settings)


async def test_a_bar_from_everywhere_leaves_nothing(session: AsyncSession, now: datetime) -> None:
    """Seat, visits, lines and offices end, in every group."""
    await visit(session, KIM, MILLPOND, now)
    session.add(Waiting(server_id=SERVER, user_id=KIM, group_id=MILLPOND, since=now))
    session.add(
        EntryRequest(server_id=SERVER, group_id=MILLPOND, user_id=KIM, kind="join", asked_at=now)
    )
    session.add(
        Invitation(server_id=SERVER, group_id=MILLPOND, user_id=KIM, by_user_id=OMAR, at=now)
    )
    await session.flush()
    assert await safety.bar(session, GUARD, KIM, now=now)
    assert not await safety.bar(session, GUARD, KIM, now=now)
    assert await session.get(Membership, (SERVER, KIM)) is None
    assert await open_visits(session) == set()
    for table in (Waiting, EntryRequest, Invitation):
        assert await session.scalar(select(table)) is None
    assert await safety.bars(session, GUARD) == [(KIM, safety.EVERYWHERE)]


async def test_who_is_barred_is_passed_over_in_the_line(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """A seat that comes free goes to the next, and the bar of one group leaves other lines."""
    session.add(Waiting(server_id=SERVER, user_id=VERA, group_id=MILLPOND, since=now))
    await session.flush()
    await safety.bar(session, GUARD, VERA, RIVERSIDE, now=now)
    made = await offers.step_due(session, now, settings)
    assert [offer.user_id for offer in made] == [VERA]
    await safety.bar(session, GUARD, VERA, MILLPOND, now=now)
    session.add(Waiting(server_id=SERVER, user_id=VERA, group_id=MILLPOND, since=now))
    await session.flush()
    assert await offers.step_due(session, now, settings) == []
    assert (await session.get_one(Group, MILLPOND)).offered == 0


async def test_a_bar_that_is_lifted_opens_the_door(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """The seat is not given back, but they may join like anybody."""
    await safety.bar(session, GUARD, KIM, now=now)
    assert await safety.unbar(session, GUARD, KIM, now=now)
    assert not await safety.unbar(session, GUARD, KIM, now=now)
    assert await session.get(Membership, (SERVER, KIM)) is None
    later = now + timedelta(days=60)
    await membership.join(session, SERVER, KIM, MILLPOND, now=later, settings=settings)


async def test_two_of_one_group_are_apart_once_somebody_says_who_goes(
    session: AsyncSession, now: datetime
) -> None:
    """Hearth asks instead of choosing; who moves out may move in elsewhere at once."""
    with pytest.raises(UserError, match="share_a_home"):
        await safety.apart(session, GUARD, MARA, JO, now=now)
    with pytest.raises(UserError, match="share_a_home"):
        await safety.apart(session, GUARD, MARA, JO, now=now, moves_out=OMAR)
    assert await session.get(Membership, (SERVER, JO)) is not None
    done = await safety.apart(session, GUARD, MARA, JO, now=now, moves_out=JO)
    assert done.moved_out == JO
    assert await session.get(Membership, (SERVER, JO)) is None
    assert await homes(session, RIVERSIDE) == 3
    assert (await session.get_one(Member, (SERVER, JO))).free_move
    assert await safety.meetings(session, SERVER) == []


async def test_an_unlisted_group_is_not_named_to_moderators(
    session: AsyncSession, now: datetime
) -> None:
    """The question who goes does not say where they live."""
    (await session.get_one(GroupType, 1)).listed = False
    with pytest.raises(UserError, match="share_a_room"):
        await safety.apart(session, GUARD, MARA, JO, now=now)


@pytest.mark.parametrize("state", ["kept", "held", "gone"])
async def test_a_seat_that_is_kept_counts_as_well(
    session: AsyncSession, now: datetime, state: str
) -> None:
    """Who may come back at any moment would meet the other one again."""
    (await session.get_one(Membership, (SERVER, JO))).state = state
    with pytest.raises(UserError, match="share_a_home"):
        await safety.apart(session, GUARD, MARA, JO, now=now)


async def test_visits_by_which_they_would_meet_end(session: AsyncSession, now: datetime) -> None:
    """A guest goes and the home stays; where both are guests both go, and lines are left."""
    await visit(session, MARA, MILLPOND, now)
    await visit(session, VERA, MILLPOND, now)
    await visit(session, VERA, RIVERSIDE, now)
    session.add(Waiting(server_id=SERVER, user_id=MARA, group_id=MILLPOND, since=now))
    await session.flush()
    assert (await safety.apart(session, GUARD, MARA, OMAR, now=now)).visits_ended == 1
    assert await session.scalar(select(Waiting)) is None
    assert await open_visits(session) == {(VERA, MILLPOND), (VERA, RIVERSIDE)}
    assert (await safety.apart(session, GUARD, VERA, OMAR, now=now)).visits_ended == 1
    assert await open_visits(session) == {(VERA, RIVERSIDE)}
    assert await safety.meetings(session, SERVER) == []
    assert (await session.get_one(Group, MILLPOND)).visitors == 0


async def test_together_again(session: AsyncSession, now: datetime, settings: Settings) -> None:
    """Once moderators lift it the door is as open as for anybody."""
    await safety.apart(session, GUARD, VERA, OMAR, now=now)
    with pytest.raises(UserError, match="door_closed"):
        await membership.join(session, SERVER, VERA, MILLPOND, now=now, settings=settings)
    assert await safety.together(session, GUARD, OMAR, VERA, now=now)
    assert not await safety.together(session, GUARD, OMAR, VERA, now=now)
    await membership.join(session, SERVER, VERA, MILLPOND, now=now, settings=settings)


async def test_only_moderators_decide(session: AsyncSession, now: datetime) -> None:
    """A facilitator may not, nor a moderator of another server about a group of this one."""
    lena, elsewhere = Actor(SERVER, LENA), Actor(SERVER + 1, 99, moderates_members=True)
    for who, why in ((lena, "moderators_only"), (elsewhere, "not_set_up")):
        with pytest.raises(UserError, match=why):
            await safety.bar(session, who, KIM, RIVERSIDE, now=now)
        with pytest.raises(UserError, match=why):
            await safety.unbar(session, who, KIM, now=now)
        with pytest.raises(UserError, match=why):
            await safety.apart(session, who, KIM, OMAR, now=now)
        with pytest.raises(UserError, match=why):
            await safety.together(session, who, KIM, OMAR, now=now)
        with pytest.raises(UserError, match=why):
            await safety.bars(session, who)
    with pytest.raises(UserError, match="not_yourself"):
        await safety.bar(session, GUARD, GUARD.user_id, now=now)
    with pytest.raises(UserError, match="two_people"):
        await safety.apart(session, GUARD, KIM, KIM, now=now)
    with pytest.raises(UserError, match="not_found"):
        await safety.bar(session, GUARD, KIM, 777, now=now)
    assert await session.scalar(select(Bar)) is None


async def test_a_door_between_halves_stays_shut_for_who_would_meet(
    session: AsyncSession, now: datetime
) -> None:
    """The sibling's role opens the room to all but those who are barred or kept apart from one."""
    for group, other in ((RIVERSIDE, MILLPOND), (MILLPOND, RIVERSIDE)):
        session.add(
            Door(
                server_id=SERVER,
                group_id=group,
                for_group_id=other,
                closes_at=now + timedelta(days=30),
            )
        )
    await safety.bar(session, GUARD, KIM, MILLPOND, now=now)
    await safety.apart(session, GUARD, MARA, OMAR, now=now)
    await visit(session, VERA, MILLPOND, now)
    await safety.apart(session, GUARD, JO, VERA, now=now)
    for asked in ({}, {"users": {MARA}}, {"users": {OMAR}}):
        wanted = await desired.load(session, SERVER, now=now, **asked)
        assert wanted is not None
        assert {RIVERSIDE, MILLPOND} <= wanted.complete
        assert wanted.groups[MILLPOND].shut == {KIM, MARA, JO}
        assert wanted.groups[RIVERSIDE].shut == {OMAR}
    closed = await desired.load(session, SERVER, now=now + timedelta(days=31))
    assert closed is not None
    assert not closed.groups[MILLPOND].shut
