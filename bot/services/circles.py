"""Circles: looked for, offered a group by an owner, founded when enough say yes.

found (nobody knows) → offered (its people are asked) → founded (there is a group, who said yes may
move in); or over. `look` may be called at any moment, `step_due` takes every offered circle as far
as it can go by now; each step is one transaction. What its people say is `circle_members`' matter.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules import charter as charters
from bot.rules import circles as rules
from bot.rules import naming
from bot.rules.actor import Actor
from bot.rules.capacity import Room
from bot.rules.charter import Charter
from bot.rules.circle_cards import Found, Offered, Overview
from bot.rules.circle_offers import (
    ANSWER_FOR,
    FRESH,
    LOOK_AGAIN,
    lives_together,
    takes,
)
from bot.services import circle_lines, circle_ties, group_names, groups, log, rights, suggest_me
from bot.services.split_plans import apart
from models import (
    Apart,
    Circle,
    CircleLook,
    CircleMember,
    Group,
    GroupType,
    Split,
    SplitChild,
)

FIELDS = ("name", "purpose", "for_whom", "unites", "norms")
AT_ONCE = 1_000  # people of circles that are written between two turns of the loop
OVER_SHOWN = timedelta(days=30)  # how long owners read that nothing came of an offer


async def look(database: Database, actor: Actor, now: datetime) -> Overview:
    """Look for circles anew and return how it stands; for owners.

    What was found before and not offered is forgotten. UserError when somebody looked just now.
    Takes the database, not a session: it reads in one scope, thinks in a thread while no
    transaction is open, and writes in another.
    """
    async with database.reading() as session:
        await rights.require_owner(session, actor)
        server = await rights.server_row(session, actor.server_id)
        before = await session.get(CircleLook, actor.server_id)
        if before is not None and before.at is not None and before.at + LOOK_AGAIN > now:
            raise UserError("circles.looked_just_now", at=int(before.at.timestamp()))
        web = await circle_ties.read(session, server, now)
        kept_apart = await apart(session, server.id)
        wishes = await circle_ties.rather_not(session, server.id)
    found = await asyncio.to_thread(
        rules.find, web.low, web.high, web.weight, apart=kept_apart, rather_not=wishes
    )
    async with database.writing() as session:
        await keep(session, actor.server_id, web.people, found, now)
    async with database.reading() as session:
        return await overview(session, actor, now)


async def keep(
    session: AsyncSession, server_id: int, people: int, found: rules.Found, now: datetime
) -> None:
    """Write down the circles that are steady enough, in place of those found before."""
    await session.execute(
        delete(Circle).where(Circle.server_id == server_id, Circle.state == "found")
    )
    still = set(await session.scalars(circle_ties.may_be(server_id, now)))
    tied = sum(len(one.people) for one in found.circles) + len(found.nowhere)
    look = await session.get(CircleLook, server_id)
    if look is None:
        look = CircleLook(server_id=server_id)
        session.add(look)
    look.at, look.people, look.without_ties = now, people, max(people - tied, 0)
    steady = [one for one in found.circles if one.steadiness >= rules.STEADY]
    circles = [[person for person in one.people if person in still] for one in steady]
    circles = [people for people in circles if len(people) >= rules.LEAST]
    everyone = [person for people in circles for person in people]
    homes = await circle_ties.homes(session, server_id, everyone)
    rows = [
        Circle(
            server_id=server_id,
            size=len(people),
            at_home=lives_together([homes.get(person) for person in people]),
            found_at=now,
        )
        for people in circles
    ]
    session.add_all(rows)
    await session.flush()
    members = [
        {"circle_id": row.id, "user_id": person, "answer": "none"}
        for row, people in zip(rows, circles, strict=True)
        for person in people
    ]
    for start in range(0, len(members), AT_ONCE):
        await session.execute(insert(CircleMember), members[start : start + AT_ONCE])


async def overview(session: AsyncSession, actor: Actor, now: datetime) -> Overview:
    """Return how it stands with circles in a server, in sizes only; for owners."""
    await rights.require_owner(session, actor)
    server = await rights.server_row(session, actor.server_id)
    look = await session.get(CircleLook, server.id)
    rows = await session.scalars(
        select(Circle).where(Circle.server_id == server.id).order_by(Circle.size.desc(), Circle.id)
    )
    found: list[Found] = []
    offered: list[Offered] = []
    for circle in rows:
        if circle.state == "found" and circle.found_at + FRESH > now:
            found.append(Found(circle.id, circle.size, circle.at_home))
        elif circle.state != "found" and _is_news(circle, now):
            offered.append(await _offered(session, circle))
    return Overview(
        people=await suggest_me.how_many(session, server.id),
        looked_at=None if look is None else look.at,
        found=found,
        offered=offered,
        counts_commons=server.counts_commons,
        may_tell=await suggest_me.may_tell(session, server, now),
    )


def _is_news(circle: Circle, now: datetime) -> bool:
    return circle.closed_at is None or circle.closed_at + OVER_SHOWN > now


async def _offered(session: AsyncSession, circle: Circle) -> Offered:
    yes = await session.scalar(
        select(func.count()).where(
            CircleMember.circle_id == circle.id, CircleMember.answer == "yes"
        )
    )
    group = None if circle.group_id is None else await session.get(Group, circle.group_id)
    return Offered(
        id=circle.id,
        size=circle.size,
        state=circle.state,
        name=charter_of(circle).name if group is None else group.name,
        ends_at=circle.ends_at,
        yes=yes or 0,
        open=circle.closed_at is None,
        forms=group is not None and group.state == "forming",
    )


async def found_one(session: AsyncSession, actor: Actor, circle_id: int, now: datetime) -> Circle:
    """Return a circle that can be offered a group; for owners, UserError for any other."""
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id)
    circle = await session.get(Circle, circle_id)
    if circle is None or circle.server_id != actor.server_id or circle.found_at + FRESH <= now:
        raise UserError("circles.gone")
    if circle.state != "found":
        raise UserError("circles.offered_already")
    return circle


async def types_for(session: AsyncSession, circle: Circle) -> list[GroupType]:
    """Return the types of group that a circle can become, by name."""
    rows = await session.scalars(
        select(GroupType)
        .where(GroupType.server_id == circle.server_id)
        .order_by(GroupType.name_key)
    )
    return [type_ for type_ in rows if _takes(type_, circle)]


def _takes(type_: GroupType, circle: Circle) -> bool:
    return takes(
        circle.size,
        kind=type_.kind,
        listed=type_.listed,
        minimum=type_.minimum,
        cap=type_.cap,
    )


async def offer(
    session: AsyncSession,
    actor: Actor,
    circle_id: int,
    type_id: int,
    typed: Mapping[str, str],
    *,
    now: datetime,
    room: Room | None = None,
) -> tuple[Circle, GroupType]:
    """Offer a circle a group: its people are asked, each privately; for owners.

    `typed` is the charter's words, `room` how many groups Discord's limits still take (None: not
    known). UserError says what to mend.
    """
    circle = await found_one(session, actor, circle_id, now)
    server = await rights.server_row(session, actor.server_id)
    if server.commons_id is None:
        raise UserError("circles.no_commons")
    type_ = await session.get(GroupType, type_id)
    if type_ is None or type_.server_id != server.id or not _takes(type_, circle):
        raise UserError("circles.type_gone")
    sign, _ = await spare_name(session, circle)
    words = {name: typed.get(name, "") for name in FIELDS}
    charter = charters.whole(charters.read({**words, "emoji": sign}))
    await groups.free_name(session, server.id, charter.name, None)
    if naming.key(charter.name) in await _meant(session, server.id, but_for=circle.id):
        raise UserError("groups.name_taken", group=naming.safe(charter.name))
    if room is not None and await groups.still_fit(session, type_, room) <= 0:
        raise UserError("groups.no_room_left")
    circle.size = await _still_apart(session, circle, now)
    if circle.size < max(type_.minimum, rules.LEAST):
        raise UserError("circles.shrunk")
    circle.state, circle.by_user_id, circle.type_id = "offered", actor.user_id, type_.id
    circle.charter = json.dumps(asdict(charter), ensure_ascii=False)
    circle.offered_at = now
    ends_at = circle.ends_at = now + ANSWER_FOR
    await session.flush()
    await circle_lines.owe_all(session, circle, ends_at, now)
    await log.note(
        session,
        server_id=server.id,
        by_user_id=actor.user_id,
        action="circle-offer",
        now=now,
        after={"name": charter.name},
    )
    return circle, type_


async def _still_apart(session: AsyncSession, circle: Circle, now: datetime) -> int:
    """Take out who may be in no circle any more, or not in this one; return who are left."""
    members = select(CircleMember.user_id).where(CircleMember.circle_id == circle.id)
    may = set(await session.scalars(circle_ties.may_be(circle.server_id, now)))
    inside = set(await session.scalars(members))
    out = inside - may
    pairs = await session.execute(
        select(Apart.low_id, Apart.high_id).where(
            Apart.server_id == circle.server_id,
            Apart.low_id.in_(members),
            Apart.high_id.in_(members),
        )
    )
    for low, high in pairs:
        if low not in out and high not in out:
            out.add(high)
    await session.execute(
        delete(CircleMember).where(
            CircleMember.circle_id == circle.id, CircleMember.user_id.in_(out)
        )
    )
    return len(inside - out)


async def call_off(
    session: AsyncSession, actor: Actor, circle_id: int, now: datetime
) -> tuple[str, bool]:
    """End an offer; return the group's name, and whether it has begun. For owners.

    Who said yes reads that nothing came of it. A group that has begun stays, and nobody further is
    asked in.
    """
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id)
    circle = await session.get(Circle, circle_id)
    if circle is None or circle.server_id != actor.server_id or circle.closed_at is not None:
        raise UserError("circles.gone")
    if circle.state == "found":
        raise UserError("circles.gone")
    name = charter_of(circle).name
    await close(session, circle, now)
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action="circle-call-off",
        now=now,
        after={"name": name},
    )
    return name, circle.state == "founded"


async def close(session: AsyncSession, circle: Circle, now: datetime) -> None:
    """Take no further answers; a circle that was not founded by now is over."""
    await circle_lines.withdraw_all(session, circle)
    circle.closed_at = now
    if circle.state == "offered":
        circle.state = "over"
    await session.flush()


async def after_pause(
    session: AsyncSession, server_id: int, paused_at: datetime, now: datetime
) -> None:
    """Give the people of circles the time back in which the server was paused."""
    rows = await session.scalars(
        select(Circle).where(
            Circle.server_id == server_id,
            Circle.ends_at.is_not(None),
            Circle.closed_at.is_(None),
        )
    )
    for circle in rows.all():
        if circle.ends_at is not None:
            circle.ends_at += now - paused_at
    await session.flush()


async def spare_name(session: AsyncSession, circle: Circle) -> tuple[str, str]:
    """Return a sign and a name that no group here has or is meant to have: always the same one."""
    taken = set(
        await session.scalars(select(Group.name_key).where(Group.server_id == circle.server_id))
    )
    taken |= await _meant(session, circle.server_id, but_for=circle.id)
    children = select(SplitChild.name).join(Split, Split.id == SplitChild.split_id)
    planned = children.where(Split.server_id == circle.server_id, Split.closed_at.is_(None))
    taken |= set(map(naming.key, await session.scalars(planned)))
    free = await group_names.first_free(session, circle.server_id, taken, seed=circle.id)
    if free is not None:
        return free
    number = 1
    while naming.key(f"Circle {number}") in taken:
        number += 1
    return charters.DEFAULT_EMOJI, f"Circle {number}"


async def _meant(session: AsyncSession, server_id: int, *, but_for: int) -> set[str]:
    """Return the keys of names that circles mean to take."""
    rows: Sequence[Circle] = (
        await session.scalars(
            select(Circle).where(
                Circle.server_id == server_id,
                Circle.charter.is_not(None),
                Circle.closed_at.is_(None),
                Circle.id != but_for,
            )
        )
    ).all()
    return {naming.key(charter_of(circle).name) for circle in rows}


def charter_of(circle: Circle) -> Charter:
    """Return the charter that an owner wrote for a circle's group."""
    return Charter(**json.loads(circle.charter or '{"name": "", "purpose": ""}'))
