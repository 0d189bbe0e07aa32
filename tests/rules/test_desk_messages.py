"""The desk: what waits stands on its front, everything else behind five doors."""

from dataclasses import replace

import pytest

from bot.rules.desk_messages import PAGE_MOST, WAITING_MOST, Card, desk, page
from bot.rules.desk_parts import Page, Part
from bot.rules.message import Button, Choice, Line, Message

CARD = Card(
    group_id=7,
    name="Riverside",
    emoji="🌊",
    stage="open",
    room_id=501,
    homes=12,
    cap=150,
    visitors=3,
    waiting=0,
    concerns=0,
    requests=0,
    facilitators=(14,),
    rituals_running=0,
    rituals_paused=0,
    next_ritual_at=None,
    split_open=False,
    merge_open=False,
    small=False,
    letters="weekly",
    letters_by_dm=False,
)
DOORS = ["desk.people", "desk.rituals", "desk.together", "desk.own_room", "desk.growth"]
PAGES: tuple[Page, ...] = ("people", "together", "room", "growth")
WAYS = (Choice("Every week", "weekly"),)


def labels(message: Message) -> list[str]:
    """Return a message's buttons, by their texts' keys."""
    return [button.label for button in message.buttons]


def keys(message: Message) -> list[str]:
    """Return a message's lines, by their texts' keys."""
    return [line.key for line in message.lines]


def test_a_quiet_day_has_a_letter_and_five_doors() -> None:
    """Nothing waits, and the card says so."""
    front = desk(CARD)
    assert labels(front) == ["desk.letter", *DOORS]
    assert "desk.nothing_waits" in keys(front)
    assert not front.menus


@pytest.mark.parametrize(
    ("waits", "line", "label"),
    [
        ({"requests": 2}, "desk.requests", "desk.who_asks"),
        ({"concerns": 1}, "concerns.desk", "concerns.desk_open"),
        ({"split_open": True}, "desk.split_open", "desk.split"),
        ({"merge_open": True}, "merging.desk_open", "merging.note_open"),
    ],
)
def test_what_waits_stands_on_the_front(waits: dict[str, int], line: str, label: str) -> None:
    """With its button, before the doors, which keep a row of their own."""
    front = desk(replace(CARD, **waits))
    assert line in keys(front)
    assert "desk.nothing_waits" not in keys(front)
    assert label in labels(front)[: -len(DOORS)]
    assert {button.row for button in front.buttons[-len(DOORS) :]} == {4}


def test_what_has_ended_grows_no_more() -> None:
    """Nobody is invited, and there is no door to growth, nor to what could be begun."""
    ended = replace(CARD, stage="archived")
    assert not {"desk.growth", "desk.together"} & {*labels(desk(ended))}
    assert not {"desk.about_growth", "desk.about_together"} & {*keys(desk(ended))}
    assert {"desk.growth", "desk.together"} < {*labels(desk(CARD))}
    assert "desk.invite" not in labels(page(ended, "people", ()))
    assert "desk.invite" in labels(page(CARD, "people", ()))


def test_owners_have_no_letter_there() -> None:
    """Nor a menu for it, nor an office to step down from."""
    owners = replace(CARD, letters=None)
    people = page(owners, "people", (), WAYS)
    assert not people.menus
    assert not {"desk.letter", "desk.step_down"} & {*labels(people), *labels(desk(owners))}
    assert page(CARD, "people", (), WAYS).menus[0].choices == WAYS


@pytest.mark.parametrize("which", PAGES)
def test_a_page_takes_what_others_have_and_leads_back(which: Page) -> None:
    """Below its own; what is too much for Discord's rows is dropped, the way back never."""
    one = Part(which, (Line("x.line"),), (Button("x.button", "x:1"),))
    many = Part(which, (), tuple(Button("x.more", f"x:{n}") for n in range(30)))
    shown = page(CARD, which, (one, many))
    assert "x.line" in keys(shown)
    assert "x.button" in labels(shown)
    assert len(shown.buttons) == PAGE_MOST
    assert labels(shown)[-1] == "desk.back"


def test_the_doors_are_never_crowded_out() -> None:
    """However much waits."""
    many = Part("front", (), tuple(Button("x.more", f"x:{n}") for n in range(30)))
    front = desk(CARD, (many,))
    assert labels(front)[-len(DOORS) :] == DOORS
    assert len(front.buttons) == WAITING_MOST + len(DOORS)
