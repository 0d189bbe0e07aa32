"""/privacy: what Hearth keeps about a person, a copy of it, and how to end it.

Inside a server it is about that server, in the bot's direct messages about all of them.
"""

import io
import json

import discord
from discord import app_commands
from discord.ext import commands

from bot import pulses
from bot.client import Hearth
from bot.conversation import Interaction, answer, defer, language, pressed
from bot.gateway import answers, observe
from bot.rules import privacy_file, privacy_messages
from bot.rules.keeping import KEPT
from bot.services import privacy
from bot.texts import catalogue

TEXTS = catalogue()


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class Privacy(
    commands.GroupCog,
    group_name="privacy",
    group_description=TEXTS("privacy.command"),
):
    """The commands and their buttons; each is only ever about the person who presses."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @app_commands.command(name="show", description=TEXTS("privacy.command_show"))
    async def show_command(self, interaction: Interaction) -> None:
        """Read what is kept about you, in plain words"""  # noqa: D400 - shown by Discord
        await self.show(interaction)

    @app_commands.command(name="export", description=TEXTS("privacy.command_export"))
    async def export_command(self, interaction: Interaction) -> None:
        """Get a copy of everything that is kept about you"""  # noqa: D400 - shown by Discord
        await self.export(interaction)

    @app_commands.command(name="opt-out", description=TEXTS("privacy.command_opt_out"))
    async def opt_out_command(self, interaction: Interaction) -> None:
        """Stop being counted; what was counted is erased"""  # noqa: D400 - shown by Discord
        await self.opt_out(interaction)

    @app_commands.command(name="forget", description=TEXTS("privacy.command_forget"))
    async def forget_command(self, interaction: Interaction) -> None:
        """Erase everything that is kept about you"""  # noqa: D400 - shown by Discord
        await self.forget(interaction)

    @pressed("privacy-show")
    async def show(self, interaction: Interaction) -> None:
        """Say in plain words what is kept."""
        await defer(interaction)
        await answer(interaction, privacy_messages.shown(await self._kept(interaction)))

    @pressed("privacy-back")
    async def back(self, interaction: Interaction) -> None:
        """Go back to all of it in short."""
        await answer(
            interaction, privacy_messages.shown(await self._kept(interaction)), replace=True
        )

    @pressed("privacy-matter")
    async def matter(self, interaction: Interaction, matter: str, page: str) -> None:
        """Say what is kept of one matter."""
        kept = await self._kept(interaction)
        await answer(interaction, privacy_messages.matter(kept, matter, int(page)), replace=True)

    async def _kept(self, interaction: Interaction) -> privacy_messages.Told:
        here = _here(interaction)
        async with self.bot.database.reading() as session:
            kept = await privacy.show(session, interaction.user.id, here)
        settings = self.bot.settings
        waiting = len(self.bot.pulses.waiting_of(interaction.user.id, here))
        return privacy_messages.Told(
            rows={**kept.rows, **({pulses.WAITING: waiting} if waiting else {})},
            days={name: known.days_by(settings) for name, known in KEPT.items()},
            counted_since=kept.counted_since,
            opted_out=kept.opted_out,
            opted_out_in=kept.opted_out_in,
            everywhere=here is None,
        )

    @pressed("privacy-export")
    async def export(self, interaction: Interaction) -> None:
        """Hand over every row as a file."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            found = await privacy.export(
                session, interaction.user.id, _here(interaction), settings=self.bot.settings
            )
        waiting = self.bot.pulses.waiting_of(interaction.user.id, _here(interaction))
        if waiting:
            kept = {"purpose": pulses.PURPOSE, "erased": pulses.ERASED, "rows": waiting}
            found[pulses.WAITING] = kept
        say = language(interaction)
        copy = privacy_file.laid_out(interaction.user.id, found, say)
        content = json.dumps(copy, indent=2, ensure_ascii=False).encode()
        await answers.later(
            lambda: interaction.edit_original_response(
                content=say("privacy.copy"),
                attachments=[discord.File(io.BytesIO(content), "hearth-data.json")],
            )
        )

    @pressed("privacy-opt-out")
    async def opt_out(self, interaction: Interaction) -> None:
        """Stop counting, and erase what was counted."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            where = await privacy.servers(
                session, interaction.user.id, _here(interaction), _shared(interaction)
            )
            rows = await privacy.opt_out(session, interaction.user.id, where, self.bot.clock.now())
        await answer(interaction, privacy_messages.opted_out(rows))

    @pressed("privacy-opt-in")
    async def opt_in(self, interaction: Interaction) -> None:
        """Count again."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            where = await privacy.servers(
                session, interaction.user.id, _here(interaction), _shared(interaction)
            )
            await privacy.opt_in(session, interaction.user.id, where, self.bot.clock.now())
        await answer(interaction, privacy_messages.opted_in())

    @pressed("privacy-forget")
    async def forget(self, interaction: Interaction) -> None:
        """Ask once before everything is erased."""
        await defer(interaction)
        await answer(interaction, privacy_messages.sure(everywhere=_here(interaction) is None))

    @pressed("privacy-forget-yes")
    async def forget_yes(self, interaction: Interaction) -> None:
        """Erase everything."""
        await defer(interaction)
        # First: what is being written down just now is then found by what follows.
        self.bot.pulses.forget(interaction.user.id, _here(interaction))
        self.bot.previews.forget(interaction.user.id, _here(interaction))
        async with self.bot.database.writing() as session:
            done = await privacy.forget(
                session,
                interaction.user.id,
                _here(interaction),
                self.bot.clock.now(),
                joined=observe.joined_at(self.bot, interaction.user.id),
            )
        await answer(
            interaction,
            privacy_messages.forgotten(
                done.rows,
                homes_left=done.homes_left,
                bars_kept=done.bars_kept,
                opted_out=done.opt_outs_kept > 0,
            ),
        )


def _here(interaction: Interaction) -> list[int] | None:
    """Return the server that this is about; None in a direct message: all of them."""
    return None if interaction.guild_id is None else [interaction.guild_id]


def _shared(interaction: Interaction) -> list[int]:
    """Return the servers that Hearth and this person are known to share."""
    return [guild.id for guild in interaction.user.mutual_guilds]


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Privacy(bot))
