"""The ledger keeps what the tables forget, and the picture and the lines are made of it."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from demo import picture
from demo.ledger import Day, Ledger, Story
from demo.ledger import Pulse as Asked
from demo.ledger import Split as Told
from demo.show import Show, Week, summary
from models import (
    Base,
    Cohort,
    Group,
    GroupAsk,
    GroupAskAnswer,
    GroupRest,
    GroupType,
    HealthFigure,
    Letter,
    LetterName,
    Lineage,
    Membership,
    Pulse,
    QuietEpisode,
    Ritual,
    RitualHost,
    Server,
    Split,
    SplitSeat,
    Visit,
    Waiting,
)
from tests.demo.tables import Tables

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def group(group_id: int, name: str, *homes: int) -> list[Base]:
    """Return a group's row and those of the people who live there."""
    return [
        Group(
            id=group_id,
            server_id=1,
            type_id=1,
            name=name,
            name_key=name.casefold(),
            cap=50,
            homes=len(homes),
            created_at=NOW,
        ),
        *(Membership(server_id=1, user_id=user, group_id=group_id, since=NOW) for user in homes),
    ]


@pytest.fixture
def filled(tables: Tables) -> Tables:
    """Return the tables of a server with one type of groups."""
    tables.add(
        Server(id=1, added_at=NOW),
        GroupType(id=1, server_id=1, name="Place", name_key="place", kind="geographic"),
    )
    return tables


def episode(episode_id: int, group_id: int, user: int, kind: str = "quiet") -> QuietEpisode:
    """Return an open episode."""
    return QuietEpisode(
        id=episode_id,
        server_id=1,
        group_id=group_id,
        user_id=user,
        kind=kind,
        silent_since=NOW - 12 * DAY,
        began_at=NOW,
    )


def letter(letter_id: int, *, opened: bool) -> Letter:
    """Return a letter to River's facilitator."""
    return Letter(
        id=letter_id,
        server_id=1,
        group_id=1,
        facilitator_id=11,
        written_at=NOW,
        opened_at=NOW if opened else None,
    )


def test_what_is_erased_is_remembered(filled: Tables) -> None:
    """Visits, occurrences and episodes that the bot erased are still counted."""
    filled.add(
        *group(1, "River", 11, 12),
        *group(2, "Pond", 13),
        Visit(id=1, server_id=1, group_id=2, user_id=11, started_at=NOW, ends_at=NOW + 14 * DAY),
        Waiting(server_id=1, user_id=20, group_id=1, since=NOW),
        episode(1, 1, 12),
        episode(2, 2, 13, "faded"),
        letter(1, opened=True),
        letter(2, opened=False),
        LetterName(letter_id=1, episode_id=1),
        LetterName(letter_id=2, episode_id=2),
    )
    with Ledger(filled.file) as ledger:
        assert ledger.look(NOW) == Day(NOW, {1: 2, 2: 1}, visiting=1, waiting=1, quiet=2)
        filled.sql("UPDATE quiet_episode SET closed_at = began_at, closed_by = 'returned'")
        ledger.look(NOW + DAY)
        for table in ("visit", "letter_name", "letter", "quiet_episode"):
            filled.sql(f"DELETE FROM {table}")  # noqa: S608 - the test's own words
        assert ledger.look(NOW + 2 * DAY).quiet == 0
        story = ledger.story
    began = "2026-03-02 12:00:00.000000"
    assert story.visits == {(2, 11, began)}
    assert story.episodes == {(12, began): "returned", (13, began): "returned"}
    assert story.told == {(12, began)}
    assert story.faded == {(13, began)}
    assert story.letters == {(1, 11, began)}
    assert story.largest == 2
    assert story.homes == 3


def test_pulses_and_closed_weeks_are_counted(filled: Tables) -> None:
    """What became of each pulse is remembered; of figures the silent ones are told apart."""

    def pulse(number: int, state: str, people: int | None) -> Pulse:
        ended = None if state == "open" else NOW
        return Pulse(
            id=number,
            server_id=1,
            group_id=number,
            state=state,
            started_at=NOW,
            closes_at=NOW,
            closed_at=ended,
            people=people,
        )

    def figure(week: str, measure: str, value: float | None) -> HealthFigure:
        why = "few" if value is None else None
        return HealthFigure(
            server_id=1, group_id=0, week=week, measure=measure, value=value, silent=why
        )

    filled.add(
        *group(1, "River"),
        *group(2, "Pond"),
        pulse(1, "shown", 9),
        pulse(2, "open", None),
        figure("2026-02-16", "active", 0.5),
        figure("2026-02-16", "pulse_trust", None),
        figure("2026-02-23", "active", 0.6),
    )
    with Ledger(filled.file) as ledger:
        ledger.look(NOW)
        filled.sql("DELETE FROM pulse WHERE id = 1")
        filled.sql("UPDATE pulse SET state = 'few', people = 3, closed_at = started_at")
        ledger.look(NOW + DAY)
        story = ledger.story
    assert story.pulses == {1: Asked("shown", 9), 2: Asked("few", 3)}
    assert (story.weeks_closed, story.figures, story.silent) == (2, 3, 1)


