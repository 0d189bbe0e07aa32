"""Measures what must not get worse: `python -m benchmarks [--json FILE] [--only NAME]`.

What is compared is a ratio or a count within one run, so that it means the same on any machine;
only what a person waits for is in seconds, for they do not wait longer on a slow one. `--ties FILE`
and `--replay FILE` measure on real data what is measured on generated data without them. Exits
with 1 when a floor does not hold, with 2 when a file cannot be used.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from rich.console import Console

from benchmarks import (
    circles,
    clicks,
    health,
    ingest,
    large,
    matching,
    newcomers,
    pairing,
    quiet,
    report,
    requests,
    splits,
    staying,
)
from benchmarks.files import GivenError
from benchmarks.options import Options

Figures: TypeAlias = Mapping[str, Any]
Part: TypeAlias = Callable[[Options], Awaitable[Figures]]


def _needs_nothing(run: Callable[[], Awaitable[Figures]]) -> Part:
    """Return a part that measures the same whatever it is given."""
    return lambda _options: run()


PARTS: Mapping[str, Part] = {
    "ingest": _needs_nothing(ingest.run),
    "requests": _needs_nothing(requests.run),
    "clicks": _needs_nothing(clicks.run),
    "large": _needs_nothing(large.run),
    "matching": _needs_nothing(matching.run),
    "splits": splits.run,
    "circles": circles.run,
    "quiet": quiet.run,
    "newcomers": newcomers.run,
    "health": health.run,
    "staying": staying.run,
    "pairing": _needs_nothing(pairing.run),
}
WITH: Mapping[str, str] = {"newcomers": "quiet"}
"""Parts that belong to another: who asks for that alone gets both."""


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    top = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure Hearth's speed, its requests and its judgement, each in one run.",
    )
    top.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    top.add_argument("--only", choices=sorted(PARTS), help="measure this alone")
    top.add_argument(
        "--ties",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        help="split and find circles in these ties, too: pairs, or a log; repeatable",
    )
    top.add_argument(
        "--replay",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        help="look for quiet people, and how groups are, in this log, too; repeatable",
    )
    return top


async def measure(only: str | None, options: Options) -> dict[str, Figures]:
    """Run the benchmarks, one after the other."""
    return {
        name: await part(options)
        for name, part in PARTS.items()
        if only in {None, name, WITH.get(name)}
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say by the exit status whether the floors hold."""
    asked = parser().parse_args(arguments)
    options = Options(ties=tuple(asked.ties), replay=tuple(asked.replay))
    try:
        figures = asyncio.run(measure(asked.only, options))
    except GivenError as error:
        print(error, file=sys.stderr)
        return 2
    report.show(Console(highlight=False), figures)
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return int(bool(report.failures(figures)))


if __name__ == "__main__":
    sys.exit(main())
