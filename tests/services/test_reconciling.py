"""What the reconciler reads and writes in the tables."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.database import Database
from bot.errors import UserError
from bot.rules.access import MANAGE_ROLES, VIEW
from bot.rules.capacity import Use
from bot.rules.planning import Home
from bot.rules.scope import GroupScope
from bot.services import byhand, checks, creations, desired, effects
from bot.services.outbox import OWED
from bot.texts import catalogue
from models import (
    Creation,
    Door,
    Group,
    GroupType,
    Membership,
    OutboxMessage,
    RoomCategory,
    Server,
    SetupRole,
    Visit,
)
from tests.services.conftest import (
    JO,
    KIM,
    MARA,
    MILLPOND,
    OMAR,
    RIVERSIDE,
    RIVERSIDE_ROOM,
    SERVER,
    VERA,
    Town,
)

RIVERSIDE_ROLE, MILLPOND_ROLE = 601, 602
EVERYTHING = (1 << 53) - 1
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
async def tables(database: Database, town: Town, now: datetime) -> Database:
    """The town with roles, a visitor, an ended visit, a door and a restricted role."""
    async with database.writing() as session:
        await town(session)
        for group_id, role_id in ((RIVERSIDE, RIVERSIDE_ROLE), (MILLPOND, MILLPOND_ROLE)):
            group = await session.get_one(Group, group_id)
            group.role_id, group.emoji = role_id, "🌊"
        for user_id, ended_at in ((VERA, None), (OMAR, now - timedelta(days=2))):
            session.add(
                Visit(
                    server_id=SERVER,
                    group_id=RIVERSIDE,
                    user_id=user_id,
                    started_at=now - timedelta(days=5),
                    ends_at=now + timedelta(days=9),
                    ended_at=ended_at,
                )
            )
        session.add(
            Door(
                server_id=SERVER,
                group_id=RIVERSIDE,
                for_group_id=MILLPOND,
                closes_at=now + timedelta(days=1),
            )
        )
        session.add(
            Door(
                server_id=SERVER,
                group_id=MILLPOND,
                for_group_id=RIVERSIDE,
                closes_at=now - timedelta(days=1),
            )
        )
        session.add(SetupRole(server_id=SERVER, role_id=701, part="safety"))
        session.add(SetupRole(server_id=SERVER, role_id=702, part="restricted"))
        (await session.get_one(Membership, (SERVER, JO))).state = "kept"
    return database


async def test_everything_is_read(tables: Database, now: datetime) -> None:
    """Who lives, visits and visited where, which doors are open, which roles mean what."""
    async with tables.reading() as session:
        wanted = await desired.load(session, SERVER, now=now)
    assert wanted is not None
    riverside, millpond = wanted.groups[RIVERSIDE], wanted.groups[MILLPOND]
    assert (riverside.name, riverside.room_name) == ("🌊 Riverside", "🌊-riverside")
    assert MARA in riverside.residents
    assert JO not in riverside.residents
    assert riverside.visitors == {VERA}
    assert riverside.former == {OMAR, JO}
    assert riverside.doors == {MILLPOND}
    assert millpond.doors == frozenset()
    assert wanted.homes[OMAR].group_id == MILLPOND
    assert (wanted.safety_roles, wanted.restricted_roles) == ({701}, {702})
    assert wanted.complete == {RIVERSIDE, MILLPOND}
    assert wanted.group_roles == {RIVERSIDE_ROLE, MILLPOND_ROLE}


async def test_a_part_is_read_as_in_the_whole(tables: Database, now: datetime) -> None:
    """What is complete in a part is the same as in everything; the rest is left out."""
    async with tables.reading() as session:
        whole = await desired.load(session, SERVER, now=now)
        visitor = await desired.load(session, SERVER, now=now, users={VERA})
        member = await desired.load(session, SERVER, now=now, users={MARA})
        group = await desired.load(session, SERVER, now=now, groups={MILLPOND})
    assert whole is not None
    assert visitor is not None
    assert member is not None
    assert group is not None
    assert visitor.complete == {RIVERSIDE}
    assert visitor.groups[RIVERSIDE] == whole.groups[RIVERSIDE]
    assert member.complete == frozenset()
    assert member.homes[MARA] == whole.homes[MARA]
    assert group.complete == {MILLPOND}
    assert group.groups[MILLPOND] == whole.groups[MILLPOND]


async def test_a_home_without_a_role_is_read_in_whole(tables: Database, now: datetime) -> None:
    """A member of a group that lives by overwrites concerns its room."""
    async with tables.writing() as session:
        kind = await session.get_one(GroupType, 1)
        kind.access, kind.cap = "overwrites", 80
    async with tables.reading() as session:
        wanted = await desired.load(session, SERVER, now=now, users={MARA})
    assert wanted is not None
    assert wanted.complete == {RIVERSIDE}
    assert not wanted.groups[RIVERSIDE].by_role


@pytest.mark.parametrize("column", ["paused_at", "removed_at"])
async def test_nothing_is_wanted_of_a_paused_or_left_server(
    tables: Database, now: datetime, column: str
) -> None:
    """While Hearth is paused or gone it changes nothing."""
    async with tables.writing() as session:
        setattr(await session.get_one(Server, SERVER), column, now)
    async with tables.reading() as session:
        assert await desired.load(session, SERVER, now=now) is None
        assert await desired.load(session, 1, now=now) is None


def test_a_servers_own_emoji_cannot_stand_in_a_role_name() -> None:
    """A custom emoji would show as its code."""
    assert desired.role_name("<:wave:123456789012345678>", "Riverside") == "Riverside"
    assert len(desired.role_name("🌊", "x" * 120)) == 100


async def test_a_creation_is_begun_once(tables: Database, now: datetime) -> None:
    """The second beginning is the first one's, and says that it may have been made."""
    async with tables.writing() as session:
        first = await creations.begin(session, SERVER, "role", RIVERSIDE, now=now)
    async with tables.writing() as session:
        again = await creations.begin(session, SERVER, "role", RIVERSIDE, now=now)
        other = await creations.begin(session, SERVER, "room", RIVERSIDE, now=now)
    assert (first.before, again.before, other.before) == (False, True, False)
    assert first.id == again.id != other.id


