"""A server and tables that agree, for the checker's tests; each of them changes one thing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import models
from demo.checked_rooms import HISTORY, SEND, VIEW
from demo.checker import Verdict, check
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


async def built(tables: Tables) -> House:
    """Build the server as the bot would, and the rows beside it."""
    sandbox = Sandbox(start=NOW)
    server = sandbox.add_server()
    people = {name: await sandbox.person(server, name) for name in (*HOMES, "Eva")}
    house = House(sandbox, server, tables, people)
    tables.add(models.Server(id=server.id, added_at=NOW))
    _build_rooms(house)
    _write_rows(house)
    return house


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
