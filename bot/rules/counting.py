"""What a batch of signs of life adds up to. Runs for every message of large servers.

Counted is whoever was told so and has not opted out; what happened before is not. A signal counts
for the group in whose room it was heard, or for the commons where the owners have them counted; a
press on one of Hearth's buttons anywhere else counts for the person's home; of who has none and
looks after a group it says that they are there, and nothing else. Ties grow only between two people
who both live in that group: visitors do not tie. In the commons they grow only between two people
who both want to be suggested groups. What is said in a group is counted as numbers of that group,
too (bot/rules/talking.py).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from bot.rules.answering import Awaiting, follow, settle
from bot.rules.health_newcomers import within
from bot.rules.signals import Heard, Kind, Place, day_of
from bot.rules.talking import Talk, addressed
from bot.rules.ties import REACTION, LastMessages, Pair, of_message, pair, week_of

HOUR_MS = 3_600_000
COMMONS = 0  # the group_id of what was heard in the commons


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who is counted, from when on, and the group they live in.

    `cares`: they look after a group; looked up only of who presses something and has no home.
    `wrote`: they wrote in their home before, or came together with it. `suggested_from_ms`: since
    when they want to be suggested groups of people they talk with; None: they do not.
    """

    counted_from_ms: int
    home: int | None
    cares: bool = False
    wrote: bool = True
    suggested_from_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts in one server: rooms of groups, the commons or not, and people."""

    zone: str
    counts_commons: bool
    rooms: dict[int, int] = field(default_factory=dict[int, int])  # room -> group
    people: dict[int, Person] = field(default_factory=dict[int, Person])
    # group -> messages that waited for an answer before this batch
    awaiting: dict[int, list[Awaiting]] = field(default_factory=dict[int, list[Awaiting]])
    # group -> who looks after it
    carers: dict[int, set[int]] = field(default_factory=dict[int, set[int]])

    def group_of(self, place: Place) -> int | None:
        """Return what is counted there: a group, the commons, or nothing."""
        group = self.rooms.get(place.room_id)
        if group is None and self.counts_commons and place.everyone:
            return COMMONS
        return group


@dataclass(slots=True)
class Sums:
    """What a batch adds up to."""

    # (server, group, local day) -> member -> signals
    days: defaultdict[tuple[int, int, str], Counter[int]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    # the same, of reactions and voice alone
    unwritten: defaultdict[tuple[int, int, str], Counter[int]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    # the same, of messages alone
    messages: defaultdict[tuple[int, int, str], Counter[int]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    # (server, group, UTC day) -> what was said there
    talk: defaultdict[tuple[int, int, str], Talk] = field(default_factory=lambda: defaultdict(Talk))
    # (server, group, week, hour of the day in UTC) -> turns of talk
    hours: Counter[tuple[int, int, str, int]] = field(
        default_factory=Counter[tuple[int, int, str, int]]
    )
    # (server, group, week) -> pair -> worth
    ties: defaultdict[tuple[int, int, str], Counter[Pair]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    # the same of (who answered, whom) -> messages; each of these pairs has a worth, too
    answered: defaultdict[tuple[int, int, str], Counter[tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    # (server, week) -> pair -> worth, of the commons
    commons_ties: defaultdict[tuple[int, str], Counter[Pair]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    # server -> member -> last sign of life, in milliseconds since 1970
    lives: defaultdict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    # channel -> (server, last message), and the last messages themselves
    cursors: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    last: dict[int, LastMessages] = field(default_factory=dict[int, LastMessages])
    # message of Hearth -> replies, reactions, and what was written in its thread
    answers: Counter[int] = field(default_factory=Counter[int])
    # (server, message of Hearth, member who is counted) of these answers
    parts: set[tuple[int, int, int]] = field(default_factory=set[tuple[int, int, int]])
    # (server, group) -> messages that wait for an answer now, of groups that were heard of
    awaiting: dict[tuple[int, int], list[Awaiting]] = field(
        default_factory=dict[tuple[int, int], list[Awaiting]]
    )
    # (server, member) -> when they wrote in their home for the first time, in ms since 1970
    first_words: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    # (server, group, week of the message, minutes or NEVER) -> first messages that were answered
    welcomed: Counter[tuple[int, int, str, int]] = field(
        default_factory=Counter[tuple[int, int, str, int]]
    )
    uncounted: set[int] = field(default_factory=set[int])  # channels that count for nothing
    signals: int = 0


def count(
    batch: Iterable[Heard],
    servers: Mapping[int, Counted],
    last: Mapping[int, LastMessages],
    bot_id: int = 0,
) -> Sums:
    """Add up a batch; `last` holds channels' last messages before it and is not changed."""
    sums = Sums()
    groups: dict[int, int | None] = {}  # by channel
    for heard in batch:
        kind, place, user_id, at_ms, message_id, to_user_id, to_message_id, mentions = heard
        channel_id, server_id = place.channel_id, place.server_id
        server = servers.get(server_id)
        if server is None:
            sums.uncounted.add(channel_id)
            continue
        if channel_id in groups:
            group = groups[channel_id]
        else:
            group = groups[channel_id] = server.group_of(place)
        person = server.people.get(user_id)
        others: Iterable[tuple[int, int]] = ()
        if group is None:
            if kind is not Kind.PRESS:
                sums.uncounted.add(channel_id)
                continue
        elif kind is Kind.MESSAGE:
            room = _room(channel_id, sums, last)
            near = room.write(0 if person is None else user_id, at_ms)
            before = sums.cursors.get(channel_id)
            if before is None or before[1] < message_id:
                sums.cursors[channel_id] = (server_id, message_id)
            others = of_message(user_id, near, to_user_id, mentions)
            counted = person is not None and at_ms >= person.counted_from_ms
            if group != COMMONS and not place.private:
                answered = follow(
                    _awaiting(group, server_id, server, sums),
                    heard,
                    near,
                    counted=counted,
                    first=_first(group, heard, person, sums),
                    bot_id=bot_id,
                )
                _welcome(sums, server_id, group, answered, at_ms)
            if group != COMMONS and counted and not place.private:
                _talk(heard, group, room, (server, bot_id), sums)
        elif kind is Kind.REACTION:
            if to_user_id != user_id:
                others = ((to_user_id, REACTION),)
            answered = settle(_awaiting(group, server_id, server, sums), to_message_id, user_id)
            _welcome(sums, server_id, group, answered, at_ms)
        elif kind is Kind.GONE:
            settle(_awaiting(group, server_id, server, sums), to_message_id)
            continue
        of_hearth = to_message_id if bot_id and to_user_id == bot_id else 0
        if kind is Kind.MESSAGE and not of_hearth and channel_id != place.room_id:
            of_hearth = channel_id  # a thread has the id of the message it hangs on
        if of_hearth:
            sums.answers[of_hearth] += 1
        if person is None or at_ms < person.counted_from_ms:
            continue
        if group is None:
            group = person.home
            if group is None:
                if person.cares:
                    _heard_of(sums.lives[server_id], user_id, at_ms)
                continue
        elif others and person.home == group:
            _tie(sums.ties[server_id, group, week_of(at_ms)], heard, group, server, others)
        elif others and group == COMMONS and _wants_suggestions(person, at_ms):
            _commons_tie(sums.commons_ties[server_id, week_of(at_ms)], heard, server, others)
        if of_hearth:
            sums.parts.add((server_id, of_hearth, user_id))
        sums.signals += 1
        day = server_id, group, day_of(at_ms, server.zone)
        sums.days[day][user_id] += 1
        if kind is Kind.MESSAGE:
            sums.messages[day][user_id] += 1
        elif kind is Kind.REACTION or kind is Kind.VOICE:
            sums.unwritten[day][user_id] += 1
        _heard_of(sums.lives[server_id], user_id, at_ms)
    return sums


