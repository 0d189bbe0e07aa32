"""The moment in which one group becomes two: every row in one transaction, Discord afterwards."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

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
    stages,
    ties,
    visits,
)
from bot.services.groups import charter_of
from bot.services.outbox import owe
from bot.services.split_approval import drop, drop_if_pointless, halves
from bot.services.split_plans import candidate, children, spare_name, taken_names
from bot.services.split_seats import up_to_date
from models import (
    Door,
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

DOORS_OPEN_FOR = timedelta(days=30)


async def run(session: AsyncSession, split: Split, now: datetime) -> bool:
    """Make two groups of one; False if it was dropped instead, for too few were left.

    The first child keeps the row, the room and the rituals; the second is new. Afterwards the rows
    are as they will stay, and the reconciler makes the room and moves the people.
    """
    # Whoever moves in or out meanwhile does so before or after, where the database locks rows.
    await session.execute(select(Group.id).where(Group.id == split.group_id).with_for_update())
    await session.refresh(await session.get_one(Group, split.group_id))
    if await drop_if_pointless(session, split, now):
        return False
    plan = await up_to_date(session, split, now)
    parent = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, parent.type_id)
    if min(plan.sizes) < type_.minimum:
        await drop(session, split, now)
        return False
    leavers = sorted(user_id for user_id, side in plan.sides.items() if side == 1)
    rows = await children(session, split.id)
    child = await _new_group(session, parent, rows[1], now)
    rows[0].group_id, rows[1].group_id = parent.id, child.id
    session.add(Lineage(child_id=child.id, parent_id=parent.id, split_id=split.id, at=now))
    split.moved = await _move(session, parent, child, leavers)
    await _free_to_move(session, parent, plan.sides.keys())
    await _offices_follow(session, parent, child, leavers)
    await ties.follow(
        session, from_group_id=parent.id, to_group_id=child.id, user_ids=frozenset(leavers)
    )
    for follow in (greeting.follow, introductions.follow):
        await follow(
            session, from_group_id=parent.id, to_group_id=child.id, user_ids=frozenset(leavers)
        )
    rituals_wait = await _rituals_follow(session, parent, child, leavers, now)
    doors = type_.access != "overwrites"
    if doors:
        closes_at = now + DOORS_OPEN_FOR
        for group, sibling in ((parent, child), (child, parent)):
            session.add(
                Door(
                    server_id=parent.server_id,
                    group_id=group.id,
                    for_group_id=sibling.id,
                    closes_at=closes_at,
                )
            )
    split.state, split.moved_at = "moving", now
    await session.flush()
    if not doors:
        await _chosen_may_visit(session, split, parent, child, now)
    await _ask_for_facilitators(session, split, rows, plan.sides, now)
    await owe(
        session,
        server_id=split.server_id,
        kind="charter",
        key=f"split-arrived:{split.id}",
        place="room",
        group_id=child.id,
        message=split_messages.arrived(
            (await halves(session, split))[1],
            door_to=parent.name if doors else None,
            closes_at=now + DOORS_OPEN_FOR,
            rituals_wait=rituals_wait,
            charter=charter_posted(child.id, charter_of(child), now),
        ),
        now=now,
    )
    note_after_commit(session, GroupScope(parent.server_id, parent.id))
    note_after_commit(session, GroupScope(parent.server_id, child.id))
    for user_id in leavers:
        note_after_commit(session, MemberScope(parent.server_id, user_id))
    return True


async def _new_group(session: AsyncSession, parent: Group, row: SplitChild, now: datetime) -> Group:
    """Make the second child's row, under the name that was planned if it is still free."""
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


async def _free_to_move(session: AsyncSession, parent: Group, people: Collection[int]) -> None:
    """Let everybody's next move be free, on both sides."""
    members = select(Member).where(Member.server_id == parent.server_id, Member.user_id.in_(people))
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
    session: AsyncSession, parent: Group, child: Group, leavers: Collection[int], now: datetime
) -> bool:
    """Give the child the parent's rituals, with hosts and reminders of who went along.

    True if any of them rests there until somebody presses Start. A ritual whose host went along
    runs on in both groups: there with its host, here with whoever looks after the group now.
    """
    rituals = (
        await session.scalars(
            select(Ritual).where(Ritual.group_id == parent.id).order_by(Ritual.id)
        )
    ).all()
    hosts = {ritual.host_id for ritual in rituals if ritual.state == "running"}
    went = next((u for u in await facilitators.active(session, child.id) if u in hosts), None)
    await hosting.copy_to(session, parent.id, child.id, host_id=went, now=now)
    stayed = await facilitators.active(session, parent.id)
    for ritual in rituals:
        if ritual.host_id in leavers:
            ritual.host_id = stayed[0] if stayed else None
    copies = (await session.scalars(select(Ritual).where(Ritual.group_id == child.id))).all()
    by_title = {copy.title: copy for copy in copies}
    for ritual in rituals:
        wanted = select(Reminder).where(
            Reminder.ritual_id == ritual.id, Reminder.user_id.in_(leavers)
        )
        for reminder in (await session.scalars(wanted)).all():
            session.add(Reminder(ritual_id=by_title[ritual.title].id, user_id=reminder.user_id))
            await session.delete(reminder)
    await session.flush()
    return any(copy.state == "paused" for copy in copies)


async def _chosen_may_visit(
    session: AsyncSession, split: Split, parent: Group, child: Group, now: datetime
) -> None:
    """Grant a visit to the other half to who chose against the ties; where no doors stand open."""
    rows = await session.execute(
        select(SplitSeat.user_id, SplitSeat.planned)
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
    for user_id, planned in rows.all():
        other = child if planned else parent
        await visits.grant(
            session, server_id=split.server_id, user_id=user_id, group_id=other.id, now=now
        )


async def _ask_for_facilitators(
    session: AsyncSession,
    split: Split,
    rows: Collection[SplitChild],
    sides: Mapping[int, int],
    now: datetime,
) -> None:
    """Ask someone to look after a child that nobody looks after, and nobody was asked to."""
    for row in rows:
        group_id = row.group_id or split.group_id
        active = await facilitators.active(session, group_id)
        if active:
            row.facilitator_id = active[0]
            continue
        row.facilitator_id = asked = await candidate(
            session,
            split.server_id,
            {user_id for user_id, side in sides.items() if side == row.index},
            await ties.weights(session, group_id, now),
            now,
            first=row.facilitator_id,
        )
        offices = await facilitators.list_(session, split.server_id, group_id=group_id)
        if asked is not None and not offices:
            await facilitators.ask(
                session, server_id=split.server_id, group_id=group_id, user_id=asked, now=now
            )
    await session.flush()
