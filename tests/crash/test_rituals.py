"""Rituals are due in several groups at the same minute, and the bot is killed while it posts."""

from datetime import datetime, timedelta

import pytest

from demo.noticeboard import verbs
from tests.crash.conftest import Told
from tests.crash.process import Moment
from tests.crash.story import DOWN, MINUTE, Death, Story

WRITE = "POST /channels/{channel_id}/messages"

GROUPS = ("Riverside", "Millpond", "Orchard", "Lighthouse", "Hilltop")
AT_ONCE = timedelta()
TOO_LONG = timedelta(hours=2)  # a ritual is posted up to 90 minutes late


async def rituals(story: Story, death: Death | None) -> None:
    """Five groups have a ritual on the same Monday at three."""
    due = await _set_up(story)
    await story.survives(death, story.sandbox.advance(due), due + 4 * DOWN)
    assert story.wounds or death is None or death.moment is None
    assert story.ask("SELECT state FROM occurrence") == [("posted",)] * len(GROUPS)


async def rituals_missed(story: Story, death: Death | None) -> None:
    """The bot comes back when it is too late for what it has not posted."""
    due = await _set_up(story)
    await story.survives(death, story.sandbox.advance(due), due + 5 * DOWN)
    states = [state for (state,) in story.ask("SELECT state FROM occurrence")]
    posted = [
        message
        for channel in story.server.channels.values()
        for message in channel.history
        if "ritual-in" in verbs(message)
    ]
    assert len(states) == len(GROUPS)
    assert len(posted) == states.count("posted") >= 2
    assert states.count("skipped") == len(GROUPS) - len(posted) >= 1
    assert {message.sent_at for message in posted} == {due}


async def _set_up(story: Story) -> datetime:
    """Let the owner found the groups, set up a ritual on each desk and press Start."""
    owner = story.owner
    await story.calls(owner, "hearth type add", name="Table", cap=12)
    for name in GROUPS:
        await story.founds(name, "Table")
        desk = await story.calls(owner, "desk", group=name)
        shelf = await story.presses(owner, desk, "rituals-list")
        blank = await story.presses(owner, shelf, "ritual-add")
        one = await owner.fill(
            blank, title="Three o'clock", when="weekly monday 15:00", prompts="How are you?"
        )
        await story.presses(owner, one, "ritual-start")
    due = story.sandbox.clock.now().replace(hour=15)
    await story.sandbox.advance(due - MINUTE)
    return due


@pytest.mark.parametrize(
    ("moment", "gone_for"),
    [
        pytest.param(Moment(WRITE), AT_ONCE, id="before the first"),
        pytest.param(Moment(WRITE, 2, after=True), AT_ONCE, id="after the second"),
        pytest.param(Moment(WRITE, 2, after=True), DOWN, id="after the second, gone for long"),
        pytest.param(Moment(WRITE, 4), AT_ONCE, id="before the fourth"),
        pytest.param(Moment(WRITE, 4), DOWN, id="before the fourth, gone for long"),
    ],
)
async def test_every_ritual_that_is_due_is_posted_once(
    told: Told, moment: Moment, gone_for: timedelta
) -> None:
    """What stood in a room is not repeated, what did not stand there yet is posted."""
    assert await told(rituals, Death(moment, gone_for)) == await told(rituals, None)


async def test_rituals_are_posted_by_a_bot_that_dies_of_each(told: Told) -> None:
    """A bot that lives for one message at a time posts every ritual once."""
    assert await told(rituals, Death(None)) == await told(rituals, None)


async def test_what_is_too_late_is_written_down_and_not_posted(told: Told) -> None:
    """After two hours the rituals that stand in their rooms are known, the others are skipped."""
    await told(rituals_missed, Death(Moment(WRITE, 3), TOO_LONG))
