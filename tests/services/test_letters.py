"""Who is told what about whom, and when."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules import letter_messages
from bot.rules.actor import Actor
from bot.rules.message import Message
from bot.services import letter_answers, letter_outcomes, letters, privacy, retention, sending
from bot.services.outbox import unpacked
from bot.services.quiet import Said
from bot.services.sending import Delivered
from bot.settings import Settings
from bot.texts import catalogue
from models import (
    ActiveDay,
    Connected,
    Facilitator,
    Group,
    Letter,
    LetterName,
    LetterOutcome,
    Member,
    Membership,
    OutboxMessage,
    Presence,
    QuietEpisode,
    Server,
)

SERVER = 9_000
RIVERSIDE, MILLPOND = 1, 2
MARA, JO, LENA, OMAR = 11, 12, 14, 15
DESK_ROOM = 700

Town = Callable[[AsyncSession], Awaitable[None]]
say = catalogue("en")


@pytest.fixture
async def tables(database: Database, town: Town, now: datetime) -> Database:
    """The town with a facilitators' room; Mara and Jo are quiet, Jo for longer."""
    async with database.writing() as session:
        await town(session)
        await session.execute(update(Server).values(facilitators_room_id=DESK_ROOM))
        await session.execute(update(Group).where(Group.id == RIVERSIDE).values(homes=50))
        session.add(Connected(server_id=SERVER, since=now - timedelta(days=180), until=now))
        await session.flush()
        for who, days in ((MARA, 12), (JO, 16)):
            await hush(session, who, now, days)
    return database


async def hush(
    session: AsyncSession, user_id: int, now: datetime, days: int, kind: str = "quiet"
) -> None:
    """Let someone have been quiet for so many days, around daily before."""
    last = now - timedelta(days=days)
    if await session.get(Membership, (SERVER, user_id)) is None:
        session.add(Member(server_id=SERVER, user_id=user_id, counted_since=now))
        await session.flush()
        session.add(
            Membership(
                server_id=SERVER,
                user_id=user_id,
                group_id=RIVERSIDE,
                since=now - timedelta(days=99),
            )
        )
    session.add(Presence(server_id=SERVER, user_id=user_id, last_at=last))
    session.add(
        QuietEpisode(
            server_id=SERVER,
            group_id=RIVERSIDE,
            user_id=user_id,
            kind=kind,
            silent_since=last,
            began_at=now,
        )
    )
    for back in range(20):
        day = (last - timedelta(days=back)).date().isoformat()
        session.add(
            ActiveDay(server_id=SERVER, user_id=user_id, group_id=RIVERSIDE, day=day, signals=1)
        )
    await session.flush()


async def change(database: Database, *statements: Any) -> None:
    """Change rows in a transaction of its own."""
    async with database.writing() as session:
        for statement in statements:
            await session.execute(statement)


async def due(database: Database, now: datetime) -> int:
    """Write what is due."""
    async with database.writing() as session:
        return await letters.due(session, SERVER, now)


async def read(database: Database, now: datetime, user_id: int = LENA, page: int = 0) -> Message:
    """Open the newest letter."""
    async with database.writing() as session:
        return letter_messages.letter(await letters.opened(session, RIVERSIDE, user_id, now), page)


async def answer(
    database: Database, now: datetime, about: int, said: Said, user_id: int = LENA
) -> Message:
    """Say something about a name in one's newest letter; return the letter as it then is."""
    async with database.writing() as session:
        letter = (
            await session.scalars(
                select(Letter.id).where(Letter.facilitator_id == user_id).order_by(Letter.id.desc())
            )
        ).first()
        episode = await session.scalar(select(QuietEpisode.id).where(QuietEpisode.user_id == about))
        assert letter is not None
        assert episode is not None
        await letter_answers.say(session, letter, episode, user_id, said=said, now=now)
        return letter_messages.letter(await letters.read_again(session, letter, user_id, now))


async def second(database: Database, now: datetime, user_id: int = JO) -> None:
    """Let somebody else look after Riverside, too."""
    async with database.writing() as session:
        session.add(
            Facilitator(
                group_id=RIVERSIDE, user_id=user_id, server_id=SERVER, state="active", since=now
            )
        )


