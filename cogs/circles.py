"""*Suggest me*, and what people of a circle answer: for their own eyes only."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer_in_place, pressed
from bot.errors import UserError
from bot.rules import circle_cards
from bot.rules.message import say
from bot.services import circle_members, suggest_me


class Circles(commands.Cog):
    """Answers the presses of those who want to be suggested groups."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("suggest-about")
    async def about(self, interaction: Interaction, *_mark: str) -> None:
        """Say plainly what Suggest me does."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await suggest_me.about(session, actor(interaction))
        await answer(interaction, shown)

    @pressed("suggest-on")
    async def turn_on(self, interaction: Interaction) -> None:
        """Suggest groups from now on."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            counted = await suggest_me.turn_on(session, actor(interaction), self.bot.clock.now())
        await answer(interaction, circle_cards.is_on(counted=counted))

    @pressed("suggest-off")
    async def turn_off(self, interaction: Interaction) -> None:
        """Suggest nothing more."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await suggest_me.turn_off(session, actor(interaction))
        await answer(interaction, circle_cards.is_off())

    @pressed("circle-see")
    async def see(self, interaction: Interaction, circle_id: str, *_mark: str) -> None:
        """Show somebody what they are asked."""
        await defer_in_place(interaction)
        now, settings = self.bot.clock.now(), self.bot.settings
        async with self.bot.database.reading() as session:
            one = await circle_members.look(
                session, actor(interaction), int(circle_id), now, settings
            )
        await answer(interaction, circle_cards.suggestion(one))

    @pressed("circle-say")
    async def say(self, interaction: Interaction, circle_id: str, what: str) -> None:
        """Take in a yes or a no."""
        await defer_in_place(interaction)
        if what not in {"yes", "help", "no"}:
            raise UserError("errors.expired")
        now, settings = self.bot.clock.now(), self.bot.settings
        async with self.bot.database.writing() as session:
            one = await circle_members.say(
                session,
                actor(interaction),
                int(circle_id),
                now,
                settings,
                yes=what != "no",
                would_help=what == "help",
            )
        await answer(interaction, circle_cards.answered(one))

    @pressed("circle-seen")
    async def seen(self, interaction: Interaction, circle_id: str) -> None:
        """Put out of sight that nothing came of it."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await circle_members.seen(session, actor(interaction), int(circle_id))
        await answer(interaction, say("home.stayed"))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Circles(bot))
