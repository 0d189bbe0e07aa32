"""How soon Hearth notices who has gone quiet, beside other ways to tell, on real and drawn lives.

One protocol for every way. Scored are the spells (`benchmarks.spells`) of people with four days of
presence or more that begin in the later half. A way says after how many days of silence somebody is
named; being named in a spell that is no lapse is a false alarm. Each way's factor is set so that it
raises as many false alarms as one line for everybody at 14 days (and at 21), and the mean days to
notice a lapse are compared; a lapse that is not noticed within 60 days counts 60.

Then names are chosen every week, three for 50 people: each silence at most once, and a name is
right if the silence is a lapse that has lasted 7 to 21 days.

Beside Hearth's way stand one line for everybody, k times somebody's own median pause, Hearth's
formula with days that do not fade, alarms by lot, and for names an oracle that knows who lapses. At
the end, Hearth's factor is set on the first half and judged on the second.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.options import Options
from benchmarks.presence import DAY, Presence, drawn, read
from benchmarks.spells import LAPSE, Flags, Floats, Spells, spells
from bot.rules.fading import REGULAR_DAYS
from bot.rules.rhythm import LEAST, MOST, PATIENCE

LINES: Final = (14.0, 21.0)
MONTH: Final = 30.44
NAMES, OF_PEOPLE = 3, 50
RIGHT: Final = (7.0, 21.0)
HALVINGS, HIGHEST = 60, 100.0
SEED: Final = 5
PLAIN: Final = (5.0, 45.0)  # the least and the most days of the formula that stands beside

Way: TypeAlias = Callable[[Spells, float], Floats]
"""Days of silence until each one is named, by a factor: the higher, the later."""
Score: TypeAlias = Callable[[Spells, Floats], Floats]
"""The order of names by how long each silence has lasted: the higher, the sooner; below 1 never."""


def hearth(scored: Spells, factor: float) -> Floats:
    """Return Hearth's patience: `bot.rules.rhythm.patience` for many at once."""
    return np.clip(factor * np.sqrt(scored.around) * scored.pause**0.25, LEAST, MOST)


def unfaded(scored: Spells, factor: float) -> Floats:
    """Return the same by days of which all of the last 90 are worth the same, 50 at most."""
    return np.clip(factor * np.sqrt(np.minimum(scored.plain, 50)) * scored.pause**0.25, *PLAIN)


def median(scored: Spells, factor: float) -> Floats:
    """Return a multiple of everybody's own median pause."""
    return np.clip(factor * scored.median, *PLAIN)


def by_lot(scored: Spells, factor: float) -> Floats:
    """Return days drawn by lot: each day of silence is as likely to be the one."""
    return factor * np.random.default_rng(SEED).exponential(size=len(scored.days))


def fixed(scored: Spells, factor: float) -> Floats:
    """Return one line for everybody."""
    return np.full(len(scored.days), factor)


BESIDE: Final[Mapping[str, Way]] = {"unfaded": unfaded, "median": median, "random": by_lot}


async def run(options: Options) -> Mapping[str, Any]:
    """Measure each given file, or the drawn town where none is given."""
    given = [read(path) for path in options.replay] or [drawn()]
    return {presence.name: measure(presence) for presence in given}


def measure(presence: Presence) -> Mapping[str, float]:
    """Return all figures of one set."""
    regular = spells(presence)
    regular = regular.where((regular.presence >= REGULAR_DAYS) & ~regular.open)
    second = regular.since >= presence.middle
    tuning, scored = regular.where(~second), regular.where(second)
    figures: dict[str, float] = {
        "spells": len(scored.days),
        "lapses": int(scored.lapse.sum()),
        "people": len(set(scored.person.tolist())),
    }
    for line in LINES:
        name = f"fa{line:.0f}"
        alarms = false_alarms(scored, fixed(scored, line))
        figures[f"alarms_{name}"] = 100 * alarms / member_months(scored)
        figures[f"factor_{name}"] = matched(scored, hearth, alarms)
        figures[f"delay_{name}"] = delay(scored, hearth(scored, figures[f"factor_{name}"]))
        for other, way in BESIDE.items():
            figures[f"{other}_{name}"] = delay(scored, way(scored, matched(scored, way, alarms)))
    figures |= _names(presence, regular)
    return figures | _transfer(tuning, scored)


def false_alarms(scored: Spells, after: Floats) -> int:
    """Return how many silences were named that were no lapse."""
    return int(((scored.days >= after) & ~scored.lapse).sum())


def delay(scored: Spells, after: Floats) -> float:
    """Return the mean days until a lapse was noticed."""
    if not scored.lapse.any():
        return 0.0
    return float(np.minimum(after, LAPSE)[scored.lapse].mean())


def member_months(scored: Spells) -> float:
    """Return for how many months of membership these spells stand; a lapse ends one."""
    return max(float(np.minimum(scored.days, LAPSE).sum()) / MONTH, 1e-9)


def matched(scored: Spells, way: Way, alarms: int) -> float:
    """Return the lowest factor by which a way raises no more false alarms than these."""
    low, high = 0.0, HIGHEST
    for _ in range(HALVINGS):
        factor = (low + high) / 2
        if false_alarms(scored, way(scored, factor)) <= alarms:
            high = factor
        else:
            low = factor
    return high


