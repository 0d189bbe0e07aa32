"""The log holds neither the token, nor who somebody is, nor what somebody wrote."""

import logging
import re
import sys
from collections.abc import Callable
from io import StringIO

import pytest

from bot.discretion import LEFT_OUT, Discreet
from bot.logs import formatter

TOKEN = "MTIz.Gabcde.a-secret-of-many-letters"  # noqa: S105 - nobody's
KIM, MARA = 1184422334455667788, 1184422334455667799


class Log:
    """A log that is written as the bot's is."""

    def __init__(self, kind: str = "text") -> None:
        self._into = StringIO()
        handler = logging.StreamHandler(self._into)
        handler.setFormatter(formatter(kind))
        handler.addFilter(Discreet(TOKEN))
        self._logger = logging.Logger("bot.somewhere", logging.INFO)  # noqa: LOG001 - its lines reach no other handler
        self._logger.addHandler(handler)

    def tell(self, words: str, *arguments: object, error: bool = False) -> str:
        """Write a line; return all that was written so far."""
        self._logger.warning(words, *arguments, exc_info=error)
        return self._into.getvalue()


@pytest.mark.parametrize("kind", ["text", "json"])
def test_the_token_is_left_out_wherever_it_stands(kind: str) -> None:
    """In the words, in what fills them, in an error and in what is behind the error."""
    log = Log(kind)
    log.tell(f"with {TOKEN}")
    log.tell("with %s and %r", TOKEN, {"token": TOKEN})
    try:
        try:
            raise RuntimeError(TOKEN)  # noqa: TRY301 - it must have been raised somewhere
        except RuntimeError as error:
            raise OSError(f"again {TOKEN}") from error
    except OSError:
        said = log.tell("It failed.", error=True)
    assert TOKEN not in said
    assert said.count(LEFT_OUT) == 5
    assert "test_discretion.py" in said


def test_tokens_in_addresses_are_left_out() -> None:
    """Whoever has an interaction's token can answer in Hearth's name."""
    said = Log().tell(
        "POST /webhooks/123/aW50ZXJhY3Rpb246/messages/@original, /interactions/9/xyz/callback"
    )
    assert f"/webhooks/123/{LEFT_OUT}/messages/@original" in said
    assert f"/interactions/9/{LEFT_OUT}/callback" in said


def test_people_are_references_that_hold_within_one_run() -> None:
    """Two lines about the same person can be put together; in the next run they cannot."""

    def of(log: Log) -> list[str]:
        return re.findall(
            "~[0-9a-f]{6}", log.tell("%d did, then %s, then %d.", KIM, f"<@{MARA}>", KIM)
        )

    first, second = of(Log()), of(Log())
    assert (first[0] == first[2], first[0] == first[1], first == second) == (True, False, False)
    assert str(KIM) not in Log().tell("GET /guilds/123456789012345678/members/%d", KIM)


def test_servers_rooms_and_roles_keep_their_ids() -> None:
    """An operator with several servers must know which it is, and which room cannot be read."""
    words = "Server 123456789012345678, room 223456789012345678: role 323456789012345678 is gone."
    assert words in Log().tell(words)
    address = "POST https://discord.com/api/v10/channels/123456789012345678/messages"
    assert address in Log().tell(address)


def _number() -> None:
    int("Kim told me in private")


def _key() -> None:
    {}["Kim told me in private"]


def _group() -> None:
    raise ExceptionGroup("two", [KeyError("Kim told me in private"), OSError("the line is down")])


@pytest.mark.parametrize("fail", [_number, _key, _group])
def test_errors_that_quote_are_told_by_kind_and_place(fail: Callable[[], None]) -> None:
    """What somebody typed may stand in a ValueError; what failed where stands in the traceback."""
    said = ""
    try:
        fail()
    except Exception:  # noqa: BLE001 - of every kind
        said = Log().tell("It failed.", error=True)
    assert "in private" not in said.replace('"Kim told me in private"', "")  # the test's own line
    assert fail.__name__ in said
    assert re.search(r"(Value|Key)Error: \[left out\]", said)
    assert (fail is _group) == ("OSError: the line is down" in said)


def test_a_record_reaches_other_handlers_once_told() -> None:
    """A record that passed is text: nothing of what filled it is left behind for others."""
    try:
        raise KeyError(KIM)  # noqa: TRY301 - it must have been raised somewhere
    except KeyError:
        record = logging.LogRecord("x", 30, __file__, 1, "%s", (KIM,), sys.exc_info())
    assert Discreet().filter(record)
    assert str(KIM) not in str(vars(record))
