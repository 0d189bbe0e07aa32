"""Budding: somebody begins a new group with a few who say yes."""

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
from bot.rules import bud_cards
from bot.rules.message import Button, Line, Message, say
from bot.services import bud_begin, budding, drafts
from bot.services.budding import shown

LONG_NAME, LONG_EMOJI, LONG_PURPOSE = 100, 60, 600  # more than may be: answered, not cut off


class Budding(commands.Cog):
    """Answers everything that a bud's buttons ask."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("bud-open")
    async def desk(self, interaction: Interaction, group_id: str) -> None:
        """Show how it stands with a group's bud, to those who look after it."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            card = await budding.desk(session, actor(interaction), int(group_id))
        await answer(interaction, card)

    @pressed("bud-ask")
    async def ask(self, interaction: Interaction, group_id: str, *, values: list[str]) -> None:
        """Ask somebody whether they would begin a group."""
        await defer_in_place(interaction)
        user_id = int(values[0])
        async with self.bot.database.writing() as session:
            await budding.ask_founder(
                session, actor(interaction), int(group_id), user_id, self.bot.clock.now()
            )
        await answer(interaction, say("buds.asked", user=user_id))

    @pressed("bud-myself")
    async def myself(self, interaction: Interaction, group_id: str) -> None:
        """Let who looks after the group begin one: the question is theirs at once."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            bud = await budding.ask_founder(
                session, who, int(group_id), who.user_id, self.bot.clock.now()
            )
            card = bud_cards.question(await shown(session, bud))
        await answer(interaction, card)

    @pressed("bud-look")
    async def look(self, interaction: Interaction, bud_id: str, *_whose: str) -> None:
        """Show what a bud means for who asks, for their eyes only."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            card = await budding.look(
                session, actor(interaction), int(bud_id), self.bot.clock.now()
            )
        await answer(interaction, card)

    @pressed("bud-name")
    async def ask_name(self, interaction: Interaction, bud_id: str) -> None:
        """Open the form for name, sign and purpose, as they are or as they were refused last."""
        who, name = actor(interaction), f"bud-named:{bud_id}"
        async with self.bot.database.reading() as session:
            bud, group = await budding.founders(session, who, int(bud_id), self.bot.clock.now())
            typed = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=name
            )
        fields = [
            Field("name", "buds.name_label", filled=typed.get("name", bud.name), most=LONG_NAME),
            Field(
                "emoji",
                "buds.emoji_label",
                filled=typed.get("emoji", bud.emoji),
                required=False,
                most=LONG_EMOJI,
            ),
            Field(
                "purpose",
                "buds.purpose_label",
                filled=typed.get("purpose", bud.purpose or group.purpose),
                hint="buds.purpose_hint",
                long=True,
                most=LONG_PURPOSE,
            ),
        ]
        await give_form(interaction, form(language(interaction), "buds.form", name, fields))

    @submitted("bud-named")
    async def named(self, interaction: Interaction, bud_id: str, *, fields: dict[str, str]) -> None:
        """Take what was typed, or keep it and say why not."""
        await defer_in_place(interaction)
        who, name = actor(interaction), f"bud-named:{bud_id}"
        own = {"server_id": who.server_id, "user_id": who.user_id}
        try:
            async with self.bot.database.writing() as session:
                card = await budding.name_it(
                    session,
                    who,
                    int(bud_id),
                    name=fields["name"],
                    emoji=fields.get("emoji") or "",
                    purpose=fields["purpose"],
                    now=self.bot.clock.now(),
                )
                await drafts.done(session, form=name, **own)
        except NotAllowed:
            raise
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(
                    session, form=name, fields=fields, now=self.bot.clock.now(), **own
                )
            again = Button("splits.fix_it", f"bud-name:{bud_id}", "primary")
            await answer(interaction, Message((Line(error.key, error.params),), (again,)))
            return
        await answer(interaction, card)

    @pressed("bud-guests")
    async def guests(self, interaction: Interaction, bud_id: str, *, values: list[str]) -> None:
        """Ask people along."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            asked, strangers, card = await budding.ask_guests(
                session,
                actor(interaction),
                int(bud_id),
                [int(one) for one in values],
                self.bot.clock.now(),
            )
        lines = [Line("buds.guests_asked", {"n": asked})]
        if strangers:
            lines.append(Line("buds.guests_not_here", {"n": strangers}))
        await answer(interaction, Message((*lines, *card.lines), card.buttons, card.menus))

    @pressed("bud-in")
    async def come_along(self, interaction: Interaction, bud_id: str) -> None:
        """Take in a yes; the last that was waited for lets the group begin."""
        await defer_in_place(interaction)
        now = self.bot.clock.now()
        async with self.bot.database.writing() as session:
            bud = await budding.say(session, actor(interaction), int(bud_id), now, along=True)
            moved = await bud_begin.after_word(session, bud, now)
            bud_name = bud_begin.called(bud)
        if moved is None:
            stay = Button("buds.rather_stay", f"bud-out:{bud_id}")
            await answer(interaction, Message((Line("buds.said_yes"),), (stay,)))
        else:
            await answer(interaction, say("buds.begun", bud=bud_name, n=moved))

    @pressed("bud-out")
    async def stay(self, interaction: Interaction, bud_id: str) -> None:
        """Take in a no, also after a yes."""
        await defer_in_place(interaction)
        now = self.bot.clock.now()
        async with self.bot.database.writing() as session:
            bud = await budding.say(session, actor(interaction), int(bud_id), now, along=False)
            await bud_begin.after_word(session, bud, now)
        await answer(interaction, say("buds.said_no"))

    @pressed("bud-no")
    async def decline(self, interaction: Interaction, bud_id: str) -> None:
        """Take in the founder's no."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await budding.decline(session, actor(interaction), int(bud_id), self.bot.clock.now())
        await answer(interaction, say("buds.declined"))

    @pressed("bud-off")
    async def call_off(self, interaction: Interaction, bud_id: str) -> None:
        """Let it be."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await budding.call_off(session, actor(interaction), int(bud_id), self.bot.clock.now())
        await answer(interaction, say("buds.is_off"))

    @pressed("bud-begin")
    async def begin(self, interaction: Interaction, bud_id: str) -> None:
        """Begin with those who have said yes so far."""
        await defer_in_place(interaction)
        now = self.bot.clock.now()
        async with self.bot.database.writing() as session:
            bud, _group = await budding.founders(session, actor(interaction), int(bud_id), now)
            moved = await bud_begin.begin_now(session, actor(interaction), bud.id, now)
            bud_name = bud_begin.called(bud)
        await answer(interaction, say("buds.begun", bud=bud_name, n=moved))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Budding(bot))
