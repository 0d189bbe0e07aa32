"""Challenges in the tables: who counts, whom a partner may be, what follows whom, what goes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from bot.database import Database
from bot.errors import NotAllowed, UserError
from bot.rules.goals import Ended
from bot.services import (
    departures,
    goal_figures,
    goal_hosting,
    goal_moments,
    goal_moves,
    goal_partners,
    goal_parts,
    goals,
    personal,
    privacy,
    rehousing,
    retention,
    settling,
    stages,
)
from bot.settings import Settings
from models import (
    Apart,
    Base,
    Connected,
    Goal,
    GoalBreak,
    GoalMark,
    GoalPart,
    GoalPartner,
    Group,
    GroupRest,
    GroupType,
    Membership,
    OutboxMessage,
    Server,
    Takedown,
    Wish,
)
from tests.services.shore import LENA, POND, RIVER, RIVER_PEOPLE, SERVER, STRANGER, Shore

DAY = timedelta(days=1)
WALK = {"title": "Walk", "counts": "Outside", "when": "today for 2 weeks", "often": "daily"}
MARA, JO, KIM = 101, 102, 103


@pytest.fixture
async def shore(database: Database, settings: Settings, now: datetime) -> Shore:
    """Riverside, where eight live with Lena, who looks after it; Millpond, where four live."""
    built = Shore(database, settings, now)
    await built.build()
    return built


async def begun(shore: Shore, who: Iterable[int] = RIVER_PEOPLE, **fields: str) -> int:
    """Let Lena begin a challenge that these take part in; return its id."""
    async with shore.database.writing() as session:
        lena = shore.actor(LENA)
        goal = await goal_hosting.save(session, lena, {**WALK, **fields}, shore.now, group_id=RIVER)
        await goal_hosting.begin(session, lena, goal.id, shore.now)
        for user in who:
            await goal_parts.come_in(session, shore.actor(user), goal.id, shore.now)
        return goal.id


async def check_in(shore: Shore, goal_id: int, who: Iterable[int], days: Iterable[int]) -> None:
    """Let these people check in on some days, counted from 0."""
    async with shore.database.writing() as session:
        for day in days:
            for user in who:
                at = shore.now + day * DAY
                await goal_parts.check_in(session, shore.actor(user), goal_id, at)


async def step(shore: Shore, day: float) -> None:
    """Do what is due on a day, counted from 0."""
    async with shore.database.writing() as session:
        await goal_moments.step_due(session, shore.now + day * DAY)


async def the_goal(shore: Shore, group_id: int = RIVER) -> Goal:
    """Return a group's newest challenge."""
    async with shore.database.reading() as session:
        wanted = select(Goal).where(Goal.group_id == group_id).order_by(Goal.id.desc()).limit(1)
        return (await session.scalars(wanted)).one()


async def rows(shore: Shore, table: type[Base]) -> list[Any]:
    """Return all rows of a table."""
    async with shore.database.reading() as session:
        return list(await session.scalars(select(table)))


async def keys(shore: Shore) -> set[str]:
    """Return what is owed, by its key without the numbers."""
    return {row.key.split(":")[0] for row in await rows(shore, OutboxMessage)}


async def partners(shore: Shore, goal_id: int, one: int, other: int) -> None:
    """Let two be partners."""
    async with shore.database.writing() as session:
        await goal_partners.ask(session, shore.actor(one), goal_id, other, shore.now)
        await goal_partners.say_yes(session, shore.actor(other), goal_id, one, shore.now)


async def around(shore: Shore, goal_id: int, user: int) -> goal_partners.Around:
    """Return who is around somebody."""
    async with shore.database.reading() as session:
        goal = await session.get_one(Goal, goal_id)
        return await goal_partners.around(session, goal, user, shore.now)


async def test_what_it_came_to_with_and_without_partners(shore: Shore) -> None:
    """Counted once at the end, as numbers; whose part is whose is gone a month later."""
    async with shore.database.writing() as session:
        await session.execute(update(Group).values(cap=100))
        for user in range(300, 304):
            session.add(Membership(server_id=SERVER, user_id=user, group_id=RIVER, since=shore.now))
    people = [*RIVER_PEOPLE, *range(300, 304)]
    goal_id = await begun(shore, people)
    for one, other in ((100, 101), (102, 103), (104, 105)):
        await partners(shore, goal_id, one, other)
    await check_in(shore, goal_id, people[:5] + people[6:10], range(1, 14))
    await step(shore, 14)  # noon: later than ten in the morning
    goal = await the_goal(shore)
    assert (goal.state, goals.came(goal)) == ("over", Ended(12, 9, 6, 5))
    assert goals.came(goal).beside() == ((5, 6), (4, 6))
    assert {part.user_id: part.completed for part in await rows(shore, GoalPart)}[105] is False
    async with shore.database.writing() as session:
        await retention.sweep(session, shore.now + 45 * DAY, shore.settings)
    for table in (GoalPart, GoalMark, GoalBreak, GoalPartner):
        assert not await rows(shore, table), table
    assert (await the_goal(shore)).completed == 9


