"""What a server is like, from the gateway's cache and what Hearth itself wrote since."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, cast

import discord

from bot.gateway.apply import Hands
from bot.gateway.echoes import Echoes
from bot.rules.access import Kind, Overwrite
from bot.rules.capacity import Use
from bot.rules.planning import Desired, Observed, ObservedMember, ObservedRoom

PAUSE_EVERY = 250  # members; a look at a large server lets others work in between
PAUSE_EVERY_ROOMS = 20


def reachable(hands: Hands) -> bool:
    """Return whether the bot is in the server and Discord has no outage there."""
    guild = hands.client.get_guild(hands.server_id)
    return guild is not None and not guild.unavailable


async def observe(
    hands: Hands, desired: Desired, *, now: datetime, users: Collection[int] | None
) -> Observed:
    """Return the server's roles and group rooms, and of its members `users` (None: all)."""
    guild, echoes = hands.guild, hands.echoes
    roles = {role.id for role in guild.roles} | echoes.made_roles
    rooms: dict[int, ObservedRoom] = {}
    for number, group in enumerate(desired.groups.values(), start=1):
        for room_id in (group.room_id, group.voice_id):
            room = None if room_id is None else _room(guild, echoes, room_id)
            if room_id is not None and room is not None:
                rooms[room_id] = room
        if number % PAUSE_EVERY_ROOMS == 0:
            await asyncio.sleep(0)
    members: dict[int, ObservedMember] = {}
    everybody = guild.members if users is None else _cached(guild, users)
    for number, member in enumerate(everybody, start=1):
        members[member.id] = _member(echoes, member, now, roles)
        if number % PAUSE_EVERY == 0:
            await asyncio.sleep(0)
    return Observed(
        server_id=guild.id,
        bot_id=guild.me.id,
        bot_permissions=guild.me.guild_permissions.value,
        roles=frozenset(roles),
        rooms=rooms,
        members=members,
        complete=guild.chunked,
    )


def _member(
    echoes: Echoes, member: discord.Member, now: datetime, existing: AbstractSet[int]
) -> ObservedMember:
    """Return one member's roles as they are now; a role that is deleted is none.

    The raw ids are read: the public property looks up and sorts role objects, for every member of
    a large server at every look.
    """
    until = member.timed_out_until
    roles = existing & set(cast("Any", member)._roles)  # noqa: SLF001 - see above
    return ObservedMember(
        roles=echoes.roles(member.id, frozenset(roles)),
        timed_out=until is not None and until > now,
        pending=member.pending,
    )


def one_member(hands: Hands, user_id: int, now: datetime) -> ObservedMember | None:
    """Return one member from the cache; None if they are not in it."""
    member = hands.guild.get_member(user_id)
    if member is None:
        return None
    existing = {role.id for role in hands.guild.roles} | hands.echoes.made_roles
    return _member(hands.echoes, member, now, existing)


def alone(hands: Hands, user_id: int, member: ObservedMember, *, reduced: bool) -> Observed:
    """Return the server as far as one member's roles need it.

    With `reduced` the member was asked for by name, so nothing about them is missing.
    """
    guild = hands.guild
    return Observed(
        server_id=guild.id,
        bot_id=guild.me.id,
        bot_permissions=guild.me.guild_permissions.value,
        roles=frozenset(role.id for role in guild.roles) | hands.echoes.made_roles,
        rooms={},
        members={user_id: member},
        complete=reduced or guild.chunked,
    )


def present(hands: Hands, users: Collection[int]) -> set[int]:
    """Return which of `users` are in the server, as far as the cache knows."""
    guild = hands.guild
    return {user for user in users if guild.get_member(user) is not None}


def role_ids(member: discord.Member) -> frozenset[int]:
    """Return a member's roles without @everyone; a role that is deleted is none."""
    return frozenset(role.id for role in member.roles if not role.is_default())


def overwrites(channel: discord.abc.GuildChannel) -> dict[int, Overwrite]:
    """Return a channel's overwrites by target."""
    found: dict[int, Overwrite] = {}
    for one in _raw(channel):
        kind: Kind = "role" if one.is_role() else "member"
        found[one.id] = Overwrite(one.id, kind, one.allow, one.deny)
    return found


def _raw(channel: discord.abc.GuildChannel) -> list[Any]:
    """Return the raw bits: the public property drops those that discord.py has no name for."""
    return cast("Any", channel)._overwrites  # noqa: SLF001 - see above


def is_hidden(channel: discord.abc.GuildChannel) -> bool:
    """Return whether the bot may not see a channel: then nothing true is known of it.

    Discord shows such a channel as one overwrite that lets nobody look, whatever stands there.
    """
    return not channel.permissions_for(channel.guild.me).view_channel


def hidden_rooms(guild: discord.Guild) -> frozenset[int]:
    """Return the channels that are closed to Hearth."""
    return frozenset(channel.id for channel in guild.channels if is_hidden(channel))


def _room(guild: discord.Guild, echoes: Echoes, room_id: int) -> ObservedRoom | None:
    channel = guild.get_channel(room_id)
    if channel is None:
        made = echoes.made_rooms.get(room_id)
        if made is None:
            return None
        name, _, written = made
        return ObservedRoom(name, echoes.overwrites(room_id, dict(written)))
    return ObservedRoom(
        name=channel.name,
        overwrites=echoes.overwrites(room_id, overwrites(channel)),
        hidden=is_hidden(channel),
    )


