"""The last screens of /hearth setup: the first groups, the sum, the press, and the work."""

import asyncio
from collections.abc import Mapping

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer_in_place,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.errors import UserError
from bot.gateway import survey
from bot.gateway.chosen import bots_among
from bot.gateway.payloads import form
from bot.rules import setup_answers, setup_group_cards, setup_work_cards
from bot.rules.charter_cards import STEPS, step_of
from bot.rules.message import Line, Message
from bot.rules.scope import GroupScope
from bot.rules.setup_answers import PARTS, Answers
from bot.rules.setup_cards import Seen
from bot.services import (
    chartering,
    checks,
    rights,
    setting_up,
    setup_plans,
    setup_press,
    setup_work,
    undertaken,
    undertakings,
)
from bot.services.setting_up import Draft
from cogs.owners import charter_forms

NEW = 0  # in a button's id: a group that is not planned yet
WAIT = 5.0  # seconds that an answer waits for Discord to follow, in all
TURNS = 6  # so often at most the work is looked at within that


# What nothing works without; the rest of what a bot may lack costs only some of its gifts.
VITAL = frozenset(("view", "manage_roles", "manage_channels", "send"))


class SetupGroups(commands.Cog):
    """Answers what is pressed about planned groups, and the press that begins the work."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("setup-plan")
    async def plan(self, interaction: Interaction, values: list[str]) -> None:
        """Open the charter's form for a new group of the chosen kind."""
        await _open_form(interaction, STEPS[0], NEW, values[0])

    @pressed("setup-charter")
    async def charter(self, interaction: Interaction, step: str, plan: str) -> None:
        """Open one of the charter's two forms: of a planned group's, or of a kind to be planned."""
        if plan.isdecimal():
            await _open_form(interaction, step, int(plan), "")
        else:
            await _open_form(interaction, step, NEW, plan)

    @submitted("setup-charter")
    async def charter_sent(
        self, interaction: Interaction, step: str, plan: str, fields: dict[str, str]
    ) -> None:
        """Plan the group, or say what to mend; what was typed is kept."""
        await defer_in_place(interaction)
        plan_id, kind = (int(plan), "") if plan.isdecimal() else (NEW, plan)
        who, database = actor(interaction), self.bot.database
        typed = charter_forms.read(fields)
        try:
            async with database.writing() as session:
                written = await setup_plans.write_plan(session, who, plan_id, kind, typed)
        except UserError as refused:
            if not refused.key.startswith(charter_forms.MENDED):
                raise
            async with database.writing() as session:
                await setup_plans.keep_refused(session, who, plan_id, kind, typed)
            line = Line(refused.key, refused.params)
            mend = step if plan_id == NEW else step_of(refused.key)
            await answer(interaction, setup_group_cards.refused(line, mend, plan))
            return
        await self._show(interaction, written)

    @pressed("setup-open")
    async def open(self, interaction: Interaction, values: list[str]) -> None:
        """Show one planned group."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            plan = await setup_plans.plan_of(session, actor(interaction), int(values[0]))
        await self._show(interaction, plan)

    @pressed("setup-care")
    async def care(self, interaction: Interaction, plan: str, values: list[str]) -> None:
        """Take in who shall be asked to look after a planned group."""
        await defer_in_place(interaction)
        user_id = int(values[0]) if values else None
        if bots_among(interaction):
            raise UserError("setup.care_bot")
        await self._care(interaction, int(plan), user_id)

    @pressed("setup-care-me")
    async def care_me(self, interaction: Interaction, plan: str) -> None:
        """Let the owner look after a planned group to begin with."""
        await defer_in_place(interaction)
        await self._care(interaction, int(plan), interaction.user.id)

    @pressed("setup-drop")
    async def drop(self, interaction: Interaction, plan: str) -> None:
        """Take a group off the list."""
        await defer_in_place(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        seen = await look(interaction)
        async with self.bot.database.writing() as session:
            await setup_plans.drop(session, who, int(plan))
            draft = await setting_up.open_(session, who, seen, now=now)
        await answer(interaction, await list_(interaction, draft.answers, _names(interaction)))

    @pressed("setup-begin")
    async def begin(self, interaction: Interaction) -> None:
        """Set up what was chosen, and begin the work."""
        await defer_in_place(interaction)
        if await show_work(interaction):
            return
        who, now = actor(interaction), self.bot.clock.now()
        seen = await look(interaction)
        async with self.bot.database.writing() as session:
            draft = await setting_up.go_on(session, who, seen, now=now)
        if blocking(seen) or draft.answers.rooms.get(PARTS[0]) is None:  # since the sum was shown
            await answer(interaction, await sum_up(interaction, draft, seen))
            return
        async with self.bot.database.writing() as session:
            begun = await setup_press.press(session, who, seen, now=now)
        await _work_on(interaction, begun)

    @pressed("setup-work")
    async def work(self, interaction: Interaction, what: str, undertaking: str) -> None:
        """Look at the work, or pause, end or mend it."""
        await defer_in_place(interaction)
        who, now, undertaking_id = actor(interaction), self.bot.clock.now(), int(undertaking)
        async with self.bot.database.writing() as session:
            await rights.require_owner(session, who)
            match what:
                case "pause":
                    await undertakings.pause(session, who, undertaking_id)
                case "on":
                    await undertakings.go_on(session, who, undertaking_id)
                case "cancel":
                    await undertakings.cancel(session, who, undertaking_id, now=now)
                case "again":
                    await undertakings.try_again(session, who, undertaking_id)
                case "leave":
                    await undertakings.leave_out(session, who, undertaking_id, now=now)
                case _:
                    pass
        await _work_on(interaction, undertaking_id)

    async def _care(self, interaction: Interaction, plan_id: int, user_id: int | None) -> None:
        async with self.bot.database.writing() as session:
            plan = await setup_plans.give_care(session, actor(interaction), plan_id, user_id)
        await self._show(interaction, plan)

    async def _show(self, interaction: Interaction, plan: setup_group_cards.Plan) -> None:
        viewer = interaction.user.id
        await answer(interaction, setup_group_cards.group(plan, _names(interaction), viewer=viewer))


async def list_(interaction: Interaction, answers: Answers, names: Mapping[str, str]) -> Message:
    """Return the screen of the planned groups."""
    async with interaction.client.database.reading() as session:
        planned = await setup_plans.plans(session, actor(interaction).server_id)
    return setup_group_cards.groups(answers, planned, names)


async def sum_up(interaction: Interaction, draft: Draft, seen: Seen) -> Message:
    """Return the last screen: the sum, and the press."""
    server_id = actor(interaction).server_id
    async with interaction.client.database.reading() as session:
        planned = await setup_plans.plans(session, server_id)
        found = await setup_press.the_sum(session, server_id, draft.answers, planned, seen)
    return setup_group_cards.the_sum(
        planned,
        found,
        blocked=len(blocking(seen)),
        commons=draft.answers.rooms.get(PARTS[0]) is not None,
        first=draft.first,
        viewer=interaction.user.id,
        say=language(interaction),
    )


async def show_work(interaction: Interaction) -> bool:
    """Show the setup that is being carried out, if there is one."""
    who = actor(interaction)
    async with interaction.client.database.reading() as session:
        await rights.require_owner(session, who)
        under_way = await undertakings.under_way(session, who.server_id, "setup")
    if under_way is None:
        return False
    await _work_on(interaction, under_way)
    return True


async def _work_on(interaction: Interaction, undertaking_id: int) -> None:
    """Do what can be done within a few seconds, and show how far that went."""
    client, who = interaction.client, actor(interaction)
    time = asyncio.get_running_loop().time
    end = time() + WAIT
    for _ in range(TURNS):
        async with client.database.writing() as session:
            moved = await undertaken.advance(
                session, undertaking_id, now=client.clock.now(), settings=client.settings
            )
            made = await undertakings.waiting_for(session, undertaking_id, "setup-group")
        if not moved:
            break
        await client.reconciler.house_settled(who.server_id, end - time())
        for group_id in made:
            await client.reconciler.settled(GroupScope(who.server_id, group_id), end - time())
    async with client.database.reading() as session:
        carried = await setup_work.shown(session, who.server_id, undertaking_id)
    await answer(interaction, setup_work_cards.carried(carried, language(interaction)))


async def _open_form(interaction: Interaction, step: str, plan_id: int, kind: str) -> None:
    """Open one of the charter's forms with what was typed so far."""
    if step not in STEPS or (plan_id == NEW and kind not in setup_answers.KINDS):
        raise UserError("errors.expired")
    who = actor(interaction)
    async with interaction.client.database.reading() as session:
        typed = await setup_plans.typed(session, who, plan_id, kind)
        shown = await setting_up.shows_cities(session, who.server_id)
    typed = {**typed, chartering.WHOLE: "yes"}
    fields = (
        charter_forms.words(typed, anchors=True)
        if step == STEPS[0]
        else charter_forms.place(typed, anchors=True, shown=shown)
    )
    submit = f"setup-charter:{step}:{plan_id or kind}"
    await give_form(interaction, form(language(interaction), f"stages.form_{step}", submit, fields))


def blocking(seen: Seen) -> list[str]:
    """Return what Hearth lacks that nothing works without."""
    found = (one.key.rpartition("missing_")[2] for one in checks.permissions(seen.use))
    return [name for name in found if name in VITAL]


async def look(interaction: Interaction) -> Seen:
    """Return what the server looks like now."""
    if interaction.guild is None:
        raise UserError("errors.server_only")
    async with interaction.client.database.reading() as session:
        roles = await checks.group_roles(session, interaction.guild.id)
    return survey.survey(interaction.guild, roles)


def _names(interaction: Interaction) -> dict[str, str]:
    speak = language(interaction)
    return {kind: speak(f"types.kind_{kind}") for kind in setup_answers.KINDS}
