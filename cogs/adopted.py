"""The buttons of rooms that were adopted, and the choice of who had several roles."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    defer_in_place,
    language,
    newcomer,
    pressed,
)
from bot.rules import adopted_messages
from bot.rules.message import say
from bot.services import adopted


class Adopted(commands.Cog):
    """Answers members of groups that were there before Hearth."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("adopt-hello")
    async def hello(self, interaction: Interaction, group_id: str) -> None:
        """Take somebody's yes to being counted."""
        await defer(interaction)
        now = self.bot.clock.now()
        async with self.bot.database.writing() as session:
            who = await adopted.hello(session, actor(interaction), int(group_id), now=now)
        await answer(interaction, adopted_messages.hello(who.group, who.home, told=who.told))

    @pressed("adopt-what")
    async def what(self, interaction: Interaction, _group_id: str) -> None:
        """Say what changes with an adoption."""
        await defer(interaction)
        await answer(interaction, say("adopt.what"))

    @pressed("adopt-choose")
    async def ask(self, interaction: Interaction) -> None:
        """Ask which of their groups is home."""
        await defer_in_place(interaction)
        now = self.bot.clock.now()
        async with self.bot.database.reading() as session:
            home, others = await adopted.options(session, actor(interaction), now=now)
        here = language(interaction)("adopt.choose_here")
        await answer(interaction, adopted_messages.choice(home, others, here))

    @pressed("adopt-chosen")
    async def choose(self, interaction: Interaction, values: list[str]) -> None:
        """Make the chosen group their home."""
        await defer_in_place(interaction)
        who = await newcomer(interaction)
        async with self.bot.database.writing() as session:
            done = await adopted.choose(
                session,
                who,
                int(values[0]),
                now=self.bot.clock.now(),
                settings=self.bot.settings,
            )
        await answer(
            interaction,
            adopted_messages.chosen(done.group, done.until, moved=done.moved, told=done.told),
        )


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Adopted(bot))
