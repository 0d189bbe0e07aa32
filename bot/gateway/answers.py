"""Answers to what people do, over a line that breaks.

Discord takes the first answer within three seconds, and takes it once. Where nobody knows whether
it was taken, because the line broke or no word came back, it is given again: "already acknowledged"
then says that it was. Later answers change the first one, so they may be repeated as they are. What
Discord refuses is never repeated.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import aiohttp
import discord

from bot.gateway.distance import is_page, turns_away

# Discord's JSON error codes
ALREADY_ANSWERED = 40060
# Nobody waits any more: the three seconds, the fifteen minutes, or the message are gone.
TOO_LATE = frozenset({10008, 10015, 10062, 50027})

LOST = (aiohttp.ClientError, OSError)  # TimeoutError is among the latter
FIRST_PATIENCE = (1.2, 1.2, None)  # seconds for each try; the last may take what it takes
LATER_PAUSES = (0.5, 2.0, 5.0)  # seconds between tries


class Unanswered(Exception):  # noqa: N818 - it names what happened
    """The person could not be told. What they asked for may well be done."""


class TurnedAway(Unanswered):
    """What stands before Discord lets nothing through: every further try makes it worse."""


class TooLate(Unanswered):
    """The person's question has run out, or they put the answer away: there is nobody to tell."""


async def first(
    interaction: discord.Interaction[Any],
    kind: discord.InteractionResponseType,
    give: Callable[[], Awaitable[object]],
) -> None:
    """Give the first answer, of `kind`, or find that it was given."""
    for patience in FIRST_PATIENCE:
        try:
            async with asyncio.timeout(patience):
                await give()
        except discord.HTTPException as error:
            if error.code != ALREADY_ANSWERED:
                raise _meaning(error) from error
            cast("Any", interaction.response)._response_type = kind  # noqa: SLF001 - discord.py notes only what it saw arrive
        except LOST as error:
            if patience is None:
                raise Unanswered(repr(error)) from error
            continue
        return


async def later(give: Callable[[], Awaitable[object]]) -> None:
    """Change what was answered."""
    for pause in (*LATER_PAUSES, None):
        try:
            await give()
        except discord.HTTPException as error:
            raise _meaning(error) from error
        except LOST as error:
            if pause is None:
                raise Unanswered(repr(error)) from error
            await asyncio.sleep(pause)
            continue
        return


def _meaning(error: discord.HTTPException) -> Exception:
    if error.code in TOO_LATE:
        return TooLate(str(error))
    if turns_away(error):
        return TurnedAway(str(error.status))
    if error.status >= 500 or error.status == 429 or is_page(error):
        return Unanswered(f"Discord answered {error.status}")
    return error  # a mistake of ours
