"""Holds the sandbox's answers to Discord's published description while tests run.

The description is no part of this repository: `make test SPEC=path/to/openapi.json` names a copy,
which Discord publishes as discord/discord-api-spec on GitHub. Without it nothing is held.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trials.conformance.description import Description
from trials.conformance.deviations import DEVIATIONS
from trials.conformance.events import event_faults

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.routing import Call


@functools.cache
def published() -> Description | None:
    """Return Discord's description, where one is at hand."""
    path = os.environ.get("SPEC")
    return Description.read(Path(path)) if path else None


def misfits(events: Iterable[tuple[str, dict[str, Any], object]]) -> list[str]:
    """Return what does not fit of the objects that events carry; nothing without a description."""
    description = published()
    if description is None:
        return []
    return [
        f"{event}: {fault}"
        for event, data, _ in events
        for fault in event_faults(description, event, data)
    ]


class Held:
    """An observer of the API that notes what does not fit; with no description at hand, nothing.

    `answers_only` leaves requests alone, for tests that send wrong ones on purpose.
    """

    def __init__(self, *, answers_only: bool = False) -> None:
        self.faults: list[str] = []
        self._answers_only = answers_only
        self._description = published()

    def __call__(self, call: Call, status: int, body: object) -> None:
        """Look at one request and its answer."""
        if self._description is None:
            return
        method, route = call.route.method, call.route.template
        faults = self._description.answer_faults(method, route, status, body)
        if not self._answers_only:
            query = {name: [text] for name, text in call.query.items()}
            faults += [
                fault
                for fault in self._description.request_faults(method, route, query, call.body)
                if fault.kind != "form"
                and not any(one.excuses(method, route, fault) for one in DEVIATIONS)
            ]
        self.faults += [f"{method} {route} {status}: {fault}" for fault in faults]
