"""The moment in which one group becomes several: every row at once, Discord afterwards."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules import naming, split_messages
from bot.rules.group_messages import charter_posted
from bot.rules.scope import GroupScope, MemberScope
from bot.services import (
    facilitators,
    gathering_moves,
    guest_doors,
    hosting,
    log,
    offshoot,
    rehousing,
    split_doors,
    split_offices,
    split_wishing,
    visits,
)
from bot.services.groups import charter_of
from bot.services.outbox import owe
from bot.services.split_approval import drop, drop_if_pointless, shown_children
from bot.services.split_plans import children
from bot.services.split_seats import up_to_date
from models import (
    Facilitator,
    Group,
    GroupType,
    Membership,
    Reminder,
    Ritual,
    Split,
    SplitChild,
    SplitSeat,
)

ACTION = "group-split"  # in the owners' log


async def run(session: AsyncSession, split: Split, now: datetime) -> bool:
    """Make several groups of one; False if it was dropped instead, for too few were left.

    The first child keeps the row, the room and the rituals; the others are new. Afterwards the rows
    are as they will stay, and the reconciler makes the rooms and moves the people.
    """
    # Whoever moves in or out meanwhile does so before or after, where the database locks rows.
    await session.execute(select(Group.id).where(Group.id == split.group_id).with_for_update())
    await session.refresh(await session.get_one(Group, split.group_id))
    if await drop_if_pointless(session, split, now):
        return False
    await split_wishing.look_again(session, split)
    plan = await up_to_date(session, split, now)
    parent = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, parent.type_id)
    if min(plan.sizes) < type_.minimum:
        await drop(session, split, now)
        return False
    rows = await children(session, split.id)
    rows[0].group_id = parent.id
    await _rename(session, parent, rows[0])
    leavers: dict[int, list[int]] = {}
    for row in rows[1:]:
        child = await offshoot.grow(
            session,
            parent,
            name=row.name,
            emoji=row.emoji,
            purpose=parent.purpose,
            venue=parent.venue,
            now=now,
            split_id=split.id,
        )
        row.group_id, row.name, row.emoji = child.id, child.name, child.emoji
        leavers[child.id] = sorted(u for u, side in plan.sides.items() if side == row.index)
        split.moved += await offshoot.people_go(session, parent, child, leavers[child.id], now)
        await _offices_follow(session, parent, child, leavers[child.id])
        await gathering_moves.with_hosts(session, parent, child, leavers[child.id], now)
    await rehousing.free_to_move(session, parent.server_id, plan.sides.keys())
    rituals_wait = await _rituals_follow(session, parent, leavers, now)
    split.state, split.moved_at = "moving", now
    await session.flush()
    if type_.access == "overwrites":
        await _chosen_may_visit(session, split, now)
    else:
        await split_doors.open_all(session, split, now)
    await guest_doors.follow_offshoot(session, parent.id, leavers, now)
    await split_offices.ask_for(session, split, rows, plan.sides, now)
    await _welcome(session, split, now, {row.index for row in rows if row.group_id in rituals_wait})
    await log.note(
        session,
        server_id=split.server_id,
        by_user_id=log.NOBODY,
        action=ACTION,
        group_id=parent.id,
        now=now,
        before={"split_id": split.id},
        after={"split_id": split.id},
    )
    for group_id, people in ((parent.id, []), *leavers.items()):
        note_after_commit(session, GroupScope(parent.server_id, group_id))
        for user_id in people:
            note_after_commit(session, MemberScope(parent.server_id, user_id))
    return True


async def _welcome(
    session: AsyncSession, split: Split, now: datetime, rituals_wait: Collection[int]
) -> None:
    """Owe the new rooms their first words, with the charter."""
    shown = await shown_children(session, split)
    for row in (await children(session, split.id))[1:]:
        child = await session.get_one(Group, row.group_id)
        await owe(
            session,
            server_id=split.server_id,
            kind="charter",
            key=f"split-arrived:{split.id}:{row.index}",
            place="room",
            group_id=child.id,
            message=split_messages.arrived(
                shown[row.index],
                doors=await split_doors.open_to(session, child.id, now),
                rituals_wait=row.index in rituals_wait,
                charter=charter_posted(child.id, charter_of(child), now),
            ),
            now=now,
        )


async def _rename(session: AsyncSession, parent: Group, row: SplitChild) -> None:
    """Give the group that stays the name that was chosen for it, if it is still free."""
    if row.named_at is None:
        row.name, row.emoji = parent.name, parent.emoji
        return
    given = await session.scalars(
        select(Group.name_key).where(Group.server_id == parent.server_id, Group.id != parent.id)
    )
    if naming.key(row.name) not in set(given):
        parent.name, parent.name_key = row.name, naming.key(row.name)
    parent.emoji, row.name = row.emoji, parent.name


async def _offices_follow(
    session: AsyncSession, parent: Group, child: Group, leavers: Collection[int]
) -> None:
    """Let facilitators, and those who were asked to be, go with their seat."""
    offices = await session.scalars(
        select(Facilitator).where(
            Facilitator.group_id == parent.id, Facilitator.user_id.in_(leavers)
        )
    )
    for office in offices.all():
        session.add(
            Facilitator(
                group_id=child.id,
                user_id=office.user_id,
                server_id=office.server_id,
                state=office.state,
                since=office.since,
                letters=office.letters,
                letters_by_dm=office.letters_by_dm,
                last_letter_at=office.last_letter_at,
            )
        )
        await session.delete(office)
    await session.flush()


async def _rituals_follow(
    session: AsyncSession, parent: Group, leavers: Mapping[int, Collection[int]], now: datetime
) -> set[int]:
    """Give the children the parent's rituals, with hosts and reminders of who went along.

    `leavers` are the people of each child. Return the children where any ritual rests until
    somebody presses Start. A ritual whose host went along runs on in both groups: there with its
    host, here with who took turns with them, or whoever looks after the group now.
    """
    rituals = (
        await session.scalars(
            select(Ritual).where(Ritual.group_id == parent.id).order_by(Ritual.id)
        )
    ).all()
    hosts = {ritual.host_id for ritual in rituals if ritual.state == "running"}
    waits: set[int] = set()
    went_along = {user_id for people in leavers.values() for user_id in people}
    lost = [ritual for ritual in rituals if ritual.host_id in went_along]
    for child_id, people in leavers.items():
        went = next((u for u in await facilitators.active(session, child_id) if u in hosts), None)
        await hosting.copy_to(session, parent.id, child_id, host_id=went, now=now, along=people)
        copies = (await session.scalars(select(Ritual).where(Ritual.group_id == child_id))).all()
        by_title = {copy.title: copy for copy in copies}
        for ritual in rituals:
            wanted = select(Reminder).where(
                Reminder.ritual_id == ritual.id, Reminder.user_id.in_(people)
            )
            for reminder in (await session.scalars(wanted)).all():
                session.add(Reminder(ritual_id=by_title[ritual.title].id, user_id=reminder.user_id))
                await session.delete(reminder)
        if any(copy.state == "paused" for copy in copies):
            waits.add(child_id)
    stayed = await facilitators.active(session, parent.id)
    for ritual in lost:
        if ritual.host_id is None:  # nobody who took turns with them stayed, either
            ritual.host_id = stayed[0] if stayed else None
    await session.flush()
    return waits


async def _chosen_may_visit(session: AsyncSession, split: Split, now: datetime) -> None:
    """Grant a visit to where the ties spoke for, to who chose otherwise; where no doors stand."""
    rows = await session.execute(
        select(SplitSeat.user_id, SplitChild.group_id)
        .join(
            SplitChild,
            (SplitChild.split_id == SplitSeat.split_id) & (SplitChild.index == SplitSeat.planned),
        )
        .join(
            Membership,
            (Membership.server_id == split.server_id) & (Membership.user_id == SplitSeat.user_id),
        )
        .where(
            SplitSeat.split_id == split.id,
            SplitSeat.chosen,
            SplitSeat.child != SplitSeat.planned,
            Membership.state == "here",
        )
    )
    for user_id, group_id in rows.all():
        await visits.grant(
            session,
            server_id=split.server_id,
            user_id=user_id,
            group_id=group_id or split.group_id,
            now=now,
        )
