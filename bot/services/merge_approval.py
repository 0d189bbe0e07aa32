"""Those who decide on a merge: what they see, when they are asked, and what they may answer."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import merge_cards
from bot.rules.actor import Actor
from bot.rules.merging import WORD_WAITS, moves, why_not
from bot.rules.message import Message, say
from bot.rules.naming import safe
from bot.services import facilitators, merge_members, merge_moves, merge_sides, rights
from bot.services.groups import of_server
from bot.services.log import note
from bot.services.outbox import Place, owe
from models import Group, Merge, Server, Split


async def thought_of(
    session: AsyncSession, actor: Actor, group_id: int, other_id: int, now: datetime
) -> Message:
    """Return two groups side by side, to who looks after the first one; nothing is asked yet."""
    mine = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    if other_id not in await merge_sides.suggested(session, mine, now):
        raise UserError("merging.gone")
    other = await of_server(session, actor.server_id, other_id)
    goes, stays = await _in_order(session, mine, other)
    shown = await merge_sides.outline(session, goes, stays, now, here=group_id)
    return merge_cards.outline(shown)


async def ask(
    session: AsyncSession, actor: Actor, group_id: int, other_id: int, now: datetime
) -> Message:
    """Ask the other group's facilitators, for a group that the actor looks after.

    Only a group that was suggested, so that nobody is named or asked who should not be; an owner
    may bring any two together (`bring_together`).
    """
    mine = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    await _free(session, group_id, other_id)
    if other_id not in await merge_sides.suggested(session, mine, now):
        raise UserError("merging.gone")
    other = await of_server(session, actor.server_id, other_id)
    merge = await _begin(session, actor, mine, other, now)
    return await _after_word(session, merge, now, say("merging.asked"))


async def brought_together(
    session: AsyncSession, actor: Actor, one: Group, other: Group, now: datetime
) -> Message:
    """Return any two groups side by side, to an owner; nothing is asked yet.

    Where the two are asked already, how it stands.
    """
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id)
    merge = await open_merge(session, one.id)
    if merge is not None and {merge.group_id, merge.into_id} == {one.id, other.id}:
        return await card(session, actor, merge.id, now)
    await _free(session, one.id, other.id)
    goes, stays = await _in_order(session, one, other)
    return merge_cards.outline(
        await merge_sides.outline(session, goes, stays, now, here=goes.id, by_owner=True)
    )


async def bring_together(
    session: AsyncSession, actor: Actor, one_id: int, other_id: int, now: datetime
) -> Message:
    """Start a merge of any two groups as an owner; their facilitators still have the word."""
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id)
    one = await of_server(session, actor.server_id, one_id)
    other = await of_server(session, actor.server_id, other_id)
    await _free(session, one.id, other.id)
    merge = await _begin(session, actor, one, other, now)
    goes, stays = await merge_sides.both(session, merge)
    names = {"goes": safe(goes.name), "stays": safe(stays.name)}
    done = await _after_word(session, merge, now, say("merging.owner_asked", **names))
    if merge.state == "told" and merge.runs_at is not None:
        return say("merging.owner_both", **names, at=int(merge.runs_at.timestamp()))
    return done


async def agree(session: AsyncSession, actor: Actor, merge_id: int, now: datetime) -> Message:
    """Take in the yes of those who look after one of the two; with both, the members are told."""
    merge = await _planned(session, actor, merge_id)
    spoken = [side for side in await _speaks_for(session, actor, merge) if not _said(merge, side)]
    if not spoken:
        raise UserError("merging.already_said")
    for side in spoken:
        _say_yes(merge, side, now)
    await session.flush()
    goes, stays = await merge_sides.both(session, merge)
    rest = stays if merge.into_agreed_at is None else goes
    return await _after_word(
        session, merge, now, say("merging.agreed_waits", group=safe(rest.name))
    )


async def decline(session: AsyncSession, actor: Actor, merge_id: int, now: datetime) -> Message:
    """Say no, or take one's own question back; the other side reads that it is off, not why."""
    merge = await _planned(session, actor, merge_id)
    spoken = await _speaks_for(session, actor, merge)
    if not spoken and not await rights.is_owner(session, actor):
        raise UserError("merging.not_yours")
    merge.state, merge.closed_at = "dropped", now
    await session.flush()
    for side in {"goes", "stays"} - spoken:
        if _said(merge, side):
            await _line(session, merge, _group_of(merge, side), now, mark="no")
    return say("merging.said_no")


