"""What people do by habit in one matter of their groups: once a day, and on what is posted."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.drive import Driver
from demo.society import Group
from sandbox.people import Person
from sandbox.state import Channel

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """What habits need of those who hold them together.

    `later(wait, do)` does something after a while; `some_of(room, least, most)` draws people of a
    room; `in_office(group_id)` is who looks after a group, if anybody does.
    """

    later: Callable[[timedelta, Callable[[], Awaitable[None]]], None]
    some_of: Callable[[Channel, int, int], list[Person]]
    in_office: Callable[[int], Person | None]


class Habits:
    """One matter's habits, drawn by a chance of their own so that no other matter changes them."""

    def __init__(self, driver: Driver, reach: Reach, seed: int) -> None:
        self._driver = driver
        self._society = driver.society
        self._later = reach.later
        self._some_of = reach.some_of
        self._in_office = reach.in_office
        self._random = random.Random(f"{type(self).__name__.lower()} {seed}")
        self._start = driver.source.start
        self._day = -1

    async def day(self, now: datetime) -> None:
        """Let people do what belongs to the day, once in each."""
        today = (now - self._start) // DAY
        if today > self._day:
            self._day = today
            await self._do(today, now)

    async def _do(self, today: int, now: datetime) -> None:
        """Do what belongs to a day; `today` counts from the start."""
        raise NotImplementedError

    def _groups(self) -> list[Group]:
        """Return all groups in the order in which they were made."""
        return sorted(self._society.groups.values(), key=lambda one: one.id)
