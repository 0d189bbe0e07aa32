"""Undoing a split: who may, what it would do, and how it is asked for.

For two weeks after the groups parted owners can make them one again; those who look after one of
them can ask for it. Back goes who was moved by the split and lives in that child still. Who moved
in since stays, with a group that goes on where they are enough for a table; who moved elsewhere
stays there. The rows change in `reunite_moves`, all at once.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import reunite_cards
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part as DeskPart
from bot.rules.message import Button, Line, Message
from bot.rules.reuniting import WITHIN, Part, Reunion, why_not
from bot.services import log, merge_approval, merge_sides, reunite_moves, rights, split_moves
from bot.services.outbox import owe
from bot.services.split_plans import apart, children
from bot.settings import Settings
from models import Group, GroupType, Membership, Split, SplitChild, SplitSeat


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[DeskPart]:
    """Return the desk's way to undoing a group's split, while there is one."""
    del settings
    split = await _young(session, group.id, now)
    if split is None or not await _may_know(session, actor, group.id, split):
        return ()
    found = await outline(session, split)
    if why_not(found, now) in {"ended", "nobody"}:
        return ()
    button = Button("reunite.open", f"reunite-look:{split.id}:{group.id}")
    return (DeskPart("growth", reunite_cards.desk_lines(found), (button,)),)


async def _young(session: AsyncSession, group_id: int, now: datetime) -> Split | None:
    """Return the newest split that a group took part in and that can still be undone by its age."""
    found = await session.scalars(
        select(Split)
        .where(_took_part(group_id), Split.moved_at.is_not(None), Split.undone_at.is_(None))
        .order_by(Split.moved_at.desc(), Split.id.desc())
        .limit(1)
    )
    split = found.first()
    if split is None or split.moved_at is None or now >= split.moved_at + WITHIN:
        return None
    return split


def _took_part(group_id: int) -> ColumnElement[bool]:
    return or_(
        Split.group_id == group_id,
        exists().where(SplitChild.split_id == Split.id, SplitChild.group_id == group_id),
    )


async def _may_know(session: AsyncSession, actor: Actor, group_id: int, split: Split) -> bool:
    """Return whether somebody at a group's desk may read the name of the group it came from.

    Where groups are named nowhere but in their own room, that is who was there before the split,
    and owners.
    """
    parent = await session.get_one(Group, split.group_id)
    if group_id == parent.id or await rights.listed(session, parent):
        return True
    seat = await session.get(SplitSeat, (split.id, actor.user_id))
    return seat is not None or await rights.is_owner(session, actor)


async def outline(session: AsyncSession, split: Split) -> Reunion:
    """Return what undoing a split would do as things stand."""
    parent = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, parent.type_id)
    parts: list[Part] = []
    ids = [parent.id]
    for group_id, coming in (await movers(session, split)).items():
        child = await session.get_one(Group, group_id)
        if child.archived_at is not None and not coming:
            continue  # it has ended by itself: nobody lives there to go back
        ids.append(child.id)
        parts.append(
            Part(child.id, child.name, child.emoji, len(coming), child.homes - len(coming))
        )
    return Reunion(
        split_id=split.id,
        group_id=parent.id,
        group=parent.name,
        homes=parent.homes + parent.offered,
        cap=parent.cap,
        minimum=type_.minimum,
        parts=tuple(parts),
        parted_at=split.moved_at or split.planned_at,
        moving=split.state == "moving",
        undone=split.undone_at is not None,
        ended=parent.archived_at is not None,
        busy=await merge_approval.open_merge(session, *ids) is not None
        or await _another_split(session, split, ids),
    )


async def movers(session: AsyncSession, split: Split) -> dict[int, list[int]]:
    """Return who would go back, by child: moved by the split, living there still, welcome there.

    Not whom moderators keep away from the group, or apart from somebody who lives in it by now or
    comes back from another child.
    """
    pairs = await apart(session, split.server_id)
    found: dict[int, list[int]] = {}
    together: set[int] = set()
    for row in (await children(session, split.id))[1:]:
        child = None if row.group_id is None else await session.get(Group, row.group_id)
        if child is None:
            continue
        lives = await session.scalars(
            select(Membership.user_id)
            .join(SplitSeat, SplitSeat.user_id == Membership.user_id)
            .where(
                Membership.server_id == split.server_id,
                Membership.group_id == child.id,
                SplitSeat.split_id == split.id,
                SplitSeat.child == row.index,
            )
            .order_by(Membership.user_id)
        )
        kept_away = await merge_sides.left_behind(session, child.id, split.group_id)
        for low, high in pairs:
            kept_away |= {one for one, other in ((low, high), (high, low)) if other in together}
        found[child.id] = [user_id for user_id in lives if user_id not in kept_away]
        together.update(found[child.id])
    return found


async def _another_split(session: AsyncSession, split: Split, group_ids: Sequence[int]) -> bool:
    found = select(Split.id).where(
        Split.group_id.in_(group_ids), Split.closed_at.is_(None), Split.id != split.id
    )
    return await session.scalar(found.limit(1)) is not None


async def look(
    session: AsyncSession, actor: Actor, split_id: int, here: int, now: datetime
) -> Message:
    """Return what undoing a split would do, to owners and to those who look after one of them."""
    split = await _asked_about(session, actor, split_id)
    found = await outline(session, split)
    if here not in {split.group_id, *(part.group_id for part in found.parts)}:
        here = split.group_id
    owner = await rights.is_owner(session, actor)
    return reunite_cards.card(found, here, why_not(found, now), owner=owner)


async def log_lines(
    session: AsyncSession, actor: Actor, split_id: int, now: datetime
) -> tuple[Line, ...]:
    """Return what undoing a split would do, for the owners' log; UserError where it cannot be."""
    split = await _asked_about(session, actor, split_id)
    found = await outline(session, split)
    _possible(found, now)
    return reunite_cards.what_would_be(found)


