"""Homes that others end or suspend: time, moderators, a ban, leaving the server.

A seat that is not given up at once keeps its row, and so counts. A role that a person took away is
a decision: the home is held until moderators say what is to be.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.home_messages import home_held
from bot.rules.scope import MemberScope
from bot.services import circle_lines, facilitators, log, removals, rights, visits
from bot.services.outbox import owe
from bot.services.settling import give_up, leave_lines
from bot.settings import Settings
from models import Group, GroupType, Member, Membership, Server

_SEAT_OVER = and_(Membership.seat_until.is_not(None), Membership.seat_until <= bindparam("now"))
ANY_DUE = exists().where(_SEAT_OVER)


async def release_due(session: AsyncSession, now: datetime) -> int:
    """Give up the seats whose time is over, in all servers; return how many."""
    rows = await session.scalars(select(Membership).where(_SEAT_OVER), {"now": now})
    released = rows.all()
    for home in released:
        await give_up(session, home, "left", now)
    return len(released)


async def member_left_server(
    session: AsyncSession, server_id: int, user_id: int, *, now: datetime, settings: Settings
) -> bool:
    """Keep the seat of someone who left the server, for a while; the rest ends at once.

    A home that is held stays held, so that leaving and coming back undoes no moderator's act. False
    if they had no home.
    """
    member = await session.get(Member, (server_id, user_id))
    if member is not None:
        member.left_at = now
    await leave_lines(session, server_id, user_id)
    await circle_lines.withdraw_for(session, server_id, user_id)
    await visits.end_for(session, server_id=server_id, user_id=user_id, now=now)
    await facilitators.gone(session, server_id, user_id, now)
    home = await session.get(Membership, (server_id, user_id))
    if home is None:
        return False
    until = now + timedelta(hours=settings.seat_kept_hours)
    if home.state == "here":
        home.state = "gone"
    home.seat_until = until if home.seat_until is None else min(until, home.seat_until)
    await session.flush()
    note_after_commit(session, MemberScope(server_id, user_id))
    return True


async def left_already(session: AsyncSession, server_id: int, user_id: int) -> bool:
    """Return whether it is taken in that someone left the server, or they have no home to lose."""
    home = await session.get(Membership, (server_id, user_id))
    member = await session.get(Member, (server_id, user_id))
    return home is None or home.state == "gone" or (member is not None and bool(member.left_at))


async def member_returned(
    session: AsyncSession, server_id: int, user_id: int, *, now: datetime
) -> bool:
    """Welcome someone back to the server; True if their home was kept and is theirs again."""
    member = await session.get(Member, (server_id, user_id))
    if member is not None:
        member.left_at = None
    home = await session.get(Membership, (server_id, user_id))
    if home is None or home.state not in {"gone", "held"}:
        return False
    if home.seat_until is not None and home.seat_until <= now:
        await give_up(session, home, "left", now)
        return False
    home.seat_until = None
    if home.state == "gone":
        home.state = "here"
    await session.flush()
    note_after_commit(session, MemberScope(server_id, user_id))
    return home.state == "here"


async def home_taken_by_hand(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    *,
    now: datetime,
    by_user_id: int | None = None,
) -> bool:
    """Hold a home whose role somebody took away by hand, and ask the moderators; once.

    False when there is nothing to hold.
    """
    home = await session.get(Membership, (server_id, user_id))
    server = await session.get(Server, server_id)
    if home is None or server is None or home.state != "here":
        return False
    home.state = "held"
    await session.flush()
    group = await session.get_one(Group, home.group_id)
    await owe(
        session,
        server_id=server_id,
        kind="held",
        key=f"held:{user_id}:{int(now.timestamp())}",
        place="owners" if server.moderators_room_id is None else "moderators",
        group_id=group.id,
        message=home_held(user_id, await _named(session, group), by_user_id, now),
        now=now,
    )
    # Without a line of its own: their /home says it, and how to ask the moderators.
    await removals.note(
        session,
        server_id=server_id,
        user_id=user_id,
        group_id=group.id,
        by_user_id=by_user_id or log.NOBODY,
        kind="held",
        now=now,
        quietly=True,
    )
    await log.note(
        session,
        server_id=server_id,
        by_user_id=by_user_id or log.NOBODY,
        action="member-held",
        now=now,
        group_id=group.id,
        user_id=user_id,
    )
    note_after_commit(session, MemberScope(server_id, user_id))
    return True


async def put_back(
    session: AsyncSession, actor: Actor, user_id: int, *, now: datetime
) -> str | None:
    """Give a held home back; return the group's name, None where it may not be named."""
    await rights.server_row(session, actor.server_id)
    await rights.require_moderator(session, actor)
    home, group = await _held(session, actor.server_id, user_id)
    home.state, home.seat_until = "here", None
    await session.flush()
    await held_no_more(session, home, now)
    await _decided(session, actor, home, "member-put-back", now)
    note_after_commit(session, MemberScope(actor.server_id, user_id))
    return await _named(session, group)


async def held_no_more(session: AsyncSession, home: Membership, now: datetime) -> None:
    """Take back that a home is held: it is there again."""
    await removals.over(
        session, home.server_id, home.user_id, home.group_id, now=now, kinds=("held",)
    )


async def leave_out(
    session: AsyncSession, actor: Actor, user_id: int, *, now: datetime
) -> str | None:
    """End a held home and free its seat; return the group's name, None if it stays unnamed."""
    await rights.server_row(session, actor.server_id)
    await rights.require_moderator(session, actor)
    home, group = await _held(session, actor.server_id, user_id)
    await give_up(session, home, "released", now)
    await removals.note(
        session,
        server_id=actor.server_id,
        user_id=user_id,
        group_id=group.id,
        by_user_id=actor.user_id,
        kind="left-out",
        now=now,
    )
    await _decided(session, actor, home, "member-left-out", now)
    return await _named(session, group)


async def _decided(
    session: AsyncSession, actor: Actor, home: Membership, action: str, now: datetime
) -> None:
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action=action,
        now=now,
        group_id=home.group_id,
        user_id=home.user_id,
    )


async def banned(session: AsyncSession, server_id: int, user_id: int, *, now: datetime) -> None:
    """End everything that a banned member has in the server's groups, at once."""
    await barred(session, server_id, user_id, 0, now=now)
    await leave_lines(session, server_id, user_id)
    await facilitators.gone(session, server_id, user_id, now)


async def barred(
    session: AsyncSession, server_id: int, user_id: int, group_id: int, *, now: datetime
) -> None:
    """End someone's seat and visits in a group, or in all of them (`group_id` 0), at once.

    The bar itself is the caller's row.
    """
    home = await session.get(Membership, (server_id, user_id))
    if home is not None and group_id in {0, home.group_id}:
        await give_up(session, home, "released", now)
    await visits.end_for(
        session, server_id=server_id, user_id=user_id, group_id=group_id or None, now=now
    )
    note_after_commit(session, MemberScope(server_id, user_id))


async def _named(session: AsyncSession, group: Group) -> str | None:
    """Return a group's name, None for one that is named nowhere but in its own room."""
    type_ = await session.get_one(GroupType, group.type_id)
    return group.name if type_.listed else None


async def _held(session: AsyncSession, server_id: int, user_id: int) -> tuple[Membership, Group]:
    home = await session.get(Membership, (server_id, user_id))
    if home is None or home.state != "held":
        raise UserError("home.not_held", user=user_id)
    return home, await session.get_one(Group, home.group_id)
