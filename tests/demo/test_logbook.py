"""Whether a log gives anybody away: found where it does, and not where it does not."""

import json
import logging

import pytest

from demo.logbook import Logbook, Secrets

TOKEN = "MTIz.GabcdE.a-secret-that-is-long"  # noqa: S105 - nobody's
SECRETS = Secrets(
    token=TOKEN,
    ids={1477998909849600123},
    names={"Pia2", "pia2"},
    texts={"The jokes in there get sharper than I like.", "Riverside", "30 days"},
)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (f"Login with {TOKEN} failed", "the token"),
        ("Member 1477998909849600123 was refused", "somebody's id"),
        ("member:1477998909849600123: roles", "somebody's id"),
        ("Nobody answered pia2", "somebody's name"),
        ("It said “The jokes in there get sharper than I like.”", "somebody's words"),
    ],
)
def test_what_gives_somebody_away_is_found(line: str, what: str) -> None:
    """The token, and anybody's id, name or words, wherever in the line they stand."""
    assert [found.partition(":")[0] for found in SECRETS.found_in([line])] == [
        f"the log holds {what}"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Server 1477998909849600001: a look takes 0.2 seconds",
        "group:12 will be tried again",
        "Riverside is full; 30 days left",
        "pia23 is somebody else, and so is pia",
    ],
)
def test_what_names_nobody_is_let_be(line: str) -> None:
    """A server's id, a group's number, and words that anybody may have typed."""
    assert list(SECRETS.found_in([line])) == []


def test_everything_of_the_bots_is_kept_and_nothing_else() -> None:
    """Debug lines and tracebacks too, however they are logged; the sandbox's are its own."""
    with Logbook() as book:
        log = logging.getLogger("bot.services.anything")
        log.debug("quite %s", "low")
        name = "Pia2"
        try:
            {}[name]
        except KeyError:
            log.exception("It failed.")
        logging.getLogger("sandbox.rest").warning("not the bot's")
        logging.getLogger("demo.play").warning("neither")
    log.error("after the end")
    for lines in (book.lines, book.own):
        told = [json.loads(line) for line in lines]
        assert [one["message"] for one in told] == ["quite low", "It failed."]
    assert list(SECRETS.found_in(book.lines)) == []
    assert [found.partition(":")[0] for found in SECRETS.found_in(book.own)] == [
        "the log holds somebody's name"
    ]
    assert len(book.errors) == 1
    assert "KeyError" in book.errors[0]


def test_the_loggers_are_left_as_they_were() -> None:
    """A demo in a test changes no other test's log."""
    before = logging.getLogger().level
    with Logbook():
        assert logging.getLogger().level == logging.DEBUG
    assert logging.getLogger().level == before
