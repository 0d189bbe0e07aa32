"""How a pulse reads, within what Discord takes, whatever was typed."""

from datetime import datetime

import pytest

from bot.gateway.payloads import LONGEST_TEXT, text_of, view_of
from bot.rules import pulse_cards as cards
from bot.rules.message import Message
from bot.rules.pulse import LINE_MOST, Told
from bot.rules.pulse_cards import ON_PAGE, Written
from bot.texts import catalogue

SAY = catalogue()
HOSTILE = ("*_~`|[]()<>" * 40)[:LINE_MOST]
PINGS = "@everyone @here <@1477998909849600001> <@&1477998909849600001>"


def whole(message: Message) -> str:
    """Return the text as Discord gets it; none of it may have been cut off."""
    text = "\n".join(SAY(line.key, **line.params) for line in message.lines)
    assert len(text) <= LONGEST_TEXT
    assert text == text_of(message, SAY)
    return text


def lines(count: int, said: str = HOSTILE) -> list[Written]:
    """Return so many lines that wait to be read."""
    return [Written(f"{number:032x}", said, ticked=number % 2 == 0) for number in range(count)]


@pytest.mark.parametrize("count", [1, 5, 6, 150])
def test_lines_are_read_page_by_page(count: int) -> None:
    """All of each line, five to a page, however they were typed; every one has its tick."""
    seen: list[str] = []
    for page in range(-(-count // ON_PAGE)):
        card = cards.reading(1, 2, lines(count), page)
        whole(card)
        view_of(card, SAY)
        (menu,) = card.menus
        assert menu.most == len(menu.choices) <= ON_PAGE
        assert menu.least == 0
        assert all(len(choice.label) <= 100 for choice in menu.choices)
        seen += [choice.value for choice in menu.choices]
    assert seen == [one.key for one in lines(count)]
    last = cards.reading(1, 2, lines(count), (count - 1) // ON_PAGE)
    assert cards.reading(1, 2, lines(count), 99) == last


@pytest.mark.parametrize(("shown", "held_back"), [(1, 0), (5, 3), (7, 1), (150, 0), (0, 4)])
def test_lines_are_posted_whole(shown: int, held_back: int) -> None:
    """In as many messages as it takes, each with a button of its own, and nobody is pinged."""
    messages = cards.posted(1, 7, [HOSTILE] * shown, held_back=held_back)
    said = [whole(message) for message in messages]
    assert sum(text.count("\n> ") + text.startswith("> ") for text in said) == shown
    presses = [message.buttons[0].press for message in messages]
    assert len(set(presses)) == len(presses)
    assert all(not message.users and not message.roles for message in messages)
    assert (str(held_back) in said[-1]) == bool(held_back)


def test_a_line_pings_nobody() -> None:
    """Mentions are shown as they were typed."""
    (message,) = cards.posted(1, 7, [PINGS], held_back=0)
    said = whole(message).splitlines()[1]
    assert "@everyone" not in said
    assert "<@" not in said.replace("\\<", "")


def test_results_of_the_most(now: datetime) -> None:
    """Three questions with everything that can be said of them, and many who read first."""
    told = [
        Told("belonging", 150, 4.46, differ=True, change="up"),
        Told("trust", 150, 1.0, differ=False, change="down"),
        Told("connection", 150, 5.0, differ=True),
    ]
    readers = list(range(1477998909849600001, 1477998909849600021))
    message = cards.results(1, told, people=150, lines=150, readers=readers, read_by=now)
    text = whole(message)
    assert "●●●●○ **4.5** of 5" in text
    assert "●○○○○ **1.0** of 5" in text
    assert "●●●●● **5.0** of 5" in text
    assert not message.users


def test_results_without_an_average(now: datetime) -> None:
    """Five wrote a line or skipped this and that: that is said, and nothing is asked of it."""
    message = cards.results(1, [], people=5, lines=5, readers=[], read_by=now)
    text = whole(message)
    assert "None of the questions was answered by five or more" in text
    assert "Does it surprise you" not in text
    assert "if nobody does by" in text


def test_the_facilitators_room_reads_no_name_of_a_group(now: datetime) -> None:
    """Only who looks after it is named, and pinged."""
    message = cards.to_read(1, [7, 8], now)
    assert message.users == (7, 8)
    assert whole(message).startswith("<@7> <@8>, lines from your group")


def test_how_it_stays_anonymous_is_told_whole() -> None:
    """In one message."""
    assert "Discord carries the form" in whole(cards.how())
