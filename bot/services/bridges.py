"""*Share with the commons*: what its author shares from a group, takes back, and finds again.

Only who wrote a message shares it, from their own home or a group they look after. From an unlisted
group neither it nor its people are named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import bridge_cards
from bot.rules.actor import Actor
from bot.rules.bridge_cards import PAGE, From, Mine
from bot.rules.bridges import WAITS, Preview
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.together_cards import Part
from bot.services import bridge_posts, rights
from bot.services.bridge_posts import place_of
from bot.settings import Settings
from models import (
    Bridge,
    BridgeAsk,
    BridgeFile,
    BridgeThanks,
    Facilitator,
    Group,
    Membership,
    NeighbourhoodHost,
)

WAITING_MOST = 5  # of one author at a time
ALIVE = ("waiting", "sent", "published")


@dataclass(frozen=True, slots=True)
class Copied:
    """A file as it was copied."""

    name: str
    words: str
    content: bytes


async def of_room(session: AsyncSession, who: Actor, room_id: int) -> Group:
    """Return the group whose room (or voice room) this is, if things may be shared from it now."""
    server = await rights.server_row(session, who.server_id)
    group = await session.scalar(
        select(Group).where(
            Group.server_id == who.server_id,
            (Group.room_id == room_id) | (Group.voice_id == room_id),
        )
    )
    if group is None:
        raise UserError("bridges.only_rooms")
    if not await rights.is_inside(session, who.server_id, who.user_id, group.id):
        raise NotAllowed("bridges.inside_only")
    if group.state == "archived":
        raise UserError("bridges.group_ended")
    if group.locked_at is not None:
        raise UserError("bridges.group_locked")
    if server.commons_id is None:
        raise UserError("bridges.no_commons")
    return group


async def belongs(session: AsyncSession, group: Group, user_id: int) -> bool:
    """Return whether somebody lives in a group or looks after it; visiting is not enough."""
    home = await session.get(Membership, (group.server_id, user_id))
    if home is not None and home.group_id == group.id and home.state == "here":
        return True
    office = await session.get(Facilitator, (group.id, user_id))
    return office is not None and office.state == "active"


async def may_share(
    session: AsyncSession, who: Actor, room_id: int, message_id: int
) -> tuple[From, int | None]:
    """Return the group that a message of one's own comes from, and its id if it is shared."""
    group = await of_room(session, who, room_id)
    if not await belongs(session, group, who.user_id):
        raise NotAllowed("bridges.living_only")
    known = await _of_message(session, who.server_id, message_id)
    if known is not None and known.state in ALIVE:
        return await place_of(session, group), message_id
    waiting = await session.scalar(
        select(func.count())
        .select_from(Bridge)
        .where(
            Bridge.server_id == who.server_id,
            Bridge.user_id == who.user_id,
            Bridge.state == "waiting",
        )
    )
    if waiting is not None and waiting >= WAITING_MOST:
        raise UserError("bridges.too_many", n=waiting)
    return await place_of(session, group), None


async def is_shared(session: AsyncSession, who: Actor, message_id: int) -> bool:
    """Return whether somebody has shared this message of theirs."""
    known = await _of_message(session, who.server_id, message_id)
    return known is not None and known.user_id == who.user_id and known.state in ALIVE


async def place(session: AsyncSession, who: Actor, preview: Preview) -> From:
    """Return the group that a preview is about, if its author may share from it still."""
    await rights.server_row(session, who.server_id)
    group = await session.get_one(Group, preview.group_id)
    if not await belongs(session, group, who.user_id):
        raise NotAllowed("bridges.living_only")
    return await place_of(session, group)


async def share(
    session: AsyncSession,
    who: Actor,
    room_id: int,
    preview: Preview,
    now: datetime,
    *,
    files: Sequence[Copied] = (),
) -> Message:
    """Keep what its author shares, until somebody publishes it; return the answer."""
    where, known = await may_share(session, who, room_id, preview.message_id)
    if known is not None:
        return bridge_cards.shared_already(known)
    await session.execute(
        delete(Bridge).where(
            Bridge.server_id == who.server_id, Bridge.message_id == preview.message_id
        )
    )
    bridge = Bridge(
        server_id=who.server_id,
        group_id=where.group_id,
        user_id=who.user_id,
        channel_id=preview.channel_id,
        message_id=preview.message_id,
        edited_at=preview.edited_at,
        kind=preview.kind,
        named=preview.named and where.listed,
        said=preview.said,
        cut=preview.cut,
        left_there=preview.left_there,
        shared_at=now,
        checked_at=now,
    )
    session.add(bridge)
    await session.flush()
    session.add_all(
        BridgeFile(bridge_id=bridge.id, name=one.name, words=one.words, content=one.content)
        for one in files
    )
    await session.execute(
        update(BridgeAsk)
        .where(
            BridgeAsk.server_id == who.server_id,
            BridgeAsk.user_id == who.user_id,
            BridgeAsk.message_id == preview.message_id,
        )
        .values(closed=True)
    )
    await session.flush()
    hosts = exists().where(NeighbourhoodHost.server_id == who.server_id)
    hosted = bool(await session.scalar(select(hosts)))
    return bridge_cards.shared(bridge.message_id, now + WAITS, hosted=hosted)


