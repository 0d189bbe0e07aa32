"""Gatherings among Discord's own events: made once, changed, taken down; a hand decides."""

import pytest
from sqlalchemy import select, update

from models import GatheringAnswer, GatheringDate, GroupType
from sandbox.faults import Kind
from sandbox.permissions import Permission
from sandbox.state import ChannelType, Message, ScheduledEvent
from tests.cogs.gathering_town import DAY, HOUR, MINUTE, Town, town_of
from tests.conftest import Running

LINK = {"where": "https://example.org/walk"}
ROUTE = "/guilds/*/scheduled-events"


pytestmark = pytest.mark.founded(by=town_of)


@pytest.fixture
def town(hearth: Running) -> Town:
    """Riverside, with people."""
    return hearth.founded


def events(town: Town) -> list[ScheduledEvent]:
    """Return the server's events."""
    return sorted(town.hearth.server.events.values(), key=lambda one: one.id)


async def shown(town: Town, **fields: str) -> Message:
    """Announce a gathering that shall stand among Discord's events."""
    post = await town.announced("weekly", **{**LINK, **fields})
    plan = await town.plan(post)
    label = "Show it to the whole server" if "where" not in fields else "Show it as a Discord event"
    on = await town["Lena"].press(plan, label)
    assert "also stands among Discord's events" in on.text
    await town.hearth.advance(MINUTE)
    return post


async def test_what_is_online_is_shown_only_when_its_host_wants_it(town: Town) -> None:
    """Name, time and the group's name; never the link, nor what one should know."""
    await town.announced(**LINK)
    await town.hearth.advance(HOUR)
    assert events(town) == []
    await shown(town, what="Open walk\nThe code is 42.")
    (event,) = events(town)
    assert (event.name, event.location) == ("Open walk", "🌊 Riverside")
    assert "example.org" not in str(event.description)
    assert "42" not in str(event.description)
    assert "Riverside meets for this" in str(event.description)
    stranger = await town.hearth.person("Zoe")
    assert stranger.events == [event]
    await town.hearth.advance(HOUR)
    assert events(town) == [event]


async def test_in_a_voice_room_who_sees_the_room_sees_it(town: Town) -> None:
    """It stands in that room, with what the host named."""
    lounge = await town.hearth.owner.create_channel("lounge", ChannelType.VOICE)
    await town.hearth.settle()
    await shown(town, where="#lounge")
    (event,) = events(town)
    assert event.channel_id == lounge.id


async def test_on_a_stage_it_takes_a_moderator(town: Town) -> None:
    """Who is none is told at once; as one, Hearth announces what Discord calls another type."""
    stage = await town.hearth.owner.create_channel("big-talk", ChannelType.STAGE)
    role = next(role for role in town.hearth.server.roles.values() if role.bot_id is not None)
    before, moderators = role.permissions, Permission.MUTE_MEMBERS | Permission.MOVE_MEMBERS
    await town.hearth.owner.edit_role(role, permissions=before & ~int(moderators))
    await town.hearth.settle()
    post = await town.announced(where="#big-talk")
    refused = await town["Lena"].press(await town.plan(post), "Show it as a Discord event")
    assert f"I'm none of {stage.mention}" in refused.text
    await town.hearth.advance(2 * MINUTE)
    assert events(town) == []
    await town.hearth.owner.edit_role(role, permissions=before)
    await town.hearth.settle()
    await town["Lena"].press(await town.plan(post), "Show it as a Discord event")
    await town.hearth.advance(2 * MINUTE)
    (event,) = events(town)
    assert (event.channel_id, event.on_stage) == (stage.id, True)
    lounge = await town.hearth.owner.create_channel("lounge", ChannelType.VOICE)
    form = await town["Lena"].press(await town.plan(post), "Edit")
    await town["Lena"].fill(form, where="#lounge")
    await town.hearth.advance(2 * MINUTE)
    assert events(town) == [event]
    assert (event.channel_id, event.on_stage) == (lounge.id, False)


