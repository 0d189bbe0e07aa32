"""Group types: which figures go together, and what a server starts out with."""

from dataclasses import dataclass, replace
from typing import Any

from bot.errors import UserError
from bot.rules.charter import CALLS
from bot.rules.naming import clean
from bot.rules.rhythm import PATIENCE

NAME_MOST = 40
CAP_LEAST, CAP_MOST = 10, 150
MINIMUM_LEAST = 5
# Discord takes at most 100 overwrites in one call; a room that stays within is repaired by one.
OVERWRITES_MOST = 100
# @everyone's and the bot's own; safety roles come on top.
OVERWRITES_OF_HEARTH = 2
VISIT_DAYS_LEAST, VISIT_DAYS_MOST = 1, 60
VISITORS_MOST = 50
DELAY_LEAST, DELAY_MOST = 1, 14
PACE_MOST = 50  # newcomers a week: seven a day, and nobody can be greeted by name any more
LASTS_LEAST, LASTS_MOST = 14, 730
FREES_LEAST, FREES_MOST = 60, 365

KINDS = ("interest", "goal", "geographic", "experience", "identity", "cohort", "own")
ACCESS = ("role", "overwrites")
ENTRY = ("open", "request", "invitation")
VISITS = ("open", "request", "closed")
SPLITS = ("approved", "auto")
PATIENCES = tuple(PATIENCE)


@dataclass(frozen=True, slots=True)
class TypeRules:
    """All that a group type decides."""

    name: str
    kind: str = "own"
    cap: int = 150
    minimum: int = 5
    patience: str = "usual"  # how long silences may last: PATIENCE
    access: str = "role"
    entry: str = "open"
    visits: str = "open"
    visit_days: int = 14
    most_visitors: int = 25
    visitors_read_history: bool = False
    listed: bool = True
    splits: str = "approved"
    split_delay_days: int = 2
    newcomers_per_week: int = 0  # 0: as many as there are seats
    voice: bool = False  # a voice room beside the text room
    lasts_days: int | None = None  # from the day a group opens; None: for ever
    frees_after_days: int | None = None  # of silence, then a seat goes to others; None: never


