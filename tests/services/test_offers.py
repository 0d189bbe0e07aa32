"""Seats that come free are kept for who waits; the week's pace and the brake are held."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.membership import Full
from bot.rules.pace import Weeks
from bot.rules.signals import first_id_at
from bot.services import (
    braking,
    departures,
    joining,
    membership,
    offers,
    pace,
    privacy,
    requests,
    safety,
    seats,
    servers,
    standing,
    waiting,
)
from bot.services.offers import Offer
from bot.settings import Settings
from models import (
    Apart,
    Arrival,
    Connected,
    FreedSeat,
    Group,
    GroupType,
    LogEntry,
    Membership,
    MissedOffer,
    OutboxMessage,
    Server,
    Waiting,
)
from tests.services.conftest import KIM, LENA, MARA, MILLPOND, OMAR, RIVERSIDE, SERVER, VERA, Town

OWNER = Actor(SERVER, 77, manages_server=True)
GUARD = Actor(SERVER, 78, moderates_members=True)
DAY = timedelta(days=1)


class Line:
    """People in line for Riverside, in one transaction, at a moment that the test moves."""

    def __init__(self, session: AsyncSession, settings: Settings, now: datetime) -> None:
        self.session, self.settings, self.now = session, settings, now

    async def group(self, group_id: int = RIVERSIDE) -> Group:
        return await self.session.get_one(Group, group_id)

    async def fill(self, free: int = 0) -> None:
        """Let Riverside be full but for some seats: four live there."""
        group = await self.group()
        group.cap = group.homes + free
        await self.session.flush()

    async def wait(self, *users: int, group_id: int = RIVERSIDE) -> None:
        for user_id in users:
            self.now += timedelta(minutes=1)
            await waiting.wait(
                self.session, SERVER, user_id, group_id, now=self.now, settings=self.settings
            )

    async def step(self, passes: timedelta = timedelta(0)) -> list[int]:
        """Let time pass, do what is due, return who is offered a seat."""
        self.now += passes
        made = await offers.step_due(self.session, self.now, self.settings)
        await self.counts_hold()
        return [offer.user_id for offer in made]

    async def join(self, user_id: int, group_id: int = RIVERSIDE) -> membership.Joined:
        joined = await membership.join(
            self.session, SERVER, user_id, group_id, now=self.now, settings=self.settings
        )
        await self.counts_hold()
        return joined

    async def refused(self, user_id: int, group_id: int = RIVERSIDE) -> Full:
        with pytest.raises(Full) as full:
            await self.join(user_id, group_id)
        return full.value

    async def pace(self, newcomers_per_week: int) -> None:
        (await self.session.get_one(GroupType, 1)).newcomers_per_week = newcomers_per_week
        await self.session.flush()

    async def server(self, **columns: object) -> Server:
        row = await self.session.get_one(Server, SERVER)
        for name, value in columns.items():
            setattr(row, name, value)
        await self.session.flush()
        return row

    async def counts_hold(self) -> None:
        """What the columns count is what the rows are, and the cap holds."""
        for group in (await self.session.scalars(select(Group))).all():
            await self.session.refresh(group)
            lived_in = select(func.count()).where(Membership.group_id == group.id)
            kept = select(func.count()).where(
                Waiting.group_id == group.id, Waiting.offered_at.is_not(None)
            )
            assert group.homes == await self.session.scalar(lived_in)
            assert group.offered == await self.session.scalar(kept)

    async def in_line(self) -> list[int]:
        rows = await self.session.scalars(
            select(Waiting.user_id).order_by(Waiting.since, Waiting.user_id)
        )
        return list(rows)

    async def told(self) -> list[str]:
        rows = await self.session.scalars(
            select(OutboxMessage.key).where(OutboxMessage.kind == "waits")
        )
        return sorted(rows)


@pytest.fixture
async def line(
    database: Database, town: Town, settings: Settings, now: datetime
) -> AsyncGenerator[Line]:
    """One transaction in the town."""
    async with database.writing() as session:
        await town(session)
        await session.flush()
        yield Line(session, settings, now)


# --- offers ---------------------------------------------------------------------------------------


async def test_a_kept_seat_is_nobody_elses(line: Line) -> None:
    """Who comes by finds it kept, and it is offered once, by a line that names no group."""
    await line.fill()
    await line.wait(100, 101)
    await line.fill(free=1)
    assert await line.step() == [100]
    assert await line.step() == []
    assert (await line.refused(102)).why == "kept"
    assert (await line.refused(101)).why == "kept"
    (owed,) = (await line.session.scalars(select(OutboxMessage))).all()
    assert (owed.place, owed.user_id, owed.group_id) == ("commons", 100, None)
    assert "Riverside" not in owed.content
    await line.join(100)
    assert await line.in_line() == [101]
    assert (await line.refused(102)).why == "full"


async def test_nobody_jumps_the_line(line: Line) -> None:
    """A seat that came free just now belongs to who stands in line, before the next tick too."""
    await line.fill()
    await line.wait(100)
    await line.fill(free=1)
    full = await line.refused(101)
    assert (full.why, full.alternatives.place) == ("kept", 2)
    await line.join(100)
    await line.fill(free=1)
    await line.join(101)


async def test_who_may_not_move_keeps_nobody_else_out(line: Line) -> None:
    """The first in line is barred meanwhile: the seat is free for others."""
    await line.fill()
    await line.wait(100)
    line.session.add(Apart(server_id=SERVER, low_id=KIM, high_id=100, by_user_id=1, at=line.now))
    await line.fill(free=1)
    await line.join(101)
    assert await line.in_line() == [100]


async def test_a_no_passes_the_seat_on(line: Line) -> None:
    """Who declines leaves the line; the next is offered the seat; a second no finds nothing."""
    await line.fill()
    await line.wait(100, 101)
    await line.fill(free=1)
    await line.step()
    group = await offers.decline(line.session, SERVER, 100, RIVERSIDE, line.now)
    assert group == "Riverside"
    assert await line.step() == [101]
    with pytest.raises(UserError) as gone:
        await offers.decline(line.session, SERVER, 100, RIVERSIDE, line.now)
    assert gone.value.key == "seats.offer_gone"
    with pytest.raises(UserError):
        await offers.decline(line.session, SERVER, 101, MILLPOND, line.now)


async def test_an_offer_that_nobody_takes_goes_on(line: Line) -> None:
    """Once to the end of the line, the next time out of it; seen, it starts over."""
    await line.fill()
    await line.wait(100, 101)
    await line.fill(free=1)
    assert await line.step() == [100]
    assert await line.step(timedelta(hours=47)) == []
    assert await line.step(timedelta(hours=1)) == [101]
    assert await line.in_line() == [101, 100]
    missed = await line.session.get_one(MissedOffer, (SERVER, 100))
    assert missed.group_id == RIVERSIDE
    assert await line.step(2 * DAY) == [100]
    assert await line.step(2 * DAY) == [101]
    assert await line.in_line() == [101]
    await offers.seen(line.session, SERVER, 101)
    assert await line.step(2 * DAY) == [101]
    assert await line.in_line() == [101]
    assert await line.told() == [seats.offer_key(101, line.now)]


async def test_waiting_anew_forgets_what_was_missed(line: Line) -> None:
    """Who stands in a line again has answered."""
    await line.fill()
    await line.wait(100)
    await line.fill(free=1)
    await line.step()
    await line.step(2 * DAY)
    await line.fill()
    await line.step()
    (await line.group(MILLPOND)).cap = 1
    await line.wait(100, group_id=MILLPOND)
    assert await line.session.get(MissedOffer, (SERVER, 100)) is None
    await line.counts_hold()


@pytest.mark.parametrize(
    "way", ["stop", "elsewhere", "bar", "ban", "leave", "forget", "other home"]
)
async def test_whoever_leaves_the_line_gives_the_seat_back(line: Line, way: str) -> None:
    """However it ends, the next in line is offered the seat."""
    await line.fill()
    await line.wait(100, 101)
    await line.fill(free=1)
    assert await line.step() == [100]
    if way == "stop":
        await waiting.stop_waiting(line.session, SERVER, 100)
    elif way == "elsewhere":
        (await line.group(MILLPOND)).cap = 1
        await line.wait(100, group_id=MILLPOND)
    elif way == "bar":
        await safety.bar(line.session, GUARD, 100, now=line.now)
    elif way == "ban":
        await departures.banned(line.session, SERVER, 100, now=line.now)
    elif way == "leave":
        await departures.member_left_server(
            line.session, SERVER, 100, now=line.now, settings=line.settings
        )
    elif way == "forget":
        await privacy.forget(line.session, 100, [SERVER], line.now)
    else:
        await line.join(100, MILLPOND)
    await line.counts_hold()
    assert await line.step() == [101]


async def test_a_closed_group_takes_its_offers_back(line: Line) -> None:
    """It rests: nobody can move in, the place in line stays; open again, it is offered again."""
    await line.fill()
    await line.wait(100)
    await line.fill(free=1)
    await line.step()
    (await line.group()).state = "resting"
    await line.session.flush()
    assert await line.step() == []
    assert (await line.group()).offered == 0
    with pytest.raises(UserError) as closed:
        await line.join(100)
    assert closed.value.key == "home.resting"
    assert await line.in_line() == [100]
    (await line.group()).state = "open"
    await line.session.flush()
    assert await line.step(timedelta(minutes=1)) == [100]


async def test_a_lowered_cap_takes_the_latest_offer_back(line: Line) -> None:
    """An owner's act: who waited longest keeps the seat, the cap holds whoever comes."""
    await line.fill()
    await line.wait(100, 101)
    await line.fill(free=2)
    assert await line.step() == [100, 101]
    await line.fill(free=1)
    await line.step()
    assert (await line.group()).offered == 1
    await line.join(100)
    assert (await line.refused(101)).why == "full"


