"""Who comes next: an office taken up at once, a group that is asked, an offer that others confirm.

Nobody is crowned silently: an owner may take a group on themselves, everybody else says that they
would, and somebody who looks after the group or runs the server says yes to it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import facilitation
from bot.rules.actor import Actor
from bot.rules.message import Message
from bot.rules.naming import safe
from bot.services import facilitators, log, rights, seeking
from bot.services.groups import of_server
from bot.services.outbox import Place, owe
from models import Facilitator, Group, Server

OFFERS_WAIT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Taken:
    """An office that began. `opened`: the group had waited for it and is open now."""

    group_id: int
    group: str
    user_id: int
    opened: bool
    told: bool = False  # counting begins with it, and the reply must say so


async def take_up(session: AsyncSession, actor: Actor, *, group_id: int, now: datetime) -> Taken:
    """Let an owner look after a group themselves; UserError for who does so already."""
    await rights.require_owner(session, actor)
    group = await of_server(session, actor.server_id, group_id)
    row = await session.get(Facilitator, (group_id, actor.user_id))
    if row is not None and row.state == "active":
        raise UserError("facilitators.said_yes", group=safe(group.name))
    taken = await _begin(session, group, actor.user_id, now)
    await _noted(session, actor, "facilitator-take-up", group_id, actor.user_id, now)
    return taken


async def ask_group(session: AsyncSession, actor: Actor, *, group_id: int, now: datetime) -> str:
    """Ask a group who would look after it, for its facilitators and owners; return its name.

    UserError when it was asked lately, or when nobody lives there who could say yes.
    """
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    if group.state != "open":
        raise UserError("facilitators.not_open", group=safe(group.name))
    alone = not await facilitators.active(session, group_id)
    if not await seeking.seek(session, group, now, alone=alone):
        asked = group.seeks_facilitator_since
        at = 0 if asked is None else int(asked.timestamp())
        raise UserError("facilitators.sought_lately", group=safe(group.name), at=at)
    return group.name


async def would(session: AsyncSession, actor: Actor, *, group_id: int) -> Message:
    """Return what looking after the group means, to somebody who lives there and pressed."""
    group = await _lives_in(session, actor, group_id)
    row = await session.get(Facilitator, (group_id, actor.user_id))
    if row is not None and row.state == "active":
        raise UserError("facilitators.said_yes", group=safe(group.name))
    return facilitation.what_it_means(
        group_id, group.name, offered=row is not None and row.state == "offered"
    )


async def offer(session: AsyncSession, actor: Actor, *, group_id: int, now: datetime) -> bool:
    """Say that one would look after one's group; True when that makes it so at once.

    It does where somebody asked this person before: both sides have said yes. Otherwise those who
    look after the group, else the owners, are asked to confirm it.
    """
    await rights.server_row(session, actor.server_id)
    group = await _lives_in(session, actor, group_id)
    row = await session.get(Facilitator, (group_id, actor.user_id))
    if row is not None and row.state != "offered":
        await _begin(session, group, actor.user_id, now)
        return True
    if row is not None:
        return False
    session.add(
        Facilitator(
            group_id=group_id,
            user_id=actor.user_id,
            server_id=actor.server_id,
            state="offered",
            since=now,
        )
    )
    await session.flush()
    helped = await facilitators.active(session, group_id)
    at = int(now.timestamp())
    server = await session.get_one(Server, actor.server_id)
    place: Place = "facilitators" if helped and server.facilitators_room_id else "owners"
    await owe(
        session,
        server_id=actor.server_id,
        kind="offer-of-care",
        key=f"offer-of-care:{group_id}:{actor.user_id}:{at}",
        place=place,
        group_id=group_id,
        user_id=actor.user_id,
        message=facilitation.somebody_would(
            group_id, helped if place == "facilitators" else [], at
        ),
        now=now,
    )
    return False


async def withdraw(session: AsyncSession, actor: Actor, *, group_id: int) -> None:
    """Take one's own offer back, without a trace."""
    row = await session.get(Facilitator, (group_id, actor.user_id))
    if row is not None and row.server_id == actor.server_id and row.state == "offered":
        await session.delete(row)
        await session.flush()


async def offers(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return who would look after a group, the first first; for its facilitators and owners."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    found = (await session.scalars(_offered(group_id))).all()
    if not found:
        raise UserError("facilitators.no_offers", group=safe(group.name))
    first = found[0]
    return facilitation.offered(
        group_id, group.name, first.user_id, first.since, others=len(found) - 1
    )


async def confirm(
    session: AsyncSession, actor: Actor, *, group_id: int, user_id: int, now: datetime
) -> Taken:
    """Say yes to somebody who would look after a group; the group reads who it is."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    row = await session.get(Facilitator, (group_id, user_id))
    if row is None or row.state == "asked":
        raise UserError("facilitators.offer_gone", user=user_id)
    if row.state == "active":
        return Taken(group_id, group.name, user_id, opened=False)
    taken = await _begin(session, group, user_id, now)
    await _noted(session, actor, "facilitator-confirm", group_id, user_id, now)
    at = int(now.timestamp())
    await owe(
        session,
        server_id=group.server_id,
        kind="office-began",
        key=f"office-began:{group_id}:{user_id}:{at}",
        place="room",
        group_id=group_id,
        user_id=user_id,
        message=facilitation.began(group_id, group.name, user_id, at),
        now=now,
    )
    return taken


async def pass_over(session: AsyncSession, actor: Actor, *, group_id: int, user_id: int) -> None:
    """Leave an offer be, without a trace; for the group's facilitators and owners."""
    await rights.require_facilitator(session, actor, group_id)
    row = await session.get(Facilitator, (group_id, user_id))
    if row is not None and row.state == "offered":
        await session.delete(row)
        await session.flush()


async def forget_offers(session: AsyncSession, now: datetime) -> None:
    """Let go of the offers that nobody answered within 30 days."""
    await session.execute(
        delete(Facilitator).where(
            Facilitator.state == "offered", Facilitator.since <= now - OFFERS_WAIT
        )
    )


async def _begin(session: AsyncSession, group: Group, user_id: int, now: datetime) -> Taken:
    """Let an office begin; the group that waited for it opens."""
    row = await session.get(Facilitator, (group.id, user_id))
    if row is None:
        row = Facilitator(
            group_id=group.id, user_id=user_id, server_id=group.server_id, state="", since=now
        )
        session.add(row)
    began = await facilitators.begin(session, row, group, now)
    return Taken(group.id, group.name, user_id, opened=began.opened, told=began.counted)


async def _noted(  # noqa: PLR0917 - what the owners' log says
    session: AsyncSession, actor: Actor, action: str, group_id: int, user_id: int, now: datetime
) -> None:
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action=action,
        now=now,
        group_id=group_id,
        user_id=user_id,
    )


async def _lives_in(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    """Return the group; UserError for somebody who has no home there."""
    group = await session.get(Group, group_id)
    if (
        group is None
        or group.server_id != actor.server_id
        or not await facilitators.lives_in(session, group, actor.user_id)
    ):
        raise UserError("facilitators.for_residents")
    return group


def _offered(group_id: int) -> Select[Facilitator]:
    return (
        select(Facilitator)
        .where(Facilitator.group_id == group_id, Facilitator.state == "offered")
        .order_by(Facilitator.since, Facilitator.user_id)
    )
