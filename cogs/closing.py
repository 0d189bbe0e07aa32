"""A group's last day: who sets it, what is pressed in its room, and where people go next."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Field,
    Interaction,
    actor,
    answer,
    defer,
    form,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.rules.message import say
from bot.rules.naming import safe
from bot.services import closing, rights
from bot.services.groups import of_server


class Closing(commands.Cog):
    """Answers the buttons of a group that ends."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("last-day")
    async def ask_day(self, interaction: Interaction, group_id: str) -> None:
        """Ask which day is the group's last."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await rights.require_facilitator(session, who, int(group_id))
            group = await of_server(session, who.server_id, int(group_id))
            filled = await closing.day_shown(session, group)
        field = Field(
            "day", "stages.last_day", filled=filled, hint="stages.last_day_hint", required=False
        )
        await give_form(
            interaction,
            form(language(interaction), "stages.form_last_day", f"last-day:{group.id}", [field]),
        )

    @submitted("last-day")
    async def set_day(
        self, interaction: Interaction, group_id: str, fields: dict[str, str]
    ) -> None:
        """Give the group its last day, or none."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            group = await closing.set_last_day(
                session,
                actor(interaction),
                group_id=int(group_id),
                typed=fields["day"] or "",
                now=self.bot.clock.now(),
            )
            ends = group.closes_at
        if ends is None:
            await answer(interaction, say("stages.day_none", group=safe(group.name)))
            return
        at = int(ends.timestamp()) - 1
        await answer(interaction, say("stages.day_set", group=safe(group.name), at=at))

    @pressed("closing-then")
    async def what_then(self, interaction: Interaction, group_id: str, _at: str = "") -> None:
        """Say what happens after the last day."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            shown = await closing.then(session, actor(interaction), int(group_id))
        await answer(interaction, shown)

    @pressed("next-home")
    async def next_home(self, interaction: Interaction, group_id: str, *_mark: str) -> None:
        """Show three places that could be somebody's next home."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            shown = await closing.next_homes(
                session,
                actor(interaction),
                int(group_id),
                now=self.bot.clock.now(),
                settings=self.bot.settings,
            )
        await answer(interaction, shown)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Closing(bot))
