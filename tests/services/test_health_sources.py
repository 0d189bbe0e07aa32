"""What a month of talk makes of a group's figures, from signals to what is written, by hand."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.health import SERVER, Figure, Reckoned, Week
from bot.rules.health_newcomers import DAY, HOUR, NEVER
from bot.rules.signals import Heard, Kind, Place, first_id_at
from bot.services import (
    connected,
    health,
    newcomer_answers,
    privacy,
    ritual_choices,
    signals,
    ties,
)
from models import (
    Connected,
    Group,
    Lent,
    Member,
    Membership,
    NewcomerAnswer,
    Occurrence,
    Ritual,
    RitualPart,
    Server,
    TalkDay,
    Tie,
    Unanswered,
)
from tests.services.conftest import (
    JO,
    KIM,
    LENA,
    MARA,
    MILLPOND,
    MILLPOND_ROOM,
    OMAR,
    RIVERSIDE,
    RIVERSIDE_ROOM,
    VERA,
    Town,
)
from tests.services.conftest import SERVER as TOWN

HERE = Place(RIVERSIDE_ROOM, RIVERSIDE_ROOM, TOWN)
THERE = Place(MILLPOND_ROOM, MILLPOND_ROOM, TOWN)
HEARTH = 77
RIVERSIDERS, MILLERS = (20, 21, 22, 23), (30, 31, 32, 33, 34)
SOON = timedelta(minutes=1)


@pytest.fixture
async def tables(database: Database, town: Town, now: datetime) -> Database:
    """The town with eight people in Riverside and six in Millpond, heard all the time."""
    long_ago = now - timedelta(days=200)
    async with database.writing() as session:
        await town(session)
        for who in (*RIVERSIDERS, *MILLERS):
            group = RIVERSIDE if who in RIVERSIDERS else MILLPOND
            session.add(Member(server_id=TOWN, user_id=who, counted_since=long_ago))
            session.add(Membership(server_id=TOWN, user_id=who, group_id=group, since=long_ago))
        await connected.opened(session, [TOWN], long_ago)
        await connected.heard(session, [TOWN], now)
    return database


def said(at: datetime, *people: int, place: Place = HERE, **what: Any) -> list[Heard]:
    """Return messages a minute apart, one by each of these people."""
    found: list[Heard] = []
    for number, who in enumerate(people):
        at_ms = int((at + number * SOON).timestamp() * 1000)
        found.append(Heard(Kind.MESSAGE, place, who, at_ms, message_id=first_id_at(at_ms), **what))
    return found


def waved(at: datetime, who: int, to_message_id: int = 0, to_user_id: int = 0) -> Heard:
    """Return a reaction in Riverside."""
    at_ms = int(at.timestamp() * 1000)
    return Heard(
        Kind.REACTION, HERE, who, at_ms, to_user_id=to_user_id, to_message_id=to_message_id
    )


async def write(database: Database, batch: Iterable[Heard], now: datetime) -> None:
    """Write a batch in a transaction of its own, in the order of time."""
    async with database.writing() as session:
        inorder = sorted(batch, key=lambda heard: heard.at_ms)
        await signals.write(session, inorder, {}, now, bot_id=HEARTH)


async def reckoned(database: Database, now: datetime) -> dict[tuple[int, str], Figure]:
    """Return the figures of the last week, by group and measure; write them down."""
    async with database.reading() as session:
        found = await health.reckon(session, TOWN, Week.of(now).later(-1))
    async with database.writing() as session:
        await health.write(session, found)
    return {(one.group_id, one.figure.measure): one.figure for one in found.figures}


def a_month(now: datetime) -> list[Heard]:
    """Return a month in Riverside; `now` is Monday noon after it.

    10 February: Mara, Jo, Mara; two hours later 20, 21, 20; two hours later Kim, 22, Kim.
    24 February: Mara, Jo, Mara, Kim. 25 February: 20, 21, Lena, who looks after the group. On the
    26th five of Millpond wave to something in Riverside.
    """
    tenth, last = now - timedelta(days=20, hours=4), now - timedelta(days=6)
    return [
        *said(tenth, MARA, JO, MARA),
        *said(tenth + timedelta(hours=2), 20, 21, 20),
        *said(tenth + timedelta(hours=4), KIM, 22, KIM),
        *said(last, MARA, JO, MARA, KIM),
        *said(last + timedelta(days=1), 20, 21, LENA),
        *(waved(last + timedelta(days=2, seconds=who), who) for who in MILLERS),
    ]


async def test_a_month_in_figures(tables: Database, now: datetime) -> None:
    """Every one of them reckoned by hand."""
    await write(tables, a_month(now), now)
    found = await reckoned(tables, now)

    def value(measure: str, group_id: int = RIVERSIDE) -> Any:
        return found[group_id, measure].value

    # Mara, Jo, Kim, 20, 21 and Lena of eight were around in the last two weeks.
    assert value("active") == 6 / 8
    assert value("active", MILLPOND) == 0
    assert value("active", SERVER) == pytest.approx(11 / 14)
    # Five conversations in four weeks; ten of eleven answers without Lena.
    assert value("conversations") == pytest.approx(5 / 4)
    assert value("conversations", SERVER) == pytest.approx(5 / 4)
    assert value("peer") == pytest.approx(10 / 11)
    # 4, 3, 3, 2, 2, 1 and 1 messages: 16² / 44 voices of seven people.
    assert value("voices") == pytest.approx(256 / 44 / 7)
    assert found[RIVERSIDE, "voices"].people == 7
    # Mara and Jo 2 and 2, Kim and 22 1 and 1, 21 and 20 2 and 1; Kim's and Lena's are not returned.
    assert value("reciprocity") == pytest.approx((4 + 2 + 2) / 11)
    # Of the three pairs of the tenth only Mara and Jo talked again.
    assert value("repeat") == pytest.approx(1 / 3)
    assert found[RIVERSIDE, "repeat"].people == 6
    # Five of Millpond's six were in Riverside, nobody went the other way.
    assert value("elsewhere", MILLPOND) == pytest.approx(5 / 6)
    assert value("elsewhere") == 0
    assert (value("lends", MILLPOND), value("borrows", MILLPOND)) == (5, 0)
    assert (value("lends"), value("borrows")) == (0, 5)
    assert value("islands", SERVER) == 0
    for one in found.values():
        if one.value is not None and one.low is not None and one.high is not None:
            assert one.low <= one.value <= one.high, one
    async with tables.reading() as session:
        rows = await session.execute(select(Lent.from_group_id, Lent.to_group_id, Lent.people))
        assert rows.all() == [(MILLPOND, RIVERSIDE, 5)]


async def test_the_same_in_many_batches(tables: Database, now: datetime) -> None:
    """Sums grow where they stand."""
    batch = sorted(a_month(now), key=lambda heard: heard.at_ms)
    last: dict[int, Any] = {}
    for heard in batch:
        async with tables.writing() as session:
            last |= (await signals.write(session, [heard], last, now, bot_id=HEARTH)).last
    async with tables.reading() as session:
        talk = await session.execute(
            select(
                func.sum(TalkDay.messages),
                func.sum(TalkDay.turns),
                func.sum(TalkDay.conversations),
                func.sum(TalkDay.answers),
                func.sum(TalkDay.peer_answers),
            )
        )
        assert talk.one() == (16, 16, 5, 11, 10)
        rows = await session.execute(
            select(Tie.low_answered, Tie.high_answered).where(Tie.low_id == MARA, Tie.high_id == JO)
        )
        assert rows.all() == [(1, 1), (1, 1)]


async def test_who_lives_elsewhere_since_today_was_at_home_until_then(
    tables: Database, now: datetime
) -> None:
    """Days in an earlier home are no visits; nor is the day of the move itself."""
    await write(tables, said(now - timedelta(days=6), *MILLERS), now)
    await write(tables, said(now - timedelta(days=6), *MILLERS, place=THERE), now)
    async with tables.writing() as session:
        for who in MILLERS:
            home = await session.get_one(Membership, (TOWN, who))
            home.group_id, home.since = RIVERSIDE, now - timedelta(days=6)
        (await session.get_one(Group, RIVERSIDE)).homes = 13
    found = await reckoned(tables, now)
    assert found[RIVERSIDE, "elsewhere"].value == 0
    assert found[RIVERSIDE, "lends"].value == 0


async def test_who_is_not_counted_is_in_no_share(tables: Database, now: datetime) -> None:
    """Neither among those who are around nor among those of whom they are."""
    await write(tables, a_month(now), now)
    async with tables.writing() as session:
        await privacy.opt_out(session, 23, [TOWN], now)
        await privacy.opt_out(session, KIM, [TOWN], now)
    found = await reckoned(tables, now)
    assert found[RIVERSIDE, "active"].people == 6
    assert found[RIVERSIDE, "active"].value == pytest.approx(5 / 6)
    # What was said stays a number of the group's; who said it is gone from voices and pairs.
    assert found[RIVERSIDE, "conversations"].value == pytest.approx(5 / 4)
    assert found[RIVERSIDE, "voices"].people == 6
    assert found[RIVERSIDE, "repeat"].silent == "few"


async def test_time_that_nobody_heard_is_left_out(tables: Database, now: datetime) -> None:
    """Of four weeks two were heard: conversations are of those; whoever is around is not known."""
    await write(tables, a_month(now), now)
    week = Week.of(now)
    async with tables.writing() as session:
        for span in await connected_rows(session):
            await session.delete(span)
        await session.flush()
        await connected.opened(session, [TOWN], week.later(-1).begins)
        await connected.heard(session, [TOWN], now)
    found = await reckoned(tables, now)
    assert found[RIVERSIDE, "conversations"].value == 2
    assert found[RIVERSIDE, "active"].silent == "blind"
    assert found[RIVERSIDE, "peer"].value is not None


async def test_a_young_group_says_nothing_before_its_window_is_full(
    tables: Database, now: datetime
) -> None:
    """Three weeks old, it tells who is around, and nothing of four weeks."""
    await write(tables, a_month(now), now)
    async with tables.writing() as session:
        (await session.get_one(Group, RIVERSIDE)).opened_at = Week.of(now).later(-3).begins
        (await session.get_one(Server, TOWN)).added_at = Week.of(now).later(-5).begins
    found = await reckoned(tables, now)
    assert found[RIVERSIDE, "active"].value == 6 / 8
    assert {found[RIVERSIDE, one].silent for one in ("voices", "peer", "repeat")} == {"young"}
    assert found[SERVER, "peer"].value is not None
    assert found[SERVER, "repeat"].silent == "young"


async def test_what_was_not_counted_before_an_upgrade_is_no_silence(
    tables: Database, now: datetime
) -> None:
    """Figures of talk wait for their window; who was around is known from before."""
    await write(tables, a_month(now), now)
    async with tables.writing() as session:
        (await session.get_one(Server, TOWN)).talk_since = now - timedelta(weeks=3)
    found = await reckoned(tables, now)
    talk = ("conversations", "peer", "repeat", "reciprocity", "answered", "first_answer", "rituals")
    for group_id in (RIVERSIDE, SERVER):
        assert {found[group_id, one].silent for one in talk} == {"young"}
        assert found[group_id, "active"].value is not None
        assert found[group_id, "voices"].value is not None


async def test_how_soon_newcomers_are_answered(tables: Database, now: datetime) -> None:
    """Three within a quarter of an hour, one a day and a half later, one never; one deleted it."""
    newcomers = (40, 41, 42, 43, 44, 45)
    then = now - timedelta(days=13)
    async with tables.writing() as session:
        for who in newcomers:
            session.add(Member(server_id=TOWN, user_id=who, counted_since=then))
            session.add(Membership(server_id=TOWN, user_id=who, group_id=RIVERSIDE, since=then))
    batch: list[Heard] = []
    for number, who in enumerate(newcomers):
        # Two hours apart: nobody answers another one by writing.
        at = then + timedelta(hours=2 * number)
        (first,) = said(at, who)
        batch.append(first)
        if number < 3:
            batch.append(waved(at + timedelta(minutes=10), MARA, first.message_id, who))
        elif number == 3:
            batch.append(waved(at + timedelta(hours=36), MARA, first.message_id, who))
        elif number == 4:
            gone = int((at + SOON).timestamp() * 1000)
            batch.append(Heard(Kind.GONE, HERE, 0, gone, to_message_id=first.message_id))
    await write(tables, batch, then + timedelta(days=2))
    async with tables.writing() as session:
        assert await session.scalar(select(func.count()).select_from(Unanswered)) == 1
        early = await health.reckon(session, TOWN, Week.of(now).later(-1))
        await newcomer_answers.over(session, now)
        await newcomer_answers.over(session, now)
    async with tables.reading() as session:
        rows = await session.execute(
            select(NewcomerAnswer.within, NewcomerAnswer.people).order_by(NewcomerAnswer.within)
        )
        assert rows.all() == [(NEVER, 1), (15, 3), (2 * DAY, 1)]
    found = await reckoned(tables, now)
    assert found[RIVERSIDE, "answered"].value == 3 / 5
    assert Reckoned(RIVERSIDE, found[RIVERSIDE, "answered"]) in early.figures, "counted or not yet"
    # The third of three between 5 and 15 minutes: 5 + 10 * 2.5 / 3 minutes.
    assert found[RIVERSIDE, "first_answer"].value == pytest.approx((5 + 25 / 3) / HOUR)
    assert found[SERVER, "answered"].people == 5
    assert found[MILLPOND, "answered"].silent == "nothing"


async def test_nobody_is_said_to_be_unanswered_while_hearth_was_deaf(
    tables: Database, now: datetime
) -> None:
    """A reaction that was missed cannot be read afterwards."""
    async with tables.writing() as session:
        session.add(
            Unanswered(
                message_id=5,
                server_id=TOWN,
                group_id=RIVERSIDE,
                channel_id=RIVERSIDE_ROOM,
                user_id=KIM,
                at=now - timedelta(days=7),
                first=True,
            )
        )
        for span in await connected_rows(session):
            await session.delete(span)
        await session.flush()
        await newcomer_answers.over(session, now)
        assert await session.scalar(select(func.count()).select_from(NewcomerAnswer)) == 0


async def test_who_takes_part_in_a_ritual(tables: Database, now: datetime) -> None:
    """A reply, a reaction, a word in its thread and a press: four people of eight, each once."""
    post = 700
    async with tables.writing() as session:
        session.add(
            Ritual(
                id=1,
                server_id=TOWN,
                group_id=RIVERSIDE,
                title="Campfire",
                cadence="weekly",
                zone="UTC",
                anchor="2026-02-23",
            )
        )
        await session.flush()
        session.add(
            Occurrence(
                id=1,
                ritual_id=1,
                group_id=RIVERSIDE,
                local_moment="2026-02-24T18:00",
                due_at=now - timedelta(days=6),
                state="posted",
                message_id=post,
            )
        )
    after = now - timedelta(days=5)
    to_it: dict[str, Any] = {"to_message_id": post, "to_user_id": HEARTH}
    await write(
        tables,
        [
            *said(after, MARA, MARA, VERA, 1234, **to_it),
            waved(after, JO, post, HEARTH),
            *said(after, KIM, place=Place(post, RIVERSIDE_ROOM, TOWN)),
            *said(after, LENA),
        ],
        now,
    )
    async with tables.writing() as session:
        session.add(Membership(server_id=TOWN, user_id=1234, group_id=RIVERSIDE, since=now))
        await session.flush()
        for who in (MARA, 20, 1234):
            await ritual_choices.join(session, server_id=TOWN, occurrence_id=1, user_id=who)
    async with tables.reading() as session:
        parts = await session.scalars(select(RitualPart.user_id).order_by(RitualPart.user_id))
        assert parts.all() == [MARA, JO, KIM, VERA, 20]
        # Mara was in before she pressed.
        assert (await session.get_one(Occurrence, 1)).answers == 8
    found = await reckoned(tables, now)
    assert found[RIVERSIDE, "rituals"].value == 4 / 8
    assert found[SERVER, "rituals"].value == 4 / 8
    assert found[MILLPOND, "rituals"].silent == "nothing"
    async with tables.writing() as session:
        await privacy.opt_out(session, MARA, [TOWN], now)
        left = await session.scalars(select(RitualPart.user_id))
        assert MARA not in left.all()


async def test_who_answered_whom_moves_along_with_a_tie(tables: Database, now: datetime) -> None:
    """Two who part from the others together still talk with each other."""
    await write(tables, a_month(now), now)
    async with tables.writing() as session:
        moved = await ties.follow(
            session, from_group_id=RIVERSIDE, to_group_id=MILLPOND, user_ids=[MARA, JO, OMAR]
        )
        assert moved == 2
        rows = await session.execute(
            select(Tie.low_answered, Tie.high_answered).where(Tie.group_id == MILLPOND)
        )
        assert rows.all() == [(1, 1), (1, 1)]


async def connected_rows(session: AsyncSession) -> list[Connected]:
    """Return when Hearth was connected."""
    return list(await session.scalars(select(Connected)))
