"""A group's stages follow from facts: what it has, who looks after it, what owners decided."""

import pytest

from bot.rules import stages
from bot.rules.stages import Facts, asked_for, shown, stage, state, still_needed

HALF = ("for_whom", "norms")


@pytest.mark.parametrize(
    ("facts", "reached"),
    [
        (Facts(), "open"),
        (Facts(lacks=("purpose",)), "forming"),
        (Facts(lacks=HALF), "open"),
        (Facts(lacks=HALF, strict=True, facilitators=1), "forming"),
        (Facts(strict=True), "forming"),
        (Facts(strict=True, facilitators=1), "open"),
        # Once people could move in nothing makes a group form again.
        (Facts(lacks=("purpose",), strict=True, opened=True), "open"),
        (Facts(homes=9, cap=10), "open"),
        (Facts(homes=10, cap=10), "full"),
        (Facts(homes=9, offered=1, cap=10), "full"),
        (Facts(homes=12, cap=10), "full"),
        (Facts(rests=True, homes=10, cap=10), "resting"),
        (Facts(rests=True, strict=True), "resting"),
        (Facts(archived=True, rests=True, opened=True), "archived"),
    ],
)
def test_a_stage_follows_from_the_facts(facts: Facts, reached: str) -> None:
    """Archived before resting, resting before forming, forming before the seats."""
    assert stage(facts) == reached


def test_what_keeps_a_group_from_opening_and_what_is_only_asked_for() -> None:
    """Where the server does not insist only the purpose is waited for."""
    facts = Facts(lacks=("purpose", *HALF))
    assert still_needed(facts) == ("purpose",)
    assert asked_for(facts) == ("purpose", *HALF, stages.FACILITATOR)
    strict = Facts(lacks=HALF, strict=True)
    assert still_needed(strict) == (*HALF, stages.FACILITATOR)
    assert still_needed(Facts(strict=True, facilitators=2)) == ()


@pytest.mark.parametrize("kept", ["forming", "open", "resting", "archived"])
def test_a_full_group_is_an_open_one_in_the_table(kept: str) -> None:
    """What is read off the seats is no state."""
    seen = shown(kept, homes=10, offered=0, cap=10)
    assert seen == ("full" if kept == "open" else kept)
    assert state(seen) == kept


def test_no_other_word_is_a_state() -> None:
    """A mistyped state is a fault, not a stage."""
    with pytest.raises(ValueError, match="no state"):
        shown("closed", homes=0, offered=0, cap=10)
