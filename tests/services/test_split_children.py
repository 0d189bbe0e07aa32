"""Three groups out of one: rows, words, choices, doors, rituals; and one again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot.database import Database
from bot.rules import split_messages
from bot.rules.actor import Actor
from bot.rules.capacity import Room
from bot.rules.scope import GroupScope, MemberScope
from bot.services import groups, reuniting, split_approval, split_doors, splits
from bot.services import ties as ties_service
from bot.settings import Settings
from models import (
    Adoption,
    Apart,
    Door,
    Facilitator,
    Group,
    Lineage,
    Reminder,
    Ritual,
    Server,
    SpareName,
    Split,
    SplitChild,
    SplitSeat,
)
from tests.services.test_splits import DAY, HARBOUR, LENA, SERVER, Harbour

CIRCLES = (range(100, 117), range(200, 216), range(300, 315))
EVERYBODY = {user_id for circle in CIRCLES for user_id in circle}
ROLE = 777


class Town(Harbour):
    """A group adopted with 48 people and twenty seats, in three circles."""

    async def build(self, **type_: object) -> None:
        """Let three circles live where there is room for twenty."""
        await super().build(**type_)
        async with self.database.writing() as session:
            for circle in CIRCLES:
                for user_id in circle:
                    if user_id not in {*range(100, 111), *range(200, 209)}:
                        await self.move_in(session, user_id)
                for number, one in enumerate(circle):
                    for other in list(circle)[number + 1 :: 2]:
                        if one >= 300 or (one >= 209 or other >= 209) or 111 <= other < 200:
                            self.tie(session, one, other, 6)
            group = await session.get_one(Group, HARBOUR)
            group.homes, group.state, group.rests_since = 48, "resting", self.now
            session.add(
                Adoption(
                    server_id=SERVER,
                    group_id=HARBOUR,
                    room_id=501,
                    before="{}",
                    at=self.now,
                    rests_until_split=True,
                )
            )
            session.add(SpareName(server_id=SERVER, name="Orchard", emoji="🍎"))

    async def part(self) -> list[Group]:
        """Plan, tell, move; return the groups, the one that kept the room first."""
        assert await self.look() == 1
        runs_at = await self.tell()
        assert await self.step(runs_at - self.now) == 1
        return sorted(await self.all(Group), key=lambda group: group.id)


@pytest.fixture
async def town(database: Database, settings: Settings, now: datetime) -> Town:
    """The adopted group, before anybody planned anything."""
    made = Town(database, settings, now)
    await made.build()
    return made


async def test_a_plan_for_three_is_written_and_read(town: Town) -> None:
    """Each has a name of its own and about a third; the words say how many there will be."""
    assert await town.look() == 1
    children = await town.all(SplitChild)
    assert [child.index for child in children] == [0, 1, 2]
    assert {child.name for child in children} == {"Harbour", "Millpond", "Orchard"}
    seats = await town.all(SplitSeat)
    assert {seat.user_id for seat in seats} == EVERYBODY
    sizes = [sum(seat.child == index for seat in seats) for index in range(3)]
    assert max(sizes) <= 20
    assert sizes[0] == max(sizes)
    async with town.database.reading() as session:
        shown = await split_approval.desk(session, Actor(SERVER, LENA), HARBOUR)
    keys = [line.key for line in shown.lines]
    assert keys[:4] == [
        "splits.preview_more",
        "splits.keeps_room_with",
        "splits.new_room_if",
        "splits.new_room_if",
    ]
    assert shown.lines[0].params["count"] == 3


async def test_two_places_are_needed_for_three_groups(town: Town) -> None:
    """With one place left within Discord's limits nothing is promised; open plans count in full."""
    assert await town.look(Room(by_role=1, without_role=40)) == 0
    assert await town.look(Room(by_role=2, without_role=40)) == 1
    async with town.database.reading() as session:
        assert await groups.promised(session, SERVER) == 2


