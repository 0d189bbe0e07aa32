"""A request that makes something new, and that nobody repeats without looking first.

discord.py repeats a request by itself when Discord answers 500, 502, 504 or 524, though it may have
been carried out: a thread or an event would be there twice. Before each try it rewinds the files
that go with the request; this is a file that cannot be rewound.
"""

from typing import Any

import discord
from discord.http import HTTPClient, Route

from bot.errors import Temporary


class _Once(discord.File):
    """Goes with a request and holds nothing; no file is sent."""

    def __init__(self) -> None:  # pyright: ignore[reportMissingSuperCall] - nothing is opened
        pass

    def reset(self, *, seek: int | bool = True) -> None:
        """Let the first try pass only."""
        if seek:
            raise Temporary("the answer was a failure; whether it was made is looked for first")


async def once(http: HTTPClient, route: Route, payload: dict[str, Any]) -> Any:
    """Make something, in one try; return Discord's answer.

    `Temporary` when nobody knows whether it was made; other failures as discord.py raises them.
    """
    return await http.request(route, json=payload, files=[_Once()])