async def test_a_kept_seat_is_not_taken_past_the_cap(line: Line) -> None:
    """The cap was lowered and no tick has passed: the answer is clear, the count stays right."""
    await line.fill()
    await line.wait(100)
    await line.fill(free=1)
    await line.step()
    await line.fill()
    full = await line.refused(100)
    assert full.why == "full"
    assert (await line.group()).offered == 0
    await line.counts_hold()


async def test_who_must_not_meet_somebody_is_offered_nothing_more(line: Line) -> None:
    """Kept apart after the offer was made: it is taken back, and nobody is told why."""
    await line.fill()
    await line.wait(100)
    await line.fill(free=1)
    await line.step()
    line.session.add(Apart(server_id=SERVER, low_id=MARA, high_id=100, by_user_id=1, at=line.now))
    await line.session.flush()
    assert await line.step() == []
    assert await line.told() == []
    assert await line.in_line() == [100]


async def test_who_is_away_is_passed_over_and_keeps_the_place(line: Line) -> None:
    """A seat that is kept for somebody on holiday is kept in vain."""
    await line.fill()
    await line.wait(100, 101)
    await membership.away(
        line.session, SERVER, 100, until=line.now + timedelta(days=9), now=line.now
    )
    await line.fill(free=1)
    assert await line.step() == [101]
    await line.join(101)
    await line.fill(free=1)
    assert await line.step(DAY) == []
    assert await line.step(9 * DAY) == [100]


