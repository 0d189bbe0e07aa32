"""The moment in which one group becomes several: every row at once, Discord afterwards."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules import naming, split_messages
from bot.rules.group_messages import charter_posted
from bot.rules.scope import GroupScope, MemberScope
from bot.services import (
    facilitators,
    fitting,
    greeting,
    hosting,
    introductions,
    log,
    split_doors,
    split_offices,
    split_wishing,
    stages,
    ties,
    visits,
)
from bot.services.groups import charter_of
from bot.services.outbox import owe
from bot.services.split_approval import drop, drop_if_pointless, shown_children
from bot.services.split_plans import children, spare_name, taken_names
from bot.services.split_seats import up_to_date
from models import (
    Facilitator,
    Group,
    GroupType,
    Lineage,
    Member,
    Membership,
    QuietEpisode,
    Reminder,
    Ritual,
    SpareName,
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
        child = await _new_group(session, parent, row, now)
        row.group_id = child.id
        session.add(Lineage(child_id=child.id, parent_id=parent.id, split_id=split.id, at=now))
        leavers[child.id] = sorted(u for u, side in plan.sides.items() if side == row.index)
        split.moved += await _move(session, parent, child, leavers[child.id])
        await _offices_follow(session, parent, child, leavers[child.id])
        for follow in (ties.follow, greeting.follow, introductions.follow):
            await follow(
                session,
                from_group_id=parent.id,
                to_group_id=child.id,
                user_ids=frozenset(leavers[child.id]),
            )
    await free_to_move(session, parent.server_id, plan.sides.keys())
    rituals_wait = await _rituals_follow(session, parent, leavers, now)
    split.state, split.moved_at = "moving", now
    await session.flush()
    if type_.access == "overwrites":
        await _chosen_may_visit(session, split, now)
    else:
        await split_doors.open_all(session, split, now)
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


async def _new_group(session: AsyncSession, parent: Group, row: SplitChild, now: datetime) -> Group:
    """Make a further child's row, under the name that was planned if it is still free."""
    given = await taken_names(session, parent, but_for=row.split_id)
    if naming.key(row.name) in given:
        row.emoji, row.name = await spare_name(session, parent)
    child = Group(
        server_id=parent.server_id,
        type_id=parent.type_id,
        name=row.name,
        name_key=naming.key(row.name),
        emoji=row.emoji,
        colour=parent.colour,
        purpose=parent.purpose,
        for_whom=parent.for_whom,
        unites=parent.unites,
        norms=parent.norms,
        language=parent.language,
        zone=parent.zone,
        city=parent.city,
        venue=parent.venue,
        first_thing=parent.first_thing,
        state="forming",
        cap=parent.cap,
        homes=0,
        visitors=0,
        created_at=now,
        opened_at=now,  # people live there from the first moment
        closes_at=parent.closes_at,
    )
    session.add(child)
    await session.execute(
        delete(SpareName).where(SpareName.server_id == parent.server_id, SpareName.name == row.name)
    )
    await stages.review(session, child, now)
    await fitting.inherit(session, parent.id, child.id)
    return child


async def _move(
    session: AsyncSession, parent: Group, child: Group, leavers: Collection[int]
) -> int:
    """Give the leavers their new home, counts and all; return how many of them have a key to move.

    A seat that is only kept or held moves too, but its person has no key for now. Since when
    someone lives in their home stays: a split is no new beginning.
    """
    keys = await session.scalar(
        select(func.count()).where(
            Membership.group_id == parent.id,
            Membership.user_id.in_(leavers),
            Membership.state == "here",
        )
    )
    homes = select(Membership).where(
        Membership.group_id == parent.id, Membership.user_id.in_(leavers)
    )
    for home in await session.scalars(homes):
        home.group_id = child.id
    await session.flush()
    for group, change in ((parent, -len(leavers)), (child, len(leavers))):
        await session.execute(
            update(Group)
            .where(Group.id == group.id)
            .values(homes=Group.homes + change)
            .execution_options(synchronize_session=False)
        )
        await session.refresh(group, ["homes"])
    episodes = select(QuietEpisode).where(
        QuietEpisode.group_id == parent.id, QuietEpisode.user_id.in_(leavers)
    )
    for episode in await session.scalars(episodes):
        episode.group_id = child.id
    await session.flush()
    return keys or 0


async def free_to_move(session: AsyncSession, server_id: int, people: Collection[int]) -> None:
    """Let everybody's next move be free, wherever they live now."""
    members = select(Member).where(Member.server_id == server_id, Member.user_id.in_(people))
    for member in await session.scalars(members):
        member.free_move = True
    await session.flush()


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
    host, here with whoever looks after the group now.
    """
    rituals = (
        await session.scalars(
            select(Ritual).where(Ritual.group_id == parent.id).order_by(Ritual.id)
        )
    ).all()
    hosts = {ritual.host_id for ritual in rituals if ritual.state == "running"}
    waits: set[int] = set()
    for child_id, people in leavers.items():
        went = next((u for u in await facilitators.active(session, child_id) if u in hosts), None)
        await hosting.copy_to(session, parent.id, child_id, host_id=went, now=now)
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
    went_along = {user_id for people in leavers.values() for user_id in people}
    for ritual in rituals:
        if ritual.host_id in went_along:
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
