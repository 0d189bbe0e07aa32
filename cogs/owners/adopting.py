"""/hearth group adopt: a role and a room that are there already become a group."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.errors import UserError
from bot.gateway import adopting as gateway
from bot.rules import adopting as rules
from bot.rules.adopting import Found
from bot.rules.message import say
from bot.services import adopting, rights, types
from bot.texts import catalogue
from cogs.owners.rooms import TextRoom

TEXTS = catalogue()


@app_commands.rename(type_="type")
@app_commands.describe(
    type_=TEXTS("hearth.option_type"),
    room=TEXTS("adopt.option_room"),
    role=TEXTS("adopt.option_role"),
)
async def _adopt(
    interaction: Interaction, type_: str, room: TextRoom, role: discord.Role | None = None
) -> None:
    """Show what adopting would mean; the button does it."""
    await defer(interaction)
    who, database = actor(interaction), interaction.client.database
    async with database.reading() as session:
        await rights.require_owner(session, who)
        found_type = await types.find(session, who.server_id, type_)
    found = await _found(interaction, room.id, None if role is None else role.id)
    async with database.reading() as session:
        preview = await adopting.preview(session, who, found, found_type.id)
    await answer(interaction, rules.previewed(found, preview, found_type.id))


adopt: app_commands.Command[Any, ..., None] = app_commands.Command(
    name="adopt", description=TEXTS("adopt.command"), callback=_adopt
)


@adopt.autocomplete("type_")
async def suggest_types(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the server's types."""
    async with interaction.client.database.reading() as session:
        found = await types.suggest(session, interaction.guild_id or 0, typed)
    return [app_commands.Choice(name=label, value=value) for label, value in found]


async def _found(interaction: Interaction, room_id: int, role_id: int | None) -> Found:
    """Return role and room as they are now; UserError when one of them is gone."""
    client, guild = interaction.client, interaction.guild
    assert guild is not None
    room = guild.get_channel(room_id)
    if not isinstance(room, discord.TextChannel):
        raise UserError("adopt.room_gone")
    role = None if role_id is None else guild.get_role(role_id)
    if role_id is not None and role is None:
        raise UserError("adopt.role_gone")
    hands = client.reconciler.of(guild.id).hands
    return await gateway.look(hands, room, role, reduced=client.settings.reduced)


class Adoptions(commands.Cog):
    """Answers the buttons under a dry run."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("adopt-go")
    async def go(self, interaction: Interaction, role: str, room: str, type_id: str) -> None:
        """Adopt what was shown, as it is now."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await rights.require_owner(session, who)
        found = await _found(interaction, int(room), int(role) or None)
        async with self.bot.database.writing() as session:
            done = await adopting.adopt(session, who, found, int(type_id), now=self.bot.clock.now())
        await answer(
            interaction,
            rules.adopted(done.name, done.emoji, done.room_id, done.log_id, rests=done.rests),
        )

    @pressed("adopt-leave")
    async def leave(self, interaction: Interaction) -> None:
        """Leave everything as it is."""
        await defer_in_place(interaction)
        await answer(interaction, say("adopt.left"))
