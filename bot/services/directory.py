"""The directory, read from the tables: what someone may know of, in a handful of queries."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import directory, zones
from bot.rules.directory import Shelf, Shown, View
from bot.rules.message import Message
from bot.services import answers, groups, known_groups, pace
from models import Group, GroupType, Invitation, Membership, Server


async def shelf(
    session: AsyncSession, server_id: int, user_id: int, view: View, *, now: datetime
) -> Shelf:
    """Return the page of the directory that a view means."""
    server = await session.get_one(Server, server_id)
    zone = await answers.zone_of(session, server_id, user_id) or server.zone
    found = await _shown(session, server_id, user_id, now, near=zone)
    return directory.shelf(found, view, zone)


async def found(
    session: AsyncSession, server_id: int, user_id: int, typed: str, *, now: datetime
) -> Message | Shelf:
    """Return the group that was typed on its card, or all that the typed words speak of.

    UserError with what may have been meant when there is neither.
    """
    try:
        group = await known_groups.find(session, server_id, typed, for_user=user_id)
    except UserError:
        view = View(query=directory.query(typed))
        searched = await shelf(session, server_id, user_id, view, now=now)
        if not searched.groups:
            raise
        return searched
    return await card(session, server_id, user_id, group.id, now=now)


async def card(
    session: AsyncSession, server_id: int, user_id: int, group_id: int, *, now: datetime
) -> Message:
    """Return one group of the directory, with what this person can do about it.

    UserError for a group that they may not know of, as for one that there is not.
    """
    known = [
        one for one in await _shown(session, server_id, user_id, now) if one.group_id == group_id
    ]
    if not known:
        raise UserError("groups.not_found")
    group = await groups.of_server(session, server_id, group_id)
    server = await session.get_one(Server, server_id)
    home = await session.get(Membership, (server_id, user_id))
    return directory.card(
        known[0],
        groups.charter_of(group),
        lives_here=home is not None and home.group_id == group_id and home.state == "here",
        invited=await session.get(Invitation, (group_id, user_id)) is not None,
        place_shown=server.shows_cities,
    )


async def _shown(
    session: AsyncSession, server_id: int, user_id: int, now: datetime, *, near: str | None = None
) -> list[Shown]:
    """Return the groups that someone may know of, by name, as the directory shows them.

    `near`: the zone of whoever looks.
    """
    known = await known_groups.known(session, server_id, user_id)
    server = await session.get_one(Server, server_id)
    free = await pace.free_seats(session, server_id, now)
    rows = await session.execute(
        select(Group, GroupType)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(Group.server_id == server_id)
    )
    by_id = {group.id: (group, type_) for group, type_ in rows.all()}
    shown: list[Shown] = []
    for one in known:
        group, type_ = by_id[one.id]
        shown.append(
            Shown(
                group_id=group.id,
                name=group.name,
                emoji=group.emoji,
                purpose=group.purpose,
                for_whom=group.for_whom,
                type=type_.name,
                kind=type_.kind,
                state=group.state,
                seats=one.seats,
                now=free.get(group.id, 0),
                homes=group.homes,
                entry=type_.entry,
                visits=type_.visits,
                visit_days=type_.visit_days,
                language=group.language,
                zone=group.zone,
                city=group.city if server.shows_cities else "",
                near=near is not None
                and zones.about_the_same(near, group.zone or server.zone, now),
            )
        )
    return shown
