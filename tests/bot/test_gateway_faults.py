"""Hearth beside a gateway that loses, doubles and delays events, and beside outages."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.gateway import refresh
from bot.rules.scope import ServerScope
from models import Membership, OutboxMessage
from sandbox.hands import Hands
from tests.bot.harbour import LISTENING, Harbour, harbour

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from bot.settings import Settings
    from sandbox.people import Person


@pytest.fixture
async def place(laid: Settings, now: datetime) -> AsyncIterator[Harbour]:
    """A server, and the bot looking after it."""
    async with harbour(laid, now, cogs=LISTENING) as opened:
        await opened.start()
        yield opened


async def crew(place: Harbour, name: str = "Crew", count: int = 3) -> tuple[int, list[Person]]:
    """Make a group and let people live in it."""
    group = await place.group(name)
    people = [await place.sandbox.person(place.guild) for _ in range(count)]
    await place.all_live(people, group)
    assert await place.settled()
    await place.sandbox.advance(timedelta(minutes=1))
    return group, people


async def states(place: Harbour) -> dict[int, str]:
    """Return everybody's home's state by account."""
    async with place.tables.reading() as session:
        rows = await session.scalars(select(Membership))
        return {row.user_id: row.state for row in rows}


async def owed(place: Harbour) -> list[str]:
    """Return the keys of every message that Hearth owes or has sent."""
    async with place.tables.reading() as session:
        return sorted(await session.scalars(select(OutboxMessage.key)))


# --- what never arrives -----------------------------------------------------------------------


async def test_a_lost_departure_is_found_within_the_hour(place: Harbour) -> None:
    """Who left unheard keeps the seat as one who left does, from the next look on."""
    _, (kim, lea, _) = await crew(place)
    place.sandbox.gateway.faults.lose("GUILD_MEMBER_REMOVE")
    await kim.leave()
    await place.settled()
    assert len(set((await states(place)).values())) == 1, "nobody has told"
    await place.sandbox.advance(timedelta(hours=1))
    after = await states(place)
    assert after[kim.id] != after[lea.id]


async def test_a_lost_arrival_is_found_within_the_hour(place: Harbour) -> None:
    """Who came unheard gets the key of their home after the next look."""
    group = await place.group("Crew")
    await place.settled()
    place.sandbox.gateway.faults.lose("GUILD_MEMBER_ADD")
    kim = await place.sandbox.person(place.guild)
    await place.lives(kim, group)
    await place.settled()
    await place.sandbox.advance(timedelta(hours=1))
    assert await place.settled()
    assert kim.has(await place.role(group))


async def test_a_lost_change_by_hand_is_found_within_the_hour(place: Harbour) -> None:
    """A home role that a person took unheard is held like one that was heard of."""
    group, (kim, *_) = await crew(place)
    role = await place.role(group)
    place.sandbox.gateway.faults.lose("GUILD_MEMBER_UPDATE")
    await place.owner.take_role(kim, role)
    await place.settled()
    assert await place.home(kim) == (group, "here")
    await place.sandbox.advance(timedelta(hours=1))
    assert await place.settled()
    assert await place.home(kim) == (group, "held")
    assert not kim.has(role)


async def test_a_large_server_is_counted_by_roles_within_the_hour(
    place: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one request does not bring everybody, who left or lost a home's role is still found."""
    group, (kim, lea, mo) = await crew(place)
    monkeypatch.setattr(refresh, "PAGE", 2)
    place.sandbox.gateway.faults.lose("GUILD_MEMBER_*", times=None)
    await kim.leave()
    await place.owner.take_role(lea, await place.role(group))
    await place.settled()
    place.sandbox.gateway.faults.clear()
    await place.sandbox.advance(timedelta(hours=1))
    assert await place.settled()
    after = await states(place)
    assert (after[kim.id], after[lea.id], after[mo.id]) == ("gone", "held", "here")


