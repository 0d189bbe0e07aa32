"""Faults to order: what goes wrong, on which route, how often, and when.

Each rule names a route by method and template ("PUT", "/guilds/*/members/*/roles/*") and stands
until it has struck `times` times or its window of virtual time is over. A fault with `effect`
strikes after the request was carried out: the answer is lost, the change is not. Rules are asked in
the order they were added; the first that strikes decides.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal[
    "429",
    "429-global",
    "429-shared",
    "500",
    "502",
    "503",
    "504",
    "reset",
    "silence",
    "slow",
    "cloudflare",
    "cloudflare-ban",
    "cloudflare-403",
]
"""What the client meets.

A number is an answer of the API with that status. "reset" breaks the connection, "silence" never
answers, "slow" answers rightly but late. The rest are pages of HTML from Cloudflare, which stands
before the API: "cloudflare" says that the API could not be reached (520), "cloudflare-ban" that
this address is banned for a while (429), "cloudflare-403" that it is let in no more (403).
"""


@dataclass(slots=True, eq=False, kw_only=True)
class Fault:
    """One rule, and how often it has struck so far."""

    kind: Kind
    method: str = "*"
    path: str = "*"
    times: int | None = None
    """How often it strikes before it is used up; None: for ever."""
    probability: float = 1.0
    skip: int = 0
    """How many matching requests pass first."""
    effect: bool = False
    """Whether the request is carried out before the fault is met."""
    retry_after: float = 0.05
    """Seconds told by a 429."""
    delay: float = 0.2
    """Real seconds that a slow answer takes longer: before the effect, or after it."""
    since: datetime | None = None
    until: datetime | None = None
    """The virtual time in which it strikes, `until` left out; None: at any time before or after."""
    then: Callable[[], None] | None = None
    """What else happens at the moment it strikes, before any effect: the client's death, say."""
    draw: random.Random = field(default_factory=random.Random, repr=False)
    struck: int = field(default=0, init=False)

    @property
    def label(self) -> str:
        """The kind as `Faults.struck` counts it: "-after" marks those that follow the effect."""
        return f"{self.kind}-after" if self.effect else self.kind

    def matches(self, method: str, template: str) -> bool:
        """Return whether this rule is about a route."""
        return self.method in {"*", method} and fnmatchcase(template, self.path)

    def begun(self, now: datetime) -> bool:
        """Return whether its window has opened."""
        return self.since is None or now >= self.since

    def over(self, now: datetime) -> bool:
        """Return whether it will never strike again."""
        used_up = self.times is not None and self.struck >= self.times
        return used_up or (self.until is not None and now >= self.until)


class Faults:
    """The rules in force.

    `seed` makes those with a probability repeatable: every rule draws from a stream of its own, so
    that one more rule does not change what the others do. `now` tells the virtual time.
    """

    def __init__(self, seed: int = 0, now: Callable[[], datetime] | None = None) -> None:
        self.struck = Counter[str]()
        """How often each kind has struck since the start, by `Fault.label`; survives its rules."""
        self._rules: list[Fault] = []
        self._seed = seed
        self._added = 0
        self._now = now or (lambda: datetime.now(UTC))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def add(
        self,
        kind: Kind,
        method: str = "*",
        path: str = "*",
        *,
        times: int | None = 1,
        probability: float = 1.0,
        skip: int = 0,
        effect: bool = False,
        retry_after: float = 0.05,
        delay: float = 0.2,
        since: datetime | None = None,
        until: datetime | None = None,
        then: Callable[[], None] | None = None,
    ) -> Fault:
        """Put a rule in force and return it, to be watched or taken back."""
        self._added += 1
        rule = Fault(
            kind=kind,
            method=method,
            path=path,
            times=times,
            probability=probability,
            skip=skip,
            effect=effect,
            retry_after=retry_after,
            delay=delay,
            since=since,
            until=until,
            then=then,
            draw=random.Random(f"{self._seed} {self._added}"),
        )
        self._rules.append(rule)
        return rule

    def remove(self, rule: Fault) -> None:
        """Take a rule back; one that is used up is gone already, which is fine."""
        if rule in self._rules:
            self._rules.remove(rule)

    def clear(self) -> None:
        """Take every rule back."""
        self._rules.clear()

    def strike(self, method: str, template: str) -> Fault | None:
        """Return the rule that hits this request, if one does, and count it."""
        now = self._now()
        self._rules = [rule for rule in self._rules if not rule.over(now)]
        for rule in self._rules:
            if not rule.begun(now) or not rule.matches(method, template):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.probability < 1.0 and rule.draw.random() >= rule.probability:
                continue
            rule.struck += 1
            self.struck[rule.label] += 1
            if rule.over(now):
                self._rules.remove(rule)
            if rule.then is not None:
                rule.then()
            return rule
        return None
