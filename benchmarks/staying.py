"""How long people go on writing, on a real log: the curves that Hearth draws of who stays.

A log holds neither who joined nor who left. So somebody is there from the week of their first
message to that of their last, and has gone when they were silent from then on for sixty days, as in
benchmarks/quiet.py; who fell silent later is censored. What is drawn, and how sure it is, is the
shipped rule's word.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.files import GivenError
from benchmarks.options import Options, set_name
from bot.rules import roll_calls, survival
from bot.rules.health import Week
from bot.rules.survival import Curve, Spell, weeks_between
from demo.log import Entry, LogError, read

LAPSE: Final = timedelta(days=60)
SHOWN: Final = (1, 4, 12, 26, 52)


async def run(options: Options) -> Mapping[str, Any]:
    """Draw the curves of each given log; nothing without one."""
    found: dict[str, Any] = {}
    for path in options.replay:
        try:
            found[set_name(path)] = drawn(read(path))
        except LogError as error:
            raise GivenError(str(error)) from error
    return found


def drawn(entries: Sequence[Entry]) -> Mapping[str, Any]:
    """Return everybody's curve and those of each month, as figures."""
    wrote: defaultdict[int, list[datetime]] = defaultdict(list)
    for entry in entries:
        wrote[entry.author].append(entry.at)
    last_known = Week.of(entries[-1].at - LAPSE).later(-1)
    cohorts: defaultdict[Week, list[Spell]] = defaultdict(list)
    for times in wrote.values():
        cohort, last = Week.of(times[0]), Week.of(times[-1])
        followed = weeks_between(cohort, last_known)
        if followed < 1:
            continue
        weeks = weeks_between(cohort, last) + 1
        spell = Spell(weeks, True, followed)
        if weeks > followed:
            spell = Spell(followed, False, followed)
        cohorts[cohort].append(spell)
    everyone = survival.curve(spell for spells in cohorts.values() for spell in spells)
    months = {name: _figures(curve) for name, curve in roll_calls.by_month(cohorts)}
    return {"all": _figures(everyone), "months": months}


def _figures(curve: Curve) -> Mapping[str, Any]:
    points = {weeks: curve.at(weeks) for weeks in SHOWN}
    return {
        "people": curve.people,
        "median": curve.median,
        "share": {
            str(weeks): (round(point.share, 3), round(point.low, 3), round(point.high, 3))
            for weeks, point in points.items()
            if point is not None
        },
    }


def failures(_figures_found: Mapping[str, Any]) -> Sequence[str]:
    """Say which floors do not hold: there is none, for this is what a log is like."""
    return []


def show(console: Console, found: Mapping[str, Any]) -> None:
    """Print a table for each log."""
    for name, figures in found.items():
        table = Table(title=f"Who still writes: {name}")
        for head in ("began", "people", "half are gone after", *(f"{n} weeks" for n in SHOWN)):
            table.add_column(head)
        for month, row in ({**figures["months"], "all": figures["all"]}).items():
            shares = [row["share"].get(str(weeks)) for weeks in SHOWN]
            table.add_row(
                month,
                str(row["people"]),
                "" if row["median"] is None else f"{row['median']} weeks",
                *(
                    "" if one is None else f"{one[0]:.0%} ({one[1]:.0%} to {one[2]:.0%})"
                    for one in shares
                ),
            )
        console.print(table)
