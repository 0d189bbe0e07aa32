"""Members over REST: reading, editing in one step, sending out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox import acts
from sandbox.permissions import Permission
from sandbox.state import AuditAction, ChannelType

if TYPE_CHECKING:
    from tests.sandbox.conftest import Api


def empower(api: Api, *powers: Permission) -> None:
    """Give the bot more permissions."""
    for power in powers:
        api.bot_role.permissions |= power


async def test_one_member(api: Api) -> None:
    """10007 tells a stranger from 10013, no account at all."""
    answer = await api.guild("GET", f"/members/{api.kim.id}")
    assert answer.body["user"]["username"] == "Kim"
    assert answer.body["joined_at"] == api.kim.joined_at.isoformat()
    acts.leave_server(api.world, api.server, api.kim)
    assert (await api.guild("GET", f"/members/{api.kim.id}")).code == 10007
    assert (await api.guild("GET", "/members/7")).code == 10013


async def test_members_come_in_pages(api: Api) -> None:
    """In the order of their ids, each once."""
    everyone = sorted([api.bot.id, api.owner.id, api.kim.id, api.join("Lena").id])
    seen: list[int] = []
    while page := (await api.guild("GET", "/members", limit=3, after=max(seen, default=0))).body:
        assert len(page) <= 3
        seen += [int(member["user"]["id"]) for member in page]
    assert seen == everyone
    assert (await api.guild("GET", "/members", limit=1001)).code == 50035


async def test_listing_needs_the_members_intent(api: Api) -> None:
    """Without the switch in the developer portal the list is closed."""
    api.state.application.members_intent = False
    assert (await api.guild("GET", "/members")).code == 50001
    assert (await api.guild("GET", f"/members/{api.kim.id}")).status == 200


async def test_a_member_edit_replaces_all_roles(api: Api) -> None:
    """The whole list is set in one request and one event."""
    old, new = api.role("old"), api.role("new")
    api.kim.roles = {old.id}
    path = f"/members/{api.kim.id}"
    answer = await api.guild("PATCH", path, {"roles": [str(new.id)]})
    assert answer.body["roles"] == [str(new.id)]
    assert api.kim.roles == {new.id}
    assert api.heard.names.count("GUILD_MEMBER_UPDATE") == 1
    entry = api.server.audit_log[-1]
    assert entry.action is AuditAction.MEMBER_ROLE_UPDATE
    assert [change["key"] for change in entry.changes] == ["$add", "$remove"]
    again = await api.guild("PATCH", path, {"roles": [str(new.id)]})
    assert again.status == 200
    assert len(api.server.audit_log) == 1


async def test_a_member_edit_keeps_what_it_may_not_take(api: Api) -> None:
    """Leaving out a managed or a higher role is an attempt to take it, and refused as a whole."""
    high, low = api.role("Moderators", position=9), api.role("Riverside")
    api.kim.roles = {high.id}
    path = f"/members/{api.kim.id}"
    assert (await api.guild("PATCH", path, {"roles": [str(low.id)]})).code == 50013
    assert api.kim.roles == {high.id}
    both = [str(high.id), str(low.id)]
    assert (await api.guild("PATCH", path, {"roles": both})).status == 200
    assert api.kim.roles == {high.id, low.id}
    assert (await api.guild("PATCH", path, {"roles": ["12"]})).code == 10011


async def test_a_refused_part_refuses_the_whole_edit(api: Api) -> None:
    """Roles stay as they were when the nickname may not be changed."""
    role = api.role("Riverside")
    body = {"roles": [str(role.id)], "nick": "K"}
    assert (await api.guild("PATCH", f"/members/{api.kim.id}", body)).code == 50013
    assert api.kim.roles == set()
    empower(api, Permission.MANAGE_NICKNAMES)
    assert (await api.guild("PATCH", f"/members/{api.kim.id}", body)).body["nick"] == "K"
    assert api.kim.roles == {role.id}


async def test_the_bot_names_itself(api: Api) -> None:
    """Its own nickname needs no power over others."""
    assert (await api.guild("PATCH", "/members/@me", {"nick": "Ember"})).body["nick"] == "Ember"
    assert api.bot.nick == "Ember"
    assert [i for name, _, i in api.heard.events if name == "GUILD_MEMBER_UPDATE"] == [None]


async def test_timeouts(api: Api) -> None:
    """Up to 28 days, by those who may, and never for an administrator."""
    path = f"/members/{api.kim.id}"
    until = api.clock.now() + timedelta(hours=1)
    body = {"communication_disabled_until": until.isoformat()}
    assert (await api.guild("PATCH", path, body)).code == 50013
    empower(api, Permission.MODERATE_MEMBERS)
    assert (await api.guild("PATCH", path, body)).status == 200
    assert api.kim.timed_out_until == until
    far = {"communication_disabled_until": (until + timedelta(days=28)).isoformat()}
    assert (await api.guild("PATCH", path, far)).code == 50035
    assert (await api.guild("PATCH", path, {"communication_disabled_until": None})).status == 200
    assert api.kim.timed_out_until is None
    api.kim.roles.add(api.role("Admins", permissions=Permission.ADMINISTRATOR).id)
    assert (await api.guild("PATCH", path, body)).code == 50013


async def test_kicking(api: Api) -> None:
    """The member is gone, and the log says who did it."""
    path = f"/members/{api.kim.id}"
    assert (await api.guild("DELETE", path)).code == 50013
    empower(api, Permission.KICK_MEMBERS)
    assert (await api.guild("DELETE", path)).status == 204
    assert api.kim.id not in api.server.members
    assert api.heard.names[-2:] == ["GUILD_MEMBER_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert (await api.guild("DELETE", f"/members/{api.owner.id}")).code == 50013


async def test_banning(api: Api) -> None:
    """A ban sends out, can be read, keeps out, deletes what was said, and can be lifted."""
    empower(api, Permission.BAN_MEMBERS)
    acts.send(api.world, api.kim.user, api.room, acts.Draft("old"))
    api.pass_time(virtual=timedelta(days=2))
    acts.send(api.world, api.kim.user, api.room, acts.Draft("new"))
    path = f"/bans/{api.kim.id}"
    body = {"delete_message_seconds": 3600}
    answer = await api.call("PUT", f"/guilds/{api.server.id}{path}", body, reason="spam")
    assert answer.status == 204
    assert (await api.guild("GET", path)).body["reason"] == "spam"
    assert [entry["user"]["id"] for entry in (await api.guild("GET", "/bans")).body] == [
        str(api.kim.id)
    ]
    assert [message.content for message in api.room.history] == ["old"]
    with pytest.raises(Exception, match="40007"):
        acts.join_server(api.world, api.server, api.kim.user)
    assert (await api.guild("DELETE", path)).status == 204
    assert (await api.guild("GET", path)).code == 10026
    assert acts.join_server(api.world, api.server, api.kim.user).roles == set()


async def test_moving_someone_to_another_voice_room(api: Api) -> None:
    """Only who sits in one can be moved, by those who may, into a voice room."""
    first = api.channel("Kitchen", ChannelType.VOICE)
    second = api.channel("Garden", ChannelType.VOICE)
    empower(api, Permission.MOVE_MEMBERS)
    path, body = f"/members/{api.kim.id}", {"channel_id": str(second.id)}
    assert (await api.guild("PATCH", path, body)).code == 40032
    acts.join_voice(api.world, api.server, api.kim, first)
    assert (await api.guild("PATCH", path, {"channel_id": str(api.room.id)})).code == 10003
    assert (await api.guild("PATCH", path, body)).status == 200
    assert api.kim.voice_channel_id == second.id
    assert (await api.guild("PATCH", path, {"channel_id": None})).status == 200
    told = [data["channel_id"] for data in api.heard.named("VOICE_STATE_UPDATE")]
    assert told == [str(first.id), str(second.id), None]
