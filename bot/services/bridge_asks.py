"""Somebody would like to see another's message in the commons: its author is asked, in private.

Nothing of the message is stored, nor who asked unless they wanted that known. The author chooses
the menu themselves; a no leaves no trace, and looks like whatever else keeps somebody from being
asked: lately asked, kept apart by moderators, shared already.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import bridge_cards
from bot.rules.actor import Actor
from bot.rules.bridges import ASKED_AGAIN
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message
from bot.services import bridges, rights
from bot.services.outbox import owe
from bot.settings import Settings
from models import Apart, Bridge, BridgeAsk

KIND = "bridge-ask"
IN_A_GROUP_MOST = 3  # within a week: nobody's room fills with such lines


@dataclass(frozen=True, slots=True)
class Theirs:
    """A message of somebody else; `room_id` is where it stands, or below which thread it does."""

    room_id: int
    channel_id: int
    message_id: int
    author_id: int


async def may_ask(session: AsyncSession, who: Actor, room_id: int, author_id: int) -> None:
    """UserError when an author can never be asked about a message in this room."""
    group = await bridges.of_room(session, who, room_id)
    if not await bridges.belongs(session, group, author_id):
        raise UserError("bridges.author_left")


async def ask(
    session: AsyncSession, who: Actor, about: Theirs, now: datetime, *, named: bool
) -> None:
    """Leave the neutral line in the room, and the question behind it."""
    await may_ask(session, who, about.room_id, about.author_id)
    group = await bridges.of_room(session, who, about.room_id)
    lately = BridgeAsk.at > now - ASKED_AGAIN
    mine = BridgeAsk.server_id == who.server_id
    asked = exists().where(mine, BridgeAsk.user_id == about.author_id, lately)
    apart = exists().where(
        Apart.server_id == who.server_id,
        or_(
            (Apart.low_id == who.user_id) & (Apart.high_id == about.author_id),
            (Apart.low_id == about.author_id) & (Apart.high_id == who.user_id),
        ),
    )
    shared = exists().where(
        Bridge.server_id == who.server_id, Bridge.message_id == about.message_id
    )
    in_group = await session.scalar(
        select(func.count())
        .select_from(BridgeAsk)
        .where(mine, BridgeAsk.group_id == group.id, lately)
    )
    if await session.scalar(select(asked | apart | shared)) or (in_group or 0) >= IN_A_GROUP_MOST:
        raise UserError("bridges.asked_lately")
    row = BridgeAsk(
        server_id=who.server_id,
        group_id=group.id,
        user_id=about.author_id,
        by_user_id=who.user_id if named else None,
        channel_id=about.channel_id,
        message_id=about.message_id,
        at=now,
    )
    session.add(row)
    await session.flush()
    await owe(
        session,
        server_id=who.server_id,
        kind=KIND,
        key=f"{KIND}:{row.id}:{about.message_id}",
        place="room",
        group_id=group.id,
        message=bridge_cards.something_waits(row.id, about.author_id),
        now=now,
        expires_in=ASKED_AGAIN,
    )


async def opened(session: AsyncSession, who: Actor, ask_id: int, now: datetime) -> Message:
    """Return the question to whom it is for."""
    await rights.server_row(session, who.server_id)
    row = await _theirs(session, who, ask_id)
    if row.closed or row.at <= now - ASKED_AGAIN:
        raise UserError("bridges.ask_gone")
    at = bridges.link(row.server_id, row.channel_id, row.message_id)
    return bridge_cards.asked(row.id, at, row.by_user_id)


async def rather_not(session: AsyncSession, who: Actor, ask_id: int) -> None:
    """Let the question go; that they were asked stays for the week in which nobody may again."""
    row = await _theirs(session, who, ask_id)
    row.closed, row.by_user_id = True, None
    await session.flush()


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return the question that waits for somebody."""
    del settings
    found = await session.scalar(
        select(BridgeAsk.id)
        .where(
            BridgeAsk.server_id == who.server_id,
            BridgeAsk.user_id == who.user_id,
            BridgeAsk.closed.is_(False),
            BridgeAsk.at > now - ASKED_AGAIN,
        )
        .order_by(BridgeAsk.id.desc())
        .limit(1)
    )
    if found is None:
        return None
    button = Button("bridges.note_asked_open", f"bridge-asked:{found}")
    return Note((Line("bridges.note_asked"),), (button,))


async def _theirs(session: AsyncSession, who: Actor, ask_id: int) -> BridgeAsk:
    row = await session.get(BridgeAsk, ask_id)
    if row is None or row.server_id != who.server_id:
        raise UserError("bridges.ask_gone")
    if row.user_id != who.user_id:
        raise NotAllowed("bridges.not_for_you")
    return row
