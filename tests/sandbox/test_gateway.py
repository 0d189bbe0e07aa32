"""The gateway, met by a bare client: sessions, their limits, and what they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.app import Sandbox
from sandbox.intents import Intent
from sandbox.permissions import Permission
from sandbox.state import ChannelType
from tests.sandbox.clients import EVERYTHING, Wires

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.state import Server

NO_CONTENT = EVERYTHING & ~int(Intent.MESSAGE_CONTENT)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """An open sandbox with nothing in it."""
    async with Sandbox() as opened:
        opened.gateway.identify_period = 0
        yield opened


@pytest.fixture
def server(sandbox: Sandbox) -> Server:
    """A server with ten members beside its owner and the bot."""
    return sandbox.add_server(members=10)


async def test_a_session_begins_with_ready_and_its_servers(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """READY names the servers as unavailable, GUILD_CREATE then brings each of them."""
    wire = await wires.open()
    ready = await wire.identify(sandbox)
    assert ready["user"]["id"] == str(sandbox.bot_id)
    assert ready["guilds"] == [{"id": str(server.id), "unavailable": True}]
    assert ready["resume_gateway_url"] == sandbox.gateway_url
    created = await wire.whole("GUILD_CREATE")
    assert created["s"] == 2
    assert created["d"]["unavailable"] is False
    assert created["d"]["member_count"] == 12
    assert [member["user"]["id"] for member in created["d"]["members"]] == [str(sandbox.bot_id)]
    assert [channel["name"] for channel in created["d"]["channels"]] == ["general", "welcome"]


async def test_a_new_server_is_announced_to_open_sessions(sandbox: Sandbox, wires: Wires) -> None:
    """A server that the bot is added to arrives without the mark of a known one."""
    wire = await wires.identified()
    server = sandbox.add_server("Quay")
    created = await wire.until("GUILD_CREATE")
    assert created["id"] == str(server.id)
    assert "unavailable" not in created


async def test_transport_compression_is_one_stream(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """Messages of a compressed connection are inflated by one stream, each at its flush."""
    wire = await wires.open(compressed=True)
    await wire.identify(sandbox)
    await wire.until("GUILD_CREATE")
    for text in ("one", "two"):
        await server.owner.write(server.channel("general"), text)
        assert (await wire.until("MESSAGE_CREATE"))["channel_id"]


async def test_heartbeats_are_acknowledged(wires: Wires) -> None:
    """A heartbeat is answered, before and without identifying."""
    wire = await wires.open()
    assert (await wire.hear())["op"] == 10
    await wire.say(1, None)
    assert (await wire.hear())["op"] == 11


@pytest.mark.parametrize(
    ("op", "data", "code"),
    [
        (2, {"token": "wrong", "intents": 0}, 4004),
        (2, {"intents": 0}, 4004),
        (2, {"intents": "all", "token": True}, 4013),
        (2, {"intents": 0, "shard": [2, 2], "token": True}, 4010),
        (2, {"intents": 0, "shard": "all", "token": True}, 4010),
        (6, {"token": "wrong", "session_id": "x", "seq": 1}, 4004),
        (8, {"guild_id": "1", "query": "", "limit": 0}, 4003),
        (3, {"status": "online"}, 4003),
        (99, {}, 4001),
    ],
)
async def test_wrong_words_end_the_connection(
    sandbox: Sandbox, wires: Wires, op: int, data: dict[str, Any], code: int
) -> None:
    """Each mistake has Discord's own close code; `True` stands for the right token."""
    wire = await wires.open()
    right = data.get("token") is True
    await wire.say(op, {**data, "token": sandbox.token} if right else data)
    assert await wire.sent_away() == code


async def test_what_is_no_json_ends_the_connection(wires: Wires) -> None:
    """Garbage is a decode error."""
    wire = await wires.open()
    await wire.socket.send_str("no json")
    assert await wire.sent_away() == 4002


async def test_identifying_twice_ends_the_connection(sandbox: Sandbox, wires: Wires) -> None:
    """A connection identifies itself once."""
    wire = await wires.identified()
    await wire.say(2, {"token": sandbox.token, "intents": 0})
    assert await wire.sent_away() == 4005


@pytest.mark.parametrize("intent", [Intent.GUILD_MEMBERS, Intent.MESSAGE_CONTENT])
async def test_privileged_intents_follow_their_switch(
    sandbox: Sandbox, wires: Wires, intent: Intent
) -> None:
    """An intent that is switched off in the portal closes with 4014, and is fine when on."""
    sandbox.gateway.allow_members_intent = False
    sandbox.gateway.allow_content_intent = False
    wire = await wires.open()
    await wire.say(2, {"token": sandbox.token, "intents": int(intent)})
    assert await wire.sent_away() == 4014
    sandbox.gateway.allow_members_intent = True
    sandbox.gateway.allow_content_intent = True
    assert await (await wires.open()).identify(sandbox, int(intent))


