"""Every text that a person reads, by key and language.

One folder per language (`en/`), one TOML file per area; the key `join.full` is the entry `full` of
`join.toml`. A text is a string with `{named}` places, or a table with one string per plural form,
chosen by the parameter `n` as gettext does it (`plural` in `language.toml` is gettext's own
expression). A language may be incomplete: what it lacks is taken from English. The prompts of
rituals stand in its folder `prompts/`; `bot.texts.prompts` reads them.
"""

import gettext
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

DEFAULT = "en"

Entry = str | list[str]


class Say(Protocol):
    """Renders one text in one language."""

    def __call__(self, key: str, /, **params: Any) -> str:
        """Return the text `key` with its places filled in; KeyError if English lacks it too."""
        ...


class Catalogue:
    """The texts of one language; places that a text names must be given."""

    def __init__(self, entries: Mapping[str, Entry], plural: Callable[[int], int]) -> None:
        self.entries = entries
        self._plural = plural

    def __call__(self, key: str, /, **params: Any) -> str:
        """Return the text `key` with its places filled in; KeyError if there is none."""
        entry = self.entries[key]
        if isinstance(entry, list):
            entry = entry[self._plural(int(params["n"]))]
        return entry.format(**params)


def languages() -> list[str]:
    """Return the codes of the languages that there are texts in, English first."""
    found = sorted(folder.name for folder in files(__name__).iterdir() if folder.is_dir())
    return sorted((f for f in found if not f.startswith("_")), key=lambda code: code != DEFAULT)


def known(language: str) -> str:
    """Return the language of ours that is nearest to "de" or "pt-BR"; English where none is."""
    for code in (language, language.partition("-")[0]):
        if code in languages():
            return code
    return DEFAULT


@cache
def catalogue(language: str = DEFAULT) -> Catalogue:
    """Return the texts of `language` ("de" or "pt-BR"); English where there are none."""
    code = known(language)
    entries: dict[str, Entry] = dict(catalogue().entries) if code != DEFAULT else {}
    plural = "n != 1"
    for file in files(__name__).joinpath(code).iterdir():
        if file.is_dir():
            continue
        area = file.name.removesuffix(".toml")
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        if area == "language":
            plural = content["plural"]
            continue
        for name, entry in content.items():
            entries[f"{area}.{name}"] = entry
    return Catalogue(entries, gettext.c2py(plural))
