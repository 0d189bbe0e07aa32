"""What the splits' benchmark cuts out, compares and says."""

import gzip
import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from benchmarks import parting, splits
from benchmarks.crowds import SIZE, Crowd, crowds, grown
from benchmarks.files import GivenError
from benchmarks.given import Answer, Given, Tie, read
from benchmarks.report import failures, show

DAY = 86_400


def two_camps(*, since: bool = True) -> Crowd:
    """Return forty people in two camps who came in turns, and what they say later."""
    pairs = itertools.combinations(range(1, 41), 2)
    ties = [(a, b, 2.0) for a, b in pairs if (a <= 20) == (b <= 20)]
    joined = {who: float(who % 20) for who in range(1, 41)} if since else {}
    return Crowd(tuple(range(1, 41)), (*ties, (1, 40, 1.0)), joined, ((1, 2, 3.0), (1, 40, 1.0)))


def test_a_log_is_read_as_hearth_counts_ties(tmp_path: Path) -> None:
    """A reply, a mention and what is written soon after somebody, with the worth they have."""
    rows = (
        "message,timestamp,channel,author,reply_to,mentions",
        "0,1740436801,region-000,0,,",
        "1,1740436900,region-000,7,0,",
        "2,1740500000,region-000,8,,7",
    )
    with gzip.open(tmp_path / "log.csv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(rows))
    found = read(tmp_path / "log.csv.gz")
    assert (found.name, found.timed, found.is_log) == ("log", True, True)
    said = [(answer.source, answer.target, answer.worth) for answer in found.answers]
    assert said == [(8, 1, 1), (8, 1, 3), (9, 8, 2)]
    assert found.since() == {8: 1740436900, 1: 1740436900, 9: 1740500000}


def test_pairs_are_read_with_times_or_without(tmp_path: Path) -> None:
    """Each row is a reply; nobody answers themselves; departments are found beside the file."""
    (tmp_path / "mail.csv").write_text("source,target\n0,1\n1,0\n2,2\n1,2\n")
    (tmp_path / "mail-departments.csv").write_text("node,department\n0,4\n1,4\n2,5\n")
    mail = read(tmp_path / "mail.csv")
    assert mail.all_ties() == [(0, 1, 6), (1, 2, 3)]
    assert mail.departments == {0: 4, 1: 4, 2: 5}
    assert not mail.timed
    (tmp_path / "chat.csv").write_text(f"source,target,timestamp\n1,2,{31 * DAY}\n1,3,{DAY}\n")
    chat = read(tmp_path / "chat.csv")
    first, then = chat.ties_at([DAY, 61 * DAY])
    assert [(low, high) for low, high, _ in first] == [(1, 3)]
    (_, friend, later), (_, _, earlier) = then
    assert friend == 2
    assert 3 > later > earlier > 0
    assert first[0][2] > earlier, "a tie fades"


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "source,target\n", "source,target\n1,x\n"])
def test_what_cannot_be_used_is_said(tmp_path: Path, text: str) -> None:
    """A header that is neither, a file without answers, and one that is no numbers."""
    (tmp_path / "what.csv").write_text(text)
    with pytest.raises(GivenError, match="what"):
        read(tmp_path / "what.csv")


def test_groups_are_grown_around_somebody() -> None:
    """All are tied to the group they are in, and the same seed grows the same one."""
    ties: list[Tie] = [(a, a + 1, 1.0) for a in range(1, 400)] + [(1000, 1001, 1.0)]
    group = grown(ties, np.random.default_rng(3))
    assert len(set(group)) == SIZE
    assert max(group) - min(group) == SIZE - 1, "a chain is grown from one person along it"
    assert group == grown(ties, np.random.default_rng(3))
    assert sorted(grown([(1, 2, 1.0)], np.random.default_rng(0))) == [1, 2]


