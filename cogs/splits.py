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
from bot.errors import NotAllowed, UserError
from bot.gateway.chosen import bots_among
from bot.gateway.payloads import Field, form
from bot.rules import split_messages, split_words, wish_cards
from bot.rules.message import Line, say
from bot.services import (
    drafts,
    split_approval,
    split_names,
    split_proposals,
    split_seats,
    split_wishing,
    splits,
)

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

    @pressed("split-early")
    async def early(self, interaction: Interaction, group_id: str) -> None:
        """Plan for a group that is not full yet, for the eyes of who asks."""
        await defer_in_place(interaction)
        shown = await splits.plan_early(
            self.bot.database,
            actor(interaction),
            int(group_id),
            self.bot.clock.now(),
            self.bot.settings,
        )
        await answer(interaction, shown)

    @pressed("split-tell")
    async def tell(
        self, interaction: Interaction, split_id: str, _round: str = "", seen: str = ""
    ) -> None:
        """Suggest to tell the members, or say yes to it, if the plan is still the one shown."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            shown = await split_proposals.suggest(
                session,
                actor(interaction),
                int(split_id),
                self.bot.clock.now(),
                self.bot.settings,
                seen=seen,
            )
        await answer(interaction, shown)

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
            shown = await split_proposals.refuse(
                session,
                actor(interaction),
                int(split_id),
                self.bot.clock.now(),
                self.bot.settings,
            )
        await answer(interaction, shown)

    # --- names ----------------------------------------------------------------------------------

    @pressed("split-names")
    async def names(self, interaction: Interaction, split_id: str, _round: str = "") -> None:
        """Show what the groups will be called, to change it."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await split_names.card(session, actor(interaction), int(split_id))
        await answer(interaction, shown)

    @pressed("split-name")
    async def ask_name(self, interaction: Interaction, split_id: str, index: str) -> None:
        """Open the form for a group's name, as it is or as it was refused last."""
        who, name = actor(interaction), f"split-named:{split_id}:{index}"
        async with self.bot.database.reading() as session:
            child = await split_names.child(session, who, int(split_id), int(index))
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
        self, interaction: Interaction, split_id: str, index: str, *, fields: dict[str, str]
    ) -> None:
        """Give a group its name, or keep what was typed and say why not."""
        await defer(interaction)
        who, name = actor(interaction), f"split-named:{split_id}:{index}"
        own = {"server_id": who.server_id, "user_id": who.user_id}
        now = self.bot.clock.now()
        try:
            async with self.bot.database.writing() as session:
                shown = await split_names.name_it(
                    session,
                    who,
                    int(split_id),
                    int(index),
                    name=fields["name"],
                    emoji=fields.get("emoji") or "",
                    now=now,
                )
                await drafts.done(session, form=name, **own)
        except NotAllowed:
            raise
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(session, form=name, fields=fields, now=now, **own)
            line = Line(error.key, error.params)
            await answer(interaction, split_words.name_refused(int(split_id), int(index), line))
            return
        await answer(interaction, shown)

    # --- members --------------------------------------------------------------------------------

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
        """Show the same, with the means to name people one would like to be with."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            place, mine = await split_wishing.place(
                session, actor(interaction), int(split_id), self.bot.clock.now()
            )
        await answer(interaction, wish_cards.with_whom(place, mine))

    @pressed("split-with-name")
    async def name_people(
        self, interaction: Interaction, split_id: str, *, values: list[str]
    ) -> None:
        """Keep whom a member would like to be with."""
        await defer_in_place(interaction)
        if bots_among(interaction):
            raise UserError("wishes.bot")
        async with self.bot.database.writing() as session:
            place, mine = await split_wishing.name(
                session,
                actor(interaction),
                int(split_id),
                [int(value) for value in values],
                self.bot.clock.now(),
            )
        await answer(interaction, wish_cards.with_whom(place, mine))

    @pressed("split-with-decides")
    async def let_decide(self, interaction: Interaction, split_id: str) -> None:
        """Let the people a member named decide where they go, instead of the half they chose."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            place, mine = await split_wishing.let_decide(
                session, actor(interaction), int(split_id), self.bot.clock.now()
            )
        await answer(interaction, wish_cards.with_whom(place, mine))

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
