"""Who asked for which direct messages: nobody else is ever sent one.

Discord lets a bot write to people who have said that they want it, by an act of theirs. So every
direct message names its kind, and each kind has here the wish that allows it: a press that is kept
in the tables, and that the person can take back. `owe` in bot/services/outbox.py refuses a message
that nobody wished for; `claim` in bot/services/sending.py asks again right before it is sent.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Facilitator


@dataclass(frozen=True, slots=True)
class Direct:
    """A direct message that is to be sent: of what kind, to whom, about which group."""

    kind: str
    server_id: int
    user_id: int
    group_id: int | None


Wish = Callable[[AsyncSession, Direct], Awaitable[bool]]


async def _letters_by_dm(session: AsyncSession, message: Direct) -> bool:
    """Return whether somebody who looks after the group pressed for letters by DM."""
    wanted = select(Facilitator.letters_by_dm).where(
        Facilitator.server_id == message.server_id,
        Facilitator.group_id == message.group_id,
        Facilitator.user_id == message.user_id,
        Facilitator.state == "active",
    )
    return bool(await session.scalar(wanted))


WISHES: dict[str, Wish] = {"letter": _letters_by_dm}
"""By kind of message, how to tell whether its reader asked for it and still wants it."""


async def wished(session: AsyncSession, message: Direct) -> bool:
    """Return whether this person's press for messages of this kind stands; never for others."""
    wish = WISHES.get(message.kind)
    return wish is not None and await wish(session, message)
