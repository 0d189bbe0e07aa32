"""What rituals do for their groups: who took part, and whose first words they heard, as numbers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.ritual_effects import Effects, Held
from bot.services import ritual_changes
from models import Membership, Occurrence, Ritual

OPEN = timedelta(days=2)  # of occurrences from before anybody thought of closing them
LAST_FEW = 4  # occurrences whose skips are counted together


async def of_ritual(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Effects:
    """Return what a ritual does for its group, to those who look after it."""
    ritual = await ritual_changes.mine(session, actor, ritual_id)
    occurrences = await ritual_changes.held(session, ritual.id)
    # Who will still come to one that is under way nobody knows.
    held = [Held(one.due_at, people) for one, people in occurrences if _closes_at(one) <= now]
    newcomers, first_words = await _newcomers(session, ritual, [one for one, _ in occurrences])
    return Effects(
        ritual_id=ritual.id,
        group_id=ritual.group_id,
        title=ritual.title,
        zone=ritual.zone,
        held=tuple(held),
        newcomers=newcomers,
        first_words=first_words,
        skips=sum(one.skips for one, _ in occurrences[-LAST_FEW:]),
        suggested=await ritual_changes.suggested(session, ritual, now),
    )


async def _newcomers(
    session: AsyncSession, ritual: Ritual, held: Sequence[Occurrence]
) -> tuple[int, int]:
    """Return how many newcomers wrote first words since the first occurrence, and in one's time."""
    if not held:
        return 0, 0
    rows = await session.scalars(
        select(Membership.wrote_at).where(
            Membership.group_id == ritual.group_id,
            Membership.state == "here",
            Membership.since >= held[0].due_at,
            # at the same moment: who is not counted any more, of whom nothing is known
            Membership.wrote_at > Membership.since,
        )
    )
    wrote = [at for at in rows if at is not None]
    spans = [(one.due_at, _closes_at(one)) for one in held]
    heard = sum(any(begins <= at <= ends for begins, ends in spans) for at in wrote)
    return len(wrote), heard


def _closes_at(occurrence: Occurrence) -> datetime:
    return occurrence.closes_at or occurrence.due_at + OPEN
