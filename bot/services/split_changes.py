"""[Change]: facilitators put somebody into another child than the plan did; the person may go back.

Each move is one line of the owners' log. The person is told privately, once the members know of the
split at all, and whoever went back or chose for themselves is moved by nobody any more. What those
who decide see of anybody is where they go, and nothing else.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import split_sizes, split_words, splitting
from bot.rules.actor import Actor
from bot.rules.home_messages import something_waits
from bot.rules.message import Message, say
from bot.rules.naming import safe
from bot.rules.split_messages import Outline
from bot.rules.split_wishes import fits, meets
from bot.rules.split_words import Moved, Someone
from bot.services import facilitators, rights, split_approval, split_offices, ties
from bot.services.log import note
from bot.services.outbox import owe
from bot.services.split_plans import LOOKED_AT_FOR, apart, children
from models import Group, GroupType, Membership, Split, SplitChange, SplitProposal, SplitSeat


async def card(session: AsyncSession, actor: Actor, split_id: int) -> Message:
    """Return the plan with the means to move somebody by hand."""
    split = await _open_to(session, actor, split_id)
    return await _card(session, split)


async def who_goes(
    session: AsyncSession, actor: Actor, split_id: int, index: int, page: int
) -> Message:
    """Return one page of who goes with a child."""
    split = await _open_to(session, actor, split_id)
    shown = await split_approval.outline(session, split)
    if not 0 <= index < len(shown.children):
        raise UserError("splits.gone")
    people = [user for user, child in (await sides_of(session, split)).items() if child == index]
    return split_words.who_goes(shown, index, people, page)


async def somebody(session: AsyncSession, actor: Actor, split_id: int, user_id: int) -> Message:
    """Return where someone goes, with the ways to put them elsewhere."""
    split = await _open_to(session, actor, split_id)
    one = await _someone(session, split, user_id)
    return split_words.somebody(await split_approval.outline(session, split), one)


async def put(
    session: AsyncSession, actor: Actor, split_id: int, *, user_id: int, child: int, now: datetime
) -> Message:
    """Put someone into another child; where the sizes forbid it, ask who goes the other way."""
    split = await _open_to(session, actor, split_id)
    one = await _movable(session, split, user_id, child)
    shown = await split_approval.outline(session, split)
    moves = {user_id: child}
    if not await _within(session, split, moves):
        return split_words.in_exchange(shown, one, child)
    return await _carry_out(session, actor, split, moves, now)


async def exchange(
    session: AsyncSession,
    actor: Actor,
    split_id: int,
    *,
    pair: tuple[int, int],
    child: int,
    now: datetime,
) -> Message:
    """Let two people change places: the first goes to `child`, where the other one is now."""
    split = await _open_to(session, actor, split_id)
    one = await _movable(session, split, pair[0], child, besides=pair[1])
    other = await _someone(session, split, pair[1])
    if other.child != child:
        name = safe((await split_approval.outline(session, split)).children[child].name)
        raise UserError("splits.exchange_same", user=other.user_id, name=name)
    await _movable(session, split, other.user_id, one.child, besides=one.user_id)
    moves = {one.user_id: child, other.user_id: one.child}
    return await _carry_out(session, actor, split, moves, now)


async def plan_anew(session: AsyncSession, actor: Actor, split_id: int, now: datetime) -> Message:
    """Take the moves by hand back; the next look makes the plan anew."""
    split = await _open_to(session, actor, split_id)
    if split.state != "planned":
        raise UserError("splits.gone")
    await session.execute(delete(SplitChange).where(SplitChange.split_id == split.id))
    split.looked_at = now - LOOKED_AT_FOR  # so the next look takes it up
    await session.flush()
    return say("splits.planned_anew")


async def tell(session: AsyncSession, split: Split, now: datetime) -> int:
    """Owe the private word to those whom facilitators moved and who were not told yet.

    Called when the members are told, and for each move after that. Returns how many were told.
    """
    rows = await session.scalars(
        select(SplitChange)
        .join(
            SplitSeat,  # who lives elsewhere by now has none
            (SplitSeat.split_id == SplitChange.split_id)
            & (SplitSeat.user_id == SplitChange.user_id),
        )
        .where(SplitChange.split_id == split.id, SplitChange.told_at.is_(None))
        .order_by(SplitChange.user_id)
    )
    told = 0
    for change in rows.all():
        change.told_at = now
        if change.child == change.was:
            continue  # moved there and back
        mark = f"split-{split.id}-{change.user_id}-{int(now.timestamp())}"
        await owe(
            session,
            server_id=split.server_id,
            kind="split-change",
            key=f"split-change:{split.id}:{change.user_id}:{int(now.timestamp())}",
            place="commons",
            message=something_waits(change.user_id, mark),
            user_id=change.user_id,
            now=now,
        )
        told += 1
    await session.flush()
    return told


# --- carrying out -------------------------------------------------------------------------------


async def _open_to(session: AsyncSession, actor: Actor, split_id: int) -> Split:
    """Return a split that may still be changed, to those who may; UserError otherwise."""
    await rights.server_row(session, actor.server_id)
    split = await session.get(Split, split_id)
    if split is None or split.server_id != actor.server_id or split.closed_at is not None:
        raise UserError("splits.gone")
    await rights.require_facilitator(session, actor, split.group_id)
    if split.state == "moving":
        raise UserError("splits.too_late")
    word = await session.get(SplitProposal, split.id)
    if split.state == "planned" and word is not None and word.proposed_at is not None:
        raise UserError("splits.change_suggested")
    return split


async def _someone(session: AsyncSession, split: Split, user_id: int) -> Someone:
    seat = await session.get(SplitSeat, (split.id, user_id))
    home = await session.get(Membership, (split.server_id, user_id))
    if seat is None or home is None or home.group_id != split.group_id:
        group = await session.get_one(Group, split.group_id)
        raise UserError("splits.person_elsewhere", user=user_id, group=safe(group.name))
    change = await session.get(SplitChange, (split.id, user_id))
    went_back = change is not None and change.put_back_at is not None
    return Someone(user_id, seat.child, firm=seat.chosen or went_back)


async def _movable(
    session: AsyncSession, split: Split, user_id: int, child: int, *, besides: int | None = None
) -> Someone:
    """Return someone who may be put into a child; UserError where they may not.

    `besides` leaves that child in exchange, so that nobody meets them there.
    """
    one = await _someone(session, split, user_id)
    shown = await split_approval.outline(session, split)
    if not 0 <= child < len(shown.children):
        raise UserError("splits.gone")
    name = safe(shown.children[child].name)
    if one.firm:
        raise UserError("splits.person_is_firm", user=user_id)
    if one.child == child:
        raise UserError("splits.person_is_there", user=user_id, name=name)
    sides = {u: side for u, side in (await sides_of(session, split)).items() if u != besides}
    if meets(await apart(session, split.server_id), sides, {user_id: child}):
        raise UserError("splits.person_cannot", user=user_id, name=name)
    return one


async def _carry_out(
    session: AsyncSession, actor: Actor, split: Split, moves: Mapping[int, int], now: datetime
) -> Message:
    for user_id, child in moves.items():
        seat = await session.get_one(SplitSeat, (split.id, user_id))
        change = await session.get(SplitChange, (split.id, user_id))
        if change is None:
            change = SplitChange(split_id=split.id, user_id=user_id, was=seat.child)
            session.add(change)
        change.child, change.at = child, now
        change.told_at = change.seen_at = None
        seat.child, seat.wishes = child, None
        await note(
            session,
            server_id=split.server_id,
            by_user_id=actor.user_id,
            action="split-change",
            now=now,
            group_id=split.group_id,
            user_id=user_id,
        )
    await session.flush()
    await _measure(session, split, now)
    if split.state == "told":
        await tell(session, split, now)
    shown = await split_approval.outline(session, split)
    done = [Moved(user_id, child) for user_id, child in moves.items()]
    return split_words.was_put(await _card(session, split, shown), shown, done)


async def _card(session: AsyncSession, split: Split, shown: Outline | None = None) -> Message:
    rows = await session.scalars(
        select(SplitChange).where(SplitChange.split_id == split.id).order_by(SplitChange.at.desc())
    )
    moved = [
        Moved(row.user_id, row.child)
        for row in rows
        if row.put_back_at is None and row.child != row.was
    ]
    fewest, most = await _bounds(session, split)
    outline = shown or await split_approval.outline(session, split)
    return split_words.change(outline, moved, fewest, most)


async def _measure(session: AsyncSession, split: Split, now: datetime) -> None:
    """Bring the plan's figures, and who looks after which child, up to date with the seats."""
    sides = await sides_of(session, split)
    weights = await ties.weights(session, split.group_id, now)
    rows = await children(session, split.id)
    plan = splitting.measure(sides, weights, children=len(rows))
    split.mean_share, split.kept_weight = plan.mean_share, plan.kept_weight
    split.stranded = plan.stranded
    leads = await facilitators.active(session, split.group_id)
    group = await session.get_one(Group, split.group_id)
    for row in rows:
        here = {user_id for user_id, side in sides.items() if side == row.index}
        own = [user_id for user_id in leads if user_id in here]
        if row.facilitator_id in own:
            continue
        row.facilitator_id = await split_offices.leader(
            session, group, here, weights, own, now, keep=row.facilitator_id
        )
    await session.flush()


async def _within(session: AsyncSession, split: Split, moves: Mapping[int, int]) -> bool:
    group = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    sides = await sides_of(session, split)
    into = len(await children(session, split.id))
    most = split_sizes.most(len(sides), group.cap, into)
    return fits(sides, moves, into, type_.minimum, most)


async def _bounds(session: AsyncSession, split: Split) -> tuple[int, int]:
    """Return the fewest and the most people that each child may have."""
    group = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    count = len(await sides_of(session, split))
    into = len(await children(session, split.id))
    try:
        return splitting.bounds(
            count, type_.minimum, split_sizes.most(count, group.cap, into), into
        )
    except ValueError:
        raise UserError("splits.too_few_left", group=safe(group.name)) from None


async def sides_of(session: AsyncSession, split: Split) -> dict[int, int]:
    """Return where each member goes."""
    rows = await session.execute(
        select(SplitSeat.user_id, SplitSeat.child).where(SplitSeat.split_id == split.id)
    )
    return {row.user_id: row.child for row in rows}
