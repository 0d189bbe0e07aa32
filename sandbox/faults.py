"""Faults to order: what goes wrong, on which route, how often.

Each rule names a route by method and template ("PUT", "/guilds/*/members/*/roles/*") and stays
until it has struck `times` times. A fault with `effect` strikes after the request was carried out:
the answer is lost, the change is not. Rules are asked in the order they were added; the first that
strikes decides.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["429", "429-global", "429-shared", "500", "502", "503", "504", "reset", "silence"]
"""What the client meets: an answer with that status, a reset connection, or no answer at all."""


@dataclass(slots=True, eq=False)
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
    then: Callable[[], None] | None = None
    """What else happens at the moment it strikes, before any effect: the client's death, say."""
    struck: int = field(default=0, init=False)

    def matches(self, method: str, template: str) -> bool:
        """Return whether this rule is about a route."""
        return self.method in {"*", method} and fnmatchcase(template, self.path)


class Faults:
    """The rules in force; `seed` makes the ones with a probability repeatable."""

    def __init__(self, seed: int = 0) -> None:
        self._rules: list[Fault] = []
        self._random = random.Random(seed)

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
        then: Callable[[], None] | None = None,
    ) -> Fault:
        """Put a rule in force and return it, to be watched or taken back."""
        rule = Fault(kind, method, path, times, probability, skip, effect, retry_after, then)
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
        for rule in self._rules:
            if not rule.matches(method, template):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.probability < 1.0 and self._random.random() >= rule.probability:
                continue
            rule.struck += 1
            if rule.times is not None and rule.struck >= rule.times:
                self._rules.remove(rule)
            if rule.then is not None:
                rule.then()
            return rule
        return None
