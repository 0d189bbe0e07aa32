"""Discord's and the network's failures as Temporary or Permanent effects."""

from collections.abc import Generator
from contextlib import contextmanager

import aiohttp
import discord

from bot.errors import Permanent, Temporary
from bot.gateway.distance import is_page

UNKNOWN_CHANNEL, UNKNOWN_MEMBER, UNKNOWN_OVERWRITE, UNKNOWN_ROLE = 10003, 10007, 10009, 10011
MISSING_ACCESS, MISSING_PERMISSIONS = 50001, 50013
RETRIED_BY_US = 500
CLOSED = "Session is closed"  # aiohttp's words for a call after the client was closed


@contextmanager
def effects() -> Generator[None]:
    """Translate what a call to Discord raises.

    Temporary: limits, Discord's own failures (503 is among those that discord.py does not repeat),
    what answers in Discord's place, and connections that broke, after which nobody knows whether
    the call had its effect.
    Permanent: what Discord refuses, with its JSON code.
    """
    try:
        yield
    except discord.RateLimited as error:
        raise Temporary("rate limited", delay=error.retry_after) from error
    except discord.HTTPException as error:
        if error.status >= RETRIED_BY_US or error.status == 429 or is_page(error):
            raise Temporary(f"Discord answered {error.status}") from error
        raise Permanent(error.text or str(error), code=error.code) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Temporary(f"the connection failed: {error!r}") from error
    except RuntimeError as error:
        if str(error) != CLOSED:
            raise
        raise Temporary("the bot is hanging up") from error
