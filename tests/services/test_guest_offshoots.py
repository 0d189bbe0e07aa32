"""Guest evenings of groups that split, or that somebody leaves to begin another, while they run."""

from datetime import datetime, timedelta

import pytest

from bot.database import Database
from bot.rules.actor import Actor
from bot.services import guest_doors, guest_evenings, splits
from bot.settings import Settings
from models import (
    Door,
    Facilitator,
    Group,
    GroupType,
    GuestComing,
    GuestEvening,
    Member,
    OutboxMessage,
    Visit,
)
from tests.services.test_splits import FRIENDS, HARBOUR, LENA, OTHERS, SERVER, Harbour

INN, INGE = 7, 900  # another group, and who looks after it
HOUR = timedelta(hours=1)
HOSTS = {INN: INGE, HARBOUR: LENA}


class Evenings(Harbour):
    """The full group, its neighbours of the inn, and an evening of both while one splits."""

    async def meet(
        self, group_id: int, *, by_door: bool = True, stood: timedelta | None = None
    ) -> datetime:
        """Let it split an hour after the evening at this group began; return the evening's end.

        With `stood` the door stands open anyway, until so long after the split.
        """
        await self.look()
        splits_at = await self.tell()
        opens_at, ends_at = splits_at - HOUR, splits_at + 3 * HOUR
        async with self.database.writing() as session:
            type_ = await session.get_one(GroupType, 1)
            type_.access = "role" if by_door else "overwrites"
            session.add(
                Group(
                    id=INN,
                    server_id=SERVER,
                    type_id=1,
                    name="Inn",
                    name_key="inn",
                    cap=20,
                    role_id=778,
                    room_id=507,
                    created_at=self.now,
                    opened_at=self.now,
                )
            )
            session.add(Member(server_id=SERVER, user_id=INGE, counted_since=self.now))
            await session.flush()
            session.add(
                Facilitator(
                    group_id=INN, user_id=INGE, server_id=SERVER, state="active", since=self.now
                )
            )
            session.add(
                GuestEvening(
                    id=1,
                    server_id=SERVER,
                    group_id=group_id,
                    guest_group_id=INN if group_id == HARBOUR else HARBOUR,
                    host_id=HOSTS[group_id],
                    by_door=by_door,
                    opens_at=opens_at,
                    ends_at=ends_at,
                    asked_at=self.now,
                    agreed_at=self.now,
                )
            )
            await session.flush()
            if stood is not None:
                session.add(
                    Door(
                        server_id=SERVER,
                        group_id=group_id,
                        for_group_id=INN if group_id == HARBOUR else HARBOUR,
                        closes_at=splits_at + stood,
                    )
                )
            session.add_all(
                GuestComing(evening_id=1, user_id=user_id)
                for user_id in (() if by_door else (FRIENDS[1], OTHERS[1]))
            )
        await self.pass_to(opens_at)
        await self.pass_to(splits_at)
        (self.pond,) = await self.all(Group, Group.name == "Millpond")
        return ends_at

    async def pass_to(self, moment: datetime) -> None:
        """Let the minute come in which this is due."""
        self.now = moment
        async with self.database.writing() as session:
            await splits.step_due(session, self.now, self.settings)
            await guest_doors.step_due(session, self.now)

    async def doors(self, group_id: int) -> dict[int, datetime]:
        """Return whose doors are open into a room, and until when, but for those of the split."""
        rows = await self.all(Door, Door.group_id == group_id)
        parted = {self.pond.id, HARBOUR}
        return {
            row.for_group_id: row.closes_at
            for row in rows
            if not {row.group_id, row.for_group_id} <= parted
        }

    async def call_off(self, user_id: int, evening_id: int, group_id: int) -> str:
        """End it early, for one of the two groups; return what is answered."""
        async with self.database.writing() as session:
            who = Actor(SERVER, user_id)
            said = await guest_evenings.call_off(session, who, evening_id, group_id, self.now)
        return said.lines[0].key


@pytest.fixture
async def evenings(database: Database, settings: Settings, now: datetime) -> Evenings:
    """The full group, which asks before it splits."""
    made = Evenings(database, settings, now)
    await made.build()
    return made


async def test_the_host_ends_it_for_both_halves(evenings: Evenings) -> None:
    """Both are over until then; no door is left for either, and each room has heard of it."""
    until = await evenings.meet(INN)
    pond = evenings.pond.id
    assert await evenings.doors(INN) == {HARBOUR: until, pond: until}
    told = await evenings.all(OutboxMessage, OutboxMessage.kind == "guests")
    assert {row.group_id for row in told if row.key.endswith("there:open")} == {HARBOUR, pond}
    assert await evenings.call_off(INGE, 1, INN) == "guests.are_ended"
    assert await evenings.doors(INN) == {}
    told = await evenings.all(OutboxMessage, OutboxMessage.kind == "guests")
    assert {row.group_id for row in told if row.key.endswith("there:off")} == {HARBOUR, pond}


async def test_a_half_goes_home_early_and_the_other_stays(evenings: Evenings) -> None:
    """Each half ends it for itself; who stays is shown out by the hour."""
    until = await evenings.meet(INN)
    assert await evenings.call_off(LENA, 1, HARBOUR) == "guests.is_ended"
    assert await evenings.doors(INN) == {evenings.pond.id: until}
    await evenings.pass_to(until)
    assert await evenings.doors(INN) == {}
    ended = [row.ending for row in await evenings.all(GuestEvening)]
    assert sorted(ended) == ["off", "over"]


async def test_guests_stay_in_the_room_that_they_were_asked_to(evenings: Evenings) -> None:
    """The half that moves out has a room of its own, and nobody over there."""
    until = await evenings.meet(HARBOUR)
    assert await evenings.doors(HARBOUR) == {INN: until}
    assert await evenings.doors(evenings.pond.id) == {}
    assert await evenings.call_off(LENA, 1, HARBOUR) == "guests.is_ended"
    assert await evenings.doors(HARBOUR) == {}


@pytest.mark.parametrize("after", [timedelta(days=9), 2 * HOUR])
async def test_a_door_that_stood_open_anyway_is_open_to_both_halves(
    evenings: Evenings, after: timedelta
) -> None:
    """Until its own day, also where that is before the evening's end; the evening ends early."""
    stood = {INN: await evenings.meet(HARBOUR, stood=after) - 3 * HOUR + after}
    assert await evenings.doors(evenings.pond.id) == stood
    await evenings.call_off(LENA, 1, HARBOUR)
    assert await evenings.doors(HARBOUR) == stood
    assert await evenings.doors(evenings.pond.id) == stood


async def test_keys_go_along_with_who_has_one(evenings: Evenings) -> None:
    """Without roles each guest has a key; ended early, those who moved are shown out, too."""
    await evenings.meet(INN, by_door=False)
    keys = (Visit.origin == "guest") & Visit.ended_at.is_(None)
    assert {row.user_id for row in await evenings.all(Visit, keys)} == {FRIENDS[1], OTHERS[1]}
    coming = {row.user_id: row.evening_id for row in await evenings.all(GuestComing)}
    assert coming[FRIENDS[1]] != coming[OTHERS[1]]
    assert await evenings.call_off(INGE, 1, INN) == "guests.are_ended"
    assert await evenings.all(Visit, keys) == []
