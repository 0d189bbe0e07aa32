"""What is measured while Hearth runs: counters and histograms that its parts fill.

Every figure is about the machinery or about all servers together. No series is named or labelled by
a person, a group or a server: the labels are the ones that stand in this file and in
bot/watching/collecting.py, with values out of fixed sets.
"""

import logging
import time
from typing import Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

MOST_AWAITED = 5_000  # presses and commands whose first answer is waited for
QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
ANSWERS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 5, 10)
JOBS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
LEVELS = ("warning", "error")


class Instruments:
    """All of them, in a registry of their own; each method is what one part calls."""

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry()
        here = self.registry
        ProcessCollector(registry=here)
        PlatformCollector(registry=here)
        GCCollector(registry=here)
        self._events = Counter(
            "hearth_events", "Events taken in from the gateway.", ["event"], registry=here
        )
        self._answer = Histogram(
            "hearth_answer_seconds",
            "From a command, a press or a form until Discord has the first answer.",
            buckets=ANSWERS,
            registry=here,
        )
        self._requests = Counter(
            "hearth_requests",
            "Requests to Discord, by route and by the status of their answer.",
            ["route", "status"],
            registry=here,
        )
        self._request = Histogram(
            "hearth_request_seconds",
            "How long Discord took to answer a request.",
            buckets=QUICK,
            registry=here,
        )
        self._limited = Counter(
            "hearth_rate_limited",
            "Answers 429, by route and by whose limit it was (user, shared, global).",
            ["route", "scope"],
            registry=here,
        )
        self._job = Histogram(
            "hearth_job_seconds",
            "How long the work of a beat took.",
            ["job"],
            buckets=JOBS,
            registry=here,
        )
        self._failed = Counter(
            "hearth_job_failures",
            "Beats of which something was left undone.",
            ["job"],
            registry=here,
        )
        self._done = Gauge(
            "hearth_job_last_success_timestamp_seconds",
            "When all of a beat's work was done last.",
            ["job"],
            registry=here,
        )
        self._tables = Histogram(
            "hearth_tables_seconds",
            "How long transactions took, with the wait for their turn.",
            ["kind"],
            buckets=QUICK,
            registry=here,
        )
        self._lag = Histogram(
            "hearth_loop_lag_seconds",
            "How late the event loop came to something that was due.",
            buckets=QUICK,
            registry=here,
        )
        self._lines = Counter(
            "hearth_log_lines",
            "Lines of the log that tell of something wrong.",
            ["level"],
            registry=here,
        )
        for level in LEVELS:
            self._lines.labels(level)
        for kind in ("read", "write"):
            self._tables.labels(kind)
        self._awaited: dict[int, float] = {}

    def event(self, name: str, data: dict[str, Any]) -> None:
        """Take in an event from the gateway."""
        self._events.labels(name).inc()
        if name == "INTERACTION_CREATE":
            if len(self._awaited) >= MOST_AWAITED:
                del self._awaited[next(iter(self._awaited))]
            self._awaited[int(data["id"])] = time.perf_counter()

    def first_answer(self, interaction: int) -> None:
        """Note that Discord has the first answer to an interaction."""
        came = self._awaited.pop(interaction, None)
        if came is not None:
            self._answer.observe(time.perf_counter() - came)

    def request(self, route: str, status: str, seconds: float, limit: str) -> None:
        """Take in a request to Discord that ended; see `bot.gateway.traffic.Told`."""
        self._requests.labels(route, status).inc()
        self._request.observe(seconds)
        if status == "429":
            self._limited.labels(route, limit or "none named").inc()

    def job(self, name: str, seconds: float, done: bool) -> None:
        """Take in a beat's work that ended; `done` when nothing of it was left undone."""
        self._job.labels(name).observe(seconds)
        if done:
            self._done.labels(name).set_to_current_time()
            self._failed.labels(name)
        else:
            self._failed.labels(name).inc()

    def transaction(self, kind: str, seconds: float) -> None:
        """Take in a transaction that ended; `kind` is "read" or "write"."""
        self._tables.labels(kind).observe(seconds)

    def late(self, seconds: float) -> None:
        """Note by how many seconds the event loop was late."""
        self._lag.observe(seconds)

    def line(self, level: str) -> None:
        """Count a line of the log; `level` is one of `LEVELS`."""
        self._lines.labels(level).inc()


class Lines(logging.Handler):
    """Counts lines of the log that tell of something wrong; open it with `with`."""

    def __init__(self, instruments: Instruments) -> None:
        super().__init__(logging.WARNING)
        self._instruments = instruments

    def emit(self, record: logging.LogRecord) -> None:
        """Count a line."""
        self._instruments.line(LEVELS[record.levelno >= logging.ERROR])

    def __enter__(self) -> None:
        logging.getLogger().addHandler(self)

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
