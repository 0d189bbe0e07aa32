"""Figures that tell of single people are found, each kind of them."""

import sqlite3
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from demo.checked_health import told_of_few

FIGURE = (
    "INSERT INTO health_figure (server_id, group_id, week, measure, value, low, high, people,"
    " silent) VALUES (1, 0, '2026-03-02', ?, ?, ?, ?, ?, ?)"
)


@pytest.fixture
def rows(brought_up: Path, tmp_path: Path) -> Generator[sqlite3.Connection]:
    """Empty tables that take rows about servers which are not there."""
    copy = tmp_path / "hearth.db"
    copy.write_bytes(brought_up.read_bytes())
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        yield connection


def test_figures_of_five_and_silent_ones_are_fine(rows: sqlite3.Connection) -> None:
    """A figure of five people, and silence of each kind."""
    rows.execute(FIGURE, ("active", 0.6, 0.2, 0.9, 5, None))
    for number, why in enumerate(("few", "young", "nothing", "blind")):
        rows.execute(FIGURE, (f"m{number}", None, None, None, 0, why))
    assert list(told_of_few(rows)) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("active", 0.5, 0.2, 0.9, 4, None), "speaks of 4 people"),
        (("active", None, None, None, 3, "few"), "says that 3 people are behind it"),
        (("active", 0.5, None, None, 0, "few"), "is silent (few), and a figure stands there"),
        (("active", None, 0.1, None, 0, "young"), "is silent (young), and a figure stands there"),
        (("active", None, None, None, 9, None), "neither speaks nor says why not"),
        (("active", 0.5, 0.6, 0.9, 9, None), "0.5 is not between 0.6 and 0.9"),
    ],
)
def test_a_figure_that_tells_too_much_is_found(
    rows: sqlite3.Connection, row: tuple[object, ...], said: str
) -> None:
    """Of four people, or silent and not silent at once, or beside its own bounds."""
    rows.execute(FIGURE, row)
    assert any(one.endswith(said) for one in told_of_few(rows))


def test_pulses_and_pairs_of_few_are_found(rows: sqlite3.Connection) -> None:
    """What four people chose, what is left of a closed pulse, and four who were lent."""
    rows.execute(
        "INSERT INTO pulse (id, server_id, group_id, state, started_at, closes_at, closed_at,"
        " lines) VALUES (7, 1, 1, 'shown', '2026-03-02', '2026-03-09', '2026-03-09', 0)"
    )
    for step, people in ((3, 1), (4, 3)):
        rows.execute("INSERT INTO pulse_tally VALUES (7, 'trust', ?, ?)", (step, people))
    rows.execute("INSERT INTO pulse_part VALUES (7, 12)")
    rows.execute("INSERT INTO pulse_answer VALUES ('k', 7, 'trust', 3)")
    rows.execute(
        "INSERT INTO lent (server_id, week, from_group_id, to_group_id, people)"
        " VALUES (1, '2026-03-02', 1, 2, 4)"
    )
    assert list(told_of_few(rows)) == [
        "pulse 7: trust tells of 4",
        "pulse 7 is closed, and rows of pulse_part are left",
        "pulse 7 is closed, and rows of pulse_answer are left",
        "lent from 1 to 2 in 2026-03-02: tells of 4",
    ]
