"""What wishes weigh: alone, of both, and where one wishes the opposite."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import wish_cards
from bot.rules.wishes import (
    MUTUAL_APART,
    MUTUAL_TOGETHER,
    ONE_APART,
    ONE_TOGETHER,
    Mine,
    Weighed,
    Wished,
    weigh,
)

HERE = (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("wishes", "weighed"),
    [
        ([(2, 1, "together")], Weighed(together=((1, 2, ONE_TOGETHER),))),
        (
            [(2, 1, "together"), (1, 2, "together")],
            Weighed(together=((1, 2, MUTUAL_TOGETHER),)),
        ),
        ([(4, 3, "apart")], Weighed(apart=((3, 4, ONE_APART),))),
        ([(4, 3, "apart"), (3, 4, "apart")], Weighed(apart=((3, 4, MUTUAL_APART),))),
        ([(1, 2, "together"), (2, 1, "apart")], Weighed(apart=((1, 2, ONE_APART),))),
        ([(1, 9, "together"), (9, 1, "together")], Weighed()),
    ],
    ids=["one", "both", "one apart", "both apart", "the no counts", "elsewhere"],
)
def test_what_a_wish_weighs(wishes: list[tuple[int, int, str]], weighed: Weighed) -> None:
    """Strong where both wish it, mild where one does, and a no is stronger than a yes."""
    assert weigh((Wished(*wish) for wish in wishes), HERE) == weighed


@given(
    st.lists(
        st.tuples(
            st.sampled_from((*HERE, 9)),
            st.sampled_from((*HERE, 9)),
            st.sampled_from(("together", "apart")),
        ).filter(lambda wish: wish[0] != wish[1]),
        unique_by=lambda wish: wish[:2],
    )
)
def test_each_pair_is_weighed_once(wishes: list[tuple[int, int, str]]) -> None:
    """As together or as apart, low before high, in any order; and only people who are here."""
    weighed = weigh((Wished(*wish) for wish in wishes), HERE)
    assert weighed == weigh((Wished(*wish) for wish in reversed(wishes)), HERE)
    pairs = [(low, high) for low, high, _weight in (*weighed.together, *weighed.apart)]
    assert len(pairs) == len(set(pairs))
    assert all(low < high and {low, high} <= set(HERE) for low, high in pairs)


@pytest.mark.parametrize("mine", [Mine(), Mine(together=(7,)), Mine(apart=(7,))])
def test_the_card_about_somebody_offers_what_is_not_wished(mine: Mine) -> None:
    """What is wished already is said, and can be taken back."""
    presses = {button.press for button in wish_cards.about(7, mine).buttons}
    kinds = {kind for kind in ("together", "apart", "none") if f"wish-keep:7:{kind}" in presses}
    wished = mine.about(7)
    assert kinds == {"together", "apart"} - {wished} | ({"none"} if wished else set())
