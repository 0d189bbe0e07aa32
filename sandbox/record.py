"""Writes down what passes over the wire, one example of every distinct shape, with counts.

Off unless `HEARTH_SANDBOX_RECORD` names a folder; each process then appends to a file of its own
there, one JSON object per line. A line with `route` or `event` is an example under a number, a
line with `count` says how often that number's shape passed since the line before. `read` puts the
files of a folder together again. What a fault on order did to a client is no word of Discord's and
is left out.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Hashable

    from aiohttp import web

    from sandbox.faults import Fault
    from sandbox.routing import Call, Route

SWITCH = "HEARTH_SANDBOX_RECORD"
"""The environment variable that names the folder; read once in each process."""

_CLIENTS = {"Rapptz/discord.py": "discord.py", "hikari": "hikari", "bare": "bare"}
"""Clients by what they call themselves."""
_NAMED_BY_NUMBER = frozenset({"type", "op", "code"})
"""Fields whose number decides what the rest means, so that it belongs to the shape."""


@dataclass(slots=True)
class Passing:
    """What became known of a request while it was being answered."""

    route: Route | None = None
    call: Call | None = None
    fault: Fault | None = None
    """The fault on order that hit it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One request and its answer."""

    method: str
    route: str
    """The route's template; for a path without a route the path, its ids replaced."""
    known: bool
    """Whether the sandbox has such a route."""
    client: str
    """"discord.py", "hikari", or "bare" for tests that write their requests themselves."""
    query: dict[str, list[str]]
    body: Any
    """The request's JSON; None when there was none or it could not be read."""
    understood: bool
    """Whether the request could be read at all."""
    status: int
    answer: Any
    """The answer's JSON; None for none."""

    def shape(self) -> Hashable:
        """Return what tells this passage from others of the same kind."""
        asked = (self.method, self.route, self.client, self.understood)
        query = tuple(sorted((name, shape(values)) for name, values in self.query.items()))
        return (*asked, query, shape(self.body), self.status, shape(self.answer))


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the gateway's, as whoever has the message content intent is told it."""

    event: str
    data: Any

    def shape(self) -> Hashable:
        """Return what tells this event from others of its name."""
        return (self.event, shape(self.data))


@dataclass(slots=True)
class Recording:
    """Every distinct shape that passed, by one example, with how often it did."""

    passages: list[tuple[Passage, int]] = field(default_factory=list[tuple[Passage, int]])
    events: list[tuple[Told, int]] = field(default_factory=list[tuple[Told, int]])


def shape(value: object) -> Hashable:
    """Return the form of a JSON value: its types and keys, not its texts and numbers."""
    match value:
        case dict():
            fields = cast("dict[str, object]", value)
            return ("object", frozenset(_field(name, inner) for name, inner in fields.items()))
        case list():
            return ("array", frozenset(shape(inner) for inner in cast("list[object]", value)))
        case str():
            return "digits" if value.isdigit() else "text" if value else "empty"
        case _:
            return type(value).__name__


def _field(name: str, value: object) -> tuple[str, Hashable]:
    if name in _NAMED_BY_NUMBER and isinstance(value, int):
        return name, value
    return "#" if name.isdigit() else name, shape(value)


class Recorder:
    """Appends to one file; `note` and `hear` what passed, `save` the counts."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._numbers: dict[Hashable, int] = {}
        self._counts = Counter[int]()

    def note(self, request: web.Request, passing: Passing, answer: web.StreamResponse) -> None:
        """Write down a request that was answered, unless a fault on order had a hand in it."""
        if passing.fault is not None:
            return
        self._keep(_passage(request, passing, answer))

    def hear(self, event: str, data: object) -> None:
        """Write down an event that somebody is told."""
        self._keep(Told(event, data))

    def _keep(self, example: Passage | Told) -> None:
        form = example.shape()
        number = self._numbers.get(form)
        if number is None:
            number = self._numbers[form] = len(self._numbers)
            self._append([{"shape": number, **asdict(example)}])
        self._counts[number] += 1

    def save(self) -> None:
        """Write down how often each shape passed since the last time."""
        self._append({"shape": number, "count": count} for number, count in self._counts.items())
        self._counts.clear()

    def _append(self, lines: Any) -> None:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        if text:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(text)


@functools.cache
def recorder() -> Recorder | None:
    """Return this process's recorder; None while recording is off."""
    folder = os.environ.get(SWITCH)
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Recorder(Path(folder) / f"{os.getpid()}.jsonl")


def read(folder: Path) -> Recording:
    """Return what a folder's files hold."""
    found: dict[Hashable, Passage | Told] = {}
    counts = Counter["Hashable"]()
    for file in sorted(folder.rglob("*.jsonl")):
        forms: dict[int, Hashable] = {}
        with file.open(encoding="utf-8") as lines:
            for text in lines:
                line = json.loads(text)
                number = line.pop("shape")
                if "count" in line:
                    counts[forms[number]] += line["count"]
                    continue
                example = Told(**line) if "event" in line else Passage(**line)
                forms[number] = example.shape()
                found.setdefault(forms[number], example)
    recording = Recording()
    for form, example in found.items():
        count = max(1, counts[form])  # who was killed saved no count
        if isinstance(example, Told):
            recording.events.append((example, count))
        else:
            recording.passages.append((example, count))
    return recording


def _passage(request: web.Request, passing: Passing, answer: web.StreamResponse) -> Passage:
    route, call = passing.route, passing.call
    content: object = getattr(answer, "body", None)
    return Passage(
        method=request.method,
        route=route.template if route else _anonymous(request),
        known=route is not None,
        client=_client(request.headers.get("User-Agent", ""), route),
        query={name: request.query.getall(name) for name in request.query},
        body=call.body if call else None,
        understood=call is not None,
        status=answer.status,
        answer=json.loads(content) if isinstance(content, bytes) and content else None,
    )


def _client(agent: str, route: Route | None) -> str:
    known = [name for mark, name in _CLIENTS.items() if mark in agent]
    if known:
        return known[0]
    # Where a token stands in the path, discord.py does not say who it is.
    return "bare" if route is None or route.bot_only else "discord.py"


def _anonymous(request: web.Request) -> str:
    """Return a path's form, its numbers replaced, for a path that leads nowhere."""
    return re.sub(r"(?<=/)\d+", "{id}", request.rel_url.raw_path.removeprefix("/api/v10"))
