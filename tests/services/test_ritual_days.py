"""One moment of a ritual: who is in, who takes it off, who is greeted, and how it ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import NotAllowed, UserError
from bot.rules.actor import Actor
from bot.rules.message import Message
from bot.rules.ritual_forms import checked
from bot.rules.ritual_kinds import KINDS, NEW_FOR
from bot.services import (
    hosting,
    privacy,
    retention,
    ritual_choices,
    ritual_closing,
    ritual_making,
    ritual_moves,
    rituals,
    settling,
)
from bot.services.outbox import unpacked
from bot.settings import Settings
from models import (
    Base,
    Group,
    GroupRest,
    Member,
    Membership,
    Occurrence,
    OutboxMessage,
    Ritual,
    RitualChoice,
    RitualPart,
    Server,
    Takedown,
)
from tests.services.conftest import JO, KIM, LENA, MARA, OMAR, RIVERSIDE, SERVER, VERA, Town

LENAS = Actor(SERVER, LENA)
FRIDAY = datetime(2026, 3, 6, 17, tzinfo=UTC)  # 18:00 in Berlin
WEEK = timedelta(days=7)
POST = 4_000
MOMENT = "2026-03-06T18:00"


async def rows(session: AsyncSession, table: type[Base]) -> list[Any]:
    return list(await session.scalars(select(table).order_by(*table.__table__.primary_key)))


class Weekly:
    """A ritual of Riverside's on Fridays at 18:00 in Berlin, and hands to let it happen."""

    def __init__(self, database: Database, settings: Settings, ritual_id: int, kind: str) -> None:
        self.database = database
        self.settings = settings
        self.id = ritual_id
        self.open_for = KINDS[kind].open_for

    async def due(self, week: int = 0, *, thread: bool = True) -> tuple[int, Message]:
        """Let it be due, and its message sent; return the occurrence and the message."""
        at = FRIDAY + week * WEEK
        async with self.database.writing() as session:
            assert (await rituals.claim_due(session, at, self.settings)).posted == 1
            (owed,) = [row for row in await rows(session, OutboxMessage) if row.kind == "ritual"]
            message, _ = unpacked(owed.content)
            owed.channel_id = 501
            owed.thread_id = POST + week if thread and message.thread is not None else None
            await rituals.posted(session, owed, POST + week, at)
            await session.delete(owed)
            return int(owed.key.partition(":")[2]), message

    async def ends(self, week: int = 0, late: timedelta = timedelta()) -> list[Message]:
        """Let it end; return what is owed for it."""
        at = FRIDAY + week * WEEK + self.open_for + late
        async with self.database.writing() as session:
            await ritual_closing.step_due(session, at)
            assert await ritual_closing.step_due(session, at) == 0
            owed = [row for row in await rows(session, OutboxMessage) if row.kind == "ritual-end"]
            return [unpacked(row.content)[0] for row in owed]

    async def join(self, occurrence_id: int, *people: int) -> list[bool]:
        """Let people press [I'm in]; whether each press was news."""
        async with self.database.writing() as session:
            return [
                (
                    await ritual_choices.join(
                        session, server_id=SERVER, occurrence_id=occurrence_id, user_id=user
                    )
                ).news
                for user in people
            ]

    async def skip(self, occurrence_id: int, user: int) -> bool:
        """Let somebody take it off; whether that was news."""
        async with self.database.writing() as session:
            done = await ritual_choices.skip(
                session, server_id=SERVER, occurrence_id=occurrence_id, user_id=user
            )
            return done.news

    async def numbers(self) -> tuple[int, int]:
        """Return answers and skips of the last occurrence."""
        async with self.database.reading() as session:
            last = (await rows(session, Occurrence))[-1]
            return last.answers, last.skips

    async def closed(self) -> list[int]:
        """Return the threads that shall close."""
        async with self.database.reading() as session:
            return [row.target_id for row in await rows(session, Takedown) if row.what == "thread"]


@pytest.fixture
async def wins(database: Database, town: Town, now: datetime, settings: Settings) -> Weekly:
    """Wins of the week."""
    return await begun(database, town, now, settings, "wins")


