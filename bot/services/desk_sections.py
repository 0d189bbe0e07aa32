"""The desk's other hands: each matter tells here what it has for the desk of a group.

A source is called for whoever may open the desk (rights were checked), reads only, and returns what
it has, for any pages. To add a matter, import its module here and put its function into SOURCES.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.services import (
    budding,
    cohorts,
    facilitator_notes,
    gathering_cards,
    goal_hosting,
    group_silence,
    guest_desk,
    health_reading,
    hosting_notes,
    islands,
    letter_outcomes,
    neighbourhoods,
    pair_hosting,
    preparing,
    pulse_asking,
    reuniting,
    ritual_changes,
    room_words,
    unanswered,
    volunteers,
)
from bot.settings import Settings
from models import Group

# (session, who reads, the group, now, settings) -> what this matter has for them
Source = Callable[[AsyncSession, Actor, Group, datetime, Settings], Awaitable[Sequence[Part]]]

SOURCES: tuple[Source, ...] = (
    room_words.desk_part,
    facilitator_notes.desk_part,
    health_reading.desk_part,
    hosting_notes.desk_part,
    ritual_changes.desk_part,
    gathering_cards.desk_part,
    unanswered.on_desk,
    group_silence.on_desk,
    letter_outcomes.on_desk,
    pulse_asking.desk_part,
    goal_hosting.desk_part,
    cohorts.desk_part,
    volunteers.desk_part,
    budding.desk_part,
    preparing.desk_part,
    reuniting.desk_part,
    pair_hosting.desk_part,
    neighbourhoods.desk_part,
    guest_desk.desk_part,
    islands.desk_part,
)


async def parts(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> list[Part]:
    """Return what all matters have for a group's desk, in the order of SOURCES."""
    found: list[Part] = []
    for source in SOURCES:
        found += await source(session, actor, group, now, settings)
    return found
