"""Gives roles and rooms back whose adoption was taken back: as they were, entry by entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import discord

from bot.clock import Clock
from bot.database import Database
from bot.errors import Permanent
from bot.gateway import observe
from bot.gateway.apply import Hands
from bot.rules import access, adopting
from bot.services import giving_back
from bot.services.giving_back import Owed

STEPS = 4  # what is Hearth's in the room, then its own entry, then nothing is left


@dataclass(frozen=True, slots=True)
class GivingBack:
    """Works through what a server is owed; killed anywhere, it begins where the room is."""

    hands: Hands
    database: Database
    clock: Clock

    async def look(self) -> None:
        """Give back what is owed. Temporary when Discord cannot be reached now."""
        async with self.database.reading() as session:
            found = await giving_back.owed(session, self.hands.server_id)
        refused: Permanent | None = None
        for one in found:
            try:
                await self._give_back(one)
            except Permanent as error:
                refused = error  # looked at again hourly
                continue
            async with self.database.writing() as session:
                await giving_back.given_back(session, one.adoption_id, self.clock.now())
        if refused is not None:
            raise refused

    async def _give_back(self, one: Owed) -> None:
        guild, before = self.hands.guild, one.before
        role = None if one.role_id is None else guild.get_role(one.role_id)
        if role is not None and before["role_renamed"] and not _is_called(role, before):
            await self.hands.name_role(role.id, name=before["role"], colour=before["colour"])
        room = guild.get_channel(one.room_id)
        if room is None or observe.is_hidden(room):
            return
        if before["room_renamed"] and not _has_name(room, before):
            await self.hands.name_room(room.id, name=before["room"], topic=before["topic"])
        bits = guild.me.guild_permissions.value
        entries = adopting.read_entries(before, guild.me.id)
        for _ in range(STEPS):
            edit = adopting.given_back(
                entries,
                self.hands.echoes.overwrites(room.id, observe.overwrites(room)),
                bot_id=guild.me.id,
                ours=one.roles,
                by_role=one.role_id is not None,
                may=-1 if bits & access.ADMINISTRATOR else bits,
            )
            if not edit:
                return
            await self.hands.edit_room(room.id, edit)


def _is_called(role: discord.Role, before: Mapping[str, Any]) -> bool:
    """Return whether a role has its old name and colour again."""
    return (role.name, role.colour.value) == (before["role"], before["colour"])


def _has_name(room: discord.abc.GuildChannel, before: Mapping[str, Any]) -> bool:
    """Return whether a room has its old name and topic again; Discord lets few names be given."""
    topic = getattr(room, "topic", None) or ""
    return (room.name, topic) == (before["room"], before["topic"])
