"""Somebody who looks after a group and has been quiet themselves: told kindly, and nobody else.

It is said in their own letter, once per silence, long before others are asked (long_absent). Who
lives in the server is quiet by the rule for everyone; of who lives nowhere ten days tell.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.letter_parts import Section
from bot.rules.message import Button, Line
from bot.rules.quiet import silence
from bot.services import connected
from models import Facilitator, Group, Member, Membership, Presence, QuietEpisode

WITHOUT_A_HOME = timedelta(days=10)


async def section(
    session: AsyncSession, office: Facilitator, group: Group, now: datetime
) -> Section | None:
    """Return the line to a facilitator about themselves, for their own letter."""
    lasted = await _quiet_for(session, office, now)
    if lasted is None:
        return None
    since, days = lasted
    key = "own_known" if await _others_know(session, office) else "own_told"
    lines = [Line("noticing.own_section"), Line(f"noticing.{key}", {"n": days})]
    buttons = [Button("noticing.own_pause", f"own-pause:{group.id}")]
    if office.letters_by_dm:  # people are asked in the server
        lines.append(Line("noticing.own_where"))
    else:
        buttons.insert(0, Button("noticing.own_help", f"desk-hand-over:{group.id}"))
    return Section(f"own:{int(since.timestamp())}", tuple(lines), tuple(buttons))


async def _others_know(session: AsyncSession, office: Facilitator) -> bool:
    """Return whether somebody else was told already: in their home's letters, or asked about it."""
    named = exists().where(
        QuietEpisode.server_id == office.server_id,
        QuietEpisode.user_id == office.user_id,
        QuietEpisode.closed_at.is_(None),
        QuietEpisode.named_at.is_not(None),
    )
    asked = exists().where(
        Facilitator.server_id == office.server_id,
        Facilitator.user_id == office.user_id,
        Facilitator.absence_asked_at.is_not(None),
    )
    return bool(await session.scalar(select(named | asked)))


async def _quiet_for(
    session: AsyncSession, office: Facilitator, now: datetime
) -> tuple[datetime, int] | None:
    """Return since when somebody is quiet, and for how many days; None if they are not."""
    server_id, user_id = office.server_id, office.user_id
    episode = await session.scalar(
        select(QuietEpisode).where(
            QuietEpisode.server_id == server_id,
            QuietEpisode.user_id == user_id,
            QuietEpisode.closed_at.is_(None),
        )
    )
    heard = (await connected.hearing(session, server_id)).live
    if episode is not None:
        return episode.silent_since, silence(episode.silent_since, now, heard).days
    lives_somewhere = await session.get(Membership, (server_id, user_id)) is not None
    member = await session.get(Member, (server_id, user_id))
    presence = await session.get(Presence, (server_id, user_id))
    if lives_somewhere or member is None or presence is None or member.counted_since is None:
        return None
    if member.away_from is not None:  # they said so themselves
        return None
    since = max(presence.last_at, office.since)
    lasted = silence(since, now, heard)
    return (since, lasted.days) if lasted >= WITHOUT_A_HOME else None
