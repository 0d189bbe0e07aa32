"""Each moment of a ritual happens once or is written down as missed; hosts decide the rest."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.ritual_forms import Filled, checked
from bot.services import facilitators, hosting, ritual_choices, rituals
from bot.services.outbox import unpacked
from bot.services.rituals import Claimed
from bot.settings import Settings
from bot.texts.prompts import of_kind
from models import (
    Group,
    GroupRest,
    Membership,
    Occurrence,
    OutboxMessage,
    Reminder,
    Ritual,
    RitualPrompt,
    Server,
    TypeRitual,
)
from tests.services.conftest import JO, KIM, LENA, MARA, MILLPOND, OMAR, RIVERSIDE, SERVER, Town

LENAS = Actor(SERVER, LENA)
FRIDAY = datetime(2026, 3, 6, 17, tzinfo=UTC)  # 18:00 in Berlin
WEEK = timedelta(days=7)


def form(**changes: str) -> Filled:
    fields = {"title": "Paths", "when": "weekly friday 18:00", "prompts": "A?\nB?\nC?", "pings": ""}
    return checked(**{**fields, **changes})


async def rows(session: AsyncSession, table: Any) -> list[Any]:
    return list(await session.scalars(select(table).order_by(table.id)))


async def clear_outbox(session: AsyncSession, message_id: int) -> None:
    """Do as the outbox does when a message was sent."""
    for row in await rows(session, OutboxMessage):
        if row.kind == "ritual":
            await rituals.posted(session, row, message_id, FRIDAY)
        await session.delete(row)
    await session.flush()


@pytest.fixture
async def ritual(database: Database, town: Town, now: datetime) -> int:
    """A ritual of Riverside's on Fridays at 18:00 in Berlin, hosted and started by Lena."""
    async with database.writing() as session:
        await town(session)
        added = await hosting.add(session, LENAS, RIVERSIDE, form(), now)
        assert (added.state, added.host_id) == ("paused", None)
        started = await hosting.start(session, LENAS, added.id, now)
        assert (started.state, started.host_id, started.coming[0]) == ("running", LENA, FRIDAY)
    return added.id


async def claim(database: Database, at: datetime, settings: Settings) -> Claimed:
    async with database.writing() as session:
        return await rituals.claim_due(session, at, settings)


async def test_a_due_moment_is_claimed_once(
    database: Database, ritual: int, settings: Settings
) -> None:
    """Looking every minute owes one message; the next moment is a week later."""
    assert await claim(database, FRIDAY - timedelta(minutes=1), settings) == Claimed()
    assert await claim(database, FRIDAY, settings) == Claimed(posted=1)
    for minute in range(3):
        at = FRIDAY + timedelta(minutes=minute)
        assert await claim(database, at, settings) == Claimed()
    async with database.reading() as session:
        (occurrence,) = await rows(session, Occurrence)
        (owed,) = await rows(session, OutboxMessage)
        row = await session.get_one(Ritual, ritual)
    assert (occurrence.local_moment, occurrence.state) == ("2026-03-06T18:00", "claimed")
    assert (owed.kind, owed.place, owed.group_id) == ("ritual", "room", RIVERSIDE)
    assert owed.expires_at == FRIDAY + timedelta(minutes=settings.ritual_grace_minutes)
    message, _ = unpacked(owed.content)
    assert [button.press for button in message.buttons] == [
        f"ritual-in:{occurrence.id}",
        f"ritual-skip:{occurrence.id}",
        f"ritual-remind:{ritual}",
    ]
    assert row.next_due_at == FRIDAY + WEEK


async def test_what_was_claimed_before_is_not_claimed_again(
    database: Database, ritual: int, settings: Settings
) -> None:
    """Even if the row's next moment were set back, the local moment is taken."""
    await claim(database, FRIDAY, settings)
    async with database.writing() as session:
        (await session.get_one(Ritual, ritual)).next_due_at = FRIDAY
    assert await claim(database, FRIDAY, settings) == Claimed()


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (timedelta(minutes=90), Claimed(posted=1)),
        (timedelta(minutes=91), Claimed(skipped=1)),
        (2 * WEEK + timedelta(minutes=5), Claimed(posted=1, skipped=2)),
        (3 * WEEK - timedelta(hours=1), Claimed(skipped=3)),
    ],
)
async def test_late_is_once_and_later_is_never(
    database: Database, ritual: int, settings: Settings, late: timedelta, expected: Claimed
) -> None:
    """After an outage at most one message is owed, and every missed moment is written down."""
    assert ritual
    assert await claim(database, FRIDAY + late, settings) == expected
    assert await claim(database, FRIDAY + late, settings) == Claimed()


@pytest.mark.parametrize("why", ["paused", "removed", "resting"])
async def test_nothing_happens_where_hearth_or_the_group_rests(
    database: Database, ritual: int, settings: Settings, why: str
) -> None:
    """A paused server, one that Hearth left, and a resting group have no rituals."""
    assert ritual
    async with database.writing() as session:
        server = await session.get_one(Server, SERVER)
        if why == "paused":
            server.paused_at = FRIDAY
        elif why == "removed":
            server.removed_at = FRIDAY
        else:
            (await session.get_one(Group, RIVERSIDE)).state = "resting"
    assert await claim(database, FRIDAY, settings) == Claimed()


