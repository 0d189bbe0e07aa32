"""What a role and a room that were there before Hearth are like, before they are adopted."""

import discord

from bot.errors import EffectError
from bot.gateway import audit, observe
from bot.gateway.answers import LOST
from bot.gateway.apply import Hands
from bot.rules import access
from bot.rules.adopting import Found

MOST_GIVERS = 5


async def look(
    hands: Hands, room: discord.TextChannel, role: discord.Role | None, *, reduced: bool
) -> Found:
    """Return what there is, from the cache, and who hands the role out: two small requests.

    In reduced mode the members are not known, and nothing can be adopted.
    """
    guild = hands.guild
    entries = tuple(observe.overwrites(room).values())
    if role is not None:
        people = {member.id for member in role.members if not member.bot}
    else:
        members = map(guild.get_member, (e.target_id for e in entries if access.lets_in(e)))
        people = {member.id for member in members if member is not None and not member.bot}
    givers: tuple[int, ...] = ()
    asked_for = False
    if role is not None:
        givers = await _givers(hands, role.id)
        asked_for = await _asked_for(guild, role.id)
    return Found(
        role_id=None if role is None else role.id,
        role_name="" if role is None else role.name,
        colour=0 if role is None else role.colour.value,
        room_id=room.id,
        room_name=room.name,
        topic=room.topic or "",
        people=frozenset(people),
        entries=entries,
        bot_id=guild.me.id,
        managed=role is not None and role.managed,
        too_high=role is not None and role >= guild.me.top_role,
        hidden=observe.is_hidden(room),
        whole=not reduced and bool(guild.chunked),
        opens=() if role is None else _opens(guild, role, room),
        rights=role is not None
        and bool(role.permissions.value & ~guild.default_role.permissions.value),
        givers=givers,
        asked_for=asked_for,
    )


def _opens(guild: discord.Guild, role: discord.Role, room: discord.TextChannel) -> tuple[int, ...]:
    """Return the other channels that the role lets people into, in the order of the list."""
    return tuple(
        channel.id
        for channel in guild.channels
        if channel.id != room.id
        and not isinstance(channel, discord.CategoryChannel)
        and access.lets_in(observe.overwrites(channel).get(role.id))
    )


async def _givers(hands: Hands, role_id: int) -> tuple[int, ...]:
    """Return who gave the role lately, most often first; nobody where the log may not be read."""
    try:
        counts = await audit.givers(hands, role_id)
    except EffectError:
        return ()
    return tuple(sorted(counts, key=lambda user: (-counts[user], user))[:MOST_GIVERS])


async def _asked_for(guild: discord.Guild, role_id: int) -> bool:
    """Return whether an answer to the server's onboarding gives the role."""
    try:
        onboarding = await guild.onboarding()
    except (discord.DiscordException, *LOST):
        return False
    return onboarding.enabled and any(
        role_id in option.role_ids for prompt in onboarding.prompts for option in prompt.options
    )