async def begun(
    database: Database, town: Town, now: datetime, settings: Settings, kind: str
) -> Weekly:
    async with database.writing() as session:
        await town(session)
        ritual_id = await added(session, now, kind)
    return Weekly(database, settings, ritual_id, kind)


async def added(session: AsyncSession, now: datetime, kind: str) -> int:
    """Add a ritual on Fridays at 18:00 and let it run; return its id."""
    typed = await ritual_making.begun(session, LENAS, RIVERSIDE, kind)
    fields = {"title": "Own", "prompts": "A?", "pings": "", **typed}
    form = checked(**{**fields, "when": "weekly friday 18:00"})
    ritual = await ritual_making.add(session, LENAS, RIVERSIDE, form, kind=kind, now=now)
    await hosting.start(session, LENAS, ritual.id, now)
    return ritual.id


async def test_a_press_counts_once_for_everybody(wins: Weekly, database: Database) -> None:
    """For who is not counted, too; of them nothing is left once it is over but the number."""
    async with database.writing() as session:
        await privacy.opt_out(session, JO, [SERVER], FRIDAY)
    occurrence, _ = await wins.due()
    assert await wins.join(occurrence, JO, JO, MARA, JO, MARA) == [True, False, True, False, False]
    assert await wins.numbers() == (2, 0)
    async with database.reading() as session:
        assert [row.user_id for row in await rows(session, RitualPart)] == [MARA]
        assert sorted(row.user_id for row in await rows(session, RitualChoice)) == [MARA, JO]
    await wins.ends()
    async with database.reading() as session:
        assert await rows(session, RitualChoice) == []
        assert [row.user_id for row in await rows(session, RitualPart)] == [MARA]


async def test_minds_change_and_the_numbers_follow(wins: Weekly, database: Database) -> None:
    """In, off, off again, in: one answer and nobody off, with one part."""
    occurrence, _ = await wins.due()
    assert await wins.join(occurrence, MARA) == [True]
    assert await wins.skip(occurrence, MARA)
    assert await wins.numbers() == (0, 1)
    async with database.reading() as session:
        assert await rows(session, RitualPart) == []
    assert not await wins.skip(occurrence, MARA)
    assert await wins.numbers() == (0, 1)
    assert await wins.join(occurrence, MARA) == [True]
    assert await wins.numbers() == (1, 0)
    async with database.reading() as session:
        assert [row.user_id for row in await rows(session, RitualPart)] == [MARA]


async def test_who_wrote_is_in_already(wins: Weekly, database: Database) -> None:
    """Their press adds no second answer."""
    occurrence, _ = await wins.due()
    async with database.writing() as session:
        await rituals.answered(session, POST, 1)
        session.add(RitualPart(occurrence_id=occurrence, server_id=SERVER, user_id=KIM))
    assert await wins.join(occurrence, KIM) == [False]
    assert await wins.numbers() == (1, 0)


@pytest.mark.parametrize("act", ["join", "skip"])
async def test_only_who_is_inside_presses(wins: Weekly, database: Database, act: str) -> None:
    """Others learn nothing of it; nor does anybody of one that is no more, or of elsewhere."""
    occurrence, _ = await wins.due()
    press = ritual_choices.join if act == "join" else ritual_choices.skip
    async with database.writing() as session:
        for server, which, who in (
            (SERVER, occurrence, OMAR),
            (SERVER, 77, MARA),
            (9_999, occurrence, MARA),
        ):
            with pytest.raises(NotAllowed):
                await press(session, server_id=server, occurrence_id=which, user_id=who)
        assert await rows(session, RitualChoice) == []


async def test_what_is_over_takes_no_press(wins: Weekly, database: Database) -> None:
    """It says when the next one is, or that it rests."""
    occurrence, _ = await wins.due()
    await wins.ends()
    for state, why in (("running", "rituals.over"), ("paused", "rituals.over_rests")):
        async with database.writing() as session:
            (await session.get_one(Ritual, wins.id)).state = state
            with pytest.raises(UserError) as refused:
                await ritual_choices.join(
                    session, server_id=SERVER, occurrence_id=occurrence, user_id=MARA
                )
        assert refused.value.key == why


