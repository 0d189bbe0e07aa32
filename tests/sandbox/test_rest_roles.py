"""Roles over REST: making, changing, handing out, and what Discord refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.permissions import Permission
from sandbox.state import AuditAction, Overwrite, OverwriteType

if TYPE_CHECKING:
    from tests.sandbox.conftest import Api


async def test_a_role_is_made(api: Api) -> None:
    """The answer, the state, the event and the audit log agree."""
    body = {"name": " Riverside ", "colors": {"primary_color": 255}, "mentionable": True}
    answer = await api.call("POST", f"/guilds/{api.server.id}/roles", body, reason="act 7")
    role = api.server.role("Riverside")
    assert answer.status == 200
    assert answer.body["id"] == str(role.id)
    assert (answer.body["color"], answer.body["mentionable"]) == (255, True)
    assert role.permissions == api.server.everyone.permissions
    assert api.heard.named("GUILD_ROLE_CREATE")[0]["role"]["name"] == "Riverside"
    entry = api.server.audit_log[-1]
    assert (entry.action, entry.target_id) == (AuditAction.ROLE_CREATE, role.id)
    assert (entry.actor_id, entry.reason) == (api.bot.id, "act 7")
    assert {"key": "name", "new_value": "Riverside"} in entry.changes


async def test_250_roles_are_the_most(api: Api) -> None:
    """@everyone and the bot's own role count."""
    for number in range(248):
        api.role(f"role {number}")
    answer = await api.guild("POST", "/roles", {"name": "one more"})
    assert (answer.status, answer.code) == (400, 30005)
    assert len(api.server.roles) == 250


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x" * 101}, "name"),
        ({"color": 0x1000000}, "color"),
        ({"hoist": "yes"}, "hoist"),
        ({"permissions": "many"}, "permissions"),
    ],
)
async def test_a_wrong_form_names_its_field(api: Api, body: dict[str, object], field: str) -> None:
    """50035, with the field's fault under its name."""
    answer = await api.guild("POST", "/roles", body)
    assert answer.code == 50035
    assert answer.body["errors"][field]["_errors"][0]["code"]
    assert len(api.server.roles) == 2


async def test_only_held_permissions_can_be_given(api: Api) -> None:
    """A role with a bit that the bot does not hold is refused."""
    kick = int(Permission.KICK_MEMBERS)
    assert (await api.guild("POST", "/roles", {"permissions": str(kick)})).code == 50013
    view = int(Permission.VIEW_CHANNEL)
    answer = await api.guild("POST", "/roles", {"permissions": str(view)})
    assert answer.body["permissions"] == str(view)


async def test_a_role_is_changed_once(api: Api) -> None:
    """A second, equal change makes neither an event nor an audit entry."""
    role = api.role("Riverside")
    for _ in range(2):
        answer = await api.guild("PATCH", f"/roles/{role.id}", {"name": "Millpond"})
        assert answer.body["name"] == "Millpond"
    assert api.heard.names.count("GUILD_ROLE_UPDATE") == 1
    assert api.server.audit_log[-1].changes == [
        {"key": "name", "old_value": "Riverside", "new_value": "Millpond"}
    ]
    assert len(api.server.audit_log) == 1


async def test_higher_roles_are_out_of_reach(api: Api) -> None:
    """A role at or above the bot's own can neither be changed, moved, deleted nor handed out."""
    high = api.role("Moderators", position=9)
    kim = f"/members/{api.kim.id}"
    refused = [
        await api.guild("PATCH", f"/roles/{high.id}", {"name": "x"}),
        await api.guild("PATCH", "/roles", [{"id": str(high.id), "position": 1}]),
        await api.guild("DELETE", f"/roles/{high.id}"),
        await api.guild("PUT", f"{kim}/roles/{high.id}"),
        await api.guild("PATCH", kim, {"roles": [str(high.id)]}),
        await api.guild("PUT", f"{kim}/roles/{api.bot_role.id}"),
    ]
    assert [(answer.status, answer.code) for answer in refused] == [(403, 50013)] * 6
    assert (await api.guild("DELETE", f"/roles/{api.server.id}")).code == 50028
    assert api.kim.roles == set()
    assert api.heard.events == []


async def test_without_manage_roles_nothing_goes(api: Api) -> None:
    """The permission is asked for before anything else."""
    api.bot_role.permissions &= ~Permission.MANAGE_ROLES
    role = api.role("Riverside")
    for method, path in (
        ("POST", "/roles"),
        ("PATCH", f"/roles/{role.id}"),
        ("DELETE", f"/roles/{role.id}"),
        ("PUT", f"/members/{api.kim.id}/roles/{role.id}"),
    ):
        assert (await api.guild(method, path, {})).code == 50013


async def test_roles_move(api: Api) -> None:
    """New places are answered, told and kept; never above the bot."""
    role = api.role("Riverside")
    answer = await api.guild("PATCH", "/roles", [{"id": str(role.id), "position": 4}])
    assert role.position == 4
    assert {r["id"]: r["position"] for r in answer.body}[str(role.id)] == 4
    too_high = await api.guild("PATCH", "/roles", [{"id": str(role.id), "position": 6}])
    assert too_high.code == 50013
    assert role.position == 4


async def test_a_role_is_given_and_taken(api: Api) -> None:
    """Each is one event and one audit entry; doing it twice is fine."""
    role = api.role("Riverside")
    path = f"/members/{api.kim.id}/roles/{role.id}"
    for method, roles in (("PUT", {role.id}), ("DELETE", set[int]())):
        for _ in range(2):
            assert (await api.guild(method, path)).status == 204
            assert api.kim.roles == roles
    told = [data["roles"] for data in api.heard.named("GUILD_MEMBER_UPDATE")]
    assert told == [[str(role.id)], []]
    assert [entry.changes[0]["key"] for entry in api.server.audit_log] == ["$add", "$remove"]


async def test_a_deleted_role_leaves_members_and_rooms(api: Api) -> None:
    """Nobody has it any more, and no overwrite names it."""
    role = api.role("Riverside")
    api.kim.roles.add(role.id)
    api.room.overwrites[role.id] = Overwrite(role.id, OverwriteType.ROLE, 1024)
    assert (await api.guild("DELETE", f"/roles/{role.id}")).status == 204
    assert api.kim.roles == set()
    assert api.room.overwrites == {}
    assert api.heard.names[:2] == ["GUILD_ROLE_DELETE", "CHANNEL_UPDATE"]
    assert (await api.guild("GET", f"/roles/{role.id}")).code == 10011


async def test_role_sizes(api: Api) -> None:
    """One request tells how many members each role has, @everyone left out."""
    role, empty = api.role("Riverside"), api.role("Millpond")
    api.kim.roles.add(role.id)
    answer = await api.guild("GET", "/roles/member-counts")
    assert answer.body == {str(api.bot_role.id): 1, str(role.id): 1, str(empty.id): 0}


async def test_roles_are_listed(api: Api) -> None:
    """All of them, and the guild carries the same list."""
    api.role("Riverside")
    listed = (await api.guild("GET", "/roles")).body
    assert [role["name"] for role in listed] == ["@everyone", "Hearth", "Riverside"]
    guild = (await api.guild("GET", with_counts="true")).body
    assert guild["roles"] == listed
    assert guild["approximate_member_count"] == 3
