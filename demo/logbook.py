"""What the bot wrote to its log while the demo ran, and whether it gives anybody away.

Everything is kept, at the lowest level that an operator can ask for: as an operator reads it, and
Hearth's own lines as they were before the net below them (bot/discretion.py), which they should not
need. Neither the token nor anybody's id, name or words may stand in any of it.
"""

import copy
import logging
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from bot import logs
from bot.discretion import Discreet
from sandbox.interactions import Interaction

OURS = ("bot", "cogs", "models")
OUTSIDE = ("sandbox", "demo", "asyncio")
"""Whose lines are not the bot's."""
LEAST_WORDS = 3
"""What people type in fewer words says nothing about whose words they are."""
ID = re.compile(r"\d{15,}")
WORD = re.compile(r"[\w.]+")
UNSEEN = 200
"""How much of a line is shown that should not be there."""


class Logbook(logging.Handler):
    """Keeps the bot's lines; open it with `with`."""

    def __init__(self, token: str = "") -> None:
        super().__init__(logging.DEBUG)
        self._net = Discreet(token)
        self.setFormatter(logs.formatter("json"))
        self.lines: list[str] = []
        """All of them, as an operator reads them."""
        self.own: list[str] = []
        """Hearth's, as it wrote them."""
        self.errors: list[str] = []
        """Those that tell of an error, as people read them."""
        self._plain = logs.formatter("text")
        self._level = logging.NOTSET

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line in."""
        if record.levelno >= logging.ERROR:
            self.errors.append(self._plain.format(copy.copy(record)))
        if record.name.startswith(OUTSIDE):
            return
        if record.name.startswith(OURS):
            self.own.append(self.format(copy.copy(record)))
        caught = copy.copy(record)
        self._net.filter(caught)
        self.lines.append(self.format(caught))

    def __enter__(self) -> Self:
        root = logging.getLogger()
        self._level = root.level
        logs.hush()
        root.setLevel(logging.DEBUG)
        root.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._level)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not stand in a log; names and texts as they were given."""

    token: str
    ids: Collection[int]
    names: Collection[str]
    texts: Collection[str]

    def found_in(self, lines: Iterable[str]) -> Iterator[str]:
        """Name every line that gives something away, and what."""
        ids = {str(one) for one in self.ids}
        names = set(self.names)
        texts = [text for text in self.texts if len(text.split()) >= LEAST_WORDS]
        # One search instead of a thousand for each line.
        said = re.compile("|".join(re.escape(text) for text in sorted(texts)) or "(?!)")
        for line in lines:
            given: set[str] = set()
            if self.token in line:
                given.add("the token")
            if ids.intersection(ID.findall(line)):
                given.add("somebody's id")
            if names.intersection(WORD.findall(line)):
                given.add("somebody's name")
            if said.search(line):
                given.add("somebody's words")
            for what in sorted(given):
                yield f"the log holds {what}: {line[:UNSEEN]}"


class Typed:
    """What people typed into commands and forms."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def look_on(self, interaction: Interaction) -> None:
        """Take in what somebody sends."""
        self.texts.update(_typed(interaction.data))


def _typed(data: Any) -> Iterator[str]:
    """Return the values in what a client sends, however deep they stand."""
    if isinstance(data, dict):
        value: Any = data.get("value")  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType] - JSON of any shape
        if isinstance(value, str):
            yield value
        for inner in data.values():  # pyright: ignore[reportUnknownVariableType] - JSON of any shape
            yield from _typed(inner)
    elif isinstance(data, list):
        for inner in data:  # pyright: ignore[reportUnknownVariableType] - JSON of any shape
            yield from _typed(inner)