async def test_who_takes_the_next_one_off_is_not_called(wins: Weekly, database: Database) -> None:
    """This once; the number is told to hosts, and the week after they are called again."""
    now = FRIDAY - timedelta(days=1)
    async with database.writing() as session:
        for user in (MARA, KIM):
            await rituals.remind(session, server_id=SERVER, ritual_id=wins.id, user_id=user)
        here: dict[str, Any] = {"server_id": SERVER, "ritual_id": wins.id, "now": now}
        mine = await ritual_choices.choose_next(session, **here, user_id=MARA, choice="skip")
        assert (mine.choice, mine.reminded, mine.at) == ("skip", True, FRIDAY)
        await ritual_choices.choose_next(session, **here, user_id=KIM, choice="skip")
        await ritual_choices.choose_next(session, **here, user_id=KIM, choice="")
    _, message = await wins.due()
    assert message.users == (KIM,)
    assert await wins.numbers() == (0, 1)
    await wins.ends()
    _, message = await wins.due(1)
    assert set(message.users) == {MARA, KIM}
    assert await wins.numbers() == (0, 0)


async def test_a_moment_that_was_moved_is_the_same_moment(wins: Weekly, database: Database) -> None:
    """Who took it off before it was moved is not called when it comes."""
    now = FRIDAY - timedelta(days=1)
    async with database.writing() as session:
        await rituals.remind(session, server_id=SERVER, ritual_id=wins.id, user_id=MARA)
        await ritual_choices.choose_next(
            session, server_id=SERVER, ritual_id=wins.id, user_id=MARA, choice="skip", now=now
        )
        ritual = await session.get_one(Ritual, wins.id)
        ritual.moved_from_at, ritual.next_due_at = FRIDAY, FRIDAY - timedelta(hours=2)
        await rituals.claim_due(session, FRIDAY - timedelta(hours=2), wins.settings)
        (owed,) = await rows(session, OutboxMessage)
        assert unpacked(owed.content)[0].users == ()
        assert (await rows(session, Occurrence))[0].local_moment == MOMENT


async def test_the_next_one_is_never_on_a_day_of_rest(wins: Weekly, database: Database) -> None:
    """Its last word, a late press and somebody's own view name the one that is held after it."""
    occurrence, _ = await wins.due()
    rest = (FRIDAY + WEEK).date().isoformat()
    async with database.writing() as session:
        session.add(
            GroupRest(server_id=SERVER, group_id=RIVERSIDE, first=rest, last=rest, why="holidays")
        )
        await rituals.answered(session, POST, 5)
        mine = await ritual_choices.choose_next(
            session, server_id=SERVER, ritual_id=wins.id, user_id=MARA, choice="skip", now=FRIDAY
        )
        (chosen,) = await rows(session, RitualChoice)
    held = FRIDAY + 2 * WEEK
    assert (mine.at, chosen.moment) == (held, "2026-03-20T18:00")
    (word,) = await wins.ends()
    assert word.lines[-1].params["at"] == int(held.timestamp())
    with pytest.raises(UserError) as over:
        await wins.join(occurrence, JO)
    assert over.value.params["at"] == int(held.timestamp())


async def test_of_a_groups_rituals_the_one_that_is_held_first_is_named(
    wins: Weekly, database: Database, now: datetime
) -> None:
    """Days of rest left aside; none where none runs."""
    rest, saturday = FRIDAY.date().isoformat(), FRIDAY + timedelta(days=1)
    async with database.writing() as session:
        circle = await added(session, now, "newcomers")
        session.add(
            GroupRest(server_id=SERVER, group_id=RIVERSIDE, first=rest, last=rest, why="holidays")
        )
        found = await ritual_moves.first_of_group(session, RIVERSIDE, now)
        assert found is not None
        assert (found[0], found[1].id) == (FRIDAY + WEEK, wins.id)
        await session.execute(
            update(Ritual).where(Ritual.id == circle).values(next_due_at=saturday)
        )
        found = await ritual_moves.first_of_group(session, RIVERSIDE, now)
        assert found is not None
        assert (found[0], found[1].id) == (saturday, circle)
        await session.execute(update(Ritual).values(state="paused", next_due_at=None))
        assert await ritual_moves.first_of_group(session, RIVERSIDE, now) is None


