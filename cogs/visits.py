"""Visits: `/visit`, the button that means the same, and the list that facilitators see."""

import discord
from discord import app_commands
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
    newcomer,
    pressed,
    submitted,
)
from bot.gateway.payloads import Field, form
from bot.rules import visit_messages
from bot.rules.message import Line, Message, say
from bot.rules.naming import clean, safe
from bot.rules.scope import MemberScope
from bot.rules.visit_messages import Visitor
from bot.services import groups, known_groups, rights, showing_out, visiting, visits
from bot.services.visits import Visited
from bot.texts import catalogue

REASON_MOST = 300
KEY_WAIT = 5.0  # seconds that a reply waits for the door to open
TEXTS = catalogue()


class Visits(commands.Cog):
    """Opens and ends visits."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @app_commands.command(name="visit", description=TEXTS("visits.command"))
    @app_commands.describe(group=TEXTS("visits.option_group"))
    @app_commands.guild_install()
    @app_commands.guild_only()
    async def visit(self, interaction: Interaction, group: str) -> None:
        """Visit another group for a while."""
        await self._visit(interaction, group)

    @visit.autocomplete("group")
    async def suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the groups that this person may know of."""
        if interaction.guild_id is None:
            return []
        async with self.bot.database.reading() as session:
            found = await known_groups.suggest(
                session, interaction.guild_id, typed, for_user=interaction.user.id
            )
        return [app_commands.Choice(name=label, value=value) for label, value in found]

    @pressed("visit")
    async def visit_by_button(self, interaction: Interaction, group_id: str) -> None:
        """Do as /visit does for the group that the button names."""
        await self._visit(interaction, group_id)

    @pressed("visit-end")
    async def end(self, interaction: Interaction, visit_id: str) -> None:
        """End one's own visit."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            ended = await visits.end(session, who, int(visit_id), self.bot.clock.now())
        if ended.user_id == who.user_id:
            await answer(interaction, say("visits.ended", group=safe(ended.group)))
        else:
            await answer(
                interaction,
                say("visits.ended_theirs", group=safe(ended.group), user=ended.user_id),
            )

    @pressed("visitors")
    async def visitors(self, interaction: Interaction, group_id: str) -> None:
        """Show a group's visitors to those who look after it."""
        await defer_in_place(interaction)
        await answer(interaction, await self._visitors(interaction, int(group_id)))

    @pressed("visitor-end")
    async def ask_to_leave(
        self, interaction: Interaction, group_id: str, values: list[str]
    ) -> None:
        """Ask what the visitor shall be told; sending the form ends their visit."""
        async with self.bot.database.reading() as session:
            await rights.require_facilitator(session, actor(interaction), int(group_id))
        await give_form(
            interaction,
            form(
                language(interaction),
                "safety.form_leave",
                f"visitor-leave:{group_id}:{values[0]}",
                [
                    Field(
                        "reason",
                        "safety.field_reason",
                        hint="safety.hint_reason",
                        long=True,
                        required=False,
                        most=REASON_MOST,
                    )
                ],
            ),
        )

    @submitted("visitor-leave")
    async def asked_to_leave(
        self, interaction: Interaction, group_id: str, visit_id: str, *, fields: dict[str, str]
    ) -> None:
        """End the visit that was chosen, and show who is left."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            user_id, _place = await showing_out.ask_to_leave(
                session,
                actor(interaction),
                int(visit_id),
                now=self.bot.clock.now(),
                reason=clean(fields["reason"] or "", lines=True)[:REASON_MOST],
            )
        left = await self._visitors(interaction, int(group_id))
        gone = Line("safety.asked_to_leave", {"user": user_id})
        await answer(interaction, Message((gone, *left.lines), left.buttons, left.menus))

    async def _visit(self, interaction: Interaction, text: str) -> None:
        await defer(interaction)
        who = await newcomer(interaction)
        async with self.bot.database.writing() as session:
            await rights.server_row(session, who.server_id)
            group = await known_groups.find(session, who.server_id, text, for_user=who.user_id)
            found = await visiting.visit(
                session,
                who,
                group_id=group.id,
                now=self.bot.clock.now(),
                settings=self.bot.settings,
            )
        if not isinstance(found, Visited):
            await answer(
                interaction,
                visit_messages.asked(found.group, told=found.told, again=found.again),
            )
            return
        scope = MemberScope(who.server_id, who.user_id)
        ready = await self.bot.reconciler.settled(scope, KEY_WAIT)
        await answer(
            interaction,
            visit_messages.began(
                found.group, found.room_id, found.ends_at, told=found.told, ready=ready
            ),
        )

    async def _visitors(self, interaction: Interaction, group_id: int) -> Message:
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            group = await groups.of_server(session, who.server_id, group_id)
            found = await visits.of_group(session, who, group_id)
        return visit_messages.visitors(
            group_id,
            group.name,
            [Visitor(one.id, one.user_id, one.ends_at, one.by_old_role) for one in found],
            lambda user_id: _name(interaction.guild, user_id),
        )


def _name(server: discord.Guild | None, user_id: int) -> str:
    member = None if server is None else server.get_member(user_id)
    return str(user_id) if member is None else member.display_name


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Visits(bot))
