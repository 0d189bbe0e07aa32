"""The command line of the soak: `python -m trials.soak --help`."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from trials.soak.month import Asked, Found, soak

LEAST_OF_EACH = 20
"""How often every kind of fault must have struck."""
MOST_INVALID = 100
"""Answers that Discord counts towards its ban, in ten minutes: 1 % of the 10,000 it allows."""
MOST_GROWTH = 1.0
"""MB a day."""
LEAST_CHECKUPS = 10
"""Days that one process must have lived before its growth says anything."""
MOST_SHOWN = 20


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    usual = Asked()
    top = argparse.ArgumentParser(
        prog="python -m trials.soak",
        description="Let a made-up server live with every kind of fault, hand edits and restarts,"
        " and look whether Hearth is worn by it. See docs/reliability.md.",
    )
    top.add_argument("--people", type=int, default=usual.people, help="default 2,000")
    top.add_argument("--days", type=int, default=usual.days, help="virtual days (default 30)")
    top.add_argument("--each", type=int, default=usual.each, help="of every kind (default 22)")
    top.add_argument("--seed", type=int, default=usual.seed, help="another seed, another month")
    top.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    top.add_argument("--log", type=Path, metavar="FILE", help="keep what the bot logged there")
    return top


def figures(found: Found) -> dict[str, Any]:
    """Return the figures that count."""
    return {
        "virtual_days": found.asked.days,
        "people": found.asked.people,
        "seed": found.asked.seed,
        "faults": found.faults,
        "drift": len(found.verdict.drift),
        "posted_twice": len(found.verdict.posted_twice),
        "double_homes": len(found.verdict.two_homes),
        "errors": len(found.errors),
        "tasks_leaked": sum(found.leaked.values()),
        "invalid_requests": found.invalid,
        "invalid_requests_worst": found.invalid_worst,
        "memory_growth_mb_per_day": round(found.growth, 3),
    }


def failures(found: Mapping[str, Any], least: int, lived: int) -> list[str]:
    """Say what is not as it should be; `lived` are the days of the last process."""
    nothing = ("drift", "posted_twice", "double_homes", "errors", "tasks_leaked")
    wrong = [f"{name}: {found[name]}, not 0" for name in nothing if found[name]]
    wrong += [
        f"{kind} struck {count} times only"
        for kind, count in found["faults"].items()
        if count < least
    ]
    if found["invalid_requests_worst"] >= MOST_INVALID:
        wrong.append(f"more than {MOST_INVALID} invalid requests in ten minutes")
    if lived >= LEAST_CHECKUPS and found["memory_growth_mb_per_day"] >= MOST_GROWTH:
        wrong.append(f"memory grows by {MOST_GROWTH} MB a day or more")
    return wrong


def tell(found: Found, console: Console) -> None:
    """Print what there is to read."""
    for kind, count in found.faults.items():
        console.print(f"{count:7,}  {kind}", highlight=False)
    console.print(f"Discord's side: {found.requests}.", soft_wrap=True)
    own = [one.own / 1e6 for one in found.checkups]
    console.print(
        f"The last process, {len(own)} days: {own[0]:.1f} MB at first, {own[-1]:.1f} MB at the end,"
        f" growing by {found.growth:+.2f} MB a day: {', '.join(f'{mb:.1f}' for mb in own)}",
        soft_wrap=True,
    )
    for name, counts in found.rows.items():
        if counts[-1]:
            rows = " → ".join(f"{count:,}" for count in counts)
            console.print(f"  rows of {name}: {rows}", soft_wrap=True)
    verdict = found.verdict
    lines = [*verdict.drift, *verdict.posted_twice, *verdict.two_homes, *found.errors]
    lines += [f"{count} tasks more of {name}" for name, count in found.leaked.items()]
    for line in lines[:MOST_SHOWN]:
        console.print(f"  {line}", markup=False, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    """Soak; 1 when something was not as it should be."""
    asked = parser().parse_args(arguments)
    console = Console(highlight=False)
    wanted = Asked(asked.people, asked.days, asked.each, asked.seed, asked.log)
    console.print(f"The seed is {wanted.seed}: the same seed brings the same faults.")
    began = time.monotonic()
    found = asyncio.run(soak(wanted, console))
    console.print(f"{wanted.days} days in {time.monotonic() - began:.0f} seconds.")
    tell(found, console)
    counted = figures(found)
    wrong = failures(counted, min(LEAST_OF_EACH, wanted.each), len(found.checkups))
    console.print("All is as it should be." if not wrong else f"Not so: {'; '.join(wrong)}.")
    text = json.dumps(counted, ensure_ascii=False)
    if asked.json is not None:
        asked.json.write_text(text + "\n", encoding="utf-8")
    print(text)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
