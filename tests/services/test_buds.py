"""Buds in the tables: doors that stay open, seats there are, one that fails holds up no other."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from bot.database import Database
from bot.errors import UserError
from bot.rules import naming
from bot.rules.actor import Actor
from bot.services import bud_begin, budding, group_names, guest_doors
from bot.settings import Settings
from models import Bud, BudGuest, Door, Group, GuestEvening, Membership
from tests.services.test_splits import DAY, FRIENDS, HARBOUR, HOUR, LENA, SERVER, Harbour

KIM, ALONG = 101, tuple(range(102, 108))


class Shore(Harbour):
    """The harbour, where Kim would begin a new group with six of her friends."""

    now: datetime

    async def bud(self, name: str = "Quay") -> int:
        """Let everybody whom Kim asked say yes; return the bud."""
        async with self.database.writing() as session:
            bud = Bud(
                server_id=SERVER,
                group_id=HARBOUR,
                user_id=KIM,
                state="gathering",
                asked_at=self.now,
                until=self.now + 7 * DAY,
                name=name,
                emoji="⚓",
                purpose="Boats on the quay.",
            )
            session.add(bud)
            await session.flush()
            for user_id in ALONG:
                session.add(
                    BudGuest(bud_id=bud.id, user_id=user_id, answer="yes", asked_at=self.now)
                )
            return bud.id

    async def end(self, after: timedelta) -> int:
        """Let time pass and end what is due, as the tick does."""
        self.now += after
        async with self.database.writing() as session:
            return await bud_begin.step_due(session, self.now)


@pytest.fixture
async def shore(database: Database, settings: Settings, now: datetime) -> Shore:
    """The group, before anybody asked Kim."""
    made = Shore(database, settings, now)
    await made.build(minimum=5)
    return made


async def test_doors_after_a_split_stay_open_to_those_who_go(shore: Shore) -> None:
    """Until their own day; the neighbours were promised the old room, and no other."""
    until = shore.now + 20 * DAY
    async with shore.database.writing() as session:
        pond = await session.get_one(Group, HARBOUR)
        session.add(
            Group(
                id=2,
                server_id=SERVER,
                type_id=pond.type_id,
                name="Millpond",
                name_key="millpond",
                cap=20,
                homes=0,
                created_at=shore.now,
            )
        )
        await session.flush()
        for one, other in ((HARBOUR, 2), (2, HARBOUR)):
            session.add(Door(server_id=SERVER, group_id=one, for_group_id=other, closes_at=until))
    await shore.bud()
    assert await shore.end(7 * DAY) == 1
    (quay,) = await shore.all(Group, Group.name == "Quay")
    assert (await shore.homes())[quay.id] == {KIM, *ALONG}
    doors = {(door.group_id, door.for_group_id, door.closes_at) for door in await shore.all(Door)}
    assert doors == {(HARBOUR, 2, until), (2, HARBOUR, until), (2, quay.id, until)}


async def test_who_begins_a_group_on_a_guest_evening_stays_over(shore: Shore) -> None:
    """The door that opened for the evening is theirs, too, and closes with it."""
    until = shore.now + 3 * HOUR
    async with shore.database.writing() as session:
        session.add(
            Group(
                id=2,
                server_id=SERVER,
                type_id=1,
                name="Millpond",
                name_key="millpond",
                cap=20,
                created_at=shore.now,
                opened_at=shore.now,
            )
        )
        await session.flush()
        session.add(
            GuestEvening(
                server_id=SERVER,
                group_id=2,
                guest_group_id=HARBOUR,
                by_door=True,
                opens_at=shore.now,
                ends_at=until,
                asked_at=shore.now,
                agreed_at=shore.now,
                opened_at=shore.now,
            )
        )
        session.add(Door(server_id=SERVER, group_id=2, for_group_id=HARBOUR, closes_at=until))
    bud_id = await shore.bud()
    async with shore.database.writing() as session:
        await bud_begin.begin_now(session, Actor(SERVER, KIM), bud_id, shore.now + HOUR)
    (quay,) = await shore.all(Group, Group.name == "Quay")
    first, second = await shore.all(GuestEvening)
    assert (first.guest_group_id, second.guest_group_id) == (HARBOUR, quay.id)
    assert {door.for_group_id for door in await shore.all(Door)} == {HARBOUR, quay.id}
    async with shore.database.writing() as session:
        await guest_doors.end_all(session, first, shore.now + HOUR)
    assert await shore.all(Door) == []


async def test_nobody_goes_without_a_seat(shore: Shore) -> None:
    """Of ten who said yes nine go with the founder where a group may have ten since then."""
    bud_id = await shore.bud()
    async with shore.database.writing() as session:
        for user_id in (108, 109, 110, 201):
            session.add(
                BudGuest(bud_id=bud_id, user_id=user_id, answer="yes", asked_at=shore.now + HOUR)
            )
    await shore.change(update(Group).where(Group.id == HARBOUR).values(cap=10))
    async with shore.database.writing() as session:
        assert await bud_begin.begin_now(session, Actor(SERVER, KIM), bud_id, shore.now) == 10
    (quay,) = await shore.all(Group, Group.name == "Quay")
    assert (quay.homes, quay.cap) == (10, 10)
    assert (await shore.homes())[quay.id] == {KIM, *ALONG, 108, 109, 110}


async def test_one_that_fails_holds_up_no_other(shore: Shore) -> None:
    """What it wrote is taken back; it is tried again, and the rest of the tick goes on."""
    await shore.bud()
    async with shore.database.writing() as session:
        session.add(
            Group(
                id=2,
                server_id=SERVER,
                type_id=1,
                name="Pier",
                name_key="pier",
                cap=20,
                homes=0,
                created_at=shore.now,
            )
        )
        await session.flush()
        session.add(
            Bud(
                server_id=SERVER,
                group_id=2,
                user_id=LENA,
                state="asked",
                asked_at=shore.now,
                until=shore.now + 7 * DAY,
            )
        )

    def broken(_mapper: Any, _connection: Any, group: Group) -> None:
        if group.name == "Quay":
            raise ArithmeticError("a defect that nobody knows of")

    event.listen(Group, "before_insert", broken)
    try:
        assert await shore.end(7 * DAY) == 1
    finally:
        event.remove(Group, "before_insert", broken)
    states = {bud.group_id: bud.state for bud in await shore.all(Bud)}
    assert states == {HARBOUR: "gathering", 2: "dropped"}
    assert len((await shore.homes())[HARBOUR]) == 20
    assert await shore.end(timedelta(minutes=1)) == 1
    assert len(await shore.homes()) == 2


async def test_a_yes_waits_for_its_word_and_a_no_leaves_no_trace(shore: Shore) -> None:
    """When it is called off only a yes is kept, so that who said it can read what came of it."""
    bud_id = await shore.bud()
    asked = (BudGuest.user_id == 102, BudGuest.user_id == 103)
    await shore.change(update(BudGuest).where(asked[0]).values(answer="no"))
    await shore.change(update(BudGuest).where(asked[1]).values(answer="asked"))
    async with shore.database.writing() as session:
        await budding.call_off(session, Actor(SERVER, KIM), bud_id, shore.now)
    async with shore.database.reading() as session:
        kept = set(await session.scalars(select(BudGuest.user_id)))
        assert kept == {104, 105, 106, 107}
        card = await budding.look(session, Actor(SERVER, 104), bud_id, shore.now)
        assert [line.key for line in card.lines] == ["buds.over"]
        for user_id in (102, 103, KIM):
            with pytest.raises(UserError) as error:
                await budding.look(session, Actor(SERVER, user_id), bud_id, shore.now)
            assert error.value.key == "buds.gone"
    told = await shore.owed("bud-over")
    assert {line["users"][0] for line in told} == kept
    assert {line["lines"][0]["key"] for line in told} == {"buds.line"}
    assert {home.user_id for home in await shore.all(Membership)} >= set(FRIENDS)


async def test_the_name_of_a_bud_is_taken(shore: Shore) -> None:
    """For all but its own founder, who may write it differently; and no split is given it."""
    bud_id = await shore.bud("Quay")
    async with shore.database.writing() as session:
        other = Group(
            server_id=SERVER,
            type_id=1,
            name="Pier",
            name_key="pier",
            cap=20,
            homes=0,
            created_at=shore.now,
        )
        session.add(other)
        await session.flush()
        assert naming.key("Quay") in await group_names.taken_names(session, other)
        card = await budding.name_it(
            session,
            Actor(SERVER, KIM),
            bud_id,
            name="QUAY",
            emoji="",
            purpose="Boats on the quay.",
            now=shore.now,
        )
    assert card.lines[0].params["bud"] == "⚓ QUAY"
