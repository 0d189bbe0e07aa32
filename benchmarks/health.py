"""What the figures of groups say on a real log, and what closing a week costs a large server.

A given log is counted as Hearth would have heard it: everybody moves into their home region's group
before their first message (docs/demo.md says how that is found), each day is written by the service
that writes signals, and each week is closed when it is over. The drawn part closes one week of 250
full groups whose days and ties are put into the tables at once, and feels the loop meanwhile.
"""

import asyncio
import gc
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from benchmarks.files import GivenError
from benchmarks.options import Options, set_name
from benchmarks.probe import Probe
from bot.database import Database
from bot.rules.health import MEASURES, SERVER, Figure, Week, series, trend
from bot.rules.signals import Heard, Kind, Place, first_id_at
from bot.services import connected, health, newcomer_answers, signals
from bot.services.health import WeekReckoned
from bot.storage.migrating import migrate
from demo.geography import draw
from demo.log import Entry, LogError, read
from models import (
    ActiveDay,
    Group,
    GroupType,
    Member,
    Membership,
    NewcomerAnswer,
    Server,
    TalkDay,
    Tie,
)

OURS: Final = (
    "active",
    "conversations",
    "repeat",
    "reciprocity",
    "peer",
    "first_answer",
    "answered",
    "elsewhere",
    "voices",
    "lends",
    "borrows",
    "islands",
)
TOWN: Final = 1
ROOMS: Final = 1_000_000  # a group's room is its own number and this
MINIMUM: Final = 5
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)

GROUPS, HOMES = 250, 140
BEGIN: Final = datetime(2026, 3, 2, 13, tzinfo=UTC)
LONGEST_BLOCK: Final = 50.0
"""Milliseconds that the loop's own thread may work without letting others have their turn."""
LONGEST_WRITE: Final = 2.0
"""Seconds that others' writing may wait until a week's figures are written."""


async def run(options: Options) -> Mapping[str, Any]:
    """Reckon each given log, and close a week of the large server."""
    found: dict[str, Any] = {"large": await large()}
    for path in options.replay:
        try:
            entries = read(path)
        except LogError as error:
            raise GivenError(str(error)) from error
        found[set_name(path)] = await replayed(entries)
    return found


async def replayed(entries: Sequence[Entry]) -> Mapping[str, Any]:
    """Return what each measure said of a log's groups, week by week."""
    weeks: list[WeekReckoned] = []
    async with _tables() as database:
        log = _Log(entries)
        await log.found(database)
        for monday, some in log.weeks():
            async with database.writing() as session:
                await log.move_in(session, some)
            await log.count(database, some)
            now = monday + WEEK + timedelta(hours=13)
            async with database.writing() as session:
                await connected.heard(session, [TOWN], now)
                await newcomer_answers.over(session, now)
            async with database.reading() as session:
                found = await health.reckon(session, TOWN, Week.of(monday))
            async with database.writing() as session:
                await health.write(session, found)
            weeks.append(found)
    return {
        "weeks": len(weeks),
        "groups": len(log.groups),
        "people": len(log.homes),
        "measures": {key: _summed(key, weeks) for key in OURS},
    }


class _Log:
    """A log's messages as signs of life in groups' rooms."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._map = draw(entries, minimum=MINIMUM)
        self.groups = {region: n for n, region in enumerate(self._map.groups, 1)}
        self.homes = {who: self.groups[home] for who, home in self._map.home_of.items()}
        self._author = {entry.number: entry.author for entry in entries}
        self._here: set[int] = set()
        self._last: dict[int, Any] = {}

    async def found(self, database: Database) -> None:
        """Make the server and its groups, a while before the first message."""
        long_ago = self._entries[0].at - 2 * WEEK
        async with database.writing() as session:
            await _make(session, long_ago, len(self.groups))
            await connected.opened(session, [TOWN], long_ago)

    def weeks(self) -> list[tuple[datetime, list[Entry]]]:
        """Return the whole weeks of the log with what was written in each."""
        found: defaultdict[datetime, list[Entry]] = defaultdict(list)
        for entry in self._entries:
            found[Week.of(entry.at).begins].append(entry)
        first, last = min(found), max(found)
        return [(first + n * WEEK, found[first + n * WEEK]) for n in range((last - first) // WEEK)]

    async def move_in(self, session: Any, entries: Sequence[Entry]) -> None:
        """Let everybody who writes for the first time move in right before it, told of counting."""
        for entry in entries:
            home = self.homes.get(entry.author)
            if entry.author in self._here:
                continue
            self._here.add(entry.author)
            before = entry.at - timedelta(seconds=1)
            who: dict[str, Any] = {"server_id": TOWN, "user_id": _user(entry.author)}
            session.add(Member(**who, counted_since=before))
            if home is not None:
                session.add(Membership(**who, group_id=home, since=before))

    async def count(self, database: Database, entries: Sequence[Entry]) -> None:
        """Write a week's signs of life, a day at a time."""
        days: defaultdict[Any, list[Heard]] = defaultdict(list)
        for entry in entries:
            heard = self._heard(entry)
            if heard is not None:
                days[entry.at.date()].append(heard)
        for batch in days.values():
            async with database.writing() as session:
                at = datetime.fromtimestamp(batch[-1].at_ms / 1000, UTC)
                written = await signals.write(session, batch, self._last, at)
                self._last.update(written.last)

    def _heard(self, entry: Entry) -> Heard | None:
        region = self._map.group_of.get(entry.channel) if entry.regional else None
        if region is None:
            return None
        room = ROOMS + self.groups[region]
        at_ms = int(entry.at.timestamp() * 1000)
        # Ids of one second are told apart by the log's own numbers.
        message_id = first_id_at(at_ms) + entry.number
        reply = entry.reply_to
        return Heard(
            Kind.MESSAGE,
            Place(room, room, TOWN),
            _user(entry.author),
            at_ms,
            message_id,
            0 if reply is None else _user(self._author[reply]),
            0 if reply is None else 1 + reply,
            tuple(_user(who) for who in entry.mentions),
        )


