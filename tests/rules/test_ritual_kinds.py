"""Each kind of ritual is one entry and one file; its prompts are many, short, and all different."""

import itertools
import re
from datetime import date, timedelta

import pytest

from bot.rules.naming import clean
from bot.rules.ritual_forms import PROMPT_MOST, PROMPTS_MOST, TITLE_MOST, checked
from bot.rules.ritual_kinds import KINDS, OWN
from bot.rules.ritual_times import read, written
from bot.rules.rituals import Schedule
from bot.texts import languages, prompts

COMMON = frozenset({"what", "which", "that", "they", "have", "would", "your", "with", "somebody"})
OURS = [kind for kind in KINDS if kind != OWN]
LEAST = 20
LONGEST = 110  # two lines on a phone
MENU_MOST = 100  # characters of a choice's description, by Discord


@pytest.mark.parametrize("language", languages())
def test_each_kind_has_its_file_and_each_file_its_kind(language: str) -> None:
    """A kind without prompts fails here, and so does a file that no kind reads."""
    there = prompts.kinds(language)
    assert set(there) <= set(OURS)
    if language == "en":
        assert there == sorted(OURS)


@pytest.mark.parametrize("kind", OURS)
def test_a_kind_brings_enough_prompts_for_months(kind: str) -> None:
    """At least twenty, each to be read at a glance, none longer than a group's own may be."""
    ours = prompts.of_kind(kind)
    assert LEAST <= len(ours.prompts) <= PROMPTS_MOST
    assert 0 < len(ours.title) <= TITLE_MOST
    assert 0 < len(ours.what) <= MENU_MOST
    for prompt in ours.prompts:
        assert len(prompt) <= LONGEST < PROMPT_MOST, prompt
        assert clean(prompt) == prompt
        assert prompt[0].isupper()
        assert prompt[-1] in ".?…", prompt


def test_no_prompt_comes_twice_under_any_kind() -> None:
    """A group that holds several kinds never reads the same question, nor nearly the same."""
    every = [prompt for kind in OURS for prompt in prompts.of_kind(kind).prompts]
    for one, other in itertools.combinations(every, 2):
        a, b = words(one), words(other)
        assert len(a & b) / len(a | b) < 0.5, (one, other)


@pytest.mark.parametrize("kind", OURS)
def test_a_kinds_form_can_be_sent_as_it_opens(kind: str) -> None:
    """What the form is filled with is what the form takes."""
    ours, usual = prompts.of_kind(kind), KINDS[kind].usual
    when = written(
        Schedule(
            usual.cadence,
            "UTC",
            date(2026, 3, 2),
            weekday=usual.weekday or 0,
            nth=usual.nth or 1,
            hour=usual.hour,
            minute=usual.minute,
        ),
        own_zone=False,
    )
    filled = checked(title=ours.title, when=when, prompts="\n".join(ours.prompts), pings="")
    assert (filled.title, filled.prompts, filled.when) == (ours.title, ours.prompts, read(when))


def test_a_ritual_is_over_before_it_comes_again() -> None:
    """What is open is summed up while people still know what it was about."""
    for kind in KINDS.values():
        assert timedelta() < kind.open_for < timedelta(days=7), kind.key


def test_a_language_without_a_file_reads_english() -> None:
    """Nobody's form is empty because of their language."""
    assert prompts.of_kind("wins", "xx") == prompts.of_kind("wins")


def words(prompt: str) -> frozenset[str]:
    """Return the words of a prompt that carry its meaning: those of four letters and more."""
    return frozenset(re.findall(r"[a-z']{4,}", prompt.casefold())) - COMMON
