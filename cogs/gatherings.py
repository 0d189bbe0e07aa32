"""Gatherings in the room: who comes, who waits, who is there; and the way back to the next one."""

import io

import discord
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, language, pressed
from bot.gateway import answers
from bot.rules import gathering_cards as cards
from bot.rules.gatherings import Answer
from bot.rules.message import Line, Message, say
from bot.rules.naming import safe
from bot.services import gathering_answers, gathering_planning

FILE = "calendar.ics"


class Gatherings(commands.Cog):
    """What everybody inside presses on a gathering."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("gathering-yes")
    async def yes(self, interaction: Interaction, date_id: str, *_mark: str) -> None:
        """Note that somebody comes, or waits for a seat."""
        await self._say(interaction, date_id, "yes")

    @pressed("gathering-maybe")
    async def maybe(self, interaction: Interaction, date_id: str, *_mark: str) -> None:
        """Note that somebody may come."""
        await self._say(interaction, date_id, "maybe")

    @pressed("gathering-no")
    async def no(self, interaction: Interaction, date_id: str, *_mark: str) -> None:
        """Note that somebody does not come; a seat moves on."""
        await self._say(interaction, date_id, "no")

    @pressed("gathering-look")
    async def look(self, interaction: Interaction, date_id: str, *_mark: str) -> None:
        """Show all there is to know of a date."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            seen = await gathering_answers.look(session, actor(interaction), int(date_id))
        await answer(interaction, cards.details(seen, self.bot.clock.now()))

    @pressed("gathering-early")
    async def early(self, interaction: Interaction, date_id: str) -> None:
        """Turn the reminder the day before on or off."""
        await defer_in_place(interaction)
        now = self.bot.clock.now()
        async with self.bot.database.writing() as session:
            seen = await gathering_answers.early(session, actor(interaction), int(date_id), now)
        said = "early" if seen.early else "not_early"
        await answer(interaction, cards.answered(seen, now, said))

    @pressed("gathering-tell")
    async def tell(self, interaction: Interaction, date_id: str) -> None:
        """Turn the mention for a free seat on or off."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            seen = await gathering_answers.tell(session, actor(interaction), int(date_id))
        said = "tell" if seen.tell else "not_tell"
        await answer(interaction, cards.answered(seen, self.bot.clock.now(), said))

    @pressed("gathering-here")
    async def here(self, interaction: Interaction, date_id: str, *_mark: str) -> None:
        """Note that somebody is there."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            seen = await gathering_answers.here(
                session, actor(interaction), int(date_id), self.bot.clock.now()
            )
        await answer(interaction, cards.arrived(seen))

    @pressed("gathering-file")
    async def calendar(self, interaction: Interaction, date_id: str) -> None:
        """Hand the calendar file over."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            content = await gathering_answers.calendar(
                session, actor(interaction), int(date_id), self.bot.clock.now()
            )
        text = language(interaction)("gathering.file_said")
        await answers.later(
            lambda: interaction.edit_original_response(
                content=text, attachments=[discord.File(io.BytesIO(content), FILE)]
            )
        )

    @pressed("gathering-take")
    async def take(self, interaction: Interaction, gathering_id: str, *_mark: str) -> None:
        """Host what nobody hosts any more."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            gathering = await gathering_planning.take(
                session, actor(interaction), int(gathering_id), self.bot.clock.now()
            )
        await answer(interaction, say("gathering.taken", title=safe(gathering.title)))

    @pressed("gathering-next")
    async def next(self, interaction: Interaction, gathering_id: str, *_mark: str) -> None:
        """Show the next date of a gathering, or that there is none yet."""
        await defer_in_place(interaction)
        now = self.bot.clock.now()
        async with self.bot.database.reading() as session:
            seen = await gathering_answers.next_of(session, actor(interaction), int(gathering_id))
        none = Message((Line("gathering.next_none"),))
        await answer(interaction, none if seen is None else cards.details(seen, now))

    async def _say(self, interaction: Interaction, date_id: str, wanted: Answer) -> None:
        await defer_in_place(interaction)
        now = self.bot.clock.now()
        async with self.bot.database.writing() as session:
            seen = await gathering_answers.say(
                session, actor(interaction), int(date_id), wanted, now
            )
        await answer(interaction, cards.answered(seen, now))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Gatherings(bot))