async def large(groups: int = GROUPS, homes: int = HOMES) -> Mapping[str, float]:
    """Close one week of a server full of groups; return what it took and what the loop felt."""
    async with _tables() as database:
        async with database.writing() as session:
            await _make(session, BEGIN - 60 * WEEK, groups)
            await connected.opened(session, [TOWN], BEGIN - 20 * WEEK)
            await connected.heard(session, [TOWN], BEGIN)
        await _fill(database, groups, homes)
        week = Week.of(BEGIN).later(-1)
        await asyncio.to_thread(import_module, "scipy.stats")  # loaded once
        gc.collect()
        gc.freeze()  # as bot.collecting leaves alone what stays
        async with Probe() as probe:
            begun = time.perf_counter()
            async with database.reading() as session:
                found = await health.reckon(session, TOWN, week)
            reckoned = time.perf_counter()
            felt = probe.take()
            async with database.writing() as session:
                figures = await health.write(session, found)
            written = time.perf_counter()
            felt_writing = probe.take()
        gc.unfreeze()
    return {
        "people": groups * homes,
        "groups": groups,
        "figures": figures,
        "reckon_s": reckoned - begun,
        "write_s": written - reckoned,
        "own_ms": max(felt["own_ms"], felt_writing["own_ms"]),
        "block_ms": max(felt["block_ms"], felt_writing["block_ms"]),
    }


def _summed(key: str, weeks: Sequence[WeekReckoned]) -> Mapping[str, Any]:
    """Return how often a measure spoke of groups, what it said, how sure, and how often of change.

    `open` are the weeks of groups that it could have spoken of: not too young, and five people
    behind it or none to count. A change is what `bot.rules.health.trend` calls one.
    """
    said: list[Figure] = []
    silences: defaultdict[str, int] = defaultdict(int)
    lines: defaultdict[int, list[tuple[Week, Figure]]] = defaultdict(list)
    for week in weeks:
        for one in week.figures:
            if one.figure.measure == key:
                lines[one.group_id].append((week.week, one.figure))
                if one.group_id != SERVER:
                    said.append(one.figure)
                    silences[one.figure.silent or "said"] += 1
    values = [figure.value for figure in said if figure.value is not None]
    widths = [
        figure.high - figure.low
        for figure in said
        if figure.low is not None and figure.high is not None
    ]
    whole = [figure for _, figure in lines.pop(SERVER, [])]
    changes = [
        rise.excludes(0)
        for points in lines.values()
        for upto in range(1, len(points) + 1)
        if (line := series(key, points[:upto])) is not None and (rise := trend(line)) is not None
    ]
    return {
        "silent": dict(silences),
        "quantiles": _quantiles(values),
        "width": float(np.median(widths)) if widths else None,
        "server": [_plain(figure) for figure in whole[-1:]],
        "changes": float(np.mean(changes)) if changes else None,
        "trends": len(changes),
    }


def _quantiles(values: Sequence[float]) -> list[float]:
    return [float(x) for x in np.quantile(values, (0.1, 0.5, 0.9))] if values else []


def _plain(figure: Figure) -> list[float | None]:
    return [figure.value, figure.low, figure.high]


def _user(author: int) -> int:
    return author + 1  # nobody is 0


@asynccontextmanager
async def _tables() -> AsyncGenerator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'hearth.db'}"
        await migrate(url)
        async with Database.open(url) as database:
            yield database


async def _make(session: Any, at: datetime, groups: int) -> None:
    """Make a server with so many groups, all of them open since then."""
    session.add(Server(id=TOWN, added_at=at))
    await session.flush()
    session.add(GroupType(id=1, server_id=TOWN, name="P", name_key="p", kind="geographic"))
    await session.flush()
    for number in range(1, groups + 1):
        session.add(
            Group(
                id=number,
                server_id=TOWN,
                type_id=1,
                name=f"Group {number}",
                name_key=f"group {number}",
                cap=150,
                room_id=ROOMS + number,
                created_at=at,
                opened_at=at,
            )
        )
    await session.flush()


