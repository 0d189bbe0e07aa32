"""A bulk start: all of the lines or none, and the way back is the same file."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules import importing as rules
from bot.rules.actor import Actor
from bot.services import exporting, importing, installation, servers
from bot.services.importing import Done
from bot.texts import catalogue
from models import (
    Apart,
    Bar,
    Group,
    GroupType,
    Member,
    Membership,
    OutboxMessage,
    Removal,
    Server,
    Visit,
    Waiting,
)
from tests.services.conftest import MARA, MILLPOND, RIVERSIDE, SERVER, Town

KIM, LOU, MO = 111111111111111111, 222222222222222222, 333333333333333333
GROUPS = """name,type,emoji,purpose,norms
Runners,Place,👟,We run around the lake.,"Be kind
Be slow"
"Books, old",place,,We read what nobody reads.,
"""


@pytest.fixture
async def session(database: Database, town: Town) -> AsyncGenerator[AsyncSession]:
    """The town, in one transaction."""
    async with database.writing() as opened:
        await town(opened)
        yield opened


async def take(
    session: AsyncSession, now: datetime, *texts: str, only_look: bool = False
) -> tuple[Done, list[str]]:
    """Take files in; return what was done and each problem as it is told."""
    sheets: list[rules.Sheet] = []
    for number, text in enumerate(texts):
        sheet, problems = rules.read(f"{number}.csv", text.encode())
        assert sheet is not None
        assert problems == []
        sheets.append(sheet)
    done, wrong = await importing.bring_in(session, SERVER, sheets, now=now, only_look=only_look)
    say = catalogue()
    return done, [f"{one.file}:{one.line}: {say(one.key, **one.params)}" for one in wrong]


async def count(session: AsyncSession, table: type[Group | Membership]) -> int:
    """Return how many rows a table has."""
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_groups_and_homes_are_written(session: AsyncSession, now: datetime) -> None:
    """Counted seats hold, nobody is counted, first moves are free, and the rooms are told."""
    session.add(Waiting(server_id=SERVER, user_id=LOU, group_id=RIVERSIDE, since=now))
    members = f"user_id,group,since\n{KIM},Runners,2026-01-05\n{LOU},riverside,\n"
    done, wrong = await take(session, now, GROUPS, members)
    assert wrong == []
    assert (done.made, done.changed, done.homes) == (2, 0, 2)
    runners = (await session.scalars(select(Group).where(Group.name == "Runners"))).one()
    await session.refresh(runners)
    riverside = await session.get_one(Group, RIVERSIDE, populate_existing=True)
    assert (runners.homes, riverside.homes, runners.state) == (1, 5, "open")
    assert runners.norms == "Be kind\nBe slow"
    home = await session.get_one(Membership, (SERVER, KIM))
    assert (home.group_id, home.since.isoformat()) == (runners.id, "2026-01-05T00:00:00+00:00")
    kim = await session.get_one(Member, (SERVER, KIM))
    assert (kim.counted_since, kim.free_move) == (None, True)
    assert await session.get(Waiting, (SERVER, LOU)) is None
    told = set(
        await session.scalars(
            select(OutboxMessage.group_id).where(OutboxMessage.kind == "imported")
        )
    )
    assert told == {runners.id, RIVERSIDE}
    assert await installation.changed_beside(session) == [SERVER]
    assert await installation.changed_beside(session) == []


async def test_nothing_is_written_until_every_line_is_right(
    session: AsyncSession, now: datetime
) -> None:
    """Every problem is told at once, with its file and line."""
    session.add(Bar(server_id=SERVER, user_id=KIM, group_id=RIVERSIDE, by_user_id=1, at=now))
    session.add(Apart(server_id=SERVER, low_id=LOU, high_id=MO, by_user_id=1, at=now))
    await session.flush()
    groups, homes = await count(session, Group), await count(session, Membership)
    members = (
        "user_id,group\n"
        f"{KIM},Riverside\n"
        f"{LOU},Runners\n"
        f"{MO},Runners\n"
        f"{99999999999999999},Riversid\n"
        f"{88888888888888888},Zzz\n"
    )
    done, wrong = await take(session, now, GROUPS + "Cooks,Kitchen,,We cook together.,\n", members)
    assert wrong == [
        "0.csv:5: There is no type “Kitchen”; there are: Place.",
        f"1.csv:2: {KIM} is barred from “Riverside”.",
        f"1.csv:4: {MO} must not share a room with somebody who would live in “Runners”, too.",
        "1.csv:5: There is no group “Riversid”. Did you mean: Riverside?",
        "1.csv:6: There is no group “Zzz”, here or in a file beside this one.",
    ]
    assert done.made == 2
    assert (await count(session, Group), await count(session, Membership)) == (groups, homes)
    assert await installation.changed_beside(session) == []


async def test_only_looking_writes_nothing(session: AsyncSession, now: datetime) -> None:
    """It says what would be done."""
    before = await count(session, Group)
    done, wrong = await take(session, now, GROUPS, only_look=True)
    assert (done.made, wrong) == (2, [])
    assert await count(session, Group) == before


async def test_who_lives_elsewhere_stays_there(session: AsyncSession, now: datetime) -> None:
    """A file moves nobody; and who is on a visit to a kept-apart person's group is found."""
    session.add(Membership(server_id=SERVER, user_id=KIM, group_id=MILLPOND, since=now))
    session.add(Apart(server_id=SERVER, low_id=LOU, high_id=MO, by_user_id=1, at=now))
    session.add(
        Visit(
            server_id=SERVER,
            user_id=LOU,
            group_id=MILLPOND,
            started_at=now,
            ends_at=now + timedelta(days=3),
        )
    )
    await session.flush()
    _, wrong = await take(session, now, f"user_id,group\n{KIM},Riverside\n{MO},Millpond\n")
    assert wrong == [
        f"0.csv:2: {KIM} lives in “Millpond” already; people move by themselves.",
        f"0.csv:3: {MO} must not share a room with somebody who would live in “Millpond”, too.",
    ]


