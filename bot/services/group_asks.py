"""Asking another group: a question, whom it goes to, and whether it is put to them.

Answers are in `bot.services.group_answers`, what stands in rooms in `bot.services.ask_posts`.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import ask_cards
from bot.rules import group_asks as rules
from bot.rules.actor import Actor
from bot.rules.ask_cards import Ask
from bot.rules.message import Message, say
from bot.rules.naming import safe
from bot.rules.neighbours import Neighbour
from bot.services import ask_posts, drafts, facilitators, neighbours, rights, standing
from bot.services.groups import of_server
from bot.services.outbox import Place, owe
from models import Group, GroupAsk, Neighbourliness, Server

KIND = "ask-waits"
WORDS = "ask-group-words"  # the form, and the draft that holds a question until it is sent


def draft_of(group_id: int) -> str:
    """Return the name of the draft in which somebody's question waits until it is sent."""
    return f"{WORDS}:{group_id}"


async def may_ask(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    """Return the group; UserError where the actor cannot ask another one for it now."""
    await rights.server_row(session, actor.server_id)
    group = await session.get(Group, group_id)
    if (
        group is None
        or group.server_id != actor.server_id
        or not await ask_posts.belongs(session, actor.server_id, actor.user_id, group_id)
    ):
        raise NotAllowed("asks.inside_only")
    if group.state == "archived":
        raise UserError("asks.inside_only")
    row = await open_of(session, group_id)
    if row is not None:
        to = await session.get_one(Group, row.to_group_id)
        raise UserError("asks.one_at_a_time", to=safe(to.name))
    return group


async def open_of(session: AsyncSession, group_id: int) -> GroupAsk | None:
    """Return the question that a group has open, if it has one."""
    return await session.scalar(
        select(GroupAsk).where(GroupAsk.group_id == group_id, GroupAsk.closed_at.is_(None))
    )


async def look(session: AsyncSession, actor: Actor, group_id: int) -> Message | None:
    """Return how it stands with a group's question, to those inside; None without one."""
    await rights.server_row(session, actor.server_id)
    group = await session.get(Group, group_id)
    if (
        group is None
        or group.server_id != actor.server_id
        or not await ask_posts.belongs(session, actor.server_id, actor.user_id, group_id)
    ):
        raise NotAllowed("asks.inside_only")
    row = await open_of(session, group_id)
    if row is None:
        return None
    return ask_cards.state(
        await ask_posts.shown(session, row), mine=await _may_take_back(session, actor, row)
    )


async def choose(
    session: AsyncSession, actor: Actor, group_id: int, text: str, now: datetime
) -> Message:
    """Return which groups a question fits, to who wants to ask it."""
    group = await may_ask(session, actor, group_id)
    found = await _fitting(session, actor, group, text, now)
    return ask_cards.choose(group.id, text, found, listed=await rights.listed(session, group))


async def sure(  # noqa: PLR0917 - who asks whom, and what
    session: AsyncSession,
    actor: Actor,
    group_id: int,
    other_id: int,
    text: str,
    now: datetime,
) -> Message:
    """Return the last look before it is sent."""
    group = await may_ask(session, actor, group_id)
    other = await _chosen(session, actor, group, other_id, text, now)
    return ask_cards.sure(group.id, other, text, listed=await rights.listed(session, group))


async def send(
    session: AsyncSession,
    actor: Actor,
    group_id: int,
    other_id: int,
    *,
    named: bool,
    now: datetime,
) -> Message:
    """Offer somebody's question to another group's facilitators; its words wait in their draft."""
    group = await may_ask(session, actor, group_id)
    own = {"server_id": actor.server_id, "user_id": actor.user_id}
    text = (await drafts.kept(session, form=draft_of(group_id), **own)).get("question", "")
    if not text:
        raise UserError("asks.words_gone")
    text = rules.question(text)
    other = await _chosen(session, actor, group, other_id, text, now)
    row = GroupAsk(
        **own,
        group_id=group_id,
        to_group_id=other.group_id,
        named=named and await rights.listed(session, group),
        text=text,
        asked_at=now,
        ends_at=now + rules.TAKEN_UP_WITHIN,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:  # two at once, on a database with several writers
        raise UserError("asks.one_at_a_time", to=safe(other.name)) from None
    await drafts.done(session, form=draft_of(group_id), **own)
    await _tell_deciders(session, row, now)
    return say("asks.sent_off", **(await ask_posts.shown(session, row)).names)


async def take_back(session: AsyncSession, actor: Actor, ask_id: int, now: datetime) -> Message:
    """Take a question back, for its author or who looks after their group."""
    row = await of(session, actor, ask_id)
    if not await _may_take_back(session, actor, row):
        raise NotAllowed("asks.not_yours")
    if row.closed_at is not None:
        raise UserError("asks.gone")
    await ask_posts.close(session, row, "back", now)
    return say("asks.taken_back")


async def read(session: AsyncSession, actor: Actor, ask_id: int) -> Message:
    """Return a question to who looks after the group that is asked."""
    row = await of(session, actor, ask_id)
    await rights.require_facilitator(session, actor, row.to_group_id)
    return ask_cards.look(await ask_posts.shown(session, row))


async def put(session: AsyncSession, actor: Actor, ask_id: int, now: datetime) -> Message:
    """Put a question to one's group: both rooms read of it, for a week."""
    row = await _to_decide(session, actor, ask_id)
    group = await session.get_one(Group, row.to_group_id)
    if group.state != "open" or group.locked_at is not None:
        raise UserError("asks.not_now")
    row.put_at, row.ends_at = now, now + rules.OPEN_FOR
    await session.flush()
    await ask_posts.put(session, row, now)
    return say("asks.put_done")


async def let_pass(session: AsyncSession, actor: Actor, ask_id: int, now: datetime) -> Message:
    """Let a question pass: it leaves the desk's front, and ends by itself; nobody is told."""
    row = await _to_decide(session, actor, ask_id)
    row.passed_at = now
    await session.flush()
    return say("asks.passed", **(await ask_posts.shown(session, row)).names)


async def take_questions(
    session: AsyncSession, actor: Actor, group_id: int, *, wanted: bool
) -> Message:
    """Say whether a group wants to be asked by others."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    if group.state == "archived":
        raise UserError("asks.group_over", group=safe(group.name))
    (await neighbours.row_of(session, group)).takes_questions = wanted
    await session.flush()
    return say("asks.welcome" if wanted else "asks.stopped", group=safe(group.name))


async def how(session: AsyncSession, actor: Actor, ask_id: int) -> Message:
    """Return what this is, to who reads of it in one of the two rooms."""
    row = await of(session, actor, ask_id)
    for group_id in (row.group_id, row.to_group_id):
        if await rights.is_inside(session, actor.server_id, actor.user_id, group_id):
            return ask_cards.how(await ask_posts.shown(session, row))
    if not await rights.is_owner(session, actor):
        raise UserError("asks.gone")
    return ask_cards.how(await ask_posts.shown(session, row))


async def asked_of(session: AsyncSession, group_id: int) -> list[Ask]:
    """Return the open questions of others to a group, the oldest first."""
    rows = await session.scalars(
        select(GroupAsk)
        .where(GroupAsk.to_group_id == group_id, GroupAsk.closed_at.is_(None))
        .order_by(GroupAsk.id)
    )
    return [await ask_posts.shown(session, row) for row in rows.all()]


async def of(session: AsyncSession, actor: Actor, ask_id: int) -> GroupAsk:
    """Return a question of this server; UserError for any other number."""
    await rights.server_row(session, actor.server_id)
    row = await session.get(GroupAsk, ask_id)
    if row is None or row.server_id != actor.server_id:
        raise UserError("asks.gone")
    return row


async def _to_decide(session: AsyncSession, actor: Actor, ask_id: int) -> GroupAsk:
    row = await of(session, actor, ask_id)
    await rights.require_facilitator(session, actor, row.to_group_id)
    await session.scalar(select(GroupAsk.id).where(GroupAsk.id == row.id).with_for_update())
    await session.refresh(row)
    if row.closed_at is not None or row.put_at is not None:
        raise UserError("asks.gone")
    return row


async def _may_take_back(session: AsyncSession, actor: Actor, row: GroupAsk) -> bool:
    if actor.user_id == row.user_id or await rights.is_owner(session, actor):
        return True
    return actor.user_id in await facilitators.active(session, row.group_id)


async def _chosen(  # noqa: PLR0917 - who asks whom, and what
    session: AsyncSession,
    actor: Actor,
    group: Group,
    other_id: int,
    text: str,
    now: datetime,
) -> Neighbour:
    """Return the group that was chosen, if it is among those that can be asked still."""
    found = await _fitting(session, actor, group, text, now, most=neighbours.MOST)
    for one in found:
        if one.group_id == other_id:
            return one
    raise UserError("asks.not_that_group")


async def _fitting(
    session: AsyncSession,
    actor: Actor,
    group: Group,
    text: str,
    now: datetime,
    *,
    most: int = rules.SHOWN_MOST,
) -> list[Neighbour]:
    """Return the groups that a question fits: who takes questions, and has not had enough.

    None that the person who asks is kept out of: nobody is told why a group is not among them.
    """
    refuse = await session.scalars(
        select(Neighbourliness.group_id).where(
            Neighbourliness.server_id == group.server_id,
            Neighbourliness.takes_questions.is_(False),
        )
    )
    lately = (
        select(GroupAsk.to_group_id)
        .where(GroupAsk.server_id == group.server_id, GroupAsk.asked_at > now - rules.MONTH)
        .group_by(GroupAsk.to_group_id)
        .having(func.count() >= rules.IN_A_MONTH)
    )
    busy = await session.scalars(lately)
    closed = await standing.closed_to(session, group.server_id, actor.user_id)
    if 0 in closed:
        return []
    but = {*refuse, *busy, *closed}
    return await neighbours.fitting(session, group, now, about=text, but=but, most=most)


async def _tell_deciders(session: AsyncSession, row: GroupAsk, now: datetime) -> None:
    server = await session.get_one(Server, row.server_id)
    deciders = await facilitators.active(session, row.to_group_id)
    place: Place = "facilitators" if deciders and server.facilitators_room_id else "owners"
    ask = await ask_posts.shown(session, row)
    await owe(
        session,
        server_id=row.server_id,
        kind=KIND,
        key=f"{KIND}:{row.id}",
        place=place,
        group_id=row.to_group_id,
        message=ask_cards.waits(ask, deciders if place == "facilitators" else ()),
        now=now,
        expires_in=rules.TAKEN_UP_WITHIN,
    )
