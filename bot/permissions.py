"""Who may use a command: what Discord shows and what is checked when it is called, set together.

Services check rights again; this is what keeps a command out of the sight of those it is not for.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar, cast

from discord import app_commands

from bot.conversation import Interaction, actor
from bot.errors import UserError
from bot.services import rights


class Commands(Protocol):
    """A cog or a group of commands, whose check runs before each of them."""

    interaction_check: Any


C = TypeVar("C", bound=type[Any])


def for_owners(commands: C) -> C:
    """Mark a cog or a group of commands as the owners'.

    Discord shows it to those with Manage Server (and whom the server's own settings add); called by
    anyone but an owner it says whose it is.
    """
    app_commands.default_permissions(manage_guild=True)(commands)

    async def interaction_check(_self: object, interaction: Interaction, /) -> bool:
        await _refuse_unless(interaction, _is_owner)
        return True

    cast("Commands", commands).interaction_check = interaction_check
    return commands


def for_moderators(commands: C) -> C:
    """Mark a cog or a group of commands as the moderators'.

    Discord shows it to those with Moderate Members (and whom the server's own settings add); called
    by anyone but a moderator or an owner it says whose it is.
    """
    app_commands.default_permissions(moderate_members=True)(commands)

    async def interaction_check(_self: object, interaction: Interaction, /) -> bool:
        await _refuse_unless(interaction, _is_moderator)
        return True

    cast("Commands", commands).interaction_check = interaction_check
    return commands


async def _is_moderator(interaction: Interaction) -> None:
    who = actor(interaction)
    async with interaction.client.database.reading() as session:
        await rights.require_moderator(session, who)


async def _is_owner(interaction: Interaction) -> None:
    who = actor(interaction)
    async with interaction.client.database.reading() as session:
        await rights.require_owner(session, who)


async def _refuse_unless(
    interaction: Interaction, require: Callable[[Interaction], Awaitable[None]]
) -> None:
    """Turn a refusal into the kind of error that discord.py carries to our one handler."""
    try:
        await require(interaction)
    except UserError as refused:
        raise app_commands.CheckFailure(refused.key) from refused
