"""The checker finds nothing where all is well, and every difference that is made by hand."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.database import migrate
from demo.checker import HISTORY, SEND, VIEW, Verdict, check
from sandbox import acts
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Channel, ChannelType, Message, Overwrite, OverwriteType, Role, Server

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(slots=True)
class House:
    """A server and tables that agree: two groups with keys, a group without one, a visit, a door.

    River and Pond are siblings with roles; Owls is entered by overwrites. Ada and Ben live in
    River, Cem in Pond, Dua among the Owls; Cem visits the Owls.
    """

    sandbox: Sandbox
    server: Server
    tables: Path
    people: dict[str, Person]
    roles: dict[str, Role] = field(default_factory=dict[str, Role])
    rooms: dict[str, Channel] = field(default_factory=dict[str, Channel])

    def sql(self, statement: str, *values: Any) -> None:
        """Change the tables."""
        with closing(sqlite3.connect(self.tables)) as connection, connection:
            connection.execute(statement, values)

    def row(self, table: str, **values: Any) -> None:
        """Add a row."""
        marks = ", ".join("?" for _ in values)
        self.sql(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())  # noqa: S608 - the tests' own words

    def verdict(self) -> Verdict:
        """Let the checker look."""
        return check(self.sandbox.state, self.tables)

    def post(self, room: str, press: str, nonce: str | None = None) -> Message:
        """Let the bot post a message with one button."""
        button = {"type": 2, "style": 2, "label": "Answer", "custom_id": press}
        draft = acts.Draft(
            "What did you bake?", components=[{"type": 1, "components": [button]}], nonce=nonce
        )
        return acts.send(self.sandbox.world, self.sandbox.state.bot, self.rooms[room], draft)


GROUPS = {"River": 1, "Pond": 2, "Owls": 3}
HOMES = {"Ada": "River", "Ben": "River", "Cem": "Pond", "Dua": "Owls"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make empty tables once, to be copied."""
    tables = tmp_path_factory.mktemp("tables") / "hearth.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{tables}"))
    return tables


@pytest.fixture
async def house(empty: Path, tmp_path: Path) -> House:
    """Build the server as the bot would, and the rows beside it."""
    tables = tmp_path / "hearth.db"
    shutil.copy(empty, tables)
    sandbox = Sandbox(start=NOW)
    server = sandbox.add_server()
    people = {name: await sandbox.person(server, name) for name in (*HOMES, "Eva")}
    built = House(sandbox, server, tables, people)
    built.row("server", id=server.id, zone="UTC", language="en", counts_commons=0, added_at=at(0))
    _build_rooms(built)
    _write_rows(built)
    return built


def at(days: float) -> str:
    """Return a moment as the tables keep it."""
    return (NOW + timedelta(days=days)).replace(tzinfo=None).isoformat(" ", "microseconds")


def _build_rooms(house: House) -> None:
    server, world, bot = house.server, house.sandbox.world, house.sandbox.state.bot
    hands = server.members[bot.id]
    category = acts.create_channel(world, server, hands, ChannelType.CATEGORY, {"name": "Hearth"})
    house.row("room_category", id=category.id, server_id=server.id)
    for name in ("River", "Pond"):
        house.roles[name] = acts.create_role(world, server, hands, {"name": name})
    for name in GROUPS:
        doors = [
            Overwrite(server.id, OverwriteType.ROLE, deny=VIEW),
            Overwrite(bot.id, OverwriteType.MEMBER, allow=VIEW | SEND),
        ]
        if name in house.roles:
            role = house.roles[name]
            sibling = house.roles["Pond" if name == "River" else "River"]
            doors.append(Overwrite(role.id, OverwriteType.ROLE, allow=VIEW | SEND))
            doors.append(Overwrite(sibling.id, OverwriteType.ROLE, allow=VIEW | SEND))
        else:
            dua, cem = house.people["Dua"], house.people["Cem"]
            doors.append(Overwrite(dua.id, OverwriteType.MEMBER, allow=VIEW | SEND))
            doors.append(Overwrite(cem.id, OverwriteType.MEMBER, VIEW | SEND, HISTORY))
        house.rooms[name] = acts.create_channel(
            world,
            server,
            hands,
            ChannelType.TEXT,
            {"name": name, "parent_id": category.id, "overwrites": doors},
        )
    for person, group in HOMES.items():
        if group in house.roles:
            house.people[person].member.roles.add(house.roles[group].id)


