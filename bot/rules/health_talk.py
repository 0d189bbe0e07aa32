"""How much is said in a group, among whom, and by how many: from sums per day and per person.

What talk, conversations, answers and peers are stands in bot/rules/talking.py. Days and people are
drawn anew for the intervals.
"""

from collections.abc import Sequence

import numpy as np

from bot.rules.health import FEWEST, Figure, said, silent
from bot.rules.health_pooling import bunched
from bot.rules.health_statistics import Estimate, Numbers, Seed, mean, resampled

WEEK = 7  # days


def conversations(days: Sequence[int], writers: int, seed: Seed) -> Figure:
    """Return conversations per week, from how many began on each day of the window.

    Days on which Hearth could not hear the server are left out by the caller; `writers` wrote.
    """
    if len(days) < WEEK:
        return silent("conversations", writers, "nothing")
    if writers < FEWEST:
        return silent("conversations", writers, "few")
    found = mean([WEEK * count for count in days], seed)
    return said("conversations", writers, Estimate(found.value, max(0.0, found.low), found.high))


def peer(days: Sequence[tuple[int, int]], writers: int, seed: Seed) -> Figure:
    """Return the share of answers among peers, from (answers among peers, answers) of each day."""
    found = bunched(days, sum(answers for _, answers in days), seed)
    if found is None:
        return silent("peer", writers, "nothing")
    return said("peer", writers, found)


def voices(messages: Sequence[int], seed: Seed) -> Estimate:
    """Return how many of those who wrote it sounds like, as a share of them.

    `messages` of each who wrote. If n people wrote equally much the share is 1; if one wrote nearly
    everything it is 1/n: the inverse of Simpson's index (Hill's number of order 2), by n.

    Raises ValueError for fewer than two.
    """
    found = resampled([(count,) for count in messages], _voices, seed)
    floor = 1 / len(messages)
    return Estimate(found.value, max(floor, found.low), min(1.0, max(found.value, found.high)))


def _voices(messages: Numbers, axis: int = -1) -> Numbers:
    whole = messages.sum(axis=axis) ** 2
    return whole / np.square(messages).sum(axis=axis) / messages.shape[axis]
