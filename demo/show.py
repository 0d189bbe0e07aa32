"""What the person at the terminal sees: a line a week, what is worth telling, a summary.

On a terminal a bar shows how far the time has come; where there is none the same lines are plain.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from demo.ledger import Split, Story

COLUMNS = (
    ("week", 5),
    ("people", 7),
    ("at home", 8),
    ("groups", 7),
    ("visiting", 9),
    ("waiting", 8),
    ("rituals", 8),
    ("quiet", 6),
    ("told", 5),
    ("messages", 9),
)


@dataclass(frozen=True, slots=True)
class Week:
    """How things stand at the end of a week; rituals, told and messages are this week's."""

    number: int
    people: int
    homes: int
    groups: int
    visiting: int
    waiting: int
    rituals: int
    quiet: int
    told: int
    messages: int


class Show:
    """The terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=False)
        self._progress: Progress | None = None
        self._task = TaskID(0)

    @contextmanager
    def open(self, length: timedelta) -> Generator[None]:
        """Show how far virtual time has come, while the scope lasts."""
        if not self._console.is_terminal:
            yield
            return
        progress = Progress(
            TextColumn("[dim]{task.description}"),
            BarColumn(None),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        with progress:
            self._progress = progress
            self._task = progress.add_task("", total=length / timedelta(hours=1))
            try:
                yield
            finally:
                self._progress = None

    def say(self, text: str = "") -> None:
        """Print a line."""
        self._console.print(text)

    def head(self) -> None:
        """Print what stands above the weeks."""
        self.say("[dim]" + "".join(name.rjust(width) for name, width in COLUMNS))

    def now(self, passed: timedelta, what: str) -> None:
        """Move the bar, and say beside it what is happening."""
        if self._progress is not None:
            hours = passed / timedelta(hours=1)
            self._progress.update(self._task, completed=hours, description=escape(what))

    def week(self, week: Week) -> None:
        """Print a week."""
        values = (
            week.number,
            week.people,
            week.homes,
            week.groups,
            week.visiting,
            week.waiting,
            week.rituals,
            week.quiet,
            week.told,
            week.messages,
        )
        self.say(
            "".join(
                f"{value:,}".rjust(width) for value, (_, width) in zip(values, COLUMNS, strict=True)
            )
        )

    def split(self, split: Split, names: Sequence[str], requests: int) -> None:
        """Tell of a split."""
        parts = " and ".join(
            f"[bold]{escape(name)}[/] ({size})"
            for name, size in zip(names, split.sizes, strict=False)
        )
        self.say(
            f"       🌱 {escape(split.parent)}, {sum(split.sizes)} people, becomes {parts}."
            f" [dim]Kept: {split.mean_share:.0%} of each one's ties; {split.moved} moved in"
            f" {requests} requests.[/]"
        )


def summary(
    console: Console, figures: Mapping[str, Any], story: Story, picture: Path | None
) -> None:
    """Print the end: what became of the server, and what the checker found."""
    rituals, quiet, requests = figures["rituals"], figures["quiet"], figures["requests"]
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_row(
        f"{figures['homes']:,}",
        f"of {figures['members']:,} people live in {figures['groups']} groups; the largest ever had"
        f" {figures['largest_group']} of {figures['cap']} seats taken",
    )
    table.add_row(f"{figures['visits_ever']:,}", "visits to other groups")
    table.add_row(
        f"{rituals['posted']:,}",
        f"rituals posted of {rituals['due']:,} due, {rituals['skipped']} skipped",
    )
    table.add_row(
        f"{quiet['alerts']:,}",
        f"people named to a facilitator in {quiet['letters']:,} letters, of"
        f" {quiet['episodes']:,} who went quiet; {quiet['returned']:,} came back",
    )
    table.add_row(
        f"{quiet['faded_alerts']:,}",
        f"of them newcomers who faded away, of {quiet['faded']:,} who did",
    )
    pulses, health = figures["pulses"], figures["health"]
    table.add_row(
        f"{pulses['asked']:,}",
        f"pulses asked, {pulses['answers']:,} answers; {pulses['shown']} shown to their groups,"
        f" {pulses['few']} of fewer than five people told nothing",
    )
    table.add_row(
        f"{health['figures']:,}",
        f"figures of closed weeks ({health['weeks']}), {health['silent']:,} of them silent;"
        f" {figures['pictures']['sent']:,} pictures sent",
    )
    for count, what in _together(figures["together"]):
        table.add_row(f"{count:,}", what)
    splits: Sequence[Mapping[str, Any]] = figures["splits"]
    if splits:
        moved, asked = (sum(split[key] for split in splits) for key in ("moved", "requests"))
        share = sum(split["mean_share"] for split in splits) / len(splits)
        table.add_row(
            f"{len(splits)}",
            f"{'split' if len(splits) == 1 else 'splits'}: {moved:,} people moved in {asked:,}"
            f" requests; each kept {share:.0%} of their ties on average,"
            f" {sum(split['stranded'] for split in splits)} lost them all",
        )
    else:
        table.add_row("0", "splits: no group reached its cap")
    table.add_row(
        f"{requests['total']:,}",
        f"requests to Discord, {requests['rate_limited']} of them held back by a limit",
    )
    console.print()
    console.print(
        Panel(
            table,
            title=f"{figures['virtual_days']} days in {figures['wall_seconds']:.0f} seconds",
            title_align="left",
            border_style="dim",
            expand=False,
        )
    )
    sizes = story.days[-1].homes
    largest = sorted(sizes, key=lambda group: -sizes[group])
    named = [f"{escape(story.names[group])} {sizes[group]}" for group in largest[:14]]
    more = f" and {len(largest) - 14} more" if len(largest) > 14 else ""
    console.print(f"Groups now: {', '.join(named)}{more}.", soft_wrap=True)
    _verdict(console, figures)
    if picture is not None:
        console.print(f"The picture is in [bold]{escape(str(picture))}[/].", soft_wrap=True)


def _together(found: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Return what groups did together, a count and what it counts in each line."""
    pairs, goals, dates = found["pairs"], found["goals"], found["gatherings"]
    bridges = found["bridges"]
    kinds = f"kinds of rituals; threads opened for them and for others: {found['threads']:,}"
    rounds = f"pairs; rounds: {pairs['rounds']}, pairs that met: {pairs['met']:,}"
    challenges = f"challenges; people: {goals['people']}, check-ins: {goals['check_ins']:,}"
    came = (
        f"gatherings; said yes: {dates['yes']}, came: {dates['came']}; among Discord's events:"
        f" {dates['events']}"
    )
    shared = (
        f"bridges published, of {bridges['shared']} shared; editions of From the neighbourhoods:"
        f" {bridges['editions']}; guest evenings: {found['guest_evenings']}"
    )
    turns = (
        "people took turns in hosting a ritual; moments moved:"
        f" {found['moved']}, days of rest set: {found['rests']}"
    )
    asks, cohorts = found["asks"], found["cohorts"]
    asked = (
        f"questions put to another group, answers: {asks['answers']}; cohorts begun:"
        f" {cohorts['begun']}, closing circles: {cohorts['circles']}"
    )
    return [
        (len(found["kinds"]), kinds),
        (pairs["pairs"], rounds),
        (goals["begun"], f"{challenges}; completed: {goals['completed']}"),
        (dates["dates"], came),
        (bridges["published"], shared),
        (found["hosts"], turns),
        (asks["put"], asked),
    ]


