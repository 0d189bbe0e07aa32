"""Ties of the commons: between two who want suggestions, from when on they want them."""

from collections import Counter

import pytest

from bot.rules.counting import Counted, Person, count
from bot.rules.signals import Heard, Kind, Place
from bot.rules.ties import week_of

SERVER, SQUARE, RIVERSIDE = 9, 500, 1
START = 1_772_452_800_000
ADA, BO, CY, DEE, EVE = 11, 12, 13, 14, 15
PEOPLE = {
    ADA: Person(0, None, suggested_from_ms=START),
    BO: Person(0, RIVERSIDE, suggested_from_ms=START),
    CY: Person(0, RIVERSIDE),  # counted, and wants no suggestions
    DEE: Person(0, None, suggested_from_ms=START + 60_000),  # not yet
    EVE: Person(START + 60_000, None, suggested_from_ms=START),  # not counted yet
}
OPEN = Place(SQUARE, SQUARE, SERVER, everyone=True)


def said(user_id: int, to: int = 0, *, at_ms: int = START + 1000, place: Place = OPEN) -> Heard:
    """Return a reply, or a message to nobody."""
    return Heard(Kind.MESSAGE, place, user_id, at_ms, at_ms, to_user_id=to)


def commons(*batch: Heard, counts: bool = True) -> dict[tuple[int, str], Counter[tuple[int, int]]]:
    """Return the ties of the commons that a batch adds."""
    town = Counted("UTC", counts_commons=counts, rooms={501: RIVERSIDE}, people=PEOPLE)
    sums = count(batch, {SERVER: town}, {})
    return {key: found for key, found in sums.commons_ties.items() if found}


def test_two_who_want_suggestions_tie_in_the_commons() -> None:
    """A reply is worth three, soon after it a word is worth one, a reaction one."""
    reaction = Heard(Kind.REACTION, OPEN, BO, START + 3000, 0, to_user_id=ADA)
    found = commons(said(ADA), said(BO, ADA, at_ms=START + 2000), reaction)
    assert found == {(SERVER, week_of(START)): Counter({(ADA, BO): 5})}


@pytest.mark.parametrize("other", [CY, DEE, EVE, 99])
def test_nobody_ties_who_does_not_want_it_yet(other: int) -> None:
    """Whichever of the two it is, and whoever writes."""
    assert commons(said(ADA, other), said(other, ADA, at_ms=START + 2000)) == {}


def test_rooms_of_groups_and_commons_that_do_not_count_tie_nobody_here() -> None:
    """A group's ties are the group's; without the owners' word the commons are deaf."""
    room = Place(501, 501, SERVER)
    assert commons(said(ADA, BO, place=room)) == {}
    assert commons(said(ADA, BO), counts=False) == {}
    hidden = Place(502, 502, SERVER, everyone=False)
    assert commons(said(ADA, BO, place=hidden)) == {}


def test_later_they_do() -> None:
    """From the moment on that the last of both began to want it."""
    later = START + 61_000
    assert commons(said(ADA, DEE, at_ms=later)) == {(SERVER, week_of(START)): {(ADA, DEE): 3}}
    assert commons(said(EVE, ADA, at_ms=later)) == {(SERVER, week_of(START)): {(ADA, EVE): 3}}
