"""Which gatherings stand among Discord's own events: written down first, then made, once.

A date's event is claimed in a transaction before it is asked for, and carries a marker in its
description, by which it is found again when nobody knows whether it was made. Made once, it is
never made again: whoever deletes it on Discord has decided so.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.gatherings import LARGE
from bot.services import effects, rights
from models import Gathering, GatheringAnswer, GatheringDate, Group, Server

KNOWN_BY = timedelta(minutes=10)  # by then Discord has told everybody of an event
SOONEST = timedelta(minutes=2)  # Discord takes none that has begun
What = Literal["make", "find", "change", "cancel"]

_TO_FOLLOW = GatheringDate.event_state.in_(("", "claimed", "made"))
ANY_TO_FOLLOW = exists().where(_TO_FOLLOW, GatheringDate.starts_at > bindparam("now"))


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done with one event; `find`: look whether it was made before making it."""

    what: What
    date_id: int
    server_id: int
    group_id: int
    name: str
    text: str
    starts: datetime
    ends: datetime
    channel_id: int | None
    where: str
    group: str
    language: str
    event_id: int | None = None
    digest: str = ""

    @property
    def marker(self) -> str:
        """Return what ends its description, by which it is recognised."""
        return f"🔥 Hearth, gathering {self.date_id}"


async def due(session: AsyncSession, now: datetime) -> list[Errand]:
    """Return what is to be done with events, where Hearth is not paused; the earliest dates first.

    Nothing of a date that has begun: from then on the event is Discord's.
    """
    rows = await session.execute(
        select(GatheringDate, Gathering, Group, Server.language)
        .join(Gathering, Gathering.id == GatheringDate.gathering_id)
        .join(Group, Group.id == Gathering.group_id)
        .join(Server, Server.id == GatheringDate.server_id)
        .where(
            GatheringDate.starts_at > now + SOONEST,
            _TO_FOLLOW,
            or_(
                GatheringDate.event_state == "made",
                (GatheringDate.state == "open") & Gathering.event,
                (GatheringDate.state == "open") & (Gathering.place == "voice"),
            ),
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(GatheringDate.starts_at, GatheringDate.id)
    )
    found: list[Errand] = []
    for date, gathering, group, language in rows.all():
        errand = _errand(date, gathering, group, language)
        wanted = await _wanted(session, date, gathering, group)
        if date.event_state == "made":
            if not wanted:
                found.append(replace(errand, what="cancel"))
            elif date.event_written != errand.digest:
                found.append(replace(errand, what="change"))
        elif wanted:
            found.append(replace(errand, what="find" if date.event_state == "claimed" else "make"))
    return found


async def claim(session: AsyncSession, date_id: int, now: datetime) -> bool:
    """Write down that an event is about to be made; False if it is not wanted any more."""
    date = await session.get(GatheringDate, date_id)
    if date is None or date.state != "open" or date.event_state not in {"", "claimed"}:
        return False
    date.event_state, date.event_at = "claimed", date.event_at or now
    await session.flush()
    return True


async def made(session: AsyncSession, errand: Errand, event_id: int) -> None:
    """Remember an event that stands as it should."""
    date = await session.get(GatheringDate, errand.date_id)
    if date is None:
        return
    date.event_state, date.event_id, date.event_written = "made", event_id, errand.digest
    await session.flush()
    await _forget_failure(session, errand)


async def taken_by_hand(session: AsyncSession, date_id: int) -> None:
    """Note that somebody deleted the event: for this date and those after it that stands."""
    date = await session.get(GatheringDate, date_id)
    if date is None:
        return
    date.event_state, date.event_id = "stands", None
    gathering = await session.get_one(Gathering, date.gathering_id)
    gathering.event = False
    await session.flush()


async def gone(session: AsyncSession, date_id: int) -> None:
    """Note that the event was taken down."""
    date = await session.get(GatheringDate, date_id)
    if date is not None:
        # Where it is wanted again it is another one.
        date.event_state, date.event_id, date.event_at = "", None, None
        await session.flush()


async def refused(
    session: AsyncSession, errand: Errand, *, code: int | None, why: str, now: datetime
) -> None:
    """Do without an event that Discord refuses; owners see why in /hearth check."""
    date = await session.get(GatheringDate, errand.date_id)
    if date is not None:
        date.event_state = "refused"
    subject = f"group:{errand.group_id}"
    await effects.failed(
        session, errand.server_id, subject, effects.EVENT, code=code, why=why, now=now
    )


async def made_before(session: AsyncSession, server_id: int, now: datetime) -> dict[int, int]:
    """Return a server's events that must be known to everybody by now: date ids by event ids."""
    rows = await session.execute(
        select(GatheringDate.event_id, GatheringDate.id).where(
            GatheringDate.server_id == server_id,
            GatheringDate.event_state == "made",
            GatheringDate.event_id.is_not(None),
            GatheringDate.event_at <= now - KNOWN_BY,
            GatheringDate.state == "open",
            GatheringDate.starts_at > now + SOONEST,
        )
    )
    return {int(event or 0): date for event, date in rows.all()}


async def _forget_failure(session: AsyncSession, errand: Errand) -> None:
    await effects.over(session, errand.server_id, f"group:{errand.group_id}", effects.EVENT)


async def _wanted(
    session: AsyncSession, date: GatheringDate, gathering: Gathering, group: Group
) -> bool:
    """Return whether a date shall stand among Discord's events.

    Where its host said so; or by itself when many come to the group's own voice room, which nobody
    else sees. Never of a group that is named nowhere outside its room.
    """
    if date.state != "open" or group.state == "archived" or not await rights.listed(session, group):
        return False
    if gathering.place == "link":
        return gathering.event
    if gathering.place != "voice" or (gathering.voice_id or group.voice_id) is None:
        return False
    if gathering.event:
        return True
    if gathering.voice_id is not None or await _taken_once(session, gathering):
        return False
    count = await session.scalar(
        select(func.count())
        .select_from(GatheringAnswer)
        .where(GatheringAnswer.date_id == date.id, GatheringAnswer.answer == "yes")
    )
    # One that stands is not taken down because somebody cannot come after all.
    return (count or 0) >= LARGE or date.event_state == "made"


async def _taken_once(session: AsyncSession, gathering: Gathering) -> bool:
    """Return whether somebody deleted the event of one of its dates: then none comes by itself."""
    wanted = select(GatheringDate.id).where(
        GatheringDate.gathering_id == gathering.id, GatheringDate.event_state == "stands"
    )
    return await session.scalar(wanted.limit(1)) is not None


def _errand(date: GatheringDate, gathering: Gathering, group: Group, language: str) -> Errand:
    voice = gathering.voice_id or group.voice_id if gathering.place == "voice" else None
    own = gathering.place == "voice" and gathering.voice_id is None
    where = "" if voice is not None else f"{group.emoji} {group.name}"
    # What one should know is said to the group; others learn what, when, and whose it is.
    text = gathering.words if own else ""
    parts = (gathering.title, text, date.starts_at.isoformat(), date.ends_at.isoformat())
    whole = "\n".join((*parts, str(voice), where))
    return Errand(
        what="make",
        date_id=date.id,
        server_id=date.server_id,
        group_id=group.id,
        name=gathering.title,
        text=text,
        starts=date.starts_at,
        ends=date.ends_at,
        channel_id=voice,
        where=where,
        group="" if own else group.name,
        language=language,
        event_id=date.event_id,
        digest=hashlib.blake2b(whole.encode(), digest_size=16).hexdigest(),
    )
