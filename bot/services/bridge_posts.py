"""A bridge's way into the commons and out again: what is posted, what is remembered, what goes.

`end` is the one way out. Whatever ends a bridge — its author, its source, time — the words, the
files and the post go with it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import bridge_cards
from bot.rules.bridge_cards import From, Shown
from bot.rules.bridges import KINDS
from bot.rules.message import Drawn, Line
from bot.services import takedowns
from bot.services.outbox import call_back, owe, withdraw
from models import (
    Bridge,
    BridgeFile,
    BridgeThanks,
    Edition,
    Group,
    GroupShown,
    GroupType,
    OutboxMessage,
    Server,
)

KIND, HEADER = "bridge", "neighbourhoods"


async def place_of(session: AsyncSession, group: Group) -> From:
    """Return what may be said of the group that a bridge comes from."""
    type_ = await session.get_one(GroupType, group.type_id)
    visits = type_.visits != "closed" and group.state == "open" and group.locked_at is None
    return From(group.id, group.emoji, group.name, type_.listed, visits)


async def shown_of(session: AsyncSession, bridge: Bridge) -> Shown:
    """Return what a bridge shows, by how its group is now."""
    place = await place_of(session, await session.get_one(Group, bridge.group_id))
    return Shown(
        place,
        next(kind for kind in KINDS if kind == bridge.kind),
        bridge.said,
        bridge.cut,
        bridge.left_there,
        bridge.user_id if bridge.named and place.listed else None,
    )


async def send(session: AsyncSession, bridge: Bridge, edition: Edition, now: datetime) -> None:
    """Owe the commons a bridge as part of an edition."""
    files = await session.scalars(
        select(BridgeFile.id).where(BridgeFile.bridge_id == bridge.id).order_by(BridgeFile.id)
    )
    bridge.state, bridge.edition_id = "sent", edition.id
    await owe(
        session,
        server_id=bridge.server_id,
        kind=KIND,
        key=_key(bridge.id, edition.id),
        place="commons",
        message=bridge_cards.post(bridge.message_id, await shown_of(session, bridge), files.all()),
        now=now,
    )
    shown = await session.get(GroupShown, bridge.group_id)
    if shown is None:
        session.add(GroupShown(group_id=bridge.group_id, server_id=bridge.server_id, at=now))
    else:
        shown.at = now
    await session.flush()


async def posted(session: AsyncSession, row: OutboxMessage, message_id: int, now: datetime) -> None:
    """Remember where a bridge stands, and let go of its words; one taken back meanwhile goes."""
    bridge = await session.get(Bridge, _ids(row)[0])
    channel_id = await _where(session, row)
    if bridge is None or bridge.state != "sent" or bridge.edition_id != _ids(row)[1]:
        if channel_id is not None:
            await takedowns.want(
                session,
                server_id=row.server_id,
                channel_id=channel_id,
                message_id=message_id,
                now=now,
            )
        return
    bridge.state, bridge.published_at = "published", now
    bridge.post_channel_id, bridge.post_message_id = channel_id, message_id
    bridge.said = bridge.left_there = ""
    await session.execute(delete(BridgeFile).where(BridgeFile.bridge_id == bridge.id))
    await session.flush()


async def not_posted(session: AsyncSession, row: OutboxMessage) -> None:
    """Let a bridge wait again that Discord would not take."""
    await session.execute(
        update(Bridge)
        .where(Bridge.id == _ids(row)[0], Bridge.state == "sent")
        .values(state="waiting", edition_id=None)
    )
    await _lonely(session, _ids(row)[1], row.due_at)


async def header_posted(
    session: AsyncSession,
    row: OutboxMessage,
    message_id: int,
    now: datetime,
) -> None:
    """Remember where an edition's first lines stand; with nothing below them they go."""
    edition = await session.get(Edition, int(row.key.rpartition(":")[2]))
    if edition is not None:
        edition.channel_id, edition.message_id = await _where(session, row), message_id
        await session.flush()
        await _lonely(session, edition.id, now)


async def end(
    session: AsyncSession,
    bridges: Sequence[Bridge],
    now: datetime,
    *,
    changed: bool = False,
    by_hand: bool = False,
) -> int:
    """End bridges: words, files and thanks are erased, and the posts go; return how many.

    `changed`: the message was edited, so its author is told. `by_hand`: somebody deleted the post,
    so there is none to go.
    """
    for bridge in bridges:
        server_id, edition_id = bridge.server_id, bridge.edition_id
        if bridge.state == "sent":
            # One that is being sent goes as soon as it stands: see `posted`.
            key = _key(bridge.id, edition_id or 0)
            await call_back(session, server_id=server_id, key=key, instead=Line("bridges.gone"))
        if bridge.post_message_id is not None and bridge.post_channel_id and not by_hand:
            await takedowns.want(
                session,
                server_id=server_id,
                channel_id=bridge.post_channel_id,
                message_id=bridge.post_message_id,
                now=now,
            )
        for table in (BridgeFile, BridgeThanks):
            await session.execute(delete(table).where(table.bridge_id == bridge.id))
        if changed:
            bridge.state, bridge.said, bridge.left_there = "changed", "", ""
            bridge.edition_id = bridge.post_channel_id = bridge.post_message_id = None
            bridge.checked_at = now  # when it went
        else:
            await session.delete(bridge)
        await session.flush()
        if edition_id is not None:
            await _lonely(session, edition_id, now)
    return len(bridges)


async def file(session: AsyncSession, file_id: int) -> Drawn | None:
    """Return a copied file as it is sent; None if it is gone."""
    row = await session.get(BridgeFile, file_id)
    return None if row is None else Drawn(row.name, row.content, row.words)


async def _lonely(session: AsyncSession, edition_id: int, now: datetime) -> None:
    """Take an edition's first lines down when nothing stands below them any more.

    Those that nobody began to send are not sent; those on their way go as soon as they stand.
    """
    edition = await session.get(Edition, edition_id)
    left = await session.scalar(
        select(func.count()).select_from(Bridge).where(Bridge.edition_id == edition_id)
    )
    if edition is None or edition.state != "published" or left:
        return
    await withdraw(session, server_id=edition.server_id, key=f"{HEADER}:{edition_id}")
    if edition.message_id is None or edition.channel_id is None:
        return
    await takedowns.want(
        session,
        server_id=edition.server_id,
        channel_id=edition.channel_id,
        message_id=edition.message_id,
        now=now,
    )
    edition.channel_id = edition.message_id = None
    await session.flush()


async def _where(session: AsyncSession, row: OutboxMessage) -> int | None:
    if row.channel_id is not None:
        return row.channel_id
    return (await session.get_one(Server, row.server_id)).commons_id


def _key(bridge_id: int, edition_id: int) -> str:
    return f"{KIND}:{bridge_id}:{edition_id}"


def _ids(row: OutboxMessage) -> tuple[int, int]:
    _, bridge_id, edition_id = row.key.split(":")
    return int(bridge_id), int(edition_id)
