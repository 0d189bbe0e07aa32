"""What the benchmarks found: floors that must hold, and a table to read."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = Mapping[str, Mapping[str, Any]]

LEAST_RATIO = 0.6
"""Messages per second with tracking on, against a bare client on the same stream."""
MOST_BESIDES_MOVES = 8
"""Requests of a split beyond one for each person moved."""


def failures(figures: Figures) -> Sequence[str]:
    """Say which floors do not hold."""
    found: list[str] = []
    ingest, split = figures.get("ingest"), figures.get("split")
    if ingest is not None and ingest["ratio"] < LEAST_RATIO:
        found.append(f"ingest: the ratio {ingest['ratio']:.2f} is below {LEAST_RATIO}")
    if split is not None and split["requests"] > split["moved"] + MOST_BESIDES_MOVES:
        found.append(
            f"split: {split['requests']} requests for {split['moved']} moved are more than"
            f" {MOST_BESIDES_MOVES} besides"
        )
    return found


def show(console: Console, figures: Figures) -> None:
    """Print the figures as a table, and what does not hold."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for name in ("", "figure", "floor"):
        table.add_column(name)
    if (ingest := figures.get("ingest")) is not None:
        table.add_row("bare client", f"{ingest['bare_per_s']:,.0f} messages/s", "")
        table.add_row("Hearth, tracking on", f"{ingest['hearth_per_s']:,.0f} messages/s", "")
        table.add_row("ratio", f"{ingest['ratio']:.2f}", f"at least {LEAST_RATIO}")
    if (split := figures.get("split")) is not None:
        table.add_row("people moved by a split", f"{split['moved']}", "")
        floor = f"at most {split['moved'] + MOST_BESIDES_MOVES}"
        table.add_row("requests for it", f"{split['requests']}", floor)
    console.print(table)
    for failure in failures(figures):
        console.print(f"[bold red]Does not hold:[/] {failure}.")