async def owed(database: Database) -> list[OutboxMessage]:
    """Return what is owed."""
    async with database.reading() as session:
        return list(await session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


async def told(database: Database) -> int:
    """Return the figure for alerts."""
    async with database.reading() as session:
        return await letters.alerts(session, SERVER)


def text(message: Message) -> str:
    """Return what a person reads."""
    return "\n".join(say(line.key, **line.params) for line in message.lines)


def labels(message: Message) -> list[str]:
    """Return the buttons' labels."""
    return [say(button.label, **button.params) for button in message.buttons]


async def test_the_room_learns_no_name_but_the_facilitators(
    tables: Database, now: datetime
) -> None:
    """The line says whose letter is ready; neither the quiet nor the group are in it."""
    assert await due(tables, now) == 1
    (line,) = await owed(tables)
    message = unpacked(line.content)[0]
    assert (line.place, line.user_id) == ("facilitators", LENA)
    assert text(message) == f"<@{LENA}>, your letter is ready."
    assert message.users == (LENA,)
    for secret in (str(MARA), str(JO), "Riverside"):
        assert secret not in line.content.replace(f'"{LENA}"', "")
    assert await told(tables) == 0


async def test_opening_shows_names_with_an_act_and_counts_as_told(
    tables: Database, now: datetime
) -> None:
    """Days since the last sign of life, the longest silence first, one act each, nothing more."""
    await due(tables, now)
    message = await read(tables, now)
    lines = text(message).splitlines()
    assert lines[0] == f"Hi <@{LENA}>, Riverside this week."
    assert lines[1] == f"**1** · <@{JO}>, quiet for 16 days, longer than usual for them."
    assert lines[3] == f"**2** · <@{MARA}>, quiet for 12 days, longer than usual for them."
    assert lines[2].startswith("→ ")
    assert lines[4].startswith("→ ")
    assert lines[2] != lines[4]
    assert labels(message)[:5] == [
        "1 · I reached out",
        "1 · They're away",
        "1 · They're fine",
        "1 · Not now",
        "2 · I reached out",
    ]
    assert labels(message)[-2:] == ["No more letters", "Letters by DM"]
    assert await told(tables) == 2


async def test_it_is_not_said_to_be_unusual_where_it_is_usual(
    tables: Database, now: datetime
) -> None:
    """Jo comes every three weeks: their 16 days are told, and not called longer than usual."""
    async with tables.writing() as session:
        await session.execute(delete(ActiveDay).where(ActiveDay.user_id == JO))
        for back in range(16, 100, 21):
            day = (now - timedelta(days=back)).date().isoformat()
            session.add(
                ActiveDay(server_id=SERVER, user_id=JO, group_id=RIVERSIDE, day=day, signals=1)
            )
    await due(tables, now)
    lines = text(await read(tables, now)).splitlines()
    assert lines[1] == f"**1** · <@{JO}>, quiet for 16 days."
    assert lines[3] == f"**2** · <@{MARA}>, quiet for 12 days, longer than usual for them."


async def test_only_facilitators_of_that_home_may_open(tables: Database, now: datetime) -> None:
    """Omar looks after another group, Mara after none, and someone asked has not agreed yet."""
    async with tables.writing() as session:
        for who, group, state in ((OMAR, MILLPOND, "active"), (JO, RIVERSIDE, "asked")):
            session.add(
                Facilitator(group_id=group, user_id=who, server_id=SERVER, state=state, since=now)
            )
    await due(tables, now)
    for who in (OMAR, MARA, JO):
        with pytest.raises(UserError):
            await read(tables, now, who)
    assert await told(tables) == 0


async def test_no_letter_without_news(tables: Database, now: datetime) -> None:
    """Weekly, and only if there is a new name."""
    assert await due(tables, now) == 1
    assert await due(tables, now + timedelta(days=7)) == 0
    async with tables.writing() as session:
        await hush(session, 13, now, 20)
    assert await due(tables, now + timedelta(days=8)) == 1
    message = await read(tables, now + timedelta(days=8))
    assert "<@13>" in text(message)
    assert f"<@{MARA}>" not in text(message)
    async with tables.writing() as session:
        await hush(session, 30, now, 20)
    assert await due(tables, now + timedelta(days=11)) == 0


async def test_letters_are_looked_at_once_a_day_and_never_at_night(
    tables: Database, now: datetime
) -> None:
    """A line that pings waits for nine in the morning of the server's own clock."""
    night = now.replace(hour=6)  # seven in Berlin
    assert await due(tables, night) == 0
    assert await due(tables, night + timedelta(hours=2)) == 1
    async with tables.writing() as session:
        await session.execute(update(Facilitator).values(letters="daily"))
        await hush(session, 13, now, 20)
    assert await due(tables, night + timedelta(hours=14)) == 0
    late = night + timedelta(days=1, hours=14)  # nine in the evening: Hearth was away all day
    assert await due(tables, late) == 0
    assert await due(tables, late + timedelta(hours=12)) == 1


async def test_three_names_for_fifty_people_in_a_week(tables: Database, now: datetime) -> None:
    """Those furthest beyond their patience first; the others wait for the next week."""
    async with tables.writing() as session:
        for who in (20, 21, 22):
            await hush(session, who, now, who)
    await due(tables, now)
    message = await read(tables, now)
    assert [f"<@{who}>" in text(message) for who in (22, 21, 20, JO, MARA)] == [
        *[True] * 3,
        *[False] * 2,
    ]
    await due(tables, now + timedelta(days=7))
    message = await read(tables, now + timedelta(days=7))
    assert [f"<@{who}>, quiet" in text(message) for who in (22, JO, MARA)] == [False, True, True]


async def test_all_who_look_after_a_group_read_the_same_names(
    tables: Database, now: datetime
) -> None:
    """However many they are and whenever their letters come, a week holds three names for fifty."""
    async with tables.writing() as session:
        for who in (20, 21, 22, 23):
            await hush(session, who, now, who)
    await due(tables, now)
    await second(tables, now, OMAR)
    assert await due(tables, now + timedelta(days=2)) == 1
    first, other = await read(tables, now), await read(tables, now, OMAR)
    for who in (23, 22, 21):
        assert f"<@{who}>" in text(first)
        assert f"<@{who}>" in text(other)
    assert "<@20>" not in text(first) + text(other)


async def test_colleagues_see_who_reached_out(tables: Database, now: datetime) -> None:
    """Also in a letter that comes later; what is seen to is no reason for one."""
    await second(tables, now, OMAR)
    await due(tables, now)
    answered = await answer(tables, now, MARA, "reached")
    assert f"✓ <@{MARA}>: you reached out. Thank you." in text(answered)
    assert f"✓ <@{MARA}>: <@{LENA}> reached out." in text(await read(tables, now, OMAR))
    await answer(tables, now, JO, "away")
    await second(tables, now, 77)
    assert await due(tables, now + timedelta(days=1)) == 0
    async with tables.writing() as session:
        await hush(session, 13, now, 20)
    assert await due(tables, now + timedelta(days=2)) == 1
    late = text(await read(tables, now + timedelta(days=2), 77))
    assert f"✓ <@{MARA}>: <@{LENA}> reached out." in late
    assert f"✓ <@{JO}> is away." in late
    assert "<@13>, quiet for" in late


async def test_newcomers_who_fell_silent_have_places_of_their_own(
    tables: Database, now: datetime
) -> None:
    """Below the others, the latest first, with their day of moving in and what helps a newcomer."""
    async with tables.writing() as session:
        for who, days in ((20, 30), (31, 9), (32, 8)):
            await hush(session, who, now, days, kind="quiet" if who == 20 else "faded")
    await due(tables, now)
    lines = text(await read(tables, now)).splitlines()
    since = int((now - timedelta(days=99)).timestamp())
    heading = lines.index("**New here, and not heard of since**")
    assert lines[heading + 1] == f"**4** · <@32>, here since <t:{since}:D>, quiet for 8 days."
    assert not any("<@31>" in line for line in lines)
    assert [line[:5] for line in lines if line.startswith("**")][:3] == ["**1**", "**2**", "**3**"]


async def test_a_full_group_reads_nine_names_on_pages_that_fit(
    tables: Database, now: datetime
) -> None:
    """More than three open names are chosen from a menu; newcomers have a page of their own."""
    await change(tables, update(Group).where(Group.id == RIVERSIDE).values(homes=150))
    async with tables.writing() as session:
        for who in range(20, 30):
            await hush(session, who, now, who)
        for who in range(40, 44):
            await hush(session, who, now, 8, kind="faded")
    await due(tables, now)
    message = await read(tables, now)
    assert sum(line.key == "letters.name" for line in message.lines) == 9
    (menu,) = message.menus
    assert [choice.label for choice in menu.choices] == [str(number) for number in range(1, 10)]
    assert labels(message) == ["More: page 2 of 2", "No more letters", "Letters by DM"]
    after = await read(tables, now, page=1)
    assert sum(line.key == "letters.newcomer" for line in after.lines) == 3
    assert labels(after)[:4] == [
        "10 · I reached out",
        "10 · They're away",
        "10 · They're fine",
        "10 · Not now",
    ]
    assert labels(after)[-3:] == ["Page before", "No more letters", "Letters by DM"]


async def test_daily_and_none(tables: Database, now: datetime) -> None:
    """Each facilitator chooses; fewer goes step by step and none is an answer."""
    await change(tables, update(Facilitator).values(letters="daily"))
    assert await due(tables, now) == 1
    async with tables.writing() as session:
        await hush(session, 13, now, 20)
    assert await due(tables, now + timedelta(days=1)) == 1
    async with tables.writing() as session:
        assert await letters.less(session, RIVERSIDE, LENA) == "weekly"
    assert "No more letters" in labels(await read(tables, now))
    async with tables.writing() as session:
        assert await letters.less(session, RIVERSIDE, LENA) == "none"
        assert await letters.less(session, RIVERSIDE, LENA) == "none"
        await hush(session, 30, now, 20)
    assert await due(tables, now + timedelta(days=30)) == 0
    last = labels(await read(tables, now))
    assert "Letters again" in last
    assert "Letters by DM" not in last


async def test_by_dm_the_names_go_out_and_count_when_sent(tables: Database, now: datetime) -> None:
    """The DM carries the letter; if it cannot be sent the neutral line takes its place."""
    async with tables.writing() as session:
        await letters.by_dm(session, RIVERSIDE, LENA, wanted=True)
    await due(tables, now)
    (dm,) = await owed(tables)
    message, fallback = unpacked(dm.content)
    assert (dm.place, dm.user_id) == ("dm", LENA)
    assert f"<@{MARA}>" in text(message)
    assert "No more DMs" in labels(message)
    assert fallback is not None
    assert text(fallback) == f"<@{LENA}>, your letter is ready."
    assert await told(tables) == 0
    async with tables.writing() as session:
        await sending.sent(session, dm.id, Delivered(1, 2), now)
    assert await told(tables) == 2


@pytest.mark.parametrize("wish", ["opt out", "forget"])
async def test_a_letter_on_its_way_forgets_with_everybody(
    tables: Database, now: datetime, wish: str
) -> None:
    """A name that Hearth may not tell any more is not told by DM either; the rest is to be read."""
    await change(tables, update(Facilitator).values(letters_by_dm=True))
    await due(tables, now)
    async with tables.writing() as session:
        if wish == "forget":
            await privacy.forget(session, JO, [SERVER], now)
        else:
            await privacy.opt_out(session, JO, [SERVER], now)
        (row,) = await session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "letter"))
        letter = unpacked(row.content)[0]
        assert text(letter) == say("letters.ready", user=LENA)
        assert labels(letter) == ["Open"]
        await sending.sent(session, row.id, Delivered(1, 2), now)
    assert await told(tables) == 0  # nobody was named yet
    opened = text(await read(tables, now))
    assert f"<@{JO}>" not in opened
    assert f"<@{MARA}>, quiet for" in opened


