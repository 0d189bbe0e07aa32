"""The words in a picture, in the reader's language and in letters that can be drawn."""

from typing import Any, cast

from bot.pictures.canvas import legible
from bot.texts import Say


def told(entry: Any, say: Say, instead: str = "health.picture_here") -> str:
    """Return a text of a picture: {"key", "params"}, with texts and {"name"}s among its params.

    A name that cannot be drawn is replaced by `instead`. Nothing (None) is an empty text.
    """
    if entry is None:
        return ""
    params: dict[str, Any] = {}
    for name, value in entry["params"].items():
        if isinstance(value, dict):
            inner = cast("dict[str, Any]", value)
            raw = inner.get("name")
            if isinstance(raw, str):
                params[name] = legible(raw) or say(instead)
            else:
                params[name] = told(inner, say, instead)
        else:
            params[name] = value
    return say(entry["key"], **params)
