"""/hearth group: make, change, rest and reopen; nothing that was typed is lost."""

from discord import app_commands

from bot.conversation import Interaction, actor, answer, defer, language
from bot.permissions import for_owners
from bot.rules.charter_cards import WORDS
from bot.rules.message import say
from bot.rules.naming import safe
from bot.services import groups, known_groups, merge_approval, rights, types
from bot.texts import catalogue
from cogs.owners import charter_forms

TEXTS = catalogue()
CHARTER = {
    "name": TEXTS("hearth.option_name"),
    "purpose": TEXTS("hearth.option_purpose"),
    "emoji": TEXTS("hearth.option_emoji"),
    "colour": TEXTS("hearth.option_colour"),
    "for_whom": TEXTS("hearth.option_for_whom"),
    "unites": TEXTS("hearth.option_unites"),
    "norms": TEXTS("hearth.option_norms"),
}


@for_owners
class GroupCommands(app_commands.Group, name="group", description=TEXTS("hearth.command_group")):
    """The commands about groups."""

    @app_commands.command(name="create", description=TEXTS("hearth.command_group_create"))
    @app_commands.rename(type_="type")
    @app_commands.describe(type_=TEXTS("hearth.option_type"), **CHARTER)
    async def create(
        self,
        interaction: Interaction,
        *,
        name: str | None = None,
        type_: str | None = None,
        purpose: str | None = None,
        emoji: str | None = None,
        colour: str | None = None,
        for_whom: str | None = None,
        unites: str | None = None,
        norms: str | None = None,
    ) -> None:
        """Make a group at once, or by the two forms where name, type or purpose is left out."""
        typed = _given(
            name=name,
            type=type_,
            purpose=purpose,
            emoji=emoji,
            colour=colour,
            for_whom=for_whom,
            unites=unites,
            norms=norms,
        )
        if not {"name", "type", "purpose"} <= typed.keys():
            await charter_forms.begin(interaction, typed)
            return
        await defer(interaction)
        await charter_forms.apply(interaction, typed)

    @app_commands.command(name="edit", description=TEXTS("hearth.command_group_edit"))
    @app_commands.describe(group=TEXTS("hearth.option_group"), **CHARTER)
    async def edit(
        self,
        interaction: Interaction,
        *,
        group: str,
        name: str | None = None,
        purpose: str | None = None,
        emoji: str | None = None,
        colour: str | None = None,
        for_whom: str | None = None,
        unites: str | None = None,
        norms: str | None = None,
    ) -> None:
        """Change a group's charter; with nothing but the group its form opens."""
        typed = _given(
            group=group,
            name=name,
            purpose=purpose,
            emoji=emoji,
            colour=colour,
            for_whom=for_whom,
            unites=unites,
            norms=norms,
        )
        if typed.keys() == {"group"}:
            await self._form(interaction, group)
            return
        await defer(interaction)
        await charter_forms.apply(interaction, typed)

    async def _form(self, interaction: Interaction, group: str) -> None:
        who = actor(interaction)
        async with interaction.client.database.reading() as session:
            await rights.require_owner(session, who)
            found = await known_groups.find(
                session, who.server_id, group, for_user=who.user_id, unlisted=True
            )
        await charter_forms.open_form(interaction, WORDS, found.id)

    @app_commands.command(name="merge", description=TEXTS("hearth.command_group_merge"))
    @app_commands.describe(
        group=TEXTS("hearth.option_group"), other=TEXTS("hearth.option_other_group")
    )
    async def merge(self, interaction: Interaction, group: str, other: str) -> None:
        """Show two groups side by side that might become one."""
        await defer(interaction)
        who, client = actor(interaction), interaction.client
        async with client.database.reading() as session:
            one, two = [
                await known_groups.find(
                    session, who.server_id, typed, for_user=who.user_id, unlisted=True
                )
                for typed in (group, other)
            ]
            shown = await merge_approval.brought_together(
                session, who, one, two, client.clock.now()
            )
        await answer(interaction, shown)

    @app_commands.command(name="rest", description=TEXTS("hearth.command_group_rest"))
    @app_commands.describe(group=TEXTS("hearth.option_group"))
    async def rest(self, interaction: Interaction, group: str) -> None:
        """Let a group rest."""
        await defer(interaction)
        who, client = actor(interaction), interaction.client
        async with client.database.writing() as session:
            found = await known_groups.find(
                session, who.server_id, group, for_user=who.user_id, unlisted=True
            )
            await groups.rest(session, who, found.id, now=client.clock.now())
        await answer(interaction, say("hearth.group_rests", group=safe(found.name)))

    @app_commands.command(name="reopen", description=TEXTS("hearth.command_group_reopen"))
    @app_commands.describe(group=TEXTS("hearth.option_group"))
    async def reopen(self, interaction: Interaction, group: str) -> None:
        """Open a resting group again."""
        await defer(interaction)
        who, client = actor(interaction), interaction.client
        async with client.database.writing() as session:
            found = await known_groups.find(
                session, who.server_id, group, for_user=who.user_id, unlisted=True
            )
            again = await groups.reopen(session, who, found.id, now=client.clock.now())
            key = "hearth.group_forms" if again.state == "forming" else "hearth.group_open"
        await answer(interaction, say(key, group=safe(found.name)))

    @edit.autocomplete("group")
    @merge.autocomplete("group")
    @merge.autocomplete("other")
    @rest.autocomplete("group")
    @reopen.autocomplete("group")
    async def suggest_groups(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer all groups."""
        return await suggest_all(interaction, typed)

    @create.autocomplete("type_")
    async def suggest_types(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the server's types."""
        async with interaction.client.database.reading() as session:
            found = await types.suggest(session, interaction.guild_id or 0, typed)
        return [app_commands.Choice(name=label, value=value) for label, value in found]


async def suggest_all(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Return all groups of the server that match, unlisted ones too: for owners."""
    if not await _is_owner(interaction):
        return []
    async with interaction.client.database.reading() as session:
        found = await known_groups.suggest(
            session,
            interaction.guild_id or 0,
            typed,
            for_user=interaction.user.id,
            unlisted=True,
            say=language(interaction),
        )
    return [app_commands.Choice(name=label, value=value) for label, value in found]


def _given(**options: str | None) -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}


async def _is_owner(interaction: Interaction) -> bool:
    async with interaction.client.database.reading() as session:
        return await rights.is_owner(session, actor(interaction))
