"""Groups that have been small for long: noticed, asked about once, and what they can do."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.database import Database
from bot.errors import UserError
from bot.rules.message import Message
from bot.services import desk, small
from bot.settings import Settings
from bot.texts import catalogue
from models import (
    Bar,
    Connected,
    Facilitator,
    Group,
    GroupType,
    Invitation,
    LogEntry,
    Member,
    MemberAnswer,
    MemberChoice,
    Membership,
    Question,
    QuestionChoice,
    Server,
    SmallGroup,
    Waiting,
)
from tests.services.shore import (
    DAY,
    LAKE,
    LENA,
    OMAR,
    OWNER,
    POND,
    RIVER,
    SERVER,
    STRANGER,
    Shore,
    keys_of,
)

WEEK = timedelta(weeks=1)


@pytest.fixture
async def shore(database: Database, settings: Settings, now: datetime) -> Shore:
    """Riverside with eight, and Millpond with four, where five make a table."""
    built = Shore(database, settings, now)
    await built.build()
    return built


async def look(shore: Shore) -> int:
    """Look once; return how many groups were asked about."""
    async with shore.database.writing() as session:
        return await small.look(session, SERVER, shore.now, shore.settings)


async def since(shore: Shore) -> datetime | None:
    """Return since when Millpond is small."""
    async with shore.database.reading() as session:
        return (await session.get_one(Group, POND)).small_since


async def card(shore: Shore, user_id: int = OMAR) -> Message:
    """Return Millpond's card."""
    async with shore.database.reading() as session:
        return await small.card(session, shore.actor(user_id), POND, shore.now, shore.settings)


async def test_a_group_is_asked_once_when_it_was_small_for_four_weeks(shore: Shore) -> None:
    """One neutral line to who looks after it, not a word more; a large one is left alone."""
    assert await look(shore) == 0
    assert await since(shore) == shore.now
    shore.now += 4 * WEEK - DAY
    assert await look(shore) == 0
    shore.now += DAY
    assert await look(shore) == 1
    (line,) = await shore.owed("small")
    assert (line.place, line.group_id, keys_of(line)) == (
        "facilitators",
        POND,
        ["merging.for_you"],
    )
    shore.now += 20 * WEEK
    assert await look(shore) == 0
    assert (await card(shore)).lines[0].key == "merging.small"


async def test_the_desk_speaks_of_it_once_it_was_small_for_four_weeks(shore: Shore) -> None:
    """Who has just begun is not asked whether they are few."""
    await look(shore)
    assert await since(shore) == shore.now

    async def said() -> bool:
        async with shore.database.reading() as session:
            return (
                await desk.card(session, shore.actor(OMAR), POND, shore.now, shore.settings)
            ).small

    assert not await said()
    shore.now += 4 * WEEK - DAY
    assert not await said()
    shore.now += DAY
    assert await said()


async def test_without_anybody_who_looks_after_it_the_owners_are_asked(shore: Shore) -> None:
    """By a line that names nothing."""
    async with shore.database.writing() as session:
        await session.execute(delete(Facilitator))
    await look(shore)
    shore.now += 4 * WEEK
    assert await look(shore) == 1
    (line,) = await shore.owed("small")
    assert (line.place, keys_of(line)) == ("owners", ["merging.for_owners"])
    assert (await card(shore, OWNER)).lines[0].key == "merging.small"


async def test_time_in_which_hearth_was_not_there_counts_for_nobody(shore: Shore) -> None:
    """Three weeks down are no three weeks small."""
    await look(shore)
    began = shore.now
    async with shore.database.writing() as session:
        await session.execute(delete(Connected))
        for one, other in ((0, 2), (5, 9)):
            session.add(
                Connected(
                    server_id=SERVER,
                    since=began + one * WEEK,
                    until=began + other * WEEK,
                    read=False,
                )
            )
    shore.now = began + 6 * WEEK
    assert await look(shore) == 0
    shore.now = began + 7 * WEEK
    assert await look(shore) == 1


@pytest.mark.parametrize("state", ["forming", "resting", "archived"])
async def test_only_open_groups_are_small(shore: Shore, state: str) -> None:
    """Who forms, rests or is archived is not asked."""
    async with shore.database.writing() as session:
        await session.execute(update(Group).where(Group.id == POND).values(state=state))
    assert await look(shore) == 0
    assert await since(shore) is None


async def test_a_group_that_grows_is_small_no_more(shore: Shore) -> None:
    """And is asked anew when it was small for as long again."""
    await look(shore)
    shore.now += 4 * WEEK
    assert await look(shore) == 1
    await _move_in(shore, 300)
    assert await look(shore) == 0
    assert await since(shore) is None
    assert await shore.count(SmallGroup) == 0
    async with shore.database.writing() as session:
        await session.execute(delete(Membership).where(Membership.user_id == 300))
        await session.execute(update(Group).where(Group.id == POND).values(homes=4))
    await look(shore)
    shore.now += 4 * WEEK
    assert await look(shore) == 1


