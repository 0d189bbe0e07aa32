"""Who might like to help to look after a group: seen by what they do, to be *asked*, never ranked.

Shown to the owners and to that group's facilitators only, one person at a time, with the deed that
speaks for them and nothing else: no numbers, and in an order that means nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import volunteer_cards as cards
from bot.rules.actor import Actor
from bot.rules.caring import Fit, fit
from bot.rules.desk_parts import Part
from bot.rules.message import Message
from bot.services import care_pauses, caring, facilitators, rights
from bot.services.groups import of_server
from bot.settings import Settings
from models import Facilitator, Group, Member, Membership, QuietEpisode


async def willing_or_fit(session: AsyncSession, group_id: int, now: datetime) -> list[int]:
    """Return whom one may ask to look after a group: first who offered, then who does such things.

    People who live there and are not away, quiet or opted out, do not look after it already, and
    were not asked within 90 days; by a stable order that is no rank.
    """
    offered = await session.scalars(
        select(Facilitator.user_id)
        .join(
            Membership,
            (Membership.server_id == Facilitator.server_id)
            & (Membership.user_id == Facilitator.user_id)
            & (Membership.group_id == Facilitator.group_id)
            & (Membership.state == "here"),
        )
        .where(Facilitator.group_id == group_id, Facilitator.state == "offered")
        .order_by(Facilitator.since, Facilitator.user_id)
    )
    return [*offered, *(one.user_id for one in await fitting(session, group_id, now))]


async def fitting(session: AsyncSession, group_id: int, now: datetime) -> list[Fit]:
    """Return who does what facilitators do in a group and may be asked: at most three."""
    weeks = await caring.rows(session, group_id, now)
    if not weeks:
        return []
    free = await _free(session, group_id, {row.user_id for row in weeks}, now)
    return fit((row for row in weeks if row.user_id in free), group_id)


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return the line of the desk that somebody could be asked; nothing when nobody could."""
    del settings
    if group.state == "archived":
        return ()
    return cards.desk_part(group.id, await _others(session, actor, group.id, now))


async def look(
    session: AsyncSession, actor: Actor, group_id: int, after: int, now: datetime
) -> Message:
    """Return who could be asked, one at a time; `after` is whom the reader saw last, 0 for nobody.

    UserError when there is nobody to suggest.
    """
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    found = await _others(session, actor, group_id, now)
    if not found:
        raise UserError("volunteers.nobody")
    seen = [one.user_id for one in found]
    place = (seen.index(after) + 1) % len(found) if after in seen else 0
    return cards.suggestion(group_id, group.name, found[place], more=len(found) > 1)


async def ask(
    session: AsyncSession, actor: Actor, *, group_id: int, user_id: int, now: datetime
) -> bool:
    """Ask somebody who was suggested; False if they were asked before or look after it already."""
    return await facilitators.ask(
        session,
        server_id=actor.server_id,
        group_id=group_id,
        user_id=user_id,
        now=now,
        actor=actor,
    )


async def not_now(
    session: AsyncSession, actor: Actor, *, group_id: int, user_id: int, now: datetime
) -> None:
    """Suggest somebody not again for a while; they never learn of it."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    await care_pauses.pause(
        session, server_id=group.server_id, group_id=group_id, user_id=user_id, now=now
    )


async def _others(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> list[Fit]:
    """Return whom to suggest to somebody: an owner who lives there is not told of themselves."""
    found = await fitting(session, group_id, now)
    return [one for one in found if one.user_id != actor.user_id]


async def _free(
    session: AsyncSession, group_id: int, user_ids: set[int], now: datetime
) -> frozenset[int]:
    """Return which of some people may be asked right now."""
    office = select(Facilitator.user_id).where(
        Facilitator.group_id == group_id, Facilitator.user_id == Membership.user_id
    )
    quiet = select(QuietEpisode.id).where(
        QuietEpisode.server_id == Membership.server_id,
        QuietEpisode.user_id == Membership.user_id,
        QuietEpisode.closed_at.is_(None),
    )
    found = await session.scalars(
        select(Membership.user_id)
        .join(
            Member,
            (Member.server_id == Membership.server_id) & (Member.user_id == Membership.user_id),
        )
        .where(
            Membership.group_id == group_id,
            Membership.state == "here",
            Membership.user_id.in_(user_ids),
            Member.opted_out_at.is_(None),
            or_(Member.away_from.is_(None), Member.away_until <= now),
            ~office.exists(),
            ~quiet.exists(),
        )
    )
    return frozenset(found) - await care_pauses.paused(session, group_id, now)
