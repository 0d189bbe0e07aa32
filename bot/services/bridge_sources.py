"""The messages that bridges come from: deleted, edited, out of reach, or their author gone.

What the gateway tells is followed at once. What happened while nobody listened is asked for, a few
messages a minute (`unchecked`, `checked`). Who belongs to the group no more, and what nobody
published in time, is looked for by the tick (`step_due`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, bindparam, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.bridges import CHANGED_SAID, WAITS
from bot.services import bridge_posts
from bot.services.bridges import ALIVE
from models import Bridge, BridgeAsk, Edition, Facilitator, Group, Member, Membership, Server

# unknown: Discord did not say, or does not let Hearth into the room
Sight = Literal["stands", "gone", "unknown"]

# Asked each minute, so these are built once.
ANY = exists(select(Bridge.id))
_ENDED = Group.state == "archived"
_LIVES = exists().where(
    Membership.server_id == Bridge.server_id,
    Membership.user_id == Bridge.user_id,
    Membership.group_id == Bridge.group_id,
    Membership.state.in_(("here", "held")),
)
_LOOKS_AFTER = exists().where(
    Facilitator.group_id == Bridge.group_id,
    Facilitator.user_id == Bridge.user_id,
    Facilitator.state == "active",
)
_LEFT = exists().where(
    Member.server_id == Bridge.server_id,
    Member.user_id == Bridge.user_id,
    Member.left_at.is_not(None),
)
OVER = (
    select(Bridge)
    .join(Group, Group.id == Bridge.group_id)
    .where(
        Bridge.state.in_(ALIVE),
        or_(
            _LEFT,
            # What a group that has ended said stays said, unless its author takes it back.
            ~_ENDED & ~_LIVES & ~_LOOKS_AFTER,
            _ENDED & (Bridge.state == "waiting"),
            (Bridge.state == "waiting") & (Bridge.shared_at <= bindparam("waits")),
        ),
    )
)

_UNCHECKED = and_(Bridge.checked_at.is_(None), Bridge.state.in_(ALIVE))
ANY_UNCHECKED = exists().where(_UNCHECKED)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the message of a bridge stands, to be looked at."""

    bridge_id: int
    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What Discord says of a message; `edited_at` of one that stands."""

    sight: Sight
    edited_at: datetime | None = None


async def concerns(session: AsyncSession, server_id: int, message_ids: Collection[int]) -> bool:
    """Return whether any of these messages is shared, or stands in the commons for one that is."""
    bridge = exists().where(
        Bridge.server_id == server_id,
        or_(Bridge.message_id.in_(message_ids), Bridge.post_message_id.in_(message_ids)),
    )
    edition = exists().where(Edition.server_id == server_id, Edition.message_id.in_(message_ids))
    return bool(await session.scalar(select(bridge | edition)))


async def deleted(
    session: AsyncSession, server_id: int, message_ids: Collection[int], now: datetime
) -> int:
    """Follow messages that were deleted; return how many bridges went by it.

    With a source its bridge goes. A post that somebody deleted in the commons stays deleted: that
    is a person's decision.
    """
    by_source = await session.scalars(
        select(Bridge).where(Bridge.server_id == server_id, Bridge.message_id.in_(message_ids))
    )
    gone = await bridge_posts.end(session, by_source.all(), now)
    by_post = await session.scalars(
        select(Bridge).where(Bridge.server_id == server_id, Bridge.post_message_id.in_(message_ids))
    )
    gone += await bridge_posts.end(session, by_post.all(), now, by_hand=True)
    await session.execute(
        update(Edition)
        .where(Edition.server_id == server_id, Edition.message_id.in_(message_ids))
        .values(channel_id=None, message_id=None)
    )
    return gone


async def edited(
    session: AsyncSession, server_id: int, message_id: int, at: datetime | None, now: datetime
) -> bool:
    """Withdraw a bridge whose message was edited after it was shared; False if there is none.

    Discord tells of a message anew for other reasons, too (a preview of a link, a pin): `at`, when
    it was last edited, is then what it was.
    """
    bridge = await session.scalar(
        select(Bridge).where(
            Bridge.server_id == server_id,
            Bridge.message_id == message_id,
            Bridge.state.in_(ALIVE),
        )
    )
    if bridge is None or at is None or at == bridge.edited_at:
        return False
    await bridge_posts.end(session, [bridge], now, changed=True)
    return True


async def channel_gone(
    session: AsyncSession, server_id: int, channel_id: int, now: datetime
) -> int:
    """Follow a room or thread that was deleted with all its messages; return how many went."""
    rows = await session.scalars(
        select(Bridge).where(Bridge.server_id == server_id, Bridge.channel_id == channel_id)
    )
    gone = await bridge_posts.end(session, rows.all(), now)
    posts = await session.scalars(
        select(Bridge).where(Bridge.server_id == server_id, Bridge.post_channel_id == channel_id)
    )
    return gone + await bridge_posts.end(session, posts.all(), now, by_hand=True)


async def room_gone(session: AsyncSession, server_id: int, room_id: int, now: datetime) -> int:
    """Follow a room that was deleted with its threads; return how many bridges went at once.

    Of threads that are closed nobody is told: what was said in any thread is looked at again.
    """
    gone = await channel_gone(session, server_id, room_id, now)
    rooms = exists().where(
        Group.id == Bridge.group_id,
        or_(Group.room_id == Bridge.channel_id, Group.voice_id == Bridge.channel_id),
    )
    await session.execute(
        update(Bridge)
        .where(Bridge.server_id == server_id, Bridge.state.in_(ALIVE), ~rooms)
        .values(checked_at=None)
        .execution_options(synchronize_session=False)
    )
    return gone


async def look_again(session: AsyncSession, server_ids: Collection[int]) -> None:
    """Have every bridge's message looked at: nobody knows what happened to them meanwhile."""
    await session.execute(
        update(Bridge)
        .where(Bridge.server_id.in_(server_ids), Bridge.state.in_(ALIVE))
        .values(checked_at=None)
    )