async def ask(session: AsyncSession, actor: Actor, split_id: int, now: datetime) -> None:
    """Ask the owners to undo a split, for somebody who looks after one of its groups; once each."""
    split = await _asked_about(session, actor, split_id)
    found = await outline(session, split)
    _possible(found, now)
    parent = await session.get_one(Group, split.group_id)
    named = await rights.listed(session, parent)
    await owe(
        session,
        server_id=split.server_id,
        kind="reunite-ask",
        key=f"reunite-ask:{split.id}:{actor.user_id}",
        place="owners",
        group_id=parent.id,
        user_id=actor.user_id if named else None,
        message=reunite_cards.asked(found, actor.user_id, named=named),
        now=now,
        expires_in=found.until - now,
    )


async def undo(session: AsyncSession, actor: Actor, split_id: int, now: datetime) -> Reunion:
    """Make the children of a split one again; return what that was. For owners.

    UserError says why it cannot be. All rows change here, or none.
    """
    await rights.require_owner(session, actor)
    split = await _asked_about(session, actor, split_id)
    # Whoever moves in or out meanwhile does so before or after, where the database locks rows.
    rows = await children(session, split.id)
    ids = {split.group_id, *(row.group_id for row in rows if row.group_id is not None)}
    locked = select(Group).where(Group.id.in_(ids)).order_by(Group.id).with_for_update()
    for group in (await session.scalars(locked)).all():
        await session.refresh(group)
    found = await outline(session, split)
    _possible(found, now)
    coming = await movers(session, split)
    going = {part.group_id: coming[part.group_id] for part in found.parts}
    await reunite_moves.run(session, actor, split, found, going, now)
    await _noted(session, actor, split, now)
    return found


async def _noted(session: AsyncSession, actor: Actor, split: Split, now: datetime) -> None:
    """Write the undoing into the owners' log, and on the line of the split that it is undone."""
    await log.mark_undone(
        session,
        server_id=split.server_id,
        by_user_id=actor.user_id,
        action=split_moves.ACTION,
        group_id=split.group_id,
        before={"split_id": split.id},
        now=now,
    )
    await log.note(
        session,
        server_id=split.server_id,
        by_user_id=actor.user_id,
        action="group-reunite",
        group_id=split.group_id,
        now=now,
    )


async def _asked_about(session: AsyncSession, actor: Actor, split_id: int) -> Split:
    """Return a split that has parted, to owners and those who look after one of its groups."""
    await rights.server_row(session, actor.server_id)
    split = await session.get(Split, split_id)
    if split is None or split.server_id != actor.server_id or split.moved_at is None:
        raise UserError("reunite.gone")
    if await rights.is_owner(session, actor):
        return split
    for row in await children(session, split.id):
        if row.group_id is None:
            continue
        try:
            await rights.require_facilitator(session, actor, row.group_id)
        except UserError:
            continue
        if await _may_know(session, actor, row.group_id, split):
            return split
    raise UserError("reunite.gone")


def _possible(found: Reunion, now: datetime) -> None:
    reason = why_not(found, now)
    if reason is None:
        return
    raise UserError(f"reunite.not_{reason}", **reunite_cards.reason_params(found))
