"""Questions for one person: look after a group? come and visit? Asked behind a button."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.errors import UserError
from bot.rules import facilitation
from bot.rules.message import Message, say
from bot.rules.naming import safe
from bot.services import facilitators, inviting, rights
from bot.services.groups import of_server


class Facilitators(commands.Cog):
    """Answers the buttons of neutral lines, for the person whom each is for."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("question-open")
    async def question(self, interaction: Interaction, user_id: str, _asked_at: str = "") -> None:
        """Show the questions that wait for the person who presses."""
        await defer(interaction)
        await answer(interaction, await self._waiting(interaction, int(user_id)))

    @pressed("office-accept")
    async def accept(self, interaction: Interaction, group_id: str) -> None:
        """Take the office; the question with its two buttons goes, for it is answered."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            office = await facilitators.accept(
                session,
                server_id=who.server_id,
                group_id=int(group_id),
                user_id=who.user_id,
                now=self.bot.clock.now(),
            )
        await answer(interaction, say("facilitators.accepted", group=safe(office.group)))

    @pressed("office-decline")
    async def decline(self, interaction: Interaction, group_id: str) -> None:
        """Say no, without a trace."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await facilitators.decline(
                session, server_id=who.server_id, group_id=int(group_id), user_id=who.user_id
            )
        await answer(interaction, say("facilitators.declined"))

    @pressed("office-look")
    async def look(self, interaction: Interaction, group_id: str, _at: str = "") -> None:
        """Show the owners who looks after a group now."""
        await defer(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await rights.require_owner(session, who)
            group = await of_server(session, who.server_id, int(group_id))
            people = await facilitators.active(session, group.id)
        shown = " ".join(f"<@{user}>" for user in people)
        key = "facilitators.looked" if people else "facilitators.looked_nobody"
        await answer(interaction, say(key, group=safe(group.name), people=shown))

    @pressed("invitation-open")
    async def invitation(
        self, interaction: Interaction, group_id: str, user_id: str, _at: str = ""
    ) -> None:
        """Show an invitation to the one it is for."""
        await defer(interaction)
        who = actor(interaction)
        if who.user_id != int(user_id):
            raise UserError("facilitators.not_yours", user=int(user_id))
        async with self.bot.database.reading() as session:
            shown = await inviting.shown(session, who, int(group_id))
        await answer(interaction, shown)

    async def _waiting(self, interaction: Interaction, user_id: int) -> Message:
        who = actor(interaction)
        if who.user_id != user_id:
            raise UserError("facilitators.not_yours", user=user_id)
        async with self.bot.database.reading() as session:
            waiting = await facilitators.pending(session, who.server_id, who.user_id)
        if not waiting:
            return say("facilitators.nothing_waits")
        questions = [facilitation.question(one.group_id, one.group) for one in waiting]
        # The oldest; the next shows when this one is answered and the button pressed again.
        return questions[0]


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Facilitators(bot))
