"""A round of pairs: who is there, who meets whom, and what is owed to them.

A round is held in three steps, so that nothing waits for the matching: the one before is closed and
who takes part is read; the matching runs in a thread beside the loop; its rows and messages are
written, unique on the round's local moment. Killed in between, the next minute does it anew.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules import pair_messages
from bot.rules.pairing import Round
from bot.rules.resting import local_day
from bot.rules.rituals import local_moment, next_due
from bot.services import facilitators, pair_closing, pair_crowd, pair_talk
from bot.services.outbox import owe
from bot.services.pair_crowd import Crowd
from bot.services.pairs import schedule_of
from models import (
    Facilitator,
    Group,
    GroupRest,
    Membership,
    OutboxMessage,
    Pair,
    Pairing,
    PairRound,
    PairSeat,
    PairWish,
    Server,
)

GRACE = timedelta(days=1)  # a round that is later than that is left out; the next one comes
LOOKED_AHEAD = 60  # rounds; rests are planned for a year at most
THIN_MOST = 2  # rounds in a row with hardly anybody; then pairs rest and ask
# Discord lets a bot open 50 threads in five minutes, in all servers together
THREADS_AT_ONCE = 8
AT_ONCE_EVERY = timedelta(minutes=1)

ANY = exists(select(Pairing.id))


async def step(database: Database, now: datetime) -> None:
    """Look after the rounds that last, and hold those that are due; the job body of the tick."""
    async with database.writing() as session:
        await forget_ended(session, now)
        await mind_rests(session, now)
        await pair_closing.step_due(session, now)
    await hold_due(database, now)


async def hold_due(database: Database, now: datetime) -> int:
    """Hold every round whose moment has come; return how many were held."""
    async with database.reading() as session:
        ids = await due(session, now)
    held = 0
    for pairing_id in ids:
        async with database.writing() as session:
            crowd = await ready(session, pairing_id, now)
        if crowd is None:
            continue
        round_ = await asyncio.to_thread(crowd.matched)
        async with database.writing() as session:
            held += await write(session, crowd, round_, now)
    return held


async def mind_rests(session: AsyncSession, now: datetime, group_id: int | None = None) -> None:
    """Let no round stand on a day of rest that is still to come: what people read of it is true.

    For a group whose days of rest were changed, or for all that have any.
    """
    resting = select(GroupRest.group_id)
    wanted = Pairing.group_id.in_(resting) if group_id is None else Pairing.group_id == group_id
    rows = await session.scalars(
        select(Pairing).where(wanted, Pairing.state == "running", Pairing.next_due_at > now)
    )
    for row in rows.all():
        (at,) = await coming(session, row, now, 1)
        if at != row.next_due_at:
            await _leave_out(session, row, at)


async def coming(
    session: AsyncSession, row: Pairing, now: datetime, most: int
) -> Sequence[datetime]:
    """Return when the next rounds are, past the days on which the group rests."""
    schedule, at, found = schedule_of(row), now, list[datetime]()
    for _ in range(most):
        at = next_due(schedule, at)
        for _ in range(LOOKED_AHEAD):
            if not await _rests(session, row, at):
                break
            at = next_due(schedule, at)
        found.append(at)
    return found


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """Return the pairings whose next round is due, where people can write."""
    rows = await session.scalars(
        select(Pairing.id)
        .join(Group, Group.id == Pairing.group_id)
        .join(Server, Server.id == Pairing.server_id)
        .where(
            Pairing.state == "running",
            Pairing.next_due_at <= now,
            Group.state == "open",
            Group.locked_at.is_(None),
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(Pairing.next_due_at, Pairing.id)
    )
    return list(rows)


async def ready(session: AsyncSession, pairing_id: int, now: datetime) -> Crowd | None:
    """Close the round before, and return who takes part in the one that is due.

    None where there is none: it comes too late or falls on one of the group's days of rest, and is
    left out; or nobody hosts it any more, or hardly anybody took part twice in a row: then pairs
    rest, and those who look after the group are asked.
    """
    row = await session.get(Pairing, pairing_id)
    if row is None or row.state != "running" or row.next_due_at is None or row.next_due_at > now:
        return None
    schedule = schedule_of(row)
    moment = row.next_due_at
    while (following := next_due(schedule, moment)) <= now:
        moment = following
    if now - moment > GRACE or await _rests(session, row, moment):
        await _leave_out(session, row, following)
        return None
    row.next_due_at = moment
    await pair_closing.close_rounds(session, row, now)
    if not await _is_hosted(session, row):
        row.host_id = None
        await rest(session, row, "host", now)
        return None
    if row.thin >= THIN_MOST:
        await rest(session, row, "thin", now)
        return None
    await session.flush()
    return await pair_crowd.gather(session, row, now)


async def write(session: AsyncSession, crowd: Crowd, round_: Round, now: datetime) -> bool:
    """Write a round and owe its messages; False if it was written or put off meanwhile."""
    row = await session.get(Pairing, crowd.pairing_id)
    if row is None or row.state != "running" or row.next_due_at != crowd.due:
        return False
    schedule = schedule_of(row)
    following = next_due(schedule, max(crowd.due, now))
    held = PairRound(
        pairing_id=row.id,
        server_id=row.server_id,
        local_moment=local_moment(schedule, crowd.due),
        at=now,
        closes_at=following,
        people=len(crowd.people),
        pairs=len(round_.tables),
    )
    session.add(held)
    await session.flush()
    sides = {person.id: person.side for person in crowd.people}
    begins = await _first_turn(session, now)
    for place, table in enumerate(round_.tables):
        side = sides[table[0]]
        same = all(sides[one] == side for one in table)
        pair = Pair(
            server_id=row.server_id,
            round_id=held.id,
            group_id=side if same else None,
            question=pair_messages.first_question(held.id, place),
        )
        session.add(pair)
        await session.flush()
        session.add_all(
            PairSeat(pair_id=pair.id, user_id=one, server_id=row.server_id) for one in table
        )
        at = begins + place // THREADS_AT_ONCE * AT_ONCE_EVERY
        await pair_talk.bring_together(session, row, pair, table, now=now, at=at)
    left = set(round_.left)
    for wish in await session.scalars(select(PairWish).where(PairWish.pairing_id == row.id)):
        if wish.user_id in sides:
            wish.first = wish.user_id in left
            wish.alone_at = now if wish.first else None
    row.next_due_at = following
    await session.flush()
    return True


async def rest(session: AsyncSession, row: Pairing, why: str, now: datetime) -> None:
    """Let pairs rest and ask those who look after the group what shall become of them."""
    row.state, row.why, row.next_due_at, row.thin = "paused", why, None, 0
    server = await session.get_one(Server, row.server_id)
    people = await facilitators.active(session, row.group_id)
    if row.host_id in people:  # a host who looks after it no more could not decide
        people = [row.host_id]
    mark = int(now.timestamp())
    await owe(
        session,
        server_id=row.server_id,
        kind="pair-waits",
        key=f"pair-waits:{row.id}:{mark}",
        place="room" if server.facilitators_room_id is None else "facilitators",
        group_id=row.group_id,
        message=pair_messages.waits(row.id, mark, people),
        now=now,
    )


async def _leave_out(session: AsyncSession, row: Pairing, following: datetime) -> None:
    """Go on to the next round; pairs of the last one keep each other until then."""
    row.next_due_at = following
    rounds = await session.scalars(
        select(PairRound).where(PairRound.pairing_id == row.id, PairRound.closed_at.is_(None))
    )
    for one in rounds.all():
        one.closes_at = following
    await session.flush()


async def _rests(session: AsyncSession, row: Pairing, moment: datetime) -> bool:
    """Return whether a moment falls on a day of rest of the group, by the calendar of its pairs."""
    day = local_day(moment, row.zone).isoformat()
    found = await session.scalar(
        select(GroupRest.id)
        .where(GroupRest.group_id == row.group_id, GroupRest.first <= day, GroupRest.last >= day)
        .limit(1)
    )
    return found is not None


async def _is_hosted(session: AsyncSession, row: Pairing) -> bool:
    """Return whether the host still lives in the group or looks after it."""
    if row.host_id is None:
        return False
    home = await session.get(Membership, (row.server_id, row.host_id))
    if home is not None and home.group_id == row.group_id and home.state == "here":
        return True
    office = await session.get(Facilitator, (row.group_id, row.host_id))
    return office is not None and office.state == "active"


async def _first_turn(session: AsyncSession, now: datetime) -> datetime:
    """Return when the first pair may be brought together: after those that wait already."""
    last = await session.scalar(
        select(func.max(OutboxMessage.due_at)).where(
            OutboxMessage.kind == pair_talk.KIND, OutboxMessage.due_at > now
        )
    )
    return now if last is None else last + AT_ONCE_EVERY


async def forget_ended(session: AsyncSession, now: datetime) -> int:
    """Let pairs go whose group has ended, and close what was open; return how many."""
    rows = await session.scalars(
        select(Pairing).join(Group, Group.id == Pairing.group_id).where(Group.state == "archived")
    )
    ended = rows.all()
    for row in ended:
        await pair_closing.end(session, row, now)
    siblings = await session.scalars(
        select(Pairing).join(Group, Group.id == Pairing.sibling_id).where(Group.state == "archived")
    )
    for row in siblings.all():
        row.sibling_id, row.sibling_state, row.sibling_asked_at = None, "none", None
    await session.flush()
    return len(ended)


async def forget_wishes(session: AsyncSession) -> None:
    """Erase the wishes of people whose home is another by now, or none."""
    still = (
        select(Membership.user_id)
        .join(Pairing, Pairing.id == PairWish.pairing_id)
        .where(
            Membership.server_id == PairWish.server_id,
            Membership.user_id == PairWish.user_id,
            or_(
                Membership.group_id == Pairing.group_id,
                and_(Membership.group_id == Pairing.sibling_id, Pairing.sibling_state == "yes"),
            ),
        )
        .correlate(PairWish)
        .exists()
    )
    await session.execute(delete(PairWish).where(~still))
