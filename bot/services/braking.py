"""The raid brake of a server: held where people move in, told to moderators once, lifted by them.

Young accounts wait until they are old enough. When too many have moved in within an hour, moving in
and visiting wait for everybody: they stand in line, in order, and seats are offered to them at the
pace that the brake allows.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import brake as rules
from bot.rules import brake_cards
from bot.rules.actor import Actor
from bot.rules.brake_cards import Brake
from bot.rules.message import Message
from bot.services import log, rights
from bot.services.outbox import owe
from models import Arrival, Server, Waiting


async def require_old_enough(
    session: AsyncSession, server_id: int, user_id: int, now: datetime
) -> None:
    """UserError, with when it will do, for an account that is younger than the server asks for."""
    server = await session.get_one(Server, server_id)
    at = rules.old_enough_at(user_id, server.brake_account_days, now)
    if at is not None:
        raise UserError("brake.account_young", at=int(at.timestamp()))


async def require_released(session: AsyncSession, server_id: int, now: datetime) -> None:
    """UserError, with until when, while moving in is braked: visits wait as well."""
    server = await session.get_one(Server, server_id)
    if server.braked_until is not None and server.braked_until > now:
        raise UserError("brake.no_visits", at=int(server.braked_until.timestamp()))


async def room(
    session: AsyncSession, server: Server, now: datetime, *, locked: bool = False
) -> int | None:
    """Return how many more may move in for now; None: nothing holds them.

    `locked` before somebody moves in, so that two at once are counted one after the other where
    the database has several writers.
    """
    if locked and server.brake_joins_per_hour:
        await session.refresh(server, with_for_update=True)
    recent = 0
    if server.brake_joins_per_hour:
        recent = await _recent(session, server.id, now)
    return rules.room(
        server.brake_joins_per_hour,
        recent,
        now,
        braked_until=server.braked_until,
        lifted_until=server.brake_lifted_until,
    )


async def someone_arrived(session: AsyncSession, server: Server, now: datetime) -> None:
    """Brake when the hour's last place was taken just now, and tell the moderators, once a day.

    Only for who came through the open door: whoever was offered a seat was counted when it was.
    """
    if server.braked_until is not None and server.braked_until > now:
        return
    if await room(session, server, now) != 0:
        return
    until = now + rules.BRAKED_FOR
    server.braked_until = until
    await session.flush()
    lifted = 0 if server.brake_lifted_until is None else server.brake_lifted_until.timestamp()
    await owe(
        session,
        server_id=server.id,
        kind="brake",
        key=f"brake:{now:%Y%m%d}:{int(lifted)}",
        place="owners" if server.moderators_room_id is None else "moderators",
        message=brake_cards.braked(server.brake_joins_per_hour, until),
        now=now,
    )


async def card(session: AsyncSession, actor: Actor, now: datetime) -> Message:
    """Return how the brake is set and stands, with what moderators can do about it."""
    return brake_cards.card(await _look(session, await _decided_by(session, actor), now))


async def let_in(session: AsyncSession, actor: Actor, now: datetime) -> Message:
    """Let everybody move in for an hour, however many they are; those in line come first."""
    server = await _decided_by(session, actor)
    server.braked_until, server.brake_lifted_until = None, now + rules.LIFTED_FOR
    await _decided(session, server, actor, "brake-open", now)
    return brake_cards.card(await _look(session, server, now))


async def keep_closed(session: AsyncSession, actor: Actor, now: datetime) -> Message:
    """Let nobody move in for a day; they stand in line."""
    server = await _decided_by(session, actor)
    server.braked_until, server.brake_lifted_until = now + rules.KEPT_CLOSED, None
    await _decided(session, server, actor, "brake-close", now)
    return brake_cards.card(await _look(session, server, now))


async def set_brake(
    session: AsyncSession, actor: Actor, *, account_days: int, joins_per_hour: int, now: datetime
) -> Brake:
    """Set how old accounts must be, in days, and how many may move in an hour; 0 is off.

    For moderators and owners.
    """
    server = await _decided_by(session, actor)
    if not (0 <= account_days <= rules.MOST_DAYS and 0 <= joins_per_hour <= rules.MOST_AN_HOUR):
        raise UserError("brake.number_wrong", most=rules.MOST_DAYS)
    before = _set(server)
    server.brake_account_days, server.brake_joins_per_hour = account_days, joins_per_hour
    was, is_now = log.changed(before, _set(server))
    await session.flush()
    if is_now:  # as if it was changed in setup, and undone like that
        await log.note(
            session,
            server_id=server.id,
            by_user_id=actor.user_id,
            action="setup-change",
            now=now,
            before=was,
            after=is_now,
        )
    return await _look(session, server, now)


async def look(session: AsyncSession, actor: Actor, now: datetime) -> Brake:
    """Return how the brake is set and stands, to moderators and owners."""
    return await _look(session, await _decided_by(session, actor), now)


async def _look(session: AsyncSession, server: Server, now: datetime) -> Brake:
    in_line = select(func.count()).where(
        Waiting.server_id == server.id, Waiting.offered_at.is_(None)
    )
    braked = server.braked_until is not None and server.braked_until > now
    lifted = server.brake_lifted_until is not None and server.brake_lifted_until > now
    return Brake(
        account_days=server.brake_account_days,
        joins_per_hour=server.brake_joins_per_hour,
        braked_until=server.braked_until if braked else None,
        lifted_until=server.brake_lifted_until if lifted else None,
        in_line=await session.scalar(in_line) or 0,
    )


async def _decided_by(session: AsyncSession, actor: Actor) -> Server:
    server = await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_moderator(session, actor)
    return server


async def _recent(session: AsyncSession, server_id: int, now: datetime) -> int:
    """Return how many moved in within the last hour, or may still take a seat offered in it."""
    since = now - rules.HOUR
    arrived = select(func.count()).where(Arrival.server_id == server_id, Arrival.at > since)
    offered = select(func.count()).where(Waiting.server_id == server_id, Waiting.offered_at > since)
    return (await session.scalar(arrived) or 0) + (await session.scalar(offered) or 0)


def _set(server: Server) -> dict[str, int]:
    return {
        "brake_account_days": server.brake_account_days,
        "brake_joins_per_hour": server.brake_joins_per_hour,
    }


async def _decided(
    session: AsyncSession, server: Server, actor: Actor, action: str, now: datetime
) -> None:
    await session.flush()
    await log.note(session, server_id=server.id, by_user_id=actor.user_id, action=action, now=now)
