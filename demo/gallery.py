"""Every picture that the bot sends, and whether who cannot see it is told what it shows."""

import mimetypes
import re
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

from sandbox.routing import Call

SENTENCE = re.compile(r"[A-Z0-9“‹\"].*[.!?]$", re.DOTALL)
LEAST_WORDS = 6
"""Fewer make no sentence that says what a picture shows."""
PICTURES = "image/"


class Gallery:
    """Looks on at the bot's requests: hang `look_on` where the sandbox has observers."""

    def __init__(self) -> None:
        self.shown = 0
        self.wordless: list[str] = []

    def look_on(self, call: Call, _status: int, _result: object) -> None:
        """Take in what is sent with a request."""
        if not call.uploads:
            return
        told = {str(one.get("id")): one for one in _attachments(call.body)}
        for number, upload in call.uploads.items():
            # By its name, as Discord does: clients tell no kind.
            kind, _ = mimetypes.guess_type(upload.name)
            if not (kind or "").startswith(PICTURES):
                continue
            self.shown += 1
            words = str(told.get(str(number), {}).get("description") or "")
            if not is_sentence(words):
                self.wordless.append(f"{upload.name} says only {words!r}")


def _attachments(body: object) -> Iterator[Mapping[str, Any]]:
    """Return what a request tells of its files, in a message or in an answer to an interaction."""
    if not isinstance(body, dict):
        return
    form = cast("dict[str, Any]", body)
    yield from form.get("attachments") or ()
    yield from _attachments(form.get("data"))


def is_sentence(words: str) -> bool:
    """Return whether words are a whole sentence, or more."""
    told = words.strip()
    return bool(SENTENCE.match(told)) and len(told.split()) >= LEAST_WORDS


class _Pictures(HTMLParser):
    """Finds the pictures of a page with their words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a picture in."""
        held = dict(attrs)
        if tag == "img":
            self.found.append(((held.get("src") or "")[:40], held.get("alt") or ""))
        elif tag == "svg" and held.get("aria-hidden") != "true":
            self.found.append(("svg", held.get("aria-label") or ""))


def pictures_of(pages: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Return each picture of some pages of HTML, with the words that stand for it."""
    for page in pages:
        parser = _Pictures()
        parser.feed(page.read_text(encoding="utf-8"))
        for source, words in parser.found:
            yield f"{page.name}: {source}", words
