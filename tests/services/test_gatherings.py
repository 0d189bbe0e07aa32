"""Gatherings in the tables: seats that many want, letters, and groups that part and join."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from bot.database import Database
from bot.rules.actor import Actor
from bot.rules.gathering_forms import Filled
from bot.rules.gatherings import Answer
from bot.rules.moments import Typed
from bot.services import (
    gathering_answers,
    gathering_dates,
    gathering_events,
    gathering_letters,
    gathering_planning,
    gathering_steps,
    retention,
)
from bot.settings import Settings
from models import (
    Facilitator,
    Gathering,
    GatheringAnswer,
    GatheringDate,
    Group,
    Member,
    Membership,
    OutboxMessage,
    Server,
)
from tests.services.shore import (
    DAY,
    LENA,
    OMAR,
    POND,
    POND_PEOPLE,
    RIVER,
    RIVER_PEOPLE,
    SERVER,
    Shore,
    keys_of,
)
from tests.services.test_reuniting import Parted
from tests.services.test_splits import HARBOUR, OTHERS
from tests.services.test_splits import LENA as KEEPER
from tests.services.test_splits import OMAR as LEAVER

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BERLIN = "Europe/Berlin"
CHANGES: dict[str, Callable[[datetime], dict[str, Any]]] = {
    "away": lambda since: {"away_from": since},
    "uncounted": lambda _: {"counted_since": None},
}


@pytest.fixture
async def shore(database: Database, settings: Settings, now: Any) -> Shore:
    """Riverside and Millpond."""
    built = Shore(database, settings, now)
    await built.build()
    return built


def filled(wall: datetime, zone: str = "UTC", **more: Any) -> Filled:
    """Return a form for a walk."""
    base: dict[str, Any] = {
        "title": "Walk",
        "words": "",
        "minutes": 120,
        "place": "",
        "spot": "",
        "voice_id": None,
        "most": None,
    }
    return Filled(when=Typed(wall, zone), **{**base, **more})


async def announced(
    town: Any, group_id: int, host: int, starts: datetime, *, weekly: bool = False, **more: Any
) -> tuple[int, int]:
    """Announce a walk; return its id and its date's."""
    zone = more.pop("zone", "UTC")
    async with town.database.writing() as session:
        who = Actor(SERVER, host)
        form = filled(starts.replace(tzinfo=None), zone, **more)
        walk = await gathering_planning.add(session, who, group_id, form, town.now)
        if weekly:
            await gathering_planning.repeat(session, who, walk.id, "weekly", town.now)
        await gathering_planning.announce(session, who, walk.id, town.now)
        date = (
            await session.scalars(
                select(GatheringDate).where(GatheringDate.gathering_id == walk.id)
            )
        ).one()
        return walk.id, date.id


async def says(town: Any, user_id: int, date_id: int, answer: Answer = "yes") -> None:
    """Let somebody answer."""
    async with town.database.writing() as session:
        await gathering_answers.say(session, Actor(SERVER, user_id), date_id, answer, town.now)


async def stepped(town: Any, now: datetime, *, hourly: bool = False) -> None:
    """Do what is due."""
    town.now = now
    async with town.database.writing() as session:
        await gathering_steps.step_due(session, now)
        if hourly:
            await gathering_steps.look(session, now)


async def everything(town: Any, table: type[Any]) -> list[Any]:
    """Return all rows of a table."""
    async with town.database.reading() as session:
        return list((await session.scalars(select(table))).all())


async def test_seats_that_everybody_wants_at_once(shore: Shore) -> None:
    """Eight people and three seats: three come, five wait, as they were heard."""
    _, date_id = await announced(shore, RIVER, LENA, shore.now + 3 * DAY, most=3)
    await asyncio.gather(*(says(shore, user, date_id) for user in RIVER_PEOPLE))
    async with shore.database.reading() as session:
        counted = await session.execute(
            select(GatheringAnswer.answer, func.count()).group_by(GatheringAnswer.answer)
        )
    assert {answer: count for answer, count in counted.all()} == {"yes": 3, "waits": 5}  # noqa: C416 - rows
    await says(shore, LENA, date_id, "no")
    await asyncio.gather(*(says(shore, user, date_id, "no") for user in list(RIVER_PEOPLE)[1:]))
    assert {row.answer for row in await everything(shore, GatheringAnswer)} == {"no"}