def _cached(guild: discord.Guild, users: Collection[int]) -> Iterable[discord.Member]:
    return [member for user in users if (member := guild.get_member(user)) is not None]


async def holders(hands: Hands, roles: Collection[int]) -> set[int]:
    """Return who has one of these roles, as far as the cache knows."""
    found: set[int] = set()
    asked = frozenset(roles)
    for number, member in enumerate(hands.guild.members if asked else (), start=1):
        if not asked.isdisjoint(cast("Any", member)._roles):  # noqa: SLF001 - see `_member`
            found.add(member.id)
        if number % (4 * PAUSE_EVERY) == 0:
            await asyncio.sleep(0)
    return found


def keyed(hands: Hands, desired: Desired, users: Collection[int]) -> set[int]:
    """Return the groups in whose rooms one of `users` has an overwrite of their own."""
    found: set[int] = set()
    for group in desired.groups.values():
        for room_id in (group.room_id, group.voice_id):
            channel = None if room_id is None else hands.guild.get_channel(room_id)
            if channel is not None and any(one.id in users for one in _raw(channel)):
                found.add(group.group_id)
    return found


def is_unused(hands: Hands, made_id: int, *, role: bool) -> bool:
    """Return whether a role or channel is there, and nobody has it or wrote or put anything in it.

    False while not every member is known.
    """
    guild = hands.guild
    if role:
        found = guild.get_role(made_id)
        return found is not None and bool(guild.chunked) and not found.members
    channel = guild.get_channel(made_id)
    if isinstance(channel, discord.CategoryChannel):
        return not channel.channels
    return (
        isinstance(channel, discord.TextChannel | discord.VoiceChannel)
        and not is_hidden(channel)  # then its last message is hidden, too
        and not (isinstance(channel, discord.VoiceChannel) and channel.members)
        and channel.last_message_id is None
    )


def role_count(hands: Hands) -> int:
    """Return how many roles a server has, with those that the cache has not heard of yet."""
    return len({role.id for role in hands.guild.roles} | hands.echoes.made_roles)


def channels(hands: Hands) -> set[int]:
    """Return a server's channels and categories, with those not heard of yet."""
    return {channel.id for channel in hands.guild.channels} | hands.echoes.made_rooms.keys()


def channel_count(hands: Hands) -> int:
    """Return how many channels and categories a server has, with those not heard of yet."""
    return len(channels(hands))


def category_of(hands: Hands, room_id: int | None) -> frozenset[int]:
    """Return the category that a room stands in, as far as the cache knows; none for no room."""
    channel = hands.guild.get_channel(room_id or 0)
    if channel is not None:
        return frozenset(() if channel.category_id is None else (channel.category_id,))
    made = hands.echoes.made_rooms.get(room_id or 0)
    return frozenset(() if made is None or not made[1] else (made[1],))


def free_category(
    hands: Hands, pool: Collection[int], full: Collection[int], most: int
) -> int | None:
    """Return the first category of the pool with fewer than `most` channels, if there is one."""
    guild, echoes = hands.guild, hands.echoes
    for category_id in sorted(set(pool) - set(full)):
        category = guild.get_channel(category_id)
        fresh = {
            room for room, (_, parent, _) in echoes.made_rooms.items() if parent == category_id
        }
        if isinstance(category, discord.CategoryChannel):
            if is_hidden(category):
                continue
            fresh |= {channel.id for channel in category.channels}
        elif category_id not in echoes.made_rooms:
            continue
        if len(fresh) < most:
            return category_id
    return None


def use(guild: discord.Guild, group_roles: Collection[int]) -> Use:
    """Return how much of Discord's limits a server uses, and what the bot may do there."""
    me = guild.me
    own = [role for role in guild.roles if role.id in group_roles]
    return Use(
        roles=len(guild.roles),
        channels=len(guild.channels),
        categories=len(guild.categories),
        members=guild.member_count or 0,
        permissions=me.guild_permissions.value,
        own_role=guild.self_role.id if guild.self_role is not None else 0,
        roles_above=tuple(role.id for role in own if role >= me.top_role),
        hidden_rooms=hidden_rooms(guild),
        rooms=frozenset(channel.id for channel in guild.channels),
        overwrites={channel.id: len(overwrites(channel)) for channel in guild.channels},
        twins=_twins(guild),
    )


def _twins(guild: discord.Guild) -> dict[int, frozenset[int]]:
    alike: dict[tuple[str, int | None], set[int]] = defaultdict(set)
    for role in guild.roles:
        if not role.managed:
            alike[role.name, None].add(role.id)
    for channel in guild.text_channels:
        alike[channel.name, channel.category_id or 0].add(channel.id)
    return {one: frozenset(ids - {one}) for ids in alike.values() for one in ids if len(ids) > 1}


def joined(guild: discord.Guild) -> dict[int, datetime] | None:
    """Return when everybody who is in the server joined it, bots left out.

    None where not everybody is known: without the Server Members Intent, or before all were sent.
    """
    if not guild.chunked:
        return None
    return {
        member.id: member.joined_at
        for member in guild.members
        if not member.bot and member.joined_at is not None
    }


def joined_at(client: discord.Client, user_id: int) -> dict[int, datetime]:
    """Return when somebody joined each server that they share with the bot, as far as is known."""
    found: dict[int, datetime] = {}
    for guild in client.guilds:
        member = guild.get_member(user_id)
        if member is not None and member.joined_at is not None:
            found[guild.id] = member.joined_at
    return found
