"""Answers to pulses that wait in memory until there are enough of them to be written together.

A pool with a threshold, as mixes of letters have it: when ten wait, five of them, drawn at random,
go to the tables together and five stay. So whoever answers next has company, and at the close there
are five or more again, unless fewer than five ever answered. Nothing here is ever written by itself
or logged; a process that is killed takes it along. Decision 14 says why.
"""

from collections.abc import Collection, Iterable, Mapping
from random import Random
from typing import TypeAlias

from bot.rules.pulse import FEWEST, Given

FULL = 2 * FEWEST

Batch: TypeAlias = Mapping[int, Given]  # by who gave it


class Pool:
    """Who gave which answer to which pulse; what is drawn stays in it until it is `written`.

    Invariant: a batch holds five people or more, or none.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._waiting: dict[int, dict[int, Given]] = {}
        self._servers: dict[int, int] = {}

    def add(self, pulse_id: int, server_id: int, user_id: int, given: Given) -> bool:
        """Let an answer wait; False if one of this person does already."""
        waiting = self._waiting.setdefault(pulse_id, {})
        if user_id in waiting:
            return False
        self._servers[pulse_id] = server_id
        waiting[user_id] = given
        return True

    def holds(self, pulse_id: int, user_id: int) -> bool:
        """Return whether an answer of this person waits."""
        return user_id in self._waiting.get(pulse_id, {})

    def of(self, user_id: int, server_ids: Collection[int] | None) -> dict[int, Given]:
        """Return a person's own answers by pulse, in some servers or in all."""
        return {
            pulse_id: self._waiting[pulse_id][user_id]
            for pulse_id in self.pulses
            if self.holds(pulse_id, user_id)
            and (server_ids is None or self._servers[pulse_id] in server_ids)
        }

    def people(self, pulse_id: int) -> list[int]:
        """Return whose answers wait."""
        return sorted(self._waiting.get(pulse_id, {}))

    def count(self, pulse_id: int) -> int:
        """Return how many answers wait."""
        return len(self._waiting.get(pulse_id, {}))

    @property
    def pulses(self) -> list[int]:
        """The pulses to which answers wait."""
        return sorted(self._waiting)

    def some(self, pulse_id: int) -> Batch:
        """Return five to write if that leaves five, in no order; else none."""
        waiting = self._waiting.get(pulse_id, {})
        if len(waiting) < FULL:
            return {}
        drawn = self._random.sample(sorted(waiting), FEWEST)
        return {user: waiting[user] for user in drawn}

    def all(self, pulse_id: int) -> Batch:
        """Return all that wait, if they are enough to be written together; else none."""
        waiting = self._waiting.get(pulse_id, {})
        return dict(waiting) if len(waiting) >= FEWEST else {}

    def written(self, pulse_id: int, users: Iterable[int]) -> None:
        """Let go of what is in the tables now."""
        waiting = self._waiting.get(pulse_id, {})
        for user in users:
            waiting.pop(user, None)
        self._tidy(pulse_id)

    def drop(self, pulse_id: int) -> None:
        """Let go of everything that waits for a pulse."""
        self._waiting.pop(pulse_id, None)
        self._servers.pop(pulse_id, None)

    def take_back(self, pulse_id: int, user_id: int) -> None:
        """Let go of one answer that was not accepted after all."""
        self.written(pulse_id, (user_id,))

    def forget(self, user_id: int, server_ids: Collection[int] | None) -> int:
        """Let go of a person's answers, in some servers or in all; return how many."""
        mine = self.of(user_id, server_ids)
        for pulse_id in mine:
            self.written(pulse_id, (user_id,))
        return len(mine)

    def _tidy(self, pulse_id: int) -> None:
        if not self._waiting.get(pulse_id):
            self.drop(pulse_id)