def checked(rules: TypeRules, *, safety_roles: int) -> TypeRules:
    """Return the rules with a clean name; UserError says which figure to change, and to what.

    `safety_roles` is how many roles the setup writes into every room. ValueError for a choice that
    no menu offers.
    """
    name = clean(rules.name)
    if not any(char.isalnum() for char in name):
        raise UserError("types.name_empty")
    if CALLS.search(name):
        raise UserError("types.name_calls")
    if len(name) > NAME_MOST:
        raise UserError("types.name_too_long", n=len(name), most=NAME_MOST)
    if not CAP_LEAST <= rules.cap <= CAP_MOST:
        raise UserError("types.cap_out_of_range", least=CAP_LEAST, most=CAP_MOST)
    if rules.minimum < MINIMUM_LEAST:
        raise UserError("types.minimum_too_small", least=MINIMUM_LEAST)
    if rules.cap < 2 * rules.minimum:
        raise UserError("types.minimum_too_big", minimum=rules.minimum, most=rules.cap // 2)
    _within(rules.visit_days, VISIT_DAYS_LEAST, VISIT_DAYS_MOST, "types.visit_days_out_of_range")
    _within(rules.most_visitors, 0, VISITORS_MOST, "types.visitors_out_of_range")
    _within(rules.split_delay_days, DELAY_LEAST, DELAY_MOST, "types.delay_out_of_range")
    _within(rules.newcomers_per_week, 0, PACE_MOST, "types.pace_out_of_range")
    lasts = rules.lasts_days or None
    if lasts is not None:
        _within(lasts, LASTS_LEAST, LASTS_MOST, "types.lasts_out_of_range")
    frees = rules.frees_after_days or None
    if frees is not None:
        _within(frees, FREES_LEAST, FREES_MOST, "types.frees_out_of_range")
    fits = most_people(rules.access, safety_roles)
    if fits is not None and rules.cap + rules.most_visitors > fits:
        raise UserError(
            "types.too_many_overwrites",
            cap=rules.cap,
            visitors=rules.most_visitors,
            staff=OVERWRITES_MOST - fits,
            most=OVERWRITES_MOST,
        )
    for value, known in (
        (rules.kind, KINDS),
        (rules.access, ACCESS),
        (rules.entry, ENTRY),
        (rules.visits, VISITS),
        (rules.splits, SPLITS),
        (rules.patience, PATIENCES),
    ):
        if value not in known:
            raise ValueError(f"{value!r} is none of {known}")
    return replace(rules, name=name, lasts_days=lasts, frees_after_days=frees)


def changed(rules: TypeRules, changes: dict[str, Any]) -> TypeRules:
    """Return the rules with `changes` by field name; those that are None change nothing.

    A group that shall last for ever again is given 0 days, and so is a seat that shall stay.
    """
    return replace(rules, **{name: value for name, value in changes.items() if value is not None})


def most_people(access: str, safety_roles: int) -> int | None:
    """Return how many members and visitors a room can hold together; None: no such limit."""
    if access != "overwrites":
        return None
    return OVERWRITES_MOST - OVERWRITES_OF_HEARTH - safety_roles


def _within(value: int, least: int, most: int, key: str) -> None:
    if not least <= value <= most:
        raise UserError(key, least=least, most=most)


@dataclass(frozen=True, slots=True)
class StartingRitual:
    """A ritual that groups of a type are offered; its title and prompts are those of its kind."""

    kind: str  # one of rules.ritual_kinds
    cadence: str
    weekday: int
    hour: int
    nth: int | None = None


@dataclass(frozen=True, slots=True)
class StartingType:
    """A group type that every server can start out with; its name is `types.kind_<kind>`.

    `pace` is how many newcomers a week do such a group good; owners decide in setup whether it
    holds.
    """

    rules: TypeRules
    rituals: tuple[StartingRitual, ...]
    pace: int = 0


STARTING: tuple[StartingType, ...] = (
    StartingType(
        # What people love carries a large table; who comes should still be met by name.
        TypeRules("", "interest", minimum=8),
        (
            StartingRitual("question", "weekly", 0, 18),
            StartingRitual("show", "monthly", 4, 18, nth=1),
        ),
        pace=20,
    ),
    StartingType(
        # A step a week: silence means something sooner, and few leave the others without company.
        TypeRules("", "goal", minimum=8, patience="soon"),
        (
            StartingRitual("check_in", "weekly", 0, 9),
            StartingRitual("wins", "weekly", 4, 17),
        ),
        pace=20,
    ),
    StartingType(
        # Neighbours meet outside, too: patience is longer, and a trip is a reason to visit.
        TypeRules("", "geographic", minimum=8, patience="late", visit_days=30),
        (
            StartingRitual("question", "weekly", 3, 18),
            StartingRitual("newcomers", "monthly", 5, 10, nth=1),
        ),
        pace=20,
    ),
    StartingType(
        # What people have been through is told in a smaller circle, and at its own pace.
        TypeRules("", "experience", cap=100, entry="request", visits="request"),
        (
            StartingRitual("check_in", "weekly", 6, 19),
            StartingRitual("gratitude", "fortnightly", 2, 19),
        ),
        pace=8,
    ),
    StartingType(
        # Roles are public on a profile, so these groups open their room person by person.
        TypeRules(
            "",
            "identity",
            cap=80,
            access="overwrites",
            entry="request",
            visits="closed",
            most_visitors=5,
            listed=False,
        ),
        (
            StartingRitual("check_in", "weekly", 6, 18),
            StartingRitual("gratitude", "monthly", 2, 19, nth=1),
        ),
        pace=5,
    ),
    StartingType(
        # Begins together and ends together: nobody trickles in, and twelve weeks are enough.
        TypeRules(
            "",
            "cohort",
            cap=40,
            minimum=8,
            patience="soon",
            entry="request",
            visits="closed",
            most_visitors=5,
            voice=True,
            lasts_days=84,
        ),
        (
            StartingRitual("check_in", "weekly", 0, 9),
            StartingRitual("wins", "fortnightly", 4, 17),
        ),
    ),
    StartingType(TypeRules("", "own"), (StartingRitual("check_in", "weekly", 0, 18),), pace=20),
)