def test_groups_of_departments_are_whole_ones(tmp_path: Path) -> None:
    """Two to five whole departments of 135 to 165 people, no more than 150 of them."""
    departments = {who: who // 40 for who in range(200)} | {900: 9}
    answers = [Answer(0, who, who + 1, 3) for who in range(199)]
    office = Given(tmp_path.name, answers, timed=False, departments=departments)
    for crowd in crowds(office, 1):
        of = [departments[who] for who in crowd.members]
        assert len(set(of)) == 4
        assert len(of) == SIZE
        assert not crowd.since
        assert not crowd.later


def test_later_answers_are_among_the_members_and_later() -> None:
    """Half a year of answers: what is told later was said after the moment of the plan."""
    generated = splits.generated(2, people=200, days=60)
    first, *_, last = list(crowds(generated, 1))
    assert sum(worth for *_, worth in first.later) > sum(worth for *_, worth in last.later) > 0
    for crowd in (first, last):
        assert {who for one, other, _ in crowd.later for who in (one, other)} <= {*crowd.members}
        assert set(crowd.since) == set(crowd.members)


def test_ways_stand_beside_each_other() -> None:
    """Where the camps are plain all that look at ties find them; chance and age do not."""
    crowd = two_camps()
    kept = {
        way: splits.splitting.measure(sides, crowd.ties).mean_share
        for way, split in splits.WAYS.items()
        if (sides := split(crowd, 1)) is not None
    }
    assert kept["hearth"] == kept["louvain"] == kept["metis"] > 0.98
    assert kept["random"] < 0.7
    assert kept["newest_out"] < 0.7
    assert parting.newest_out(two_camps(since=False), 1) is None


def test_louvains_circles_are_brought_within_the_bounds() -> None:
    """One large circle gives some of its people away; many small ones are put together."""
    large = [(a, b, 1.0) for a, b in itertools.combinations(range(30), 2)]
    small = [(a, a + 1, 1.0) for a in range(30, 70, 2)]
    crowd = Crowd(tuple(range(70)), (*large, *small), {}, ())
    sides = parting.louvain(crowd, 1)
    assert 32 <= sum(sides.values()) <= 38
    assert splits.splitting.measure(sides, crowd.ties).stranded == 0
    alone = [(a, b, 1.0) for a, b in itertools.combinations(range(40), 2)]
    sides = parting.louvain(Crowd(tuple(range(42)), (*alone, (40, 41, 1.0)), {}, ()), 1)
    assert 19 <= sum(sides.values()) <= 23


def test_figures_by_hand() -> None:
    """The strongest tie that is cut, the quieter half, and what stays inside later."""
    sides = {1: 0, 2: 0, 3: 1, 4: 1}
    ties: list[Tie] = [(1, 2, 3.0), (2, 3, 5.0), (3, 4, 1.0)]
    assert parting.strongest_lost(sides, ties) == 2 / 4
    assert parting.quieter_half(sides, ties) == pytest.approx(0.5)
    assert parting.stays(sides, [(1, 2, 3.0), (2, 3, 1.0)]) == pytest.approx(0.75)
    assert parting.stays(sides, []) is None


def test_a_set_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small generated set has every figure that is promised, and they make sense."""
    monkeypatch.setattr(splits, "LONG_GROUPS", 2)
    monkeypatch.setattr(splits, "LONGER", 1)
    monkeypatch.setattr(splits, "LARGE", splits.Effort(walks=8, crossings=1))
    monkeypatch.setattr(splits, "WORKERS", 0)
    monkeypatch.setattr("benchmarks.crowds.PAIR_MOMENTS", 2)
    monkeypatch.setattr("benchmarks.crowds.SIZE", 40)
    figures = splits.measured(splits.generated(1, people=80, days=60))
    assert figures["groups"] == 2
    assert figures["stranded"] == 0
    assert figures["mean_share"] > max(figures["random"], figures["newest_out"])
    assert figures["mean_share"] >= figures["louvain"] - 1e-9
    assert figures["future_share"] > figures["future_random"]
    assert 0.98 <= figures["vs_long"] <= 1
    assert figures["seconds"] > 0
    assert failures({"splits": {"small": figures}}) == []


def figures(**more: object) -> dict[str, Any]:
    """Return the figures of splits that keep what they should."""
    ways = ("random", "newest_out", "louvain", "metis")
    names = ("stranded", "kept_weight", "lost_strongest", "balance")
    return {
        "groups": 20,
        "seed": 1,
        "mean_share": 0.93,
        **dict.fromkeys(names, 0),
        **dict.fromkeys(ways, 0.8),
        **{f"{way}_{name}": 0.5 for way in ways for name in names},
        "future_share": 0.8,
        **{f"future_{way}": 0.7 for way in ways},
        "vs_long": 0.99,
        "long_groups": 5,
        "seconds": 0.3,
        **more,
    }


@pytest.mark.parametrize(
    ("more", "failing"),
    [
        ({}, 0),
        ({"stranded": 1}, 1),
        ({"louvain": 0.93}, 1),
        ({"vs_long": 0.979}, 1),
        ({"seconds": 3.0}, 0),
        ({"newest_out": None, "future_share": None, "future_louvain": None}, 0),
    ],
)
def test_floors(more: dict[str, object], failing: int) -> None:
    """Nobody alone, above Louvain, near the long search; seconds are only printed."""
    console = Console(width=100, record=True, file=io.StringIO())
    show(console, {"splits": {"mail": figures(**more)}})
    text = console.export_text()
    assert "20 groups of mail become two" in text
    assert "0.930" in text
    assert len(failures({"splits": {"mail": figures(**more)}})) == failing