async def test_a_moment_comes_once_and_not_long_after(shore: Shore) -> None:
    """Half-time within two days; the end within a week; else it is only written down."""
    await begun(shore)
    await step(shore, 7)
    await step(shore, 7.01)
    assert [row.key for row in await rows(shore, OutboxMessage)].count("goal-half:1") == 1
    async with shore.database.writing() as session:
        await session.execute(delete(OutboxMessage))
        await session.execute(update(Goal).values(half_told_at=None))
    await step(shore, 10)
    assert "goal-half" not in await keys(shore)
    assert (await the_goal(shore)).half_told_at is not None
    await step(shore, 30)
    assert "goal-end" not in await keys(shore)
    assert (await the_goal(shore)).state == "over"


async def test_a_paused_server_hears_nothing(shore: Shore) -> None:
    """And nobody can check in there until it goes on."""
    goal_id = await begun(shore)
    async with shore.database.writing() as session:
        await session.execute(update(Server).values(paused_at=shore.now))
    await step(shore, 7)
    assert "goal-half" not in await keys(shore)
    async with shore.database.writing() as session:
        with pytest.raises(UserError, match=r"errors\.paused"):
            await goal_parts.check_in(session, shore.actor(MARA), goal_id, shore.now + DAY)


async def test_a_locked_room_hears_of_half_time_once_it_is_open(shore: Shore) -> None:
    """If that is within two days."""
    await begun(shore)
    async with shore.database.writing() as session:
        await session.execute(update(Group).values(locked_at=shore.now))
    await step(shore, 7)
    assert "goal-half" not in await keys(shore)
    async with shore.database.writing() as session:
        await session.execute(update(Group).values(locked_at=None))
    await step(shore, 8)
    assert "goal-half" in await keys(shore)


async def test_a_group_that_ends_takes_its_challenge_along_quietly(shore: Shore) -> None:
    """Its room is only read then: nothing is said there."""
    goal_id = await begun(shore)
    await check_in(shore, goal_id, RIVER_PEOPLE, [1])
    async with shore.database.writing() as session:
        await stages.archive(session, await session.get_one(Group, RIVER), shore.now + DAY)
    await step(shore, 2)
    assert (await the_goal(shore)).state == "off"
    assert not {"goal-end", "goal-half"} & await keys(shore)
    assert (await the_goal(shore)).named_at is not None


async def test_what_a_week_without_hearth_asks(shore: Shore) -> None:
    """Nothing: days on which nobody could press are nobody's to miss; nor is the host asked."""
    goal_id = await begun(shore)
    async with shore.database.writing() as session:
        await session.execute(delete(Connected))
        await session.flush()
        session.add(Connected(server_id=SERVER, since=shore.now - DAY, until=shore.now + DAY / 2))
        later = shore.now + 8 * DAY
        session.add(Connected(server_id=SERVER, since=later, until=later + 30 * DAY))
    await step(shore, 8.01)
    assert "goal-waits" not in await keys(shore)
    await check_in(shore, goal_id, RIVER_PEOPLE, range(8, 14))
    await step(shore, 14)
    assert goals.came(await the_goal(shore)).completed == len(RIVER_PEOPLE)


async def test_days_on_which_the_group_rests_ask_nothing(shore: Shore) -> None:
    """Its own list of days of rest holds for challenges, too."""
    goal_id = await begun(shore)
    async with shore.database.writing() as session:
        session.add(
            GroupRest(
                server_id=SERVER, group_id=RIVER, first="2026-03-05", last="2026-03-12", why="busy"
            )
        )
    await check_in(shore, goal_id, RIVER_PEOPLE, [1, 2, 11, 12, 13])
    await step(shore, 14)
    assert goals.came(await the_goal(shore)).completed == len(RIVER_PEOPLE)


