"""Requests to live in a group, or to visit it, where facilitators decide who comes in.

Who asks is named only to those who may know: the line in the facilitators' room is neutral, and the
name stands behind its button.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.actor import Actor, Arriving
from bot.rules.home_messages import knock, something_waits
from bot.rules.membership import Full
from bot.rules.naming import safe
from bot.services import facilitators, membership, people, rights, visits, waiting
from bot.services.groups import of_server
from bot.services.outbox import Place, owe
from bot.settings import Settings
from models import EntryRequest, Group, Invitation, Server

Kind = Literal["join", "visit"]
KEPT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was written down, or was already; `told`: counting begins with this reply."""

    group_id: int
    group: str
    asked_at: datetime
    told: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """One request as its facilitators see it."""

    id: int
    group_id: int
    group: str
    user_id: int
    kind: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Admitted:
    """A yes, and what came of it. `waits`: every seat was taken, so they stand in line for one."""

    user_id: int
    group_id: int
    group: str
    kind: str
    waits: bool = False


async def ask(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    group_id: int,
    kind: Kind,
    now: datetime,
) -> Asked:
    """Ask a group's facilitators to be let in; they find a line, once per request.

    Whether the person may come in at all was looked at by the caller. UserError while a "not now"
    is still fresh.
    """
    group = await of_server(session, server_id, group_id)
    row = await _row(session, group_id, user_id, kind)
    if row is not None and row.asked_at + KEPT <= now:
        await session.delete(row)
        await session.flush()
        row = None
    if row is not None and row.refused_at is not None:
        raise UserError(
            "home.refused_lately",
            group=safe(group.name),
            at=int((row.asked_at + KEPT).timestamp()),
        )
    told = await people.consent(session, server_id, user_id, now)
    if row is not None:
        return Asked(group.id, group.name, row.asked_at, told, again=True)
    row = EntryRequest(
        server_id=server_id, group_id=group_id, user_id=user_id, kind=kind, asked_at=now
    )
    session.add(row)
    await session.flush()
    deciders = await facilitators.active(session, group_id)
    await owe(
        session,
        server_id=server_id,
        kind="request",
        key=f"request:{row.id}",
        place=await _place(session, server_id, has_facilitators=bool(deciders)),
        group_id=group_id,
        message=knock(row.id, deciders),
        now=now,
    )
    return Asked(group.id, group.name, now, told)


async def look(session: AsyncSession, actor: Actor, request_id: int) -> Open:
    """Return a request that waits for an answer, to those who may answer it."""
    row, group = await _open(session, actor, request_id)
    return Open(row.id, group.id, group.name, row.user_id, row.kind, row.asked_at)


async def waiting_for(session: AsyncSession, actor: Actor, group_id: int) -> list[Open]:
    """Return the requests that wait for an answer in a group, the oldest first."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    rows = await session.scalars(
        select(EntryRequest)
        .where(EntryRequest.group_id == group_id, EntryRequest.refused_at.is_(None))
        .order_by(EntryRequest.asked_at, EntryRequest.id)
    )
    return [Open(r.id, group.id, group.name, r.user_id, r.kind, r.asked_at) for r in rows]


async def let_in(
    session: AsyncSession,
    actor: Actor,
    request_id: int,
    *,
    now: datetime,
    settings: Settings,
    arriving: Arriving = "",
) -> Admitted:
    """Say yes. They move in or visit at once; where every seat is taken they stand in line.

    UserError when something else stands in the way by now, such as a move made meanwhile, or what
    whoever asks has to do in Discord first: `arriving`, as their member says.
    """
    row, group = await _open(session, actor, request_id)
    user_id, kind = row.user_id, row.kind
    if arriving:
        raise UserError(f"home.request_{arriving}", user=user_id)
    waits = False
    if kind == "visit":
        await session.delete(row)
        await session.flush()
        await visits.admit(
            session,
            server_id=actor.server_id,
            user_id=user_id,
            group_id=group.id,
            now=now,
            settings=settings,
        )
        await _tell(session, actor.server_id, user_id, f"visit:{request_id}", now)
        return Admitted(user_id, group.id, group.name, kind)
    try:
        await membership.join(
            session, actor.server_id, user_id, group.id, now=now, settings=settings, admitted=True
        )
    except Full:
        waits = True
        await session.merge(
            Invitation(
                group_id=group.id,
                user_id=user_id,
                server_id=actor.server_id,
                by_user_id=actor.user_id,
                at=now,
            )
        )
        await waiting.put_in_line(session, actor.server_id, user_id, group.id, now)
        await session.delete(row)
        await session.flush()
        await _tell(session, actor.server_id, user_id, f"in-line:{request_id}", now)
    return Admitted(user_id, group.id, group.name, kind, waits)


async def not_now(session: AsyncSession, actor: Actor, request_id: int, *, now: datetime) -> Open:
    """Say no for now: the asker finds it in /home, and their next move is free."""
    row, group = await _open(session, actor, request_id)
    row.refused_at = now
    if row.kind == "join":
        member = await people.member(session, actor.server_id, row.user_id)
        member.free_move = True
    await session.flush()
    await _tell(session, actor.server_id, row.user_id, f"refused:{request_id}", now)
    return Open(row.id, group.id, group.name, row.user_id, row.kind, row.asked_at)


async def withdraw(
    session: AsyncSession, *, server_id: int, user_id: int, group_id: int, kind: Kind
) -> bool:
    """Take one's own request back, or put a "not now" out of sight; False if there is none."""
    row = await _row(session, group_id, user_id, kind)
    if row is None or row.server_id != server_id:
        return False
    await session.delete(row)
    await session.flush()
    return True


async def erase_old(session: AsyncSession, now: datetime) -> None:
    """Erase what nobody answered, and what was refused long enough ago; part of retention."""
    await session.execute(delete(EntryRequest).where(EntryRequest.asked_at <= now - KEPT))


async def _row(
    session: AsyncSession, group_id: int, user_id: int, kind: str
) -> EntryRequest | None:
    return await session.scalar(
        select(EntryRequest).where(
            EntryRequest.group_id == group_id,
            EntryRequest.user_id == user_id,
            EntryRequest.kind == kind,
        )
    )


async def _open(session: AsyncSession, actor: Actor, request_id: int) -> tuple[EntryRequest, Group]:
    row = await session.get(EntryRequest, request_id)
    if row is None or row.server_id != actor.server_id or row.refused_at is not None:
        raise UserError("home.request_gone")
    await rights.require_facilitator(session, actor, row.group_id)
    return row, await session.get_one(Group, row.group_id)


async def _place(session: AsyncSession, server_id: int, *, has_facilitators: bool) -> Place:
    server = await session.get_one(Server, server_id)
    if has_facilitators and server.facilitators_room_id is not None:
        return "facilitators"
    return "room" if server.owners_room_id is None else "owners"


async def _tell(
    session: AsyncSession, server_id: int, user_id: int, why: str, now: datetime
) -> None:
    """Owe someone the line in the commons that names no group: the answer is in /home."""
    await owe(
        session,
        server_id=server_id,
        kind="waits",
        key=f"waits:{why}",
        place="commons",
        user_id=user_id,
        message=something_waits(user_id, why.replace(":", "-")),
        now=now,
    )
