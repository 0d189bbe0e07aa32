"""`python -m trials.conformance --spec FILE`: holds what passes over the wire to Discord's word."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.record import read
from trials.conformance.description import Description
from trials.conformance.deviations import DEVIATIONS
from trials.conformance.documented import documented_routes
from trials.conformance.judging import Verdict, judge
from trials.conformance.recording import HEARTH, ROOT, record

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = ROOT / "docs" / "discord-routes.md"
LEAST_ROUTES, LEAST_REQUESTS = 30, 500
"""Fewer routes or requests would say little."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trials.conformance", description=__doc__)
    parser.add_argument(
        "--spec",
        metavar="FILE",
        default="",
        help="Discord's OpenAPI description, 3.1 (discord/discord-api-spec: specs/openapi.json)",
    )
    parser.add_argument("--records", type=Path, metavar="FOLDER", help="judge what was recorded")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="record there, and leave it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Record and judge; 1 for violations or failed runs, 2 without a description."""
    asked = _parser().parse_args(arguments)
    if not asked.spec:
        print("--spec is needed: a copy of Discord's openapi.json (make conformance SPEC=FILE)")
        return 2
    try:
        description = Description.read(Path(asked.spec))
    except (OSError, ValueError) as error:
        print(f"--spec cannot be read: {error}")
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        records: Path = asked.records or asked.keep or Path(scratch) / "records"
        ran = True
        if asked.records is None:
            print("Recording what passes over the wire:")
            ran = record(records, picture=Path(scratch) / "demo.png")
        verdict = judge(description, read(records))
        mine = judge(description, read(records / HEARTH))
    problems = _problems(verdict, mine)
    _show(verdict, mine, description)
    for problem in problems:
        print(f"! {problem}")
    figures = {
        "requests": _held(verdict),
        "answers": verdict.answers,
        "routes": len(verdict.routes),
        "violations": sum(verdict.violations.values()),
    }
    line = json.dumps(figures)
    if asked.json is not None:
        asked.json.write_text(line + "\n", encoding="utf-8")
    print(line)
    return int(bool(problems) or not ran)


def _held(verdict: Verdict) -> int:
    """Return how many requests real clients sent."""
    return verdict.requests.total() - verdict.requests["bare"]


def _problems(verdict: Verdict, mine: Verdict) -> list[str]:
    """Return whatever keeps the trial from being passed."""
    problems = [f"violation, {count} times: {what}" for what, count in verdict.violations.items()]
    problems += [f"discord.py has it no longer: {one}" for one in DEVIATIONS if not one.stands()]
    table = set(documented_routes(PAGE))
    problems += [f"not in {PAGE.name}: {route}" for route in sorted(mine.routes.keys() - table)]
    if len(verdict.routes) < LEAST_ROUTES:
        problems.append(f"only {len(verdict.routes)} routes, {LEAST_ROUTES} at least")
    if _held(verdict) <= LEAST_REQUESTS:
        problems.append(f"only {_held(verdict)} requests, more than {LEAST_REQUESTS} are wanted")
    return problems


def _show(verdict: Verdict, mine: Verdict, description: Description) -> None:
    print(f"\n{len(verdict.routes)} routes by real clients (Hearth's marked *), with requests")
    for route, count in sorted(verdict.routes.items(), key=lambda pair: pair[0].split()[::-1]):
        print(f"  {'*' if route in mine.routes else ' '} {count:>7,}  {route}")
    idle = [route for route in documented_routes(PAGE) if route not in mine.routes]
    print(f"\nIn {PAGE.name} and not met: {', '.join(idle) or 'none'}")
    print("\nRequests by client: " + _listed(verdict.requests))
    print(f"Answers: {verdict.answers:,}; events told: {verdict.events:,}")
    print(f"Distinct shapes of them, each held once: {verdict.shapes:,}")
    print(f"Written wrong by tests on purpose, left alone: {verdict.wrong_on_purpose:,}")
    print("\nWhere discord.py differs from the description")
    for one in DEVIATIONS:
        print(f"  {verdict.deviations[one]:>7,}  {one}")
    print(
        "\nIds and sets of bits in their other form, from others: " + _listed(verdict.other_forms)
    )
    print("\nErrors of the description itself")
    for amendment in description.amended:
        print(f"  {'/'.join(map(str, amendment.place))}: {amendment.why}")
    print()


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "none"


if __name__ == "__main__":
    sys.exit(main())
