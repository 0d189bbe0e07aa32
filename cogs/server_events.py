"""What happens in a server without a command: people come, go and change things by hand.

Events say where to look again. What a person decided by hand becomes rows (`services.byhand`,
`services.departures`); the reconciler does the rest.
"""

import asyncio
import logging
from contextlib import suppress
from typing import cast

import discord
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, pressed
from bot.gateway import audit, observe
from bot.gateway.answers import LOST
from bot.rules import access
from bot.rules.flips import Flips
from bot.rules.message import say
from bot.rules.scope import GroupScope, MemberScope, ServerScope
from bot.services import (
    byhand,
    checks,
    creations,
    departures,
    guest_doors,
    rights,
    stay,
    survival_counts,
    upkeep,
)

log = logging.getLogger(__name__)

MOST_QUESTIONS = 3  # about people with the same role in ten minutes; more are one line
RISKY = discord.Permissions(
    administrator=True,
    manage_guild=True,
    manage_roles=True,
    manage_channels=True,
    manage_messages=True,
    kick_members=True,
    ban_members=True,
    moderate_members=True,
).value
CHUNK_WAIT = 60.0  # seconds; what Discord finds too early is asked again after half a minute


class ServerEvents(commands.Cog):
    """Listens to members, roles, rooms and bans."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot
        self._gifts = Flips(MOST_QUESTIONS)  # how often each group's role was given by hand

    # --- the server itself ----------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_connect(self) -> None:
        """Expect a look at everything: a new session begins, and its cache is being filled."""
        self.bot.reconciler.in_the_dark = True

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Look at every server: nobody knows what happened before this session."""
        self.bot.reconciler.in_the_dark = False
        for guild in self.bot.guilds:
            self.bot.reconciler.after_gap(guild.id)
        for guild in self.bot.guilds:
            await self._whole(guild)

    @commands.Cog.listener()
    async def on_resumed(self) -> None:
        """Look at every server whose session was cut before its cache was full, then resumed.

        discord.py asks for the members only once, while it gets ready.
        """
        was_dark, self.bot.reconciler.in_the_dark = self.bot.reconciler.in_the_dark, False
        for guild in self.bot.guilds:
            self.bot.arrivals.forget_request(guild.id)
            if not await self._whole(guild) and was_dark:
                self.bot.reconciler.after_gap(guild.id)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Look at a server that comes back after an outage."""
        if self.bot.is_ready():
            self.bot.reconciler.after_gap(guild.id)
            await self._whole(guild)

    async def _whole(self, guild: discord.Guild) -> bool:
        """Wait for a member list that is not complete, then look; return whether it was not.

        Discord gives the whole list out once in half a minute: soon after another session began,
        a new one gets it late.
        """
        if self.bot.settings.reduced or guild.chunked or guild.unavailable:
            return False
        with suppress(discord.ConnectionClosed, *LOST):  # the next session asks anew
            async with asyncio.timeout(CHUNK_WAIT):
                await guild.chunk()
        self.bot.reconciler.after_gap(guild.id)
        return True

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Take a server up again that had removed Hearth."""
        async with self.bot.database.writing() as session:
            await stay.added(session, guild.id)
        self.bot.reconciler.after_gap(guild.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Leave a server alone that removed Hearth."""
        async with self.bot.database.writing() as session:
            await stay.removed(session, guild.id, now=self.bot.clock.now())

    # --- members --------------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_member_join(self, member: discord.Member) -> None:
        """Give somebody who comes back in time their home."""
        async with self.bot.database.writing() as session:
            await departures.member_returned(
                session, member.guild.id, member.id, now=self.bot.clock.now()
            )

    @commands.Cog.listener()
    async def on_raw_member_remove(self, event: discord.RawMemberRemoveEvent) -> None:
        """Keep the seat of somebody who left for a while; their keys go now."""
        now, who = self.bot.clock.now(), event.user
        async with self.bot.database.writing() as session:
            await departures.member_left_server(
                session, event.guild_id, who.id, now=now, settings=self.bot.settings
            )
            if isinstance(who, discord.Member) and who.joined_at is not None and not who.bot:
                await survival_counts.left_early(session, event.guild_id, who.joined_at, now)
        self.bot.reconciler.look(MemberScope(event.guild_id, event.user.id))

    @commands.Cog.listener()
    async def on_member_ban(self, guild: discord.Guild, user: discord.User) -> None:
        """End seat and visits of somebody who was banned, at once."""
        async with self.bot.database.writing() as session:
            await departures.banned(session, guild.id, user.id, now=self.bot.clock.now())
        self.bot.reconciler.look(MemberScope(guild.id, user.id))

    @commands.Cog.listener()
    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """Take in what others did to a member's roles; echoes of our own hands say nothing."""
        server_id, user_id = after.guild.id, after.id
        had, has = observe.role_ids(before), observe.role_ids(after)
        caretaker = self.bot.reconciler.of(server_id)
        given, taken = self.bot.reconciler.heard_member(server_id, user_id, had, has)
        restricted = caretaker.restricted_roles
        if had & restricted and not has & restricted:
            self.bot.reconciler.look(MemberScope(server_id, user_id))  # no longer to be left alone
        if before.pending and not after.pending:
            self.bot.reconciler.look(MemberScope(server_id, user_id))  # the rules are accepted
        if before.timed_out_until is not None and after.timed_out_until is None:
            self.bot.reconciler.look(MemberScope(server_id, user_id))
        given, taken = given & caretaker.roles.keys(), taken & caretaker.roles.keys()
        if not given and not taken:
            return
        if has & restricted or _timed_out(self.bot, after):
            return  # a muting bot's or a moderator's business; the home waits
        now = self.bot.clock.now()
        many = {role for role in given if self._gifts.turned(0, role, now)}
        by = await self._who_gave(server_id, user_id, given - many) if given - many else None
        async with self.bot.database.writing() as session:
            verdict = await byhand.roles_changed(
                session,
                server_id,
                user_id,
                given=given,
                taken=taken,
                now=now,
                by_user_id=by,
                many=many,
            )
        if taken and not verdict.held:  # what somebody kept giving may be as it should be now
            self.bot.reconciler.look(MemberScope(server_id, user_id))
        for role_id in verdict.extra:
            if not await caretaker.flipped(user_id, role_id):
                self.bot.reconciler.look(MemberScope(server_id, user_id))

    async def _who_gave(self, server_id: int, user_id: int, given: frozenset[int]) -> int | None:
        """Return who gave somebody a group's role that is not their home's, if the log says so."""
        async with self.bot.database.reading() as session:
            odd = await byhand.not_theirs(session, server_id, user_id, given)
        hands = self.bot.reconciler.of(server_id).hands
        return await audit.who_gave(hands, user_id, min(odd)) if odd else None

    # --- rooms and roles ------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        """Take in that a channel has come into the cache."""
        self.bot.reconciler.of(channel.guild.id).hands.echoes.seen(channel.id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Make a room again that members need; a category is only taken out of the pool."""
        server_id = channel.guild.id
        caretaker = self.bot.reconciler.of(server_id)
        caretaker.hands.echoes.seen(channel.id)
        group_id = (caretaker.rooms | caretaker.voice_rooms).get(channel.id)
        if group_id is not None:
            self.bot.reconciler.look(GroupScope(server_id, group_id))
            return
        async with self.bot.database.writing() as session:
            if isinstance(channel, discord.CategoryChannel):
                await creations.category_gone(session, channel.id)
                return
            left = observe.channels(caretaker.hands) - {channel.id}
            await upkeep.setup_rooms_gone(session, server_id, left, now=self.bot.clock.now())

    @commands.Cog.listener()
    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """Take in what others did to a room's entries, and look at it if it is a group's.

        While a room is hidden from the bot nothing true is known of its entries.
        """
        had, has = observe.overwrites(before), observe.overwrites(after)
        server_id = after.guild.id
        group_id, changed = self.bot.reconciler.heard_room(server_id, after.id, had, has)
        if group_id is None or not changed:
            return
        given, taken = access.keys_changed(changed, had, has)
        caretaker = self.bot.reconciler.of(server_id)
        in_voice = after.id in caretaker.voice_rooms
        # The home's key is the entry in its room; one in the voice room says nothing of the home.
        if (
            not in_voice
            and (given or taken)
            and not observe.is_hidden(before)
            and not observe.is_hidden(after)
        ):
            async with self.bot.database.writing() as session:
                await byhand.keys_changed(
                    session,
                    server_id,
                    group_id,
                    given=given,
                    taken=taken,
                    now=self.bot.clock.now(),
                )
        doors = access.doors_shut(changed, had, has) & caretaker.roles.keys()
        # A role that was deleted took its entries along; it is made anew, and let in again.
        doors = {role for role in doors if after.guild.get_role(role) is not None}
        cleared = group_id in {caretaker.roles[role] for role in doors}
        if (
            doors
            and not (cleared or in_voice)
            and not observe.is_hidden(before)
            and not observe.is_hidden(after)
        ):
            async with self.bot.database.writing() as session:
                await guest_doors.shut_by_hand(
                    session, server_id, group_id, doors, self.bot.clock.now()
                )
        if server_id in changed and access.opens_to_everyone(
            had.get(server_id), has.get(server_id)
        ):
            async with self.bot.database.writing() as session:
                await upkeep.room_opened(session, server_id, after.id, now=self.bot.clock.now())
        self.bot.reconciler.look(GroupScope(server_id, group_id))

    @commands.Cog.listener()
    async def on_guild_role_create(self, role: discord.Role) -> None:
        """Take in that a role has come into the cache."""
        self.bot.reconciler.of(role.guild.id).hands.echoes.seen(role.id)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """Make a group's role again that somebody deleted while members need it."""
        caretaker = self.bot.reconciler.of(role.guild.id)
        caretaker.hands.echoes.seen(role.id)
        group_id = caretaker.roles.get(role.id)
        if group_id is not None:
            self.bot.reconciler.look(GroupScope(role.guild.id, group_id))

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """Try again what was refused, when the bot's rights or place, or a role's, have changed."""
        server_id, moved = after.guild.id, before.position != after.position
        caretaker = self.bot.reconciler.of(server_id)
        if after.id in caretaker.roles:
            gained = after.permissions.value & ~before.permissions.value & RISKY
            if gained:
                async with self.bot.database.writing() as session:
                    await upkeep.role_has_rights(
                        session, server_id, after.id, now=self.bot.clock.now()
                    )
            if moved and await caretaker.errands.failures():
                self.bot.reconciler.look(ServerScope(server_id))
            return
        me = cast("discord.Member | None", after.guild.me)
        mine = me is not None and (after in me.roles or after.is_default())
        if mine and (before.permissions != after.permissions or moved):
            self.bot.reconciler.look(ServerScope(server_id))

    @commands.Cog.listener()
    async def on_audit_log_entry_create(self, entry: discord.AuditLogEntry) -> None:
        """Notice if a role or room of ours was made twice."""
        made = (discord.AuditLogAction.role_create, discord.AuditLogAction.channel_create)
        if entry.action not in made or self.bot.user is None or entry.user_id != self.bot.user.id:
            return
        target = entry.target
        if isinstance(target, discord.Object | discord.Role | discord.abc.GuildChannel):
            maker = self.bot.reconciler.of(entry.guild.id).errands.maker
            is_role = entry.action is discord.AuditLogAction.role_create
            await maker.heard(entry.reason, target.id, role=is_role)

    # --- what is wrong --------------------------------------------------------------------------

    @pressed("upkeep-check")
    async def check(self, interaction: Interaction, *_key: str) -> None:
        """Answer [What's wrong?] under a message to the owners."""
        await defer(interaction)
        who = actor(interaction)
        assert interaction.guild is not None
        async with self.bot.database.reading() as session:
            await rights.require_owner(session, who)
            roles = await checks.group_roles(session, who.server_id)
            use = observe.use(interaction.guild, roles)
            found = await checks.findings(
                session, who.server_id, use, now=interaction.client.clock.now()
            )
        await answer(interaction, checks.message(found))

    @pressed("removals-allow")
    async def let_go_on(self, interaction: Interaction) -> None:
        """Take away, once, what was stopped for being too much: an owner has looked."""
        await defer(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await rights.require_owner(session, who)
        self.bot.reconciler.of(who.server_id).allow_removals()
        await answer(interaction, say("checks.goes_on"))


def _timed_out(bot: Hearth, member: discord.Member) -> bool:
    until = member.timed_out_until
    return until is not None and until > bot.clock.now()


async def setup(bot: Hearth) -> None:
    """Add the listeners."""
    await bot.add_cog(ServerEvents(bot))
