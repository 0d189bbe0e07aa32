"""Adopted groups in the tables: rest until they have split, and what is kept about them."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.adopting import Found
from bot.services import adopting, desired, giving_back, retention
from bot.settings import Settings
from models import Adoption, Group, GroupType, Member, Membership, Server, Visit
from tests.services.conftest import JO, MARA, RIVERSIDE, SERVER, Town

OWNER = Actor(SERVER, 1, manages_server=True)
KEY, ROOM = 70_001, 70_002


@pytest.fixture
async def session(database: Database, town: Town) -> AsyncGenerator[AsyncSession]:
    """The town, in one transaction."""
    async with database.writing() as opened:
        await town(opened)
        yield opened


def found(*people: int, role_id: int | None = KEY, **values: object) -> Found:
    """Return a role that these people have, and its room."""
    plain: dict[str, object] = {
        "role_name": "Runners",
        "colour": 7,
        "room_id": ROOM,
        "room_name": "runners",
        "topic": "We run around the lake.",
        "entries": (),
        "bot_id": 5,
    }
    return Found(role_id=role_id, people=frozenset(people), **{**plain, **values})  # type: ignore[arg-type] - fields by name, as a test gives them


async def test_who_lives_elsewhere_is_a_guest_with_a_role(
    session: AsyncSession, now: datetime
) -> None:
    """Counted seats hold, nobody is counted or loses anything, and the first move is free."""
    done = await adopting.adopt(session, OWNER, found(MARA, 901, 902), 1, now=now)
    group = await session.get_one(Group, done.group_id)
    assert (group.homes, group.visitors, group.state) == (2, 0, "open")
    assert (group.purpose, group.colour) == ("We run around the lake.", 7)
    assert (group.role_id, group.room_id, group.opened_at) == (KEY, ROOM, now)
    home = await session.get_one(Membership, (SERVER, MARA))
    assert home.group_id == RIVERSIDE
    for user in (901, 902):
        member = await session.get_one(Member, (SERVER, user), populate_existing=True)
        assert (member.counted_since, member.free_move) == (None, True)
    wanted = await desired.load(session, SERVER, now=now)
    assert wanted is not None
    assert wanted.guests == {MARA: frozenset({done.group_id})}
    assert wanted.groups[done.group_id].visitors == frozenset()
    assert wanted.groups[done.group_id].role_look == wanted.groups[done.group_id].role_written
    one = await desired.load(session, SERVER, now=now, users={MARA})
    assert one is not None
    assert one.guests == wanted.guests


async def test_a_group_that_was_too_full_goes_on_when_it_has_split(
    session: AsyncSession, now: datetime
) -> None:
    """It rests as long as more people live there than there are seats."""
    await session.execute(update(GroupType).values(cap=10))
    done = await adopting.adopt(session, OWNER, found(*range(900, 912)), 1, now=now)
    group = await session.get_one(Group, done.group_id)
    assert done.rests
    assert (group.state, group.homes, group.cap) == ("resting", 12, 10)
    assert await adopting.step_due(session, now) == 0
    group.homes = 6
    await session.flush()
    assert await adopting.step_due(session, now) == 1
    assert group.state == "open"
    assert await adopting.step_due(session, now) == 0


async def test_given_back_in_the_tables(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """The group and all that hung on it go; a month after the room was given back, that too."""
    done = await adopting.adopt(session, OWNER, found(MARA, 901), 1, now=now)
    adoption = await session.scalar(select(Adoption.id))
    assert adoption is not None
    assert await giving_back.owed(session, SERVER) == []
    await giving_back.undo(session, OWNER, adoption, now=now)
    assert await session.get(Group, done.group_id) is None
    assert await session.get(Membership, (SERVER, 901)) is None
    assert await session.scalar(select(func.count()).select_from(Visit)) == 0
    (owed,) = await giving_back.owed(session, SERVER)
    assert (owed.role_id, owed.room_id, owed.roles) == (KEY, ROOM, {SERVER, KEY})
    with pytest.raises(UserError, match="undone_already"):
        await giving_back.undo(session, OWNER, adoption, now=now)
    await giving_back.given_back(session, adoption, now)
    assert await giving_back.owed(session, SERVER) == []
    await retention.sweep(session, now + timedelta(days=29), settings)
    assert await session.scalar(select(func.count()).select_from(Adoption)) == 1
    await retention.sweep(session, now + timedelta(days=31), settings)
    assert await session.scalar(select(func.count()).select_from(Adoption)) == 0


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"whole": False}, "adopt.not_seen"),
        ({"managed": True}, "adopt.managed"),
        ({"too_high": True}, "adopt.too_high"),
        ({"hidden": True}, "adopt.hidden"),
        ({"people": frozenset[int]()}, "adopt.nobody"),
        ({"role_id": None}, "adopt.role_needed"),
        ({"role_name": "Riverside"}, "groups.name_taken"),
        ({"role_name": "!!!"}, "groups.name_too_short"),
        ({"role_id": SERVER}, "adopt.role_of_setup"),
    ],
)
async def test_what_stands_in_the_way(
    session: AsyncSession, now: datetime, change: dict[str, object], key: str
) -> None:
    """The dry run and the deed refuse alike, and nothing is written."""
    values = {"people": frozenset((JO,)), "role_id": KEY, **change}
    people = values.pop("people")
    assert isinstance(people, frozenset)
    role_id = values.pop("role_id")
    seen = found(*people, role_id=role_id, **values)  # type: ignore[arg-type] - fields by name, as a test gives them
    with pytest.raises(UserError) as error:
        await adopting.preview(session, OWNER, seen, 1)
    assert error.value.key == key
    with pytest.raises(UserError) as error:
        await adopting.adopt(session, OWNER, seen, 1, now=now)
    assert error.value.key == key
    assert await session.scalar(select(func.count()).select_from(Adoption)) == 0


async def test_too_many_for_a_room_that_is_opened_person_by_person(session: AsyncSession) -> None:
    """One call of Discord's could not put it right any more."""
    session.add(
        GroupType(
            id=2,
            server_id=SERVER,
            name="Circle",
            name_key="circle",
            kind="own",
            access="overwrites",
            cap=60,
        )
    )
    await session.flush()
    seen = found(*range(900, 999), role_id=None)
    with pytest.raises(UserError, match="too_many_entries"):
        await adopting.preview(session, OWNER, seen, 2)
    with pytest.raises(UserError, match="no_role"):
        await adopting.preview(session, OWNER, found(900), 2)


async def test_only_owners_adopt(session: AsyncSession, now: datetime) -> None:
    """Nor does anybody take it back."""
    somebody = Actor(SERVER, 9)
    with pytest.raises(UserError, match="owners_only"):
        await adopting.preview(session, somebody, found(901), 1)
    await adopting.adopt(session, OWNER, found(901), 1, now=now)
    with pytest.raises(UserError, match="owners_only"):
        await giving_back.undo(session, somebody, 1, now=now)
    server = await session.get_one(Server, SERVER)
    server.paused_at = now
    await session.flush()
    with pytest.raises(UserError, match="paused"):
        await adopting.preview(session, OWNER, found(902, room_id=3, role_name="Other"), 1)
