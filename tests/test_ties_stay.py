"""Which modules may read what is counted about people, and what for; nothing that speaks does.

A new reader of ties or of days fails here until somebody has written down why it needs them, and
has looked at what comes of it in tests/cogs/test_nobody_sees_ties.py.
"""

import ast
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parents[1]

# Who reads or writes rows of ties, and why nobody reads them there.
TIES = {
    "bot.services.sums": "adds what was just counted",
    "bot.services.ties": "hands one group's ties to those who plan its split",
    "bot.services.split_plans": "plans: who goes where, and shares of the whole",
    "bot.services.split_offices": "plans: who could look after a part",
    "bot.services.split_seats": "plans: where somebody stands, and places that change",
    "bot.services.split_changes": "plans: what a move costs the whole",
    "bot.services.split_approval": "whether anything was counted in a group at all",
    "bot.services.preparing": "whether anything was counted in a group at all",
    "bot.services.reunite_moves": "takes ties along with people who move",
    "bot.services.merge_moves": "takes ties along with people who move",
    "bot.services.offshoot": "takes ties along with people who move",
    "bot.services.circle_ties": "circles among those who asked to be suggested groups",
    "bot.services.suggest_me": "erases ties of who does not want to be suggested groups",
    "bot.services.caring": "whether two people had no tie before somebody answered both",
    "bot.services.portraits": "how many of a group's newcomers were answered at all",
    "bot.services.health_ties": "shares of a whole group: what is answered back, who talks again",
    "bot.services.privacy": "erases them",
    "bot.services.retention": "erases them",
}
# Who reads days and last signs of life.
DAYS = {
    "bot.services.sums": "adds what was just counted",
    "bot.services.lives": "who has been silent for longer than their patience",
    "bot.services.long_absent": "whether somebody who looks after a group has been gone for weeks",
    "bot.services.own_silence": "whether the reader of a letter has been away themselves",
    "bot.services.group_silence": "whether a whole group has fallen silent",
    "bot.services.silent_seats": "whose seat goes to others by the owners' rule",
    "bot.services.unanswered": "whether whom nobody answered is new",
    "bot.services.caring": "whether who was answered is new",
    "bot.services.portraits": "how many of a whole group were around in a week",
    "bot.services.split_plans": "that each part has its share of those who are around",
    "bot.services.health_people": "shares of a whole group: around, elsewhere; how many voices",
    "bot.services.health_talk": "how many of a whole group wrote",
    "bot.services.privacy": "erases them",
    "bot.services.retention": "erases them",
}
TABLES = {"Tie": TIES, "CommonsTie": TIES, "ActiveDay": DAYS, "Presence": DAYS}
SQL = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE) (?:tie|commons_tie|active_day|presence)\b")
# What turns things into words, or hands words over.
SPEAKING = ("_messages", "_cards", "_parts", "_forms")


@cache
def modules() -> dict[str, tuple[frozenset[str], str]]:
    """Return what each module of the application imports, with dots, and its text, by its name."""
    found: dict[str, tuple[frozenset[str], str]] = {}
    for root in ("bot", "cogs"):
        for path in sorted((HERE / root).rglob("*.py")):
            name = ".".join(path.relative_to(HERE).with_suffix("").parts)
            text = path.read_text(encoding="utf-8")
            found[name.removesuffix(".__init__")] = (imported(ast.parse(text)), text)
    return found


def imported(tree: ast.Module) -> frozenset[str]:
    """Return everything that a module imports: modules, and names in them."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def readers(*tables: str) -> set[str]:
    """Return the modules that know one of these tables, or the service that reads ties."""
    wanted = {f"models.{table}" for table in tables}
    if "Tie" in tables:
        wanted.add("bot.services.ties")
    return {name for name, (names, _) in modules().items() if wanted & names}


def test_every_reader_of_ties_is_known() -> None:
    """Each has a reason; one that reads them no more has none."""
    assert readers("Tie", "CommonsTie") | {"bot.services.ties"} == TIES.keys()


def test_every_reader_of_days_is_known() -> None:
    """Rhythm is days and last signs of life: nothing else of it is kept."""
    assert readers("ActiveDay", "Presence") == DAYS.keys()


def test_nothing_that_speaks_knows_ties() -> None:
    """Neither a message, a card, a form nor a cog: they are handed plain values."""
    for name, (names, _) in modules().items():
        speaks = name.startswith("cogs.") or name.endswith(SPEAKING)
        ties = {one for one in names if one.endswith((".ties", ".Tie", ".CommonsTie"))}
        assert not (speaks and ties), (name, ties)


def test_no_table_is_reached_behind_the_list() -> None:
    """By all of the models at once, or by a statement in plain SQL."""
    for name, (names, text) in modules().items():
        assert "models" not in names or any(one.startswith("models.") for one in names), name
        assert SQL.search(text) is None, name
