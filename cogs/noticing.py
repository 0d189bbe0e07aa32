"""What Hearth noticed of a group besides its people: the unanswered, rituals, a group's silence."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, pressed
from bot.rules import letter_bounds, ritual_cards
from bot.rules.message import say
from bot.rules.naming import safe
from bot.services import group_silence, letters, reconsidering, unanswered


class Noticing(commands.Cog):
    """Answers the buttons of letters, desks and the owners' room; services check who may."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("unanswered")
    async def unanswered(self, interaction: Interaction, group_id: str) -> None:
        """Show where messages stand that nobody answered."""
        async with self.bot.database.reading() as session:
            shown = await unanswered.for_desk(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        await answer(interaction, shown, replace=True)

    @pressed("reconsider")
    async def reconsider(self, interaction: Interaction, ritual_id: str) -> None:
        """Show a ritual that finds few answers, with what can be done about it."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            one = await reconsidering.look(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, ritual_cards.one(one))

    @pressed("own-pause")
    async def pause(self, interaction: Interaction, group_id: str) -> None:
        """Write no letters for a while to somebody who has a lot on their hands."""
        await defer(interaction)
        now = self.bot.clock.now()
        async with self.bot.database.writing() as session:
            group = await letters.pause(session, int(group_id), interaction.user.id, now)
        at = int((now + letter_bounds.PAUSE).timestamp())
        await answer(interaction, say("noticing.own_paused", group=safe(group), at=at))

    @pressed("hush-open")
    async def hush(self, interaction: Interaction, group_id: str, _at: str = "") -> None:
        """Show the owners which group has gone quiet."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            shown = await group_silence.card(session, actor(interaction), int(group_id))
        await answer(interaction, shown)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Noticing(bot))
