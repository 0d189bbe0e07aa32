"""Before a group is full: what is ready for its split, whom to ask, how it would be called."""

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
from bot.errors import NotAllowed, UserError
from bot.gateway.payloads import Field, form
from bot.rules import preparing as cards
from bot.rules.message import Line
from bot.services import drafts, preparing

LONG_EMOJI = 60  # a server's own emoji are typed as <:name:id>
LONG_NAME = 100  # more than may be, so that a long name is answered and not cut off


class Preparing(commands.Cog):
    """Answers the buttons about a group that is nearly full."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("prepare-look")
    async def look(self, interaction: Interaction, group_id: str) -> None:
        """Show what is ready, to those who look after the group."""
        await defer_in_place(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.reading() as session:
            card = await preparing.card(session, who, int(group_id), now)
        await answer(interaction, card)

    @pressed("prepare-ask")
    async def ask(self, interaction: Interaction, group_id: str, user_id: str) -> None:
        """Ask somebody, privately, whether they would look after the group, too."""
        await defer_in_place(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.writing() as session:
            said = await preparing.ask(session, who, int(group_id), int(user_id), now)
        await answer(interaction, said)

    @pressed("prepare-name")
    async def ask_name(self, interaction: Interaction, group_id: str, index: str) -> None:
        """Open the form for the name of a group to come, as it is or as it was refused last."""
        who, name = actor(interaction), f"prepare-named:{group_id}:{index}"
        async with self.bot.database.reading() as session:
            child = await preparing.to_name(
                session, who, int(group_id), int(index), self.bot.clock.now()
            )
            typed = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=name
            )
        fields = [
            Field(
                "name",
                "splits.name_label",
                filled=typed.get("name", child.name),
                hint="prepare.name_hint",
                most=LONG_NAME,
            ),
            Field(
                "emoji",
                "splits.emoji_label",
                filled=typed.get("emoji", child.emoji),
                required=False,
                most=LONG_EMOJI,
            ),
        ]
        await give_form(
            interaction, form(language(interaction), "prepare.name_title", name, fields)
        )

    @submitted("prepare-named")
    async def named(
        self, interaction: Interaction, group_id: str, index: str, *, fields: dict[str, str]
    ) -> None:
        """Keep the name for when the group comes, or keep what was typed and say why not."""
        await defer(interaction)
        who, name = actor(interaction), f"prepare-named:{group_id}:{index}"
        own = {"server_id": who.server_id, "user_id": who.user_id}
        now, typed = self.bot.clock.now(), (fields["name"], fields.get("emoji") or "")
        try:
            async with self.bot.database.writing() as session:
                said = await preparing.name_it(session, who, int(group_id), int(index), *typed, now)
                await drafts.done(session, form=name, **own)
        except NotAllowed:
            raise
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(session, form=name, fields=fields, now=now, **own)
            line = Line(error.key, error.params)
            await answer(interaction, cards.name_refused(int(group_id), int(index), line))
            return
        await answer(interaction, said)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Preparing(bot))
