"""Groups and types in the tables: found, made, changed; and how a server is set up."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import AFTER_COMMIT, Database
from bot.errors import UserError
from bot.rules import naming
from bot.rules.actor import Actor
from bot.rules.capacity import Room
from bot.rules.charter import Charter
from bot.rules.directory import View
from bot.rules.scope import GroupScope, ServerScope
from bot.rules.types import STARTING, TypeRules
from bot.services import (
    cards,
    chartering,
    directory,
    groups,
    known_groups,
    leaving,
    rights,
    servers,
    types,
)
from bot.services.groups import Group
from bot.settings import Settings
from models import (
    Draft,
    GroupType,
    OutboxMessage,
    Server,
    SetupRole,
    SpareName,
    Split,
    SplitChild,
    TypeRitual,
)
from tests.services.conftest import (
    JO,
    LENA,
    MARA,
    MILLPOND,
    MILLPOND_ROOM,
    OMAR,
    RIVERSIDE,
    SERVER,
    SQUARE,
    VERA,
    Town,
)

OWNER = Actor(SERVER, 77, manages_server=True)
MEMBER = Actor(SERVER, JO)
ORCHARD = Charter("Orchard", "Fruit trees, grafting and the cake that follows.", "🍎")


@pytest.fixture
async def session(database: Database, town: Town) -> AsyncGenerator[AsyncSession]:
    """One transaction in the town."""
    async with database.writing() as opened:
        await town(opened)
        await opened.flush()
        yield opened


async def hide(session: AsyncSession) -> None:
    """Let all groups be unlisted."""
    (await session.get_one(GroupType, 1)).listed = False
    await session.flush()


@pytest.mark.parametrize(
    "typed",
    [
        "2",
        "Millpond",
        " millPOND ",
        "Mill\u200bpond",
        f"<#{10**17 + 2}>",
        f"<@&{10**17 + 3}>",
        "#ROOM",
        "ROOM",
    ],
)
async def test_a_group_is_found_by_whatever_names_it(session: AsyncSession, typed: str) -> None:
    """Its id, its name however typed, its room or its role."""
    group = await session.get_one(Group, MILLPOND)
    group.room_id, group.role_id = 10**17 + 2, 10**17 + 3
    await session.flush()
    typed = typed.replace("ROOM", naming.room_name(group.emoji, group.name))
    assert (await known_groups.find(session, SERVER, typed, for_user=JO)).id == MILLPOND
    offered = await known_groups.suggest(session, SERVER, "#mill", for_user=JO)
    assert [value for _, value in offered] == [str(MILLPOND)]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Rivrside", "groups.did_you_mean"),
        ("mill pond", "groups.did_you_mean"),
        ("Quux", "groups.not_found"),
        ("", "groups.not_found"),
        ("999", "groups.not_found"),
        ("9" * 5000, "groups.not_found"),
        ("{group}", "groups.not_found"),
        (f"<#{MILLPOND_ROOM}>", "groups.not_found"),
    ],
)
async def test_a_near_miss_is_offered(session: AsyncSession, typed: str, key: str) -> None:
    """One line that says what to do; hostile text is no exception."""
    with pytest.raises(UserError) as refused:
        await known_groups.find(session, SERVER, typed, for_user=JO)
    assert refused.value.key == key


async def test_an_unlisted_group_answers_like_a_typo(session: AsyncSession, now: datetime) -> None:
    """By id, name or half of it: who does not belong learns nothing; who does finds it."""
    await hide(session)
    for typed in ("Millpond", str(MILLPOND), "Millpon"):
        with pytest.raises(UserError) as refused:
            await known_groups.find(session, SERVER, typed, for_user=JO)
        assert "Millpond" not in str(refused.value.params)
    assert (await known_groups.find(session, SERVER, "Millpond", for_user=OMAR)).id == MILLPOND
    assert await known_groups.suggest(session, SERVER, "mill", for_user=JO) == []
    for card in (
        directory.card(session, SERVER, JO, MILLPOND, now=now),
        cards.charter(session, SERVER, MILLPOND, JO),
    ):
        with pytest.raises(UserError):
            await card
    assert await directory.card(session, SERVER, OMAR, MILLPOND, now=now)
    shelf = await directory.shelf(session, SERVER, JO, View(), now=now)
    assert shelf.groups[0].name == "Riverside"
    assert len(await known_groups.known(session, SERVER, None, unlisted=True)) == 2


async def test_suggestions_rank_open_groups_with_seats_first(session: AsyncSession) -> None:
    """What can be joined now stands on top, with its seats."""
    riverside = await session.get_one(Group, RIVERSIDE)
    riverside.cap, riverside.emoji = 4, "🌊"
    await session.flush()
    assert await known_groups.suggest(session, SERVER, "", for_user=JO) == [
        ("🔥 Millpond · 149 seats", str(MILLPOND)),
        ("🌊 Riverside · full", str(RIVERSIDE)),
    ]
    (await session.get_one(Group, MILLPOND)).state = "resting"
    await session.flush()
    assert [
        label for label, _ in await known_groups.suggest(session, SERVER, "POND", for_user=JO)
    ] == ["🔥 Millpond · resting"]


async def test_a_group_is_made(session: AsyncSession, now: datetime) -> None:
    """A row with the type's cap, its charter owed to its room, and Discord to follow."""
    group = await groups.create(session, OWNER, type_id=1, charter=ORCHARD, now=now)
    assert (group.cap, group.homes, group.state) == (150, 0, "open")
    assert GroupScope(SERVER, group.id) in session.info[AFTER_COMMIT]
    owed = (await session.scalars(select(OutboxMessage))).one()
    assert (owed.kind, owed.place, owed.group_id) == ("charter", "room", group.id)


