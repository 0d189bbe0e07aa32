"""What Hearth does by the clock: each minute, hour and day; a few lines that call services."""

import asyncio
import functools
import logging
from datetime import datetime, timedelta

from bot import beat as beats
from bot.client import Hearth
from bot.gateway import observe, sources
from bot.gateway import panels as posters
from bot.gateway.refresh import refresh
from bot.reconciling import gathering_events
from bot.rules import capacity
from bot.rules.scope import ServerScope
from bot.schedule import Job, by_itself
from bot.services import (
    adopting,
    ask_posts,
    bridge_sources,
    bud_begin,
    circle_founding,
    closing,
    cohort_days,
    connected,
    departures,
    facilitators,
    gathering_steps,
    goal_moments,
    group_silence,
    guest_doors,
    health,
    hostless,
    installation,
    islands,
    letters,
    limits,
    long_absent,
    merging,
    monthly_report,
    neighbourhoods,
    offers,
    pair_rounds,
    panels,
    portraits,
    preparing,
    quiet,
    removals,
    retention,
    ritual_changes,
    ritual_closing,
    ritual_moves,
    rituals,
    servers,
    silent_seats,
    small,
    split_offices,
    splits,
    succession,
    survival_counts,
    undertaken,
    visits,
)
from bot.storage.emptying import empty_log

log = logging.getLogger(__name__)

SOURCES_A_MINUTE = 10  # messages looked at, each by a request


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


async def tick(client: Hearth, now: datetime) -> None:
    """Do what is due by the minute: seats and visits that end, rituals, splits, letters."""
    settings, database = client.settings, client.database
    await client.signals.flush()
    if client.signals.unread:
        await client.signals.catch_up(client.guilds)
    async with by_itself("Seats and visits"), database.writing() as session:
        await connected.heard(session, client.signals.hearing, now)
        await departures.release_due(session, now)
        await visits.end_due(session, now)
        await removals.step_due(session, now)
        await splits.doors_due(session, now)
    async with by_itself("Guest evenings"), database.writing() as session:
        await guest_doors.step_due(session, now)
    async with by_itself("Questions between groups"), database.writing() as session:
        await ask_posts.step_due(session, now)
    async with by_itself("What was changed beside the bot"):
        await _look_beside(client)
    async with by_itself("Splits and waiting lists"), database.writing() as session:
        await splits.step_due(session, now, settings)
        await merging.step_due(session, now)
        await bud_begin.step_due(session, now)
        await adopting.step_due(session, now)
        await circle_founding.step_due(session, now, settings)
        await offers.step_due(session, now, settings)
    async with by_itself("Groups that have become full"):
        await _look_at_full(client, now)
    async with by_itself("Last days"), database.writing() as session:
        await closing.step_due(session, now)
    async with by_itself("Portraits"), database.writing() as session:
        await portraits.step_due(session, now)
    async with by_itself("Undertakings"), database.writing() as session:
        await undertaken.step_due(session, now, settings)
    async with by_itself("Rituals"), database.writing() as session:
        await ritual_moves.resume_due(session, now)
        await hostless.step_due(session, now)
        await rituals.claim_due(session, now, settings)
    async with by_itself("Rituals that are over"), database.writing() as session:
        await ritual_closing.step_due(session, now)
    async with by_itself("Challenges"), database.writing() as session:
        await goal_moments.step_due(session, now)
        await cohort_days.step_due(session, now)
    async with by_itself("Pairs"):
        await pair_rounds.step(database, now)
    async with by_itself("Gatherings"), database.writing() as session:
        await gathering_steps.step_due(session, now)
    async with by_itself("Events on Discord"):
        await gathering_events.follow(database, client.get_guild, now)
    async with by_itself("Pulses"):
        await client.pulses.step(now)
    async with by_itself("What people shared"):
        await _look_at_sources(client, now)
    async with by_itself("From the neighbourhoods"), database.writing() as session:
        await bridge_sources.step_due(session, now)
        await neighbourhoods.step_due(session, now)
    async with by_itself("Old panels"):
        await _take_panels_down(client)
    # What was put off until now is due by the clock alone; no transaction tells of it.
    client.outbox.wake()


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


async def _look_beside(client: Hearth) -> None:
    """Follow what a command beside the bot has written: nothing else tells of it."""
    async with client.database.reading() as session:
        if not await installation.is_changed_beside(session):
            return
    async with client.database.writing() as session:
        changed = await installation.changed_beside(session)
    for server_id in changed:
        client.reconciler.poke(ServerScope(server_id))


async def _look_at_sources(client: Hearth, now: datetime) -> None:
    """Look whether shared messages still stand, a few a minute, where nobody listened meanwhile."""
    async with client.database.reading() as session:
        wanted = await bridge_sources.unchecked(session, most=SOURCES_A_MINUTE)
    for one in wanted:
        stands, edited_at = await sources.look(client, one.channel_id, one.message_id)
        sight = "unknown" if stands is None else "stands" if stands else "gone"
        seen = bridge_sources.Seen(sight, edited_at)
        async with client.database.writing() as session:
            await bridge_sources.checked(session, one.bridge_id, seen, now)


async def _take_panels_down(client: Hearth) -> None:
    async with client.database.reading() as session:
        over = await panels.over(session)
    for panel in over:
        if await posters.take_down(client, panel.channel_id, panel.message_id):
            async with client.database.writing() as session:
                await panels.gone(session, panel.id)


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


async def _look_at_full(client: Hearth, now: datetime) -> None:
    """Show at once how a group can part for which that was got ready, when it has become full."""
    async with client.database.reading() as session:
        ids = await preparing.full(session)
    for server_id in ids:
        hands = client.reconciler.of(server_id).hands
        if not observe.reachable(hands):
            continue
        fits = capacity.groups_that_fit(observe.use(hands.guild, ()))
        await splits.look(client.database, server_id, now, client.settings, fits=fits)
        async with client.database.writing() as session:
            await preparing.used_up(session, server_id)


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
