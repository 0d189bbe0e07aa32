"""What the owners are told about changes by hand that Hearth has answered or cannot answer."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.message import Button, Line, Message
from bot.services.outbox import owe


async def remade(
    session: AsyncSession,
    server_id: int,
    what: str,
    *,
    made_id: int,
    instead_of: int,
    now: datetime,
) -> None:
    """Tell once that a role or room which somebody deleted has been made again."""
    place = f"<@&{made_id}>" if what == "role" else f"<#{made_id}>"
    await _tell(session, server_id, f"remade:{instead_of}", f"remade_{what}", now, place=place)


async def role_taken_back(
    session: AsyncSession, server_id: int, user_id: int, role_id: int, *, now: datetime
) -> None:
    """Tell that a group's role, given by hand to someone who lives elsewhere, was taken back."""
    key = f"extra:{user_id}:{role_id}:{now:%Y%m%d}"
    await _tell(session, server_id, key, "role_taken_back", now, user=user_id, role=role_id)


async def flipping(session: AsyncSession, server_id: int, user_id: int, *, now: datetime) -> None:
    """Tell that somebody keeps changing a member's group roles, and that Hearth stands back."""
    key = f"flips:{user_id}:{now:%Y%m%d}"
    await _tell(session, server_id, key, "flipping", now, user=user_id)


async def removals_stopped(
    session: AsyncSession, server_id: int, count: int, *, now: datetime
) -> None:
    """Tell that many members would lose a group's role without the tables knowing why."""
    await _tell(session, server_id, f"removals:{now:%Y%m%d}", "removals_stopped", now, count=count)


async def _tell(
    session: AsyncSession, server_id: int, key: str, text: str, now: datetime, **params: Any
) -> None:
    message = Message(
        (Line(f"upkeep.{text}", params),), buttons=(Button("upkeep.check", f"upkeep-check:{key}"),)
    )
    await owe(
        session,
        server_id=server_id,
        kind="upkeep",
        key=f"upkeep:{key}",
        place="owners",
        message=message,
        now=now,
    )
