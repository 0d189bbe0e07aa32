"""Which prompt comes next, whom a ritual pings, and what it looks like in its room."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.gateway.payloads import text_of, view_of
from bot.rules.ritual_forms import checked
from bot.rules.ritual_kinds import KINDS, Kind, Part
from bot.rules.ritual_messages import (
    THREAD_MINUTES,
    Called,
    Due,
    Held,
    Prompt,
    called,
    due,
    ended,
    next_prompt,
    waits,
)
from bot.texts import catalogue

NOW = datetime(2026, 3, 6, 17, tzinfo=UTC)
MESSAGE_MOST = 2000  # Discord's limit for content


@given(st.integers(1, 10**6), st.integers(1, 12), st.integers(1, 5))
def test_no_prompt_comes_again_before_all_were_used(ritual: int, size: int, rounds: int) -> None:
    """Round by round every prompt comes once, and with two or more none comes twice in a row."""
    used = Counter[int]()
    order: list[int] = []
    for _ in range(size * rounds):
        chosen = next_prompt(ritual, [Prompt(n, used[n]) for n in range(1, size + 1)])
        used[chosen] += 1
        order.append(chosen)
    for start in range(0, len(order), size):
        assert sorted(order[start : start + size]) == list(range(1, size + 1))
    assert size == 1 or all(a != b for a, b in itertools.pairwise(order))


@pytest.mark.parametrize(
    ("pings", "hour", "last", "expected"),
    [
        ("asked", 18, None, Called((1, 2))),
        ("asked", 3, None, Called((1, 2))),
        ("nobody", 18, None, Called()),
        ("group", 18, None, Called(group=True)),
        ("group", 8, None, Called(group=True)),
        ("group", 21, None, Called(group=True)),
        ("group", 22, None, Called((1, 2))),
        ("group", 7, None, Called((1, 2))),
        ("group", 18, timedelta(days=6, hours=23), Called((1, 2))),
        ("group", 18, timedelta(days=7), Called(group=True)),
    ],
)
def test_whom_a_ritual_pings(
    pings: str, hour: int, last: timedelta | None, expected: Called
) -> None:
    """Those who asked, nobody, or the group: at most once a week and never from 22 to 8."""
    found = called(
        pings,  # pyright: ignore[reportArgumentType] - the table's words
        (1, 2),
        now=NOW,
        local=NOW.replace(hour=hour),
        group_at=None if last is None else NOW - last,
    )
    assert found == expected


@given(st.integers(0, 150), st.booleans())
def test_everyone_who_asked_is_pinged_once_and_every_message_fits(people: int, group: bool) -> None:
    """However many asked: exact mentions, nobody twice, no text too long for Discord."""
    asked = tuple(range(10**18, 10**18 + people))
    whom = Called(group=True) if group else Called(asked)
    one = Due(7, 3, title="T" * 60, prompt="P" * 500, kind=KINDS["newcomers"], greeted=(5,))
    messages = due(one, whom, role_id=9)
    pinged = [user for message in messages for user in message.users]
    assert pinged == ([5] if group else [5, *asked])
    assert messages[0].roles == ((9,) if group else ())
    assert all(len(text_of(message, catalogue())) <= MESSAGE_MOST for message in messages)
    assert len({message.buttons[0].press for message in messages}) == len(messages)
    assert all(view_of(message, catalogue()) is not None for message in messages)
    assert messages[0].loud


def test_nobody_is_pinged_who_did_not_ask() -> None:
    """It comes silently then; its host is named, not pinged."""
    (message,) = due(Due(7, 3, "Paths", "A?", KINDS["own"], host=14), Called(), role_id=9)
    assert (message.users, message.roles, message.loud) == ((), (), False)
    assert "<@14>" in text_of(message, catalogue())


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
def test_a_thread_stays_in_sight_while_it_is_open(kind: Kind) -> None:
    """It is named after the prompt, which nothing escapes, and is not archived before its end."""
    one = Due(7, 3, "Paths*", "What_if?", kind, thread=True)
    (message,) = due(one, Called(), role_id=None)
    thread = message.thread
    assert thread is not None
    assert not thread.private
    assert catalogue()(thread.name.key, **thread.name.params) == "Paths*: What_if?"
    assert timedelta(minutes=thread.minutes) >= kind.open_for
    assert thread.minutes in THREAD_MINUTES
    assert due(replace(one, thread=False), Called(), role_id=None)[0].thread is None


@pytest.mark.parametrize(
    ("kind", "weekly", "buttons", "lines"),
    [
        ("wins", True, "rituals.skip_week", 2),
        ("show", False, "rituals.skip_time", 2),
        ("quiet_hour", True, "rituals.skip_week", 3),
    ],
)
def test_an_occurrence_says_what_its_kind_needs(
    kind: str, weekly: bool, buttons: str, lines: int
) -> None:
    """A quiet hour says that nothing has to be written; skipping a week is for weekly ones."""
    (message,) = due(Due(7, 3, "Paths", "A?", KINDS[kind], weekly=weekly), Called(), role_id=None)
    assert [button.label for button in message.buttons] == [
        "rituals.im_in",
        buttons,
        "rituals.remind_me",
    ]
    assert len(message.lines) == lines


@pytest.mark.parametrize("people", range(8))
@pytest.mark.parametrize("part", ["words", "presence"])
def test_the_last_word_tells_no_number_below_five(people: int, part: Part) -> None:
    """Of four a number would name too many of them; then it is plain thanks."""
    held = Held(7, 3, title="Paths", part=part, people=people, following=1_800_000_000)
    text = text_of(ended(held), catalogue())
    assert ("of you" in text) == (people >= 5)
    assert (str(people) in text.partition("<t:")[0]) == (people >= 5)
    assert text.endswith("<t:1800000000:F>.")
    assert "<t:" not in text_of(ended(replace(held, following=None)), catalogue())


def test_a_resting_ritual_names_neither_group_nor_title() -> None:
    """The question in the facilitators' room is neutral, with or without someone to mention."""
    assert text_of(waits(3, 1, [14]), catalogue()).startswith("<@14>, one of your rituals")
    assert "<@" not in text_of(waits(3, 1, []), catalogue())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"title": " \u200b "}, "rituals.no_title"),
        ({"title": "x" * 61}, "rituals.title_long"),
        ({"prompts": " \n\n"}, "rituals.no_prompts"),
        ({"prompts": "x" * 501}, "rituals.prompt_long"),
        ({"prompts": "\n".join(map(str, range(61)))}, "rituals.many_prompts"),
        ({"pings": "everyone"}, "rituals.pings_word"),
        ({"when": "whenever"}, "rituals.when_word"),
    ],
)
def test_a_form_that_does_not_fit_says_why(change: dict[str, str], why: str) -> None:
    """The first thing that does not fit is named, in a text that can be shown."""
    fields = {"title": "Paths", "when": "weekly friday 18:00", "prompts": "A?", "pings": ""}
    with pytest.raises(UserError) as caught:
        checked(**{**fields, **change})
    assert caught.value.key == why
    assert catalogue()(caught.value.key, **caught.value.params)


def test_a_form_that_fits_is_tidied() -> None:
    """Blank lines and repeated prompts go, order stays; no word on pings means those who asked."""
    form = checked(title=" Friday  paths ", when="Fridays 6pm", prompts="A?\n\nB?\nA?\n", pings=" ")
    assert (form.title, form.prompts, form.pings) == ("Friday paths", ("A?", "B?"), "asked")