async def test_it_is_changed_and_taken_down_with_the_gathering(town: Town) -> None:
    """Moved, renamed, called off: the event follows within a minute."""
    post = await shown(town)
    dates = await town["Lena"].press(await town.plan(post), "Dates")
    one = await town["Lena"].choose(dates, dates.choices[0])
    form = await town["Lena"].press(one, "Move it")
    await town["Lena"].fill(form, when="saturday 10:00")
    await town.hearth.advance(MINUTE)
    (event,) = events(town)
    assert event.starts_at.isoformat()[:16] == "2026-03-07T10:00"
    sure = await town["Lena"].press(await town.plan(post), "Call it off")
    await town["Lena"].press(sure, "Yes, call it off")
    await town.hearth.advance(MINUTE)
    assert events(town) == []


async def test_no_longer_wanted(town: Town) -> None:
    """The host takes it back; wanted again it is another one."""
    post = await shown(town)
    await town["Lena"].press(await town.plan(post), "No Discord event")
    await town.hearth.advance(MINUTE)
    assert events(town) == []
    await town["Lena"].press(await town.plan(post), "Show it to the whole server")
    await town.hearth.advance(MINUTE)
    assert len(events(town)) == 1


@pytest.mark.parametrize("kind", ["silence", "500", "reset"])
async def test_an_answer_that_was_lost_makes_no_second_event(town: Town, kind: Kind) -> None:
    """It is looked for by its marker before it is made again, a restart later or at once."""
    town.hearth.sandbox.faults.add(kind, "POST", ROUTE, effect=True)
    post = await shown(town)
    await town.hearth.advance(2 * MINUTE)
    (event,) = events(town)
    async with town.hearth.app.client.database.reading() as session:
        date = (await session.scalars(select(GatheringDate))).one()
    assert (date.event_state, date.event_id) == ("made", event.id)
    assert post.id == date.message_id


async def test_a_failure_is_tried_again(town: Town) -> None:
    """Discord is down for a while; a minute after it is back the event stands."""
    outage = town.hearth.sandbox.faults.add("503", "*", ROUTE, times=None)
    await shown(town)
    await town.hearth.advance(3 * MINUTE)
    assert events(town) == []
    town.hearth.sandbox.faults.remove(outage)
    await town.hearth.advance(2 * MINUTE)
    assert len(events(town)) == 1


async def test_an_event_deleted_by_hand_stays_away(town: Town) -> None:
    """For that date and those to come; the gathering itself goes on."""
    post = await shown(town)
    await town.says("Kim", post)
    await town.hearth.advance(HOUR)
    await town.hearth.owner.delete_event(events(town)[0])
    await town.hearth.advance(HOUR)
    await town.hearth.advance(HOUR)
    assert events(town) == []
    assert "Show it to the whole server" in (await town.plan(post)).buttons
    await town.hearth.advance(8 * DAY)
    assert events(town) == []
    assert "**Lake walk**" in (await town.last()).content


async def test_a_voice_room_deleted_by_hand(town: Town) -> None:
    """Its host is asked where instead, once; nobody is sent to a room that is gone."""
    lounge = await town.hearth.owner.create_channel("lounge", ChannelType.VOICE)
    await town.hearth.settle()
    post = await shown(town, where="#lounge")
    await town.hearth.owner.delete_channel(lounge)
    await town.hearth.advance(2 * HOUR)
    asked = [line for line in await town.heard() if "The voice room of **Lake walk**" in line]
    assert len(asked) == 1
    assert f"{town['Lena'].mention}, where will it be instead?" in asked[0]
    assert {user.id for user in (await town.last()).mentions} == {town["Lena"].id}
    async with town.hearth.app.client.database.reading() as session:
        # Discord takes its event along with a room.
        assert await session.scalar(select(GatheringDate.event_state)) == "stands"
    assert lounge.mention not in (await town["Kim"].press(post, "Details")).text
    plan = await town.plan(await town.last())
    assert "Discord's events" not in plan.text
    form = await town["Lena"].press(plan, "Edit")
    changed = await town["Lena"].fill(form, where="The pier")
    assert "📍 The pier" in changed.text
    await town.until_friday(before=HOUR - MINUTE)
    assert lounge.mention not in (await town.last()).content


