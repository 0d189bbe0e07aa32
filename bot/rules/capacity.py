"""How many groups still fit into a server, by Discord's own limits (see docs/discord-limits.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ROLES = 250  # per server, with @everyone and other bots' roles
CHANNELS = 500  # per server, with categories
CATEGORIES = 50  # per server
ROOMS_IN_A_CATEGORY = 48  # Discord takes 50; two are left for what people put there
OVERWRITES = 100  # in one call; a room with more can no longer be put right in one
# For the owners' own, and for what two hands make at once: Hearth never fills a server.
ROLES_KEPT_FREE = 12
CHANNELS_KEPT_FREE = 20
ROLES_STOP, CHANNELS_STOP = ROLES - ROLES_KEPT_FREE, CHANNELS - CHANNELS_KEPT_FREE
WARN_AT = 0.8
CALM_AT = 0.75  # below this a limit that was near is far again, and may be told of anew
ROLES_PER_WINDOW, WINDOW_HOURS = 250, 48  # creations of roles that Discord allows per server
HANDOUTS_PER_SECOND = 1.0  # roles handed to members: 10 in 10 seconds per server


@dataclass(frozen=True, slots=True)
class Use:
    """What a server uses of Discord's limits, and what the bot may do there."""

    roles: int
    channels: int
    categories: int
    members: int = 0
    permissions: int = 0  # the bot's, in the whole server
    own_role: int = 0  # the bot's own role, that Discord made for it; 0: not known
    roles_above: tuple[int, ...] = ()  # group roles that stand above the bot's own
    rooms: frozenset[int] = frozenset()  # every channel there is
    hidden_rooms: frozenset[int] = frozenset()  # channels that the bot may not see
    overwrites: Mapping[int, int] = field(default_factory=dict[int, int])  # per channel
    # roles of one name, and channels of one name in one category: each to the others
    twins: Mapping[int, frozenset[int]] = field(default_factory=dict[int, frozenset[int]])


@dataclass(frozen=True, slots=True)
class Room:
    """How many more groups a server holds."""

    by_role: int
    without_role: int

    def groups(self, *, by_role: bool, voice: bool) -> int:
        """Return how many groups of one kind fit: one with a voice room takes two of the rooms."""
        rooms = self.without_role // 2 if voice else self.without_role
        return min(rooms, self.by_role) if by_role else rooms


def groups_that_fit(use: Use) -> Room:
    """Return how many more groups fit, each with a room, with and without a role of its own."""
    channels = max(0, CHANNELS_STOP - use.channels)
    # Rooms come with a further category for every 48 of them.
    whole, rest = divmod(channels, ROOMS_IN_A_CATEGORY + 1)
    rooms = whole * ROOMS_IN_A_CATEGORY + max(0, rest - 1)
    rooms = min(rooms, max(0, CATEGORIES - use.categories) * ROOMS_IN_A_CATEGORY)
    roles = max(0, ROLES_STOP - use.roles)
    return Room(by_role=min(rooms, roles), without_role=rooms)


@dataclass(frozen=True, slots=True)
class Limit:
    """One of Discord's limits as a server stands to it; at `stop` Hearth makes no more."""

    name: str
    used: int
    most: int
    stop: int

    @property
    def reached(self) -> bool:
        """Whether Hearth has stopped here."""
        return self.used >= self.stop

    @property
    def near(self) -> bool:
        """Whether it is time to say that this one comes near."""
        return nearly_full(self.used, self.most)

    @property
    def far(self) -> bool:
        """Whether nobody needs to think of it."""
        return self.used < CALM_AT * self.most


def limits(use: Use) -> tuple[Limit, ...]:
    """Return the limits that decide how many groups a server holds."""
    return (
        Limit("roles", use.roles, ROLES, ROLES_STOP),
        Limit("channels", use.channels, CHANNELS, CHANNELS_STOP),
        Limit("categories", use.categories, CATEGORIES, CATEGORIES),
    )


def nearly_full(used: int, limit: int) -> bool:
    """Return whether it is time to say that a limit comes near."""
    return used >= WARN_AT * limit


def housing_seconds(members: int, groups: int) -> float:
    """Return about how long handing out homes to `members` in `groups` new groups takes."""
    windows = max(0, (groups - 1) // ROLES_PER_WINDOW)
    return members / HANDOUTS_PER_SECOND + windows * WINDOW_HOURS * 3600
