"""Two who must not meet: every way into a room, one after the other; and doors that are shut."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import AFTER_COMMIT, Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.scope import MemberScope
from bot.services import (
    desired,
    inviting,
    line,
    matching,
    membership,
    removals,
    safety,
    showing_out,
    visits,
)
from bot.settings import Settings
from models import Bar, Door, Group, GroupType, Membership, Removal, Visit
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
HARBOUR = 3


@pytest.fixture
async def session(database: Database, town: Town, now: datetime) -> AsyncGenerator[AsyncSession]:
    """A transaction in the town; Harbour is a third group, where nobody lives yet."""
    async with database.writing() as opened:
        await town(opened)
        opened.add(
            Group(
                id=HARBOUR,
                server_id=SERVER,
                type_id=1,
                name="Harbour",
                name_key="harbour",
                cap=150,
                created_at=now,
            )
        )
        await opened.flush()
        yield opened


async def lives(session: AsyncSession, user_id: int, group_id: int, now: datetime) -> None:
    """Let somebody live in a group, whatever speaks against it."""
    row = await session.get(Membership, (SERVER, user_id))
    group = await session.get_one(Group, group_id)
    if row is None:
        session.add(Membership(server_id=SERVER, user_id=user_id, group_id=group_id, since=now))
    else:
        (await session.get_one(Group, row.group_id)).homes -= 1
        row.group_id = group_id
    group.homes += 1
    await session.flush()


async def doors(session: AsyncSession, now: datetime, *pairs: tuple[int, int]) -> None:
    """Open doors: (room, whose role may enter)."""
    session.add_all(
        Door(
            server_id=SERVER,
            group_id=room,
            for_group_id=whose,
            closes_at=now + timedelta(days=30),
        )
        for room, whose in pairs
    )
    await session.flush()


async def shut(session: AsyncSession, group_id: int, now: datetime) -> frozenset[int]:
    """Return who is shut out of a room by name."""
    wanted = await desired.load(session, SERVER, now=now)
    assert wanted is not None
    return wanted.groups[group_id].shut


async def test_no_way_leads_two_people_together(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """Join, visit, the door to an old home, the waiting list, suggestions: each passes them by."""
    await safety.apart(session, GUARD, OMAR, VERA, now=now)
    with pytest.raises(UserError, match="door_closed"):
        await membership.join(session, SERVER, VERA, MILLPOND, now=now, settings=settings)
    with pytest.raises(UserError, match="door_closed"):
        await visits.way_in(
            session,
            server_id=SERVER,
            user_id=VERA,
            group_id=MILLPOND,
            now=now,
            settings=settings,
        )
    granted = await visits.grant(
        session, server_id=SERVER, user_id=VERA, group_id=MILLPOND, now=now
    )
    assert granted is None
    group = await session.get_one(Group, MILLPOND)
    type_ = await session.get_one(GroupType, group.type_id)
    assert not await line.may_enter(session, group, type_, VERA, now=now, settings=settings)
    lena = Actor(SERVER, LENA, manages_server=True)
    with pytest.raises(UserError, match="invited_barred"):
        await inviting.invite(session, lena, group_id=MILLPOND, user_id=VERA, now=now)
    found = await matching.suggest(session, SERVER, VERA, now=now, settings=settings)
    assert MILLPOND not in {one.group_id for one in found}
    assert await safety.meetings(session, SERVER) == []


async def test_who_came_in_at_the_same_moment_is_seen(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """What was found before the seat was taken does not decide: it is looked at again after it."""
    await lives(session, VERA, HARBOUR, now)
    await safety.apart(session, GUARD, OMAR, VERA, now=now)
    with pytest.raises(UserError, match="door_closed"):
        await visits.begin(session, server_id=SERVER, user_id=OMAR, group_id=HARBOUR, now=now)
    assert (await session.get_one(Group, MILLPOND)).homes == 1
    await membership.join(session, SERVER, JO, HARBOUR, now=now, settings=settings)


async def test_two_never_meet_in_a_third_room_by_doors(
    session: AsyncSession, now: datetime
) -> None:
    """Neither lives or visits there: both could come in by a door, so neither does."""
    await doors(session, now, (HARBOUR, RIVERSIDE), (HARBOUR, MILLPOND))
    await safety.apart(session, GUARD, MARA, OMAR, now=now)
    assert await shut(session, HARBOUR, now) == {MARA, OMAR}
    await safety.together(session, GUARD, MARA, OMAR, now=now)
    assert await shut(session, HARBOUR, now) == frozenset()


async def test_a_removal_shuts_the_door_of_a_neighbour_too(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """Who was removed and moves next door is let in by no role; until the time is over."""
    await doors(session, now, (RIVERSIDE, MILLPOND))
    await showing_out.remove(session, GUARD, KIM, now=now, days=7)
    assert (await session.get_one(Group, RIVERSIDE)).homes == 3
    await membership.join(session, SERVER, KIM, MILLPOND, now=now, settings=settings)
    assert await shut(session, RIVERSIDE, now) == {KIM}
    wanted = await desired.load(session, SERVER, now=now)
    assert wanted is not None
    assert (KIM, RIVERSIDE) in wanted.bars
    session.info[AFTER_COMMIT].clear()
    later = now + timedelta(days=7)
    assert await removals.step_due(session, later - timedelta(seconds=1)) == 0
    assert await removals.step_due(session, later) == 1
    assert MemberScope(SERVER, KIM) in session.info[AFTER_COMMIT]
    assert await shut(session, RIVERSIDE, later) == frozenset()


async def test_an_invitation_lifts_a_removal_and_no_bar(
    session: AsyncSession, now: datetime
) -> None:
    """What moderators shut for good is not the facilitators' to open."""
    lena = Actor(SERVER, LENA)
    await showing_out.remove(session, GUARD, KIM, now=now)
    await inviting.invite(session, lena, group_id=RIVERSIDE, user_id=KIM, now=now)
    assert not (await session.scalars(select(Removal.shut))).one()
    session.add(Bar(server_id=SERVER, user_id=JO, group_id=RIVERSIDE, by_user_id=99, at=now))
    await showing_out.remove(session, GUARD, JO, now=now)
    with pytest.raises(UserError, match="invited_barred"):
        await inviting.invite(session, lena, group_id=RIVERSIDE, user_id=JO, now=now)


