"""What goes into a room when a ritual is due: its prompt, whom it calls, whom it greets."""

from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import ritual_messages
from bot.rules.ritual_kinds import KINDS, NEW_FOR
from bot.rules.ritual_messages import Called, Due, Pings, Prompt
from bot.services import rota
from bot.services.outbox import owe
from models import (
    Group,
    Membership,
    Occurrence,
    Reminder,
    Ritual,
    RitualChoice,
    RitualPrompt,
    Visit,
)


async def post(
    session: AsyncSession,
    ritual: Ritual,
    group: Group,
    moment: str,
    *,
    due: datetime,
    now: datetime,
    grace: timedelta,
) -> bool:
    """Claim an occurrence and owe its messages; False for a ritual without a prompt."""
    rows = await session.scalars(select(RitualPrompt).where(RitualPrompt.ritual_id == ritual.id))
    prompts = {prompt.id: prompt for prompt in rows}
    if not prompts:
        return False
    prompt = prompts[
        ritual_messages.next_prompt(ritual.id, [Prompt(p.id, p.used) for p in prompts.values()])
    ]
    prompt.used += 1
    skips = await session.scalar(
        select(func.count()).select_from(RitualChoice).where(*_chose(ritual, moment, "skip"))
    )
    occurrence = Occurrence(
        ritual_id=ritual.id,
        group_id=group.id,
        local_moment=moment,
        due_at=due,
        state="claimed",
        skips=skips or 0,
    )
    session.add(occurrence)
    await session.flush()
    whom = await _called(session, ritual, group, moment, now)
    if whom.group:
        group.pinged_at = now
    host = await rota.whose_turn(session, ritual, due)
    await rota.held(session, ritual, host)
    kind = KINDS[ritual.kind]
    messages = ritual_messages.due(
        Due(
            occurrence.id,
            ritual.id,
            title=ritual.title,
            prompt=prompt.prompt,
            kind=kind,
            thread=ritual.thread,
            weekly=ritual.cadence == "weekly",
            host=host,
            greeted=await _greeted(session, ritual, group, moment, now) if kind.greets else (),
        ),
        whom,
        role_id=group.role_id,
    )
    for number, message in enumerate(messages):
        await owe(
            session,
            server_id=ritual.server_id,
            kind="ritual-more" if number else "ritual",
            key=f"ritual-more:{occurrence.id}:{number}" if number else f"ritual:{occurrence.id}",
            place="room",
            group_id=group.id,
            message=message,
            now=now,
            # What cannot be sent inside the grace window is missed.
            expires_in=max(due + grace - now, timedelta(minutes=1)),
        )
    return True


async def _called(
    session: AsyncSession, ritual: Ritual, group: Group, moment: str, now: datetime
) -> Called:
    """Return whom the ritual pings; who belongs to the group no more is no longer reminded.

    Nor is, this once, who takes this one off.
    """
    here = (
        select(Membership.user_id)
        .where(Membership.group_id == group.id, Membership.state == "here")
        .union(
            select(Visit.user_id).where(
                Visit.group_id == group.id, Visit.ended_at.is_(None), Visit.ends_at > now
            )
        )
    )
    await session.execute(
        delete(Reminder).where(Reminder.ritual_id == ritual.id, Reminder.user_id.not_in(here))
    )
    off = select(RitualChoice.user_id).where(*_chose(ritual, moment, "skip"))
    asked = await session.scalars(
        select(Reminder.user_id)
        .where(Reminder.ritual_id == ritual.id, Reminder.user_id.not_in(off))
        .order_by(Reminder.user_id)
    )
    # A group without a role cannot be pinged as a whole.
    pings = "asked" if ritual.pings == "group" and group.role_id is None else ritual.pings
    return ritual_messages.called(
        cast("Pings", pings),
        list(asked),
        now=now,
        local=now.astimezone(ZoneInfo(ritual.zone)),
        group_at=group.pinged_at,
    )


async def _greeted(
    session: AsyncSession, ritual: Ritual, group: Group, moment: str, now: datetime
) -> tuple[int, ...]:
    """Return who moved in lately, lives here still and asked to be greeted by name."""
    found = await session.scalars(
        select(RitualChoice.user_id)
        .join(
            Membership,
            (Membership.server_id == RitualChoice.server_id)
            & (Membership.user_id == RitualChoice.user_id),
        )
        .where(
            *_chose(ritual, moment, "greet"),
            Membership.group_id == group.id,
            Membership.state == "here",
            Membership.since > now - NEW_FOR,
        )
        .order_by(Membership.since, RitualChoice.user_id)
        .limit(ritual_messages.GREETED_MOST)
    )
    return tuple(found)


def _chose(ritual: Ritual, moment: str, choice: str) -> tuple[ColumnElement[bool], ...]:
    return (
        RitualChoice.ritual_id == ritual.id,
        RitualChoice.moment == moment,
        RitualChoice.choice == choice,
    )
