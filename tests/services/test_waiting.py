"""The line for a seat, and the door that facilitators open."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import joining, offers, requests, waiting
from bot.services.membership import Joined, Outlook
from bot.services.requests import Asked
from bot.settings import Settings
from models import (
    Bar,
    EntryRequest,
    Facilitator,
    Group,
    GroupType,
    Invitation,
    Member,
    Membership,
    OutboxMessage,
    Server,
    Visit,
    Waiting,
)
from tests.services.conftest import (
    JO,
    LENA,
    MILLPOND,
    OMAR,
    RIVERSIDE,
    SERVER,
    SQUARE,
    VERA,
    Town,
)

LENA_ACTS = Actor(SERVER, LENA)


class Door:
    """What people ask for in one transaction, at a moment that the test moves."""

    def __init__(self, session: AsyncSession, settings: Settings, now: datetime) -> None:
        self.session, self.settings, self.now = session, settings, now

    async def wait(self, user_id: int, group_id: int = RIVERSIDE) -> waiting.Waits:
        self.now += timedelta(minutes=1)
        return await waiting.wait(
            self.session, SERVER, user_id, group_id, now=self.now, settings=self.settings
        )

    async def offered(self) -> list[int]:
        """Return who is offered a seat now, in order."""
        made = await offers.step_due(self.session, self.now, self.settings)
        return [offer.user_id for offer in made]

    async def join(self, user_id: int, *, sure: bool = True) -> Joined | Asked | Outlook:
        return await joining.join(
            self.session,
            Actor(SERVER, user_id),
            group=str(RIVERSIDE),
            sure=sure,
            now=self.now,
            settings=self.settings,
        )

    async def home(self, user_id: int) -> int | None:
        row = await self.session.get(Membership, (SERVER, user_id))
        return None if row is None else row.group_id

    async def type(self, **columns: object) -> None:
        row = await self.session.get_one(GroupType, 1)
        for name, value in columns.items():
            setattr(row, name, value)
        await self.session.flush()

    async def fill(self) -> None:
        """Let Riverside be full: four live there, so a cap of four stands for one of 150."""
        (await self.session.get_one(Group, RIVERSIDE)).cap = 4
        await self.session.flush()

    async def free(self, seats: int) -> None:
        (await self.session.get_one(Group, RIVERSIDE)).cap = 4 + seats
        await self.session.flush()

    async def request(self) -> int:
        return (await self.session.scalars(select(EntryRequest.id))).one()

    async def owed(self) -> list[tuple[str, str]]:
        rows = await self.session.execute(select(OutboxMessage.kind, OutboxMessage.place))
        return [(kind, place) for kind, place in rows]


@pytest.fixture
async def door(
    database: Database, town: Town, settings: Settings, now: datetime
) -> AsyncGenerator[Door]:
    """One transaction in the town."""
    async with database.writing() as session:
        await town(session)
        await session.flush()
        yield Door(session, settings, now)


async def test_places_in_line_are_honest(door: Door) -> None:
    """First come, first in line; asking again keeps the place; who leaves moves others up."""
    await door.fill()
    assert [(await door.wait(user)).place for user in (100, 101, 102)] == [1, 2, 3]
    assert (await door.wait(101)).place == 2
    assert await waiting.stop_waiting(door.session, SERVER, 100) == "Riverside"
    assert await waiting.stop_waiting(door.session, SERVER, 100) is None
    assert (await door.wait(102)).place == 2


async def test_waiting_counts_nobody(door: Door) -> None:
    """Counting begins with a home or a visit, and is told in that reply."""
    await door.fill()
    await door.wait(100)
    assert (await door.session.get_one(Member, (SERVER, 100))).counted_since is None
    await door.free(1)
    await door.offered()
    joined = await door.join(100)
    assert isinstance(joined, Joined)
    assert joined.told


async def test_seats_are_offered_in_order(door: Door) -> None:
    """Two seats, the first two in line; the third waits on; nobody is moved in silently."""
    await door.fill()
    for user in (102, 100, 101):
        await door.wait(user)
    assert await door.offered() == []
    await door.free(2)
    assert await door.offered() == [102, 100]
    assert await door.offered() == []
    assert [await door.home(user) for user in (100, 101, 102)] == [None, None, None]
    assert await door.owed() == [("waits", "commons"), ("waits", "commons")]
    assert isinstance(await door.join(102), Joined)
    assert await door.home(102) == RIVERSIDE
    assert (await door.wait(101)).place == 1


async def test_who_may_not_move_is_passed_over_and_keeps_the_place(door: Door) -> None:
    """A cool-down that began meanwhile: the next in line is offered the seat."""
    await door.fill()
    await door.wait(OMAR)
    await door.wait(100)
    member = await door.session.get_one(Member, (SERVER, OMAR))
    member.first_home_at = door.now - timedelta(days=99)
    member.last_move_at, member.moves = door.now, 3
    await door.free(1)
    assert await door.offered() == [100]
    await door.join(100)
    assert (await door.wait(VERA)).place == 2
    door.now += timedelta(days=30)
    await door.free(2)
    assert await door.offered() == [OMAR]
    assert isinstance(await door.join(OMAR), Joined)
    assert await door.home(OMAR) == RIVERSIDE


async def test_nothing_is_offered_while_hearth_is_paused(door: Door) -> None:
    """Nothing moves in a paused server."""
    await door.fill()
    await door.wait(100)
    await door.free(1)
    (await door.session.get_one(Server, SERVER)).paused_at = door.now
    await door.session.flush()
    assert await door.offered() == []


async def test_waiting_somewhere_else_gives_the_place_up(door: Door) -> None:
    """One place in one line."""
    await door.fill()
    (await door.session.get_one(Group, MILLPOND)).cap = 1
    await door.session.flush()
    await door.wait(100)
    assert (await door.wait(100, MILLPOND)).gave_up == "Riverside"
    assert (await door.session.scalars(select(Waiting.group_id))).all() == [MILLPOND]


async def test_no_line_where_there_is_a_seat(door: Door) -> None:
    """Nobody waits for what they could have, or may not have."""
    with pytest.raises(UserError) as refused:
        await door.wait(100)
    assert refused.value.key == "seats.is_free"
    door.session.add(Bar(server_id=SERVER, user_id=101, group_id=0, by_user_id=1, at=door.now))
    await door.fill()
    with pytest.raises(UserError) as refused:
        await door.wait(101)
    assert refused.value.key == "home.door_closed"


async def test_a_move_is_asked_about_once(door: Door) -> None:
    """Who has a home is shown what ends first; nothing has changed by then."""
    outlook = await door.join(OMAR, sure=False)
    assert isinstance(outlook, Outlook)
    assert (outlook.leaves, outlook.visit_stays, outlook.way) == ("Millpond", True, "enter")
    assert await door.home(OMAR) == MILLPOND
    assert isinstance(await door.join(OMAR), Joined)
    assert isinstance(await door.join(VERA, sure=False), Joined)


async def test_a_paused_server_takes_nobody_in(door: Door) -> None:
    """Commands answer that Hearth is paused."""
    (await door.session.get_one(Server, SERVER)).paused_at = door.now
    with pytest.raises(UserError) as refused:
        await door.join(VERA)
    assert refused.value.key == "errors.paused"


async def test_a_request_is_a_neutral_line(door: Door) -> None:
    """The facilitators find a line that names nobody; asking again posts no other."""
    await door.type(entry="request")
    (await door.session.get_one(Server, SERVER)).facilitators_room_id = SQUARE
    first = await door.join(VERA)
    assert isinstance(first, Asked)
    assert not first.again
    again = await door.join(VERA)
    assert isinstance(again, Asked)
    assert again.again
    assert await door.owed() == [("request", "facilitators")]
    content = (await door.session.scalars(select(OutboxMessage.content))).one()
    assert str(VERA) not in content.replace(f"<@{LENA}>", "")
    assert await door.home(VERA) is None


async def test_without_facilitators_the_owners_are_asked(door: Door) -> None:
    """Somebody always hears the knock."""
    await door.type(entry="request")
    server = await door.session.get_one(Server, SERVER)
    server.facilitators_room_id, server.owners_room_id = SQUARE, SQUARE
    await door.session.delete(await door.session.get_one(Facilitator, (RIVERSIDE, LENA)))
    await door.session.flush()
    await door.join(VERA)
    assert await door.owed() == [("request", "owners")]


async def test_only_those_who_decide_see_who_asks(door: Door) -> None:
    """The group's facilitators and the owners."""
    await door.type(entry="request")
    await door.join(VERA)
    request = await door.request()
    with pytest.raises(UserError) as refused:
        await requests.look(door.session, Actor(SERVER, JO), request)
    assert refused.value.key == "errors.facilitators_only"
    for actor in (LENA_ACTS, Actor(SERVER, 77, manages_server=True)):
        assert (await requests.look(door.session, actor, request)).user_id == VERA
    (waits,) = await requests.waiting_for(door.session, LENA_ACTS, RIVERSIDE)
    assert waits.user_id == VERA


