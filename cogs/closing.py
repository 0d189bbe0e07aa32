"""A group's last day: who sets it, what is pressed in its room, and where people go next."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.errors import UserError
from bot.gateway.payloads import Field, form
from bot.rules.message import Button, Line, Message, say
from bot.rules.naming import safe
from bot.services import closing, drafts, rights
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
            kept = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=_draft(group_id)
            )
            filled = kept.get("day", await closing.day_shown(session, group))
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
        """Give the group its last day, or none; what is no day to come is kept to be mended."""
        await defer(interaction)
        who, now, typed = actor(interaction), self.bot.clock.now(), fields["day"] or ""
        server, user, name = who.server_id, who.user_id, _draft(group_id)
        try:
            async with self.bot.database.writing() as session:
                group = await closing.set_last_day(
                    session, who, group_id=int(group_id), typed=typed, now=now
                )
                ends = group.closes_at
                await drafts.done(session, server_id=server, user_id=user, form=name)
        except UserError as refused:
            if not refused.key.partition(".")[2].startswith("day_"):
                raise
            async with self.bot.database.writing() as session:
                await drafts.keep(
                    session,
                    server_id=server,
                    user_id=user,
                    form=name,
                    fields={"day": typed},
                    now=now,
                )
            fix = Button("home.fix_it", f"last-day:{group_id}", "primary")
            await answer(interaction, Message((Line(refused.key, refused.params),), (fix,)))
            return
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


def _draft(group_id: str) -> str:
    return f"last-day:{group_id}"


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Closing(bot))