async def test_the_members_of_three_are_told_and_choose(town: Town) -> None:
    """The notice names all, and each may choose any of them."""
    await town.look()
    await town.tell()
    (notice,) = await town.owed("split-notice")
    assert [line["key"] for line in notice["lines"]] == [
        "splits.notice_role",
        "splits.notice_more",
        "splits.notice_doors_more",
    ]
    for child in (1, 2, 0):
        place = await town.choose(101, child)
        assert (place.child, place.chosen) == (child, True)
        presses = {button.press for button in split_messages.place(place).buttons}
        assert {f"split-choose:1:{index}" for index in range(3)} <= presses


async def test_three_groups_live_on_with_all_that_is_theirs(town: Town) -> None:
    """Homes, ties, offices, rituals and reminders, doors between all, one welcome in each."""
    async with town.database.writing() as session:
        for user_id in (200, 300):
            town.office(session, user_id)
        session.add(
            Ritual(
                id=7,
                server_id=SERVER,
                group_id=HARBOUR,
                title="Friday",
                cadence="weekly",
                weekday=4,
                zone="UTC",
                anchor="2026-03-02",
                state="running",
                host_id=300,
                next_due_at=town.now + 9 * DAY,
            )
        )
        await session.flush()
        session.add_all(Reminder(ritual_id=7, user_id=user) for user in (101, 201, 301))
    made = await town.part()
    assert len(made) == 3
    homes = await town.homes()
    assert set().union(*homes.values()) == EVERYBODY
    leads = {row.user_id: row.group_id for row in await town.all(Facilitator)}
    assert {leads[LENA], leads[200], leads[300]} == {group.id for group in made}
    assert all(row.user_id in homes[row.group_id] for row in await town.all(Facilitator))
    assert {row.child_id for row in await town.all(Lineage)} == {group.id for group in made[1:]}
    doors = {(door.group_id, door.for_group_id) for door in await town.all(Door)}
    assert doors == {(a.id, b.id) for a in made for b in made if a is not b}
    rituals = {ritual.group_id: ritual for ritual in await town.all(Ritual)}
    assert rituals.keys() == {group.id for group in made}
    assert (rituals[leads[300]].state, rituals[leads[300]].host_id) == ("running", 300)
    if leads[300] != HARBOUR:
        assert (rituals[HARBOUR].state, rituals[HARBOUR].host_id) == ("running", LENA)
    for reminder in await town.all(Reminder):
        (home,) = (group_id for group_id, people in homes.items() if reminder.user_id in people)
        assert reminder.ritual_id == rituals[home].id
    async with town.database.reading() as session:
        for group in made:
            for low, high, _weight in await ties_service.weights(session, group.id, town.now):
                assert {low, high} <= homes[group.id]
        (moving,) = await splits.unsettled(session, SERVER)
    movers = EVERYBODY - homes[HARBOUR]
    assert set(moving.scopes) == {
        *(GroupScope(SERVER, group.id) for group in made),
        *(MemberScope(SERVER, user_id) for user_id in movers),
    }
    welcomes = await town.owed("charter")
    assert {line["at"] for line in welcomes} == {group.id for group in made[1:]}
    for welcome in welcomes:
        assert [one["key"] for one in welcome["lines"]].count("splits.door") == 2
    split = await town.split()
    assert split.moved == len(movers)


async def test_three_that_do_not_fit_one_table_stay_three(town: Town) -> None:
    """The group had 48 people and twenty seats: the rule that let it in does not bring it back."""
    await town.part()
    async with town.database.writing() as session:
        for moving in await splits.unsettled(session, SERVER):
            await splits.mark_done(session, moving.split_id, town.now)
        owner = Actor(SERVER, 1, manages_server=True)
        card = await reuniting.look(session, owner, 1, HARBOUR, town.now)
    assert [line.key for line in card.lines] == ["reunite.not_full"]


