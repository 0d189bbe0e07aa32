"""A harbour with one of everybody: who lives here, who visits, who looks after what, who may not.

Everything that the table of rights names is about Riverside, or about Ada, who lives there.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from bot.storage.migrating import file_of
from models import Group, LogEntry
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Overwrite, OverwriteType, Role
from tests.cogs.founding import at_home, channel, group, looked_after, panel, set_up
from tests.conftest import Running
from tests.rights.asking import Place
from tests.rights.tables import Tables

RIVERSIDE, LANTERNGLOW, MILLPOND, FERNHOLLOW = 1, 2, 3, 4
SECRETS = ("Lanternglow", "Evenings by lamplight")
"""What only people of a group that is not listed may read."""

PARTS = (
    "own",
    "member",
    "visitor",
    "facilitator",
    "other",
    "moderator",
    "owner",
    "barred",
    "stranger",
    "elsewhere",
)
"""Who there is, in the order of the table's columns."""

LIVE_HERE = ("Ada", "Mara", "Lena", "Kim", "Ben", "Una", "Finn", "Gus", "Ira", "Lou", "Max", "Pia")


@dataclass(slots=True)
class Harbour:
    """A running Hearth, the people by the part that they have, and where they press."""

    hearth: Running
    people: dict[str, Person]
    ids: dict[str, int | str]
    here: Place
    elsewhere: Place
    things: dict[str, object] = field(default_factory=dict[str, object])
    tables: Tables = field(init=False)

    def begin(self) -> None:
        """Do nothing after a commit from now on: what is asked for can then be put back."""
        file = file_of(self.hearth.app.client.settings.database)
        assert file is not None
        self.hearth.app.database.after_commit = None
        self.tables = Tables(file)

    def place(self, part: str) -> Place:
        """Return where somebody of this part asks for something."""
        return self.elsewhere if part == "elsewhere" else self.here


async def founded(hearth: Running) -> Harbour:
    """Found the harbour through the commands."""
    owner, server = hearth.owner, hearth.server
    rooms = {name: await owner.create_channel(name) for name in ("desk", "watch", "office")}
    await set_up(
        hearth,
        facilitators_room=rooms["desk"],
        moderators_room=rooms["watch"],
        owners_room=rooms["office"],
        owner_role=await owner.create_role("Keepers"),
    )
    await group(hearth)
    await group(
        hearth, "Lanternglow", type="Identity", purpose="Evenings by lamplight.", emoji="🏮"
    )
    await group(hearth, "Millpond", emoji="🦆")
    await group(hearth, "Fernhollow", emoji="🌿")
    names = {name: await at_home(hearth, name) for name in LIVE_HERE}
    names |= {name: await at_home(hearth, name, "Millpond") for name in ("Omar", "Vera", "Ivo")}
    names |= {name: await hearth.person(name) for name in ("Mo", "Bo", "Zed", "Nia")}
    await looked_after(hearth, names["Lena"])
    await looked_after(hearth, names["Omar"], "Millpond")
    await names["Vera"].command("visit", group="Riverside")
    guards = await owner.create_role("Guards", permissions=Permission.MODERATE_MEMBERS)
    await owner.give_role(names["Mo"], guards)
    await hearth.settle()
    barring = await names["Mo"].command("safety bar", user=names["Bo"], group="Riverside")
    await names["Mo"].fill(barring, reason="")
    await owner.command("hearth type edit", type="Interest", minimum=5)
    await owner.command(
        "hearth group edit",
        group="Riverside",
        purpose="Runs around the lake.",
        norms="Be kind.\nListen first.\nShare the path.",
    )
    chess = await owner.create_role("Chess")
    await owner.give_role(names["Zed"], chess)
    board = await owner.create_channel("board", overwrites=_only_for(hearth, chess))
    server.onboards = True
    server.prompts = [_welcome(chess)]
    other = hearth.sandbox.add_server("Elsewhere").owner
    await hearth.settle()
    await other.command("hearth setup", commons=other.server.channel("general"))
    people = {
        "own": names["Ada"],
        "member": names["Mara"],
        "visitor": names["Vera"],
        "facilitator": names["Lena"],
        "other": names["Omar"],
        "moderator": names["Mo"],
        "owner": owner,
        "barred": names["Bo"],
        "stranger": names["Zed"],
        "elsewhere": other,
    }
    here = Place(server.channel("general"), await panel(hearth, owner))
    elsewhere = Place(other.server.channel("general"), await panel(hearth, other))
    async with hearth.app.database.writing() as session:
        over = await session.get_one(Group, FERNHOLLOW)
        over.state, over.archived_at, over.room_id = "archived", hearth.app.client.clock.now(), None
        edited = await session.scalar(
            select(func.max(LogEntry.id)).where(LogEntry.action == "group-edit")
        )
        assert edited is not None
    await hearth.settle()
    ids: dict[str, int | str] = {
        "group": RIVERSIDE,
        "unlisted": LANTERNGLOW,
        "millpond": MILLPOND,
        "ended": FERNHOLLOW,
        "room": channel(hearth, "🌊-riverside").id,
        "commons": here.channel.id,
        "message": here.message.id,
        "role": guards.id,
        "chess": chess.id,
        "board": board.id,
        "owner": owner.id,
        "entry": edited,
        **{name.lower(): person.id for name, person in names.items()},
    }
    things: dict[str, object] = {**names, "board": board, "chess": chess, "message": here.message}
    return Harbour(hearth, people, ids, here, elsewhere, things)


def _only_for(hearth: Running, role: Role) -> list[Overwrite]:
    """Return who may enter a room that was there before Hearth: a role, and Hearth itself."""
    look = int(Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES)
    return [
        Overwrite(hearth.server.id, OverwriteType.ROLE, 0, int(Permission.VIEW_CHANNEL)),
        Overwrite(role.id, OverwriteType.ROLE, look, 0),
        Overwrite(hearth.sandbox.bot_id, OverwriteType.MEMBER, look, 0),
    ]


def _welcome(role: Role) -> dict[str, Any]:
    """Return a question of Discord's own welcome (its docs, Onboarding Prompt Structure)."""
    return {
        "id": "1",
        "type": 0,
        "title": "Do you play?",
        "options": [
            {
                "id": str(number),
                "channel_ids": [],
                "role_ids": roles,
                "emoji": {"id": None, "name": None, "animated": False},
                "title": title,
                "description": None,
            }
            for number, (title, roles) in enumerate((("Chess", [str(role.id)]), ("No", [])), 11)
        ],
        "single_select": True,
        "required": True,
        "in_onboarding": True,
    }
