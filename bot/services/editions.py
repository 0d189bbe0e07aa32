"""One edition of *From the neighbourhoods*: read through by its host, and published.

Which bridges it shows is decided when it is read, and only what was read is published, if its
message still stands as it was shared.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import CursorResult, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import neighbourhood_cards as cards
from bot.rules import neighbourhoods
from bot.rules.actor import Actor
from bot.rules.bridges import KINDS, Kind
from bot.rules.message import Message
from bot.rules.neighbourhood_cards import Chosen
from bot.rules.neighbourhoods import PLACES, Candidate, Town
from bot.services import bridge_posts, bridge_sources, rights
from bot.services.bridge_sources import Seen, Source
from bot.services.outbox import owe
from models import (
    Bridge,
    BridgeFile,
    Edition,
    Facilitator,
    Group,
    GroupShown,
    Membership,
    NeighbourhoodHost,
)


async def draft(session: AsyncSession, actor: Actor, edition_id: int) -> Message:
    """Return what would be published; places that have come free are filled."""
    edition = await opened(session, actor, edition_id)
    chosen = await _fill(session, edition)
    shown = [await _chosen(session, bridge) for bridge in chosen]
    return cards.draft(edition.id, shown, len(await waiting(session, actor.server_id)))


async def whole(session: AsyncSession, actor: Actor, edition_id: int, bridge_id: int) -> Message:
    """Return one of them as it would stand in the commons."""
    edition = await opened(session, actor, edition_id)
    bridge = await _in(session, edition, bridge_id)
    return cards.whole(edition.id, await _chosen(session, bridge))


async def leave_out(
    session: AsyncSession, actor: Actor, edition_id: int, bridge_id: int
) -> Message:
    """Let one wait for the next time; return what stands in its place."""
    edition = await opened(session, actor, edition_id)
    bridge = await _in(session, edition, bridge_id)
    bridge.edition_id, bridge.passed_over_in = None, edition.id
    await session.flush()
    return await draft(session, actor, edition_id)


async def to_look_at(session: AsyncSession, actor: Actor, edition_id: int) -> list[Source]:
    """Return the messages that must still stand before anything is published."""
    edition = await opened(session, actor, edition_id)
    return [
        Source(one.id, one.channel_id, one.message_id) for one in await _assigned(session, edition)
    ]


async def commons(session: AsyncSession, actor: Actor) -> int:
    """Return the room in which editions stand; UserError where a server has none."""
    server = await rights.server_row(session, actor.server_id)
    if server.commons_id is None:
        raise UserError("neighbourhoods.no_commons")
    return server.commons_id


async def publish(
    session: AsyncSession, actor: Actor, edition_id: int, seen: Mapping[int, Seen], now: datetime
) -> int:
    """Owe the commons what was read and still stands as it was shared; return how many.

    What was edited or deleted goes; what Discord says nothing of waits. With none left the edition
    stays as it is.
    """
    edition = await opened(session, actor, edition_id)
    await commons(session, actor)
    stands: list[Bridge] = []
    for bridge in await _assigned(session, edition):
        told = seen.get(bridge.id, Seen("unknown"))
        if await bridge_sources.checked(session, bridge.id, told, now):
            stands.append(bridge)
    if not stands:
        return 0
    claimed = await session.execute(
        update(Edition)
        .where(Edition.id == edition.id, Edition.state == "ready")
        .values(state="published", closed_at=now, host_id=actor.user_id)
    )
    if isinstance(claimed, CursorResult) and not claimed.rowcount:
        raise UserError("neighbourhoods.over")
    await session.refresh(edition)
    await session.execute(
        update(Bridge)
        .where(Bridge.edition_id == edition.id, Bridge.id.not_in([one.id for one in stands]))
        .values(edition_id=None)
    )
    await owe(
        session,
        server_id=actor.server_id,
        kind=bridge_posts.HEADER,
        key=f"{bridge_posts.HEADER}:{edition.id}",
        place="commons",
        message=cards.header(edition.id, actor.user_id, len(stands)),
        now=now,
    )
    for bridge in stands:
        await bridge_posts.send(session, bridge, edition, now)
    await had_turn(session, actor.server_id, actor.user_id, now)
    return len(stands)


async def opened(session: AsyncSession, actor: Actor, edition_id: int) -> Edition:
    """Return an edition that waits for its host; UserError when it does not, or not for them."""
    await rights.server_row(session, actor.server_id)
    await require_host(session, actor)
    edition = await session.get(Edition, edition_id)
    if edition is None or edition.server_id != actor.server_id or edition.state != "ready":
        raise UserError("neighbourhoods.over")
    return edition


async def require_host(session: AsyncSession, actor: Actor) -> None:
    """NotAllowed unless somebody hosts, and looks after a group or owns the server still."""
    if await session.get(NeighbourhoodHost, (actor.server_id, actor.user_id)) is None:
        raise NotAllowed("neighbourhoods.not_host")
    if await rights.is_owner(session, actor):
        return
    office = exists().where(
        Facilitator.server_id == actor.server_id,
        Facilitator.user_id == actor.user_id,
        Facilitator.state == "active",
    )
    if not await session.scalar(select(office)):
        raise NotAllowed("neighbourhoods.nobody_may")


async def had_turn(session: AsyncSession, server_id: int, user_id: int, now: datetime) -> None:
    """Remember that somebody's turn came."""
    row = await session.get(NeighbourhoodHost, (server_id, user_id))
    if row is not None:
        row.last_at = now
        await session.flush()