async def test_only_who_lives_there_takes_part(shore: Shore) -> None:
    """Others read nothing; nor does somebody whose seat is only kept count."""
    goal_id = await begun(shore)
    async with shore.database.writing() as session:
        for user in (STRANGER, 200):
            with pytest.raises(NotAllowed, match="for_residents"):
                await goal_parts.come_in(session, shore.actor(user), goal_id, shore.now)
        await departures.member_left_server(
            session, SERVER, MARA, now=shore.now, settings=shore.settings
        )
    async with shore.database.reading() as session:
        goal = await session.get_one(Goal, goal_id)
        assert (await goals.progress(session, goal, shore.now)).people == len(RIVER_PEOPLE) - 1
    async with shore.database.writing() as session:
        await departures.member_returned(session, SERVER, MARA, now=shore.now + DAY)
    await check_in(shore, goal_id, [MARA], [1])
    assert [mark.user_id for mark in await rows(shore, GoalMark)] == [MARA]


async def test_a_no_looks_like_no_answer(shore: Shore) -> None:
    """Whoever asked goes on waiting, and hands over nothing about it; after a week it is gone."""
    goal_id = await begun(shore)
    async with shore.database.writing() as session:
        await goal_partners.ask(session, shore.actor(MARA), goal_id, JO, shore.now)
    assert (await around(shore, goal_id, JO)).asking == (MARA,)
    before = await around(shore, goal_id, MARA)
    async with shore.database.writing() as session:
        await goal_partners.say_no(session, shore.actor(JO), goal_id, MARA, shore.now)
    assert await around(shore, goal_id, MARA) == before
    assert (await around(shore, goal_id, JO)).asking == ()
    async with shore.database.reading() as session:
        table = GoalPartner.__table__
        mine = await personal.rows(session, table, MARA, [SERVER])  # pyright: ignore[reportArgumentType] - it is a Table
        assert [row["state"] for row in mine] == ["asked"]
        assert await personal.counts(session, MARA, [SERVER]) != {}
    await step(shore, 7)
    assert await rows(shore, GoalPartner) == []


@pytest.mark.parametrize("bar", ["moderators", "hers", "his"])
async def test_whom_somebody_must_not_meet_never_reads_an_ask(shore: Shore, bar: str) -> None:
    """Neither does whoever asks learn of it; two who were partners are shown each other no more."""
    goal_id = await begun(shore)
    await partners(shore, goal_id, KIM, MARA)
    async with shore.database.writing() as session:
        if bar == "moderators":
            for other in (JO, KIM):
                session.add(
                    Apart(
                        server_id=SERVER,
                        low_id=min(MARA, other),
                        high_id=max(MARA, other),
                        by_user_id=1,
                        at=shore.now,
                    )
                )
        else:
            for other in (JO, KIM):
                one, about = (MARA, other) if bar == "hers" else (other, MARA)
                session.add(
                    Wish(server_id=SERVER, user_id=one, other_id=about, kind="apart", at=shore.now)
                )
    async with shore.database.writing() as session:
        await goal_partners.ask(session, shore.actor(MARA), goal_id, JO, shore.now)
    assert (await around(shore, goal_id, MARA)).asked == (JO,)
    assert (await around(shore, goal_id, JO)).asking == ()
    assert (await around(shore, goal_id, MARA)).partners == ()
    assert (await around(shore, goal_id, KIM)).partners == ()
    async with shore.database.writing() as session:
        with pytest.raises(UserError, match="partner_gone"):
            await goal_partners.say_yes(session, shore.actor(JO), goal_id, MARA, shore.now)


async def test_who_does_not_take_part_is_asked_in_vain(shore: Shore) -> None:
    """The asker reads the same; it is there if the other comes in within the week."""
    goal_id = await begun(shore, [MARA])
    async with shore.database.writing() as session:
        await goal_partners.ask(session, shore.actor(MARA), goal_id, JO, shore.now)
        await goal_partners.ask(session, shore.actor(MARA), goal_id, STRANGER, shore.now)
    assert (await around(shore, goal_id, MARA)).asked == (JO, STRANGER)
    async with shore.database.writing() as session:
        await goal_parts.come_in(session, shore.actor(JO), goal_id, shore.now)
    assert (await around(shore, goal_id, JO)).asking == (MARA,)


@pytest.mark.parametrize(
    ("other", "why"),
    [(MARA, "partner_self"), (JO, "partner_already"), (104, "partner_asked_already")],
)
async def test_asks_that_make_no_sense(shore: Shore, other: int, why: str) -> None:
    """The asker knows all of this themselves."""
    goal_id = await begun(shore)
    await partners(shore, goal_id, MARA, JO)
    async with shore.database.writing() as session:
        mara = shore.actor(MARA)
        await goal_partners.ask(session, mara, goal_id, 104, shore.now)
        with pytest.raises(UserError, match=why):
            await goal_partners.ask(session, mara, goal_id, other, shore.now)


