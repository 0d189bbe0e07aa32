"""What passed over the wire, held to the description: figures, deviations, violations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trials.conformance.deviations import DEVIATIONS
from trials.conformance.events import event_faults

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.record import Passage, Recording
    from trials.conformance.description import Description, Fault
    from trials.conformance.deviations import Deviation

_NOT_TAKEN = frozenset({400, 401})
"""Statuses of requests that were refused for what they are: they need not fit."""


@dataclass(slots=True)
class Verdict:
    """What a judgement came to."""

    requests: Counter[str] = field(default_factory=Counter[str])
    """By client."""
    answers: int = 0
    shapes: int = 0
    """Distinct passages and events, each of which was held to the description once."""
    routes: Counter[str] = field(default_factory=Counter[str])
    """"METHOD /template" to requests by real clients."""
    violations: Counter[str] = field(default_factory=Counter[str])
    deviations: Counter[Deviation] = field(default_factory=Counter["Deviation"])
    other_forms: Counter[str] = field(default_factory=Counter[str])
    """Ids and sets of bits that came in their other form, which Discord takes as equal."""
    wrong_on_purpose: int = 0
    """Requests that tests wrote themselves and that do not fit."""
    events: int = 0


def judge(
    description: Description,
    recording: Recording,
    deviations: Iterable[Deviation] = DEVIATIONS,
) -> Verdict:
    """Hold each distinct passage and event to the description once."""
    verdict = Verdict()
    listed = tuple(deviations)
    for told, count in recording.events:
        verdict.events += count
        verdict.shapes += 1
        for fault in event_faults(description, told.event, told.data):
            verdict.violations[f"event {told.event}: {fault}"] += count
    for passage, count in recording.passages:
        verdict.requests[passage.client] += count
        verdict.answers += count
        verdict.shapes += 1
        if passage.client != "bare":
            verdict.routes[f"{passage.method} {passage.route}"] += count
        _judge_request(verdict, description, passage, count, listed)
        if passage.known:
            for fault in description.answer_faults(
                passage.method, passage.route, passage.status, passage.answer
            ):
                verdict.violations[_named("answer", passage, fault)] += count
    return verdict


def _judge_request(
    verdict: Verdict,
    description: Description,
    passage: Passage,
    count: int,
    deviations: tuple[Deviation, ...],
) -> None:
    if passage.status in _NOT_TAKEN or (passage.known and not passage.understood):
        return
    faults = description.request_faults(passage.method, passage.route, passage.query, passage.body)
    if passage.client == "bare":
        verdict.wrong_on_purpose += count * bool(faults)
        return
    if not passage.known and not faults:
        verdict.violations[f"the sandbox has no {passage.method} {passage.route}"] += count
    for fault in faults:
        excuse = _excuse(passage, fault, deviations)
        if excuse is not None:
            verdict.deviations[excuse] += count
        elif fault.kind == "form":
            verdict.other_forms[f"{passage.method} {passage.route} {fault.field}"] += count
        else:
            verdict.violations[_named("request", passage, fault)] += count


def _excuse(passage: Passage, fault: Fault, deviations: tuple[Deviation, ...]) -> Deviation | None:
    if passage.client != "discord.py":
        return None
    fitting = (one for one in deviations if one.excuses(passage.method, passage.route, fault))
    return next(fitting, None)


def _named(what: str, passage: Passage, fault: Fault) -> str:
    return f"{what} {passage.method} {passage.route} {passage.status} ({passage.client}): {fault}"
