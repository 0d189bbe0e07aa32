"""Where each member of a splitting group will live: told, asked, chosen, brought up to date."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import split_messages, split_sizes, split_wishes, splitting
from bot.rules.split_messages import Place
from bot.rules.splitting import Plan
from bot.services import rights, split_changes, ties, wishes
from bot.services.outbox import owe
from bot.services.split_approval import (
    shown_children,
)
from bot.services.split_plans import apart, children
from models import Group, GroupType, Membership, Split, SplitChange, SplitSeat


async def tell_members(session: AsyncSession, split: Split, now: datetime) -> datetime:
    """Owe the notice to the room and open the choice; return when the two part."""
    group = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    await up_to_date(session, split, now)
    runs_at = now + timedelta(days=type_.split_delay_days)
    split.state, split.told_at, split.runs_at = "told", now, runs_at
    split.ask_again_at = None
    if group.role_id is not None:
        group.pinged_at = now
    await session.flush()
    await owe(
        session,
        server_id=split.server_id,
        kind="split-notice",
        key=f"split-notice:{split.id}",
        place="room",
        group_id=group.id,
        message=split_messages.notice(
            split.id,
            await shown_children(session, split),
            runs_at,
            group.role_id,
            doors=type_.access != "overwrites",
        ),
        now=now,
        expires_in=runs_at - now,
    )
    await split_changes.tell(session, split, now)
    return runs_at


async def up_to_date(session: AsyncSession, split: Split, now: datetime) -> Plan:
    """Give a seat to who joined since, take back those of who left; return what it keeps now."""
    group = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    members = set(
        await session.scalars(select(Membership.user_id).where(Membership.group_id == group.id))
    )
    await session.execute(
        delete(SplitSeat).where(SplitSeat.split_id == split.id, SplitSeat.user_id.not_in(members))
    )
    found = await session.scalars(select(SplitSeat).where(SplitSeat.split_id == split.id))
    seats = {seat.user_id: seat for seat in found}
    weights = await ties.weights(session, group.id, now)
    put = set(
        await session.scalars(
            select(SplitChange.user_id).where(
                SplitChange.split_id == split.id, SplitChange.child != SplitChange.was
            )
        )
    )
    wished = await wishes.weighed(session, split.server_id, members)
    into = len(await children(session, split.id))
    sides = splitting.settle(
        {user_id: seat.child for user_id, seat in seats.items()},
        sorted(members - seats.keys()),
        weights,
        minimum=type_.minimum,
        cap=split_sizes.most(len(members), group.cap, into),
        children=into,
        free={user_id for user_id, seat in seats.items() if not seat.chosen} - put,
        apart=await apart(session, split.server_id),
        rather_apart=wished.apart,
        together=wished.together,
    )
    plan = splitting.measure(sides, weights, children=into)
    for user_id, side in sides.items():
        seat = seats.get(user_id)
        if seat is None:
            session.add(
                SplitSeat(
                    split_id=split.id,
                    user_id=user_id,
                    child=side,
                    planned=side,
                    between=user_id in plan.between,
                    chosen=False,
                )
            )
        elif seat.child != side:
            seat.child = seat.planned = side
        if seat is not None and seat.wishes == seat.child:
            seat.wishes = None  # that is where they wished to be
    split.mean_share, split.kept_weight = plan.mean_share, plan.kept_weight
    split.stranded = len(plan.alone - {who for who, seat in seats.items() if seat.chosen})
    await session.flush()
    return plan


async def where(
    session: AsyncSession, *, server_id: int, user_id: int, split_id: int, now: datetime
) -> Place:
    """Return where someone will be, or is by now, after the split that a button names.

    Writes: who joined since the notice is given a place when they ask.
    """
    split = await session.get(Split, split_id)
    if split is None or split.server_id != server_id or split.state == "planned":
        raise UserError("splits.gone")
    group = await session.get_one(Group, split.group_id)
    home = await session.get(Membership, (server_id, user_id))
    place = Place(split.id, group.name, split.state, None, await shown_children(session, split))
    if home is None:
        return place
    if split.state in {"moving", "done"}:
        for child in await children(session, split.id):
            if home.group_id == (child.group_id or split.group_id):
                lives = await session.get_one(Group, home.group_id)
                return Place(
                    split.id,
                    group.name,
                    split.state,
                    child.index,
                    place.children,
                    room_id=lives.room_id,
                )
        return place
    if home.group_id != split.group_id:
        return place
    if split.state == "dropped":
        return place
    seat = await session.get(SplitSeat, (split.id, user_id))
    if seat is None:
        await up_to_date(session, split, now)
        seat = await session.get_one(SplitSeat, (split.id, user_id))
    return Place(
        split.id,
        group.name,
        split.state,
        seat.child,
        await shown_children(session, split),
        between=seat.between,
        chosen=seat.chosen,
        wishes=seat.wishes,
        runs_at=split.runs_at,
    )


async def choose(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    split_id: int,
    child: int,
    now: datetime,
) -> Place:
    """Let a member choose their child, or keep their wish until others wish to come the other way.

    All children keep within the bounds of a split, so where one can take nobody more two people
    change places as soon as both wish it, or three and more in a ring. Someone who must not meet a
    member of that child hears what everyone hears who finds it full.
    """
    await rights.server_row(session, server_id)
    split = await session.get(Split, split_id)
    if split is None or split.server_id != server_id:
        raise UserError("splits.gone")
    if child not in {row.index for row in await children(session, split.id)}:
        raise UserError("splits.gone")
    if split.state != "told":
        raise UserError(
            "splits.gone" if split.state in {"planned", "dropped"} else "splits.too_late"
        )
    home = await session.get(Membership, (server_id, user_id))
    if home is None or home.group_id != split.group_id:
        raise UserError("splits.not_a_member")  # unnamed: it may not be listed
    await up_to_date(session, split, now)
    seat = await session.get_one(SplitSeat, (split.id, user_id))
    if seat.child != child:
        seat.wishes = child
        for one, to in (await _may_change(session, split, seat)).items():
            one.child, one.chosen, one.wishes = to, True, None
    else:
        seat.chosen, seat.wishes = True, None
    await session.flush()
    return await where(session, server_id=server_id, user_id=user_id, split_id=split_id, now=now)


async def _may_change(session: AsyncSession, split: Split, seat: SplitSeat) -> dict[SplitSeat, int]:
    """Return who would live where once this wish comes true: alone, or in a ring of wishes.

    Empty while it cannot.
    """
    group = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    found = await session.scalars(
        select(SplitSeat).where(SplitSeat.split_id == split.id).order_by(SplitSeat.user_id)
    )
    seats = {one.user_id: one for one in found}
    into = len(await children(session, split.id))
    moves = split_wishes.come_true(
        {user_id: one.child for user_id, one in seats.items()},
        {user_id: one.wishes for user_id, one in seats.items() if one.wishes is not None},
        seat.user_id,
        count=into,
        minimum=type_.minimum,
        cap=split_sizes.most(len(seats), group.cap, into),
        apart=await apart(session, split.server_id),
    )
    return {seats[user_id]: to for user_id, to in moves.items()}
