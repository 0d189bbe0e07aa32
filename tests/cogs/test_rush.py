"""Five hundred people arrive in ten minutes: nobody is lost, the pace holds, the order is kept.

All five hundred join the sandbox's server, fifty a minute; the bot takes every event and cuts every
key over the wire. Every tenth presses for themselves, through the command tree: /join, [Wait], and
[Take the seat] in /home. The others do the same through the service behind those presses, those of
a minute in one transaction: there the wire would add nothing but time.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.membership import Full
from bot.services import joining
from models import Arrival, Group, Membership, Waiting
from sandbox.people import Person
from tests.cogs.founding import group, set_up
from tests.conftest import Running

GROUPS = ("Riverside", "Millpond", "Orchard", "Harbour")
PEOPLE, MINUTES = 500, 10
PRESSING = 10  # every so many press for themselves
PACE, CAP = 50, 150
WEEK = timedelta(days=7)


class Rush:
    """The five hundred, each with the group that they want."""

    def __init__(self, hearth: Running) -> None:
        self.hearth = hearth
        self.wanted: dict[int, str] = {}
        self.pressing: dict[int, Person] = {}
        self.waits: dict[str, list[int]] = {name: [] for name in GROUPS}

    async def arrive(self, numbers: range) -> None:
        """Let people join the server and ask for a home, or stand in line where there is none."""
        others: list[int] = []
        before = {name: len(line) for name, line in self.waits.items()}
        for number in numbers:
            person = await self.hearth.person(f"P{number}")
            # Each group is wanted by as many, in no plain order.
            self.wanted[person.id] = GROUPS[(number + number // len(GROUPS)) % len(GROUPS)]
            if number % PRESSING == 0:
                self.pressing[person.id] = person
                await self._presses(person)
            else:
                others.append(person.id)
        app = self.hearth.app
        async with app.client.database.writing() as session:
            for user_id in others:
                if not await self._moves_in(session, user_id):
                    await joining.wait(
                        session,
                        Actor(self.hearth.server.id, user_id),
                        group=self.wanted[user_id],
                        now=app.client.clock.now(),
                        settings=app.client.settings,
                    )
                    self.waits[self.wanted[user_id]].append(user_id)
        # A minute is one moment to the clock here: among equals the older account comes first.
        for name, line in self.waits.items():
            line[before[name] :] = sorted(line[before[name] :])

    async def take_what_is_offered(self) -> list[int]:
        """Let everybody who is offered a seat take it; return them in the order of the line."""
        async with self.hearth.app.client.database.writing() as session:
            rows = await session.scalars(
                select(Waiting.user_id)
                .where(Waiting.offered_at.is_not(None))
                .order_by(Waiting.since, Waiting.user_id)
            )
            offered = list(rows)
            for user_id in offered:
                if user_id not in self.pressing:
                    assert await self._moves_in(session, user_id)
        for user_id in offered:
            if user_id in self.pressing:
                person = self.pressing[user_id]
                card = await person.command("home")
                assert "Welcome home" in (await person.press(card, "Take the seat")).text
        return offered

    async def _presses(self, person: Person) -> None:
        """Call /join, and press [Wait] where there is no seat."""
        answer = await person.command("join", group=self.wanted[person.id])
        if "Welcome home" in answer.text:
            return
        assert "Nothing has changed for you" in answer.text
        wait = next(label for label in answer.buttons if label.startswith("Wait for a seat"))
        assert "You wait for a seat" in (await person.press(answer, wait)).text
        self.waits[self.wanted[person.id]].append(person.id)

    async def _moves_in(self, session: AsyncSession, user_id: int) -> bool:
        """Do as /join and [Take the seat] do."""
        app = self.hearth.app
        try:
            await joining.join(
                session,
                Actor(self.hearth.server.id, user_id),
                group=self.wanted[user_id],
                sure=True,
                now=app.client.clock.now(),
                settings=app.client.settings,
            )
        except Full:
            return False
        return True


async def test_five_hundred_arrive_in_ten_minutes(hearth: Running) -> None:
    """Whoever found no seat within the week's pace is offered one in their turn."""
    await set_up(hearth)
    for name in GROUPS:
        await group(hearth, name)
    await hearth.owner.command(
        "hearth type edit", type="Interest", cap=CAP, newcomers_per_week=PACE
    )
    rush = Rush(hearth)
    for minute in range(MINUTES):
        first = minute * PEOPLE // MINUTES
        await rush.arrive(range(first, first + PEOPLE // MINUTES))
        await hearth.advance(timedelta(minutes=1))
    lived = PEOPLE - sum(map(len, rush.waits.values()))
    assert lived == PACE * len(GROUPS)
    turns: dict[str, list[int]] = {name: [] for name in GROUPS}
    for _week in range(PEOPLE // lived):
        await hearth.advance(WEEK)
        for user_id in await rush.take_what_is_offered():
            turns[rush.wanted[user_id]].append(user_id)
    assert turns == rush.waits  # nobody was passed by, and nobody lost
    await hearth.settle()
    await everybody_lives_where_they_wanted(rush)


async def everybody_lives_where_they_wanted(rush: Rush) -> None:
    """One home each with its key, counted right, and no seven days with more than the pace."""
    server = rush.hearth.server
    async with rush.hearth.app.client.database.reading() as session:
        groups = {row.id: row for row in await session.scalars(select(Group))}
        homes = {row.user_id: row.group_id for row in await session.scalars(select(Membership))}
        rows = (await session.execute(select(Arrival.group_id, Arrival.at))).all()
        waiting = await session.scalar(select(func.count()).select_from(Waiting))
    assert waiting == 0
    assert {user: groups[home].name for user, home in homes.items()} == rush.wanted
    for row in groups.values():
        assert (row.homes, row.offered) == (list(homes.values()).count(row.id), 0)
        arrived: list[datetime] = sorted(at for group_id, at in rows if group_id == row.id)
        assert len(arrived) == row.homes
        for at in arrived:
            assert sum(at <= other < at + WEEK for other in arrived) <= PACE
    role_of = {row.name: row.role_id for row in groups.values()}
    for user_id, wanted in rush.wanted.items():
        assert role_of[wanted] in server.members[user_id].roles
