"""The page about splits: what people keep, by each way to make two groups of one."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

WAYS = {
    "": "Hearth",
    "random": "by chance",
    "newest_out": "the newest out",
    "louvain": "Louvain",
    "metis": "METIS",
}
LEGEND = (
    "Of their ties people keep this *share*; so many of a group are left *alone*; of all *weight*"
    " so much is kept; so many *lost* their strongest tie; the *quieter* half has so much of an"
    " equal share of the conversation; of the *later* answers so many stay inside."
)
LEAST_OF_LONG = 0.98
"""What the search reaches in half a second of what it would in a hundred times as long."""


def failures(splits: Mapping[str, Any]) -> Sequence[str]:
    """Say which floors do not hold: those that are the same on any machine."""
    found: list[str] = []
    for name, figures in splits.items():
        if figures["stranded"]:
            found.append(f"splits: {figures['stranded']} people are left alone in {name}")
        if figures["mean_share"] <= figures["louvain"]:
            found.append(
                f"splits: {figures['mean_share']:.3f} in {name} is not above Louvain's"
                f" {figures['louvain']:.3f}"
            )
        if figures["vs_long"] < LEAST_OF_LONG:
            found.append(
                f"splits: {figures['vs_long']:.3f} of a long search in {name} is below"
                f" {LEAST_OF_LONG}"
            )
    return found


def show(console: Console, splits: Mapping[str, Any]) -> None:
    """Print a table for each set."""
    console.print(LEGEND, soft_wrap=True)
    for name, figures in splits.items():
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        for column in ("", "share", "alone", "weight", "lost", "quieter", "later"):
            table.add_column(column, no_wrap=True)
        for way, words in WAYS.items():
            table.add_row(words, *_row(figures, way))
        console.print(
            f"{figures['groups']} groups of {name} become two (seed {figures['seed']}):",
            soft_wrap=True,
        )
        console.print(table)
        console.print(
            f"  the longest plan took {figures['seconds']:.2f} s of work, and has at least"
            f" {figures['vs_long']:.3f} of what 100 times as long finds (in"
            f" {figures['long_groups']} groups; floor {LEAST_OF_LONG})",
            soft_wrap=True,
        )
        if "answers_only" in figures:
            console.print(
                f"  with replies and mentions alone as ties: {figures['answers_only']:.3f}"
            )


def _row(figures: Mapping[str, Any], way: str) -> Sequence[str]:
    before = f"{way}_" if way else ""
    share = figures[way or "mean_share"]
    if share is None:
        return ["–"] * 6
    later = figures[f"future_{way or 'share'}"]
    return [
        f"{share:.3f}",
        f"{figures[f'{before}stranded'] / figures['groups']:.2f}",
        f"{figures[f'{before}kept_weight']:.3f}",
        f"{figures[f'{before}lost_strongest']:.1%}",
        f"{figures[f'{before}balance']:.2f}",
        "–" if later is None else f"{later:.3f}",
    ]
