"""Undoing a split in the tables: who goes back, what follows, what refuses; killed in between."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.scope import GroupScope, MemberScope
from bot.services import log, reuniting, split_approval, splits, undoing
from bot.services import ties as ties_service
from bot.settings import Settings
from models import (
    Apart,
    Door,
    Facilitator,
    Group,
    GroupType,
    Introduction,
    Invitation,
    LogEntry,
    Member,
    Membership,
    Reminder,
    Ritual,
    Split,
    Waiting,
)
from tests.services.test_splits import (
    DAY,
    FRIENDS,
    HARBOUR,
    HOUR,
    LENA,
    OMAR,
    OTHERS,
    SERVER,
    Harbour,
    Killed,
)

OWNER = Actor(SERVER, 1, manages_server=True)
CAME = range(300, 310)  # people who move in after the split


class Parted(Harbour):
    """The harbour after its split: Lena's half kept the room, Omar's has a new one."""

    child_id = 0

    async def part(self) -> None:
        """Plan, tell, move; Discord shows it."""
        async with self.database.writing() as session:
            self.office(session, OMAR)
        await self.look()
        runs_at = await self.tell()
        assert await self.step(runs_at - self.now) == 1
        (child,) = await self.all(Group, Group.id != HARBOUR)
        self.child_id = child.id
        await self.change(update(Group).where(Group.id == child.id).values(room_id=601))
        await self.settled()

    async def settled(self) -> None:
        """Let Discord show what the tables say."""
        async with self.database.writing() as session:
            for moving in await splits.unsettled(session, SERVER):
                await splits.mark_done(session, moving.split_id, self.now)

    async def comes(self, group_id: int, *people: int) -> None:
        """Let people move in who had no part in the split."""
        async with self.database.writing() as session:
            for user_id in people:
                session.add(Member(server_id=SERVER, user_id=user_id, counted_since=self.now))
                session.add(
                    Membership(server_id=SERVER, user_id=user_id, group_id=group_id, since=self.now)
                )
            await session.execute(
                update(Group)
                .where(Group.id == group_id)
                .values(homes=Group.homes + len(people))
                .execution_options(synchronize_session=False)
            )

    async def goes(self, group_id: int, *people: int) -> None:
        """Let people leave for good."""
        async with self.database.writing() as session:
            await session.execute(delete(Membership).where(Membership.user_id.in_(people)))
            await session.execute(
                update(Group)
                .where(Group.id == group_id)
                .values(homes=Group.homes - len(people))
                .execution_options(synchronize_session=False)
            )

    async def undo(self, actor: Actor = OWNER) -> None:
        """Press [Yes, one group again]."""
        async with self.database.writing() as session:
            await reuniting.undo(session, actor, 1, self.now)

    async def refused(self, actor: Actor = OWNER) -> str:
        """Return why it cannot be undone, after checking that nothing changed."""
        before = await self.homes()
        with pytest.raises(UserError) as error:
            await self.undo(actor)
        assert await self.homes() == before
        return error.value.key

    async def words(self) -> dict[int, list[str]]:
        """Return what is said in the rooms, by group, as texts' keys."""
        return {
            line["at"]: [one["key"] for one in line["lines"]]
            for line in await self.owed("reunited")
        }


@pytest.fixture
async def parted(database: Database, settings: Settings, now: datetime) -> Parted:
    """A group that parted a moment ago."""
    made = Parted(database, settings, now)
    await made.build()
    await made.part()
    return made


async def test_everybody_is_at_one_table_again(parted: Parted) -> None:
    """Homes, offices, ties and free moves; the empty child's room is kept and can be read."""
    parted.now += 3 * DAY
    await parted.change(update(Member).values(free_move=False))
    parted.noted.clear()
    await parted.undo()
    assert await parted.homes() == {HARBOUR: {*FRIENDS, *OTHERS}}
    child = (await parted.all(Group, Group.id == parted.child_id))[0]
    assert (child.state, child.archived_at, child.homes) == ("archived", parted.now, 0)
    offices = await parted.all(Facilitator)
    assert {(one.group_id, one.user_id, one.state) for one in offices} == {
        (HARBOUR, LENA, "active"),
        (HARBOUR, OMAR, "active"),
    }
    async with parted.database.reading() as session:
        weights = await ties_service.weights(session, HARBOUR, parted.now)
    assert {who for low, high, _ in weights for who in (low, high)} == {*FRIENDS, *OTHERS}
    assert all(member.free_move for member in await parted.all(Member))
    (door,) = await parted.all(Door)
    assert (door.group_id, door.for_group_id, door.closes_at) == (
        child.id,
        HARBOUR,
        parted.now + 30 * DAY,
    )
    assert await parted.words() == {
        HARBOUR: ["reunite.at_home"],
        child.id: ["reunite.farewell"],
    }
    assert parted.noted >= {
        GroupScope(SERVER, HARBOUR),
        GroupScope(SERVER, child.id),
        *(MemberScope(SERVER, user_id) for user_id in OTHERS),
    }


