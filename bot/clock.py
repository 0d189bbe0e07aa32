"""Where "now" comes from. Rules and services take `now` as a parameter; only entry points ask."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the moment, as an aware datetime in UTC."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is set: for tests, and for a bot that a sandbox drives."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the moment that was set last."""
        return self._now

    def set(self, now: datetime) -> None:
        """Move to `now`; time may stand still but not run backwards."""
        if now < self._now:
            raise ValueError(f"time would run backwards from {self._now} to {now}")
        self._now = now
