"""What a member says to being put elsewhere by facilitators: back, or fine. Their word stands."""

from collections import Counter
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import split_messages, split_words
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.message import Message, say
from bot.rules.naming import safe
from bot.rules.split_wishes import meets
from bot.services import rights, split_approval, split_seats
from bot.services.split_changes import sides_of
from bot.services.split_plans import apart
from bot.settings import Settings
from models import Group, GroupType, Membership, Split, SplitChange, SplitSeat


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return on someone's /home that facilitators put them elsewhere, with the way back."""
    del now, settings
    change = await session.scalar(
        select(SplitChange)
        .join(Split, Split.id == SplitChange.split_id)
        .where(
            Split.server_id == who.server_id,
            Split.state == "told",
            SplitChange.user_id == who.user_id,
            SplitChange.told_at.is_not(None),
            SplitChange.put_back_at.is_(None),
            SplitChange.seen_at.is_(None),
            SplitChange.child != SplitChange.was,
        )
        .limit(1)
    )
    if change is None:
        return None
    split = await session.get_one(Split, change.split_id)
    seat = await session.get(SplitSeat, (split.id, who.user_id))
    if seat is None or seat.chosen or seat.child != change.child or split.runs_at is None:
        return None
    shown = await split_approval.outline(session, split)
    told = split_words.you_were_put(
        split.id,
        shown.group,
        shown.children[change.child].name,
        shown.children[change.was].name,
        int(split.runs_at.timestamp()),
    )
    return Note(told.lines, told.buttons, urgent=True)


async def put_back(session: AsyncSession, who: Actor, split_id: int, now: datetime) -> Message:
    """Let someone go back to where the plan had them: their word stands, whatever the sizes.

    Only where a moderator's word stands against it, or a part would fall below what a group needs,
    their wish is kept as any other.
    """
    split, change, seat = await _own(session, who, split_id)
    change.put_back_at = change.seen_at = now
    moves = {who.user_id: change.was}
    group = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    sides = await sides_of(session, split)
    left = Counter({**sides, **moves}.values())[seat.child]
    if left < type_.minimum or meets(await apart(session, split.server_id), sides, moves):
        await session.flush()
        where = await split_seats.choose(
            session,
            server_id=who.server_id,
            user_id=who.user_id,
            split_id=split_id,
            child=change.was,
            now=now,
        )
        return split_messages.place(where)
    seat.child, seat.chosen, seat.wishes = change.was, True, None
    await session.flush()
    name = (await split_approval.outline(session, split)).children[change.was].name
    return say("splits.put_back", name=safe(name))


async def fine(session: AsyncSession, who: Actor, split_id: int, now: datetime) -> Message:
    """Take in that someone is fine with where facilitators put them."""
    split, change, seat = await _own(session, who, split_id)
    change.seen_at = now
    seat.chosen = True
    await session.flush()
    name = (await split_approval.outline(session, split)).children[seat.child].name
    return say("splits.fine", name=safe(name))


async def _own(
    session: AsyncSession, who: Actor, split_id: int
) -> tuple[Split, SplitChange, SplitSeat]:
    await rights.server_row(session, who.server_id)
    split = await session.get(Split, split_id)
    if split is None or split.server_id != who.server_id:
        raise UserError("splits.gone")
    if split.state != "told":
        raise UserError("splits.too_late" if split.state in {"moving", "done"} else "splits.gone")
    change = await session.get(SplitChange, (split.id, who.user_id))
    seat = await session.get(SplitSeat, (split.id, who.user_id))
    home = await session.get(Membership, (who.server_id, who.user_id))
    if change is None or seat is None or home is None or home.group_id != split.group_id:
        raise UserError("splits.gone")
    return split, change, seat
