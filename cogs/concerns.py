"""`/concern` and *Tell the facilitators*: private words, and what becomes of them."""

from typing import cast

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
    give_form,
    language,
    pressed,
    submitted,
)
from bot.errors import UserError
from bot.gateway.payloads import Field, form
from bot.rules import concern_cards as cards
from bot.rules.concern_cards import REPLY_MOST, SAID_MOST, Whom
from bot.rules.message import Message, say
from bot.services import concern_desk, concerns
from bot.services.concerns import About, Half
from bot.texts import Say, catalogue

TEXTS = catalogue()
BY_COMMAND = "0"  # the mark of what was begun with /concern; from a menu it is the message's id
LINK_MOST = 200
TO = [
    app_commands.Choice(name=TEXTS("concerns.choice_facilitators"), value="facilitators"),
    app_commands.Choice(name=TEXTS("concerns.choice_moderators"), value="moderators"),
]


class Concerns(commands.Cog):
    """Takes private words in, and shows them to those they are for."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot
        self._menu = app_commands.ContextMenu(
            name=TEXTS("concerns.menu"),
            callback=self.tell,
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )

    async def cog_load(self) -> None:
        """Add the message's menu."""
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the message's menu out."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    # --- writing --------------------------------------------------------------------------------

    @app_commands.command(name="concern", description=TEXTS("concerns.command"))
    @app_commands.describe(to=TEXTS("concerns.option_to"))
    @app_commands.choices(to=TO)
    @app_commands.guild_install()
    @app_commands.guild_only()
    async def concern(self, interaction: Interaction, to: app_commands.Choice[str]) -> None:
        """Open the form, with what was typed before and not sent."""
        await self._begin(interaction, to.value)

    @pressed("concern-begin")
    async def begin(self, interaction: Interaction, to: str, *_mark: str) -> None:
        """Do as /concern does."""
        await self._begin(interaction, to)

    async def tell(self, interaction: Interaction, message: discord.Message) -> None:
        """Tell the facilitators about a message: one's own reason, and the link."""
        mark = str(message.id)
        async with self.bot.database.reading() as session:
            said, _link = await concerns.begun(session, actor(interaction), mark)
        await give_form(
            interaction,
            form(
                language(interaction),
                "concerns.form_menu",
                f"concern-told:{message.channel.id}:{mark}:{message.author.id}",
                [_word(said)],
            ),
        )

    @submitted("concern-told")
    async def told(
        self,
        interaction: Interaction,
        channel_id: str,
        message_id: str,
        author_id: str,
        *,
        fields: dict[str, str],
    ) -> None:
        """Keep what was typed about a message, and show where it goes."""
        about = About(_room(interaction) or int(channel_id), int(message_id), int(author_id))
        link = f"https://discord.com/channels/{interaction.guild_id}/{channel_id}/{message_id}"
        await self._kept(interaction, message_id, "facilitators", fields["said"], link, about)

    @submitted("concern")
    async def written(self, interaction: Interaction, to: str, *, fields: dict[str, str]) -> None:
        """Keep what was typed, and show where it goes."""
        link = fields.get("link") or ""
        await self._kept(interaction, BY_COMMAND, _whom(to), fields["said"], link, None)

    @submitted("concern-mend")
    async def mended(self, interaction: Interaction, mark: str, *, fields: dict[str, str]) -> None:
        """Keep what was typed in place of the former; it goes where it went."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.writing() as session:
            found = await concerns.mend(
                session, who, mark, said=fields["said"], link=fields.get("link"), now=now
            )
        await answer(interaction, _shown(found, who.server_id))

    @pressed("concern-fix")
    async def fix(self, interaction: Interaction, mark: str) -> None:
        """Open the form again, with what was typed."""
        async with self.bot.database.reading() as session:
            found = await concerns.half(session, actor(interaction), mark)
        fields = [_word(found.said)]
        if mark == BY_COMMAND:
            fields.append(_link(found.link))
        await give_form(
            interaction,
            form(language(interaction), "concerns.form", f"concern-mend:{mark}", fields),
        )

    @pressed("concern-instead")
    async def instead(self, interaction: Interaction, mark: str) -> None:
        """Let it go to the moderators instead."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            found = await concerns.instead(session, who, mark, now=self.bot.clock.now())
        await answer(interaction, _shown(found, who.server_id))

    @pressed("concern-drop")
    async def drop(self, interaction: Interaction, mark: str) -> None:
        """Throw away what was not sent."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await concerns.drop(session, actor(interaction), mark)
        await answer(interaction, say("concerns.thrown_away"))

    @pressed("concern-send")
    async def send(self, interaction: Interaction, mark: str, named: str) -> None:
        """Send what was written."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            whom = await concerns.send(
                session, actor(interaction), mark, named=named == "1", now=self.bot.clock.now()
            )
        way = "named" if named == "1" else "unnamed"
        await answer(interaction, say(f"concerns.sent_{whom}_{way}"))

    # --- one's own ------------------------------------------------------------------------------

    @pressed("concern-mine")
    async def mine(self, interaction: Interaction) -> None:
        """Show one's own words, to choose one."""
        await defer_in_place(interaction)
        speak = language(interaction)
        async with self.bot.database.reading() as session:
            found = await concerns.of_author(session, actor(interaction))
        if not found:
            raise UserError("concerns.gone")
        entries = [
            (
                one.id,
                speak(
                    f"concerns.own_entry_{one.for_whom}",
                    state=speak(f"concerns.own_entry_{'news' if one.news else one.state}"),
                ),
                " ".join(one.said.split()),
            )
            for one in found
        ]
        await answer(interaction, cards.own_words(entries))

    @pressed("concern-own-choose")
    async def own_chosen(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show the word of one's own that was chosen."""
        await self.own(interaction, values[0])

    @pressed("concern-own")
    async def own(self, interaction: Interaction, concern_id: str) -> None:
        """Show one's own word with what was answered."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            card = await concerns.own(
                session, actor(interaction), int(concern_id), now=self.bot.clock.now()
            )
        await answer(interaction, cards.for_author(card))

    @pressed("concern-back")
    async def write_back(self, interaction: Interaction, concern_id: str) -> None:
        """Ask for one more word."""
        async with self.bot.database.reading() as session:
            await concerns.require_own(session, actor(interaction), int(concern_id))
        await give_form(
            interaction,
            _reply_form(language(interaction), "concerns.form_back", f"concern-more:{concern_id}"),
        )

    @submitted("concern-more")
    async def more(
        self, interaction: Interaction, concern_id: str, *, fields: dict[str, str]
    ) -> None:
        """Add one more word of the author's."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            card = await concerns.write_back(
                session,
                actor(interaction),
                int(concern_id),
                fields["said"],
                now=self.bot.clock.now(),
            )
        await answer(interaction, cards.for_author(card))

    @pressed("concern-own-pass")
    async def own_pass(self, interaction: Interaction, concern_id: str) -> None:
        """Take one's own word to the moderators."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            card = await concerns.own_to_moderators(
                session, actor(interaction), int(concern_id), now=self.bot.clock.now()
            )
        await answer(interaction, cards.for_author(card))

    @pressed("concern-settled")
    async def settled(self, interaction: Interaction, concern_id: str) -> None:
        """Close one's own word."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await concerns.settled(
                session, actor(interaction), int(concern_id), now=self.bot.clock.now()
            )
        await answer(interaction, say("concerns.settled_now"))

    # --- for those it is for --------------------------------------------------------------------

    @pressed("concern-open")
    async def open(self, interaction: Interaction, concern_id: str, *_round: str) -> None:
        """Show a concern to somebody it is for."""
        await defer(interaction)
        await self._show(interaction, concern_id)

    @pressed("concern-choose")
    async def choose(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show the concern that was chosen."""
        await defer_in_place(interaction)
        await self._show(interaction, values[0])

    @pressed("concern-list")
    async def for_group(self, interaction: Interaction, group_id: str) -> None:
        """Show what waits for those who look after a group."""
        await defer_in_place(interaction)
        speak = language(interaction)
        async with self.bot.database.reading() as session:
            found = await concern_desk.for_facilitators(session, actor(interaction), int(group_id))
        entries = [
            (
                card.id,
                speak("concerns.entry_taken" if card.state == "taken" else "concerns.entry_open"),
                " ".join(card.said.split()),
            )
            for card in found
        ]
        await answer(interaction, cards.listed(entries, 0, ()))

    @pressed("concern-take")
    async def take(self, interaction: Interaction, concern_id: str) -> None:
        """Take a concern on."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            card = await concern_desk.take(
                session, actor(interaction), int(concern_id), now=self.bot.clock.now()
            )
        await answer(interaction, cards.for_handlers(card))

    @pressed("concern-answer")
    async def answer_form(self, interaction: Interaction, concern_id: str) -> None:
        """Ask for the answer."""
        async with self.bot.database.reading() as session:
            await concern_desk.look(session, actor(interaction), int(concern_id))
        await give_form(
            interaction,
            _reply_form(
                language(interaction), "concerns.form_answer", f"concern-answered:{concern_id}"
            ),
        )

    @submitted("concern-answered")
    async def answered(
        self, interaction: Interaction, concern_id: str, *, fields: dict[str, str]
    ) -> None:
        """Give the answer; whoever wrote finds it in /home."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            card = await concern_desk.answer(
                session,
                actor(interaction),
                int(concern_id),
                fields["said"],
                now=self.bot.clock.now(),
            )
        await answer(interaction, cards.for_handlers(card))

    @pressed("concern-pass")
    async def pass_on(self, interaction: Interaction, concern_id: str) -> None:
        """Give a concern to the moderators."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await concern_desk.pass_on(
                session, actor(interaction), int(concern_id), now=self.bot.clock.now()
            )
        await answer(interaction, say("concerns.passed_on_now"))

    @pressed("concern-close")
    async def close(self, interaction: Interaction, concern_id: str) -> None:
        """Close a concern."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            card = await concern_desk.close(
                session, actor(interaction), int(concern_id), now=self.bot.clock.now()
            )
        await answer(interaction, cards.for_handlers(card))

    # --- what these share -----------------------------------------------------------------------

    async def _begin(self, interaction: Interaction, to: str) -> None:
        async with self.bot.database.reading() as session:
            said, link = await concerns.begun(session, actor(interaction), BY_COMMAND)
        await give_form(
            interaction,
            form(
                language(interaction),
                "concerns.form",
                f"concern:{_whom(to)}",
                [_word(said), _link(link)],
            ),
        )

    async def _kept(  # noqa: PLR0917 - what a form holds
        self,
        interaction: Interaction,
        mark: str,
        whom: Whom,
        said: str,
        link: str,
        about: About | None,
    ) -> None:
        await defer(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            found = await concerns.keep(
                session,
                who,
                mark=mark,
                whom=whom,
                room_id=about.room_id if about is not None else _room(interaction),
                said=said,
                link=link,
                about=about,
                now=self.bot.clock.now(),
            )
        await answer(interaction, _shown(found, who.server_id))

    async def _show(self, interaction: Interaction, concern_id: str) -> None:
        async with self.bot.database.reading() as session:
            card = await concern_desk.look(session, actor(interaction), int(concern_id))
        await answer(interaction, cards.for_handlers(card))


def _shown(found: Half, server_id: int) -> Message:
    """Return the draft as it would be sent; with a link that leads elsewhere, how to mend it."""
    try:
        cards.link_to(found.link, server_id)
    except UserError as error:
        return cards.refused(found.mark, error)
    if not found.said:
        return cards.refused(found.mark, UserError("concerns.empty"))
    reach = found.reach
    return cards.preview(
        found.mark,
        found.said,
        whom=reach.whom,
        group=reach.group,
        readers=reach.readers,
        why=reach.why,
    )


def _whom(to: str) -> Whom:
    return cast("Whom", to) if to in {"facilitators", "moderators"} else "moderators"


def _room(interaction: Interaction) -> int | None:
    """Return the room that somebody is in; a thread counts for its room."""
    channel = interaction.channel
    if isinstance(channel, discord.Thread):
        return channel.parent_id
    return interaction.channel_id


def _word(filled: str) -> Field:
    return Field(
        "said",
        "concerns.field_said",
        filled,
        "concerns.hint_said",
        long=True,
        most=SAID_MOST,
    )


def _link(filled: str) -> Field:
    return Field(
        "link", "concerns.field_link", filled, "concerns.hint_link", required=False, most=LINK_MOST
    )


def _reply_form(speak: Say, title: str, submit: str) -> discord.ui.Modal:
    field = Field("said", "concerns.field_reply", long=True, most=REPLY_MOST)
    return form(speak, title, submit, [field])


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Concerns(bot))