async def test_it_is_over_when_discord_shows_it_and_no_plan_follows_at_once(parted: Parted) -> None:
    """A full table again: for four weeks nobody suggests what was just undone."""
    await parted.undo()
    async with parted.database.reading() as session:
        (moving,) = await splits.unsettled(session, SERVER)
    assert {MemberScope(SERVER, user_id) for user_id in OTHERS} <= set(moving.scopes)
    assert await parted.look() == 0
    await parted.settled()
    split = await parted.split()
    assert (split.state, split.undone_at, split.closed_at) == ("done", parted.now, parted.now)
    assert await parted.look() == 0
    parted.now += 28 * DAY
    assert await parted.look() == 1


async def test_who_moved_elsewhere_stays_there_and_who_came_here_too(parted: Parted) -> None:
    """The reunited group is the old room's people, whoever came since, and who still lives next."""
    await parted.goes(HARBOUR, 101, 102, 103)
    await parted.comes(HARBOUR, 300)
    await parted.goes(parted.child_id, 205)
    await parted.undo()
    homes = await parted.homes()
    assert homes == {HARBOUR: ({*FRIENDS, *OTHERS} - {101, 102, 103, 205}) | {300}}


async def test_a_child_that_is_a_table_of_its_own_goes_on(parted: Parted) -> None:
    """Five who moved in since are enough: their room, their waiting list and their door stay."""
    await parted.comes(parted.child_id, *CAME[:5])
    async with parted.database.writing() as session:
        session.add(Member(server_id=SERVER, user_id=400))
        await session.flush()
        session.add(
            Waiting(server_id=SERVER, user_id=400, group_id=parted.child_id, since=parted.now)
        )
    await parted.undo()
    homes = await parted.homes()
    assert homes == {HARBOUR: {*FRIENDS, *OTHERS}, parted.child_id: set(CAME[:5])}
    child = (await parted.all(Group, Group.id == parted.child_id))[0]
    assert child.archived_at is None
    assert len(await parted.all(Door)) == 2
    assert (await parted.all(Waiting))[0].group_id == child.id
    assert (await parted.words())[child.id] == ["reunite.goes_on"]
    assert await parted.all(Invitation) == []
    (asked,) = await parted.owed("seeking")  # its facilitator went back
    assert asked["at"] == child.id


async def test_a_few_who_are_left_are_asked_to_come_along(parted: Parted) -> None:
    """Too few for a table: each finds a seat offered privately; nobody is moved."""
    await parted.comes(parted.child_id, *CAME[:2])
    await parted.goes(HARBOUR, 101, 102)
    await parted.undo()
    homes = await parted.homes()
    assert homes[parted.child_id] == set(CAME[:2])
    invited = await parted.all(Invitation)
    assert {(one.group_id, one.user_id) for one in invited} == {(HARBOUR, 300), (HARBOUR, 301)}
    assert (await parted.words())[parted.child_id] == ["reunite.goes_on", "reunite.come_along"]


async def test_whom_moderators_keep_apart_does_not_come_along(parted: Parted) -> None:
    """They stay where they are, and are not offered a seat beside whom they must not meet."""
    async with parted.database.writing() as session:
        session.add(Apart(server_id=SERVER, low_id=101, high_id=205, by_user_id=1, at=parted.now))
    await parted.undo()
    assert (await parted.homes())[parted.child_id] == {205}
    assert await parted.all(Invitation) == []


async def test_an_unlisted_group_is_not_named_to_who_never_lived_there(parted: Parted) -> None:
    """Those who moved into the child read that the others went back, not where."""
    await parted.change(update(GroupType).values(listed=False))
    await parted.comes(parted.child_id, *CAME[:5])
    async with parted.database.writing() as session:
        session.add(
            Facilitator(
                group_id=parted.child_id,
                user_id=300,
                server_id=SERVER,
                state="active",
                since=parted.now,
            )
        )
        await session.flush()
        child = await session.get_one(Group, parted.child_id)
        newcomer, settings = Actor(SERVER, 300), parted.settings
        assert not await reuniting.desk_part(session, newcomer, child, parted.now, settings)
        assert await reuniting.desk_part(session, Actor(SERVER, OMAR), child, parted.now, settings)
        with pytest.raises(UserError):
            await reuniting.look(session, newcomer, 1, child.id, parted.now)
        await reuniting.ask(session, Actor(SERVER, OMAR), 1, parted.now)
    (asked,) = await parted.owed("reunite-ask")
    assert [line["key"] for line in asked["lines"]] == ["reunite.asked_unlisted"]
    await parted.undo()
    assert (await parted.words())[parted.child_id] == ["reunite.goes_on_unlisted"]


