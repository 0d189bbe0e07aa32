"""What waits in memory about somebody who is forgotten: signs of life, last messages, flips."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.flips import Flips
from bot.rules.signals import Heard, Kind, Place, without
from bot.rules.ties import LastMessages

PLACE = Place(1, 1, 9)
MARA, JO, KIM = 11, 12, 13
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("heard", "left"),
    [
        (Heard(Kind.MESSAGE, PLACE, MARA, 5, 7), None),
        (Heard(Kind.REACTION, PLACE, MARA, 5, 0, JO), None),
        (Heard(Kind.MESSAGE, PLACE, JO, 5, 7), Heard(Kind.MESSAGE, PLACE, JO, 5, 7)),
        (
            Heard(Kind.MESSAGE, PLACE, JO, 5, 7, MARA, 6, (MARA, KIM)),
            Heard(Kind.MESSAGE, PLACE, JO, 5, 7, 0, 6, (KIM,)),
        ),
        (
            Heard(Kind.MESSAGE, PLACE, JO, 5, 7, KIM, 6, (MARA,)),
            Heard(Kind.MESSAGE, PLACE, JO, 5, 7, KIM, 6, ()),
        ),
        (Heard(Kind.GONE, PLACE, 0, 5, 0, 0, 6), Heard(Kind.GONE, PLACE, 0, 5, 0, 0, 6)),
    ],
)
def test_a_sign_of_life_without_somebody(heard: Heard, left: Heard | None) -> None:
    """Their own go; that others answered or named them is forgotten, that they wrote is not."""
    assert without(heard, MARA) == left


people = st.integers(1, 5)
signs = st.builds(
    Heard,
    st.sampled_from(Kind),
    st.just(PLACE),
    people,
    st.just(5),
    st.just(7),
    people,
    st.just(0),
    st.lists(people).map(tuple),
)


@given(signs, people)
def test_nobody_is_found_in_what_is_left(heard: Heard, user_id: int) -> None:
    """Whatever was heard, the rest does not name them and is still of the same person."""
    left = without(heard, user_id)
    if left is None:
        assert heard.user_id == user_id
    else:
        assert user_id not in {left.user_id, left.to_user_id, *left.mentions}
        assert (left.user_id, left.message_id) == (heard.user_id, heard.message_id)


def test_last_messages_keep_their_places() -> None:
    """That somebody wrote stays, so that nobody is moved nearer to whoever wrote before."""
    last = LastMessages([(MARA, 1), (JO, 2), (MARA, 3)])
    last.let_go(MARA)
    assert last.messages == [(0, 1), (JO, 2), (0, 3)]
    assert last.write(KIM, 4) == {JO}


def test_flips_of_somebody_are_forgotten() -> None:
    """Others' are still counted."""
    flips = Flips(most=1)
    flips.turned(MARA, 1, NOW)
    flips.turned(JO, 1, NOW)
    flips.let_go(MARA)
    later = NOW + timedelta(minutes=1)
    assert not flips.turned(MARA, 1, later)
    assert flips.turned(JO, 1, later)
