"""The metronome: what is due runs, what fails does not stop the rest."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from bot.clock import SetClock
from bot.schedule import Job, Schedule
from bot.settings import Settings
from models import Ritual, Server
from tests.bot.harbour import harbour


async def test_a_job_runs_once_however_many_beats_were_missed(now: datetime) -> None:
    """After an hour of sleep a minute's job looks once at what is due by now."""
    clock, seen = SetClock(now), list[datetime]()

    async def work(moment: datetime) -> None:
        seen.append(moment)

    schedule = Schedule(clock, [Job("minute", timedelta(minutes=1), work)])
    await schedule.run_due()
    await schedule.run_due()
    clock.set(now + timedelta(hours=1))
    await schedule.run_due()
    assert seen == [now, now + timedelta(hours=1)]


async def test_a_failing_job_is_logged_and_runs_again(
    now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """One broken job stops neither itself for ever nor the others."""
    clock, ran = SetClock(now), list[str]()

    async def broken(_moment: datetime) -> None:
        ran.append("broken")
        raise RuntimeError

    async def sound(_moment: datetime) -> None:
        ran.append("sound")

    schedule = Schedule(
        clock,
        [Job("broken", timedelta(minutes=1), broken), Job("sound", timedelta(minutes=1), sound)],
    )
    await schedule.run_due()
    clock.set(now + timedelta(minutes=1))
    await schedule.run_due()
    assert ran == ["broken", "sound", "broken", "sound"]
    assert "The job broken failed" in caplog.text


async def test_work_under_way_is_finished_before_the_metronome_stops(now: datetime) -> None:
    """Nobody pulls the tables away from a job in the middle of a transaction."""
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), list[datetime]()

    async def work(moment: datetime) -> None:
        begun.set()
        await may_end.wait()
        ended.append(moment)

    schedule = Schedule(SetClock(now), [Job("minute", timedelta(minutes=1), work)])
    async with schedule.beating():
        await begun.wait()
        may_end.set()
    assert ended == [now]


def test_a_set_clock_does_not_run_backwards(now: datetime) -> None:
    """Ids and cool-downs rely on time going on."""
    clock = SetClock(now)
    with pytest.raises(ValueError, match="backwards"):
        clock.set(now - timedelta(seconds=1))


async def test_a_server_that_cannot_be_looked_at_keeps_nothing_from_the_others(
    laid: Settings, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """What is wrong with one server's row is logged; the next one is looked at all the same."""
    async with harbour(laid, now) as place:
        other = place.sandbox.add_server(name="Haven")
        assert other.id > place.guild.id, "servers are looked at in the order of their ids"
        async with place.writing() as session:
            session.add(Server(id=other.id, added_at=now))
            broken = await session.get_one(Server, place.guild.id)
            broken.zone = "Nowhere/Land"
        await place.start()
        await place.sandbox.advance(timedelta(days=1))
        async with place.tables.reading() as session:
            looked = {row.id: row.quiet_checked_on for row in await session.scalars(select(Server))}
    assert looked[place.guild.id] is None
    assert looked[other.id] is not None
    assert f"Server {place.guild.id} could not be seen to" in caplog.text


async def test_a_visit_that_cannot_end_keeps_no_ritual_waiting(
    laid: Settings, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """What fails in a minute's work is logged; the rest of it is done all the same."""
    async with harbour(laid, now) as place:
        await place.start()
        group_id = await place.group("Riverside")
        await place.visits(await place.person(), group_id)
        async with place.writing() as session:
            session.add(
                Ritual(
                    server_id=place.guild.id,
                    group_id=group_id,
                    title="Circle",
                    cadence="weekly",
                    weekday=0,
                    zone="UTC",
                    anchor=now.date().isoformat(),
                    state="running",
                    host_id=place.guild.owner_id,  # without a host it would rest
                    next_due_at=now + timedelta(days=60),
                )
            )
            await session.execute(
                text(
                    "CREATE TRIGGER broken BEFORE UPDATE ON visit"
                    " BEGIN SELECT RAISE(ABORT, 'broken'); END"
                )
            )
        await place.sandbox.advance(timedelta(days=60))
        async with place.tables.reading() as session:
            (next_due,) = await session.scalars(select(Ritual.next_due_at))
            assert next_due is not None
            assert next_due > now + timedelta(days=60), "it was not claimed"
    assert "Seats and visits could not be seen to" in caplog.text
