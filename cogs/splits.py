"""Splits: those who decide say when, members see their place and may change it."""

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
from bot.rules import split_messages
from bot.rules.message import Message, say
from bot.rules.naming import safe
from bot.services import drafts, split_approval, split_plans, split_seats

LONG_EMOJI = 60  # a server's own emoji are typed as <:name:id>
LONG_NAME = 100  # more than may be, so that a long name is answered and not cut off


class Splits(commands.Cog):
    """Answers everything that a split's buttons ask."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("split-look")
    async def look(self, interaction: Interaction, group_id: str, *_which: str) -> None:
        """Show how it stands with a group's split, to those who decide on it."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await split_approval.desk(session, actor(interaction), int(group_id))
        await answer(interaction, shown)

    @pressed("split-tell")
    async def tell(
        self, interaction: Interaction, split_id: str, _round: str = "", seen: str = ""
    ) -> None:
        """Tell the members, if the plan is still the one that was shown: then they may choose."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            told = await split_seats.tell(
                session, actor(interaction), int(split_id), self.bot.clock.now(), seen=seen
            )
        if isinstance(told, Message):
            await answer(interaction, told)
            return
        await answer(interaction, say("splits.told", at=int(told.timestamp())))

    @pressed("split-off")
    async def call_off(self, interaction: Interaction, split_id: str) -> None:
        """Let everybody stay together, though the members were told."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            group_id = await split_approval.call_off(
                session, actor(interaction), int(split_id), self.bot.clock.now()
            )
        await answer(interaction, split_messages.with_way_back(say("splits.is_off"), group_id))

    @pressed("split-not-now")
    async def not_now(self, interaction: Interaction, split_id: str, _round: str = "") -> None:
        """Leave everything as it is for some days."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            again = await split_approval.put_off(
                session,
                actor(interaction),
                int(split_id),
                self.bot.clock.now(),
                self.bot.settings,
            )
        await answer(interaction, say("splits.put_off", at=int(again.timestamp())))

    @pressed("split-name")
    async def ask_name(self, interaction: Interaction, split_id: str, _round: str = "") -> None:
        """Open the form for the new group's name, as it is or as it was refused last."""
        who, name = actor(interaction), f"split-named:{split_id}"
        async with self.bot.database.reading() as session:
            split = await split_approval.decided_by(session, who, int(split_id))
            child = (await split_plans.children(session, split.id))[1]
            typed = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=name
            )
        await give_form(
            interaction,
            form(
                language(interaction),
                "splits.name_title",
                name,
                [
                    Field(
                        "name",
                        "splits.name_label",
                        filled=typed.get("name", child.name),
                        hint="splits.name_hint",
                        most=LONG_NAME,
                    ),
                    Field(
                        "emoji",
                        "splits.emoji_label",
                        filled=typed.get("emoji", child.emoji),
                        required=False,
                        most=LONG_EMOJI,
                    ),
                ],
            ),
        )

    @submitted("split-named")
    async def named(
        self, interaction: Interaction, split_id: str, *, fields: dict[str, str]
    ) -> None:
        """Give the new group its name, or keep what was typed and say why not."""
        await defer(interaction)
        who, name = actor(interaction), f"split-named:{split_id}"
        own = {"server_id": who.server_id, "user_id": who.user_id}
        try:
            async with self.bot.database.writing() as session:
                emoji, given = await split_approval.name_it(
                    session,
                    who,
                    int(split_id),
                    name=fields["name"],
                    emoji=fields.get("emoji") or "",
                )
                await drafts.done(session, form=name, **own)
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(
                    session, form=name, fields=fields, now=self.bot.clock.now(), **own
                )
            await answer(
                interaction, split_messages.name_refused(int(split_id), error.key, error.params)
            )
            return
        await answer(interaction, say("splits.named", emoji=emoji, name=safe(given)))

    @pressed("split-where")
    async def where(self, interaction: Interaction, split_id: str, _why: str = "") -> None:
        """Show a member their place, for their eyes only."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            place = await split_seats.where(
                session,
                server_id=who.server_id,
                user_id=who.user_id,
                split_id=int(split_id),
                now=self.bot.clock.now(),
            )
        await answer(interaction, split_messages.place(place))

    @pressed("split-with")
    async def with_whom(self, interaction: Interaction, split_id: str) -> None:
        """Show the same: the choice stands there."""
        await self.where(interaction, split_id)

    @pressed("split-choose")
    async def choose(self, interaction: Interaction, split_id: str, child: str) -> None:
        """Take the half that a member chose."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            place = await split_seats.choose(
                session,
                server_id=who.server_id,
                user_id=who.user_id,
                split_id=int(split_id),
                child=int(child),
                now=self.bot.clock.now(),
            )
        await answer(interaction, split_messages.place(place))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Splits(bot))
