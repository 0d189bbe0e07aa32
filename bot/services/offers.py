"""Seats that come free are offered to those in line, in turn; each is kept for a while.

An offer is two columns of a place in line, and one of the group's `offered`. Whoever it is for
finds a neutral line in the commons and the rest in /home; any way of moving in takes the seat. Who
says no leaves the line. Who does not answer in time goes to its end, once; the next time they are
out of it. Time in which Hearth was not connected, or paused, is nobody's silence.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.home_messages import something_waits
from bot.rules.quiet import silence
from bot.services import braking, connected, line, pace
from bot.services.outbox import owe, withdraw
from bot.services.seats import give_back, keep_seat, leave_line, offer_key
from bot.services.upserts import upsert
from bot.settings import Settings
from models import Apart, Group, GroupType, Membership, MissedOffer, Server, Waiting

ANY = exists(select(Waiting.server_id))


@dataclass(frozen=True, slots=True)
class Offer:
    """A seat that is kept for somebody."""

    user_id: int
    group_id: int
    ends_at: datetime


async def step_due(session: AsyncSession, now: datetime, settings: Settings) -> list[Offer]:
    """Let offers run out, take back those that cannot be taken, hand out what is free.

    In all servers that are not paused; called by the tick. Returns the new offers.
    """
    servers = await session.scalars(
        select(Server)
        .where(
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
            exists().where(Waiting.server_id == Server.id),
        )
        .order_by(Server.id)
    )
    made: list[Offer] = []
    for server in servers.all():
        await _run_out(session, server.id, now, settings)
        await _take_back(session, server.id, now, settings)
        made += await _hand_out(session, server, now, settings)
    return made


async def open_offer(
    session: AsyncSession, server_id: int, user_id: int, now: datetime
) -> Waiting | None:
    """Return someone's place in line if a seat is kept for them right now."""
    row = await session.get(Waiting, (server_id, user_id))
    if row is None or row.offer_ends_at is None or row.offer_ends_at <= now:
        return None
    return row


async def open_offer_to(session: AsyncSession, group: Group, user_id: int, now: datetime) -> bool:
    """Return whether a seat of this very group is kept for someone right now."""
    row = await open_offer(session, group.server_id, user_id, now)
    return row is not None and row.group_id == group.id


async def decline(
    session: AsyncSession, server_id: int, user_id: int, group_id: int, now: datetime
) -> str:
    """Say no to a seat and leave the line; return the group's name. The seat goes to the next.

    UserError when no seat is kept for them there any more.
    """
    row = await open_offer(session, server_id, user_id, now)
    if row is None or row.group_id != group_id:
        raise UserError("seats.offer_gone")
    group = await session.get_one(Group, group_id)
    await leave_line(session, server_id, user_id, group_id)
    await seen(session, server_id, user_id)
    return group.name


async def seen(session: AsyncSession, server_id: int, user_id: int) -> None:
    """Put out of sight that a seat went on to the next; what was missed is not counted any more."""
    row = await session.get(MissedOffer, (server_id, user_id))
    if row is not None:
        await session.delete(row)
        await session.flush()


async def after_pause(
    session: AsyncSession, server_id: int, paused_at: datetime, now: datetime
) -> None:
    """Prolong the offers of a server by the time in which it was paused."""
    rows = await session.scalars(
        select(Waiting).where(Waiting.server_id == server_id, Waiting.offered_at.is_not(None))
    )
    for row in rows.all():
        if row.offered_at is not None and row.offer_ends_at is not None:
            row.offered_at += now - paused_at
            row.offer_ends_at += now - paused_at
    await session.flush()


async def _run_out(
    session: AsyncSession, server_id: int, now: datetime, settings: Settings
) -> None:
    rows = await session.scalars(
        select(Waiting).where(Waiting.server_id == server_id, Waiting.offer_ends_at <= now)
    )
    late = rows.all()
    if not late:
        return
    heard = (await connected.hearing(session, server_id)).live
    for row in late:
        user_id, group_id, offered_at = row.user_id, row.group_id, row.offered_at
        ended = row.offer_ends_at or now
        if heard and offered_at is not None:
            # Time in which nobody could have taken it is given back.
            unheard = now - offered_at - silence(offered_at, now, heard)
            due = offered_at + timedelta(hours=settings.offer_hours) + unheard
            if due > now:
                row.offer_ends_at = due
                await session.flush()
                continue
        missed = await session.get(MissedOffer, (server_id, user_id))
        if missed is not None and missed.group_id == group_id:
            await leave_line(session, server_id, user_id, group_id)
        elif not await _withdrawn(session, server_id, user_id, group_id, since=now):
            continue
        await session.execute(
            upsert(session, MissedOffer)
            .values(server_id=server_id, user_id=user_id, group_id=group_id, at=ended)
            .on_conflict_do_update(
                index_elements=["server_id", "user_id"], set_={"group_id": group_id, "at": ended}
            )
        )


