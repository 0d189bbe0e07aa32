"""Offering a circle a group: for how long, to whom when, and in which types it can be one."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

ANSWER_FOR = timedelta(days=14)  # people of a circle may say yes or no
PEACE = timedelta(days=60)  # who said no, or nothing, is not asked again
FRESH = timedelta(days=14)  # what was found is not offered any more after that
LOOK_AGAIN = timedelta(minutes=10)  # ties hardly change in less
TELL_AGAIN = timedelta(days=30)  # everyone is told of Suggest me at most so often
ASKED_WITHIN = timedelta(hours=24)  # the lines of one circle are spread over this
LEAST_TOLD = 5  # figures are of five people or more
HALF = 0.5


def takes(size: int, *, kind: str, listed: bool, minimum: int, cap: int) -> bool:
    """Return whether a circle of this size can become a group of a type."""
    return suits(kind=kind, listed=listed) and minimum <= size <= cap


def suits(*, kind: str, listed: bool) -> bool:
    """Return whether a type's groups can come of circles.

    Never one that is about who somebody is, nor one that is named nowhere: who would be in it is
    nobody's guess to make.
    """
    return listed and kind != "identity"


def lives_together(homes: Collection[int | None]) -> bool:
    """Return whether a circle is one group's already: half of its people or more live in it."""
    counts: dict[int, int] = {}
    for home in homes:
        if home is not None:
            counts[home] = counts.get(home, 0) + 1
    return bool(counts) and max(counts.values()) >= HALF * len(homes)


def line_times(circle_id: int, user_ids: Collection[int], now: datetime) -> Mapping[int, datetime]:
    """Return when each person of a circle is told that something waits.

    Spread over a day in an order that tells nothing, so that nobody can read off the commons who is
    in a circle with whom.
    """

    def lot(user_id: int) -> bytes:
        return hashlib.blake2b(f"{circle_id}:{user_id}".encode(), digest_size=8).digest()

    ordered = sorted(user_ids, key=lot)
    step = ASKED_WITHIN / max(len(ordered), 1)
    found: dict[int, datetime] = {}
    for place, user_id in enumerate(ordered):
        share = int.from_bytes(lot(user_id)) / 2**64
        found[user_id] = now + step * (place + share)
    return found