async def test_without_a_room_the_letter_waits_at_the_desk(tables: Database, now: datetime) -> None:
    """Nothing is posted anywhere else."""
    await change(tables, update(Server).values(facilitators_room_id=None))
    assert await due(tables, now) == 1
    assert await owed(tables) == []
    assert f"<@{MARA}>" in text(await read(tables, now))


async def test_who_looks_after_the_group_is_on_nobodys_list(
    tables: Database, now: datetime
) -> None:
    """Neither on their own nor on a colleague's: that is asked of themselves first."""
    await change(tables, delete(QuietEpisode))
    await second(tables, now, OMAR)
    async with tables.writing() as session:
        await hush(session, LENA, now, 30)
    await due(tables, now)
    for who in (LENA, OMAR):
        assert not any("number" in line.params for line in (await read(tables, now, who)).lines)
    async with tables.reading() as session:
        assert list(await session.scalars(select(LetterName))) == []


@pytest.mark.parametrize("state", ["gone", "held"])
async def test_who_is_not_there_any_more_is_not_written_to(
    tables: Database, now: datetime, state: str
) -> None:
    """Whoever left the server after the last look, or was taken out, is in no letter."""
    gone = update(Membership).where(Membership.user_id == JO).values(state=state)
    await due(tables, now)
    await change(tables, gone)
    opened = await read(tables, now)
    assert f"<@{JO}>" not in text(opened)
    assert f"<@{MARA}>, quiet for" in text(opened)
    async with tables.reading() as session:
        counted = select(QuietEpisode.user_id).where(QuietEpisode.told_at.is_not(None))
        assert list(await session.scalars(counted)) == [MARA]
    await second(tables, now, OMAR)
    assert await due(tables, now + timedelta(days=1)) == 1
    assert f"<@{JO}>" not in text(await read(tables, now + timedelta(days=1), OMAR))
    await change(tables, delete(Letter), update(QuietEpisode).values(named_at=None))
    await change(tables, delete(QuietEpisode).where(QuietEpisode.user_id == MARA))
    assert await due(tables, now + timedelta(days=9)) == 0


