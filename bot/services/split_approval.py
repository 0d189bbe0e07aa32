"""Those who decide on a split: what they see, when they are asked, and what they may answer."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import naming, split_messages
from bot.rules.actor import Actor
from bot.rules.message import Button, Line, Message, say
from bot.rules.split_messages import Child, Outline
from bot.rules.split_times import is_pointless
from bot.services import facilitators, limits, rights, split_plans
from bot.services.groups import of_server
from bot.services.outbox import Place, owe
from bot.services.split_plans import children, open_split, rests_until_split
from bot.settings import Settings
from models import (
    Facilitator,
    Group,
    GroupType,
    Server,
    Split,
    SplitChange,
    SplitProposal,
    SplitSeat,
    Tie,
)

ROUNDS_UNANSWERED = 2  # then the owners are told
PREVIEW_WAITS = timedelta(days=30)
OFF_FOR = timedelta(days=14)  # how long a split that somebody called off is not planned again


async def shown_children(session: AsyncSession, split: Split) -> tuple[Child, ...]:
    """Return the children as they stand, with who looks after each or might; side 0 first."""
    counted = (
        select(SplitSeat.child, func.count())
        .where(SplitSeat.split_id == split.id)
        .group_by(SplitSeat.child)
    )
    sizes = {row[0]: row[1] for row in await session.execute(counted)}
    found: list[Child] = []
    for child in await children(session, split.id):
        leads = await session.scalar(
            select(Facilitator.user_id).where(
                Facilitator.group_id.in_((split.group_id, child.group_id or split.group_id)),
                Facilitator.user_id == child.facilitator_id,
                Facilitator.state == "active",
            )
        )
        found.append(
            Child(
                child.name,
                child.emoji,
                sizes.get(child.index, 0),
                child.facilitator_id,
                agreed=leads is not None,
            )
        )
    return tuple(found)


async def outline(session: AsyncSession, split: Split, *, by_owner: bool = False) -> Outline:
    """Return the split as those see it who decide on it; `by_owner`: as an owner does."""
    word = await session.get(SplitProposal, split.id)
    group = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    between = select(func.count()).where(SplitSeat.split_id == split.id, SplitSeat.between)
    by_hand = select(func.count()).where(
        SplitChange.split_id == split.id,
        SplitChange.child != SplitChange.was,
        SplitChange.put_back_at.is_(None),
    )
    return Outline(
        split_id=split.id,
        group_id=group.id,
        group=group.name,
        homes=group.homes,
        cap=group.cap,
        children=await shown_children(session, split),
        state=split.state,
        kept_weight=split.kept_weight,
        stranded=split.stranded,
        between=await session.scalar(between) or 0,
        counted=bool(await session.scalar(select(exists().where(Tie.group_id == group.id)))),
        mark=await mark(session, split.id),
        by_itself=type_.splits == "auto",
        ask_again_at=split.ask_again_at,
        runs_at=split.runs_at,
        early=word is not None and word.early,
        no_until=None if word is None else word.no_until,
        with_owners=word is not None and word.owners_asked_at is not None,
        refused_by=None if word is None else word.refused_by,
        by_owner=by_owner,
        many_lead=len(await facilitators.active(session, group.id)) > 1,
        by_hand=await session.scalar(by_hand) or 0,
    )


async def mark(session: AsyncSession, split_id: int) -> str:
    """Return what tells this plan from another: who goes where, and who might look after whom."""
    seats = await session.execute(
        select(SplitSeat.user_id, SplitSeat.child)
        .where(SplitSeat.split_id == split_id)
        .order_by(SplitSeat.user_id)
    )
    leads = [child.facilitator_id for child in await children(session, split_id)]
    plan = repr(([tuple(seat) for seat in seats], leads))
    return hashlib.blake2b(plan.encode(), digest_size=4).hexdigest()


async def where_to_ask(session: AsyncSession, split: Split) -> tuple[Place, list[int]]:
    """Return the room in which those who look after the group are asked, and who they are.

    The owners' room, and nobody, where nobody looks after it or there is no room for facilitators.
    """
    server = await session.get_one(Server, split.server_id)
    asked = await facilitators.active(session, split.group_id)
    if asked and server.facilitators_room_id:
        return "facilitators", asked
    return "owners", []


async def show(session: AsyncSession, split: Split, now: datetime) -> None:
    """Owe the plan to those who decide: the group's facilitators, or the owners.

    The facilitators of other groups read in their room too, so there stands only that something
    waits; so it does for the owners where the group is named nowhere but in its own room.
    """
    group = await session.get_one(Group, split.group_id)
    place, asked = await where_to_ask(session, split)
    if place == "owners" and await rights.listed(session, group):
        shown = await outline(session, split, by_owner=True)
        message = split_messages.preview(shown, split.rounds)
    else:
        message = split_messages.waits(split.id, group.id, split.rounds, asked)
    await owe(
        session,
        server_id=split.server_id,
        kind="split-preview",
        key=f"split-preview:{split.id}:{split.rounds}",
        place=place,
        group_id=split.group_id,
        message=message,
        now=now,
        expires_in=PREVIEW_WAITS,
    )


async def no_place(session: AsyncSession, group_id: int, now: datetime) -> None:
    """Owe the word, once a month, that a full group cannot become two within Discord's limits."""
    group = await session.get_one(Group, group_id)
    server = await session.get_one(Server, group.server_id)
    asked = await facilitators.active(session, group_id) if server.facilitators_room_id else []
    named = await rights.listed(session, group)
    await owe(
        session,
        server_id=group.server_id,
        kind="split-no-place",
        key=f"split-no-place:{group_id}:{now:%Y%m}",
        place="facilitators" if asked else "owners",
        group_id=group_id,
        message=split_messages.no_place(group_id, group.name if named else None, asked),
        now=now,
        expires_in=PREVIEW_WAITS,
    )


