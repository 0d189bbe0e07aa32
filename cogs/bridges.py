"""*Share with the commons*: the message's menu, the preview, and what one finds again."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    defer_in_place,
    language,
    pressed,
)
from bot.errors import UserError
from bot.gateway import sources
from bot.rules import bridge_cards, bridges
from bot.rules.bridge_cards import From
from bot.rules.bridges import BYTES_MOST, KINDS, FileOffer, Kind, Preview
from bot.rules.message import Message, say
from bot.services import bridge_asks
from bot.services import bridges as shelf
from bot.services.bridge_asks import Theirs
from bot.services.bridges import Copied
from bot.texts import catalogue

TEXTS = catalogue()


class Bridges(commands.Cog):
    """Lets authors share what they wrote, take it back, and be asked for it.

    A preview is held in memory until ‹Share›, for a quarter of an hour: nothing is stored before.
    """

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot
        self._menu = app_commands.ContextMenu(
            name=TEXTS("bridges.menu"),
            callback=self.about,
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )

    async def cog_load(self) -> None:
        """Add the message's menu."""
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the message's menu out."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    # --- sharing one's own ----------------------------------------------------------------------

    async def about(self, interaction: Interaction, message: discord.Message) -> None:
        """Show a preview of one's own message; offer to ask the author of another's."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        if message.author.bot or message.webhook_id is not None:
            raise UserError("bridges.by_a_bot")
        said, cut = bridges.carried(message.content)
        if message.is_system() or not (said or message.attachments):
            raise UserError("bridges.nothing_said")
        room_id = _room(interaction)
        if message.author.id != who.user_id:
            async with self.bot.database.reading() as session:
                await bridge_asks.may_ask(session, who, room_id, message.author.id)
            card = bridge_cards.may_ask(message.channel.id, message.id, message.author.id)
            await answer(interaction, card)
            return
        async with self.bot.database.reading() as session:
            where, known = await shelf.may_share(session, who, room_id, message.id)
        if known is not None:
            await answer(interaction, bridge_cards.shared_already(known))
            return
        preview = Preview(
            server_id=who.server_id,
            group_id=where.group_id,
            user_id=who.user_id,
            channel_id=message.channel.id,
            message_id=message.id,
            edited_at=message.edited_at,
            said=said,
            cut=cut,
            files=tuple(_offer(file) for file in message.attachments),
            since=now,
        )
        self.bot.previews.put(preview, now)
        await answer(interaction, _shown(interaction, preview, where))

    @pressed("bridge-kind")
    async def kind(self, interaction: Interaction, message_id: str, values: list[str]) -> None:
        """Take in what it is."""
        preview = await self._held(interaction, message_id)
        chosen = next((kind for kind in KINDS if kind == values[0]), preview.kind)
        await self._change(interaction, replace(preview, kind=chosen))

    @pressed("bridge-files")
    async def files(self, interaction: Interaction, message_id: str, values: list[str]) -> None:
        """Take in which files come along."""
        places = [int(value) for value in values]
        preview = bridges.tick(await self._held(interaction, message_id), places)
        await self._change(interaction, preview)

    @pressed("bridge-name")
    async def name(self, interaction: Interaction, message_id: str, named: str) -> None:
        """Take in whether its author is named."""
        preview = await self._held(interaction, message_id)
        await self._change(interaction, replace(preview, named=named == "1"))

    @pressed("bridge-drop")
    async def drop(self, interaction: Interaction, message_id: str) -> None:
        """Share nothing."""
        self.bot.previews.drop((actor(interaction).user_id, int(message_id)))
        await answer(interaction, say("bridges.dropped"), replace=True)

    @pressed("bridge-share")
    async def share(self, interaction: Interaction, message_id: str, mark: str) -> None:
        """Share it as it was shown, if the message still stands as it was."""
        preview = await self._held(interaction, message_id)
        if preview.mark != mark:  # another card of it was opened since: this one shows what is not
            await self._change(interaction, preview)
            return
        await defer_in_place(interaction)
        who = actor(interaction)
        stands, edited_at = await sources.look(self.bot, preview.channel_id, preview.message_id)
        if stands is None:
            raise UserError("bridges.not_now")
        if not stands or edited_at != preview.edited_at:
            self.bot.previews.drop(preview.key)
            raise UserError("bridges.changed_meanwhile" if stands else "bridges.gone_meanwhile")
        files = await self._copied(preview)
        now = self.bot.clock.now()
        async with self.bot.database.writing() as session:
            shown = await shelf.share(session, who, _room(interaction), preview, now, files=files)
        self.bot.previews.drop(preview.key)
        await answer(interaction, shown)

    async def _copied(self, preview: Preview) -> list[Copied]:
        found: list[Copied] = []
        left = BYTES_MOST
        for file in preview.copied:
            content = await sources.copy(self.bot, file.url, left)
            if content is None:
                raise UserError("bridges.files_missing")
            left -= len(content)
            found.append(Copied(bridges.short_name(file.name), file.words, content))
        return found

    async def _held(self, interaction: Interaction, message_id: str) -> Preview:
        who = actor(interaction)
        held = self.bot.previews.get((who.user_id, int(message_id)), self.bot.clock.now())
        if held is not None and held.server_id == who.server_id:
            return held
        async with self.bot.database.reading() as session:
            shared = await shelf.is_shared(session, who, int(message_id))
        raise UserError("bridges.shared_by_now" if shared else "bridges.lost")

    async def _change(self, interaction: Interaction, preview: Preview) -> None:
        async with self.bot.database.reading() as session:
            where = await shelf.place(session, actor(interaction), preview)
        self.bot.previews.put(preview, self.bot.clock.now())
        await answer(interaction, _shown(interaction, preview, where), replace=True)

    # --- one's own, afterwards ------------------------------------------------------------------

    @pressed("bridge-back")
    async def back(self, interaction: Interaction, message_id: str) -> None:
        """Take back what one shared."""
        await self._take_back(interaction, int(message_id))

    @pressed("bridge-back-one")
    async def back_one(self, interaction: Interaction, values: list[str]) -> None:
        """Take back the one that was chosen."""
        await self._take_back(interaction, int(values[0]))

    async def _take_back(self, interaction: Interaction, message_id: int) -> None:
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await shelf.take_back(session, actor(interaction), message_id, self.bot.clock.now())
        await answer(interaction, say("bridges.taken_back"))

    @pressed("bridge-mine")
    async def mine(self, interaction: Interaction, page: str = "") -> None:
        """Show what one shared; one leafs through it in place."""
        await (defer_in_place(interaction) if page else defer(interaction))
        async with self.bot.database.writing() as session:
            card = await shelf.mine(session, actor(interaction), int(page or 0))
        await answer(interaction, card)

    # --- being asked ----------------------------------------------------------------------------

    @pressed("bridge-ask")
    async def ask(
        self, interaction: Interaction, channel_id: str, message_id: str, author_id: str, named: str
    ) -> None:
        """Ask the author of a message, who is told in private."""
        await defer_in_place(interaction)
        about = Theirs(_room(interaction), int(channel_id), int(message_id), int(author_id))
        async with self.bot.database.writing() as session:
            await bridge_asks.ask(
                session, actor(interaction), about, self.bot.clock.now(), named=named == "1"
            )
        await answer(interaction, say("bridges.asked_them"))

    @pressed("bridge-asked")
    async def asked(self, interaction: Interaction, ask_id: str) -> None:
        """Show the question to whom it is for."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            card = await bridge_asks.opened(
                session, actor(interaction), int(ask_id), self.bot.clock.now()
            )
        await answer(interaction, card)

    @pressed("bridge-not")
    async def rather_not(self, interaction: Interaction, ask_id: str) -> None:
        """Let the question go."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await bridge_asks.rather_not(session, actor(interaction), int(ask_id))
        await answer(interaction, say("bridges.said_not"))

    # --- below what stands in the commons -------------------------------------------------------

    @pressed("bridge-thanks")
    async def thanks(self, interaction: Interaction, message_id: str) -> None:
        """Count a thanks, or take it back."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            told = await shelf.thank(session, actor(interaction), int(message_id))
        await answer(interaction, say(told))

    @pressed("bridge-read")
    async def read(self, interaction: Interaction, message_id: str) -> None:
        """Lead those to the message who may be in its room."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            card = await shelf.read_on(session, actor(interaction), int(message_id))
        await answer(interaction, card)

    @pressed("bridge-how")
    async def how(self, interaction: Interaction, *_mark: str) -> None:
        """Say how sharing works."""
        await answer(interaction, bridge_cards.how())


def _shown(interaction: Interaction, preview: Preview, where: From) -> Message:
    words = language(interaction)
    kinds: dict[Kind, str] = {kind: words(f"bridges.kind_{kind}") for kind in KINDS}
    return bridge_cards.preview(preview, where, kinds)


def _room(interaction: Interaction) -> int:
    """Return the room that somebody is in; a thread counts for its room."""
    channel = interaction.channel
    if isinstance(channel, discord.Thread):
        return channel.parent_id
    return interaction.channel_id or 0


def _offer(file: discord.Attachment) -> FileOffer:
    return FileOffer(
        file.filename,
        file.size,
        file.content_type or "",
        (file.description or "")[: bridges.WORDS_MOST],
        file.url,
    )


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Bridges(bot))
