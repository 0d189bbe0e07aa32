"""A server that is filled to where Hearth stops: refused with a clear word, told once."""

import asyncio
from datetime import timedelta

from bot.rules.capacity import CHANNELS_STOP, ROLES_STOP
from sandbox.state import ChannelType
from tests.cogs.founding import at_home, channel, group, set_up
from tests.conftest import Running

HOUR = timedelta(hours=1, minutes=1)


async def founded(hearth: Running) -> None:
    """Set the server up with an owners' room and a type whose groups are full with ten."""
    owner = hearth.owner
    await set_up(hearth, owners_room=await owner.create_channel("owners"))
    await owner.command("hearth type add", name="Small", cap=10, minimum=5)


async def fill_roles(hearth: Running, up_to: int) -> None:
    """Let the owner make roles of their own until the server has so many."""
    while len(hearth.server.roles) < up_to:
        await hearth.owner.create_role(f"Own {len(hearth.server.roles)}")
    await hearth.settle()


def told(hearth: Running) -> list[str]:
    """Return what the owners' room says of limits and full groups."""
    words = ("that Discord allows", "can't become two")
    history = channel(hearth, "owners").history
    return [m.content for m in history if any(word in m.content for word in words)]


async def test_the_last_role_is_left_to_the_owners(hearth: Running) -> None:
    """The last group that fits is made and says so; the next is refused, and its way on is said."""
    await founded(hearth)
    await fill_roles(hearth, ROLES_STOP - 1)
    last = await hearth.owner.command(
        "hearth group create", name="Riverside", type="Small", purpose="Evening runs together."
    )
    assert "0 more groups of this type fit" in last.text
    assert len(hearth.server.roles) == ROLES_STOP
    refused = await hearth.owner.command(
        "hearth group create", name="Millpond", type="Small", purpose="Evening swims together."
    )
    assert "No further group with a role" in refused.text
    assert "more of those fit" in refused.text
    await hearth.settle()
    assert len(hearth.server.roles) == ROLES_STOP


async def test_owners_hear_of_a_limit_once_and_the_check_says_what_to_do(hearth: Running) -> None:
    """Near, then reached: one word each, however many hours pass; and head-room is nought."""
    await founded(hearth)
    await fill_roles(hearth, 200)
    for _ in range(2):
        await hearth.advance(HOUR)
    assert len(told(hearth)) == 1
    assert "200 of the 250 roles" in told(hearth)[0]
    await fill_roles(hearth, ROLES_STOP)
    for _ in range(2):
        await hearth.advance(HOUR)
    assert len(told(hearth)) == 2
    assert "I've stopped" in told(hearth)[1]
    check = await hearth.owner.command("hearth check")
    assert "238 of 250 roles are in use, and at 238 I stop" in check.text
    assert "There's no room for another group with a role" in check.text


async def test_a_full_group_stays_one_where_nothing_more_fits(hearth: Running) -> None:
    """It is closed to joins and no split is planned; once there is place, one is, by itself."""
    await founded(hearth)
    await group(hearth, type="Small")
    await asyncio.gather(*(at_home(hearth, f"Kim {n}") for n in range(10)))
    await fill_roles(hearth, ROLES_STOP)
    await hearth.advance(HOUR)
    await hearth.advance(HOUR)
    assert sum("**Riverside** is full and can't become two" in word for word in told(hearth)) == 1
    late = await hearth.person("Late")
    assert "is full, all 10 seats" in (await late.command("join", group="Riverside")).text
    own = [role for role in hearth.server.roles.values() if role.name.startswith("Own")]
    for role in own[:20]:
        await hearth.owner.delete_role(role)
    await hearth.advance(HOUR)
    assert any("could become two" in m.content for m in channel(hearth, "owners").history)


async def test_voice_rooms_and_categories_count_as_channels(hearth: Running) -> None:
    """Discord counts them all; with two below the stop a room and its category still fit."""
    await founded(hearth)
    kinds = (ChannelType.VOICE, ChannelType.TEXT)
    for number in range(40):
        await hearth.owner.create_channel(f"Own {number}", ChannelType.CATEGORY)
    while len(hearth.server.channels) < CHANNELS_STOP - 2:
        number = len(hearth.server.channels)
        await hearth.owner.create_channel(f"own-{number}", kinds[number % 2])
    await hearth.settle()
    await group(hearth, type="Small")
    assert len(hearth.server.channels) == CHANNELS_STOP
    refused = await hearth.owner.command(
        "hearth group create", name="Millpond", type="Small", purpose="Evening swims together."
    )
    assert "No further group fits into this server" in refused.text
    check = await hearth.owner.command("hearth check")
    assert "480 of 500 channels are in use, and at 480 I stop" in check.text


async def test_each_missing_right_is_named_with_where_to_switch_it_on(hearth: Running) -> None:
    """By the name that Discord gives it, and with the role that lacks it."""
    await founded(hearth)
    mine = next(role for role in hearth.server.roles.values() if role.managed)
    await hearth.owner.edit_role(mine, permissions=mine.permissions & ~(1 << 17 | 1 << 7))
    await hearth.settle()
    check = await hearth.owner.command("hearth check")
    assert "**View Audit Log**" in check.text
    assert "**Mention @everyone, @here and All Roles**" in check.text
    assert f"Server Settings → Roles → <@&{mine.id}> → Permissions" in check.text
    assert "**Manage Roles**" not in check.text
