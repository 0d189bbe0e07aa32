"""/hearth group: make, change, rest and reopen; nothing that was typed is lost."""

from collections.abc import Mapping

from discord import app_commands

from bot.conversation import (
    Field,
    Interaction,
    actor,
    answer,
    defer,
    form,
    give_form,
    language,
)
from bot.errors import UserError
from bot.gateway import observe
from bot.permissions import for_owners
from bot.rules import capacity, charter, owner_messages
from bot.rules.message import Line, say
from bot.rules.naming import safe
from bot.rules.scope import GroupScope
from bot.services import chartering, checks, groups, rights, types
from bot.texts import catalogue

TEXTS = catalogue()
ROOM_WAIT = 5.0  # seconds that the reply waits for the room to be made
LONGEST_FIELD = 4000  # Discord's limit for what a form's field can be filled with
# Not mended in the form, which has no field for it: the command names the group.
NO_GROUP = frozenset(("groups.not_found", "groups.did_you_mean"))
CHARTER = {
    "name": TEXTS("hearth.option_name"),
    "purpose": TEXTS("hearth.option_purpose"),
    "emoji": TEXTS("hearth.option_emoji"),
    "colour": TEXTS("hearth.option_colour"),
    "for_whom": TEXTS("hearth.option_for_whom"),
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
        name: str,
        type_: str,
        purpose: str,
        emoji: str | None = None,
        colour: str | None = None,
        for_whom: str | None = None,
        norms: str | None = None,
    ) -> None:
        """Make a group."""
        await defer(interaction)
        typed = _given(
            name=name,
            type=type_,
            purpose=purpose,
            emoji=emoji,
            colour=colour,
            for_whom=for_whom,
            norms=norms,
        )
        await apply(interaction, typed)

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
        norms: str | None = None,
    ) -> None:
        """Change a group's charter."""
        await defer(interaction)
        typed = _given(
            group=group,
            name=name,
            purpose=purpose,
            emoji=emoji,
            colour=colour,
            for_whom=for_whom,
            norms=norms,
        )
        await apply(interaction, typed)

    @app_commands.command(name="rest", description=TEXTS("hearth.command_group_rest"))
    @app_commands.describe(group=TEXTS("hearth.option_group"))
    async def rest(self, interaction: Interaction, group: str) -> None:
        """Let a group rest."""
        await defer(interaction)
        who, client = actor(interaction), interaction.client
        async with client.database.writing() as session:
            found = await groups.find(
                session, who.server_id, group, for_user=who.user_id, unlisted=True
            )
            await groups.rest(session, who, found.id)
        await answer(interaction, say("hearth.group_rests", group=safe(found.name)))

    @app_commands.command(name="reopen", description=TEXTS("hearth.command_group_reopen"))
    @app_commands.describe(group=TEXTS("hearth.option_group"))
    async def reopen(self, interaction: Interaction, group: str) -> None:
        """Open a resting group again."""
        await defer(interaction)
        who, client = actor(interaction), interaction.client
        async with client.database.writing() as session:
            found = await groups.find(
                session, who.server_id, group, for_user=who.user_id, unlisted=True
            )
            await groups.reopen(session, who, found.id)
        await answer(interaction, say("hearth.group_open", group=safe(found.name)))

    @edit.autocomplete("group")
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
        found = await groups.suggest(
            session,
            interaction.guild_id or 0,
            typed,
            for_user=interaction.user.id,
            unlisted=True,
            say=language(interaction),
        )
    return [app_commands.Choice(name=label, value=value) for label, value in found]


async def apply(interaction: Interaction, typed: Mapping[str, str]) -> None:
    """Make or change a group, and answer; what is refused is kept and can be mended."""
    who, client = actor(interaction), interaction.client
    now = client.clock.now()
    try:
        async with client.database.writing() as session:
            room: capacity.Room | None = None
            if interaction.guild is not None:
                roles = await checks.group_roles(session, who.server_id)
                room = capacity.groups_that_fit(observe.use(interaction.guild, roles))
            done = await chartering.apply(session, who, typed, now=now, room=room)
    except UserError as refused:
        # Mended by typing: what stands in the charter, and a type that is not there.
        if not refused.key.startswith(("groups.", "types.")) or refused.key in NO_GROUP:
            raise
        offered: list[tuple[str, str]] = []
        async with client.database.writing() as session:
            await chartering.keep(session, who, typed, now=now)
            if refused.key.startswith("types."):
                offered = await types.suggest(session, who.server_id, "")
        line = Line(refused.key, refused.params)
        await answer(interaction, owner_messages.refused(line, types=offered))
        return
    ready = await client.reconciler.settled(GroupScope(who.server_id, done.group_id), ROOM_WAIT)
    async with client.database.reading() as session:
        group = await groups.of_server(session, who.server_id, done.group_id)
    await answer(
        interaction,
        owner_messages.group_made(
            done.emoji,
            done.group,
            group.room_id if ready else None,
            made=done.made,
            still_fit=done.still_fit,
        ),
    )


async def open_form(interaction: Interaction) -> None:
    """Open a charter's form, filled with what was typed last."""
    async with interaction.client.database.reading() as session:
        typed = await chartering.kept(session, actor(interaction))
    sign = " ".join(typed[part] for part in ("emoji", "colour") if typed.get(part))
    fields = [
        _field("name", typed),
        _field("purpose", typed, hint="hearth.form_purpose_hint", long=True),
        _field("for_whom", typed, long=True, required=False),
        _field("norms", typed, long=True, required=False),
        Field(
            "sign",
            "hearth.form_sign",
            filled=sign[:LONGEST_FIELD],
            hint="hearth.form_sign_hint",
            required=False,
        ),
    ]
    speak = language(interaction)
    await give_form(interaction, form(speak, "hearth.group_form", "group-form", fields))


def read_form(fields: Mapping[str, str]) -> dict[str, str]:
    """Return what a charter's form holds, by the names of a charter's fields."""
    typed = {name: fields[name] for name in ("name", "purpose", "for_whom", "norms")}
    return {**typed, **charter.read_sign(fields.get("sign", ""))}


def _field(
    name: str,
    typed: Mapping[str, str],
    *,
    hint: str = "",
    long: bool = False,
    required: bool = True,
) -> Field:
    filled = typed.get(name, "")[:LONGEST_FIELD]
    return Field(
        name, f"hearth.form_{name}", filled=filled, hint=hint, long=long, required=required
    )


def _given(**options: str | None) -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}


async def _is_owner(interaction: Interaction) -> bool:
    async with interaction.client.database.reading() as session:
        return await rights.is_owner(session, actor(interaction))