async def test_a_yes_opens_the_door(door: Door) -> None:
    """They move in at once, and the request is gone."""
    await door.type(entry="request")
    await door.join(VERA)
    request = await door.request()
    admitted = await requests.let_in(
        door.session, LENA_ACTS, request, now=door.now, settings=door.settings
    )
    assert (admitted.user_id, admitted.waits) == (VERA, False)
    assert await door.home(VERA) == RIVERSIDE
    assert ("welcome", "room") in await door.owed()
    with pytest.raises(UserError) as gone:
        await requests.let_in(
            door.session, LENA_ACTS, request, now=door.now, settings=door.settings
        )
    assert gone.value.key == "home.request_gone"


async def test_a_yes_into_a_full_group_is_a_place_in_line(door: Door) -> None:
    """They are invited, and get the next seat without asking again."""
    await door.type(entry="request")
    await door.fill()
    await door.join(VERA)
    admitted = await requests.let_in(
        door.session, LENA_ACTS, await door.request(), now=door.now, settings=door.settings
    )
    assert admitted.waits
    assert ("waits", "commons") in await door.owed()
    await door.free(1)
    assert await door.offered() == [VERA]
    assert isinstance(await door.join(VERA), Joined)
    assert await door.session.get(Invitation, (RIVERSIDE, VERA)) is None


