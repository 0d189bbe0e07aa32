"""Writes a batch of signs of life into the tables.

What counts is read in the transaction that writes it, so nobody is counted on stale knowledge; how
it adds up is bot/rules/counting.py. How far each channel has been counted (`RoomCursor`) is written
in the same transaction, so after a crash history is read from exactly there.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.counting import Counted, Person, count
from bot.rules.quiet import Close
from bot.rules.signals import Heard, Kind
from bot.rules.ties import LastMessages
from bot.services import (
    caring,
    pair_parts,
    ritual_parts,
    unanswered,
)
from bot.services.id_chunks import chunks
from bot.services.sums import moment, store
from models import (
    Facilitator,
    Group,
    Member,
    Membership,
    QuietEpisode,
    RoomCursor,
    Server,
)

WITH_THE_GROUP = timedelta(days=1)  # after a group was made: who moves in then is one of its first


@dataclass(frozen=True, slots=True)
class Written:
    """What writing a batch showed.

    `uncounted` are channels that count for nothing as things are, `last` the last messages of each
    channel that did.
    """

    signals: int
    uncounted: frozenset[int]
    last: Mapping[int, LastMessages]


@dataclass(frozen=True, slots=True)
class Positions:
    """Where reading history begins: after a channel's cursor, else when the room's group began."""

    cursors: Mapping[int, int]  # channel -> last counted message
    rooms: Mapping[int, int]  # room of a group -> when the group was made, as ms since 1970


async def write(
    session: AsyncSession,
    batch: Sequence[Heard],
    last: Mapping[int, LastMessages],
    now: datetime,
    *,
    bot_id: int = 0,
    read_up_to: Mapping[int, tuple[int, int]] | None = None,
) -> Written:
    """Write a batch: days, presence, ties, cursors; whoever was quiet and is back is so.

    Replies to Hearth's own messages, and reactions to them, are answers to its rituals: a number
    per occurrence, whoever gave them.

    `last` holds the last messages of channels before this batch and is not changed. `read_up_to`
    gives (server, message) per channel whose history was read that far, whoever wrote there.
    """
    last = await caring.with_silences(session, batch, last)
    servers = await _servers(session, batch, last)
    await unanswered.read(session, batch, servers)
    sums = count(batch, servers, last, bot_id)
    for channel_id, (server_id, message_id) in (read_up_to or {}).items():
        before = sums.cursors.get(channel_id, (0, 0))[1]
        if server_id in servers and before < message_id:
            sums.cursors[channel_id] = (server_id, message_id)
    await caring.note(session, batch, servers, last, now)
    await store(session, sums)
    await unanswered.keep(session, servers, sums, now)
    await ritual_parts.answered(session, sums)
    await pair_parts.wrote(session, sums)
    await _returned(session, sums.lives, now)
    return Written(sums.signals, frozenset(sums.uncounted), sums.last)


async def positions(session: AsyncSession, server_ids: Sequence[int]) -> Positions:
    """Return how far these servers' channels have been counted."""
    cursors: dict[int, int] = {}
    rooms: dict[int, int] = {}
    for ids in chunks(server_ids):
        found = await session.execute(
            select(RoomCursor.room_id, RoomCursor.message_id).where(RoomCursor.server_id.in_(ids))
        )
        cursors.update((channel, message) for channel, message in found)
        groups = await session.execute(
            select(Group.room_id, Group.created_at).where(Group.server_id.in_(ids))
        )
        rooms.update((room, _ms(at)) for room, at in groups if room is not None)
    return Positions(cursors, rooms)


