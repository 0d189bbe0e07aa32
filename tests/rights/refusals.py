"""Which text somebody read: of all texts that say no, by what the code raises."""

import ast
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from string import Formatter

from bot.texts import catalogue

STATES = ("forming", "resting", "archived")
WHY_NOT = (
    "same",
    "not_open",
    "locked",
    "roles_are_public",
    "stays_unlisted",
    "no_seats",
    "no_keys",
)
# What is raised by a state or a reason that only the moment decides, where the text's key is made
# of nothing else.
BY_REASON = (
    *(f"buds.{reason}" for reason in ("closed", "moving", "narrow", "small")),
    *(f"{area}.{state}" for area in ("home", "visits") for state in STATES),
    *(f"merging.{reason}" for reason in WHY_NOT),
    *(f"home.request_{why}" for why in ("rules", "onboarding")),
)
# What looks like one of them, and says that something was done.
SAID_OTHERWISE = frozenset({"stages.day_set", "stages.day_none"})
ERRORS = ("UserError", "NotAllowed", "NoDay")
ROOT = Path(__file__).parents[2]


@cache
def refusals() -> dict[str, re.Pattern[str]]:
    """Return every text that a `UserError` of the bot or a cog can carry, and what matches it."""
    entries = catalogue().entries
    keys: set[str] = set()
    for wanted in {*_raised(), *BY_REASON}:
        if "*" not in wanted:
            keys |= {wanted} & entries.keys()
            continue
        if wanted.endswith((".*", "home.request_*")) or wanted.startswith("*"):
            continue  # see BY_REASON
        keys |= {key for key in entries if fnmatchcase(key, wanted)}
    return {key: _matching(entries[key]) for key in sorted(keys - SAID_OTHERWISE)}


def refusal(text: str) -> str | None:
    """Return the key of the refusal that was read, the longest that fits; None if it is none."""
    fitting = [key for key, pattern in refusals().items() if pattern.match(text)]
    return max(fitting, key=lambda key: len(refusals()[key].pattern), default=None)


def alike(key: str | None, others: Iterable[str]) -> bool:
    """Return whether a text reads as one of the others: some matters say the same words."""
    known = refusals()
    return key is not None and known[key] in [known[other] for other in others]


def _matching(entry: str | list[str]) -> re.Pattern[str]:
    forms = [entry] if isinstance(entry, str) else entry
    return re.compile(f"(?:{'|'.join(map(_template, forms))})(?:\n|$)", re.DOTALL)


def _template(text: str) -> str:
    return "".join(
        re.escape(literal) + (".*?" if place is not None else "")
        for literal, place, _form, _conversion in Formatter().parse(text)
    )


def _raised() -> Iterator[str]:
    """Yield what is raised; `*` stands for what only the moment decides."""
    for folder in ("bot", "cogs"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            text = file.read_text("utf-8")
            if not any(f"{name}(" in text for name in ERRORS):
                continue
            for node in ast.walk(ast.parse(text)):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in ERRORS
                    and node.args
                ):
                    yield from _keys(node.args[0])


def _keys(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(key)):
            yield key
        case ast.IfExp(body=one, orelse=other):
            yield from _keys(one)
            yield from _keys(other)
        case ast.JoinedStr(values=parts):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "*" for part in parts
            )
        case _:
            pass
