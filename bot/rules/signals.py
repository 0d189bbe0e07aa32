"""One sign of life, as small as it can be: who, where, when, and whom it answered. Never what."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

# Discord's ids begin with the milliseconds since its first second of 2015.
# https://discord.com/developers/docs/reference#snowflakes
DISCORD_EPOCH_MS = 1_420_070_400_000
SHIFT = 22


class Kind(IntEnum):
    """What was heard."""

    MESSAGE = 0
    REACTION = 1
    VOICE = 2
    PRESS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was heard: a channel, and the room that it counts for.

    A thread counts for the room it hangs in. `everyone` says that all members of the server see the
    room, so that it is a part of the commons if it is no group's room.
    """

    channel_id: int
    room_id: int
    server_id: int
    everyone: bool = False


class Heard(NamedTuple):
    """One sign of life; ids and a time, nothing else."""

    kind: Kind
    place: Place
    user_id: int
    at_ms: int  # milliseconds since 1970, UTC
    message_id: int = 0  # for messages: the message itself
    to_user_id: int = 0  # whom a reply answers or whose message got the reaction
    to_message_id: int = 0  # which message a reply answers
    mentions: tuple[int, ...] = ()


def moment_ms(snowflake: int) -> int:
    """Return when Discord made this id, in milliseconds since 1970 (UTC)."""
    return (snowflake >> SHIFT) + DISCORD_EPOCH_MS


def first_id_at(at_ms: int) -> int:
    """Return the smallest id that Discord could have made at this millisecond."""
    return max(0, at_ms - DISCORD_EPOCH_MS) << SHIFT
