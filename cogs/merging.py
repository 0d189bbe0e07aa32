"""Small groups and merges: those who look after groups decide, members choose."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer_in_place, language, pressed
from bot.rules import merge_cards
from bot.rules.message import Line, Message
from bot.services import merge_approval, merge_members, small


class Merging(commands.Cog):
    """Answers everything that the buttons of small groups and of merges ask."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    # --- a small group --------------------------------------------------------------------------

    @pressed("small-open")
    async def small(self, interaction: Interaction, group_id: str, _mark: str = "") -> None:
        """Show what a small group can do."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await small.card(
                session,
                actor(interaction),
                int(group_id),
                self.bot.clock.now(),
                self.bot.settings,
            )
        await answer(interaction, shown)

    @pressed("small-invite")
    async def invite(self, interaction: Interaction, group_id: str) -> None:
        """Ask people in who look for a home."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            done = await small.invite(
                session,
                actor(interaction),
                int(group_id),
                self.bot.clock.now(),
                self.bot.settings,
            )
        await answer(interaction, done)

    @pressed("small-rest")
    async def rest(self, interaction: Interaction, group_id: str) -> None:
        """Ask whether the group shall rest."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            question = await small.rest_asked(session, actor(interaction), int(group_id))
        await answer(interaction, question)

    @pressed("small-rest-yes")
    async def rest_yes(self, interaction: Interaction, group_id: str) -> None:
        """Let the group rest."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            done = await small.rest(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        await answer(interaction, done)

    @pressed("small-later")
    async def later(self, interaction: Interaction, group_id: str) -> None:
        """Leave the group as it is."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            done = await small.leave_it(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        await answer(interaction, done)

    # --- those who decide on a merge ------------------------------------------------------------

    @pressed("merge-others")
    async def others(self, interaction: Interaction, group_id: str) -> None:
        """Show the groups that this one could move in with."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await small.others(
                session,
                actor(interaction),
                int(group_id),
                self.bot.clock.now(),
                language(interaction),
            )
        await answer(interaction, shown)

    @pressed("merge-look")
    async def look(self, interaction: Interaction, group_id: str, *, values: list[str]) -> None:
        """Show both groups side by side."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await merge_approval.thought_of(
                session, actor(interaction), int(group_id), int(values[0]), self.bot.clock.now()
            )
        await answer(interaction, shown)

    @pressed("merge-ask")
    async def ask(self, interaction: Interaction, group_id: str, other_id: str) -> None:
        """Ask the other group's facilitators."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            done = await merge_approval.ask(
                session, actor(interaction), int(group_id), int(other_id), self.bot.clock.now()
            )
        await answer(interaction, done)

    @pressed("merge-bring")
    async def bring(self, interaction: Interaction, one_id: str, other_id: str) -> None:
        """Bring two groups together, as an owner wants it."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            done = await merge_approval.bring_together(
                session, actor(interaction), int(one_id), int(other_id), self.bot.clock.now()
            )
        await answer(interaction, done)

    @pressed("merge-open")
    async def open(
        self, interaction: Interaction, merge_id: str, _side: str = "", _mark: str = ""
    ) -> None:
        """Show how it stands with a merge, to those who decide on it."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await merge_approval.card(
                session, actor(interaction), int(merge_id), self.bot.clock.now()
            )
        await answer(interaction, shown)

    @pressed("merge-yes")
    async def yes(self, interaction: Interaction, merge_id: str) -> None:
        """Take in a yes."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            done = await merge_approval.agree(
                session, actor(interaction), int(merge_id), self.bot.clock.now()
            )
        await answer(interaction, done)

    @pressed("merge-no")
    async def no(self, interaction: Interaction, merge_id: str) -> None:
        """Take in a no."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            done = await merge_approval.decline(
                session, actor(interaction), int(merge_id), self.bot.clock.now()
            )
        await answer(interaction, done)

    @pressed("merge-off")
    async def call_off(self, interaction: Interaction, merge_id: str) -> None:
        """Leave both groups as they are though the members were told."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            done = await merge_approval.call_off(
                session, actor(interaction), int(merge_id), self.bot.clock.now()
            )
        await answer(interaction, done)

    # --- members --------------------------------------------------------------------------------

    @pressed("merge-where")
    async def where(
        self, interaction: Interaction, merge_id: str, _group: str = "", _why: str = ""
    ) -> None:
        """Show what a merge means for a member, for their eyes only."""
        await defer_in_place(interaction)
        await answer(interaction, merge_cards.place(await self._place(interaction, merge_id)))

    @pressed("merge-rather")
    async def rather(
        self, interaction: Interaction, merge_id: str, _group: str = "", _why: str = ""
    ) -> None:
        """Show what a member may do who would rather not."""
        await defer_in_place(interaction)
        await answer(interaction, merge_cards.rather(await self._place(interaction, merge_id)))

    @pressed("merge-without")
    async def without_me(self, interaction: Interaction, merge_id: str) -> None:
        """Note that a member does not come along."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            place = await merge_members.without_me(
                session, who.server_id, who.user_id, int(merge_id), self.bot.clock.now()
            )
        await answer(interaction, merge_cards.place(place))

    @pressed("merge-along")
    async def along(self, interaction: Interaction, merge_id: str) -> None:
        """Let a member come along after all."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            place = await merge_members.along(session, who.server_id, who.user_id, int(merge_id))
        at = 0 if place.runs_at is None else int(place.runs_at.timestamp())
        await answer(interaction, Message((Line("merging.along", {"at": at}),)))

    async def _place(self, interaction: Interaction, merge_id: str) -> merge_cards.Place:
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            return await merge_members.where(session, who.server_id, who.user_id, int(merge_id))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Merging(bot))
