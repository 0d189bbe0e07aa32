"""People are answered once and rightly, whatever the line does."""

import asyncio
import logging
from collections.abc import Sequence

import pytest

from sandbox.faults import Kind
from tests.conftest import Running

CALLBACK = "/interactions/*/callback"
ORIGINAL = "/webhooks/*/messages/@original"


@pytest.fixture
def cogs() -> Sequence[str]:
    """The one cog that is asked here."""
    return ("cogs.privacy",)


FAULTS: list[tuple[Kind, bool]] = [
    ("reset", False),
    ("reset", True),
    ("silence", False),
    ("silence", True),
    ("503", False),
    ("502", True),
    ("slow", False),
    ("slow", True),
    ("cloudflare", True),
]


@pytest.mark.parametrize(("kind", "effect"), FAULTS)
async def test_a_first_answer_gets_through(hearth: Running, kind: Kind, *, effect: bool) -> None:
    """What Discord may have taken is given again, and taken for given when it says so."""
    usual = (await hearth.owner.command("privacy show")).text
    hearth.sandbox.faults.add(kind, "POST", CALLBACK, effect=effect)
    answer = await hearth.owner.command("privacy show")
    assert answer.text == usual
    assert answer.followups == []
    assert sum(hearth.sandbox.faults.struck.values()) == 1


@pytest.mark.parametrize(("kind", "effect"), [one for one in FAULTS if one[0] != "silence"])
async def test_a_later_answer_gets_through(hearth: Running, kind: Kind, *, effect: bool) -> None:
    """The deferred answer is filled in, once."""
    usual = (await hearth.owner.command("privacy show")).text
    hearth.sandbox.faults.add(kind, "PATCH", ORIGINAL, effect=effect)
    answer = await hearth.owner.command("privacy show")
    assert answer.text == usual
    assert answer.followups == []


async def test_who_is_turned_away_does_not_insist(
    hearth: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that Discord's edge refuses is not given again, and is no error of ours."""
    hearth.sandbox.faults.add("cloudflare-403", "PATCH", ORIGINAL, times=None)
    before = hearth.sandbox.requests.snapshot()
    with caplog.at_level(logging.WARNING):
        asked = asyncio.create_task(hearth.owner.command("privacy show"))
        async with asyncio.timeout(5):
            while not caplog.records:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.001)
        await hearth.settle()
    asked.cancel()
    assert hearth.sandbox.requests.since(before).invalid == 1
    assert [record.levelname for record in caplog.records if record.name == "bot.conversation"] == [
        "WARNING"
    ]


async def test_an_answer_that_is_put_away_is_no_error(
    hearth: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """An interaction that ran out meanwhile is left alone."""
    hearth.sandbox.interactions.answer_within = 0.0
    with caplog.at_level(logging.WARNING):
        answer = await hearth.owner.command("privacy show")
        await hearth.settle()
    assert answer.failed
    assert [record for record in caplog.records if record.name == "bot.conversation"] == []
