"""A group of twelve becomes two, and the bot is killed in the middle of it."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.people import Person
from tests.crash.conftest import Told
from tests.crash.process import Moment
from tests.crash.story import DOWN, MINUTE, Death, Story, all_at_once

MAKE_ROLE = "POST /guilds/{guild_id}/roles"
MAKE_ROOM = "POST /guilds/{guild_id}/channels"
MOVE = "PATCH /guilds/{guild_id}/members/{user_id}"
DOOR = "PUT /channels/{channel_id}/permissions/{overwrite_id}"
WRITE = "POST /channels/{channel_id}/messages"

AT_ONCE = timedelta()


async def splits(story: Story, death: Death | None) -> None:
    """Two circles of six live in one group; the owner lets them part, and they do."""
    await story.calls(story.owner, "hearth type add", name="Table", cap=12, split_delay_days=1)
    await story.founds("Riverside", "Table")
    people = await story.people(12)
    await all_at_once({p.id: p.command("join", group="Riverside") for p in people}, {})
    await story.bot.settle()
    await _talk(story, people[::2])
    await _talk(story, people[1::2])
    await story.sandbox.advance(timedelta(hours=1))
    await story.presses(story.owner, story.posted("split-tell"), "split-tell")
    await story.presses(people[0], story.posted("split-where"), "split-where")
    parting = _moment(story)
    await story.sandbox.advance(parting - MINUTE)
    await story.survives(death, story.sandbox.advance(parting), parting + 2 * DOWN)
    assert story.wounds or death is None or death.moment is None
    assert story.ask("SELECT state FROM split") == [("done",)]


async def _talk(story: Story, circle: list[Person]) -> None:
    """Let everyone in a circle answer everyone."""
    room = story.server.channel("🔥-riverside")
    for one in circle:
        message = await one.write(room, "Who comes along?")
        for other in circle:
            if other is not one:
                await other.write(room, "I do.", reply_to=message)
    await story.bot.settle()


def _moment(story: Story) -> datetime:
    (at,) = story.ask("SELECT runs_at FROM split")[0]
    return datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "gone_for"),
    [
        pytest.param(Moment(MAKE_ROLE), AT_ONCE, id="before the new role"),
        pytest.param(Moment(MAKE_ROLE, after=True), AT_ONCE, id="after the new role"),
        pytest.param(Moment(MAKE_ROLE, after=True), DOWN, id="after the new role, gone for long"),
        pytest.param(Moment(MAKE_ROOM, after=True), AT_ONCE, id="after the new room"),
        pytest.param(Moment(DOOR, after=True), AT_ONCE, id="after the open door"),
        pytest.param(Moment(MOVE), AT_ONCE, id="before the first move"),
        pytest.param(Moment(MOVE, 4, after=True), AT_ONCE, id="after a move"),
        pytest.param(Moment(MOVE, 4, after=True), DOWN, id="after a move, gone for long"),
        pytest.param(Moment(WRITE, 2, after=True), AT_ONCE, id="after a message"),
        pytest.param(Moment(WRITE, 2, after=True), DOWN, id="after a message, gone for long"),
    ],
)
async def test_a_split_is_finished_by_who_comes_next(
    told: Told, moment: Moment, gone_for: timedelta
) -> None:
    """Both halves, their doors and what is said in them are as if nothing had happened."""
    assert await told(splits, Death(moment, gone_for)) == await told(splits, None)


@pytest.mark.slow
async def test_a_split_is_finished_by_bots_that_live_for_one_request(told: Told) -> None:
    """A bot that dies of everything that it changes gets there all the same."""
    assert await told(splits, Death(None)) == await told(splits, None)
