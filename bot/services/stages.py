"""Where groups stand in their life: `groups.state` is written here and nowhere else.

Whoever changes a fact that a stage follows from (charter, facilitators, rest, archive, the server's
wish) calls `review` in the same transaction.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules import charter, charter_cards, closing, stages
from bot.rules.scope import GroupScope
from bot.rules.stages import Facts, Stage
from bot.services.outbox import owe
from models import Facilitator, Group, GroupType, Server


async def facts(session: AsyncSession, group: Group) -> Facts:
    """Return what the group's stage is derived from."""
    server = await session.get_one(Server, group.server_id)
    care = await session.scalar(
        select(func.count()).where(Facilitator.group_id == group.id, Facilitator.state == "active")
    )
    return Facts(
        lacks=charter.lacks(
            purpose=group.purpose, for_whom=group.for_whom, unites=group.unites, norms=group.norms
        ),
        facilitators=care or 0,
        strict=server.needs_facilitator,
        opened=group.opened_at is not None or group.state == "open",
        rests=group.rests_since is not None,
        archived=group.archived_at is not None,
        homes=group.homes,
        offered=group.offered,
        cap=group.cap,
    )


async def review(session: AsyncSession, group: Group, now: datetime) -> Stage:
    """Derive the group's stage anew, write its state, and return the stage.

    A group that opens for the first time gets its opening moment, and, where its type lasts for a
    while, its last day.
    """
    await session.flush()
    reached = stages.stage(await facts(session, group))
    state = stages.state(reached)
    if group.opened_at is None and group.state == "open":
        group.opened_at = group.created_at  # a row from before opening was noted
    elif group.opened_at is None and state == "open":
        group.opened_at = now
        type_ = await session.get_one(GroupType, group.type_id)
        if type_.lasts_days is not None and group.closes_at is None:
            zone = await zone_of(session, group)
            group.closes_at = closing.lasts_until(now, type_.lasts_days, zone)
    if group.state != state:
        waited = group.state == "forming" and group.created_at < now
        group.state = state
        if waited and state == "open":
            await _tell_owners(session, group, now)
        note_after_commit(session, GroupScope(group.server_id, group.id))
    await session.flush()
    return reached


async def zone_of(session: AsyncSession, group: Group) -> str:
    """Return the time zone that a group lives by: its own, else the server's."""
    if group.zone:
        return group.zone
    return (await session.get_one(Server, group.server_id)).zone


async def review_all(session: AsyncSession, server_id: int, now: datetime) -> int:
    """Review every group of a server, after its wishes changed; return how many changed state."""
    changed = 0
    found = await session.scalars(select(Group).where(Group.server_id == server_id))
    for group in found.all():
        before = group.state
        await review(session, group, now)
        changed += group.state != before
    return changed


async def rest(session: AsyncSession, group: Group, now: datetime) -> Stage:
    """Put a group to rest: nobody moves in, everyone stays. Rights are the caller's matter."""
    group.rests_since = group.rests_since or now
    return await review(session, group, now)


async def wake(session: AsyncSession, group: Group, now: datetime) -> Stage:
    """End a group's rest; it is open again, or forming if it never was open."""
    group.rests_since = None
    return await review(session, group, now)


async def archive(session: AsyncSession, group: Group, now: datetime) -> Stage:
    """Archive a group: its room can be read and not written in; homes and history stay."""
    group.archived_at = group.archived_at or now
    return await review(session, group, now)


async def restore(session: AsyncSession, group: Group, now: datetime) -> Stage:
    """Take a group out of the archive; a last day that is past goes with it."""
    group.archived_at = None
    if group.closes_at is not None and group.closes_at <= now:
        group.closes_at = None
    return await review(session, group, now)


async def _tell_owners(session: AsyncSession, group: Group, now: datetime) -> None:
    """Owe the owners' room the line that a group which was being made ready is open now."""
    at = int(now.timestamp())
    type_ = await session.get_one(GroupType, group.type_id)
    name = group.name if type_.listed else None
    await owe(
        session,
        server_id=group.server_id,
        kind="opened",
        key=f"opened:{group.id}:{at}",
        place="owners",
        group_id=group.id,
        message=charter_cards.opened(group.id, name, at),
        now=now,
    )
