"""Discord's own scheduled events: found, made, changed and called off.

Written against the routes: discord.py repeats a creation that answered with 500, 502 or 504,
though it may have been carried out, and makes two. Here nothing is repeated; whoever asks writes
down first what is to be made, carries a `marker` in the description, and looks by it (`find`)
before making it again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import discord
from discord.http import HTTPClient, Route

from bot.errors import Permanent
from bot.gateway.errors import effects
from bot.gateway.once import once

# https://docs.discord.com/developers/resources/guild-scheduled-event
MOST = 100  # scheduled and active ones in a server
FULL = 30038  # Discord's code when there are as many
LONGEST_NAME, LONGEST_WHERE, LONGEST_TEXT = 100, 100, 1000  # characters
GUILD_ONLY, STAGE, VOICE, EXTERNAL = 2, 1, 2, 3
EVENTS = "/guilds/{guild_id}/scheduled-events"
EVENT = "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}"


@dataclass(frozen=True, slots=True)
class Planned:
    """An event as it shall stand on Discord.

    Either in a voice room or on a stage (`channel_id`; seen by who sees it) or elsewhere (`where`;
    seen by everybody in the server). `marker` ends the description; choose one that nobody would
    write.
    """

    name: str
    starts: datetime
    ends: datetime
    text: str
    marker: str
    channel_id: int | None = None
    where: str = ""


def count(guild: discord.Guild) -> int:
    """Return how many events a server has that count towards `MOST`, by what Discord told."""
    live = (discord.EventStatus.scheduled, discord.EventStatus.active)
    return sum(event.status in live for event in guild.scheduled_events)


def shut_stages(guild: discord.Guild) -> set[int]:
    """Return the stages on which Hearth can announce nothing: it is none of their moderators."""
    needed = discord.Permissions.stage_moderator()
    return {
        room.id for room in guild.stage_channels if not room.permissions_for(guild.me) >= needed
    }


async def create(guild: discord.Guild, planned: Planned) -> int:
    """Make an event; return its id. Needs CREATE_EVENTS (in a voice room or on a stage: there).

    On a stage it takes what makes its moderators, too: MANAGE_CHANNELS, MUTE_MEMBERS, MOVE_MEMBERS.

    `Permanent` with 30038 when the server has 100, with 50013 without the right; `Temporary` when
    nobody knows whether it was made: then look (`find`) before trying again.
    """
    if count(guild) >= MOST:
        raise Permanent("the server has all the events it can have", code=FULL)
    payload = {"privacy_level": GUILD_ONLY, **_payload(guild, planned)}
    with effects():
        made = await once(_http(guild), Route("POST", EVENTS, guild_id=guild.id), payload)
    return int(made["id"])


async def change(guild: discord.Guild, event_id: int, planned: Planned) -> bool:
    """Change an event of our own; False if it is there no more (somebody's decision).

    Errors as in `create`.
    """
    route = Route("PATCH", EVENT, guild_id=guild.id, guild_scheduled_event_id=event_id)
    with effects():
        try:
            await _http(guild).request(route, json=_payload(guild, planned))
        except discord.NotFound:
            return False
    return True


async def cancel(guild: discord.Guild, event_id: int) -> bool:
    """Take an event away, whatever its state; False if it is there no more."""
    route = Route("DELETE", EVENT, guild_id=guild.id, guild_scheduled_event_id=event_id)
    with effects():
        try:
            await _http(guild).request(route)
        except discord.NotFound:
            return False
    return True


async def find(guild: discord.Guild, marker: str) -> int | None:
    """Return the id of our own event whose description ends in `marker`; asked of Discord."""
    with effects():
        events = await _http(guild).request(Route("GET", EVENTS, guild_id=guild.id))
    for event in cast("list[dict[str, Any]]", events):
        mine = int(event.get("creator_id") or 0) == guild.me.id
        if mine and str(event.get("description") or "").endswith(marker):
            return int(event["id"])
    return None


def _payload(guild: discord.Guild, planned: Planned) -> dict[str, Any]:
    room = planned.channel_id
    on_stage = room is not None and isinstance(guild.get_channel(room), discord.StageChannel)
    text = planned.text[: LONGEST_TEXT - len(planned.marker) - 1]
    return {
        "name": planned.name[:LONGEST_NAME],
        "description": f"{text}\n{planned.marker}",
        "scheduled_start_time": planned.starts.isoformat(),
        "scheduled_end_time": planned.ends.isoformat(),
        "entity_type": EXTERNAL if room is None else STAGE if on_stage else VOICE,
        "channel_id": None if room is None else str(room),
        "entity_metadata": {"location": planned.where[:LONGEST_WHERE]} if room is None else None,
    }


def _http(guild: discord.Guild) -> HTTPClient:
    return guild._state.http  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - it is handed out nowhere else
