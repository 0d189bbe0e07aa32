"""Groups that have been small for long: noticed, asked about once, and what they can do.

Small is below the minimum of the group's type, counted in people who live there. Only open groups
are looked at, time in which Hearth was not there counts for nobody, and whoever leaves it as it is
is left in peace.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import merge_cards, small_cards
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message, say
from bot.rules.naming import safe
from bot.rules.quiet import silence
from bot.services import (
    answers,
    connected,
    facilitators,
    inviting,
    matching,
    merge_approval,
    merge_sides,
    rights,
    stages,
    standing,
)
from bot.services.groups import of_server
from bot.services.log import note
from bot.services.outbox import Place, owe
from bot.settings import Settings
from bot.texts import Say
from models import (
    Facilitator,
    Group,
    GroupType,
    Invitation,
    Member,
    Membership,
    Server,
    SmallGroup,
    Waiting,
)

MOST_ASKED = 10  # people whom one press asks in
MOST_LOOKED_AT = 100  # people of whom it is looked at whether they could be among them
ASKED_FOR = timedelta(days=30)  # an answer to the card's line
PEACE = timedelta(weeks=8)  # after "leave it as it is"


async def look(session: AsyncSession, server_id: int, now: datetime, settings: Settings) -> int:
    """Note which groups are small, and ask about those that have been for long; return how many.

    Called hourly. Nothing happens in a server that is paused.
    """
    server = await session.get(Server, server_id)
    if server is None or server.paused_at is not None or server.removed_at is not None:
        return 0
    living = (
        select(func.count())
        .where(Membership.group_id == Group.id, Membership.state.in_(("here", "held")))
        .correlate(Group)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(Group, GroupType.minimum, living)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(Group.server_id == server_id)
        .order_by(Group.id)
    )
    hearing = await connected.hearing(session, server_id)
    asked = 0
    for group, minimum, lives in rows.all():
        if group.state != "open" or lives >= minimum:
            if group.small_since is not None:
                group.small_since = None
                await session.execute(delete(SmallGroup).where(SmallGroup.group_id == group.id))
            continue
        since = group.small_since = group.small_since or now
        lasted = silence(since, now, hearing.live)
        if lasted >= timedelta(weeks=settings.small_weeks):
            asked += await _ask(session, group, now)
    await session.flush()
    return asked


async def _ask(session: AsyncSession, group: Group, now: datetime) -> bool:
    """Owe the line about a small group, unless it was asked about, or is about to merge."""
    row = await session.get(SmallGroup, group.id)
    if row is not None and (row.ask_again_at is None or row.ask_again_at > now):
        return False
    if await merge_approval.open_merge(session, group.id) is not None:
        return False
    if row is None:
        row = SmallGroup(group_id=group.id, server_id=group.server_id, asked_at=now)
        session.add(row)
    row.asked_at, row.answered_at, row.ask_again_at = now, None, None
    await session.flush()
    server = await session.get_one(Server, group.server_id)
    deciders = await facilitators.active(session, group.id)
    place: Place = "facilitators" if deciders and server.facilitators_room_id else "owners"
    at = int(now.timestamp())
    await owe(
        session,
        server_id=group.server_id,
        kind="small",
        key=f"small:{group.id}:{at}",
        place=place,
        group_id=group.id,
        message=small_cards.waits(group.id, deciders if place == "facilitators" else (), at),
        now=now,
        expires_in=ASKED_FOR,
    )
    return True


async def card(
    session: AsyncSession, actor: Actor, group_id: int, now: datetime, settings: Settings
) -> Message:
    """Return what a small group can do, to those who look after it and to owners.

    While a merge is open, the merge.
    """
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    merge = await merge_approval.open_merge(session, group_id)
    if merge is not None:
        return await merge_approval.card(session, actor, merge.id, now)
    type_ = await session.get_one(GroupType, group.type_id)
    lives = await session.scalar(
        select(func.count()).where(
            Membership.group_id == group_id, Membership.state.in_(("here", "held"))
        )
    )
    return small_cards.card(
        group.id,
        group.name,
        group.emoji,
        homes=lives or 0,
        minimum=type_.minimum,
        lasted=await for_long(session, group, now, settings),
        may_rest=group.state == "open",
    )


async def for_long(
    session: AsyncSession, group: Group, now: datetime, settings: Settings
) -> timedelta | None:
    """Return how long a group has been small; None where that is not long, or it is not small."""
    if group.small_since is None:
        return None
    hearing = await connected.hearing(session, group.server_id)
    lasted = silence(group.small_since, now, hearing.live)
    return lasted if lasted >= timedelta(weeks=settings.small_weeks) else None


async def others(
    session: AsyncSession, actor: Actor, group_id: int, now: datetime, words: Say
) -> Message:
    """Return the groups that a group could move in with, to those who look after it."""
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    found: list[tuple[int, str, str]] = []
    for other_id in await merge_sides.suggested(session, group, now):
        other = await session.get_one(Group, other_id)
        emoji = "" if other.emoji.startswith("<") else other.emoji
        label = words("merging.choice", emoji=emoji, group=other.name).strip()
        found.append((other_id, label, words("merging.choice_below", n=other.homes)))
    return merge_cards.others(group.id, group.name, found)


async def invite(
    session: AsyncSession, actor: Actor, group_id: int, now: datetime, settings: Settings
) -> Message:
    """Ask people in who look for a home, or wait for a seat in a group of the same kind.

    They find a neutral line and an invitation; nobody learns who they are before they come.
    """
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    if group.state != "open":
        raise UserError("merging.closed_now", group=safe(group.name))
    free = min(group.cap - group.homes - group.offered, MOST_ASKED)
    if free <= 0:
        raise UserError("merging.full_up", group=safe(group.name))
    might = await _who_might_come(session, group, now, settings, most=free)
    for user_id in might:
        await inviting.invite(session, actor, group_id=group_id, user_id=user_id, now=now)
    asked = len(might)
    await _answered(session, group_id, now)
    return small_cards.invited(group.id, group.name, asked)


async def _who_might_come(
    session: AsyncSession, group: Group, now: datetime, settings: Settings, *, most: int
) -> list[int]:
    """Return who may be asked in: who waits for a seat in such a group, then who fits it.

    Nobody who lives here, was asked already, is barred, or would meet whom they must not meet. Of
    those who look for a home only the latest are looked at: each is a matching of its own.
    """
    type_ = await session.get_one(GroupType, group.type_id)
    waiting = await session.scalars(
        select(Waiting.user_id)
        .join(Group, Group.id == Waiting.group_id)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(
            Waiting.server_id == group.server_id,
            Waiting.group_id != group.id,
            Waiting.offered_at.is_(None),
            GroupType.kind == type_.kind,
            ~exists().where(Invitation.group_id == group.id, Invitation.user_id == Waiting.user_id),
        )
        .order_by(Waiting.since, Waiting.user_id)
        .limit(MOST_LOOKED_AT)
    )
    might: list[int] = []
    for user_id in waiting.all():
        if len(might) < most and await _may_come(session, group, user_id):
            might.append(user_id)
    if not type_.listed or len(might) >= most:
        return might
    for user_id in await answers.seeking(
        session, group.server_id, for_group=group.id, most=MOST_LOOKED_AT
    ):
        if len(might) >= most:
            break
        if user_id in might or not await _may_come(session, group, user_id):
            continue
        fits = await matching.suggest(session, group.server_id, user_id, now=now, settings=settings)
        if any(one.group_id == group.id for one in fits):
            might.append(user_id)
    return might


async def _may_come(session: AsyncSession, group: Group, user_id: int) -> bool:
    home = await session.get(Membership, (group.server_id, user_id))
    row = await session.get(Member, (group.server_id, user_id))
    if row is not None and row.left_at is not None:
        return False
    if home is not None and home.group_id == group.id:
        return False
    stands = await standing.standing(session, group.server_id, user_id, group.id)
    return not stands.barred and not stands.apart


async def rest_asked(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return the question before a group rests, to those who look after it."""
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    _may_rest(group)
    return small_cards.rest_sure(group.id, group.name)


