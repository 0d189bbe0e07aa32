"""What figures are reckoned when a week is closed: each matter tells here how it does.

A source reads only, and returns its figures of that week for any of the groups and for the server,
silent ones among them; what it does not return is kept as silent for want of anything to measure.
Rows for tables of its own that are to be written with them it returns, too, unsaved: people do not
wait while it reads, only while all of it is written.
To add a measure, name it in bot.rules.health, and put the function that reckons it into SOURCES.
"""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.health import SERVER, Closing, Reckoned, said
from bot.services import health_people, health_pulse, health_talk, health_ties, survival
from models import Base

Source = Callable[[AsyncSession, Closing], Awaitable[Sequence[Reckoned | Base]]]


async def homes(_session: AsyncSession, closing: Closing) -> list[Reckoned]:
    """Return how many live in each group, and in all of them."""
    found = [
        Reckoned(group.group_id, said("homes", len(group.homes), len(group.homes)))
        for group in closing.groups
    ]
    everyone = len(frozenset[int]().union(*(group.homes for group in closing.groups)))
    return [*found, Reckoned(SERVER, said("homes", everyone, everyone))]


SOURCES: tuple[Source, ...] = (
    homes,
    health_people.source,
    health_people.rituals,
    health_talk.source,
    health_talk.newcomers,
    health_ties.source,
    health_pulse.source,
    survival.source,
)
