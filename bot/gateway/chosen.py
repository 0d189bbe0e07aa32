"""What Discord tells of the people whom somebody chose in a menu of people."""

from typing import Any, cast

import discord


def bots_among(interaction: discord.Interaction[Any]) -> frozenset[int]:
    """Return the ids of those who were chosen and are bots: Discord offers them beside people.

    https://discord.com/developers/docs/interactions/receiving-and-responding, resolved data.
    """
    data = cast("dict[str, Any]", interaction.data or {})
    users: dict[str, dict[str, Any]] = data.get("resolved", {}).get("users", {})
    return frozenset(int(user_id) for user_id, user in users.items() if user.get("bot"))