async def call_off(session: AsyncSession, actor: Actor, merge_id: int, now: datetime) -> Message:
    """Leave both as they are though the members were told; UserError once they have moved."""
    await rights.server_row(session, actor.server_id)
    merge = await _of_server(session, actor, merge_id)
    if not await _speaks_for(session, actor, merge) and not await rights.is_owner(session, actor):
        raise UserError("merging.not_yours")
    if merge.state in {"moving", "done"}:
        raise UserError("merging.too_late")
    if merge.state != "told":
        raise UserError("merging.gone")
    await merge_moves.drop(session, merge, now)
    await note(
        session,
        server_id=merge.server_id,
        by_user_id=actor.user_id,
        action="merge-off",
        now=now,
        group_id=merge.group_id,
    )
    return say("merging.is_off")


async def card(session: AsyncSession, actor: Actor, merge_id: int, now: datetime) -> Message:
    """Return how it stands with a merge, to those who decide on it."""
    await rights.server_row(session, actor.server_id)
    merge = await _of_server(session, actor, merge_id)
    spoken = await _speaks_for(session, actor, merge)
    if not spoken and not await rights.is_owner(session, actor):
        raise UserError("merging.not_yours")
    goes, stays = await merge_sides.both(session, merge)
    if merge.state == "dropped" and merge.told_at is None:
        return say(
            "merging.refused_note" if any(_said(merge, s) for s in spoken) else "merging.gone"
        )
    mine = any(not _said(merge, side) for side in spoken)
    return merge_cards.outline(
        await merge_sides.outline(session, goes, stays, now, here=goes.id, merge=merge, mine=mine)
    )


async def open_merge(session: AsyncSession, *group_ids: int) -> Merge | None:
    """Return the open merge that one of these groups takes part in, if there is one."""
    return await session.scalar(
        select(Merge)
        .where(
            Merge.closed_at.is_(None),
            Merge.group_id.in_(group_ids) | Merge.into_id.in_(group_ids),
        )
        .limit(1)
    )


async def _in_order(session: AsyncSession, one: Group, other: Group) -> tuple[Group, Group]:
    """Return who moves and who stays; UserError where they cannot become one."""
    sides = moves(await merge_sides.side(session, one), await merge_sides.side(session, other))
    goes, stays = (one, other) if sides[0].group_id == one.id else (other, one)
    await _fits(session, goes, stays)
    return goes, stays


async def _fits(session: AsyncSession, goes: Group, stays: Group) -> None:
    """UserError where one group cannot move in with the other."""
    reason = why_not(await merge_sides.side(session, goes), await merge_sides.side(session, stays))
    if reason is not None:
        names = {"goes": safe(goes.name), "stays": safe(stays.name)}
        raise UserError(f"merging.{reason}", **names)


async def _free(session: AsyncSession, *group_ids: int) -> None:
    """UserError while one of the groups is about to merge or to split.

    Where the database locks rows, one who asks for either group waits for the other.
    """
    both = select(Group.id).where(Group.id.in_(group_ids)).order_by(Group.id)
    await session.execute(both.with_for_update())
    if await open_merge(session, *group_ids) is not None:
        raise UserError("merging.busy")
    await _parts_not(session, *group_ids)


async def _parts_not(session: AsyncSession, *group_ids: int) -> None:
    """UserError while one of the groups is about to split."""
    splitting = select(Split.id).where(Split.group_id.in_(group_ids), Split.closed_at.is_(None))
    if await session.scalar(splitting) is not None:
        raise UserError("merging.splitting")


