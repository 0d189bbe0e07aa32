"""Channels that the bot may not see (Discord's docs, Obfuscated Channels)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.app import Sandbox
from sandbox.hands import Hands
from sandbox.permissions import Permission
from sandbox.state import ChannelType, Overwrite, OverwriteType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.people import Person
    from sandbox.state import Channel, Server
    from tests.sandbox.clients import Wire, Wires

VIEW = Permission.VIEW_CHANNEL
HIDDEN = 1 << 17


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """An open sandbox."""
    async with Sandbox(time_scale=1000) as opened:
        yield opened


@pytest.fixture
def server(sandbox: Sandbox) -> Server:
    """A server with nobody but its owner and the bot."""
    return sandbox.add_server()


@pytest.fixture
def owner(server: Server) -> Person:
    """Its owner."""
    return server.owner


def bot_hands(sandbox: Sandbox, server: Server) -> Hands:
    """Return the bot as somebody who can be named in an overwrite."""
    return Hands(sandbox.world, server, sandbox.state.bot)


def closed(server: Server) -> list[Overwrite]:
    """Return overwrites that let nobody look."""
    return [Overwrite(server.id, OverwriteType.ROLE, deny=int(VIEW))]


async def update_of(wire: Wire, channel: Channel) -> dict[str, Any]:
    """Return the next update of a channel."""
    while True:
        told = await wire.until("CHANNEL_UPDATE")
        if told["id"] == str(channel.id):
            return told


async def test_a_hidden_channel_keeps_only_its_place(wires: Wires, owner: Person) -> None:
    """Name, topic and overwrites are replaced, the flag is set; id, type and place are true."""
    server = owner.server
    category = await owner.create_channel("Rooms", ChannelType.CATEGORY)
    room = await owner.create_channel(
        "secret",
        category=category,
        overwrites=[*closed(server), Overwrite(owner.id, OverwriteType.MEMBER, allow=int(VIEW))],
    )
    await owner.edit_channel(room, topic="plans")
    wire = await wires.identified()
    channels = (await wire.until("GUILD_CREATE"))["channels"]
    (told,) = [one for one in channels if one["id"] == str(room.id)]
    assert told["name"] == "___hidden___"
    assert told["flags"] == HIDDEN
    assert told["topic"] is None
    assert told["last_message_id"] is None
    assert told["permission_overwrites"] == [
        {"id": str(server.id), "type": 0, "allow": "0", "deny": str(int(VIEW))}
    ]
    assert told["type"] == 0
    assert told["position"] == room.position
    assert told["parent_id"] == str(category.id)


async def test_access_that_is_gained_tells_everything(
    sandbox: Sandbox, wires: Wires, owner: Person
) -> None:
    """By an overwrite, a role's permissions or a role of the bot's: CHANNEL_UPDATE, in full."""
    server = owner.server
    wire = await wires.identified()
    room = await owner.create_channel("secret", overwrites=closed(server))
    assert (await wire.until("CHANNEL_CREATE"))["name"] == "___hidden___"
    await owner.set_overwrite(room, bot_hands(sandbox, server), allow=VIEW)
    told = await update_of(wire, room)
    assert (told["name"], told["flags"]) == ("secret", 0)
    assert len(told["permission_overwrites"]) == 2
    await owner.delete_overwrite(room, bot_hands(sandbox, server))
    assert (await update_of(wire, room))["flags"] == HIDDEN
    crew = await owner.create_role("Crew")
    await owner.set_overwrite(room, crew, allow=VIEW)
    assert (await update_of(wire, room))["flags"] == HIDDEN
    await owner.give_role(bot_hands(sandbox, server), crew)
    assert (await update_of(wire, room))["name"] == "secret"
    await owner.take_role(bot_hands(sandbox, server), crew)
    assert (await update_of(wire, room))["flags"] == HIDDEN
    boss = await owner.create_role("Boss", permissions=Permission.ADMINISTRATOR)
    await owner.give_role(bot_hands(sandbox, server), boss)
    assert (await update_of(wire, room))["name"] == "secret"
    await owner.edit_role(boss, permissions=0)
    assert (await update_of(wire, room))["flags"] == HIDDEN


async def test_a_category_is_seen_with_any_of_its_rooms(
    sandbox: Sandbox, wires: Wires, owner: Person
) -> None:
    """It appears with the first room in it that the bot sees, and goes with the last."""
    server = owner.server
    wire = await wires.identified()
    category = await owner.create_channel("Rooms", ChannelType.CATEGORY, overwrites=closed(server))
    assert (await wire.until("CHANNEL_CREATE"))["flags"] == HIDDEN
    room = await owner.create_channel("secret", category=category)
    await owner.set_overwrite(room, bot_hands(sandbox, server), allow=VIEW)
    assert (await update_of(wire, category))["name"] == "Rooms"
    await owner.delete_channel(room)
    assert (await update_of(wire, category))["flags"] == HIDDEN
    seen = await owner.create_channel(
        "seen",
        category=category,
        overwrites=[Overwrite(server.id, OverwriteType.ROLE, allow=int(VIEW))],
    )
    assert (await update_of(wire, category))["name"] == "Rooms"
    await owner.edit_channel(seen, parent_id=None)
    assert (await update_of(wire, category))["flags"] == HIDDEN


async def test_hidden_channels_are_not_listed_and_not_found(wires: Wires, owner: Person) -> None:
    """GET channels leaves them out, GET channel refuses with 50001; deleting one is told hidden."""
    server = owner.server
    wire = await wires.identified()
    room = await owner.create_channel("secret", overwrites=closed(server))
    _, listed = await wires.rest("GET", f"/guilds/{server.id}/channels")
    assert str(room.id) not in {one["id"] for one in listed}
    status, refusal = await wires.rest("GET", f"/channels/{room.id}")
    assert (status, refusal["code"]) == (403, 50001)
    await owner.delete_channel(room)
    assert (await wire.until("CHANNEL_DELETE"))["name"] == "___hidden___"


async def test_interactions_name_a_channel_whatever_the_bot_sees(
    sandbox: Sandbox, wires: Wires, owner: Person
) -> None:
    """What a person does in a room that the bot does not see carries the room's real name."""
    server = owner.server
    path = f"/applications/{sandbox.application_id}/commands"
    status, _ = await wires.rest("POST", path, {"name": "hello", "description": "Say hello"})
    assert status in {200, 201}
    room = await owner.create_channel("secret", overwrites=closed(server))
    wire = await wires.identified()
    owner.room = room
    owner.patience = 0.01
    await owner.command("hello")
    told = await wire.until("INTERACTION_CREATE")
    assert told["channel"]["name"] == "secret"
    assert told["channel"].get("flags", 0) == 0
