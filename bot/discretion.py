"""What the log may not hold: the token, who somebody is, what somebody wrote.

Lines of Hearth's own name nobody to begin with. This is the net below them, for lines of libraries
and for what an error carries: it stands on the log's handler, so every record passes through it.

- The bot's token, and tokens of interactions and webhooks in addresses, are left out.
- Ids stand as a short reference, another one in every run: lines about the same person can be put
  together, but nobody can be looked up. What is called a server, a room or a role keeps its id.
- Errors of kinds that quote what was given to them (ValueError, KeyError and their like) are told
  by kind and place, not by their words.
"""

import hashlib
import logging
import re
import secrets
import traceback
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

LEFT_OUT = "[left out]"
SECRET_IN_PATH = re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/\s?'\"]+")
ID = re.compile(
    r"(?<!\d)(?<![Ss]erver )(?<![Rr]oom )(?<![Rr]ole )(?<!/guilds/)(?<!/channels/)(?<!/roles/)"
    r"\d{15,20}(?!\d)"
)
QUOTING = (ValueError, LookupError, AssertionError)
DEEP = 8  # errors behind an error, and of a group, that are told of


class Discreet(logging.Filter):
    """Rewrites every record that passes; none is held back."""

    def __init__(self, token: str = "") -> None:
        super().__init__()
        self._token = token
        self._key = secrets.token_bytes(16)

    def filter(self, record: logging.LogRecord) -> bool:
        """Take out of a record what may not be written; True always."""
        record.msg = self.told(record.getMessage())
        record.args = None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = self.told("\n".join(_lines(record.exc_info[1])))
        elif record.exc_text:
            record.exc_text = self.told(record.exc_text)
        record.exc_info = None
        if record.stack_info:
            record.stack_info = self.told(record.stack_info)
        return True

    def told(self, text: str) -> str:
        """Return a text as it may be written."""
        if self._token:
            text = text.replace(self._token, LEFT_OUT)
        text = SECRET_IN_PATH.sub(rf"\1{LEFT_OUT}", text)
        return ID.sub(self._reference, text)

    def _reference(self, found: re.Match[str]) -> str:
        digest = hashlib.blake2b(found[0].encode(), key=self._key, digest_size=3)
        return f"~{digest.hexdigest()}"


def _lines(error: BaseException, deep: int = DEEP) -> list[str]:
    """Return an error as a traceback tells it, oldest cause first, without what it quotes."""
    found: list[str] = []
    behind = error.__cause__
    words = "The above exception was the direct cause of the following exception:"
    if behind is None and not error.__suppress_context__:
        behind = error.__context__
        words = "During handling of the above exception, another exception occurred:"
    if behind is not None and deep:
        found += [*_lines(behind, deep - 1), "", words, ""]
    found.append("Traceback (most recent call last):")
    found += [line.rstrip("\n") for line in traceback.format_tb(error.__traceback__)]
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    said = LEFT_OUT if isinstance(error, QUOTING) else str(error)
    found.append(f"{name}: {said}" if said else name)
    if isinstance(error, BaseExceptionGroup) and deep:
        inner = cast("Sequence[BaseException]", error.exceptions[:DEEP])  # pyright: ignore[reportUnknownMemberType] - a group of whatever
        for one in inner:
            found += [f"  | {line}" for line in _lines(one, deep - 1)]
    return found
