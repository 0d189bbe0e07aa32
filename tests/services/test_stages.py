"""Stages in the tables: derived when a fact changes, and what opening and archiving bring."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.charter import Charter
from bot.services import (
    chartering,
    closing,
    facilitators,
    groups,
    membership,
    stage_checks,
    stages,
    succession,
)
from bot.services.outbox import unpacked
from bot.settings import Settings
from models import Facilitator, Group, GroupType, Member, OutboxMessage, Server, Visit
from tests.services.conftest import JO, KIM, LENA, MARA, OMAR, RIVERSIDE, SERVER, VERA, Town

OWNER = Actor(SERVER, 77, manages_server=True)
WHOLE = Charter(
    "Orchard",
    "Fruit trees, grafting and the cake that follows.",
    for_whom="Whoever has a tree, or a window sill.",
    unites="We wait for years, and like it.",
    norms="Share cuttings; No poison; Ask before you prune",
)


async def needs(session: AsyncSession) -> None:
    """Let groups open only with a whole charter and a facilitator."""
    (await session.get_one(Server, SERVER)).needs_facilitator = True
    await session.flush()


async def owed(session: AsyncSession, kind: str) -> list[OutboxMessage]:
    """Return the owed messages of a kind."""
    wanted = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    return list(await session.scalars(wanted))


async def made(session: AsyncSession, charter: Charter, now: datetime) -> Group:
    """Make a group as an owner does."""
    return await groups.create(session, OWNER, type_id=1, charter=charter, now=now)


async def test_a_group_opens_with_the_last_thing_that_it_needs(
    database: Database, town: Town, now: datetime
) -> None:
    """In whichever order they come; from then on nothing makes it form again."""
    later = now + timedelta(hours=1)
    async with database.writing() as session:
        await town(session)
        await needs(session)
        bare = await made(session, Charter("Orchard", WHOLE.purpose), now)
        assert (bare.state, bare.opened_at) == ("forming", None)
        await succession.take_up(session, OWNER, group_id=bare.id, now=now)
        assert bare.state == "forming"
        await groups.edit(session, OWNER, bare.id, charter=WHOLE, now=later)
        assert (bare.state, bare.opened_at) == ("open", later)
        (line,) = await owed(session, "opened")
        assert line.place == "owners"
        await facilitators.step_down(
            session, server_id=SERVER, group_id=bare.id, user_id=77, now=later
        )
        await groups.edit(
            session, OWNER, bare.id, charter=Charter("Orchard", WHOLE.purpose), now=later
        )
        assert bare.state == "open"


async def test_the_servers_wish_reaches_its_groups(
    database: Database, town: Town, now: datetime
) -> None:
    """What forms opens when the wish is taken back; what is open stays so when it comes."""
    async with database.writing() as session:
        await town(session)
        await needs(session)
        await stages.review_all(session, SERVER, now)
        assert (await session.get_one(Group, RIVERSIDE)).state == "open"
        group = await made(session, WHOLE, now)
        assert group.state == "forming"
        (await session.get_one(Server, SERVER)).needs_facilitator = False
        assert await stages.review_all(session, SERVER, now) == 1
        assert group.state == "open"


async def test_a_row_that_was_open_before_stages_were_kept_stays_open(
    database: Database, town: Town, now: datetime
) -> None:
    """It has no purpose and no opening moment, and people live there."""
    async with database.writing() as session:
        await town(session)
        await needs(session)
        riverside = await session.get_one(Group, RIVERSIDE)
        assert await stages.review(session, riverside, now) == "open"
        assert riverside.opened_at == riverside.created_at
        riverside.cap = riverside.homes
        assert await stages.review(session, riverside, now) == "full"
        assert riverside.state == "open"


async def test_a_rest_is_a_fact_and_ends(database: Database, town: Town, now: datetime) -> None:
    """Also in the archive's order: what has ended cannot rest, and comes back as it was."""
    async with database.writing() as session:
        await town(session)
        riverside = await groups.rest(session, OWNER, RIVERSIDE, now=now)
        assert (riverside.state, riverside.rests_since) == ("resting", now)
        await closing.archive(session, riverside, now)
        with pytest.raises(UserError) as refused:
            await groups.rest(session, OWNER, RIVERSIDE, now=now)
        assert refused.value.key == "stages.archived_already"
        await groups.reopen(session, OWNER, RIVERSIDE, now=now)
        assert riverside.state == "resting"
        await groups.reopen(session, OWNER, RIVERSIDE, now=now)
        assert riverside.state == "open"


