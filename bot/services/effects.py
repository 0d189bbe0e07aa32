"""Effects that Discord refuses, or that Hearth stopped, until a person changes something."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models import FailedEffect

WHY_LENGTH = 300
REMOVALS, FLIPS = "removals", "flips"  # actions that Hearth stopped by itself, to be safe
THREAD = "thread"  # messages that stand without the thread that belongs to them
EVENT = "event"  # a gathering that should stand among Discord's events
GIVE_BACK = "give-back"  # a role and a room whose adoption was taken back


@dataclass(frozen=True, slots=True)
class Failed:
    """What could not be done to whom, with Discord's own code and words."""

    subject: str
    action: str
    code: int | None
    why: str
    at: datetime


async def failed(
    session: AsyncSession,
    server_id: int,
    subject: str,
    action: str,
    *,
    code: int | None,
    why: str,
    now: datetime,
) -> bool:
    """Write down what could not be done; False if that was known already."""
    row = await session.scalar(
        select(FailedEffect).where(
            FailedEffect.server_id == server_id,
            FailedEffect.subject == subject,
            FailedEffect.action == action,
        )
    )
    if row is None:
        row = FailedEffect(server_id=server_id, subject=subject, action=action)
        session.add(row)
        known = False
    else:
        known = True
    row.code, row.why, row.at = code, why[:WHY_LENGTH], now
    await session.flush()
    return not known


async def succeeded(session: AsyncSession, server_id: int, subject: str) -> None:
    """Forget what could not be done to `subject`: it has been done, or is no longer wanted."""
    await session.execute(
        delete(FailedEffect).where(
            FailedEffect.server_id == server_id, FailedEffect.subject == subject
        )
    )


async def over(session: AsyncSession, server_id: int, subject: str, action: str) -> None:
    """Forget that one thing could not be done to `subject`."""
    await session.execute(
        delete(FailedEffect).where(
            FailedEffect.server_id == server_id,
            FailedEffect.subject == subject,
            FailedEffect.action == action,
        )
    )


async def unsettled(session: AsyncSession, server_id: int) -> list[Failed]:
    """Return what could not be done in a server, newest first."""
    rows = await session.scalars(
        select(FailedEffect)
        .where(FailedEffect.server_id == server_id)
        .order_by(FailedEffect.at.desc(), FailedEffect.id.desc())
    )
    return [Failed(row.subject, row.action, row.code, row.why, row.at) for row in rows]
