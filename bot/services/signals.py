"""Writes a batch of signs of life into the tables, and decides who is counted.

Counted is whoever was told so (`Member.counted_since`) and has not opted out; what happened before
is not. A signal counts for the group in whose room it was heard, or for the commons where the
owners have them counted; a press on one of Hearth's buttons anywhere else counts for the person's
home. Ties grow only between two people who both live in that group: visitors do not tie.

How far each channel has been counted (`RoomCursor`) is written in the same transaction, so after a
crash history is read from exactly there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.quiet import Close
from bot.rules.signals import Heard, Kind, Place, day_of
from bot.rules.ties import REACTION, LastMessages, of_message, pair, week_of
from bot.services import rituals
from bot.services.sums import Sums, moment
from models import (
    Group,
    Member,
    Membership,
    QuietEpisode,
    RoomCursor,
    Server,
)

COMMONS = 0  # the group_id of what was heard in the commons
AT_ONCE = 500  # ids in one IN (…)


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


@dataclass(frozen=True, slots=True)
class _Person:
    counted_from_ms: int
    home: int | None


@dataclass(frozen=True, slots=True)
class _Server:
    zone: str
    counts_commons: bool
    rooms: dict[int, int] = field(default_factory=dict[int, int])  # room -> group
    people: dict[int, _Person] = field(default_factory=dict[int, _Person])

    def group_of(self, place: Place) -> int | None:
        """Return what is counted there: a group, the commons, or nothing."""
        group = self.rooms.get(place.room_id)
        if group is None and self.counts_commons and place.everyone:
            return COMMONS
        return group


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
    servers = await _servers(session, batch, last)
    sums = Sums()
    for channel_id, (server_id, message_id) in (read_up_to or {}).items():
        if server_id in servers:
            sums.cursors[channel_id] = (server_id, message_id)
    rooms: dict[int, LastMessages] = {}
    uncounted: set[int] = set()
    answers: Counter[int] = Counter()
    signals = 0
    for heard in batch:
        server = servers.get(heard.place.server_id)
        group = None if server is None else server.group_of(heard.place)
        if server is None or (group is None and heard.kind is not Kind.PRESS):
            uncounted.add(heard.place.channel_id)
            continue
        if group is not None and heard.kind is Kind.MESSAGE:
            _message(heard, group, server, sums, _room(heard, rooms, last))
        elif group is not None and heard.kind is Kind.REACTION:
            _tie(heard, group, server, sums, heard.to_user_id, REACTION)
        if bot_id and heard.to_message_id and heard.to_user_id == bot_id:
            answers[heard.to_message_id] += 1
        signals += _life(heard, group, server, sums)
    await sums.store(session)
    await _returned(session, sums.lives, now)
    for message_id, count in sorted(answers.items()):
        await rituals.answered(session, message_id, count)
    return Written(signals, frozenset(uncounted), rooms)


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


def _room(
    heard: Heard, rooms: dict[int, LastMessages], last: Mapping[int, LastMessages]
) -> LastMessages:
    channel_id = heard.place.channel_id
    room = rooms.get(channel_id)
    if room is None:
        before = last.get(channel_id)
        room = rooms[channel_id] = LastMessages() if before is None else before.copy()
    return room


def _message(heard: Heard, group: int, server: _Server, sums: Sums, room: LastMessages) -> None:
    """Count what a message says about ties, and remember it as read."""
    place = heard.place
    before = sums.cursors.get(place.channel_id)
    if before is None or before[1] < heard.message_id:
        sums.cursors[place.channel_id] = (place.server_id, heard.message_id)
    if heard.user_id not in server.people:
        room.write(0, heard.at_ms)
        return
    near = room.write(heard.user_id, heard.at_ms)
    for other, worth in of_message(heard.user_id, near, heard.to_user_id, heard.mentions):
        _tie(heard, group, server, sums, other, worth)


def _tie(  # noqa: PLR0917 - runs for every message; keywords would cost as much as the work
    heard: Heard, group: int, server: _Server, sums: Sums, other_id: int, worth: int
) -> None:
    if group == COMMONS or other_id == heard.user_id:
        return
    one, other = server.people.get(heard.user_id), server.people.get(other_id)
    if one is None or other is None or one.home != group or other.home != group:
        return
    if heard.at_ms < max(one.counted_from_ms, other.counted_from_ms):
        return
    low, high = pair(heard.user_id, other_id)
    sums.ties[group, low, high, week_of(heard.at_ms), heard.place.server_id] += worth


def _life(heard: Heard, group: int | None, server: _Server, sums: Sums) -> int:
    """Count a sign of life; 0 if this person is not counted, else 1."""
    person = server.people.get(heard.user_id)
    if person is None or heard.at_ms < person.counted_from_ms:
        return 0
    if group is None:
        group = person.home
        if group is None:
            return 0
    server_id = heard.place.server_id
    sums.days[server_id, heard.user_id, group, day_of(heard.at_ms, server.zone)] += 1
    who = (server_id, heard.user_id)
    if sums.lives.get(who, 0) < heard.at_ms:
        sums.lives[who] = heard.at_ms
    return 1


async def _servers(
    session: AsyncSession, batch: Sequence[Heard], last: Mapping[int, LastMessages]
) -> dict[int, _Server]:
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
    found: dict[int, _Server] = {}
    for ids in chunks(sorted(named)):
        rows = await session.execute(
            select(Server.id, Server.zone, Server.counts_commons).where(Server.id.in_(ids))
        )
        found |= {server_id: _Server(zone, commons) for server_id, zone, commons in rows}
        rooms = await session.execute(
            select(Group.server_id, Group.room_id, Group.id).where(Group.server_id.in_(ids))
        )
        for server_id, room_id, group_id in rooms:
            if room_id is not None:
                found[server_id].rooms[room_id] = group_id
    for server_id, server in found.items():
        for ids in chunks(sorted(named[server_id])):
            people = await session.execute(
                select(Member.user_id, Member.counted_since, Membership.group_id, Membership.state)
                .outerjoin(
                    Membership,
                    (Membership.server_id == Member.server_id)
                    & (Membership.user_id == Member.user_id),
                )
                .where(
                    Member.server_id == server_id,
                    Member.user_id.in_(ids),
                    Member.opted_out_at.is_(None),
                )
            )
            for user_id, since, group_id, state in people:
                if since is None:
                    continue
                home = group_id if state == "here" else None
                server.people[user_id] = _Person(_ms(since), home)
    return found


async def _returned(
    session: AsyncSession, lives: Mapping[tuple[int, int], int], now: datetime
) -> None:
    """Close the open episodes of people who were heard of again."""
    by_server: defaultdict[int, list[int]] = defaultdict(list)
    for server_id, user_id in lives:
        by_server[server_id].append(user_id)
    for server_id, user_ids in by_server.items():
        for ids in chunks(user_ids):
            episodes = await session.scalars(
                select(QuietEpisode).where(
                    QuietEpisode.server_id == server_id,
                    QuietEpisode.user_id.in_(ids),
                    QuietEpisode.closed_at.is_(None),
                )
            )
            for episode in episodes:
                if moment(lives[server_id, episode.user_id]) > episode.silent_since:
                    episode.closed_at = now
                    episode.closed_by = Close.RETURNED.value
    await session.flush()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Return the ids in pieces that fit into one statement."""
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