async def test_an_offer_lets_in_whoever_stood_in_line(line: Line) -> None:
    """Its type asks first by now, but they were in line before: nobody is asked again."""
    await line.fill()
    await line.wait(100)
    (await line.session.get_one(GroupType, 1)).entry = "request"
    await line.fill(free=1)
    assert await line.step() == [100]
    found = await joining.join(
        line.session,
        Actor(SERVER, 100),
        group=str(RIVERSIDE),
        sure=False,
        now=line.now,
        settings=line.settings,
    )
    assert isinstance(found, membership.Joined)


async def test_who_waits_for_an_unlisted_group_may_know_of_it(line: Line) -> None:
    """They asked, were let in, and stand in line: its name is no secret to them."""
    await line.fill()
    type_ = await line.session.get_one(GroupType, 1)
    await line.wait(100)
    type_.listed, type_.entry = False, "request"
    await line.fill(free=1)
    await line.step()
    found = await joining.join(
        line.session,
        Actor(SERVER, 100),
        group="Riverside",
        sure=True,
        now=line.now,
        settings=line.settings,
    )
    assert isinstance(found, membership.Joined)


async def test_a_pause_takes_no_time_from_an_offer(line: Line) -> None:
    """While Hearth is paused nothing runs out, and what is left is left afterwards."""
    await line.fill()
    await line.wait(100)
    await line.fill(free=1)
    await line.step()
    line.now += DAY
    await servers.pause(line.session, OWNER, now=line.now)
    await line.step(5 * DAY)
    assert (await line.group()).offered == 1
    await servers.pause(line.session, OWNER, now=line.now)
    await line.step(timedelta(hours=23))
    await line.join(100)


