"""The quiet letter: opened, answered name by name, sent less often or by DM.

Every press shows the letter as it then is. It works the same in a server, where the letter is
ephemeral, and in a direct message.
"""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, answer, defer, pressed
from bot.services import letters, quiet
from bot.services.quiet import Said


class Letters(commands.Cog):
    """Answers the letter's buttons; who may is checked in the services, by who presses."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("letter-open")
    async def open(self, interaction: Interaction, group_id: str, _letter_id: str = "") -> None:
        """Show the newest letter."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            message = await letters.opened(
                session, int(group_id), interaction.user.id, self.bot.clock.now()
            )
        await answer(interaction, message)

    @pressed("quiet-reached")
    async def reached(self, interaction: Interaction, letter_id: str, episode_id: str) -> None:
        """Note that the facilitator wrote to them."""
        await self._said(interaction, letter_id, episode_id, "reached")

    @pressed("quiet-away")
    async def away(self, interaction: Interaction, letter_id: str, episode_id: str) -> None:
        """Note that they are away."""
        await self._said(interaction, letter_id, episode_id, "away")

    @pressed("quiet-fine")
    async def fine(self, interaction: Interaction, letter_id: str, episode_id: str) -> None:
        """Note that they are fine."""
        await self._said(interaction, letter_id, episode_id, "fine")

    @pressed("quiet-later")
    async def later(self, interaction: Interaction, letter_id: str, episode_id: str) -> None:
        """Bring the name back in a week."""
        await self._said(interaction, letter_id, episode_id, "later")

    @pressed("letter-fewer")
    async def fewer(self, interaction: Interaction, group_id: str, letter_id: str) -> None:
        """Write less often."""
        async with self.bot.database.writing() as session:
            await letters.less(session, int(group_id), interaction.user.id)
        await self._again(interaction, group_id, letter_id)

    @pressed("letter-more")
    async def more(self, interaction: Interaction, group_id: str, letter_id: str) -> None:
        """Write every week again."""
        async with self.bot.database.writing() as session:
            await letters.how_often(session, int(group_id), interaction.user.id, "weekly")
        await self._again(interaction, group_id, letter_id)

    @pressed("letter-dm")
    async def dm(self, interaction: Interaction, group_id: str, letter_id: str) -> None:
        """Send letters by DM."""
        async with self.bot.database.writing() as session:
            await letters.by_dm(session, int(group_id), interaction.user.id, wanted=True)
        await self._again(interaction, group_id, letter_id)

    @pressed("letter-room")
    async def room(self, interaction: Interaction, group_id: str, letter_id: str) -> None:
        """Send no letters by DM any more."""
        async with self.bot.database.writing() as session:
            await letters.by_dm(session, int(group_id), interaction.user.id, wanted=False)
        await self._again(interaction, group_id, letter_id)

    async def _said(
        self, interaction: Interaction, letter_id: str, episode_id: str, said: Said
    ) -> None:
        now, user_id = self.bot.clock.now(), interaction.user.id
        async with self.bot.database.writing() as session:
            await quiet.say(session, int(episode_id), user_id, said, now)
            message = await letters.read_again(session, int(letter_id), user_id, now)
        await answer(interaction, message, replace=True)

    async def _again(self, interaction: Interaction, group_id: str, letter_id: str) -> None:
        now, user_id = self.bot.clock.now(), interaction.user.id
        async with self.bot.database.writing() as session:
            if int(letter_id):
                message = await letters.read_again(session, int(letter_id), user_id, now)
            else:
                message = await letters.opened(session, int(group_id), user_id, now)
        await answer(interaction, message, replace=True)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Letters(bot))
