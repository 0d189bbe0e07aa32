"""What begins and what ends with a home, whoever decided it."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules.home_messages import welcome
from bot.rules.scope import MemberScope
from bot.services import facilitators, visits
from bot.services.outbox import owe
from bot.services.seats import free_seat
from models import (
    EntryRequest,
    Group,
    Invitation,
    Membership,
    QuietEpisode,
    Reminder,
    Ritual,
    Waiting,
)

WELCOME_WAITS = timedelta(days=2)


async def settle(
    session: AsyncSession, group: Group, user_id: int, *, now: datetime, welcomed: bool
) -> None:
    """End what a new home makes needless: waiting, requests, the visit there; welcome them."""
    await session.flush()
    server_id = group.server_id
    await session.execute(
        delete(Waiting).where(Waiting.server_id == server_id, Waiting.user_id == user_id)
    )
    await session.execute(
        delete(EntryRequest).where(
            EntryRequest.server_id == server_id,
            EntryRequest.user_id == user_id,
            or_(EntryRequest.kind == "join", EntryRequest.group_id == group.id),
        )
    )
    await session.execute(
        delete(Invitation).where(Invitation.group_id == group.id, Invitation.user_id == user_id)
    )
    await visits.end_for(session, server_id=server_id, user_id=user_id, group_id=group.id, now=now)
    note_after_commit(session, MemberScope(server_id, user_id))
    if welcomed:
        shown_by = await facilitators.active(session, group.id)
        await owe(
            session,
            server_id=server_id,
            kind="welcome",
            key=f"welcome:{group.id}:{user_id}:{int(now.timestamp())}",
            place="room",
            group_id=group.id,
            message=welcome(group.id, user_id, shown_by, now),
            now=now,
            expires_in=WELCOME_WAITS,
        )


async def moved_out(session: AsyncSession, home: Membership, why: str, now: datetime) -> None:
    """End what went with a home: the office, hosting, reminders, an open quiet episode.

    `why` is how a quiet episode ends by it: moved, left or released.
    """
    group_id, user_id = home.group_id, home.user_id
    await facilitators.moved_out(session, group_id=group_id, user_id=user_id, now=now)
    await session.execute(
        update(Ritual)
        .where(Ritual.group_id == group_id, Ritual.host_id == user_id)
        .values(host_id=None)
    )
    await session.execute(
        delete(Reminder).where(
            Reminder.user_id == user_id,
            Reminder.ritual_id.in_(select(Ritual.id).where(Ritual.group_id == group_id)),
        )
    )
    await close_episodes(session, home.server_id, user_id, why, now)


async def close_episodes(
    session: AsyncSession, server_id: int, user_id: int, why: str, now: datetime
) -> None:
    """Close someone's open quiet episode; `why` as in `QuietEpisode.closed_by`."""
    await session.execute(
        update(QuietEpisode)
        .where(
            QuietEpisode.server_id == server_id,
            QuietEpisode.user_id == user_id,
            QuietEpisode.closed_at.is_(None),
        )
        .values(closed_at=now, closed_by=why)
    )


async def give_up(session: AsyncSession, home: Membership, why: str, now: datetime) -> None:
    """End a membership and free its seat at once."""
    await moved_out(session, home, why, now)
    await session.delete(home)
    await session.flush()
    await free_seat(session, home.group_id)
    note_after_commit(session, MemberScope(home.server_id, home.user_id))


async def leave_lines(
    session: AsyncSession, server_id: int, user_id: int, group_id: int | None = None
) -> None:
    """Take someone out of every line, or those of one group: seats waited for, requests, calls."""
    for table in (Waiting, EntryRequest, Invitation):
        lines = delete(table).where(table.server_id == server_id, table.user_id == user_id)
        await session.execute(
            lines if group_id is None else lines.where(table.group_id == group_id)
        )