async def test_who_asks_again_for_the_same_group_reads_that_it_is_made(
    session: AsyncSession, now: datetime
) -> None:
    """Exactly the same within the hour is one wish; anything else about that name is refused."""
    kind = (await session.get_one(GroupType, 1)).name
    typed = {"type": kind, "name": "Orchard", "purpose": ORCHARD.purpose}
    first = await chartering.apply(session, OWNER, typed, now=now)
    again = await chartering.apply(session, OWNER, typed, now=now + timedelta(minutes=30))
    assert (again.group_id, again.made) == (first.group_id, True)
    assert len((await session.scalars(select(OutboxMessage))).all()) == 1
    for other, later in (({"purpose": "Another purpose."}, 30), ({}, 61)):
        moment = now + timedelta(minutes=later)
        with pytest.raises(UserError, match="name_taken"):
            await chartering.apply(session, OWNER, typed | other, now=moment)


@pytest.mark.parametrize("name", ["Riverside", "RIVERSIDE", "River\u200bside", " riverside "])
async def test_two_groups_cannot_share_a_name(
    session: AsyncSession, now: datetime, name: str
) -> None:
    """Neither new nor renamed, however it is typed; and the table itself refuses it."""
    with pytest.raises(UserError) as refused:
        await groups.create(session, OWNER, type_id=1, charter=replace(ORCHARD, name=name), now=now)
    assert refused.value.key == "groups.name_taken"
    with pytest.raises(UserError):
        await groups.edit(session, OWNER, MILLPOND, charter=replace(ORCHARD, name=name), now=now)
    (await session.get_one(Group, MILLPOND)).name_key = naming.key(name)
    with pytest.raises(IntegrityError):
        await session.flush()
    await session.rollback()


async def test_discords_limits_end_the_making(session: AsyncSession, now: datetime) -> None:
    """Stops cleanly before 250 roles or 500 channels; what is not made yet counts."""
    full = Room(by_role=1, without_role=1)
    await groups.create(session, OWNER, type_id=1, charter=ORCHARD, now=now, room=full)
    with pytest.raises(UserError) as refused:
        await groups.create(
            session, OWNER, type_id=1, charter=replace(ORCHARD, name="Next"), now=now, room=full
        )
    assert refused.value.key == "groups.no_room_left"


async def test_where_roles_have_run_out_the_other_way_is_said(
    session: AsyncSession, now: datetime
) -> None:
    """A group without a role of its own still fits; how many is said."""
    with pytest.raises(UserError) as refused:
        await groups.create(
            session,
            OWNER,
            type_id=1,
            charter=ORCHARD,
            now=now,
            room=Room(by_role=0, without_role=30),
        )
    assert (refused.value.key, refused.value.params) == ("groups.no_role_left", {"n": 30})


