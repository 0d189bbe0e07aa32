"""A sample of the chaos trial, in a process of its own: it forks, which a test's process must not.

The whole of it is `python -m trials.chaos`.
"""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from trials.chaos.__main__ import cases_of, main, shares
from trials.chaos.moments import COMMIT, Case, Moment
from trials.chaos.plots import PLOTS
from trials.chaos.snapshot import differences

ROOT = Path(__file__).parents[2]
WRITE = "POST /channels/{channel_id}/messages"
LOOK = "GET /guilds/{guild_id}/audit-logs"


HEAPS = 3  # a process tells several stories: its start takes as long as one of them

HARDEST = (
    "create:POST /guilds/{guild_id}/roles#1:after",  # a role that nobody knows
    "create:POST /guilds/{guild_id}/channels#2:after:late",  # a room, gone for long
    f"split:{WRITE}#2:after:late",  # a message whose nonce is forgotten
    f"ritual:{WRITE}#1:after:over and over",  # of everything it changes
    f"crowd:{COMMIT}#3:after",  # right after a commit
)
"""Where a second role, room or message would be easiest to make."""

SPOILED = """
import sys
from trials.chaos.__main__ import main
from trials.chaos.plot import Plot
from trials.chaos.plots import PLOTS

class Spoiled(Plot):
    name = "join"

    async def prelude(self, story):
        await super().prelude(story)
        await story.founds("Riverside")
        await story.comes("Kim")

    async def act(self, story):
        await story.calls(story.cast["Kim"], "join", group="Riverside")
        if story.lives > 1:
            await story.owner.create_role("Second")

PLOTS["join"] = Spoiled()
sys.exit(main(sys.argv[1:]))
"""
"""The trial with a plot that does not end the same when the bot has died."""


async def chaos(
    *options: str, program: tuple[str, ...] = ("-m", "trials.chaos")
) -> tuple[int, str]:
    """Run the trial; return its exit status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(*program, "--jobs", "1", *options),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@pytest.mark.slow
@pytest.mark.parametrize("heap", range(HEAPS))
async def test_a_story_ends_as_if_nobody_had_been_killed(heap: int, tmp_path: Path) -> None:
    """One death of each story, drawn by a fixed seed, and the hardest: all ends up equal."""
    stories = list(PLOTS)[heap::HEAPS]
    hardest = [case for case in HARDEST if Case.parsed(case).story in stories]
    result = tmp_path / "chaos.json"
    status, said = await chaos(
        *("--stories", ",".join(stories), "--cases", str(len(stories)), "--json", str(result)),
        *(part for case in hardest for part in ("--also", case)),
    )
    assert status == 0, said
    figures = json.loads(result.read_text())
    assert figures == json.loads(said.splitlines()[-1])
    assert figures["converged"] == figures["cases"]
    lines = [line.split() for line in said.splitlines()]
    told = {words[0]: int(words[5]) for words in lines if words[6:7] == ["cases"]}
    sought = {
        story: [case for case in hardest if Case.parsed(case).story == story] for story in stories
    }
    assert all(told.get(story, 0) > len(cases) for story, cases in sought.items()), said


def test_each_of_the_hardest_deaths_is_in_a_story() -> None:
    """None of them is left out of the heaps because its story has another name."""
    assert {Case.parsed(case).story for case in HARDEST} <= PLOTS.keys()


async def test_a_difference_is_shown_with_how_to_repeat_it() -> None:
    """What one death leaves behind is named, and the trial has failed."""
    status, said = await chaos("--stories", "join", "--cases", "1", program=("-c", SPOILED))
    assert status == 1, said
    assert "+ Second: " in said
    assert 'again: python -m trials.chaos --only "join:' in said
    assert json.loads(said.splitlines()[-1]) == {"cases": 1, "converged": 0}


@pytest.mark.parametrize(
    "asked",
    [("--stories", "jion"), ("--also", "jion:COMMIT#1:after"), ("--only", "jion:COMMIT#1:after")],
)
def test_a_story_that_is_not_there_is_named(asked: tuple[str, str], tmp_path: Path) -> None:
    """A typing error is told at once, and nothing is written."""
    result = tmp_path / "chaos.json"
    with pytest.raises(SystemExit, match="no such story: jion; there are: join, "):
        main([*asked, "--json", str(result)])
    assert not result.exists()


def test_a_case_is_written_as_it_is_read() -> None:
    """What is printed beside a difference repeats exactly that case."""
    for case in cases_of("join", {WRITE: 2, LOOK: 1}, commits=2):
        assert Case.parsed(str(case)) == case
    with pytest.raises(ValueError, match="not a case"):
        Case.parsed("join:somewhere")


def test_every_call_is_a_moment_before_and_after() -> None:
    """Each call twice, each commit once; changes also late and again; once over and over."""
    cases = cases_of("join", {WRITE: 2, LOOK: 1}, commits=2)
    assert len(set(cases)) == len(cases) == 2 * 4 + 2 + 2 + 1
    for nth in (1, 2):
        for after in (False, True):
            assert Case("join", Moment(WRITE, nth, after=after)) in cases
    assert sum(case.back == "over and over" for case in cases) == 1


def test_cases_are_shared_evenly() -> None:
    """A limit is for all stories together."""
    assert list(shares(["a", "b", "c"], 7)) == [("a", 3), ("b", 2), ("c", 2)]
    assert list(shares(["a", "b"], None)) == [("a", None), ("b", None)]


def test_two_of_a_kind_differ_from_one() -> None:
    """A second message or role is a difference, whatever else is equal."""
    one = {"roles": ["Riverside"], "messages in room": ["Hello"]}
    assert differences(one, one) == []
    assert differences(one, {**one, "roles": ["Riverside", "Riverside"]}) == [
        "roles",
        "  + Riverside",
    ]
    assert differences(one, {"roles": ["Millpond"]}) == [
        "messages in room",
        "  - Hello",
        "roles",
        "  - Riverside",
        "  + Millpond",
    ]
