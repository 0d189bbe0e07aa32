"""What begins and what ends with a home, whoever decided it."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules.scope import MemberScope
from bot.services import (
    facilitators,
    goal_moves,
    greeting,
    introductions,
    rota,
    survival_counts,
    visits,
)
from bot.services.seats import free_seat, leave_line
from models import (
    Bud,
    BudGuest,
    EntryRequest,
    Group,
    Invitation,
    Membership,
    MissedOffer,
    QuietEpisode,
    Reminder,
    Ritual,
    RitualChoice,
    SilentSeat,
)


async def settle(
    session: AsyncSession, group: Group, user_id: int, *, now: datetime, welcomed: bool
) -> None:
    """End what a new home makes needless: waiting, requests, the visit there; welcome them."""
    await session.flush()
    server_id = group.server_id
    await leave_line(session, server_id, user_id)
    await session.execute(
        delete(MissedOffer).where(
            MissedOffer.server_id == server_id, MissedOffer.user_id == user_id
        )
    )
    await session.execute(
        delete(SilentSeat).where(SilentSeat.server_id == server_id, SilentSeat.user_id == user_id)
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
        await greeting.welcome(session, group, user_id, now=now)


async def moved_out(session: AsyncSession, home: Membership, why: str, now: datetime) -> None:
    """End what went with a home: the office, hosting, reminders, an open quiet episode.

    `why` is how a quiet episode ends by it: moved, left or released. While the seat of somebody who
    left is kept, so is what they told their group; nobody can read it until they are back.
    """
    group_id, user_id = home.group_id, home.user_id
    if why == "moved":
        await _leave_nothing(session, home, now)
    await facilitators.moved_out(session, group_id=group_id, user_id=user_id, now=now)
    await rota.leaves(session, server_id=home.server_id, user_id=user_id, group_id=group_id)
    here = select(Ritual.id).where(Ritual.group_id == group_id)
    for table in (Reminder, RitualChoice):
        await session.execute(
            delete(table).where(table.user_id == user_id, table.ritual_id.in_(here))
        )
    await goal_moves.hosts_no_more(session, home.server_id, group_id, user_id)
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
    """End a membership and free its seat at once; `why`: left, released, or forgotten.

    One that was moved meanwhile, by another writer, is not this one: it stays.
    """
    server_id, user_id, group_id = home.server_id, home.user_id, home.group_id
    course = survival_counts.course_of(home)
    await moved_out(session, home, why, now)
    await _leave_nothing(session, home, now)
    await session.flush()
    gone = await session.scalar(
        delete(Membership)
        .where(
            Membership.server_id == server_id,
            Membership.user_id == user_id,
            Membership.group_id == group_id,
        )
        .returning(Membership.user_id)
    )
    if gone is not None:
        await free_seat(session, group_id, now)
        await survival_counts.home_ended(session, course, why, now)
    note_after_commit(session, MemberScope(server_id, user_id))


async def move(session: AsyncSession, home: Membership, to_group_id: int, now: datetime) -> None:
    """Let someone who has a home live in another group from now on; the seats are the caller's.

    UserError where their home was moved or given up meanwhile, by another writer.
    """
    course = survival_counts.course_of(home)
    moved = await session.scalar(
        update(Membership)
        .where(
            Membership.server_id == home.server_id,
            Membership.user_id == home.user_id,
            Membership.group_id == home.group_id,
        )
        .values(group_id=to_group_id, state="here", since=now, seat_until=None, course="begun")
        .returning(Membership.user_id)
    )
    if moved is None:
        raise UserError("home.just_moved")
    await survival_counts.home_ended(session, course, "moved", now)


async def _leave_nothing(session: AsyncSession, home: Membership, now: datetime) -> None:
    """Erase what somebody told the group, offers and answers: they live there no more."""
    await introductions.moved_out(session, home.group_id, home.user_id)
    await greeting.moved_out(session, home.group_id, home.user_id)
    await goal_moves.left(session, home, now)
    buds = select(Bud.id).where(Bud.group_id == home.group_id)
    await session.execute(
        delete(BudGuest).where(BudGuest.user_id == home.user_id, BudGuest.bud_id.in_(buds))
    )


async def leave_lines(
    session: AsyncSession, server_id: int, user_id: int, group_id: int | None = None
) -> None:
    """Take someone out of every line, or those of one group: seats waited for, requests, calls."""
    await leave_line(session, server_id, user_id, group_id)
    for table in (EntryRequest, Invitation, MissedOffer):
        lines = delete(table).where(table.server_id == server_id, table.user_id == user_id)
        await session.execute(
            lines if group_id is None else lines.where(table.group_id == group_id)
        )
