"""The demo's JSON has the promised shape, and its command line reads well."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.__main__ import main, parser
from demo.checker import Verdict
from demo.figures import Seen, figures, in_order, unexpected
from demo.ledger import Day, Pulse, Split, Story
from sandbox.requestlog import RequestLog

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def story() -> Story:
    """Return a short story."""
    return Story(
        days=[Day(NOW, {1: 40, 2: 30}, visiting=2, waiting=0, quiet=3)],
        names={1: "River", 2: "Pond"},
        splits={7: Split(7, 1, "River", (38, 32), 32, 0.91234, 0, NOW)},
        visits={(1, 1, "a"), (1, 2, "a"), (1, 1, "b")},
        occurrences={(1, "a"): "posted", (1, "b"): "skipped", (2, "a"): "posted"},
        episodes={(1, "a"): "returned", (2, "a"): None},
        told={(1, "a")},
        faded={(1, "a"), (3, "a")},
        letters={(1, 9, "a")},
        largest=70,
        pulses={
            1: Pulse("shown", 8),
            2: Pulse("few", 3),
            3: Pulse("open", 0),
            4: Pulse("declined", 0),
        },
        kinds={"wins": 4, "check_in": 9},
        threads={1, 2, 3},
        rounds={1: (7, 3, 2), 2: (6, 3, 3)},
        goals={1: (8, 40, 5)},
        gatherings={1: (6, 5), 2: (4, 0)},
        events={1},
        shared={1, 2, 3},
        published={2, 3},
        editions={1},
        evenings={1, 2},
        moved={(1, "a"), (1, "b")},
        rests={4},
        hosts={(1, 1), (1, 2), (2, 1)},
        asks={1: 3, 2: 0},
        cohorts={1: True, 2: False},
        weeks_closed=10,
        figures=300,
        silent=90,
    )


def test_the_shape_is_as_promised(story: Story) -> None:
    """Every field is there, counted from what was seen."""
    requests = RequestLog(total=9, rate_limited=1)
    requests.by_route.update({"PUT /a": 6, "GET /b": 3})
    found = figures(
        story,
        Verdict(posted_twice=["x"], of_few=["y"], met_again=["z"], sourceless=["s", "t"]),
        requests,
        members=80,
        cap=70,
        split_requests={7: 37},
        errors=["one"],
        seen=Seen(pictures=6, report=4, wordless=2, lines=50, given_away=1),
        virtual=timedelta(days=84),
        wall_seconds=12.34,
    )
    assert found == {
        "members": 80,
        "groups": 2,
        "homes": 70,
        "visits_ever": 3,
        "cap": 70,
        "largest_group": 70,
        "members_with_two_homes": 0,
        "rituals": {"due": 3, "posted": 2, "posted_twice": 1, "skipped": 1},
        "quiet": {
            "episodes": 2,
            "alerts": 1,
            "returned": 1,
            "faded": 2,
            "faded_alerts": 1,
            "letters": 1,
        },
        "splits": [
            {
                "parent": "River",
                "sizes": [38, 32],
                "moved": 32,
                "requests": 37,
                "mean_share": 0.9123,
                "stranded": 0,
            }
        ],
        "requests": {"total": 9, "by_route": {"PUT /a": 6, "GET /b": 3}, "rate_limited": 1},
        "pulses": {"asked": 4, "shown": 1, "few": 1, "declined": 1, "answers": 11},
        "together": {
            "kinds": {"check_in": 9, "wins": 4},
            "threads": 3,
            "pairs": {"rounds": 2, "pairs": 6, "met": 5, "met_again_too_early": 1},
            "goals": {"begun": 1, "people": 8, "check_ins": 40, "completed": 5},
            "gatherings": {"dates": 2, "yes": 10, "came": 5, "events": 1},
            "bridges": {"shared": 3, "published": 2, "editions": 1, "without_source": 2},
            "guest_evenings": 2,
            "hosts": 3,
            "moved": 2,
            "rests": 1,
            "asks": {"put": 2, "answers": 3},
            "cohorts": {"begun": 2, "circles": 1},
        },
        "health": {"weeks": 10, "figures": 300, "silent": 90, "of_few": 1},
        "pictures": {"sent": 6, "in_report": 4, "without_words": 2},
        "log": {"lines": 50, "given_away": 1},
        "drift": 0,
        "errors": 1,
        "virtual_days": 84,
        "wall_seconds": 12.3,
    }
    for part, what in (
        (found, "errors"),
        (found["rituals"], "posted_twice"),
        (found["health"], "of_few"),
        (found["together"]["pairs"], "met_again_too_early"),
        (found["together"]["bridges"], "without_source"),
        (found["pictures"], "without_words"),
        (found["log"], "given_away"),
    ):
        assert not in_order(found)
        part[what] = 0
    assert in_order(found)


def test_closed_dms_and_limits_are_expected() -> None:
    """Of all refusals only those that nobody should have met are errors."""
    requests = RequestLog()
    for route, status, code in (
        ("POST /channels/{channel_id}/messages", 403, 50007),
        ("PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}", 403, 50013),
        ("GET /guilds/{guild_id}", 429, 0),
    ):
        requests.count(route, status, code, shared=False)
    assert unexpected(requests) == [
        "PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}: 403 (50013)"
    ]


def test_what_was_removed_already_is_expected_where_answers_get_lost() -> None:
    """A removal that is asked for again finds nothing; without faults that would be a mistake."""
    requests = RequestLog()
    requests.count("DELETE /channels/{channel_id}", 404, 10003, shared=False)
    requests.count("GET /channels/{channel_id}", 404, 10003, shared=False)
    assert len(unexpected(requests)) == 2
    assert unexpected(requests, faults=True) == ["GET /channels/{channel_id}: 404 (10003)"]


def test_options_come_with_sizes_that_make_sense(capsys: pytest.CaptureFixture[str]) -> None:
    """By default 900 people live through 12 weeks; a crowd without end is refused in one line."""
    asked = parser().parse_args([])
    assert (asked.members, asked.weeks) == (900, 12)
    with pytest.raises(SystemExit):
        parser().parse_args(["--members", "0"])
    assert "20 to 20,000, not 0" in capsys.readouterr().err


def test_a_log_that_cannot_be_read_ends_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is no log ends the demo before anything is started."""
    file = tmp_path / "log.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    assert main(["--replay", str(file)]) == 2
    assert capsys.readouterr().err.startswith("This log cannot be replayed. line 1:")
