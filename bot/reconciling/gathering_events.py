"""Discord's scheduled events follow the gatherings: made once, changed, taken down; each minute."""

from collections.abc import Callable
from datetime import datetime

import discord

from bot.database import Database
from bot.errors import Permanent, Temporary
from bot.gateway import scheduled
from bot.gateway.scheduled import Planned
from bot.services import gathering_events as events
from bot.services import gathering_steps
from bot.services.gathering_events import Errand
from bot.texts import catalogue

MOST = 10  # in one go: each is one request, or two


async def follow(
    database: Database, guild_of: Callable[[int], discord.Guild | None], now: datetime
) -> None:
    """Do what is due; what a server cannot do now is tried again a minute later."""
    async with database.reading() as session:
        due = await events.due(session, now)
    for errand in due[:MOST]:
        guild = guild_of(errand.server_id)
        if guild is None or guild.unavailable:
            continue
        try:
            await _do(database, guild, errand, now)
        except Temporary:
            continue
        except Permanent as error:
            async with database.writing() as session:
                await events.refused(session, errand, code=error.code, why=str(error), now=now)


async def look(database: Database, guild: discord.Guild, now: datetime) -> None:
    """Take in which events and voice rooms somebody deleted on Discord: that stands."""
    if guild.unavailable:
        return
    async with database.reading() as session:
        ours = await events.made_before(session, guild.id, now)
        rooms = await gathering_steps.named_rooms(session, guild.id)
    lost = {room for room in rooms if guild.get_channel(room) is None}
    if lost:
        async with database.writing() as session:
            await gathering_steps.without_room(session, guild.id, lost, now)
    there = {event.id for event in guild.scheduled_events}
    gone = [date for event, date in ours.items() if event not in there]
    if not gone:
        return
    async with database.writing() as session:
        for date_id in gone:
            await events.taken_by_hand(session, date_id)


async def _do(database: Database, guild: discord.Guild, errand: Errand, now: datetime) -> None:
    event_id = errand.event_id
    if errand.what == "cancel" and event_id is not None:
        await scheduled.cancel(guild, event_id)
        async with database.writing() as session:
            await events.gone(session, errand.date_id)
        return
    planned = Planned(
        name=errand.name,
        starts=errand.starts,
        ends=errand.ends,
        text=errand.text or _said(errand),
        marker=errand.marker,
        channel_id=errand.channel_id,
        where=errand.where,
    )
    if errand.what == "change" and event_id is not None:
        stands = await scheduled.change(guild, event_id, planned)
        async with database.writing() as session:
            if stands:
                await events.made(session, errand, event_id)
            else:
                await events.taken_by_hand(session, errand.date_id)
        return
    async with database.writing() as session:
        if not await events.claim(session, errand.date_id, now):
            return
    found = await scheduled.find(guild, errand.marker) if errand.what == "find" else None
    made = await scheduled.create(guild, planned) if found is None else found
    async with database.writing() as session:
        await events.made(session, errand, made)


def _said(errand: Errand) -> str:
    """Return what those who do not live in the group read of it."""
    if not errand.group:
        return ""
    return catalogue(errand.language)("gathering.event_text", group=errand.group)
