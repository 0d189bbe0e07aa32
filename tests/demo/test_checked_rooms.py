"""The checker knows rooms to talk in, rooms that are only read, old doors and adopted rooms."""

from collections.abc import Callable
from typing import Any

import pytest

import models
from demo.checked_rooms import CONNECT, HISTORY, SEND, VIEW
from sandbox import acts
from sandbox.state import Channel, ChannelType, Overwrite, OverwriteType
from tests.demo.checked import DAY, GROUPS, NOW, House

Change = Callable[[House], object]
"""Something done by hand, on the server or in the tables."""


def add_voice(house: House, group: str = "River") -> Channel:
    """Let the type want voice rooms, and the bot make one as it should be."""
    world, server = house.sandbox.world, house.server
    doors = [
        Overwrite(one.id, one.type, one.allow | (CONNECT if one.allow else 0), one.deny)
        for one in house.rooms[group].overwrites.values()
    ]
    parent = house.rooms[group].parent_id
    hands = server.members[house.sandbox.bot_id]
    voice = acts.create_channel(
        world,
        server,
        hands,
        ChannelType.VOICE,
        {"name": group, "parent_id": parent, "overwrites": doors},
    )
    house.rooms[f"{group} (voice)"] = voice
    house.sql("UPDATE groups SET voice_id = ? WHERE name = ?", voice.id, group)
    return voice


def lock(house: House, group: str) -> None:
    """Close a room as the bot would: everyone is forbidden to write, and keys only open."""
    house.sql("UPDATE groups SET locked_at = created_at WHERE name = ?", group)
    for name in (group, f"{group} (voice)"):
        room = house.rooms.get(name)
        if room is None:
            continue
        for entry in room.overwrites.values():
            if entry.id == house.server.id:
                entry.deny |= SEND | CONNECT
            elif entry.id != house.sandbox.bot_id:
                entry.allow &= ~(SEND | CONNECT)


def entry_of(house: House, room: str, who: str) -> Overwrite:
    """Return the entry of everyone, of a group's role, or of a person."""
    target = house.roles.get(who) or house.people.get(who)
    return house.rooms[room].overwrites[house.server.id if target is None else target.id]


VOICE: dict[str, Change] = {
    "it is gone": lambda h: h.sandbox.state.remove_channel(h.rooms["River (voice)"]),
    "it is a text room": lambda h: setattr(h.rooms["River (voice)"], "type", ChannelType.TEXT),
    "nobody can come in": lambda h: setattr(
        entry_of(h, "River (voice)", "River"), "allow", VIEW | SEND
    ),
    "a stranger may": lambda h: h.rooms["River (voice)"].overwrites.__setitem__(
        h.people["Eva"].id, Overwrite(h.people["Eva"].id, OverwriteType.MEMBER, VIEW)
    ),
    "everyone sees it": lambda h: setattr(entry_of(h, "River (voice)", "everyone"), "deny", 0),
    "it stands elsewhere": lambda h: setattr(h.rooms["River (voice)"], "parent_id", None),
    "no row knows it": lambda h: h.sql("UPDATE groups SET voice_id = NULL"),
}


@pytest.mark.parametrize("what", VOICE)
async def test_a_voice_room_is_held_to_the_same_keys(house: House, what: str) -> None:
    """A voice room as it should be is no drift; each difference in it is."""
    house.sql("UPDATE group_type SET voice = 1 WHERE id = 1")
    house.sql("UPDATE groups SET state = 'resting' WHERE name = 'Pond'")
    add_voice(house)
    assert house.verdict().clean
    VOICE[what](house)
    assert house.verdict().drift


async def test_a_voice_room_is_missed_only_where_groups_are_made_ready(house: House) -> None:
    """An open group lacks the voice room that its type wants; one that rests does not."""
    house.sql("UPDATE group_type SET voice = 1 WHERE id = 1")
    house.sql("UPDATE groups SET state = 'resting' WHERE name = 'Pond'")
    assert house.verdict().drift == ["River: no voice room"]


READ_ONLY: dict[str, Change] = {
    "everyone may write": lambda h: setattr(entry_of(h, "River", "everyone"), "deny", VIEW),
    "its people may write": lambda h: setattr(entry_of(h, "River", "River"), "allow", VIEW | SEND),
    "siblings may write": lambda h: setattr(entry_of(h, "River", "Pond"), "allow", VIEW | SEND),
    "its people see nothing": lambda h: setattr(entry_of(h, "River", "River"), "allow", 0),
    "a person was muted in it": lambda h: setattr(entry_of(h, "River", "River"), "deny", SEND),
    "people talk all the same": lambda h: setattr(
        entry_of(h, "River (voice)", "River"), "allow", VIEW | CONNECT
    ),
    "the bot cannot write": lambda h: setattr(
        h.rooms["River"].overwrites[h.sandbox.bot_id], "allow", VIEW
    ),
    "nobody wants it locked": lambda h: h.sql("UPDATE groups SET locked_at = NULL"),
}


@pytest.mark.parametrize("what", READ_ONLY)
async def test_a_locked_room_is_only_read(house: House, what: str) -> None:
    """A room locked as it should be is no drift; each difference in it is."""
    add_voice(house)
    lock(house, "River")
    assert house.verdict().clean
    READ_ONLY[what](house)
    assert house.verdict().drift


async def test_an_archived_room_is_only_read(house: House) -> None:
    """Who has a key to an archived group's room reads there, and a role that is gone stays gone."""
    house.sql("UPDATE groups SET state = 'archived' WHERE name = 'Owls'")
    assert house.verdict().drift
    lock(house, "Owls")
    house.sql("UPDATE groups SET locked_at = NULL")
    assert house.verdict().clean


