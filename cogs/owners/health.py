"""/hearth health: how all groups are doing, in a picture and three sentences."""

import asyncio
from dataclasses import replace
from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.rules import group_maps, health_cards, staying_cards
from bot.rules.message import Button, Line, Message
from bot.services import goal_figures, health_reading, monthly_report
from bot.services import health as measuring
from bot.texts import catalogue

TEXTS = catalogue()
BACK = Button("health.back_all", "health-all")


async def _health(interaction: Interaction) -> None:
    """Show how all groups are doing."""
    await defer(interaction)
    await show(interaction)


health: app_commands.Command[Any, ..., None] = app_commands.Command(
    name="health", description=TEXTS("health.command"), callback=_health
)


async def show(interaction: Interaction) -> None:
    """Show how all groups are doing, to owners."""
    client = interaction.client
    async with client.database.reading() as session:
        found = await health_reading.everything(session, actor(interaction))
        goals = await goal_figures.with_and_without(
            session, actor(interaction).server_id, client.clock.now()
        )
    if found.week is None:
        await answer(interaction, await _none_yet(interaction))
        return
    shown = await asyncio.to_thread(
        health_cards.of_server, found.lines, monthly_report.beside(found)
    )
    if goals is not None:
        shown = replace(shown, lines=(*shown.lines, goals))
    await answer(interaction, shown)


async def _none_yet(interaction: Interaction, back: Button | None = None) -> Message:
    """Return when the first figures come."""
    client = interaction.client
    async with client.database.reading() as session:
        at = await measuring.next_figures_at(
            session, actor(interaction).server_id, client.clock.now()
        )
    return health_cards.none_yet(at, back)


class HealthOfAll(commands.Cog):
    """Answers the buttons and the menu of /hearth health."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("health-all")
    async def back(self, interaction: Interaction, _month: str = "") -> None:
        """Show all groups, again or for the first time."""
        await defer_in_place(interaction)
        await show(interaction)

    @pressed("health-pick")
    async def pick(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show the group that was chosen."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            one = await health_reading.group(session, actor(interaction), int(values[0]))
        if not one.lines:
            await answer(interaction, await _none_yet(interaction, BACK))
            return
        shown = await asyncio.to_thread(
            health_cards.of_group, one.group_id, one.name, one.emoji, one.lines, BACK
        )
        await answer(interaction, shown)

    @pressed("health-map")
    async def map(self, interaction: Interaction) -> None:
        """Show who lends visitors to whom."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            found = await health_reading.map_of_groups(session, actor(interaction))
        if found is None:
            await answer(interaction, await _none_yet(interaction, BACK))
            return
        await answer(interaction, group_maps.card(found, BACK))

    @pressed("health-stay")
    async def stay(self, interaction: Interaction) -> None:
        """Show how long people stay."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            found = await health_reading.staying(session, actor(interaction))
        if found is None:
            await answer(interaction, await _none_yet(interaction, BACK))
            return
        await answer(interaction, staying_cards.card(found, BACK))

    @pressed("health-report")
    async def report(self, interaction: Interaction, wanted: str) -> None:
        """Switch the monthly report off, or on again."""
        await defer_in_place(interaction)
        off = wanted == "off"
        async with self.bot.database.writing() as session:
            await monthly_report.switch(session, actor(interaction), self.bot.clock.now(), off=off)
        said = Line("health.report_stopped" if off else "health.report_goes_on")
        other = (
            Button("health.report_again", "health-report:on")
            if off
            else Button("health.report_stop", "health-report:off")
        )
        await answer(interaction, Message((said,), (other,)))
