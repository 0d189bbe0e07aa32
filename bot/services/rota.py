"""Who takes turns in hosting a ritual: who offers, who is asked, who steps out.

Whose turn is next stands with the ritual (`Ritual.host_id`); a ritual whose only host pressed Start
long ago has no rota until a second one comes. What is asked waits for its answer at the person's
/home; a no leaves nothing.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import rota, rota_cards
from bot.rules.actor import Actor
from bot.rules.naming import safe
from bot.rules.rota_cards import Rota
from bot.services import rights
from bot.services.outbox import owe
from models import Facilitator, Group, Member, Membership, Ritual, RitualHost, RitualSwap


async def hosts(session: AsyncSession, ritual: Ritual) -> list[int]:
    """Return a ritual's hosts in the order of their turns, the next one first."""
    rows = await rows_of(session, ritual.id)
    return list(rota.turns([row.user_id for row in rows], ritual.host_id))


async def whose_turn(session: AsyncSession, ritual: Ritual, at: datetime) -> int | None:
    """Return who hosts a ritual's next moment, which is at `at`; None if all hosts are away."""
    order = await hosts(session, ritual)
    return rota.whose(order, await _away(session, ritual.server_id, order, at))


async def held(session: AsyncSession, ritual: Ritual, host_id: int | None) -> None:
    """Let it be the next one's turn after `host_id` hosted; what was asked about it is over."""
    await session.execute(delete(RitualSwap).where(RitualSwap.ritual_id == ritual.id))
    order = await hosts(session, ritual)
    if host_id in order:
        ritual.host_id = rota.following(order, host_id)
    await session.flush()


async def begins(session: AsyncSession, ritual: Ritual, user_id: int, now: datetime) -> None:
    """Let somebody host a ritual, and its next moment at that."""
    await put_in(session, ritual, user_id, now)
    ritual.host_id, ritual.hostless_at = user_id, None
    await session.flush()