async def waiting(session: AsyncSession, server_id: int) -> list[Bridge]:
    """Return what could be published: not of who is held back, or where moderators closed a room.

    Whoever was left out of an edition waits for the next one.
    """
    held = exists().where(
        Membership.server_id == Bridge.server_id,
        Membership.user_id == Bridge.user_id,
        Membership.state == "held",
    )
    rows = await session.scalars(
        select(Bridge)
        .join(Group, Group.id == Bridge.group_id)
        .where(
            Bridge.server_id == server_id,
            Bridge.state == "waiting",
            Group.locked_at.is_(None),
            Group.state != "archived",
            ~held,
        )
        .order_by(Bridge.shared_at, Bridge.id)
    )
    return list(rows)


async def _assigned(session: AsyncSession, edition: Edition) -> list[Bridge]:
    found = await waiting(session, edition.server_id)
    return [bridge for bridge in found if bridge.edition_id == edition.id]


async def _fill(session: AsyncSession, edition: Edition) -> list[Bridge]:
    """Give the free places of an edition to groups whose turn it is; return what stands in it."""
    found = await waiting(session, edition.server_id)
    candidates = {one.id: _candidate(one) for one in found}
    chosen = [candidates[one.id] for one in found if one.edition_id == edition.id]
    left = [candidates[one.id] for one in found if one.passed_over_in != edition.id]
    groups = await session.execute(
        select(Group.id, Group.homes).where(
            Group.server_id == edition.server_id, Group.state != "archived"
        )
    )
    shown = await session.execute(
        select(GroupShown.group_id, GroupShown.at).where(GroupShown.server_id == edition.server_id)
    )
    homes = {group: count for group, count in groups}  # noqa: C416 - a row is not a pair to the type checker
    town = Town(homes, {group: at for group, at in shown})  # noqa: C416 - as above
    order = neighbourhoods.choose(left, town, chosen=chosen, places=PLACES)
    by_id = {bridge.id: bridge for bridge in found}
    filled = [by_id[one.bridge_id] for one in order]
    for bridge in filled:
        bridge.edition_id = edition.id
    await session.flush()
    return filled


async def _in(session: AsyncSession, edition: Edition, bridge_id: int) -> Bridge:
    for bridge in await _assigned(session, edition):
        if bridge.id == bridge_id:
            return bridge
    raise UserError("neighbourhoods.not_in_it")


async def _chosen(session: AsyncSession, bridge: Bridge) -> Chosen:
    files = await session.scalar(
        select(func.count()).select_from(BridgeFile).where(BridgeFile.bridge_id == bridge.id)
    )
    return Chosen(bridge.id, await bridge_posts.shown_of(session, bridge), files or 0)


def _candidate(bridge: Bridge) -> Candidate:
    kind: Kind = next(kind for kind in KINDS if kind == bridge.kind)
    return Candidate(bridge.id, bridge.group_id, kind, bridge.shared_at)
