"""Three plain sentences about a group or a server: what is well, what changed, what could be tried.

They are chosen by rules that claim nothing by chance: a thing is well when even the lower end of
its interval is, it changed when the interval of its trend leaves zero out and the change is larger
than the figure itself is unsure, and something is suggested only where even the better end is low,
or where it surely got worse. About ten trends are looked at, and the clearest is told: each is held
to 39 in 40, else of every five groups in which nothing changes one would be told of a change. Every
suggestion is an act that Hearth has a button for, where there is one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.rules import health
from bot.rules.health import FEWEST, MEASURES, TREND_WEEKS, Figure, Series, Unit, Week
from bot.rules.health_statistics import Estimate
from bot.rules.message import Button, Line

Lines = Mapping[str, Series]

# From where on a figure is well, and below where something could be tried; between them nothing
# is said. These are Hearth's own words for its own purpose, see docs/health.md.
WELL: Mapping[str, float] = {
    "repeat": 0.4,
    "reciprocity": 0.6,
    "answered": 0.7,
    "active": 0.4,
    "conversations": 5.0,
    "peer": 0.7,
    "rituals": 0.25,
    "voices": 0.5,
    "stay": 0.7,
    "first_answer": 6.0,
    "pulse_belonging": 3.75,
    "pulse_trust": 3.75,
    "pulse_connection": 3.75,
}
LOW: Mapping[str, float] = {
    "repeat": 0.2,
    "reciprocity": 0.4,
    "answered": 0.5,
    "active": 0.2,
    "conversations": 2.0,
    "peer": 0.4,
    "rituals": 0.1,
    "voices": 0.3,
    "stay": 0.5,
    "first_answer": 24.0,
    "pulse_belonging": 3.0,
    "pulse_trust": 3.0,
    "pulse_connection": 3.0,
}
SURE = 0.975  # of each trend: then of all that is told about a group 19 in 20 hold
WINDOWS, WEEKS_MOST = 3, 30  # a trend looks back so many windows of its measure, at most so long
TRIED = (
    "answered",
    "first_answer",
    "active",
    "conversations",
    "repeat",
    "reciprocity",
    "voices",
    "peer",
    "rituals",
    "stay",
    "pulse_belonging",
    "pulse_trust",
    "pulse_connection",
)
"""What something can be suggested for, what comes first coming first."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure goes: `by` is its rise over `weeks`, negative where it falls."""

    measure: str
    by: float
    weeks: int
    now: Figure
    clear: float  # how far from zero, in widths of its interval

    @property
    def way(self) -> str:
        """Return "up" or "down"."""
        return "up" if self.by > 0 else "down"

    @property
    def worse(self) -> bool:
        """Whether it goes where nobody wants it."""
        wanted = MEASURES[self.measure].better
        return wanted != "neither" and (wanted == "more") == (self.by < 0)

    @property
    def better(self) -> bool:
        """Whether it goes where everybody wants it."""
        return not self.worse and MEASURES[self.measure].better != "neither"


def change(one: Series) -> Change | None:
    """Return how a figure surely changed of late; None where that cannot be said."""
    found = _trend(one)
    now = one.now
    if found is None or now.value is None or not found.excludes(0):
        return None
    weeks = [week for week, _, _ in one.spoken()]
    last = one.points[-1][0]
    first = min(week for week in weeks if week > last.later(-_back(one)))
    passed = (last.monday - first.monday).days // 7
    by = found.value * passed
    unsure = 0.0 if now.low is None or now.high is None else (now.high - now.low) / 2
    if abs(by) <= unsure:
        return None
    width = found.high - found.low
    return Change(one.measure, by, passed, now, abs(found.value) / (width or 1e-9))


def _back(one: Series) -> int:
    # Figures whose windows overlap say less each: longer ones need more of them to be sure.
    return min(max(TREND_WEEKS, WINDOWS * MEASURES[one.measure].weeks), WEEKS_MOST)


def _trend(one: Series) -> Estimate | None:
    return health.trend(one, back=_back(one), sure=SURE)


@dataclass(frozen=True, slots=True)
class Seen:
    """A group's or a server's measures, and what of them surely changed, by measure.

    `early`: of none of those that were looked at a change could be told yet.
    """

    lines: Lines
    changes: Mapping[str, Change]
    early: bool

    @property
    def week(self) -> Week:
        """Return the last week that was closed."""
        return max(one.points[-1][0] for one in self.lines.values())

    @property
    def clearest(self) -> Change | None:
        """Return what changed most clearly."""
        ranked = sorted(self.changes.values(), key=lambda one: (-one.clear, one.measure))
        return ranked[0] if ranked else None

    def way(self, measure: str) -> str:
        """Return "up", "down", or "" where nothing sure can be said."""
        found = self.changes.get(measure)
        return "" if found is None else found.way


def seen(lines: Lines, only: Collection[str] = MEASURES) -> Seen:
    """Look at measures once, for everything that is said of them: a trend takes its time.

    Of other measures than `only` nothing is said to have changed.
    """
    found = {key: change(one) for key, one in lines.items() if key in only}
    early = not any(found.values()) and all(_trend(lines[key]) is None for key in found)
    return Seen(lines, {key: one for key, one in found.items() if one is not None}, early)