async def test_a_split_that_is_planned_has_its_place(session: AsyncSession, now: datetime) -> None:
    """The place that facilitators were shown a plan for is not given to somebody else."""
    split = Split(
        server_id=SERVER,
        group_id=RIVERSIDE,
        state="planned",
        planned_at=now,
        looked_at=now,
        mean_share=1.0,
        kept_weight=1.0,
        stranded=0,
    )
    session.add(split)
    await session.flush()
    for index, name in enumerate(("Riverside", "Hillside")):
        session.add(SplitChild(split_id=split.id, index=index, name=name, emoji="🌱"))
    await session.flush()
    with pytest.raises(UserError) as refused:
        await groups.create(
            session,
            OWNER,
            type_id=1,
            charter=ORCHARD,
            now=now,
            room=Room(by_role=1, without_role=1),
        )
    assert refused.value.key == "groups.no_room_left"


async def test_a_charter_is_changed(session: AsyncSession, now: datetime) -> None:
    """Name, sign and words; the room is told only when words have changed."""
    await groups.edit(session, OWNER, RIVERSIDE, charter=ORCHARD, now=now)
    assert (await session.get_one(Group, RIVERSIDE)).name_key == "orchard"
    assert len((await session.scalars(select(OutboxMessage))).all()) == 1
    await groups.edit(session, OWNER, RIVERSIDE, charter=replace(ORCHARD, emoji="🍏"), now=now)
    assert len((await session.scalars(select(OutboxMessage))).all()) == 1
    with pytest.raises(UserError) as refused:
        await groups.edit(session, OWNER, RIVERSIDE, charter=replace(ORCHARD, emoji="🍏"), now=now)
    assert refused.value.key == "groups.nothing_changed"


async def test_rest_and_reopen(session: AsyncSession, now: datetime) -> None:
    """Each once, and the second time says that it is so already."""
    await groups.rest(session, OWNER, RIVERSIDE, now=now)
    with pytest.raises(UserError):
        await groups.rest(session, OWNER, RIVERSIDE, now=now)
    await groups.reopen(session, OWNER, RIVERSIDE, now=now)
    with pytest.raises(UserError):
        await groups.reopen(session, OWNER, RIVERSIDE, now=now)


async def test_only_owners_change_groups_and_types(session: AsyncSession, now: datetime) -> None:
    """Rights are checked in the services too, and an owner's role is enough."""
    for refused in (
        groups.create(session, MEMBER, type_id=1, charter=ORCHARD, now=now),
        groups.edit(session, MEMBER, RIVERSIDE, charter=ORCHARD, now=now),
        groups.rest(session, MEMBER, RIVERSIDE, now=now),
        groups.reopen(session, MEMBER, RIVERSIDE, now=now),
        types.add(session, MEMBER, TypeRules("Books"), now=now),
        types.edit(session, MEMBER, 1, {"cap": 20}, now=now),
        servers.pause(session, MEMBER, now=now),
        servers.set_up(session, MEMBER, now=now, ids={}),
        chartering.apply(session, MEMBER, {}, now=now),
    ):
        with pytest.raises(UserError) as error:
            await refused
        assert error.value.key == "errors.owners_only"
    (await session.get_one(Server, SERVER)).owner_role_id = 42
    await session.flush()
    await groups.rest(session, Actor(SERVER, JO, role_ids=frozenset({42})), RIVERSIDE, now=now)


async def test_who_looks_after_a_group(session: AsyncSession) -> None:
    """Its facilitators and owners; nobody else, not even another group's."""
    await rights.require_facilitator(session, Actor(SERVER, LENA), RIVERSIDE)
    await rights.require_facilitator(session, OWNER, RIVERSIDE)
    for actor, group in ((MEMBER, RIVERSIDE), (Actor(SERVER, LENA), MILLPOND)):
        with pytest.raises(UserError):
            await rights.require_facilitator(session, actor, group)


async def test_other_servers_groups_are_not_there(session: AsyncSession, now: datetime) -> None:
    """An id from another server is like no id at all."""
    session.add(Server(id=1, added_at=now))
    await session.flush()
    stranger = Actor(1, JO, manages_server=True)
    for refused in (
        groups.rest(session, stranger, RIVERSIDE, now=now),
        known_groups.find(session, 1, str(RIVERSIDE), for_user=JO),
        groups.create(session, stranger, type_id=1, charter=ORCHARD, now=now),
        types.edit(session, stranger, 1, {"cap": 20}, now=now),
    ):
        with pytest.raises(UserError):
            await refused


