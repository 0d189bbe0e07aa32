"""What goes when its time is over, by each table's own erase rule; once a day.

How long is a setting, or stands with its table in `bot.rules.keeping`. What others sweep themselves
is not here: owed messages (bot.services.sending), seats that were kept (bot.services.departures),
doors after a split.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Delete, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.keeping import KEPT
from bot.rules.signals import first_id_at
from bot.services import (
    goal_moments,
    newcomer_answers,
    pair_rounds,
    pulse_closing,
    requests,
    safety_records,
)
from bot.settings import Settings
from models import (
    ActiveDay,
    Adoption,
    Arrival,
    Base,
    BridgeAsk,
    Bud,
    Care,
    CarePause,
    Circle,
    CommonsTie,
    Connected,
    Draft,
    Edition,
    FacilitatorNote,
    FreedSeat,
    Gathering,
    GatheringAnswer,
    GatheringDate,
    GroupAsk,
    GroupRest,
    GuestEvening,
    HealthFigure,
    HomeEnd,
    HomeWeek,
    Invitation,
    Lent,
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
    NewcomerAnswer,
    Occurrence,
    PairRound,
    PairSeat,
    PairWish,
    Presence,
    QuietEpisode,
    RitualChange,
    RitualChoice,
    RitualPart,
    RollCall,
    RoomCursor,
    Server,
    SetupDraft,
    SilentSeat,
    Split,
    SplitChange,
    SplitSeat,
    TalkDay,
    TalkHour,
    Tie,
    Unanswered,
    Undertaking,
    Visit,
    Welcome,
    Wish,
)

MONTH = timedelta(days=30)
YEAR = timedelta(days=365)
FREED = timedelta(weeks=8)
HOURS = timedelta(weeks=12)  # of talk by the hour of the day
HALF_A_YEAR = timedelta(days=182)
MISSED = timedelta(days=14)  # a ritual's moment that was never closed: not posted, or moved away
CIRCLES = timedelta(days=14)  # that were found and not offered a group
SETUP = timedelta(days=60)  # a half-done setup that nobody went on with

# Of people who left the server these go before their own time: what was counted, and what they told
# to find a home. The columns that name them.
OF_WHO_LEFT: tuple[tuple[type[Base], Any], ...] = (
    (ActiveDay, ActiveDay.user_id),
    (Presence, Presence.user_id),
    (QuietEpisode, QuietEpisode.user_id),
    (Care, Care.user_id),
    (RitualPart, RitualPart.user_id),
    (RitualChoice, RitualChoice.user_id),
    (Tie, Tie.low_id),
    (Tie, Tie.high_id),
    (CommonsTie, CommonsTie.low_id),
    (CommonsTie, CommonsTie.high_id),
    (MemberChoice, MemberChoice.user_id),
    (MemberAnswer, MemberAnswer.user_id),
    (Wish, Wish.user_id),
    (Wish, Wish.other_id),
    (PairWish, PairWish.user_id),
    (PairSeat, PairSeat.user_id),
)


async def sweep(session: AsyncSession, now: datetime, settings: Settings) -> int:
    """Erase what is past its time in every table; return how many rows went."""
    await newcomer_answers.over(session, now)
    past = now - timedelta(days=settings.retention_days)
    day = past.astimezone(UTC).date().isoformat()
    tied = (now - timedelta(days=settings.ties_days)).astimezone(UTC).date().isoformat()
    over = select(Split.id).where(Split.closed_at <= now - MONTH)
    merged = select(Merge.id).where(Merge.closed_at <= now - MONTH)

    def before(table: type[Base]) -> datetime:
        days = KEPT[table.__tablename__].days_by(settings)
        assert days is not None, table  # those without a number of days are not swept here
        return now - timedelta(days=days)

    gathered = select(GatheringDate.id).where(GatheringDate.closed_at <= before(GatheringAnswer))
    two_years = (now - 2 * YEAR).astimezone(UTC).date().isoformat()
    old_parts = select(Occurrence.id).where(Occurrence.due_at < before(RitualPart))
    old_occurrences = select(Occurrence.id).where(Occurrence.due_at < past)
    ended = Server.removed_at <= now - timedelta(days=settings.grace_days)
    left = select(Server.id).where(ended)
    lives_there = (
        select(Membership.user_id)
        .where(Membership.server_id == Member.server_id, Membership.user_id == Member.user_id)
        .exists()
    )
    statements: list[Delete[Any]] = [
        delete(ActiveDay).where(ActiveDay.day < day),
        delete(TalkDay).where(TalkDay.day < day),
        delete(TalkHour).where(TalkHour.week < (now - HOURS).date().isoformat()),
        delete(GroupRest).where(GroupRest.last < (now - MONTH).date().isoformat()),
        delete(RitualChange).where(RitualChange.at <= now - HALF_A_YEAR),
        delete(NewcomerAnswer).where(NewcomerAnswer.week < day),
        delete(RitualPart).where(RitualPart.occurrence_id.in_(old_parts)),
        delete(RitualChoice).where(RitualChoice.moment < (now - MISSED).date().isoformat()),
        delete(Presence).where(Presence.last_at < past),
        delete(Tie).where(Tie.week < tied),
        delete(CommonsTie).where(CommonsTie.week < tied),
        delete(Circle).where(Circle.state == "found", Circle.found_at <= now - CIRCLES),
        delete(Circle).where(Circle.closed_at <= before(Circle)),
        delete(QuietEpisode).where(QuietEpisode.closed_at < past),
        delete(Care).where(Care.week < before(Care).astimezone(UTC).date().isoformat()),
        delete(CarePause).where(CarePause.until <= now),
        delete(PairRound).where(PairRound.at <= before(PairSeat)),
        delete(BridgeAsk).where(BridgeAsk.at <= before(BridgeAsk)),
        delete(Edition).where(Edition.closed_at <= before(Edition)),
        delete(FacilitatorNote).where(FacilitatorNote.at <= before(FacilitatorNote)),
        delete(Letter).where(Letter.written_at <= before(Letter)),
        delete(Connected).where(Connected.until < past),
        delete(RoomCursor).where(RoomCursor.message_id < first_id_at(int(past.timestamp() * 1000))),
        delete(Unanswered).where(Unanswered.at <= before(Unanswered)),
        delete(Occurrence).where(Occurrence.id.in_(old_occurrences)),
        delete(Visit).where(Visit.ended_at <= before(Visit)),
        delete(Bud).where(Bud.closed_at <= before(Bud)),
        delete(GatheringAnswer).where(GatheringAnswer.date_id.in_(gathered)),
        delete(GatheringDate).where(GatheringDate.closed_at <= now - YEAR),
        delete(Gathering).where(Gathering.closed_at <= before(Gathering)),
        *(delete(Gathering).where(one) for one in _never_announced(before(Draft))),
        delete(GuestEvening).where(GuestEvening.closed_at <= before(GuestEvening)),
        delete(GroupAsk).where(GroupAsk.closed_at <= before(GroupAsk)),
        delete(Invitation).where(Invitation.at <= before(Invitation)),
        delete(Draft).where(Draft.at <= before(Draft)),
        delete(Arrival).where(Arrival.at <= before(Arrival)),
        delete(FreedSeat).where(FreedSeat.at <= now - FREED),
        delete(SilentSeat).where(SilentSeat.freed_at <= before(SilentSeat)),
        delete(LetterOutcome).where(LetterOutcome.week < (now - YEAR).date().isoformat()),
        delete(MissedOffer).where(MissedOffer.at <= before(MissedOffer)),
        delete(Welcome).where(Welcome.at <= before(Welcome)),
        delete(Undertaking).where(Undertaking.closed_at <= before(Undertaking)),
        delete(SetupDraft).where(or_(SetupDraft.at <= now - SETUP, SetupDraft.server_id.in_(left))),
        delete(SplitSeat).where(SplitSeat.split_id.in_(over)),
        delete(SplitChange).where(SplitChange.split_id.in_(over)),
        delete(MergeChoice).where(MergeChoice.merge_id.in_(merged)),
        *(delete(table).where(_gone(whose, before(Member))) for table, whose in OF_WHO_LEFT),
        delete(Member).where(
            Member.left_at < before(Member), Member.opted_out_at.is_(None), ~lives_there
        ),
        delete(LogEntry).where(LogEntry.at <= before(LogEntry)),
        delete(Adoption).where(Adoption.given_back_at <= now - MONTH),
        delete(RollCall).where(RollCall.joined < two_years),
        delete(HomeEnd).where(HomeEnd.began < two_years),
        delete(HomeWeek).where(HomeWeek.week < two_years),
        delete(HealthFigure).where(HealthFigure.week < two_years),
        delete(Lent).where(Lent.week < two_years),
        delete(Server).where(ended),
        *safety_records.past_their_time(now, settings),
    ]
    gone = 0
    for statement in statements:
        result = await session.execute(statement.execution_options(synchronize_session=False))
        gone += result.rowcount if isinstance(result, CursorResult) else 0
    await requests.erase_old(session, now)
    await pair_rounds.forget_wishes(session)
    gone += await goal_moments.sweep(session, now)
    return gone + await pulse_closing.sweep(session, now)


def _never_announced(past: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions for drafts left alone, and for proposals whose date went by."""
    day = past.astimezone(UTC).date().isoformat()
    waited = Gathering.created_at <= past
    return (
        and_(Gathering.state == "draft", waited),
        and_(
            Gathering.state == "proposed",
            Gathering.rule == "",  # what comes round can still be announced
            Gathering.first_local < day,
            waited,
        ),
    )


def _gone(whose: Any, past: datetime) -> ColumnElement[bool]:
    """Return the condition for rows whose person in a column left the server before a moment."""
    return (
        select(Member.user_id)
        .where(
            Member.server_id == whose.class_.server_id,
            Member.user_id == whose,
            Member.left_at < past,
        )
        .exists()
    )
