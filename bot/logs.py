"""How the log's lines look, and whose chatter is left out.

One line is one record, as text for people or as JSON for programs that gather logs. Lines of
Hearth's own name nobody; discord.py's debug lines hold whole events and requests, and the driver's
and the engine's hold what is written into the tables: whatever level is asked for, those are never
written. Everything else passes through bot/discretion.py.
"""

import logging
from collections.abc import Mapping

from pythonjsonlogger.json import JsonFormatter

from bot.discretion import Discreet
from bot.settings import Settings

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
JSON_FIELDS = ("levelname", "name", "message")
JSON_NAMES: Mapping[str, str] = {"levelname": "level", "name": "logger"}
JSON_TIME = "time"  # ISO 8601, in UTC
LEAST: Mapping[str, int] = {
    # Whole events and requests, with people's names and words.
    "discord": logging.INFO,
    # Every statement with what is written by it.
    "sqlalchemy": logging.WARNING,
    "aiosqlite": logging.WARNING,
    # A line for every migration, and for every beat of the metronome.
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
    # Every scrape.
    "aiohttp.access": logging.WARNING,
    # What fonts it looked at.
    "matplotlib": logging.WARNING,
    "PIL": logging.WARNING,
}
"""The lowest level that is written of each library, by its logger's name."""


def formatter(kind: str) -> logging.Formatter:
    """Return what writes lines of a kind: "text", or "json" with times in UTC."""
    if kind == "text":
        return logging.Formatter(TEXT)
    return JsonFormatter(list(JSON_FIELDS), rename_fields=dict(JSON_NAMES), timestamp=JSON_TIME)


def begin(settings: Settings) -> None:
    """Write the process's log to stderr, as the settings say."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(settings.log_format))
    handler.addFilter(Discreet(settings.token.get_secret_value()))
    logging.basicConfig(level=settings.log_level, handlers=[handler])
    hush()


def hush() -> None:
    """Leave out of the log what libraries tell that is nobody's business."""
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(least)
