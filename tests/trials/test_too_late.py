"""A bot that is killed while rituals are due, and comes back when it is too late for the rest."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from demo.checker import check
from demo.noticeboard import verbs
from sandbox.app import Sandbox
from trials.chaos.moments import Moment
from trials.chaos.plots import Ritual
from trials.chaos.process import Executed, Process
from trials.chaos.story import MINUTE, Story

TOO_LONG = timedelta(hours=2)  # a ritual is posted up to 90 minutes late


async def test_what_is_too_late_is_written_down_and_not_posted(
    tmp_path: Path, now: datetime
) -> None:
    """Rituals that stand in their rooms are known, the others are skipped; told by `bot run`."""
    plot = Ritual()
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        story = Story(sandbox, sandbox.add_server())
        bot = Process(sandbox, tmp_path, Executed())
        story.meets(bot)
        try:
            await bot.start()
            await plot.prelude(story)
            await bot.settle()
            due = story.now + MINUTE
            bot.arm(Moment("POST /channels/{channel_id}/messages", 3))
            working = asyncio.create_task(sandbox.advance(due))
            await bot.dies()
            await bot.dead()
            await working
            await sandbox.advance(TOO_LONG)
            await bot.start()
            await sandbox.advance(MINUTE)
            states = [state for (state,) in story.ask("SELECT state FROM occurrence")]
            await bot.stop()
        finally:
            await bot.clear_away()
        assert not bot.complaints(), bot.tail(100)
        assert check(sandbox.state, bot.tables).clean
    posted = [
        message
        for channel in story.server.channels.values()
        for message in channel.history
        if "ritual-in" in verbs(message)
    ]
    assert len(states) == len(plot.groups)
    assert len(posted) == states.count("posted") >= 2
    assert states.count("skipped") == len(plot.groups) - len(posted) >= 1
    assert {message.sent_at for message in posted} == {due}
