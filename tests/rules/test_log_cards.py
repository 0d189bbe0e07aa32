"""What owners read in the log: names and values as they were, and words for everything."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from bot.rules import log_cards
from bot.rules.charter import Charter
from bot.rules.log_cards import LONGEST, PER_PAGE, Act
from bot.rules.message import Message
from bot.rules.types import TypeRules
from bot.services.servers import DECIDED
from bot.services.undoing import WAYS
from bot.texts import catalogue

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SERVICES = Path(log_cards.__file__).parents[1] / "services"


def text(message: Message) -> str:
    """Return a message as it is read."""
    say = catalogue()
    return "\n".join(say(line.key, **line.params) for line in message.lines)


def actions() -> Iterator[str]:
    """Yield every action that a service writes into the log, read off its calls."""
    for file in SERVICES.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called == "log.note":
                given = [word.value for word in node.keywords if word.arg == "action"]
                yield from (text for one in given for text in texts(one))
            elif called == "_noted":
                yield from (text for one in node.args for text in texts(one))


def texts(node: ast.expr) -> Iterator[str]:
    """Yield the texts that an expression may come to; what a table is asked by is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.Call):  # a table with a default
        for given in node.args:
            yield from texts(given)
        if isinstance(node.func, ast.Attribute):
            yield from texts(node.func.value)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from texts(value)


def test_every_act_and_everything_it_changes_has_words() -> None:
    """An action of any service, what can be undone, and each field of what can be changed."""
    known = catalogue().entries
    found = set(actions())
    assert {"setup-change", "member-bar", "type-edit", "group-rest"} <= found
    for action in found | WAYS.keys():
        assert f"log.did_{action.replace('-', '_')}" in known, action
    changing = {field.name for kind in (Charter, TypeRules) for field in fields(kind)}
    for name in changing | {*DECIDED, "safety", "restricted"}:
        assert f"log.now_{name}" in known, name


def test_a_line_says_what_changed_and_no_number_of_ours() -> None:
    """Values are cut, typed text does nothing, and what is the same is not listed."""
    act = Act(
        id=7,
        at=NOON,
        by_user_id=11,
        action="group-edit",
        group="**Bold**",
        before={"type_id": 1, "purpose": "x" * 90, "colour": 255, "listed": True, "cap": 9},
        after={"type_id": 2, "purpose": "<@&1>", "colour": 0, "listed": False, "cap": 9},
    )
    shown = text(Message(tuple(log_cards.told(act))))
    assert r"\*\*Bold\*\*" in shown
    assert "-# colour: #0000ff → #000000" in shown
    assert "-# listed: ✓ → ✗" in shown
    assert "<@&1>" not in shown
    assert "x" * LONGEST not in shown
    assert "type_id" not in shown
    assert "seats" not in shown


def test_a_page_of_the_longest_acts_keeps_its_buttons() -> None:
    """Six acts that each changed the longest things; the text is cut when it is sent."""
    long = "*" * 300
    act = Act(
        id=2**40,
        at=NOON,
        by_user_id=2**60,
        action="facilitator-remove",
        group=long[:40],
        user_id=2**60,
        before=dict.fromkeys(("name", "purpose", "norms", "unites", "zone"), long),
        after=dict.fromkeys(("name", "purpose", "norms", "unites", "zone"), "#" * 300),
        undone_at=NOON,
        undone_by_user_id=2**60,
        undoable=True,
    )
    page = log_cards.page([act] * PER_PAGE, 1, older=True)
    assert len(page.buttons) <= 25
    assert "… and 1 more thing" in text(page)
    assert all(len(button.press) <= 100 for button in page.buttons)