def _write_rows(house: House) -> None:
    server = house.server.id
    for type_id, access in ((1, "role"), (2, "overwrites")):
        house.row(
            "group_type",
            id=type_id,
            server_id=server,
            name=access,
            name_key=access,
            kind="interest",
            cap=50,
            minimum=5,
            patience_days=10,
            access=access,
            entry="open",
            visits="open",
            visit_days=14,
            most_visitors=25,
            visitors_read_history=0,
            listed=1,
            splits="auto",
            split_delay_days=2,
        )
    for name, group_id in GROUPS.items():
        role = house.roles.get(name)
        house.row(
            "groups",
            id=group_id,
            server_id=server,
            type_id=1 if role else 2,
            name=name,
            name_key=name,
            emoji="🔥",
            colour=0,
            purpose="",
            for_whom="",
            norms="",
            state="open",
            cap=50,
            visitors=int(name == "Owls"),
            homes=list(HOMES.values()).count(name),
            role_id=role.id if role else None,
            room_id=house.rooms[name].id,
            created_at=at(-40),
        )
    for person, group in HOMES.items():
        house.row(
            "membership",
            server_id=server,
            user_id=house.people[person].id,
            group_id=GROUPS[group],
            state="here",
            since=at(-30),
        )
    house.row(
        "visit",
        id=1,
        server_id=server,
        group_id=3,
        user_id=house.people["Cem"].id,
        origin="asked",
        started_at=at(-3),
        ends_at=at(11),
    )
    for here, sibling in ((1, 2), (2, 1)):
        house.row("door", server_id=server, group_id=here, for_group_id=sibling, closes_at=at(20))


async def test_where_all_is_well_nothing_is_found(house: House) -> None:
    """Rows and server that agree make an empty verdict."""
    assert house.verdict() == Verdict()
    assert house.verdict().clean


DRIFT: dict[str, Callable[[House], object]] = {
    "a role taken by hand": lambda h: h.people["Ada"].member.roles.clear(),
    "a role given by hand": lambda h: h.people["Eva"].member.roles.add(h.roles["River"].id),
    "a role that is gone": lambda h: acts.delete_role(
        h.sandbox.world, h.server, h.server.owner.member, h.roles["River"]
    ),
    "a room that is gone": lambda h: h.sandbox.state.remove_channel(h.rooms["Owls"]),
    "a role that was never made": lambda h: h.sql("UPDATE groups SET role_id = NULL WHERE id = 1"),
    "a room that was never made": lambda h: h.sql("UPDATE groups SET room_id = NULL WHERE id = 1"),
    "a role for a group without": lambda h: h.sql("UPDATE groups SET role_id = 5 WHERE id = 3"),
    "a room outside the categories": lambda h: setattr(h.rooms["River"], "parent_id", None),
    "a category that is gone": lambda h: h.row("room_category", id=77, server_id=h.server.id),
    "a room that everyone sees": lambda h: setattr(
        h.rooms["River"].overwrites[h.server.id], "deny", 0
    ),
    "the bot's own key is gone": lambda h: h.rooms["Pond"].overwrites.pop(h.sandbox.bot_id),
    "the group's key is gone": lambda h: h.rooms["Pond"].overwrites.pop(h.roles["Pond"].id),
    "a key that opens nothing": lambda h: setattr(
        h.rooms["Pond"].overwrites[h.roles["Pond"].id], "allow", 0
    ),
    "a member's key is gone": lambda h: h.rooms["Owls"].overwrites.pop(h.people["Dua"].id),
    "a visit without a key": lambda h: h.rooms["Owls"].overwrites.pop(h.people["Cem"].id),
    "a key without a visit": lambda h: h.sql("UPDATE visit SET ended_at = ends_at"),
    "a visitor who reads the past": lambda h: setattr(
        h.rooms["Owls"].overwrites[h.people["Cem"].id], "deny", 0
    ),
    "a door that is shut": lambda h: h.rooms["River"].overwrites.pop(h.roles["Pond"].id),
    "a door that stayed open": lambda h: h.sql("DELETE FROM door WHERE group_id = 1"),
    "a safety role that is missing": lambda h: (
        h.row("setup_role", server_id=h.server.id, role_id=h.roles["Pond"].id, part="safety")
        or h.sql("DELETE FROM door")
    ),
    "a stranger's overwrite": lambda h: h.rooms["River"].overwrites.__setitem__(
        h.people["Eva"].id, Overwrite(h.people["Eva"].id, OverwriteType.MEMBER, allow=VIEW)
    ),
    "a home of someone who left": lambda h: acts.leave_server(
        h.sandbox.world, h.server, h.people["Dua"].member
    ),
    "a seat that nobody has": lambda h: h.sql("UPDATE groups SET homes = 9 WHERE id = 1"),
    "an orphaned role": lambda h: acts.create_role(
        h.sandbox.world, h.server, h.server.members[h.sandbox.bot_id], {"name": "River"}
    ),
    "an orphaned room": lambda h: acts.create_channel(
        h.sandbox.world,
        h.server,
        h.server.members[h.sandbox.bot_id],
        ChannelType.TEXT,
        {"name": "river"},
    ),
    "a ritual that was lost": lambda h: occurrence(h, message_id=12345),
    "a server that is gone": lambda h: h.sandbox.state.servers.clear(),
}


