"""*Together or apart*: whom one would like to live with, for one's own eyes only."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.errors import UserError
from bot.gateway.chosen import bots_among
from bot.rules import wish_cards
from bot.rules.wishes import Kind
from bot.services import wishes
from bot.texts import catalogue

TEXTS = catalogue()
KINDS: dict[str, Kind | None] = {"together": "together", "apart": "apart", "none": None}


class Wishes(commands.Cog):
    """Keeps wishes, and shows them to whoever made them."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot
        self._menu = app_commands.ContextMenu(
            name=TEXTS("wishes.menu"),
            callback=self.about,
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )

    async def cog_load(self) -> None:
        """Add the person's menu."""
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the person's menu out."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def about(self, interaction: Interaction, person: discord.User | discord.Member) -> None:
        """Show what one wishes about someone, and what else could be."""
        await defer(interaction)
        who = actor(interaction)
        if person.bot:
            raise UserError("wishes.bot")
        async with self.bot.database.reading() as session:
            mine = await wishes.mine(session, who)
        if person.id == who.user_id:
            raise UserError("wishes.yourself")
        await answer(interaction, wish_cards.about(person.id, mine))

    @pressed("wish-keep")
    async def keep(self, interaction: Interaction, other_id: str, kind: str) -> None:
        """Keep a wish about someone, or take it back."""
        await defer_in_place(interaction)
        if kind not in KINDS:
            raise UserError("errors.expired")
        other = None if interaction.guild is None else interaction.guild.get_member(int(other_id))
        if other is not None and other.bot:
            raise UserError("wishes.bot")
        async with self.bot.database.writing() as session:
            await wishes.wish(
                session,
                actor(interaction),
                int(other_id),
                KINDS[kind],
                self.bot.clock.now(),
            )
        await answer(interaction, wish_cards.kept(int(other_id), KINDS[kind]))

    @pressed("wishes-open")
    async def mine(self, interaction: Interaction) -> None:
        """Show all of one's own wishes."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            mine = await wishes.mine(session, actor(interaction))
        await answer(interaction, wish_cards.all_mine(mine))

    @pressed("wishes-set")
    async def replace(self, interaction: Interaction, kind: str, *, values: list[str]) -> None:
        """Keep exactly the wishes of a kind that were chosen."""
        await defer_in_place(interaction)
        if bots_among(interaction):
            raise UserError("wishes.bot")
        async with self.bot.database.writing() as session:
            mine = await wishes.replace(
                session,
                actor(interaction),
                "apart" if kind == "apart" else "together",
                [int(value) for value in values],
                self.bot.clock.now(),
            )
        await answer(interaction, wish_cards.changed(mine))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Wishes(bot))
