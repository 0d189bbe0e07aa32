"""What other matters add to a facilitator's letter, below the names.

A matter writes a function of its own, with the shape of `Source`, and stands in `SOURCES`. It is
asked when letters are due and again whenever one is opened, so that a letter says how things are,
not how they were.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.letter_parts import Section
from bot.services import (
    gathering_letters,
    group_silence,
    own_silence,
    preparing,
    reconsidering,
    unanswered,
)
from models import Facilitator, Group

# Returns what one facilitator is told about a group they look after; None for nothing. Reads only.
Source = Callable[[AsyncSession, Facilitator, Group, datetime], Awaitable[Section | None]]

# In the order in which they stand in the letter.
SOURCES: tuple[Source, ...] = (
    unanswered.section,
    reconsidering.section,
    group_silence.section,
    gathering_letters.section,
    preparing.section,
    own_silence.section,
)


async def gather(
    session: AsyncSession, office: Facilitator, group: Group, now: datetime
) -> tuple[Section, ...]:
    """Return what the other matters have to say to one facilitator about their group."""
    sections = [await source(session, office, group, now) for source in SOURCES]
    return tuple(section for section in sections if section is not None)
