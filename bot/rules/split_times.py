"""When a split is needed, when it no longer is, and at what hours a whole group may be pinged."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY_BEGINS: Final = 9  # o'clock, in the server's zone
DAY_ENDS: Final = 21


def is_pointless(homes: int, cap: int) -> bool:
    """Return whether a group that was full has shrunk by more than a tenth since."""
    return homes * 10 < cap * 9


def pings_allowed_at(moment: datetime, zone: str) -> datetime:
    """Return the first moment from `moment` on that is not at night in `zone`."""
    local = moment.astimezone(ZoneInfo(zone))
    if DAY_BEGINS <= local.hour < DAY_ENDS:
        return moment
    morning = local.replace(hour=DAY_BEGINS, minute=0, second=0, microsecond=0)
    if local.hour >= DAY_ENDS:
        morning += timedelta(days=1)
    return morning.astimezone(moment.tzinfo)


def day_left(moment: datetime, zone: str) -> timedelta:
    """Return for how long from `moment` on it is not night in `zone`; nothing at night."""
    local = moment.astimezone(ZoneInfo(zone))
    if not DAY_BEGINS <= local.hour < DAY_ENDS:
        return timedelta(0)
    evening = local.replace(hour=DAY_ENDS, minute=0, second=0, microsecond=0)
    return evening.astimezone(UTC) - moment
