"""The moment in which two groups become one: every row in one transaction, Discord afterwards."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules import merge_cards
from bot.rules.merging import why_not
from bot.rules.scope import GroupScope, MemberScope
from bot.services import (
    gathering_moves,
    greeting,
    introductions,
    merge_followings,
    merge_members,
    merge_sides,
    pair_moves,
    people,
    rehousing,
    settling,
    stages,
    standing,
    ties,
    visits,
)
from bot.services.outbox import owe
from models import Group, Membership, Merge, MergeChoice, SmallGroup

ARCHIVE_OPEN_FOR = timedelta(days=30)  # how long both may read the room that is left


async def run(session: AsyncSession, merge: Merge, now: datetime) -> bool:
    """Make one group of two; False if it was dropped instead, for they no longer fit together.

    The larger keeps its row, its room and its rituals. The smaller's people, with what they look
    after and host, get their home there; its room stays as it is, only read from now on, by both
    for a while. Afterwards the rows are as they will stay, and the reconciler moves the keys.
    """
    # Whoever moves in meanwhile does so before or after, where the database locks rows.
    both = select(Group.id).where(Group.id.in_((merge.group_id, merge.into_id)))
    await session.execute(both.order_by(Group.id).with_for_update())
    goes, stays = await merge_sides.both(session, merge)
    for group in (goes, stays):
        await session.refresh(group)
    reason = why_not(await merge_sides.side(session, goes), await merge_sides.side(session, stays))
    if reason is not None:
        await drop(session, merge, now, full=True)
        return False
    behind = await _stay_behind(session, merge)
    await merge_followings.show_guests_out(session, goes, stays, behind, now)
    homes = await session.scalars(
        select(Membership).where(Membership.group_id == goes.id, Membership.user_id.not_in(behind))
    )
    movers = sorted(home.user_id for home in homes.all())
    if not await rehousing.take_seats(session, stays, len(movers)):
        await drop(session, merge, now, full=True)
        return False
    shown = await merge_sides.outline(session, goes, stays, now, here=goes.id, merge=merge)
    await merge_members.free_to_move(session, merge)
    await merge_followings.end_what_the_room_offered(session, goes, stays, now)
    await _leave_behind(session, merge, goes, stays, behind, now)
    keys = await rehousing.move(session, goes, stays, movers, now)
    rituals_wait = await merge_followings.rituals_follow(session, goes, stays, movers)
    await merge_followings.offices_follow(session, goes, stays, now)
    await gathering_moves.follow(session, goes, stays, now)
    for follow in (ties.follow, greeting.follow, pair_moves.follow):
        await follow(
            session, from_group_id=goes.id, to_group_id=stays.id, user_ids=frozenset(movers)
        )
    await introductions.ask_again(session, goes, stays, movers, now)
    until = now + ARCHIVE_OPEN_FOR
    merge.state, merge.moved_at, merge.moved = "moving", now, keys
    await stages.archive(session, goes, now)
    await stages.review(session, stays, now)
    stays.small_since = None
    # What was asked of either is answered by this.
    await session.execute(delete(SmallGroup).where(SmallGroup.group_id.in_((goes.id, stays.id))))
    await session.flush()
    await merge_followings.may_read(session, goes, stays, until, now)
    for group, message in (
        (
            stays,
            merge_cards.arrived(merge.id, shown, len(movers), until, rituals_wait=rituals_wait),
        ),
        (goes, merge_cards.farewell(merge.id, stays.name, stays.room_id, until)),
    ):
        await owe(
            session,
            server_id=merge.server_id,
            kind="merged",
            key=f"merged:{merge.id}:{group.id}",
            place="room",
            group_id=group.id,
            message=message,
            now=now,
        )
    for group in (goes, stays):
        note_after_commit(session, GroupScope(merge.server_id, group.id))
    for user_id in movers:
        note_after_commit(session, MemberScope(merge.server_id, user_id))
    return True


async def drop(session: AsyncSession, merge: Merge, now: datetime, *, full: bool = False) -> None:
    """Close a merge without one; who was told hears that it is off."""
    was_told = merge.state == "told"
    merge.state, merge.closed_at = "dropped", now
    await session.execute(delete(MergeChoice).where(MergeChoice.merge_id == merge.id))
    await session.flush()
    for group_id in (merge.group_id, merge.into_id) if was_told else ():
        await owe(
            session,
            server_id=merge.server_id,
            kind="merge-off",
            key=f"merge-off:{merge.id}:{group_id}",
            place="room",
            group_id=group_id,
            message=merge_cards.called_off(merge.id, group_id, full=full),
            now=now,
        )


async def _stay_behind(session: AsyncSession, merge: Merge) -> dict[int, bool]:
    """Return who does not come along: True for those who said so themselves."""
    behind = dict.fromkeys(
        await merge_sides.left_behind(session, merge.group_id, merge.into_id), False
    )
    chosen = await session.scalars(
        select(MergeChoice.user_id)
        .join(
            Membership,
            (Membership.group_id == merge.group_id) & (Membership.user_id == MergeChoice.user_id),
        )
        .where(MergeChoice.merge_id == merge.id, MergeChoice.choice == "elsewhere")
    )
    return behind | dict.fromkeys(chosen, True)


async def _leave_behind(  # noqa: PLR0917 - both groups, the people, the moment
    session: AsyncSession,
    merge: Merge,
    goes: Group,
    stays: Group,
    behind: dict[int, bool],
    now: datetime,
) -> None:
    """End the seats of who does not come along; who had to hears of it where only they read."""
    for user_id, chosen in sorted(behind.items()):
        home = await session.get_one(Membership, (goes.server_id, user_id))
        was_here = home.state == "here"
        await settling.give_up(session, home, "released", now)
        (await people.member(session, goes.server_id, user_id)).free_move = True
        stands = await standing.standing(session, goes.server_id, user_id, stays.id)
        if chosen and was_here and not stands.apart:
            await visits.grant(
                session, server_id=goes.server_id, user_id=user_id, group_id=goes.id, now=now
            )
        if chosen:
            continue
        row = await session.get(MergeChoice, (merge.id, user_id))
        if row is None:
            row = MergeChoice(merge_id=merge.id, user_id=user_id, choice="left", at=now)
            session.add(row)
        await owe(
            session,
            server_id=goes.server_id,
            kind="merge-left",
            key=f"merge-left:{merge.id}:{user_id}",
            place="commons",
            group_id=goes.id,
            user_id=user_id,
            message=merge_cards.left(merge.id, user_id),
            now=now,
        )
    await session.flush()