async def test_a_refused_charter_is_kept_and_mended(session: AsyncSession, now: datetime) -> None:
    """What was typed survives the refusal, fills the form, and goes once it was accepted."""
    typed = {"name": "Orchard", "type": "Place", "purpose": "x" * 5000, "norms": "Be kind."}
    with pytest.raises(UserError) as refused:
        await chartering.apply(session, OWNER, typed, now=now)
    assert refused.value.key == "groups.purpose_too_long"
    await chartering.keep(session, OWNER, typed, now=now)
    kept = await chartering.kept(session, OWNER)
    assert kept == typed
    done = await chartering.apply(session, OWNER, {**kept, "purpose": ORCHARD.purpose}, now=now)
    assert done.made
    assert (await session.scalars(select(Draft))).all() == []
    with pytest.raises(UserError):
        await chartering.kept(session, OWNER)


async def test_a_half_done_edit_opens_with_what_stands(
    session: AsyncSession, now: datetime
) -> None:
    """Fields that were not typed are filled from the charter, so that nothing is emptied."""
    await groups.edit(session, OWNER, RIVERSIDE, charter=replace(ORCHARD, norms="Kind."), now=now)
    await chartering.keep(session, OWNER, {"group": str(RIVERSIDE), "name": "x"}, now=now)
    kept = await chartering.kept(session, OWNER)
    assert (kept["name"], kept["norms"], kept["emoji"]) == ("x", "Kind.", "🍎")


async def test_types_are_added_changed_and_listed(session: AsyncSession, now: datetime) -> None:
    """A name of its own; a lower cap reaches its groups and takes nobody's home."""
    added = await types.add(session, OWNER, TypeRules(" Book  circle ", cap=20), now=now)
    assert added.name == "Book circle"
    with pytest.raises(UserError) as refused:
        await types.add(session, OWNER, TypeRules("BOOK circle"), now=now)
    assert refused.value.key == "types.name_taken"
    with pytest.raises(UserError):
        await types.edit(session, OWNER, added.id, {"name": "place"}, now=now)
    await types.edit(session, OWNER, 1, {"cap": 10}, now=now)
    session.expire_all()
    group = await session.get_one(Group, RIVERSIDE)
    assert (group.cap, group.homes) == (10, 4)
    listed = await types.list_(session, SERVER)
    assert [(one.rules.name, one.groups, one.homes) for one in listed] == [
        ("Book circle", 0, 0),
        ("Place", 2, 5),
    ]
    with pytest.raises(UserError) as same:
        await types.edit(session, OWNER, 1, {"cap": 10, "name": None}, now=now)
    assert same.value.key == "types.nothing_changed"


async def test_how_rooms_open_is_fixed_once_there_are_groups(
    session: AsyncSession, now: datetime
) -> None:
    """A type with groups keeps its access; one without may change."""
    with pytest.raises(UserError) as refused:
        await types.edit(session, OWNER, 1, {"access": "overwrites", "cap": 50}, now=now)
    assert refused.value.key == "types.access_is_fixed"
    added = await types.add(session, OWNER, TypeRules("Porch"), now=now)
    edited = await types.edit(
        session, OWNER, added.id, {"access": "overwrites", "cap": 50}, now=now
    )
    assert edited.access == "overwrites"


@pytest.mark.parametrize(
    ("typed", "key"), [("Plac", "types.did_you_mean"), ("zzz", "types.not_found")]
)
async def test_a_type_that_is_not_there(session: AsyncSession, typed: str, key: str) -> None:
    """Near misses are offered."""
    with pytest.raises(UserError) as refused:
        await types.find(session, SERVER, typed)
    assert refused.value.key == key
    assert (await types.find(session, SERVER, " PLACE ")).id == 1


async def test_the_first_setup(database: Database, now: datetime) -> None:
    """The types that everyone starts with, spare names, and nothing posted anywhere."""
    async with database.writing() as session:
        with pytest.raises(UserError) as refused:
            await servers.set_up(session, OWNER, now=now, ids={"owners_room_id": 5})
        assert refused.value.key == "hearth.commons_needed"
        await session.rollback()
    async with database.writing() as session:
        setup = await servers.set_up(
            session, OWNER, now=now, ids={"commons_id": SQUARE}, zone="lisbon", safety=[8, 9]
        )
        assert (setup.first, setup.types, setup.zone) == (True, len(STARTING), "Europe/Lisbon")
        assert setup.safety == (8, 9)
        assert len((await session.scalars(select(SpareName))).all()) == len(naming.spare_names)
        assert len((await session.scalars(select(TypeRitual))).all()) >= len(STARTING)
        assert (await session.scalars(select(OutboxMessage))).all() == []
        assert ServerScope(SERVER) in session.info[AFTER_COMMIT]
        again = await servers.set_up(session, OWNER, now=now, ids={}, restricted=[7], take_out=8)
        assert (again.first, again.types, again.commons_id) == (False, len(STARTING), SQUARE)
        assert (again.safety, again.restricted) == ((9,), (7,))


