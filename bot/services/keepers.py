"""Who is told what became of an owed message: each matter names here what it remembers.

An outbox row is erased once its message stands or was given up. A matter whose tables must know
puts a `Keeper` for its kind into `KEEPERS`, and what reads its files into `ATTACHED`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import bridge_cards
from bot.rules.message import Drawn
from bot.services import (
    ask_posts,
    bridge_posts,
    gatherings,
    goal_moments,
    goal_words,
    goals,
    letters,
    pair_talk,
    panels,
    ritual_closing,
    rituals,
)
from models import Group, OutboxMessage


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who must know what became of messages of one kind: called with the row.

    `sent` is told the message's id; the row says where it stands (`channel_id`) and which thread
    was opened for it (`thread_id`).
    """

    sent: Callable[[AsyncSession, OutboxMessage, int, datetime], Awaitable[None]] | None = None
    dropped: Callable[[AsyncSession, OutboxMessage], Awaitable[None]] | None = None


async def _charter_sent(
    session: AsyncSession,
    row: OutboxMessage,
    message_id: int,
    now: datetime,  # noqa: ARG001 - a keeper's signature
) -> None:
    group = await session.get(Group, row.group_id)
    if group is not None:
        group.charter_message_id = message_id


KEEPERS = {
    letters.KIND: Keeper(letters.sent),
    "ritual": Keeper(rituals.posted, rituals.not_posted),
    ritual_closing.KIND: Keeper(ritual_closing.said, ritual_closing.unsaid),
    pair_talk.KIND: Keeper(pair_talk.sent),
    pair_talk.ASKS: Keeper(dropped=pair_talk.unsaid),
    "charter": Keeper(_charter_sent),
    gatherings.POST: Keeper(gatherings.posted),
    goals.KIND: Keeper(goal_moments.posted),
    goal_words.WORD: Keeper(goal_moments.word_posted, goal_moments.word_dropped),
    panels.KIND: Keeper(panels.posted, panels.not_posted),
    bridge_posts.KIND: Keeper(bridge_posts.posted, bridge_posts.not_posted),
    bridge_posts.HEADER: Keeper(bridge_posts.header_posted),
    ask_posts.HOME: Keeper(ask_posts.sent),
    ask_posts.THERE: Keeper(ask_posts.sent),
    ask_posts.ANSWER: Keeper(ask_posts.sent, ask_posts.dropped),
}
"""By kind of message, the table that remembers it once its outbox row is erased."""

ATTACHED: dict[str, Callable[[AsyncSession, int], Awaitable[Drawn | None]]] = {
    bridge_cards.FILES: bridge_posts.file,
}
"""By kind of file, what reads it from its table: name, bytes, and words for who cannot see it."""