async def test_kept_seats_are_empty_chairs(shore: Shore) -> None:
    """Who left for two days makes no table."""
    await _move_in(shore, 300)
    async with shore.database.writing() as session:
        await session.execute(
            update(Membership).where(Membership.user_id == 300).values(state="kept")
        )
    await look(shore)
    assert await since(shore) == shore.now


async def test_a_paused_server_is_left_alone(shore: Shore) -> None:
    """Nothing is noted, nobody asked."""
    async with shore.database.writing() as session:
        await session.execute(update(Server).values(paused_at=shore.now))
    assert await look(shore) == 0
    assert await since(shore) is None


async def test_left_as_it_is_it_is_left_in_peace(shore: Shore) -> None:
    """For eight weeks; then once more."""
    await look(shore)
    shore.now += 4 * WEEK
    await look(shore)
    async with shore.database.writing() as session:
        said = await small.leave_it(session, shore.actor(OMAR), POND, shore.now)
    assert said.lines[0].key == "merging.left_as_it_is"
    shore.now += 8 * WEEK - DAY
    assert await look(shore) == 0
    shore.now += DAY
    assert await look(shore) == 1
    assert len(await shore.owed("small")) == 2


async def test_while_a_merge_is_thought_of_nobody_is_asked(shore: Shore) -> None:
    """Its card is the merge's."""
    await look(shore)
    await shore.ask()
    shore.now += 4 * WEEK
    assert await look(shore) == 0
    assert (await card(shore)).lines[0].key == "merging.side_by_side"


async def test_home_reminds_until_there_is_an_answer(shore: Shore) -> None:
    """Who looks after the group, and nobody else."""

    async def note(user_id: int) -> bool:
        async with shore.database.reading() as session:
            found = await small.home_note(session, shore.actor(user_id), shore.now, shore.settings)
        return found is not None

    await look(shore)
    assert not await note(OMAR)
    shore.now += 4 * WEEK
    await look(shore)
    assert await note(OMAR)
    assert not await note(LENA)
    async with shore.database.writing() as session:
        await small.leave_it(session, shore.actor(OMAR), POND, shore.now)
    assert not await note(OMAR)


async def test_facilitators_may_let_it_rest(shore: Shore) -> None:
    """Nobody loses anything, and the owners' log says who did it."""
    async with shore.database.writing() as session:
        asked = await small.rest_asked(session, shore.actor(OMAR), POND)
        assert asked.buttons[0].press == f"small-rest-yes:{POND}"
        await small.rest(session, shore.actor(OMAR), POND, shore.now)
    async with shore.database.reading() as session:
        pond = await session.get_one(Group, POND)
        assert (pond.state, pond.rests_since, pond.homes) == ("resting", shore.now, 4)
    assert await shore.count(LogEntry, LogEntry.action == "group-rest") == 1
    async with shore.database.writing() as session:
        with pytest.raises(UserError, match=r"merging\.rests_already"):
            await small.rest(session, shore.actor(OMAR), POND, shore.now)
    assert not [b for b in (await card(shore)).buttons if b.label == "merging.rest"]


async def test_a_group_that_is_about_to_move_does_not_rest(shore: Shore) -> None:
    """One thing at a time."""
    await shore.ask()
    async with shore.database.writing() as session:
        with pytest.raises(UserError, match=r"merging\.busy"):
            await small.rest(session, shore.actor(OMAR), POND, shore.now)


async def test_others_decide_nothing(shore: Shore) -> None:
    """Each press is checked again."""
    for user_id in (LENA, STRANGER):
        who = shore.actor(user_id)
        async with shore.database.writing() as session:
            for refused in (
                small.card(session, who, POND, shore.now, shore.settings),
                small.others(session, who, POND, shore.now, catalogue()),
                small.invite(session, who, POND, shore.now, shore.settings),
                small.rest_asked(session, who, POND),
                small.rest(session, who, POND, shore.now),
                small.leave_it(session, who, POND, shore.now),
            ):
                with pytest.raises(UserError, match=r"errors\.facilitators_only"):
                    await refused


async def _move_in(shore: Shore, user_id: int) -> None:
    async with shore.database.writing() as session:
        session.add(Member(server_id=SERVER, user_id=user_id))
        session.add(Membership(server_id=SERVER, user_id=user_id, group_id=POND, since=shore.now))
        await session.execute(update(Group).where(Group.id == POND).values(homes=Group.homes + 1))


async def _wait(shore: Shore, user_id: int, group_id: int = LAKE, **line: Any) -> None:
    async with shore.database.writing() as session:
        session.add(Member(server_id=SERVER, user_id=user_id))
        session.add(
            Waiting(
                **{"server_id": SERVER, "user_id": user_id, "group_id": group_id}
                | {"since": shore.now + timedelta(minutes=user_id)}
                | line
            )
        )