def number(unit: Unit, value: float) -> str:
    """Return a figure as people read it: shares in per cent, small numbers with a decimal."""
    if unit == "share":
        return f"{100 * value:.0f}"
    if unit == "steps" or (value < 10 and round(value, 1) != round(value)):
        return f"{value:.1f}"
    return f"{value:.0f}"


def well(one: Seen) -> Line:
    """Return what is well; of several things each week another one."""
    lines = one.lines
    good = [key for key in WELL if key in lines and _surely_well(lines[key].now)]
    if good:
        key = good[one.week.monday.toordinal() // 7 % len(good)]
        return _told(f"health.well_{key}", lines[key].now)
    if one.clearest is not None and one.clearest.better:
        return Line("health.well_rise")
    if _deaf(one):
        return Line("health.well_deaf")
    told = [line.now for line in lines.values() if line.measure != "homes"]
    few = bool(told) and all(now.silent in {"few", "nothing"} for now in told)
    return Line("health.well_few" if few else "health.well_unsaid")


def changed(one: Seen) -> Line:
    """Return what changed most clearly, for good or ill."""
    found = one.clearest
    if found is not None:
        told = _told(f"health.{found.way}_{found.measure}", found.now)
        return Line(told.key, {**told.params, "weeks": found.weeks})
    if _deaf(one):
        return Line("health.changed_deaf")
    return Line("health.changed_early" if one.early else "health.changed_nothing")


def to_try(one: Seen, group_id: int) -> tuple[Line, Button | None]:
    """Return what a group could try, with the button that begins it."""
    worst = _weakest(one)
    if worst is None:
        if _looks_low(one):
            return Line("health.try_unsure"), _act("active", group_id)
        if _known(one):
            return Line("health.try_nothing"), None
        homes = one.lines["homes"].now.value if "homes" in one.lines else None
        if homes is not None and homes >= FEWEST:  # they are enough: it is early, or was not heard
            return Line("health.try_wait"), None
        return Line("health.try_few"), Button("health.act_invite", f"desk-invite:{group_id}")
    key = "pulse" if worst.startswith("pulse_") else worst
    return Line(f"health.try_{key}"), _act(worst, group_id)


def to_try_everywhere(one: Seen, groups: Sequence[Seen]) -> Line:
    """Return what the owners of a server could try."""
    islands = one.lines["islands"].now.value if "islands" in one.lines else None
    falling = sum(
        any(group.way(key) == "down" for key in ("active", "conversations")) for group in groups
    )
    weakest = _weakest(one)
    if falling:
        return Line("health.try_all_falling", {"n": falling})
    if weakest in {"answered", "first_answer"}:
        return Line("health.try_all_answered")
    if islands and len(groups) != 1:  # a group that is alone has nobody to invite
        return Line("health.try_all_islands", {"n": int(islands)})
    if weakest == "rituals":
        return Line("health.try_all_rituals")
    if _looks_low(one):
        return Line("health.try_all_unsure")
    if _deaf(one):
        return Line("health.try_wait")
    return Line("health.try_all_nothing" if _known(one) else "health.try_all_few")


def _deaf(one: Seen) -> bool:
    """Return whether nothing is told of how a week went because Hearth did not hear it."""
    return any(line.now.silent == "blind" for line in one.lines.values()) and not _known(one)


def _known(one: Seen) -> bool:
    return any(key in one.lines and one.lines[key].now.value is not None for key in TRIED)


def _surely_well(now: Figure) -> bool:
    bar = WELL.get(now.measure)
    if bar is None or now.value is None:
        return False
    if MEASURES[now.measure].better == "less":
        return (now.value if now.high is None else now.high) <= bar
    return (now.value if now.low is None else now.low) >= bar


def _surely_low(now: Figure) -> bool:
    bar = LOW.get(now.measure)
    if bar is None or now.value is None:
        return False
    if MEASURES[now.measure].better == "less":
        return (now.value if now.low is None else now.low) > bar
    return (now.value if now.high is None else now.high) < bar


def _looks_low(one: Seen) -> bool:
    """Return whether something seems low, be it sure or not: then nobody says that all is fine."""
    for key, bar in LOW.items():
        value = one.lines[key].now.value if key in one.lines else None
        if value is not None and (value > bar if MEASURES[key].better == "less" else value < bar):
            return True
    return False


def _weakest(one: Seen) -> str | None:
    """Return what surely got worse, else what is surely low; by the order of TRIED."""
    for key in TRIED:
        if key in one.changes and one.changes[key].worse:
            return key
    for key in TRIED:
        if key in one.lines and _surely_low(one.lines[key].now):
            return key
    return None


def _act(measure: str, group_id: int) -> Button | None:
    match measure:
        case "answered" | "stay":
            return Button("health.act_greeters", f"living-desk:{group_id}", "primary")
        case "first_answer" | "reciprocity":
            return Button("health.act_unanswered", f"unanswered:{group_id}", "primary")
        case "repeat" | "voices" | "rituals":
            return Button("health.act_rituals", f"rituals-list:{group_id}", "primary")
        case "peer":
            return Button("health.act_help", f"volunteer-look:{group_id}:0", "primary")
        case _:
            return Button("health.act_question", f"room-starter:{group_id}:0", "primary")


def _told(key: str, now: Figure) -> Line:
    assert now.value is not None  # only what says something is told
    return Line(key, {"now": number(MEASURES[now.measure].unit, now.value)})
