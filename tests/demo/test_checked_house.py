"""The checker knows seats that are kept, offices, rooms of setup and the panel in the commons."""

from collections.abc import Callable
from datetime import datetime

import pytest

import models
from demo.checked_rooms import SEND, VIEW
from models import Base
from sandbox import acts
from sandbox.state import Channel, ChannelType, Message, Overwrite, OverwriteType
from tests.demo.checked import DAY, GROUPS, NOW, House


async def test_seats_that_are_kept_are_counted(house: House) -> None:
    """A group counts as many seats as kept as there are offers to people in its line."""
    eva = house.people["Eva"].id
    row = models.Waiting(server_id=house.server.id, user_id=eva, group_id=1, since=NOW - DAY)
    house.tables.add(row)
    assert house.verdict().clean
    house.sql("UPDATE waiting SET offered_at = since, offer_ends_at = since")
    (line,) = house.verdict().drift
    assert line == "River: counts 0 seats that are kept for others, there are 1"
    house.sql("UPDATE groups SET offered = 1 WHERE id = 1")
    assert house.verdict().clean


async def test_visits_that_were_asked_for_are_counted(house: House) -> None:
    """A visit that was granted takes no place; one that was asked for does."""
    house.sql("UPDATE visit SET origin = 'granted'")
    assert house.verdict().drift == [
        "Owls: counts 1 visits that were asked for, there are 0",
    ]
    house.sql("UPDATE groups SET visitors = 0")
    assert house.verdict().clean


def office(house: House, who: str, group: str) -> None:
    """Let somebody look after a group."""
    house.tables.add(
        models.Facilitator(
            server_id=house.server.id,
            group_id=GROUPS[group],
            user_id=house.people[who].id,
            state="active",
            since=NOW - DAY,
        )
    )


async def test_who_looks_after_a_group_can_enter_it(house: House) -> None:
    """Who lives there needs nothing more; who lives elsewhere has a key as long as the office."""
    office(house, "Ada", "River")
    assert house.verdict().clean
    office(house, "Ben", "Owls")
    ben = house.people["Ben"].id
    assert house.verdict().drift == [f"{ben} looks after group 3 and has no key to it"]
    key = models.Visit(
        server_id=house.server.id,
        group_id=3,
        user_id=ben,
        origin="office",
        started_at=NOW - DAY,
        ends_at=NOW + DAY,
    )
    house.tables.add(key)
    assert house.verdict().drift == [f"Owls: the overwrite for {ben} is missing"]
    entry = Overwrite(ben, OverwriteType.MEMBER, VIEW | SEND, 1 << 16)
    house.rooms["Owls"].overwrites[ben] = entry
    assert house.verdict().clean
    house.sql("DELETE FROM facilitator WHERE user_id = ?", ben)
    assert house.verdict().drift == [
        f"{ben} has the key of an office in group 3 and no office",
    ]


NAMES = {
    "commons": "UPDATE server SET commons_id = ?",
    "facilitators_room": "UPDATE server SET facilitators_room_id = ?",
    "moderators_room": "UPDATE server SET moderators_room_id = ?",
    "owners_room": "UPDATE server SET owners_room_id = ?",
}
"""How setup names a room for a part."""


def setup_room(house: House, part: str) -> Channel:
    """Make a room of setup as the bot would, with its rows."""
    doors = [
        Overwrite(house.server.id, OverwriteType.ROLE, deny=VIEW),
        Overwrite(house.sandbox.bot_id, OverwriteType.MEMBER, allow=VIEW | SEND),
    ]
    hands = house.server.members[house.sandbox.bot_id]
    room = acts.create_channel(
        house.sandbox.world,
        house.server,
        hands,
        ChannelType.TEXT,
        {"name": part, "overwrites": [] if part == "commons" else doors},
    )
    house.tables.add(
        models.HouseRoom(server_id=house.server.id, part=part, name=part, room_id=room.id)
    )
    house.sql(NAMES[part], room.id)
    return room


@pytest.mark.parametrize("part", ["commons", "owners_room", "moderators_room"])
async def test_rooms_of_setup_are_there_and_private(house: House, part: str) -> None:
    """A room that setup had made is there and nobody's orphan; all but the commons are private."""
    room = setup_room(house, part)
    assert house.verdict().clean
    room.overwrites.pop(house.server.id, None)
    assert house.verdict().drift == ([] if part == "commons" else [f"everyone sees the {part}"])
    house.sandbox.state.remove_channel(room)
    assert len(house.verdict().drift) == 2