async def test_time_in_which_hearth_was_gone_is_given_back(line: Line) -> None:
    """Nobody could press anything while it was not connected."""
    begun = line.now
    await line.fill()
    await line.wait(100)
    await line.fill(free=1)
    await line.step()
    offered = line.now
    line.session.add(Connected(server_id=SERVER, since=begun, until=offered + DAY))
    back = offered + 4 * DAY
    line.session.add(Connected(server_id=SERVER, since=back, until=back + 9 * DAY))
    await line.session.flush()
    line.now = back
    await line.step()
    row = await line.session.get_one(Waiting, (SERVER, 100))
    await line.session.refresh(row)
    assert row.offer_ends_at == back + DAY
    await line.step(timedelta(hours=25))
    assert await line.session.get(MissedOffer, (SERVER, 100)) is not None


# --- pace -----------------------------------------------------------------------------------------


async def test_the_weeks_pace_holds_for_everybody(line: Line) -> None:
    """Three a week by whatever way; a return is none; seven days later there is room again."""
    await line.pace(3)
    await line.fill(free=20)
    for user_id in (100, 101):
        await line.join(user_id)
    await membership.leave(line.session, SERVER, 100, now=line.now, settings=line.settings)
    assert (await line.join(100)).returned
    await line.join(OMAR)
    full = await line.refused(102)
    assert (full.why, full.key, full.params["n"]) == ("paced", "seats.paced", 3)
    assert full.alternatives.weeks == Weeks(1, 2)
    await line.wait(102, 103)
    assert await line.step(7 * DAY - timedelta(minutes=3)) == []
    assert await line.step(timedelta(minutes=3)) == [102, 103]
    assert (await pace.free_seats(line.session, SERVER, line.now))[RIVERSIDE] == 1
    await line.join(104)
    assert (await line.refused(105)).why == "paced"


async def test_a_yes_of_facilitators_waits_for_the_pace_too(line: Line) -> None:
    """Let in, and in line: their turn comes next week."""
    await line.pace(1)
    await line.fill(free=20)
    await line.join(100)
    asked = await requests.ask(
        line.session,
        server_id=SERVER,
        user_id=VERA,
        group_id=RIVERSIDE,
        kind="join",
        now=line.now,
    )
    assert not asked.again
    (waits,) = await requests.waiting_for(line.session, OWNER, RIVERSIDE)
    admitted = await requests.let_in(
        line.session, Actor(SERVER, LENA), waits.id, now=line.now, settings=line.settings
    )
    assert admitted.waits
    assert await line.step(7 * DAY) == [VERA]


async def test_a_split_or_merge_is_no_arrival(line: Line) -> None:
    """Only who moved in through the door counts for the pace."""
    await line.join(100)
    assert (await line.session.scalars(select(Arrival.user_id))).all() == [100]