async def test_who_helps_by_now_is_not_reached_out_to(tables: Database, now: datetime) -> None:
    """A name whose owner has come to look after the group goes from every letter."""
    await due(tables, now)
    await second(tables, now, JO)
    assert f"<@{JO}>" not in text(await read(tables, now))


async def test_a_name_that_went_to_another_group_with_a_split(
    tables: Database, now: datetime
) -> None:
    """An old button says nothing about them, and shows the letter as it is."""
    await due(tables, now)
    moved = {"group_id": MILLPOND}
    await change(
        tables,
        update(Membership).where(Membership.user_id == JO).values(**moved),
        update(QuietEpisode).where(QuietEpisode.user_id == JO).values(**moved),
    )
    shown = await answer(tables, now, JO, "fine")
    assert f"<@{JO}>" not in text(shown)
    assert f"<@{MARA}>, quiet for" in text(shown)
    async with tables.reading() as session:
        closed = select(QuietEpisode.closed_at).where(QuietEpisode.user_id == JO)
        assert await session.scalar(closed) is None


async def test_what_was_said_shows_in_the_letter(tables: Database, now: datetime) -> None:
    """Answers take their buttons away; a return shows as one."""
    await due(tables, now)
    await change(
        tables,
        update(QuietEpisode)
        .where(QuietEpisode.user_id == JO)
        .values(closed_at=now, closed_by="returned"),
    )
    message = await answer(tables, now, MARA, "reached")
    assert labels(message) == ["No more letters", "Letters by DM"]
    assert f"✓ <@{JO}> is back." in text(message)
    assert "you reached out" in text(message)
    # What is over stays as it was.
    assert f"✓ <@{JO}> is back." in text(await answer(tables, now, JO, "fine"))


