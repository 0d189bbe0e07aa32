"""The connection to Discord, as far as discord.py leaves choices to us."""

import asyncio
import hashlib
import importlib
import json
import logging
import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord
from aiohttp import TraceConfig
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket

from bot.clock import Clock
from bot.conversation import Answerers, Interaction, answer_error
from bot.database import Database
from bot.errors import TablesDown
from bot.gateway.answers import LOST
from bot.gateway.arrivals import Arrivals
from bot.gateway.distance import SANDBOX_MOST, Distance
from bot.gateway.pace import Pace
from bot.gateway.patience import (
    ANSWER_WITHIN,
    ANSWER_WITHIN_SANDBOX,
    be_patient,
    expect_answers,
)
from bot.gateway.turns import take_turns
from bot.rules.bridges import Previews
from bot.rules.scope import GroupScope, HouseScope, LetGo, MemberScope, ServerScope
from bot.services import installation
from bot.services.outbox import OWED
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.outbox import Outbox
    from bot.pulses import Pulses
    from bot.reconciler import Reconciler
    from bot.signals import Signals

log = logging.getLogger(__name__)

# More members than this in one transaction are bulk work; fewer are somebody's click.
CLICK = 5
# Discord counts rate limits by hours in places; what takes longer than this is retried by us.
LONGEST_RATE_LIMIT_WAIT = 60.0
# Seconds between two logins to a sandbox, doubled with every try.
FIRST_LOGIN_PAUSE, LONGEST_LOGIN_PAUSE = 0.005, 5.0


class Tree(app_commands.CommandTree["Hearth"]):
    """The slash commands; every error goes through the one place that turns it into words."""

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        """Answer the person."""
        await answer_error(interaction, error)

    async def _call(self, interaction: Interaction) -> None:
        # The one answer that discord.py sends by itself, and lets fail: suggestions while typing.
        try:
            await super()._call(interaction)
        except (discord.HTTPException, *LOST) as failed:
            log.info("Suggestions did not get through: %s", failed)


class Hearth(commands.Bot):
    """The bot: what cogs reach through `self.bot` and `interaction.client`.

    Its parts are set once by the composition root before it connects and never replaced.
    """

    tree: Tree  # pyright: ignore[reportIncompatibleVariableOverride,reportIncompatibleMethodOverride] - ours, which the library keeps
    reconciler: "Reconciler"
    outbox: "Outbox"
    signals: "Signals"
    pulses: "Pulses"
    _socket: DiscordWebSocket

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, cogs: Sequence[str]
    ) -> None:
        intents = discord.Intents(
            guilds=True,
            members=not settings.reduced,
            moderation=True,
            guild_messages=True,
            guild_reactions=True,
            guild_scheduled_events=True,
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
            guild_ready_timeout=0.05 if settings.discord_url else 2.0,
            enable_debug_events=False,
            # A sandbox's seconds are shorter, nobody here knows by how much.
            http_trace=TraceConfig() if settings.test_clock_url else Pace().trace(),
        )
        be_patient(self.http)
        self.arrivals = Arrivals(self)
        self._login_pause = FIRST_LOGIN_PAUSE
        most = SANDBOX_MOST if settings.test_clock_url else math.inf
        self._distance = Distance(self.http, most=most)
        self.settings = settings
        self.database = database
        self.clock = clock
        self.previews = Previews()
        self.answerers = Answerers()
        self._cog_names = cogs

    @property
    def turned_away_for(self) -> float:
        """Seconds for which nothing is asked of Discord, since it turned this address away."""
        return self._distance.left

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait as Discord asks between two logins; a sandbox's periods are found by trying."""
        if not self.settings.discord_url:
            await super().before_identify_hook(shard_id, initial=initial)
        elif not initial:
            await asyncio.sleep(self._login_pause)
            self._login_pause = min(self._login_pause * 2, LONGEST_LOGIN_PAUSE)

    async def on_connect(self) -> None:
        """Take in that a login succeeded."""
        self._login_pause = FIRST_LOGIN_PAUSE

    @property
    def ws(self) -> DiscordWebSocket:
        """The connection that events come through."""
        return self._socket

    @ws.setter
    def ws(self, socket: DiscordWebSocket) -> None:  # pyright: ignore[reportIncompatibleVariableOverride] - discord.py only sets and reads it
        self._socket = socket
        if socket:  # None until there is one, whatever discord.py's annotation says
            take_turns(socket)

    async def setup_hook(self) -> None:
        """Load the cogs, and tell Discord the slash commands if they are not what it has."""
        within = ANSWER_WITHIN_SANDBOX if self.settings.test_clock_url else ANSWER_WITHIN
        expect_answers(self.http, within)
        await self.load_cogs()
        commands_now = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        hashed = hashlib.sha256(
            json.dumps([self.application_id, commands_now], sort_keys=True, default=str).encode()
        ).hexdigest()
        async with self.database.reading() as session:
            known = await installation.remembered(session, "commands")
        if known != hashed:
            await self.tree.sync()
            async with self.database.writing() as session:
                await installation.remember(session, "commands", hashed)
            log.info("Discord was told %d commands.", len(commands_now))
        self._distance.starting = False

    def react(self, noted: set[object]) -> None:
        """Let a committed transaction take effect: look where it points, send what it owes.

        A few members are somebody's click and go before bulk work.
        """
        scopes = [
            n for n in noted if isinstance(n, MemberScope | GroupScope | ServerScope | HouseScope)
        ]
        urgent = sum(isinstance(scope, MemberScope) for scope in scopes) <= CLICK
        for scope in scopes:
            self.reconciler.poke(scope, urgent=urgent)
        for server_id in {scope.server_id for scope in scopes}:
            self.signals.stale(server_id)
        if OWED in noted:
            self.outbox.wake()
        for left in noted:
            if isinstance(left, LetGo):
                self.signals.let_go(left.user_id, left.server_ids)
                self.outbox.let_go(left.user_id)
                self.reconciler.let_go(left.user_id, left.server_ids)

    async def load_cogs(self) -> None:
        """Load all that Hearth answers; each cog's module has a `setup`.

        As plain modules: discord.py's extensions are made to be loaded anew while a bot runs, which
        nobody does here, and run every module again for each client.
        """
        for name in self._cog_names:
            await importlib.import_module(name).setup(self)

    async def add_cog(self, cog: commands.Cog, /, **options: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - its options are handed on
        """Add a cog and learn which presses it answers."""
        await super().add_cog(cog, **options)
        self.answerers.learn(cog)

    def tables_back(self) -> None:
        """Look at everything: what happened while nothing could be written was not taken in."""
        if self.is_ready():
            for guild in self.guilds:
                self.reconciler.after_gap(guild.id)
        self.outbox.wake()

    async def on_error(self, event: str, /, *_arguments: Any, **_options: Any) -> None:
        """Log what failed in a listener; that the tables are down is logged already."""
        error = sys.exception()
        if not isinstance(error, TablesDown):
            log.error("Unexpected failure at %s.", event, exc_info=error)

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