async def test_partners_are_two_at_most(shore: Shore) -> None:
    """And three asks at a time; asking who asked is a yes."""
    goal_id = await begun(shore)
    async with shore.database.writing() as session:
        mara = shore.actor(MARA)
        for other in (104, 105, 106):
            await goal_partners.ask(session, mara, goal_id, other, shore.now)
        with pytest.raises(UserError, match="partner_asks_many"):
            await goal_partners.ask(session, mara, goal_id, 107, shore.now)
        for other in (104, 105):
            await goal_partners.ask(session, shore.actor(other), goal_id, MARA, shore.now)
        with pytest.raises(UserError, match="partner_many"):
            await goal_partners.ask(session, mara, goal_id, JO, shore.now)
        with pytest.raises(UserError, match="partner_gone"):
            await goal_partners.say_yes(session, shore.actor(106), goal_id, MARA, shore.now)
        await goal_partners.end(session, mara, goal_id, 104)
    assert (await around(shore, goal_id, MARA)).partners == (105,)
    assert (await around(shore, goal_id, 104)).partners == ()


async def test_who_moves_away_leaves_nothing(shore: Shore) -> None:
    """Their part goes, and the words they shared are taken down."""
    goal_id = await begun(shore)
    await partners(shore, goal_id, MARA, JO)
    await check_in(shore, goal_id, [MARA, JO], [1])
    async with shore.database.writing() as session:
        await session.execute(
            update(GoalMark).where(GoalMark.user_id == MARA).values(channel_id=70, message_id=71)
        )
        home = await session.get_one(Membership, (SERVER, MARA))
        await settling.give_up(session, home, "left", shore.now + DAY)
    assert {part.user_id for part in await rows(shore, GoalPart)} == set(RIVER_PEOPLE) - {MARA}
    assert [mark.user_id for mark in await rows(shore, GoalMark)] == [JO]
    assert await rows(shore, GoalPartner) == []
    (gone,) = await rows(shore, Takedown)
    assert (gone.channel_id, gone.target_id) == (70, 71)


async def test_who_is_forgotten_is_nobodys_partner_and_hosts_nothing(shore: Shore) -> None:
    """Nothing about them stays, on either side; the challenge goes on."""
    goal_id = await begun(shore)
    await partners(shore, goal_id, LENA, JO)
    await check_in(shore, goal_id, [LENA], [1])
    async with shore.database.writing() as session:
        goal = await session.get_one(Goal, goal_id)
        await goal_parts.rest(session, shore.actor(LENA), goal_id, shore.now + DAY)
        await privacy.forget(session, LENA, [SERVER], shore.now + DAY)
        assert goal.state == "running"
    async with shore.database.reading() as session:
        kept = await personal.counts(session, LENA, [SERVER])
        assert not {name for name in kept if name.startswith("goal")}
        assert await session.scalar(select(func.count()).select_from(GoalPartner)) == 0
    assert (await the_goal(shore)).host_id is None


async def test_who_goes_along_takes_their_part_along(shore: Shore) -> None:
    """Into a copy in a room that has none, with partners who come too; and back into the same."""
    goal_id = await begun(shore)
    await partners(shore, goal_id, MARA, JO)
    await partners(shore, goal_id, KIM, LENA)
    await check_in(shore, goal_id, RIVER_PEOPLE, [1])
    along = [MARA, JO, KIM]
    async with shore.database.writing() as session:
        river, pond = await session.get_one(Group, RIVER), await session.get_one(Group, POND)
        await rehousing.rehome(session, river, pond, along, shore.now + 2 * DAY)
    copy = await the_goal(shore, POND)
    assert (copy.title, copy.last_day, copy.state, copy.host_id) == (
        "Walk", "2026-03-15", "running", 200,
    )  # fmt: skip
    assert copy.message_id is None
    assert {part.user_id for part in await rows(shore, GoalPart) if part.goal_id == copy.id} == {
        MARA, JO, KIM,
    }  # fmt: skip
    assert {mark.user_id for mark in await rows(shore, GoalMark) if mark.goal_id == copy.id} == {
        MARA, JO, KIM,
    }  # fmt: skip
    assert (await around(shore, copy.id, MARA)).partners == (JO,)
    assert (await around(shore, copy.id, KIM)).partners == ()
    assert (await around(shore, goal_id, LENA)).partners == ()
    assert f"goal:{copy.id}" in {row.key for row in await rows(shore, OutboxMessage)}
    async with shore.database.writing() as session:
        river, pond = await session.get_one(Group, RIVER), await session.get_one(Group, POND)
        await rehousing.rehome(session, pond, river, along, shore.now + 3 * DAY)
    assert {part.goal_id for part in await rows(shore, GoalPart)} == {goal_id}
    assert len(await rows(shore, GoalMark)) == len(RIVER_PEOPLE)