async def test_a_group_that_ends_lets_everybody_move_for_free(
    database: Database, town: Town, settings: Settings, now: datetime
) -> None:
    """Homes stay, moves cost nothing, nobody moves in; the seat is freed by whoever goes."""
    async with database.writing() as session:
        await town(session)
        riverside = await session.get_one(Group, RIVERSIDE)
        member = await session.get_one(Member, (SERVER, JO))
        member.first_home_at = member.last_move_at = now - timedelta(days=5)
        member.moves = 3
        riverside.opened_at, riverside.closes_at = now - timedelta(days=90), now
        assert await closing.step_due(session, now) == 1
        assert await closing.step_due(session, now) == 0
        assert (riverside.state, riverside.archived_at, riverside.homes) == ("archived", now, 4)
        assert member.free_move
        assert not (await session.get_one(Member, (SERVER, OMAR))).free_move
        with pytest.raises(UserError) as refused:
            await membership.join(session, SERVER, VERA, RIVERSIDE, now=now, settings=settings)
        assert refused.value.key == "home.archived"
        await membership.join(session, SERVER, JO, 2, now=now, settings=settings)
        assert riverside.homes == 3
        (over,) = await owed(session, "closing")
        assert over.place == "room"


@pytest.mark.parametrize("why", ["paused", "removed", "forming"])
async def test_no_last_day_comes_where_nothing_may_happen(
    database: Database, town: Town, now: datetime, why: str
) -> None:
    """A paused server, one that took Hearth out, a group that never opened."""
    async with database.writing() as session:
        await town(session)
        riverside, server = (
            await session.get_one(Group, RIVERSIDE),
            await session.get_one(Server, SERVER),
        )
        riverside.closes_at = now
        riverside.opened_at = None if why == "forming" else now - timedelta(days=9)
        server.paused_at = now if why == "paused" else None
        server.removed_at = now if why == "removed" else None
        await session.flush()
        assert await closing.step_due(session, now) == 0
        assert riverside.state == "open"


async def test_a_types_span_begins_when_a_group_opens(
    database: Database, town: Town, now: datetime
) -> None:
    """Not when it is made; a day that was set before stands."""
    async with database.writing() as session:
        await town(session)
        await needs(session)
        (await session.get_one(GroupType, 1)).lasts_days = 10
        group = await made(session, WHOLE, now)
        assert group.closes_at is None
        later = now + timedelta(days=30)
        await succession.take_up(session, OWNER, group_id=group.id, now=later)
        # Midnight in Berlin, at the end of the tenth day after; clocks have gone forward by then.
        assert group.closes_at == datetime(2026, 4, 10, 22, tzinfo=now.tzinfo)


async def test_check_names_what_groups_want(database: Database, town: Town, now: datetime) -> None:
    """Those that wait, those that are alone, those whose charter is not whole; five by name."""
    async with database.writing() as session:
        await town(session)
        await needs(session)
        for number in range(6):
            await made(session, Charter(f"Circle {number}", WHOLE.purpose), now)
        found = {one.key: one.params for one in await stage_checks.wanting(session, SERVER)}
        assert found["checks.groups_forming"]["n"] == 6
        assert found["checks.groups_forming"]["groups"].endswith("Circle 4 …")
        assert found["checks.groups_alone"] == {"n": 1, "groups": "Millpond"}
        assert found["checks.charters_lack"] == {"n": 2, "groups": "Millpond, Riverside"}
        assert found["checks.fits_unsaid"]["n"] == 8


async def test_offers_that_nobody_answers_go(database: Database, town: Town, now: datetime) -> None:
    """After thirty days, without a word; offices and questions stay."""
    async with database.writing() as session:
        await town(session)
        mara = Actor(SERVER, MARA)
        assert not await succession.offer(session, mara, group_id=RIVERSIDE, now=now)
        assert not await succession.offer(session, mara, group_id=RIVERSIDE, now=now)
        await facilitators.ask(session, server_id=SERVER, group_id=RIVERSIDE, user_id=JO, now=now)
        with pytest.raises(UserError) as refused:
            await succession.offer(session, Actor(SERVER, OMAR), group_id=RIVERSIDE, now=now)
        assert refused.value.key == "facilitators.for_residents"
        await succession.forget_offers(session, now + timedelta(days=29))
        assert await session.get(Facilitator, (RIVERSIDE, MARA)) is not None
        await succession.forget_offers(session, now + timedelta(days=30))
        rows = await session.execute(select(Facilitator.user_id, Facilitator.state))
        assert sorted(tuple(row) for row in rows) == [(JO, "asked"), (LENA, "active")]


