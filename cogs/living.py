"""Living together: who greets newcomers, how they begin, and who lives here."""

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
from bot.rules import introductions as cards
from bot.rules import living
from bot.rules.introductions import SAID_MOST
from bot.rules.living import FIRST_THING_MOST
from bot.rules.message import Button, Line, Message, say
from bot.rules.naming import safe
from bot.services import drafts, greeting, introductions, receiving


class Living(commands.Cog):
    """Answers the buttons of a room's life: greeting, beginning, telling who one is."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    # --- greeting -------------------------------------------------------------------------------

    @pressed("living-greet")
    async def greet(self, interaction: Interaction, group_id: str, newcomer: str) -> None:
        """Show a newcomer around, if nobody else does yet."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            taken = await greeting.take_on(
                session, actor(interaction), int(group_id), int(newcomer), self.bot.clock.now()
            )
        await answer(interaction, living.taken_on(taken, interaction.user.id))

    @pressed("living-greeter")
    async def offer(self, interaction: Interaction, group_id: str, wants: str) -> None:
        """Offer to greet newcomers, or take the offer back."""
        await defer(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            if wants == "1":
                group = await greeting.offer(session, who, int(group_id), now=self.bot.clock.now())
                said = say("living.greets_now", group=safe(group))
            else:
                await greeting.no_more(session, who, int(group_id))
                said = say("living.greets_no_more")
        await answer(interaction, said)

    @pressed("living-desk")
    async def desk(self, interaction: Interaction, group_id: str) -> None:
        """Show those who look after a group how it receives newcomers."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            card = await receiving.desk(session, actor(interaction), int(group_id))
        await answer(interaction, card)

    @pressed("living-first")
    async def ask_first(self, interaction: Interaction, group_id: str) -> None:
        """Ask what newcomers begin with, with what stands or was refused filled in."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            stands = await receiving.first_thing(session, who, int(group_id))
            kept = await drafts.kept(
                session,
                server_id=who.server_id,
                user_id=who.user_id,
                form=f"living-first:{group_id}",
            )
        field = Field(
            "thing",
            "living.first_label",
            filled=kept.get("thing", stands),
            hint="living.first_hint",
            required=False,
            most=2 * FIRST_THING_MOST,  # what is too long is kept, and said so
        )
        await give_form(
            interaction,
            form(language(interaction), "living.first_form", f"living-first:{group_id}", [field]),
        )

    @submitted("living-first")
    async def set_first(
        self, interaction: Interaction, group_id: str, fields: dict[str, str]
    ) -> None:
        """Keep what newcomers begin with."""
        await defer_in_place(interaction)
        who, typed = actor(interaction), fields.get("thing", "")
        name = f"living-first:{group_id}"
        try:
            async with self.bot.database.writing() as session:
                await receiving.set_first_thing(session, who, int(group_id), typed)
                stands = await receiving.first_thing(session, who, int(group_id))
                await drafts.done(session, server_id=who.server_id, user_id=who.user_id, form=name)
        except NotAllowed:
            raise
        except UserError as refused:
            await self._mend(interaction, refused, name, {"thing": typed})
            return
        back = (Button("desk.back", f"living-desk:{group_id}"),)
        if not stands:
            await answer(interaction, Message((Line("living.first_saved_none"),), back))
            return
        said = Line("living.first_own", {"thing": safe(stands)})
        await answer(interaction, Message((Line("living.first_saved"), said), back))

    # --- who lives here -------------------------------------------------------------------------

    @pressed("living-who")
    async def who(self, interaction: Interaction, group_id: str, page: str) -> None:
        """Show a page of who lives here, to those who are inside."""
        await defer_in_place(interaction)
        await self._who(interaction, int(group_id), int(page))

    async def _who(self, interaction: Interaction, group_id: int, number: int) -> None:
        async with self.bot.database.reading() as session:
            page = await introductions.page(session, actor(interaction), group_id, number)
        guild = interaction.guild
        names: dict[int, str] = {}
        for told in page.here:
            member = None if guild is None else guild.get_member(told.user_id)
            if member is not None:
                names[told.user_id] = member.display_name
        await answer(interaction, cards.card(page, names))

    @pressed("living-write")
    async def open_form(self, interaction: Interaction, group_id: str) -> None:
        """Ask who somebody is, with what they told before or what was refused filled in."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            stands = await introductions.own(session, who, int(group_id))
            kept = await drafts.kept(
                session,
                server_id=who.server_id,
                user_id=who.user_id,
                form=introductions.form(int(group_id)),
            )
        field = Field(
            "said",
            "living.write_label",
            filled=kept.get("said", stands),
            hint="living.write_hint",
            long=True,
            most=2 * SAID_MOST,
        )
        await give_form(
            interaction,
            form(
                language(interaction),
                "living.write_form",
                introductions.form(int(group_id)),
                [field],
            ),
        )

    @submitted("living-write")
    async def write(self, interaction: Interaction, group_id: str, fields: dict[str, str]) -> None:
        """Keep what somebody tells their group."""
        await defer_in_place(interaction)
        who, typed = actor(interaction), fields["said"]
        name = introductions.form(int(group_id))
        try:
            async with self.bot.database.writing() as session:
                await introductions.write(session, who, int(group_id), typed, self.bot.clock.now())
                await drafts.done(session, server_id=who.server_id, user_id=who.user_id, form=name)
        except NotAllowed:
            raise
        except UserError as refused:
            await self._mend(interaction, refused, name, {"said": typed})
            return
        buttons = (
            Button("living.who", f"living-who:{group_id}:0", "primary"),
            Button("living.change", f"living-write:{group_id}"),
            Button("living.take_away", f"living-away:{group_id}"),
        )
        await answer(interaction, Message((Line("living.written"),), buttons))

    @pressed("living-away")
    async def take_away(self, interaction: Interaction, group_id: str) -> None:
        """Erase what somebody told."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            gone = await introductions.take_away(session, who.server_id, who.user_id, int(group_id))
        await answer(interaction, say("living.taken_away" if gone else "living.nothing_to_take"))

    @pressed("living-hide")
    async def hide(self, interaction: Interaction, group_id: str, values: list[str]) -> None:
        """Take somebody's lines down; for those who look after the group."""
        await defer_in_place(interaction)
        user_id = int(values[0])
        async with self.bot.database.writing() as session:
            await introductions.hide(
                session, actor(interaction), int(group_id), user_id, self.bot.clock.now()
            )
        back = (Button("living.who", f"living-who:{group_id}:0"),)
        await answer(interaction, Message((Line("living.hidden", {"user": user_id}),), back))

    async def _mend(
        self, interaction: Interaction, refused: UserError, name: str, fields: dict[str, str]
    ) -> None:
        """Keep what was refused; the button opens the form with it."""
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await drafts.keep(
                session,
                server_id=who.server_id,
                user_id=who.user_id,
                form=name,
                fields=fields,
                now=self.bot.clock.now(),
            )
        fix = (Button("living.fix_it", name, "primary"),)
        await answer(interaction, Message((Line(refused.key, refused.params),), fix))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Living(bot))