async def test_a_finished_creation_is_stored(tables: Database, now: datetime) -> None:
    """The id goes to group or pool, and the group and rooms with a door for it are looked at."""
    noted: list[set[object]] = []
    tables.after_commit = noted.append
    async with tables.writing() as session:
        role = await creations.begin(session, SERVER, "role", RIVERSIDE, now=now)
        room = await creations.begin(session, SERVER, "room", RIVERSIDE, now=now)
        category = await creations.begin(session, SERVER, "category", 0, now=now)
        await creations.finish(session, role.id, 801, "0000ff Riverside")
        await creations.finish(session, room.id, 802, "riverside")
        await creations.finish(session, category.id, 803, "Hearth 1")
        await creations.finish(session, "unknown", 804, "nothing")
    async with tables.reading() as session:
        group = await session.get_one(Group, RIVERSIDE)
        assert (group.role_id, group.room_id) == (801, 802)
        assert (group.role_written, group.room_written) == ("0000ff Riverside", "riverside")
        assert await creations.categories(session, SERVER) == {803}
        assert list(await session.scalars(select(Creation))) == []
    assert noted == [{GroupScope(SERVER, RIVERSIDE), GroupScope(SERVER, MILLPOND), OWED}]


async def test_a_refused_creation_is_forgotten(tables: Database, now: datetime) -> None:
    """What Discord refused was not made, so the next try is a fresh one."""
    async with tables.writing() as session:
        begun = await creations.begin(session, SERVER, "role", RIVERSIDE, now=now)
        await creations.give_up(session, begun.id)
        again = await creations.begin(session, SERVER, "role", RIVERSIDE, now=now)
    assert not again.before
    assert again.id != begun.id


async def test_a_category_that_is_gone_leaves_the_pool(tables: Database) -> None:
    """No further room is put into it."""
    async with tables.writing() as session:
        session.add(RoomCategory(id=803, server_id=SERVER))
        await session.flush()
        assert await creations.category_gone(session, 803)
        assert not await creations.category_gone(session, 803)
        assert await creations.categories(session, SERVER) == frozenset()


async def test_what_was_refused_is_kept_until_it_works(tables: Database, now: datetime) -> None:
    """One row per subject and action, with the newest reason; gone after a success."""
    later = now + timedelta(hours=1)
    async with tables.writing() as session:
        assert await effects.failed(
            session, SERVER, "member:1", "roles", code=50013, why="no", now=now
        )
        assert not await effects.failed(
            session, SERVER, "member:1", "roles", code=50013, why="x" * 900, now=later
        )
        await effects.failed(session, SERVER, "group:1", "room", code=None, why="no", now=now)
        known = await effects.unsettled(session, SERVER)
        assert [(one.subject, one.at) for one in known] == [("member:1", later), ("group:1", now)]
        await effects.succeeded(session, SERVER, "member:1")
        assert [one.subject for one in await effects.unsettled(session, SERVER)] == ["group:1"]


async def test_a_taken_home_is_held(tables: Database, now: datetime) -> None:
    """Taking the home's role holds it; taking another group's role means nothing."""
    async with tables.writing() as session:
        other = await byhand.roles_changed(
            session, SERVER, MARA, given=(), taken={MILLPOND_ROLE}, now=now
        )
        held = await byhand.roles_changed(
            session, SERVER, MARA, given=(), taken={RIVERSIDE_ROLE}, now=now
        )
        home = await session.get_one(Membership, (SERVER, MARA))
    assert not other.held
    assert held.held
    assert home.state == "held"


