"""The moment in which a bud becomes a group: every row in one transaction, Discord afterwards."""

import logging
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, exists, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import bud_cards, budding
from bot.rules.actor import Actor
from bot.rules.group_messages import charter_posted
from bot.rules.message import Message
from bot.rules.naming import safe
from bot.rules.scope import GroupScope, HouseScope, MemberScope
from bot.rules.visits import GRANTED_FOR
from bot.services import (
    budding as buds,
)
from bot.services import (
    guest_doors,
    hosting,
    log,
    office_keys,
    offshoot,
    rehousing,
    split_doors,
    stages,
    visits,
)
from bot.services.groups import charter_of
from bot.services.outbox import owe
from models import (
    Bud,
    BudGuest,
    Facilitator,
    Group,
    GroupType,
    Membership,
    Server,
)

logger = logging.getLogger(__name__)

_OVER = and_(Bud.closed_at.is_(None), Bud.until <= bindparam("now"))
ANY_DUE = exists().where(_OVER)


async def begin_now(session: AsyncSession, actor: Actor, bud_id: int, now: datetime) -> int:
    """Let the new group begin, as its founder wishes; return how many moved.

    UserError where too few have said yes, or where it cannot be any more.
    """
    bud, group = await buds.founders(session, actor, bud_id, now)
    await buds.may_grow(session, group)
    moved = await begin(session, bud, now)
    if moved is None:
        card = await buds.shown(session, bud)
        raise UserError("buds.too_few", n=card.yes, least=card.least)
    return moved


async def after_word(session: AsyncSession, bud: Bud, now: datetime) -> int | None:
    """Let a bud begin where nobody's answer is left to wait for; return how many moved."""
    card = await buds.shown(session, bud)
    waiting = await session.scalar(
        select(func.count()).where(BudGuest.bud_id == bud.id, BudGuest.answer == "asked")
    )
    if not budding.begins(yes=card.yes, waiting=waiting or 0, least=card.least, most=card.most):
        return None
    try:
        await buds.may_grow(session, await session.get_one(Group, bud.group_id))
    except UserError:
        return None  # it waits; its founder, or its last day, asks again
    return await begin(session, bud, now)


async def step_due(session: AsyncSession, now: datetime) -> int:
    """End the buds whose time is over: those with enough people begin; return how many ended."""
    due = await session.scalars(
        select(Bud)
        .join(Server, Server.id == Bud.server_id)
        .where(_OVER, Server.paused_at.is_(None), Server.removed_at.is_(None))
        .order_by(Bud.id),
        {"now": now},
    )
    ended = 0
    for bud_id in [bud.id for bud in due]:
        try:
            async with session.begin_nested():
                await _end(session, await session.get_one(Bud, bud_id), now)
        except OperationalError:
            raise  # the disk, not the bud; SQLite may have ended the transaction already
        except Exception:
            # One bud that fails holds up neither the others nor the rest of the tick.
            logger.exception("Bud %s could not end; it will be tried again.", bud_id)
        else:
            ended += 1
    return ended


async def _end(session: AsyncSession, bud: Bud, now: datetime) -> None:
    began = None
    if bud.state == "gathering":
        began = await _begun_if_it_may(session, bud, now)
    if began is None:
        await buds.drop(session, bud, now)


async def _begun_if_it_may(session: AsyncSession, bud: Bud, now: datetime) -> int | None:
    try:
        await buds.may_grow(session, await session.get_one(Group, bud.group_id))
    except UserError:
        return None
    return await begin(session, bud, now)


