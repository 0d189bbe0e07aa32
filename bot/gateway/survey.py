"""What a server looks like to Hearth while its owner sets it up, from the gateway's cache."""

from collections.abc import Collection

import discord

from bot.gateway import observe
from bot.rules.setup_answers import RoleSeen
from bot.rules.setup_cards import Seen


def survey(guild: discord.Guild, group_roles: Collection[int]) -> Seen:
    """Return the server's roles and text rooms, and what its owner is asked about them."""
    rooms = [room for room in guild.text_channels if not observe.is_hidden(room)]
    system = guild.system_channel
    return Seen(
        use=observe.use(guild, group_roles),
        roles=tuple(_role(role) for role in reversed(guild.roles) if _counts(role, group_roles)),
        locale=str(guild.preferred_locale),
        system_room=None if system is None else system.id,
        two_factor=guild.mfa_level is discord.MFALevel.require_2fa,
        channels=frozenset(channel.id for channel in guild.channels),
        rooms=frozenset(room.id for room in rooms),
        writable=frozenset(room.id for room in rooms if _writes(room)),
        public=frozenset(room.id for room in rooms if _public(room)),
        talk=tuple((room.id, room.name) for room in rooms if _talk(room)),
    )


def _counts(role: discord.Role, group_roles: Collection[int]) -> bool:
    """Return whether a role can have a part in setup: not everyone's, a group's or Hearth's own."""
    own = role.guild.self_role
    return not (
        role.is_default()
        or role.id in group_roles
        or role.is_premium_subscriber()
        or (own is not None and role.id == own.id)
    )


def _role(role: discord.Role) -> RoleSeen:
    return RoleSeen(role.id, role.name, role.permissions.value, managed=role.managed)


def _writes(room: discord.TextChannel) -> bool:
    mine = room.permissions_for(room.guild.me)
    return mine.view_channel and mine.send_messages


def _talk(room: discord.TextChannel) -> bool:
    everyone = room.permissions_for(room.guild.default_role)
    return everyone.view_channel and everyone.send_messages


def _public(room: discord.TextChannel) -> bool:
    return room.permissions_for(room.guild.default_role).view_channel
