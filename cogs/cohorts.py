"""A group that begins together: its days at the desk and in the room."""

from typing import Any

import discord
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
from bot.errors import NotAllowed, UserError
from bot.gateway.payloads import Field, form
from bot.rules import cohort_cards as cards
from bot.rules.message import Button, Line, Message
from bot.services import cohorts, drafts
from bot.texts import Say

FORM = "cohort-set"
STAGES_LONGEST = 2500  # characters of a text; twenty stages fit


class Cohorts(commands.Cog):
    """Answers who sets a group's days, and who asks for them."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("cohort-desk")
    async def desk(self, interaction: Interaction, group_id: str) -> None:
        """Show a group's days to those who look after it."""
        async with self.bot.database.reading() as session:
            card = await cohorts.at_desk(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        await answer(interaction, card, replace=True)

    @pressed("cohort-shown")
    async def shown(self, interaction: Interaction, group_id: str, *_mark: str) -> None:
        """Show a group's days to whoever is inside."""
        async with self.bot.database.reading() as session:
            card = await cohorts.shown(session, actor(interaction), int(group_id))
        await answer(interaction, card)

    @pressed("cohort-days")
    async def days(self, interaction: Interaction, group_id: str) -> None:
        """Open the form, filled with what was refused last, or as it stands."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            typed = await cohorts.form(session, who, int(group_id))
            kept = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=f"{FORM}:{group_id}"
            )
        modal = days_form(language(interaction), f"{FORM}:{int(group_id)}", kept or typed)
        await give_form(interaction, modal)

    @submitted("cohort-set")
    async def set_days(
        self, interaction: Interaction, group_id: str, *, fields: dict[str, str]
    ) -> None:
        """Set the days, or keep what was typed and say why not, with [Fix it]."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        own = {"server_id": who.server_id, "user_id": who.user_id}
        typed = {part: fields.get(part) or "" for part in cohorts.PARTS}
        name = f"{FORM}:{group_id}"
        async with self.bot.database.reading() as session:
            await cohorts.form(session, who, int(group_id))
        try:
            async with self.bot.database.writing() as session:
                card = await cohorts.save(session, who, int(group_id), typed, now)
                await drafts.done(session, form=name, **own)
        except NotAllowed:
            raise
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(session, form=name, fields=typed, now=now, **own)
            await answer(interaction, cards.refused(error.key, error.params, int(group_id)))
            return
        said = Line("cohorts.saved")
        await answer(interaction, Message((said, *card.lines), card.buttons))

    @pressed("cohort-host")
    async def host(self, interaction: Interaction, group_id: str) -> None:
        """Host it from now on."""
        async with self.bot.database.writing() as session:
            await cohorts.take_over(session, actor(interaction), int(group_id))
        await answer(interaction, _back(Line("cohorts.hosting"), group_id), replace=True)

    @pressed("cohort-more")
    async def more(self, interaction: Interaction, group_id: str, weeks: str) -> None:
        """Put the last day off."""
        async with self.bot.database.writing() as session:
            until = await cohorts.more_time(
                session, actor(interaction), int(group_id), int(weeks), self.bot.clock.now()
            )
        said = Line("cohorts.more_done", {"at": int(until.timestamp()) - 1})
        await answer(interaction, _back(said, group_id), replace=True)


def days_form(speak: Say, submit: str, typed: dict[str, str]) -> discord.ui.Modal:
    """Return the form of a group's days, filled with what was typed before."""
    more: dict[str, dict[str, Any]] = {
        "starts": {"most": 60},
        "stages": {"most": STAGES_LONGEST, "long": True, "required": False},
        "last": {"most": 60, "required": False},
    }
    fields = [
        Field(
            part,
            f"cohorts.form_{part}",
            filled=typed.get(part, ""),
            hint=f"cohorts.form_{part}_hint",
            **more[part],
        )
        for part in cohorts.PARTS
    ]
    return form(speak, "cohorts.form", submit, fields)


def _back(said: Line, group_id: str) -> Message:
    return Message((said,), (Button("desk.back", f"cohort-desk:{group_id}"),))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Cohorts(bot))
