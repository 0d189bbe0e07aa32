"""/hearth type: add, change and list the rules that groups of one type share."""

from typing import Any

from discord import app_commands

from bot.conversation import Interaction, actor, answer, defer, defer_in_place
from bot.permissions import for_owners
from bot.rules import owner_messages
from bot.rules import types as rules
from bot.rules.message import say
from bot.rules.naming import safe
from bot.rules.types import TypeRules
from bot.services import rights, silent_seats, types
from bot.texts import catalogue

TEXTS = catalogue()
KIND_CHOICES = [
    app_commands.Choice(name=TEXTS(f"types.kind_{kind}"), value=kind) for kind in rules.KINDS
]


def _choices(values: tuple[str, ...]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=TEXTS(f"hearth.choice_{v}"), value=v) for v in values]


CHOICES = {
    "kind": KIND_CHOICES,
    "access": _choices(rules.ACCESS),
    "entry": _choices(rules.ENTRY),
    "visits": _choices(rules.VISITS),
    "splits": _choices(rules.SPLITS),
    "patience": _choices(rules.PATIENCES),
}
RULES = {
    "kind": TEXTS("hearth.option_kind"),
    "cap": TEXTS("hearth.option_cap"),
    "minimum": TEXTS("hearth.option_minimum"),
    "patience": TEXTS("hearth.option_patience"),
    "access": TEXTS("hearth.option_access"),
    "entry": TEXTS("hearth.option_entry"),
    "visits": TEXTS("hearth.option_visits"),
    "visit_days": TEXTS("hearth.option_visit_days"),
    "most_visitors": TEXTS("hearth.option_most_visitors"),
    "visitors_read_history": TEXTS("hearth.option_history"),
    "listed": TEXTS("hearth.option_listed"),
    "splits": TEXTS("hearth.option_splits"),
    "split_delay_days": TEXTS("hearth.option_delay"),
    "newcomers_per_week": TEXTS("hearth.option_pace"),
    "voice": TEXTS("hearth.option_voice"),
    "lasts_days": TEXTS("hearth.option_lasts"),
    "frees_after_days": TEXTS("hearth.option_frees"),
}


@for_owners
class TypeCommands(app_commands.Group, name="type", description=TEXTS("hearth.command_type")):
    """The commands about group types."""

    @app_commands.command(name="add", description=TEXTS("hearth.command_type_add"))
    @app_commands.describe(name=TEXTS("hearth.option_type_name"), **RULES)
    @app_commands.choices(**CHOICES)
    async def add(
        self,
        interaction: Interaction,
        *,
        name: str,
        kind: str = "own",
        cap: int | None = None,
        minimum: int | None = None,
        patience: str | None = None,
        access: str | None = None,
        entry: str | None = None,
        visits: str | None = None,
        visit_days: int | None = None,
        most_visitors: int | None = None,
        visitors_read_history: bool | None = None,
        listed: bool | None = None,
        splits: str | None = None,
        split_delay_days: int | None = None,
        newcomers_per_week: int | None = None,
        voice: bool | None = None,
        lasts_days: int | None = None,
        frees_after_days: int | None = None,
    ) -> None:
        """Add a type."""
        await defer(interaction)
        given: dict[str, Any] = {
            "kind": kind,
            "cap": cap,
            "minimum": minimum,
            "patience": patience,
            "access": access,
            "entry": entry,
            "visits": visits,
            "visit_days": visit_days,
            "most_visitors": most_visitors,
            "visitors_read_history": visitors_read_history,
            "listed": listed,
            "splits": splits,
            "split_delay_days": split_delay_days,
            "newcomers_per_week": newcomers_per_week,
            "voice": voice,
            "lasts_days": lasts_days,
            "frees_after_days": frees_after_days,
        }
        who, database = actor(interaction), interaction.client.database
        async with database.writing() as session:
            await rights.server_row(session, who.server_id, allow_paused=True)
            silent_seats.require_known(frees_after_days, interaction.client.settings)
            wanted = rules.changed(TypeRules(name), given)
            added = await types.add(session, who, wanted, now=interaction.client.clock.now())
        await answer(interaction, say("hearth.type_added", type=safe(added.name)))

    @app_commands.command(name="edit", description=TEXTS("hearth.command_type_edit"))
    @app_commands.rename(type_="type")
    @app_commands.describe(
        type_=TEXTS("hearth.option_type"), name=TEXTS("hearth.option_type_name"), **RULES
    )
    @app_commands.choices(**CHOICES)
    async def edit(
        self,
        interaction: Interaction,
        *,
        type_: str,
        name: str | None = None,
        kind: str | None = None,
        cap: int | None = None,
        minimum: int | None = None,
        patience: str | None = None,
        access: str | None = None,
        entry: str | None = None,
        visits: str | None = None,
        visit_days: int | None = None,
        most_visitors: int | None = None,
        visitors_read_history: bool | None = None,
        listed: bool | None = None,
        splits: str | None = None,
        split_delay_days: int | None = None,
        newcomers_per_week: int | None = None,
        voice: bool | None = None,
        lasts_days: int | None = None,
        frees_after_days: int | None = None,
    ) -> None:
        """Change a type."""
        await defer(interaction)
        given: dict[str, Any] = {
            "name": name,
            "kind": kind,
            "cap": cap,
            "minimum": minimum,
            "patience": patience,
            "access": access,
            "entry": entry,
            "visits": visits,
            "visit_days": visit_days,
            "most_visitors": most_visitors,
            "visitors_read_history": visitors_read_history,
            "listed": listed,
            "splits": splits,
            "split_delay_days": split_delay_days,
            "newcomers_per_week": newcomers_per_week,
            "voice": voice,
            "lasts_days": lasts_days,
            "frees_after_days": frees_after_days,
        }
        who, database = actor(interaction), interaction.client.database
        async with database.writing() as session:
            found = await types.find(session, who.server_id, type_)
            silent_seats.require_known(frees_after_days, interaction.client.settings)
            edited = await types.edit(
                session, who, found.id, given, now=interaction.client.clock.now()
            )
        await answer(interaction, say("hearth.type_edited", type=safe(edited.name)))

    @app_commands.command(name="list", description=TEXTS("hearth.command_type_list"))
    async def list_(self, interaction: Interaction) -> None:
        """Show all types."""
        await show(interaction, 0)

    @edit.autocomplete("type_")
    async def suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the server's types."""
        async with interaction.client.database.reading() as session:
            found = await types.suggest(session, interaction.guild_id or 0, typed)
        return [app_commands.Choice(name=label, value=value) for label, value in found]


async def show(interaction: Interaction, page: int) -> None:
    """Show a page of the types."""
    await defer_in_place(interaction)
    who = actor(interaction)
    async with interaction.client.database.reading() as session:
        await rights.require_owner(session, who)
        await rights.server_row(session, who.server_id, allow_paused=True)
        found = await types.list_(session, who.server_id)
    listed = [(one.rules, one.groups, one.homes) for one in found]
    await answer(interaction, owner_messages.type_list(listed, page))
