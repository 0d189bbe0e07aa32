"""Pictures: drawn beside the event loop, one at a time, each once.

A message names a picture by its kind and carries what it shows (bot.rules.message.Picture). Here it
becomes a PNG: of its own opaque background, so that it reads the same in Discord's dark and light
themes. Only this package imports matplotlib.
"""

import asyncio
import importlib
import json
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, Literal, Protocol, cast

from bot.rules.message import Drawn, Picture
from bot.rules.report_page import plain
from bot.texts import Say

log = logging.getLogger(__name__)

# How the background is: dark for Discord; a page shows either, as its reader's screen does.
Theme = Literal["dark", "light"]

# By kind, the module whose `draw(values, say, theme)` returns a PNG.
KINDS = {
    "group": "bot.pictures.one_group",
    "groups": "bot.pictures.all_groups",
    "goal": "bot.pictures.goal",
    "map": "bot.pictures.group_map",
    "ritual": "bot.pictures.ritual",
    "stay": "bot.pictures.staying",
}
KEPT = 64  # pictures, of about 60 kB each

_one_at_a_time = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")


class Artist(Protocol):
    """What a module of KINDS has."""

    def draw(self, values: dict[str, Any], say: Say, theme: Theme) -> bytes:
        """Return the picture as a PNG."""
        ...


async def drawn(pictures: Sequence[Picture], say: Say, theme: Theme = "dark") -> list[Drawn]:
    """Draw pictures, beside the loop; one that cannot be drawn is left out, and logged.

    What was drawn lately is not drawn again: figures of weeks that are over do not change.
    """
    done: list[Drawn] = []
    loop = asyncio.get_running_loop()
    for number, picture in enumerate(pictures, 1):
        shown = json.dumps(picture.values, sort_keys=True, ensure_ascii=False)
        try:
            content = await loop.run_in_executor(
                _one_at_a_time, png, picture.kind, shown, say, theme
            )
        except Exception:  # what is said in words must not wait for it
            log.exception("A picture of kind %s could not be drawn.", picture.kind)
            continue
        name = f"{picture.kind}.png" if len(pictures) == 1 else f"{picture.kind}-{number}.png"
        done.append(Drawn(name, content, words_of(picture, say)))
    return done


def words_of(picture: Picture, say: Say) -> str:
    """Return the sentences that say what a picture shows; read aloud, so without any marks."""
    return plain(" ".join(say(line.key, **line.params) for line in picture.words))


@lru_cache(maxsize=KEPT)
def png(kind: str, values: str, say: Say, theme: Theme) -> bytes:
    """Draw one picture in this thread; `values` is JSON. KeyError for a kind that there is not."""
    # matplotlib takes a moment and 50 MB: it is loaded by the first picture.
    artist = cast("Artist", importlib.import_module(KINDS[kind]))
    return artist.draw(json.loads(values), say, theme)