async def test_the_presences_intent_is_off(sandbox: Sandbox, wires: Wires) -> None:
    """Presences are not served, so asking for them is refused."""
    wire = await wires.open()
    await wire.say(2, {"token": sandbox.token, "intents": int(Intent.GUILD_PRESENCES)})
    assert await wire.sent_away() == 4014


async def test_too_many_words_end_the_connection(wires: Wires) -> None:
    """The 121st message within a minute is one too many."""
    wire = await wires.open()
    for _ in range(121):
        await wire.say(1, None)
    assert await wire.sent_away() == 4008


async def test_a_resumed_session_misses_nothing(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """What happened while the client was away is replayed in order, then RESUMED follows."""
    wire = await wires.open()
    session_id = (await wire.identify(sandbox))["session_id"]
    seen = (await wire.whole("GUILD_CREATE"))["s"]
    sandbox.gateway.drop(resumable=True)
    await wire.sent_away()
    room = server.channel("general")
    written = [await server.owner.write(room, text) for text in ("one", "two")]
    again = await wires.open()
    await again.say(6, {"token": sandbox.token, "session_id": session_id, "seq": seen})
    missed = [await again.whole("MESSAGE_CREATE") for _ in written]
    assert [event["d"]["id"] for event in missed] == [str(message.id) for message in written]
    assert [event["s"] for event in missed] == [seen + 1, seen + 2]
    assert (await again.whole("RESUMED"))["s"] == seen + 3


async def test_a_forgotten_session_begins_anew(sandbox: Sandbox, wires: Wires) -> None:
    """A session that the gateway does not know any more is told to identify again."""
    wire = await wires.open()
    session_id = (await wire.identify(sandbox))["session_id"]
    sandbox.gateway.drop(resumable=False)
    await wire.sent_away()
    again = await wires.open()
    assert (await again.hear())["op"] == 10
    await again.say(6, {"token": sandbox.token, "session_id": session_id, "seq": 1})
    assert await again.hear() == {"op": 9, "d": False}
    await again.say(2, {"token": sandbox.token, "intents": 0})
    assert await again.until("READY")


async def test_a_number_that_was_never_sent_is_refused(sandbox: Sandbox, wires: Wires) -> None:
    """Who says that they heard what was never said is sent away with 4007."""
    wire = await wires.open()
    session_id = (await wire.identify(sandbox))["session_id"]
    sandbox.gateway.drop(resumable=True)
    await wire.sent_away()
    again = await wires.open()
    await again.say(6, {"token": sandbox.token, "session_id": session_id, "seq": 1000})
    assert await again.sent_away() == 4007


async def test_a_polite_drop_asks_to_reconnect(sandbox: Sandbox, wires: Wires) -> None:
    """RECONNECT for a session that may resume, INVALID_SESSION for one that may not."""
    wire = await wires.identified()
    sandbox.gateway.drop(resumable=True, politely=True)
    assert (await wire.hear())["op"] == 7
    sandbox.gateway.drop(resumable=False, politely=True)
    assert await wire.hear() == {"op": 9, "d": False}


async def test_a_clean_goodbye_ends_the_session(sandbox: Sandbox, wires: Wires) -> None:
    """Closing with 1000 gives the session up; it cannot be resumed."""
    wire = await wires.open()
    session_id = (await wire.identify(sandbox))["session_id"]
    await wire.socket.close(code=1000)
    again = await wires.open()
    assert (await again.hear())["op"] == 10
    await again.say(6, {"token": sandbox.token, "session_id": session_id, "seq": 1})
    assert await again.hear() == {"op": 9, "d": False}


async def test_events_follow_the_intents(sandbox: Sandbox, wires: Wires, server: Server) -> None:
    """A session hears only what it asked for."""
    wire = await wires.identified(int(Intent.GUILDS))
    await sandbox.person(server, "Kim")
    await server.owner.write(server.channel("general"), "unheard")
    await server.owner.create_role("Readers")
    event = await wire.whole("GUILD_ROLE_CREATE")
    assert event["s"] == 3, "READY and GUILD_CREATE were all before it"


async def test_content_is_hidden_without_its_intent(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """Two sessions hear the same message, one of them without its words."""
    blind, seeing = await wires.identified(NO_CONTENT), await wires.identified(EVERYTHING)
    room = server.channel("general")
    await server.owner.write(room, "for people")
    assert (await blind.until("MESSAGE_CREATE"))["content"] == ""
    assert (await seeing.until("MESSAGE_CREATE"))["content"] == "for people"
    bot = sandbox.state.bot
    await server.owner.write(room, f"for {bot.mention}")
    assert (await blind.until("MESSAGE_CREATE"))["content"] == f"for {bot.mention}"
    await server.owner.write(server.owner.dm, "in private")
    assert (await blind.until("MESSAGE_CREATE"))["content"] == "in private"


async def test_rooms_the_bot_cannot_see_are_silent(wires: Wires, server: Server) -> None:
    """A message in a hidden room is not heard; the room itself is told without its name."""
    wire = await wires.identified(EVERYTHING)
    owner = server.owner
    hidden = await owner.create_channel("secret")
    assert (await wire.until("CHANNEL_CREATE"))["name"] == "secret"
    await owner.set_overwrite(hidden, server.everyone, deny=Permission.VIEW_CHANNEL)
    assert (await wire.until("CHANNEL_UPDATE"))["name"] == "___hidden___"
    await owner.write(hidden, "unheard")
    heard = await owner.write(server.channel("general"), "heard")
    assert (await wire.until("MESSAGE_CREATE"))["id"] == str(heard.id)


async def test_hidden_rooms_are_hidden_from_the_start(wires: Wires, server: Server) -> None:
    """GUILD_CREATE names no room that the bot cannot see, but the category of one it can."""
    owner = server.owner
    category = await owner.create_channel("Rooms", ChannelType.CATEGORY)
    seen = await owner.create_channel("seen", category=category)
    await owner.set_overwrite(category, server.everyone, deny=Permission.VIEW_CHANNEL)
    await owner.set_overwrite(seen, server.everyone, allow=Permission.VIEW_CHANNEL)
    hidden = await owner.create_channel("secret")
    await owner.set_overwrite(hidden, server.everyone, deny=Permission.VIEW_CHANNEL)
    wire = await wires.identified(EVERYTHING)
    channels = (await wire.until("GUILD_CREATE"))["channels"]
    names = {channel["id"]: channel["name"] for channel in channels}
    assert names[str(category.id)] == "Rooms"
    assert names[str(seen.id)] == "seen"
    assert names[str(hidden.id)] == "___hidden___"


async def test_members_come_in_chunks(sandbox: Sandbox, wires: Wires) -> None:
    """2,502 members are three chunks with the request's nonce."""
    server = sandbox.add_server(members=2500)
    wire = await wires.identified(EVERYTHING)
    assert (await wire.until("GUILD_CREATE"))["large"] is True
    await wire.say(8, {"guild_id": str(server.id), "query": "", "limit": 0, "nonce": "n"})
    chunks = [await wire.until("GUILD_MEMBERS_CHUNK") for _ in range(3)]
    assert [len(chunk["members"]) for chunk in chunks] == [1000, 1000, 502]
    assert [chunk["chunk_index"] for chunk in chunks] == [0, 1, 2]
    assert {chunk["chunk_count"] for chunk in chunks} == {3}
    assert {chunk["nonce"] for chunk in chunks} == {"n"}
    ids = {member["user"]["id"] for chunk in chunks for member in chunk["members"]}
    assert ids == {str(user_id) for user_id in server.members}


async def test_members_are_found_by_ids(sandbox: Sandbox, wires: Wires, server: Server) -> None:
    """Who is asked for comes in one chunk; ids that are not here are listed."""
    wire = await wires.identified(EVERYTHING)
    kim = await sandbox.person(server, "Kim")
    ids = [str(kim.id), "1"]
    await wire.say(8, {"guild_id": str(server.id), "user_ids": ids, "limit": 0})
    chunk = await wire.until("GUILD_MEMBERS_CHUNK")
    assert [member["user"]["id"] for member in chunk["members"]] == [str(kim.id)]
    assert chunk["not_found"] == ["1"]


async def test_members_are_found_by_a_prefix(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """A prefix finds names, at most as many as asked for."""
    wire = await wires.identified(EVERYTHING)
    for name in ("Zarathustra", "Zarah", "Lena"):
        await sandbox.person(server, name)
    for limit, count in ((10, 2), (1, 1)):
        await wire.say(8, {"guild_id": str(server.id), "query": "zara", "limit": limit})
        assert len((await wire.until("GUILD_MEMBERS_CHUNK"))["members"]) == count


async def test_the_whole_list_is_rate_limited(wires: Wires, server: Server) -> None:
    """A second request for everyone within 30 seconds is answered with RATE_LIMITED."""
    wire = await wires.identified(EVERYTHING)
    request = {"guild_id": str(server.id), "query": "", "limit": 0, "nonce": "x"}
    await wire.say(8, request)
    await wire.until("GUILD_MEMBERS_CHUNK")
    await wire.say(8, request)
    limited = await wire.until("RATE_LIMITED")
    assert limited["opcode"] == 8
    assert 0 < limited["retry_after"] <= 30
    assert limited["meta"] == {"guild_id": str(server.id), "nonce": "x"}


async def test_the_whole_list_needs_the_members_intent(wires: Wires, server: Server) -> None:
    """Without the intent the request for everyone is not answered, one by ids is."""
    wire = await wires.identified(int(Intent.GUILDS))
    await wire.say(8, {"guild_id": str(server.id), "query": "", "limit": 0, "nonce": "all"})
    asked = {"guild_id": str(server.id), "user_ids": str(server.owner.id), "nonce": "one"}
    await wire.say(8, asked)
    assert (await wire.until("GUILD_MEMBERS_CHUNK"))["nonce"] == "one"


async def test_an_unknown_compression_is_refused(sandbox: Sandbox, wires: Wires) -> None:
    """A stream that the sandbox cannot write is refused before the handshake."""
    status, _ = await wires.rest("GET", "/../../gateway?compress=none-such")
    assert status == 400
    assert not sandbox.gateway.connected
