"""The checker finds nothing where all is well, and every difference that is made by hand."""

from collections.abc import Callable

import pytest

import models
from demo.checked_rooms import VIEW
from demo.checker import Verdict
from models import Base
from sandbox import acts
from sandbox.state import ChannelType, Overwrite, OverwriteType
from tests.demo.checked import DAY, NOW, House


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
