"""Who asks for something, as far as rights go."""

from dataclasses import dataclass
from typing import Literal

# "": arrived · rules: not accepted yet · onboarding: begun and not finished
Arriving = Literal["", "rules", "onboarding"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of a server who acts, with what Discord said about them in that moment."""

    server_id: int
    user_id: int
    role_ids: frozenset[int] = frozenset()
    manages_server: bool = False
    moderates_members: bool = False
    arriving: Arriving = ""
