"""What Hearth does each minute: seats and visits that end, rituals, splits, letters.

A glance at all matters says which of them may have something to do; the others are left alone.
What one does may give another something to do in the same minute: then the glance is taken again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.client import Hearth
from bot.gateway import observe, sources
from bot.gateway import panels as posters
from bot.reconciling import gathering_events as events
from bot.rules import capacity
from bot.rules.scope import ServerScope
from bot.schedule import by_itself
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
    gathering_events,
    gathering_steps,
    goal_moments,
    guest_doors,
    hostless,
    installation,
    merging,
    neighbourhoods,
    offers,
    pair_rounds,
    panels,
    portraits,
    preparing,
    pulse_closing,
    removals,
    ritual_closing,
    ritual_moves,
    rituals,
    splits,
    undertaken,
    undertakings,
    visits,
)
from bot.services.glance import Glance, Question

Work = Callable[[Hearth, datetime], Awaitable[None]]
Step = Callable[[Any, datetime], Awaitable[object]]
"""A part of it, in the session of a transaction that is open already."""

SOURCES_A_MINUTE = 10  # messages looked at, each by a request


async def tick(client: Hearth, now: datetime) -> None:
    """Do what is due by the minute."""
    await client.signals.flush()
    if client.signals.unread:
        await client.signals.catch_up(client.guilds)
    async with by_itself("What was heard"), client.database.writing() as session:
        await connected.heard(session, client.signals.hearing, now)
    seen: tuple[bool, ...] = ()
    for number, matter in enumerate(MATTERS):
        if not seen:
            async with client.database.reading() as session:
                seen = await GLANCE.take(session, now)
        if seen[number] or matter.remembers(client):
            async with by_itself(matter.name):
                await matter.work(client, now)
            seen = ()
    # What was put off until now is due by the clock alone; no transaction tells of it.
    client.outbox.wake()


def _nothing(_client: Hearth) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to be seen to by the minute, where one of its questions is answered by yes.

    Its name stands in the log where it fails. `remembers` says whether this process has something
    to do for it that the tables do not show.
    """

    name: str
    work: Work
    asks: tuple[Question, ...]
    remembers: Callable[[Hearth], bool] = _nothing


def _in_one(*steps: Step) -> Work:
    """Return the work of taking steps in one transaction."""

    async def take(client: Hearth, now: datetime) -> None:
        async with client.database.writing() as session:
            for step in steps:
                await step(session, now)

    return take


async def _look_beside(client: Hearth, _now: datetime) -> None:
    """Follow what a command beside the bot has written: nothing else tells of it."""
    async with client.database.writing() as session:
        changed = await installation.changed_beside(session)
    for server_id in changed:
        client.reconciler.poke(ServerScope(server_id))


async def _new_groups(client: Hearth, now: datetime) -> None:
    async with client.database.writing() as session:
        await splits.step_due(session, now, client.settings)
        await merging.step_due(session, now)
        await bud_begin.step_due(session, now)
        await adopting.step_due(session, now)
        await circle_founding.step_due(session, now, client.settings)


async def _waiting_lists(client: Hearth, now: datetime) -> None:
    async with client.database.writing() as session:
        await offers.step_due(session, now, client.settings)


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


async def _undertakings(client: Hearth, now: datetime) -> None:
    async with client.database.writing() as session:
        await undertaken.step_due(session, now, client.settings)


async def _rituals(client: Hearth, now: datetime) -> None:
    async with client.database.writing() as session:
        await ritual_moves.resume_due(session, now)
        await hostless.step_due(session, now)
        await rituals.claim_due(session, now, client.settings)


async def _pairs(client: Hearth, now: datetime) -> None:
    await pair_rounds.step(client.database, now)


async def _events(client: Hearth, now: datetime) -> None:
    await events.follow(client.database, client.get_guild, now)


async def _pulses(client: Hearth, now: datetime) -> None:
    await client.pulses.step(now)


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


async def _take_panels_down(client: Hearth, _now: datetime) -> None:
    async with client.database.reading() as session:
        over = await panels.over(session)
    for panel in over:
        if await posters.take_down(client, panel.channel_id, panel.message_id):
            async with client.database.writing() as session:
                await panels.gone(session, panel.id)


MATTERS = (
    Matter(
        "Seats and visits",
        _in_one(departures.release_due, visits.end_due, removals.step_due, splits.doors_due),
        (departures.ANY_DUE, visits.ANY_DUE, removals.ANY_DUE, splits.ANY_DOOR_DUE),
    ),
    Matter("Guest evenings", _in_one(guest_doors.step_due), (guest_doors.ANY_OPEN,)),
    Matter("Questions between groups", _in_one(ask_posts.step_due), (ask_posts.ANY_OPEN,)),
    Matter("What was changed beside the bot", _look_beside, (installation.ANY_BESIDE,)),
    Matter(
        "Splits, merges and new groups",
        _new_groups,
        (
            splits.ANY_OPEN,
            merging.ANY_OPEN,
            bud_begin.ANY_DUE,
            adopting.ANY_RESTING,
            circle_founding.ANY_OPEN,
        ),
    ),
    Matter("Waiting lists", _waiting_lists, (offers.ANY,)),
    Matter("Groups that have become full", _look_at_full, (preparing.ANY_FULL,)),
    Matter("Last days", _in_one(closing.step_due), (closing.ANY_TO_CLOSE,)),
    Matter("Portraits", _in_one(portraits.step_due), (portraits.ANY_DUE,)),
    Matter("Undertakings", _undertakings, (undertakings.ANY_RUNNING,)),
    Matter("Rituals", _rituals, (ritual_moves.ANY_DUE, hostless.ANY_DUE, rituals.ANY_DUE)),
    Matter("Rituals that are over", _in_one(ritual_closing.step_due), (ritual_closing.ANY_DUE,)),
    Matter("Challenges", _in_one(goal_moments.step_due), (goal_moments.ANY_OPEN,)),
    Matter("Groups that begin together", _in_one(cohort_days.step_due), (cohort_days.ANY_DUE,)),
    Matter("Pairs", _pairs, (pair_rounds.ANY,)),
    Matter("Gatherings", _in_one(gathering_steps.step_due), (gathering_steps.ANY_DUE,)),
    Matter("Events on Discord", _events, (gathering_events.ANY_TO_FOLLOW,)),
    Matter("Pulses", _pulses, (pulse_closing.ANY_UNTOLD,), lambda client: client.pulses.hold),
    Matter("What people shared", _look_at_sources, (bridge_sources.ANY_UNCHECKED,)),
    Matter("Bridges", _in_one(bridge_sources.step_due), (bridge_sources.ANY,)),
    Matter(
        "From the neighbourhoods", _in_one(neighbourhoods.step_due), (neighbourhoods.ANY_HOSTED,)
    ),
    Matter("Old panels", _take_panels_down, (panels.ANY_OVER,)),
)
GLANCE = Glance([matter.asks for matter in MATTERS])
