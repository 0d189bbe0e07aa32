"""What a message says stays whole in what matters, however long the texts of people in it are."""

from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.payloads import LONGEST_TEXT, text_of
from bot.rules.charter import Charter
from bot.rules.concern_cards import SAID_MOST, preview
from bot.rules.group_messages import charter_card
from bot.rules.message import Line, Message
from bot.texts import catalogue

SAY = catalogue()
FULL = Charter(
    name="Riverside " * 4,
    purpose="p*" * 150,
    for_whom="f_" * 150,
    norms="\n".join("n~" * 95 for _ in range(3)),
    unites="u|" * 150,
)


def test_the_fullest_charter_still_says_who_looks_after_it_and_who_keeps_it_safe() -> None:
    """The charter's own texts are shortened, not what stands below them."""
    text = text_of(
        charter_card(
            FULL,
            facilitators=[101, 102],
            safety_roles=range(201, 211),
            visitors_read_history=False,
            inside=True,
        ),
        SAY,
    )
    assert len(text) <= LONGEST_TEXT
    for kept in ("<@101>", "<@102>", "<@&210>", "Visitors read only what"):
        assert kept in text
    assert "Riverside Riverside" in text


def test_who_reads_a_private_word_stands_below_the_longest() -> None:
    """Also where every character of it is escaped."""
    said = preview("0", "*" * SAID_MOST, whom="moderators", group="Hill", readers=(), why="nobody")
    text = text_of(said, SAY)
    assert len(text) <= LONGEST_TEXT
    for key in ("concerns.goes_to_moderators", "concerns.name_or_not"):
        assert SAY(key) in text


@given(st.lists(st.text(max_size=900), min_size=1, max_size=40))
def test_no_text_is_too_long_and_short_lines_stay(typed: list[str]) -> None:
    """Whatever lines there are; what fits is as it was."""
    lines = tuple(Line("find.fits_row_open", {"text": one}) for one in typed)
    whole = "\n".join(SAY(line.key, **line.params) for line in lines)
    text = text_of(Message(lines), SAY)
    assert len(text) <= LONGEST_TEXT
    assert len(whole) > LONGEST_TEXT or text == whole
