"""Visits in the tables: counted, limited, granted, ended."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import AFTER_COMMIT, Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.scope import MemberScope
from bot.services import visiting, visits
from bot.services.requests import Asked
from bot.services.visits import Visited
from bot.settings import Settings
from models import (
    Apart,
    Bar,
    Door,
    EntryRequest,
    Group,
    GroupType,
    Invitation,
    Member,
    Membership,
    OutboxMessage,
    SetupRole,
    Visit,
)
from tests.services.conftest import (
    JO,
    LENA,
    MARA,
    MILLPOND,
    OMAR,
    RIVERSIDE,
    RIVERSIDE_ROOM,
    SERVER,
    VERA,
    Town,
)

STRANGER = 99


@pytest.fixture
async def session(database: Database, town: Town) -> AsyncGenerator[AsyncSession]:
    """One transaction in the town."""
    async with database.writing() as opened:
        await town(opened)
        await opened.flush()
        yield opened


class Guests:
    """Asks for visits as people do."""

    def __init__(self, session: AsyncSession, settings: Settings) -> None:
        self.session = session
        self.settings = settings

    async def visit(self, user_id: int, now: datetime, group_id: int = RIVERSIDE) -> Visited:
        """Visit, where the door opens at once."""
        found = await self.ask(user_id, now, group_id)
        assert isinstance(found, Visited)
        return found

    async def ask(self, user_id: int, now: datetime, group_id: int = RIVERSIDE) -> Visited | Asked:
        """Visit, or ask to."""
        return await visiting.visit(
            self.session,
            Actor(SERVER, user_id),
            group_id=group_id,
            now=now,
            settings=self.settings,
        )

    async def grant(
        self, user_id: int, now: datetime, group_id: int = RIVERSIDE
    ) -> datetime | None:
        """Be granted a visit; return until when."""
        return await visits.grant(
            self.session, server_id=SERVER, user_id=user_id, group_id=group_id, now=now
        )

    async def refused(self, user_id: int, now: datetime, group_id: int = RIVERSIDE) -> str:
        """Return why a visit cannot be."""
        with pytest.raises(UserError) as error:
            await self.ask(user_id, now, group_id)
        return error.value.key


@pytest.fixture
def guests(session: AsyncSession, settings: Settings) -> Guests:
    """Return who asks."""
    return Guests(session, settings)


async def change_type(session: AsyncSession, **values: object) -> None:
    """Change the one group type."""
    await session.execute(update(GroupType).values(**values))
    session.expire_all()


async def visitors(session: AsyncSession, group_id: int = RIVERSIDE) -> int:
    """Return the counted column as the table has it."""
    return (await session.scalars(select(Group.visitors).where(Group.id == group_id))).one()


async def add_groups(session: AsyncSession, now: datetime, *names: str) -> list[int]:
    """Add groups of the one type; return their ids."""
    groups = [
        Group(server_id=SERVER, type_id=1, name=n, name_key=n, cap=150, created_at=now)
        for n in names
    ]
    session.add_all(groups)
    await session.flush()
    return [group.id for group in groups]


async def test_a_visit_opens_and_ends_by_itself(
    session: AsyncSession, guests: Guests, now: datetime
) -> None:
    """Fourteen days to the second, counted on the group, and the reconciler hears of both ends."""
    visited = await guests.visit(VERA, now)
    assert visited == Visited(
        RIVERSIDE, "Riverside", RIVERSIDE_ROOM, now + timedelta(days=14), told=False
    )
    assert session.info[AFTER_COMMIT] == {MemberScope(SERVER, VERA)}
    assert await visitors(session) == 1
    assert await visits.end_due(session, visited.ends_at - timedelta(seconds=1)) == 0
    session.info[AFTER_COMMIT].clear()
    assert await visits.end_due(session, visited.ends_at + timedelta(hours=9)) == 1
    assert session.info[AFTER_COMMIT] == {MemberScope(SERVER, VERA)}
    assert await visitors(session) == 0
    assert await visits.of_member(session, SERVER, VERA) == []
    assert (await session.scalars(select(Visit.ended_at))).one() == visited.ends_at


async def test_counting_begins_with_the_first_visit_and_is_said(
    session: AsyncSession, guests: Guests, now: datetime
) -> None:
    """Someone new hears that they are counted from now on, once."""
    first = await guests.visit(STRANGER, now)
    second = await guests.visit(STRANGER, now, MILLPOND)
    assert (first.told, second.told) == (True, False)
    assert (await session.get_one(Member, (SERVER, STRANGER))).counted_since == now


async def test_three_visits_at_once(session: AsyncSession, guests: Guests, now: datetime) -> None:
    """The fourth waits until one is over; granted ones do not count."""
    ids = await add_groups(session, now, "a", "b", "c", "d")
    await guests.grant(VERA, now, ids[3])
    for group_id in ids[:3]:
        await guests.visit(VERA, now, group_id)
    assert await guests.refused(VERA, now) == "visits.too_many"
    await visits.end_for(session, server_id=SERVER, user_id=VERA, group_id=ids[0], now=now)
    assert (await guests.visit(VERA, now)).group_id == RIVERSIDE


async def test_a_group_takes_so_many_visitors(
    session: AsyncSession, guests: Guests, now: datetime
) -> None:
    """The counted column holds the type's number; granted visits do not count, nor does homes."""
    await change_type(session, most_visitors=2)
    assert await guests.grant(OMAR, now) == now + timedelta(days=30)
    await guests.visit(VERA, now)
    await guests.visit(STRANGER, now)
    assert await guests.refused(100, now) == "visits.full"
    assert await visitors(session) == 2
    assert (await session.get_one(Group, RIVERSIDE)).homes == 4
    await visits.end_for(session, server_id=SERVER, user_id=VERA, now=now)
    await guests.visit(100, now)
    assert await visitors(session) == 2


