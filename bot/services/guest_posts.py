"""What is said of guest evenings, and to whom: both rooms, and those who look after both groups."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import guest_cards
from bot.rules import guest_evenings as rules
from bot.rules.guest_cards import Evening, Half
from bot.rules.guest_evenings import Side
from bot.rules.message import Message
from bot.rules.planning import OVERWRITES
from bot.services import facilitators
from bot.services.outbox import Place, owe
from models import Group, GroupType, GuestComing, GuestEvening, Server

KIND = "guests"


async def announce(
    session: AsyncSession,
    row: GuestEvening,
    now: datetime,
    *,
    halves: Collection[Half] = ("here", "there"),
) -> None:
    """Say in the rooms that it takes place."""
    shown = await evening(session, row)
    for half in halves:
        await post(session, row, half, guest_cards.announced(shown, half), "agreed", now)


async def ask(
    session: AsyncSession, row: GuestEvening, group_id: int, now: datetime, *, mark: str
) -> None:
    """Owe the neutral line to who looks after one of the two groups; else to the owners."""
    server = await session.get_one(Server, row.server_id)
    deciders = await facilitators.active(session, group_id)
    place: Place = "facilitators" if deciders and server.facilitators_room_id else "owners"
    shown = await evening(session, row)
    named = deciders if place == "facilitators" else ()
    await owe(
        session,
        server_id=row.server_id,
        kind=KIND,
        key=f"guests:{row.id}:{group_id}:{mark}",
        place=place,
        group_id=group_id,
        message=guest_cards.waits(shown, group_id, named, mark),
        now=now,
        expires_in=max(row.opens_at - now, rules.SOONEST),
    )


async def side(session: AsyncSession, group_id: int) -> Side:
    """Return what an evening needs to know of a group."""
    group = await session.get_one(Group, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    return Side(
        group_id=group.id,
        name=group.name,
        emoji=group.emoji,
        state=group.state,
        locked=group.locked_at is not None,
        listed=type_.listed,
        by_role=type_.access != OVERWRITES,
        visits=type_.visits,
    )


async def evening(session: AsyncSession, row: GuestEvening) -> Evening:
    """Return an evening as its cards show it."""
    group = await session.get_one(Group, row.group_id)
    guest = await session.get_one(Group, row.guest_group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    coming = await session.scalars(
        select(GuestComing.user_id).where(GuestComing.evening_id == row.id)
    )
    return Evening(
        id=row.id,
        group_id=group.id,
        group=group.name,
        emoji=group.emoji,
        room_id=group.room_id,
        guest_id=guest.id,
        guest=guest.name,
        guest_emoji=guest.emoji,
        host_id=row.host_id,
        by_door=row.by_door,
        opens_at=row.opens_at,
        ends_at=row.ends_at,
        agreed=row.agreed_at is not None,
        opened=row.opened_at is not None,
        ending=row.ending,
        reads_history=type_.visitors_read_history,
        coming=len(coming.all()),
    )


async def post(  # noqa: PLR0917 - one of the two rooms, what, and when
    session: AsyncSession,
    row: GuestEvening,
    half: Half,
    message: Message,
    what: str,
    now: datetime,
) -> None:
    """Owe a post to one of the two rooms, until the evening is over; to none that is archived."""
    group_id = row.group_id if half == "here" else row.guest_group_id
    group = await session.get_one(Group, group_id)
    if group.state == "archived":
        return
    await owe(
        session,
        server_id=row.server_id,
        kind=KIND,
        key=key_of(row, half, what),
        place="room",
        group_id=group_id,
        message=message,
        now=now,
        expires_in=max(row.ends_at - now, rules.SOONEST),
    )


def key_of(row: GuestEvening, half: Half, what: str) -> str:
    """Return what one of an evening's posts is owed under."""
    return f"guests:{row.id}:{half}:{what}"
