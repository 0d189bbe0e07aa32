"""Regions become groups and topics become rooms, by the rules that docs/demo.md states."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from demo.geography import EVERYTHING_ELSE, draw
from demo.log import Entry

START = datetime(2026, 1, 1, tzinfo=UTC)


def written(*who_where: tuple[int, str]) -> list[Entry]:
    """Return one entry per (author, channel), a minute apart."""
    return [
        Entry(number, START + timedelta(minutes=number), channel, author, None, ())
        for number, (author, channel) in enumerate(who_where)
    ]


def inhabited(region: str, people: range) -> list[tuple[int, str]]:
    """Return three messages of each of some people in one region."""
    return [(person, region) for person in people for _ in range(3)]


def test_people_live_where_they_write_most() -> None:
    """One message elsewhere does not make a home."""
    drawn = draw(
        written(
            *inhabited("region-1", range(6)), *inhabited("region-2", range(6, 12)), (0, "region-2")
        ),
        minimum=5,
    )
    assert drawn.groups == ["region-1", "region-2"]
    assert drawn.home_of[0] == "region-1"
    assert Counter(drawn.home_of.values()) == {"region-1": 6, "region-2": 6}


def test_a_small_region_merges_into_the_one_it_shares_most_writers_with() -> None:
    """The smallest region goes where its people write too, not where most people are."""
    drawn = draw(
        written(
            *inhabited("region-1", range(20)),
            *inhabited("region-2", range(20, 26)),
            *inhabited("region-3", range(30, 33)),
            (30, "region-2"),
            (31, "region-2"),
            (30, "region-1"),
        ),
        minimum=5,
    )
    assert drawn.group_of == {
        "region-1": "region-1",
        "region-2": "region-2",
        "region-3": "region-2",
    }
    assert drawn.home_of[32] == "region-2"


def test_a_small_region_that_shares_nobody_folds_into_the_commons() -> None:
    """Who wrote only there has no home, and its room is the commons' room for everything else."""
    drawn = draw(
        written(*inhabited("region-1", range(6)), *inhabited("region-2", range(10, 12))), minimum=5
    )
    assert drawn.group_of["region-2"] is None
    assert drawn.room_of["region-2"] == EVERYTHING_ELSE
    assert 10 not in drawn.home_of


def test_the_busiest_topics_keep_a_room_of_their_own() -> None:
    """With room for three, two topics keep theirs and the rest shares one."""
    drawn = draw(
        written(
            *((1, "topic-a") for _ in range(5)),
            *((1, "topic-b") for _ in range(3)),
            (1, "topic-c"),
            (1, "topic-d"),
        ),
        minimum=5,
        most_rooms=3,
    )
    assert drawn.room_of == {
        "topic-a": "topic-a",
        "topic-b": "topic-b",
        "topic-c": EVERYTHING_ELSE,
        "topic-d": EVERYTHING_ELSE,
    }
    assert drawn.rooms == [EVERYTHING_ELSE, "topic-a", "topic-b"]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30),
            st.sampled_from([f"region-{n}" for n in range(9)] + [f"topic-{n}" for n in range(9)]),
        ),
        max_size=120,
    ),
    st.integers(1, 8),
)
def test_whatever_the_log_every_group_has_its_minimum(
    who_where: list[tuple[int, str]], minimum: int
) -> None:
    """Every group has enough homes, every region a place, and rooms stay few."""
    drawn = draw(written(*who_where), minimum=minimum, most_rooms=4)
    size = Counter(drawn.home_of.values())
    assert set(size) == set(drawn.groups)
    assert all(count >= minimum for count in size.values())
    assert set(drawn.group_of) == {where for _, where in who_where if where.startswith("region")}
    for region, group in drawn.group_of.items():
        assert (group is None) == (region in drawn.room_of)
        assert group is None or drawn.group_of[group] == group
    assert len(drawn.rooms) <= 4
