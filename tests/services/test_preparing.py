"""What is got ready before a group is full: looked at weekly, used when the last seat goes."""

from datetime import datetime

import pytest
from sqlalchemy import delete, select, update

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import facilitators, preparing
from bot.settings import Settings
from models import (
    Arrival,
    CarePause,
    Facilitator,
    Group,
    Membership,
    Merge,
    Prepared,
    PreparedChild,
    Server,
    SplitChild,
)
from tests.services.test_splits import DAY, HARBOUR, LENA, OTHERS, SERVER, Harbour

LENA_ASKS = Actor(SERVER, LENA)


class Growing(Harbour):
    """The harbour with one seat left."""

    async def leave_one_seat(self) -> None:
        """Let somebody leave, so that one seat is free."""
        await self.change(delete(Membership).where(Membership.user_id == 208))
        await self.change(update(Group).where(Group.id == HARBOUR).values(homes=Group.homes - 1))

    async def fill(self) -> None:
        """Let the last seat be taken."""
        async with self.database.writing() as session:
            session.add(Membership(server_id=SERVER, user_id=208, group_id=HARBOUR, since=self.now))
        await self.change(update(Group).where(Group.id == HARBOUR).values(homes=Group.homes + 1))

    async def prepare(self) -> int:
        """Look at what is nearly full, as the hour does."""
        return await preparing.look(self.database, SERVER, self.now)

    async def child(self) -> PreparedChild:
        """Return the group that would get a new room."""
        (found,) = await self.all(PreparedChild, PreparedChild.index == 1)
        return found

    async def card_keys(self) -> set[str]:
        """Return the texts of the card that Lena opens."""
        async with self.database.reading() as session:
            card = await preparing.card(session, LENA_ASKS, HARBOUR, self.now)
        return {line.key for line in card.lines}

    async def gone(self) -> bool:
        """Return whether the card says that nothing is being got ready."""
        async with self.database.reading() as session:
            with pytest.raises(UserError) as error:
                await preparing.card(session, LENA_ASKS, HARBOUR, self.now)
        return error.value.key == "prepare.gone"


@pytest.fixture
async def growing(database: Database, settings: Settings, now: datetime) -> Growing:
    """A group of nineteen with twenty seats."""
    made = Growing(database, settings, now)
    await made.build()
    await made.leave_one_seat()
    return made


async def test_a_nearly_full_group_is_looked_at_once_a_week(growing: Growing) -> None:
    """Figures, sizes, a name and whom one could ask; who would go where is not kept."""
    assert await growing.prepare() == 1
    assert await growing.prepare() == 0
    (row,) = await growing.all(Prepared)
    assert 0.9 < row.mean_share <= 1
    assert row.stranded == 0
    children = await growing.all(PreparedChild)
    assert [(c.index, c.name, c.size, c.facilitator_id) for c in children] == [
        (0, "Harbour", 10, LENA),
        (1, "Millpond", 9, children[1].facilitator_id),
    ]
    assert children[1].facilitator_id in OTHERS
    growing.now += 7 * DAY
    assert await growing.prepare() == 1
    assert (await growing.all(Prepared))[0].looked_at == growing.now


async def test_only_what_is_nearly_full_open_and_free_is_got_ready(growing: Growing) -> None:
    """Not a group with many seats, nor one that rests, is paused, or is about to merge."""
    for values in ({"homes": 16}, {"state": "resting"}):
        before = {"homes": 19, "state": "open"}
        await growing.change(update(Group).values(**values))
        assert await growing.prepare() == 0
        await growing.change(update(Group).values(**before))
    await growing.change(update(Server).values(paused_at=growing.now))
    assert await growing.prepare() == 0
    await growing.change(update(Server).values(paused_at=None))
    async with growing.database.writing() as session:
        session.add(
            Group(
                id=2,
                server_id=SERVER,
                type_id=1,
                name="Lake",
                name_key="lake",
                cap=20,
                created_at=growing.now,
            )
        )
        await session.flush()
        session.add(
            Merge(
                server_id=SERVER, group_id=2, into_id=HARBOUR, state="told", planned_at=growing.now
            )
        )
    assert await growing.prepare() == 0


async def test_what_is_ready_goes_when_it_is_not_needed(growing: Growing) -> None:
    """When people leave, and when a split is open."""
    await growing.prepare()
    await growing.change(update(Group).values(homes=16))
    assert await growing.gone()
    await growing.prepare()
    assert await growing.all(Prepared) == await growing.all(PreparedChild) == []


async def test_the_last_seat_shows_the_plan_at_once_with_what_was_ready(growing: Growing) -> None:
    """Without waiting for the hour; the name that facilitators gave is the child's."""
    await growing.prepare()
    async with growing.database.writing() as session:
        await preparing.name_it(session, LENA_ASKS, HARBOUR, 1, "Lower Harbour", "⚓", growing.now)
        assert await preparing.full(session) == []
    await growing.fill()
    assert await growing.gone()
    async with growing.database.reading() as session:
        assert await preparing.full(session) == [SERVER]
    assert await growing.look() == 1
    async with growing.database.writing() as session:
        assert await preparing.full(session) == []
        await preparing.used_up(session, SERVER)
    assert await growing.all(Prepared) == []
    (_, child) = await growing.all(SplitChild)
    assert (child.name, child.emoji) == ("Lower Harbour", "⚓")


