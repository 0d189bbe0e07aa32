"""People: what they see, what their hands may do, and what their client keeps them from."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox.app import BOT_PERMISSIONS, Sandbox
from sandbox.permissions import Permission
from sandbox.state import AuditAction, ChannelType

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from sandbox.people import Person
    from sandbox.state import Server

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox that nobody talks to over the network."""
    return Sandbox(start=START)


@pytest.fixture
def server(sandbox: Sandbox) -> Server:
    """A server with five members beside its owner and the bot."""
    return sandbox.add_server("Harbour", members=5)


@pytest.fixture
async def kim(sandbox: Sandbox, server: Server) -> Person:
    """An ordinary member."""
    return await sandbox.person(server, "Kim")


def test_a_server_comes_with_what_is_needed(sandbox: Sandbox, server: Server) -> None:
    """Owner, bot with a managed role that is no administrator, two rooms, and the members."""
    assert server.name == "Harbour"
    assert len(server.members) == 7
    assert len(sandbox.people(server)) == 5
    bot = server.members[sandbox.bot_id]
    (role,) = (server.roles[role_id] for role_id in bot.roles)
    assert role.managed
    assert role.bot_id == sandbox.bot_id
    assert role.permissions == BOT_PERMISSIONS
    assert not role.permissions & Permission.ADMINISTRATOR
    assert server.owner.id == server.owner_id
    assert server.channel("general").type is ChannelType.TEXT
    few = sandbox.add_server("Quay", bot_permissions=int(Permission.VIEW_CHANNEL))
    assert few.role("Hearth").permissions == Permission.VIEW_CHANNEL


def test_a_seed_makes_people_repeatable() -> None:
    """The same seed gives the same token and the same names, another one others."""

    def names(seed: int) -> tuple[str, list[str]]:
        sandbox = Sandbox(start=START, seed=seed)
        return sandbox.token, [p.name for p in sandbox.people(sandbox.add_server(members=20))]

    assert names(1) == names(1)
    assert names(1) != names(2)


async def test_people_write_and_answer(server: Server, kim: Person) -> None:
    """Messages stand in the room with their reply and their mentions, in virtual time."""
    room = server.channel("general")
    first = await kim.write(room, "hello")
    reply = await server.owner.write(room.id, "hi", reply_to=first, mentions=[kim])
    assert [message.content for message in room.history] == ["hello", f"hi {kim.mention}"]
    assert reply.reference_id == first.id
    assert reply.mentions == [kim.user]
    assert first.sent_at == START
    await kim.react(reply, "👋")
    assert list(reply.reactions["👋"].users) == [kim.id]
    await kim.unreact(reply, "👋")
    assert not reply.reactions
    await kim.delete(first)
    assert [message.id for message in room.history] == [reply.id]


async def test_overwrites_decide_who_sees_a_room(server: Server, kim: Person) -> None:
    """What a person sees and may say follows roles and overwrites; what is refused raises."""
    owner = server.owner
    crew = await owner.create_role("Crew")
    room = await owner.create_channel("deck")
    await owner.set_overwrite(room, server.everyone, deny=Permission.VIEW_CHANNEL)
    assert not kim.sees(room)
    with pytest.raises(PermissionError, match="50001"):
        await kim.write(room, "knock knock")
    await owner.set_overwrite(room, crew, allow=Permission.VIEW_CHANNEL)
    await owner.give_role(kim, crew)
    assert kim.sees(room)
    assert kim.can_send(room)
    assert [role.name for role in kim.roles] == ["Crew"]
    await owner.set_overwrite(room, kim, deny=Permission.SEND_MESSAGES)
    assert kim.sees(room)
    assert not kim.can_send(room)
    with pytest.raises(PermissionError, match="50013"):
        await kim.write(room, "hello")
    await owner.set_overwrite(room, kim, deny=Permission.READ_MESSAGE_HISTORY)
    assert kim.can_send(room)
    assert not kim.can_react(room)
    await owner.delete_overwrite(room, kim)
    assert kim.can_send(room)
    assert kim.can_react(room)
    await owner.take_role(kim, crew)
    assert not kim.sees(room)


async def test_timed_out_people_may_only_look(
    sandbox: Sandbox, server: Server, kim: Person
) -> None:
    """A timeout holds until its moment on the virtual clock."""
    room = server.channel("general")
    await server.owner.timeout(kim, START + timedelta(days=1))
    assert kim.sees(room)
    assert not kim.can_send(room)
    sandbox.clock.set(START + timedelta(days=1))
    assert kim.can_send(room)
    await server.owner.timeout(kim, START + timedelta(days=2))
    await server.owner.timeout(kim, None)
    assert kim.can_send(room)


async def test_who_leaves_comes_back_without_roles(server: Server, kim: Person) -> None:
    """Leaving takes roles and sight away; what they wrote stays."""
    crew = await server.owner.create_role("Crew")
    await server.owner.give_role(kim, crew)
    room = server.channel("general")
    await kim.write(room, "bye")
    await kim.leave()
    assert not kim.present
    assert not kim.sees(room)
    assert not kim.has(crew)
    with pytest.raises(PermissionError, match="50001"):
        await kim.write(room, "still here?")
    with pytest.raises(PermissionError, match="not in Harbour"):
        await kim.command("home")
    await kim.rejoin()
    assert kim.present
    assert not kim.roles
    assert len(room.history) == 1
    with pytest.raises(ValueError, match="here already"):
        await kim.rejoin()


