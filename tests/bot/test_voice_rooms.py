"""Voice rooms in a server: made beside the room, kept by whoever, found again after a crash."""

from collections.abc import AsyncGenerator
from datetime import datetime

import pytest
from sqlalchemy import update

from bot.database import note_after_commit
from bot.rules.access import CONNECT, SPEAK, VIEW
from bot.rules.scope import GroupScope, ServerScope
from bot.settings import Settings
from models import Creation, Group, GroupType
from sandbox.permissions import Permission
from sandbox.state import Channel, ChannelType
from tests.bot.harbour import LISTENING, Harbour, harbour


@pytest.fixture
async def place(laid: Settings, now: datetime) -> AsyncGenerator[Harbour]:
    """A server with a running bot."""
    async with harbour(laid, now, cogs=LISTENING) as opened:
        await opened.start()
        yield opened


async def wish(place: Harbour, *, voice: bool = True) -> None:
    """Let all types have voice rooms, or none."""
    async with place.writing() as session:
        await session.execute(update(GroupType).values(voice=voice))
        note_after_commit(session, ServerScope(place.guild.id))


async def voice_of(place: Harbour, group_id: int) -> Channel:
    """Return a group's voice room in the sandbox."""
    voice_id = (await place.row(group_id)).voice_id
    assert voice_id is not None
    return place.guild.channels[voice_id]


def voices(place: Harbour) -> list[Channel]:
    """Return all voice rooms that Hearth made."""
    made = place.guild.channels.values()
    return [c for c in made if c.type is ChannelType.VOICE and c.name.startswith("🌊")]


@pytest.mark.parametrize("access", ["role", "overwrites"])
async def test_who_lives_there_may_come_in_and_nobody_else(place: Harbour, access: str) -> None:
    """It stands beside the room, has the group's name, and opens to the same people."""
    group = await place.group("Riverside", access=access)
    kim, vera, jo = [await place.person(name) for name in ("Kim", "Vera", "Jo")]
    await place.lives(kim, group)
    await place.visits(vera, group)
    await wish(place)
    assert await place.settled()
    voice, room = await voice_of(place, group), await place.room(group)
    assert (voice.type, voice.name) == (ChannelType.VOICE, "🌊 Riverside")
    assert voice.parent_id == room.parent_id
    assert [person.sees(voice) for person in (kim, vera, jo)] == [True, True, False]
    await kim.join_voice(voice)
    rights = place.sandbox.world.permissions(kim.member, voice)
    assert rights & Permission.SPEAK
    with pytest.raises(PermissionError):
        await jo.join_voice(voice)
    await place.homeless(kim)
    assert await place.settled()
    assert not kim.sees(voice)


async def test_it_takes_the_groups_name_and_keeps_a_persons(place: Harbour) -> None:
    """A change of the tables renames; what an owner wrote by hand stands until then."""
    group = await place.group("Riverside")
    await wish(place)
    assert await place.settled()
    voice = await voice_of(place, group)
    await place.owner.edit_channel(voice, name="Round table")
    assert await place.settled()
    assert voice.name == "Round table"
    async with place.writing() as session:
        (await session.get_one(Group, group)).name = "Brook"
        note_after_commit(session, GroupScope(place.guild.id, group))
    assert await place.settled()
    assert voice.name == "🌊 Brook"


async def test_a_deleted_one_is_made_again_and_told_once(place: Harbour) -> None:
    """As a room is; where the type wants none any more it stays away."""
    group = await place.group("Riverside")
    await wish(place)
    assert await place.settled()
    gone = await voice_of(place, group)
    await place.owner.delete_channel(gone)
    assert await place.settled()
    assert (await voice_of(place, group)).id != gone.id
    assert await place.owed("owners") == [f"upkeep:remade:{gone.id}"]
    await wish(place, voice=False)
    assert await place.settled()
    assert len(voices(place)) == 1  # nothing is deleted
    await place.owner.delete_channel(await voice_of(place, group))
    assert await place.settled()
    assert voices(place) == []


async def test_what_others_write_into_it_is_put_right(place: Harbour) -> None:
    """Whom somebody shut out stays out of it, and keeps their home; who must not, goes."""
    group = await place.group("Lanterns", access="overwrites")
    kim, jo = await place.person("Kim"), await place.person("Jo")
    await place.lives(kim, group)
    await wish(place)
    assert await place.settled()
    voice = await voice_of(place, group)
    await place.owner.set_overwrite(voice, kim, deny=SPEAK, allow=VIEW | CONNECT)
    await place.owner.set_overwrite(voice, place.guild.roles[place.guild.id], allow=VIEW)
    assert await place.settled()
    assert await place.home(kim) == (group, "here")
    assert not place.sandbox.world.permissions(kim.member, voice) & Permission.SPEAK
    assert not jo.sees(voice)
    await place.owner.delete_overwrite(voice, kim)
    assert await place.settled()
    assert await place.home(kim) == (group, "here")
    assert kim.sees(voice)


async def test_one_whose_answer_was_lost_is_adopted(place: Harbour) -> None:
    """After a crash between making and storing it is found by its id, never made twice."""
    group = await place.group("Riverside")
    assert await place.settled()
    place.sandbox.faults.add("reset", "POST", "/guilds/{guild_id}/channels", times=1, effect=True)
    await wish(place)
    assert await place.settled()
    assert [c.id for c in voices(place)] == [(await place.row(group)).voice_id]
    await place.stop()
    async with place.writing() as session:
        row = await session.get_one(Group, group)
        made, row.voice_id = row.voice_id, None
        reason = next(e.reason for e in place.guild.audit_log if e.target_id == made)
        assert reason is not None
        session.add(
            Creation(
                id=reason.rpartition(" ")[2],
                server_id=place.guild.id,
                what="voice",
                subject_id=group,
                begun_at=place.now,
            )
        )
    await place.start()
    assert await place.settled()
    assert (await place.row(group)).voice_id == made
    assert len(voices(place)) == 1


async def test_a_locked_room_is_silent(place: Harbour) -> None:
    """Nobody comes in while moderators have locked it; afterwards as before."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    await wish(place)
    assert await place.settled()
    voice = await voice_of(place, group)
    for locked in (True, False):
        async with place.writing() as session:
            (await session.get_one(Group, group)).locked_at = place.now if locked else None
            note_after_commit(session, GroupScope(place.guild.id, group))
        assert await place.settled()
        may = place.sandbox.world.permissions(kim.member, voice)
        assert bool(may & Permission.CONNECT) is not locked
