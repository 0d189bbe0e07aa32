"""The desk's suggestion whom one could ask to help to look after a group."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, pressed
from bot.rules.message import Button, Line, Message
from bot.services import volunteers


class Volunteers(commands.Cog):
    """Shows one person at a time, and asks them if that is wanted."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("volunteer-look")
    async def look(self, interaction: Interaction, group_id: str, after: str) -> None:
        """Show somebody who could be asked; whom the reader saw last makes place for the next."""
        async with self.bot.database.reading() as session:
            card = await volunteers.look(
                session, actor(interaction), int(group_id), int(after), self.bot.clock.now()
            )
        await answer(interaction, card, replace=True)

    @pressed("volunteer-ask")
    async def ask(self, interaction: Interaction, group_id: str, user_id: str) -> None:
        """Ask them."""
        async with self.bot.database.writing() as session:
            new = await volunteers.ask(
                session,
                actor(interaction),
                group_id=int(group_id),
                user_id=int(user_id),
                now=self.bot.clock.now(),
            )
        said = Line("desk.asked" if new else "desk.asked_before", {"user": int(user_id)})
        await answer(interaction, back(said, group_id), replace=True)

    @pressed("volunteer-not-now")
    async def not_now(self, interaction: Interaction, group_id: str, user_id: str) -> None:
        """Suggest them not again for a while."""
        async with self.bot.database.writing() as session:
            await volunteers.not_now(
                session,
                actor(interaction),
                group_id=int(group_id),
                user_id=int(user_id),
                now=self.bot.clock.now(),
            )
        await answer(interaction, back(Line("volunteers.rested"), group_id), replace=True)


def back(said: Line, group_id: str) -> Message:
    """Return an answer with the way back to the desk."""
    return Message((said,), (Button("desk.back", f"desk-page:{group_id}:people"),))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Volunteers(bot))
