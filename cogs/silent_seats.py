"""A seat that goes to others after a long silence: keeping it, coming back, letting it go."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer_in_place, newcomer, pressed
from bot.rules import moving_messages, seat_messages
from bot.rules.message import say
from bot.rules.naming import safe
from bot.rules.place_names import Place
from bot.rules.scope import MemberScope
from bot.services import greeting, groups, silent_seats
from bot.services.membership import Joined

KEY_WAIT = 5.0  # seconds that an answer waits for the room to open


class SilentSeats(commands.Cog):
    """Answers whose seat it is."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("silent-keep")
    async def keep(self, interaction: Interaction, group_id: str) -> None:
        """Keep the seat."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            name = await silent_seats.keep(session, actor(interaction), int(group_id))
        await answer(interaction, say("seats.silent_kept", group=safe(name)))

    @pressed("silent-back")
    async def come_back(self, interaction: Interaction, group_id: str) -> None:
        """Come home again, or stand first in line."""
        await defer_in_place(interaction)
        who = await newcomer(interaction)
        async with self.bot.database.writing() as session:
            found = await silent_seats.come_back(
                session, who, int(group_id), now=self.bot.clock.now(), settings=self.bot.settings
            )
        if not isinstance(found, Joined):
            hours = self.bot.settings.offer_hours
            waits = seat_messages.waits(
                found.group, found.place, found.weeks, gave_up=found.gave_up, hours=hours
            )
            await answer(interaction, waits)
            return
        ready = await self.bot.reconciler.settled(MemberScope(who.server_id, who.user_id), KEY_WAIT)
        async with self.bot.database.reading() as session:
            group = await groups.of_server(session, who.server_id, found.group_id)
            begin = await greeting.told(session, who.server_id, who.user_id)
        place = Place(group.id, group.name, group.emoji, group.room_id if ready else None)
        await answer(
            interaction,
            moving_messages.joined(
                place,
                returned=True,
                office_open=False,
                told=found.told,
                left=None,
                visit_until=None,
                next_move_at=found.next_move_at,
                begin=begin,
            ),
        )

    @pressed("silent-past")
    async def let_go(self, interaction: Interaction, _group_id: str) -> None:
        """Look for another home, or none."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await silent_seats.let_go(session, actor(interaction))
        await answer(interaction, say("seats.silent_let_go"))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(SilentSeats(bot))