async def test_what_is_due_is_done_once(shore: Shore) -> None:
    """However often the clock strikes, and wherever it stopped before."""
    _, date_id = await announced(shore, RIVER, LENA, shore.now + 3 * DAY)
    await says(shore, 101, date_id)
    starts = shore.now + 3 * DAY
    for now in (starts - HOUR, starts - 59 * MINUTE, starts + 27 * HOUR, starts + 28 * HOUR):
        await stepped(shore, now)
        await stepped(shore, now)
    owed = await shore.owed("gathering-word")
    assert [keys_of(one)[0] for one in owed] == ["gathering.hour", "gathering.after"]


async def test_a_series_keeps_its_hour_when_clocks_change(shore: Shore) -> None:
    """Fridays at six in Berlin, before the end of March and after it."""
    first = datetime(2026, 3, 20, 18, 0, tzinfo=UTC)
    walk, _ = await announced(shore, RIVER, LENA, first, weekly=True, zone=BERLIN)
    async with shore.database.reading() as session:
        gathering = await session.get_one(Gathering, walk)
        coming = await gathering_dates.coming(session, gathering, datetime(2026, 3, 22, tzinfo=UTC))
    assert [one.starts.hour for one in coming[:3]] == [17, 16, 16]


async def test_a_week_of_silence_is_closed_without_a_word(shore: Shore) -> None:
    """A date that ended days ago is counted and not spoken of; the next one is."""
    starts = shore.now + 3 * DAY
    _, date_id = await announced(shore, RIVER, LENA, starts, weekly=True)
    await says(shore, 101, date_id)
    await stepped(shore, starts + 8 * DAY)
    first, second = await everything(shore, GatheringDate)
    assert (first.state, first.yes, second.state) == ("over", 2, "open")
    assert second.starts_at == starts + 14 * DAY
    kinds = [keys_of(one)[0] for one in await shore.owed("gathering-word")]
    assert kinds == []


async def test_what_a_group_meets_for_goes_along_when_two_become_one(shore: Shore) -> None:
    """With its host and its answers; the room they share from now on hears of it."""
    walk, date_id = await announced(shore, POND, OMAR, shore.now + 6 * DAY)
    await says(shore, 201, date_id)
    draft, _ = await announced(shore, RIVER, LENA, shore.now + 6 * DAY)
    await shore.run()
    rows = {row.id: row for row in await everything(shore, Gathering)}
    assert (rows[walk].group_id, rows[walk].host_id) == (RIVER, OMAR)
    assert rows[draft].group_id == RIVER
    said = [one for one in await shore.owed("gathering-word") if "room-" in one.key]
    assert [(one.group_id, keys_of(one)[0]) for one in said] == [(RIVER, "gathering.post")]
    assert {row.user_id for row in await everything(shore, GatheringAnswer)} == {OMAR, 201, LENA}
    await stepped(shore, shore.now + MINUTE, hourly=True)
    assert {row.state for row in await everything(shore, Gathering)} == {"running"}


async def test_hosts_take_theirs_along_when_a_group_parts_and_back(
    database: Database, settings: Settings, now: datetime
) -> None:
    """Who leaves keeps hosting, in the new room; undone, it is in the old one again."""
    parted = Parted(database, settings, now)
    await parted.build()
    async with database.writing() as session:
        parted.office(session, LEAVER)
    walk, date_id = await announced(parted, HARBOUR, LEAVER, now + 20 * DAY)
    stays, _ = await announced(parted, HARBOUR, KEEPER, now + 20 * DAY)
    await says(parted, 105, date_id)
    async with database.writing() as session:
        await session.execute(delete(Facilitator).where(Facilitator.user_id == LEAVER))
    await parted.part()
    rows = {row.id: row for row in await parted.all(Gathering)}
    assert LEAVER in OTHERS
    assert (rows[walk].group_id, rows[walk].host_id) == (parted.child_id, LEAVER)
    assert (rows[stays].group_id, rows[stays].host_id) == (HARBOUR, KEEPER)
    await stepped(parted, parted.now + MINUTE, hourly=True)
    # By the door between siblings who stayed is inside there still.
    assert {row.user_id for row in await parted.all(GatheringAnswer)} == {LEAVER, 105, KEEPER}
    parted.now += 3 * DAY
    await parted.undo()
    rows = {row.id: row for row in await parted.all(Gathering)}
    assert (rows[walk].group_id, rows[walk].state) == (HARBOUR, "running")


