"""Times of the day in which somebody likes to meet: parts of a day on their own clock."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAY = 24
# First hour and the one after the last; the night goes on after midnight.
PARTS: dict[str, tuple[int, int]] = {
    "early": (6, 9),
    "morning": (9, 12),
    "midday": (12, 15),
    "afternoon": (15, 18),
    "evening": (18, 22),
    "night": (22, 26),
}


def written(parts: Collection[str]) -> str:
    """Return parts of the day as they are kept, in the day's order; unknown ones are left out."""
    return ",".join(part for part in PARTS if part in parts)


def read(text: str) -> Sequence[str]:
    """Return the parts that `written` wrote."""
    return tuple(part for part in text.split(",") if part in PARTS)


def in_utc(parts: Collection[str], zone: str, now: datetime) -> frozenset[int]:
    """Return the hours in UTC, 0 to 23, that these parts are on a zone's clock at this moment.

    Clocks that differ by half an hour are taken to the next whole one: this only weighs.
    """
    ahead = now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    hours = round(ahead / timedelta(hours=1))
    return frozenset(
        (hour - hours) % DAY for part in parts if part in PARTS for hour in range(*PARTS[part])
    )
