"""Fifty people join at once, and the bot is killed in the middle of it."""

from collections.abc import Collection, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from sandbox.answers import Answer
from tests.crash.conftest import Told
from tests.crash.process import Moment
from tests.crash.story import DOWN, Death, Story, all_at_once

BEGIN = "POST /interactions/{interaction_id}/{interaction_token}/callback"
FINISH = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
ROLE = "PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}"
DOOR = "PUT /channels/{channel_id}/permissions/{overwrite_id}"
WRITE = "POST /channels/{channel_id}/messages"

COMERS = 50
AT_ONCE = timedelta()


async def joins(story: Story, death: Death | None) -> None:
    """Thirty want into a group with a role, twenty into one without, all at the same moment.

    Who gets no answer, because the bot is dead, presses again when it is back.
    """
    owner = story.owner
    await story.calls(owner, "hearth type add", name="Table", cap=60)
    await story.calls(owner, "hearth type add", name="Den", cap=30, access="overwrites")
    await story.founds("Riverside", "Table")
    await story.founds("Owls", "Den")
    people = {person.id: person for person in await story.people(COMERS)}
    wish = {who: "Owls" if n % 5 > 2 else "Riverside" for n, who in enumerate(people)}
    answers: dict[int, Answer] = {}

    def attempts(some: Collection[int]) -> dict[int, Coroutine[Any, Any, Answer]]:
        return {who: people[who].command("join", group=wish[who]) for who in some}

    end = story.sandbox.clock.now() + 2 * DOWN
    await story.survives(death, all_at_once(attempts(people), answers), end)

    told = {who for who, answer in answers.items() if answer.kind == "message"}
    at_home = {user for (user,) in story.ask("SELECT user_id FROM membership")}
    assert told <= at_home, "somebody was welcomed and has no home"
    if death is None:
        assert told == people.keys()
    else:
        assert story.wounds or told != people.keys(), "the bot had done everything before it died"

    again: dict[int, Answer] = {}
    await all_at_once(attempts(people.keys() - told), again)
    assert all(answer.kind == "message" for answer in again.values())
    await story.bot.settle()
    doors = {name: story.server.channel(f"🔥-{name.lower()}") for name in ("Riverside", "Owls")}
    for who, person in people.items():
        assert [name for name, door in doors.items() if person.sees(door)] == [wish[who]]


@pytest.mark.parametrize(
    ("moment", "gone_for"),
    [
        pytest.param(Moment(BEGIN, 7), AT_ONCE, id="before an answer is begun"),
        pytest.param(Moment(ROLE), AT_ONCE, id="before the first key"),
        pytest.param(Moment(ROLE), DOWN, id="before the first key, gone for long"),
        pytest.param(Moment(ROLE, 9, after=True), AT_ONCE, id="after a key"),
        pytest.param(Moment(DOOR, 5, after=True), DOWN, id="after a door, gone for long"),
        pytest.param(Moment(WRITE, 9, after=True), DOWN, id="after a welcome, gone for long"),
        pytest.param(Moment(FINISH, 20), AT_ONCE, id="before an answer is finished"),
    ],
)
async def test_fifty_who_join_at_once_have_one_home_each(
    told: Told, moment: Moment, gone_for: timedelta
) -> None:
    """Whoever was answered has moved in, who was not can press again; nobody is welcomed twice."""
    assert await told(joins, Death(moment, gone_for)) == await told(joins, None)