def _verdict(console: Console, figures: Mapping[str, Any]) -> None:
    """Print what the checker and the log found."""
    wrong = {
        "differences between the tables and the server": figures["drift"],
        "people with two homes": figures["members_with_two_homes"],
        "messages, threads or events that stand twice": figures["rituals"]["posted_twice"],
        "rounds in which people met again too early": figures["together"]["pairs"][
            "met_again_too_early"
        ],
        "posts whose source is gone": figures["together"]["bridges"]["without_source"],
        "figures that tell of fewer than five people": figures["health"]["of_few"],
        "pictures without a sentence": figures["pictures"]["without_words"],
        "lines of the log that give somebody away": figures["log"]["given_away"],
        "errors": figures["errors"],
    }
    found = [f"{count:,} {what}" for what, count in wrong.items() if count]
    if found:
        console.print(f"[bold red]Not as it should be:[/] {', '.join(found)}.", soft_wrap=True)
    else:
        console.print(
            "[bold green]All is as it should be[/]: checked with the bot stopped, the server is as"
            " the tables say, nobody has two homes, nothing was posted twice, no errors.",
            soft_wrap=True,
        )
        console.print(
            "Nobody who was paired met again while somebody new was left, and nothing that was"
            " shared stands there without its source.",
            soft_wrap=True,
        )
        console.print(
            "No figure tells of fewer than five people, every picture says in words what it shows,"
            f" and the log's {figures['log']['lines']:,} lines name nobody.",
            soft_wrap=True,
        )
