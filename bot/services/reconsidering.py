"""Rituals that may be worth another thought: one at most in a letter, until somebody looks."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import reconsidering
from bot.rules.actor import Actor
from bot.rules.letter_parts import Section
from bot.rules.message import Button, Line
from bot.rules.naming import safe
from bot.rules.reconsidering import Why
from bot.rules.ritual_cards import Hosted
from bot.services import hosting
from models import Facilitator, Group, Occurrence, Ritual


async def found(session: AsyncSession, group_id: int, now: datetime) -> tuple[Ritual, Why] | None:
    """Return the running ritual of a group that most needs a thought, and why; None: all is well.

    One that nobody answers comes first. Whoever looked at it, or changed it, is left in peace.
    """
    rows = await session.execute(
        select(Ritual, Occurrence.answers)
        .join(Occurrence, Occurrence.ritual_id == Ritual.id)
        .where(
            Ritual.group_id == group_id,
            Ritual.state == "running",
            or_(
                Ritual.reconsidered_at.is_(None),
                Ritual.reconsidered_at <= now - reconsidering.PEACE,
            ),
            Occurrence.state == "posted",
            Occurrence.due_at <= now - reconsidering.ANSWERED_WITHIN,
        )
        .order_by(Ritual.id, Occurrence.due_at, Occurrence.id)
    )
    answers: defaultdict[int, list[int]] = defaultdict(list)
    rituals: dict[int, Ritual] = {}
    for ritual, count in rows:
        rituals[ritual.id] = ritual
        answers[ritual.id].append(count)
    worth: list[tuple[Ritual, Why]] = []
    for ritual_id, counts in answers.items():
        why = reconsidering.why(counts)
        if why is not None:
            worth.append((rituals[ritual_id], why))
    return min(worth, key=lambda one: (one[1] != "none", one[0].id)) if worth else None


async def section(
    session: AsyncSession, office: Facilitator, group: Group, now: datetime
) -> Section | None:
    """Return the ritual to think about, for one facilitator's letter."""
    if group.state != "open" or group.locked_at is not None:
        return None  # rituals are not held there
    one = await found(session, group.id, now)
    if one is None:
        return None
    ritual, why = one
    lines = [
        Line("noticing.ritual_section"),
        Line(f"noticing.ritual_{why}", {"title": safe(ritual.title)}),
    ]
    buttons: tuple[Button, ...] = ()
    if office.letters_by_dm:  # a ritual is changed in the server
        lines.append(Line("noticing.ritual_where"))
    else:
        buttons = (Button("noticing.ritual_look", f"reconsider:{ritual.id}"),)
    return Section(f"ritual:{ritual.id}:{why}", tuple(lines), buttons)


async def look(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Hosted:
    """Return the ritual to who may change it, and speak of it no more for a while."""
    shown = await hosting.one(session, actor, ritual_id, now)
    ritual = await session.get_one(Ritual, ritual_id)
    ritual.reconsidered_at = now
    await session.flush()
    return shown
