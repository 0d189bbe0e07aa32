"""Seats whose owners have given no sign of life for long, in types whose rule frees such seats.

Nobody is removed for being quiet unless the owners made that a rule, and then not by surprise: they
are told two weeks before, where only they read it, and one press keeps the seat. Who is not
counted, is away, or looks after the group keeps theirs. Who returns later stands first in line.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import membership as rules
from bot.rules import silent_seats as silent
from bot.rules.actor import Actor
from bot.rules.arriving import require_arrived
from bot.rules.home_cards import Note
from bot.rules.home_messages import something_waits
from bot.rules.membership import Target
from bot.rules.quiet import silence
from bot.services import (
    connected,
    entering,
    log,
    membership,
    pace,
    people,
    quiet,
    rights,
    settling,
    standing,
    waiting,
)
from bot.services.membership import Joined
from bot.services.outbox import owe
from bot.services.waiting import Waits
from bot.settings import Settings
from models import (
    Facilitator,
    Group,
    GroupType,
    Member,
    Membership,
    Presence,
    Server,
    SilentSeat,
    Waiting,
)


def require_known(frees_after_days: int | None, settings: Settings) -> None:
    """Raise UserError for a rule that signs of life are not kept for long enough to tell."""
    needed = (frees_after_days or 0) + silent.MARGIN
    if frees_after_days and settings.retention_days < needed:
        raise UserError(
            "types.frees_beyond_memory",
            kept=settings.retention_days,
            n=frees_after_days,
            needed=needed,
        )


async def look(
    session: AsyncSession, server_id: int, now: datetime, *, unheard: Collection[int] = ()
) -> int:
    """Tell whose seat will go, free those whose time is over; return how many were freed. Hourly.

    Nothing is said of rooms that are closed to Hearth (`unheard`) or where nobody can write.
    """
    server = await session.get(Server, server_id)
    if server is None or server.paused_at is not None or server.removed_at is not None:
        return 0
    rows = await session.scalars(
        select(SilentSeat).where(SilentSeat.server_id == server_id, SilentSeat.freed_at.is_(None))
    )
    told = {row.user_id: row for row in rows}
    homes = await _homes(session, server_id, now, unheard)
    silences = await quiet.silences(session, server_id, list(homes), now) if homes else {}
    heard = (await connected.hearing(session, server_id)).live if told else ()
    freed = 0
    for user_id, (home, limit, counted_since) in homes.items():
        row = told.pop(user_id, None)
        lasted = min(silences[user_id].lasted, now - counted_since) if user_id in silences else None
        ago = None if row is None else silence(row.told_at, now, heard)
        match "keep" if lasted is None else silent.step(lasted, limit, ago):
            case "tell":
                await _tell(session, home, now)
            case "free":
                await _free(session, home, now)
                freed += 1
            case "keep" if row is not None:
                await session.delete(row)
            case _:
                pass
    for row in told.values():  # they were heard of, are away, moved, or the rule is no more
        await session.delete(row)
    await session.flush()
    return freed


async def keep(session: AsyncSession, actor: Actor, group_id: int) -> str:
    """Let somebody keep their seat; return the group's name. UserError when it went already.

    Their press is a sign of life by itself, as looking into /home was.
    """
    await rights.server_row(session, actor.server_id)
    row = await session.get(SilentSeat, (actor.server_id, actor.user_id))
    home = await session.get(Membership, (actor.server_id, actor.user_id))
    if home is None or home.group_id != group_id:
        raise UserError("seats.silent_too_late")
    if row is not None:
        await session.delete(row)
    await session.flush()
    return (await session.get_one(Group, group_id)).name


async def come_back(
    session: AsyncSession, actor: Actor, group_id: int, *, now: datetime, settings: Settings
) -> Joined | Waits:
    """Bring somebody home whose seat went to others: at once if one is free, else first in line.

    They lived there, so nobody is asked again. UserError when something else stands in the way.
    """
    server_id, user_id = actor.server_id, actor.user_id
    await rights.server_row(session, server_id)
    require_arrived(actor)
    row = await _freed(session, actor)
    if row is None or row.group_id != group_id:
        raise UserError("seats.silent_over")
    group = await session.get_one(Group, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    rules.way_in(
        Target(group.id, group.name, group.state, type_.entry),
        people.past(
            await people.member(session, server_id, user_id),
            await session.get(Membership, (server_id, user_id)),
        ),
        await standing.standing(session, server_id, user_id, group_id),
        now,
        people.bounds(settings),
        admitted=True,
    )
    gave_up = await waiting.put_in_line(session, server_id, user_id, group_id, now)
    why = await entering.hindrance(session, group, type_, user_id, now=now, settings=settings)
    if why is None:
        return await membership.join(
            session, server_id, user_id, group_id, now=now, settings=settings, admitted=True
        )
    place = await standing.place(session, group_id, server_id, user_id)
    weeks = await pace.estimate(session, group, type_, place, now)
    return Waits(group_id, group.name, place, weeks, gave_up)


async def let_go(session: AsyncSession, actor: Actor) -> None:
    """Put out of sight that a seat went to others; they are first in line no more."""
    row = await _freed(session, actor)
    if row is not None:
        await session.delete(row)
        await session.flush()


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Tell somebody of their own seat that will go to others, or went."""
    del now, settings
    row = await session.get(SilentSeat, (who.server_id, who.user_id))
    if row is None:
        return None
    group = await session.get_one(Group, row.group_id)
    if row.freed_at is None:
        return silent.told_note(group.id, group.name, row.told_at)
    line = await session.get(Waiting, (who.server_id, who.user_id))
    if group.state == "archived" or (line is not None and line.group_id == group.id):
        return None
    return silent.freed_note(group.id, group.name)