async def take_back(session: AsyncSession, who: Actor, message_id: int, now: datetime) -> None:
    """End the bridge of a message of one's own, wherever it is; also while Hearth is paused."""
    await rights.server_row(session, who.server_id, allow_paused=True)
    bridge = await _of_message(session, who.server_id, message_id)
    if bridge is None or bridge.state not in ALIVE:
        raise UserError("bridges.not_there")
    if bridge.user_id != who.user_id:
        raise NotAllowed("bridges.not_yours")
    await bridge_posts.end(session, [bridge], now)


async def mine(session: AsyncSession, who: Actor, page: int = 0) -> Message:
    """Return what somebody shared, to take back; what an edit withdrew is said once."""
    await rights.server_row(session, who.server_id, allow_paused=True)
    every = (
        await session.scalars(
            select(Bridge)
            .where(Bridge.server_id == who.server_id, Bridge.user_id == who.user_id)
            .order_by(Bridge.shared_at.desc(), Bridge.id.desc())
        )
    ).all()
    page = max(min(page, (len(every) - 1) // PAGE), 0)
    rows = every[page * PAGE :][:PAGE]
    given = await session.execute(
        select(BridgeThanks.bridge_id, func.count())
        .where(BridgeThanks.bridge_id.in_([row.id for row in rows]))
        .group_by(BridgeThanks.bridge_id)
    )
    thanks = {bridge_id: count for bridge_id, count in given}  # noqa: C416 - a row is not a pair to the type checker
    found = [
        Mine(
            row.message_id,
            row.state,
            row.shared_at,
            link(row.server_id, row.channel_id, row.message_id),
            ""
            if row.post_message_id is None or row.post_channel_id is None
            else link(row.server_id, row.post_channel_id, row.post_message_id),
            thanks.get(row.id, 0),
        )
        for row in rows
    ]
    for row in rows:
        if row.state == "changed":
            await session.delete(row)
    await session.flush()
    return bridge_cards.mine(found, page, len(every))


async def thank(session: AsyncSession, who: Actor, message_id: int) -> str:
    """Thank for a bridge, or take one's thanks back; return the text that says which."""
    await rights.server_row(session, who.server_id)
    bridge = await _standing(session, who, message_id)
    if bridge.user_id == who.user_id:
        return "bridges.thanked_own"
    given = await session.get(BridgeThanks, (bridge.id, who.user_id))
    if given is not None:
        await session.delete(given)
        return "bridges.thanked_not"
    session.add(BridgeThanks(bridge_id=bridge.id, user_id=who.user_id))
    await session.flush()
    return "bridges.thanked"


async def read_on(session: AsyncSession, who: Actor, message_id: int) -> Message:
    """Return where the message stands, for those who may be in its room; else the way there."""
    await rights.server_row(session, who.server_id)
    bridge = await _standing(session, who, message_id)
    group = await session.get_one(Group, bridge.group_id)
    where = await place_of(session, group)
    if not await rights.is_inside(session, who.server_id, who.user_id, group.id):
        if not where.listed:
            raise UserError("bridges.gone")
        to = {"emoji": where.emoji, "group": safe(where.group)}
        visit = Button("bridges.visit", f"visit:{group.id}", "primary", {"group": where.group})
        return Message((Line("bridges.read_outside", to),), (visit,) if where.visits else ())
    if bridge.channel_id not in {group.room_id, group.voice_id}:
        return Message((Line("bridges.read_room", {"room": group.room_id or 0}),))
    at = link(bridge.server_id, bridge.channel_id, bridge.message_id)
    return Message((Line("bridges.read_link", {"link": at}),))


async def together(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Part | None:
    """Return how to share something from a group, and one's own, for who lives there."""
    del now, settings
    buttons = ()
    if await _any_of(session, actor):
        buttons = (Button("bridges.together_mine", "bridge-mine"),)
    if group.state == "archived" or not await belongs(session, group, actor.user_id):
        return Part(buttons=buttons) if buttons else None
    return Part((Line("bridges.together"),), buttons)


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return what somebody shared and must know of, or could not find otherwise."""
    del now, settings
    changed = await session.scalar(
        select(Bridge)
        .where(
            Bridge.server_id == who.server_id,
            Bridge.user_id == who.user_id,
            Bridge.state == "changed",
        )
        .order_by(Bridge.id.desc())
        .limit(1)
    )
    if changed is not None:
        at = link(changed.server_id, changed.channel_id, changed.message_id)
        return Note(
            (Line("bridges.note_changed", {"link": at}),),
            (Button("bridges.note_changed_open", "bridge-mine"),),
        )
    home = await session.get(Membership, (who.server_id, who.user_id))
    if (home is None or home.state != "here") and await _any_of(session, who):
        # Behind ‹Together› only those find it who have a home.
        return Note((Line("bridges.note_mine"),), (Button("bridges.together_mine", "bridge-mine"),))
    return None


def link(server_id: int, channel_id: int, message_id: int) -> str:
    """Return where Discord shows a message."""
    return f"https://discord.com/channels/{server_id}/{channel_id}/{message_id}"


async def _any_of(session: AsyncSession, who: Actor) -> bool:
    any_ = exists().where(Bridge.server_id == who.server_id, Bridge.user_id == who.user_id)
    return bool(await session.scalar(select(any_)))


async def _of_message(session: AsyncSession, server_id: int, message_id: int) -> Bridge | None:
    return await session.scalar(
        select(Bridge).where(Bridge.server_id == server_id, Bridge.message_id == message_id)
    )


async def _standing(session: AsyncSession, who: Actor, message_id: int) -> Bridge:
    bridge = await _of_message(session, who.server_id, message_id)
    if bridge is None or bridge.state not in {"sent", "published"}:
        raise UserError("bridges.gone")
    return bridge
