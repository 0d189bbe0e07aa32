"""What is moved by one matter while another moves it, too: counts hold, and nobody is forgotten."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.adopting import Found
from bot.services import (
    adopting,
    facilitators,
    giving_back,
    membership,
    merge_moves,
    merging,
    offers,
    rights,
    safety,
    settling,
    small,
    splits,
    succession,
    visits,
)
from bot.settings import Settings
from models import (
    Adoption,
    Apart,
    Arrival,
    Facilitator,
    Group,
    GroupType,
    Member,
    Membership,
    Merge,
    MissedOffer,
    OutboxMessage,
    Server,
    SmallGroup,
    Split,
    Visit,
    Waiting,
)
from tests.services.conftest import KIM, LENA, MARA, MILLPOND, OMAR, RIVERSIDE, SERVER, VERA, Town
from tests.services.shore import DAY, LAKE, OWNER, POND, RIVER, STRANGER, Shore

GUARD = Actor(SERVER, 78, moderates_members=True)


@pytest.fixture
async def shore(database: Database, settings: Settings, now: datetime) -> Shore:
    """Riverside and Millpond."""
    built = Shore(database, settings, now)
    await built.build()
    return built


@pytest.fixture
async def session(database: Database, town: Town) -> AsyncGenerator[AsyncSession]:
    """The town, in one transaction."""
    async with database.writing() as opened:
        await town(opened)
        yield opened


async def counts_hold(session: AsyncSession) -> None:
    """What the columns count is what the rows are."""
    for group in (await session.scalars(select(Group))).all():
        await session.refresh(group)
        lived_in = select(func.count()).where(Membership.group_id == group.id)
        guests = select(func.count()).where(
            Visit.group_id == group.id, Visit.ended_at.is_(None), Visit.origin == "asked"
        )
        assert group.homes == await session.scalar(lived_in)
        assert group.visitors == await session.scalar(guests)


async def moved_beside(session: AsyncSession, user_id: int, to: int) -> None:
    """Move somebody the way another writer does it, of whom this session has not heard."""
    home = await session.get_one(Membership, (SERVER, user_id))
    for statement in (
        update(Membership).where(Membership.user_id == user_id).values(group_id=to),
        update(Group).where(Group.id == home.group_id).values(homes=Group.homes - 1),
        update(Group).where(Group.id == to).values(homes=Group.homes + 1),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))


# --- two writers at once --------------------------------------------------------------------------


async def test_who_moved_meanwhile_keeps_the_home_they_moved_to(
    session: AsyncSession, now: datetime
) -> None:
    """The tick gives up a seat that was just moved out of: that move stands, and counts hold."""
    home = await session.get_one(Membership, (SERVER, MARA))
    await moved_beside(session, MARA, MILLPOND)
    await settling.give_up(session, home, "left", now)
    session.expire_all()
    assert (await session.get_one(Membership, (SERVER, MARA))).group_id == MILLPOND
    await counts_hold(session)


async def test_a_move_that_was_overtaken_is_not_counted_twice(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """The seat that somebody moves out of is the one that they have, whatever was read before."""
    (await session.get_one(Member, (SERVER, MARA))).free_move = True
    lakeside = Group(
        id=LAKE,
        server_id=SERVER,
        type_id=1,
        name="Lakeside",
        name_key="lakeside",
        cap=20,
        created_at=now,
    )
    session.add(lakeside)
    await session.flush()
    home = await session.get_one(Membership, (SERVER, MARA))
    await moved_beside(session, MARA, MILLPOND)
    assert home.group_id == RIVERSIDE  # as it was read before
    await membership.join(session, SERVER, MARA, LAKE, now=now, settings=settings)
    session.expire_all()
    assert (await session.get_one(Membership, (SERVER, MARA))).group_id == LAKE
    await counts_hold(session)


async def test_a_visit_that_two_end_at_once_frees_one_place(
    session: AsyncSession, now: datetime
) -> None:
    """The one who presses and the tick: the second finds nothing to end."""
    for user_id in (VERA, OMAR):
        await visits.begin(session, server_id=SERVER, user_id=user_id, group_id=RIVERSIDE, now=now)
    read_before = (await session.scalars(select(Visit).where(Visit.user_id == VERA))).one()
    for statement in (
        update(Visit).where(Visit.user_id == VERA).values(ended_at=now),
        update(Group).where(Group.id == RIVERSIDE).values(visitors=Group.visitors - 1),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))
    assert read_before.ended_at is None
    assert await visits.end_for(session, server_id=SERVER, user_id=VERA, now=now) == 0
    await visits._end(session, [read_before], now)  # pyright: ignore[reportPrivateUsage] - between reading and writing
    await counts_hold(session)


# --- merges and what else is under way ------------------------------------------------------------


async def test_who_looks_after_it_from_elsewhere_does_so_at_the_new_table(shore: Shore) -> None:
    """Their key opened the room that is left; they get one to the new room."""
    async with shore.database.writing() as session:
        await succession.take_up(session, shore.actor(OWNER), group_id=POND, now=shore.now)
    await shore.run()
    async with shore.database.writing() as session:
        await facilitators.step_due(session, shore.now)
        assert OWNER in await facilitators.active(session, RIVER)
        open_now = select(Visit.group_id).where(Visit.user_id == OWNER, Visit.ended_at.is_(None))
        assert (await session.scalars(open_now)).all() == [RIVER]


async def test_a_table_that_is_small_again_after_a_merge_is_asked_again(shore: Shore) -> None:
    """What was asked of it before the merge is answered by it."""
    async with shore.database.writing() as session:
        session.add(SmallGroup(group_id=RIVER, server_id=SERVER, asked_at=shore.now))
    await shore.run()
    merge_id = (await shore.merge()).id
    async with shore.database.writing() as session:
        assert await session.get(SmallGroup, RIVER) is None
        await merging.mark_done(session, merge_id, shore.now)
        await session.execute(update(GroupType).values(minimum=9, cap=20))
        homes = (await session.scalars(select(Membership))).all()
        for home in homes[:6]:
            await settling.give_up(session, home, "left", shore.now)
        await small.look(session, SERVER, shore.now, shore.settings)
        later = shore.now + timedelta(weeks=shore.settings.small_weeks)
        assert await small.look(session, SERVER, later, shore.settings) == 1


async def test_a_full_group_that_is_about_to_merge_gets_no_split(shore: Shore) -> None:
    """What its people were told stands: they move in with the others, they do not part first."""
    async with shore.database.writing() as session:
        for group_id, people, cap in ((POND, range(210, 216), 10), (RIVER, range(110, 118), 40)):
            for user_id in people:
                session.add(Member(server_id=SERVER, user_id=user_id))
                session.add(
                    Membership(
                        server_id=SERVER, user_id=user_id, group_id=group_id, since=shore.now
                    )
                )
            await session.execute(
                update(Group)
                .where(Group.id == group_id)
                .values(homes=Group.homes + len(people), cap=cap)
            )
    assert await splits.look(shore.database, SERVER, shore.now, shore.settings) == 1
    async with shore.database.writing() as session:
        await session.execute(delete(Split))
    await shore.told()
    assert await splits.look(shore.database, SERVER, shore.now, shore.settings) == 0
    assert await shore.count(Split) == 0


async def test_nobody_is_told_of_a_merge_beside_a_split(shore: Shore) -> None:
    """A split that was planned while the other side thought about it comes first."""
    await shore.ask()
    async with shore.database.writing() as session:
        session.add(
            Split(
                server_id=SERVER,
                group_id=RIVER,
                state="planned",
                planned_at=shore.now,
                looked_at=shore.now,
                rounds=1,
                mean_share=1,
                kept_weight=1,
                stranded=0,
                moved=0,
            )
        )
    with pytest.raises(UserError, match=r"merging\.splitting"):
        await shore.agree()
    assert (await shore.merge()).state == "planned"


async def test_nobody_is_told_of_a_merge_that_fits_no_more(shore: Shore) -> None:
    """The last yes comes when the seats are gone."""
    await shore.ask()
    async with shore.database.writing() as session:
        await session.execute(update(Group).where(Group.id == RIVER).values(cap=9))
    with pytest.raises(UserError, match=r"merging\.no_seats"):
        await shore.agree()
    assert await shore.owed("merge-notice") == []


async def test_a_guest_costs_nobody_their_home(shore: Shore) -> None:
    """Whoever must not meet a mere guest of the table moves along; the guest goes."""
    async with shore.database.writing() as session:
        session.add(Member(server_id=SERVER, user_id=STRANGER))
        session.add(
            Visit(
                server_id=SERVER,
                group_id=RIVER,
                user_id=STRANGER,
                started_at=shore.now,
                ends_at=shore.now + 20 * DAY,
            )
        )
        session.add(
            Apart(server_id=SERVER, low_id=201, high_id=STRANGER, by_user_id=1, at=shore.now)
        )
        await session.execute(update(Group).where(Group.id == RIVER).values(visitors=1))
        session.add(
            Merge(
                server_id=SERVER,
                group_id=POND,
                into_id=RIVER,
                state="told",
                planned_at=shore.now,
                told_at=shore.now,
                runs_at=shore.now + DAY,
            )
        )
    shore.now += 3 * DAY
    assert await shore.step() == 1
    assert 201 in (await shore.homes())[RIVER]
    async with shore.database.reading() as session:
        assert await session.scalar(select(Visit.ended_at)) is not None
        await counts_hold(session)


async def test_who_waits_is_not_let_in_by_a_merge_where_people_are_asked(shore: Shore) -> None:
    """A line leads on only to a table that is as open as the one they waited for."""
    async with shore.database.writing() as session:
        session.add(
            GroupType(
                id=2,
                server_id=SERVER,
                name="Closer",
                name_key="closer",
                kind="identity",
                entry="request",
                listed=False,
                cap=20,
                minimum=5,
                split_delay_days=3,
            )
        )
        await session.flush()
        await session.execute(update(Group).where(Group.id == RIVER).values(type_id=2))
        session.add(Member(server_id=SERVER, user_id=301))
        session.add(Waiting(server_id=SERVER, user_id=301, group_id=POND, since=shore.now))
        session.add(
            Merge(
                server_id=SERVER,
                group_id=POND,
                into_id=RIVER,
                state="told",
                planned_at=shore.now,
                told_at=shore.now,
                runs_at=shore.now,
            )
        )
    assert await shore.step() == 1
    assert (await shore.merge()).state == "moving"
    async with shore.database.reading() as session:
        assert (await session.get_one(Waiting, (SERVER, 301))).group_id == POND


async def test_an_adoption_is_not_taken_back_once_others_moved_in_by_a_merge(
    session: AsyncSession, now: datetime
) -> None:
    """Their home would go with it, and they had not come by the role that is given back."""
    found = Found(
        role_id=70_001,
        people=frozenset(range(900, 908)),
        role_name="Runners",
        colour=7,
        room_id=70_002,
        room_name="runners",
        topic="We run around the lake.",
        entries=(),
        bot_id=5,
    )
    owner = Actor(SERVER, 1, manages_server=True)
    done = await adopting.adopt(session, owner, found, 1, now=now)
    merge = Merge(
        server_id=SERVER,
        group_id=MILLPOND,
        into_id=done.group_id,
        state="told",
        planned_at=now,
        told_at=now,
        runs_at=now,
    )
    session.add(merge)
    await session.flush()
    assert await merge_moves.run(session, merge, now)
    assert (await session.get_one(Membership, (SERVER, OMAR))).group_id == done.group_id
    await merging.mark_done(session, merge.id, now)
    adoption = await session.scalar(select(Adoption.id))
    assert adoption is not None
    with pytest.raises(UserError, match=r"adopt\.has_split"):
        await giving_back.undo(session, owner, adoption, now=now)


# --- offers and who cannot take them --------------------------------------------------------------


async def test_a_held_home_costs_nobody_their_place_in_line(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """Nobody can take a seat while moderators think: it goes on to the next, the place stays."""
    (await session.get_one(Group, MILLPOND)).cap = 2
    for user_id, state in ((KIM, "here"), (VERA, None)):
        minute = timedelta(minutes=1 if state else 2)
        session.add(
            Waiting(server_id=SERVER, user_id=user_id, group_id=MILLPOND, since=now + minute)
        )
    (await session.get_one(Member, (SERVER, KIM))).free_move = True
    await session.flush()
    assert [o.user_id for o in await offers.step_due(session, now, settings)] == [KIM]
    (await session.get_one(Membership, (SERVER, KIM))).state = "held"
    await session.flush()
    later = now + timedelta(hours=1)
    assert [o.user_id for o in await offers.step_due(session, later, settings)] == [VERA]
    assert (await session.get_one(Waiting, (SERVER, KIM))).offered_at is None
    assert await session.get(MissedOffer, (SERVER, KIM)) is None


async def test_a_minute_asks_no_more_of_many_full_lines_than_of_one(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """Groups that have taken in their week's newcomers cost no question each."""
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    await session.execute(update(GroupType).values(newcomers_per_week=1))
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", count)
    costs: list[int] = []
    for last in (110, 130):
        for group_id in range(last - 10, last):
            row = Group(
                id=group_id,
                server_id=SERVER,
                type_id=1,
                name=f"Group {group_id}",
                name_key=f"group {group_id}",
                state="open",
                cap=20,
                created_at=now,
            )
            session.add(row)
            await session.flush()
            session.add(Arrival(server_id=SERVER, group_id=group_id, user_id=group_id, at=now))
            session.add(
                Waiting(server_id=SERVER, group_id=group_id, user_id=1000 + group_id, since=now)
            )
        await session.flush()
        asked = 0
        assert await offers.step_due(session, now, settings) == []
        costs.append(asked)
    event.remove(engine, "before_cursor_execute", count)
    assert costs[0] == costs[1]