async def rest(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Message:
    """Let a group rest, as those who look after it may: an owner opens it again."""
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    _may_rest(group)
    if await merge_approval.open_merge(session, group_id) is not None:
        raise UserError("merging.busy")
    await stages.rest(session, group, now)
    await note(
        session,
        server_id=group.server_id,
        by_user_id=actor.user_id,
        action="group-rest",
        now=now,
        group_id=group.id,
    )
    await _answered(session, group_id, now)
    return say("merging.rests", group=safe(group.name))


def _may_rest(group: Group) -> None:
    if group.rests_since is not None:
        raise UserError("merging.rests_already", group=safe(group.name))
    if group.state != "open":
        raise UserError("merging.closed_now", group=safe(group.name))


async def leave_it(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Message:
    """Leave a small group as it is, and in peace."""
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    again = now + PEACE
    row = await session.get(SmallGroup, group_id)
    if row is not None:
        row.answered_at, row.ask_again_at = now, again
        await session.flush()
    return Message(
        (Line("merging.left_as_it_is", {"group": safe(group.name), "at": int(again.timestamp())}),),
        buttons=(Button("merging.left_open", f"small-open:{group_id}"),),
    )


async def _answered(session: AsyncSession, group_id: int, now: datetime) -> None:
    row = await session.get(SmallGroup, group_id)
    if row is not None:
        row.answered_at = now
        await session.flush()


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return the question about a small group that waits for somebody who looks after it."""
    del settings
    group = await session.scalar(
        select(Group)
        .join(SmallGroup, SmallGroup.group_id == Group.id)
        .join(Facilitator, Facilitator.group_id == Group.id)
        .where(
            Group.server_id == who.server_id,
            Group.state == "open",
            Facilitator.user_id == who.user_id,
            Facilitator.state == "active",
            SmallGroup.answered_at.is_(None),
            SmallGroup.asked_at > now - ASKED_FOR,
        )
        .order_by(Group.id)
        .limit(1)
    )
    if group is None:
        return None
    return Note(
        (Line("merging.small_note", {"group": safe(group.name)}),),
        (Button("merging.open", f"small-open:{group.id}:home"),),
    )
