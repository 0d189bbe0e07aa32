"""Scheduled events over REST, and what becomes of them by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import acts
from sandbox.permissions import Permission
from sandbox.state import AuditAction, ChannelType, EventStatus, Overwrite, OverwriteType

if TYPE_CHECKING:
    from tests.sandbox.conftest import Api, Reply

HOUR = timedelta(hours=1)


@pytest.fixture
def api(api: Api) -> Api:
    """A server in which the bot may announce events."""
    api.bot_role.permissions |= int(Permission.CREATE_EVENTS | Permission.CONNECT)
    return api


def external(api: Api, **more: Any) -> dict[str, Any]:
    """Return what an event elsewhere is announced with."""
    starts = api.clock.now() + HOUR
    return {
        "name": "A walk",
        "privacy_level": 2,
        "entity_type": 3,
        "scheduled_start_time": starts.isoformat(),
        "scheduled_end_time": (starts + HOUR).isoformat(),
        "entity_metadata": {"location": "the old gate"},
        **more,
    }


async def announce(api: Api, **more: Any) -> Reply:
    """Let the bot announce an event, with no regard to the rate limit."""
    api.pass_time()
    return await api.guild("POST", "/scheduled-events", external(api, **more))


async def test_an_event_is_announced(api: Api) -> None:
    """It is told, listed, and in the audit log; people may be interested."""
    answer = await announce(api, description="Shoes!")
    assert answer.status == 200
    assert answer.body["status"] == EventStatus.SCHEDULED
    assert answer.body["creator_id"] == str(api.bot.id)
    assert answer.body["entity_metadata"] == {"location": "the old gate"}
    assert api.heard.named("GUILD_SCHEDULED_EVENT_CREATE") == [answer.body]
    assert api.server.audit_log[-1].action is AuditAction.EVENT_CREATE
    (event,) = api.server.events.values()
    for _ in range(3):
        acts.press_interested(api.world, api.server, api.kim, event)
    api.pass_time()
    (listed,) = (await api.guild("GET", "/scheduled-events", with_user_count="true")).body
    assert listed["user_count"] == 1
    one = await api.guild("GET", f"/scheduled-events/{event.id}")
    assert one.body == answer.body


BAD: list[dict[str, Any]] = [
    {"name": ""},
    {"name": "x" * 101},
    {"privacy_level": 1},
    {"entity_type": 1},
    {"entity_type": 2},
    {"scheduled_start_time": None},
    {"scheduled_start_time": "2020-01-01T00:00:00+00:00"},
    {"scheduled_end_time": None},
    {"scheduled_end_time": "2026-03-02T09:00:00+00:00"},
    {"entity_metadata": {}},
    {"description": "x" * 1001},
]


@pytest.mark.parametrize("more", BAD)
async def test_what_cannot_be_announced(api: Api, more: dict[str, Any]) -> None:
    """Every field is checked; nothing is left behind."""
    answer = await announce(api, **more)
    assert (answer.status, answer.code) == (400, 50035)
    assert api.server.events == {}


async def test_a_server_has_so_many_events(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over counts no longer."""
    monkeypatch.setattr("sandbox.acts.events.MAX_EVENTS", 1)
    made = await announce(api)
    assert (await announce(api)).code == 30038
    path = f"/scheduled-events/{made.body['id']}"
    assert (await api.guild("DELETE", path)).status == 204
    assert (await announce(api)).status == 200


async def test_whose_event_it_is(api: Api) -> None:
    """One's own takes Create Events, somebody else's Manage Events."""
    starts = api.clock.now() + HOUR
    theirs = acts.create_event(
        api.world,
        api.server,
        api.owner,
        {"name": "Dinner", "starts_at": starts, "ends_at": starts + HOUR, "location": "here"},
    )
    path = f"/scheduled-events/{theirs.id}"
    assert (await api.guild("PATCH", path, {"name": "Supper"})).code == 50013
    assert (await api.guild("DELETE", path)).code == 50013
    api.bot_role.permissions |= int(Permission.MANAGE_EVENTS)
    assert (await api.guild("PATCH", path, {"name": "Supper"})).status == 200
    assert theirs.name == "Supper"
    api.bot_role.permissions &= ~int(Permission.MANAGE_EVENTS | Permission.CREATE_EVENTS)
    assert (await announce(api)).code == 50013


async def test_an_event_in_a_voice_room(api: Api) -> None:
    """Only there; who does not see the room hears nothing of it."""
    room = api.channel("Talk", ChannelType.VOICE)
    voice = {"entity_type": 2, "entity_metadata": None}
    assert (await announce(api, **voice, channel_id=str(api.room.id))).code == 50035
    made = await announce(api, **voice, channel_id=str(room.id), scheduled_end_time=None)
    assert made.status == 200
    room.overwrites[api.bot.id] = Overwrite(
        api.bot.id, OverwriteType.MEMBER, deny=int(Permission.VIEW_CHANNEL)
    )
    assert (await api.guild("GET", f"/scheduled-events/{made.body['id']}")).code == 10070
    assert (await announce(api, **voice, channel_id=str(room.id))).code == 50001


async def test_an_event_begins_and_ends_by_itself(api: Api) -> None:
    """One elsewhere at its times; each step is told."""
    made = await announce(api)
    starts = datetime.fromisoformat(made.body["scheduled_start_time"])
    api.clock.set(starts)
    acts.events_due(api.world)
    api.clock.set(starts + HOUR)
    acts.events_due(api.world)
    acts.events_due(api.world)
    told = api.heard.named("GUILD_SCHEDULED_EVENT_UPDATE")
    assert [one["status"] for one in told] == [EventStatus.ACTIVE, EventStatus.COMPLETED]
    assert api.server.events == {}
    gone = await api.guild("PATCH", f"/scheduled-events/{made.body['id']}", {"name": "x"})
    assert gone.code == 10070


async def test_an_event_that_nobody_began(api: Api) -> None:
    """In a voice room: it is called off some hours later, unless somebody began it."""
    room = api.channel("Talk", ChannelType.VOICE)
    more = {"entity_type": 2, "entity_metadata": None, "channel_id": str(room.id)}
    kept, left = (await announce(api, **more)).body, (await announce(api, **more)).body
    begin = await api.guild("PATCH", f"/scheduled-events/{kept['id']}", {"status": 2})
    assert begin.body["status"] == EventStatus.ACTIVE
    wrong = await api.guild("PATCH", f"/scheduled-events/{kept['id']}", {"status": 1})
    assert wrong.code == 180000
    api.pass_time(virtual=8 * HOUR)
    acts.events_due(api.world)
    assert list(api.server.events) == [int(kept["id"])]
    told = api.heard.named("GUILD_SCHEDULED_EVENT_UPDATE")[-1]
    assert (told["id"], told["status"]) == (left["id"], EventStatus.CANCELED)


async def test_a_change_that_is_refused_changes_nothing(api: Api) -> None:
    """An event is not moved into the past."""
    made = await announce(api)
    past = {"name": "other", "scheduled_start_time": "2020-01-01T00:00:00+00:00"}
    path = f"/scheduled-events/{made.body['id']}"
    assert (await api.guild("PATCH", path, past)).code == 50035
    assert (await api.guild("GET", path)).body == made.body
    later = (api.clock.now() + timedelta(minutes=90)).isoformat()
    assert (await api.guild("PATCH", path, {"scheduled_start_time": later})).status == 200