def test_what_groups_have_as_customs_is_counted(filled: Tables) -> None:
    """Turns count where several take them; what was moved and asked is told of when it is gone."""
    day = {"server_id": 1, "group_id": 1}
    filled.add(
        *group(1, "River"),
        *group(2, "Pond"),
        *(
            Ritual(
                id=number,
                **day,
                kind="check_in",
                title="Check-in",
                cadence="weekly",
                weekday=0,
                zone="UTC",
                anchor="2026-03-02",
                state="running",
                moved_from_at=NOW if number == 1 else None,
            )
            for number in (1, 2)
        ),
        *(
            RitualHost(ritual_id=ritual, user_id=user, position=user, state=state, since=NOW)
            for ritual, user, state in (
                (1, 11, "hosts"),
                (1, 12, "hosts"),
                (1, 13, "asked"),
                (2, 11, "hosts"),
            )
        ),
        GroupRest(**day, first="2026-03-09", last="2026-03-15", why="holidays"),
        *(
            GroupAsk(
                id=number,
                **{**day, "group_id": number},
                to_group_id=3 - number,
                named=True,
                text="How?",
                asked_at=NOW,
                put_at=put,
                ends_at=NOW + 7 * DAY,
            )
            for number, put in ((1, NOW), (2, None))
        ),
        GroupAskAnswer(ask_id=1, user_id=21, named=True, text="So.", at=NOW),
        Cohort(group_id=1, server_id=1, starts_on="2026-03-02", starts_at=NOW, told_at=NOW),
    )
    with Ledger(filled.file) as ledger:
        ledger.look(NOW)
        assert ledger.story.cohorts == {1: False}
        filled.sql("UPDATE cohort SET circle_at = starts_at")
        filled.sql("UPDATE ritual SET moved_from_at = NULL")
        ledger.look(NOW + DAY)
        for table in ("ritual_host", "group_rest", "group_ask_answer", "group_ask", "cohort"):
            filled.sql(f"DELETE FROM {table}")  # noqa: S608 - the test's own words
        ledger.look(NOW + 2 * DAY)
        story = ledger.story
    assert story.hosts == {(1, 11), (1, 12)}
    assert story.moved == {(1, "2026-03-02 12:00:00.000000")}
    assert (len(story.rests), story.asks, story.cohorts) == (1, {1: 1}, {1: True})


def test_a_split_is_told_when_its_rows_have_changed(filled: Tables) -> None:
    """A plan is no split yet; afterwards sizes, the parent's old name and the child are known."""
    filled.add(
        *group(1, "River", 11, 12, 13),
        Split(
            id=1,
            server_id=1,
            group_id=1,
            planned_at=NOW,
            looked_at=NOW,
            mean_share=0.9,
            kept_weight=0.9,
            stranded=0,
        ),
        *(
            SplitSeat(split_id=1, user_id=user, child=child, planned=child)
            for user, child in ((11, 0), (12, 0), (13, 1))
        ),
    )
    with Ledger(filled.file) as ledger:
        ledger.look(NOW)
        assert not ledger.story.splits
        filled.add(*group(2, "Pond"), Lineage(child_id=2, parent_id=1, split_id=1, at=NOW))
        filled.sql("UPDATE membership SET group_id = 2 WHERE user_id = 13")
        filled.sql(
            "UPDATE split SET moved_at = ?, moved = 1, state = 'done'", "2026-03-02 12:00:00.000000"
        )
        ledger.look(NOW + DAY)
        assert ledger.story.parents == {2: 1}
        assert ledger.story.splits[1] == Told(1, 1, "River", (2, 1), 1, 0.9, 0, NOW)


