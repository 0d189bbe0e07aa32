"""What the owners are told about changes by hand that Hearth has answered or cannot answer."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.capacity import Limit
from bot.rules.message import Button, Line, Message
from bot.services.groups import post_charter
from bot.services.outbox import Place, owe
from models import Group, OutboxMessage, Server

# What setup names, by the name of the column without "_id" and of the texts.
ROOMS = ("commons", "facilitators_room", "moderators_room", "owners_room")


async def remade(
    session: AsyncSession,
    server_id: int,
    what: str,
    group_id: int,
    *,
    made_id: int,
    instead_of: int,
    now: datetime,
) -> None:
    """Tell once that a role or room which somebody deleted has been made again.

    A new room is empty: its group's charter is owed to it, unless it waits for a room already.
    """
    place = f"<@&{made_id}>" if what == "role" else f"<#{made_id}>"
    await _tell(session, server_id, f"remade:{instead_of}", f"remade_{what}", now, place=place)
    group = await session.get(Group, group_id)
    if what != "room" or group is None:
        return
    waits = select(OutboxMessage.id).where(
        OutboxMessage.group_id == group_id, OutboxMessage.kind == "charter"
    )
    if await session.scalar(waits) is None:
        await post_charter(session, group, now)


async def roles_taken_back(
    session: AsyncSession, server_id: int, role_id: int, *, now: datetime
) -> None:
    """Tell once a day that a group's role was given by hand to many, and taken back."""
    key = f"extra-many:{role_id}:{now:%Y%m%d}"
    await _tell(session, server_id, key, "roles_taken_back", now, role=role_id)


async def room_opened(
    session: AsyncSession, server_id: int, room_id: int, *, now: datetime
) -> None:
    """Tell once a day that somebody opened a group's room to everyone, and that it is shut."""
    key = f"opened:{room_id}:{now:%Y%m%d}"
    await _tell(session, server_id, key, "room_opened", now, room=room_id)


async def role_has_rights(
    session: AsyncSession, server_id: int, role_id: int, *, now: datetime
) -> None:
    """Tell once a day that a group's role was given rights by which its members could do harm."""
    key = f"rights:{role_id}:{now:%Y%m%d}"
    await _tell(session, server_id, key, "role_has_rights", now, role=role_id)


async def flipping(session: AsyncSession, server_id: int, user_id: int, *, now: datetime) -> None:
    """Tell that somebody keeps changing a member's group roles, and that Hearth stands back."""
    key = f"flips:{user_id}:{now:%Y%m%d}"
    await _tell(session, server_id, key, "flipping", now, user=user_id)


async def refused(
    session: AsyncSession, server_id: int, action: str, code: int | None, *, now: datetime
) -> None:
    """Tell that Discord refuses something for good: one line a day for each reason.

    Not for each member: without one right of the bot's, everybody who joins waits for their key.
    """
    key = f"refused:{action}:{code or 0}:{now:%Y%m%d}"
    await _tell(session, server_id, key, f"refused_{action}", now)


async def setup_rooms_gone(
    session: AsyncSession, server_id: int, channels: Collection[int], *, now: datetime
) -> None:
    """Tell once which of setup's rooms is not among the server's channels any more.

    That the owners' own room is gone is told to the moderators, or else in the commons.
    """
    server = await session.get(Server, server_id)
    if server is None or server.removed_at is not None or server.paused_at is not None:
        return
    for name in ROOMS:
        room_id: int | None = getattr(server, f"{name}_id")
        if room_id is None or room_id in channels:
            continue
        to: Place = "owners"
        if name == "owners_room":
            to = "moderators" if server.moderators_room_id in channels else "commons"
        await _tell(session, server_id, f"gone:{room_id}", f"gone_{name}", now, to=to)


async def limit(
    session: AsyncSession, server_id: int, limit: Limit, step: str, *, now: datetime
) -> None:
    """Tell that one of Discord's limits is near, or that Hearth makes no more because of it."""
    await _tell(
        session,
        server_id,
        f"limit:{limit.name}:{step}:{now:%Y%m%d}",
        f"limit_{step}_{limit.name}",
        now,
        used=limit.used,
        limit=limit.most,
        stop=limit.stop,
    )


async def removals_stopped(
    session: AsyncSession, server_id: int, count: int, *, now: datetime
) -> None:
    """Tell that many members would lose a group's role without the tables knowing why."""
    await _tell(session, server_id, f"removals:{now:%Y%m%d}", "removals_stopped", now, count=count)


async def _tell(
    session: AsyncSession,
    server_id: int,
    key: str,
    text: str,
    now: datetime,
    *,
    to: Place = "owners",
    **params: Any,
) -> None:
    message = Message(
        (Line(f"upkeep.{text}", params),), buttons=(Button("upkeep.check", f"upkeep-check:{key}"),)
    )
    await owe(
        session,
        server_id=server_id,
        kind="upkeep",
        key=f"upkeep:{key}",
        place=to,
        message=message,
        now=now,
    )
