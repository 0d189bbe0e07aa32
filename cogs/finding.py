"""*Find a home*: a few questions, then groups that may suit whoever asks; answers are kept."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer_in_place, pressed
from bot.rules import find_cards
from bot.rules.message import Message, say
from bot.services import answers, finding, rights
from bot.services.answers import Tick


class Finding(commands.Cog):
    """Leads through the questions; every press carries what it needs, answers are in the tables."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("find-open")
    async def open(self, interaction: Interaction, *_mark: str) -> None:
        """Begin, or go on where they left off; the panel's and /home's button."""
        await defer_in_place(interaction)
        await self._begin(interaction)
        stands = await self._way(interaction)
        if stands.next is None:
            await answer(interaction, await self._groups(interaction))
            return
        on = any(given.answered for given in stands.given.values())
        head = "find.on_again" if on else "find.head"
        await answer(interaction, find_cards.question(stands.step(stands.next.id), head=head))

    @pressed("find-next")
    async def go_on(self, interaction: Interaction) -> None:
        """Keep what was said and show the next question that is open."""
        await defer_in_place(interaction)
        await self._go_on(interaction, await self._way(interaction))

    @pressed("find-step")
    async def step(self, interaction: Interaction, question_id: str, mode: str) -> None:
        """Show one question."""
        await defer_in_place(interaction)
        stands = await self._way(interaction)
        step = stands.step(int(question_id), alone=mode == "mine")
        await answer(interaction, find_cards.question(step))

    @pressed("find-answer")
    async def keep(
        self, interaction: Interaction, question_id: str, mode: str, *, values: list[str]
    ) -> None:
        """Keep an answer and go on."""
        await self._say(interaction, int(question_id), mode, [int(value) for value in values])

    @pressed("find-skip")
    async def skip(self, interaction: Interaction, question_id: str, mode: str) -> None:
        """Go on without an answer; one that was given is taken back."""
        await self._say(interaction, int(question_id), mode, [])

    @pressed("find-shown")
    async def tick_shown(self, interaction: Interaction, question_id: str, mode: str) -> None:
        """Allow the answer to be shown in one's group, or no longer."""
        await self._tick(interaction, int(question_id), mode, "shown")

    @pressed("find-unlisted")
    async def tick_unlisted(self, interaction: Interaction, question_id: str, mode: str) -> None:
        """Ask for groups that are not listed, or no longer."""
        await self._tick(interaction, int(question_id), mode, "unlisted")

    @pressed("find-groups")
    async def groups(self, interaction: Interaction) -> None:
        """Show what may suit them by what they answered so far."""
        await defer_in_place(interaction)
        await answer(interaction, await self._groups(interaction))

    @pressed("find-mine")
    async def mine(self, interaction: Interaction) -> None:
        """Show what they answered."""
        await defer_in_place(interaction)
        await self._begin(interaction)
        await answer(interaction, find_cards.mine((await self._way(interaction)).mine()))

    @pressed("find-change")
    async def change(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show the question whose answer they want to change."""
        await self.step(interaction, values[0], "mine")

    @pressed("find-forget")
    async def forget(self, interaction: Interaction) -> None:
        """Take every answer back."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await rights.server_row(session, who.server_id, allow_paused=True)
            await answers.forget(session, who.server_id, who.user_id)
        await answer(interaction, say("find.forgotten"))

    @pressed("find-not-now")
    async def not_now(self, interaction: Interaction) -> None:
        """Leave everything as it is."""
        await answer(interaction, say("find.not_now_said"), replace=True)

    @pressed("find-ask")
    async def ask_hidden(self, interaction: Interaction, group_id: str) -> None:
        """Ask a group that is not listed to be let in."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            told = await finding.ask_hidden(
                session,
                actor(interaction),
                int(group_id),
                now=self.bot.clock.now(),
                settings=self.bot.settings,
            )
        await answer(interaction, find_cards.asked_hidden(told=told))

    async def _say(
        self, interaction: Interaction, question_id: int, mode: str, choices: list[int]
    ) -> None:
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await rights.server_row(session, who.server_id)
            await answers.give(
                session,
                who.server_id,
                who.user_id,
                question_id,
                choices,
                now=self.bot.clock.now(),
            )
        stands = await self._way(interaction)
        if mode == "mine":
            await answer(interaction, find_cards.mine(stands.mine()))
        else:
            await self._go_on(interaction, stands)

    async def _go_on(self, interaction: Interaction, stands: finding.Way) -> None:
        if stands.next is None:
            await answer(interaction, await self._groups(interaction))
        else:
            await answer(interaction, find_cards.question(stands.step(stands.next.id)))

    async def _tick(
        self, interaction: Interaction, question_id: int, mode: str, which: Tick
    ) -> None:
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await rights.server_row(session, who.server_id)
            await answers.tick(session, who.server_id, who.user_id, question_id, which)
        stands = await self._way(interaction)
        step = stands.step(question_id, alone=mode == "mine")
        await answer(interaction, find_cards.question(step))

    async def _begin(self, interaction: Interaction) -> None:
        async with self.bot.database.writing() as session:
            await finding.begin(session, actor(interaction).server_id)

    async def _way(self, interaction: Interaction) -> finding.Way:
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await rights.server_row(session, who.server_id)
            return await finding.way(
                session,
                who.server_id,
                who.user_id,
                role_ids=who.role_ids,
                now=self.bot.clock.now(),
            )

    async def _groups(self, interaction: Interaction) -> Message:
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            found = await finding.found(
                session,
                who.server_id,
                who.user_id,
                role_ids=who.role_ids,
                now=self.bot.clock.now(),
                settings=self.bot.settings,
            )
        return find_cards.suggestions(
            found.suggestions, lives=found.lives, asks=found.asks, empty=found.empty
        )


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Finding(bot))
