"""Messages that nobody answered, for those who look after the group: places in its room, no text.

`read` and `keep` belong to the batch that counts signs of life (bot/services/signals.py) and run in
its transaction; what waits and what answers is decided in bot/rules/answering.py. Anybody may read
the messages in the room; here it is only said where they stand.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import answering
from bot.rules.actor import Actor
from bot.rules.answering import Awaiting
from bot.rules.answering_messages import IN_A_LETTER, Alone, links, listed
from bot.rules.counting import COMMONS, Counted, Sums
from bot.rules.desk_parts import Part
from bot.rules.letter_parts import Section
from bot.rules.message import Button, Line, Message
from bot.rules.quiet import silence
from bot.rules.signals import Heard
from bot.services import connected, rights
from bot.services.groups import of_server
from bot.services.id_chunks import chunks
from bot.services.sums import moment
from bot.services.upserts import upsert
from bot.settings import Settings
from models import ActiveDay, Facilitator, Group, Membership, Unanswered, Visit


async def read(
    session: AsyncSession, batch: Iterable[Heard], servers: Mapping[int, Counted]
) -> None:
    """Fill in what waits in the groups that a batch was heard in."""
    groups: dict[int, Counted] = {}
    for place in {heard.place for heard in batch}:
        server = servers.get(place.server_id)
        group_id = None if server is None else server.group_of(place)
        if server is not None and group_id is not None and group_id != COMMONS:
            groups[group_id] = server
    for ids in chunks(groups):
        rows = await session.scalars(
            select(Unanswered).where(Unanswered.group_id.in_(ids)).order_by(Unanswered.at)
        )
        for row in rows:
            groups[row.group_id].awaiting.setdefault(row.group_id, []).append(_awaiting(row))


async def keep(
    session: AsyncSession, servers: Mapping[int, Counted], sums: Sums, now: datetime
) -> None:
    """Write down what waits after a batch, and take out what was answered; who wrote at last."""
    gone: list[int] = []
    new: list[dict[str, Any]] = []
    oldest = int((now - answering.KEPT).timestamp() * 1000)
    for (server_id, group_id), left in sums.awaiting.items():
        before = {one.message_id for one in servers[server_id].awaiting.get(group_id, ())}
        gone += before.difference(one.message_id for one in left)
        new += [
            {
                "message_id": one.message_id,
                "server_id": server_id,
                "group_id": group_id,
                "channel_id": one.channel_id,
                "user_id": one.user_id,
                "at": moment(one.at_ms),
                "first": one.first,
                "in_talk": one.in_talk,
            }
            for one in left
            if one.message_id not in before and one.at_ms > oldest
        ]
    for ids in chunks(gone):
        await session.execute(
            delete(Unanswered)
            .where(Unanswered.message_id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    if new:
        # Counted once is what signals promise; a doubled one must not hold up all the others.
        statement = upsert(session, Unanswered).on_conflict_do_nothing()
        await (await session.connection()).execute(statement, new)
    if sums.first_words:
        await (await session.connection()).execute(
            update(Membership)
            .where(
                Membership.server_id == bindparam("server"), Membership.user_id == bindparam("who")
            )
            .values(wrote_at=bindparam("wrote")),
            [
                {"server": server_id, "who": user_id, "wrote": moment(at_ms)}
                for (server_id, user_id), at_ms in sums.first_words.items()
            ],
        )


async def waiting(
    session: AsyncSession, group: Group, now: datetime, *, reader_id: int = 0
) -> list[Alone]:
    """Return the messages in a group that nobody answered for a day, those to read first first.

    Somebody's first message in their home comes first, then those of people who have hardly been
    around, then the newest. Of each author the oldest that waits; none of the reader's own, of who
    belongs to the group no more, or of a time in which Hearth could not have heard an answer. None
    where nobody can write.
    """
    if group.state == "archived" or group.locked_at is not None:
        return []
    oldest, latest = now - answering.KEPT, now - answering.UNANSWERED_AFTER
    rows = (
        await session.scalars(
            select(Unanswered)
            .where(
                Unanswered.group_id == group.id,
                Unanswered.at > oldest,
                Unanswered.at <= latest,
                Unanswered.user_id != reader_id,
                Unanswered.user_id.in_(_belong(group.id, now)),
            )
            .order_by(Unanswered.at, Unanswered.message_id)
        )
    ).all()
    if not rows:
        return []
    heard = (await connected.hearing(session, group.server_id)).live
    by_author: dict[int, Unanswered] = {}
    for row in rows:
        if silence(row.at, now, heard) >= answering.UNANSWERED_AFTER:
            by_author.setdefault(row.user_id, row)
    days = await _days(session, group, by_author)
    found = [
        Alone(
            row.server_id,
            row.channel_id,
            row.message_id,
            row.at,
            first=row.first,
            new=days.get(user_id, 0) < answering.FEW_DAYS,
        )
        for user_id, row in by_author.items()
    ]
    return sorted(found, key=lambda one: (not one.first, not one.new, -one.message_id))


async def section(
    session: AsyncSession, office: Facilitator, group: Group, now: datetime
) -> Section | None:
    """Return the unanswered for one facilitator's letter.

    Only what somebody new wrote is a reason for a letter of its own.
    """
    found = await waiting(session, group, now, reader_id=office.user_id)
    if not found:
        return None
    newest = max((one.message_id for one in found if one.first or one.new), default=0)
    return Section(
        f"unanswered:{newest}" if newest else "",
        (Line("noticing.unanswered_section"), *links(found[:IN_A_LETTER])),
    )


async def on_desk(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, _settings: Settings
) -> Sequence[Part]:
    """Return what the desk says of them: at its front while any wait, else a button inside."""
    found = await waiting(session, group, now, reader_id=actor.user_id)
    button = Button("noticing.unanswered", f"unanswered:{group.id}")
    if not found:
        return (Part("people", buttons=(button,)),)
    line = Line("noticing.unanswered_waits", {"n": len(found)})
    return (Part("front", (line,), (button,)),)


async def for_desk(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Message:
    """Return the list for those who look after a group, and for owners."""
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    found = await waiting(session, group, now, reader_id=actor.user_id)
    return listed(group.id, group.name, found)


def _belong(group_id: int, now: datetime) -> Select[tuple[int]]:
    """Select who lives in a group or visits it now; who is not counted any more is left out."""
    here = select(Membership.user_id).where(
        Membership.group_id == group_id, Membership.state == "here"
    )
    visits = select(Visit.user_id).where(
        Visit.group_id == group_id, Visit.ended_at.is_(None), Visit.ends_at > now
    )
    return select(here.union(visits).subquery().c.user_id)


async def _days(session: AsyncSession, group: Group, user_ids: Collection[int]) -> dict[int, int]:
    """Return on how many days each of these people was around in a group."""
    rows = await session.execute(
        select(ActiveDay.user_id, func.count())
        .where(
            ActiveDay.server_id == group.server_id,
            ActiveDay.group_id == group.id,
            ActiveDay.user_id.in_(user_ids),
        )
        .group_by(ActiveDay.user_id)
    )
    return {who: count for who, count in rows}  # noqa: C416 - a row is not a pair to the type checker


def _awaiting(row: Unanswered) -> Awaiting:
    return Awaiting(
        row.message_id,
        row.user_id,
        row.channel_id,
        int(row.at.timestamp() * 1000),
        first=row.first,
        in_talk=row.in_talk,
    )
