"""What a poke points at: "look again here". Wake-ups for the same scope coalesce."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemberScope:
    """One member of one server: their roles, and their own overwrites on rooms."""

    server_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class GroupScope:
    """One group: its role, its room, the room's overwrites."""

    server_id: int
    group_id: int


@dataclass(frozen=True, slots=True)
class ServerScope:
    """Everything in one server."""

    server_id: int


@dataclass(frozen=True, slots=True)
class HouseScope:
    """The rooms of one server that setup has Hearth make: for everyone, and for those who help."""

    server_id: int


@dataclass(frozen=True, slots=True)
class LetGo:
    """What waits in memory about a person goes, too: they were forgotten, or are counted no more.

    In these servers; None: in all.
    """

    user_id: int
    server_ids: tuple[int, ...] | None = None


Scope = MemberScope | GroupScope | ServerScope | HouseScope
