"""What was asked of the sandbox over REST, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sandbox.ratelimits import INVALID_REQUESTS


@dataclass(slots=True)
class RequestLog:
    """Counts of requests since the start, or, from `since`, in between."""

    total: int = 0
    by_route: Counter[str] = field(default_factory=Counter[str])
    """"METHOD /template" to requests, refused ones included."""
    rate_limited: int = 0
    """Answers with 429, whatever their scope."""
    invalid: int = 0
    """Answers that Discord counts towards its ban: 401, 403 and 429 that is not shared."""
    invalid_worst: int = 0
    """The most of them in one of Discord's windows (see `ratelimits.INVALID_REQUESTS`)."""
    errors: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])
    """Route, status and code of every 4xx but 429."""
    in_flight: int = 0
    """Requests that are being answered right now."""

    def snapshot(self) -> RequestLog:
        """Return the counts as they are now, to be compared with later."""
        return RequestLog(
            self.total,
            Counter(self.by_route),
            self.rate_limited,
            self.invalid,
            self.invalid_worst,
            list(self.errors),
            self.in_flight,
        )

    def since(self, earlier: RequestLog) -> RequestLog:
        """Return what was counted after an earlier snapshot; the worst window stays the whole's."""
        return RequestLog(
            self.total - earlier.total,
            self.by_route - earlier.by_route,
            self.rate_limited - earlier.rate_limited,
            self.invalid - earlier.invalid,
            self.invalid_worst,
            self.errors[len(earlier.errors) :],
            self.in_flight,
        )

    def count(self, route: str, status: int, code: int, *, shared: bool) -> bool:
        """Count one answer; return whether Discord counts it towards its ban."""
        self.total += 1
        self.by_route[route] += 1
        if status == 429:
            self.rate_limited += 1
        elif 400 <= status < 500:
            self.errors.append((route, status, code))
        invalid = status in {401, 403} or (status == 429 and not shared)
        if invalid:
            self.invalid += 1
        return invalid

    def summary(self) -> str:
        """Return one line for the end of a run: how much was asked, and how politely."""
        allowed = f"{INVALID_REQUESTS.limit:,} allowed in ten minutes"
        return (
            f"{self.total:,} requests; {self.rate_limited:,} answered 429; "
            f"{self.invalid:,} invalid, at most {self.invalid_worst:,} of {allowed}; "
            f"{len(self.errors):,} other refusals"
        )
