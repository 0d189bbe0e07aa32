"""Files that people send in a form: fetched from Discord once, and never kept here."""

import asyncio
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord

from bot.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FETCHED_WITHIN = 10.0  # seconds


async def one(
    interaction: discord.Interaction[Any], ids: "Sequence[str]", *, most: int, lost: str, big: str
) -> bytes:
    """Return what the one file that was sent holds.

    `ids` is what the form's field holds. UserError `lost` (a text's key) for none, or one that
    Discord does not hand out; `big` for one of more than `most` bytes, which is not fetched.
    """
    data = cast("Mapping[str, Any]", interaction.data or {})
    there = cast("Mapping[str, Any]", data.get("resolved", {})).get("attachments", {})
    found = [there[file_id] for file_id in ids if file_id in there]
    if len(found) != 1:
        raise UserError(lost)
    if int(found[0]["size"]) > most:
        raise UserError(big, most=most // 1024)
    try:
        async with asyncio.timeout(FETCHED_WITHIN):
            content = await interaction.client.http.get_from_cdn(str(found[0]["url"]))
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise UserError(lost) from error
    if len(content) > most:
        raise UserError(big, most=most // 1024)
    return content
