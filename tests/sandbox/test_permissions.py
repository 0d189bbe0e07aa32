"""Permissions are computed as Discord documents them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.permissions import (
    ALL,
    Permission,
    channel_permissions,
    outranks_member,
    outranks_role,
    server_permissions,
)
from sandbox.state import Channel, ChannelType, Member, Overwrite, OverwriteType, Role, Server, User

NOW = datetime(2026, 3, 2, tzinfo=UTC)
VIEW, SEND, TIDY = Permission.VIEW_CHANNEL, Permission.SEND_MESSAGES, Permission.MANAGE_MESSAGES
ROLE, MEMBER = OverwriteType.ROLE, OverwriteType.MEMBER
EVERYONE, RED, BLUE, KIM, OWNER = 1, 2, 3, 20, 21


def server(everyone: int = 0, red: int = 0, blue: int = 0) -> Server:
    """Return a server with an owner, Kim (red and blue), and three roles."""
    made = Server(EVERYONE, "Harbour", OWNER)
    made.roles = {
        EVERYONE: Role(EVERYONE, EVERYONE, "@everyone", 0, int(everyone)),
        RED: Role(RED, EVERYONE, "red", 1, int(red)),
        BLUE: Role(BLUE, EVERYONE, "blue", 2, int(blue)),
    }
    made.members = {
        KIM: Member(User(KIM, "kim"), EVERYONE, NOW, {RED, BLUE}),
        OWNER: Member(User(OWNER, "ada"), EVERYONE, NOW),
    }
    return made


def room(*overwrites: Overwrite, kind: ChannelType = ChannelType.TEXT) -> Channel:
    """Return a channel with these overwrites."""
    return Channel(30, kind, EVERYONE, overwrites={item.id: item for item in overwrites})


def seen(where: Server, channel: Channel) -> int:
    """Return what Kim may do in a channel."""
    return channel_permissions(where, where.members[KIM], channel, NOW)


def test_roles_add_up() -> None:
    """A member may do what @everyone or any of their roles may do."""
    made = server(everyone=VIEW, red=SEND, blue=TIDY)
    assert server_permissions(made, made.members[KIM], NOW) == VIEW | SEND | TIDY


def test_the_owner_and_administrators_may_do_everything() -> None:
    """Neither roles nor overwrites can take anything from them."""
    made = server(red=Permission.ADMINISTRATOR)
    closed = room(Overwrite(EVERYONE, ROLE, deny=ALL), Overwrite(KIM, MEMBER, deny=ALL))
    assert seen(made, closed) == ALL
    assert channel_permissions(made, made.members[OWNER], closed, NOW) == ALL


@pytest.mark.parametrize(
    ("overwrites", "expected"),
    [
        ([Overwrite(EVERYONE, ROLE, deny=VIEW)], 0),
        ([Overwrite(EVERYONE, ROLE, deny=VIEW), Overwrite(RED, ROLE, allow=VIEW)], VIEW | SEND),
        ([Overwrite(RED, ROLE, deny=SEND), Overwrite(BLUE, ROLE, allow=SEND)], VIEW | SEND),
        ([Overwrite(RED, ROLE, allow=SEND), Overwrite(KIM, MEMBER, deny=SEND)], VIEW),
        ([Overwrite(RED, ROLE, deny=VIEW), Overwrite(KIM, MEMBER, allow=VIEW)], VIEW | SEND),
        ([Overwrite(OWNER, MEMBER, deny=VIEW)], VIEW | SEND),
    ],
    ids=[
        "everyone is denied",
        "a role opens what everyone is denied",
        "among roles allow wins",
        "the member's own denial wins",
        "the member's own grant wins",
        "another member's overwrite is nothing to Kim",
    ],
)
def test_overwrites_are_applied_in_order(overwrites: list[Overwrite], expected: int) -> None:
    """First @everyone, then all roles together, then the member."""
    assert seen(server(everyone=VIEW | SEND), room(*overwrites)) == expected


def test_an_unseen_channel_grants_nothing() -> None:
    """Without VIEW_CHANNEL every other permission is void."""
    assert seen(server(everyone=SEND | TIDY), room()) == 0


def test_who_may_not_write_may_not_ping_or_attach() -> None:
    """What needs SEND_MESSAGES goes with it."""
    extras = Permission.MENTION_EVERYONE | Permission.ATTACH_FILES | Permission.EMBED_LINKS
    made = server(everyone=VIEW | SEND | extras)
    assert seen(made, room(Overwrite(EVERYONE, ROLE, deny=SEND))) == VIEW
    assert seen(made, room()) == VIEW | SEND | extras


def test_a_voice_room_one_cannot_enter_is_only_seen() -> None:
    """Without CONNECT nothing can be done in a voice channel."""
    made = server(everyone=VIEW | SEND | Permission.SPEAK)
    assert seen(made, room(kind=ChannelType.VOICE)) == VIEW


def test_someone_timed_out_may_only_look() -> None:
    """A timeout ends by itself."""
    made = server(everyone=VIEW | SEND | Permission.READ_MESSAGE_HISTORY)
    kim = made.members[KIM]
    kim.timed_out_until = NOW + timedelta(minutes=5)
    looking = VIEW | Permission.READ_MESSAGE_HISTORY
    assert seen(made, room()) == looking
    assert server_permissions(made, kim, NOW) == looking
    assert channel_permissions(made, kim, room(), NOW + timedelta(minutes=5)) == looking | SEND


def test_hierarchy() -> None:
    """Position decides, then age; nobody stands above the owner, who stands above all."""
    made = server()
    kim, owner = made.members[KIM], made.members[OWNER]
    red, blue = made.roles[RED], made.roles[BLUE]
    kim.roles = {RED}
    assert not outranks_role(made, kim, red)
    assert not outranks_role(made, kim, blue)
    blue.position = red.position
    assert outranks_role(made, kim, blue), "of two roles on one place the older is higher"
    assert outranks_role(made, owner, blue)
    assert outranks_member(made, owner, kim)
    made.roles[EVERYONE].position = 9
    assert not outranks_member(made, kim, owner)
