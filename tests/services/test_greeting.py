"""Whose turn it is to greet, what of it binds nobody, and who may read or hide introductions."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import drafts, greeting, introductions, receiving
from models import (
    Apart,
    Facilitator,
    Greeter,
    Group,
    Introduction,
    Member,
    Membership,
    Server,
    Welcome,
)

SERVER = 9_000
RIVERSIDE, MILLPOND = 1, 2
MARA, JO, KIM, LENA, OMAR, VERA = 11, 12, 13, 14, 15, 16

Town = Callable[[AsyncSession], Awaitable[None]]


@pytest.fixture
async def session(database: Database, town: Town) -> AsyncGenerator[AsyncSession]:
    """The town; Lena looks after Riverside."""
    async with database.writing() as opened:
        await town(opened)
        await opened.flush()
        yield opened


def who(user_id: int) -> Actor:
    """Return somebody without rights of their own."""
    return Actor(SERVER, user_id)


def asked(group_id: int, user_id: int) -> dict[str, int]:
    """Return the columns of a welcome that asked somebody to greet Jo."""
    return {"server_id": SERVER, "group_id": group_id, "user_id": JO, "greeter_id": user_id}


async def test_apart_and_away_are_passed_over(session: AsyncSession, now: datetime) -> None:
    """Also a facilitator whom the newcomer must not meet; who is back is asked again."""
    assert await greeting.greeter(session, RIVERSIDE, newcomer=VERA, now=now) == LENA
    assert await greeting.greeter(session, RIVERSIDE, newcomer=LENA, now=now) is None
    session.add(Apart(server_id=SERVER, low_id=LENA, high_id=VERA, by_user_id=1, at=now))
    await session.flush()
    assert await greeting.greeter(session, RIVERSIDE, newcomer=VERA, now=now) is None
    assert await greeting.greeter(session, RIVERSIDE, newcomer=OMAR, now=now) == LENA
    lena = await session.get_one(Member, (SERVER, LENA))
    lena.away_from, lena.away_until = now, now + timedelta(days=3)
    await session.flush()
    assert await greeting.greeter(session, RIVERSIDE, newcomer=OMAR, now=now) is None
    later = now + timedelta(days=3)
    assert await greeting.greeter(session, RIVERSIDE, newcomer=OMAR, now=later) == LENA


async def test_several_groups_are_asked_about_at_once(session: AsyncSession, now: datetime) -> None:
    """Each has its own turns, as if it were asked about alone; more groups, no more reads."""
    for user_id, group_id in ((OMAR, MILLPOND), (MARA, MILLPOND), (MARA, RIVERSIDE)):
        office = {"user_id": user_id, "group_id": group_id, "server_id": SERVER}
        session.add(Facilitator(**office, state="active", since=now))
        session.add(Welcome(**asked(group_id, MARA), at=now - timedelta(days=9)))
    session.add(Welcome(**asked(RIVERSIDE, LENA), at=now - timedelta(days=8)))
    await session.flush()
    reads: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *a: reads.append(a[2]))
    found = await greeting.greeters(session, (RIVERSIDE, MILLPOND, 404), newcomer=VERA, now=now)
    assert len(reads) == 2
    assert found == {RIVERSIDE: MARA, MILLPOND: OMAR}
    for group_id, user_id in found.items():
        assert await greeting.greeter(session, group_id, newcomer=VERA, now=now) == user_id
    assert await greeting.greeters(session, (), newcomer=VERA, now=now) == {}


async def test_only_who_lives_there_greets(session: AsyncSession, now: datetime) -> None:
    """An offer of somebody whose seat is only kept rests; others cannot make one."""
    for user_id in (OMAR, VERA):
        with pytest.raises(UserError) as refused:
            await greeting.offer(session, who(user_id), RIVERSIDE, now=now)
        assert refused.value.key == "living.residents_greet"
    assert await greeting.offer(session, who(MARA), RIVERSIDE, now=now) == "Riverside"
    assert await greeting.offer(session, who(MARA), RIVERSIDE, now=now) == "Riverside"
    assert await greeting.greeter(session, RIVERSIDE, newcomer=VERA, now=now) == MARA
    (await session.get_one(Membership, (SERVER, MARA))).state = "kept"
    await session.flush()
    assert await greeting.greeter(session, RIVERSIDE, newcomer=VERA, now=now) == LENA


async def test_who_may_see_how_newcomers_are_received(session: AsyncSession) -> None:
    """Those who look after the group, and owners; a button's id opens no other desk."""
    assert await receiving.desk(session, who(LENA), RIVERSIDE)
    assert await receiving.desk(session, Actor(SERVER, OMAR, manages_server=True), RIVERSIDE)
    for call in (
        receiving.desk(session, who(MARA), RIVERSIDE),
        receiving.first_thing(session, who(MARA), RIVERSIDE),
        receiving.set_first_thing(session, who(LENA), MILLPOND, "Say hello."),
    ):
        with pytest.raises(UserError):
            await call


