"""The log: one line for one record, for people or for programs, without libraries' chatter."""

import json
import logging
from collections.abc import Generator
from datetime import datetime, timedelta

import pytest

from bot.logs import LEAST, formatter, hush


@pytest.fixture
def levels() -> Generator[None]:
    """Give the libraries' loggers back the levels that they had."""
    before = {name: logging.getLogger(name).level for name in LEAST}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def record(*, error: BaseException | None = None) -> logging.LogRecord:
    """Return a line that a part of Hearth might write."""
    trace = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord(
        "bot.outbox",
        logging.WARNING,
        __file__,
        1,
        "Put off %d times: \u201c%s\u201d",
        (3, "x\ny"),
        trace,
    )


def test_text_is_a_line_as_people_read_it() -> None:
    """Level, part and words stand in it."""
    assert (
        formatter("text").format(record()).endswith(" WARNING bot.outbox: Put off 3 times: “x\ny”")
    )


def test_json_is_one_object_on_one_line() -> None:
    """A program finds when, how bad, where and what; a line break in the words breaks no line."""
    line = formatter("json").format(record())
    assert "\n" not in line
    found = json.loads(line)
    assert datetime.fromisoformat(found.pop("time")).utcoffset() == timedelta()
    assert found == {
        "level": "WARNING",
        "logger": "bot.outbox",
        "message": "Put off 3 times: “x\ny”",
    }


def test_json_holds_a_traceback_too() -> None:
    """What failed is in the same object, still on one line."""
    with pytest.raises(KeyError) as raised:
        {}["nothing there"]
    line = formatter("json").format(record(error=raised.value))
    assert "\n" not in line
    assert "KeyError: 'nothing there'" in json.loads(line)["exc_info"]


@pytest.mark.usefixtures("levels")
def test_libraries_are_never_asked_for_details() -> None:
    """Whatever level is asked for, no library tells of single events, requests or statements."""
    for name in LEAST:
        logging.getLogger(name).setLevel(logging.DEBUG)
    hush()
    for name in ("discord.gateway", "discord.http", "sqlalchemy.engine.Engine", "aiosqlite"):
        assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)