async def test_a_no_is_kind_and_kept_for_the_asker(door: Door) -> None:
    """Not asked again for two weeks; the next move is free; nobody else hears of it."""
    await door.type(entry="request")
    await door.join(VERA)
    request = await door.request()
    await requests.not_now(door.session, LENA_ACTS, request, now=door.now)
    assert (await door.session.get_one(Member, (SERVER, VERA))).free_move
    content = [
        row.content
        for row in await door.session.scalars(select(OutboxMessage))
        if row.place == "commons"
    ]
    assert len(content) == 1
    assert "Riverside" not in content[0]
    with pytest.raises(UserError) as refused:
        await door.join(VERA)
    assert refused.value.key == "home.refused_lately"
    door.now += timedelta(days=14)
    again = await door.join(VERA)
    assert isinstance(again, Asked)
    assert not again.again


async def test_a_yes_to_a_visit(door: Door) -> None:
    """Requests to visit pass through the same door."""
    await requests.ask(
        door.session,
        server_id=SERVER,
        user_id=VERA,
        group_id=RIVERSIDE,
        kind="visit",
        now=door.now,
    )
    await door.type(visits="request")
    await requests.let_in(
        door.session, LENA_ACTS, await door.request(), now=door.now, settings=door.settings
    )
    assert (await door.session.scalars(select(Visit.user_id))).all() == [VERA]
    assert await door.home(VERA) is None


async def test_a_request_can_be_taken_back_and_grows_old(door: Door) -> None:
    """One's own, and after two weeks without an answer."""
    await door.type(entry="request")
    for user in (VERA, 100):
        await door.join(user)
    assert await requests.withdraw(
        door.session, server_id=SERVER, user_id=VERA, group_id=RIVERSIDE, kind="join"
    )
    assert not await requests.withdraw(
        door.session, server_id=SERVER, user_id=VERA, group_id=RIVERSIDE, kind="join"
    )
    await requests.erase_old(door.session, door.now + timedelta(days=13))
    assert len((await door.session.scalars(select(EntryRequest.id))).all()) == 1
    await requests.erase_old(door.session, door.now + timedelta(days=14))
    assert (await door.session.scalars(select(EntryRequest.id))).all() == []


async def test_a_yes_that_is_no_longer_possible(door: Door) -> None:
    """They moved elsewhere meanwhile and may not move again yet: said, and nothing changes."""
    await door.type(entry="request")
    await door.join(OMAR)
    member = await door.session.get_one(Member, (SERVER, OMAR))
    member.first_home_at = door.now - timedelta(days=99)
    member.last_move_at, member.moves = door.now, 1
    await door.session.flush()
    with pytest.raises(UserError) as refused:
        await requests.let_in(
            door.session, LENA_ACTS, await door.request(), now=door.now, settings=door.settings
        )
    assert refused.value.key == "home.too_soon"
    assert await door.home(OMAR) == MILLPOND
