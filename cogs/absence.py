"""Being away: /away, its buttons and its form."""

from discord import app_commands
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer_in_place,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.gateway.payloads import Field, form
from bot.rules import absence_messages, away
from bot.rules.message import Button, Line, Message, say
from bot.services import drafts, home_cards, membership, rights, servers
from bot.texts import catalogue

TEXTS = catalogue()
AWAY_FORM = "away"
# What the buttons and suggestions of /away stand for, in days.
SPANS = (("home.away_week", 7), ("home.away_two_weeks", 14))


class Away(commands.Cog):
    """Lets people say that they are away, so that nobody wonders."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @app_commands.command(name="away", description=TEXTS("home.command_away"))
    @app_commands.describe(until=TEXTS("home.option_away"))
    @app_commands.guild_install()
    @app_commands.guild_only()
    async def away(self, interaction: Interaction, until: str | None = None) -> None:
        """Say until when one is away, or that one is back."""
        if until is None:
            await self._ask_how_long(interaction)
        else:
            await self._away(interaction, until)

    @away.autocomplete("until")
    async def spans(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer a week, two weeks, being back, and the day that was typed."""
        speak = language(interaction)
        now = self.bot.clock.now()
        async with self.bot.database.reading() as session:
            zone = await servers.zone_of(session, interaction.guild_id)
        wanted = [(speak(key), f"{days} days") for key, days in SPANS]
        if typed.strip():
            wanted.insert(0, (typed.strip()[:50], typed.strip()))
        offered: list[app_commands.Choice[str]] = []
        for label, value in wanted:
            try:
                ends = away.until(value, now, zone)
            except (away.NoDay, away.JustOver):
                continue
            if ends is not None:
                day = away.last_day(ends, zone).isoformat()
                shown = speak("home.away_option", label=label, date=day)
                offered.append(app_commands.Choice(name=shown[:100], value=value))
        return [*offered, app_commands.Choice(name=speak("home.away_back"), value="back")]

    @pressed("away-open")
    async def away_open(self, interaction: Interaction) -> None:
        """Ask how long."""
        await self._ask_how_long(interaction)

    @pressed("away-for")
    async def away_for(self, interaction: Interaction, days: str) -> None:
        """Be away for so many days."""
        await self._away(interaction, f"{int(days)} days")

    @pressed("away-back")
    async def away_back(self, interaction: Interaction) -> None:
        """Be back."""
        await self._away(interaction, "back")

    @pressed("away-form")
    async def away_form(self, interaction: Interaction) -> None:
        """Ask for a day, with what was typed before."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            kept = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=AWAY_FORM
            )
        day = Field(
            "until", "home.away_day", filled=kept.get("until", ""), hint="home.away_day_hint"
        )
        speak = language(interaction)
        await give_form(interaction, form(speak, "home.away_form", "away-day", [day]))

    @submitted("away-day")
    async def away_day(self, interaction: Interaction, fields: dict[str, str]) -> None:
        """Be away until the day that was typed."""
        await self._away(interaction, fields["until"])

    async def _ask_how_long(self, interaction: Interaction) -> None:
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            await rights.server_row(session, actor(interaction).server_id)
        await answer(interaction, absence_messages.away_choices())

    async def _away(self, interaction: Interaction, typed: str) -> None:
        await defer_in_place(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        try:
            async with self.bot.database.writing() as session:
                server = await rights.server_row(session, who.server_id)
                ends = away.until(typed, now, server.zone)
                if ends is None:
                    was_away = await membership.back(session, who.server_id, who.user_id)
                    said = say("home.away_over" if was_away else "home.away_not")
                else:
                    await membership.away(session, who.server_id, who.user_id, until=ends, now=now)
                    own = await home_cards.lives_somewhere(session, who.server_id, who.user_id)
                    said = absence_messages.away_set(ends, has_home=own)
                await drafts.done(
                    session, server_id=who.server_id, user_id=who.user_id, form=AWAY_FORM
                )
        except (away.NoDay, away.JustOver) as refused:
            async with self.bot.database.writing() as session:
                await drafts.keep(
                    session,
                    server_id=who.server_id,
                    user_id=who.user_id,
                    form=AWAY_FORM,
                    fields={"until": typed[:100]},
                    now=now,
                )
            fix = Button("home.fix_it", "away-form", "primary")
            said = Message((Line(refused.key, refused.params),), (fix,))
        await answer(interaction, said)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Away(bot))