async def test_a_room_of_setup_that_was_never_made_is_missed(house: House) -> None:
    """A wish without a room is a difference; a room that setup forgot is an orphan."""
    house.tables.add(models.HouseRoom(server_id=house.server.id, part="commons", name="plaza"))
    assert house.verdict().drift == ["the commons that setup wants was not made"]
    house.sql("DELETE FROM house_room")
    setup_room(house, "commons")
    house.sql("DELETE FROM house_room")
    house.sql("UPDATE server SET commons_id = NULL")
    assert house.verdict().drift == ["channel commons belongs to no group"]


async def test_the_facilitators_room_is_open_to_facilitators(house: House) -> None:
    """Whoever looks after a group may enter the facilitators' room, and nobody else by name."""
    room = setup_room(house, "facilitators_room")
    office(house, "Ada", "River")
    ada = house.people["Ada"].id
    assert house.verdict().drift == [f"{ada} may not enter the facilitators_room"]
    room.overwrites[ada] = Overwrite(ada, OverwriteType.MEMBER, allow=VIEW)
    assert house.verdict().clean
    house.sql("DELETE FROM facilitator")
    assert house.verdict().drift == [f"{ada} may enter the facilitators_room"]


def panel(house: House, number: int, state: str = "stands") -> Message:
    """Post a panel with its row."""
    buttons = [
        {"type": 2, "style": 2, "label": verb, "custom_id": f"{verb}:panel-{number}"}
        for verb in ("find-open", "groups-open", "home-open")
    ]
    draft = acts.Draft("Come in", components=[{"type": 1, "components": buttons}])
    channel = next(one for one in house.server.channels.values() if one.name == "general")
    message = acts.send(house.sandbox.world, house.sandbox.state.bot, channel, draft)
    house.tables.add(panel_row(house, number, state, NOW, channel.id, message.id))
    if state == "stands":
        house.sql("UPDATE server SET panel_message_id = ?", message.id)
    return message


def panel_row(  # noqa: PLR0917 - a row's columns
    house: House, number: int, state: str, at: datetime, channel_id: int, message_id: int
) -> models.Panel:
    """Return the row of a panel."""
    return models.Panel(
        id=number,
        server_id=house.server.id,
        state=state,
        posted_at=at,
        channel_id=channel_id,
        message_id=message_id,
        groups=3,
        seats=9,
    )


async def test_the_panel_that_stands_is_the_only_one(house: House) -> None:
    """One panel stands where its row says; an older one is unsettled, and drift while it stands."""
    old = panel(house, 1)
    assert house.verdict().clean
    house.sql("UPDATE panel SET state = 'over'")
    panel(house, 2)
    verdict = house.verdict()
    assert verdict.unsettled == [f"the panel {old.id} was not taken down"]
    assert len(verdict.drift) == 1
    house.sql("DELETE FROM panel WHERE id = 1")
    assert house.verdict().drift == [f"a panel stands in general that no row knows: {old.id}"]
    house.server.channel("general").history.remove(old.id)
    assert house.verdict().clean


PANEL: dict[str, Callable[[House], object]] = {
    "its message is gone": lambda h: h.sql("UPDATE panel SET message_id = 5"),
    "the server's row names another": lambda h: h.sql("UPDATE server SET panel_message_id = 5"),
    "the server's row names none": lambda h: h.sql("UPDATE server SET panel_message_id = NULL"),
    "two stand": lambda h: panel(h, 2),
}


@pytest.mark.parametrize("what", PANEL)
async def test_a_panel_that_is_not_as_its_row_says_is_found(house: House, what: str) -> None:
    """Each difference between the panel and its row is drift."""
    panel(house, 1)
    PANEL[what](house)
    assert house.verdict().drift


UNSETTLED: dict[str, Callable[[House], Base]] = {
    "a merge under way": lambda h: models.Merge(
        server_id=h.server.id, group_id=1, into_id=2, state="moving", planned_at=NOW - DAY
    ),
    "a setup under way": lambda h: models.Undertaking(
        server_id=h.server.id, kind="setup", by_user_id=1, begun_at=NOW - DAY
    ),
}


@pytest.mark.parametrize("what", UNSETTLED)
async def test_what_was_begun_is_unsettled(house: House, what: str) -> None:
    """A merge that moves people and a setup that runs are named."""
    house.tables.add(UNSETTLED[what](house))
    assert len(house.verdict().unsettled) == 1