async def test_prompts_rotate(database: Database, ritual: int, settings: Settings) -> None:
    """Six weeks use three prompts twice, each round complete."""
    for week in range(6):
        await claim(database, FRIDAY + week * WEEK, settings)
        async with database.writing() as session:
            await clear_outbox(session, 1000 + week)
            await rituals.answered(session, 1000 + week)
        async with database.reading() as session:
            used = sorted(p.used for p in await rows(session, RitualPrompt))
        assert sum(used) == week + 1
        assert used[-1] - used[0] <= 1
    assert ritual


async def test_nobody_answers_three_times(
    database: Database, ritual: int, settings: Settings
) -> None:
    """It pauses instead of coming a fourth time and asks; one press keeps it for three more."""
    for week in range(3):
        assert await claim(database, FRIDAY + week * WEEK, settings) == Claimed(posted=1)
        async with database.writing() as session:
            await clear_outbox(session, 1000 + week)
    assert await claim(database, FRIDAY + 3 * WEEK, settings) == Claimed(rested=1)
    async with database.writing() as session:
        (owed,) = await rows(session, OutboxMessage)
        message, _ = unpacked(owed.content)
        assert message.users == (LENA,)
        assert [b.press.split(":")[0] for b in message.buttons] == ["ritual-unanswered"]
        kept = await hosting.start(session, LENAS, ritual, FRIDAY + 3 * WEEK)
        # Summer time has begun: still 18:00 on the wall.
        assert kept.coming[0] == FRIDAY + 4 * WEEK - timedelta(hours=1)
    for week in range(4, 7):  # three more, and it asks anew
        at = FRIDAY + week * WEEK - timedelta(hours=1)
        assert await claim(database, at, settings) == Claimed(posted=1)
        async with database.writing() as session:
            await clear_outbox(session, 1000 + week)
    at = FRIDAY + 7 * WEEK - timedelta(hours=1)
    assert await claim(database, at, settings) == Claimed(rested=1)


async def test_one_answer_starts_the_count_anew(
    database: Database, ritual: int, settings: Settings
) -> None:
    """A reply, a reaction or a press on any of three in a row keeps the ritual alive."""
    for week in range(5):
        assert await claim(database, FRIDAY + week * WEEK, settings) == Claimed(posted=1)
        async with database.writing() as session:
            await clear_outbox(session, 1000 + week)
            if week == 1:
                assert await rituals.answered(session, 1001, 2)
                (_, second) = await rows(session, Occurrence)
                await ritual_choices.join(
                    session, server_id=SERVER, occurrence_id=second.id, user_id=KIM
                )
                await session.refresh(second)
                assert second.answers == 3
            assert not await rituals.answered(session, 9999)
    async with database.reading() as session:
        assert (await session.get_one(Ritual, ritual)).unanswered == 2


async def test_an_answer_before_days_of_rest_counts(
    database: Database, ritual: int, settings: Settings
) -> None:
    """Two without an answer, one with, a rest, and one without are not three in a row."""
    rest = (FRIDAY + 3 * WEEK).date().isoformat()
    async with database.writing() as session:
        session.add(
            GroupRest(server_id=SERVER, group_id=RIVERSIDE, first=rest, last=rest, why="holidays")
        )
    for week, counted in ((0, 0), (1, 1), (2, 2), (3, 2), (4, 0), (5, 1), (6, 2)):
        rests = week == 3
        expected = Claimed(left_out=1) if rests else Claimed(posted=1)
        # Summer time begins in that week
        at = FRIDAY + week * WEEK - timedelta(hours=week > 3)
        assert await claim(database, at, settings) == expected
        async with database.writing() as session:
            assert (await session.get_one(Ritual, ritual)).unanswered == counted
            await clear_outbox(session, 1000 + week)
            if week == 2:
                assert await rituals.answered(session, 1002)


async def test_those_who_asked_are_mentioned_while_they_live_there(
    database: Database, ritual: int, settings: Settings
) -> None:
    """[Remind me] toggles; who moved out is forgotten; who never was there has no part."""
    async with database.writing() as session:
        with pytest.raises(UserError, match=r"rituals\.inside_only"):
            await rituals.remind(session, server_id=SERVER, ritual_id=ritual, user_id=OMAR)
        for user in (MARA, JO, KIM):
            _, on = await rituals.remind(session, server_id=SERVER, ritual_id=ritual, user_id=user)
            assert on
        assert await rituals.remind(session, server_id=SERVER, ritual_id=ritual, user_id=KIM) == (
            "Paths",
            False,
        )
        (await session.get_one(Membership, (SERVER, JO))).group_id = MILLPOND
    await claim(database, FRIDAY, settings)
    async with database.reading() as session:
        (owed,) = await rows(session, OutboxMessage)
        assert unpacked(owed.content)[0].users == (MARA,)
        left = list(await session.scalars(select(Reminder.user_id)))
    assert left == [MARA]


