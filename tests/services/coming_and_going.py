"""Two groups in the tables, people who come and go, and weeks that pass."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.database import Database
from bot.rules.health import SERVER as WHOLE
from bot.rules.health import Closing, Figure, GroupThen, Week
from bot.rules.survival import Curve
from bot.services import (
    departures,
    membership,
    offshoot,
    privacy,
    survival,
    survival_counts,
)
from bot.settings import Settings
from models import (
    Group,
    GroupType,
    HomeEnd,
    RollCall,
    Server,
)

SERVER, RIVER, POND = 9_000, 1, 2
PEOPLE = range(100, 110)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


class Town:
    """Two groups where nobody lives yet, and weeks that pass. It begins on a Monday at noon."""

    def __init__(self, database: Database, settings: Settings, now: datetime) -> None:
        self.database = database
        self.settings = settings.model_copy(update={"move_cooldown_days": 0})
        self.now = self.began = now
        self.first = Week.of(now)

    async def build(self) -> None:
        """Found both groups; Hearth came the week before."""
        async with self.database.writing() as session:
            session.add(Server(id=SERVER, added_at=self.now - WEEK, commons_id=50))
            await session.flush()
            session.add(
                GroupType(id=1, server_id=SERVER, name="Place", name_key="place", kind="geographic")
            )
            await session.flush()
            for group_id, name in ((RIVER, "Riverside"), (POND, "Millpond")):
                session.add(
                    Group(
                        id=group_id,
                        server_id=SERVER,
                        type_id=1,
                        name=name,
                        name_key=name.casefold(),
                        cap=150,
                        homes=0,
                        state="open",
                        room_id=500 + group_id,
                        created_at=self.now - WEEK,
                        opened_at=self.now - WEEK,
                    )
                )

    async def join(self, people: Collection[int], group_id: int = RIVER) -> None:
        """Let people move in."""
        async with self.database.writing() as session:
            for user_id in people:
                await membership.join(
                    session, SERVER, user_id, group_id, now=self.now, settings=self.settings
                )

    async def leave(self, people: Collection[int]) -> None:
        """Let people leave their home, and two days pass in which nobody comes back."""
        async with self.database.writing() as session:
            for user_id in people:
                await membership.leave(
                    session, SERVER, user_id, now=self.now, settings=self.settings
                )
            await departures.release_due(session, self.now + 2 * DAY)

    async def split(self, people: Collection[int]) -> int:
        """Let people go on in a new group that grows out of Riverside; return which."""
        async with self.database.writing() as session:
            parent = await session.get_one(Group, RIVER)
            child = await offshoot.grow(
                session, parent, name="Brook", emoji="🌿", purpose="", venue="", now=self.now
            )
            await offshoot.people_go(session, parent, child, people, self.now)
            return child.id

    async def forget(self, user_id: int) -> None:
        """Erase everything about somebody, who joined the server when the town began."""
        async with self.database.writing() as session:
            await privacy.forget(session, user_id, [SERVER], self.now, joined={SERVER: self.began})

    async def curve(self, group_id: int, weeks: int) -> Curve:
        """Return a group's curve (0: the server's) at the end of the so-many-eth week."""
        async with self.database.reading() as session:
            if group_id == WHOLE:
                found = await survival.curves(session, SERVER, week=self.first.later(weeks))
                assert found is not None
                return found.homes
            curve = await survival.of_group(session, group_id, week=self.first.later(weeks))
            assert curve is not None
            return curve

    async def shares(self, group_id: int, weeks: int) -> list[float]:
        """Return the shares of a group's curve, rounded."""
        return [round(point.share, 4) for point in (await self.curve(group_id, weeks)).points]

    async def ends(self) -> dict[tuple[int, int, str], int]:
        """Return how many homes ended by group, after how many weeks, and how."""
        async with self.database.reading() as session:
            rows = await session.scalars(select(HomeEnd))
            return {(row.group_id, row.weeks, row.how): row.people for row in rows}

    async def roll(self, people: Collection[int], *, reduced: bool = False) -> bool:
        """Call the roll of the week that is over; everybody joined when the town began."""
        async with self.database.reading() as session:
            week = await survival_counts.roll_due(session, SERVER, self.now)
            if week is None:
                return False
            joined = None if reduced else dict.fromkeys(people, self.began)
            found = await survival_counts.look(session, SERVER, week, joined)
        async with self.database.writing() as session:
            await survival_counts.write(session, found)
        return True

    async def rolls(self) -> dict[tuple[int, str], int]:
        """Return who was there of the first week, by weeks since then and arm."""
        async with self.database.reading() as session:
            rows = await session.scalars(
                select(RollCall).where(RollCall.joined == self.first.key, RollCall.people > 0)
            )
            return {
                ((Week.keyed(row.week).monday - self.first.monday).days // 7, row.arm): row.people
                for row in rows
            }

    async def figures(self, weeks: int) -> dict[tuple[int, str], Figure]:
        """Return what the source reckons of a week."""
        week = self.first.later(weeks)
        groups = tuple(
            GroupThen(group_id, self.began, frozenset[int]()) for group_id in (RIVER, POND)
        )
        async with self.database.reading() as session:
            found = await survival.source(
                session, Closing(SERVER, self.began - WEEK, "UTC", week, groups)
            )
        return {(one.group_id, one.figure.measure): one.figure for one in found}