@pytest.fixture
def story() -> Story:
    """Return ten weeks of three groups, one of which splits in the fifth."""
    told = Story(names={1: "River", 2: "Owls", 3: "Pond"}, parents={3: 1})
    for number in range(71):
        sizes = {1: min(2 * number, 80) + 20, 2: 30}
        if number >= 35:
            sizes |= {1: sizes[1] // 2, 3: sizes[1] - sizes[1] // 2}
        told.days.append(Day(NOW + number * DAY, sizes, number % 7, 2, number // 5))
    told.splits[1] = Told(1, 1, "River", (45, 45), 45, 0.91, 0, NOW + 35 * DAY)
    return told


def test_the_picture_is_drawn(story: Story, tmp_path: Path) -> None:
    """A PNG of a fair size comes out, for a long story and for one of a single day."""
    file = tmp_path / "picture.png"
    picture.draw(story, file, title="Harbour")
    assert file.read_bytes().startswith(b"\x89PNG")
    assert file.stat().st_size > 20_000
    del story.days[1:], story.splits[1]
    picture.draw(story, file, title="Harbour")


def test_children_flow_right_above_their_parents(story: Story) -> None:
    """A family's bands lie side by side, so that a split looks like a branch."""
    order = picture.family_order(story)
    assert order.index(3) == order.index(1) + 1


TOGETHER: dict[str, Any] = {
    "kinds": {"check_in": 9, "wins": 4},
    "threads": 31,
    "pairs": {"rounds": 12, "pairs": 80, "met": 62, "met_again_too_early": 0},
    "goals": {"begun": 2, "people": 20, "check_ins": 240, "completed": 11},
    "gatherings": {"dates": 6, "yes": 40, "came": 31, "events": 3},
    "bridges": {"shared": 25, "published": 19, "editions": 7, "without_source": 0},
    "guest_evenings": 3,
    "hosts": 8,
    "moved": 5,
    "rests": 2,
    "asks": {"put": 4, "answers": 9},
    "cohorts": {"begun": 1, "circles": 1},
}
FIGURES: dict[str, Any] = {
    "members": 900,
    "groups": 3,
    "homes": 150,
    "visits_ever": 40,
    "cap": 150,
    "largest_group": 150,
    "members_with_two_homes": 0,
    "rituals": {"due": 30, "posted": 29, "posted_twice": 0, "skipped": 1},
    "quiet": {
        "episodes": 20,
        "alerts": 18,
        "returned": 7,
        "faded": 5,
        "faded_alerts": 4,
        "letters": 9,
    },
    "splits": [{"moved": 45, "requests": 50, "mean_share": 0.91, "stranded": 0}],
    "requests": {"total": 9000, "by_route": {}, "rate_limited": 3},
    "pulses": {"asked": 12, "shown": 9, "few": 2, "declined": 1, "answers": 81},
    "together": TOGETHER,
    "health": {"weeks": 9, "figures": 700, "silent": 310, "of_few": 0},
    "pictures": {"sent": 14, "in_report": 6, "without_words": 0},
    "log": {"lines": 220, "given_away": 0},
    "drift": 0,
    "errors": 0,
    "virtual_days": 70,
    "wall_seconds": 99.4,
}


@pytest.mark.parametrize("terminal", [True, False])
def test_weeks_and_the_end_read_well(story: Story, terminal: bool) -> None:
    """Without a terminal there are plain lines only; the summary tells what was found."""
    screen = io.StringIO()
    console = Console(file=screen, width=100, force_terminal=terminal, highlight=False)
    show = Show(console)
    with show.open(timedelta(weeks=10)):
        show.head()
        show.now(timedelta(weeks=5), "week 5")
        show.week(Week(5, 812, 1655, 9, 21, 0, 14, 9, 5, 2210))
        show.split(story.splits[1], ["River", "Pond"], 50)
    summary(console, FIGURES, story, Path("hearth.png"))
    text = screen.getvalue()
    assert ("\x1b" in text) == terminal
    if not terminal:
        assert "1,655" in text
        assert "4  of them newcomers who faded away, of 5 who did" in text
        assert "80  pairs; rounds: 12, pairs that met: 62" in text
        assert "19  bridges published, of 25 shared; editions of From the neighbourhoods: 7" in text
        assert "River, 90 people, becomes River (45) and Pond (45)" in text
        assert "All is as it should be" in text
        assert "the log's 220 lines name nobody" in text
        assert max(len(line) for line in text.splitlines() if "🌱" not in line) <= 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"drift": 3},
        {"errors": 3},
        {"members_with_two_homes": 3},
        {"health": {**FIGURES["health"], "of_few": 3}},
        {"together": {**TOGETHER, "pairs": {**TOGETHER["pairs"], "met_again_too_early": 3}}},
        {"together": {**TOGETHER, "bridges": {**TOGETHER["bridges"], "without_source": 3}}},
        {"pictures": {**FIGURES["pictures"], "without_words": 3}},
        {"log": {**FIGURES["log"], "given_away": 3}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_wrong_is_said(story: Story, wrong: dict[str, Any]) -> None:
    """A figure that should be nothing is named when it is not."""
    screen = io.StringIO()
    summary(Console(file=screen, width=100), {**FIGURES, **wrong, "splits": []}, story, None)
    assert "Not as it should be: 3" in screen.getvalue()
    assert "All is as it should be" not in screen.getvalue()