def _transfer(tuning: Spells, scored: Spells) -> dict[str, float]:
    """Set Hearth's factor on the first half, and judge it on the second."""
    if not len(tuning.days):
        return {}
    line = LINES[0]
    factor = matched(tuning, hearth, false_alarms(tuning, fixed(tuning, line)))
    after = hearth(scored, factor)
    usual = hearth(scored, PATIENCE["usual"])
    months = member_months(scored)
    return {
        "transfer_factor": factor,
        "transfer_alarms": 100 * false_alarms(scored, after) / months,
        "transfer_delay": delay(scored, after),
        "usual_alarms": 100 * false_alarms(scored, usual) / months,
        "usual_delay": delay(scored, usual),
    }


def _names(presence: Presence, regular: Spells) -> dict[str, float]:
    """Return which share of each way's weekly names was right.

    Names are only chosen among silences of which it is known what became of them. In the last 60
    days those are silences that ended, so nobody could be right there: `settled_…` leaves these
    weeks out.
    """
    needed = hearth(regular, PATIENCE["usual"])
    lot = np.random.default_rng(SEED).random(len(regular.days))
    ways: dict[str, Score] = {
        "": lambda _, lasted: lasted / needed,
        "unfaded_": lambda rows, lasted: lasted / unfaded(rows, PATIENCE["usual"]),
        "fixed_": lambda _, lasted: lasted / LINES[0],
        "median_": lambda rows, lasted: lasted / median(rows, 6.0),
        "random_": lambda _, lasted: np.where(lasted >= RIGHT[0], 1 + lot, 0.0),
        "oracle_": lambda rows, lasted: np.where(rows.lapse & (lasted >= RIGHT[0]), 2.0, 0.0),
    }
    found: dict[str, float] = {}
    for part, until in (("", presence.end), ("settled_", presence.end - LAPSE * DAY)):
        for name, score in ways.items():
            right, named, places = weekly(regular, score, presence.middle, until)
            # The oracle names nobody wrongly; what it tells is how many places can be filled.
            of = places if name == "oracle_" else named
            found[f"{part}{name}precision3"] = right / of if of else 0.0
    return found


def weekly(regular: Spells, score: Score, since: float, until: float) -> tuple[int, int, int]:
    """Return how many of the weekly names were right, how many there were, and for how many places.

    Named is who has been silent for no longer than is right, by score, three for 50 people who were
    heard of in the last 60 days.
    """
    ends = regular.since + regular.days * DAY
    told: Flags = np.zeros(len(regular.days), dtype=bool)
    right = named = places = 0
    now = since + 7 * DAY
    while now <= until:
        lasted = (now - regular.since) / DAY
        silent = (regular.since <= now) & (now < ends) & (lasted < LAPSE)
        seats = round(NAMES * int(silent.sum()) / OF_PEOPLE)
        places += seats
        scores = score(regular, lasted)
        may = np.flatnonzero(silent & ~told & (scores >= 1) & (lasted <= RIGHT[1]))
        chosen = may[np.argsort(-scores[may], kind="stable")][:seats]
        told[chosen] = True
        named += len(chosen)
        right += int((regular.lapse[chosen] & (lasted[chosen] >= RIGHT[0])).sum())
        now += 7 * DAY
    return right, named, places


def failures(figures: Mapping[str, Any]) -> Sequence[str]:
    """Say where Hearth notices no sooner than one line for everybody would."""
    return [
        f"quiet: {name}: a lapse is noticed after {found[f'delay_fa{line:.0f}']:.1f} days,"
        f" no sooner than by one line at {line:.0f}"
        for name, found in figures.items()
        for line in LINES
        if found["lapses"] and found[f"delay_fa{line:.0f}"] >= line
    ]


def show(console: Console, figures: Mapping[str, Any]) -> None:
    """Print a table per set: days to notice a lapse, and how many names are right."""
    for name, found in figures.items():
        console.print(
            f"[bold]Who has gone quiet: {name}[/] · {found['people']:,} people,"
            f" {found['spells']:,} silences, {found['lapses']:,} lapses"
        )
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        heads = (f"as many false alarms as at {line:.0f} days" for line in LINES)
        for head in ("days to notice a lapse", *heads, "names right", "in settled weeks"):
            table.add_column(head)
        rows = {"Hearth": "", "Hearth, days do not fade": "unfaded", "k × own median": "median"}
        for words, way in (rows | {"by lot": "random", "one line": "fixed"}).items():
            if way == "fixed":
                days = [f"{line:.2f}" for line in LINES]
            else:
                stem = way or "delay"
                days = [f"{found[f'{stem}_fa{line:.0f}']:.2f}" for line in LINES]
            table.add_row(words, *days, *_share(found, f"{way}_" if way else ""))
        table.add_row("an oracle", "", "", *_share(found, "oracle_"))
        console.print(table)
        per_month = ", ".join(f"{found[f'alarms_fa{line:.0f}']:.2f}" for line in LINES)
        console.print(f"False alarms in 100 months of membership: {per_month}.")
        if "transfer_delay" in found:
            console.print(
                f"With the factor of the first half ({found['transfer_factor']:.2f}):"
                f" {found['transfer_delay']:.2f} days, {found['transfer_alarms']:.2f} false alarms."
                f" As Hearth ships ({PATIENCE['usual']}): {found['usual_delay']:.2f} days,"
                f" {found['usual_alarms']:.2f} false alarms."
            )


def _share(found: Mapping[str, float], way: str) -> tuple[str, str]:
    return f"{found[f'{way}precision3']:.3f}", f"{found[f'settled_{way}precision3']:.3f}"