@pytest.mark.parametrize("what", DRIFT)
async def test_every_difference_is_found(house: House, what: str) -> None:
    """Each single difference made by hand shows as drift."""
    DRIFT[what](house)
    assert house.verdict().drift, what


async def test_restricted_people_are_left_alone(house: House) -> None:
    """Whose role a muting bot took, and who carries a restricted role, is no drift."""
    muted = await house.server.owner.create_role("Muted")
    house.row("setup_role", server_id=house.server.id, role_id=muted.id, part="restricted")
    house.people["Ada"].member.roles = {muted.id}
    assert house.verdict().clean


async def test_what_a_person_made_is_no_orphan(house: House) -> None:
    """Only what the bot made must belong to a group."""
    await house.server.owner.create_role("Painters")
    await house.server.owner.create_channel("paintings")
    assert house.verdict().clean


async def test_kept_seats_have_no_key(house: House) -> None:
    """Who left the group keeps a seat and no role; the seat is counted."""
    house.sql("UPDATE membership SET state = 'kept' WHERE user_id = ?", house.people["Ada"].id)
    assert len(house.verdict().drift) == 1
    house.people["Ada"].member.roles.clear()
    assert house.verdict().clean


async def test_a_second_key_is_a_second_home(house: House) -> None:
    """Someone with two groups' roles, or a role and an overwrite, has two homes."""
    house.people["Ada"].member.roles.add(house.roles["Pond"].id)
    assert len(house.verdict().two_homes) == 1
    house.sql("UPDATE visit SET ended_at = ends_at")
    assert len(house.verdict().two_homes) == 2


def occurrence(house: House, message_id: int) -> None:
    """Write that a ritual of River was posted."""
    house.row(
        "ritual",
        id=1,
        server_id=house.server.id,
        group_id=1,
        title="Bread",
        cadence="weekly",
        weekday=0,
        hour=18,
        minute=0,
        zone="UTC",
        anchor="2026-01-01",
        pings="asked",
        state="running",
        unanswered=0,
    )
    house.row(
        "occurrence",
        id=1,
        ritual_id=1,
        group_id=1,
        local_moment="2026-03-01T18:00",
        due_at=at(-1),
        state="posted",
        message_id=message_id,
        answers=0,
    )


async def test_a_ritual_that_stands_there_twice_is_found(house: House) -> None:
    """The same occurrence's buttons under a second message are a double post."""
    occurrence(house, house.post("River", "ritual:1").id)
    assert house.verdict().clean
    house.post("River", "ritual:2")
    assert house.verdict().clean
    house.post("River", "ritual:1")
    assert len(house.verdict().posted_twice) == 1


async def test_the_same_nonce_twice_is_found(house: House) -> None:
    """Two messages under one nonce are one message posted twice, in whichever rooms."""
    house.post("River", "welcome:1", nonce="abc")
    house.post("River", "welcome:2", nonce="abd")
    assert house.verdict().clean
    house.post("Pond", "welcome:1", nonce="abc")
    assert len(house.verdict().posted_twice) == 1


UNSETTLED: dict[str, Callable[[House], object]] = {
    "a message owed": lambda h: h.row(
        "outbox_message",
        server_id=h.server.id,
        kind="ritual",
        key="k",
        place="room",
        group_id=1,
        content="{}",
        created_at=at(-1),
        due_at=at(-1),
        expires_at=at(1),
        state="owed",
        attempts=0,
    ),
    "a creation begun": lambda h: h.row(
        "creation", id="c", server_id=h.server.id, what="role", subject_id=1, begun_at=at(-1)
    ),
    "an effect given up": lambda h: h.row(
        "failed_effect",
        server_id=h.server.id,
        subject="member:1",
        action="role",
        why="no",
        at=at(-1),
    ),
    "a split under way": lambda h: h.row(
        "split",
        server_id=h.server.id,
        group_id=1,
        state="moving",
        planned_at=at(-3),
        mean_share=0.9,
        kept_weight=0.9,
        stranded=0,
        moved=1,
    ),
}


@pytest.mark.parametrize("what", UNSETTLED)
async def test_what_is_not_done_is_unsettled(house: House, what: str) -> None:
    """Whatever is owed, begun or given up is named, and is no drift."""
    UNSETTLED[what](house)
    verdict = house.verdict()
    assert len(verdict.unsettled) == 1
    assert not verdict.drift


async def test_a_message_for_later_is_not_unsettled(house: House) -> None:
    """What is owed for a later moment is in order."""
    UNSETTLED["a message owed"](house)
    house.sql("UPDATE outbox_message SET due_at = ?", at(1))
    assert house.verdict().clean


async def test_the_tables_are_only_read(house: House) -> None:
    """The checker works on tables that nobody may write."""
    house.tables.chmod(0o400)
    assert house.verdict().clean