async def test_hosts_and_reminders_return_to_their_ritual(parted: Parted) -> None:
    """What was copied for the child is one again; what began there comes along with its host."""
    await parted.change(delete(Ritual))
    async with parted.database.writing() as session:
        for number, group_id, title, host in (
            (7, HARBOUR, "Friday", None),
            (8, parted.child_id, "friday", OMAR),
            (9, parted.child_id, "Regatta", OMAR),
            (10, parted.child_id, "Quiz", None),
        ):
            session.add(
                Ritual(
                    id=number,
                    server_id=SERVER,
                    group_id=group_id,
                    title=title,
                    cadence="weekly",
                    weekday=4,
                    zone="UTC",
                    anchor="2026-03-02",
                    state="running" if host else "paused",
                    host_id=host,
                    next_due_at=parted.now + DAY if host else None,
                )
            )
        await session.flush()
        session.add_all(Reminder(ritual_id=number, user_id=201) for number in (8, 9))
    await parted.undo()
    rituals = {(r.group_id, r.title): r for r in await parted.all(Ritual)}
    assert {key: (ritual.state, ritual.host_id) for key, ritual in rituals.items()} == {
        (HARBOUR, "Friday"): ("running", OMAR),
        (HARBOUR, "Regatta"): ("running", OMAR),
        (parted.child_id, "friday"): ("paused", None),
        (parted.child_id, "Regatta"): ("paused", None),
        (parted.child_id, "Quiz"): ("paused", None),
    }
    assert rituals[HARBOUR, "Friday"].next_due_at is not None
    reminders = await parted.all(Reminder)
    assert {(one.ritual_id, one.user_id) for one in reminders} == {
        (7, 201),
        (rituals[HARBOUR, "Regatta"].id, 201),
    }


async def test_what_somebody_told_the_old_room_is_read_there_again(parted: Parted) -> None:
    """What was told after the split is theirs to tell once more: others would read it."""
    async with parted.database.writing() as session:
        session.add_all(
            Introduction(
                group_id=parted.child_id, user_id=user, server_id=SERVER, said="Boats.", at=at
            )
            for user, at in ((201, parted.now - HOUR), (202, parted.now + HOUR))
        )
    parted.now += DAY
    await parted.undo()
    assert [(one.group_id, one.user_id) for one in await parted.all(Introduction)] == [
        (HARBOUR, 201)
    ]


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("late", "too_late"),
        ("full", "full"),
        ("ended", "ended"),
        ("moving", "moving"),
        ("again", "busy"),
        ("gone", "nobody"),
        ("twice", "undone"),
    ],
)
async def test_what_cannot_be_undone_says_why(parted: Parted, what: str, why: str) -> None:
    """Each reason has its own words, on the desk's card and for who presses nevertheless."""
    match what:
        case "late":
            parted.now += 14 * DAY
        case "full":
            await parted.comes(HARBOUR, 300)
        case "ended":
            await parted.change(
                update(Group).where(Group.id == HARBOUR).values(archived_at=parted.now)
            )
        case "moving":
            await parted.change(update(Split).values(state="moving", closed_at=None))
        case "again":
            async with parted.database.writing() as session:
                session.add(
                    Split(
                        server_id=SERVER,
                        group_id=parted.child_id,
                        planned_at=parted.now,
                        looked_at=parted.now,
                        mean_share=1,
                        kept_weight=1,
                        stranded=0,
                    )
                )
        case "gone":
            await parted.goes(parted.child_id, *OTHERS)
        case _:
            await parted.undo()
            await parted.settled()
    assert await parted.refused() == f"reunite.not_{why}"
    async with parted.database.reading() as session:
        card = await reuniting.look(session, OWNER, 1, HARBOUR, parted.now)
    assert [line.key for line in card.lines] == [f"reunite.not_{why}"]
    assert [button.press for button in card.buttons] == [f"desk-open:{HARBOUR}"]