async def test_similar_groups_are_those_with_room_this_week(line: Line) -> None:
    """Nobody is sent from one closed door to the next."""
    await line.pace(1)
    await line.join(100, MILLPOND)
    await line.join(101)
    assert (await line.refused(102)).alternatives.similar is None


async def test_the_estimate_comes_from_seats_that_came_free(line: Line) -> None:
    """Eight within eight weeks: about one a week."""
    await line.fill()
    for week in range(8):
        line.session.add(
            FreedSeat(server_id=SERVER, group_id=RIVERSIDE, at=line.now - timedelta(weeks=week))
        )
    assert (await line.refused(100)).alternatives.weeks == Weeks(1, 2)
    await line.wait(100, 101)
    assert await standing.place(line.session, RIVERSIDE, SERVER, 101) == 2


async def test_a_seat_that_comes_free_is_remembered_without_a_name(line: Line) -> None:
    """For the estimate; given up by whoever."""
    await privacy.forget(line.session, MARA, [SERVER], line.now)
    (freed,) = (await line.session.scalars(select(FreedSeat))).all()
    assert (freed.group_id, freed.at) == (RIVERSIDE, line.now)


# --- the brake ------------------------------------------------------------------------------------


async def test_too_many_within_an_hour_wait_in_line(line: Line) -> None:
    """Told once to the moderators; the line goes on at the pace that the brake allows."""
    await line.server(brake_joins_per_hour=2, moderators_room_id=555)
    await line.join(100)
    await line.join(101, MILLPOND)
    full = await line.refused(102)
    assert (full.why, full.alternatives.visit_days, full.alternatives.similar) == (
        "braked",
        None,
        None,
    )
    await line.wait(102, 103, 104)
    owed = (
        await line.session.scalars(select(OutboxMessage.place).where(OutboxMessage.kind == "brake"))
    ).all()
    assert owed == ["moderators"]
    assert await line.step() == []
    assert await line.step(timedelta(hours=1)) == [102, 103]
    assert (await line.refused(105)).why == "braked"
    await line.join(102)
    assert await line.step(timedelta(hours=1)) == [104]


async def test_moderators_let_them_in(line: Line) -> None:
    """One press: the line comes in at once, and it is in the log; others may not press."""
    await line.server(brake_joins_per_hour=1)
    await line.join(100)
    await line.wait(101, 102, 103)
    with pytest.raises(UserError) as refused:
        await braking.let_in(line.session, Actor(SERVER, KIM), line.now)
    assert refused.value.key == "errors.moderators_only"
    await braking.let_in(line.session, GUARD, line.now)
    assert await line.step() == [101, 102, 103]
    await line.join(104)
    actions = (await line.session.scalars(select(LogEntry.action))).all()
    assert actions == ["brake-open"]


async def test_moderators_keep_it_closed(line: Line) -> None:
    """For a day, whatever the numbers; visits wait as well."""
    await braking.keep_closed(line.session, GUARD, line.now)
    assert (await line.refused(100)).why == "braked"
    with pytest.raises(UserError) as refused:
        await braking.require_released(line.session, SERVER, line.now)
    assert refused.value.key == "brake.no_visits"
    await line.wait(100)
    assert await line.step(timedelta(hours=23)) == []
    assert await line.step(timedelta(hours=1)) == [100]


async def test_young_accounts_are_told_when(line: Line) -> None:
    """They move in, wait and visit later; who grew too young by a change is passed over."""
    young = first_id_at(int((line.now - DAY).timestamp() * 1000))
    await line.fill()
    await line.wait(young)
    await braking.set_brake(line.session, OWNER, account_days=3, joins_per_hour=0, now=line.now)
    await line.fill(free=1)
    assert await line.step() == []
    for attempt in (line.join(young), line.wait(young)):
        with pytest.raises(UserError) as refused:
            await attempt
        assert refused.value.key == "brake.account_young"
    assert await line.step(2 * DAY) == [young]