@pytest.mark.parametrize(
    ("people", "missed"),
    [
        ({102: "yes", 103: "yes"}, [102, 103]),
        ({102: "maybe", 103: "no"}, []),
        ({102: "here"}, []),
        ({102: "away", 103: "uncounted", 104: "gone"}, []),
    ],
)
async def test_who_was_missed_stands_in_the_letter(
    shore: Shore, people: dict[int, str], missed: list[int]
) -> None:
    """Who said yes, lives there and may be counted; once, and only if anybody was there."""
    starts = shore.now + 3 * DAY
    _, date_id = await announced(shore, RIVER, LENA, starts)
    for user, what in people.items():
        answer: Answer = "maybe" if what == "maybe" else "no" if what == "no" else "yes"
        await says(shore, user, date_id, answer)
    shore.now = starts + HOUR
    async with shore.database.writing() as session:
        for user, what in people.items():
            if what == "here":
                await gathering_answers.here(session, shore.actor(user), date_id, shore.now)
            if what in CHANGES:
                await session.execute(
                    update(Member).where(Member.user_id == user).values(CHANGES[what](starts))
                )
    await stepped(shore, starts + 27 * HOUR)
    if "gone" in people.values():
        async with shore.database.writing() as session:
            await session.execute(
                update(Group).where(Group.id == RIVER).values(homes=Group.homes - 1)
            )
            await session.execute(
                update(Membership).where(Membership.user_id == 104).values(group_id=POND)
            )
    async with shore.database.reading() as session:
        office = await session.get_one(Facilitator, (RIVER, LENA))
        group = await session.get_one(Group, RIVER)
        nobody = await gathering_letters.section(session, office, group, shore.now)
    assert (nobody is None) == ("here" not in people.values() or not missed)
    async with shore.database.writing() as session:
        await session.execute(update(GatheringDate).values(came=GatheringDate.came + 1))
        found = await gathering_letters.section(session, office, group, shore.now)
        later = await gathering_letters.section(session, office, group, shore.now + 8 * DAY)
    assert later is None
    if not missed:
        assert found is None
        return
    assert found is not None
    assert found.lines[1].params["people"] == " ".join(f"<@{user}>" for user in missed)


async def test_a_series_without_a_host_rests_until_somebody_takes_it(shore: Shore) -> None:
    """Its next date is off a day before; whoever takes it gets the dates after that."""
    starts = shore.now + 3 * DAY
    walk, _ = await announced(shore, RIVER, LENA, starts, weekly=True)
    async with shore.database.writing() as session:
        await session.execute(delete(Facilitator).where(Facilitator.user_id == LENA))
        await session.execute(
            update(Membership).where(Membership.user_id == LENA).values(state="kept")
        )
    await stepped(shore, shore.now + HOUR, hourly=True)
    assert [keys_of(one)[0] for one in await shore.owed("gathering-word")] == ["gathering.no_host"]
    await stepped(shore, starts - DAY)
    (gathering,), (date,) = (
        await everything(shore, Gathering),
        await everything(shore, GatheringDate),
    )
    assert (gathering.state, gathering.host_id, date.state) == ("paused", None, "off")
    await stepped(shore, starts + 20 * DAY, hourly=True)
    assert await shore.count(GatheringDate) == 1
    async with shore.database.writing() as session:
        await gathering_planning.take(session, shore.actor(101), walk, shore.now)
    await stepped(shore, shore.now + MINUTE)
    dates = await everything(shore, GatheringDate)
    assert [(row.state, row.starts_at) for row in dates[1:]] == [("open", starts + 21 * DAY)]
    (gathering,) = await everything(shore, Gathering)
    assert (gathering.state, gathering.host_id) == ("running", 101)


