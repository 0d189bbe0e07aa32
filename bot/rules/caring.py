"""Who already does what facilitators do: answers newcomers, ends silences, brings people together.

Counted are three deeds of people who live in a group, in its room, as numbers per week:

- *welcomed*: a reply to a newcomer, or a mention of one;
- *revived*: the first words in the room after a day of silence or more, if somebody else writes
  within an hour;
- *connected*: one message that speaks to two people who had never answered each other.

A newcomer has lived there for less than two weeks or was around on fewer than four days; what
newcomers do themselves is not counted. Who did one of these often enough is somebody to *ask*, and
that is all the numbers are for: nobody is shown them, and those found stand in no order of merit.
How well this tells who goes on doing so is in docs/volunteers.md.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from itertools import combinations
from typing import Literal, NamedTuple

from bot.rules.counting import Counted
from bot.rules.signals import Heard, Kind
from bot.rules.ties import NEAR_MS, LastMessages, Pair, pair, week_of

Deed = Literal["welcomed", "revived", "connected"]
DEEDS: tuple[Deed, ...] = ("welcomed", "revived", "connected")

NEW_FOR = timedelta(days=14)  # since they moved in
NEW_DAYS = 4  # days on which somebody was around, until they are new no more
SILENCE_MS = 24 * 60 * 60 * 1000

LOOK_BACK = timedelta(weeks=8)
# How often, in how many different weeks, until somebody is one to ask: measured, see the docs.
OFTEN: dict[Deed, int] = {"welcomed": 3, "revived": 3, "connected": 2}
WEEKS_LEAST = 2
SUGGESTED_MOST = 3


class Act(NamedTuple):
    """A message in a group's room that speaks to others who live there."""

    server_id: int
    group_id: int
    user_id: int
    at_ms: int
    others: tuple[int, ...]


class Revival(NamedTuple):
    """Somebody ended a silence of the room, and was not left alone."""

    server_id: int
    group_id: int
    user_id: int
    at_ms: int


class Week(NamedTuple):
    """What somebody did in one week."""

    user_id: int
    week: str
    welcomed: int
    revived: int
    connected: int


@dataclass(frozen=True, slots=True)
class Fit:
    """Somebody to ask, and for which of the deeds."""

    user_id: int
    deed: Deed


def acts(batch: Iterable[Heard], servers: Mapping[int, Counted]) -> list[Act]:
    """Return the messages of a batch by which people of a group spoke to others of it."""
    found: list[Act] = []
    for heard in batch:
        if heard.kind is not Kind.MESSAGE or not (heard.to_user_id or heard.mentions):
            continue
        place = heard.place
        server = servers.get(place.server_id)
        group = None if server is None else server.rooms.get(place.room_id)
        if server is None or group is None or not _lives(server, group, heard.user_id, heard.at_ms):
            continue
        spoken_to = dict.fromkeys((heard.to_user_id, *heard.mentions))
        others = tuple(
            who
            for who in spoken_to
            if who != heard.user_id and _lives(server, group, who, heard.at_ms)
        )
        if others:
            found.append(Act(place.server_id, group, heard.user_id, heard.at_ms, others))
    return found


def revivals(
    batch: Iterable[Heard], servers: Mapping[int, Counted], last: Mapping[int, LastMessages]
) -> list[Revival]:
    """Return who ended a silence in a batch, or before it if the answer is in this batch.

    `last` holds the rooms' last messages before the batch; threads are not looked at.
    """
    found: list[Revival] = []
    rooms: dict[int, list[tuple[int, int]]] = {}
    for heard in batch:
        place = heard.place
        if heard.kind is not Kind.MESSAGE or place.channel_id != place.room_id:
            continue
        server = servers.get(place.server_id)
        group = None if server is None else server.rooms.get(place.room_id)
        if server is None or group is None:
            continue
        room = rooms.get(place.room_id)
        if room is None:
            before = last.get(place.room_id)
            room = rooms[place.room_id] = [] if before is None else _since_silence(before)
        if len(room) == 2 and room[1][0] != heard.user_id:
            who, at_ms = room[1]
            if heard.at_ms - at_ms <= NEAR_MS and _lives(server, group, who, at_ms):
                found.append(Revival(place.server_id, group, who, at_ms))
            room[:] = [(heard.user_id, heard.at_ms)]
        elif room and heard.at_ms - room[-1][1] >= SILENCE_MS:
            room[:] = [room[-1], (heard.user_id, heard.at_ms)]
        elif len(room) == 2:  # they go on by themselves
            room[1] = (heard.user_id, heard.at_ms)
        else:
            room[:] = [(heard.user_id, heard.at_ms)]
    return found


