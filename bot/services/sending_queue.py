"""Which owed message goes next, and which nobody could send in time: the outbox's queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Group, OutboxMessage, SentMessage, Server, Takedown
from models.base import UtcDateTime

THREAD = "thread"  # the place of what goes into a thread that was opened before

_NOW = bindparam("now", type_=UtcDateTime())
# Built once: it is asked after every message that was sent, and building costs more than asking.
_ANY = select(
    or_(
        exists().where(or_(OutboxMessage.due_at <= _NOW, OutboxMessage.expires_at <= _NOW)),
        exists().where(SentMessage.until <= _NOW),
    ),
    exists().where(Takedown.due_at <= _NOW),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whether there may be something to send or to clear away, and something to take down."""

    messages: bool
    takedowns: bool


async def waiting(session: AsyncSession, now: datetime) -> Waiting:
    """Return at a glance what there may be to do."""
    messages, takedowns = (await session.execute(_ANY, {"now": now})).one()
    return Waiting(bool(messages), bool(takedowns))


def room() -> Any:
    """Return where a row goes, as SQL: the room that its place means now; no value for none."""
    return case(
        (OutboxMessage.place == "room", Group.room_id),
        (OutboxMessage.place == "commons", Server.commons_id),
        (OutboxMessage.place == "facilitators", Server.facilitators_room_id),
        (OutboxMessage.place == "moderators", Server.moderators_room_id),
        (OutboxMessage.place == "owners", Server.owners_room_id),
        (OutboxMessage.place == THREAD, OutboxMessage.thread_id),
        else_=None,
    )


def heads(
    target: Any, now: datetime, busy: Collection[int], *, dms: bool = False
) -> Select[int, int]:
    """Select the oldest row for each target that is known by now and not busy."""
    first = func.min(OutboxMessage.id)
    return (
        select(first, target)
        .join(Server, Server.id == OutboxMessage.server_id)
        .outerjoin(Group, Group.id == OutboxMessage.group_id)
        .where(
            (OutboxMessage.place == "dm") if dms else (OutboxMessage.place != "dm"),
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
            OutboxMessage.due_at <= now,
            or_(OutboxMessage.expires_at > now, OutboxMessage.state == "claimed"),
            target.is_not(None),
            target.not_in(list(busy)),
        )
        .group_by(target)
        .order_by(first)
    )


def expired(now: datetime) -> Select[OutboxMessage]:
    """Select what nobody began to send in time, or can look for: its room is not there."""
    return (
        select(OutboxMessage)
        .join(Server, Server.id == OutboxMessage.server_id)
        .outerjoin(Group, Group.id == OutboxMessage.group_id)
        .where(
            OutboxMessage.expires_at <= now,
            or_(
                OutboxMessage.state == "owed",
                and_(OutboxMessage.place != "dm", room().is_(None)),
            ),
        )
    )
