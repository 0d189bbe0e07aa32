"""A letter's bounds, its acts, its pages: what Discord takes and what a person can read."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bot.gateway.payloads import LONGEST_TEXT, text_of, view_of
from bot.rules.letter_acts import NEWCOMERS, REGULARS, TITLE_MOST, Known, suggested
from bot.rules.letter_bounds import interval, most_names, most_newcomers
from bot.rules.letter_messages import Named, Other, Outcome, Told, about, letter
from bot.rules.message import Button, Line
from bot.texts import catalogue

SAY = catalogue()
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PERSON = 10**18  # ids are nineteen digits long


@pytest.mark.parametrize(
    ("homes", "names", "newcomers"),
    [
        (0, 1, 1),
        (5, 1, 1),
        (16, 1, 1),
        (17, 2, 1),
        (50, 3, 1),
        (51, 4, 2),
        (150, 9, 3),
        (300, 9, 3),
    ],
)
def test_three_names_for_fifty_people_and_never_more_than_nine(
    homes: int, names: int, newcomers: int
) -> None:
    """A small group has one all the same; newcomers have one place for each fifty."""
    assert most_names(homes) == names
    assert most_newcomers(homes) == newcomers


def test_a_letter_may_slip_by_minutes_but_not_by_a_day() -> None:
    """Weekly and daily come a little early rather than late; none never comes."""
    week, day = interval("weekly"), interval("daily")
    assert week is not None
    assert day is not None
    assert timedelta(days=6, hours=21) < week < timedelta(days=7)
    assert timedelta(hours=21) < day < timedelta(days=1)
    assert interval("none") is None


@pytest.mark.parametrize(
    ("known", "act"),
    [
        (Known(400, hosts="Sunday walk", ritual="Book hour", ritual_at=1), "hosts"),
        (Known(400, greets=True, introduced=True), "greets"),
        (Known(40, introduced=True, ritual="Book hour", ritual_at=1), "introduced"),
        (Known(40, ritual="Book hour", ritual_at=1), "ritual"),
        (Known(40, ritual="Book hour"), "how_are_you"),
        (Known(180), "memory"),
        (Known(179), "how_are_you"),
        (Known(9, newcomer=True, greeter_id=5, introduced=True), "greeted"),
        (Known(9, newcomer=True, greeted_by_reader=True), "you_greeted"),
        (Known(9, newcomer=True, ritual="Book hour", ritual_at=1), "invite"),
        (Known(400, newcomer=True), "by_name"),
        (Known(9, greeter_id=5), "how_are_you"),
    ],
)
def test_an_act_fits_what_the_group_knows(known: Known, act: str) -> None:
    """What somebody does here comes first, then what everybody could be asked."""
    assert suggested(known, 0).key == f"letters.act_{act}"


def test_no_act_is_said_twice_while_there_is_another() -> None:
    """Nine who are alike get eight different acts; turns begin elsewhere."""
    used: set[str] = set()
    for turn in range(8):
        used.add(suggested(Known(30), turn * 3, used).key)
    assert used == {f"letters.act_{act}" for act in REGULARS}
    assert suggested(Known(30), 2, used).key == f"letters.act_{REGULARS[2]}"
    assert suggested(Known(3, newcomer=True), 5).key == f"letters.act_{NEWCOMERS[1]}"


def named(number: int, *, new: bool = False, outcome: Outcome | None = None) -> Named:
    """Return a name with the longest act there is."""
    known = Known(30, hosts="*Walks* " * 9)
    return Named(
        episode_id=number,
        user_id=PERSON + number,
        days=120,
        act=suggested(known, 0),
        since=NOW if new else None,
        outcome=outcome,
        by=PERSON,
    )


def told(names: list[Named], others: list[Other] | None = None, often: str = "weekly") -> Told:
    """Return a letter to somebody with a long group's name."""
    assert often in {"weekly", "daily"}
    return Told(
        letter_id=12_345_678,
        server_id=1,
        group_id=1_234_567,
        group="River side " * 7,
        facilitator_id=PERSON,
        names=names,
        often="daily" if often == "daily" else "weekly",
        by_dm=False,
        others=others or [],
    )


