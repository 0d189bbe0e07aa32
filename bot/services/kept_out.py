"""The list of whom moderators keep out of rooms, so that those who come after them can look again.

For moderators only, paused or not. A group that is not listed is named to nobody here.
"""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.kept_out_cards import PER_PAGE, Barred, Kept, Page, Parted
from bot.services import removals, rights
from models import Apart, Bar


async def counted(session: AsyncSession, server_id: int) -> tuple[int, int]:
    """Return how many bars there are in a server, and how many pairs are kept apart."""
    bars = select(func.count()).select_from(Bar).where(Bar.server_id == server_id)
    pairs = select(func.count()).select_from(Apart).where(Apart.server_id == server_id)
    return await session.scalar(bars) or 0, await session.scalar(pairs) or 0


async def page(session: AsyncSession, actor: Actor, number: int) -> Page:
    """Return one page of the list: bars, then pairs, each newest first; UserError for others.

    `number` counts from 0; where there are fewer pages by now it is the last.
    """
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_moderator(session, actor)
    server_id = actor.server_id
    bars, pairs = await counted(session, server_id)
    pages = max(1, -(-(bars + pairs) // PER_PAGE))
    number = min(max(number, 0), pages - 1)
    begin = number * PER_PAGE
    rows: list[Kept] = []
    for bar in await session.scalars(
        select(Bar)
        .where(Bar.server_id == server_id)
        .order_by(Bar.at.desc(), Bar.user_id, Bar.group_id)
        .offset(begin)
        .limit(PER_PAGE)
    ):
        group = await removals.named(session, bar.group_id or None)
        rows.append(Barred(bar.user_id, bar.group_id == 0, group, bar.at, bar.by_user_id))
    if len(rows) < PER_PAGE:
        rows += [
            Parted(one.low_id, one.high_id, one.at, one.by_user_id)
            for one in await session.scalars(
                select(Apart)
                .where(Apart.server_id == server_id)
                .order_by(Apart.at.desc(), Apart.low_id, Apart.high_id)
                .offset(max(0, begin - bars))
                .limit(PER_PAGE - len(rows))
            )
        ]
    return Page(tuple(rows), number, pages, bars, pairs)
