"""The panel in the commons: posted, posted anew when it is stale and out of sight, taken down."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import panels
from bot.rules.actor import Actor
from bot.rules.panels import REPOST_AFTER, Figures
from bot.services import pace, rights
from bot.services.outbox import owe
from models import Group, GroupType, OutboxMessage, Panel, Server

KIND = "panel"

_OVER = Panel.state == "over"
ANY_OVER = exists().where(_OVER)


@dataclass(frozen=True, slots=True)
class Posted:
    """That a panel is on its way to a room; `again`: one stands already, and will go."""

    room_id: int
    again: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A panel's message in its room; `elsewhere`: the commons are another room by now."""

    id: int
    server_id: int
    channel_id: int
    message_id: int
    elsewhere: bool = False


async def post(session: AsyncSession, who: Actor, *, now: datetime) -> Posted:
    """Owe the commons a panel; one that stands there goes once the new one does. For owners."""
    await rights.require_owner(session, who)
    server = await rights.server_row(session, who.server_id)
    if server.commons_id is None:
        raise UserError("panel.no_commons")
    again = await _now(session, server.id) is not None
    await _owe(session, server, now)
    return Posted(server.commons_id, again)


async def take_down(session: AsyncSession, who: Actor) -> bool:
    """Let the panel go, and the one that is on its way; False if there was none. For owners."""
    await rights.require_owner(session, who)
    stood = await session.scalars(
        update(Panel)
        .where(Panel.server_id == who.server_id, Panel.state == "stands")
        .values(state="over")
        .returning(Panel.id)
    )
    there = bool(stood.all())
    there = await _forget_owed(session, who.server_id) or there
    # One that is being sent right now is over as soon as it stands: see `posted`.
    on_its_way = await session.scalars(
        delete(Panel)
        .where(Panel.server_id == who.server_id, Panel.state == "owed")
        .returning(Panel.id)
    )
    there = bool(on_its_way.all()) or there
    await _none_stands(session, who.server_id)
    return there


async def posted(session: AsyncSession, row: OutboxMessage, message_id: int, now: datetime) -> None:
    """Remember where the panel stands; the one before is over from here on."""
    server = await session.get_one(Server, row.server_id)
    panel = await session.get(Panel, _id(row))
    if panel is None:
        # It was taken back while it was being sent: it stands, and goes.
        session.add(
            Panel(
                server_id=server.id,
                state="over",
                posted_at=now,
                channel_id=server.commons_id,
                message_id=message_id,
                groups=0,
                seats=0,
            )
        )
        await session.flush()
        return
    await session.execute(
        update(Panel)
        .where(Panel.server_id == server.id, Panel.id != panel.id, Panel.state == "stands")
        .values(state="over")
    )
    await session.execute(
        delete(Panel).where(Panel.server_id == server.id, Panel.state == "removed")
    )
    panel.state, panel.posted_at = "stands", now
    panel.channel_id, panel.message_id = server.commons_id, message_id
    server.panel_message_id = message_id
    await session.flush()


async def not_posted(session: AsyncSession, row: OutboxMessage) -> None:
    """Forget a panel that could not be sent; the one before stays."""
    await session.execute(delete(Panel).where(Panel.id == _id(row), Panel.state == "owed"))


async def stale(session: AsyncSession, now: datetime) -> list[Standing]:
    """Return the panels that would mislead somebody, a day old or more.

    Whether they are out of sight, only the room tells.
    """
    rows = await session.execute(
        select(Panel, Server.commons_id)
        .join(Server, Server.id == Panel.server_id)
        .where(
            Panel.state == "stands",
            Panel.posted_at <= now - REPOST_AFTER,
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
            Server.commons_id.is_not(None),
        )
        .order_by(Panel.id)
    )
    found: list[Standing] = []
    for panel, commons_id in rows.all():
        standing = _standing(panel, elsewhere=panel.channel_id != commons_id)
        then = Figures(panel.groups, panel.seats)
        if standing.elsewhere or panels.changed_much(
            then, await figures(session, panel.server_id, now)
        ):
            found.append(standing)
    return found


