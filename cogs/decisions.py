"""What is decided behind buttons: who is let in, and whether a home that was taken comes back."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.gateway import onboarding
from bot.rules.home_messages import answered, held_answered, request_card
from bot.rules.message import Line, say
from bot.rules.naming import safe
from bot.services import departures, inviting, requests


class Decisions(commands.Cog):
    """Facilitators answer requests, moderators decide about held homes."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("request-open")
    async def look(self, interaction: Interaction, request_id: str) -> None:
        """Show who asks, to those who decide."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            asked = await requests.look(session, actor(interaction), int(request_id))
        await answer(
            interaction,
            request_card(
                asked.id,
                asked.user_id,
                (asked.group_id, asked.group),
                asked.kind,
                asked.asked_at,
            ),
        )

    @pressed("request-in")
    async def let_in(self, interaction: Interaction, request_id: str) -> None:
        """Let someone in."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            asked = await requests.look(session, who, int(request_id))
        arriving = await onboarding.still_arriving(
            interaction.guild, asked.user_id, reduced=self.bot.settings.reduced
        )
        async with self.bot.database.writing() as session:
            admitted = await requests.let_in(
                session,
                who,
                int(request_id),
                now=self.bot.clock.now(),
                settings=self.bot.settings,
                arriving=arriving,
            )
        names = {"user": admitted.user_id, "group": safe(admitted.group)}
        key = "home.request_in_line" if admitted.waits else "home.request_let_in"
        await answer(interaction, answered(Line(key, names), admitted.group_id))

    @pressed("request-not")
    async def not_now(self, interaction: Interaction, request_id: str) -> None:
        """Say no for now."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            refused = await requests.not_now(
                session, actor(interaction), int(request_id), now=self.bot.clock.now()
            )
        line = Line("home.request_refused", {"user": refused.user_id})
        await answer(interaction, answered(line, refused.group_id))

    @pressed("request-back")
    async def take_back(self, interaction: Interaction, group_id: str, kind: str) -> None:
        """Take one's own request back."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await requests.withdraw(
                session,
                server_id=who.server_id,
                user_id=who.user_id,
                group_id=int(group_id),
                kind="visit" if kind == "visit" else "join",
            )
        await answer(interaction, say("home.taken_back"))

    @pressed("held-back")
    async def put_back(self, interaction: Interaction, user_id: str, *_mark: str) -> None:
        """Give a held home back."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            group = await departures.put_back(
                session, actor(interaction), int(user_id), now=self.bot.clock.now()
            )
        await answer(interaction, held_answered(int(user_id), group, back=True))

    @pressed("held-out")
    async def leave_out(self, interaction: Interaction, user_id: str) -> None:
        """Leave someone out whose home was taken."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            group = await departures.leave_out(
                session, actor(interaction), int(user_id), now=self.bot.clock.now()
            )
        await answer(interaction, held_answered(int(user_id), group, back=False))

    @pressed("given-in")
    async def let_in_by_role(
        self, interaction: Interaction, user_id: str, group_id: str, *_mark: str
    ) -> None:
        """Invite someone who was given a group's role by hand."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            group = await inviting.let_in(
                session,
                actor(interaction),
                group_id=int(group_id),
                user_id=int(user_id),
                now=self.bot.clock.now(),
            )
        await answer(interaction, say("home.given_is_in", user=int(user_id), group=safe(group)))

    @pressed("given-out")
    async def leave_it(self, interaction: Interaction, user_id: str, group_id: str) -> None:
        """Leave it at that: the role is put aside already."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            group = await inviting.left_out(session, actor(interaction), group_id=int(group_id))
        await answer(interaction, say("home.given_is_out", user=int(user_id), group=safe(group)))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Decisions(bot))
