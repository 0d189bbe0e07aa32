"""Faults of the gateway to order: events that are lost, come twice, or come late.

A lost event is as if it had never been sent: no number is used up for it, so the client cannot
notice. One that comes twice has two numbers; one that comes late has the number of its real place.
Each rule names events by a glob ("GUILD_MEMBER_*") and stays until it has struck `times` times;
the first that strikes decides.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

Kind = Literal["lost", "duplicated", "delayed"]

BY_NAME_ONLY = frozenset({"INTERACTION_CREATE", "GUILD_CREATE", "GUILD_DELETE"})
"""Events that a glob never strikes: a person waits for what the first of them asks, and without
the others a client does not know its servers."""


@dataclass(slots=True, eq=False)
class GatewayFault:
    """One rule, and how often it has struck so far."""

    kind: Kind
    event: str = "*"
    times: int | None = None
    """How often it strikes before it is used up; None: for ever."""
    probability: float = 1.0
    skip: int = 0
    """How many matching events pass first."""
    by: int = 1
    """How many other events go before one that comes late."""
    struck: int = field(default=0, init=False)

    def matches(self, event: str) -> bool:
        """Return whether this rule is about an event."""
        if event in BY_NAME_ONLY:
            return event == self.event
        return fnmatchcase(event, self.event)


class GatewayFaults:
    """The rules in force; `seed` makes the ones with a probability repeatable."""

    def __init__(self, seed: int = 0) -> None:
        self.struck: Counter[str] = Counter()
        """How often each kind has struck, with the drops and outages that were ordered."""
        self._rules: list[GatewayFault] = []
        self._random = random.Random(f"gateway {seed}")

    def __bool__(self) -> bool:
        return bool(self._rules)

    def lose(
        self,
        event: str = "*",
        *,
        times: int | None = 1,
        probability: float = 1.0,
        skip: int = 0,
    ) -> GatewayFault:
        """Never send an event."""
        return self._add(GatewayFault("lost", event, times, probability, skip))

    def duplicate(
        self,
        event: str = "*",
        *,
        times: int | None = 1,
        probability: float = 1.0,
        skip: int = 0,
    ) -> GatewayFault:
        """Send an event twice in a row."""
        return self._add(GatewayFault("duplicated", event, times, probability, skip))

    def delay(
        self,
        event: str = "*",
        *,
        by: int = 1,
        times: int | None = 1,
        probability: float = 1.0,
        skip: int = 0,
    ) -> GatewayFault:
        """Send an event after the `by` ones that follow it; soon, if none follow."""
        return self._add(GatewayFault("delayed", event, times, probability, skip, by))

    def _add(self, rule: GatewayFault) -> GatewayFault:
        self._rules.append(rule)
        return rule

    def remove(self, rule: GatewayFault) -> None:
        """Take a rule back; one that is used up is gone already, which is fine."""
        if rule in self._rules:
            self._rules.remove(rule)

    def clear(self) -> None:
        """Take every rule back; what was counted stays."""
        self._rules.clear()

    def strike(self, event: str, *, holding: bool = False) -> GatewayFault | None:
        """Return the rule that hits an event that somebody would hear, and count it.

        While the gateway is `holding` an event back, the next one goes first: it is not delayed.
        """
        for rule in self._rules:
            if not rule.matches(event) or (holding and rule.kind == "delayed"):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.probability < 1.0 and self._random.random() >= rule.probability:
                continue
            rule.struck += 1
            self.struck[rule.kind] += 1
            if rule.times is not None and rule.struck >= rule.times:
                self._rules.remove(rule)
            return rule
        return None