async def test_newcomers_are_greeted_who_want_to_be(
    database: Database, town: Town, now: datetime, settings: Settings
) -> None:
    """By name and with a mention; not who did not press, nor who moved on before it came."""
    circle = await begun(database, town, now, settings, "newcomers")
    lately = FRIDAY - NEW_FOR + timedelta(days=1)
    async with database.writing() as session:
        for user in (MARA, JO, KIM):
            home = await session.get_one(Membership, (SERVER, user))
            home.since, home.course = lately, "begun"
        here: dict[str, Any] = {"server_id": SERVER, "ritual_id": circle.id, "now": FRIDAY}
        for user in (MARA, JO):
            mine = await ritual_choices.choose_next(session, **here, user_id=user, choice="greet")
            assert mine.choice == "greet"
        for user in (LENA, VERA):  # lives there for long; lives nowhere
            with pytest.raises((UserError, NotAllowed)):
                await ritual_choices.choose_next(session, **here, user_id=user, choice="greet")
        home = await session.get_one(Membership, (SERVER, JO))
        await settling.moved_out(session, home, "moved", FRIDAY)
        await session.delete(home)
    _, message = await circle.due()
    assert (message.users, message.loud) == ((MARA,), True)
    assert any(line.key == "rituals.greeted" for line in message.lines)


async def test_a_ritual_of_another_kind_greets_nobody(wins: Weekly, database: Database) -> None:
    """Even who is new."""
    async with database.writing() as session:
        home = await session.get_one(Membership, (SERVER, MARA))
        home.since, home.course = FRIDAY - timedelta(days=1), "begun"
        with pytest.raises(UserError, match="not_new"):
            await ritual_choices.choose_next(
                session,
                server_id=SERVER,
                ritual_id=wins.id,
                user_id=MARA,
                choice="greet",
                now=FRIDAY,
            )


@pytest.mark.parametrize("people", [0, 1, 4, 5])
async def test_its_end_is_told_in_numbers_from_five_on(
    wins: Weekly, database: Database, people: int
) -> None:
    """Of fewer there is plain thanks; of nobody not a word, and the thread closes at once."""
    occurrence, _ = await wins.due()
    async with database.writing() as session:
        for user in range(people):
            session.add(RitualPart(occurrence_id=occurrence, server_id=SERVER, user_id=900 + user))
        await rituals.answered(session, POST, people)
    words = await wins.ends()
    if not people:
        assert words == []
        assert await wins.closed() == [POST]
        return
    (word,) = words
    assert word.lines[0].key == ("rituals.ended_words" if people >= 5 else "rituals.ended_few")
    assert ("n" in word.lines[0].params) == (people >= 5)
    assert await wins.closed() == []  # not before the word stands there
    async with database.writing() as session:
        (owed,) = await rows(session, OutboxMessage)
        assert (owed.place, owed.thread_id) == ("thread", POST)
        await ritual_closing.said(session, owed, 1, FRIDAY)
    assert await wins.closed() == [POST]


async def test_a_thread_closes_when_its_last_word_is_dropped(
    wins: Weekly, database: Database
) -> None:
    """Nobody lets Hearth write there any more: it still tries to close it."""
    occurrence, _ = await wins.due()
    await wins.join(occurrence, MARA)
    await wins.ends()
    async with database.writing() as session:
        (owed,) = await rows(session, OutboxMessage)
        await ritual_closing.unsaid(session, owed)
    assert await wins.closed() == [POST]


@pytest.mark.parametrize("why", ["late", "resting", "locked", "archived"])
async def test_nothing_is_said_where_nobody_would_hear_it(
    wins: Weekly, database: Database, why: str
) -> None:
    """A day late, or in a group that rests, is locked or has ended; the thread closes."""
    occurrence, _ = await wins.due()
    await wins.join(occurrence, MARA)
    async with database.writing() as session:
        group = await session.get_one(Group, RIVERSIDE)
        if why == "locked":
            group.locked_at = FRIDAY
        elif why != "late":
            group.state = why
    late = timedelta(days=2) if why == "late" else timedelta(minutes=3)
    assert await wins.ends(late=late) == []
    assert await wins.closed() == [POST]


