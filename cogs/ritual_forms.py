"""The forms in which hosts add a ritual and change one; what was refused opens as it was typed."""

from collections.abc import Sequence
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
from bot.rules import ritual_cards, ritual_kind_cards
from bot.rules.actor import Actor
from bot.rules.ritual_forms import PROMPT_MOST, PROMPTS_MOST, TITLE_MOST, checked
from bot.services import drafts, hosting, ritual_making
from bot.texts import Say

INPUT_MOST = 4000  # Discord's limit for a text input
LONG_TITLE, LONG_WHEN = 2 * TITLE_MOST, 100  # a little too long is answered, not cut off


class RitualForms(commands.Cog):
    """Adding rituals, by kind, and changing them."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("ritual-add")
    async def add(self, interaction: Interaction, group_id: str) -> None:
        """Ask what kind of ritual shall be added."""
        async with self.bot.database.reading() as session:
            kinds = await ritual_making.kinds(session, actor(interaction), int(group_id))
        shown = ritual_kind_cards.choose(int(group_id), kinds)
        await answer(interaction, shown, replace=True)

    @pressed("ritual-kind")
    async def kind(
        self, interaction: Interaction, group_id: str, kind: str = "", *, values: Sequence[str] = ()
    ) -> None:
        """Open the form for a ritual of a kind: as it usually is, or as it was refused last."""
        kind, who = values[0] if values else kind, actor(interaction)
        async with self.bot.database.reading() as session:
            usual = await ritual_making.begun(session, who, int(group_id), kind)
        name = f"ritual-new:{group_id}:{kind}"
        typed = await self._kept(who, name) or usual
        await give_form(
            interaction, ritual_form(language(interaction), "rituals.form_add", name, typed)
        )

    @submitted("ritual-new")
    async def added(
        self, interaction: Interaction, group_id: str, kind: str, *, fields: dict[str, str]
    ) -> None:
        """Add a ritual, resting."""
        await self._take(interaction, fields, group_id=int(group_id), kind=kind)

    @pressed("ritual-edit")
    async def edit(self, interaction: Interaction, ritual_id: str) -> None:
        """Open the form for a ritual as it is, or as it was refused last."""
        who, name = actor(interaction), f"ritual-change:{ritual_id}"
        async with self.bot.database.reading() as session:
            one = await hosting.one(session, who, int(ritual_id), self.bot.clock.now())
        typed = {
            "title": one.title,
            "when": one.when,
            "prompts": "\n".join(one.prompts),
            "pings": one.pings,
            **await self._kept(who, name),
        }
        await give_form(
            interaction, ritual_form(language(interaction), "rituals.form_edit", name, typed)
        )

    @submitted("ritual-change")
    async def changed(
        self, interaction: Interaction, ritual_id: str, *, fields: dict[str, str]
    ) -> None:
        """Change a ritual."""
        await self._take(interaction, fields, ritual_id=int(ritual_id))

    async def _take(
        self,
        interaction: Interaction,
        fields: dict[str, str],
        *,
        group_id: int | None = None,
        kind: str = "",
        ritual_id: int | None = None,
    ) -> None:
        """Take a form, or keep what was typed and say why not, with [Fix it]."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        own = {"server_id": who.server_id, "user_id": who.user_id}
        which = f"{group_id}:{kind}"
        again = f"ritual-kind:{which}" if ritual_id is None else f"ritual-edit:{ritual_id}"
        name = f"ritual-new:{which}" if ritual_id is None else f"ritual-change:{ritual_id}"
        async with self.bot.database.reading() as session:
            if group_id is None:
                assert ritual_id is not None  # one of the two is given
                there = await hosting.one(session, who, ritual_id, now)
                if "prompts" not in fields:  # they were too long for the form, and stay
                    fields = {**fields, "prompts": "\n".join(there.prompts)}
            else:
                await ritual_making.begun(session, who, group_id, kind)
        try:
            filled = checked(**{part: fields.get(part) or "" for part in PARTS})
            async with self.bot.database.writing() as session:
                if ritual_id is not None:
                    one = await hosting.edit(session, who, ritual_id, filled, now)
                else:
                    assert group_id is not None  # one of the two is given
                    one = await ritual_making.add(
                        session, who, group_id, filled, kind=kind, now=now
                    )
                await drafts.done(session, form=name, **own)
        except NotAllowed:
            raise
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(session, form=name, fields=fields, now=now, **own)
            await answer(interaction, ritual_cards.refused(error.key, error.params, again))
            return
        await answer(interaction, ritual_cards.one(one))

    async def _kept(self, who: Actor, name: str) -> dict[str, str]:
        async with self.bot.database.reading() as session:
            return await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=name
            )


PARTS = ("title", "when", "prompts", "pings")


def ritual_form(speak: Say, title: str, submit: str, typed: dict[str, str]) -> discord.ui.Modal:
    """Return the form of a ritual, filled with what was typed before.

    Prompts that are too long for a form, as a file may hold them, are left out of it.
    """
    parts = [part for part in PARTS if len(typed.get(part, "")) <= INPUT_MOST]
    fields: dict[str, dict[str, Any]] = {
        "title": {"most": LONG_TITLE},
        "when": {"hint": "rituals.form_when_hint", "most": LONG_WHEN},
        "prompts": {
            "hint": "rituals.form_prompts_hint",
            "long": True,
            "most": min(INPUT_MOST, PROMPTS_MOST * PROMPT_MOST),
        },
        "pings": {"hint": "rituals.form_pings_hint", "required": False, "most": 20},
    }
    return form(
        speak,
        title,
        submit,
        [
            Field(part, f"rituals.form_{part}", filled=typed.get(part, ""), **fields[part])
            for part in parts
        ],
    )


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(RitualForms(bot))
