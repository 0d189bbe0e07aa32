"""Rights as the services check them: whatever a button's id says."""

from datetime import datetime

import pytest

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import departures, rights
from models import Group, GroupType, Membership, Server
from tests.services.conftest import KIM, LENA, RIVERSIDE, SERVER, Town

ELSEWHERE = 9_100  # another server of the same installation


def person(
    server_id: int, user_id: int, *, manages: bool = False, moderates: bool = False
) -> Actor:
    """Return somebody who presses a button."""
    return Actor(server_id, user_id, frozenset(), manages, moderates)


async def refused(database: Database, who: Actor, group_id: int = RIVERSIDE) -> str | None:
    """Return why someone may not look after a group, None if they may."""
    async with database.reading() as session:
        try:
            await rights.require_facilitator(session, who, group_id)
        except UserError as error:
            return error.key
    return None


@pytest.mark.parametrize(
    ("who", "why"),
    [
        pytest.param(person(SERVER, LENA), None, id="who looks after it"),
        pytest.param(person(SERVER, 99, manages=True), None, id="an owner of its server"),
        pytest.param(person(SERVER, KIM), "errors.facilitators_only", id="who lives there"),
        pytest.param(
            person(SERVER, KIM, moderates=True), "errors.facilitators_only", id="a moderator"
        ),
        pytest.param(
            person(ELSEWHERE, 99, manages=True),
            "errors.facilitators_only_there",
            id="an owner of another server",
        ),
        pytest.param(
            person(ELSEWHERE, LENA),
            "errors.facilitators_only_there",
            id="who looks after it, pressing elsewhere",
        ),
    ],
)
async def test_a_groups_id_opens_nothing_by_itself(
    database: Database, town: Town, now: datetime, who: Actor, why: str | None
) -> None:
    """Only its facilitators and its own server's owners act for a group, wherever they press."""
    async with database.writing() as session:
        await town(session)
        session.add(Server(id=ELSEWHERE, added_at=now, zone="UTC"))
    assert await refused(database, who) == why


async def test_nobody_learns_the_name_of_an_unlisted_group(database: Database, town: Town) -> None:
    """Whom an unlisted group does not concern is not told that it exists."""
    async with database.writing() as session:
        await town(session)
        (await session.get_one(GroupType, 1)).listed = False
    assert await refused(database, person(SERVER, 99)) == "errors.facilitators_only_there"
    assert await refused(database, person(SERVER, 99), 12345) == "errors.facilitators_only_there"
    assert await refused(database, person(SERVER, KIM)) == "errors.facilitators_only"


async def test_a_paused_server_decides_nothing(
    database: Database, town: Town, now: datetime
) -> None:
    """While Hearth is paused, desk and moderators' buttons say so, and change no row."""
    async with database.writing() as session:
        await town(session)
        (await session.get_one(Server, SERVER)).paused_at = now
        (await session.get_one(Membership, (SERVER, KIM))).state = "held"
    guard = person(SERVER, 99, moderates=True)
    assert await refused(database, person(SERVER, LENA)) == "errors.paused"
    async with database.writing() as session:
        with pytest.raises(UserError) as back:
            await departures.put_back(session, guard, KIM, now=now)
        with pytest.raises(UserError) as out:
            await departures.leave_out(session, guard, KIM, now=now)
    assert (back.value.key, out.value.key) == ("errors.paused", "errors.paused")
    async with database.reading() as session:
        assert (await session.get_one(Membership, (SERVER, KIM))).state == "held"
        assert (await session.get_one(Group, RIVERSIDE)).homes == 4
