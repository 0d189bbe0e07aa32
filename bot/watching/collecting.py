"""How things stand at the moment of asking: queues, the connection, the tables, and the totals."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from bot.client import Hearth
    from bot.services.totals import Totals

STATES = ("forming", "open", "resting", "archived")


class Standing(Collector):
    """Reads a running Hearth's parts; `totals` are what the tables said last, None if nothing."""

    def __init__(self, client: "Hearth", file: Path | None) -> None:
        self._client = client
        self._file = file
        self.totals: Totals | None = None

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: there is something to read only once Hearth runs."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Read everything."""
        yield from self._connection()
        yield from self._queues()
        yield from self._tables()
        if self.totals is not None:
            yield from _counts(self.totals)

    def _connection(self) -> Iterator[Metric]:
        client = self._client
        yield _gauge("hearth_gateway_ready", "1 while Hearth hears its servers.", client.is_ready())
        if math.isfinite(client.latency):
            yield _gauge(
                "hearth_gateway_latency_seconds",
                "From a heartbeat to Discord's answer, the last time.",
                client.latency,
            )
        yield _gauge(
            "hearth_stood_back_seconds",
            "For how long nothing is asked of Discord, since it turned Hearth away.",
            client.turned_away_for,
        )

    def _queues(self) -> Iterator[Metric]:
        client = self._client
        yield _gauge(
            "hearth_signals_waiting",
            "Signs of life that wait in memory to be written.",
            client.signals.waiting,
        )
        yield _gauge(
            "hearth_signals_behind",
            "1 while rooms are read for what was missed.",
            client.signals.behind,
        )
        waiting = GaugeMetricFamily(
            "hearth_lane_waiting", "Things that wait for a worker of a lane.", labels=["lane"]
        )
        working = GaugeMetricFamily(
            "hearth_lane_working", "Workers of a lane that are busy.", labels=["lane"]
        )
        for name, load in sorted(client.reconciler.loads().items()):
            waiting.add_metric([name], load.waiting)
            working.add_metric([name], load.working)
        yield from (waiting, working)
        yield _gauge(
            "hearth_lane_resting",
            "Things whose last try failed, and that wait for the next.",
            client.reconciler.resting,
        )
        yield _gauge(
            "hearth_outbox_in_flight", "Messages that are being sent.", client.outbox.in_flight
        )
        ended = CounterMetricFamily(
            "hearth_messages", "What became of messages that were owed.", labels=["outcome"]
        )
        for outcome, number in client.outbox.outcomes.items():
            ended.add_metric([outcome], number)
        yield ended

    def _tables(self) -> Iterator[Metric]:
        well = self._client.database.health.trouble is None
        yield _gauge("hearth_tables_usable", "1 while the tables can be written.", well)
        if self._file is None:
            return
        sizes = GaugeMetricFamily(
            "hearth_tables_bytes", "How large the tables' files are.", labels=["file"]
        )
        for name, file in (
            ("tables", self._file),
            ("log", self._file.with_name(f"{self._file.name}-wal")),
        ):
            sizes.add_metric([name], file.stat().st_size if file.exists() else 0)
        yield sizes


def _counts(totals: "Totals") -> Iterator[Metric]:
    groups = GaugeMetricFamily("hearth_groups", "Groups, by their state.", labels=["state"])
    for state in STATES:
        groups.add_metric([state], totals.groups.get(state, 0))
    yield groups
    owed = GaugeMetricFamily("hearth_outbox_owed", "Messages that are owed.", labels=["when"])
    owed.add_metric(["now"], totals.owed)
    owed.add_metric(["later"], totals.later)
    yield owed
    for name, words, value in (
        ("hearth_servers", "Servers that Hearth serves.", totals.servers),
        ("hearth_servers_paused", "Servers in which Hearth is paused.", totals.paused),
        ("hearth_homes", "People who live in a group.", totals.homes),
        ("hearth_seats", "Seats of all groups, taken or free.", totals.seats),
        ("hearth_visits", "Visits that are going on.", totals.visits),
        ("hearth_waiting", "People who wait for a seat.", totals.waiting),
        ("hearth_failed_effects", "What Discord refuses until owners act.", totals.failed),
        (
            "hearth_outbox_lag_seconds",
            "How long the oldest message that is due has waited.",
            totals.lag,
        ),
    ):
        yield _gauge(name, words, value)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))