def _heard_of(lives: dict[int, int], user_id: int, at_ms: int) -> None:
    if lives.get(user_id, 0) < at_ms:
        lives[user_id] = at_ms


def _awaiting(group: int, server_id: int, server: Counted, sums: Sums) -> list[Awaiting]:
    """Return the messages that wait in a group as far as the batch was read."""
    found = sums.awaiting.get((server_id, group))
    if found is None:
        found = sums.awaiting[server_id, group] = list(server.awaiting.get(group, ()))
    return found


def _first(group: int, heard: Heard, person: Person | None, sums: Sums) -> bool:
    """Return whether this is the first message that somebody wrote in their home, and note it."""
    if person is None or person.wrote or person.home != group:
        return False
    who = heard.place.server_id, heard.user_id
    if heard.at_ms < person.counted_from_ms or who in sums.first_words:
        return False
    sums.first_words[who] = heard.at_ms
    return True


def _welcome(
    sums: Sums, server_id: int, group: int, answered: Collection[Awaiting], at_ms: int
) -> None:
    """Note how long first messages waited that were answered now."""
    for one in answered:
        if one.first:
            waited = within(at_ms - one.at_ms)
            sums.welcomed[server_id, group, week_of(one.at_ms), waited] += 1


def _talk(
    heard: Heard, group: int, room: LastMessages, counted: tuple[Counted, int], sums: Sums
) -> None:
    """Note what a message of somebody who is counted says about talk in its group."""
    server, bot_id = counted
    user_id, at_ms, people = heard.user_id, heard.at_ms, server.people
    talk = sums.talk[heard.place.server_id, group, day_of(at_ms, "UTC")]
    talk.messages += 1
    if turns := room.turn(user_id):
        talk.turns += turns
        hour = at_ms // HOUR_MS % 24
        sums.hours[heard.place.server_id, group, week_of(at_ms), hour] += turns
        talk.conversations += turns == 2
    to = addressed(heard, room.before)
    if not to:
        return
    carers = server.carers.get(group, ())
    at_home = people[user_id].home == group
    peers, answers = user_id not in carers, False
    for other_id in to:
        other = people.get(other_id)
        if other is not None and at_ms >= other.counted_from_ms:
            answers = True
            if other_id in carers:
                peers = False
            if at_home and other.home == group:
                week = heard.place.server_id, group, week_of(at_ms)
                sums.answered[week][user_id, other_id] += 1
        elif other_id == bot_id:
            answers, peers = True, False
    if answers:
        talk.answers += 1
        talk.peer_answers += peers