async def test_three_become_one_again_where_they_fit(town: Town) -> None:
    """With seats for all, one press brings both children back."""
    made = await town.part()
    await town.change(update(Group).where(Group.id == HARBOUR).values(cap=60))
    async with town.database.writing() as session:
        for moving in await splits.unsettled(session, SERVER):
            await splits.mark_done(session, moving.split_id, town.now)
        owner = Actor(SERVER, 1, manages_server=True)
        found = await reuniting.undo(session, owner, 1, town.now)
    assert found.comes == sum(part.comes for part in found.parts)
    assert await town.homes() == {HARBOUR: EVERYBODY}
    archived = {g.id for g in await town.all(Group) if g.archived_at is not None}
    assert archived == {group.id for group in made[1:]}
    doors = {(door.group_id, door.for_group_id) for door in await town.all(Door)}
    assert doors == {(group.id, HARBOUR) for group in made[1:]}


async def test_two_children_bring_back_nobody_who_is_kept_apart(town: Town) -> None:
    """Of two who must not meet, one from either child, the second stays where they live."""
    made = await town.part()
    await town.change(update(Group).where(Group.id == HARBOUR).values(cap=60))
    homes = await town.homes()
    one, other = (min(homes[group.id]) for group in made[1:])
    async with town.database.writing() as session:
        session.add(
            Apart(
                server_id=SERVER,
                low_id=min(one, other),
                high_id=max(one, other),
                by_user_id=1,
                at=town.now,
            )
        )
        for moving in await splits.unsettled(session, SERVER):
            await splits.mark_done(session, moving.split_id, town.now)
        owner = Actor(SERVER, 1, manages_server=True)
        await reuniting.undo(session, owner, 1, town.now)
    assert await town.homes() == {HARBOUR: EVERYBODY - {other}, made[2].id: {other}}


async def test_what_parts_again_within_a_month_keeps_its_neighbours(
    database: Database, settings: Settings, now: datetime
) -> None:
    """The new child and the one of the split before get doors to each other, until its day."""
    harbour = Harbour(database, settings, now)
    await harbour.build()
    await harbour.look()
    runs_at = await harbour.tell()
    await harbour.step(runs_at - harbour.now)
    first_parted = harbour.now
    (pond,) = await harbour.all(Group, Group.id != HARBOUR)
    async with database.writing() as session:
        await splits.mark_done(session, 1, harbour.now)
        session.add(
            Split(
                server_id=SERVER,
                group_id=HARBOUR,
                state="told",
                planned_at=now,
                looked_at=now,
                told_at=now,
                runs_at=now,
                mean_share=1,
                kept_weight=1,
                stranded=0,
            )
        )
        await session.flush()
        for index, name in enumerate(("Harbour", "Quay")):
            session.add(SplitChild(split_id=2, index=index, name=name, emoji="⚓"))
        for number, user_id in enumerate(range(100, 111)):
            child = int(number > 5)
            session.add(SplitSeat(split_id=2, user_id=user_id, child=child, planned=child))
        await session.execute(update(Group).where(Group.id == HARBOUR).values(cap=11))
        await session.execute(update(Server).values(paused_at=None))
    assert await harbour.step(20 * DAY) == 1
    (quay,) = await harbour.all(Group, Group.name == "Quay")
    doors = {(door.group_id, door.for_group_id): door.closes_at for door in await harbour.all(Door)}
    until = first_parted + split_doors.OPEN_FOR
    assert doors == {
        (HARBOUR, pond.id): until,
        (pond.id, HARBOUR): until,
        (quay.id, pond.id): until,
        (pond.id, quay.id): until,
        (HARBOUR, quay.id): harbour.now + timedelta(days=30),
        (quay.id, HARBOUR): harbour.now + timedelta(days=30),
    }
    welcome = (await harbour.owed("charter"))[-1]
    told = [one["params"]["other"] for one in welcome["lines"] if one["key"] == "splits.door"]
    assert told == ["Harbour", "Millpond"]
