"""What islands are offered: one thing, with the neighbour that fits best; once a quarter."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import islands as rules
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.health import Week
from bot.rules.message import Message, say
from bot.rules.naming import safe
from bot.services import neighbours, rights
from bot.services.groups import of_server
from bot.settings import Settings
from models import Group, GroupType, HealthFigure, Neighbourliness, Server

AT_ONCE = 200  # groups whose figures are read together
OFFERED_AT_ONCE = 20  # groups a week: finding who fits takes a look at all others


@dataclass(frozen=True, slots=True)
class Offer:
    """A group that is an island, and its best-fitting neighbour."""

    group_id: int
    neighbour_id: int


async def look(session: AsyncSession, server_id: int, now: datetime) -> list[Offer]:
    """Return which of a server's groups something may be offered now; reads only.

    For after a week was closed: nothing is known of islands before, and nothing new until the next.
    """
    server = await session.get(Server, server_id)
    if server is None or server.health_week is None or server.paused_at is not None:
        return []
    last = Week.keyed(server.health_week)
    weeks = [last.later(-back).key for back in range(rules.WEEKS)]
    rows = await session.execute(
        select(Group, Neighbourliness.offered_at, Neighbourliness.not_for_us_at)
        .join(GroupType, GroupType.id == Group.type_id)
        .outerjoin(Neighbourliness, Neighbourliness.group_id == Group.id)
        .where(
            Group.server_id == server_id,
            Group.state == "open",
            Group.locked_at.is_(None),
            GroupType.listed,
        )
        .order_by(Group.id)
    )
    asked = [
        group for group, offered_at, no_at in rows.all() if rules.may_offer(offered_at, no_at, now)
    ]
    found: list[Offer] = []
    for first in range(0, len(asked), AT_ONCE):
        some = asked[first : first + AT_ONCE]
        figures = await _figures(session, [group.id for group in some], weeks)
        for group in some:
            if not rules.is_island(figures[group.id], weeks):
                continue
            best = await neighbours.fitting(session, group, now, most=1)
            found += [Offer(group.id, one.group_id) for one in best]
            if len(found) == OFFERED_AT_ONCE:
                return found
    return found


async def write(session: AsyncSession, offers: Sequence[Offer], now: datetime) -> None:
    """Write down what is offered from now on."""
    for offer in offers:
        group = await session.get(Group, offer.group_id)
        if group is None:
            continue
        row = await neighbours.row_of(session, group)
        if rules.may_offer(row.offered_at, row.not_for_us_at, now):
            row.offered_at, row.neighbour_id = now, offer.neighbour_id
    await session.flush()


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return what an island is offered, for two weeks, on the front of its desk."""
    del actor, settings
    row = await session.get(Neighbourliness, group.id)
    if (
        row is None
        or row.offered_at is None
        or row.not_for_us_at is not None
        or row.offered_at <= now - rules.SHOWN_FOR
        or group.state != "open"
        or group.locked_at is not None
    ):
        return ()
    other = None if row.neighbour_id is None else await session.get(Group, row.neighbour_id)
    if other is None or other.state != "open" or not await rights.listed(session, other):
        return ()
    if not await rights.listed(session, group):
        return ()
    neighbour = rules.Neighbour(other.id, other.name, other.emoji)
    return (rules.part(group.id, neighbour, rules.way(group.id, row.offered_at)),)


async def not_for_us(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Message:
    """Keep that a group wants to be by itself: nothing is offered to it again."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    if group.state == "archived":
        raise UserError("asks.group_over", group=safe(group.name))
    (await neighbours.row_of(session, group)).not_for_us_at = now
    await session.flush()
    return say("guests.island_kept", group=safe(group.name))


async def _figures(
    session: AsyncSession, group_ids: Sequence[int], weeks: Sequence[str]
) -> dict[int, dict[tuple[str, str], float | None]]:
    rows = await session.execute(
        select(
            HealthFigure.group_id, HealthFigure.week, HealthFigure.measure, HealthFigure.value
        ).where(
            HealthFigure.group_id.in_(group_ids),
            HealthFigure.week.in_(weeks),
            HealthFigure.measure.in_(rules.MEASURES),
        )
    )
    found: dict[int, dict[tuple[str, str], float | None]] = defaultdict(dict)
    for group_id, week, measure, value in rows:
        found[group_id][week, measure] = value
    return found