async def test_a_part_ends_where_another_challenge_is_under_way(shore: Shore) -> None:
    """The one of the new home goes on; nobody is put into it."""
    await begun(shore)
    async with shore.database.writing() as session:
        omar = shore.actor(200)
        other = await goal_hosting.save(
            session, omar, {**WALK, "title": "Run"}, shore.now, group_id=POND
        )
        await goal_hosting.begin(session, omar, other.id, shore.now)
        river, pond = await session.get_one(Group, RIVER), await session.get_one(Group, POND)
        await goal_moves.follow(session, river, pond, [MARA, LENA], shore.now + DAY)
    assert MARA not in {part.user_id for part in await rows(shore, GoalPart)}
    assert (await the_goal(shore)).host_id is None


async def test_a_break_costs_nothing_and_can_be_taken_again(shore: Shore) -> None:
    """Begun and ended on one day it never was; a second press begins no second one."""
    goal_id = await begun(shore)
    mara = shore.actor(MARA)
    async with shore.database.writing() as session:
        for _ in range(2):
            await goal_parts.rest(session, mara, goal_id, shore.now + DAY)
        await goal_parts.come_back(session, mara, goal_id, shore.now + DAY)
        await goal_parts.come_back(session, mara, goal_id, shore.now + DAY)
    assert await rows(shore, GoalBreak) == []
    async with shore.database.writing() as session:
        await goal_parts.rest(session, mara, goal_id, shore.now + DAY)
        await goal_parts.come_back(session, mara, goal_id, shore.now + 12 * DAY)
    (rested,) = await rows(shore, GoalBreak)
    assert (rested.from_day, rested.until_day) == ("2026-03-03", "2026-03-13")
    await check_in(shore, goal_id, [MARA], [12, 13])
    await step(shore, 14)
    parts = {part.user_id: part.completed for part in await rows(shore, GoalPart)}
    assert parts[MARA] is False, "a break is no deed: two days of twelve are not half"


async def test_an_unlisted_group_is_not_named_outside(shore: Shore) -> None:
    """What stands in the facilitators' room names neither the group nor its challenge."""
    await begun(shore)
    async with shore.database.writing() as session:
        await session.execute(update(GroupType).values(listed=False))
    await step(shore, 6)
    (waits,) = [row for row in await rows(shore, OutboxMessage) if row.kind == "goal-waits"]
    assert waits.place == "facilitators"
    assert not any(name in waits.content for name in ("Riverside", "Walk"))


async def test_the_servers_figure_adds_up_only_what_can_stand_alone(shore: Shore) -> None:
    """Below five on either side a challenge is left out: it could be found by subtraction."""
    goal_id = await begun(shore)
    async with shore.database.writing() as session:
        goal = await session.get_one(Goal, goal_id)
        goal.state, goal.closed_at = "over", shore.now
        goal.joined, goal.completed, goal.paired, goal.paired_completed = 12, 9, 6, 5
        session.add(
            Goal(
                **{
                    column.name: getattr(goal, column.name)
                    for column in Goal.__table__.columns
                    if column.name not in {"id", "paired", "paired_completed"}
                },
                paired=2,
                paired_completed=2,
            )
        )
    async with shore.database.reading() as session:
        line = await goal_figures.with_and_without(session, SERVER, shore.now + DAY)
        assert line is not None
        assert line.params == {"with_done": 5, "with_all": 6, "alone_done": 4, "alone_all": 6}
        late = shore.now + 366 * DAY
        assert await goal_figures.with_and_without(session, SERVER, late) is None


async def test_drafts_that_nobody_begins_go(shore: Shore) -> None:
    """After two months."""
    async with shore.database.writing() as session:
        await goal_hosting.save(session, shore.actor(LENA), WALK, shore.now, group_id=RIVER)
        await retention.sweep(session, shore.now + 59 * DAY, shore.settings)
        assert await goals.open_one(session, RIVER) is not None
        await retention.sweep(session, shore.now + 60 * DAY, shore.settings)
        assert await goals.open_one(session, RIVER) is None
