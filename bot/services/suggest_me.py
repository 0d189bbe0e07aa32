"""*Suggest me*: who wants to be suggested groups of people they talk with, and where that is seen.

Nothing of this begins by itself: a person presses, and the owners have the commons counted only by
saying so to everyone.
"""

from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import circle_cards
from bot.rules.actor import Actor
from bot.rules.circle_offers import TELL_AGAIN
from bot.rules.home_cards import Note
from bot.rules.message import Button, Message
from bot.rules.scope import ServerScope
from bot.services import log, people, rights
from bot.services.circle_lines import withdraw_for
from bot.services.outbox import owe
from bot.settings import Settings
from models import Circle, CircleLook, CircleMember, CommonsTie, Member, Server


async def about(session: AsyncSession, who: Actor) -> Message:
    """Return what *Suggest me* does, or that it is on; UserError for who is not counted."""
    server = await rights.server_row(session, who.server_id)
    member = await session.get(Member, (who.server_id, who.user_id))
    if member is not None and member.opted_out_at is not None:
        raise UserError("circles.opted_out")
    on = member is not None and member.suggested_since is not None
    return circle_cards.about(on=on, counts_commons=server.counts_commons)


async def turn_on(session: AsyncSession, who: Actor, now: datetime) -> bool:
    """Suggest groups to somebody from now on; True when being counted begins with it."""
    await rights.server_row(session, who.server_id)
    member = await people.member(session, who.server_id, who.user_id)
    if member.opted_out_at is not None:
        raise UserError("circles.opted_out")
    counted = await people.consent(session, who.server_id, who.user_id, now)
    if member.suggested_since is None:
        member.suggested_since = now
    await session.flush()
    return counted


async def turn_off(session: AsyncSession, who: Actor) -> None:
    """Suggest nothing more: ties of the commons go, and so does being in any circle."""
    member = await session.get(Member, (who.server_id, who.user_id))
    if member is not None:
        member.suggested_since = None
    await withdraw_for(session, who.server_id, who.user_id)
    await session.execute(
        delete(CommonsTie).where(
            CommonsTie.server_id == who.server_id,
            or_(CommonsTie.low_id == who.user_id, CommonsTie.high_id == who.user_id),
        )
    )
    here = select(Circle.id).where(Circle.server_id == who.server_id)
    await session.execute(
        delete(CircleMember).where(
            CircleMember.user_id == who.user_id, CircleMember.circle_id.in_(here)
        )
    )
    await session.flush()


async def how_many(session: AsyncSession, server_id: int) -> int:
    """Return how many people of a server want to be suggested groups."""
    found = await session.scalar(
        select(func.count()).where(
            Member.server_id == server_id,
            Member.suggested_since.is_not(None),
            Member.left_at.is_(None),
        )
    )
    return found or 0


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return the way to *Suggest me* on someone's /home, or back from it."""
    del now, settings
    server = await session.get(Server, who.server_id)
    if server is None or server.removed_at is not None:
        return None
    member = await session.get(Member, (who.server_id, who.user_id))
    if member is not None and member.opted_out_at is not None:
        return None
    on = member is not None and member.suggested_since is not None
    label = "circles.stop" if on else "circles.suggest_me"
    return Note((), (Button(label, "suggest-about:home"),))


async def tell(session: AsyncSession, actor: Actor, now: datetime) -> int:
    """Owe the commons the line that tells everyone of *Suggest me*; return the room. For owners."""
    await rights.require_owner(session, actor)
    server = await rights.server_row(session, actor.server_id)
    if server.commons_id is None:
        raise UserError("circles.no_commons")
    look = await session.get(CircleLook, actor.server_id)
    if look is None:
        look = CircleLook(server_id=actor.server_id, people=0, without_ties=0)
        session.add(look)
    if look.told_at is not None and look.told_at + TELL_AGAIN > now:
        at = int((look.told_at + TELL_AGAIN).timestamp())
        raise UserError("circles.told_lately", at=at)
    look.told_at = now
    await session.flush()
    at = int(now.timestamp())
    await owe(
        session,
        server_id=server.id,
        kind="circles-told",
        key=f"circles-told:{at}",
        place="commons",
        message=circle_cards.told(at),
        now=now,
    )
    return server.commons_id


async def count_commons(session: AsyncSession, actor: Actor, now: datetime, *, on: bool) -> None:
    """Have the commons counted, which everyone is told there, or no longer. For owners.

    With the end of it what tied people to each other there is erased.
    """
    await rights.require_owner(session, actor)
    server = await rights.server_row(session, actor.server_id)
    if server.counts_commons == on:
        return
    if on and server.commons_id is None:
        raise UserError("circles.no_commons")
    server.counts_commons = on
    await session.flush()
    at = int(now.timestamp())
    if on:
        await owe(
            session,
            server_id=server.id,
            kind="commons-counted",
            key=f"commons-counted:{at}",
            place="commons",
            message=circle_cards.commons_told(at),
            now=now,
        )
    else:
        await session.execute(delete(CommonsTie).where(CommonsTie.server_id == server.id))
    await log.note(
        session,
        server_id=server.id,
        by_user_id=actor.user_id,
        action="commons-count" if on else "commons-uncount",
        now=now,
    )
    note_after_commit(session, ServerScope(server.id))


async def may_tell(session: AsyncSession, server: Server, now: datetime) -> bool:
    """Return whether everyone may be told of *Suggest me* now."""
    look = await session.get(CircleLook, server.id)
    told_at = None if look is None else look.told_at
    return server.commons_id is not None and (told_at is None or told_at + TELL_AGAIN <= now)
