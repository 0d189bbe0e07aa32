"""What a facilitator sees on their desk."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import desk_messages, facilitation, group_messages
from bot.rules import stages as rules
from bot.rules.actor import Actor
from bot.rules.desk_messages import Card
from bot.rules.message import Message
from bot.services import (
    concern_desk,
    facilitators,
    merge_approval,
    rights,
    ritual_moves,
    small,
    stages,
)
from bot.services.groups import charter_of, of_server
from bot.services.requests import waiting_for
from bot.settings import Settings
from models import Facilitator, Group, Ritual, Split, Waiting


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the groups that someone looks after."""

    group_id: int
    name: str
    emoji: str


async def choices(session: AsyncSession, actor: Actor) -> list[Choice]:
    """Return the groups that the actor looks after, by name."""
    rows = await session.scalars(
        select(Group)
        .join(Facilitator, Facilitator.group_id == Group.id)
        .where(
            Facilitator.server_id == actor.server_id,
            Facilitator.user_id == actor.user_id,
            Facilitator.state == "active",
        )
        .order_by(Group.name_key)
    )
    return [Choice(group.id, group.name, group.emoji) for group in rows]


async def card(
    session: AsyncSession, actor: Actor, group_id: int, now: datetime, settings: Settings
) -> Card:
    """Return the desk of one group, to those who look after it and to owners."""
    await rights.server_row(session, actor.server_id)
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    counted = await session.execute(
        select(Ritual.state, func.count()).where(Ritual.group_id == group_id).group_by(Ritual.state)
    )
    states = {state: count for state, count in counted}  # noqa: C416 - a row is not a pair to the type checker
    next_ritual = await ritual_moves.first_of_group(session, group_id, now)
    waiting = await session.scalar(select(func.count()).where(Waiting.group_id == group_id))
    split = await session.scalar(
        select(Split.id).where(Split.group_id == group_id, Split.closed_at.is_(None))
    )
    office = await session.get(Facilitator, (group_id, actor.user_id))
    mine = office is not None and office.state == "active"
    load = await facilitators.load(session, actor.server_id, actor.user_id)
    much = mine and facilitation.too_much(
        load, most_groups=settings.most_cared_groups, most_homes=settings.most_cared_homes
    )
    return Card(
        group_id=group.id,
        name=group.name,
        emoji=group.emoji,
        stage=rules.stage(await stages.facts(session, group)),
        room_id=group.room_id,
        homes=group.homes,
        cap=group.cap,
        visitors=group.visitors,
        waiting=waiting or 0,
        concerns=len(await concern_desk.for_facilitators(session, actor, group_id)),
        requests=len(await waiting_for(session, actor, group_id)),
        facilitators=tuple(await facilitators.active(session, group_id)),
        rituals_running=states.get("running", 0),
        rituals_paused=states.get("paused", 0),
        next_ritual_at=None if next_ritual is None else next_ritual[0],
        split_open=split is not None,
        merge_open=await merge_approval.open_merge(session, group_id) is not None,
        small=await small.for_long(session, group, now, settings) is not None,
        letters=office.letters if office is not None and mine else None,
        letters_by_dm=office is not None and office.letters_by_dm,
        much=load if much else None,
    )


async def charter(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return a group's charter with what can be done about it, to who looks after it and owners."""
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    facts = await stages.facts(session, group)
    return desk_messages.charter(
        group_messages.charter_posted(group.id, charter_of(group), group.created_at),
        group.id,
        stage=rules.stage(facts),
        lacks=rules.still_needed(facts) if group.state == "forming" else rules.asked_for(facts),
        closes_at=group.closes_at,
    )


async def asked(session: AsyncSession, actor: Actor, group_id: int) -> list[tuple[int, int]]:
    """Return id and asker of each request to be let in that waits, the oldest first."""
    found = await waiting_for(session, actor, group_id)
    if not found:
        raise UserError("desk.nobody_asks")
    return [(one.id, one.user_id) for one in found]