async def _fill(database: Database, groups: int, homes: int) -> None:
    """Put six weeks of people, days, talk and ties into the tables.

    Some people are there every day and most on a few; each answers a few of their circle.
    """
    draws = np.random.default_rng(7)
    days = [(BEGIN - timedelta(days=n)).date().isoformat() for n in range(1, 43)]
    weeks = [week.key for week in Week.of(BEGIN).later(-1).window(6)]
    long_ago = BEGIN - 20 * WEEK
    for group in range(1, groups + 1):
        people = range(group * 1_000, group * 1_000 + homes)
        often = draws.beta(0.5, 2.0, homes)
        there = draws.random((homes, len(days))) < often[:, None]
        wrote = draws.poisson(3, (homes, len(days)))
        rows: dict[Any, list[dict[str, Any]]] = {
            Member: [
                {"server_id": TOWN, "user_id": who, "counted_since": long_ago} for who in people
            ],
            Membership: [
                {"server_id": TOWN, "user_id": who, "group_id": group, "since": long_ago}
                for who in people
            ],
            ActiveDay: [
                {
                    "server_id": TOWN,
                    "user_id": group * 1_000 + int(who),
                    "group_id": group,
                    "day": days[day],
                    "signals": int(wrote[who, day]) + 1,
                    "messages": int(wrote[who, day]),
                }
                for who, day in np.argwhere(there)
            ],
            TalkDay: [
                {
                    "server_id": TOWN,
                    "group_id": group,
                    "day": day,
                    "messages": int(there[:, n].sum() * 3),
                    "turns": int(there[:, n].sum() * 2),
                    "conversations": int(there[:, n].sum() // 5),
                    "answers": int(there[:, n].sum() * 2),
                    "peer_answers": int(there[:, n].sum()),
                }
                for n, day in enumerate(days)
            ],
            NewcomerAnswer: [
                {"server_id": TOWN, "group_id": group, "week": week, "within": 60, "people": 2}
                for week in weeks
            ],
            Tie: [
                {
                    "server_id": TOWN,
                    "group_id": group,
                    "low_id": group * 1_000 + who,
                    "high_id": group * 1_000 + who + step,
                    "week": week,
                    "weight": 5,
                    "low_answered": int(draws.integers(0, 4)),
                    "high_answered": int(draws.integers(0, 4)),
                }
                for week in weeks
                for who in range(homes - 12)
                for step in (1, 3, 5, 11)
            ],
        }
        async with database.writing() as session:
            for table, some in rows.items():
                await (await session.connection()).execute(insert(table), some)


def failures(figures: Mapping[str, Any]) -> Sequence[str]:
    """Say which floors do not hold."""
    found = figures["large"]
    said: list[str] = []
    if found["own_ms"] > LONGEST_BLOCK:
        said.append(f"health: closing a week blocked the loop for {found['own_ms']:.0f} ms")
    if found["write_s"] > LONGEST_WRITE:
        said.append(f"health: a week's figures took {found['write_s']:.1f} s to write")
    return said


def show(console: Console, figures: Mapping[str, Any]) -> None:
    """Print what each measure said of each log, and what closing a week cost."""
    for name, found in figures.items():
        if name == "large":
            continue
        console.print(
            f"[bold]Health: {name}[/] · {found['groups']} groups, {found['people']:,} people,"
            f" {found['weeks']} weeks"
        )
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        for head in ("weeks of groups", "said", "young", "few", "nothing", "10 %", "half", "90 %"):
            table.add_column(head)
        for head in ("width", "the whole server at last", "says it changes"):
            table.add_column(head)
        for key, one in found["measures"].items():
            _row(table, key, one)
        console.print(table)
    big = figures["large"]
    console.print(
        f"Closing a week of {big['people']:,} people in {big['groups']} groups:"
        f" {big['reckon_s']:.1f} s beside everything else, {big['write_s']:.2f} s to write"
        f" {big['figures']:,} figures; longest block {big['own_ms']:.0f} ms (with waits for a"
        f" processor {big['block_ms']:.0f} ms, at most {LONGEST_BLOCK:.0f} ms)."
    )


def _row(table: Table, key: str, one: Mapping[str, Any]) -> None:
    share = MEASURES[key].unit == "share"

    def words(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{value:.0%}" if share else f"{value:.1f}"

    silent = one["silent"]
    quantiles = [words(value) for value in one["quantiles"]] or ["–"] * 3
    whole = one["server"][0] if one["server"] else [None, None, None]
    told = words(whole[0])
    if whole[1] is not None:
        told += f" ({words(whole[1])} to {words(whole[2])})"
    changes = "–" if one["changes"] is None else f"{one['changes']:.0%} of {one['trends']}"
    numbers = [f"{silent.get(why, 0)}" for why in ("said", "young", "few", "nothing")]
    table.add_row(key, *numbers, *quantiles, words(one["width"]), told, changes)
