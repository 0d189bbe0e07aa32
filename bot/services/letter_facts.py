"""What a group knows of its people, so that a letter can suggest an act that fits them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.letter_acts import Known
from bot.services import ritual_moves
from models import (
    Facilitator,
    Greeter,
    Introduction,
    Membership,
    QuietEpisode,
    Ritual,
    Welcome,
)


async def known(
    session: AsyncSession, office: Facilitator, episodes: Collection[QuietEpisode], now: datetime
) -> Mapping[int, Known]:
    """Return what one facilitator's group knows of these people, by their ids."""
    group_id, server_id = office.group_id, office.server_id
    people = [episode.user_id for episode in episodes]
    if not people:
        return {}
    since = await lives_here_since(session, server_id, group_id, people)
    hosts: dict[int, str] = {}
    running = await session.scalars(
        select(Ritual)
        .where(Ritual.group_id == group_id, Ritual.state == "running")
        .order_by(Ritual.next_due_at, Ritual.id)
    )
    for one in running:
        if one.host_id is not None:
            hosts.setdefault(one.host_id, one.title)
    held = await ritual_moves.first_of_group(session, group_id, now)
    ritual, at = ("", None) if held is None else (held[1].title, int(held[0].timestamp()))
    greets = set(
        await session.scalars(
            select(Greeter.user_id).where(Greeter.group_id == group_id, Greeter.user_id.in_(people))
        )
    )
    introduced = set(
        await session.scalars(
            select(Introduction.user_id).where(
                Introduction.group_id == group_id,
                Introduction.user_id.in_(people),
                Introduction.hidden_at.is_(None),
            )
        )
    )
    greeters = await _greeters(session, group_id, people)
    found: dict[int, Known] = {}
    for episode in episodes:
        user = episode.user_id
        greeter = greeters.get(user)
        found[user] = Known(
            lives_here_days=(now - since[user]).days if user in since else 0,
            newcomer=episode.kind == "faded",
            hosts=hosts.get(user, ""),
            greets=user in greets,
            greeter_id=None if greeter == office.user_id else greeter,
            greeted_by_reader=greeter == office.user_id,
            introduced=user in introduced,
            ritual=ritual,
            ritual_at=at,
        )
    return found


async def lives_here_since(
    session: AsyncSession, server_id: int, group_id: int, people: Collection[int]
) -> dict[int, datetime]:
    """Return since when these people have lived in a group; those who do not are left out."""
    rows = await session.execute(
        select(Membership.user_id, Membership.since).where(
            Membership.server_id == server_id,
            Membership.group_id == group_id,
            Membership.user_id.in_(people),
        )
    )
    return {user: since for user, since in rows}  # noqa: C416 - a row is not a pair to the type checker


async def _greeters(
    session: AsyncSession, group_id: int, people: Collection[int]
) -> dict[int, int]:
    """Return who showed whom around, of those who still live in the group."""
    rows = await session.execute(
        select(Welcome.user_id, Welcome.greeter_id)
        .join(
            Membership,
            (Membership.server_id == Welcome.server_id)
            & (Membership.user_id == Welcome.greeter_id)
            & (Membership.group_id == Welcome.group_id),
        )
        .where(
            Welcome.group_id == group_id,
            Welcome.user_id.in_(people),
            Welcome.taken_at.is_not(None),
            Membership.state == "here",
        )
        .order_by(Welcome.at, Welcome.id)
    )
    return {
        user: greeter
        for user, greeter in rows
        if greeter is not None and greeter not in people  # they are quiet themselves
    }
