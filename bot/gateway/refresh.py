"""Finds what the gateway never told, by asking Discord how a server is now.

Whatever differs from the cache is replayed as the event that should have come, so that everything
that listens takes it in as usual. What an event was about while Discord was being asked is left
alone: the cache may be newer than the answer.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

import aiohttp
import discord

from bot.gateway.apply import Hands
from bot.gateway.arrivals import Arrivals
from bot.gateway.observe import is_hidden

log = logging.getLogger(__name__)

PAGE = 500  # members in one answer; Discord gives 1000, but reading those takes too long at once
PAUSE_EVERY = 250  # members compared between two turns for others
HIDDEN = 1 << 17  # the flag of a channel that the bot may not see: Discord, Obfuscated Channels
ROLE_FIELDS = ("name", "permissions", "color", "position", "hoist", "mentionable")


async def refresh(
    hands: Hands,
    arrivals: Arrivals,
    guild: discord.Guild,
    *,
    roles: Collection[int] = (),
    everybody: bool = False,
) -> int:
    """Replay what a server's events did not tell; return how many events that took.

    Roles and channels are compared one by one. So are members with `everybody`, where their list is
    not complete, and where one request brings them all; then the list is complete. In larger
    servers it is asked first how many have each of `roles`: Discord's count of a server's members
    is only about right, and to ask for all of them because of that would take a large server's
    bucket every hour. What cannot be asked now is left for the next time. One server is compared
    after the other.
    """
    async with arrivals.comparing:
        if hands.client.get_guild(guild.id) is not guild or guild.unavailable:
            return 0  # it was introduced anew meanwhile, or is away
        return await _compare(hands, arrivals, guild, roles, everybody=everybody)


async def _compare(
    hands: Hands,
    arrivals: Arrivals,
    guild: discord.Guild,
    roles: Collection[int],
    *,
    everybody: bool,
) -> int:
    client, echoes = hands.client, hands.echoes
    asking, unheard = _Asking(client, arrivals, guild), echoes.unheard()
    try:
        with arrivals.noting(guild.id) as touched:
            await asking.roles(touched)
            await asking.channels(touched)
            if client.intents.members:
                everybody |= not guild.chunked or (guild.member_count or 0) < PAGE
                if everybody or await asking.members_differ(roles):
                    await asking.members(touched)
                    arrivals.complete(guild)
                echoes.overtaken(unheard, but=touched)
    except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
        log.info("Server %s cannot be compared now: %s", guild.id, error)
    if asking.replayed:
        log.warning("%d events of server %s had not arrived.", asking.replayed, guild.id)
    return asking.replayed


class _Asking:
    def __init__(self, client: discord.Client, arrivals: Arrivals, guild: discord.Guild) -> None:
        self.replayed = 0
        self._lasting = set[tuple[int, int]]()
        self._client = client
        self._http = client.http
        self._arrivals = arrivals
        self._guild = guild

    @property
    def _is_over(self) -> bool:
        """Whether an outage or a new session has begun: this cache is not used any more."""
        return self._guild.unavailable or (
            self._client.get_guild(self._guild.id) is not self._guild
        )

    def _replay(self, event: str, data: dict[str, Any]) -> None:
        if self._is_over:
            return
        self.replayed += 1
        self._arrivals.replay(event, {"guild_id": str(self._guild.id), **data})

    async def roles(self, touched: set[int]) -> None:
        """Compare the roles."""
        told: list[Any] = await self._http.get_roles(self._guild.id)
        there = {int(role["id"]): role for role in told}
        for role_id, raw in there.items():
            known = self._guild.get_role(role_id)
            if role_id in touched:
                continue
            if known is None:
                self._replay("GUILD_ROLE_CREATE", {"role": raw})
            elif _of_role(known) != tuple(str(raw.get(field)) for field in ROLE_FIELDS):
                self._replay("GUILD_ROLE_UPDATE", {"role": raw})
        for role in list(self._guild.roles):
            if role.id not in there and role.id not in touched:
                self._replay("GUILD_ROLE_DELETE", {"role_id": str(role.id)})

    async def channels(self, touched: set[int]) -> None:
        """Compare the channels that the bot sees; Discord lists no others."""
        told: list[Any] = await self._http.get_all_guild_channels(self._guild.id)
        there = {int(channel["id"]): channel for channel in told}
        for channel_id, raw in there.items():
            known = self._guild.get_channel(channel_id)
            if channel_id in touched:
                continue
            if known is None:
                self._replay("CHANNEL_CREATE", raw)
            elif _of_channel(known) != _of_raw_channel(raw):
                self._replay("CHANNEL_UPDATE", raw)
        for channel in list(self._guild.channels):
            if channel.id not in there and channel.id not in touched and not is_hidden(channel):
                await self._unlisted(channel, touched)

    async def _unlisted(self, channel: discord.abc.GuildChannel, touched: set[int]) -> None:
        """Find out whether a channel is gone or only hidden: hidden is not deleted."""
        bare: dict[str, Any] = {"id": str(channel.id), "type": channel.type.value}
        try:
            await self._http.get_channel(channel.id)
        except discord.NotFound:
            if channel.id not in touched:
                self._replay("CHANNEL_DELETE", bare)
        except discord.Forbidden:
            if channel.id not in touched:
                deny = str(discord.Permissions(view_channel=True).value)
                nobody = {"id": str(self._guild.id), "type": 0, "allow": "0", "deny": deny}
                hidden = {"name": "___hidden___", "flags": HIDDEN, "position": channel.position}
                parent = None if channel.category_id is None else str(channel.category_id)
                told = {**bare, **hidden, "parent_id": parent, "permission_overwrites": [nobody]}
                self._replay("CHANNEL_UPDATE", told)

    async def members_differ(self, roles: Collection[int]) -> bool:
        """Return whether more or fewer have one of `roles` than are known to have it.

        It is asked twice: of what changes just now one side hears sooner than the other. What a
        comparison of everybody has not mended before is how Discord counts.
        """
        lasting = await self._miscounted(roles)
        if lasting:
            lasting &= await self._miscounted(roles)
        self._lasting = lasting
        return not lasting <= self._arrivals.miscounted.get(self._guild.id, frozenset())

    async def _miscounted(self, roles: Collection[int]) -> set[tuple[int, int]]:
        """Return the roles that more or fewer have than is known, with how many more."""
        guild = self._guild
        asked = {role_id for role_id in roles if guild.get_role(role_id) is not None}
        if not asked:
            return set()
        told: dict[Any, int] = await self._http.get_role_member_counts(guild.id)
        known = Counter[int]()
        for number, member in enumerate(list(guild.members), start=1):
            known.update(asked & _role_ids(member))
            if number % PAUSE_EVERY == 0:
                await asyncio.sleep(0)
        more = {role_id: told.get(str(role_id), 0) - known[role_id] for role_id in asked}
        return {(role_id, count) for role_id, count in more.items() if count}

    async def members(self, touched: set[int]) -> None:
        """Compare the members, page by page."""
        guild, last, there, before = self._guild, 0, set[int](), self.replayed
        while True:
            page: list[Any] = await self._http.get_members(guild.id, PAGE, last or None)
            for number, raw in enumerate(page, start=1):
                user_id = last = int(raw["user"]["id"])
                there.add(user_id)
                if user_id not in touched:
                    known = guild.get_member(user_id)
                    if known is None:
                        self._replay("GUILD_MEMBER_ADD", raw)
                    elif _of_member(known) != _of_raw_member(raw):
                        self._replay("GUILD_MEMBER_UPDATE", raw)
                if number % PAUSE_EVERY == 0:
                    await asyncio.sleep(0)
            if len(page) < PAGE:
                break
        for member in [one for one in guild.members if one.id not in there]:
            if member.id not in touched:
                self._replay("GUILD_MEMBER_REMOVE", {"user": _user(member)})
        if self.replayed > before:
            self._arrivals.miscounted.pop(guild.id, None)
        elif self._lasting and not self._is_over:
            self._arrivals.miscounted[guild.id] = frozenset(self._lasting)


def _of_role(role: discord.Role) -> tuple[str, ...]:
    """Return a role's `ROLE_FIELDS` as Discord writes them."""
    return (
        role.name,
        str(role.permissions.value),
        str(role.colour.value),
        str(role.position),
        str(role.hoist),
        str(role.mentionable),
    )


