"""Kills the bot right before and right after everything it does, and sees it converge.

    python -m trials.chaos [--stories join,split] [--cases N] [--also CASE] [--jobs 2] [--json FILE]
    python -m trials.chaos --only "join:PUT /guilds/…#1:after"

For each story the list of calls is taken from an undisturbed run. Then it is told again for each
call and each commit, with the bot killed there; a case has converged when server and tables end up
as in the undisturbed run and nothing else is wrong. The last line is
{"cases": …, "converged": …}; the exit status is 1 unless all have.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.database import migrate
from trials.chaos.moments import COMMIT, Case, Moment
from trials.chaos.nursery import warm_up
from trials.chaos.plots import PLOTS
from trials.chaos.stage import Ending, Stage

PURPOSE = "Kills the bot right before and right after everything it does, and sees it converge."
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
OF_SERVERS = ("/guilds/", "/channels/")
MOST_SHOWN = 40
"""Lines of a difference."""


@dataclass(slots=True)
class Tally:
    """What came of the cases so far."""

    cases: int = 0
    converged: int = 0
    missed: int = 0
    """Moments that did not come again; they are no cases."""


def cases_of(story: str, calls: Mapping[str, int], commits: int) -> list[Case]:
    """Return every death that a story has room for, by what an undisturbed bot did in it.

    Right before and right after each call, with a new process at once; right after each commit.
    After each change of the server also with a bot that stays away for half an hour, and with one
    that dies a second time while it recovers. And once a bot that dies of everything it changes.
    """
    found: list[Case] = []
    for route, times in sorted(calls.items()):
        for nth in range(1, times + 1):
            after = Case(story, Moment(route, nth, after=True))
            found += [Case(story, Moment(route, nth)), after]
            if _changes(route):
                found += [after.returning("late"), after.returning("again")]
    found += [Case(story, Moment(COMMIT, nth, after=True)) for nth in range(1, commits + 1)]
    first = next((one for one in found if _changes(one.moment.route)), found[0])
    return [*found, first.returning("over and over")]


def _changes(route: str) -> bool:
    method, _, template = route.partition(" ")
    return method in CHANGES and template.startswith(OF_SERVERS)


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    top = argparse.ArgumentParser(prog="python -m trials.chaos", description=PURPOSE)
    top.add_argument(
        "--stories", default=",".join(PLOTS), help="which of them, with commas (default: all)"
    )
    top.add_argument("--cases", type=int, metavar="N", help="at most so many, drawn by --seed")
    top.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="CASE",
        help="this one besides those that are drawn; may be given several times",
    )
    top.add_argument("--seed", type=int, default=0)
    top.add_argument("--jobs", type=int, default=2, help="cases at a time (default: 2)")
    top.add_argument("--json", type=Path, metavar="FILE", help="write the last line there as well")
    top.add_argument("--only", metavar="CASE", help="just this one, with the end of the bot's log")
    top.add_argument("--list", action="store_true", help="print the cases and stop")
    return top


def shares(stories: Sequence[str], most: int | None) -> Iterator[tuple[str, int | None]]:
    """Yield how many cases each story gets, as evenly as can be."""
    for place, story in enumerate(stories):
        if most is None:
            yield story, None
        else:
            yield story, most // len(stories) + (place < most % len(stories))


def stories_of(arguments: argparse.Namespace) -> list[str]:
    """Return the stories that are asked for; `SystemExit` names those that are not there."""
    if arguments.only:
        stories = [Case.parsed(arguments.only).story]
    else:
        stories = [name for name in arguments.stories.split(",") if name]
    asked = [*stories, *(Case.parsed(one).story for one in arguments.also)]
    unknown = [name for name in asked if name not in PLOTS]
    if unknown:
        raise SystemExit(f"no such story: {', '.join(unknown)}; there are: {', '.join(PLOTS)}")
    return stories


def run(arguments: argparse.Namespace, stories: Sequence[str], tally: Tally) -> None:
    """Tell every story that is asked for, and print what came of it."""
    with tempfile.TemporaryDirectory(prefix="hearth-chaos-") as folder:
        empty = Path(folder) / "hearth.db"
        asyncio.run(migrate(f"sqlite+aiosqlite:///{empty}"))
        for name, most in shares(stories, arguments.cases):
            with Stage(PLOTS[name], empty) as stage:
                _tell(stage, arguments, most, tally)


def _tell(stage: Stage, arguments: argparse.Namespace, most: int | None, tally: Tally) -> None:
    """Tell a story in its cases, or in `most` of them and some besides, or in one only."""
    began, before, name = time.monotonic(), replace(tally), stage.plot.name
    calm = stage.calm()
    only = Case.parsed(arguments.only) if arguments.only else None
    cases = [only] if only else cases_of(name, calm.calls, calm.commits)
    if most is not None and most < len(cases):
        cases = random.Random(f"{arguments.seed} {name}").sample(cases, most)
    besides = [Case.parsed(one) for one in arguments.also]
    cases += [one for one in besides if one.story == name and one not in cases]
    if arguments.list:
        print(*cases, sep="\n")
        return
    for case, ending in stage.told(cases, jobs=arguments.jobs):
        assert case is not None
        _judge(case, ending, calm, tally, with_log=only is not None)
    print(
        f"{name:<8} {sum(calm.calls.values()):>4} calls {calm.commits:>4} commits"
        f" {tally.cases - before.cases:>5} cases"
        f" {tally.converged - before.converged:>5} converged"
        f" {time.monotonic() - began:>7.1f} s",
        flush=True,
    )


def _judge(case: Case, ending: Ending, calm: Ending, tally: Tally, *, with_log: bool) -> None:
    wrong = ending.verdict(calm, PLOTS[case.story].told_late if case.back == "late" else ())
    if ending.missed and not wrong:
        tally.missed += 1
        print(f"    (it never came to {case} again)")
        return
    tally.cases += 1
    if not wrong:
        tally.converged += 1
    else:
        print(f"\n{case} does not end as undisturbed (- missing, + too much):")
        print(*(f"    {line}" for line in wrong[:MOST_SHOWN]), sep="\n")
        if len(wrong) > MOST_SHOWN:
            print(f"    … and {len(wrong) - MOST_SHOWN} lines more")
        print(f'  again: python -m trials.chaos --only "{case}"\n', flush=True)
    if with_log:
        print(f"The bot died {ending.deaths} times. The end of its log:\n{ending.log}")


def main(given: Sequence[str] | None = None) -> int:
    """Run the trial; return its exit status."""
    arguments = parser().parse_args(given)
    stories = stories_of(arguments)
    warm_up()
    began, tally = time.monotonic(), Tally()
    run(arguments, stories, tally)
    if arguments.list:
        return 0
    print(f"{tally.converged} of {tally.cases} converged in {time.monotonic() - began:.0f} s")
    line = json.dumps({"cases": tally.cases, "converged": tally.converged})
    if arguments.json is not None:
        arguments.json.write_text(line + "\n", encoding="utf-8")
    print(line)
    return 0 if tally.cases and tally.converged == tally.cases else 1


if __name__ == "__main__":
    sys.exit(main())
