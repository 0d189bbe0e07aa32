"""The raid brake's buttons: let them in, keep it closed, change how it is set."""

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
from bot.rules import brake, brake_cards
from bot.rules.message import Line
from bot.services import braking, drafts

FORM = "brake"


class Braking(commands.Cog):
    """Answers moderators and owners about the brake."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("brake-card")
    async def card(self, interaction: Interaction) -> None:
        """Show how the brake is set and stands."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            card = await braking.card(session, actor(interaction), self.bot.clock.now())
        await answer(interaction, card)

    @pressed("brake-open")
    async def let_in(self, interaction: Interaction, *_mark: str) -> None:
        """Let everybody move in for an hour."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            card = await braking.let_in(session, actor(interaction), self.bot.clock.now())
        await answer(interaction, card)

    @pressed("brake-keep")
    async def keep_closed(self, interaction: Interaction, *_mark: str) -> None:
        """Let nobody move in for a day."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            card = await braking.keep_closed(session, actor(interaction), self.bot.clock.now())
        await answer(interaction, card)

    @pressed("brake-change")
    async def open_form(self, interaction: Interaction) -> None:
        """Open the form with how the brake is set, or with what was refused."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            found = await braking.look(session, who, self.bot.clock.now())
            typed = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=FORM
            )
        filled = typed or {
            "days": str(found.account_days),
            "hourly": str(found.joins_per_hour),
        }
        fields = [
            Field("days", "brake.days", filled.get("days", ""), "brake.days_hint", most=4),
            Field("hourly", "brake.hourly", filled.get("hourly", ""), "brake.hourly_hint", most=5),
        ]
        await give_form(
            interaction, form(language(interaction), "brake.form", "brake-form", fields)
        )

    @submitted("brake-form")
    async def change(self, interaction: Interaction, fields: dict[str, str]) -> None:
        """Set the brake; what cannot be used is kept for [Fix it]."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.reading() as session:
            await braking.look(session, who, now)
        try:
            days = brake.number(fields["days"], brake.MOST_DAYS)
            hourly = brake.number(fields["hourly"], brake.MOST_AN_HOUR)
        except UserError as refused:
            async with self.bot.database.writing() as session:
                await drafts.keep(
                    session,
                    server_id=who.server_id,
                    user_id=who.user_id,
                    form=FORM,
                    fields=fields,
                    now=now,
                )
            await answer(interaction, brake_cards.refused(Line(refused.key, refused.params)))
            return
        async with self.bot.database.writing() as session:
            await drafts.done(session, server_id=who.server_id, user_id=who.user_id, form=FORM)
            await braking.set_brake(session, who, account_days=days, joins_per_hour=hourly, now=now)
            card = await braking.card(session, who, now)
        await answer(interaction, card)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Braking(bot))