async def invite(shore: Shore) -> int:
    """Have Omar ask people in; return how many were."""
    async with shore.database.writing() as session:
        said = await small.invite(session, shore.actor(OMAR), POND, shore.now, shore.settings)
    return said.lines[0].params["n"]


async def test_who_waits_elsewhere_is_asked_in(shore: Shore) -> None:
    """In order, once, by an invitation that nobody else reads; not who may not come."""
    async with shore.database.writing() as session:
        await shore.another(session, homes=0)
        session.add(GroupType(id=2, server_id=SERVER, name="Goal", name_key="goal", kind="goal"))
        await session.flush()
        await shore.another(session, id=4, type_id=2, name="Goal", name_key="goal-group")
        session.add(
            Bar(server_id=SERVER, user_id=302, group_id=POND, by_user_id=OWNER, at=shore.now)
        )
    for user_id in (301, 302, 303):
        await _wait(shore, user_id)
    await _wait(shore, 304, group_id=4)  # of another kind
    await _wait(shore, 305, offered_at=shore.now, offer_ends_at=shore.now + DAY)  # has an offer
    assert await invite(shore) == 2
    async with shore.database.reading() as session:
        for user_id in (301, 303):
            assert await session.get(Invitation, (POND, user_id)) is not None
    lines = await shore.owed("invitation")
    assert [(m.place, m.user_id) for m in lines] == [("commons", 301), ("commons", 303)]
    assert await invite(shore) == 0


async def test_no_more_are_asked_than_there_are_seats(shore: Shore) -> None:
    """Nor more than ten at once."""
    async with shore.database.writing() as session:
        await shore.another(session, homes=0)
        await session.execute(update(Group).where(Group.id == POND).values(cap=7, offered=1))
    for user_id in range(301, 306):
        await _wait(shore, user_id)
    assert await invite(shore) == 2
    async with shore.database.writing() as session:
        await session.execute(update(Group).where(Group.id == POND).values(offered=3))
        with pytest.raises(UserError, match=r"merging\.full_up"):
            await small.invite(session, shore.actor(OMAR), POND, shore.now, shore.settings)
        await session.execute(update(Group).where(Group.id == POND).values(state="resting"))
        session.expire_all()
        with pytest.raises(UserError, match=r"merging\.closed_now"):
            await small.invite(session, shore.actor(OMAR), POND, shore.now, shore.settings)


async def test_who_looks_for_a_home_like_it_is_asked_in(shore: Shore) -> None:
    """Answered what a server asks, lives nowhere yet, and this is among what fits them."""
    async with shore.database.writing() as session:
        session.add(Question(id=1, server_id=SERVER, place=1, name="when", text="When?"))
        await session.flush()
        session.add(QuestionChoice(id=1, question_id=1, place=1, label="Evenings"))
        for user_id in (301, OMAR):
            if user_id != OMAR:
                session.add(Member(server_id=SERVER, user_id=user_id))
            session.add(
                MemberAnswer(
                    server_id=SERVER, user_id=user_id, question_id=1, answered_at=shore.now
                )
            )
            await session.flush()
            session.add(MemberChoice(server_id=SERVER, user_id=user_id, choice_id=1))
    assert await invite(shore) == 1
    async with shore.database.reading() as session:
        assert await session.get(Invitation, (POND, 301)) is not None


async def test_of_many_who_look_the_latest_are_asked(shore: Shore) -> None:
    """Not whoever has the oldest account: they look for a home today."""
    async with shore.database.writing() as session:
        session.add(Question(id=1, server_id=SERVER, place=1, name="when", text="When?"))
        await session.flush()
        session.add(QuestionChoice(id=1, question_id=1, place=1, label="Evenings"))
        for user_id in range(301, 313):
            session.add(Member(server_id=SERVER, user_id=user_id))
            at = shore.now + timedelta(minutes=user_id)
            session.add(
                MemberAnswer(server_id=SERVER, user_id=user_id, question_id=1, answered_at=at)
            )
            await session.flush()
            session.add(MemberChoice(server_id=SERVER, user_id=user_id, choice_id=1))
    assert await invite(shore) == 10
    async with shore.database.reading() as session:
        asked = await session.scalars(select(Invitation.user_id))
        assert set(asked) == set(range(303, 313))
    assert await invite(shore) == 2


async def test_the_menu_names_what_fits(shore: Shore) -> None:
    """By sign and name, with how many live there; where nothing fits the owners are named."""
    async with shore.database.reading() as session:
        seen = await small.others(session, shore.actor(OMAR), POND, shore.now, catalogue())
    (choice,) = seen.menus[0].choices
    assert (choice.label, choice.value, choice.description) == (
        "🔥 Riverside",
        str(RIVER),
        "8 people",
    )
    async with shore.database.writing() as session:
        await session.execute(update(Group).where(Group.id == RIVER).values(cap=11))
        session.expire_all()
        seen = await small.others(session, shore.actor(OMAR), POND, shore.now, catalogue())
    assert seen.lines[0].key == "merging.nobody_fits"
