"""`/leave`: one's home, or a visit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.naming import safe
from bot.services import groups, known_groups, membership, rights, visits
from bot.services.membership import Left
from bot.services.visits import OpenVisit
from bot.settings import Settings
from models import Facilitator, Group, Membership


@dataclass(frozen=True, slots=True)
class Own:
    """A group that someone can leave: their home, or one that they visit."""

    group_id: int
    group: str
    emoji: str
    is_home: bool
    looks_after: bool = False


async def choices(
    session: AsyncSession, server_id: int, user_id: int, named: str | None = None
) -> list[Own]:
    """Return what someone can leave, the home first; only the one that was `named`, if one was.

    UserError when there is nothing to leave, or when the named group is none of theirs.
    """
    await rights.server_row(session, server_id)
    home = await session.get(Membership, (server_id, user_id))
    own: list[Own] = []
    if home is not None and home.state == "here":
        group = await session.get_one(Group, home.group_id)
        office = await session.get(Facilitator, (group.id, user_id))
        looks_after = office is not None and office.state == "active"
        own.append(Own(group.id, group.name, group.emoji, is_home=True, looks_after=looks_after))
    for visit in await visits.of_member(session, server_id, user_id):
        group = await session.get_one(Group, visit.group_id)
        own.append(Own(group.id, group.name, group.emoji, is_home=False))
    if named is not None:
        wanted = await known_groups.find(session, server_id, named, for_user=user_id)
        own = [one for one in own if one.group_id == wanted.id]
        if not own and (home is None or home.group_id != wanted.id):
            raise UserError("home.leave_not_yours")
    if not own:
        # Says what there is instead: a seat that is kept or held, or no home at all.
        await _nothing_to_leave(session, home)
    return own


async def leave(
    session: AsyncSession, actor: Actor, group_id: int, *, now: datetime, settings: Settings
) -> Left | OpenVisit:
    """Leave one's home, or end one's visit."""
    home = await session.get(Membership, (actor.server_id, actor.user_id))
    if home is not None and home.group_id == group_id:
        return await membership.leave(
            session, actor.server_id, actor.user_id, now=now, settings=settings
        )
    for visit in await visits.of_member(session, actor.server_id, actor.user_id):
        if visit.group_id == group_id:
            return await visits.end(session, actor, visit.id, now)
    await groups.of_server(session, actor.server_id, group_id)
    raise UserError("home.leave_not_yours")  # unnamed: it may be a group that is not listed


async def _nothing_to_leave(session: AsyncSession, home: Membership | None) -> None:
    if home is None:
        raise UserError("home.none")
    if home.seat_until is None:
        raise UserError("home.held")
    group = await session.get_one(Group, home.group_id)
    raise UserError(
        "home.left_already", group=safe(group.name), until=int(home.seat_until.timestamp())
    )
