"""The walks in docs/ show what Hearth shows: commands, buttons, quoted lines, settings."""

import ast
import calendar
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from discord import AppCommandType
from discord.app_commands import Command

from bot.__main__ import parser
from bot.app import COGS
from bot.client import Hearth
from bot.clock import SystemClock
from bot.database import Database
from bot.settings import Settings
from bot.texts import catalogue

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENTRIES = catalogue().entries
# The pages, and whose rows of the README's table each must name all of.
WHOSE = {
    "owners": "owners",
    "members": "everyone",
    "facilitators": "facilitators",
    "moderators": "moderators",
}
PAGES = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("*.md")}
# A matter of several walks has a page of its own.
WALKS = {page: PAGES[page] for page in (*WHOSE, "growth", "together", "neighbours")}
MOST_LINES = 150  # of a page that somebody reads on their first day
SENTENCE = 8  # words, for who cannot see a picture
PICTURE_MOST = 150_000  # bytes

CODE = re.compile(r"`([^`\n]+)`")
LABEL = re.compile(r"‹([^›\n]+)›")
SAID = re.compile(r"^ *> (.+?)\\?$", re.MULTILINE)  # a backslash ends a line, as markdown has it
AREA = re.compile(r"[a-z]+\\.")  # how a text's key begins, once escaped
OPTIONS = re.compile(r"(?: \w+:[^:]+)*")

# How the places of a text look to a reader: Discord shows names and dates, no ids.
PLACE = re.compile(
    r"<t:\{\w+\}:(?P<time>\w)>|<(?P<mention>@&|@|#)\{\w+\}>|\{(?P<name>\w+)(?P<as>[^}]*)\}"
)
DAY = rf"[1-3]?\d (?:{'|'.join(calendar.month_name[1:])}) \d{{4}}"
CLOCK = r"[0-2]\d:[0-5]\d"
TIMES = {
    "R": r"(?:in \w+ [a-z]+|\w+ [a-z]+ ago)",
    "d": r"[0-3]\d/[01]\d/\d{4}",
    "D": DAY,
    "f": rf"{DAY} {CLOCK}",
    "F": rf"(?:{'|'.join(calendar.day_name)}), {DAY} {CLOCK}",
    "t": CLOCK,
}
SOMEBODY, ROOM = r"@[\w-]+", r"#[^\s,.<>]+"
NAMED = {
    "people": rf"{SOMEBODY}(?:,? {SOMEBODY})*",
    "roles": rf"{SOMEBODY}(?:,? {SOMEBODY})*",
    "by": SOMEBODY,
    "mark": r"(?:(?:\*\*)?\d+(?:\*\*)? · )?",
}
WORDS = r"[^{}<>]+?"
COUNT = r"\d[\d,]*"
ONE, SEVERAL = "1", rf"(?!1\b){COUNT}"
LEAST_LETTERS = 2  # of a text's own, without its places: fewer are matched by anything


def seen(text: str, number: str = COUNT) -> re.Pattern[str]:
    """Return what a text of the catalogue looks like to a reader; `number` is what its n may be."""
    written, at = "", 0
    for place in PLACE.finditer(text):
        written += re.escape(text[at : place.start()])
        at = place.end()
        if place["time"]:
            written += TIMES[place["time"]]
        elif place["mention"]:
            written += ROOM if place["mention"] == "#" else SOMEBODY
        elif place["name"] == "n":
            written += number
        else:
            written += COUNT if place["as"] == ":," else NAMED.get(place["name"], WORDS)
    return re.compile(written + re.escape(text[at:]))