async def any_alive(session: AsyncSession, server_ids: Collection[int]) -> bool:
    """Return whether there is anything to look at in these servers."""
    alive = exists().where(Bridge.server_id.in_(server_ids), Bridge.state.in_(ALIVE))
    return bool(await session.scalar(select(alive)))


async def unchecked(session: AsyncSession, *, most: int) -> list[Source]:
    """Return messages that are to be looked at, those of what waits to be published first."""
    rows = await session.scalars(
        select(Bridge)
        .join(Server, Server.id == Bridge.server_id)
        .where(
            _UNCHECKED,
            Server.removed_at.is_(None),
        )
        .order_by(Bridge.state == "published", Bridge.id.desc())
        .limit(most)
    )
    return [Source(row.id, row.channel_id, row.message_id) for row in rows]


async def checked(session: AsyncSession, bridge_id: int, seen: Seen, now: datetime) -> bool:
    """Take in what a look at a message showed; True if its bridge is as it was."""
    bridge = await session.get(Bridge, bridge_id)
    if bridge is None or bridge.state not in ALIVE:
        return False
    if seen.sight == "gone":
        await bridge_posts.end(session, [bridge], now)
        return False
    if seen.sight == "stands" and seen.edited_at != bridge.edited_at:
        await bridge_posts.end(session, [bridge], now, changed=True)
        return False
    bridge.checked_at = now
    await session.flush()
    return seen.sight == "stands"


async def author_gone(session: AsyncSession, server_id: int, user_id: int, now: datetime) -> None:
    """End all that somebody shared: they are being forgotten."""
    rows = await session.scalars(
        select(Bridge).where(Bridge.server_id == server_id, Bridge.user_id == user_id)
    )
    await bridge_posts.end(session, rows.all(), now)


async def went_along(
    session: AsyncSession, from_group_id: int, to_group_id: int, user_ids: Collection[int]
) -> None:
    """Let what people shared go with them into another group: they did not leave by themselves."""
    for table in (Bridge, BridgeAsk):
        await session.execute(
            update(table)
            .where(table.group_id == from_group_id, table.user_id.in_(user_ids))
            .values(group_id=to_group_id)
        )


async def step_due(session: AsyncSession, now: datetime) -> int:
    """End what has no author in its group any more, and what is past its time; return how many."""
    await session.execute(
        delete(Bridge).where(Bridge.state == "changed", Bridge.checked_at <= now - CHANGED_SAID)
    )
    rows = await session.scalars(OVER, {"waits": now - WAITS})
    return await bridge_posts.end(session, rows.all(), now)
