"""What a group does together, for one who is inside: each matter tells its part here.

A source is called for somebody who may be in the group's room (that was checked), reads only, and
returns what it has for exactly this reader; None for nothing. To add a matter, import its module
here and put its function into SOURCES.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed
from bot.rules import together_cards
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message
from bot.rules.together_cards import Part
from bot.services import (
    bridges,
    cohorts,
    gathering_cards,
    goal_parts,
    guest_desk,
    hosting_notes,
    pairs,
    rights,
    ritual_choices,
)
from bot.settings import Settings
from models import Group, Membership

# (session, who reads, the group, now, settings) -> what this matter has for them
Source = Callable[[AsyncSession, Actor, Group, datetime, Settings], Awaitable[Part | None]]

# In the order in which they stand on the card.
SOURCES: tuple[Source, ...] = (
    gathering_cards.together_part,
    goal_parts.together_part,
    cohorts.together_part,
    hosting_notes.together_part,
    ritual_choices.together_part,
    guest_desk.part,
    pairs.together_part,
    bridges.together,
)


async def card(
    session: AsyncSession, actor: Actor, group_id: int, now: datetime, settings: Settings
) -> Message:
    """Return what a group does together; NotAllowed for who is not inside."""
    await rights.server_row(session, actor.server_id)
    group = await session.get(Group, group_id)
    inside = await rights.is_inside(session, actor.server_id, actor.user_id, group_id)
    if group is None or group.server_id != actor.server_id or not inside:
        raise NotAllowed("together.inside_only")
    parts = [await source(session, actor, group, now, settings) for source in SOURCES]
    found = [part for part in parts if part is not None]
    return together_cards.card(group.emoji, group.name, found)


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return the way from somebody's /home to what their home does together."""
    del now, settings
    home = await session.get(Membership, (who.server_id, who.user_id))
    if home is None or home.state != "here":
        return None
    return Note((Line("together.note"),), (Button("together.open", f"together:{home.group_id}"),))
