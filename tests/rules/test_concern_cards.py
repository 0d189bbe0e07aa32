"""What is read about private words and removals: links, names that stay away, what fits."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.gateway.payloads import LONGEST_TEXT, text_of
from bot.rules import concern_cards as cards
from bot.rules import safety_cards
from bot.rules.concern_cards import Card, Word
from bot.rules.message import Message
from bot.rules.safety_cards import Told
from bot.texts import catalogue

SERVER, KIM, LENA = 900, 101_101_101, 202_202_202
AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SAY = catalogue("en")
HERE = f"https://discord.com/channels/{SERVER}/5/6"
CARD = Card(3, "Jo shouts.", HERE, AT, "open", "facilitators", "Riverside", by_user_id=LENA)


def everything(message: Message) -> str:
    """Return all that a message shows or carries."""
    buttons = " ".join(f"{SAY(b.label, **b.params)} {b.press}" for b in message.buttons)
    return f"{text_of(message, SAY)} {buttons} {message.menus} {message.users}"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", None),
        ("   ", None),
        (HERE, HERE),
        (f"  <{HERE}> ", HERE),
        (f"https://ptb.discord.com/channels/{SERVER}/5/6", HERE),
        (f"https://discordapp.com/channels/{SERVER}/5/6", HERE),
    ],
)
def test_a_link_to_a_message_here_is_evidence(typed: str, kept: str | None) -> None:
    """Whatever client it was copied in, it is kept in one plain form."""
    assert cards.link_to(typed, SERVER) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "look at this",
        "https://discord.com/channels/1/5/6",
        f"https://discord.com.example.org/channels/{SERVER}/5/6",
        f"https://discord.com/channels/{SERVER}/5",
        f"{HERE} https://example.org",
        f"https://discord.com/channels/@me/{SERVER}/6",
    ],
)
def test_no_other_link_is(typed: str) -> None:
    """It would lead those who look after it somewhere else."""
    with pytest.raises(UserError, match="bad_link"):
        cards.link_to(typed, SERVER)


@pytest.mark.parametrize("state", ["open", "taken", "closed"])
@pytest.mark.parametrize("whom", ["facilitators", "moderators"])
def test_a_name_stands_only_where_its_author_said_so(state: str, whom: cards.Whom) -> None:
    """Those who look after it see a name or none; the author never sees who answers."""
    card = replace(
        CARD, state=state, for_whom=whom, replies=[Word("Yes.", AT, False), Word("No.", AT, True)]
    )
    assert str(KIM) not in everything(cards.for_handlers(card))
    assert str(KIM) in everything(cards.for_handlers(replace(card, user_id=KIM)))
    assert str(LENA) not in everything(cards.for_author(card))
    assert "Riverside" not in everything(cards.for_handlers(replace(card, group=None)))


def test_the_line_in_a_room_carries_nothing_but_a_number() -> None:
    """What is written and by whom stands behind the button."""
    shown = everything(cards.waits(3, "f0-1", [LENA]))
    assert "Jo shouts." not in shown
    assert str(KIM) not in shown
    assert str(LENA) in shown


@given(
    st.text(min_size=1, max_size=cards.SAID_MOST),
    st.lists(st.text(max_size=cards.REPLY_MOST), max_size=6),
)
def test_whatever_is_written_can_be_shown(said: str, replies: list[str]) -> None:
    """Within what Discord takes, quoted line by line, and without a ping."""
    card = replace(CARD, said=said, replies=[Word(text, AT, mine=True) for text in replies])
    preview = cards.preview("0", said, whom="moderators", group=None, readers=(), why="")
    for message in (cards.for_handlers(card), cards.for_author(card), preview):
        text = text_of(message, SAY)
        assert len(text) <= LONGEST_TEXT
        assert "@everyone" not in text
        assert all(len(button.press) <= 100 for button in message.buttons)


def test_every_kind_of_removal_reads_well() -> None:
    """Named, unnamed and everywhere, before and after an appeal; with a way to go on in each."""
    kinds = ("removed", "barred", "asked-to-leave", "visit-ended", "held", "left-out")
    for kind in kinds:
        for group in ("Riverside", None):
            told = Told(1, kind, group, False, "Enough.", AT, AT)
            note = safety_cards.on_home_card([told])
            assert note is not None
            assert note.urgent
            assert note.buttons[0].press == "appeal-form:1"
            shown = " ".join(SAY(line.key, **line.params) for line in note.lines)
            assert "> Enough." in shown
            assert ("Riverside" in shown) == (group is not None)
            answered = replace(told, asked_at=AT, let_back=True, answer="Sorry.")
            note = safety_cards.on_home_card([answered])
            assert note is not None
            assert "appeal-form:1" not in {button.press for button in note.buttons}
            asked = safety_cards.appeal(
                appeal_id=4, user_id=KIM, said="Why?", at=AT, about=told, by_user_id=LENA, own=True
            )
            assert "> Why?" in text_of(asked, SAY)
    everywhere = safety_cards.on_home_card([Told(1, "barred", None, True, "", AT, None)])
    assert everywhere is not None
    assert "all groups" in SAY(everywhere.lines[0].key, **everywhere.lines[0].params)
    assert safety_cards.on_home_card([]) is None
