"""What Discord's edge does to every request: routes, tokens, limits, reasons, counting."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox.interaction_routes import answer_routes
from sandbox.interactions import Interactions
from sandbox.ratelimits import BAN_SECONDS, OLD_EDIT

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
    """The fifty-first request of a second is refused, and says that it is global.

    Answers to interactions are not counted, so that a person is answered all the same.
    """
    answers_of_interactions: list[bool] = []
    interactions = answer_routes(Interactions(api.world))
    api.rest.table.include(interactions)
    for _ in range(50):
        assert (await api.call("GET", "/users/@me")).status == 200
    refused = await api.call("GET", "/users/@me")
    assert refused.status == 429
    assert refused.body["global"] is True
    assert refused.headers["X-RateLimit-Global"] == "true"
    assert refused.headers["X-RateLimit-Scope"] == "global"
    for path in ("/interactions/5/token/callback", "/webhooks/10/token"):
        answer = await api.call("POST", path, {"type": 4})
        answers_of_interactions.append(answer.status == 429)
    assert answers_of_interactions == [False, False]


async def test_making_roles_is_counted_over_two_days(api: Api) -> None:
    """The 251st role of a server is refused until 48 hours after the first, and says so."""
    made = await api.guild("POST", "/roles", {"name": "first"})
    assert made.headers["X-RateLimit-Limit"] == "250"
    for _ in range(249):
        api.now += 1
        role_id = (await api.guild("POST", "/roles", {"name": "x"})).body["id"]
        del api.server.roles[int(role_id)]
    refused = await api.guild("POST", "/roles", {"name": "one more"})
    assert refused.status == 429
    assert refused.body["retry_after"] == pytest.approx(172_800 - 249)
    api.pass_time(refused.body["retry_after"])
    assert (await api.guild("POST", "/roles", {"name": "one more"})).status == 200


async def test_the_last_place_goes_to_one(api: Api) -> None:
    """Of several that come at once when one role and one channel are left, one of each is made."""
    for number in range(247):
        api.role(f"role {number}")
    for number in range(498):
        api.channel(f"c{number}")
    for path, code in (("/roles", 30005), ("/channels", 30013)):
        answers = await asyncio.gather(
            *(api.guild("POST", path, {"name": f"x{n}"}) for n in range(5))
        )
        assert sorted(answer.status for answer in answers)[1:] == [400] * 4
        assert {answer.code for answer in answers if answer.status == 400} == {code}
    assert (len(api.server.roles), len(api.server.channels)) == (250, 500)


async def test_old_messages_are_edited_seldom(api: Api) -> None:
    """From an hour on a few edits go through; the next is refused with 30046, for a while."""
    old = (await api.say("old")).body["id"]
    path = f"/channels/{api.room.id}/messages/"
    api.pass_time(virtual=timedelta(hours=1, minutes=1))
    young = (await api.say("young")).body["id"]
    api.pass_time()
    allowed = OLD_EDIT.limit
    for number in range(allowed):
        assert (await api.call("PATCH", path + old, {"content": str(number)})).status == 200
    refused = await api.call("PATCH", path + old, {"content": "no more"})
    assert (refused.status, refused.code) == (429, 30046)
    assert refused.headers["X-RateLimit-Remaining"] != "0"
    assert (await api.call("PATCH", path + young, {"content": "as before"})).status == 200
    api.pass_time(refused.body["retry_after"])
    assert (await api.call("PATCH", path + old, {"content": "later"})).status == 200


async def test_too_many_invalid_requests_end_in_a_ban(api: Api) -> None:
    """One past the budget, and every route answers with Cloudflare's page until it is over."""
    api.rest.limiter.invalid_budget = 3
    for _ in range(3):
        await api.call("GET", "/users/@me", authorization=None)
    assert (await api.call("GET", "/users/@me")).status == 200
    await api.call("GET", "/users/@me", authorization=None)
    for path in ("/users/@me", "/nowhere"):
        banned = await api.call("GET", path)
        assert (banned.status, banned.headers["Content-Type"][:9]) == (429, "text/html")
        assert int(banned.headers["Retry-After"]) > 3000
        assert "Via" not in banned.headers
    api.pass_time(BAN_SECONDS)
    assert (await api.call("GET", "/users/@me")).status == 200


async def test_invalid_requests_are_forgotten_after_ten_minutes(api: Api) -> None:
    """The budget is for each window; the worst one is remembered and told in one line."""
    api.rest.limiter.invalid_budget = 2
    for _ in range(3):
        for _ in range(2):
            await api.call("GET", "/users/@me", authorization=None)
        api.pass_time(600)
    assert (await api.call("GET", "/users/@me")).status == 200
    log = api.rest.requests
    assert (log.invalid, log.invalid_worst) == (6, 2)
    assert log.summary() == (
        "7 requests; 0 answered 429; 6 invalid, at most 2 of 10,000 allowed in ten minutes; "
        "6 other refusals"
    )


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
