"""Who of the newcomers comes back: how soon Hearth notices those who fade, beside other ways.

The protocol is that of `benchmarks.quiet`, for silences of people who came on one, two or three
days so far: scored is the later half, a silence of 60 days is one from which they did not come
back, and each way's factor is set so that it names as many who come back by themselves as one line
for everybody at 7 days does (and at 10). Told besides is what becomes of those whom Hearth names as
it ships: which share did not come back, and which share of those who did had been named.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.options import Options
from benchmarks.presence import Presence, drawn, read
from benchmarks.quiet import Way, by_lot, delay, false_alarms, fixed, matched
from benchmarks.spells import Flags, Floats, Spells, spells
from bot.rules.fading import REGULAR_DAYS, patience
from bot.rules.rhythm import PATIENCE

LINES: Final = (7.0, 10.0)
ENOUGH: Final = 100  # who did not come back, before a floor may fail


def hearth(scored: Spells, factor: float) -> Floats:
    """Return Hearth's patience with newcomers."""
    return np.array([patience(int(days), factor) for days in scored.presence])


BESIDE: Final[Mapping[str, Way]] = {"random": by_lot}


async def run(options: Options) -> Mapping[str, Any]:
    """Measure each given file, or the drawn town where none is given."""
    given = [read(path) for path in options.replay] or [drawn()]
    return {presence.name: measure(presence) for presence in given}


def measure(presence: Presence) -> Mapping[str, float]:
    """Return all figures of one set."""
    every = spells(presence)
    new = every.where((every.presence < REGULAR_DAYS) & ~every.open)
    scored = new.where(new.since >= presence.middle)
    regulars = np.unique(every.person[every.presence >= REGULAR_DAYS])
    figures: dict[str, float] = {
        "people": len(presence.people),
        "never_regular": 1 - len(regulars) / len(presence.people),
        "silences": len(scored.days),
        "not_back": int(scored.lapse.sum()),
    }
    for line in LINES:
        name = f"fa{line:.0f}"
        alarms = false_alarms(scored, fixed(scored, line))
        factor = figures[f"factor_{name}"] = matched(scored, hearth, alarms)
        figures[f"delay_{name}"] = delay(scored, hearth(scored, factor))
        for other, way in BESIDE.items():
            figures[f"{other}_{name}"] = delay(scored, way(scored, matched(scored, way, alarms)))
    for word, factor in PATIENCE.items():
        figures |= _named(scored, hearth(scored, factor), f"{word}_")
    figures |= _named(scored, fixed(scored, LINES[0]), "fixed_")
    for days in range(1, REGULAR_DAYS):
        figures |= _named(
            scored, hearth(scored, PATIENCE["usual"]), f"after_{days}_", scored.presence == days
        )
    return figures


def _named(scored: Spells, after: Floats, prefix: str, of: Flags | None = None) -> dict[str, float]:
    """Return what became of those who were named, and of those who came back."""
    rows = scored.where(np.ones(len(scored.days), dtype=bool) if of is None else of)
    named = rows.days >= (after if of is None else after[of])
    back = ~rows.lapse
    return {
        f"{prefix}right": _share(rows.lapse & named, named),
        f"{prefix}back_named": _share(back & named, back),
    }


def _share(part: Flags, whole: Flags) -> float:
    return float(part.sum() / whole.sum()) if whole.any() else 0.0


def failures(figures: Mapping[str, Any]) -> Sequence[str]:
    """Say where Hearth notices no sooner than a week would; a few newcomers say nothing."""
    return [
        f"newcomers: {name}: who fades is noticed after {found['delay_fa7']:.1f} days, no sooner"
        " than by one line at 7"
        for name, found in figures.items()
        if found["not_back"] >= ENOUGH and found["delay_fa7"] >= LINES[0]
    ]


def show(console: Console, figures: Mapping[str, Any]) -> None:
    """Print a table per set: days to notice, and what became of those who were named."""
    for name, found in figures.items():
        console.print(
            f"[bold]Newcomers who fade: {name}[/] · {found['never_regular']:.0%} of"
            f" {found['people']:,} people never came on {REGULAR_DAYS} days;"
            f" {found['silences']:,} silences, from {found['not_back']:,} nobody came back"
        )
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        heads = (f"naming as many who come back as at {line:.0f} days" for line in LINES)
        for head in ("days to notice who does not come back", *heads):
            table.add_column(head)
        for words, stem in {"Hearth": "delay", "by lot": "random"}.items():
            table.add_row(words, *(f"{found[f'{stem}_fa{line:.0f}']:.2f}" for line in LINES))
        table.add_row("one line", *(f"{line:.2f}" for line in LINES))
        console.print(table)
        shares = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        for head in ("as Hearth ships", "did not come back", "of those who did, were named"):
            shares.add_column(head)
        usual = {f"after {n} of their days": f"after_{n}_" for n in range(1, REGULAR_DAYS)}
        words = {f"patience: {word}": f"{word}_" for word in PATIENCE}
        for row, stem in (words | usual | {f"one line at {LINES[0]:.0f} days": "fixed_"}).items():
            shares.add_row(row, f"{found[f'{stem}right']:.1%}", f"{found[f'{stem}back_named']:.1%}")
        console.print(shares)