async def test_a_held_home_given_back_is_home_again(tables: Database, now: datetime) -> None:
    """Giving the role of a held home is the moderators' answer."""
    async with tables.writing() as session:
        home = await session.get_one(Membership, (SERVER, MARA))
        home.state = "held"
        verdict = await byhand.roles_changed(
            session, SERVER, MARA, given={RIVERSIDE_ROLE}, taken=(), now=now
        )
    assert verdict.back
    assert not verdict.extra
    assert home.state == "here"


@pytest.mark.parametrize(("user", "extra"), [(VERA, True), (OMAR, True), (JO, True), (KIM, False)])
async def test_a_role_without_the_home_is_extra(
    tables: Database, now: datetime, user: int, *, extra: bool
) -> None:
    """Visitors, people of other groups and people who left do not get in by a hand-given role."""
    async with tables.writing() as session:
        verdict = await byhand.roles_changed(
            session, SERVER, user, given={RIVERSIDE_ROLE, 999}, taken=(), now=now
        )
        owed = list(await session.scalars(select(OutboxMessage.key)))
    assert verdict.extra == ({RIVERSIDE_ROLE} if extra else frozenset())
    assert bool(owed) == extra


async def test_a_paused_server_judges_nothing(tables: Database, now: datetime) -> None:
    """While Hearth is paused, what people change is theirs."""
    async with tables.writing() as session:
        (await session.get_one(Server, SERVER)).paused_at = now
        verdict = await byhand.roles_changed(
            session, SERVER, MARA, given={MILLPOND_ROLE}, taken={RIVERSIDE_ROLE}, now=now
        )
    assert verdict == byhand.Verdict()


def use(**changes: object) -> Use:
    """Return a server with plenty of room and a bot that may do everything."""
    plain: dict[str, object] = {
        "roles": 10,
        "channels": 10,
        "categories": 1,
        "permissions": EVERYTHING,
        "rooms": frozenset({500, RIVERSIDE_ROOM, 502}),
    }
    return Use(**{**plain, **changes})  # type: ignore[arg-type] - fields by name, as a test gives them


async def keys(tables: Database, seen: Use) -> list[str]:
    """Return the texts of what is found, all of which must render."""
    async with tables.reading() as session:
        found = await checks.findings(session, SERVER, seen, now=NOW)
    for line in checks.message(found).lines:
        assert catalogue()(line.key, **line.params)
    return [one.key.removeprefix("checks.") for one in found]


async def test_what_is_wrong_is_named(tables: Database, now: datetime) -> None:
    """Each missing permission, lost room, low role, full limit and refused effect is a finding."""
    async with tables.writing() as session:
        server = await session.get_one(Server, SERVER)
        server.moderators_room_id, server.owners_room_id = 555, RIVERSIDE_ROOM
        await effects.failed(session, SERVER, f"member:{KIM}", "roles", code=1, why="no", now=now)
        await effects.failed(session, SERVER, f"group:{RIVERSIDE}", "room", code=1, why="", now=now)
        await effects.failed(session, SERVER, "server", "removals", code=None, why="x", now=now)
    found = await keys(
        tables,
        use(
            roles=200,
            own_role=77,
            channels=480,
            permissions=EVERYTHING & ~(MANAGE_ROLES | VIEW | 1 << 3),
            roles_above=(RIVERSIDE_ROLE,),
            hidden_rooms=frozenset({RIVERSIDE_ROOM}),
            overwrites={502: 85},
        ),
    )
    assert found == [
        "missing_view",
        "missing_manage_roles",
        "switch_on",
        "gone_moderators_room",
        "hidden_setup_room",
        "too_low",
        "hidden_room",
        "failed_removals",
        "failed_group",
        "failed_member",
        "mend_other",
        "stop_channels",
        "no_facilitators_room",
        "overwrites",
        "limit_roles",
        "groups_alone",
        "charters_lack",
        "fits_unsaid",
        "fits_none",
    ]


async def test_a_healthy_server_only_says_how_much_fits(tables: Database) -> None:
    """Nothing is wrong; what could be added is said, and how many groups still fit."""
    async with tables.reading() as session:
        found = await checks.findings(session, SERVER, use(), now=NOW)
    assert checks.message(found).lines[0].key == "checks.soon"
    assert checks.message(found[-1:]).lines[0].key == "checks.well"
    assert await keys(tables, use()) == [
        "no_facilitators_room",
        "no_moderators_room",
        "no_owners_room",
        "groups_alone",
        "charters_lack",
        "fits_unsaid",
        "fits",
    ]


