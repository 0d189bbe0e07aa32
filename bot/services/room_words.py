"""What facilitators have Hearth say in their room: norms recalled, a question, a call to everyone.

All of it is rare: when something of a kind was said last is kept per group. A call shares its week
with the rituals that ping the whole group.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import room_messages as messages
from bot.rules import starters
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.message import Button, Line, Message
from bot.rules.naming import clean, safe
from bot.rules.room_messages import PAUSES, Word
from bot.rules.split_times import day_left, pings_allowed_at
from bot.rules.starters import Own, Season
from bot.services import known_groups, rights
from bot.services.groups import of_server
from bot.services.outbox import owe
from bot.services.upserts import upsert
from bot.settings import Settings
from models import Group, GroupType, Lineage, Membership, RoomWord, Server

GOOD_FOR = timedelta(hours=6)  # what could not be said by then is not said any more


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return what the desk's page of the room offers."""
    del session, actor, settings
    if group.state == "archived":
        return ()
    again = _call_again(group)
    lines: tuple[Line, ...] = ()
    if group.pinged_at is not None and again is not None and again > now:
        at = int(group.pinged_at.timestamp())
        lines = (Line("room.desk_called", {"at": at, "again": int(again.timestamp())}),)
    buttons = (
        Button("room.norms_button", f"room-norms:{group.id}"),
        Button("room.starter_button", f"room-starter:{group.id}:0"),
        Button("room.call_button", f"room-call:{group.id}"),
    )
    return (Part("room", lines, buttons),)


