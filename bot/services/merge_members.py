"""Members of two groups that become one: told, asked, free to go elsewhere."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import merge_cards
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.merge_cards import Place
from bot.rules.message import Button, Line
from bot.rules.naming import safe
from bot.services import merge_sides, people, rights
from bot.services.outbox import owe
from bot.settings import Settings
from models import Facilitator, Introduction, Member, Membership, Merge, MergeChoice


async def tell(session: AsyncSession, merge: Merge, now: datetime) -> datetime:
    """Owe the notices to both rooms and open the choice; return when they move in together.

    From now on everybody's next move is free, on both sides.
    """
    goes, stays = await merge_sides.both(session, merge)
    runs_at = now + timedelta(days=await merge_sides.days(session, goes, stays))
    merge.state, merge.told_at, merge.runs_at = "told", now, runs_at
    if goes.role_id is not None:
        goes.pinged_at = now
    await session.flush()
    shown = await merge_sides.outline(session, goes, stays, now, here=goes.id, merge=merge)
    for group, message in (
        (goes, merge_cards.notice_moving(shown, goes.role_id)),
        (stays, merge_cards.notice_staying(shown)),
    ):
        await owe(
            session,
            server_id=merge.server_id,
            kind="merge-notice",
            key=f"merge-notice:{merge.id}:{group.id}",
            place="room",
            group_id=group.id,
            message=message,
            now=now,
            expires_in=runs_at - now,
        )
    await free_to_move(session, merge)
    return runs_at


async def free_to_move(session: AsyncSession, merge: Merge) -> None:
    """Let everybody's next move be free, in both groups."""
    members = await session.scalars(
        select(Member)
        .join(
            Membership,
            (Membership.server_id == Member.server_id) & (Membership.user_id == Member.user_id),
        )
        .where(Membership.group_id.in_((merge.group_id, merge.into_id)))
    )
    for member in members:
        member.free_move = True
    await session.flush()


async def where(session: AsyncSession, server_id: int, user_id: int, merge_id: int) -> Place:
    """Return what the merge that a button names means for someone."""
    merge = await session.get(Merge, merge_id)
    if merge is None or merge.server_id != server_id or merge.state == "planned":
        raise UserError("merging.gone")
    goes, stays = await merge_sides.both(session, merge)
    home = await session.get(Membership, (server_id, user_id))
    side: str | None = None
    if home is not None and home.group_id in {goes.id, stays.id}:
        side = "goes" if home.group_id == goes.id else "stays"
    choice = await session.get(MergeChoice, (merge.id, user_id))
    over = merge.state in {"moving", "done"}
    return Place(
        merge_id=merge.id,
        state=merge.state,
        goes=goes.name,
        stays=stays.name,
        side=side,
        runs_at=merge.runs_at,
        elsewhere=choice is not None and choice.choice == "elsewhere",
        room_id=stays.room_id if over and side == "stays" else None,
        introduced=await session.get(Introduction, (goes.id, user_id)) is not None,
    )


async def without_me(
    session: AsyncSession, server_id: int, user_id: int, merge_id: int, now: datetime
) -> Place:
    """Note that somebody of the group that moves does not come along."""
    await _may_choose(session, server_id, user_id, merge_id)
    if await session.get(MergeChoice, (merge_id, user_id)) is None:
        session.add(MergeChoice(merge_id=merge_id, user_id=user_id, choice="elsewhere", at=now))
        await session.flush()
    return await where(session, server_id, user_id, merge_id)


async def along(session: AsyncSession, server_id: int, user_id: int, merge_id: int) -> Place:
    """Let somebody come along after all."""
    await _may_choose(session, server_id, user_id, merge_id)
    row = await session.get(MergeChoice, (merge_id, user_id))
    if row is not None:
        await session.delete(row)
        await session.flush()
    return await where(session, server_id, user_id, merge_id)


async def _may_choose(session: AsyncSession, server_id: int, user_id: int, merge_id: int) -> None:
    """UserError unless somebody lives in the group that moves, and may still choose."""
    await rights.server_row(session, server_id)
    await people.member(session, server_id, user_id)  # what one person chooses happens in turn
    merge = await session.get(Merge, merge_id)
    if merge is None or merge.server_id != server_id:
        raise UserError("merging.gone")
    if merge.state != "told":
        over = merge.state in {"moving", "done"}
        raise UserError("merging.too_late" if over else "merging.gone")
    home = await session.get(Membership, (server_id, user_id))
    if home is None or home.group_id != merge.group_id:
        raise UserError("merging.nothing_for_you")


async def home_note(
    session: AsyncSession,
    who: Actor,
    now: datetime,
    settings: Settings,
) -> Note | None:
    """Return what a merge has to say on someone's /home: a word to give, a choice, a seat lost."""
    del now, settings
    cared_for = select(Facilitator.group_id).where(
        Facilitator.server_id == who.server_id,
        Facilitator.user_id == who.user_id,
        Facilitator.state == "active",
    )
    waits = select(Merge).where(
        Merge.server_id == who.server_id,
        Merge.state == "planned",
        (Merge.group_id.in_(cared_for) & Merge.group_agreed_at.is_(None))
        | (Merge.into_id.in_(cared_for) & Merge.into_agreed_at.is_(None)),
    )
    merge = await session.scalar(waits.order_by(Merge.id).limit(1))
    if merge is not None:
        goes, stays = await merge_sides.both(session, merge)
        names = {"goes": safe(goes.name), "stays": safe(stays.name)}
        press = f"merge-open:{merge.id}:0:home"
        return Note(
            (Line("merging.note_waits", names),),
            (Button("merging.note_open", press, "primary"),),
            urgent=True,
        )
    home = await session.get(Membership, (who.server_id, who.user_id))
    if home is None:
        return await _left(session, who)
    told = select(Merge).where(
        Merge.server_id == who.server_id,
        Merge.state == "told",
        (Merge.group_id == home.group_id) | (Merge.into_id == home.group_id),
    )
    merge = await session.scalar(told.limit(1))
    if merge is None or merge.runs_at is None:
        return None
    goes, stays = await merge_sides.both(session, merge)
    at = int(merge.runs_at.timestamp())
    choice = await session.get(MergeChoice, (merge.id, who.user_id))
    key = "merging.note_told" if choice is None else "merging.you_go_elsewhere"
    return Note(
        (Line(key, {"goes": safe(goes.name), "stays": safe(stays.name), "at": at}),),
        (Button("merging.what_changes", f"merge-where:{merge.id}:0:home"),),
    )


async def _left(session: AsyncSession, who: Actor) -> Note | None:
    left = await session.scalar(
        select(MergeChoice.merge_id)
        .join(Merge, Merge.id == MergeChoice.merge_id)
        .where(
            Merge.server_id == who.server_id,
            MergeChoice.user_id == who.user_id,
            MergeChoice.choice == "left",
        )
        .limit(1)
    )
    if left is None:
        return None
    return Note(
        (Line("merging.left_note"),), (Button("merging.find_home", "find-open", "primary"),)
    )