def forms(key: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of a key, each with what its n may be."""
    entry = ENTRIES[key]
    if isinstance(entry, str):
        yield entry, COUNT
    else:
        yield from zip(entry, (ONE, SEVERAL), strict=True)


@cache
def lines() -> tuple[re.Pattern[str], ...]:
    """Return what every line that Hearth says looks like; small print as any other."""
    return tuple(
        seen(line.strip().removeprefix("-# "), number)
        for key in ENTRIES
        for text, number in forms(key)
        for line in text.splitlines()
        if _has_words(line)
    )


@cache
def labels() -> tuple[re.Pattern[str], ...]:
    """Return what every button and menu looks like, as the code makes them."""
    keys: set[str] = set()
    for folder in ("bot", "cogs"):
        for file in (ROOT / folder).rglob("*.py"):
            keys |= _labels(ast.parse(file.read_text(encoding="utf-8")))
    return tuple(
        seen(text, number) for key in keys for text, number in forms(key) if _has_words(text)
    )


def _has_words(text: str) -> bool:
    return sum(map(str.isalpha, PLACE.sub("", text))) >= LEAST_LETTERS


def _labels(module: ast.Module) -> set[str]:
    """Return the keys on a module's buttons and menus."""
    found: set[str] = set()
    for call in _calls(module):
        if getattr(call.func, "id", "") in {"Button", "Menu"} and call.args:
            label = call.args[0]
            for value in _given(module, label.id) if isinstance(label, ast.Name) else (label,):
                found.update(_keys(value))
    return found


def _given(module: ast.Module, name: str) -> Iterator[ast.expr]:
    """Yield what a module assigns to a name, or hands to its functions that take one so called."""
    taking: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and name in _names(node):
            yield node.value
        elif isinstance(node, ast.FunctionDef) and name in {arg.arg for arg in node.args.args}:
            taking.add(node.name)
    for call in _calls(module):
        if getattr(call.func, "id", "") in taking:
            yield from call.args


def _calls(module: ast.Module) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(module) if isinstance(node, ast.Call))


def _names(assigned: ast.Assign) -> set[str]:
    return {target.id for target in assigned.targets if isinstance(target, ast.Name)}


def _keys(code: ast.AST) -> Iterator[str]:
    for node in ast.walk(code):
        if isinstance(node, ast.JoinedStr):
            shape = "".join(map(_written, node.values))
            if AREA.match(shape):
                yield from (key for key in ENTRIES if re.fullmatch(shape, key))
        elif isinstance(node, ast.Constant) and node.value in ENTRIES:
            yield str(node.value)


def _written(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*"


def _anchors(text: str) -> list[str]:
    """Return how a page's headings are linked to, in order."""
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings]


def is_said(line: str) -> bool:
    """Return whether Hearth can say this."""
    return any(pattern.fullmatch(line) for pattern in lines())


def is_pressed(label: str) -> bool:
    """Return whether a button or a menu can read like this."""
    return any(pattern.fullmatch(label) for pattern in labels())


@pytest.fixture
async def client(database: Database) -> Hearth:
    """A Hearth with all its commands, which never connects."""
    hearth = Hearth(Settings(), database, SystemClock(), COGS)
    await hearth.load_cogs()
    return hearth


@pytest.fixture
def offered(client: Hearth) -> dict[str, set[str]]:
    """Every slash command by its full name, with the names of its options."""
    return {
        command.qualified_name: {option.display_name for option in command.parameters}
        for command in client.tree.walk_commands()
        if isinstance(command, Command)
    }


def named(written: str, offered: dict[str, set[str]]) -> str:
    """Return which command `/written` is, with or without its options; "" if it is none."""
    fitting = [name for name in offered if f"{written} ".startswith(f"/{name} ")]
    name = max(fitting, key=len, default="")
    options = written.removeprefix(f"/{name}")
    if not name or not OPTIONS.fullmatch(options):
        return ""
    return name if set(re.findall(r" (\w+):", options)) <= offered[name] else ""


@pytest.mark.parametrize("page", WALKS)
def test_all_that_can_be_typed_exists(page: str, offered: dict[str, set[str]]) -> None:
    """Nobody is sent to a command, an option, a line for operators or a setting that is not."""
    for written in CODE.findall(WALKS[page]):
        if written.startswith("python -m bot "):
            parser().parse_args(written.split()[3:])
        elif written not in Settings.model_fields:
            assert named(written, offered), written


@pytest.mark.parametrize("page", PAGES)
def test_all_that_can_be_pressed_exists(page: str) -> None:
    """A button that was renamed is renamed in the walks, and wherever else a page names it."""
    assert [label for label in LABEL.findall(PAGES[page]) if not is_pressed(label)] == []


