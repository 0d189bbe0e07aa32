"""Ties: what answering each other is worth, and how it fades.

A reply is worth 3, a mention 2, a reaction 1, and writing soon after somebody 1: within 60 minutes
after one of the room's last 6 messages, once per person who wrote one of them. Everything is summed
per pair and week, without a cap. The ping that comes with a reply is part of the reply, not a
mention of its own.

A week's sum fades with a half-life of 30 days, counted from the week's middle (Thursday noon, UTC):
which day of the week something was said is not kept.
"""

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

REPLY = 3
MENTION = 2
REACTION = 1
NEAR = 1

LAST_MESSAGES = 6
NEAR_MS = 60 * 60 * 1000
HALF_LIFE = timedelta(days=30)
HALF_A_WEEK = timedelta(days=3.5)

DAY_MS = 24 * 60 * 60 * 1000
THURSDAY = 3  # 1970 began on one; Monday is 0

Pair = tuple[int, int]


def pair(one: int, other: int) -> Pair:
    """Return the two ids, the lower first."""
    return (one, other) if one < other else (other, one)


class LastMessages:
    """Who wrote the last six messages of one room, and when; and whose turn it was at last.

    Everybody's message takes a place, also of those who are not counted: they are kept as 0.
    """

    __slots__ = ("_last", "before", "speaker", "talks")

    def __init__(self, last: Iterable[tuple[int, int]] = ()) -> None:
        self._last: deque[tuple[int, int]] = deque(last, LAST_MESSAGES)
        self.before = 0  # who wrote right before the last message, if within the hour
        self.speaker = 0  # whose turn it was at last since the room was silent for an hour
        self.talks = False  # whether two people took turns since

    def copy(self) -> "LastMessages":
        """Return the same again, to go on from without changing this one."""
        same = LastMessages(self._last)
        same.speaker, same.talks, same.before = self.speaker, self.talks, self.before
        return same

    def __len__(self) -> int:
        return len(self._last)

    @property
    def newest_ms(self) -> int:
        """When the last message was written; 0 if there is none."""
        return self._last[-1][1] if self._last else 0

    @property
    def messages(self) -> list[tuple[int, int]]:
        """Who wrote these messages, and when, the oldest first."""
        return list(self._last)

    @property
    def people(self) -> set[int]:
        """Who wrote these messages."""
        return {who for who, _ in self._last}

    def let_go(self, user_id: int) -> None:
        """Remember of a person's messages only that somebody wrote them."""
        self._last = deque(
            ((0 if who == user_id else who, when) for who, when in self._last), LAST_MESSAGES
        )

    def write(self, user_id: int, at_ms: int) -> set[int]:
        """Take in a message and return the other people whom it was written soon after."""
        earliest = at_ms - NEAR_MS
        last = self._last
        near = {who for who, when in last if when >= earliest}
        if near:
            near.discard(user_id)
            near.discard(0)
        if last and last[-1][1] >= earliest:
            self.before = last[-1][0]
        else:
            self.before = self.speaker = 0
            self.talks = False
        last.append((user_id, at_ms))
        return near

    def turn(self, user_id: int) -> int:
        """Return how many turns of a conversation the last message adds, for who wrote it.

        None goes on with somebody's own turn, or opens a talk; two begin a conversation with its
        second turn. Call it only for people who are counted, after `write`.
        """
        speaker = self.speaker
        if speaker == user_id:
            return 0
        self.speaker = user_id
        if not speaker:
            return 0
        if self.talks:
            return 1
        self.talks = True
        return 2


def of_message(
    user_id: int, near: Iterable[int], reply_to: int, mentions: Iterable[int]
) -> list[tuple[int, int]]:
    """Return (other person, worth) for everything that one message says about ties.

    `near` is what `LastMessages.write` returned, `reply_to` the author of the answered message or
    0. Somebody who is mentioned twice in one message is mentioned once.
    """
    found = [(other, NEAR) for other in near if other != user_id]
    if reply_to not in (0, user_id):
        found.append((reply_to, REPLY))
    found.extend((who, MENTION) for who in set(mentions) if who not in (user_id, reply_to))
    return found


def week_of(at_ms: int) -> str:
    """Return the Monday (UTC, as an ISO date) of the week of this millisecond since 1970."""
    day = at_ms // DAY_MS
    return _monday(day - (day + THURSDAY) % 7)


@lru_cache(maxsize=64)
def _monday(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_MS / 1000, UTC).date().isoformat()


def faded(weight: float, week: str, now: datetime) -> float:
    """Return what a week's sum is still worth at `now`; a week not half over is worth it whole."""
    middle = datetime.fromisoformat(week).replace(tzinfo=UTC) + HALF_A_WEEK
    return weight * 0.5 ** max(0.0, (now - middle) / HALF_LIFE)


def weights(
    rows: Iterable[tuple[int, int, str, int]], now: datetime
) -> list[tuple[int, int, float]]:
    """Return (low, high, weight) per pair from rows of (low, high, week, sum), in order of ids."""
    total: dict[Pair, float] = {}
    worth: dict[str, float] = {}
    for low, high, week, weight in rows:
        if week not in worth:
            worth[week] = faded(1.0, week, now)
        total[low, high] = total.get((low, high), 0.0) + weight * worth[week]
    return [(low, high, weight) for (low, high), weight in sorted(total.items())]