async def test_a_hundred_at_once_leave_as_many_as_fit(
    database: Database, town: Town, settings: Settings, now: datetime
) -> None:
    """Whatever arrives at the same moment, 25 are in and the others have an answer."""
    async with database.writing() as session:
        await town(session)

    async def come(user_id: int) -> str:
        try:
            async with database.writing() as session:
                await visiting.visit(
                    session,
                    Actor(SERVER, user_id),
                    group_id=RIVERSIDE,
                    now=now,
                    settings=settings,
                )
        except UserError as error:
            return error.key
        return "in"

    answers = await asyncio.gather(*(come(user_id) for user_id in range(1000, 1100)))
    assert sorted(answers) == ["in"] * 25 + ["visits.full"] * 75
    async with database.reading() as session:
        assert await visitors(session) == len((await session.scalars(select(Visit.id))).all()) == 25


async def test_the_same_visit_again(session: AsyncSession, guests: Guests, now: datetime) -> None:
    """After thirty days, or at once by an invitation, which is used up by it."""
    await guests.visit(VERA, now)
    await visits.end_for(session, server_id=SERVER, user_id=VERA, now=now)
    assert await guests.refused(VERA, now + timedelta(days=29)) == "visits.too_soon"
    session.add(
        Invitation(group_id=RIVERSIDE, user_id=VERA, server_id=SERVER, by_user_id=LENA, at=now)
    )
    await guests.visit(VERA, now + timedelta(days=1))
    assert await session.get(Invitation, (RIVERSIDE, VERA)) is None
    await visits.end_for(session, server_id=SERVER, user_id=VERA, now=now + timedelta(days=2))
    assert await guests.refused(VERA, now + timedelta(days=31)) == "visits.too_soon"
    await guests.visit(VERA, now + timedelta(days=32))


async def test_on_request_the_facilitators_are_asked(
    session: AsyncSession, guests: Guests, settings: Settings, now: datetime
) -> None:
    """Nothing opens before their yes; then the visit counts like any other."""
    await change_type(session, visits="request")
    asked = await guests.ask(VERA, now)
    assert isinstance(asked, Asked)
    request = (await session.scalars(select(EntryRequest))).one()
    assert (request.user_id, request.kind) == (VERA, "visit")
    assert await visits.of_member(session, SERVER, VERA) == []
    owed = (await session.scalars(select(OutboxMessage.content))).all()
    assert len(owed) == 1
    assert str(VERA) not in owed[0]
    admitted = await visits.admit(
        session, server_id=SERVER, user_id=VERA, group_id=RIVERSIDE, now=now, settings=settings
    )
    assert admitted.ends_at == now + timedelta(days=14)
    assert await visitors(session) == 1


