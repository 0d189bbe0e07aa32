"""Bars and people kept apart: what moderators decide so that everybody else is safe.

A bar ends seat and visits at once, in one group or in all of them, and keeps the door shut until it
is lifted. Two who are kept apart are never let into the same room: not by a join, a visit, a seat
that came free, a split, nor by the door between two halves. Both work while Hearth is paused, as
far as rows go; rooms follow when it goes on.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.naming import safe
from bot.rules.scope import MemberScope
from bot.services import appeals, departures, facilitators, log, people, removals, rights, visits
from bot.services.groups import of_server
from bot.services.settling import give_up, leave_lines
from models import Apart, Bar, Group, Membership, Server, Visit

EVERYWHERE = 0  # stands for all groups of a server


@dataclass(frozen=True, slots=True)
class KeptApart:
    """What it took to keep two people apart."""

    moved_out: int | None = None  # whose home ended for it
    visits_ended: int = 0


async def bar(
    session: AsyncSession,
    actor: Actor,
    user_id: int,
    group_id: int = EVERYWHERE,
    *,
    now: datetime,
    reason: str = "",
) -> bool:
    """Keep someone out of a group, or of all of them; what they have there ends at once.

    Whoever loses something by it finds that in /home, with the `reason`; a bar from all groups is
    told in any case. False if they were barred there before. For moderators; UserError for oneself.
    """
    await _moderates(session, actor)
    if user_id == actor.user_id:
        raise UserError("safety.not_yourself")
    if group_id != EVERYWHERE:
        await of_server(session, actor.server_id, group_id)
    await people.in_turn(session, actor.server_id, {user_id})
    known = await session.get(Bar, (actor.server_id, user_id, group_id)) is not None
    had = await _rooms(session, actor.server_id, user_id)
    if not known:
        session.add(
            Bar(
                server_id=actor.server_id,
                user_id=user_id,
                group_id=group_id,
                by_user_id=actor.user_id,
                at=now,
            )
        )
        await session.flush()
    await departures.barred(session, actor.server_id, user_id, group_id, now=now)
    await leave_lines(session, actor.server_id, user_id, group_id or None)
    if group_id == EVERYWHERE:
        await facilitators.gone(session, actor.server_id, user_id, now)
    else:  # an office held from elsewhere: nothing of it waits for its key to be looked at
        await facilitators.moved_out(session, group_id=group_id, user_id=user_id, now=now)
    if not known:
        await _noted(session, actor, "member-bar", now, user_id, group_id)
    if (not known and group_id == EVERYWHERE) or group_id in had:
        await removals.note(
            session,
            server_id=actor.server_id,
            user_id=user_id,
            group_id=group_id or None,
            by_user_id=actor.user_id,
            kind="barred",
            now=now,
            reason=reason,
        )
    return not known


async def unbar(
    session: AsyncSession,
    actor: Actor,
    user_id: int,
    group_id: int = EVERYWHERE,
    *,
    now: datetime,
) -> bool:
    """Lift a bar; False if there was none. What it ended does not come back. For moderators."""
    await _moderates(session, actor)
    row = await session.get(Bar, (actor.server_id, user_id, group_id))
    if row is None:
        return False
    await session.delete(row)
    await session.flush()
    if not await appeals.lifted(session, actor, user_id, group_id or None, now=now):
        await removals.over(session, actor.server_id, user_id, group_id or None, now=now)
    await _noted(session, actor, "member-unbar", now, user_id, group_id)
    note_after_commit(session, MemberScope(actor.server_id, user_id))
    return True


async def apart(
    session: AsyncSession,
    actor: Actor,
    first: int,
    second: int,
    *,
    now: datetime,
    moves_out: int | None = None,
) -> KeptApart:
    """Keep two people out of each other's rooms from now on.

    Visits by which they would meet end at once. Where both have a seat in the same group one of
    them has to give it up: a person decides who, in `moves_out`, and their next move is free;
    UserError asks while nobody has decided. For moderators.
    """
    await _moderates(session, actor)
    if first == second:
        raise UserError("safety.two_people")
    server_id, pair = actor.server_id, {first, second}
    await people.in_turn(session, server_id, pair)
    homes = {user: await session.get(Membership, (server_id, user)) for user in pair}
    one, other = homes[first], homes[second]
    gave_up: int | None = None
    if one is not None and other is not None and one.group_id == other.group_id:
        leaver = homes.get(moves_out or 0)
        if leaver is None:
            group = await session.get_one(Group, one.group_id)
            if not await rights.listed(session, group):
                raise UserError("safety.share_a_room", first=first, second=second)
            raise UserError(
                "safety.share_a_home", first=first, second=second, group=safe(group.name)
            )
        gave_up = leaver.user_id
        await give_up(session, leaver, "released", now)
        (await people.member(session, server_id, gave_up)).free_move = True
        # Told as any other: that somebody else is the reason stands nowhere.
        await removals.note(
            session,
            server_id=server_id,
            user_id=gave_up,
            group_id=one.group_id,
            by_user_id=actor.user_id,
            kind="removed",
            now=now,
        )
    low, high = sorted(pair)
    if await session.get(Apart, (server_id, low, high)) is None:
        session.add(
            Apart(server_id=server_id, low_id=low, high_id=high, by_user_id=actor.user_id, at=now)
        )
        await _noted(session, actor, "members-apart", now)
    await session.flush()
    ended = await _end_meetings(session, actor, first, second, now)
    for user in pair:
        note_after_commit(session, MemberScope(server_id, user))
    return KeptApart(gave_up, ended)


async def together(
    session: AsyncSession, actor: Actor, first: int, second: int, *, now: datetime
) -> bool:
    """Let two people meet again; False if they were not kept apart. For moderators."""
    await _moderates(session, actor)
    low, high = sorted((first, second))
    row = await session.get(Apart, (actor.server_id, low, high))
    if row is None:
        return False
    await session.delete(row)
    await session.flush()
    await _noted(session, actor, "members-together", now)
    for user in (first, second):
        note_after_commit(session, MemberScope(actor.server_id, user))
    return True


async def apart_since(
    session: AsyncSession, actor: Actor, first: int, second: int
) -> datetime | None:
    """Return since when two people are kept apart; None if they are not. For moderators."""
    await _moderates(session, actor)
    low, high = sorted((first, second))
    row = await session.get(Apart, (actor.server_id, low, high))
    return None if row is None else row.at


async def shared_home(session: AsyncSession, actor: Actor, first: int, second: int) -> int | None:
    """Return the group where two people both have their seat, if there is one. For moderators."""
    await _moderates(session, actor)
    homes = [await session.get(Membership, (actor.server_id, user)) for user in (first, second)]
    groups = {home.group_id for home in homes if home is not None}
    return groups.pop() if None not in homes and len(groups) == 1 and first != second else None


async def is_paused(session: AsyncSession, server_id: int) -> bool:
    """Return whether rooms wait with following what is decided, as Hearth is paused."""
    server = await session.get(Server, server_id)
    return server is not None and server.paused_at is not None


async def bars(session: AsyncSession, actor: Actor) -> list[tuple[int, int]]:
    """Return (member, group) of each bar, group 0 for all; for moderators."""
    await _moderates(session, actor)
    rows = await session.execute(
        select(Bar.user_id, Bar.group_id)
        .where(Bar.server_id == actor.server_id)
        .order_by(Bar.at, Bar.user_id, Bar.group_id)
    )
    return [(row.user_id, row.group_id) for row in rows]


async def meetings(session: AsyncSession, server_id: int) -> list[tuple[int, int, int]]:
    """Return (low, high, group) wherever two who are kept apart have a way into one room."""
    pairs = await session.execute(
        select(Apart.low_id, Apart.high_id).where(Apart.server_id == server_id)
    )
    found: list[tuple[int, int, int]] = []
    for low, high in pairs.all():
        shared = await _rooms(session, server_id, low) & await _rooms(session, server_id, high)
        found += [(low, high, group) for group in sorted(shared)]
    return found


async def _rooms(session: AsyncSession, server_id: int, user_id: int) -> set[int]:
    """Return the groups where someone lives, has a seat kept or visits."""
    home = await session.get(Membership, (server_id, user_id))
    visited = await session.scalars(
        select(Visit.group_id).where(
            Visit.server_id == server_id, Visit.user_id == user_id, Visit.ended_at.is_(None)
        )
    )
    return {*visited, *(() if home is None else (home.group_id,))}


async def _end_meetings(
    session: AsyncSession, actor: Actor, first: int, second: int, now: datetime
) -> int:
    """End the visits by which two people would meet: a guest goes, who lives there stays."""
    server_id = actor.server_id
    shared = await _rooms(session, server_id, first) & await _rooms(session, server_id, second)
    ended = 0
    for group_id in shared:
        for user in (first, second):
            over = await visits.end_for(
                session, server_id=server_id, user_id=user, group_id=group_id, now=now
            )
            ended += over
            if over:
                await removals.note(
                    session,
                    server_id=server_id,
                    user_id=user,
                    group_id=group_id,
                    by_user_id=actor.user_id,
                    kind="visit-ended",
                    now=now,
                    quietly=True,  # two lines beside each other would tell who is kept apart
                )
    # A line that leads to the other would be passed over for ever; nobody is told why.
    for user, met in ((first, second), (second, first)):
        home = await session.get(Membership, (server_id, met))
        if home is not None:
            await leave_lines(session, server_id, user, home.group_id)
    return ended


async def _noted(  # noqa: PLR0917 - what the owners' log says
    session: AsyncSession,
    actor: Actor,
    action: str,
    now: datetime,
    user_id: int | None = None,
    group_id: int | None = None,
) -> None:
    """Write a line of the owners' log; of two who are kept apart it names neither."""
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action=f"{action}-all" if group_id == EVERYWHERE else action,
        now=now,
        group_id=group_id or None,
        user_id=user_id,
    )


async def _moderates(session: AsyncSession, actor: Actor) -> None:
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_moderator(session, actor)
