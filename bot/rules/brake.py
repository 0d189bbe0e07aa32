"""The raid brake: how old an account must be, and how many may move in within an hour."""

from datetime import UTC, datetime, timedelta

from bot.errors import UserError
from bot.rules.signals import moment_ms

HOUR = timedelta(hours=1)
BRAKED_FOR = HOUR  # when too many came at once
KEPT_CLOSED = timedelta(days=1)  # when a moderator says so
LIFTED_FOR = HOUR  # when a moderator lets everybody in
MOST_DAYS, MOST_AN_HOUR = 365, 1000


def account_made(user_id: int) -> datetime:
    """Return when an account was made: Discord's ids carry it."""
    return datetime.fromtimestamp(moment_ms(user_id) / 1000, UTC)


def old_enough_at(user_id: int, days: int, now: datetime) -> datetime | None:
    """Return when an account will be `days` old; None when it is by now, or nothing is asked."""
    if not days:
        return None
    at = account_made(user_id) + timedelta(days=days)
    return at if at > now else None


def room(
    limit: int,
    recent: int,
    now: datetime,
    *,
    braked_until: datetime | None,
    lifted_until: datetime | None,
) -> int | None:
    """Return how many more may move in for now; None: nothing holds them.

    `recent` are those who moved in, or were offered a seat that they still may take, within the
    last hour.
    """
    if braked_until is not None and braked_until > now:
        return 0
    if not limit or (lifted_until is not None and lifted_until > now):
        return None
    return max(limit - recent, 0)


def number(typed: str, most: int) -> int:
    """Return a whole number from 0 to `most` as somebody typed it; UserError for anything else."""
    text = typed.strip()
    if not text.isdecimal() or int(text) > most:
        raise UserError("brake.number_wrong", most=most)
    return int(text)