def _of_channel(channel: discord.abc.GuildChannel) -> tuple[object, ...]:
    raw: Any = channel
    entries = {(one.id, int(one.type), one.allow, one.deny) for one in raw._overwrites}  # noqa: SLF001 - the public property drops bits without a name
    return channel.name, getattr(channel, "topic", None), channel.category_id, entries


def _of_raw_channel(raw: dict[str, Any]) -> tuple[object, ...]:
    entries = {
        (int(one["id"]), int(one["type"]), int(one["allow"]), int(one["deny"]))
        for one in raw["permission_overwrites"]
    }
    parent = raw.get("parent_id")
    return raw["name"], raw.get("topic"), None if parent is None else int(parent), entries


def _role_ids(member: discord.Member) -> set[int]:
    return set(cast("Any", member)._roles)  # noqa: SLF001 - the public property looks up and sorts role objects


def _of_member(member: discord.Member) -> tuple[object, ...]:
    return _role_ids(member), member.pending, member.timed_out_until


def _of_raw_member(raw: dict[str, Any]) -> tuple[object, ...]:
    until = raw.get("communication_disabled_until")
    roles = {int(role_id) for role_id in raw["roles"]}
    return (
        roles,
        raw.get("pending", False),
        None if until is None else datetime.fromisoformat(until),
    )


def _user(member: discord.Member) -> dict[str, Any]:
    """Return an account as the event about its leaving names it."""
    return {
        "id": str(member.id),
        "username": member.name,
        "discriminator": member.discriminator,
        "avatar": None,
        "bot": member.bot,
    }