async def card(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Rota:
    """Return a ritual's rota to who hosts it or looks after its group."""
    ritual = await ritual_in(session, actor.server_id, ritual_id)
    order = await hosts(session, ritual)
    cares = await _cares(session, actor, ritual)
    if not cares and actor.user_id not in order:
        # who hosts nothing there is told what a facilitator's desk tells them
        await rights.require_facilitator(session, actor, ritual.group_id)
    at = ritual.next_due_at or now
    return Rota(
        ritual_id=ritual.id,
        group_id=ritual.group_id,
        title=ritual.title,
        next_at=ritual.next_due_at if ritual.state == "running" else None,
        hosts=tuple(order),
        away=frozenset(await _away(session, ritual.server_id, order, at)),
        reader=actor.user_id,
        cares=cares,
        asked=await session.scalar(
            select(func.count()).where(
                RitualSwap.ritual_id == ritual.id, RitualSwap.user_id == actor.user_id
            )
        )
        or 0,
    )


async def may_host(session: AsyncSession, group: Group, user_id: int) -> bool:
    """Return whether somebody lives in a group, or looks after it from elsewhere."""
    home = await session.get(Membership, (group.server_id, user_id))
    if home is not None and home.group_id == group.id and home.state == "here":
        return True
    office = await session.get(Facilitator, (group.id, user_id))
    return office is not None and office.state == "active"


# --- stepping in ----------------------------------------------------------------------------------


async def offer(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Rota:
    """Take turns from now on, by one's own wish; for those who live there or look after it."""
    ritual = await ritual_in(session, actor.server_id, ritual_id)
    group = await open_group(session, ritual)
    if not await may_host(session, group, actor.user_id):
        raise NotAllowed("rota.home_only")
    await put_in(session, ritual, actor.user_id, now)
    if ritual.host_id is None:
        ritual.host_id = actor.user_id
    await session.flush()
    return await card(session, actor, ritual_id, now)


async def ask(
    session: AsyncSession, actor: Actor, ritual_id: int, user_id: int, now: datetime
) -> bool:
    """Ask somebody who lives there to take turns; False if they were asked, or do so already.

    They find a line in the room that names no ritual, and the question behind it and at /home.
    """
    ritual = await ritual_in(session, actor.server_id, ritual_id)
    await rights.require_facilitator(session, actor, ritual.group_id)
    group = await open_group(session, ritual)
    if not await may_host(session, group, user_id):
        raise UserError("rota.lives_elsewhere", user=user_id, group=safe(group.name))
    if user_id in await hosts(session, ritual):
        return False
    if await session.get(RitualHost, (ritual_id, user_id)) is not None:
        return False
    await _room_for_one(session, ritual)
    session.add(
        RitualHost(
            ritual_id=ritual_id,
            user_id=user_id,
            position=await _last(session, ritual_id) + 1,
            state="asked",
            since=now,
        )
    )
    await session.flush()
    at = int(now.timestamp())
    await owe(
        session,
        server_id=ritual.server_id,
        kind="ritual-host-asked",
        key=f"ritual-host-asked:{ritual_id}:{user_id}:{at}",
        place="room",
        group_id=ritual.group_id,
        user_id=user_id,
        message=rota_cards.waits(f"ritual-host-open:{ritual_id}:{at}", (user_id,)),
        now=now,
    )
    return True


async def question(session: AsyncSession, actor: Actor, ritual_id: int) -> Ritual:
    """Return the ritual that somebody is asked to host; UserError if that is over."""
    ritual = await ritual_in(session, actor.server_id, ritual_id)
    await _asked(session, actor, ritual_id)
    return ritual


async def accept(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Rota:
    """Say yes to taking turns."""
    ritual = await ritual_in(session, actor.server_id, ritual_id)
    row = await _asked(session, actor, ritual_id)
    await session.delete(row)
    await session.flush()
    await put_in(session, ritual, actor.user_id, now)
    if ritual.host_id is None:
        ritual.host_id = actor.user_id
    await session.flush()
    return await card(session, actor, ritual_id, now)


async def decline(session: AsyncSession, actor: Actor, ritual_id: int) -> None:
    """Say no; nobody is told."""
    await ritual_in(session, actor.server_id, ritual_id)
    row = await session.get(RitualHost, (ritual_id, actor.user_id))
    if row is not None and row.state == "asked":
        await session.delete(row)
        await session.flush()


# --- stepping out ---------------------------------------------------------------------------------


async def step_out(session: AsyncSession, actor: Actor, ritual_id: int) -> str:
    """Host a ritual no more, from now on; return its title."""
    ritual = await ritual_in(session, actor.server_id, ritual_id)
    if actor.user_id not in await hosts(session, ritual):
        raise UserError("rota.not_you")
    await _out(session, ritual, {actor.user_id})
    return ritual.title


async def take_out(
    session: AsyncSession, actor: Actor, ritual_id: int, user_id: int, now: datetime
) -> Rota:
    """Take somebody out of a rota; for those who look after the group."""
    ritual = await ritual_in(session, actor.server_id, ritual_id)
    await rights.require_facilitator(session, actor, ritual.group_id)
    await _out(session, ritual, {user_id})
    return await card(session, actor, ritual_id, now)


async def leaves(
    session: AsyncSession, *, server_id: int, user_id: int, group_id: int | None = None
) -> None:
    """Take who left a group, or the server, out of its rotas; the next host's turn comes."""
    mine = select(RitualHost.ritual_id).where(RitualHost.user_id == user_id)
    wanted = select(Ritual).where(
        Ritual.server_id == server_id, or_(Ritual.host_id == user_id, Ritual.id.in_(mine))
    )
    if group_id is not None:
        wanted = wanted.where(Ritual.group_id == group_id)
    for ritual in (await session.scalars(wanted)).all():
        await _out(session, ritual, {user_id})


async def follow(
    session: AsyncSession, ritual: Ritual, twin: Ritual | None, people: Collection[int]
) -> None:
    """Let hosts who went along from one group to another host the twin there, in their order.

    Whose turn is next here is settled, too; there it is for whoever lets the twin run to say. What
    was asked about the ritual is over.
    """
    await session.execute(delete(RitualSwap).where(RitualSwap.ritual_id == ritual.id))
    order = await hosts(session, ritual)
    rows = await session.scalars(select(RitualHost).where(RitualHost.ritual_id == ritual.id))
    went = [row for row in rows.all() if row.user_id in people]
    for row in sorted(went, key=lambda row: row.position):
        if twin is not None and row.state == "hosts":
            await put_in(session, twin, row.user_id, row.since)
        await session.delete(row)
    if ritual.host_id in people:
        ritual.host_id = rota.without(order, people)
    await session.flush()


async def nobody(session: AsyncSession, ritual_id: int) -> None:
    """Let nobody host a ritual any more: it is held no longer."""
    for table in (RitualHost, RitualSwap):
        await session.execute(delete(table).where(table.ritual_id == ritual_id))


# --------------------------------------------------------------------------------------------------


async def rows_of(session: AsyncSession, ritual_id: int) -> list[RitualHost]:
    """Return who hosts a ritual, in the order of the rota."""
    found = await session.scalars(
        select(RitualHost)
        .where(RitualHost.ritual_id == ritual_id, RitualHost.state == "hosts")
        .order_by(RitualHost.position, RitualHost.user_id)
    )
    return list(found)


async def put_in(session: AsyncSession, ritual: Ritual, user_id: int, now: datetime) -> None:
    """Put somebody at the end of a rota; who hosts alone so far comes before them."""
    newcomers = [user_id]
    if ritual.host_id is not None and ritual.host_id != user_id:
        newcomers.insert(0, ritual.host_id)
    for who in newcomers:
        row = await session.get(RitualHost, (ritual.id, who))
        if row is not None and row.state == "hosts":
            continue
        await _room_for_one(session, ritual)
        at = await _last(session, ritual.id) + 1
        if row is None:
            row = RitualHost(ritual_id=ritual.id, user_id=who, since=now)
            session.add(row)
        row.position, row.state = at, "hosts"
        await session.flush()


async def _room_for_one(session: AsyncSession, ritual: Ritual) -> None:
    count = await session.scalar(select(func.count()).where(RitualHost.ritual_id == ritual.id))
    if (count or 0) >= rota.HOSTS_MOST:
        raise UserError("rota.many_hosts", n=rota.HOSTS_MOST)


async def _last(session: AsyncSession, ritual_id: int) -> int:
    wanted = select(func.max(RitualHost.position)).where(RitualHost.ritual_id == ritual_id)
    return await session.scalar(wanted) or 0


async def _out(session: AsyncSession, ritual: Ritual, gone: Collection[int]) -> None:
    """Take people out of a rota, with what they were asked and asked themselves."""
    order = await hosts(session, ritual)
    await session.execute(
        delete(RitualHost).where(RitualHost.ritual_id == ritual.id, RitualHost.user_id.in_(gone))
    )
    await session.execute(
        delete(RitualSwap).where(
            RitualSwap.ritual_id == ritual.id,
            or_(RitualSwap.user_id.in_(gone), RitualSwap.host_id.in_(gone)),
        )
    )
    if ritual.host_id in gone:
        ritual.host_id = rota.without(order, gone)
    await session.flush()


async def _asked(session: AsyncSession, actor: Actor, ritual_id: int) -> RitualHost:
    row = await session.get(RitualHost, (ritual_id, actor.user_id))
    if row is None or row.state != "asked":
        raise UserError("rota.question_over")
    return row


async def ritual_in(session: AsyncSession, server_id: int, ritual_id: int) -> Ritual:
    """Return a ritual of this server; NotAllowed if there is none."""
    await rights.server_row(session, server_id)
    ritual = await session.get(Ritual, ritual_id)
    if ritual is None or ritual.server_id != server_id:
        raise NotAllowed("rituals.gone")
    return ritual


async def open_group(session: AsyncSession, ritual: Ritual) -> Group:
    """Return a ritual's group; NotAllowed if it is closed."""
    group = await session.get_one(Group, ritual.group_id)
    if group.archived_at is not None:
        raise NotAllowed("rituals.gone")
    return group


async def _cares(session: AsyncSession, actor: Actor, ritual: Ritual) -> bool:
    if await rights.is_owner(session, actor):
        return True
    row = await session.get(Facilitator, (ritual.group_id, actor.user_id))
    return row is not None and row.state == "active"


async def _away(
    session: AsyncSession, server_id: int, people: Collection[int], at: datetime
) -> set[int]:
    """Return who of these people is away at a moment, or kept out of their home's room for now."""
    held = select(Membership.user_id).where(
        Membership.server_id == server_id,
        Membership.user_id.in_(people),
        Membership.state == "held",
    )
    away = await session.scalars(
        select(Member.user_id).where(
            Member.server_id == server_id,
            Member.user_id.in_(people),
            Member.away_from <= at,
            or_(Member.away_until.is_(None), Member.away_until > at),
        )
    )
    return {*away, *await session.scalars(held)}