async def test_what_was_removed_of_the_starting_types_stays_removed(session: AsyncSession) -> None:
    """A server with types of its own gets no others."""
    assert await types.add_starting(session, SERVER, "en") == 0


async def test_too_many_safety_roles(session: AsyncSession, now: datetime) -> None:
    """A room that is opened person by person must stay within one call."""
    await types.add(
        session, OWNER, TypeRules("Porch", cap=90, access="overwrites", most_visitors=5), now=now
    )
    await servers.set_up(session, OWNER, now=now, ids={}, safety=[1, 2, 3])
    with pytest.raises(UserError) as refused:
        await servers.set_up(session, OWNER, now=now, ids={}, safety=[4])
    assert refused.value.key == "hearth.too_many_safety_roles"


async def test_pausing_and_going_on(session: AsyncSession, now: datetime) -> None:
    """A switch: paused servers are left out of what is done by the clock."""
    assert await servers.active(session) == [SERVER]
    assert await servers.pause(session, OWNER, now=now)
    assert await servers.active(session) == []
    with pytest.raises(UserError) as refused:
        await rights.server_row(session, SERVER)
    assert refused.value.key == "errors.paused"
    assert not await servers.pause(session, OWNER, now=now)


async def test_what_can_be_left(session: AsyncSession, now: datetime, settings: Settings) -> None:
    """One's home, and what one visits; a named group must be one's own."""
    assert [one.is_home for one in await leaving.choices(session, SERVER, MARA)] == [True]
    for user, named, key in (
        (MARA, "Millpond", "home.leave_not_yours"),
        (VERA, None, "home.none"),
        (MARA, "Quux", "groups.not_found"),
    ):
        with pytest.raises(UserError) as refused:
            await leaving.choices(session, SERVER, user, named)
        assert refused.value.key == key
    await leaving.leave(session, Actor(SERVER, MARA), RIVERSIDE, now=now, settings=settings)
    with pytest.raises(UserError) as left:
        await leaving.choices(session, SERVER, MARA)
    assert left.value.key == "home.left_already"
    with pytest.raises(UserError):
        await leaving.leave(session, Actor(SERVER, VERA), RIVERSIDE, now=now, settings=settings)


async def test_the_setup_of_roles_is_by_part(session: AsyncSession, now: datetime) -> None:
    """One role can keep the server safe and another mark the restricted."""
    await servers.set_up(session, OWNER, now=now, ids={"owner_role_id": 5}, safety=[6])
    rows = (await session.execute(select(SetupRole.role_id, SetupRole.part))).all()
    assert [tuple(row) for row in rows] == [(6, "safety")]
    setup = await servers.set_up(session, OWNER, now=now, ids={}, take_out=5)
    assert setup.owner_role_id is None


@pytest.mark.parametrize(("access", "plain", "talking"), [("role", 9, 4), ("overwrites", 9, 4)])
async def test_a_voice_room_takes_a_place_of_its_own(
    database: Database, now: datetime, access: str, plain: int, talking: int
) -> None:
    """Rooms that will still be made are counted, voice rooms too."""
    async with database.writing() as session:
        session.add(Server(id=9_000, added_at=now))
        await session.flush()
        type_ = GroupType(
            id=1,
            server_id=9_000,
            name="T",
            name_key="t",
            kind="own",
            cap=20,
            access=access,
            voice=False,
        )
        session.add(type_)
        await session.flush()
        session.add(
            Group(
                server_id=9_000,
                type_id=1,
                name="G",
                name_key="g",
                cap=20,
                state="open",
                created_at=now,
            )
        )
        await session.flush()
        room = Room(by_role=10, without_role=10)
        assert await groups.still_fit(session, type_, room) == plain
        type_.voice = True
        await session.flush()
        assert await groups.still_fit(session, type_, room) == talking
