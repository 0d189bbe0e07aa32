"""Rituals: what their hosts do on the desk, and what everyone presses in the room."""

from typing import Any

import discord
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
from bot.rules import ritual_cards, ritual_messages
from bot.rules.actor import Actor
from bot.rules.message import Line, Message, say
from bot.rules.naming import safe
from bot.rules.ritual_forms import PROMPT_MOST, PROMPTS_MOST, TITLE_MOST, checked
from bot.services import drafts, hosting, ritual_choices, rituals
from bot.services.groups import of_server
from bot.texts import Say

INPUT_MOST = 4000  # Discord's limit for a text input
LONG_TITLE, LONG_WHEN = 2 * TITLE_MOST, 100  # a little too long is answered, not cut off


class Rituals(commands.Cog):
    """The rituals' buttons, menus and forms."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    # --- in the room ----------------------------------------------------------------------------

    @pressed("ritual-in")
    async def im_in(self, interaction: Interaction, occurrence_id: str) -> None:
        """Count someone in."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            done = await ritual_choices.join(
                session,
                server_id=actor(interaction).server_id,
                occurrence_id=int(occurrence_id),
                user_id=interaction.user.id,
            )
        if not done.news:
            key = "rituals.in_already"
        elif done.part == "presence":
            key = "rituals.youre_in_quietly"
        else:
            key = "rituals.youre_in" if done.thread_id is None else "rituals.youre_in_thread"
        await answer(interaction, say(key))

    @pressed("ritual-skip")
    async def skip(self, interaction: Interaction, occurrence_id: str) -> None:
        """Let someone take this one off."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            done = await ritual_choices.skip(
                session,
                server_id=actor(interaction).server_id,
                occurrence_id=int(occurrence_id),
                user_id=interaction.user.id,
            )
        key = "rituals.skipped" if done.news else "rituals.skipped_already"
        await answer(interaction, say(key, title=safe(done.title)))

    @pressed("ritual-remind")
    async def remind(self, interaction: Interaction, ritual_id: str, *_which: str) -> None:
        """Turn the mention on or off for who presses."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            title, on = await rituals.remind(
                session,
                server_id=actor(interaction).server_id,
                ritual_id=int(ritual_id),
                user_id=interaction.user.id,
            )
        key = "rituals.reminding" if on else "rituals.not_reminding"
        await answer(interaction, say(key, title=safe(title)))

    @pressed("ritual-unanswered")
    async def unanswered(self, interaction: Interaction, ritual_id: str, _at: str = "") -> None:
        """Show which ritual nobody answered, with the question what shall become of it."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            one = await hosting.one(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        shown = (
            ritual_cards.one(one)
            if one.state == "running"
            else ritual_messages.unanswered(one.id, one.title)
        )
        await answer(interaction, shown)

    @pressed("ritual-keep")
    async def keep(self, interaction: Interaction, ritual_id: str, _at: str = "") -> None:
        """Let a ritual go on that rested because nobody answered."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            one = await hosting.start(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        at = int(one.coming[0].timestamp())
        await answer(interaction, say("rituals.kept", title=safe(one.title), at=at))

    @pressed("ritual-rest")
    async def let_rest(self, interaction: Interaction, ritual_id: str, _at: str = "") -> None:
        """Let it rest."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            one = await hosting.pause(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, say("rituals.rests", title=safe(one.title)))

    # --- on the desk ----------------------------------------------------------------------------

    @pressed("rituals-list")
    async def listed(self, interaction: Interaction, group_id: str) -> None:
        """Show a group's rituals."""
        await answer(interaction, await self._list(interaction, int(group_id)), replace=True)

    @pressed("ritual-pick")
    async def pick(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show the ritual that was picked."""
        await self._show(interaction, int(values[0]))

    @pressed("ritual-show")
    async def show(self, interaction: Interaction, ritual_id: str) -> None:
        """Show one ritual."""
        await self._show(interaction, int(ritual_id))

    @pressed("ritual-usual")
    async def usual(self, interaction: Interaction, group_id: str) -> None:
        """Set up what groups of this type usually do."""
        async with self.bot.database.writing() as session:
            added = await hosting.set_up_usual(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        line = Line("rituals.usual_added", {"n": added}) if added else Line("rituals.usual_nothing")
        shown = await self._list(interaction, int(group_id))
        told = Message((line, *shown.lines), shown.buttons, shown.menus)
        await answer(interaction, told, replace=True)

    @pressed("ritual-start")
    async def start(self, interaction: Interaction, ritual_id: str) -> None:
        """Start a ritual; who presses is its host."""
        async with self.bot.database.writing() as session:
            one = await hosting.start(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, ritual_cards.one(one), replace=True)

    @pressed("ritual-pause")
    async def pause(self, interaction: Interaction, ritual_id: str) -> None:
        """Pause a ritual."""
        async with self.bot.database.writing() as session:
            one = await hosting.pause(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, ritual_cards.one(one), replace=True)

    @pressed("ritual-remove")
    async def remove(self, interaction: Interaction, ritual_id: str) -> None:
        """Ask once whether a ritual shall go."""
        async with self.bot.database.reading() as session:
            one = await hosting.one(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, ritual_cards.sure(one), replace=True)

    @pressed("ritual-remove-yes")
    async def removed(self, interaction: Interaction, ritual_id: str) -> None:
        """Remove a ritual."""
        async with self.bot.database.writing() as session:
            group_id, title = await hosting.remove(session, actor(interaction), int(ritual_id))
        shown = await self._list(interaction, group_id)
        line = Line("rituals.removed", {"title": safe(title)})
        told = Message((line, *shown.lines), shown.buttons, shown.menus)
        await answer(interaction, told, replace=True)

    # --- forms ----------------------------------------------------------------------------------

    @pressed("ritual-add")
    async def add(self, interaction: Interaction, group_id: str) -> None:
        """Open the form for a new ritual, filled with what was refused last."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await hosting.of_group(session, who, int(group_id), self.bot.clock.now())
        typed = await self._kept(who, f"ritual-new:{group_id}")
        await give_form(
            interaction,
            ritual_form(language(interaction), "rituals.form_add", f"ritual-new:{group_id}", typed),
        )

    @submitted("ritual-new")
    async def added(
        self, interaction: Interaction, group_id: str, *, fields: dict[str, str]
    ) -> None:
        """Add a ritual, resting."""
        await self._take(interaction, fields, group_id=int(group_id))

    @pressed("ritual-edit")
    async def edit(self, interaction: Interaction, ritual_id: str) -> None:
        """Open the form for a ritual as it is, or as it was refused last."""
        who, name = actor(interaction), f"ritual-change:{ritual_id}"
        async with self.bot.database.reading() as session:
            one = await hosting.one(session, who, int(ritual_id), self.bot.clock.now())
        typed = await self._kept(who, name) or {
            "title": one.title,
            "when": one.when,
            "prompts": "\n".join(one.prompts),
            "pings": one.pings,
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
        ritual_id: int | None = None,
    ) -> None:
        """Take a form, or keep what was typed and say why not, with [Fix it]."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        own = {"server_id": who.server_id, "user_id": who.user_id}
        again = f"ritual-add:{group_id}" if ritual_id is None else f"ritual-edit:{ritual_id}"
        name = f"ritual-new:{group_id}" if ritual_id is None else f"ritual-change:{ritual_id}"
        async with self.bot.database.reading() as session:
            if group_id is None:
                assert ritual_id is not None  # one of the two is given
                await hosting.one(session, who, ritual_id, now)
            else:
                await hosting.of_group(session, who, group_id, now)
        try:
            filled = checked(**{part: fields.get(part) or "" for part in PARTS})
            async with self.bot.database.writing() as session:
                if ritual_id is not None:
                    one = await hosting.edit(session, who, ritual_id, filled, now)
                else:
                    assert group_id is not None  # one of the two is given
                    one = await hosting.add(session, who, group_id, filled, now)
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

    async def _list(self, interaction: Interaction, group_id: int) -> Message:
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            found = await hosting.of_group(session, who, group_id, self.bot.clock.now())
            group = await of_server(session, who.server_id, group_id)
            usual_left = await hosting.usual_left(session, group_id)
        return ritual_cards.of_group(group_id, group.name, found, usual_left=usual_left)

    async def _show(self, interaction: Interaction, ritual_id: int) -> None:
        async with self.bot.database.reading() as session:
            one = await hosting.one(session, actor(interaction), ritual_id, self.bot.clock.now())
        await answer(interaction, ritual_cards.one(one), replace=True)


PARTS = ("title", "when", "prompts", "pings")


def ritual_form(speak: Say, title: str, submit: str, typed: dict[str, str]) -> discord.ui.Modal:
    """Return the form of a ritual, filled with what was typed before."""
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
            for part in PARTS
        ],
    )


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Rituals(bot))
