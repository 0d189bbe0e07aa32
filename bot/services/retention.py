"""What goes when its time is over, by each table's own erase rule.

Signs of life, ties and quiet episodes go after the retention period of the settings; other rows
after the times below. What others sweep themselves is not here: owed messages (bot.services.
sending), seats that were kept (bot.services.departures), doors after a split.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Delete, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.rules import answering
from bot.rules.signals import first_id_at
from bot.services import requests, safety_records
from bot.settings import Settings
from models import (
    ActiveDay,
    Adoption,
    Arrival,
    Bud,
    Care,
    CarePause,
    Circle,
    CommonsTie,
    Connected,
    Draft,
    FacilitatorNote,
    FreedSeat,
    Invitation,
    Letter,
    LetterOutcome,
    LogEntry,
    Member,
    MemberAnswer,
    MemberChoice,
    Membership,
    Merge,
    MergeChoice,
    MissedOffer,
    Occurrence,
    Presence,
    QuietEpisode,
    RoomCursor,
    Server,
    SetupDraft,
    SilentSeat,
    Split,
    SplitChange,
    SplitSeat,
    Tie,
    Unanswered,
    Undertaking,
    Visit,
    Welcome,
    Wish,
)

LETTERS = timedelta(days=60)
CARE = timedelta(weeks=12)
NOTES = timedelta(days=180)
MONTH = timedelta(days=30)
YEAR = timedelta(days=365)
DRAFTS = timedelta(days=7)
FREED = timedelta(weeks=8)
CIRCLES = timedelta(days=14)  # that were found and not offered a group
OFFERS_OF_CIRCLES = timedelta(days=60)  # that are over: until then nobody is asked again
SETUP = timedelta(days=60)  # a half-done setup that nobody went on with


async def sweep(session: AsyncSession, now: datetime, settings: Settings) -> int:
    """Erase what is past its time in every table; return how many rows went."""
    past = now - timedelta(days=settings.retention_days)
    day = past.astimezone(UTC).date().isoformat()
    over = select(Split.id).where(Split.closed_at <= now - MONTH)
    merged = select(Merge.id).where(Merge.closed_at <= now - MONTH)
    left = select(Server.id).where(Server.removed_at <= now - MONTH)
    lives_there = (
        select(Membership.user_id)
        .where(Membership.server_id == Member.server_id, Membership.user_id == Member.user_id)
        .exists()
    )
    statements: list[Delete[Any]] = [
        delete(ActiveDay).where(ActiveDay.day < day),
        delete(Presence).where(Presence.last_at < past),
        delete(Tie).where(Tie.week < day),
        delete(CommonsTie).where(CommonsTie.week < day),
        delete(Circle).where(Circle.state == "found", Circle.found_at <= now - CIRCLES),
        delete(Circle).where(Circle.closed_at <= now - OFFERS_OF_CIRCLES),
        delete(QuietEpisode).where(QuietEpisode.closed_at < past),
        delete(Care).where(Care.week < (now - CARE).astimezone(UTC).date().isoformat()),
        delete(CarePause).where(CarePause.until <= now),
        delete(FacilitatorNote).where(FacilitatorNote.at <= now - NOTES),
        delete(Letter).where(Letter.written_at <= now - LETTERS),
        delete(Connected).where(Connected.until < past),
        delete(RoomCursor).where(RoomCursor.message_id < first_id_at(int(past.timestamp() * 1000))),
        delete(Unanswered).where(Unanswered.at <= now - answering.KEPT),
        delete(Occurrence).where(Occurrence.due_at < past),
        delete(Visit).where(Visit.ended_at <= now - MONTH),
        delete(Bud).where(Bud.closed_at <= now - MONTH),
        delete(Invitation).where(Invitation.at <= now - MONTH),
        delete(Draft).where(Draft.at <= now - DRAFTS),
        delete(Arrival).where(Arrival.at <= now - MONTH),
        delete(FreedSeat).where(FreedSeat.at <= now - FREED),
        delete(SilentSeat).where(SilentSeat.freed_at <= now - YEAR),
        delete(LetterOutcome).where(LetterOutcome.week < (now - YEAR).date().isoformat()),
        delete(MissedOffer).where(MissedOffer.at <= now - MONTH),
        delete(Welcome).where(Welcome.at <= now - MONTH),
        delete(Undertaking).where(Undertaking.closed_at <= now - MONTH),
        delete(SetupDraft).where(or_(SetupDraft.at <= now - SETUP, SetupDraft.server_id.in_(left))),
        delete(SplitSeat).where(SplitSeat.split_id.in_(over)),
        delete(SplitChange).where(SplitChange.split_id.in_(over)),
        delete(MergeChoice).where(MergeChoice.merge_id.in_(merged)),
        *(delete(table).where(_left_before(table, past)) for table in (MemberChoice, MemberAnswer)),
        *(delete(Wish).where(_gone(Wish, whose, past)) for whose in (Wish.user_id, Wish.other_id)),
        delete(Member).where(Member.left_at < past, Member.opted_out_at.is_(None), ~lives_there),
        delete(LogEntry).where(LogEntry.at <= now - YEAR),
        delete(Adoption).where(Adoption.given_back_at <= now - MONTH),
        delete(Server).where(Server.removed_at <= now - MONTH),
        *safety_records.past_their_time(now),
    ]
    gone = 0
    for statement in statements:
        result = await session.execute(statement.execution_options(synchronize_session=False))
        gone += result.rowcount if isinstance(result, CursorResult) else 0
    await requests.erase_old(session, now)
    return gone


def _left_before(table: type[MemberChoice | MemberAnswer], past: datetime) -> ColumnElement[bool]:
    """Return the condition for rows of people who left the server before a moment."""
    return _gone(table, table.user_id, past)


def _gone(
    table: type[MemberChoice | MemberAnswer | Wish],
    whose: InstrumentedAttribute[int],
    past: datetime,
) -> ColumnElement[bool]:
    """Return the condition for rows whose person in a column left the server before a moment."""
    return (
        select(Member.user_id)
        .where(Member.server_id == table.server_id, Member.user_id == whose, Member.left_at < past)
        .exists()
    )
