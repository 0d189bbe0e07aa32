"""Pictures without words for those who cannot see them are found, wherever they are sent."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from demo.gallery import Gallery, is_sentence, pictures_of
from sandbox.app import Sandbox

WORDS = "Riverside has 41 people at home, and 23 of them wrote this week."
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


@pytest.mark.parametrize("words", [WORDS, "12 groups are shown; the largest has 140 homes.\n"])
def test_a_sentence_is_one(words: str) -> None:
    """It begins like one, ends like one, and says something."""
    assert is_sentence(words)


@pytest.mark.parametrize("words", ["", "chart", "health.png", "A picture.", "The health of groups"])
def test_a_label_is_no_sentence(words: str) -> None:
    """A name of a file, a title or a word tells nobody what a picture shows."""
    assert not is_sentence(words)


async def sent(sandbox: Sandbox, described: list[dict[str, Any]], name: str) -> Gallery:
    """Send a message with a file into a server's room, as the bot; return who looked on."""
    gallery = Gallery()
    sandbox.rest.observer = gallery.look_on
    room = sandbox.add_server().channel("general")
    with aiohttp.MultipartWriter("form-data") as parts:
        parts.append_json({"content": "Look", "attachments": described}).set_content_disposition(
            "form-data", name="payload_json"
        )
        part = parts.append(PNG, {"Content-Type": "application/octet-stream"})  # pyright: ignore[reportArgumentType] - any mapping does
        part.set_content_disposition("form-data", name="files[0]", filename=name)
    async with aiohttp.ClientSession() as http:
        url = f"{sandbox.base_url}/api/v10/channels/{room.id}/messages"
        head = {"Authorization": f"Bot {sandbox.token}"}
        async with http.post(url, data=parts, headers=head) as answer:
            assert answer.status == 200, await answer.text()
    return gallery


async def test_a_picture_with_a_sentence_is_as_it_should_be() -> None:
    """It is counted, and nothing is said of it."""
    async with Sandbox() as sandbox:
        gallery = await sent(sandbox, [{"id": 0, "description": WORDS}], "map.png")
    assert (gallery.shown, gallery.wordless) == (1, [])


async def test_a_picture_without_words_is_named() -> None:
    """With a mere label it is named as well."""
    async with Sandbox() as sandbox:
        silent = await sent(sandbox, [{"id": 0}], "map.png")
        label = await sent(sandbox, [{"id": 0, "description": "A map"}], "map.png")
    assert silent.wordless == ["map.png says only ''"]
    assert label.wordless == ["map.png says only 'A map'"]


def test_the_pictures_of_a_page_are_found(tmp_path: Path) -> None:
    """Pictures in a file or drawn in the page; those that only decorate say so."""
    page = tmp_path / "report.html"
    page.write_text(
        f'<img src="map.png" alt="{WORDS}"><img src="data:image/png;base64,xyz">'
        '<svg role="img" aria-label="Up"></svg><svg aria-hidden="true"></svg>',
        encoding="utf-8",
    )
    assert [words for _, words in pictures_of([page])] == [WORDS, "", "Up"]
