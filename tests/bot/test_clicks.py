"""A person's click never waits behind bulk work, by the buckets that their requests go through."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime

import pytest

from bot.settings import Settings
from sandbox.ratelimits import MEMBER_EDIT
from tests.bot.harbour import PATIENCE, Harbour, harbour

EDIT = "PATCH /guilds/{guild_id}/members/{user_id}"
GIVE = "PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}"
TAKE = "DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}"


@pytest.fixture
async def place(laid: Settings, now: datetime) -> AsyncGenerator[Harbour]:
    """A server with a bot that looks after it."""
    async with harbour(laid, now) as opened:
        await opened.start()
        yield opened


async def test_a_click_goes_through_while_a_split_waits_for_its_bucket(place: Harbour) -> None:
    """Ten of forty are moved and Discord's bucket is empty; who clicks then moves all the same."""
    old, new, other = [await place.group(name) for name in ("Riverside", "Millpond", "Harbour")]
    people = [await place.person() for _ in range(41)]
    await place.all_live(people, old)
    assert await place.settled()
    *movers, kim = people
    # From now on an empty bucket stays empty for Discord's ten seconds, longer than a click takes.
    place.sandbox.rest.limiter.scale = 1.0
    before = place.sandbox.requests.snapshot()
    await place.all_live(movers, new)
    async with asyncio.timeout(PATIENCE):
        while place.sandbox.requests.since(before).by_route[EDIT] < MEMBER_EDIT.limit:  # noqa: ASYNC110 - nothing tells of a request
            await asyncio.sleep(0)
    await place.lives(kim, other)
    assert await place.reconciler.settled(place.member(kim), PATIENCE)
    assert kim.roles == [await place.role(other)]
    log = place.sandbox.requests.since(before)
    assert (log.by_route[GIVE], log.by_route[TAKE]) == (1, 1)
    assert log.by_route[EDIT] == MEMBER_EDIT.limit
    assert log.rate_limited == 0
