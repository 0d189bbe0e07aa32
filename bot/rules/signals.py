"""One sign of life, as small as it can be: who, where, when, and whom it answered. Never what."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

# Discord's ids begin with the milliseconds since its first second of 2015.
# https://discord.com/developers/docs/reference#snowflakes
DISCORD_EPOCH_MS = 1_420_070_400_000
SHIFT = 22
QUARTER_MS = 15 * 60 * 1000


class Kind(IntEnum):
    """What was heard."""

    MESSAGE = 0
    REACTION = 1
    VOICE = 2
    PRESS = 3
    GONE = 4  # a message was deleted: no sign of life, only nothing to answer any more


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was heard: a channel, and the room that it counts for.

    A thread counts for the room it hangs in. `everyone` says that all members of the server see the
    room, so that it is a part of the commons if it is no group's room; `private`, that it is a
    thread whose members alone can read it.
    """

    channel_id: int
    room_id: int
    server_id: int
    everyone: bool = False
    private: bool = False


class Heard(NamedTuple):
    """One sign of life; ids and a time, nothing else."""

    kind: Kind
    place: Place
    user_id: int
    at_ms: int  # milliseconds since 1970, UTC
    message_id: int = 0  # for messages: the message itself
    to_user_id: int = 0  # whom a reply answers or whose message got the reaction
    to_message_id: int = 0  # which message a reply answers, got the reaction, or was deleted
    mentions: tuple[int, ...] = ()


def without(heard: Heard, user_id: int) -> Heard | None:
    """Return a sign of life as if a person had no part in it; None where it was their own."""
    if heard.user_id == user_id:
        return None
    if heard.to_user_id != user_id and user_id not in heard.mentions:
        return heard
    return heard._replace(
        to_user_id=0 if heard.to_user_id == user_id else heard.to_user_id,
        mentions=tuple(who for who in heard.mentions if who != user_id),
    )


def moment_ms(snowflake: int) -> int:
    """Return when Discord made this id, in milliseconds since 1970 (UTC)."""
    return (snowflake >> SHIFT) + DISCORD_EPOCH_MS


def first_id_at(at_ms: int) -> int:
    """Return the smallest id that Discord could have made at this millisecond."""
    return max(0, at_ms - DISCORD_EPOCH_MS) << SHIFT


def day_of(at_ms: int, zone: str) -> str:
    """Return the local date (ISO) of this millisecond in an IANA zone."""
    return _day(at_ms // QUARTER_MS, zone)


@lru_cache(maxsize=4096)
def _day(quarter: int, zone: str) -> str:
    # Every zone's offset is a multiple of a quarter of an hour, so within one the date stays.
    moment = datetime.fromtimestamp(quarter * QUARTER_MS / 1000, UTC)
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()
