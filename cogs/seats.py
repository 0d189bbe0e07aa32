"""Standing in line for a seat, and saying no to one that is kept; taking it is moving in."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer_in_place, newcomer, pressed
from bot.rules import seat_messages
from bot.rules.message import say
from bot.rules.naming import safe
from bot.services import joining, offers, waiting


class Seats(commands.Cog):
    """Answers those who wait."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("wait")
    async def wait(self, interaction: Interaction, group_id: str) -> None:
        """Stand in line for a seat."""
        await defer_in_place(interaction)
        who = await newcomer(interaction)
        async with self.bot.database.writing() as session:
            waits = await joining.wait(
                session,
                who,
                group=group_id,
                now=self.bot.clock.now(),
                settings=self.bot.settings,
            )
        await answer(
            interaction,
            seat_messages.waits(
                waits.group,
                waits.place,
                waits.weeks,
                gave_up=waits.gave_up,
                hours=self.bot.settings.offer_hours,
            ),
        )

    @pressed("wait-stop")
    async def stop_waiting(self, interaction: Interaction) -> None:
        """Leave the line."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            group = await waiting.stop_waiting(session, who.server_id, who.user_id)
        await answer(
            interaction,
            say("seats.not_waiting") if group is None else say("seats.stopped", group=safe(group)),
        )

    @pressed("seat-no")
    async def decline(self, interaction: Interaction, group_id: str) -> None:
        """Let the seat that is kept go to the next in line."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            group = await offers.decline(
                session, who.server_id, who.user_id, int(group_id), self.bot.clock.now()
            )
        await answer(interaction, say("seats.declined", group=safe(group)))

    @pressed("seat-seen")
    async def seen(self, interaction: Interaction) -> None:
        """Put out of sight that a seat went on to the next."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await offers.seen(session, who.server_id, who.user_id)
        await answer(interaction, say("seats.put_away_done"))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Seats(bot))