async def test_only_its_facilitator_answers_a_letter(tables: Database, now: datetime) -> None:
    """Neither about a name in somebody else's letter, nor about one that is not in it."""
    await due(tables, now)
    async with tables.writing() as session:
        await hush(session, 13, now, 20)
    async with tables.reading() as session:
        letter = await session.scalar(select(Letter.id))
        ids = {e.user_id: e.id for e in await session.scalars(select(QuietEpisode))}
    assert letter is not None
    for who, about in ((OMAR, MARA), (LENA, 13)):
        async with tables.writing() as session:
            with pytest.raises(UserError):
                await letter_answers.say(session, letter, ids[about], who, said="fine", now=now)
    async with tables.writing() as session:
        with pytest.raises(UserError):
            await letters.read_again(session, letter, OMAR, now)


async def test_not_now_brings_the_name_back(tables: Database, now: datetime) -> None:
    """A week later it is new again; who was reached out to is not."""
    await due(tables, now)
    await answer(tables, now + timedelta(days=1), MARA, "later")
    await answer(tables, now + timedelta(days=1), JO, "reached")
    assert await due(tables, now + timedelta(days=7)) == 0
    assert await due(tables, now + timedelta(days=8)) == 1
    message = await read(tables, now + timedelta(days=8))
    assert f"<@{MARA}>, quiet for" in text(message)
    assert f"<@{JO}>" not in text(message)
    assert labels(message)[0] == "I reached out"
    assert await due(tables, now + timedelta(days=20)) == 0


