"""The connection to Discord, as far as discord.py leaves choices to us."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.clock import Clock
from bot.conversation import Answerers, Interaction, answer_error
from bot.database import Database
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.outbox import Outbox
    from bot.reconciler import Reconciler
    from bot.signals import Signals

log = logging.getLogger(__name__)

# Discord counts rate limits by hours in places; what takes longer than this is retried by us.
LONGEST_RATE_LIMIT_WAIT = 60.0


class Tree(app_commands.CommandTree["Hearth"]):
    """The slash commands; every error goes through the one place that turns it into words."""

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        """Answer the person."""
        await answer_error(interaction, error)


class Hearth(commands.Bot):
    """The bot: what cogs reach through `self.bot` and `interaction.client`.

    Its parts are set once by the composition root before it connects and never replaced.
    """

    tree: Tree  # pyright: ignore[reportIncompatibleVariableOverride,reportIncompatibleMethodOverride]
    reconciler: "Reconciler"
    outbox: "Outbox"
    signals: "Signals"

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, cogs: Sequence[str]
    ) -> None:
        intents = discord.Intents(
            guilds=True,
            members=not settings.reduced,
            moderation=True,
            guild_messages=True,
            guild_reactions=True,
            voice_states=True,
            dm_messages=True,
        )
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            max_ratelimit_timeout=LONGEST_RATE_LIMIT_WAIT,
            chunk_guilds_at_startup=not settings.reduced,
            enable_debug_events=False,
        )
        self.settings = settings
        self.database = database
        self.clock = clock
        self.answerers = Answerers()
        self._cog_names = cogs

    async def setup_hook(self) -> None:
        """Load the cogs; their slash commands are synced by the startup cog when they changed."""
        for name in self._cog_names:
            await self.load_extension(name)

    async def add_cog(self, cog: commands.Cog, /, **options: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Add a cog and learn which presses it answers."""
        await super().add_cog(cog, **options)
        self.answerers.learn(cog)

    async def on_message(self, message: discord.Message, /) -> None:
        """Count a message; the one listener that every message of a server runs through."""
        self.signals.message(message)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Answer buttons, menus and forms; discord.py's tree answers the commands."""
        if interaction.type not in (
            discord.InteractionType.component,
            discord.InteractionType.modal_submit,
        ):
            return
        try:
            await self.answerers.answer(interaction)
        except Exception as error:  # noqa: BLE001 - a person waits; the handler logs what it does not know
            await answer_error(interaction, error)
