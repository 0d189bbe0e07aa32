"""docs/privacy.md is what `python -m bot privacy page` prints, and says nothing that is not so."""

import re
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.privacy_page import PERIODS, page
from bot.rules.keeping import KEPT
from bot.services import personal
from bot.settings import Settings
from models import Base

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


def test_the_page_is_up_to_date() -> None:
    """Write it anew with `python -m bot privacy page > docs/privacy.md`."""
    assert page() == PAGE


def test_the_command_prints_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the periods of the operator's own settings."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text("ties_days = 77\n")
    assert main(["privacy", "page"]) == 0
    printed = capsys.readouterr().out
    assert "| 77 | how much you and somebody else answered each other" in printed
    assert "Goes after 77 days" in printed


def test_every_table_stands_there_once() -> None:
    """With its purpose, its rule, and the columns that name people."""
    lines = {match[1]: match[0] for match in re.finditer(r"^\| `(\w+)` \|.*$", PAGE, re.MULTILINE)}
    assert lines.keys() == Base.metadata.tables.keys()
    for table in Base.metadata.tables.values():
        assert table.info["purpose"] in lines[table.name]
        for column in personal.people_columns(table):
            assert f"`{column.name}`" in lines[table.name]
    assert "{" not in PAGE


def test_every_period_is_explained() -> None:
    """Each setting by which something goes has a line, and each line is such a setting."""
    in_use = {kept.days for kept in KEPT.values() if isinstance(kept.days, str)}
    named = set(
        re.findall(r"\{(\w+)\}", "".join(t.info["erase"] for t in Base.metadata.tables.values()))
    )
    assert in_use | named == set(PERIODS)
    assert set(PERIODS) <= set(Settings.model_fields)