def other(mark: str, lines: int, buttons: int) -> Other:
    """Return another matter with so many long lines and buttons."""
    return Other(
        tuple(Line("find.fits_row_open", {"text": "x" * 180}) for _ in range(lines)),
        tuple(Button("letters.open", f"{mark}:{n}") for n in range(buttons)),
    )


@pytest.mark.parametrize(
    ("regulars", "newcomers", "matters"),
    [*product((0, 1, 3, 4, 9), (0, 1, 3), ((), (2,), (6, 2, 2), (9, 9)))],
)
def test_every_page_fits_into_a_message(
    regulars: int, newcomers: int, matters: tuple[int, ...]
) -> None:
    """Whatever there is: every name once, every matter whole, five rows of five at most."""
    names = [named(n) for n in range(regulars)]
    names += [named(n + regulars, new=True) for n in range(newcomers)]
    whole = told(names, [other(f"open{n}", lines, 2) for n, lines in enumerate(matters)])
    people: list[int] = []
    rows = 0
    page, more = 0, True
    while more:
        message = letter(whole, page)
        text = text_of(message, SAY)
        assert len(text) <= LONGEST_TEXT
        view = view_of(message, SAY)
        assert view is not None
        assert len(view.to_components()) <= 5
        people += [line.params["user"] for line in message.lines if "number" in line.params]
        rows += sum(line.key == "find.fits_row_open" for line in message.lines)
        pressed = [button.press for button in message.buttons]
        assert len(pressed) == len(set(pressed))
        page += 1
        more = any(button.label == "letters.page_after" for button in message.buttons)
    assert people == [one.user_id for one in names]
    assert rows == sum(matters)
    last = letter(whole, 99)
    assert last == letter(whole, page - 1)


def test_a_whole_name_stays_whole_in_the_fullest_letter() -> None:
    """Nine names with acts of usual length are read to the last word."""
    known = Known(30, hosts="y" * TITLE_MOST)
    names = [Named(n, PERSON + n, 120, suggested(known, 0)) for n in range(9)]
    text = text_of(letter(told(names)), SAY)
    assert text.count("ask what would make the next one easy for them.") == 9
    assert text.endswith(SAY("letters.may_mean_nothing"))


def test_what_is_done_with_has_no_act_and_no_answers() -> None:
    """A colleague's word and one's own read differently."""
    mine, theirs = named(1, outcome="reached"), named(2, outcome="reached")
    theirs = Named(2, theirs.user_id, 3, None, None, "reached", PERSON + 7)
    message = letter(told([mine, theirs, named(3, outcome="later"), named(4, outcome="fine")]))
    text = text_of(message, SAY)
    assert f"✓ <@{PERSON + 1}>: you reached out. Thank you." in text
    assert f"✓ <@{PERSON + 2}>: <@{PERSON + 7}> reached out." in text
    assert "→" not in text
    assert SAY("letters.may_mean_nothing") not in text
    assert not message.menus
    assert all(button.row == 4 for button in message.buttons)


def test_one_name_is_asked_about_by_itself() -> None:
    """Its card has four answers and the way back; a name that is settled shows the page again."""
    whole = told([named(n) for n in range(5)] + [named(9, outcome="away")], often="daily")
    card = about(whole, 3, 0)
    assert [button.label for button in card.buttons] == [
        "letters.reached",
        "letters.away",
        "letters.fine",
        "letters.later",
        "letters.back",
    ]
    assert f"<@{PERSON + 3}>" in text_of(card, SAY)
    assert about(whole, 9, 0) == letter(whole, 0)
    assert about(whole, 77, 0) == letter(whole, 0)
    assert text_of(letter(whole), SAY).splitlines()[0].endswith("today.")


def test_names_in_the_menu_are_the_readers_own_where_they_are_known() -> None:
    """A message that is owed knows numbers only."""
    whole = told([named(n) for n in range(4)])
    called = {PERSON + 2: "Mara"}
    (menu,) = letter(whole, 0, called).menus
    assert [choice.label for choice in menu.choices] == ["1", "2", "3 · Mara", "4"]
