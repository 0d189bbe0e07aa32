"""Hosts who swap their turns: one asks the others, the first yes counts, a no leaves nothing."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import rota_cards
from bot.rules.actor import Actor
from bot.rules.rota_cards import Rota
from bot.services import rota
from bot.services.outbox import owe
from models import RitualSwap


async def ask(
    session: AsyncSession, actor: Actor, ritual_id: int, host_ids: Collection[int], now: datetime
) -> Rota:
    """Ask other hosts to exchange turns with oneself; the first yes counts. None named: all."""
    ritual = await rota.ritual_in(session, actor.server_id, ritual_id)
    await rota.open_group(session, ritual)
    order = await rota.hosts(session, ritual)
    if actor.user_id not in order:
        raise UserError("rota.not_you")
    await rota.put_in(session, ritual, actor.user_id, now)
    others = [host for host in order if host != actor.user_id]
    wanted = [host for host in others if host in host_ids] if host_ids else others
    if not wanted:
        raise UserError("rota.nobody_else")
    asked = await session.scalars(
        select(RitualSwap.host_id).where(RitualSwap.ritual_id == ritual_id)
    )
    taken = set(asked)
    free = [host for host in wanted if host not in taken]
    if not free:
        raise UserError("rota.asked_already")
    session.add_all(
        RitualSwap(ritual_id=ritual_id, host_id=host, user_id=actor.user_id, at=now)
        for host in free
    )
    await session.flush()
    at = int(now.timestamp())
    await owe(
        session,
        server_id=ritual.server_id,
        kind="ritual-swap",
        key=f"ritual-swap:{ritual_id}:{actor.user_id}:{at}",
        place="room",
        group_id=ritual.group_id,
        message=rota_cards.waits(f"ritual-swap-open:{ritual_id}:{actor.user_id}:{at}", tuple(free)),
        now=now,
    )
    return await rota.card(session, actor, ritual_id, now)


async def question(session: AsyncSession, actor: Actor, ritual_id: int) -> Rota:
    """Return the rota to somebody who is asked to swap, as it would be; UserError if it is over."""
    ritual = await rota.ritual_in(session, actor.server_id, ritual_id)
    swap = await session.get(RitualSwap, (ritual_id, actor.user_id))
    if swap is None:
        raise UserError("rota.swap_over")
    order = await rota.hosts(session, ritual)
    return Rota(
        ritual_id=ritual.id,
        group_id=ritual.group_id,
        title=ritual.title,
        next_at=ritual.next_due_at if ritual.state == "running" else None,
        hosts=tuple(order),
        reader=actor.user_id,
        asks=swap.user_id,
    )


async def accept(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Rota:
    """Say yes: both exchange their places, and nobody else is asked any more."""
    ritual = await rota.ritual_in(session, actor.server_id, ritual_id)
    asked = await session.get(RitualSwap, (ritual_id, actor.user_id))
    rows = {row.user_id: row for row in await rota.rows_of(session, ritual_id)}
    if asked is None or actor.user_id not in rows or asked.user_id not in rows:
        raise UserError("rota.swap_over")
    asker, mine = rows[asked.user_id], rows[actor.user_id]
    asker.position, mine.position = mine.position, asker.position
    if ritual.host_id in {asker.user_id, mine.user_id}:
        ritual.host_id = mine.user_id if ritual.host_id == asker.user_id else asker.user_id
    await session.execute(
        delete(RitualSwap).where(
            RitualSwap.ritual_id == ritual_id, RitualSwap.user_id == asker.user_id
        )
    )
    await session.flush()
    return await rota.card(session, actor, ritual_id, now)


async def refuse(session: AsyncSession, actor: Actor, ritual_id: int) -> None:
    """Say no; the others who were asked may still say yes."""
    await rota.ritual_in(session, actor.server_id, ritual_id)
    await session.execute(
        delete(RitualSwap).where(
            RitualSwap.ritual_id == ritual_id, RitualSwap.host_id == actor.user_id
        )
    )


async def take_back(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Rota:
    """Ask nobody any more; one hosts oneself."""
    await session.execute(
        delete(RitualSwap).where(
            RitualSwap.ritual_id == ritual_id, RitualSwap.user_id == actor.user_id
        )
    )
    return await rota.card(session, actor, ritual_id, now)
