"""What a client meets before, or instead of, the API: Cloudflare's pages, and lines that break.

A page of Cloudflare's is HTML and carries neither `Via` nor any header of the API's. Clients tell a
ban from a rate limit by exactly that.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    import asyncio

VIA = {"Via": "1.1 google"}
"""On every answer of the API; a 429 without it is taken for a ban at the edge by clients."""

UNREACHABLE, BANNED, DENIED = 520, 429, 403

_TITLES = {
    UNREACHABLE: (520, "Web server is returning an unknown error"),
    BANNED: (1015, "You are being rate limited"),
    DENIED: (1020, "Access denied"),
}
"""Status to the error that Cloudflare names on its page."""


def page(status: int, *, retry_after: float | None = None) -> web.Response:
    """Return one of Cloudflare's pages; `retry_after` in seconds."""
    number, title = _TITLES[status]
    headers = {"Server": "cloudflare"}
    if retry_after is not None:
        headers["Retry-After"] = str(int(retry_after) + 1)
    return web.Response(
        status=status,
        text=(
            "<!DOCTYPE html>\n<html><head><title>discord.com | "
            f"{number}: {title}</title></head>\n"
            f"<body><h1>Error {number}</h1><p>{title}</p></body></html>\n"
        ),
        content_type="text/html",
        headers=headers,
    )


def outage(status: int) -> web.Response:
    """Return a failure of the API's own, which is no JSON either."""
    return web.Response(status=status, text=f"{status}: outage", headers=VIA)


def reset(transport: asyncio.Transport) -> None:
    """Break a connection with a reset instead of an orderly end."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        lingering_not = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, lingering_not)
    transport.abort()
