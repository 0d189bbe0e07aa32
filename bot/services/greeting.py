"""Greeting: who offered to, whose turn it is, and what a newcomer hears first.

A welcome is written down with whom it asked, so that greeters take turns. What was asked binds
nobody: whoever presses "I'll show them around" first does so.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, literal, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import living
from bot.rules.actor import Actor
from bot.rules.message import Button, Line
from bot.services import answers, facilitators, rights, ritual_moves
from bot.services.groups import of_server
from bot.services.outbox import owe
from bot.services.upserts import upsert
from models import (
    Apart,
    Facilitator,
    Greeter,
    Group,
    GroupType,
    Member,
    Membership,
    Welcome,
)

WELCOME_WAITS = timedelta(days=2)
DAY = timedelta(days=1)


async def greeter(
    session: AsyncSession, group_id: int, *, newcomer: int, now: datetime
) -> int | None:
    """Return who would be asked to greet a newcomer in a group, None for nobody; reads only.

    Volunteers who live there before facilitators, in turn; not who is away, nor anyone whom the
    newcomer must not meet, nor who was asked often today.
    """
    return (await greeters(session, (group_id,), newcomer=newcomer, now=now)).get(group_id)


async def greeters(
    session: AsyncSession, group_ids: Collection[int], *, newcomer: int, now: datetime
) -> dict[int, int]:
    """Return who would be asked to greet a newcomer in each of some groups, as `greeter` does.

    A group in which nobody would be asked is left out. At most two reads, however many groups.
    """
    candidates = await _candidates(session, group_ids, newcomer, now)
    if not candidates:
        return {}
    today = func.sum(case((Welcome.at > now - DAY, 1), else_=0))
    asked = await session.execute(
        select(Welcome.group_id, Welcome.greeter_id, func.max(Welcome.at), today)
        .where(
            Welcome.group_id.in_(candidates),
            Welcome.greeter_id.in_({user_id for found in candidates.values() for user_id in found}),
        )
        .group_by(Welcome.group_id, Welcome.greeter_id)
    )
    for group_id, user_id, last, often in asked.all():
        known = None if user_id is None else candidates[group_id].get(user_id)
        if known is not None:
            candidates[group_id][known.user_id] = replace(
                known, asked_at=last, asked_today=int(often or 0)
            )
    turns = {
        group_id: living.whose_turn([*found.values()]) for group_id, found in candidates.items()
    }
    return {group_id: user_id for group_id, user_id in turns.items() if user_id is not None}


async def welcome(session: AsyncSession, group: Group, user_id: int, *, now: datetime) -> None:
    """Owe a newcomer's welcome to their new room, and write down whom it asks."""
    asked = await greeter(session, group.id, newcomer=user_id, now=now)
    session.add(
        Welcome(
            server_id=group.server_id, group_id=group.id, user_id=user_id, at=now, greeter_id=asked
        )
    )
    await session.flush()
    await owe(
        session,
        server_id=group.server_id,
        kind="welcome",
        key=f"welcome:{group.id}:{user_id}:{int(now.timestamp())}",
        place="room",
        group_id=group.id,
        message=living.welcome(
            group_id=group.id,
            user_id=user_id,
            greeter=asked,
            answers=await answers.shown(session, group.server_id, user_id),
            first=await first(session, group, user_id),
            now=now,
        ),
        now=now,
        expires_in=WELCOME_WAITS,
    )


async def told(
    session: AsyncSession, server_id: int, user_id: int
) -> tuple[list[Line], list[Button]]:
    """Return what somebody who has just moved in reads on how to begin: lines and buttons.

    Nothing for who has no home, or came back to a seat that was kept: they know their way.
    """
    home = await session.get(Membership, (server_id, user_id))
    if home is None or home.state != "here":
        return [], []
    row = await _newest(session, home.group_id, user_id)
    if row is None or row.at != home.since:
        return [], []
    group = await session.get_one(Group, home.group_id)
    return living.told(group.id, row.greeter_id, await first(session, group, user_id))


async def take_on(
    session: AsyncSession, who: Actor, group_id: int, newcomer: int, now: datetime
) -> living.TakenOn:
    """Let somebody show a newcomer around, if nobody else does yet; the newcomer is told."""
    await rights.server_row(session, who.server_id)
    group = await of_server(session, who.server_id, group_id)
    if who.user_id == newcomer:
        raise UserError("living.own_welcome")
    if not await lives_here(session, who, group_id) and not await _looks_after(
        session, who.user_id, group_id
    ):
        raise UserError("living.residents_greet")
    home = await session.get(Membership, (who.server_id, newcomer))
    row = await _newest(session, group_id, newcomer)
    if home is None or home.group_id != group_id or home.state != "here" or row is None:
        raise UserError("living.moved_on", user=newcomer)
    taken = await session.scalar(
        update(Welcome)
        .where(Welcome.id == row.id, Welcome.taken_at.is_(None))
        .values(taken_at=now, greeter_id=who.user_id)
        .returning(Welcome.id),
        execution_options={"synchronize_session": False},
    )
    await session.refresh(row)
    assert row.greeter_id is not None  # it was taken, by them or before
    if taken is not None:
        await owe(
            session,
            server_id=who.server_id,
            kind="greeted",
            key=f"greeted:{row.id}",
            place="room",
            group_id=group.id,
            message=living.greeted(group.id, newcomer, who.user_id, now),
            now=now,
            expires_in=WELCOME_WAITS,
        )
    ritual = await ritual_moves.first_of_group(session, group_id, now)
    return living.TakenOn(
        newcomer, row.greeter_id, taken is not None, None if ritual is None else ritual[0]
    )


