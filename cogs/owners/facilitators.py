"""/hearth facilitator: ask someone to look after a group, end it, see who does."""

import discord
from discord import app_commands

from bot.conversation import Interaction, actor, answer, defer, defer_in_place
from bot.errors import UserError
from bot.permissions import for_owners
from bot.rules import facilitation, owner_messages
from bot.rules.message import Line, Message, say
from bot.rules.naming import safe
from bot.rules.owner_messages import Held
from bot.services import facilitators, known_groups, rights
from bot.texts import catalogue
from cogs.owners.charters import suggest_all

TEXTS = catalogue()
OPTIONS = {"group": TEXTS("hearth.option_group"), "user": TEXTS("hearth.option_user")}


@for_owners
class FacilitatorCommands(
    app_commands.Group, name="facilitator", description=TEXTS("hearth.command_facilitator")
):
    """The commands about who looks after a group."""

    @app_commands.command(name="ask", description=TEXTS("hearth.command_facilitator_ask"))
    @app_commands.describe(**OPTIONS)
    async def ask(self, interaction: Interaction, group: str, user: discord.Member) -> None:
        """Ask someone, privately."""
        await defer(interaction)
        if user.bot:
            raise UserError("hearth.asked_bot")
        who, client = actor(interaction), interaction.client
        async with client.database.writing() as session:
            await rights.require_owner(session, who)
            found = await known_groups.find(
                session, who.server_id, group, for_user=who.user_id, unlisted=True
            )
            asked = await facilitators.ask(
                session,
                server_id=who.server_id,
                group_id=found.id,
                user_id=user.id,
                now=client.clock.now(),
                actor=who,
            )
            load = await facilitators.load(session, who.server_id, user.id)
        key = "hearth.asked" if asked else "hearth.asked_already"
        lines = [Line(key, {"user": user.id, "group": safe(found.name)})]
        settings = client.settings
        if facilitation.much_with_one_more(
            load, most_groups=settings.most_cared_groups, most_homes=settings.most_cared_homes
        ):
            lines.append(facilitation.much_already(user.id, load))
        await answer(interaction, Message(tuple(lines)))

    @app_commands.command(name="remove", description=TEXTS("hearth.command_facilitator_remove"))
    @app_commands.describe(**OPTIONS)
    async def remove(self, interaction: Interaction, group: str, user: discord.User) -> None:
        """End someone's office, or take the question back."""
        await defer(interaction)
        who, client = actor(interaction), interaction.client
        async with client.database.writing() as session:
            found = await known_groups.find(
                session, who.server_id, group, for_user=who.user_id, unlisted=True
            )
            await facilitators.remove(
                session, who, group_id=found.id, user_id=user.id, now=client.clock.now()
            )
        await answer(interaction, say("hearth.removed", user=user.id, group=safe(found.name)))

    @app_commands.command(name="list", description=TEXTS("hearth.command_facilitator_list"))
    async def list_(self, interaction: Interaction) -> None:
        """Show who looks after what."""
        await show(interaction, 0)

    @ask.autocomplete("group")
    @remove.autocomplete("group")
    async def suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer all groups."""
        return await suggest_all(interaction, typed)


async def show(interaction: Interaction, page: int) -> None:
    """Show a page of who looks after what."""
    await defer_in_place(interaction)
    who = actor(interaction)
    async with interaction.client.database.reading() as session:
        await rights.require_owner(session, who)
        await rights.server_row(session, who.server_id, allow_paused=True)
        found = await facilitators.list_(session, who.server_id)
    offices = [Held(one.group_id, one.group, one.user_id, one.state, one.since) for one in found]
    await answer(interaction, owner_messages.office_list(offices, page))