async def test_a_paused_server_welcomes_nobody(session: AsyncSession, now: datetime) -> None:
    """While Hearth is paused, offers and introductions wait."""
    (await session.get_one(Server, SERVER)).paused_at = now
    await session.flush()
    for call in (
        greeting.offer(session, who(MARA), RIVERSIDE, now=now),
        greeting.take_on(session, who(MARA), RIVERSIDE, JO, now),
        introductions.page(session, who(MARA), RIVERSIDE, 0),
        introductions.write(session, who(MARA), RIVERSIDE, "I knit.", now),
    ):
        with pytest.raises(UserError) as refused:
            await call
        assert refused.value.key == "errors.paused"


async def test_introductions_are_read_inside_only(session: AsyncSession, now: datetime) -> None:
    """Who lives elsewhere, and owners, read nothing; only who looks after it may hide."""
    await introductions.write(session, who(MARA), RIVERSIDE, "I knit.", now)
    for outsider in (who(OMAR), who(VERA), Actor(SERVER, OMAR, manages_server=True)):
        with pytest.raises(UserError) as refused:
            await introductions.page(session, outsider, RIVERSIDE, 0)
        assert refused.value.key == "living.inside_only"
    page = await introductions.page(session, who(LENA), RIVERSIDE, 99)
    assert [told.said for told in page.here] == ["I knit."]
    assert page.may_hide
    with pytest.raises(UserError):
        await introductions.hide(session, who(JO), RIVERSIDE, MARA, now)
    with pytest.raises(UserError) as refused:
        await introductions.hide(session, who(LENA), RIVERSIDE, JO, now)
    assert refused.value.key == "living.nothing_to_hide"
    await introductions.hide(session, who(LENA), RIVERSIDE, MARA, now)
    assert (await introductions.page(session, who(JO), RIVERSIDE, 0)).told == 0
    assert (await introductions.page(session, who(MARA), RIVERSIDE, 0)).hidden


async def test_what_is_told_follows_a_split(session: AsyncSession, now: datetime) -> None:
    """The readers move too: introductions and offers go along, those of others stay."""
    for user_id in (MARA, JO):
        await introductions.write(session, who(user_id), RIVERSIDE, f"I am {user_id}", now)
        await greeting.offer(session, who(user_id), RIVERSIDE, now=now)
    movers = {"from_group_id": RIVERSIDE, "to_group_id": MILLPOND}
    await introductions.follow(session, **movers, user_ids=frozenset({MARA}))
    await greeting.follow(session, **movers, user_ids=frozenset({MARA}))
    session.expire_all()
    assert await session.get(Introduction, (MILLPOND, MARA)) is not None
    assert await session.get(Introduction, (RIVERSIDE, MARA)) is None
    assert await session.get(Greeter, (MILLPOND, MARA)) is not None
    assert await session.get(Introduction, (RIVERSIDE, JO)) is not None


async def test_a_merge_asks_again(session: AsyncSession, now: datetime) -> None:
    """Others would read it there: what was told is a draft, and opens in the form."""
    await introductions.write(session, who(MARA), RIVERSIDE, "I knit.", now)
    goes, stays = [await session.get_one(Group, id_) for id_ in (RIVERSIDE, MILLPOND)]
    await introductions.ask_again(session, goes, stays, [MARA], now)
    assert await session.get(Introduction, (RIVERSIDE, MARA)) is None
    assert await session.get(Introduction, (MILLPOND, MARA)) is None
    form = introductions.form(MILLPOND)
    kept = await drafts.kept(session, server_id=SERVER, user_id=MARA, form=form)
    assert kept == {"said": "I knit."}


async def test_two_presses_at_once_have_one_winner(session: AsyncSession, now: datetime) -> None:
    """The first is told thanks, the second who was first; a gone welcome is said."""
    session.add(Welcome(server_id=SERVER, group_id=RIVERSIDE, user_id=KIM, at=now))
    await session.flush()
    first = await greeting.take_on(session, who(MARA), RIVERSIDE, KIM, now)
    second = await greeting.take_on(session, who(JO), RIVERSIDE, KIM, now)
    assert (first.new, first.by) == (True, MARA)
    assert (second.new, second.by) == (False, MARA)
    with pytest.raises(UserError) as refused:
        await greeting.take_on(session, who(MARA), RIVERSIDE, LENA, now)
    assert refused.value.key == "living.moved_on"
