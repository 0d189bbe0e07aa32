"""Who takes part in a round of pairs, and what the matching needs to know of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import pair_hours, pairing
from bot.rules.pairing import Couple, Person, Round, couple, faded
from bot.rules.rituals import next_due
from bot.services import wishes
from bot.services.pairs import homes, schedule_of
from models import (
    Apart,
    Group,
    Member,
    Membership,
    Pair,
    Pairing,
    PairRound,
    PairSeat,
    PairWish,
    Server,
)

HISTORY = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who takes part in a round that is due, as far as the matching needs to know."""

    pairing_id: int
    due: datetime
    people: tuple[Person, ...]
    met: Mapping[Couple, float]
    bars: frozenset[Couple]

    def matched(self) -> Round:
        """Return who meets whom; takes up to a second."""
        seed = self.pairing_id * 1_000_003 + int(self.due.timestamp())
        return pairing.match(self.people, self.met, self.bars, seed)


async def gather(session: AsyncSession, row: Pairing, now: datetime) -> Crowd:
    """Return who takes part: who lives there, is not away, and does not rest."""
    rows = await session.execute(
        select(PairWish, Membership.group_id)
        .join(
            Membership,
            and_(
                Membership.server_id == PairWish.server_id, Membership.user_id == PairWish.user_id
            ),
        )
        .outerjoin(
            Member, and_(Member.server_id == PairWish.server_id, Member.user_id == PairWish.user_id)
        )
        .where(
            PairWish.pairing_id == row.id,
            PairWish.rests_since.is_(None),
            Membership.state == "here",
            Membership.group_id.in_(await _open(session, row)),
            or_(Member.away_from.is_(None), Member.away_from > now, Member.away_until <= now),
        )
        .order_by(PairWish.user_id)
    )
    assert row.next_due_at is not None  # it is due
    people = tuple(
        Person(
            wish.user_id,
            awake=pair_hours.in_utc(pair_hours.read(wish.hours), wish.zone, now)
            if wish.hours
            else frozenset(),
            side=home,
            first=wish.first,
        )
        for wish, home in rows
    )
    ids = [person.id for person in people]
    met = await _met(session, row, ids, now)
    return Crowd(row.id, row.next_due_at, people, met, await _bars(session, row, people))


async def _open(session: AsyncSession, row: Pairing) -> list[int]:
    """Return the groups whose people can take part now."""
    found = await session.scalars(
        select(Group.id).where(
            Group.id.in_(homes(row)), Group.state == "open", Group.locked_at.is_(None)
        )
    )
    return list(found)


async def _met(
    session: AsyncSession, row: Pairing, ids: Sequence[int], now: datetime
) -> dict[Couple, float]:
    """Return what earlier meetings of these people count, wherever in the server they were."""
    seats = await session.execute(
        select(PairSeat.pair_id, PairSeat.user_id, PairRound.at)
        .join(Pair, Pair.id == PairSeat.pair_id)
        .join(PairRound, PairRound.id == Pair.round_id)
        .where(
            PairSeat.server_id == row.server_id,
            PairSeat.user_id.in_(ids),
            ~PairSeat.gone,
            PairRound.at > now - HISTORY,
        )
    )
    tables: defaultdict[int, list[int]] = defaultdict(list)
    moments: dict[int, datetime] = {}
    for pair_id, user_id, at in seats:
        tables[pair_id].append(user_id)
        moments[pair_id] = at
    schedule = schedule_of(row)
    length = next_due(schedule, now) - now
    length = next_due(schedule, now + length) - (now + length)
    ago: defaultdict[Couple, list[float]] = defaultdict(list)
    for pair_id, table in tables.items():
        rounds = max(0.0, (now - moments[pair_id]) / length - 1)
        for pair in combinations(sorted(table), 2):
            ago[couple(*pair)].append(rounds)
    return {pair: faded(rounds) for pair, rounds in ago.items()}


async def _bars(session: AsyncSession, row: Pairing, people: Sequence[Person]) -> frozenset[Couple]:
    """Return who must not be put together: kept apart, a wish of either, or no place for both."""
    ids = [person.id for person in people]
    apart = await session.execute(
        select(Apart.low_id, Apart.high_id).where(
            Apart.server_id == row.server_id, Apart.low_id.in_(ids), Apart.high_id.in_(ids)
        )
    )
    bars = {couple(low, high) for low, high in apart}
    wished = await wishes.weighed(session, row.server_id, ids)
    bars |= {couple(low, high) for low, high, _ in wished.apart}
    server = await session.get_one(Server, row.server_id)
    if server.commons_id is None:  # no room that people of two groups both see
        bars |= {
            couple(one.id, other.id)
            for one, other in combinations(people, 2)
            if one.side != other.side
        }
    return frozenset(bars)
