"""The catalogue: every text that code names is there, and every text that is there is used."""

import re
from pathlib import Path
from string import Formatter

import pytest

from bot.texts import catalogue, languages

ROOT = Path(__file__).parents[2]
KEYS = catalogue().entries
CODE = "\n".join(
    file.read_text(encoding="utf-8")
    for folder, kind in (("bot", "*.py"), ("cogs", "*.py"), ("bot/pages", "*.j2"))
    for file in sorted((ROOT / folder).rglob(kind))
)
AREAS = sorted({key.partition(".")[0] for key in KEYS})
# A key as code writes it: an area that exists, a dot, a name.
NAMED = set(re.findall(rf'"((?:{"|".join(AREAS)})\.[a-z0-9_]+)"', CODE))
# f"area.{…}": the texts whose names begin there are chosen at run time.
CHOSEN = tuple(re.findall(rf'f"((?:{"|".join(AREAS)})\.[a-z0-9_]*)\{{', CODE))


def test_every_text_that_code_names_is_in_the_catalogue() -> None:
    """A mistyped key would fail only when somebody reads it."""
    assert sorted(NAMED - set(KEYS)) == []


def test_every_text_in_the_catalogue_is_used() -> None:
    """What nobody says any more is deleted."""
    unused = {key for key in KEYS if key not in NAMED and not key.startswith(CHOSEN or ("-",))}
    assert sorted(unused) == []


@pytest.mark.parametrize("language", [code for code in languages() if code != "en"])
def test_a_translation_names_the_same_places(language: str) -> None:
    """A translated text may leave out a place but cannot invent one."""
    for key, entry in catalogue(language).entries.items():
        assert places(entry) <= places(KEYS[key]), key


def test_a_plural_is_chosen_by_n() -> None:
    """One seat, two seats."""
    forms = {key: entry for key, entry in KEYS.items() if isinstance(entry, list)}
    assert all(len(entry) == 2 for entry in forms.values())


def test_an_unknown_language_falls_back_to_english() -> None:
    """Nobody meets an empty answer because of their language."""
    assert catalogue("xx")("errors.expired") == catalogue("en")("errors.expired")


def places(entry: str | list[str]) -> set[str]:
    texts = entry if isinstance(entry, list) else [entry]
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
