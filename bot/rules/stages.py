"""A group's stages, derived from facts and never typed in.

forming → open ⇄ full → resting → archived. A group is *forming* until what its server asks for is
there; once open it never forms again: people live there. *Full* is read off the seats, so that it
is no state of the table, where joins look at `open` and count.
"""

from dataclasses import dataclass
from typing import Literal

# open and full are one state in the table
Stage = Literal["forming", "open", "full", "resting", "archived"]
State = Literal["forming", "open", "resting", "archived"]

# What a charter owes its readers, in the order in which it is asked for; see rules.charter.
DUTIES = ("purpose", "for_whom", "unites", "norms")
FACILITATOR = "facilitator"  # the last thing that may lack: somebody who looks after the group


@dataclass(frozen=True, slots=True)
class Facts:
    """What a group's stage is derived from.

    `lacks` names the duties of `DUTIES` that its charter does not fulfil. `strict` is the server's
    wish that a group opens only with a whole charter and somebody who looks after it.
    """

    lacks: tuple[str, ...] = ()
    facilitators: int = 0  # who look after it now, not those who were only asked
    strict: bool = False
    opened: bool = False  # people could move in before
    rests: bool = False
    archived: bool = False
    homes: int = 0  # memberships in any state
    offered: int = 0  # seats kept free for people who were offered them
    cap: int = 1


def stage(facts: Facts) -> Stage:
    """Return the stage that follows from the facts."""
    if facts.archived:
        return "archived"
    if facts.rests:
        return "resting"
    if not facts.opened and still_needed(facts):
        return "forming"
    return shown("open", homes=facts.homes, offered=facts.offered, cap=facts.cap)


def still_needed(facts: Facts) -> tuple[str, ...]:
    """Return what keeps a group from opening: duties of its charter, then `FACILITATOR`.

    Without the server's strict wish only a purpose is needed; the rest is asked for, not waited
    for.
    """
    if not facts.strict:
        return tuple(duty for duty in facts.lacks if duty == "purpose")
    return (*facts.lacks, *(() if facts.facilitators else (FACILITATOR,)))


def asked_for(facts: Facts) -> tuple[str, ...]:
    """Return what is missing from a group, whether or not it waits for that to open."""
    return (*facts.lacks, *(() if facts.facilitators else (FACILITATOR,)))


def state(reached: Stage) -> State:
    """Return how a stage stands in the table: a full group is an open one."""
    return "open" if reached == "full" else reached


def shown(kept: str, *, homes: int, offered: int, cap: int) -> Stage:
    """Return the stage of a row as people see it: an open group without a free seat is full."""
    if kept == "open":
        return "full" if homes + offered >= cap else "open"
    if kept in {"forming", "resting", "archived"}:
        return kept  # pyright: ignore[reportReturnType] - one of the literals, as just looked at
    raise ValueError(f"no state of a group: {kept}")
