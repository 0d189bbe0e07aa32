"""Who was missed, in the letter of those who look after the group: once, and kindly.

Only people who live there, who said yes and did not say that they were there; nobody where nobody
said so at all, for then it is not known. Nobody who is away, or would not be counted.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.letter_parts import Section
from bot.rules.message import Line
from models import (
    Facilitator,
    Gathering,
    GatheringAnswer,
    GatheringDate,
    Group,
    Member,
    Membership,
)

FOR = timedelta(days=8)  # a weekly letter tells of it once
NAMED_MOST = 4  # a letter's line has 180 characters


async def section(
    session: AsyncSession, office: Facilitator, group: Group, now: datetime
) -> Section | None:
    """Return who was missed at the last gathering of this week."""
    date = await session.scalar(
        select(GatheringDate)
        .join(Gathering, Gathering.id == GatheringDate.gathering_id)
        .where(
            Gathering.group_id == group.id,
            GatheringDate.state == "over",
            GatheringDate.closed_at > now - FOR,
            GatheringDate.came > 0,
        )
        .order_by(GatheringDate.starts_at.desc())
        .limit(1)
    )
    if date is None:
        return None
    found = await session.scalars(
        select(GatheringAnswer.user_id)
        .join(
            Membership,
            (Membership.user_id == GatheringAnswer.user_id)
            & (Membership.group_id == group.id)
            & (Membership.state == "here"),
        )
        .join(
            Member,
            (Member.server_id == Membership.server_id) & (Member.user_id == Membership.user_id),
        )
        .where(
            GatheringAnswer.date_id == date.id,
            GatheringAnswer.answer == "yes",
            GatheringAnswer.came_at.is_(None),
            GatheringAnswer.user_id != office.user_id,
            Member.counted_since.is_not(None),
            Member.away_from.is_(None) | (Member.away_until <= now),
        )
        .order_by(GatheringAnswer.at, GatheringAnswer.user_id)
    )
    missed = list(found)
    if not missed:
        return None
    people = " ".join(f"<@{user}>" for user in missed[:NAMED_MOST])
    fillings = {"people": people, "n": len(missed) - NAMED_MOST}
    more = "gathering.missed_more" if len(missed) > NAMED_MOST else "gathering.missed"
    title = Line("gathering.missed_title", {"at": int(date.starts_at.timestamp())})
    return Section(f"gathering:{date.id}", (title, Line(more, fillings)))
