"""The letter: opened, turned over, answered name by name, sent less often or by DM.

Every press shows the letter as it then is. It works the same in a server, where the letter is
ephemeral, and in a direct message.
"""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, answer, defer, pressed
from bot.rules import letter_messages
from bot.rules.letter_messages import Told
from bot.services import letter_answers, letters
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
            told = await letters.opened(
                session, int(group_id), interaction.user.id, self.bot.clock.now()
            )
        await self._show(interaction, told)

    @pressed("letter-page")
    async def turn(
        self, interaction: Interaction, group_id: str, letter_id: str, page: str
    ) -> None:
        """Show another page."""
        await self._again(interaction, group_id, letter_id, page)

    @pressed("letter-about")
    async def about(
        self, interaction: Interaction, letter_id: str, page: str, *, values: list[str]
    ) -> None:
        """Show one name with its four answers."""
        async with self.bot.database.reading() as session:
            told = await letters.read_again(
                session, int(letter_id), interaction.user.id, self.bot.clock.now()
            )
        shown = letter_messages.about(told, int(values[0]), int(page))
        await answer(interaction, shown, replace=True)

    @pressed("quiet-reached")
    async def reached(
        self, interaction: Interaction, letter_id: str, episode_id: str, page: str = "0"
    ) -> None:
        """Note that the facilitator wrote to them."""
        await self._said(interaction, letter_id, episode_id, page, "reached")

    @pressed("quiet-away")
    async def away(
        self, interaction: Interaction, letter_id: str, episode_id: str, page: str = "0"
    ) -> None:
        """Note that they are away."""
        await self._said(interaction, letter_id, episode_id, page, "away")

    @pressed("quiet-fine")
    async def fine(
        self, interaction: Interaction, letter_id: str, episode_id: str, page: str = "0"
    ) -> None:
        """Note that they are fine."""
        await self._said(interaction, letter_id, episode_id, page, "fine")

    @pressed("quiet-later")
    async def later(
        self, interaction: Interaction, letter_id: str, episode_id: str, page: str = "0"
    ) -> None:
        """Bring the name back in a week."""
        await self._said(interaction, letter_id, episode_id, page, "later")

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
        self, interaction: Interaction, letter_id: str, episode_id: str, page: str, said: Said
    ) -> None:
        now, user_id, letter = self.bot.clock.now(), interaction.user.id, int(letter_id)
        async with self.bot.database.writing() as session:
            await letter_answers.say(session, letter, int(episode_id), user_id, said=said, now=now)
            told = await letters.read_again(session, letter, user_id, now)
        await self._show(interaction, told, int(page), replace=True)

    async def _again(
        self, interaction: Interaction, group_id: str, letter_id: str, page: str = "0"
    ) -> None:
        now, user_id = self.bot.clock.now(), interaction.user.id
        async with self.bot.database.writing() as session:
            if int(letter_id):
                told = await letters.read_again(session, int(letter_id), user_id, now)
            else:
                told = await letters.opened(session, int(group_id), user_id, now)
        await self._show(interaction, told, int(page), replace=True)

    async def _show(
        self, interaction: Interaction, told: Told, page: int = 0, *, replace: bool = False
    ) -> None:
        # Behind a press in a direct message there is no server: the letter says which.
        guild = self.bot.get_guild(told.server_id)
        people = (
            {} if guild is None else {n.user_id: guild.get_member(n.user_id) for n in told.names}
        )
        called = {user: one.display_name for user, one in people.items() if one is not None}
        await answer(interaction, letter_messages.letter(told, page, called), replace=replace)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Letters(bot))