async def ask_again(session: AsyncSession, split: Split, now: datetime, settings: Settings) -> None:
    """Show the plan once more; after two rounds without an answer the owners hear of it."""
    split.rounds += 1
    split.unanswered += 1
    split.ask_again_at = now + timedelta(days=settings.split_approval_days)
    await session.flush()
    await show(session, split, now)
    asked = await facilitators.active(session, split.group_id)
    if split.unanswered != ROUNDS_UNANSWERED or not asked:
        return
    group = await session.get_one(Group, split.group_id)
    await owe(
        session,
        server_id=split.server_id,
        kind="split-unanswered",
        key=f"split-unanswered:{split.id}:{split.rounds}",
        place="owners",
        group_id=group.id,
        message=split_messages.unanswered(
            split.id,
            group.id,
            group.name if await rights.listed(session, group) else None,
            ROUNDS_UNANSWERED,
        ),
        now=now,
    )


async def decided_by(session: AsyncSession, actor: Actor, split_id: int) -> Split:
    """Return a plan that waits for a word, to those who may say it; UserError otherwise."""
    await rights.server_row(session, actor.server_id)
    split = await session.get(Split, split_id)
    if split is None or split.server_id != actor.server_id or split.closed_at is not None:
        raise NotAllowed("splits.gone")
    await rights.require_facilitator(session, actor, split.group_id)
    if split.state != "planned":
        at = split.runs_at
        raise UserError("splits.told_already", at=0 if at is None else int(at.timestamp()))
    return split


async def desk(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return how it stands with a group's split, for its facilitators and owners."""
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    split = await open_split(session, group_id)
    if split is not None:
        by_owner = await rights.is_owner(session, actor)
        return split_messages.on_desk(await outline(session, split, by_owner=by_owner), group_id)
    key = "splits.no_plan"
    if group.homes >= group.cap:
        key = "splits.no_place" if await limits.no_place(session, group) else "splits.plan_soon"
    shown = say(key, group=naming.safe(group.name), homes=group.homes, cap=group.cap)
    if key == "splits.no_plan" and await split_plans.could_part(session, group):
        shown = replace(shown, buttons=(Button("splits.early", f"split-early:{group_id}"),))
    refused = await last_no(session, group_id)
    if refused is not None:
        shown = replace(shown, lines=(Line(f"splits.refused_{refused}"), *shown.lines))
    return split_messages.with_way_back(shown, group_id)


async def last_no(session: AsyncSession, group_id: int) -> str | None:
    """Return who said no to the group's newest plan, if it was an early one: facilitators | owners.

    None as soon as there has been another one since.
    """
    newest = select(func.max(Split.id)).where(Split.group_id == group_id).scalar_subquery()
    return await session.scalar(
        select(SplitProposal.refused_by).where(
            SplitProposal.split_id == newest, SplitProposal.early
        )
    )


async def call_off(session: AsyncSession, actor: Actor, split_id: int, now: datetime) -> int:
    """Let everybody stay together after all, though they were told; return the group.

    The room hears of it. UserError once the two have parted. A group that is still full gets a plan
    anew after two weeks.
    """
    await rights.server_row(session, actor.server_id)
    split = await session.get(Split, split_id)
    if split is None or split.server_id != actor.server_id:
        raise NotAllowed("splits.gone")
    await rights.require_facilitator(session, actor, split.group_id)
    if split.state != "told":
        raise UserError("splits.too_late" if split.state in {"moving", "done"} else "splits.gone")
    await drop(session, split, now)
    split.ask_again_at = now + OFF_FOR
    await session.flush()
    return split.group_id


async def drop_if_pointless(session: AsyncSession, split: Split, now: datetime) -> bool:
    """Close a split that its group no longer needs; True if it was closed.

    One that was archived, or put to rest, needs none: no half of it would open beside it.
    """
    group = await session.get_one(Group, split.group_id)
    word = await session.get(SplitProposal, split.id)
    if word is not None and word.early:
        pointless = not await split_plans.large_enough(session, group)
    else:
        pointless = is_pointless(group.homes, group.cap)
    ends = group.archived_at is not None or (
        group.rests_since is not None and not await rests_until_split(session, group)
    )
    if not ends and not pointless:
        return False
    await drop(session, split, now)
    return True


async def drop(session: AsyncSession, split: Split, now: datetime) -> None:
    """Close a split without one; who was told hears that it is off."""
    was_told = split.state == "told"
    split.state, split.closed_at = "dropped", now
    await session.flush()
    if was_told:
        await owe(
            session,
            server_id=split.server_id,
            kind="split-off",
            key=f"split-off:{split.id}",
            place="room",
            group_id=split.group_id,
            message=split_messages.called_off(split.id),
            now=now,
        )