async def _begin(
    session: AsyncSession, actor: Actor, one: Group, other: Group, now: datetime
) -> Merge:
    """Write a merge down, with the yes of whom the actor speaks for."""
    goes, stays = await _in_order(session, one, other)
    merge = Merge(
        server_id=goes.server_id,
        group_id=goes.id,
        into_id=stays.id,
        state="planned",
        planned_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(merge)
    except IntegrityError:  # two at once, on a database with several writers
        raise UserError("merging.busy") from None
    for side in await _speaks_for(session, actor, merge):
        _say_yes(merge, side, now)
    await session.flush()
    await note(
        session,
        server_id=merge.server_id,
        by_user_id=actor.user_id,
        action="merge-ask",
        now=now,
        group_id=goes.id,
    )
    return merge


async def _after_word(
    session: AsyncSession, merge: Merge, now: datetime, so_far: Message
) -> Message:
    """Tell the members where both have said yes, else ask who has not; return what was said."""
    silent = [side for side in ("goes", "stays") if not _said(merge, side)]
    if not silent:
        goes, stays = await merge_sides.both(session, merge)
        await _fits(session, goes, stays)  # days may have passed since they were asked
        await _parts_not(session, goes.id, stays.id)
        runs_at = await merge_members.tell(session, merge, now)
        at = int(runs_at.timestamp())
        return say("merging.told", goes=safe(goes.name), stays=safe(stays.name), at=at)
    for side in silent:
        await _line(session, merge, _group_of(merge, side), now, mark="ask")
    return so_far


async def _line(
    session: AsyncSession, merge: Merge, group_id: int, now: datetime, *, mark: str
) -> None:
    """Owe the neutral line to who looks after a group, or to the owners."""
    server = await session.get_one(Server, merge.server_id)
    deciders = await facilitators.active(session, group_id)
    place: Place = "facilitators" if deciders and server.facilitators_room_id else "owners"
    await owe(
        session,
        server_id=merge.server_id,
        kind="merge",
        key=f"merge:{merge.id}:{group_id}:{mark}",
        place=place,
        group_id=group_id,
        message=merge_cards.waits(
            merge.id, group_id, deciders if place == "facilitators" else (), mark
        ),
        now=now,
        expires_in=WORD_WAITS,
    )


async def _speaks_for(session: AsyncSession, actor: Actor, merge: Merge) -> set[str]:
    """Return the sides whose word the actor may give.

    Those who look after a group; an owner only where nobody does.
    """
    owner = await rights.is_owner(session, actor)
    found: set[str] = set()
    for side in ("goes", "stays"):
        active = await facilitators.active(session, _group_of(merge, side))
        if actor.user_id in active or (owner and not active):
            found.add(side)
    return found


async def _planned(session: AsyncSession, actor: Actor, merge_id: int) -> Merge:
    """Return a merge that waits for a word, locked where the database locks rows."""
    await rights.server_row(session, actor.server_id)
    await session.scalar(select(Merge.id).where(Merge.id == merge_id).with_for_update())
    merge = await _of_server(session, actor, merge_id)
    if merge.state == "told" and merge.runs_at is not None:
        raise UserError("merging.told_already", at=int(merge.runs_at.timestamp()))
    if merge.state != "planned":
        raise UserError("merging.gone")
    if not await _speaks_for(session, actor, merge) and not await rights.is_owner(session, actor):
        raise UserError("merging.not_yours")
    return merge


async def _of_server(session: AsyncSession, actor: Actor, merge_id: int) -> Merge:
    merge = await session.get(Merge, merge_id)
    if merge is None or merge.server_id != actor.server_id:
        raise UserError("merging.gone")
    return merge


def _group_of(merge: Merge, side: str) -> int:
    return merge.group_id if side == "goes" else merge.into_id


def _said(merge: Merge, side: str) -> bool:
    return (merge.group_agreed_at if side == "goes" else merge.into_agreed_at) is not None


def _say_yes(merge: Merge, side: str, now: datetime) -> None:
    if side == "goes":
        merge.group_agreed_at = now
    else:
        merge.into_agreed_at = now
