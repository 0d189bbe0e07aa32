"""What is said about who has gone quiet, and who fades: checked on lives small enough to count."""

import asyncio
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from benchmarks import newcomers, quiet
from benchmarks.__main__ import main
from benchmarks.files import GivenError
from benchmarks.options import Options
from benchmarks.presence import DAY, Presence, drawn, read
from benchmarks.spells import spells
from bot.rules.rhythm import PATIENCE, patience, rhythm


def lives(people: Mapping[int, Sequence[float]], end: float) -> Presence:
    """Return people who were there on these days, known from day 0 to the end."""
    known = {who: DAY * np.array(days, dtype=np.float64) for who, days in people.items()}
    return Presence("ours", known, 0.0, DAY * end)


MARA = (0.5, 1.2, 1.9, 2.5, 3.5, 40.5)  # back after 37 days, and gone after that


def test_a_silence_is_a_lapse_after_sixty_days() -> None:
    """Mara's last one is; Jo's is open, since the log ends before anybody could know."""
    found = spells(lives({1: MARA, 2: (0.5, 70.5)}, end=110.0))
    mara, jo = found.where(found.person == 1), found.where(found.person == 2)
    assert mara.days.tolist() == pytest.approx([0.7, 0.6, 1.0, 37.0, 69.5])
    assert mara.lapse.tolist() == [False] * 4 + [True]
    assert mara.presence.tolist() == [1, 2, 3, 4, 5]
    assert jo.lapse.tolist() == [True, False]
    assert jo.open.tolist() == [False, True]


def test_many_at_once_are_judged_as_each_alone() -> None:
    """The benchmark's patience is the one that Hearth ships."""
    town = drawn()
    every = spells(town)
    some = every.where(np.arange(len(every.days)) % 97 == 0)
    for factor in PATIENCE.values():
        at_once = quiet.hearth(some, factor)
        for place, person in enumerate(some.person.tolist()):
            days = np.unique(town.people[person] // DAY).astype(int)
            known = [day for day in days.tolist() if day <= some.since[place] // DAY]
            assert at_once[place] == pytest.approx(patience(rhythm(known), factor))


def test_a_way_is_matched_to_as_many_false_alarms() -> None:
    """No lower factor would do; one line for everybody is matched by itself."""
    regular = spells(drawn())
    regular = regular.where((regular.presence >= 4) & ~regular.open)
    alarms = quiet.false_alarms(regular, quiet.fixed(regular, 14.0))
    assert alarms > 0
    assert quiet.delay(regular, quiet.fixed(regular, 14.0)) == 14.0
    for way in (quiet.hearth, quiet.unfaded, quiet.median, quiet.by_lot):
        factor = quiet.matched(regular, way, alarms)
        assert quiet.false_alarms(regular, way(regular, factor)) <= alarms
        assert quiet.false_alarms(regular, way(regular, factor * 0.999)) > alarms


def test_who_knows_everything_names_nobody_wrongly() -> None:
    """Three names for fifty people and week; nobody is named twice in one silence."""
    people = {who: [day + who / 100 for day in range(0, 200, 2)] for who in range(50)}
    for gone in range(8):
        people[gone] = [day for day in people[gone] if day < 150]
    regular = spells(lives(people, end=230.0))
    regular = regular.where((regular.presence >= 4) & ~regular.open)

    def oracle(rows: quiet.Spells, lasted: quiet.Floats) -> quiet.Floats:
        return np.where(rows.lapse & (lasted >= 7), 2.0, 0.0)

    # Fewer than all eight: their silences are right for two weeks, of three names each.
    assert quiet.weekly(regular, oracle, DAY * 100, DAY * 199)[:2] == (6, 6)
    none = quiet.weekly(regular, lambda _, lasted: lasted * 0, DAY * 100, DAY * 199)
    assert none[:2] == (0, 0)
    assert none[2] >= 14 * 2


def test_the_drawn_town_is_measured_without_files() -> None:
    """Every figure is there; who knows more is right more often, the lot least."""
    (found,) = asyncio.run(quiet.run(Options())).values()
    assert found["delay_fa14"] < 14
    assert found["delay_fa21"] < 21
    assert found["random_fa14"] > found["median_fa14"] > found["delay_fa14"]
    assert found["oracle_precision3"] > found["precision3"] > found["random_precision3"]
    (new,) = asyncio.run(newcomers.run(Options())).values()
    assert 0.4 < new["never_regular"] < 0.8
    assert new["soon_right"] <= new["usual_right"] <= new["late_right"]
    assert new["soon_back_named"] >= new["usual_back_named"] >= new["late_back_named"]


def test_it_is_shown_and_floors_can_fail() -> None:
    """A table per set; where nothing is won, that is said."""
    console = Console(width=160, record=True, file=io.StringIO())
    figures = dict(asyncio.run(quiet.run(Options())))
    quiet.show(console, figures)
    new = dict(asyncio.run(newcomers.run(Options())))
    newcomers.show(console, new)
    text = console.export_text()
    assert "Who has gone quiet: generated" in text
    assert "Newcomers who fade: generated" in text
    assert quiet.failures(figures) == []
    assert newcomers.failures(new) == []
    late = {"late": {**figures["generated"], "delay_fa14": 14.0}}
    assert len(quiet.failures(late)) == 1
    slow = {"slow": {**new["generated"], "delay_fa7": 7.0}}
    assert len(newcomers.failures(slow)) == 1
    assert newcomers.failures({"few": {**slow["slow"], "not_back": 20}}) == []


def test_given_files_are_told_apart_by_their_header(tmp_path: Path) -> None:
    """Of pairs the source was there; of a log the author."""
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("source,target,timestamp\n1,2,1500000000\n1,3,1500090000\n")
    assert {who: len(at) for who, at in read(pairs).people.items()} == {1: 2}
    log = tmp_path / "town.csv"
    log.write_text(
        "message,timestamp,channel,author,reply_to,mentions\n1,1500000000,region-001,7,,8\n"
    )
    assert (read(log).name, list(read(log).people)) == ("town", [7])
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("source,target\n1,2\n")
    with pytest.raises(GivenError, match="neither a log nor pairs"):
        read(wrong)
    wrong.write_text("source,target,timestamp\nx,2,1\n")
    with pytest.raises(GivenError, match="invalid literal"):
        read(wrong)
    wrong.write_text("source,target,timestamp\n")
    with pytest.raises(GivenError, match="nobody was ever there"):
        read(wrong)
    wrong.write_bytes(b"\xff\xfe")
    with pytest.raises(GivenError, match="cannot be read"):
        read(wrong)


def test_the_command_line_measures_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both parts of what is quiet, filed under the file's name; a bad file is said in one line."""
    rows = [
        f"{who},0,{int(1_500_000_000 + DAY * day)}"
        for who in range(20)
        for day in range(0, 200 if who % 2 else 100, 1 + who % 5)
    ]
    given, out = tmp_path / "ours.csv", tmp_path / "out.json"
    given.write_text("\n".join(["source,target,timestamp", *rows]) + "\n")
    main(["--only", "quiet", "--replay", str(given), "--json", str(out)])
    found = json.loads(out.read_text())
    assert {part: list(sets) for part, sets in found.items()} == {
        "quiet": ["ours"],
        "newcomers": ["ours"],
    }
    assert {"delay_fa14", "delay_fa21", "precision3", "fixed_precision3"} <= found["quiet"][
        "ours"
    ].keys()
    capsys.readouterr()
    assert main(["--only", "quiet", "--replay", str(tmp_path / "none.csv")]) == 2
    assert "cannot be read" in capsys.readouterr().err