async def offer(session: AsyncSession, who: Actor, group_id: int, *, now: datetime) -> str:
    """Let somebody who lives in a group greet its newcomers; return the group's name."""
    await rights.server_row(session, who.server_id)
    group = await of_server(session, who.server_id, group_id)
    if not await lives_here(session, who, group_id):
        raise UserError("living.residents_greet")
    await session.execute(
        upsert(session, Greeter)
        .values(group_id=group_id, user_id=who.user_id, server_id=who.server_id, since=now)
        .on_conflict_do_nothing()
    )
    return group.name


async def no_more(session: AsyncSession, who: Actor, group_id: int) -> None:
    """Take somebody's offer to greet back; it works at any time, without a word of why."""
    await session.execute(
        delete(Greeter).where(
            Greeter.server_id == who.server_id,
            Greeter.group_id == group_id,
            Greeter.user_id == who.user_id,
        )
    )


async def greets(session: AsyncSession, group_id: int, user_id: int) -> bool:
    """Return whether somebody offered to greet in a group."""
    return await session.get(Greeter, (group_id, user_id)) is not None


async def follow(
    session: AsyncSession, *, from_group_id: int, to_group_id: int, user_ids: frozenset[int]
) -> None:
    """Take offers to greet along where a group splits or two become one."""
    await session.execute(
        update(Greeter)
        .where(Greeter.group_id == from_group_id, Greeter.user_id.in_(user_ids))
        .values(group_id=to_group_id),
        execution_options={"synchronize_session": False},
    )


async def moved_out(session: AsyncSession, group_id: int, user_id: int) -> None:
    """End someone's offer with their home."""
    await session.execute(
        delete(Greeter).where(Greeter.group_id == group_id, Greeter.user_id == user_id)
    )


async def _candidates(
    session: AsyncSession, group_ids: Collection[int], newcomer: int, now: datetime
) -> dict[int, dict[int, living.Candidate]]:
    """Return who may be asked, by group and person."""
    offices = select(
        Facilitator.group_id,
        Facilitator.server_id,
        Facilitator.user_id,
        Facilitator.since,
        literal(0).label("volunteer"),
    ).where(Facilitator.group_id.in_(group_ids), Facilitator.state == "active")
    offers = (
        select(
            Greeter.group_id,
            Greeter.server_id,
            Greeter.user_id,
            Greeter.since,
            literal(1).label("volunteer"),
        )
        .join(
            Membership,
            (Membership.server_id == Greeter.server_id)
            & (Membership.user_id == Greeter.user_id)
            & (Membership.group_id == Greeter.group_id)
            & (Membership.state == "here"),
        )
        .where(Greeter.group_id.in_(group_ids))
    )
    who = union_all(offices, offers).subquery()
    wanted = (
        select(who.c.group_id, who.c.user_id, who.c.since, who.c.volunteer)
        .outerjoin(
            Member, (Member.server_id == who.c.server_id) & (Member.user_id == who.c.user_id)
        )
        .where(
            who.c.user_id != newcomer,
            or_(Member.user_id.is_(None), Member.away_from.is_(None), Member.away_until <= now),
            ~select(Apart.low_id)
            .where(
                Apart.server_id == who.c.server_id,
                or_(
                    (Apart.low_id == newcomer) & (Apart.high_id == who.c.user_id),
                    (Apart.low_id == who.c.user_id) & (Apart.high_id == newcomer),
                ),
            )
            .exists(),
        )
        .order_by(who.c.volunteer)  # who did both counts by their offer, which comes later
    )
    found: defaultdict[int, dict[int, living.Candidate]] = defaultdict(dict)
    for group_id, user_id, since, volunteer in await session.execute(wanted):
        found[group_id][user_id] = living.Candidate(user_id, since, volunteer == 1)
    return dict(found)


async def first(session: AsyncSession, group: Group, user_id: int) -> Line:
    """Return the small thing that a newcomer of a group is asked to begin with."""
    type_ = await session.get_one(GroupType, group.type_id)
    return living.first_thing(type_.kind, group.first_thing, user_id)


async def _newest(session: AsyncSession, group_id: int, newcomer: int) -> Welcome | None:
    return await session.scalar(
        select(Welcome)
        .where(Welcome.group_id == group_id, Welcome.user_id == newcomer)
        .order_by(Welcome.at.desc(), Welcome.id.desc())
        .limit(1)
    )


async def lives_here(session: AsyncSession, who: Actor, group_id: int) -> bool:
    """Return whether somebody lives in a group right now."""
    home = await session.get(Membership, (who.server_id, who.user_id))
    return home is not None and home.group_id == group_id and home.state == "here"


async def _looks_after(session: AsyncSession, user_id: int, group_id: int) -> bool:
    return user_id in await facilitators.active(session, group_id)