SHUT: dict[str, Change] = {
    "barred there": lambda h: bar(h, "Cem", 1),
    "barred everywhere": lambda h: bar(h, "Cem", 0),
    "removed lately": lambda h: h.tables.add(
        models.Removal(
            server_id=h.server.id,
            group_id=1,
            user_id=h.people["Cem"].id,
            by_user_id=0,
            kind="removed",
            at=NOW - DAY,
            shut=True,
        )
    ),
    "apart from somebody there": lambda h: part(h, "Cem", "Ada"),
}


def bar(house: House, who: str, group_id: int) -> None:
    """Keep somebody out of a group, or of all."""
    house.tables.add(
        models.Bar(
            server_id=house.server.id,
            user_id=house.people[who].id,
            group_id=group_id,
            by_user_id=1,
            at=NOW - DAY,
        )
    )


def part(house: House, one: str, other: str) -> None:
    """Keep two out of the same room."""
    low, high = sorted(house.people[name].id for name in (one, other))
    house.tables.add(
        models.Apart(
            server_id=house.server.id, low_id=low, high_id=high, by_user_id=1, at=NOW - DAY
        )
    )


@pytest.mark.parametrize("why", SHUT)
async def test_who_must_stay_out_is_shut_out_of_an_open_door(house: House, why: str) -> None:
    """Cem, a sibling by the door, must have an entry that shuts the River's room, not another."""
    house.sql("DELETE FROM door WHERE group_id = 2")
    house.rooms["Pond"].overwrites.pop(house.roles["River"].id)
    SHUT[why](house)
    cem = house.people["Cem"].id
    assert house.verdict().drift == [f"River: the overwrite for {cem} is missing"]
    entry = Overwrite(cem, OverwriteType.MEMBER, deny=VIEW | SEND | HISTORY)
    house.rooms["River"].overwrites[cem] = entry
    assert house.verdict().clean
    entry.deny = SEND
    assert house.verdict().drift == [f"River: {cem} must not come in, and may"]


async def test_two_who_would_meet_by_one_door_are_both_shut_out(house: House) -> None:
    """Ada and Ben live together and must not: neither may use the door into the Pond's room."""
    part(house, "Ada", "Ben")
    missing = {line.split()[4] for line in house.verdict().drift}
    assert missing == {f"{house.people[name].id}" for name in ("Ada", "Ben")}


def adopt(house: House, **columns: Any) -> None:
    """Let River be a role and a room that were there before."""
    before = f'{{"entries": {{"{house.server.id}": [0, 1024]}}}}'
    values: dict[str, Any] = {"before": before, "at": NOW - 3 * DAY, **columns}
    house.tables.add(
        models.Adoption(
            server_id=house.server.id,
            group_id=GROUPS["River"],
            role_id=house.roles["River"].id,
            room_id=house.rooms["River"].id,
            **values,
        )
    )


async def test_an_adopted_room_keeps_what_people_wrote_into_it(house: House) -> None:
    """It stands where it stood, with its old entries; only the keys of Hearth must be right."""
    painters = await house.server.owner.create_role("Painters")
    room, eva = house.rooms["River"], house.people["Eva"].id
    room.parent_id = None
    room.overwrites[painters.id] = Overwrite(painters.id, OverwriteType.ROLE, allow=VIEW)
    room.overwrites[eva] = Overwrite(eva, OverwriteType.MEMBER, allow=VIEW)
    entry_of(house, "River", "River").deny = SEND
    entry_of(house, "River", "River").allow = VIEW
    assert len(house.verdict().drift) == 5
    adopt(house)
    assert house.verdict().clean
    house.tables.add(ended_visit(house, "Eva"))
    assert house.verdict().drift


def ended_visit(house: House, who: str) -> models.Visit:
    """Return a visit to River that is over."""
    return models.Visit(
        server_id=house.server.id,
        group_id=GROUPS["River"],
        user_id=house.people[who].id,
        started_at=NOW - 9 * DAY,
        ends_at=NOW - DAY,
        ended_at=NOW - DAY,
    )


async def test_guests_of_an_adopted_role_keep_it(house: House) -> None:
    """A guest by an old role has the role, no entry in the room, and no second home by it."""
    dua = house.people["Dua"]
    dua.member.roles.add(house.roles["River"].id)
    assert house.verdict().drift
    assert house.verdict().two_homes
    visit = ended_visit(house, "Dua")
    visit.origin, visit.ended_at, visit.ends_at = "adopted", None, NOW + 400 * DAY
    house.tables.add(visit)
    assert house.verdict().clean
    dua.member.roles.clear()
    assert house.verdict().drift == [f"River: {dua.id} lacks the role"]


async def test_a_room_that_was_given_back_is_hearths_no_more(house: House) -> None:
    """What was not given back yet is unsettled; a leftover entry of the bot's is drift."""
    adopt(house, undone_at=NOW - DAY)
    assert house.verdict().unsettled == [f"the room {house.rooms['River'].id} was not given back"]
    house.sql("UPDATE adoption SET given_back_at = undone_at")
    house.sql("DELETE FROM door")
    house.sql("DELETE FROM membership WHERE group_id = 1")
    house.sql("DELETE FROM groups WHERE id = 1")
    house.rooms["Pond"].overwrites.pop(house.roles["River"].id)
    house.sandbox.state.servers[house.server.id].audit_log.clear()
    assert house.verdict().drift == ["river was given back, and Hearth's own entry stands there"]
    house.rooms["River"].overwrites.pop(house.sandbox.bot_id)
    assert house.verdict().clean
