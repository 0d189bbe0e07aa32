"""Measures what must not get worse: `python -m benchmarks [--json FILE] [--only NAME]`.

What is compared is a ratio or a count within one run, so that it means the same on any machine;
only what a person waits for is in seconds, for they do not wait longer on a slow one. Exits with 1
when a floor does not hold.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import clicks, ingest, large, matching, report, splits

PARTS: Mapping[str, Callable[[], Awaitable[Mapping[str, Any]]]] = {
    "ingest": ingest.run,
    "split": splits.requests,
    "clicks": clicks.run,
    "large": large.run,
    "matching": matching.run,
}


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    top = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure Hearth's speed and its requests, as ratios and counts in one run.",
    )
    top.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    top.add_argument("--only", choices=sorted(PARTS), help="measure this alone")
    return top


async def measure(only: str | None) -> dict[str, Mapping[str, Any]]:
    """Run the benchmarks, one after the other."""
    return {name: await part() for name, part in PARTS.items() if only in {None, name}}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say by the exit status whether the floors hold."""
    asked = parser().parse_args(arguments)
    figures = asyncio.run(measure(asked.only))
    report.show(Console(highlight=False), figures)
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return int(bool(report.failures(figures)))


if __name__ == "__main__":
    sys.exit(main())