async def test_an_event_that_was_about_to_be_made_is_looked_for(shore: Shore) -> None:
    """Whoever starts after a stop between asking and hearing looks before it is made again."""
    place: dict[str, Any] = {"place": "link", "spot": "https://example.org/walk"}
    walk, date_id = await announced(shore, RIVER, LENA, shore.now + 3 * DAY, **place)
    assert await events_due(shore) == []
    async with shore.database.writing() as session:
        who = shore.actor(LENA)
        await gathering_planning.show_on_discord(session, who, walk, wanted=True, events=0)
    (errand,) = await events_due(shore)
    assert errand.what == "make"
    async with shore.database.writing() as session:
        assert await gathering_events.claim(session, date_id, shore.now)
    (errand,) = await events_due(shore)
    assert errand.what == "find"
    async with shore.database.writing() as session:
        await gathering_events.made(session, errand, 77)
        assert not await gathering_events.claim(session, date_id, shore.now)
    assert await events_due(shore) == []
    async with shore.database.writing() as session:
        await session.execute(update(Server).values(paused_at=shore.now))
        await session.execute(update(Gathering).values(title="Another"))
    assert await events_due(shore) == []
    async with shore.database.writing() as session:
        await session.execute(update(Server).values(paused_at=None))
    assert [(one.what, one.event_id) for one in await events_due(shore)] == [("change", 77)]
    shore.now += 3 * DAY
    assert await events_due(shore) == []  # begun: from now on it is Discord's


async def events_due(shore: Shore) -> list[gathering_events.Errand]:
    """Return what is to be done with Discord's events."""
    async with shore.database.reading() as session:
        return await gathering_events.due(session, shore.now)


async def test_answers_go_after_a_month_and_gatherings_after_three(
    shore: Shore, settings: Settings
) -> None:
    """What is kept of a date is a number, and of a gathering nothing in the end."""
    starts = shore.now + 3 * DAY
    _, date_id = await announced(shore, RIVER, LENA, starts)
    await says(shore, 101, date_id)
    over = starts + 27 * HOUR
    await stepped(shore, over)
    for days, left in ((29, (2, 1)), (31, (0, 1)), (91, (0, 0))):
        async with shore.database.writing() as session:
            await retention.sweep(session, over + days * DAY, settings)
        assert await shore.count(GatheringAnswer) == left[0]
        assert await shore.count(Gathering) == left[1]


async def test_what_nobody_announces_goes(shore: Shore, settings: Settings) -> None:
    """A draft after a week without a change, a proposal a week after its date; a series waits."""
    looks_after, lives_there = Actor(SERVER, LENA), Actor(SERVER, 101)
    wall = (shore.now + 14 * DAY).replace(tzinfo=None)
    async with shore.database.writing() as session:
        for title in ("left", "changed"):
            form = filled(wall, title=title)
            draft = await gathering_planning.add(session, looks_after, RIVER, form, shore.now)
        for title in ("once", "weekly"):
            form = filled(wall, title=title)
            row = await gathering_planning.add(session, lives_there, RIVER, form, shore.now)
        await gathering_planning.repeat(session, lives_there, row.id, "weekly", shore.now)
    for days, left in (
        (6, {"left", "changed", "once", "weekly"}),
        (8, {"changed", "once", "weekly"}),
        (12, {"once", "weekly"}),
        (21, {"once", "weekly"}),
        (22, {"weekly"}),
        (90, {"weekly"}),
    ):
        then = shore.now + days * DAY
        async with shore.database.writing() as session:
            await retention.sweep(session, then, settings)
            assert set(await session.scalars(select(Gathering.title))) == left
            if days == 6:
                form = filled(wall, title="changed")
                away = shore.now + 5 * DAY
                await gathering_planning.edit(session, looks_after, draft.id, form, away)


async def test_people_of_the_other_group_are_no_outsiders_of_a_door(shore: Shore) -> None:
    """Who lives nowhere near is let go at the next look; nobody else is."""
    _, date_id = await announced(shore, RIVER, LENA, shore.now + 5 * DAY, most=2)
    async with shore.database.writing() as session:
        session.add(
            GatheringAnswer(date_id=date_id, user_id=POND_PEOPLE[0], answer="yes", at=shore.now)
        )
    await says(shore, 101, date_id)
    await stepped(shore, shore.now + HOUR, hourly=True)
    rows = {row.user_id: row.answer for row in await everything(shore, GatheringAnswer)}
    assert rows == {LENA: "yes", 101: "yes"}
    assert await shore.count(OutboxMessage, OutboxMessage.server_id == SERVER) == 1