async def test_rooms_without_a_role_stay_within_one_call(
    session: AsyncSession, guests: Guests, settings: Settings, now: datetime
) -> None:
    """Members, visitors and guards together are at most a hundred, granted visits included."""
    await change_type(session, access="overwrites", cap=95, most_visitors=50)
    await session.execute(update(Group).values(cap=95, homes=94))
    session.add(SetupRole(server_id=SERVER, role_id=1, part="safety"))
    session.expire_all()
    assert isinstance(await guests.ask(VERA, now), Asked)
    for user_id in (101, 102, 103):  # 2 + 1 + 94 + 3 = 100
        assert await guests.grant(user_id, now) is not None
    assert await guests.grant(104, now) is None
    with pytest.raises(UserError) as error:
        await visits.admit(
            session, server_id=SERVER, user_id=VERA, group_id=RIVERSIDE, now=now, settings=settings
        )
    assert error.value.key == "visits.room_full"
    assert await visitors(session) == 0


async def test_bars_and_aparts_hold(session: AsyncSession, guests: Guests, now: datetime) -> None:
    """Neither asking nor a grant leads past a moderator's word, given for one group or for all."""
    session.add(Bar(server_id=SERVER, user_id=VERA, group_id=0, by_user_id=1, at=now))
    session.add(Apart(server_id=SERVER, low_id=MARA, high_id=OMAR, by_user_id=1, at=now))
    for user_id in (VERA, OMAR):
        assert await guests.refused(user_id, now) == "visits.door_closed"
        granted = await guests.grant(user_id, now)
        assert granted is None


@pytest.mark.parametrize("state", ["here", "kept", "held", "gone"])
async def test_nobody_visits_their_own_home(
    session: AsyncSession, guests: Guests, now: datetime, state: str
) -> None:
    """Least of all to get around a moderator who took the home's role away."""
    home = await session.get_one(Membership, (SERVER, JO))
    home.state = state
    assert await guests.refused(JO, now) == "visits.own_home"
    assert await guests.grant(JO, now) is None


async def test_neighbours_need_no_visit(
    session: AsyncSession, guests: Guests, now: datetime
) -> None:
    """While a sibling's door stands open there is nothing to ask for; afterwards there is."""
    closes_at = now + timedelta(days=30)
    session.add(
        Door(server_id=SERVER, group_id=RIVERSIDE, for_group_id=MILLPOND, closes_at=closes_at)
    )
    assert await guests.refused(OMAR, now) == "visits.door_open"
    assert (await guests.visit(OMAR, closes_at)).group_id == RIVERSIDE


async def test_a_grant_prolongs_an_open_visit(
    session: AsyncSession, guests: Guests, now: datetime
) -> None:
    """One visit, thirty days more; it goes on counting, and its place comes free once."""
    await guests.visit(VERA, now)
    later = now + timedelta(days=3)
    ends_at = await guests.grant(VERA, later)
    assert ends_at == later + timedelta(days=30)
    assert [one.ends_at for one in await visits.of_member(session, SERVER, VERA)] == [ends_at]
    await visits.end_due(session, later + timedelta(days=30))
    assert await visitors(session) == 0


async def test_who_may_end_a_visit(session: AsyncSession, guests: Guests, now: datetime) -> None:
    """The visitor, who looks after the group, owners and moderators; nobody else, and once."""
    may = (
        Actor(SERVER, VERA),
        Actor(SERVER, LENA),
        Actor(SERVER, 500, manages_server=True),
        Actor(SERVER, 501, moderates_members=True),
    )
    for day, actor in enumerate(may):
        at = now + timedelta(days=40 * day)
        await guests.visit(VERA, at)
        (open_visit,) = await visits.of_member(session, SERVER, VERA)
        with pytest.raises(UserError) as error:
            await visits.end(session, Actor(SERVER, JO), open_visit.id, at)
        assert error.value.key == "errors.facilitators_only"
        ended = await visits.end(session, actor, open_visit.id, at)
        assert ended == open_visit
        with pytest.raises(UserError) as error:
            await visits.end(session, actor, open_visit.id, at)
        assert error.value.key == "visits.over"
        assert await visitors(session) == 0


async def test_visitors_are_shown_to_those_who_look_after_the_group(
    session: AsyncSession, guests: Guests, now: datetime
) -> None:
    """The first to leave stands first; members do not see the list."""
    await guests.visit(VERA, now + timedelta(days=1))
    await guests.grant(STRANGER, now)
    found = await visits.of_group(session, Actor(SERVER, LENA), RIVERSIDE)
    assert [one.user_id for one in found] == [VERA, STRANGER]
    with pytest.raises(UserError):
        await visits.of_group(session, Actor(SERVER, JO), RIVERSIDE)
    with pytest.raises(UserError):
        await visits.of_group(session, Actor(SERVER + 1, 1, manages_server=True), RIVERSIDE)