async def test_whoever_moved_is_nobodys_business_here(tables: Database, now: datetime) -> None:
    """A name whose silence ended by moving, leaving or opting out is not shown any more."""
    await due(tables, now)
    await change(tables, update(QuietEpisode).values(closed_at=now, closed_by="moved"))
    assert text(await read(tables, now)).splitlines()[1:] == [say("letters.nobody")]


async def test_a_name_given_up_after_long_is_not_called_fine(
    tables: Database, now: datetime
) -> None:
    """After sixty days a silence is over for the letters; nobody has said that they are fine."""
    await due(tables, now)
    await change(tables, update(QuietEpisode).values(closed_at=now, closed_by="released"))
    assert text(await read(tables, now)).splitlines()[1:] == [say("letters.nobody")]


async def test_a_name_with_markdown_stays_a_name(tables: Database, now: datetime) -> None:
    """A group's name cannot ping or format."""
    await change(tables, update(Group).values(name="@everyone **{x}**"))
    await due(tables, now)
    assert "**{x}**" not in text(await read(tables, now))


async def test_nothing_to_open_says_so(tables: Database, now: datetime) -> None:
    """Before the first letter a facilitator reads that all is well."""
    assert say("letters.nobody") in text(await read(tables, now))
    async with tables.reading() as session:
        assert list(await session.scalars(select(LetterName))) == []


async def test_what_came_of_letters_is_counted_for_the_group(
    tables: Database, now: datetime
) -> None:
    """Each person once when told of and once when it is over; never below five people."""
    await change(tables, update(Group).where(Group.id == RIVERSIDE).values(homes=100))
    async with tables.writing() as session:
        for who in (20, 21, 22):
            await hush(session, who, now, who)
    await due(tables, now)
    await read(tables, now)
    await read(tables, now)
    await answer(tables, now, 20, "reached")
    await answer(tables, now, 21, "fine")
    await answer(tables, now, MARA, "away")
    later = now + timedelta(days=2)
    for who, why in ((20, "returned"), (JO, "returned"), (22, "released")):
        await change(
            tables,
            update(QuietEpisode)
            .where(QuietEpisode.user_id == who)
            .values(closed_at=later, closed_by=why),
        )
    await due(tables, later)
    await due(tables, later)
    async with tables.reading() as session:
        (row,) = (await session.scalars(select(LetterOutcome))).all()
        group = await session.get_one(Group, RIVERSIDE)
        season = await letter_outcomes.season(session, group, later)
        lena = Actor(SERVER, LENA)
        (part,) = await letter_outcomes.on_desk(session, lena, group, later, Settings())
        group.homes = 4
        assert await letter_outcomes.season(session, group, later) is None
        assert await letter_outcomes.on_desk(session, lena, group, later, Settings()) == ()
        long_after = later + timedelta(days=120)
        group.homes = 100
        assert await letter_outcomes.season(session, group, long_after) is None
    assert (row.week, row.kind, row.told, row.reached) == ("2026-03-02", "quiet", 5, 1)
    assert (row.back_after_word, row.back_alone, row.away, row.fine, row.lapsed) == (1, 1, 1, 1, 1)
    assert season == letter_outcomes.Season(now.replace(hour=0), 5, 2, 1)
    (line,) = part.lines
    began = int(now.replace(hour=0).timestamp())
    assert say(line.key, **line.params) == (
        f"Of 5 people whom letters told you of since <t:{began}:D>, 2 are back, 1 of them after a"
        " word from you."
    )
    for days, kept in ((365, 1), (366, 0)):
        async with tables.writing() as session:
            await retention.sweep(session, now + timedelta(days=days), Settings())
            rows = await session.scalars(select(LetterOutcome))
            assert len(rows.all()) == kept


async def test_a_handful_is_not_counted(tables: Database, now: datetime) -> None:
    """In a group of four a count would be a person."""
    await change(tables, update(Group).where(Group.id == RIVERSIDE).values(homes=4))
    await due(tables, now)
    await read(tables, now)
    async with tables.reading() as session:
        assert list(await session.scalars(select(LetterOutcome))) == []