@pytest.mark.parametrize("page", WALKS)
def test_every_quoted_line_is_what_hearth_says(page: str) -> None:
    """What the walks quote is what people read."""
    quoted = SAID.findall(WALKS[page])
    assert quoted
    assert [line for line in quoted if not is_said(line)] == []


@pytest.mark.parametrize("page", WHOSE)
def test_a_walk_names_every_command_of_its_people(page: str, offered: dict[str, set[str]]) -> None:
    """A command that nobody is shown might as well not be there."""
    shown = {named(written, offered) for written in CODE.findall(WALKS[page])}
    theirs: set[str] = set()
    for row, whose in re.findall(r"^\| `(/[^`]+)` \| (\w+) \|", README, re.MULTILINE):
        if whose == WHOSE[page]:
            theirs.add(max((n for n in offered if f"{row} ".startswith(f"/{n} ")), key=len))
    assert theirs
    assert theirs - shown == set()


def test_what_stands_in_a_messages_menu_is_shown_to_members(client: Hearth) -> None:
    """It stands where nobody looks."""
    menus = client.tree.get_commands(type=AppCommandType.message)
    assert menus
    for menu in menus:
        assert f"*{menu.name}*" in WALKS["members"]


@pytest.mark.parametrize("page", WALKS)
def test_a_walk_is_short_and_its_contents_are_whole(page: str) -> None:
    """Every heading stands in the line of contents, in order, and every link leads somewhere."""
    text = WALKS[page]
    assert len(text.splitlines()) <= MOST_LINES
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    contents = re.findall(r"\[([^\]]+)\]\(#([^)]+)\)", text)
    assert contents == list(zip(headings, _anchors(text), strict=True))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere_and_every_picture_has_its_words(page: str) -> None:
    """To a page, a heading of it, or a picture that a sentence tells for who cannot see it."""
    for picture, said, other, heading in re.findall(
        r"(!?)\[([^\]]+)\]\(([^#):\s]*\.(?:md|png))(?:#([^)]+))?\)", PAGES[page]
    ):
        there = ROOT / "docs" / other
        assert there.exists(), other
        assert not heading or heading in _anchors(there.read_text(encoding="utf-8")), heading
        assert not picture or (said.endswith(".") and len(said.split()) >= SENTENCE), said
        assert there.suffix == ".md" or there.stat().st_size <= PICTURE_MOST, other


@pytest.mark.parametrize(
    "line",
    [
        "Hearth has never said this to anybody.",
        "You have left <@5>'s group.",
        "👋 <@5> has moved in.",
        "@Kim finds it in /home.",
        "🌊 1 groups are open.",
        "🌊 12 group is open.",
        "The door of **Riverside** stays open for you until tomorrow.",
        "The door of **{old}** stays open for you until 6 March 2026.",
    ],
)
def test_a_line_that_nobody_says_is_found(line: str) -> None:
    """Other words, ids that nobody sees, the wrong plural, a date as Discord writes none."""
    assert not is_said(line)


@pytest.mark.parametrize(
    "line",
    [
        "👋 @Kim has moved in.",
        "🌊 1 group is open.",
        "🌊 12 groups are open.",
        "The door of **Riverside** stays open for you until 6 March 2026.",
    ],
)
def test_a_line_that_hearth_says_is_known(line: str) -> None:
    """The same lines as they are."""
    assert is_said(line)


@pytest.mark.parametrize("label", ["Fly me to the moon", "Step down tomorrow", "No rituals yet."])
def test_a_button_that_is_not_there_is_found(label: str) -> None:
    """Nor is a line of Hearth's a button."""
    assert not is_pressed(label)


def test_a_command_that_is_not_there_is_found(offered: dict[str, set[str]]) -> None:
    """A group of commands alone, a value without its option and a wrong option are none either."""
    for written in ("/homes", "/hearth", "/visit Hill", "/visit place:Hill", "/hearth group burn"):
        assert not named(written, offered), written