# --- safety ---------------------------------------------------------------------------------------


async def test_a_bar_ends_an_office_at_once(session: AsyncSession, now: datetime) -> None:
    """Whoever looks after a group from elsewhere and is barred from it decides nothing there."""
    owner = Actor(SERVER, VERA, manages_server=True)
    await succession.take_up(session, owner, group_id=RIVERSIDE, now=now)
    await safety.bar(session, GUARD, VERA, RIVERSIDE, now=now)
    assert await session.get(Facilitator, (RIVERSIDE, VERA)) is None
    with pytest.raises(UserError):
        await rights.require_facilitator(session, Actor(SERVER, VERA), RIVERSIDE)
    assert await facilitators.active(session, RIVERSIDE) == [LENA]


async def test_an_offer_to_look_after_a_group_is_read_where_there_is_a_room(
    session: AsyncSession, now: datetime
) -> None:
    """By those who look after it, in their room; in a server without one by the owners."""
    for user_id, room, place in ((MARA, None, "owners"), (KIM, 51, "facilitators")):
        (await session.get_one(Server, SERVER)).facilitators_room_id = room
        await succession.offer(session, Actor(SERVER, user_id), group_id=RIVERSIDE, now=now)
        owed = select(OutboxMessage.place).where(OutboxMessage.user_id == user_id)
        assert (await session.scalars(owed)).all() == [place]