async def after_pause(
    session: AsyncSession, server_id: int, paused_at: datetime, now: datetime
) -> None:
    """Give back the time in which a server was paused to whose seat will go."""
    rows = await session.scalars(
        select(SilentSeat).where(SilentSeat.server_id == server_id, SilentSeat.freed_at.is_(None))
    )
    for row in rows:
        row.told_at += now - paused_at
    await session.flush()


async def _freed(session: AsyncSession, actor: Actor) -> SilentSeat | None:
    row = await session.get(SilentSeat, (actor.server_id, actor.user_id))
    return None if row is None or row.freed_at is None else row


async def _homes(
    session: AsyncSession, server_id: int, now: datetime, unheard: Collection[int]
) -> dict[int, tuple[Membership, timedelta, datetime]]:
    """Return the homes that may have to be freed: by their last sign of life, blind time or not.

    With the type's rule, and since when the person has been counted.
    """
    looks_after = exists().where(
        Facilitator.group_id == Membership.group_id,
        Facilitator.user_id == Membership.user_id,
        Facilitator.state == "active",
    )
    rows = await session.execute(
        select(
            Membership,
            GroupType.frees_after_days,
            Member,
            func.coalesce(Presence.last_at, Membership.since),
        )
        .join(Group, Group.id == Membership.group_id)
        .join(GroupType, GroupType.id == Group.type_id)
        .join(
            Member,
            (Member.server_id == Membership.server_id) & (Member.user_id == Membership.user_id),
        )
        .outerjoin(
            Presence,
            (Presence.server_id == Membership.server_id) & (Presence.user_id == Membership.user_id),
        )
        .where(
            Membership.server_id == server_id,
            Membership.state == "here",
            GroupType.frees_after_days.is_not(None),
            Group.state.in_(("forming", "open")),
            Group.locked_at.is_(None),
            Group.room_id.not_in(list(unheard)),
            Member.counted_since.is_not(None),
            Member.opted_out_at.is_(None),
            ~looks_after,
        )
        .order_by(Membership.user_id)
    )
    homes: dict[int, tuple[Membership, timedelta, datetime]] = {}
    for home, days, member, last_at in rows:
        if days is None or member.counted_since is None:
            continue  # the statement has left them out; the columns do not know
        limit = timedelta(days=days)
        away = member.away_from is not None and (
            member.away_until is None or member.away_until > now
        )
        if not away and now - max(last_at, home.since) >= limit - silent.NOTICE:
            homes[home.user_id] = (home, limit, member.counted_since)
    return homes


async def _tell(session: AsyncSession, home: Membership, now: datetime) -> None:
    session.add(
        SilentSeat(
            server_id=home.server_id, user_id=home.user_id, group_id=home.group_id, told_at=now
        )
    )
    await session.flush()
    await _line(session, home.server_id, home.user_id, "soon", now)


async def _free(session: AsyncSession, home: Membership, now: datetime) -> None:
    server_id, user_id, group_id = home.server_id, home.user_id, home.group_id
    await settling.give_up(session, home, "released", now)
    # Whoever comes back owes no cool-down: it was not their choice to move.
    await session.execute(
        update(Member)
        .where(Member.server_id == server_id, Member.user_id == user_id)
        .values(free_move=True)
    )
    await session.execute(
        update(SilentSeat)
        .where(SilentSeat.server_id == server_id, SilentSeat.user_id == user_id)
        .values(freed_at=now)
    )
    await log.note(
        session,
        server_id=server_id,
        by_user_id=log.NOBODY,
        action="seat-freed",
        now=now,
        group_id=group_id,
    )
    await _line(session, server_id, user_id, "went", now)


async def _line(
    session: AsyncSession, server_id: int, user_id: int, what: str, now: datetime
) -> None:
    """Owe somebody the neutral line in the commons; the rest is in their /home."""
    at = int(now.timestamp())
    await owe(
        session,
        server_id=server_id,
        kind="waits",
        key=f"silent-{what}:{user_id}:{at}",
        place="commons",
        user_id=user_id,
        message=something_waits(user_id, f"silent-{what}-{at}"),
        now=now,
    )