async def test_what_hearth_stopped_itself_is_not_laid_at_discords_door(
    tables: Database, now: datetime
) -> None:
    """Flips, stopped removals and messages have texts of their own; removals a way on."""
    async with tables.writing() as session:
        for subject, action in (
            (f"member:{KIM}", effects.FLIPS),
            ("server", effects.REMOVALS),
            ("server", "message:upkeep"),
        ):
            await effects.failed(session, SERVER, subject, action, code=None, why="w", now=now)
        found = await checks.findings(session, SERVER, use(), now=NOW)
    shown = [one.key.removeprefix("checks.failed_") for one in found if "failed" in one.key]
    assert sorted(shown) == ["flips", "message", "removals"]
    assert [one.press for one in checks.message(found).buttons] == ["removals-allow"]
    flips = next(one for one in found if one.key == "checks.failed_flips")
    assert "Discord says" not in catalogue()(flips.key, **flips.params)


async def test_each_refusal_comes_with_what_mends_it(tables: Database, now: datetime) -> None:
    """One line for each of Discord's reasons, however many members it struck."""
    async with tables.writing() as session:
        for user, code in ((KIM, 50013), (JO, 50013), (MARA, 30005)):
            await effects.failed(
                session, SERVER, f"member:{user}", "roles", code=code, why="no", now=now
            )
        await effects.failed(
            session, SERVER, "server", "message:welcome", code=50001, why="no", now=now
        )
    mends = [key for key in await keys(tables, use()) if key.startswith("mend_")]
    assert sorted(mends) == ["mend_message", "mend_missing_permissions", "mend_too_many_roles"]


async def test_what_was_begun_and_not_finished_is_shown(tables: Database) -> None:
    """A role that takes longer than two minutes to make; not one that was begun just now."""
    for begun, found in ((NOW, []), (NOW - timedelta(minutes=3), ["pending_role"])):
        async with tables.writing() as session:
            await creations.begin(session, SERVER, "role", RIVERSIDE, now=begun)
        assert [key for key in await keys(tables, use()) if "pending" in key] == found
        async with tables.writing() as session:
            row = await session.scalar(select(Creation))
            assert row is not None
            await creations.give_up(session, row.id)


async def test_head_room_is_told_in_groups_and_seats(tables: Database) -> None:
    """As many groups as roles and channels allow, seats of the usual size, about."""
    async with tables.writing() as session:
        (await session.get_one(Group, RIVERSIDE)).cap = 57
        (await session.get_one(Group, MILLPOND)).cap = 150
    async with tables.reading() as session:
        found = await checks.findings(session, SERVER, use(roles=124), now=NOW)
    assert "114 more groups with a role, about 11,800 seats" in catalogue()(
        found[-1].key, **found[-1].params
    )


async def test_what_looks_like_a_groups_is_shown(tables: Database) -> None:
    """A second role or room of a group's name is for the owners to judge; two groups' are not."""
    twins = {
        RIVERSIDE_ROLE: frozenset({31, MILLPOND_ROLE}),
        RIVERSIDE_ROOM: frozenset({32}),
        900: frozenset({901}),
    }
    async with tables.reading() as session:
        found = await checks.findings(session, SERVER, use(twins=twins), now=NOW)
    shown = {one.key: one.params["places"] for one in found if "twin" in one.key}
    assert shown == {"checks.twin_role": "<@&31>", "checks.twin_room": "<#32>"}


async def test_many_refusals_are_summed_up(tables: Database, now: datetime) -> None:
    """Ten refusals are shown, the rest counted."""
    async with tables.writing() as session:
        for user in range(13):
            await effects.failed(
                session, SERVER, f"member:{user}", "roles", code=1, why="no", now=now
            )
    found = await keys(tables, use())
    assert found.count("failed_member") == 10
    assert "failed_more" in found


async def test_only_a_server_that_is_set_up_is_checked(tables: Database) -> None:
    """Elsewhere the answer says how to begin."""
    async with tables.reading() as session:
        with pytest.raises(UserError):
            await checks.findings(session, 1, use(), now=NOW)


async def test_group_roles_are_those_of_the_server(tables: Database) -> None:
    """The roles that must stand below the bot's."""
    async with tables.reading() as session:
        assert await checks.group_roles(session, SERVER) == {RIVERSIDE_ROLE, MILLPOND_ROLE}
        assert await checks.group_roles(session, 1) == frozenset()


async def test_home_carries_state_and_since(tables: Database, now: datetime) -> None:
    """The audit log is compared with the moment somebody moved in."""
    async with tables.reading() as session:
        wanted = await desired.load(session, SERVER, now=now, users={JO})
    assert wanted is not None
    assert wanted.homes[JO] == Home(RIVERSIDE, "kept", now - timedelta(days=200))
