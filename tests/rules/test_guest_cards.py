"""What is said about guest evenings: nobody is named who should not be, and nothing is promised."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.gateway.payloads import text_of
from bot.rules import guest_cards as cards
from bot.rules.guest_cards import Evening
from bot.rules.neighbours import Neighbour
from bot.texts import catalogue

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SAY = catalogue("en")
EVENING = Evening(
    id=7,
    group_id=1,
    group="River*side",
    emoji="🌊",
    room_id=501,
    guest_id=2,
    guest="Millpond",
    guest_emoji="🦆",
    host_id=14,
    by_door=True,
    opens_at=NOON,
    ends_at=NOON + timedelta(hours=3),
    agreed=True,
    opened=False,
    ending=None,
)
STAGES = {
    "asked": replace(EVENING, agreed=False),
    "agreed": EVENING,
    "runs": replace(EVENING, opened=True),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("group_id", [1, 2])
def test_each_side_reads_how_it_stands(stage: str, group_id: int) -> None:
    """With the ways that are theirs: the guests' word, and calling it off for either."""
    card = cards.card(STAGES[stage], group_id, may_host=True)
    verbs = [button.press.partition(":")[0] for button in card.buttons]
    wanted = ["guest-yes", "guest-no"] if (stage, group_id) == ("asked", 2) else ["guest-off"]
    assert verbs == [*wanted, "guest-desk"]
    assert r"River\*side" in text_of(card, SAY) or group_id == 1


@pytest.mark.parametrize("ending", ["declined", "lapsed", "off", "over", "missed", "by_hand"])
@pytest.mark.parametrize("group_id", [1, 2])
def test_what_is_over_has_words_and_no_ways(ending: str, group_id: int) -> None:
    """Each ending, for both sides."""
    card = cards.card(replace(EVENING, ending=ending), group_id, may_host=True)
    assert len(text_of(card, SAY)) > 20
    assert [button.press for button in card.buttons] == [f"guest-desk:{group_id}"]


def test_what_was_said_before_is_promised_to_nobody_who_cannot_read_it() -> None:
    """As the group's type has it."""
    assert "stays with those who live there" in text_of(cards.how(EVENING), SAY)
    reads = replace(EVENING, reads_history=True)
    assert "can be read, too" in text_of(cards.card(reads, 2, may_host=False), SAY)


def test_only_where_guests_have_keys_of_their_own_they_press() -> None:
    """In their own room, before and while it runs."""
    keys = replace(EVENING, by_door=False)
    for post in (cards.announced, cards.opened):
        assert post(keys, "there").buttons[0].press.startswith("guest-come:7:")
        for half in (post(keys, "here"), post(EVENING, "there"), post(EVENING, "here")):
            assert [b.press.partition(":")[0] for b in half.buttons] == ["guest-how"]


def test_every_post_is_known_again_by_its_first_button() -> None:
    """No two of an evening's posts carry the same."""
    posts = [
        post(one, half)
        for one in (EVENING, replace(EVENING, by_door=False, id=8))
        for half in ("here", "there")
        for post in (cards.announced, cards.opened)
    ]
    posts += [cards.called_off(EVENING, half, early=True) for half in ("here", "there")]
    marks = [post.buttons[0].press for post in posts]
    assert len(set(marks)) == len(marks)


def test_the_neutral_line_names_no_group() -> None:
    """It stands where all who look after any group read."""
    line = cards.waits(EVENING, 2, [14, 15], "ask")
    assert "River" not in text_of(line, SAY)
    assert line.users == (14, 15)
    assert "nobody looks after it" in text_of(cards.waits(EVENING, 2, [], "ask"), SAY)


def test_nobody_to_choose_is_said_kindly() -> None:
    """A server with one group."""
    assert "no other open group" in text_of(cards.choose(1, "Riverside", []), SAY)
    pond = Neighbour(2, "Millpond", "🦆", "x" * 300, "interest", "en", 0.0)
    (menu,) = cards.choose(1, "Riverside", [pond]).menus
    assert len(menu.choices[0].description) == 100
