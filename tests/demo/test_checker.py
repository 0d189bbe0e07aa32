"""The checker finds nothing where all is well, and every difference that is made by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import models
from demo.checker import HISTORY, SEND, VIEW, Verdict, check
from models import Base
from sandbox import acts
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Channel, ChannelType, Message, Overwrite, OverwriteType, Role, Server
from tests.demo.tables import Tables

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(slots=True)
class House:
    """A server and tables that agree: two groups with keys, a group without one, a visit, a door.

    River and Pond are siblings with roles; Owls is entered by overwrites. Ada and Ben live in
    River, Cem in Pond, Dua among the Owls; Cem visits the Owls.
    """

    sandbox: Sandbox
    server: Server
    tables: Tables
    people: dict[str, Person]
    roles: dict[str, Role] = field(default_factory=dict[str, Role])
    rooms: dict[str, Channel] = field(default_factory=dict[str, Channel])

    def sql(self, statement: str, *values: Any) -> None:
        """Change the tables."""
        self.tables.sql(statement, *values)

    def verdict(self) -> Verdict:
        """Let the checker look."""
        return check(self.sandbox.state, self.tables.file)

    def post(self, room: str, press: str, nonce: str | None = None) -> Message:
        """Let the bot post a message with one button."""
        button = {"type": 2, "style": 2, "label": "Answer", "custom_id": press}
        draft = acts.Draft(
            "What did you bake?", components=[{"type": 1, "components": [button]}], nonce=nonce
        )
        return acts.send(self.sandbox.world, self.sandbox.state.bot, self.rooms[room], draft)


GROUPS = {"River": 1, "Pond": 2, "Owls": 3}
HOMES = {"Ada": "River", "Ben": "River", "Cem": "Pond", "Dua": "Owls"}
DAY = timedelta(days=1)


@pytest.fixture
async def house(tables: Tables) -> House:
    """Build the server as the bot would, and the rows beside it."""
    sandbox = Sandbox(start=NOW)
    server = sandbox.add_server()
    people = {name: await sandbox.person(server, name) for name in (*HOMES, "Eva")}
    built = House(sandbox, server, tables, people)
    tables.add(models.Server(id=server.id, added_at=NOW))
    _build_rooms(built)
    _write_rows(built)
    return built


def _build_rooms(house: House) -> None:
    server, world, bot = house.server, house.sandbox.world, house.sandbox.state.bot
    hands = server.members[bot.id]
    category = acts.create_channel(world, server, hands, ChannelType.CATEGORY, {"name": "Hearth"})
    house.tables.add(models.RoomCategory(id=category.id, server_id=server.id))
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
    house.tables.add(
        models.GroupType(id=1, server_id=server, name="a", name_key="a", kind="own"),
        models.GroupType(
            id=2, server_id=server, name="b", name_key="b", kind="own", cap=50, access="overwrites"
        ),
        *(
            models.Group(
                id=group_id,
                server_id=server,
                type_id=1 if name in house.roles else 2,
                name=name,
                name_key=name,
                cap=50,
                homes=list(HOMES.values()).count(name),
                visitors=int(name == "Owls"),
                role_id=house.roles[name].id if name in house.roles else None,
                room_id=house.rooms[name].id,
                created_at=NOW - 40 * DAY,
            )
            for name, group_id in GROUPS.items()
        ),
        *(
            models.Membership(
                server_id=server,
                user_id=house.people[person].id,
                group_id=GROUPS[group],
                since=NOW - 30 * DAY,
            )
            for person, group in HOMES.items()
        ),
        models.Visit(
            id=1,
            server_id=server,
            group_id=3,
            user_id=house.people["Cem"].id,
            started_at=NOW - 3 * DAY,
            ends_at=NOW + 11 * DAY,
        ),
        *(
            models.Door(
                server_id=server, group_id=here, for_group_id=sibling, closes_at=NOW + 20 * DAY
            )
            for here, sibling in ((1, 2), (2, 1))
        ),
    )


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
    "a category that is gone": lambda h: h.tables.add(
        models.RoomCategory(id=77, server_id=h.server.id)
    ),
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
        h.tables.add(
            models.SetupRole(server_id=h.server.id, role_id=h.roles["Pond"].id, part="safety")
        )
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
    house.tables.add(
        models.SetupRole(server_id=house.server.id, role_id=muted.id, part="restricted")
    )
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
    house.tables.add(
        models.Ritual(
            id=1,
            server_id=house.server.id,
            group_id=1,
            title="Bread",
            cadence="weekly",
            zone="UTC",
            anchor="2026-01-01",
        ),
        models.Occurrence(
            ritual_id=1,
            group_id=1,
            local_moment="2026-03-01T18:00",
            due_at=NOW - DAY,
            state="posted",
            message_id=message_id,
        ),
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


UNSETTLED: dict[str, Callable[[House], Base]] = {
    "a message owed": lambda h: models.OutboxMessage(
        server_id=h.server.id,
        kind="ritual",
        key="ritual:1",
        place="room",
        group_id=1,
        content="{}",
        created_at=NOW - DAY,
        due_at=NOW - DAY,
        expires_at=NOW + DAY,
    ),
    "a creation begun": lambda h: models.Creation(
        id="c", server_id=h.server.id, what="role", subject_id=1, begun_at=NOW - DAY
    ),
    "an effect given up": lambda h: models.FailedEffect(
        server_id=h.server.id, subject="member:1", action="role", why="no", at=NOW - DAY
    ),
    "a split under way": lambda h: models.Split(
        server_id=h.server.id,
        group_id=1,
        state="moving",
        planned_at=NOW - 3 * DAY,
        looked_at=NOW,
        mean_share=0.9,
        kept_weight=0.9,
        stranded=0,
    ),
}


@pytest.mark.parametrize("what", UNSETTLED)
async def test_what_is_not_done_is_unsettled(house: House, what: str) -> None:
    """Whatever is owed, begun or given up is named, and is no drift."""
    house.tables.add(UNSETTLED[what](house))
    verdict = house.verdict()
    assert len(verdict.unsettled) == 1
    assert not verdict.drift


async def test_a_message_for_later_is_not_unsettled(house: House) -> None:
    """What is owed for a later moment is in order."""
    house.tables.add(UNSETTLED["a message owed"](house))
    house.sql("UPDATE outbox_message SET due_at = '2026-03-02 12:00:01.000000'")
    assert house.verdict().clean


async def test_the_tables_are_only_read(house: House) -> None:
    """The checker works on tables that nobody may write."""
    house.tables.file.chmod(0o400)
    assert house.verdict().clean
