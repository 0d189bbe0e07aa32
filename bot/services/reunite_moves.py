"""The moment in which a split is undone: every row in one transaction, Discord afterwards."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import naming, reunite_cards
from bot.rules.actor import Actor
from bot.rules.message import Message
from bot.rules.reuniting import NOT_AGAIN_FOR, Part, Reunion
from bot.rules.rituals import next_due
from bot.rules.scope import GroupScope, MemberScope
from bot.services import (
    facilitators,
    gathering_moves,
    greeting,
    hosting,
    introductions,
    inviting,
    merge_followings,
    pair_moves,
    rehousing,
    rights,
    rota,
    seeking,
    stages,
    ties,
)
from bot.services.outbox import owe
from bot.services.rituals import schedule_of
from models import Group, Membership, Reminder, Ritual, SmallGroup, Split

READABLE_FOR = timedelta(days=30)


async def run(  # noqa: PLR0917 - who decided, the split, what it becomes, who goes, when
    session: AsyncSession,
    actor: Actor,
    split: Split,
    found: Reunion,
    going: Mapping[int, Collection[int]],
    now: datetime,
) -> None:
    """Bring everybody in `going` (by child) back to the group that kept the room.

    Afterwards the rows are as they will stay: a child where nobody else lives is archived, another
    goes on. The reconciler moves the keys. UserError if the seats were taken meanwhile.
    """
    parent = await session.get_one(Group, split.group_id)
    if not await rehousing.take_seats(session, parent, found.comes, though_shut=True):
        raise UserError("reunite.not_full", **reunite_cards.reason_params(found))
    for part in found.parts:
        await _bring_back(session, split, parent, part, going[part.group_id], now)
    for part in found.parts:
        await _end_or_go_on(session, actor, split, found, part, now)
    split.state, split.closed_at = "moving", None
    split.undone_at, split.ask_again_at = now, now + NOT_AGAIN_FOR
    ids = (parent.id, *going)
    homes = await session.scalars(select(Membership.user_id).where(Membership.group_id.in_(ids)))
    await rehousing.free_to_move(session, split.server_id, homes.all())
    await session.refresh(parent, ["homes"])
    parent.small_since = None
    await session.execute(delete(SmallGroup).where(SmallGroup.group_id.in_(ids)))
    await stages.review(session, parent, now)
    await _say(session, split, parent, reunite_cards.at_home(found, parent.homes), now)
    for group_id in ids:
        note_after_commit(session, GroupScope(split.server_id, group_id))
        for user_id in going.get(group_id, ()):
            note_after_commit(session, MemberScope(split.server_id, user_id))


async def _bring_back(  # noqa: PLR0917 - from where to where, who, when
    session: AsyncSession,
    split: Split,
    parent: Group,
    part: Part,
    movers: Collection[int],
    now: datetime,
) -> None:
    """Give people their old home again, with all that is theirs; the seats are taken already."""
    child = await session.get_one(Group, part.group_id)
    lives = await session.scalars(select(Membership.user_id).where(Membership.group_id == child.id))
    behind = set(lives) - set(movers)
    await merge_followings.show_guests_out(session, child, parent, behind, now)
    await rehousing.move(session, child, parent, movers, now)
    await merge_followings.offices_follow(session, child, parent, now, of=movers)
    await rituals_return(session, child, parent, movers, now)
    await gathering_moves.with_hosts(session, child, parent, movers, now)
    for follow in (ties.follow, greeting.follow, pair_moves.follow):
        await follow(
            session,
            from_group_id=child.id,
            to_group_id=parent.id,
            user_ids=frozenset(movers),
        )
    await introductions.come_back(
        session, child, parent, movers, before=split.moved_at or now, now=now
    )


async def rituals_return(
    session: AsyncSession, child: Group, parent: Group, movers: Collection[int], now: datetime
) -> None:
    """Let hosts and reminders of who goes back return to the ritual that was copied for them.

    One that lost its host by the split has them again, and runs if it did. What was begun in the
    child since comes along with its host; what others host stays there.
    """
    there = await session.scalars(select(Ritual).where(Ritual.group_id == parent.id))
    twins = {naming.key(ritual.title): ritual for ritual in there.all()}
    rituals = await session.scalars(
        select(Ritual).where(Ritual.group_id == child.id).order_by(Ritual.id)
    )
    for ritual in rituals.all():
        host = ritual.host_id if ritual.host_id in movers else None
        twin = twins.get(naming.key(ritual.title))
        if twin is None and host is not None:
            twin = await hosting.copy_one(session, ritual, parent)
            twins[naming.key(ritual.title)] = twin
        if twin is not None and host is not None and twin.host_id is None:
            twin.host_id = host
            if ritual.state == "running" and twin.state != "running":
                twin.state = "running"
                twin.next_due_at = next_due(schedule_of(twin), now)
        wanted = select(Reminder).where(
            Reminder.ritual_id == ritual.id, Reminder.user_id.in_(movers)
        )
        for reminder in (await session.scalars(wanted)).all():
            if twin is not None:
                await session.merge(Reminder(ritual_id=twin.id, user_id=reminder.user_id))
            await session.delete(reminder)
        await rota.follow(session, ritual, twin, movers)
        if host is not None and ritual.host_id is None:
            left = await facilitators.active(session, child.id)
            ritual.host_id = left[0] if left else None
    await session.flush()


async def _end_or_go_on(  # noqa: PLR0917 - who decided, the split, what it becomes, one child
    session: AsyncSession, actor: Actor, split: Split, found: Reunion, part: Part, now: datetime
) -> None:
    """Archive a child that nobody lives in any more, or let it go on with who moved in since."""
    parent = await session.get_one(Group, split.group_id)
    child = await session.get_one(Group, part.group_id)
    if not part.stays:
        await merge_followings.offices_follow(session, child, parent, now)
        await gathering_moves.follow(session, child, parent, now)
        await _rituals_rest(session, child)
        await merge_followings.end_what_the_room_offered(session, child, parent, now)
        await stages.archive(session, child, now)
        until = now + READABLE_FOR
        await merge_followings.may_read(session, child, parent, until, now)
        last = reunite_cards.farewell(found, parent.room_id, int(until.timestamp()))
        await _say(session, split, child, last, now)
        return
    await stages.review(session, child, now)
    if not await facilitators.active(session, child.id):
        await seeking.seek(session, child, now, alone=True)
    small = not part.goes_on(found.minimum)
    words = reunite_cards.goes_on(
        found, part, named=await rights.listed(session, parent), small=small
    )
    await _say(session, split, child, words, now)
    if small:
        await _offer(session, actor, child, parent, now)


async def _rituals_rest(session: AsyncSession, child: Group) -> None:
    """End the rituals of a room that is only read from now on."""
    rituals = (await session.scalars(select(Ritual).where(Ritual.group_id == child.id))).all()
    for ritual in rituals:
        ritual.state, ritual.host_id = "paused", None
        ritual.next_due_at = ritual.moved_from_at = ritual.paused_until = None
        await rota.nobody(session, ritual.id)
    await session.execute(
        delete(Reminder).where(Reminder.ritual_id.in_([ritual.id for ritual in rituals]))
    )


async def _offer(
    session: AsyncSession, actor: Actor, child: Group, parent: Group, now: datetime
) -> None:
    """Ask each of the few who are left, privately, whether they would come along."""
    left = await session.scalars(
        select(Membership.user_id)
        .where(Membership.group_id == child.id, Membership.state == "here")
        .order_by(Membership.user_id)
    )
    for user_id in left.all():
        try:
            await inviting.invite(session, actor, group_id=parent.id, user_id=user_id, now=now)
        except UserError:
            continue  # moderators keep them away from there, or apart from somebody who lives there


async def _say(
    session: AsyncSession, split: Split, group: Group, message: Message, now: datetime
) -> None:
    await owe(
        session,
        server_id=split.server_id,
        kind="reunited",
        key=f"reunited:{split.id}:{group.id}",
        place="room",
        group_id=group.id,
        message=message,
        now=now,
    )