async def test_the_whole_group_is_pinged_at_most_once_a_week(
    database: Database, ritual: int, settings: Settings
) -> None:
    """Two rituals in one week: the second one mentions only those who asked."""
    async with database.writing() as session:
        (await session.get_one(Group, RIVERSIDE)).role_id = 77
        await hosting.edit(session, LENAS, ritual, form(pings="group"), FRIDAY - WEEK)
        sunday = form(title="Sunday walk", when="weekly sunday 12:00", pings="group")
        other = await hosting.add(session, LENAS, RIVERSIDE, sunday, FRIDAY)
        await hosting.start(session, LENAS, other.id, FRIDAY)
    await claim(database, FRIDAY, settings)
    await claim(database, other.coming[0], settings)
    async with database.reading() as session:
        owed = [unpacked(row.content)[0] for row in await rows(session, OutboxMessage)]
    assert [message.roles for message in owed] == [(77,), ()]
    assert [message.loud for message in owed] == [True, False]


async def test_only_facilitators_and_owners_host(
    database: Database, ritual: int, now: datetime
) -> None:
    """Everyone else is told whose it is; an owner may; another server's actor finds nothing."""
    async with database.writing() as session:
        for act in (
            hosting.add(session, Actor(SERVER, MARA), RIVERSIDE, form(), now),
            hosting.pause(session, Actor(SERVER, MARA), ritual, now),
            hosting.remove(session, Actor(SERVER, OMAR), ritual),
        ):
            with pytest.raises(UserError) as refused:
                await act
            assert refused.value.key == "errors.facilitators_only"
        with pytest.raises(UserError) as refused:
            await hosting.start(session, Actor(1, LENA, manages_server=True), ritual, now)
        assert refused.value.key == "rituals.gone"
        owner = Actor(SERVER, OMAR, manages_server=True)
        assert (await hosting.pause(session, owner, ritual, now)).state == "paused"
        assert await hosting.remove(session, owner, ritual) == (RIVERSIDE, "Paths")
        assert await rows(session, RitualPrompt) == []


async def test_editing_keeps_the_prompts_turns(
    database: Database, ritual: int, settings: Settings
) -> None:
    """A prompt that stays keeps its count; a new one does not come five times in a row."""
    for week in range(4):
        await claim(database, FRIDAY + week * WEEK, settings)
        async with database.writing() as session:
            await clear_outbox(session, 1000 + week)
            await rituals.answered(session, 1000 + week)
    async with database.writing() as session:
        edited = await hosting.edit(
            session,
            LENAS,
            ritual,
            form(prompts="B?\nC?\nD?", when="weekly friday 20:00 Lisbon"),
            FRIDAY + 4 * WEEK - timedelta(days=1),
        )
        counts = {p.prompt: p.used for p in await rows(session, RitualPrompt)}
    assert set(counts) == {"B?", "C?", "D?"}
    assert counts["D?"] == min(counts["B?"], counts["C?"]) >= 1
    assert (edited.zone, edited.when) == ("Europe/Lisbon", "weekly friday 20:00 Europe/Lisbon")
    assert edited.coming[0] == datetime(2026, 4, 3, 19, tzinfo=UTC)


async def test_the_usual_rituals_of_the_type(database: Database, town: Town, now: datetime) -> None:
    """One press sets them up, resting; a second adds nothing; a split's child gets copies."""
    async with database.writing() as session:
        await town(session)
        for kind, weekday in (("question", 0), ("closing", 4)):
            session.add(TypeRitual(type_id=1, kind=kind, cadence="weekly", weekday=weekday))
        await session.flush()
        assert await hosting.set_up_usual(session, LENAS, RIVERSIDE, now) == 2
        assert await hosting.set_up_usual(session, LENAS, RIVERSIDE, now) == 0
        first, second = await hosting.of_group(session, LENAS, RIVERSIDE, now)
        assert (first.state, first.zone) == ("paused", "Europe/Berlin")
        assert first.prompts == of_kind("question").prompts
        await hosting.start(session, LENAS, second.id, now)
        assert await hosting.copy_to(session, RIVERSIDE, MILLPOND, host_id=OMAR, now=now) == 2
        owner = Actor(SERVER, OMAR, manages_server=True)
        twins = await hosting.of_group(session, owner, MILLPOND, now)
        copied = await session.scalars(select(Ritual.kind).where(Ritual.group_id == MILLPOND))
        assert set(copied) == {"question", "closing"}
        threads = await session.scalars(select(Ritual.thread).where(Ritual.group_id == MILLPOND))
        assert all(threads)
    assert [(twin.title, twin.state, twin.host_id) for twin in twins] == [
        ("Closing circle", "running", OMAR),
        ("Question of the week", "paused", None),
    ]


async def test_who_leaves_the_server_leaves_their_offices(database: Database, ritual: int) -> None:
    """The ritual they hosted stays, without a host."""
    async with database.writing() as session:
        await facilitators.gone(session, SERVER, LENA)
        assert await facilitators.active(session, RIVERSIDE) == []
        assert (await session.get_one(Ritual, ritual)).host_id is None
