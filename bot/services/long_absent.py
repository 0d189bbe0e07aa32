"""Facilitators who have been gone for long: who helps them is asked, then the owners."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import long_absent as rules
from bot.rules.actor import Actor
from bot.rules.long_absent import Trace
from bot.rules.message import Message
from bot.services import connected, facilitators, rights, seeking
from bot.services.groups import of_server
from bot.services.outbox import owe
from models import Facilitator, Group, Member, Membership, Presence, Server


@dataclass(frozen=True, slots=True)
class _Seen:
    """One office with what is known of its holder."""

    office: Facilitator
    group: Group
    absent: bool
    away: bool


async def look(
    session: AsyncSession, server_id: int, now: datetime, *, unheard: Collection[int] = ()
) -> int:
    """Ask about facilitators who have been gone for long; return about how many. Hourly.

    Of those who live in a room that Hearth cannot hear (`unheard`) nothing is known. Who is back
    is no longer asked about.
    """
    server = await session.get(Server, server_id)
    if server is None or server.paused_at is not None or server.removed_at is not None:
        return 0
    seen = await _seen(session, server_id, now, unheard)
    there: dict[int, list[int]] = defaultdict(list)
    for one in seen:
        if not one.absent:
            there[one.group.id].append(one.office.user_id)
    asked = 0
    for one in seen:
        office = one.office
        if not one.absent:
            office.absence_asked_at = office.absence_asked_of = None
            continue
        helped = there[one.group.id]
        whom = rules.ask_next(
            office.absence_asked_of,
            office.absence_asked_at,
            now,
            helped=bool(helped) and server.facilitators_room_id is not None,
        )
        if whom is not None:
            await _ask(session, one, whom, helped if whom == "facilitators" else [], now)
            asked += 1
    await session.flush()
    return asked


async def card(
    session: AsyncSession, actor: Actor, *, group_id: int, user_id: int, now: datetime
) -> Message:
    """Return the question about one absent facilitator, to who helps them, and to owners.

    UserError when they are back, or the office has ended.
    """
    one, others = await _one(session, actor, group_id, user_id, now)
    return rules.card(
        group_id,
        one.group.name,
        user_id,
        away=one.away,
        alone=not others,
        owner=await rights.is_owner(session, actor),
    )


async def settle(
    session: AsyncSession, actor: Actor, *, group_id: int, user_id: int, now: datetime
) -> None:
    """Note that it is fine as it is: nobody is asked again before they have come back."""
    one, _others = await _one(session, actor, group_id, user_id, now)
    one.office.absence_asked_of = "settled"
    await session.flush()


async def hand_to_owners(
    session: AsyncSession, actor: Actor, *, group_id: int, user_id: int, now: datetime
) -> None:
    """Ask the owners what those who help do not want to decide."""
    one, _others = await _one(session, actor, group_id, user_id, now)
    if one.office.absence_asked_of != "owners":
        await _ask(session, one, "owners", [], now)


async def end(
    session: AsyncSession, actor: Actor, *, group_id: int, user_id: int, now: datetime
) -> bool:
    """End the office of somebody who has been gone for long; for owners.

    True when nobody looks after the group then; it is asked who would.
    """
    await rights.require_owner(session, actor)
    one, _others = await _one(session, actor, group_id, user_id, now)
    await facilitators.remove(session, actor, group_id=group_id, user_id=user_id, now=now)
    alone = not await facilitators.active(session, group_id)
    if alone:
        await seeking.seek(session, one.group, now, alone=True)
    return alone


async def _one(
    session: AsyncSession, actor: Actor, group_id: int, user_id: int, now: datetime
) -> tuple[_Seen, list[int]]:
    """Return one absent facilitator and who else is there; UserError if they are not absent."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    seen = await _seen(session, actor.server_id, now, (), group.id)
    found = next((one for one in seen if one.office.user_id == user_id and one.absent), None)
    if found is None:
        raise UserError("facilitators.absent_back", user=user_id)
    return found, [one.office.user_id for one in seen if not one.absent]


async def _seen(
    session: AsyncSession,
    server_id: int,
    now: datetime,
    unheard: Collection[int],
    group_id: int | None = None,
) -> list[_Seen]:
    """Return the offices of a server, or of one group, with whether their holders are gone."""
    home = (
        select(Group.room_id, Membership.user_id)
        .join(Membership, Membership.group_id == Group.id)
        .where(Group.server_id == server_id)
        .subquery()
    )
    wanted = (
        select(Facilitator, Group, Member, Presence.last_at, home.c.room_id)
        .join(Group, Group.id == Facilitator.group_id)
        .outerjoin(
            Member, and_(Member.server_id == server_id, Member.user_id == Facilitator.user_id)
        )
        .outerjoin(
            Presence,
            and_(Presence.server_id == server_id, Presence.user_id == Facilitator.user_id),
        )
        .outerjoin(home, home.c.user_id == Facilitator.user_id)
        .where(
            Facilitator.server_id == server_id,
            Facilitator.state == "active",
            Group.state.in_(("forming", "open")),
        )
        .order_by(Facilitator.group_id, Facilitator.since, Facilitator.user_id)
    )
    if group_id is not None:
        wanted = wanted.where(Group.id == group_id)
    heard = (await connected.hearing(session, server_id)).live
    found: list[_Seen] = []
    for office, group, member, last_at, room_id in await session.execute(wanted):
        trace = _trace(office, member, last_at)
        unknown = room_id in unheard
        absent = not unknown and rules.is_long_absent(trace, now, heard)
        found.append(_Seen(office, group, absent, trace.away_from is not None))
    return found


def _trace(office: Facilitator, member: Member | None, last_at: datetime | None) -> Trace:
    if member is None:
        return Trace(last_at, office.since)
    return Trace(
        last_at=last_at,
        since=office.since,
        counted_since=None if member.opted_out_at is not None else member.counted_since,
        away_from=member.away_from,
        away_until=member.away_until,
    )


async def _ask(
    session: AsyncSession, one: _Seen, whom: rules.Asked, helped: list[int], now: datetime
) -> None:
    office, group, at = one.office, one.group, int(now.timestamp())
    office.absence_asked_at, office.absence_asked_of = now, whom
    await session.flush()
    await owe(
        session,
        server_id=group.server_id,
        kind="absent",
        key=f"absent-{whom}:{group.id}:{office.user_id}:{at}",
        place="facilitators" if whom == "facilitators" else "owners",
        group_id=group.id,
        user_id=office.user_id,
        message=rules.question(group.id, office.user_id, helped, at),
        now=now,
    )
