"""Who has gone quiet: one look per server and day."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look changed; `looked` is False when this local day had its look already."""

    looked: bool
    opened: int = 0
    closed: int = 0


async def daily(session: AsyncSession, server_id: int, now: datetime) -> Looked:
    """Open and close quiet episodes of one server; at most once per day of the server's zone."""
    raise NotImplementedError