async def test_rooms_that_are_opened_person_by_person_hold_only_so_many(
    session: AsyncSession, now: datetime
) -> None:
    """A cap may be passed by an owner's act, Discord's limit may not."""
    type_ = await session.get_one(GroupType, 1)
    type_.access, type_.cap, type_.most_visitors = "overwrites", 60, 10
    for group in await session.scalars(select(Group)):
        group.cap = 60
    await session.flush()
    many = "".join(f"{KIM + number},Millpond\n" for number in range(70))
    done, wrong = await take(session, now, "user_id,group\n" + many)
    assert (done.homes, wrong) == (70, [])
    assert (await session.get_one(Group, MILLPOND, populate_existing=True)).homes == 71
    more = "".join(f"{LOU + number},Millpond\n" for number in range(40))
    _, wrong = await take(session, now, "user_id,group\n" + more)
    (problem,) = wrong
    assert problem.startswith("0.csv:41: “Millpond” opens its room person by person and holds 98")
    assert "this would make 111" in problem


async def test_a_group_that_is_there_gets_the_charter_of_the_file(
    session: AsyncSession, now: datetime
) -> None:
    """By its name; columns that the file lacks stay; the same again changes nothing."""
    group = await session.get_one(Group, RIVERSIDE)
    group.norms = "Be kind"
    await session.flush()
    text = "name,type,purpose\nRiverside,Place,We live by the river.\n"
    done, wrong = await take(session, now, text)
    assert (done.changed, wrong) == (1, [])
    await session.refresh(group)
    assert (group.purpose, group.norms) == ("We live by the river.", "Be kind")
    done, wrong = await take(session, now, text)
    assert (done.changed, done.as_they_were, wrong) == (0, 1, [])
    session.add(GroupType(id=2, server_id=SERVER, name="Other", name_key="other", kind="own"))
    await session.flush()
    _, wrong = await take(session, now, text.replace("Place", "Other"))
    assert "a group keeps its type" in wrong[0]


async def test_an_export_is_an_import(session: AsyncSession, now: datetime) -> None:
    """Taken in on an empty server of the same types, it comes out as it went in."""
    await take(session, now, GROUPS, f'user_id,group\n{KIM},Runners\n{LOU},"Books, old"\n')
    for group in await session.scalars(select(Group)):
        group.purpose = group.purpose or "A place to be in the evening."
        group.zone, group.language, group.city = "Europe/Berlin", "de", "Berlin; Mitte"
        group.for_whom = 'Whoever says "hello"\nand stays'
    session.add(Member(server_id=SERVER, user_id=5))
    home = await session.get_one(Membership, (SERVER, MARA))
    home.state = "kept"
    # Short ids of the town's people are none of Discord's.
    for row in (await session.scalars(select(Membership))).all():
        if row.user_id < 10**16:
            await session.delete(row)
    await session.flush()
    groups = await exporting.sheet(session, SERVER, "groups")
    members = await exporting.sheet(session, SERVER, "members")
    assert groups.count("Europe/Berlin") == 4
    other = SERVER + 1
    session.add(Server(id=other, added_at=now, commons_id=1))
    await session.flush()
    session.add(GroupType(id=9, server_id=other, name="Place", name_key="place", kind="own"))
    await session.flush()
    sheets = [rules.read(f"{n}.csv", text.encode())[0] for n, text in enumerate((groups, members))]
    done, wrong = await importing.bring_in(
        session, other, [sheet for sheet in sheets if sheet is not None], now=now
    )
    assert wrong == []
    assert (done.made, done.homes) == (4, 2)
    assert await exporting.sheet(session, other, "groups") == groups
    assert await exporting.sheet(session, other, "members") == members
    again, wrong = await importing.bring_in(
        session, other, [sheet for sheet in sheets if sheet is not None], now=now
    )
    assert (again.made, again.changed, again.homes, again.as_they_were) == (0, 0, 0, 6)


async def test_more_groups_with_roles_than_discord_takes(
    session: AsyncSession, now: datetime
) -> None:
    """Said before anything is made."""
    lines = "".join(f"Group {number},Place,We meet on day {number}.\n" for number in range(240))
    _, wrong = await take(session, now, "name,type,purpose\n" + lines)
    (problem,) = wrong
    assert "242 groups with a role of their own; Discord's limit leaves room for 238" in problem


async def test_servers_that_are_set_up(session: AsyncSession, now: datetime) -> None:
    """Paused ones too; not those that removed Hearth."""
    await servers.pause(session, Actor(SERVER, 1, manages_server=True), now=now)
    session.add(Server(id=1, added_at=now, removed_at=now))
    await session.flush()
    assert await servers.all_ids(session) == [SERVER]


async def test_who_was_removed_not_long_ago_is_not_brought_back(
    session: AsyncSession, now: datetime
) -> None:
    """The door that moderators shut for a while is shut for a file, too."""
    session.add(
        Removal(
            server_id=SERVER,
            user_id=LOU,
            group_id=RIVERSIDE,
            by_user_id=1,
            kind="removed",
            at=now,
            shut_until=now + timedelta(days=30),
            shut=True,
        )
    )
    await session.flush()
    _done, wrong = await take(session, now, GROUPS, f"user_id,group\n{LOU},Riverside\n")
    assert wrong == [f"1.csv:2: {LOU} is barred from “Riverside”."]