async def test_banned_people_stay_out(server: Server, kim: Person) -> None:
    """A kick lets someone come back, a ban does not until it is lifted."""
    await server.owner.kick(kim)
    await kim.rejoin()
    await server.owner.ban(kim)
    with pytest.raises(PermissionError):
        await kim.rejoin()
    await server.owner.unban(kim)
    await kim.rejoin()
    assert kim.present


FORBIDDEN: list[Callable[[Person, Server], Coroutine[Any, Any, object]]] = [
    lambda kim, _: kim.create_role("Crew"),
    lambda kim, server: kim.delete_role(server.role("Hearth")),
    lambda kim, server: kim.give_role(kim, server.role("Hearth")),
    lambda kim, server: kim.take_role(server.owner, server.role("Hearth")),
    lambda kim, _: kim.create_channel("deck"),
    lambda kim, server: kim.delete_channel(server.channel("general")),
    lambda kim, server: kim.edit_channel(server.channel("general"), topic="x"),
    lambda kim, server: kim.set_overwrite(server.channel("general"), kim, allow=1 << 11),
    lambda kim, server: kim.delete_overwrite(server.channel("general"), kim),
    lambda kim, server: kim.kick(server.owner),
    lambda kim, server: kim.ban(server.owner),
    lambda kim, server: kim.unban(server.owner),
    lambda kim, server: kim.timeout(server.owner, START + timedelta(hours=1)),
    lambda kim, server: kim.move_role(server.role("Hearth"), 3),
    lambda kim, server: kim.edit_role(server.everyone, name="nobody"),
]


@pytest.mark.parametrize("act", FORBIDDEN)
async def test_members_may_not_moderate(
    server: Server, kim: Person, act: Callable[[Person, Server], Coroutine[Any, Any, object]]
) -> None:
    """Every act that needs a permission is refused to those who lack it, and changes nothing."""
    before = len(server.audit_log), len(server.roles), len(server.channels), len(server.members)
    with pytest.raises(PermissionError, match="50013"):
        await act(kim, server)
    after = len(server.audit_log), len(server.roles), len(server.channels), len(server.members)
    assert after == before


async def test_hands_leave_a_line_in_the_audit_log(server: Server, kim: Person) -> None:
    """What a moderator does by hand is written down under their name."""
    owner = server.owner
    crew = await owner.create_role("Crew", permissions=Permission.MANAGE_ROLES)
    await owner.edit_role(crew, name="Captains")
    await owner.give_role(kim, crew)
    await owner.delete_role(crew)
    assert [entry.action for entry in server.audit_log] == [
        AuditAction.ROLE_CREATE,
        AuditAction.ROLE_UPDATE,
        AuditAction.MEMBER_ROLE_UPDATE,
        AuditAction.ROLE_DELETE,
    ]
    assert {entry.actor_id for entry in server.audit_log} == {owner.id}


async def test_the_role_order_binds_moderators(server: Server, kim: Person) -> None:
    """A moderator hands out only roles below their own."""
    owner = server.owner
    low = await owner.create_role("Crew")
    high = await owner.create_role("Captains", permissions=Permission.MANAGE_ROLES)
    await owner.move_role(high, 3)
    await owner.give_role(kim, high)
    await kim.give_role(kim, low)
    assert kim.has(low)
    with pytest.raises(PermissionError, match="50013"):
        await kim.take_role(kim, high)


async def test_commands_need_a_place_to_call_them(server: Server, kim: Person) -> None:
    """The room is the first one where commands may be called; without one there is none."""
    assert kim.room is server.channel("general")
    use = Permission.USE_APPLICATION_COMMANDS
    await server.owner.set_overwrite(server.channel("general"), server.everyone, deny=use)
    assert kim.room is server.channel("welcome")
    kim.room = server.channel("general")
    with pytest.raises(LookupError, match="no command 'join' is registered; there are: "):
        await kim.command("join")
    kim.room = None
    await server.owner.set_overwrite(server.channel("welcome"), server.everyone, deny=use)
    with pytest.raises(PermissionError, match="nowhere"):
        await kim.command("join")


async def test_rooms_are_found_by_id(kim: Person) -> None:
    """Writing to a room that does not exist says so."""
    with pytest.raises(LookupError, match="no channel 1"):
        await kim.write(1, "hello?")


def test_addresses_need_an_open_sandbox(sandbox: Sandbox) -> None:
    """Before the port is open there is no address."""
    with pytest.raises(RuntimeError, match="not open"):
        assert sandbox.base_url


def test_the_token_is_shaped_like_discords(sandbox: Sandbox) -> None:
    """Three base64 parts with dots between, the first of which is the bot's id."""
    parts = sandbox.token.split(".")
    assert len(parts) == 3
    padded = parts[0] + "=" * (-len(parts[0]) % 4)
    assert base64.b64decode(padded).decode() == str(sandbox.bot_id)
