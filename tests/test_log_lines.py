"""Every line that Hearth itself writes into the log names nobody, whatever fills it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
WRITES = {"debug", "info", "warning", "error", "exception", "critical", "log"}

# What may fill a line, by the last word of how it is written in the code, and what it is.
ABOUT_NOBODY = {
    "FINISH": "seconds",
    "bud_id": "a row of ours",
    "circle_id": "a row of ours",
    "commands_now": "how many commands there are",
    "context": "what asyncio complains of",
    "error": "what failed; bot/discretion.py takes out what may be somebody's",
    "event": "the name of a kind of event",
    "failed": "what failed",
    "file": "a file of the operator's",
    "found": "a role or a room that was made",
    "gone_for": "seconds",
    "group_id": "a row of ours",
    "id": "of a server, a room, or what is to be taken down, by what it is the id of",
    "kept": "a file of the operator's",
    "key": "what a lane's work is called (`called`)",
    "kind": "of a picture",
    "left": "how many answers to a pulse",
    "line": "what is wrong with the tables",
    "made_id": "a role or a room",
    "merge_id": "a row of ours",
    "name": "of a job",
    "opened": "a file of the operator's",
    "reference": "what a person is shown",
    "refused": "what Discord answered",
    "replayed": "how many events",
    "server": "which server",
    "server_id": "which server",
    "split_id": "a row of ours",
    "status": "what Discord answered",
    "strerror": "what the operating system said",
    "told": "kind and row of an owed message",
    "wait": "seconds",
    "what": "somebody's roles, or a group; the name of a part of a job",
    "where": "an address of the operator's",
    "why": "why Hearth stops, why Discord cannot be reached",
    "__module__": "of a source of figures",
    "__name__": "of a source of figures",
    "_buffer": "how many signs of life",
}
# Whose `id` and `name` may stand in a line.
ITS = {"guild", "channel", "room", "job", "unwanted"}


def lines() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call that writes into the log, and where it stands."""
    for folder in ("bot", "cogs", "models", "migrations"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id in {"log", "logger", "logging", "_log", "_logger"}
                    and node.func.attr in WRITES
                ):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def fillings(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what fills a line; its words, too, where they are put together."""
    words, *rest = call.args
    if not isinstance(words, ast.Constant):
        yield words
    yield from rest
    yield from (keyword.value for keyword in call.keywords if keyword.arg != "exc_info")


def named(part: ast.expr) -> tuple[str, str]:
    """Return the last word of an expression, and the one before it."""
    if isinstance(part, ast.Call):
        inside = [*part.args, part.func]
        return named(inside[0])
    if isinstance(part, ast.BinOp):
        return named(part.left)
    if isinstance(part, ast.Subscript):
        return named(part.value)
    if isinstance(part, ast.Attribute):
        return part.attr, named(part.value)[0]
    return (part.id, "") if isinstance(part, ast.Name) else (ast.unparse(part), "")


def test_no_line_is_filled_with_anything_about_a_person() -> None:
    """Each filling is written down above, with what it is: a new one is looked at first."""
    found = list(lines())
    unknown = [
        f"{where}: {ast.unparse(part)}"
        for where, call in found
        for part in fillings(call)
        for last, before in [named(part)]
        if last not in ABOUT_NOBODY or (last in {"id", "name"} and before not in ITS)
    ]
    assert unknown == []
    assert len(found) > 40


def test_nothing_is_written_down_that_no_line_uses() -> None:
    """The list above is no longer than it must be."""
    used = {named(part)[0] for _, call in lines() for part in fillings(call)}
    assert sorted(ABOUT_NOBODY.keys() - used) == []


def test_no_line_is_put_together_before_it_is_written() -> None:
    """An f-string or a sum would hide what fills it."""
    for where, call in lines():
        assert not isinstance(call.args[0], ast.JoinedStr | ast.BinOp), where
