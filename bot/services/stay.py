"""Whether Hearth is in a server."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models import Server


async def removed(session: AsyncSession, server_id: int, *, now: datetime) -> None:
    """Remember that Hearth was removed; the rows are kept for a while, in case of a mistake."""
    server = await session.get(Server, server_id)
    if server is not None:
        server.removed_at = now
        await session.flush()


async def added(session: AsyncSession, server_id: int) -> None:
    """Take up again what is known of a server that removed Hearth not long ago."""
    server = await session.get(Server, server_id)
    if server is not None:
        server.removed_at = None
        await session.flush()