# --- the gate -------------------------------------------------------------------------------------


@pytest.mark.parametrize("arriving", ["rules", "onboarding"])
async def test_nobody_is_placed_while_still_arriving(line: Line, arriving: str) -> None:
    """They read what comes first; nothing is written down."""
    who = Actor(SERVER, 100, arriving="rules" if arriving == "rules" else "onboarding")
    for doing in (
        joining.join(
            line.session, who, group="Riverside", sure=True, now=line.now, settings=line.settings
        ),
        joining.wait(line.session, who, group="Riverside", now=line.now, settings=line.settings),
    ):
        with pytest.raises(UserError) as refused:
            await doing
        assert refused.value.key == f"seats.{arriving}_first"
    assert await line.session.get(Membership, (SERVER, 100)) is None


# --- all at once ----------------------------------------------------------------------------------


async def test_whatever_arrives_at_once_the_pace_holds(
    database: Database, town: Town, settings: Settings, now: datetime
) -> None:
    """Sixty joins at the same moment, each in a transaction: seven are in, the week's pace."""
    async with database.writing() as session:
        await town(session)
        (await session.get_one(GroupType, 1)).newcomers_per_week = 7

    async def arrive(user_id: int) -> str:
        try:
            async with database.writing() as session:
                await membership.join(
                    session, SERVER, user_id, RIVERSIDE, now=now, settings=settings
                )
        except Full as full:
            return full.why
        return "in"

    answers = await asyncio.gather(*(arrive(user_id) for user_id in range(100, 160)))
    assert (answers.count("in"), answers.count("paced")) == (7, 53)
    async with database.reading() as session:
        assert (await session.get_one(Group, RIVERSIDE)).homes == 4 + 7
        assert await pace.arrivals(session, RIVERSIDE, now) == 7


async def test_takes_and_ticks_at_once_count_right(
    database: Database, town: Town, settings: Settings, now: datetime
) -> None:
    """Twenty kept seats: half taken, half given back, while ticks run out and hand out."""
    async with database.writing() as session:
        await town(session)
        (await session.get_one(Group, RIVERSIDE)).cap = 24
        for n in range(40):
            session.add(
                Waiting(
                    server_id=SERVER,
                    user_id=100 + n,
                    group_id=RIVERSIDE,
                    since=now + timedelta(seconds=n),
                )
            )
    async with database.writing() as session:
        made = await offers.step_due(session, now, settings)
        assert made[0] == Offer(100, RIVERSIDE, now + 2 * DAY)
        assert [offer.user_id for offer in made] == list(range(100, 120))

    async def act(user_id: int) -> None:
        async with database.writing() as session:
            if user_id % 2:
                await membership.join(
                    session, SERVER, user_id, RIVERSIDE, now=now + DAY, settings=settings
                )
            else:
                await offers.decline(session, SERVER, user_id, RIVERSIDE, now + DAY)

    async def tick(hours: int) -> None:
        async with database.writing() as session:
            await offers.step_due(session, now + DAY + timedelta(hours=hours), settings)

    await asyncio.gather(*(act(user) for user in range(100, 120)), *(tick(n) for n in range(5)))
    await tick(5)
    async with database.reading() as session:
        group = await session.get_one(Group, RIVERSIDE)
        assert (group.homes, group.offered) == (14, 10)
        kept = await session.scalars(
            select(Waiting.user_id).where(Waiting.offered_at.is_not(None)).order_by(Waiting.since)
        )
        assert list(kept) == list(range(120, 130))


async def test_a_place_in_line_ends_once(line: Line) -> None:
    """Taken out of a line twice, the seat is given back once."""
    await line.fill()
    await line.wait(100)
    await line.fill(free=1)
    await line.step()
    assert await seats.leave_line(line.session, SERVER, 100, MILLPOND) == []
    assert await seats.leave_line(line.session, SERVER, 100) == [RIVERSIDE]
    assert await seats.leave_line(line.session, SERVER, 100) == []
    await line.counts_hold()