async def _take_back(
    session: AsyncSession, server_id: int, now: datetime, settings: Settings
) -> None:
    """Take offers back that cannot be taken by now; who they were for keeps their place.

    The group is closed, or was made smaller, or something stands in that person's way meanwhile.
    """
    rows = await session.execute(
        select(Waiting.user_id, Group, GroupType)
        .join(Group, Group.id == Waiting.group_id)
        .join(GroupType, GroupType.id == Group.type_id)
        .join(Server, Server.id == Waiting.server_id)
        .where(
            Waiting.server_id == server_id,
            Waiting.offered_at.is_not(None),
            # Bars end a place in line by themselves, a move ends it too: only these are left.
            or_(
                Group.state != "open",
                Group.homes + Group.offered > Group.cap,
                Server.brake_account_days > 0,
                exists().where(
                    Membership.server_id == server_id,
                    Membership.user_id == Waiting.user_id,
                    Membership.state == "held",
                ),
                exists().where(
                    Apart.server_id == server_id,
                    or_(Apart.low_id == Waiting.user_id, Apart.high_id == Waiting.user_id),
                ),
            ),
        )
        .order_by(Waiting.since.desc(), Waiting.user_id.desc())
    )
    for user_id, group, type_ in rows.all():
        if group.homes + group.offered > group.cap or not await line.may_enter(
            session, group, type_, user_id, now=now, settings=settings
        ):
            await _withdrawn(session, server_id, user_id, group.id)


async def _hand_out(
    session: AsyncSession, server: Server, now: datetime, settings: Settings
) -> list[Offer]:
    """Offer what is free in a server; whoever has waited longest comes first, in every group."""
    left = await braking.room(session, server, now, locked=True)
    if left == 0:
        return []
    rows = await session.execute(
        select(Waiting.user_id, Group, GroupType)
        .join(Group, Group.id == Waiting.group_id)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(
            Waiting.server_id == server.id,
            Waiting.offered_at.is_(None),
            Group.state == "open",
            Group.homes + Group.offered < Group.cap,
        )
        .order_by(Waiting.since, Waiting.user_id)
    )
    in_line = rows.all()
    # One look for all groups: most lines stand still, and this happens every minute.
    free = await pace.free_seats(session, server.id, now) if in_line else {}
    made: list[Offer] = []
    for user_id, group, type_ in in_line:
        if left is not None and len(made) >= left:
            break
        if not free.get(group.id):
            continue
        if await line.may_enter(session, group, type_, user_id, now=now, settings=settings):
            offer = await _offer(session, group, type_, user_id, now=now, settings=settings)
            if offer is None:
                free[group.id] = 0
            else:
                free[group.id] -= 1
                made.append(offer)
    return made


async def _offer(
    session: AsyncSession,
    group: Group,
    type_: GroupType,
    user_id: int,
    *,
    now: datetime,
    settings: Settings,
) -> Offer | None:
    """Keep a seat for someone in line; None when there is none, or the week's pace is used up."""
    if not await keep_seat(session, group.id):
        return None
    # The group's row is locked now: what others did is counted.
    over = type_.newcomers_per_week and (
        await pace.arrivals(session, group.id, now) + group.offered > type_.newcomers_per_week
    )
    ends_at = now + timedelta(hours=settings.offer_hours)
    if over or not await _marked(session, group, user_id, now, ends_at):
        await give_back(session, group.id)
        return None
    at = int(now.timestamp())
    await owe(
        session,
        server_id=group.server_id,
        kind="waits",
        key=offer_key(user_id, now),
        place="commons",
        user_id=user_id,
        message=something_waits(user_id, f"seat-{at}"),
        now=now,
        expires_in=ends_at - now,
    )
    return Offer(user_id, group.id, ends_at)


async def _marked(
    session: AsyncSession, group: Group, user_id: int, now: datetime, ends_at: datetime
) -> bool:
    marked = await session.scalar(
        update(Waiting)
        .where(
            Waiting.server_id == group.server_id,
            Waiting.user_id == user_id,
            Waiting.group_id == group.id,
            Waiting.offered_at.is_(None),
        )
        .values(offered_at=now, offer_ends_at=ends_at)
        .returning(Waiting.user_id)
    )
    return marked is not None


async def _withdrawn(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    group_id: int,
    *,
    since: datetime | None = None,
) -> bool:
    """Keep a seat for someone no longer; with `since` they stand in line only from then on."""
    row = await session.get(Waiting, (server_id, user_id))
    at = None if row is None else row.offered_at
    values: dict[str, datetime | None] = {"offered_at": None, "offer_ends_at": None}
    if since is not None:
        values["since"] = since
    taken = await session.scalar(
        update(Waiting)
        .where(
            Waiting.server_id == server_id,
            Waiting.user_id == user_id,
            Waiting.group_id == group_id,
            Waiting.offered_at.is_not(None),
        )
        .values(values)
        .returning(Waiting.user_id)
    )
    if taken is None:
        return False
    await give_back(session, group_id)
    if at is not None:
        await withdraw(session, server_id=server_id, key=offer_key(user_id, at))
    return True
