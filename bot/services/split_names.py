"""What the groups that a split makes are called: chosen by those who decide on it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import charter, naming, split_words
from bot.rules.actor import Actor
from bot.rules.message import Message
from bot.services import split_approval
from bot.services.group_names import taken_names
from bot.services.split_plans import children
from models import Group, Split, SplitChild, SplitProposal


async def card(session: AsyncSession, actor: Actor, split_id: int) -> Message:
    """Return the names as they stand, to those who may change them."""
    split = await _to_name(session, actor, split_id)
    return split_words.names(await split_approval.outline(session, split))


async def child(session: AsyncSession, actor: Actor, split_id: int, index: int) -> SplitChild:
    """Return the child that somebody is about to name; UserError where there is none to name."""
    split = await _to_name(session, actor, split_id)
    found = [row for row in await children(session, split.id) if row.index == index]
    if not found:
        raise NotAllowed("splits.gone")
    return found[0]


async def name_it(
    session: AsyncSession,
    actor: Actor,
    split_id: int,
    index: int,
    *,
    name: str,
    emoji: str,
    now: datetime,
) -> Message:
    """Give one of the groups to be a name and a sign; return all names as they will stand.

    The group that keeps the room takes a new name when it parts, not before.
    """
    row = await child(session, actor, split_id, index)
    split = await session.get_one(Split, row.split_id)
    wanted = charter.name(name)
    sign = charter.emoji(emoji) if emoji.strip() else row.emoji
    group = await session.get_one(Group, split.group_id)
    key = naming.key(wanted)
    others = {naming.key(one.name) for one in await children(session, split.id) if one is not row}
    taken = await taken_names(session, group, but_for=split.id) | others
    if key in taken and not (index == 0 and key == group.name_key and key not in others):
        raise UserError("splits.name_taken", name=naming.safe(wanted))
    row.name, row.emoji, row.named_at = wanted, sign, now
    await session.flush()
    return split_words.named(await split_approval.outline(session, split), index)


async def _to_name(session: AsyncSession, actor: Actor, split_id: int) -> Split:
    """Return a plan that nobody has suggested yet: what others think about stays as it is."""
    split = await split_approval.decided_by(session, actor, split_id)
    word = await session.get(SplitProposal, split.id)
    if word is not None and word.proposed_at is not None:
        raise UserError("splits.change_suggested")
    return split
