"""What Discord's edge does to every request: routes, tokens, limits, reasons, counting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Api


async def test_an_unknown_route_is_not_found(api: Api) -> None:
    """A path or a method that is not served answers 404 with code 0."""
    answer = await api.call("GET", "/nowhere")
    assert (answer.status, answer.code) == (404, 0)
    assert (await api.call("PUT", "/users/@me")).status == 404


@pytest.mark.parametrize("authorization", [None, "Bot wrong", "MTA.x.y"])
async def test_a_token_is_needed(api: Api, authorization: str | None) -> None:
    """No token, a wrong one, or one without its kind: 401, counted as invalid."""
    answer = await api.call("GET", "/users/@me", authorization=authorization)
    assert (answer.status, answer.code) == (401, 0)
    assert api.rest.requests.invalid == 1


async def test_broken_json_is_told(api: Api) -> None:
    """A body that is no JSON is refused with its own code."""
    path = f"/api/v10/channels/{api.room.id}/messages"
    headers = {"Authorization": "Bot MTA.x.y", "Content-Type": "application/json"}
    async with api.client.post(path, data=b"{no", headers=headers) as answer:
        assert answer.status == 400
        assert (await answer.json())["code"] == 50109


@pytest.mark.parametrize("guild_id", ["12", "999999999999999999"])
async def test_an_unknown_server(api: Api, guild_id: str) -> None:
    """Any route of a server that the bot is not in answers 10004."""
    answer = await api.call("GET", f"/guilds/{guild_id}/roles")
    assert (answer.status, answer.code) == (404, 10004)


async def test_what_is_no_id_is_a_form_error(api: Api) -> None:
    """A path segment that should be an id is checked as a field."""
    answer = await api.call("GET", "/guilds/harbour")
    assert answer.code == 50035
    assert answer.body["errors"]["guild_id"]["_errors"][0]["code"] == "NUMBER_TYPE_COERCE"


async def test_giving_and_taking_roles_share_a_bucket(api: Api) -> None:
    """Ten a period together; a member edit is another bucket."""
    role = api.role("Riverside")
    path = f"/members/{api.kim.id}/roles/{role.id}"
    statuses = [(await api.guild("PUT" if n % 2 else "DELETE", path)).status for n in range(10)]
    assert statuses == [204] * 10
    refused = await api.guild("PUT", path)
    assert refused.status == 429
    assert refused.body["retry_after"] > 0
    assert not refused.body["global"]
    assert refused.headers["Via"]
    edit = await api.guild("PATCH", f"/members/{api.kim.id}", {"roles": []})
    assert edit.status == 200
    assert edit.headers["X-RateLimit-Bucket"] != refused.headers["X-RateLimit-Bucket"]
    api.pass_time(10)
    assert (await api.guild("PUT", path)).status == 204


async def test_renaming_has_a_hidden_limit(api: Api) -> None:
    """Two new names or topics in ten minutes; other edits of the channel go on."""
    path = f"/channels/{api.room.id}"
    for name in ("one", "two"):
        assert (await api.call("PATCH", path, {"name": name})).status == 200
    refused = await api.call("PATCH", path, {"topic": "three"})
    assert refused.status == 429
    assert refused.headers["X-RateLimit-Remaining"] != "0"
    assert refused.body["retry_after"] > 15
    assert (await api.call("PATCH", path, {"nsfw": True})).status == 200


async def test_the_global_limit(api: Api) -> None:
    """The fifty-first request of a second is refused, and says that it is global."""
    for _ in range(50):
        assert (await api.call("GET", "/users/@me")).status == 200
    refused = await api.call("GET", "/users/@me")
    assert refused.status == 429
    assert refused.body["global"] is True


async def test_reasons_are_decoded(api: Api) -> None:
    """A URL-encoded reason stands in the audit log as it was meant."""
    answer = await api.call(
        "POST", f"/guilds/{api.server.id}/roles", {"name": "x"}, reason="M%C3%BChle%20%2312"
    )
    assert answer.status == 200
    assert api.server.audit_log[-1].reason == "Mühle #12"


async def test_a_reason_has_a_length(api: Api) -> None:
    """More than 512 characters are refused, and nothing is made."""
    path = f"/guilds/{api.server.id}/roles"
    assert (await api.call("POST", path, {"name": "x"}, reason="x" * 513)).code == 50035
    assert (await api.call("POST", path, {"name": "x"}, reason="x" * 512)).status == 200


async def test_requests_are_counted(api: Api) -> None:
    """By route, with every refusal and its code."""
    before = api.rest.requests.snapshot()
    await api.call("GET", f"/channels/{api.room.id}")
    await api.call("GET", "/channels/5")
    counted = api.rest.requests.since(before)
    assert counted.total == 2
    assert counted.by_route == {"GET /channels/{channel_id}": 2}
    assert counted.errors == [("GET /channels/{channel_id}", 404, 10003)]
    assert counted.in_flight == 0


async def test_the_way_to_the_gateway(api: Api) -> None:
    """The gateway stands on the same port as the API."""
    answer = await api.call("GET", "/gateway/bot")
    assert answer.body["url"] == f"ws://{api.client.host}:{api.client.port}/gateway"
    assert answer.body["session_start_limit"]["max_concurrency"] == 1


async def test_who_the_bot_is(api: Api) -> None:
    """Account and application answer to the token."""
    assert (await api.call("GET", "/users/@me")).body["id"] == "10"
    for path in ("/applications/@me", "/oauth2/applications/@me"):
        answer = await api.call("GET", path)
        assert answer.body["owner"]["username"] == "Ada"
    other = await api.call("GET", f"/users/{api.kim.id}")
    assert other.body["username"] == "Kim"
    assert (await api.call("GET", "/users/5")).code == 10013