async def test_a_change_finds_that_it_was_deleted(town: Town) -> None:
    """Before anybody looked: what is changed then is not made anew."""
    post = await shown(town)
    await town.hearth.owner.delete_event(events(town)[0])
    form = await town["Lena"].press(await town.plan(post), "Edit")
    await town["Lena"].fill(form, what="Other walk", where=LINK["where"], long="", most="")
    await town.hearth.advance(2 * MINUTE)
    assert events(town) == []


async def test_without_the_right_it_goes_on_without(town: Town) -> None:
    """Owners read in /hearth check what is missing; the host can ask again once it is there."""
    role = next(role for role in town.hearth.server.roles.values() if role.bot_id is not None)
    before = role.permissions
    gone = int(Permission.CREATE_EVENTS | Permission.MANAGE_EVENTS | Permission.ADMINISTRATOR)
    await town.hearth.owner.edit_role(role, permissions=before & ~gone)
    post = await shown(town)
    assert events(town) == []
    check = await town.hearth.owner.command("hearth check")
    assert "doesn't stand among Discord's events" in check.text
    await town.hearth.owner.edit_role(role, permissions=before)
    await town["Lena"].press(await town.plan(post), "No Discord event")
    await town["Lena"].press(await town.plan(post), "Show it to the whole server")
    await town.hearth.advance(2 * MINUTE)
    assert len(events(town)) == 1
    check = await town.hearth.owner.command("hearth check")
    assert "doesn't stand among Discord's events" not in check.text


async def test_near_the_limit_of_a_hundred(town: Town) -> None:
    """From eighty on its host reads how many there are; at a hundred there is none."""
    starts = town.hearth.app.clock.now() + 30 * DAY
    for number in range(80):
        await town.hearth.owner.create_event(
            name=f"Event {number}", starts_at=starts, ends_at=starts + HOUR, location="Here"
        )
    post = await shown(town)
    assert (
        "80 of 100 events" in (await town.plan(post)).text
        or "81 of 100" in (await town.plan(post)).text
    )
    for number in range(19):
        await town.hearth.owner.create_event(
            name=f"More {number}", starts_at=starts, ends_at=starts + HOUR, location="Here"
        )
    await town.hearth.settle()
    other = await town.announced(what="Other walk", **LINK)
    refused = await town["Lena"].press(await town.plan(other), "Show it to the whole server")
    assert "all 100 events that Discord allows" in refused.text


async def test_where_it_cannot_be_shown(town: Town) -> None:
    """A place in the world is told to nobody outside; what becomes unlisted is taken down."""
    await town.announced()
    refused = await town.presses(town["Lena"], "gathering-event:1:on")
    assert "a place in the world is told to nobody outside" in refused.text
    await shown(town)
    assert len(events(town)) == 1
    async with town.hearth.app.client.database.writing() as session:
        await session.execute(update(GroupType).values(listed=False))
    await town.hearth.advance(MINUTE)
    assert events(town) == []


async def test_a_large_one_stands_by_itself_where_only_the_group_sees_it(town: Town) -> None:
    """Fifteen who come to the group's own voice room are enough; outside nobody sees it."""
    async with town.hearth.app.client.database.writing() as session:
        await session.execute(update(GroupType).values(voice=True))
    await town.hearth.advance(HOUR)
    post = await town.announced(where="voice")
    await town.hearth.advance(MINUTE)
    assert events(town) == []
    now = town.hearth.app.clock.now()
    async with town.hearth.app.client.database.writing() as session:
        date = (await session.scalars(select(GatheringDate))).one()
        session.add_all(
            GatheringAnswer(date_id=date.id, user_id=number, answer="yes", at=now)
            for number in range(1, 15)
        )
    await town.hearth.advance(MINUTE)
    (event,) = events(town)
    assert "Bring boots." in str(event.description)
    stranger = await town.hearth.person("Zoe")
    assert stranger.events == []
    assert town["Kim"].events == [event]
    assert "From 15 people on" in (await town.plan(post)).text
