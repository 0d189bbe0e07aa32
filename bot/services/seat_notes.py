"""What someone's /home tells of lines and seats: a seat that is kept, a place, a seat missed."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import seat_messages
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.services import offers, pace, standing
from bot.settings import Settings
from models import Group, GroupType, Membership, MissedOffer, Waiting


async def kept_seat(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Tell of a seat that is kept for them, with the yes and the no."""
    del settings
    row = await offers.open_offer(session, who.server_id, who.user_id, now)
    if row is None or row.offer_ends_at is None:
        return None
    group = await session.get_one(Group, row.group_id)
    if group.state != "open":
        return None
    home = await session.get(Membership, (who.server_id, who.user_id))
    lives: str | None = None
    if home is not None and home.state == "here":
        lives = (await session.get_one(Group, home.group_id)).name
    return seat_messages.kept_note(
        seat_messages.Kept(group.id, group.name, row.offer_ends_at, lives)
    )


async def place_in_line(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Tell of their place in line, and how long it often takes."""
    del settings
    row = await session.get(Waiting, (who.server_id, who.user_id))
    if row is None:
        return None
    group = await session.get_one(Group, row.group_id)
    if group.state == "open" and await offers.open_offer_to(session, group, who.user_id, now):
        return None
    type_ = await session.get_one(GroupType, group.type_id)
    place = await standing.place(session, group.id, who.server_id, who.user_id)
    weeks = await pace.estimate(session, group, type_, place, now)
    return seat_messages.in_line_note(seat_messages.Standing(group.name, group.state, place, weeks))


async def missed_seat(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Tell of a seat that went on to the next, until they have seen it."""
    del settings
    row = await session.get(MissedOffer, (who.server_id, who.user_id))
    if row is None or await offers.open_offer(session, who.server_id, who.user_id, now):
        return None
    group = await session.get_one(Group, row.group_id)
    waits = await session.get(Waiting, (who.server_id, who.user_id))
    return seat_messages.missed_note(
        seat_messages.Missed(group.id, group.name, row.at, out=waits is None)
    )