@pytest.mark.parametrize("why", ["paused_at", "removed_at"])
async def test_a_paused_server_is_left_alone(wins: Weekly, database: Database, why: str) -> None:
    """It is closed when Hearth goes on there, without a word if that is long after."""
    occurrence, _ = await wins.due()
    await wins.join(occurrence, MARA)
    async with database.writing() as session:
        await session.execute(update(Server).values({why: FRIDAY}))
    assert await wins.ends() == []
    assert await wins.closed() == []
    async with database.writing() as session:
        await session.execute(update(Server).values({why: None}))
    assert await wins.ends(late=timedelta(days=9)) == []
    assert await wins.closed() == [POST]


async def test_without_a_thread_it_ends_in_the_room(wins: Weekly, database: Database) -> None:
    """None could be opened: the post stands, people answer in the room, and so does its end."""
    occurrence, _ = await wins.due(thread=False)
    await wins.join(occurrence, MARA)
    (word,) = await wins.ends()
    assert word.lines[0].key == "rituals.ended_few"
    async with database.reading() as session:
        (owed,) = await rows(session, OutboxMessage)
    assert (owed.place, owed.group_id, owed.thread_id) == ("room", RIVERSIDE, None)
    assert await wins.closed() == []


async def test_a_quiet_hour_asks_for_no_words(
    database: Database, town: Town, now: datetime, settings: Settings
) -> None:
    """No thread, a line that nothing is to be written, and an end after an hour."""
    quiet = await begun(database, town, now, settings, "quiet_hour")
    occurrence, message = await quiet.due()
    assert message.thread is None
    assert any(line.key == "rituals.presence" for line in message.lines)
    await quiet.join(occurrence, MARA, JO, KIM, LENA)
    async with database.writing() as session:
        session.add(Member(server_id=SERVER, user_id=77))
        session.add(Membership(server_id=SERVER, user_id=77, group_id=RIVERSIDE, since=FRIDAY))
    await quiet.join(occurrence, 77)
    (word,) = await quiet.ends()
    assert (word.lines[0].key, word.lines[0].params["n"]) == ("rituals.ended_presence", 5)


async def test_a_ritual_of_ones_own_in_the_room_ends_without_a_word(
    database: Database, town: Town, now: datetime, settings: Settings
) -> None:
    """As it always was; presses are erased all the same."""
    own = await begun(database, town, now, settings, "own")
    occurrence, message = await own.due()
    assert message.thread is None
    await own.join(occurrence, MARA)
    assert await own.ends() == []
    async with database.reading() as session:
        assert await rows(session, RitualChoice) == []


async def test_a_ritual_that_is_removed_closes_its_threads(
    wins: Weekly, database: Database
) -> None:
    """Those that are open; for who may remove it only."""
    await wins.due()
    async with database.writing() as session:
        with pytest.raises(NotAllowed):
            await ritual_making.remove(session, Actor(SERVER, MARA), wins.id, FRIDAY)
    assert await wins.closed() == []
    async with database.writing() as session:
        assert await ritual_making.remove(session, LENAS, wins.id, FRIDAY) == (
            RIVERSIDE,
            "Wins of the week",
        )
    assert await wins.closed() == [POST]


async def test_what_was_pressed_about_a_moment_that_never_came_goes(
    wins: Weekly, database: Database, settings: Settings
) -> None:
    """Two weeks after it would have been."""
    async with database.writing() as session:
        await ritual_choices.choose_next(
            session, server_id=SERVER, ritual_id=wins.id, user_id=MARA, choice="skip", now=FRIDAY
        )
        await retention.sweep(session, FRIDAY + timedelta(days=14), settings)
        assert len(await rows(session, RitualChoice)) == 1
        await retention.sweep(session, FRIDAY + timedelta(days=15, hours=12), settings)
        assert await rows(session, RitualChoice) == []


async def test_a_skipped_moment_ends_nothing(
    wins: Weekly, database: Database, settings: Settings
) -> None:
    """What was never posted is never summed up."""
    async with database.writing() as session:
        await rituals.claim_due(session, FRIDAY + timedelta(days=1), settings)
        assert await ritual_closing.step_due(session, FRIDAY + timedelta(days=9)) == 0
    assert await wins.closed() == []
