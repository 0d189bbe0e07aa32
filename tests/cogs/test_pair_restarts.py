"""Pairs over stops of Hearth's: a round is held once, and threads are made once."""

from datetime import datetime, timedelta

from bot.settings import Settings
from sandbox.app import Sandbox
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.cogs.pairing import WEEK, begun, opening, pairs_of, taking_part, threads
from tests.whole import Running, driven


async def test_stops_before_within_and_after_a_round(laid: Settings, now: datetime) -> None:
    """Down at its moment it comes an hour late; what was not said yet is said by who comes next."""
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        server = sandbox.add_server()
        async with driven(sandbox, laid) as app:
            hearth = Running(sandbox, server, server.owner, app)
            await set_up(hearth, facilitators_room=channel(hearth, "welcome"))
            await group(hearth)
            lena = await at_home(hearth, "Lena")
            await looked_after(hearth, lena)
            post = await begun(hearth, lena)
            people = await taking_part(hearth, post, lena, "Mara", "Jo", "Kim")
            await hearth.advance(WEEK - timedelta(days=1))
        await sandbox.advance(timedelta(days=1))  # nobody is there at its moment
        async with driven(sandbox, laid) as app:
            hearth = Running(sandbox, server, server.owner, app)
            sandbox.faults.add("503", "POST", "/channels/{channel_id}/threads", times=2)
            await hearth.advance(timedelta(hours=1))
        async with driven(sandbox, laid) as app:
            hearth = Running(sandbox, server, server.owner, app)
            await hearth.advance(timedelta(minutes=30))
            made = threads(hearth)
            assert sorted(user for thread in made for user in pairs_of(thread)) == sorted(
                person.id for person in people
            )
            answer = await lena.press(
                opening(next(one for one in made if lena.id in pairs_of(one))), "We met"
            )
            assert "I count that this pair met" in answer.text
        async with driven(sandbox, laid) as app:
            hearth = Running(sandbox, server, server.owner, app)
            await hearth.advance(timedelta(hours=2))
            assert threads(hearth) == made
            assert all(len([m for m in one.history if m.components]) == 1 for one in made)
