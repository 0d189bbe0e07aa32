"""Virtual time: what the sandbox's ids, audit log and bot live by."""

from __future__ import annotations

from datetime import UTC, datetime


class VirtualClock:
    """A clock that stands still until it is set; made without a start it is the real one.

    Moments are aware and in UTC. Time never runs backwards: ids carry it and must increase.
    """

    __slots__ = ("_now",)

    def __init__(self, start: datetime | None = None) -> None:
        self._now = None if start is None else _in_utc(start)

    @property
    def virtual(self) -> bool:
        """Whether this clock is set by hand."""
        return self._now is not None

    def now(self) -> datetime:
        """Return the current moment."""
        return datetime.now(UTC) if self._now is None else self._now

    def set(self, moment: datetime) -> None:
        """Go to `moment`.

        Raises RuntimeError on the real clock, ValueError for a naive or an earlier moment.
        """
        if self._now is None:
            raise RuntimeError("this sandbox runs on the real clock, which cannot be set")
        moment = _in_utc(moment)
        if moment < self._now:
            raise ValueError(f"time runs forwards: {moment} is before {self._now}")
        self._now = moment


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {moment}")
    return moment.astimezone(UTC)
