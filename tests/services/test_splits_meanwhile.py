"""What happens between a split's steps: people go, limits are reached, the table fills up."""

from datetime import datetime

import pytest
from sqlalchemy import delete, update

from bot.database import Database
from bot.rules.actor import Actor
from bot.services import installation, split_changes, splits
from bot.settings import Settings
from models import Group, Membership, Split, SplitSeat
from tests.services.test_splits import DAY, FRIENDS, HARBOUR, LENA, OTHERS, SERVER, Harbour

FULL = {HARBOUR: {*FRIENDS, *OTHERS}}


@pytest.fixture
async def harbour(database: Database, settings: Settings, now: datetime) -> Harbour:
    """The full group, which asks before it splits."""
    made = Harbour(database, settings, now)
    await made.build()
    return made


async def test_who_was_put_elsewhere_and_left_is_not_called_back(harbour: Harbour) -> None:
    """Nothing waits for them: their seat in the plan is gone when the members are told."""
    await harbour.look()
    async with harbour.database.writing() as session:
        shown = await split_changes.exchange(
            session, Actor(SERVER, LENA), 1, pair=(103, 203), child=1, now=harbour.now
        )
    assert shown.lines[0].key == "splits.was_put"
    await harbour.change(delete(Membership).where(Membership.user_id == 103))
    await harbour.change(update(Group).where(Group.id == HARBOUR).values(homes=19))
    await harbour.tell()
    called = {line["users"][0] for line in await harbour.owed("split-change")}
    assert called == {203}


async def test_a_no_to_an_early_plan_holds_when_the_table_is_full_by_then(harbour: Harbour) -> None:
    """The question comes again after some days, as any that was put off, not within the hour."""
    await harbour.change(delete(Membership).where(Membership.user_id == 208))
    await harbour.change(update(Group).where(Group.id == HARBOUR).values(homes=19))
    async with harbour.database.writing() as session:
        harbour.office(session, 101)
    await splits.plan_early(
        harbour.database, Actor(SERVER, LENA), HARBOUR, harbour.now, harbour.settings
    )
    await harbour.suggest()
    async with harbour.database.writing() as session:
        session.add(Membership(server_id=SERVER, user_id=208, group_id=HARBOUR, since=harbour.now))
        await session.execute(update(Group).where(Group.id == HARBOUR).values(homes=20))
    said = await harbour.refuse(101)
    assert said.lines[0].key == "splits.put_off"
    assert await harbour.look() == 0
    assert await harbour.step(4 * DAY) == 0
    assert len(await harbour.owed("split-preview")) == 0
    assert await harbour.step(DAY) == 1
    assert len(await harbour.owed("split-preview")) == 1


async def test_a_told_split_waits_where_discord_has_no_place_left(harbour: Harbour) -> None:
    """Nobody loses a room for one that cannot be made; those who decide hear why, once."""
    await harbour.look()
    runs_at = await harbour.tell()
    async with harbour.database.writing() as session:
        await installation.remember(session, f"limit:{SERVER}:channels", "stop")
    await harbour.step(runs_at - harbour.now)
    await harbour.step(DAY)
    assert (await harbour.split()).state == "told"
    assert await harbour.homes() == FULL
    assert len(await harbour.owed("split-no-place")) == 1
    async with harbour.database.writing() as session:
        await installation.forget(session, f"limit:{SERVER}:channels")
    await harbour.step(DAY)
    assert (await harbour.split()).state == "moving"
    assert len(await harbour.homes()) == 2


async def test_a_lower_cap_leaves_everybody_a_place(harbour: Harbour) -> None:
    """Owners lower the cap while people choose: who asks is answered, and everybody has a seat."""
    await harbour.look()
    runs_at = await harbour.tell()
    await harbour.change(update(Group).values(cap=8))
    assert (await harbour.where(103)).child in {0, 1}
    await harbour.choose(103, 1)
    await harbour.step(runs_at - harbour.now)
    homes = await harbour.homes()
    assert sum(map(len, homes.values())) == 20
    assert len(homes) == 2
    assert len(await harbour.all(SplitSeat)) == 20
    assert len(await harbour.all(Split)) == 1
