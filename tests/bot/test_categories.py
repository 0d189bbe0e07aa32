"""The pool of categories at its real edge: 50 channels in each, a further one made before."""

from collections.abc import AsyncGenerator
from datetime import datetime

import pytest

from bot.rules.capacity import ROOMS_IN_A_CATEGORY
from bot.settings import Settings
from sandbox.state import Channel, ChannelType
from tests.bot.harbour import Harbour, harbour

DISCORD_TAKES = 50


@pytest.fixture
async def place(laid: Settings, now: datetime) -> AsyncGenerator[Harbour]:
    """A server with a bot that looks after it."""
    async with harbour(laid, now) as opened:
        await opened.start()
        yield opened


def rooms(place: Harbour) -> list[list[Channel]]:
    """Return the rooms in each of Hearth's categories, by the categories' age."""
    channels = place.guild.channels.values()
    pool = [c for c in channels if c.type is ChannelType.CATEGORY]
    return [[c for c in channels if c.parent_id == category.id] for category in pool]


async def test_the_next_category_is_there_before_one_is_full(place: Harbour) -> None:
    """Two places in each stay for what people put there; nothing is ever refused."""
    for number in range(ROOMS_IN_A_CATEGORY + 1):
        await place.group(f"Group {number}")
    assert await place.settled()
    assert [len(inside) for inside in rooms(place)] == [ROOMS_IN_A_CATEGORY, 1]
    assert place.sandbox.requests.errors == []


async def test_what_people_put_there_counts(place: Harbour) -> None:
    """Voice rooms, too: where they fill a category, the next room goes to a new one."""
    await place.group("Riverside")
    assert await place.settled()
    category = place.guild.channels[rooms(place)[0][0].parent_id or 0]
    for number in range(DISCORD_TAKES - 1):
        await place.owner.create_channel(f"voice-{number}", ChannelType.VOICE, category=category)
    await place.sandbox.settle()
    await place.group("Millpond")
    assert await place.settled()
    assert [len(inside) for inside in rooms(place)] == [DISCORD_TAKES, 1]
    assert place.sandbox.requests.errors == []
