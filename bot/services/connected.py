"""When Hearth could hear a server. What lies between ages nobody."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession


async def opened(session: AsyncSession, server_ids: Iterable[int], now: datetime) -> None:
    """Begin a new interval for each server: Hearth hears it from now on."""
    raise NotImplementedError


async def heard(session: AsyncSession, server_ids: Iterable[int], now: datetime) -> None:
    """Extend each server's last interval to `now`; called once a minute while connected."""
    raise NotImplementedError


async def closed(session: AsyncSession, server_ids: Iterable[int], now: datetime) -> None:
    """End each server's last interval at `now`: the connection is gone."""
    raise NotImplementedError


async def bridged(session: AsyncSession, server_ids: Iterable[int]) -> None:
    """Join each server's last interval to the one before: the gap was read from history."""
    raise NotImplementedError
