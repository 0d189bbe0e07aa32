"""Challenges: what their hosts do at the desk, and what everybody presses in the room."""

from typing import Any, TypedDict

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
from bot.rules import goal_cards as cards
from bot.rules import goal_forms
from bot.rules.actor import Actor
from bot.rules.message import Button, Line, Message, say
from bot.rules.naming import safe
from bot.services import drafts, goal_hosting, goal_moments, goals
from bot.texts import Say

LONG = 2  # a little too long is answered, not cut off


class Goals(commands.Cog):
    """Answers those who look after a group and its host."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        """Ask for no words where the thread is gone."""
        async with self.bot.database.reading() as session:
            if not await goal_moments.stands_in(session, event.thread_id):
                return
        async with self.bot.database.writing() as session:
            await goal_moments.thread_gone(session, event.thread_id)

    @pressed("goal-how")
    async def how(self, interaction: Interaction, *_mark: str) -> None:
        """Say how a challenge works."""
        await answer(interaction, cards.how())

    @pressed("goal-desk")
    async def desk(self, interaction: Interaction, group_id: str) -> None:
        """Show how it stands with the group's challenge."""
        await self._desk(interaction, int(group_id))

    @pressed("goal-plan")
    async def plan(self, interaction: Interaction, group_id: str) -> None:
        """Open the form for a new challenge, filled with what was refused last."""
        await self._form(interaction, "goal-new", int(group_id))

    @pressed("goal-again")
    async def again(self, interaction: Interaction, goal_id: str) -> None:
        """Open the form of a challenge that goes on: the same, from next Monday."""
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.reading() as session:
            group_id = (await goal_hosting.ended_one(session, who, int(goal_id))).group_id
            typed = await goal_hosting.form(session, who, now, goal_id=int(goal_id), again=True)
        await give_form(
            interaction, goal_form(language(interaction), f"goal-new:{group_id}", typed)
        )

    @submitted("goal-new")
    async def planned(
        self, interaction: Interaction, group_id: str, *, fields: dict[str, str]
    ) -> None:
        """Draft a challenge."""
        await self._take(interaction, "goal-new", fields, int(group_id))

    @pressed("goal-change")
    async def change(self, interaction: Interaction, goal_id: str) -> None:
        """Open the form of a drafted challenge."""
        await self._form(interaction, "goal-edit", int(goal_id))

    @submitted("goal-edit")
    async def changed(
        self, interaction: Interaction, goal_id: str, *, fields: dict[str, str]
    ) -> None:
        """Change a draft."""
        await self._take(interaction, "goal-edit", fields, int(goal_id))

    @pressed("goal-begin")
    async def begin(self, interaction: Interaction, goal_id: str) -> None:
        """Begin it; who presses hosts it."""
        async with self.bot.database.writing() as session:
            goal = await goal_hosting.begin(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        done = Line("goals.begun_done", {"title": safe(goal.title)})
        await answer(interaction, _back(done, goal.group_id), replace=True)

    @pressed("goal-drop")
    async def drop(self, interaction: Interaction, goal_id: str) -> None:
        """Let a draft go."""
        async with self.bot.database.writing() as session:
            goal = await goal_hosting.drop(session, actor(interaction), int(goal_id))
        done = Line("goals.dropped", {"title": safe(goal.title)})
        await answer(interaction, _back(done, goal.group_id), replace=True)

    @pressed("goal-host")
    async def host(self, interaction: Interaction, goal_id: str) -> None:
        """Take the hosting over."""
        async with self.bot.database.writing() as session:
            goal = await goal_hosting.take_over(session, actor(interaction), int(goal_id))
        done = Line("goals.hosting", {"title": safe(goal.title)})
        await answer(interaction, _back(done, goal.group_id), replace=True)

    @pressed("goal-asks")
    async def asks(self, interaction: Interaction, goal_id: str) -> None:
        """Show which challenge asks whether it shall go on."""
        async with self.bot.database.reading() as session:
            shown = await goal_moments.asks(session, actor(interaction), int(goal_id))
        await answer(interaction, shown)

    @pressed("goal-keep")
    async def keep(self, interaction: Interaction, goal_id: str) -> None:
        """Let it run; it does not ask again."""
        async with self.bot.database.writing() as session:
            goal = await goal_moments.keep(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        until = goals.shown(goal).until
        await answer(
            interaction, say("goals.kept", title=safe(goal.title), until=until), replace=True
        )

    @pressed("goal-end")
    async def end(self, interaction: Interaction, goal_id: str) -> None:
        """Ask once before a challenge ends."""
        async with self.bot.database.reading() as session:
            goal = await goal_hosting.running(session, actor(interaction), int(goal_id))
        await answer(interaction, cards.end_sure(goals.shown(goal)), replace=True)

    @pressed("goal-end-yes")
    async def ended(self, interaction: Interaction, goal_id: str) -> None:
        """End it kindly."""
        async with self.bot.database.writing() as session:
            goal = await goal_moments.end_early(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        done = Line("goals.ended_done", {"title": safe(goal.title)})
        await answer(interaction, _back(done, goal.group_id), replace=True)

    async def _desk(self, interaction: Interaction, group_id: int) -> None:
        async with self.bot.database.reading() as session:
            card = await goal_hosting.at_desk(
                session, actor(interaction), group_id, self.bot.clock.now()
            )
        await answer(interaction, card, replace=True)

    async def _form(self, interaction: Interaction, verb: str, row_id: int) -> None:
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.reading() as session:
            typed = await goal_hosting.form(session, who, now, **_which(verb, row_id))
            kept = await drafts.kept(session, form=f"{verb}:{row_id}", **_own(who))
        submit = f"{verb}:{row_id}"
        await give_form(interaction, goal_form(language(interaction), submit, kept or typed))

    async def _take(
        self,
        interaction: Interaction,
        verb: str,
        fields: dict[str, str],
        row_id: int,
    ) -> None:
        """Take the form, or keep what was typed and say why not, with [Fix it]."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        typed = {part: fields.get(part) or "" for part in goal_forms.PARTS}
        name = f"{verb}:{row_id}"
        async with self.bot.database.reading() as session:
            await goal_hosting.form(session, who, now, **_which(verb, row_id))
        try:
            async with self.bot.database.writing() as session:
                goal = await goal_hosting.save(session, who, typed, now, **_which(verb, row_id))
                await drafts.done(session, form=name, **_own(who))
        except NotAllowed:
            raise
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(session, form=name, fields=typed, now=now, **_own(who))
            again = f"goal-{'plan' if verb == 'goal-new' else 'change'}:{row_id}"
            await answer(interaction, cards.refused(error.key, error.params, again))
            return
        await answer(interaction, cards.desk_draft(goals.shown(goal)))


def goal_form(speak: Say, submit: str, typed: dict[str, str]) -> discord.ui.Modal:
    """Return the form of a challenge, filled with what was typed before."""
    more: dict[str, dict[str, Any]] = {
        "title": {"most": LONG * goal_forms.TITLE_MOST},
        "counts": {"most": LONG * goal_forms.COUNTS_MOST, "long": True},
        "when": {"most": 100},
        "often": {"most": 60},
        "grace": {"most": 20, "required": False},
    }
    fields = [
        Field(
            part,
            f"goals.form_{part}",
            filled=typed.get(part, ""),
            hint=f"goals.form_{part}_hint",
            **more[part],
        )
        for part in goal_forms.PARTS
    ]
    return form(speak, "goals.form", submit, fields)


class _Which(TypedDict, total=False):
    """Which row a form is about: the group of a new challenge, or the drafted one."""

    group_id: int
    goal_id: int


def _which(verb: str, row_id: int) -> _Which:
    return {"group_id": row_id} if verb == "goal-new" else {"goal_id": row_id}


def _own(who: Actor) -> dict[str, int]:
    return {"server_id": who.server_id, "user_id": who.user_id}


def _back(said: Line, group_id: int) -> Message:
    """Return an answer with the way back to the desk's card of challenges."""
    return Message((said,), (Button("desk.back", f"goal-desk:{group_id}"),))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Goals(bot))