async def test_owners_undo_and_facilitators_ask(parted: Parted) -> None:
    """Lena and Omar see what it would do and may ask; a member sees nothing of it."""
    for user_id in (LENA, OMAR):
        async with parted.database.writing() as session:
            card = await reuniting.look(session, Actor(SERVER, user_id), 1, HARBOUR, parted.now)
            assert card.buttons[0].press == "reunite-ask:1"
            await reuniting.ask(session, Actor(SERVER, user_id), 1, parted.now)
            await reuniting.ask(session, Actor(SERVER, user_id), 1, parted.now)
        assert await parted.refused(Actor(SERVER, user_id)) == "errors.owners_only"
    asked = await parted.owed("reunite-ask")
    assert [line["place"] for line in asked] == ["owners", "owners"]
    for stranger in (Actor(SERVER, 101), Actor(SERVER + 1, 1, manages_server=True)):
        async with parted.database.writing() as session:
            for act in (
                reuniting.look(session, stranger, 1, HARBOUR, parted.now),
                reuniting.ask(session, stranger, 1, parted.now),
            ):
                with pytest.raises(UserError):
                    await act


async def test_a_split_that_has_not_parted_cannot_be_undone(
    database: Database, settings: Settings, now: datetime
) -> None:
    """Calling it off is another matter."""
    harbour = Parted(database, settings, now)
    await harbour.build()
    await harbour.look()
    with pytest.raises(UserError) as error:
        await harbour.undo()
    assert error.value.key == "reunite.gone"


async def test_the_owners_log_knows_the_split_and_undoes_it(parted: Parted) -> None:
    """One line for the split, which shows what undoing does; done elsewhere, it says so."""
    async with parted.database.writing() as session:
        acts, _older = await undoing.page(session, OWNER, 0)
        (act,) = [act for act in acts if act.action == "group-split"]
        assert act.undoable
        asked = await undoing.look(session, OWNER, act.id, now=parted.now)
        assert [line.key for line in asked.would_be] == [
            "reunite.head",
            "reunite.part_ends",
            "reunite.would_be",
        ]
        undone = await undoing.undo(session, OWNER, act.id, now=parted.now)
        assert undone.undone_at == parted.now
    assert len(await parted.homes()) == 1
    async with parted.database.reading() as session:
        with pytest.raises(UserError) as error:
            await undoing.look(session, OWNER, act.id, now=parted.now)
        assert error.value.key == "log.undone_already"
        acts, _older = await log.page(session, OWNER, 0)
    assert acts[0].action == "group-reunite"


async def test_from_the_desk_the_log_is_told(parted: Parted) -> None:
    """The split's own line says that it was undone, and by whom."""
    await parted.undo()
    (line,) = await parted.all(LogEntry, LogEntry.action == "group-split")
    assert (line.undone_at, line.undone_by_user_id) == (parted.now, OWNER.user_id)


@pytest.mark.parametrize("share", [0.05, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
async def test_killed_while_rows_change(parted: Parted, share: float) -> None:
    """Wherever it dies, there are two groups as before; pressed again, there is one."""
    statements, deadly = 0, 0

    def counted(*_: Any) -> None:
        nonlocal statements
        statements += 1
        if statements == deadly:
            raise Killed

    engine = parted.database._write.kw["bind"].sync_engine  # pyright: ignore[reportPrivateUsage] - counts statements
    event.listen(engine, "before_cursor_execute", counted)
    try:
        async with parted.database.writing() as session:
            await reuniting.undo(session, OWNER, 1, parted.now)
            await session.rollback()  # this was to count
        assert statements > 60
        deadly, statements = round(statements * share), 0
        with pytest.raises(Killed):
            await parted.undo()
    finally:
        event.remove(engine, "before_cursor_execute", counted)
    assert sorted(map(len, (await parted.homes()).values())) == [9, 11]
    assert await parted.owed("reunited") == []
    await parted.undo()
    assert await parted.homes() == {HARBOUR: {*FRIENDS, *OTHERS}}
    assert len(await parted.owed("reunited")) == 2


async def test_a_seat_kept_for_a_leaver_goes_back_too(parted: Parted) -> None:
    """It is theirs still; they have no key to move."""
    await parted.change(
        update(Membership)
        .where(Membership.user_id == 203)
        .values(state="kept", seat_until=parted.now + timedelta(hours=40))
    )
    await parted.undo()
    async with parted.database.reading() as session:
        home = await session.scalar(select(Membership).where(Membership.user_id == 203))
    assert home is not None
    assert (home.group_id, home.state) == (HARBOUR, "kept")
    assert split_approval.OFF_FOR == 14 * DAY
