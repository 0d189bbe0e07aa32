"""docs/health.md says of every measure what it means: the same measures, units and windows."""

import re
from pathlib import Path

from bot.rules.health import BOTH, MEASURES, Measure
from bot.texts import catalogue

PAGE = Path(__file__).parents[2] / "docs" / "health.md"
SAYS = ("Says", "Formula", "Window", "Silent", "How sure", "Does not say")
OF = {BOTH: "groups, server", frozenset(("group",)): "groups", frozenset(("server",)): "server"}
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| (\w+) \| (\d+) weeks? \| ([^|]+) \|$", re.MULTILINE)
SECTION = re.compile(r"^### (.+) · `(\w+)`\n((?:- .+\n)+)", re.MULTILINE)


def weeks(measure: Measure) -> str:
    """Return how a window is written."""
    return "1 week" if measure.weeks == 1 else f"{measure.weeks} weeks"


def test_the_table_has_every_measure_as_it_is() -> None:
    """Key, unit, window and of what; nothing else, and in the same order."""
    rows = [(key, unit, int(window), of) for key, _, unit, window, of in ROW.findall(_page())]
    measures = MEASURES.values()
    assert rows == [(one.key, one.unit, one.weeks, OF[one.scopes]) for one in measures]


def test_every_measure_has_a_section_that_says_all_of_it() -> None:
    """What it says and does not say, how it is reckoned, over what, when silent, how sure."""
    named = {key: name for key, name, *_ in ROW.findall(_page())}
    sections = {key: (name, lines) for name, key, lines in SECTION.findall(_page())}
    assert sections.keys() == MEASURES.keys()
    for key, (name, lines) in sections.items():
        said = dict(re.findall(r"^- \*\*(.+?)\*\*: (.+)$", lines, re.MULTILINE))
        assert tuple(said) == SAYS, key
        assert name == named[key] == catalogue()(f"health.name_{key}"), "as pictures call it"
        assert re.match(rf"{weeks(MEASURES[key])}\b", said["Window"]), key


def _page() -> str:
    return PAGE.read_text(encoding="utf-8")