def _room(channel_id: int, sums: Sums, last: Mapping[int, LastMessages]) -> LastMessages:
    room = sums.last.get(channel_id)
    if room is None:
        before = last.get(channel_id)
        room = sums.last[channel_id] = LastMessages() if before is None else before.copy()
    return room


def _tie(
    ties: Counter[Pair],
    heard: Heard,
    group: int,
    server: Counted,
    others: Iterable[tuple[int, int]],
) -> None:
    people, user_id = server.people, heard.user_id
    for other_id, worth in others:
        other = people.get(other_id)
        if other is not None and other.home == group and heard.at_ms >= other.counted_from_ms:
            ties[(user_id, other_id) if user_id < other_id else (other_id, user_id)] += worth


def _wants_suggestions(person: Person, at_ms: int) -> bool:
    return person.suggested_from_ms is not None and at_ms >= person.suggested_from_ms


def _commons_tie(
    ties: Counter[Pair], heard: Heard, server: Counted, others: Iterable[tuple[int, int]]
) -> None:
    user_id, at_ms = heard.user_id, heard.at_ms
    for other_id, worth in others:
        other = server.people.get(other_id)
        if other is None or other_id == user_id or at_ms < other.counted_from_ms:
            continue
        if _wants_suggestions(other, at_ms):
            ties[pair(user_id, other_id)] += worth
