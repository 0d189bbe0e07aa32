"""What an owner answers in the guided setup, step by step, and what Hearth suggests for it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from bot.rules.types import STARTING

Step = Literal["rights", "safety", "restricted", "rooms", "place", "types", "ways", "groups", "sum"]
STEPS: tuple[Step, ...] = (
    "rights",
    "safety",
    "restricted",
    "rooms",
    "place",
    "types",
    "ways",
    "groups",
    "sum",
)

# The rooms that setup names, as the server's columns are called; the first is everyone's.
PARTS = ("commons_id", "facilitators_room_id", "moderators_room_id", "owners_room_id")
MAKE = "make"  # in place of a room's id: Hearth makes it
KINDS = tuple(starting.rules.kind for starting in STARTING)

Brake = Literal["off", "gentle", "strict", "own"]
# (days that an account must be old, people moving in within an hour); own: as /hearth setup set it
BRAKES: Mapping[str, tuple[int, int]] = {"off": (0, 0), "gentle": (3, 200), "strict": (14, 40)}

# Bits of who keeps a server in order (Discord, topics/permissions): kick, ban, manage messages,
# time members out.
KEEPS_ORDER = 1 << 1 | 1 << 2 | 1 << 13 | 1 << 40
RUNS_THE_SERVER = 1 << 3 | 1 << 5  # administrator, manage server
MODERATES = KEEPS_ORDER & ~(1 << 13)
# Parts of names by which servers and moderation bots call the roles of people they hold back.
HELD_BACK = ("muted", "mute", "jail", "quarantin", "restrict", "timeout", "timed out", "unverified")
# Parts of names by which servers call the room that is everyone's.
COMMONS = ("general", "commons", "lounge", "lobby", "plaza", "chat")
MOST_SUGGESTED = 10
MOST_GROUPS = 10  # planned in setup; more are made by command, or imported
# Cities of the menu, from west to east; any other can be typed.
CITIES = (
    "America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York",
    "America/Bogota", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "UTC",
    "Europe/Lisbon", "Europe/London", "Africa/Lagos", "Europe/Berlin", "Europe/Paris",
    "Europe/Madrid", "Africa/Johannesburg", "Europe/Kyiv", "Europe/Istanbul", "Africa/Nairobi",
    "Asia/Dubai", "Asia/Kolkata", "Asia/Jakarta", "Asia/Shanghai", "Asia/Tokyo",
    "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip
# Where a server's language is spoken by most; a guess to begin with, as the screen says.
ZONES = {
    "en-GB": "Europe/London", "de": "Europe/Berlin", "fr": "Europe/Paris", "es-ES": "Europe/Madrid",
    "pt-BR": "America/Sao_Paulo", "it": "Europe/Rome", "nl": "Europe/Amsterdam",
    "pl": "Europe/Warsaw", "da": "Europe/Copenhagen", "sv-SE": "Europe/Stockholm",
    "no": "Europe/Oslo", "fi": "Europe/Helsinki", "cs": "Europe/Prague", "hu": "Europe/Budapest",
    "ro": "Europe/Bucharest", "el": "Europe/Athens", "uk": "Europe/Kyiv", "tr": "Europe/Istanbul",
    "hi": "Asia/Kolkata", "th": "Asia/Bangkok", "vi": "Asia/Ho_Chi_Minh", "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul", "zh-TW": "Asia/Taipei", "id": "Asia/Jakarta",
}  # fmt: skip
MOST_ROLES = 25  # Discord's limit for one menu


@dataclass(frozen=True, slots=True)
class RoleSeen:
    """One role of a server; `managed`: it belongs to a bot or to an integration."""

    id: int
    name: str
    permissions: int
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """All that the guided setup asks for, but the groups."""

    safety: tuple[int, ...] = ()
    restricted: tuple[int, ...] = ()
    # by part: a room's id, MAKE, or None for none
    rooms: Mapping[str, int | str | None] = field(default_factory=dict[str, int | str | None])
    zone: str = "UTC"
    language: str = "en"
    kinds: tuple[str, ...] = ("interest",)
    needs_facilitator: bool = True
    paced: bool = True
    brake: Brake = "gentle"
    shows_cities: bool = False
    own_brake: tuple[int, int] = (0, 0)  # the figures of the brake "own"

    def to_plain(self) -> dict[str, Any]:
        """Return the answers as JSON can hold them."""
        return {**asdict(self), "rooms": dict(self.rooms)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Answers":
        """Return the answers that `to_plain` was called on; what is missing is as it comes."""
        values: dict[str, Any] = {
            name: tuple(plain[name])
            if name in {"safety", "restricted", "kinds", "own_brake"}
            else plain[name]
            for name in cls.__dataclass_fields__
            if name in plain
        }
        return cls(**values)

    @property
    def to_make(self) -> tuple[str, ...]:
        """The parts whose rooms Hearth shall make."""
        return tuple(part for part in PARTS if self.rooms.get(part) == MAKE)

    def room(self, part: str) -> int | None:
        """Return the room that was chosen for a part; None for none, or one to be made."""
        chosen = self.rooms.get(part)
        return chosen if isinstance(chosen, int) else None

    def with_room(self, part: str, chosen: int | str | None) -> "Answers":
        """Return the answers with another room for a part; no room has two parts."""
        rooms = {
            other: None if isinstance(chosen, int) and room == chosen else room
            for other, room in self.rooms.items()
        }
        return replace(self, rooms={**rooms, part: chosen})

    def without_gone(self, there: Collection[int]) -> "Answers":
        """Return the answers without the rooms that somebody deleted since they were chosen.

        `there` are all channels of the server, those that Hearth cannot see, too.
        """
        rooms = {
            part: None if isinstance(room, int) and room not in there else room
            for part, room in self.rooms.items()
        }
        return replace(self, rooms=rooms)

    def making_the_rest(self) -> "Answers":
        """Return the answers with every room that is not chosen to be made by Hearth."""
        return replace(self, rooms={part: self.rooms.get(part) or MAKE for part in PARTS})


def step_beside(step: Step, by: int) -> Step:
    """Return the step `by` screens on; the first and last have nothing beyond."""
    index = STEPS.index(step) + by
    return STEPS[min(max(index, 0), len(STEPS) - 1)]


def suggested_safety(roles: Iterable[RoleSeen]) -> tuple[int, ...]:
    """Return the roles that seem to keep the server in order, people's before bots'.

    Those of administrators need not be named: nothing is closed to them.
    """
    found = [
        role
        for role in roles
        if role.permissions & KEEPS_ORDER and not role.permissions & RUNS_THE_SERVER
    ]
    found.sort(key=lambda role: role.managed)
    return tuple(role.id for role in found)[:MOST_SUGGESTED]


def suggested_restricted(roles: Iterable[RoleSeen]) -> tuple[int, ...]:
    """Return the roles that seem, by their names, to hold people back."""
    return tuple(
        role.id
        for role in roles
        if not role.managed and any(word in role.name.casefold() for word in HELD_BACK)
    )[:MOST_SUGGESTED]


def suggested_commons(talk: Sequence[tuple[int, str]], system_room: int | None) -> int | None:
    """Return the room that seems to be everyone's: by its name, else where newcomers are greeted.

    `talk` are the rooms that everyone sees and writes in, with their names.
    """
    for word in COMMONS:
        for room, name in talk:
            if word in name.casefold():
                return room
    rooms = [room for room, _ in talk]
    return system_room if system_room in rooms else next(iter(rooms), None)


def opens_to(part: str, roles: Iterable[RoleSeen], safety: Iterable[int]) -> tuple[int, ...]:
    """Return the roles that may enter a room which Hearth makes for a part.

    Owners' rooms open to who manages the server, moderators' to who moderates. Those who look
    after groups have no role in common: they enter theirs one by one.
    """
    safe = frozenset(safety)
    if part == "owners_room_id":
        return tuple(r.id for r in roles if r.permissions & RUNS_THE_SERVER and not r.managed)
    if part == "moderators_room_id":
        return tuple(
            r.id
            for r in roles
            if not r.managed and (r.permissions & (MODERATES | RUNS_THE_SERVER) or r.id in safe)
        )
    return ()


def brake_figures(answers: Answers) -> tuple[int, int]:
    """Return the figures of the brake that was chosen (see `BRAKES`)."""
    return answers.own_brake if answers.brake == "own" else BRAKES[answers.brake]


def brake_of(account_days: int, joins_per_hour: int) -> Brake:
    """Return the named brake that these figures are; own, if none is."""
    for name, figures in BRAKES.items():
        if figures == (account_days, joins_per_hour):
            return name  # pyright: ignore[reportReturnType] - a key of BRAKES
    return "own"