async def repost(session: AsyncSession, panel: Standing, now: datetime) -> bool:
    """Owe a new panel in place of one that is stale; False if that stands no more."""
    row = await session.get(Panel, panel.id)
    if row is None or row.state != "stands":
        return False
    await _owe(session, await session.get_one(Server, panel.server_id), now)
    return True


async def over(session: AsyncSession) -> list[Standing]:
    """Return the panels whose message is to be deleted."""
    rows = await session.scalars(select(Panel).where(_OVER).order_by(Panel.id))
    return [_standing(panel) for panel in rows if panel.message_id is not None]


async def gone(session: AsyncSession, panel_id: int) -> None:
    """Forget a panel whose message is deleted."""
    await session.execute(delete(Panel).where(Panel.id == panel_id, Panel.state == "over"))


async def removed(session: AsyncSession, server_id: int, message_ids: set[int]) -> bool:
    """Take in that messages were deleted by hand; True if the panel was among them.

    A person's decision stands: none is posted until an owner asks for one.
    """
    taken = await session.scalars(
        update(Panel)
        .where(
            Panel.server_id == server_id,
            Panel.state == "stands",
            Panel.message_id.in_(message_ids),
        )
        .values(state="removed")
        .returning(Panel.id)
    )
    if not taken.all():
        return False
    await _none_stands(session, server_id)
    return True


async def stands_among(session: AsyncSession, server_id: int, message_ids: set[int]) -> bool:
    """Return whether one of these messages is the panel; cheap, for every deleted message."""
    server = await session.get(Server, server_id)
    return server is not None and server.panel_message_id in message_ids


async def figures(session: AsyncSession, server_id: int, now: datetime) -> Figures:
    """Return what the panel says of a server: its listed, open groups, and their free seats."""
    listed = set(
        await session.scalars(
            select(Group.id)
            .join(GroupType, GroupType.id == Group.type_id)
            .where(Group.server_id == server_id, Group.state == "open", GroupType.listed)
        )
    )
    free = await pace.free_seats(session, server_id, now)
    return Figures(len(listed), sum(free[group_id] for group_id in listed if group_id in free))


async def _owe(session: AsyncSession, server: Server, now: datetime) -> None:
    await _forget_owed(session, server.id)
    shown = await figures(session, server.id, now)
    panel = Panel(server_id=server.id, posted_at=now, groups=shown.groups, seats=shown.seats)
    session.add(panel)
    await session.flush()
    await owe(
        session,
        server_id=server.id,
        kind=KIND,
        key=f"panel:{panel.id}",
        place="commons",
        message=panels.panel(panel.id, shown),
        now=now,
        expires_in=REPOST_AFTER,
    )


async def _forget_owed(session: AsyncSession, server_id: int) -> bool:
    """Take back a panel that nobody began to send; True if there was one."""
    rows = await session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.server_id == server_id,
            OutboxMessage.kind == KIND,
            OutboxMessage.state == "owed",
        )
    )
    owed = rows.all()
    for row in owed:
        await not_posted(session, row)
        await session.delete(row)
    await session.flush()
    return bool(owed)


async def _now(session: AsyncSession, server_id: int) -> Panel | None:
    return await session.scalar(
        select(Panel).where(Panel.server_id == server_id, Panel.state == "stands")
    )


async def _none_stands(session: AsyncSession, server_id: int) -> None:
    server = await session.get(Server, server_id)
    if server is not None:
        server.panel_message_id = None
        await session.flush()


def _standing(panel: Panel, *, elsewhere: bool = False) -> Standing:
    assert panel.channel_id is not None  # it was sent
    assert panel.message_id is not None
    return Standing(panel.id, panel.server_id, panel.channel_id, panel.message_id, elsewhere)


def _id(row: OutboxMessage) -> int:
    return int(row.key.partition(":")[2])
