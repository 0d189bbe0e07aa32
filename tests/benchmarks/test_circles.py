"""What the circles' benchmark says, and what it takes for a fault."""

import gzip
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks import circles
from benchmarks.options import Options

SAME = np.array([0, 0, 0, 1, 1, 2])
HALVES = np.array([0, 0, 0, 0, 1, 1, 1, 1])
CROSSED = np.array([0, 0, 1, 1, 0, 0, 1, 1])


def test_figures_of_agreement_are_one_for_the_same() -> None:
    """However the parts are called; they are nothing where one says nothing of the other."""
    assert circles.information(SAME, 2 - SAME) == pytest.approx(1)
    assert circles.rand(SAME, 2 - SAME) == pytest.approx(1)
    assert circles.information(HALVES, CROSSED) == pytest.approx(0)
    assert circles.rand(HALVES, CROSSED) == pytest.approx(-1 / 6)
    together = np.zeros(6, dtype=np.int64)
    assert circles.information(together, together) == 1
    assert circles.rand(together, together) == 1


def test_figures_of_agreement_by_hand() -> None:
    """Two halves against one half that is parted again: known by pencil."""
    finer = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    half, quarter = math.log(2), math.log(4)
    entropy = 0.5 * half + 0.5 * quarter
    assert circles.information(HALVES, finer) == pytest.approx(2 * half / (half + entropy))
    # 12 pairs together in the one, 8 in the other, all 8 of them in both, of 28.
    chance = 12 * 8 / 28
    assert circles.rand(HALVES, finer) == pytest.approx((8 - chance) / (10 - chance))


def test_a_town_is_the_same_for_a_seed_and_its_circles_are_of_use() -> None:
    """Sizes between the bounds, ties mostly within; another seed is another town."""
    one, again, other = circles.town(600, 1), circles.town(600, 1), circles.town(600, 2)
    assert np.array_equal(one.low, again.low)
    assert not np.array_equal(one.low[:100], other.low[:100])
    sizes = np.bincount(list(one.known.values()))
    assert sizes.sum() == 600
    assert sizes.max() <= circles.LARGEST
    within = np.mean([one.known[a] == one.known[b] for a, b in zip(one.low, one.high, strict=True)])
    assert 0.6 < within < 0.75


async def test_departments_of_a_file_are_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From pairs and the file beside them; in none counts as being alone."""
    monkeypatch.setattr(circles, "TOWNS", (300,))
    rows = [(a, b) for base in (0, 20, 40) for a in range(base, base + 12) for b in range(base, a)]
    with gzip.open(tmp_path / "office.csv.gz", "wt", encoding="utf-8") as file:
        file.write("source,target\n" + "".join(f"{a},{b}\n" for a, b in [*rows, (0, 20), (60, 61)]))
    with gzip.open(tmp_path / "office-departments.csv.gz", "wt", encoding="utf-8") as file:
        known = [(node, node // 20) for node in range(62)]
        file.write("node,department\n" + "".join(f"{a},{b}\n" for a, b in known))
    found = await circles.run(Options(ties=(tmp_path / "office.csv.gz",)))
    office = found["office"]
    assert (office["circles"], office["largest"], office["nowhere"]) == (3, 12, 2)
    assert 0.9 < office["nmi"] < 1
    assert office["louvain_nmi"] == pytest.approx(1)
    assert set(found) == {"office", "generated-300"}
    assert found["generated-300"]["people"] <= 300


def test_what_is_below_a_floor_is_said() -> None:
    """Departments that are not found, and Louvain that finds better what people were born into."""
    good = {"nmi": 0.8, "ari": 0.7, "louvain_nmi": 0.6, "louvain_ari": 0.3}
    unknown = dict.fromkeys(good)
    assert not circles.failures({"office": good, "log": unknown, "generated-9": good})
    worse = {**good, "nmi": 0.65, "louvain_ari": 0.7}
    assert circles.failures({"office": worse}) == [
        "circles in office: nmi 0.650 is below 0.7",
        "circles in office: Louvain's ari 0.700 is no lower",
    ]
    assert len(circles.failures({"generated-9": worse})) == 1
