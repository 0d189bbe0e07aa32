"""What other matters add to a facilitator's letter, below the names.

A matter writes a function of its own, with the shape of `Source`, and stands in `SOURCES`. It is
asked when letters are due and again whenever one is opened, so that a letter says how things are,
not how they were.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.message import Button, Line
from models import Facilitator, Group


@dataclass(frozen=True, slots=True)
class Section:
    """One matter in a letter.

    `key` names what it tells, at most 60 characters of which none is a space ("answers:1722…"):
    while it stays the same, this matter alone is no reason for another letter to the same person.
    With `key` "" it never is a reason, and only stands beside others. `lines` are at most nine,
    the first its heading, each at most 180 characters when read; people and links may stand in
    them, since only this facilitator reads them, words that somebody wrote may not. `buttons` are
    at most two: a row of a letter is all that is left for them.
    """

    key: str
    lines: tuple[Line, ...]
    buttons: tuple[Button, ...] = ()


# Returns what one facilitator is told about a group they look after; None for nothing. Reads only.
Source = Callable[[AsyncSession, Facilitator, Group, datetime], Awaitable[Section | None]]

# In the order in which they stand in the letter.
SOURCES: tuple[Source, ...] = ()


async def gather(
    session: AsyncSession, office: Facilitator, group: Group, now: datetime
) -> tuple[Section, ...]:
    """Return what the other matters have to say to one facilitator about their group."""
    sections = [await source(session, office, group, now) for source in SOURCES]
    return tuple(section for section in sections if section is not None)