async def test_a_large_servers_members_are_not_listed_where_their_roles_add_up(
    place: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many people Discord thinks a server has is no reason to ask for all; once a day it is."""
    await crew(place)
    monkeypatch.setattr(refresh, "PAGE", 2)
    place.sandbox.gateway.faults.lose("GUILD_MEMBER_ADD")
    stranger = await place.sandbox.person(place.guild)
    before = place.sandbox.requests.snapshot()
    for _ in range(3):
        await place.sandbox.advance(timedelta(hours=1))
    asked = place.sandbox.requests.since(before).by_route
    assert asked["GET /guilds/{guild_id}/members"] == 0
    assert asked["GET /guilds/{guild_id}/roles/member-counts"] == 3
    assert place.app is not None
    guild = place.app.client.get_guild(place.guild.id)
    assert guild is not None
    assert guild.get_member(stranger.id) is None
    await place.sandbox.advance(timedelta(days=1))
    assert guild.get_member(stranger.id) is not None


async def test_the_hourly_and_the_daily_comparison_wait_for_each_other(place: Harbour) -> None:
    """Both are due at the same beat; beside each other, each would miss what the other notes."""
    await crew(place)
    assert place.app is not None
    client, hands = place.app.client, place.reconciler.of(place.guild.id).hands
    order: list[str] = []
    for what in ("roles", "members"):
        place.sandbox.faults.add(
            "slow",
            "GET",
            f"/guilds/*/{what}",
            times=None,
            delay=0,
            then=partial(order.append, what),
        )
    await asyncio.gather(
        *(refresh.refresh(hands, client.arrivals, hands.guild, everybody=True) for _ in range(2))
    )
    assert order == ["roles", "members"] * 2


@pytest.mark.parametrize("event", ["GUILD_ROLE_DELETE", "CHANNEL_DELETE", "CHANNEL_UPDATE"])
async def test_lost_changes_of_roles_and_rooms_are_repaired_within_the_hour(
    place: Harbour, event: str
) -> None:
    """A role or room that was deleted or changed unheard is put right by the next look."""
    group, people = await crew(place)
    role, room = await place.role(group), await place.room(group)
    place.sandbox.gateway.faults.lose(event, times=None)
    match event:
        case "GUILD_ROLE_DELETE":
            await place.owner.delete_role(role)
        case "CHANNEL_DELETE":
            await place.owner.delete_channel(room)
        case _:
            await place.owner.set_overwrite(room, place.guild.everyone, allow=1 << 10)
    await place.settled()
    place.sandbox.gateway.faults.clear()
    await place.sandbox.advance(timedelta(hours=1))
    assert await place.settled()
    room = await place.room(group)
    stranger = await place.sandbox.person(place.guild)
    assert all(person.sees(room) for person in people)
    assert not stranger.sees(room)


async def test_nothing_is_replayed_where_nothing_was_lost(
    place: Harbour, caplog: pytest.LogCaptureFixture
) -> None:
    """The hourly and the daily comparison agree with a cache that missed nothing."""
    group, (kim, lea, _) = await crew(place)
    await place.owner.take_role(kim, await place.role(group))
    await lea.leave()
    hidden = await place.owner.create_channel("secret")
    await place.owner.set_overwrite(hidden, place.guild.everyone, deny=1 << 10)
    await place.settled()
    await place.sandbox.advance(timedelta(days=1))
    assert "had not arrived" not in caplog.text


async def test_a_room_that_was_hidden_unheard_is_not_taken_for_deleted(place: Harbour) -> None:
    """A room that Discord lists no more is made again only if it is gone, not if it is hidden."""
    group, _ = await crew(place)
    room = await place.room(group)
    bot = Hands(place.sandbox.world, place.guild, place.sandbox.state.bot)
    place.sandbox.gateway.faults.lose("CHANNEL_UPDATE", times=None)
    await place.owner.set_overwrite(room, bot, deny=1 << 10)
    place.sandbox.gateway.faults.clear()
    await place.sandbox.advance(timedelta(hours=1))
    await place.settled()
    assert (await place.row(group)).room_id == room.id


# --- what comes twice, or late ----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["duplicate", "delay"])
async def test_doubled_and_late_events_change_nothing(place: Harbour, kind: str) -> None:
    """Departures, returns, roles by hand and deleted rooms end as if every event came once."""
    group, (kim, lea, mo) = await crew(place)
    role = await place.role(group)
    faults = place.sandbox.gateway.faults
    rule = faults.duplicate(times=None) if kind == "duplicate" else faults.delay(times=None)
    await kim.leave()
    await place.owner.take_role(lea, role)
    await place.owner.delete_channel(await place.room(group))
    await place.owner.give_role(mo, await place.owner.create_role("Bystander"))
    assert await place.settled()
    await kim.rejoin()
    assert await place.settled()
    assert rule.struck >= 8
    assert await place.home(lea) == (group, "held")
    assert await place.home(kim) == (group, "here")
    assert kim.has(role)
    assert not lea.has(role)
    assert mo.sees(await place.room(group))
    names = [channel.name for channel in place.guild.channels.values()]
    assert len(names) == len(set(names)), "no room was made twice"
    keys = await owed(place)
    assert len(keys) == len(set(keys))


async def test_a_member_list_stays_complete_when_departures_come_twice(place: Harbour) -> None:
    """discord.py counts who left twice as two; the list would look incomplete for ever."""
    _, (kim, lea, _) = await crew(place)
    place.sandbox.gateway.faults.duplicate("GUILD_MEMBER_*", times=None)
    await kim.leave()
    await lea.leave()
    await place.settled()
    assert place.app is not None
    guild = place.app.client.get_guild(place.guild.id)
    assert guild is not None
    assert guild.chunked
    assert guild.member_count == len(place.guild.members)


# --- who has not accepted the rules yet -------------------------------------------------------


async def test_keys_wait_until_the_rules_are_accepted(place: Harbour) -> None:
    """A role would let somebody past the server's rules: who comes back gets it after them."""
    group, (kim, *_) = await crew(place)
    role = await place.role(group)
    await kim.leave()
    assert await place.settled()
    await kim.rejoin(pending=True)
    await place.settled()
    assert await place.home(kim) == (group, "here")
    assert kim.pending
    assert not kim.has(role)
    await place.sandbox.advance(timedelta(hours=1))
    assert kim.pending
    await kim.accept_rules()
    assert await place.settled()
    assert kim.has(role)


# --- outages ----------------------------------------------------------------------------------


async def test_an_outage_is_no_departure(place: Harbour) -> None:
    """Nothing is deleted, nobody is told anything, and what happened meanwhile is seen after it."""
    group, (kim, lea, mo) = await crew(place)
    before, told = await states(place), await owed(place)
    async with place.sandbox.outage(place.guild):
        await place.sandbox.advance(timedelta(hours=2))
        assert await states(place) == before
        assert await owed(place) == told
        role = await place.role(group)
        await kim.leave()
        await place.owner.take_role(lea, role)
        new = await place.sandbox.person(place.guild)
        await place.lives(new, group)
        gone = await place.owner.create_channel("passing")
        await place.owner.delete_channel(gone)
        await place.owner.delete_channel(await place.room(group))
        await place.sandbox.settle()
    assert await place.settled()
    after = await states(place)
    assert after[kim.id] == "gone"
    assert after[lea.id] == "held"
    assert after[mo.id] == "here"
    assert new.has(role)
    assert mo.sees(await place.room(group))
    assert place.app is not None
    guild = place.app.client.get_guild(place.guild.id)
    assert guild is not None
    assert {channel.id for channel in guild.channels} == place.guild.channels.keys()
    assert {member.id for member in guild.members} == place.guild.members.keys()
    assert guild.chunked


async def test_an_outage_in_the_middle_of_bulk_work_lets_time_pass(place: Harbour) -> None:
    """What cannot be done during an outage waits for its end without keeping anything else."""
    group, _ = await crew(place)
    people = [await place.sandbox.person(place.guild) for _ in range(12)]
    role = await place.role(group)
    taken = asyncio.Event()

    def begin() -> None:
        place.sandbox.take_away(place.guild)
        taken.set()

    place.sandbox.faults.add("503", "PATCH", "/guilds/*/members/*", skip=3, then=begin)
    await place.all_live(people, group)
    await taken.wait()
    await place.sandbox.advance(timedelta(hours=2))
    assert not all(person.has(role) for person in people)
    place.sandbox.bring_back(place.guild)
    await place.sandbox.settle()
    assert await place.settled()
    assert all(person.has(role) for person in people)


async def test_a_start_during_an_outage_waits_for_the_server(laid: Settings, now: datetime) -> None:
    """A server that is away when Hearth starts is looked at when it comes."""
    async with harbour(laid, now, cogs=LISTENING) as place:
        group = await place.group("Crew")
        kim = await place.sandbox.person(place.guild)
        await place.lives(kim, group)
        place.sandbox.take_away(place.guild)
        await place.start()
        await place.sandbox.advance(timedelta(hours=2))
        place.sandbox.bring_back(place.guild)
        assert await place.settled()
        assert kim.has(await place.role(group))


# --- sessions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("resumable", [True, False])
async def test_what_happened_while_the_gateway_was_down_is_seen_after_it(
    place: Harbour, *, resumable: bool
) -> None:
    """A resumed session is told everything, a new one sees what came of it; both end alike."""
    group, (kim, lea, mo) = await crew(place)
    role = await place.role(group)
    async with place.sandbox.gateway.down(resumable=resumable):
        await kim.leave()
        await place.owner.take_role(lea, role)
        await place.sandbox.advance(timedelta(hours=3))
    await place.sandbox.settle()
    assert await place.settled()
    after = await states(place)
    assert after[kim.id] == "gone"
    assert (after[lea.id], after[mo.id]) == ("held", "here")


async def test_a_session_that_broke_while_it_got_ready_and_is_resumed_gets_ready(
    place: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request for the members failed with the connection; after it nothing waits for ever."""
    _, (kim, *_) = await crew(place)
    assert place.app is not None
    client = place.app.client
    state: Any = client._connection
    failed = asyncio.Event()

    async def broken(*_arguments: object, **_options: object) -> None:
        monkeypatch.undo()
        failed.set()
        raise ConnectionResetError

    monkeypatch.setattr(state, "chunker", broken)
    place.sandbox.gateway.drop(resumable=False)
    async with asyncio.timeout(20):
        await failed.wait()
        place.sandbox.gateway.drop(resumable=True)
        await kim.write(place.guild.channel("general"), "Is anybody there?")
        await place.sandbox.settle()
    assert not client.signals.behind
    assert await place.settled()


async def test_a_member_list_that_was_asked_for_too_early_comes_later(
    laid: Settings, now: datetime
) -> None:
    """A second session within half a minute gets the whole list when Discord gives it out again."""
    async with harbour(laid, now, cogs=LISTENING, time_scale=20) as place:
        place.sandbox.gateway.identify_period = 0
        await place.start()
        place.sandbox.gateway.drop(resumable=False)
        async with asyncio.timeout(20):
            await place.sandbox.settle()
            assert await place.reconciler.settled(ServerScope(place.guild.id), 10)
        assert place.app is not None
        guild = place.app.client.get_guild(place.guild.id)
        assert guild is not None
        assert guild.chunked


@pytest.mark.parametrize("seed", [10, 19, 2])
async def test_everything_at_once_heals_within_the_day(place: Harbour, seed: int) -> None:
    """Events lost, doubled and swapped at random, drops and outages between: then no drift."""
    draw = random.Random(seed)
    groups = [await place.group(name) for name in ("Crew", "Deck")]
    people = [await place.sandbox.person(place.guild) for _ in range(10)]
    for number, group in enumerate(groups):
        await place.all_live(people[number::2], group)
    assert await place.settled()
    await place.sandbox.advance(timedelta(minutes=1))
    gateway = place.sandbox.gateway
    gateway.faults.lose(times=None, probability=0.2)
    gateway.faults.duplicate(times=None, probability=0.2)
    gateway.faults.delay(times=None, probability=0.3)
    for _ in range(40):
        match draw.randrange(8):
            case 0:
                gateway.drop(resumable=draw.random() < 0.5)
            case 1:
                place.sandbox.take_away(place.guild)
            case 2:
                await place.owner.edit_role(await place.role(groups[0]), name="painted")
            case 3:
                room = await place.room(draw.choice(groups))
                await place.owner.set_overwrite(room, place.guild.everyone, allow=1 << 10)
            case 4:
                await place.sandbox.advance(timedelta(minutes=draw.randrange(1, 90)))
            case _:
                person = draw.choice(people)
                if not person.present:
                    await person.rejoin()
                elif person.roles and draw.random() < 0.6:
                    await place.owner.take_role(person, person.roles[0])
                else:
                    await person.leave()
        if draw.random() < 0.5:
            place.sandbox.bring_back(place.guild)
            await place.sandbox.settle()
    gateway.faults.clear()
    place.sandbox.bring_back(place.guild)
    await place.sandbox.advance(timedelta(days=1))
    assert await place.settled()
    assert gateway.faults.struck.total() > 10
    assert place.app is not None
    guild = place.app.client.get_guild(place.guild.id)
    assert guild is not None
    assert guild.chunked
    assert {one.id for one in guild.members} == place.guild.members.keys()
    assert {one.id for one in guild.channels} == place.guild.channels.keys()
    assert {one.id for one in guild.roles} == place.guild.roles.keys()
    roles = {group: await place.role(group) for group in groups}
    after = await states(place)
    for number, person in enumerate(people):
        home = roles[groups[number % 2]]
        if person.present:
            assert after[person.id] != "gone"
            assert person.has(home) == (after[person.id] == "here")
        else:
            assert after[person.id] != "here"
    names = [one.name for one in (*place.guild.channels.values(), *place.guild.roles.values())]
    assert len(names) == len(set(names)), "nothing was made twice"
    keys = await owed(place)
    assert len(keys) == len(set(keys))
