"""What Hearth does by the clock: each minute, hour and day; a few lines that call services."""

import asyncio
import functools
import logging
from datetime import datetime, timedelta

from bot import beat as beats
from bot.client import Hearth
from bot.gateway import observe
from bot.gateway import panels as posters
from bot.gateway.refresh import refresh
from bot.minute import tick
from bot.reconciling import gathering_events
from bot.rules import capacity
from bot.rules.scope import ServerScope
from bot.schedule import Job, by_itself
from bot.services import (
    facilitators,
    gathering_steps,
    group_silence,
    health,
    islands,
    letters,
    limits,
    long_absent,
    monthly_report,
    panels,
    preparing,
    quiet,
    retention,
    ritual_changes,
    servers,
    silent_seats,
    small,
    split_offices,
    splits,
    succession,
    survival_counts,
)
from bot.storage.emptying import empty_log

log = logging.getLogger(__name__)


def jobs(client: Hearth) -> list[Job]:
    """Return what Hearth does by the clock."""
    return [
        Job("beat", timedelta(seconds=30), functools.partial(beat, client)),
        Job("tick", timedelta(minutes=1), functools.partial(tick, client)),
        Job("hour", timedelta(hours=1), functools.partial(hour, client)),
        Job("day", timedelta(days=1), functools.partial(day, client)),
    ]


async def beat(client: Hearth, _now: datetime) -> None:
    """Tell the operator's health check that the loop turns, and how the tables are."""
    file = client.settings.beat_file
    try:
        await asyncio.to_thread(beats.beat, file, client.database.health.trouble)
    except OSError as error:
        log.error("The beat cannot be written to %s: %s.", file, error.strerror)  # noqa: TRY400 - one line says it all


async def hour(client: Hearth, now: datetime) -> None:
    """Look at every server as a whole: drift, full groups, and once a day who has gone quiet."""
    async with by_itself("Those who look after groups"), client.database.writing() as session:
        await facilitators.step_due(session, now)
        await succession.forget_offers(session, now)
        await split_offices.step_due(session, now)
    async with by_itself("Gatherings and their hosts"), client.database.writing() as session:
        await gathering_steps.look(session, now)
    async with client.database.reading() as session:
        ids = await servers.active(session)
    for server_id in ids:
        async with by_itself(f"Server {server_id}"):
            await _look_at(client, server_id, now)
        guild = client.get_guild(server_id)
        if guild is not None:
            async with by_itself(f"Server {server_id}"):
                await gathering_events.look(client.database, guild, now)
        async with by_itself(f"Server {server_id}"), client.database.writing() as session:
            await small.look(session, server_id, now, client.settings)
    async with by_itself("Panels"):
        await _refresh_panels(client, now)
    for server_id in ids:
        async with by_itself(f"Server {server_id}"):
            await _call_roll(client, server_id, now)
        async with by_itself(f"Server {server_id}"):
            await _close_weeks(client, server_id, now)
        async with by_itself(f"Server {server_id}"):
            await monthly_report.look(client.database, server_id, now)
    # Who was heard of while Hearth was not there is known only when that was read.
    for server_id in client.signals.hearing.intersection(ids):
        async with by_itself(f"Server {server_id}"):
            guild = client.get_guild(server_id)
            unheard = frozenset[int]() if guild is None else observe.hidden_rooms(guild)
            async with client.database.writing() as session:
                looked = await quiet.daily(session, server_id, now, unheard=unheard)
                if looked.looked:
                    await group_silence.look(session, server_id, now, unheard=unheard)
                await long_absent.look(session, server_id, now, unheard=unheard)
                await silent_seats.look(session, server_id, now, unheard=unheard)
            await _write_letters(client, server_id, now)


async def _write_letters(client: Hearth, server_id: int, now: datetime) -> None:
    """Write a server's letters, group by group: others want to write meanwhile."""
    async with client.database.reading() as session:
        groups = await letters.groups_due(session, server_id, now)
    if groups is None:
        return
    for group_id in groups:
        async with by_itself(f"Group {group_id}"), client.database.writing() as session:
            await letters.due_in(session, group_id, now)
    async with client.database.writing() as session:
        await letters.looked(session, server_id, now)


async def _call_roll(client: Hearth, server_id: int, now: datetime) -> None:
    """Count who is there at the end of a week; until everybody is known it waits, for a day."""
    async with client.database.reading() as session:
        week = await survival_counts.roll_due(session, server_id, now)
        hands = client.reconciler.of(server_id).hands
        if week is None or not observe.reachable(hands):
            return
        joined = observe.joined(hands.guild)
        if joined is None and not client.settings.reduced:
            return
        roll = await survival_counts.look(session, server_id, week, joined)
    async with client.database.writing() as session:
        await survival_counts.write(session, roll)


async def _close_weeks(client: Hearth, server_id: int, now: datetime) -> None:
    """Write down how groups were in the weeks that are over, week by week."""
    async with client.database.reading() as session:
        weeks = await health.due(session, server_id, now)
    if not weeks:
        return
    hands = client.reconciler.of(server_id).hands
    joined = observe.joined(hands.guild) if observe.reachable(hands) else None
    for week in weeks:
        async with client.database.reading() as session:
            found = await health.reckon(session, server_id, week, joined, now=now)
        async with client.database.writing() as session:
            await health.write(session, found)
    async with client.database.reading() as session:
        offers = await islands.look(session, server_id, now)
    async with client.database.writing() as session:
        await islands.write(session, offers, now)


async def _refresh_panels(client: Hearth, now: datetime) -> None:
    async with client.database.reading() as session:
        stale = await panels.stale(session, now)
    for panel in stale:
        if not observe.reachable(client.reconciler.of(panel.server_id).hands):
            continue
        sight = await posters.sight(client, panel.channel_id, panel.message_id)
        if sight == "there" and not panel.elsewhere:
            continue
        async with client.database.writing() as session:
            if sight == "gone":
                await panels.removed(session, panel.server_id, {panel.message_id})
            else:
                await panels.repost(session, panel, now)


async def _look_at(client: Hearth, server_id: int, now: datetime) -> None:
    settings, database = client.settings, client.database
    caretaker = client.reconciler.of(server_id)
    hands = caretaker.hands
    if observe.reachable(hands):
        roles = caretaker.roles.keys() | caretaker.restricted_roles
        await refresh(hands, client.arrivals, hands.guild, roles=roles)
    client.reconciler.poke(ServerScope(server_id))
    if observe.reachable(hands):  # in an outage of Discord's nothing is known of its rooms
        use = observe.use(hands.guild, ())
        async with database.writing() as session:
            await limits.take_in(session, server_id, use, now=now)
        fits = capacity.groups_that_fit(use)
        await splits.look(database, server_id, now, settings, fits=fits)
        await preparing.look(database, server_id, now)


async def day(client: Hearth, now: datetime) -> None:
    """Erase what is past its time; compare every server's members with what is known of them."""
    async with client.database.writing() as session:
        await retention.sweep(session, now, client.settings)
    await asyncio.to_thread(empty_log, client.settings.database)
    async with client.database.reading() as session:
        ids = await servers.active(session)
    for server_id in ids:
        async with by_itself(f"Server {server_id}"), client.database.writing() as session:
            await ritual_changes.suggest_due(session, server_id, now)
    for server_id in ids:
        hands = client.reconciler.of(server_id).hands
        if observe.reachable(hands):
            async with by_itself(f"Server {server_id}"):
                await refresh(hands, client.arrivals, hands.guild, everybody=True)
            if client.settings.reduced:  # nothing tells who left: everybody is asked for by name
                client.reconciler.after_gap(server_id)
