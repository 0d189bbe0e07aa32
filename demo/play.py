"""One whole demo: a source's people on a sandbox with a bot, from the first day to the verdict."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from bot.reporting import Written
from demo import picture
from demo.acts import Source
from demo.checker import check
from demo.course import Options, Run
from demo.figures import Seen, figures, in_order, unexpected
from demo.logbook import Logbook
from demo.onlooker import Onlooker
from demo.show import Show, summary
from demo.stage import TIME_SCALE, running, tables, told_of
from demo.weather import in_words
from sandbox.app import Sandbox

MOST_ERRORS_SHOWN = 20


async def play(
    source: Source,
    options: Options,
    console: Console,
    write: Callable[[Mapping[str, Any]], None],
) -> bool:
    """Play from the first day to the last, hand the figures to `write`, and draw the picture.

    Returns whether everything was as it should be.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hearth-demo-") as name, Logbook() as logbook:
        folder = Path(name)
        async with Sandbox(start=source.start, time_scale=TIME_SCALE, seed=options.seed) as sandbox:
            onlooker = Onlooker(sandbox, logbook)
            with ExitStack() as readers:
                async with running(sandbox, folder):
                    run = Run(
                        source,
                        options,
                        sandbox,
                        Show(console),
                        file=tables(folder),
                        readers=readers,
                    )
                    try:
                        await run.through()
                    except BaseException:
                        _tell(console, logbook.errors)
                        raise
                verdict = check(sandbox.state, tables(folder))
            wrong = [
                *logbook.errors,
                *unexpected(sandbox.requests, faults=options.faults),
                *verdict.unsettled,
                *run.driver.tally.failed,
            ]
            written = None
            if options.out is not None:
                now = sandbox.clock.now()
                written = await told_of(folder, options.out, now=now, title=source.name)
            wordless = onlooker.wordless([] if written is None else [written.page])
            given_away = onlooker.given_away()
            found = figures(
                run.ledger.story,
                verdict,
                sandbox.requests,
                members=source.people,
                cap=run.cap,
                split_requests=run.clockwork.requests,
                errors=wrong,
                seen=Seen(
                    pictures=onlooker.gallery.shown,
                    report=0 if written is None else written.pictures,
                    wordless=len(wordless),
                    lines=onlooker.lines,
                    given_away=len(given_away),
                ),
                virtual=source.length,
                wall_seconds=time.monotonic() - began,
            )
            if options.picture is not None:
                title = f"{source.name}: one large server, many small groups"
                picture.draw(run.ledger.story, options.picture, title=title)
            summary(console, found, run.ledger.story, options.picture)
            if run.weather is not None:
                console.print(f"Went wrong: {in_words(run.weather.struck)}.", soft_wrap=True)
            console.print(f"Discord's side: {sandbox.requests.summary()}.", soft_wrap=True)
            _point_to(console, written)
            _tell(console, [*verdict.drift, *verdict.two_homes, *verdict.posted_twice, *wrong])
            _tell(console, [*verdict.of_few, *wordless, *given_away])
            _tell(console, [*verdict.met_again, *verdict.sourceless])
            write(found)
            if options.keep:
                await _stay(sandbox, folder, console)
    return in_order(found)


def _point_to(console: Console, written: Written | None) -> None:
    """Print where the health report is."""
    if written is None:
        console.print("There is no health report: not one whole week is over.", soft_wrap=True)
        return
    console.print(
        f"The health report is in [bold]{escape(str(written.page))}[/]: open it in a browser. Every"
        f" figure is in {escape(str(written.sheet))}.",
        soft_wrap=True,
    )


def _tell(console: Console, wrong: Sequence[str]) -> None:
    """Print what went wrong, each once: the first in full, of the others their first line."""
    heads = Counter(line.partition("\n")[0] for line in wrong)
    for head, count in heads.most_common(MOST_ERRORS_SHOWN):
        often = f" ({count} times)" if count > 1 else ""
        console.print(f"  {head}{often}", markup=False, soft_wrap=True)
    if wrong and "\n" in wrong[0]:
        console.print(wrong[0], markup=False, soft_wrap=True)


async def _stay(sandbox: Sandbox, folder: Path, console: Console) -> None:
    """Run on, in real time, until the person at the terminal has seen enough."""
    sandbox.faults.clear()
    async with running(sandbox, folder):
        console.print(
            f"Still running: the API is at [bold]{sandbox.base_url}/api/v10[/], the tables are in"
            f" [bold]{tables(folder)}[/]. Ctrl-C ends it.",
            soft_wrap=True,
        )
        while True:
            await asyncio.sleep(60)
            await sandbox.advance(timedelta(minutes=1))
