"""What a ritual does for its group, and the one change that is suggested for it."""

from typing import Any

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    defer_in_place,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.errors import NotAllowed, UserError
from bot.gateway.payloads import Field, form
from bot.rules import ritual_cards, ritual_effects
from bot.rules.message import Line, Message
from bot.rules.ritual_forms import PROMPT_MOST, PROMPTS_MOST, TITLE_MOST, checked
from bot.services import drafts
from bot.services import ritual_changes as changes
from bot.services import ritual_effects as effects

INPUT_MOST = 4000  # Discord's limit for a text input
PARTS: dict[str, dict[str, Any]] = {
    "title": {"most": 2 * TITLE_MOST},
    "when": {"hint": "rituals.form_when_hint", "most": 100},
    "prompts": {
        "hint": "rituals.form_prompts_hint",
        "long": True,
        "most": min(INPUT_MOST, PROMPTS_MOST * PROMPT_MOST),
    },
    "pings": {"hint": "rituals.form_pings_hint", "required": False, "most": 20},
}


class RitualEffects(commands.Cog):
    """Shows those who look after a group what its rituals do."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("ritual-does")
    async def shown(self, interaction: Interaction, ritual_id: str) -> None:
        """Show what a ritual does."""
        await defer_in_place(interaction)
        await answer(interaction, await self._card(interaction, int(ritual_id)))

    @pressed("ritual-suggest")
    async def look(self, interaction: Interaction, change_id: str) -> None:
        """Open the ritual's form, filled as it is suggested."""
        who, name = actor(interaction), f"ritual-suggest:{change_id}"
        async with self.bot.database.reading() as session:
            what, typed = await changes.form(session, who, int(change_id), self.bot.clock.now())
            kept = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=name
            )
        typed = kept or typed
        fields = [
            Field(part, f"rituals.form_{part}", filled=typed.get(part, "")[:INPUT_MOST], **given)
            for part, given in PARTS.items()
        ]
        await give_form(
            interaction, form(language(interaction), f"doing.form_{what}", name, fields)
        )

    @submitted("ritual-suggest")
    async def taken(
        self, interaction: Interaction, change_id: str, *, fields: dict[str, str]
    ) -> None:
        """Change the ritual, or say why not, with [Fix it]."""
        await defer(interaction)
        who, now, name = actor(interaction), self.bot.clock.now(), f"ritual-suggest:{change_id}"
        own = {"server_id": who.server_id, "user_id": who.user_id}
        async with self.bot.database.reading() as session:
            await changes.form(session, who, int(change_id), now)
        try:
            filled = checked(**{part: fields.get(part) or "" for part in PARTS})
            async with self.bot.database.writing() as session:
                one = await changes.take(session, who, int(change_id), filled, now)
                await drafts.done(session, form=name, **own)
        except NotAllowed:
            raise
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(session, form=name, fields=fields, now=now, **own)
            await answer(interaction, ritual_cards.refused(error.key, error.params, name))
            return
        shown = ritual_cards.one(one)
        await answer(
            interaction, Message((Line("doing.taken"), *shown.lines), shown.buttons, shown.menus)
        )

    @pressed("ritual-suggest-no")
    async def put_away(self, interaction: Interaction, change_id: str) -> None:
        """Put the suggestion away."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            ritual_id = await changes.put_away(
                session, actor(interaction), int(change_id), self.bot.clock.now()
            )
        shown = await self._card(interaction, ritual_id)
        told = (Line("doing.put_away"), *shown.lines)
        await answer(
            interaction, Message(told, shown.buttons, shown.menus, pictures=shown.pictures)
        )

    async def _card(self, interaction: Interaction, ritual_id: int) -> Message:
        async with self.bot.database.reading() as session:
            found = await effects.of_ritual(
                session, actor(interaction), ritual_id, self.bot.clock.now()
            )
        return ritual_effects.card(found)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(RitualEffects(bot))
