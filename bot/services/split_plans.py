"""The plan of a split: which groups need one, what it needs to know, and how it becomes rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import naming, split_sizes, splitting
from bot.rules.capacity import Room
from bot.rules.split_times import pings_allowed_at
from bot.rules.splitting import Plan
from bot.rules.wishes import Weighed
from bot.services import facilitators, groups, limits, split_offices, ties, volunteers, wishes
from bot.services.group_names import spare_name, taken_names
from bot.settings import Settings
from models import (
    ActiveDay,
    Adoption,
    Apart,
    Group,
    GroupType,
    Membership,
    Merge,
    PreparedChild,
    Server,
    Split,
    SplitChange,
    SplitChild,
    SplitProposal,
    SplitSeat,
)

ACTIVE_WITHIN = timedelta(days=90)
LOOKED_AT_FOR = timedelta(days=1)  # then the ties of a plan that waits are looked at anew


@dataclass(frozen=True, slots=True)
class Crowd:
    """A full group with all that a plan needs to know of it; plain values, for a thread."""

    group_id: int
    minimum: int
    cap: int
    members: tuple[int, ...]
    ties: tuple[tuple[int, int, float], ...]
    apart: tuple[tuple[int, int], ...]
    facilitators: tuple[int, ...]
    willing: tuple[int, ...]  # who might look after a child, if asked
    active: Mapping[int, float]  # days on which somebody took part lately
    wished: Weighed  # about whom they would like to live with, and rather not

    @property
    def children(self) -> int:
        """How many groups it would become."""
        return split_sizes.children(len(self.members), self.cap)

    def plan(self) -> Plan | None:
        """Return how it could part; None if it is too small. Takes up to a second."""
        into = self.children
        try:
            return splitting.plan(
                self.members,
                self.ties,
                minimum=self.minimum,
                cap=split_sizes.most(len(self.members), self.cap, into),
                children=into,
                apart=self.apart,
                rather_apart=self.wished.apart,
                together=self.wished.together,
                leaders=self.facilitators,
                willing=self.willing,
                stay=self.facilitators,
                active=self.active,
                seed=self.group_id,
            )
        except ValueError:
            return None


async def crowds(
    session: AsyncSession, server_id: int, now: datetime, fits: Room | None
) -> tuple[list[Crowd], list[int]]:
    """Return the server's groups that are at their cap and need a plan, or a fresher one.

    And, apart, those whose further children would find no place within Discord's limits.
    """
    server = await session.get(Server, server_id)
    if server is None or server.paused_at is not None or server.removed_at is not None:
        return [], []
    stale = (Split.state == "planned") & (Split.looked_at <= now - LOOKED_AT_FOR) & ~_in_hands()
    lately_off = select(Split.group_id).where(
        Split.server_id == server_id,
        or_(
            (Split.state == "dropped") & Split.told_at.is_not(None),
            Split.undone_at.is_not(None),
        ),
        Split.ask_again_at > now,
    )
    wanted = (
        select(Group, GroupType, Split.id.is_not(None))
        .join(GroupType, GroupType.id == Group.type_id)
        .outerjoin(Split, (Split.group_id == Group.id) & Split.closed_at.is_(None))
        .where(
            Group.server_id == server_id,
            or_(
                Split.id.is_(None)
                & or_(Group.state == "open", _too_full())
                & (Group.homes >= Group.cap)
                & Group.id.not_in(lately_off)
                & ~_merges(),
                stale,
            ),
        )
        .order_by(Group.id)
    )
    found: list[Crowd] = []
    without_place: list[int] = []
    further = 0
    for group, type_, planned in (await session.execute(wanted)).all():
        if not planned:  # what has a plan has a place, too
            made = split_sizes.children(group.homes, group.cap) - 1
            if fits is not None and await groups.still_fit(session, type_, fits) < further + made:
                without_place.append(group.id)
                continue
            further += made
        found.append(await crowd(session, group.id, now))
    return found, without_place


def _too_full() -> ColumnElement[bool]:
    """Return the condition for groups that were adopted too full and rest until they split."""
    return (Group.state == "resting") & exists().where(
        Adoption.group_id == Group.id, Adoption.rests_until_split
    )


def _merges() -> ColumnElement[bool]:
    """Return the condition for groups whose people were told that they merge: they do not part."""
    return exists().where(
        or_(Merge.group_id == Group.id, Merge.into_id == Group.id),
        Merge.state.in_(("told", "moving")),
    )


def _in_hands() -> ColumnElement[bool]:
    """Return the condition for plans that people changed, or agree on: they stay as they are."""
    return exists().where(SplitChange.split_id == Split.id) | exists().where(
        SplitProposal.split_id == Split.id, SplitProposal.proposed_at.is_not(None)
    )


async def rests_until_split(session: AsyncSession, group: Group) -> bool:
    """Return whether a group rests only because more people live there than it has seats."""
    return bool(await session.scalar(select(_too_full()).where(Group.id == group.id)))


async def large_enough(session: AsyncSession, group: Group) -> bool:
    """Return whether so many live in a group that two could come of it."""
    type_ = await session.get_one(GroupType, group.type_id)
    return group.homes >= 2 * type_.minimum


async def could_part(session: AsyncSession, group: Group) -> bool:
    """Return whether a group that is not full yet could part, if its facilitators wish so."""
    return (
        group.state == "open"
        and await large_enough(session, group)
        and not await session.scalar(select(_merges()).where(Group.id == group.id))
        and not await limits.no_place(session, group)
    )


async def crowd(session: AsyncSession, group_id: int, now: datetime) -> Crowd:
    """Return all that a plan needs to know of a group."""
    group = await session.get_one(Group, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    found = await session.scalars(select(Membership.user_id).where(Membership.group_id == group_id))
    members = tuple(sorted(found))
    return Crowd(
        group_id=group_id,
        minimum=type_.minimum,
        cap=group.cap,
        members=members,
        ties=tuple(await ties.weights(session, group_id, now)),
        apart=await apart(session, group.server_id),
        facilitators=tuple(await facilitators.active(session, group_id)),
        willing=tuple(await volunteers.willing_or_fit(session, group_id, now)),
        active=await _active(session, group_id, now),
        wished=await wishes.weighed(session, group.server_id, members),
    )


async def _active(session: AsyncSession, group_id: int, now: datetime) -> dict[int, float]:
    """Return on how many of the last 90 days each took part in a group."""
    since = (now - ACTIVE_WITHIN).date().isoformat()
    rows = await session.execute(
        select(ActiveDay.user_id, func.count())
        .where(ActiveDay.group_id == group_id, ActiveDay.day >= since, ActiveDay.signals > 0)
        .group_by(ActiveDay.user_id)
    )
    return {user_id: float(days) for user_id, days in rows}


async def apart(session: AsyncSession, server_id: int) -> tuple[tuple[int, int], ...]:
    """Return the pairs who must not meet."""
    rows = await session.execute(
        select(Apart.low_id, Apart.high_id).where(Apart.server_id == server_id)
    )
    return tuple((low, high) for low, high in rows)


async def propose(
    session: AsyncSession,
    of: Crowd,
    plan: Plan,
    now: datetime,
    settings: Settings,
    *,
    early: bool = False,
) -> Split | None:
    """Write a plan down; return the split if it is a new one, which has to be shown.

    The plan of a split that still waits for a word takes the place of the older one, unless people
    have put their hands to it. Nothing changes if the group does not need it any more. `early`:
    asked for by who looks after the group, which is not full.
    """
    group = await session.get(Group, of.group_id)
    if group is None:
        return None
    split = await open_split(session, group.id)
    if split is not None:
        if split.state == "planned" and not await session.scalar(
            select(_in_hands()).where(Split.id == split.id)
        ):
            await _rewrite(session, split, of, plan, now)
        return None
    if early:
        if not await could_part(session, group):
            return None
    elif group.homes < group.cap or (
        group.state != "open" and not await rests_until_split(session, group)
    ):
        return None
    if await session.scalar(select(_merges()).where(Group.id == group.id)):
        return None
    type_ = await session.get_one(GroupType, group.type_id)
    server = await session.get_one(Server, group.server_id)
    split = Split(
        server_id=group.server_id,
        group_id=group.id,
        state="planned",
        planned_at=now,
        looked_at=now,
        ask_again_at=None if early else asks_again_at(type_, server, now, settings),
        rounds=1,
        mean_share=plan.mean_share,
        kept_weight=plan.kept_weight,
        stranded=plan.stranded,
        moved=0,
    )
    session.add(split)
    await session.flush()
    if early:
        session.add(SplitProposal(split_id=split.id, early=True))
    await _rewrite(session, split, of, plan, now)
    return split


async def _rewrite(
    session: AsyncSession, split: Split, of: Crowd, plan: Plan, now: datetime
) -> None:
    """Put the figures and seats of `plan` in place of what stands there; names stay."""
    await _name_children(session, split, plan.children)
    split.looked_at = now
    split.mean_share, split.kept_weight = plan.mean_share, plan.kept_weight
    split.stranded = plan.stranded
    await session.execute(delete(SplitSeat).where(SplitSeat.split_id == split.id))
    session.add_all(
        SplitSeat(
            split_id=split.id,
            user_id=user_id,
            child=side,
            planned=side,
            between=user_id in plan.between,
            chosen=False,
        )
        for user_id, side in plan.sides.items()
    )
    await session.flush()
    group = await session.get_one(Group, split.group_id)
    for child in await children(session, split.id):
        people = {user_id for user_id, side in plan.sides.items() if side == child.index}
        child.facilitator_id = await split_offices.leader(
            session, group, people, of.ties, of.facilitators, now
        )
    await session.flush()


async def _name_children(session: AsyncSession, split: Split, count: int) -> None:
    """Let a split have so many children: what is new gets a spare name, what is too much goes."""
    group = await session.get_one(Group, split.group_id)
    known = {row.index: row for row in await children(session, split.id)}
    for index in range(count):
        if index in known:
            if index == 0 and known[0].named_at is None:
                known[0].name, known[0].emoji = group.name, group.emoji
            continue
        if index:
            ready = await session.get(PreparedChild, (group.id, index))
            taken = await taken_names(session, group)
            if ready is not None and naming.key(ready.name) not in taken:
                emoji, name = ready.emoji, ready.name
            else:
                emoji, name = await spare_name(session, group)
        else:
            emoji, name = group.emoji, group.name
        session.add(SplitChild(split_id=split.id, index=index, name=name, emoji=emoji))
        await session.flush()
    for index, row in known.items():
        if index >= count:
            await session.delete(row)
    await session.flush()


def asks_again_at(type_: GroupType, server: Server, now: datetime, settings: Settings) -> datetime:
    """Return when a new plan goes on: its deciders are asked again, or it is told by itself."""
    if type_.splits == "auto":
        return pings_allowed_at(now + timedelta(days=type_.split_delay_days), server.zone)
    return now + timedelta(days=settings.split_approval_days)


async def open_split(session: AsyncSession, group_id: int) -> Split | None:
    """Return the group's split that is not over, if there is one."""
    return await session.scalar(
        select(Split).where(Split.group_id == group_id, Split.closed_at.is_(None))
    )


async def children(session: AsyncSession, split_id: int) -> list[SplitChild]:
    """Return the children, the one that keeps the room first."""
    found = await session.scalars(
        select(SplitChild).where(SplitChild.split_id == split_id).order_by(SplitChild.index)
    )
    return list(found)