async def test_where_no_plan_can_be_made_it_is_not_tried_each_minute(growing: Growing) -> None:
    """The minute looks once; after that it is the hour's matter as ever."""
    await growing.prepare()
    await growing.fill()
    async with growing.database.writing() as session:
        assert await preparing.full(session) == [SERVER]
        await preparing.used_up(session, SERVER)
        assert await preparing.full(session) == []


async def test_somebody_is_asked_early_and_after_a_no_another_is_suggested(
    growing: Growing,
) -> None:
    """With a yes they look after the group there is; the plan then needs nobody else."""
    await growing.prepare()
    first = (await growing.child()).facilitator_id
    assert first is not None
    assert "prepare.could_ask" in await growing.card_keys()
    async with growing.database.writing() as session:
        said = await preparing.ask(session, LENA_ASKS, HARBOUR, first, growing.now)
        assert said.lines[0].key == "prepare.asked"
        again = await preparing.ask(session, LENA_ASKS, HARBOUR, first, growing.now)
        assert again.lines[0].key == "prepare.asked_before"
    assert "prepare.could_ask" not in await growing.card_keys()
    (question,) = await growing.owed("question")
    assert question["users"] == [first]
    async with growing.database.writing() as session:
        await facilitators.decline(session, server_id=SERVER, group_id=HARBOUR, user_id=first)
    growing.now += 7 * DAY
    await growing.prepare()
    second = (await growing.child()).facilitator_id
    assert second is not None
    assert second != first
    async with growing.database.writing() as session:
        await preparing.ask(session, LENA_ASKS, HARBOUR, second, growing.now)
        await facilitators.accept(
            session, server_id=SERVER, group_id=HARBOUR, user_id=second, now=growing.now
        )
        (pause,) = (
            await session.scalars(select(CarePause).where(CarePause.user_id == second))
        ).all()
        assert pause.group_id == HARBOUR
    growing.now += 7 * DAY
    await growing.prepare()
    assert "prepare.could_ask" not in await growing.card_keys()
    children = await growing.all(PreparedChild)
    assert {child.facilitator_id for child in children} == {LENA, second}


async def test_when_it_will_be_full_is_told_from_who_came(growing: Growing) -> None:
    """Eight within four weeks, one seat left: within a week."""
    await growing.prepare()
    assert "prepare.nearly_full" in await growing.card_keys()
    growing.now += 28 * DAY
    async with growing.database.writing() as session:
        session.add_all(
            Arrival(
                server_id=SERVER, group_id=HARBOUR, user_id=700 + n, at=growing.now - n * DAY - DAY
            )
            for n in range(8)
        )
    await growing.prepare()
    assert "prepare.full_in" in await growing.card_keys()


async def test_only_those_who_look_after_it_see_and_do(growing: Growing) -> None:
    """A member is refused; a name that is taken is, too; the group itself is not named here."""
    await growing.prepare()
    member = Actor(SERVER, 101)
    async with growing.database.writing() as session:
        for act in (
            preparing.card(session, member, HARBOUR, growing.now),
            preparing.ask(session, member, HARBOUR, 201, growing.now),
            preparing.name_it(session, member, HARBOUR, 1, "Ours", "", growing.now),
            preparing.name_it(session, LENA_ASKS, HARBOUR, 1, "harbour", "", growing.now),
            preparing.name_it(session, LENA_ASKS, HARBOUR, 0, "Else", "", growing.now),
            preparing.name_it(session, LENA_ASKS, HARBOUR, 5, "Else", "", growing.now),
        ):
            with pytest.raises(UserError):
                await act
    assert (await growing.child()).name == "Millpond"


async def test_desk_and_letter_tell_of_it_while_it_is_so(growing: Growing) -> None:
    """A line with a way to the card; nothing before, and nothing when the plan is there."""
    async with growing.database.reading() as session:
        group = await session.get_one(Group, HARBOUR)
        office = await session.get_one(Facilitator, (HARBOUR, LENA))
        settings, now = growing.settings, growing.now
        assert not await preparing.desk_part(session, LENA_ASKS, group, now, settings)
        assert await preparing.section(session, office, group, now) is None
    await growing.prepare()
    async with growing.database.reading() as session:
        group = await session.get_one(Group, HARBOUR)
        (part,) = await preparing.desk_part(session, LENA_ASKS, group, now, settings)
        assert part.page == "growth"
        told = await preparing.section(session, office, group, now)
        assert told is not None
        assert [button.press for button in told.buttons] == [f"prepare-look:{HARBOUR}"]
