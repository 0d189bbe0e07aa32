"""What rituals of each kind are called, what they are, and their prompts: one file per kind.

They stand in a language's own folder (`en/prompts/wins.toml`). A language may lack a file; then
English is read. A group gets a copy when it adds a ritual, and makes it its own.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot import texts

FOLDER = "prompts"


@dataclass(frozen=True, slots=True)
class Prompts:
    """One kind's file: its title, what it is in a few words, and its prompts in order."""

    title: str
    what: str
    prompts: tuple[str, ...]


@cache
def of_kind(kind: str, language: str = texts.DEFAULT) -> Prompts:
    """Return the prompts of a kind in a language, in English where it has none.

    FileNotFoundError for a kind that has no file.
    """
    folder = files("bot.texts")
    own = folder / texts.known(language) / FOLDER / f"{kind}.toml"
    file = own if own.is_file() else folder / texts.DEFAULT / FOLDER / f"{kind}.toml"
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return Prompts(content["title"], content["what"], tuple(content["prompts"]))


def kinds(language: str = texts.DEFAULT) -> list[str]:
    """Return the kinds that a language has a file of prompts for."""
    folder = files("bot.texts") / language / FOLDER
    if not folder.is_dir():
        return []
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir())