async def norms(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return a group's norms for whoever looks after it, with what they can do."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    return messages.norms_card(group_id, group.emoji, group.name, group.norms, at_the_desk=True)


async def norms_asked(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return a group's norms for who may know of it; a button in its room asks for them."""
    group = await of_server(session, actor.server_id, group_id)
    known = await known_groups.known(session, actor.server_id, actor.user_id)
    if group_id not in {found.id for found in known}:
        raise UserError("groups.not_found")
    return messages.norms_card(group_id, group.emoji, group.name, group.norms)


async def recall_norms(
    session: AsyncSession, actor: Actor, group_id: int, now: datetime
) -> datetime:
    """Have the norms stand in the room again; return from when on the next time can be."""
    group = await _speakable(session, actor, group_id)
    if not group.norms.strip():
        raise UserError("room.norms_nothing", group=safe(group.name))
    again = await _claim(session, group, "norms", now)
    await _say(session, group, "norms", [messages.norms_posted(group.id, group.norms, now)], now)
    return again


async def starter(
    session: AsyncSession, actor: Actor, group_id: int, place: int, now: datetime
) -> Message:
    """Return one of the week's three starters, for whoever looks after the group."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    own, local = await _own(session, group, now)
    return messages.starter_card(group_id, starters.of_week(own, local.date()), place)


async def post_starter(
    session: AsyncSession, actor: Actor, group_id: int, name: str, now: datetime
) -> None:
    """Put a starter into the room as its poster's question."""
    group = await _speakable(session, actor, group_id)
    own, local = await _own(session, group, now)
    line = starters.named(own, name, local.date())
    if line is None:
        raise UserError("room.gone")
    await _claim(session, group, "starter", now)
    message = messages.starter_posted(group.id, actor.user_id, line, now)
    await _say(session, group, "starter", [message], now)


async def may_call(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> None:
    """UserError when everyone cannot be called now: it says from when on."""
    group = await _speakable(session, actor, group_id)
    await _check_call(session, group, now, "")


async def call(
    session: AsyncSession, actor: Actor, group_id: int, typed: str, now: datetime
) -> datetime:
    """Call everyone who lives in a group with a sentence; return from when on the next can be.

    UserError at night, within a week of the last time the whole group was pinged, and for nothing.
    """
    group = await _speakable(session, actor, group_id)
    said = clean(typed)[: messages.SAID_MOST]
    if not said:
        raise UserError("room.call_empty")
    await _check_call(session, group, now, said)
    called = await session.execute(
        update(Group)
        .where(
            Group.id == group_id,
            or_(Group.pinged_at.is_(None), Group.pinged_at <= now - PAUSES["call"]),
        )
        .values(pinged_at=now),
        execution_options={"synchronize_session": False},
    )
    if isinstance(called, CursorResult) and not called.rowcount:
        await session.refresh(group)
        await _check_call(session, group, now, said)
    await session.refresh(group)
    people: list[int] = []
    if group.role_id is None:
        found = await session.scalars(
            select(Membership.user_id)
            .where(Membership.group_id == group_id, Membership.state == "here")
            .order_by(Membership.user_id)
        )
        people = [user for user in found if user != actor.user_id]
    rounds = messages.called(
        group_id, actor.user_id, said, role_id=group.role_id, people=people, now=now
    )
    # Nor is anybody woken by one that could not be said before the evening is over.
    day = day_left(now, await _zone(session, group))
    await _say(session, group, "call", rounds, now, good_for=min(GOOD_FOR, day))
    return now + PAUSES["call"]


async def _speakable(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    """Return the group if its facilitators may have something said in its room."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    if group.state == "archived":
        raise UserError("room.ended", group=safe(group.name))
    if group.room_id is None:
        raise UserError("room.not_made", group=safe(group.name))
    if group.locked_at is not None:
        raise UserError("room.locked", group=safe(group.name))
    return group


async def _claim(session: AsyncSession, group: Group, kind: Word, now: datetime) -> datetime:
    """Take the turn of a kind of word; UserError when the last is not long enough ago."""
    statement = upsert(session, RoomWord).values(
        group_id=group.id, kind=kind, server_id=group.server_id, at=now
    )
    statement = statement.on_conflict_do_update(
        index_elements=["group_id", "kind"],
        set_={"at": statement.excluded.at},
        where=RoomWord.at <= now - PAUSES[kind],
    )
    taken = await session.execute(statement)
    if isinstance(taken, CursorResult) and not taken.rowcount:
        last = (
            await session.scalars(
                select(RoomWord.at).where(RoomWord.group_id == group.id, RoomWord.kind == kind)
            )
        ).one()
        again = last + PAUSES[kind]
        raise UserError(
            f"room.{kind}_lately", at=int(last.timestamp()), again=int(again.timestamp())
        )
    return now + PAUSES[kind]


async def _say(
    session: AsyncSession,
    group: Group,
    kind: Word,
    said: Sequence[Message],
    now: datetime,
    *,
    good_for: timedelta = GOOD_FOR,
) -> None:
    at = int(now.timestamp())
    for number, message in enumerate(said):
        await owe(
            session,
            server_id=group.server_id,
            kind=f"room-{kind}",
            key=f"room-{kind}:{group.id}:{at}:{number}",
            place="room",
            group_id=group.id,
            message=message,
            now=now,
            expires_in=good_for,
        )


async def _check_call(session: AsyncSession, group: Group, now: datetime, said: str) -> None:
    """UserError when the group was pinged within a week, or it is night where it lives."""
    kept = "_kept" if said else ""
    again = _call_again(group)
    if group.pinged_at is not None and again is not None and again > now:
        raise UserError(
            f"room.call_lately{kept}",
            at=int(group.pinged_at.timestamp()),
            again=int(again.timestamp()),
            typed=safe(said),
        )
    morning = pings_allowed_at(now, await _zone(session, group))
    if morning > now:
        raise UserError(f"room.call_night{kept}", again=int(morning.timestamp()), typed=safe(said))


def _call_again(group: Group) -> datetime | None:
    return None if group.pinged_at is None else group.pinged_at + PAUSES["call"]


async def _zone(session: AsyncSession, group: Group) -> str:
    if group.zone:
        return group.zone
    return (await session.get_one(Server, group.server_id)).zone


async def _own(session: AsyncSession, group: Group, now: datetime) -> tuple[Own, datetime]:
    """Return what a group says of itself and where it is just now, and the time on its clock."""
    type_ = await session.get_one(GroupType, group.type_id)
    own = Own(
        group_id=group.id,
        kind=type_.kind,
        season=await _season(session, group, now),
        purpose=group.purpose,
        for_whom=group.for_whom,
        unites=group.unites,
        norms=group.norms,
        first_thing=group.first_thing,
        city=group.city,
    )
    return own, now.astimezone(ZoneInfo(await _zone(session, group)))


async def _season(session: AsyncSession, group: Group, now: datetime) -> Season:
    if group.closes_at is not None and group.closes_at - now <= starters.ENDING:
        return "ending"
    parted = await session.scalar(select(func.max(Lineage.at)).where(Lineage.child_id == group.id))
    if parted is not None and now - parted <= starters.PARTED:
        return "parted"
    if now - (group.opened_at or group.created_at) <= starters.YOUNG:
        return "young"
    new = await session.scalar(
        select(func.count()).where(
            Membership.group_id == group.id, Membership.since > now - starters.NEWCOMERS
        )
    )
    if new:
        return "newcomers"
    return "full" if group.homes >= group.cap else "settled"
