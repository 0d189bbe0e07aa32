"""What is kept about a person: shown, handed over, no longer counted, erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

# `server_ids=None` means every server; `/privacy` inside a server is about that server only.


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What `forget` erased, and what stays because a moderator decided it."""

    rows: int
    homes_left: int
    bars_kept: int


async def show(
    session: AsyncSession, user_id: int, server_ids: Sequence[int] | None = None
) -> dict[str, int]:
    """Return how many rows each table holds about a person; tables without any are left out."""
    raise NotImplementedError


async def export(
    session: AsyncSession, user_id: int, server_ids: Sequence[int] | None = None
) -> dict[str, Any]:
    """Return every row about a person, ready for JSON; other people's ids are left out."""
    raise NotImplementedError


async def opt_out(
    session: AsyncSession, user_id: int, server_ids: Sequence[int], now: datetime
) -> int:
    """Stop counting and erase what was counted; return how many rows went."""
    raise NotImplementedError


async def opt_in(
    session: AsyncSession, user_id: int, server_ids: Sequence[int], now: datetime
) -> None:
    """Count again from now on."""
    raise NotImplementedError


async def forget(
    session: AsyncSession, user_id: int, server_ids: Sequence[int] | None, now: datetime
) -> Forgotten:
    """Erase everything about a person by each table's own rule; their home's seat comes free."""
    raise NotImplementedError