async def test_facilitators_end_visits_to_their_own_group_only(
    session: AsyncSession, now: datetime
) -> None:
    """A visit elsewhere, one that is over, and one's own are refused."""
    lena = Actor(SERVER, LENA)
    await visits.begin(session, server_id=SERVER, user_id=JO, group_id=MILLPOND, now=now)
    await visits.begin(session, server_id=SERVER, user_id=OMAR, group_id=RIVERSIDE, now=now)
    rows = {row.group_id: row.id for row in await session.scalars(select(Visit))}
    with pytest.raises(UserError, match="facilitators_only"):
        await showing_out.ask_to_leave(session, lena, rows[MILLPOND], now=now)
    with pytest.raises(UserError, match="moderators_only"):
        await showing_out.end_visit(session, lena, rows[RIVERSIDE], now=now)
    user_id, _place = await showing_out.ask_to_leave(session, lena, rows[RIVERSIDE], now=now)
    assert user_id == OMAR
    with pytest.raises(UserError, match=r"visits\.over"):
        await showing_out.ask_to_leave(session, lena, rows[RIVERSIDE], now=now)
    omar = Actor(SERVER, OMAR, manages_server=True)
    await visits.begin(session, server_id=SERVER, user_id=OMAR, group_id=HARBOUR, now=now)
    own = (await session.scalars(select(Visit.id).where(Visit.group_id == HARBOUR))).one()
    with pytest.raises(UserError, match="own_visit"):
        await showing_out.ask_to_leave(session, omar, own, now=now)
    row = (await session.scalars(select(Removal))).one()
    assert (row.kind, row.user_id, row.by_user_id) == ("asked-to-leave", OMAR, LENA)
