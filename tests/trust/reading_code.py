"""The application's code as it is written: which calls and which attributes stand where."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HERE = Path(__file__).parents[2]


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax of each module of the application, by its name with dots."""
    return {
        ".".join(path.relative_to(HERE).with_suffix("").parts): ast.parse(
            path.read_text(encoding="utf-8")
        )
        for root in ("bot", "cogs")
        for path in sorted((HERE / root).rglob("*.py"))
    }


def attributes(*names: str) -> Iterator[tuple[str, str, str]]:
    """Yield module, what stands before the dot, and the name of each attribute of these names."""
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in names:
                yield module, ast.unparse(node.value), node.attr


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield module and call of each function or class of a name, however it is reached."""
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                known = called.id if isinstance(called, ast.Name) else ""
                if name in (known, called.attr if isinstance(called, ast.Attribute) else ""):
                    yield module, node


def given(call: ast.Call, name: str) -> str:
    """Return how an argument of a call is written; nothing where it is not given by name."""
    return next((ast.unparse(k.value) for k in call.keywords if k.arg == name), "")
