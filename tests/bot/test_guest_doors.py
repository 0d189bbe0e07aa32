"""The door of a guest evening on the server itself: restarts in between, and people's hands."""

from collections import Counter
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.services import guest_doors
from bot.settings import Settings
from models import Facilitator, GuestEvening
from sandbox.people import Person
from sandbox.permissions import Permission
from tests.bot.harbour import LISTENING, Harbour, harbour

HOUR = timedelta(hours=1)
VIEW = Permission.VIEW_CHANNEL
ENTRY = "/channels/{channel_id}/permissions/{overwrite_id}"


class Evening:
    """Riverside has Millpond over; Kim lives next door."""

    def __init__(self, place: Harbour, here: int, there: int, kim: Person) -> None:
        self.place = place
        self.here = here
        self.there = there
        self.kim = kim
        self.opens_at = place.now + HOUR

    async def looks(self, at: datetime) -> None:
        """Let it be that late, and the tick look at what is due."""
        await self.place.sandbox.advance(max(at, self.place.now))
        async with self.place.writing() as session:
            await guest_doors.step_due(session, self.place.now)

    async def ending(self) -> str | None:
        """Return how it ended."""
        async with self.place.tables.reading() as session:
            return (await session.scalars(select(GuestEvening))).one().ending


@pytest.fixture
async def place(laid: Settings, now: datetime) -> AsyncGenerator[Harbour]:
    """A server with a running bot."""
    async with harbour(laid, now, cogs=LISTENING) as opened:
        await opened.start()
        yield opened


async def planned(place: Harbour) -> Evening:
    """Let both sides have said yes; in an hour, for three."""
    here, there = [await place.group(name) for name in ("Riverside", "Millpond")]
    lena, kim = await place.person("Lena"), await place.person("Kim")
    await place.lives(lena, here)
    await place.lives(kim, there)
    async with place.writing() as session:
        session.add(
            Facilitator(
                server_id=place.guild.id,
                group_id=here,
                user_id=lena.id,
                state="active",
                since=place.now,
            )
        )
        session.add(
            GuestEvening(
                server_id=place.guild.id,
                group_id=here,
                guest_group_id=there,
                host_id=lena.id,
                by_door=True,
                opens_at=place.now + HOUR,
                ends_at=place.now + 4 * HOUR,
                asked_at=place.now,
                agreed_at=place.now,
            )
        )
    assert await place.settled()
    return Evening(place, here, there, kim)


async def test_one_request_in_and_one_out_whatever_happens_in_between(place: Harbour) -> None:
    """Stopped right before the door opens and right before it closes, and started three times."""
    evening = await planned(place)
    room, kim = await place.room(evening.here), evening.kim
    before = place.sandbox.requests.snapshot()

    async def away(at: datetime) -> None:
        """The rows change and the bot is gone; it comes back and finds them."""
        await place.stop()
        await place.sandbox.advance(at)
        async with place.database.writing() as session:
            await guest_doors.step_due(session, place.now)
        await place.start()
        assert await place.settled()

    await away(evening.opens_at)
    assert kim.sees(room)
    await away(evening.opens_at + HOUR)
    assert kim.sees(room)
    await away(evening.opens_at + 3 * HOUR)
    assert not kim.sees(room)
    await away(evening.opens_at + 4 * HOUR)
    done = Counter(place.sandbox.requests.since(before).by_route)
    assert (done[f"PUT {ENTRY}"], done[f"DELETE {ENTRY}"]) == (1, 1)
    assert await evening.ending() == "over"


async def test_a_whole_evening_away_is_no_request_at_all(place: Harbour) -> None:
    """What is over when the bot comes back is not opened for a moment."""
    evening = await planned(place)
    before = place.sandbox.requests.snapshot()
    await place.stop()
    await place.sandbox.advance(evening.opens_at + timedelta(days=7))
    await place.start()
    await evening.looks(place.now)
    assert await place.settled()
    done = Counter(place.sandbox.requests.since(before).by_route)
    assert (done[f"PUT {ENTRY}"], done[f"DELETE {ENTRY}"]) == (0, 0)
    assert await evening.ending() == "missed"


@pytest.mark.parametrize("how", ["taken", "denied", "taken while away"])
async def test_a_door_that_a_hand_shuts_stays_shut(place: Harbour, how: str) -> None:
    """The guests' entry alone: the evening is over, and nothing lets them in again."""
    evening = await planned(place)
    room, kim = await place.room(evening.here), evening.kim
    await evening.looks(evening.opens_at)
    assert await place.settled()
    assert kim.sees(room)
    role = await place.role(evening.there)
    if how == "taken while away":
        await place.stop()
        await place.sandbox.advance(place.now + timedelta(minutes=5))
    if how == "denied":
        await place.owner.set_overwrite(room, role, deny=VIEW)
    else:
        await place.owner.delete_overwrite(room, role)
    if how == "taken while away":
        await place.start()
    assert await place.settled()
    assert await evening.ending() == "by_hand"
    await evening.looks(evening.opens_at + 2 * HOUR)
    assert await place.settled()
    assert not kim.sees(room)
    assert (role.id in room.overwrites) is (how == "denied")


async def test_a_room_that_is_cleared_decides_nothing_about_guests(place: Harbour) -> None:
    """Where the group's own entry went as well, both are put right."""
    evening = await planned(place)
    room, kim = await place.room(evening.here), evening.kim
    await evening.looks(evening.opens_at)
    assert await place.settled()
    await place.owner.edit_channel(room, overwrites=[room.overwrites[place.sandbox.bot_id]])
    assert await place.settled()
    assert kim.sees(room)
    assert await evening.ending() is None