async def _servers(
    session: AsyncSession, batch: Sequence[Heard], last: Mapping[int, LastMessages]
) -> dict[int, Counted]:
    """Read what decides about this batch: rooms of its servers, and the people it names."""
    named: defaultdict[int, set[int]] = defaultdict(set)
    for place in {heard.place for heard in batch}:
        if place.channel_id in last:
            named[place.server_id].update(last[place.channel_id].people)
    for heard in batch:
        people = named[heard.place.server_id]
        people.add(heard.user_id)
        people.add(heard.to_user_id)
        people.update(heard.mentions)
    found: dict[int, Counted] = {}
    for ids in chunks(named):
        rows = await session.execute(
            select(Server.id, Server.zone, Server.counts_commons).where(Server.id.in_(ids))
        )
        found |= {server_id: Counted(zone, commons) for server_id, zone, commons in rows}
        rooms = await session.execute(
            select(Group.server_id, Group.room_id, Group.voice_id, Group.id).where(
                Group.server_id.in_(ids)
            )
        )
        for server_id, room_id, voice_id, group_id in rooms:
            for place in (room_id, voice_id):
                if place is not None:
                    found[server_id].rooms[place] = group_id
    for server_id, server in found.items():
        for ids in chunks(named[server_id]):
            people = await session.execute(
                select(
                    Member.user_id,
                    Member.counted_since,
                    Member.suggested_since,
                    Membership.group_id,
                    Membership.state,
                    Membership.since,
                    Membership.wrote_at,
                    Group.created_at,
                )
                .outerjoin(
                    Membership,
                    (Membership.server_id == Member.server_id)
                    & (Membership.user_id == Member.user_id),
                )
                .outerjoin(Group, Group.id == Membership.group_id)
                .where(
                    Member.server_id == server_id,
                    Member.user_id.in_(ids),
                    Member.opted_out_at.is_(None),
                )
            )
            for user_id, since, wants, group_id, state, moved_in, wrote_at, founded in people:
                if since is None:
                    continue
                home = group_id if state == "here" else None
                wrote = home is None or _wrote(moved_in, wrote_at, founded)
                server.people[user_id] = Person(
                    _ms(since),
                    home,
                    wrote=wrote,
                    suggested_from_ms=None if wants is None else _ms(wants),
                )
    await _who_cares(session, batch, found)
    await _carers(session, found)
    return found


def _wrote(moved_in: datetime, wrote_at: datetime | None, founded: datetime) -> bool:
    """Return whether somebody wrote in their home before, or came together with it.

    Who was there when a group was made, adopted or split off is not new to it.
    """
    return (wrote_at is not None and wrote_at >= moved_in) or moved_in - founded < WITH_THE_GROUP


async def _who_cares(
    session: AsyncSession, batch: Sequence[Heard], servers: Mapping[int, Counted]
) -> None:
    """Mark who looks after a group among those who pressed something and live nowhere."""
    pressed: defaultdict[int, set[int]] = defaultdict(set)
    for heard in batch:
        server = servers.get(heard.place.server_id)
        person = None if server is None else server.people.get(heard.user_id)
        if heard.kind is Kind.PRESS and person is not None and person.home is None:
            pressed[heard.place.server_id].add(heard.user_id)
    for server_id, user_ids in pressed.items():
        people = servers[server_id].people
        for ids in chunks(user_ids):
            caring = await session.scalars(
                select(Facilitator.user_id).where(
                    Facilitator.server_id == server_id,
                    Facilitator.user_id.in_(ids),
                    Facilitator.state == "active",
                )
            )
            for user_id in caring.unique():
                people[user_id] = replace(people[user_id], cares=True)


async def _carers(session: AsyncSession, servers: Mapping[int, Counted]) -> None:
    """Fill in who looks after each group."""
    for ids in chunks(servers):
        rows = await session.execute(
            select(Facilitator.server_id, Facilitator.group_id, Facilitator.user_id).where(
                Facilitator.server_id.in_(ids), Facilitator.state == "active"
            )
        )
        for server_id, group_id, user_id in rows:
            servers[server_id].carers.setdefault(group_id, set()).add(user_id)


async def _returned(
    session: AsyncSession, lives: Mapping[int, Mapping[int, int]], now: datetime
) -> None:
    """Close the open episodes of people who were heard of again."""
    for server_id, people in lives.items():
        for ids in chunks(people):
            episodes = await session.scalars(
                select(QuietEpisode).where(
                    QuietEpisode.server_id == server_id,
                    QuietEpisode.user_id.in_(ids),
                    QuietEpisode.closed_at.is_(None),
                )
            )
            for episode in episodes:
                if moment(people[episode.user_id]) > episode.silent_since:
                    episode.closed_at = now
                    episode.closed_by = Close.RETURNED.value
    await session.flush()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
