"""Who is asked to look after the children of a split: one after another, and then the room."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, update

from bot.database import Database
from bot.rules.actor import Actor
from bot.services import facilitators, reuniting, split_offices
from bot.settings import Settings
from models import CarePause, Facilitator, Group, Member, SplitChild
from tests.services.test_reuniting import Parted
from tests.services.test_splits import DAY, HARBOUR, HOUR, OTHERS, SERVER


@pytest.fixture
async def harbour(database: Database, settings: Settings, now: datetime) -> Parted:
    """A full group, which asks before it splits."""
    made = Parted(database, settings, now)
    await made.build()
    return made


@pytest.fixture
async def parted(harbour: Parted) -> Parted:
    """Two groups a moment after the split; nobody looks after the new one."""
    made = harbour
    await made.look()
    runs_at = await made.tell()
    await made.step(runs_at - made.now)
    (child,) = await made.all(Group, Group.id != HARBOUR)
    made.child_id = child.id
    await made.settled()
    return made


async def asked(parted: Parted) -> list[int]:
    """Return who is asked to look after the child."""
    rows = await parted.all(
        Facilitator, Facilitator.group_id == parted.child_id, Facilitator.state == "asked"
    )
    return sorted(row.user_id for row in rows)


async def says_no(parted: Parted, user_id: int) -> None:
    """Let somebody decline."""
    async with parted.database.writing() as session:
        await facilitators.decline(
            session, server_id=SERVER, group_id=parted.child_id, user_id=user_id
        )


async def hour(parted: Parted, after: timedelta = HOUR) -> int:
    """Let time pass and ask whoever is next."""
    parted.now += after
    async with parted.database.writing() as session:
        return await split_offices.step_due(session, parted.now)


async def test_after_a_no_the_next_is_asked_and_nobody_twice(parted: Parted) -> None:
    """Each gets one question; when nobody is left the room is asked, once."""
    seen: list[int] = []
    while who := await asked(parted):
        assert len(who) == 1
        seen += who
        assert await hour(parted) == 0  # the question is open
        await says_no(parted, who[0])
        await hour(parted)
    assert len(seen) == len(set(seen)) == len(OTHERS)
    assert set(seen) == set(OTHERS)
    assert len(await parted.owed("seeking")) == 1
    await hour(parted)
    assert len(await parted.owed("seeking")) == 1


async def test_who_does_not_answer_is_no_longer_waited_for(parted: Parted) -> None:
    """After five days the next is asked beside them; a yes of either ends it."""
    (first,) = await asked(parted)
    assert await hour(parted, 5 * DAY - HOUR) == 0
    assert await hour(parted, HOUR) == 1
    both = await asked(parted)
    assert first in both
    assert len(both) == 2
    async with parted.database.writing() as session:
        await facilitators.accept(
            session, server_id=SERVER, group_id=parted.child_id, user_id=first, now=parted.now
        )
    await says_no(parted, next(who for who in both if who != first))
    assert await hour(parted, 9 * DAY) == 0


async def test_nobody_is_asked_after_the_split_was_undone_or_is_long_over(parted: Parted) -> None:
    """Whom nobody looks after a month later is asked about elsewhere."""
    (first,) = await asked(parted)
    await says_no(parted, first)
    assert await hour(parted, 30 * DAY) == 0
    parted.now -= 29 * DAY
    async with parted.database.writing() as session:
        await reuniting.undo(session, Actor(SERVER, 1, manages_server=True), 1, parted.now)
    assert await hour(parted) == 0


async def test_who_was_asked_lately_is_not_thought_of(harbour: Parted) -> None:
    """Nor who is away, or does not want to be counted: a plan names somebody one may ask."""
    await harbour.look()
    (_, child) = await harbour.all(SplitChild)
    first = child.facilitator_id
    assert first in OTHERS
    async with harbour.database.writing() as session:
        session.add(
            CarePause(
                group_id=HARBOUR, user_id=first, server_id=SERVER, until=harbour.now + 90 * DAY
            )
        )
    harbour.now += DAY
    await harbour.look()
    (_, child) = await harbour.all(SplitChild)
    second = child.facilitator_id
    assert second in set(OTHERS) - {first}
    await harbour.change(
        update(Member).where(Member.user_id == second).values(opted_out_at=harbour.now)
    )
    harbour.now += DAY
    await harbour.look()
    (_, child) = await harbour.all(SplitChild)
    assert child.facilitator_id in set(OTHERS) - {first, second}
    await harbour.change(delete(CarePause))
