"""A group that nobody looks after is asked, by a card in its room, who would."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import facilitation
from bot.services.outbox import owe
from models import Group

ASK_AGAIN_AFTER = timedelta(days=14)  # a group is asked no more often than that


async def seek(session: AsyncSession, group: Group, now: datetime, *, alone: bool) -> bool:
    """Ask a group who would look after it; False if it is not open, or was asked lately.

    `alone`: nobody looks after it now. The card can be pressed by whoever likes; what follows is
    theirs alone.
    """
    asked = group.seeks_facilitator_since
    if group.state != "open" or (asked is not None and now - asked < ASK_AGAIN_AFTER):
        return False
    group.seeks_facilitator_since = now
    await session.flush()
    at = int(now.timestamp())
    await owe(
        session,
        server_id=group.server_id,
        kind="seeking",
        key=f"seeking:{group.id}:{at}",
        place="room",
        group_id=group.id,
        message=facilitation.sought(group.id, group.name, at, alone=alone),
        now=now,
    )
    return True