def sums(
    found: Iterable[Act],
    revived: Iterable[Revival],
    newcomers: Mapping[int, frozenset[int]],
    tied: Mapping[int, frozenset[Pair]],
) -> dict[tuple[int, int, int, str], Counter[Deed]]:
    """Return (server, group, member, week) -> deeds.

    `newcomers` are those of each group, `tied` its pairs who had answered each other before.
    """
    total: defaultdict[tuple[int, int, int, str], Counter[Deed]] = defaultdict(Counter)
    for act in found:
        new = newcomers.get(act.group_id, frozenset())
        if act.user_id in new:
            continue
        key = act.server_id, act.group_id, act.user_id, week_of(act.at_ms)
        if new.intersection(act.others):
            total[key]["welcomed"] += 1
        if not tied.get(act.group_id, frozenset()).issuperset(pairs(act)):
            total[key]["connected"] += 1
    for one in revived:
        if one.user_id not in newcomers.get(one.group_id, frozenset()):
            total[one.server_id, one.group_id, one.user_id, week_of(one.at_ms)]["revived"] += 1
    return dict(total)


def pairs(act: Act) -> list[Pair]:
    """Return the pairs of people whom one message speaks to."""
    return [pair(one, other) for one, other in combinations(act.others, 2)]


def fit(weeks: Iterable[Week], group_id: int) -> list[Fit]:
    """Return whom one could ask to help with a group, at most three, in an order without meaning.

    Of more than three those who answered newcomers most stay: of the deeds, that one tells best.
    """
    totals: defaultdict[int, Counter[Deed]] = defaultdict(Counter)
    in_weeks: defaultdict[tuple[int, Deed], set[str]] = defaultdict(set)
    for row in weeks:
        for deed in DEEDS:
            times: int = getattr(row, deed)
            if times:
                totals[row.user_id][deed] += times
                in_weeks[row.user_id, deed].add(row.week)
    found: list[Fit] = []
    for user_id, deeds in totals.items():
        often: list[Deed] = [
            deed
            for deed in DEEDS
            if deeds[deed] >= OFTEN[deed] and len(in_weeks[user_id, deed]) >= WEEKS_LEAST
        ]
        if often:
            found.append(Fit(user_id, often[0]))
    found.sort(key=lambda one: (-totals[one.user_id]["welcomed"], shuffled(group_id, one.user_id)))
    return sorted(found[:SUGGESTED_MOST], key=lambda one: shuffled(group_id, one.user_id))


def shuffled(group_id: int, user_id: int) -> bytes:
    """Return where somebody stands in an order that is always the same and means nothing."""
    return blake2b(f"{group_id}:{user_id}".encode(), digest_size=8).digest()


def _lives(server: Counted, group: int, user_id: int, at_ms: int) -> bool:
    person = server.people.get(user_id)
    return person is not None and person.home == group and at_ms >= person.counted_from_ms


def _since_silence(last: LastMessages) -> list[tuple[int, int]]:
    """Return the last message before a silence and the newest since, if one person wrote since.

    Else the newest message alone.
    """
    messages = last.messages
    for before, first in zip(range(len(messages)), range(1, len(messages)), strict=False):
        since = messages[first:]
        if since[0][1] - messages[before][1] >= SILENCE_MS and len({who for who, _ in since}) == 1:
            return [messages[before], messages[-1]]
    return [messages[-1]] if messages else []
