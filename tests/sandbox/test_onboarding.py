"""A server's onboarding: whether it is on, and who has begun and finished it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox import acts

if TYPE_CHECKING:
    from tests.sandbox.conftest import Api


@pytest.mark.parametrize("on", [False, True])
async def test_whether_it_is_on(api: Api, *, on: bool) -> None:
    """Told by a route of its own, as Discord does."""
    api.server.onboards = on
    answer = await api.guild("GET", "/onboarding")
    assert (answer.status, answer.body["enabled"]) == (200, on)
    assert answer.body["guild_id"] == str(api.server.id)


async def test_who_has_begun_and_finished_it(api: Api) -> None:
    """Two flags of the member, each told by an event."""
    for finished, flags in ((False, 8), (True, 10)):
        acts.onboard(api.world, api.server, api.kim, finished=finished)
        answer = await api.guild("GET", f"/members/{api.kim.id}")
        assert answer.body["flags"] == flags
    updates = [data for event, data, _ in api.heard.events if event == "GUILD_MEMBER_UPDATE"]
    assert [data["flags"] for data in updates] == [8, 10]


async def test_what_it_asks(api: Api) -> None:
    """The prompts that were put there, as they are."""
    api.server.prompts = [{"id": "1", "title": "Tea?", "options": []}]
    assert (await api.guild("GET", "/onboarding")).body["prompts"] == api.server.prompts