async def begin(session: AsyncSession, bud: Bud, now: datetime) -> int | None:
    """Make the group and move those who said yes; None, and nothing, where too few are left."""
    # Whoever moves in or out meanwhile does so before or after, where the database locks rows.
    await session.execute(select(Group.id).where(Group.id == bud.group_id).with_for_update())
    parent = await session.get_one(Group, bud.group_id)
    await session.refresh(parent)
    whole = await buds.stem(session, parent)
    least = budding.least_along(whole.minimum)
    along = (await buds.along(session, bud))[: budding.most_along(whole)]
    founder = await session.get(Membership, (bud.server_id, bud.user_id))
    if founder is None or founder.group_id != parent.id or founder.state != "here":
        return None
    if least is None or len(along) < least:
        return None
    movers = sorted({bud.user_id, *along})
    child = await offshoot.grow(
        session,
        parent,
        name=bud.name,
        emoji=bud.emoji,
        purpose=bud.purpose,
        venue="",  # where they meet is theirs to say
        now=now,
    )
    bud.name, bud.emoji = child.name, child.emoji
    await offshoot.people_go(session, parent, child, movers, now)
    await rehousing.free_to_move(session, bud.server_id, movers)
    bud.state, bud.child_id, bud.closed_at = "begun", child.id, now
    await session.execute(delete(BudGuest).where(BudGuest.bud_id == bud.id))
    await _looks_after(session, bud, child, now)
    await hosting.copy_to(session, parent.id, child.id, host_id=None, now=now, along=movers)
    await _stay_welcome(session, parent, movers, now)
    await split_doors.stay_open(session, parent.id, child.id, now)
    await guest_doors.follow_offshoot(session, parent.id, [child.id], now)
    for group in (parent, child):
        await session.refresh(group)
        await stages.review(session, group, now)
    await log.note(
        session,
        server_id=bud.server_id,
        by_user_id=bud.user_id,
        action="group-bud",
        now=now,
        group_id=parent.id,
        after={"name": child.name},
    )
    await _tell(session, bud, parent, child, len(movers), now)
    for group in (parent, child):
        note_after_commit(session, GroupScope(bud.server_id, group.id))
    for user_id in movers:
        note_after_commit(session, MemberScope(bud.server_id, user_id))
    note_after_commit(session, HouseScope(bud.server_id))  # the facilitators' room opens
    return len(movers)


async def _looks_after(session: AsyncSession, bud: Bud, child: Group, now: datetime) -> None:
    """Let the founder look after what they begin: they said yes to that, too."""
    session.add(
        Facilitator(
            group_id=child.id,
            user_id=bud.user_id,
            server_id=bud.server_id,
            state="active",
            since=now,
        )
    )
    await session.flush()


async def _stay_welcome(
    session: AsyncSession, parent: Group, movers: Collection[int], now: datetime
) -> None:
    """Leave the old room's door open for 30 days; who looks after it keeps a key of that office."""
    offices = await session.scalars(
        select(Facilitator).where(
            Facilitator.group_id == parent.id, Facilitator.user_id.in_(movers)
        )
    )
    care: set[int] = set()
    for office in offices.all():
        if office.state == "active" and await office_keys.give(session, office, now):
            care.add(office.user_id)
        elif office.state != "active":
            await session.delete(office)
    await session.flush()
    for user_id in movers:
        if user_id not in care:
            await visits.grant(
                session,
                server_id=parent.server_id,
                user_id=user_id,
                group_id=parent.id,
                now=now,
            )


async def _tell(  # noqa: PLR0917 - the bud, both groups, how many, when
    session: AsyncSession, bud: Bud, parent: Group, child: Group, count: int, now: datetime
) -> None:
    posted = charter_posted(child.id, charter_of(child), now)
    first = bud_cards.arrived(
        child.name, child.emoji, count, stem=parent.name, until=now + GRANTED_FOR
    )
    type_ = await session.get_one(GroupType, child.type_id)
    for group, kind, message in (
        (child, "charter", Message((*first, *posted.lines), posted.buttons)),
        (
            parent,
            "bud-left",
            bud_cards.left(
                bud.id,
                bud.user_id,
                count - 1,
                bud=child.name if type_.listed else None,
                visit=child.id if type_.listed and type_.visits != "closed" else None,
            ),
        ),
    ):
        await owe(
            session,
            server_id=bud.server_id,
            kind=kind,
            key=f"bud-begun:{bud.id}:{group.id}",
            place="room",
            group_id=group.id,
            message=message,
            now=now,
        )


def called(bud: Bud) -> str:
    """Return a bud's sign and name for a sentence."""
    return safe(f"{bud.emoji} {bud.name}".strip())
