"""The command line of the demo: `python -m demo --help`."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from rich.console import Console

from demo.log import LogError, read
from demo.play import Options, play
from demo.replay import Replay
from demo.town import Town

MOST_MEMBERS = 20_000
MOST_WEEKS = 520


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    top = argparse.ArgumentParser(
        prog="python -m demo",
        description="Watch a large Discord server become small communities, on this machine alone:"
        " no account, no token, no network. See docs/demo.md.",
    )
    top.add_argument(
        "--members", type=_between(20, MOST_MEMBERS), default=900, help="people (default 900)"
    )
    top.add_argument(
        "--weeks", type=_between(1, MOST_WEEKS), default=12, help="virtual weeks (default 12)"
    )
    top.add_argument("--seed", type=int, default=1, help="another seed, another town (default 1)")
    top.add_argument(
        "--replay", type=Path, metavar="FILE", help="a real server's log instead of made-up people"
    )
    top.add_argument(
        "--faults", action="store_true", help="let requests fail and connections drop now and then"
    )
    top.add_argument(
        "--keep", action="store_true", help="leave sandbox and bot running, until Ctrl-C"
    )
    top.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    top.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=Path("out"),
        help="write the health report there (default out)",
    )
    top.add_argument(
        "--picture",
        type=Path,
        metavar="FILE",
        default=Path("demo.png"),
        help="draw the picture there (default demo.png)",
    )
    return top


def _between(least: int, most: int) -> "type[int]":
    """Return a reader of whole numbers within bounds, for argparse."""

    def whole(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{least} to {most:,}, not {number:,}")
        return number

    return whole  # pyright: ignore[reportReturnType] - argparse calls it


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; 1 when something was not as it should be, 2 for a file that cannot be read."""
    asked = parser().parse_args(arguments)
    console = Console(highlight=False)
    if asked.replay is not None:
        try:
            source: Replay | Town = Replay(read(asked.replay))
        except LogError as error:
            print(f"This log cannot be replayed. {error}", file=sys.stderr)
            return 2
    else:
        source = Town(asked.members, asked.weeks, asked.seed)
    options = Options(
        seed=asked.seed,
        faults=asked.faults,
        keep=asked.keep,
        picture=asked.picture,
        out=asked.out,
    )

    def write(figures: object) -> None:
        if asked.json is not None:
            text = json.dumps(figures, indent=1, ensure_ascii=False)
            asked.json.write_text(text + "\n", encoding="utf-8")

    try:
        return int(not asyncio.run(play(source, options, console, write)))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
