"""What the benchmarks found: floors that must hold, and a table to read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import circles, health, newcomers, pairing, quiet, split_page, staying

Figures = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """How a part that fills a table of its own is shown, and which of its floors do not hold."""

    show: Callable[[Console, Mapping[str, Any]], None]
    failures: Callable[[Mapping[str, Any]], Sequence[str]]


PAGES: Mapping[str, Page] = {
    "splits": Page(split_page.show, split_page.failures),
    "circles": Page(circles.show, circles.failures),
    "quiet": Page(quiet.show, quiet.failures),
    "newcomers": Page(newcomers.show, newcomers.failures),
    "health": Page(health.show, health.failures),
    "staying": Page(staying.show, staying.failures),
    "pairing": Page(pairing.show, pairing.failures),
}
"""The parts whose figures are shown by a module of their own, by their name in `PARTS`."""

LEAST_RATIO = 0.6
"""Messages per second with tracking on, against a bare client on the same stream."""
MOST_BESIDES_MOVES = 8
"""Requests of a split beyond one for each person moved."""

ANSWER_WITHIN, KEY_WITHIN = 3.0, 5.0
"""Seconds until who presses *Join* has the answer, and the key, while a split moves others."""
LONGEST_BLOCK = 50.0
"""Milliseconds that the loop's own thread may work without letting others have their turn."""
LEAST_OF_ORACLE = 0.9
"""Of the people whom an oracle shows their best group, how many the matching shows it."""
PHASES = {"set_up": "being set up", "look": "a look at it", "start": "a start", "split": "a split"}


def failures(figures: Figures) -> Sequence[str]:
    """Say which floors do not hold."""
    found: list[str] = []
    ingest, split = figures.get("ingest"), figures.get("requests")
    if ingest is not None and ingest["ratio"] < LEAST_RATIO:
        found.append(f"ingest: the ratio {ingest['ratio']:.2f} is below {LEAST_RATIO}")
    if split is not None and split["requests"] > split["moved"] + MOST_BESIDES_MOVES:
        found.append(
            f"requests: {split['requests']} for {split['moved']} moved are more than"
            f" {MOST_BESIDES_MOVES} besides"
        )
    clicks, large = figures.get("clicks"), figures.get("large")
    if clicks is not None and clicks["answer_s"] > ANSWER_WITHIN:
        found.append(f"clicks: an answer took {clicks['answer_s']:.1f} s")
    if clicks is not None and clicks["key_s"] > KEY_WITHIN:
        found.append(f"clicks: a key took {clicks['key_s']:.1f} s")
    for phase, words in PHASES.items():
        if large is not None and large[phase]["own_ms"] > LONGEST_BLOCK:
            found.append(
                f"large server: {words} blocked the loop for {large[phase]['own_ms']:.0f} ms"
            )
    if (matching := figures.get("matching")) is not None:
        found += _mismatched(matching)
    for name, page in PAGES.items():
        if (part := figures.get(name)) is not None:
            found += page.failures(part)
    return found


def _mismatched(matching: Mapping[str, Any]) -> Sequence[str]:
    """Say which floors of the matching do not hold."""
    found: list[str] = []
    share = matching["top3"] / matching["oracle"]
    if share < LEAST_OF_ORACLE:
        found.append(f"matching: {share:.3f} of the oracle's share is below {LEAST_OF_ORACLE}")
    if matching["fill_spread"] >= matching["first_come_spread"]:
        found.append(
            f"matching: groups fill less evenly ({matching['fill_spread']:.3f}) than first come"
            f" ({matching['first_come_spread']:.3f})"
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
    if (split := figures.get("requests")) is not None:
        table.add_row("people moved by a split", f"{split['moved']}", "")
        floor = f"at most {split['moved'] + MOST_BESIDES_MOVES}"
        table.add_row("requests for it", f"{split['requests']}", floor)
    if (clicks := figures.get("clicks")) is not None:
        others = f"of {clicks['presses']} joins, {clicks['left_to_move']} still to be moved"
        table.add_row(
            "slowest answer during a split",
            f"{clicks['answer_s']:.2f} s {others}",
            f"at most {ANSWER_WITHIN:.0f} s",
        )
        table.add_row("slowest key", f"{clicks['key_s']:.2f} s", f"at most {KEY_WITHIN:.0f} s")
    if (large := figures.get("large")) is not None:
        _show_large(table, large)
    if (matching := figures.get("matching")) is not None:
        _show_matching(table, matching)
    if table.row_count:
        console.print(table)
    for name, page in PAGES.items():
        if (part := figures.get(name)) is not None:
            page.show(console, part)
    for failure in failures(figures):
        console.print(f"[bold red]Does not hold:[/] {failure}.")


def _show_large(table: Table, large: Mapping[str, Any]) -> None:
    """Add the rows about a server as large as Discord lets Hearth serve."""
    set_up, look, start, split = (large[phase] for phase in PHASES)
    table.add_row(f"{large['members']:,} people in {large['groups']} groups", "", "")
    hours = f"{set_up['requests']:,} requests, {set_up['hours']:.1f} h by Discord's buckets"
    table.add_row("  set up", f"{hours} ({set_up['seconds']:.0f} s here)", "")
    took = f"{look['look_s']:.2f} s, {look['look_cpu_s']:.2f} s of work"
    table.add_row("  planning: a look at everything", took, "")
    table.add_row("  a start", f"{start['requests']:,} requests, {start['seconds']:.1f} s here", "")
    moved = f"{split['moved']} moved, {split['requests']} requests"
    table.add_row("  a split", f"{moved}, {split['minutes']:.1f} min by Discord's buckets", "")
    for phase, words in PHASES.items():
        felt = large[phase]
        table.add_row(
            f"  longest block in {words}",
            f"{felt['own_ms']:.0f} ms (with waits for a processor {felt['block_ms']:.0f} ms,"
            f" garbage {felt['collection_ms']:.0f} ms)",
            f"at most {LONGEST_BLOCK:.0f} ms",
        )
    table.add_row("  memory", f"{split['memory_mb']:.0f} MB", "")


def _show_matching(table: Table, matching: Mapping[str, Any]) -> None:
    """Add the rows about who finds the group that would suit them best."""
    table.add_row(
        f"{matching['people']:,} people look for one of {matching['groups']} groups", "", ""
    )
    share = matching["top3"] / matching["oracle"]
    table.add_row(
        "  their best group is among the three",
        f"{matching['top3']:.1%}, {share:.3f} of an oracle's {matching['oracle']:.1%}",
        f"at least {LEAST_OF_ORACLE}",
    )
    table.add_row(
        "  by lot, first come", f"{matching['random']:.1%}, {matching['first_come']:.1%}", ""
    )
    table.add_row("  share of the oracle's in a vague town", f"{matching['vague_share']:.3f}", "")
    table.add_row(
        "  spread of how full groups are",
        f"{matching['fill_spread']:.3f} (oracle {matching['oracle_spread']:.3f},"
        f" by lot {matching['random_spread']:.3f})",
        f"below first come's {matching['first_come_spread']:.3f}",
    )
    table.add_row(
        "  one suggestion among 35,000 people",
        f"{matching['suggest_ms']:.1f} ms of work (p99 {matching['suggest_p99_ms']:.1f}),"
        f" {matching['statements']:.0f} statements; the rule alone {matching['rule_ms']:.2f} ms",
        "",
    )
