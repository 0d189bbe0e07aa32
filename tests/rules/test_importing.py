"""Files of groups and homes: what they hold, and every line that is wrong with its number."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import importing
from bot.rules.charter import Charter
from bot.rules.importing import GROUPS, MEMBERS, Problem
from bot.texts import catalogue

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def told(problems: list[Problem]) -> list[tuple[int, str]]:
    """Return each problem's line and text; every text can be said."""
    say = catalogue()
    return [(one.line, say(one.key, **one.params)) for one in problems]


def read(text: str) -> tuple[importing.Sheet, list[tuple[int, str]]]:
    """Read a file that has a shape."""
    sheet, problems = importing.read("f.csv", text.encode())
    assert sheet is not None, told(problems)
    return sheet, told(problems)


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 1, "nothing in this file"),
        (b"\xff\xfename", 1, "not UTF-8"),
        (b"name,type,purpose\nA,B,\xe9t\xe9", 2, "not UTF-8"),
        (b"Riverside,Interest,Runs", 1, "first line must name the columns"),
        (b"name,type\nA,B", 1, "no column “purpose”"),
        (b"user_id,home\n1,A", 1, "no column “group”"),
        (b"user_id,group,mood\n1,A,x", 1, "know no column"),
        (b"user_id,group,group\n1,A,A", 1, "two columns"),
        (b"user_id,group\n", 1, "nothing below"),
        (b'user_id,group\n1,"A', 2, "quotes of this line"),
    ],
)
def test_a_file_without_a_shape_says_so(data: bytes, line: int, words: str) -> None:
    """Each with the line where it shows; nothing is guessed."""
    _sheet, problems = importing.read("f.csv", data)
    found = told(problems)
    assert any(at == line and words in text for at, text in found), found


def test_which_file_it_is_the_first_line_says() -> None:
    """In any order of columns, by comma or semicolon, with a byte order mark, in any case."""
    groups, _ = read("\ufeffPurpose;Name;Type\nWe run around the lake;Runners;Interest\n")
    assert groups.kind == "groups"
    assert groups.lines[0].cells["name"] == "Runners"
    members, _ = read("group,user_id\r\nRunners,123456789012345678\r\n")
    assert members.kind == "members"


def test_every_wrong_line_of_groups_is_found_with_its_number() -> None:
    """A cell may hold line breaks, and a line may be wrong twice."""
    sheet, shape = read(
        "name,type,purpose,norms,colour,zone\n"
        'Runners,Interest,We run around the lake,"Be kind\nBe slow\nBe there",,\n'
        "R,,short,,blurple,\n"
        "\n"
        "RUNNERS,Interest,We run around the lake,,,Nowhere/City\n"
        "Readers,Interest\n"
        "Cooks,Interest,We cook what is in season,,#102030,Europe/Lisbon\n"
    )
    good, problems = importing.groups(sheet)
    found = told(problems)
    assert shape == [(8, "This line has 2 cells; the first line names 6.")]
    assert [at for at, _ in found] == [5, 5, 5, 5, 7, 7]
    assert any("Write the colour as" in text for _, text in found)
    assert (7, "“RUNNERS” stands in line 2 already.") in found
    assert [(line.number, line.name) for line in good] == [(2, "Runners"), (9, "Cooks")]
    assert good[0].charter.norms.count("\n") == 2
    assert good[1].charter.colour == 0x102030


def test_every_wrong_line_of_members_is_found() -> None:
    """What is no id, twice there, without a group, or at no moment."""
    sheet, _ = read(
        "user_id,group,since\n"
        "123456789012345678,Runners,2026-03-01T10:00:00+02:00\n"
        "Kim#1234,Runners,\n"
        "123456789012345678,Readers,\n"
        "123456789012345679,,\n"
        "123456789012345670,Runners,yesterday\n"
        "123456789012345671,Runners,2027-01-01\n"
        "1.23457E+17,Runners,\n"
    )
    good, problems = importing.members(sheet, NOW)
    assert [line.number for line in good] == [2]
    assert good[0].since == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert [at for at, _ in told(problems)] == [3, 4, 5, 6, 7, 8]
    assert "123456789012345678 stands in line 2 already" in told(problems)[1][1]


@given(
    st.lists(
        st.tuples(
            *[st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=9)] * len(MEMBERS)
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read_back(rows: list[tuple[str, ...]]) -> None:
    """Whatever stands in the cells: quotes, commas, semicolons, signs of all scripts."""
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    sheet, problems = importing.read("f.csv", importing.written(MEMBERS, kept).encode())
    if not kept:
        assert told(problems) == [(1, "There is nothing below the first line.")]
        return
    assert problems == []
    assert sheet is not None
    assert [list(line.cells.values()) for line in sheet.lines] == [
        [cell.strip() for cell in row] for row in kept
    ]


def test_every_column_of_groups_is_a_charters_or_the_type() -> None:
    """So that an export holds all that an import takes."""
    assert set(GROUPS) == set(Charter.__dataclass_fields__) | {"type"}