async def test_an_offer_is_confirmed_by_who_may(
    database: Database, town: Town, now: datetime
) -> None:
    """Not by a neighbour, and not for somebody who was only asked."""
    async with database.writing() as session:
        await town(session)
        await succession.offer(session, Actor(SERVER, MARA), group_id=RIVERSIDE, now=now)
        for by, whom, key in (
            (Actor(SERVER, KIM), MARA, "errors.facilitators_only"),
            (Actor(SERVER, LENA), KIM, "facilitators.offer_gone"),
        ):
            with pytest.raises(UserError) as refused:
                await succession.confirm(session, by, group_id=RIVERSIDE, user_id=whom, now=now)
            assert refused.value.key == key
        taken = await succession.confirm(
            session, Actor(SERVER, LENA), group_id=RIVERSIDE, user_id=MARA, now=now
        )
        assert not taken.told
        (line,) = await owed(session, "office-began")
        assert unpacked(line.content)[0].users == (MARA,)
        again = await succession.confirm(session, OWNER, group_id=RIVERSIDE, user_id=MARA, now=now)
        assert again.user_id == MARA
        assert len(await owed(session, "office-began")) == 1


async def test_a_key_goes_with_its_office(database: Database, town: Town, now: datetime) -> None:
    """Given to who lives elsewhere, never run out, ended with the office, and it with the key."""
    async with database.writing() as session:
        await town(session)
        asked = await facilitators.ask(
            session, server_id=SERVER, group_id=RIVERSIDE, user_id=OMAR, now=now, actor=OWNER
        )
        assert asked
        began = await facilitators.accept(
            session, server_id=SERVER, group_id=RIVERSIDE, user_id=OMAR, now=now
        )
        assert not began.lives_there
        (key,) = (await session.scalars(select(Visit))).all()
        assert (key.origin, key.ended_at) == ("office", None)
        later = now + timedelta(days=29)
        await facilitators.step_due(session, later)
        assert key.ends_at == later + timedelta(days=30)
        key.ended_at = later
        await session.flush()
        await facilitators.step_due(session, later)
        assert await facilitators.active(session, RIVERSIDE) == [LENA]
        # A key that outlived its office in the tables is taken back.
        key.ended_at = None
        await session.flush()
        await facilitators.step_due(session, later)
        assert key.ended_at is not None


async def test_only_owners_begin_a_charter_and_facilitators_go_on_with_theirs(
    database: Database, town: Town, now: datetime
) -> None:
    """A name is the owners' matter; another group's charter is nobody else's."""
    async with database.writing() as session:
        await town(session)
        lena = Actor(SERVER, LENA)
        with pytest.raises(UserError) as refused:
            await chartering.begin(session, lena, {}, now=now)
        assert refused.value.key == "errors.owners_only"
        done = await chartering.apply(
            session, lena, {"group": str(RIVERSIDE), "purpose": WHOLE.purpose}, now=now
        )
        assert done.lacks == ("for_whom", "unites", "norms")
        for typed in ({"name": "Lakeside"}, {"emoji": "🪷"}, {"colour": "blue"}):
            with pytest.raises(UserError) as refused:
                await chartering.apply(session, lena, {"group": str(RIVERSIDE), **typed}, now=now)
            assert refused.value.key == "errors.owners_only"
        with pytest.raises(UserError) as refused:
            await chartering.standing(session, lena, "Millpond")
        assert refused.value.key == "errors.facilitators_only"
        stands = await chartering.standing(session, lena, str(RIVERSIDE))
        assert stands["purpose"] == WHOLE.purpose


async def test_who_looks_after_a_group_may_live_there_without_asking(
    database: Database, town: Town, settings: Settings, now: datetime
) -> None:
    """They would ask themselves; others of the same server still ask."""
    async with database.writing() as session:
        await town(session)
        (await session.get_one(GroupType, 1)).entry = "request"
        session.add(
            Facilitator(
                group_id=RIVERSIDE, user_id=VERA, server_id=SERVER, state="active", since=now
            )
        )
        await session.flush()
        with pytest.raises(UserError) as refused:
            await membership.join(session, SERVER, OMAR, RIVERSIDE, now=now, settings=settings)
        assert refused.value.key == "home.ask_first"
        joined = await membership.join(session, SERVER, VERA, RIVERSIDE, now=now, settings=settings)
        assert joined.group_id == RIVERSIDE
        assert await facilitators.active(session, RIVERSIDE) == [LENA, VERA]
