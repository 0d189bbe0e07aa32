"""Rituals that nobody hosts any more: they rest, and those who look after the group are asked."""

from datetime import datetime

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed
from bot.rules import rota_cards
from bot.rules.actor import Actor
from bot.rules.message import Message
from bot.services import facilitators, rights, ritual_moves
from bot.services.outbox import owe
from models import Group, Ritual, Server

_HOSTLESS = and_(
    Ritual.host_id.is_(None),
    or_(Ritual.state == "running", Ritual.paused_until <= bindparam("now")),
)
ANY_DUE = exists().where(_HOSTLESS)


async def step_due(session: AsyncSession, now: datetime) -> int:
    """Let rituals rest that run and have no host, and ask who would; return how many. Each minute.

    The same for those that were to start again on a day that has come. They are asked once: the
    ritual is back when somebody presses, and silent until then.
    """
    rows = await session.scalars(
        select(Ritual)
        .join(Group, Group.id == Ritual.group_id)
        .join(Server, Server.id == Ritual.server_id)
        .where(
            _HOSTLESS,
            Group.state == "open",
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        ),
        {"now": now},
    )
    found = rows.all()
    for ritual in found:
        ritual.state, ritual.unanswered, ritual.hostless_at = "paused", 0, now
        ritual.next_due_at = ritual.moved_from_at = ritual.paused_until = None
        await _ask(session, ritual, now)
    await session.flush()
    return len(found)


async def question(session: AsyncSession, actor: Actor, ritual_id: int) -> Message | None:
    """Return the question who hosts a ritual; None when it runs again, or rests with a host."""
    await rights.server_row(session, actor.server_id)
    ritual = await session.get(Ritual, ritual_id)
    if ritual is None or ritual.server_id != actor.server_id:
        raise NotAllowed("rituals.gone")
    await rights.require_facilitator(session, actor, ritual.group_id)
    if ritual.host_id is not None:
        return None
    when = await ritual_moves.as_typed(session, ritual)
    return rota_cards.hostless(ritual.id, ritual.title, when)


async def _ask(session: AsyncSession, ritual: Ritual, now: datetime) -> None:
    server = await session.get_one(Server, ritual.server_id)
    people = await facilitators.active(session, ritual.group_id)
    at = int(now.timestamp())
    await owe(
        session,
        server_id=ritual.server_id,
        kind="ritual-hostless",
        key=f"ritual-hostless:{ritual.id}:{at}",
        place="room" if server.facilitators_room_id is None else "facilitators",
        group_id=ritual.group_id,
        message=rota_cards.without_host(ritual.id, at, tuple(people)),
        now=now,
    )
