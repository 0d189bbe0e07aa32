"""Counts what people do who could help to look after a group, as a batch of signals is written.

See bot/rules/caring.py for what counts. Whether two people answered each other before is read from
the ties, and nothing of it is kept but one number.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import caring as rules
from bot.rules.counting import Counted
from bot.rules.signals import Heard, Kind, moment_ms
from bot.rules.ties import LastMessages, Pair
from bot.services.id_chunks import chunks
from bot.services.upserts import upsert
from models import ActiveDay, Care, Membership, RoomCursor, Tie


async def with_silences(
    session: AsyncSession, batch: Sequence[Heard], last: Mapping[int, LastMessages]
) -> Mapping[int, LastMessages]:
    """Return `last` with when the rooms of a batch were last written in, where it does not say.

    Who wrote last is forgotten after an hour and with every start, but not how far a room was
    counted: by that a silence is known for what it is.
    """
    unknown = {
        heard.place.room_id
        for heard in batch
        if heard.kind is Kind.MESSAGE
        and heard.place.room_id == heard.place.channel_id
        and heard.place.room_id not in last
    }
    known = dict(last)
    for ids in chunks(unknown):
        cursors = await session.execute(
            select(RoomCursor.room_id, RoomCursor.message_id).where(RoomCursor.room_id.in_(ids))
        )
        known.update((room, LastMessages([(0, moment_ms(message))])) for room, message in cursors)
    return known


async def note(
    session: AsyncSession,
    batch: Sequence[Heard],
    servers: Mapping[int, Counted],
    last: Mapping[int, LastMessages],
    now: datetime,
) -> None:
    """Write down what a batch shows; call it before the batch's own ties are written."""
    acts = rules.acts(batch, servers)
    revivals = rules.revivals(batch, servers, last)
    if not acts and not revivals:
        return
    people: defaultdict[int, set[int]] = defaultdict(set)
    for act in acts:
        people[act.server_id].update((act.user_id, *act.others))
    for one in revivals:
        people[one.server_id].add(one.user_id)
    newcomers: dict[int, frozenset[int]] = {}
    for server_id, those in people.items():
        newcomers |= await newcomers_of(session, server_id, those, now)
    found = rules.sums(acts, revivals, newcomers, await _tied(session, acts))
    statement = upsert(session, Care)
    statement = statement.on_conflict_do_update(
        index_elements=["group_id", "user_id", "week"],
        set_={
            deed: Care.__table__.columns[deed] + statement.excluded[deed] for deed in rules.DEEDS
        },
    )
    rows = [
        {
            "server_id": server_id,
            "group_id": group_id,
            "user_id": user_id,
            "week": week,
            **{deed: deeds[deed] for deed in rules.DEEDS},
        }
        for (server_id, group_id, user_id, week), deeds in found.items()
    ]
    if rows:
        await (await session.connection()).execute(statement, rows)


async def newcomers_of(
    session: AsyncSession, server_id: int, user_ids: Iterable[int], now: datetime
) -> dict[int, frozenset[int]]:
    """Return which of some people are newcomers of their homes, by group: see bot.rules.caring."""
    fourth_day = (
        select(ActiveDay.day)
        .where(
            ActiveDay.server_id == Membership.server_id,
            ActiveDay.user_id == Membership.user_id,
            ActiveDay.group_id == Membership.group_id,
        )
        .limit(1)
        .offset(rules.NEW_DAYS - 1)
        .scalar_subquery()
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for ids in chunks(user_ids):
        new = await session.execute(
            select(Membership.group_id, Membership.user_id).where(
                Membership.server_id == server_id,
                Membership.user_id.in_(ids),
                or_(Membership.since > now - rules.NEW_FOR, fourth_day.is_(None)),
            )
        )
        for group_id, user_id in new:
            found[group_id].add(user_id)
    return {group_id: frozenset(new) for group_id, new in found.items()}


async def rows(session: AsyncSession, group_id: int, now: datetime) -> list[rules.Week]:
    """Return what everybody did in a group within the time that is looked back on."""
    since = (now - rules.LOOK_BACK).astimezone(UTC).date().isoformat()
    found = await session.execute(
        select(Care.user_id, Care.week, Care.welcomed, Care.revived, Care.connected).where(
            Care.group_id == group_id, Care.week >= since
        )
    )
    return [rules.Week(*row) for row in found]


async def follow(
    session: AsyncSession, *, from_group_id: int, to_group_id: int, user_ids: Iterable[int]
) -> None:
    """Carry what people did over to the new home that they moved to together."""
    columns = Care.__table__.columns
    for ids in chunks(user_ids):
        theirs = (Care.group_id == from_group_id, Care.user_id.in_(ids))
        statement = upsert(session, Care).from_select(
            [column.name for column in columns],
            select(
                *(literal(to_group_id) if one.name == "group_id" else one for one in columns)
            ).where(*theirs),
        )
        statement = statement.on_conflict_do_update(
            index_elements=["group_id", "user_id", "week"],
            set_={deed: columns[deed] + statement.excluded[deed] for deed in rules.DEEDS},
        )
        await session.execute(statement)
        await session.execute(
            delete(Care).where(*theirs).execution_options(synchronize_session=False)
        )


async def _tied(session: AsyncSession, acts: Iterable[rules.Act]) -> dict[int, frozenset[Pair]]:
    """Return which of the pairs that were spoken to answered each other before, by group."""
    pairs: defaultdict[int, set[Pair]] = defaultdict(set)
    for act in acts:
        if wanted := rules.pairs(act):
            pairs[act.group_id].update(wanted)
    people = {who for wanted in pairs.values() for two in wanted for who in two}
    found: defaultdict[int, set[Pair]] = defaultdict(set)
    for ids in chunks(people):
        ties = await session.execute(
            select(Tie.group_id, Tie.low_id, Tie.high_id)
            .where(Tie.group_id.in_(pairs), Tie.low_id.in_(ids))
            .distinct()
        )
        for group_id, low, high in ties:
            if (low, high) in pairs[group_id]:
                found[group_id].add((low, high))
    return {group_id: frozenset(known) for group_id, known in found.items()}
