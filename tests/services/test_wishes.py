"""Wishes in the tables: kept, replaced, taken back, erased, and told to nobody but their author."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.wishes import Mine
from bot.services import privacy, retention, wishes
from bot.settings import Settings
from models import Member, Server, Wish

SERVER, KIM, OMAR, JO = 9_000, 1, 2, 3
WHO = Actor(SERVER, KIM)


@pytest.fixture
async def served(database: Database, now: datetime) -> Database:
    """A server in which Kim, Omar and Jo are."""
    async with database.writing() as session:
        session.add(Server(id=SERVER, added_at=now))
        await session.flush()
        session.add_all(Member(server_id=SERVER, user_id=one) for one in (KIM, OMAR, JO))
    return database


async def test_one_wish_about_each(served: Database, now: datetime) -> None:
    """The later word takes the place of the earlier one, and None takes it back."""
    async with served.writing() as session:
        await wishes.wish(session, WHO, OMAR, "together", now)
        assert await wishes.wish(session, WHO, OMAR, "apart", now) == Mine(apart=(OMAR,))
        assert await wishes.wish(session, WHO, JO, "together", now) == Mine((JO,), (OMAR,))
        assert await wishes.wish(session, WHO, OMAR, None, now) == Mine((JO,))
        assert await wishes.mine(session, Actor(SERVER, OMAR)) == Mine()


async def test_a_few_wishes_of_a_kind(served: Database, now: datetime) -> None:
    """Three; a fourth is refused, of the other kind there is room, and oneself is no wish."""
    async with served.writing() as session:
        for other in (11, 12, 13):
            await wishes.wish(session, WHO, other, "together", now)
        await wishes.wish(session, WHO, 13, "together", now)
        for bad, key in ((14, "wishes.too_many_together"), (KIM, "wishes.yourself")):
            with pytest.raises(UserError) as refused:
                await wishes.wish(session, WHO, bad, "together", now)
            assert refused.value.key == key
        assert (await wishes.wish(session, WHO, 14, "apart", now)).apart == (14,)
        with pytest.raises(UserError) as refused:
            await wishes.replace(session, WHO, "apart", [1, 2], now)
        assert refused.value.key == "wishes.yourself"
        with pytest.raises(UserError) as refused:
            await wishes.replace(session, WHO, "apart", [21, 22, 23, 24], now)
        assert refused.value.key == "wishes.too_many_apart"


async def test_a_set_is_replaced_whole(served: Database, now: datetime) -> None:
    """Who was taken out of the menu goes; who was wished apart and is chosen now is together."""
    async with served.writing() as session:
        await wishes.replace(session, WHO, "together", [11, 12, 13], now)
        await wishes.wish(session, WHO, JO, "apart", now)
        after = await wishes.replace(session, WHO, "together", [13, JO], now)
        assert (set(after.together), after.apart) == ({13, JO}, ())
        assert await wishes.replace(session, WHO, "together", [], now) == Mine()


async def test_a_plan_reads_the_wishes_of_its_people(served: Database, now: datetime) -> None:
    """Of this server, and about each other only."""
    async with served.writing() as session:
        session.add(Server(id=SERVER + 1, added_at=now))
        await session.flush()
        await wishes.wish(session, WHO, OMAR, "together", now)
        await wishes.wish(session, WHO, JO, "apart", now)
        await wishes.wish(session, Actor(SERVER + 1, OMAR), KIM, "apart", now)
        weighed = await wishes.weighed(session, SERVER, (KIM, OMAR))
        assert [pair[:2] for pair in weighed.together] == [(KIM, OMAR)]
        assert weighed.apart == ()


async def test_the_other_never_learns(served: Database, settings: Settings, now: datetime) -> None:
    """Neither shown nor handed over to them; gone when they are forgotten, and not counted then."""
    async with served.writing() as session:
        await wishes.wish(session, WHO, OMAR, "apart", now)
        assert "wish" not in (await privacy.show(session, OMAR)).rows
        handed = await privacy.export(session, OMAR, settings=settings)
        assert "wish" not in handed
        assert str(KIM) not in json.dumps(handed).replace(str(SERVER), "")
        assert (await privacy.show(session, KIM)).rows["wish"] == 1
        mine = (await privacy.export(session, KIM, settings=settings))["wish"]["rows"]
        assert [(row["kind"], row["other_id"]) for row in mine] == [("apart", OMAR)]
        before = await privacy.show(session, OMAR)
        gone = await privacy.forget(session, OMAR, None, now)
        assert gone.rows == sum(before.rows.values())
        assert await session.scalar(select(func.count()).select_from(Wish)) == 0


async def test_forgetting_the_author(served: Database, now: datetime) -> None:
    """Their wishes go with them."""
    async with served.writing() as session:
        await wishes.wish(session, WHO, OMAR, "together", now)
        await privacy.forget(session, KIM, [SERVER], now)
        assert await session.scalar(select(func.count()).select_from(Wish)) == 0


@pytest.mark.parametrize("left", [KIM, OMAR])
async def test_wishes_of_and_about_people_who_left_go(
    served: Database, settings: Settings, now: datetime, left: int
) -> None:
    """After a month, and not while they may be back."""
    days = timedelta(days=settings.left_days)
    async with served.writing() as session:
        await wishes.wish(session, WHO, OMAR, "together", now)
        (await session.get_one(Member, (SERVER, left))).left_at = now
        await session.flush()
        for later, rows in ((days, 1), (days + timedelta(days=1), 0)):
            await retention.sweep(session, now + later, settings)
            assert await session.scalar(select(func.count()).select_from(Wish)) == rows
