"""What came of letters, as counts per group and week: nothing in them is about a person.

Somebody counts in the week in which a facilitator first read of them, and once more when their
silence has ended, however it did. Groups of fewer than five are not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.message import Line
from bot.rules.quiet import Close
from bot.services import letter_names
from bot.services.upserts import upsert
from bot.settings import Settings
from models import Group, LetterName, LetterOutcome, QuietEpisode

LEAST_PEOPLE = 5  # who lives in a group, and who was told of: fewer give a person away
SEASON = timedelta(weeks=13)


@dataclass(frozen=True, slots=True)
class Season:
    """What came of a group's letters of about three months."""

    since: datetime
    told: int  # people whom letters told of
    back: int
    after_word: int  # of those: somebody had reached out


async def told(session: AsyncSession, letter_id: int, now: datetime) -> None:
    """Note that a letter reached its facilitator: who is still named in it has been told of."""
    episodes = await session.scalars(
        select(QuietEpisode)
        .join(LetterName, LetterName.episode_id == QuietEpisode.id)
        .where(
            LetterName.letter_id == letter_id,
            QuietEpisode.told_at.is_(None),
            letter_names.concerns(),
        )
        .order_by(QuietEpisode.id)
    )
    for episode in episodes.all():
        episode.told_at = now
        await _add(session, episode, now, told=1)
    await session.flush()


async def count_ended(session: AsyncSession, server_id: int, now: datetime) -> int:
    """Count what came of the silences that were told of and are over; return how many."""
    episodes = await session.scalars(
        select(QuietEpisode)
        .where(
            QuietEpisode.server_id == server_id,
            QuietEpisode.told_at.is_not(None),
            QuietEpisode.closed_at.is_not(None),
            QuietEpisode.outcome_at.is_(None),
        )
        .order_by(QuietEpisode.id)
    )
    counted = 0
    for episode in episodes.all():
        episode.outcome_at = now
        ended = await _ended(session, episode)
        if ended is not None and episode.told_at is not None:
            reached = int(episode.reached_out_at is not None)
            await _add(session, episode, episode.told_at, **{ended: 1, "reached": reached})
            counted += 1
    await session.flush()
    return counted


async def season(session: AsyncSession, group: Group, now: datetime) -> Season | None:
    """Return what came of a group's letters lately; None where that would be about a few people."""
    if group.homes < LEAST_PEOPLE:
        return None
    first = _monday(now - SEASON)
    rows = await session.scalars(
        select(LetterOutcome).where(LetterOutcome.group_id == group.id, LetterOutcome.week >= first)
    )
    weeks = rows.all()
    told_of = sum(week.told for week in weeks)
    if told_of < LEAST_PEOPLE:
        return None
    after_word = sum(week.back_after_word for week in weeks)
    alone = sum(week.back_alone for week in weeks)
    monday = date.fromisoformat(min(week.week for week in weeks))
    began = datetime.combine(monday, datetime.min.time(), UTC)
    return Season(began, told_of, after_word + alone, after_word)


async def _ended(session: AsyncSession, episode: QuietEpisode) -> str | None:
    """Return the count that the end of a silence adds to; None for what is no answer to a letter.

    Who moved elsewhere or is not counted any more was neither lost nor won back.
    """
    match episode.closed_by:
        case Close.RETURNED.value:
            return "back_alone" if episode.reached_out_at is None else "back_after_word"
        case Close.AWAY.value:
            return "away"
        case Close.RELEASED.value:
            fine = await session.scalar(
                select(LetterName.letter_id)
                .where(LetterName.episode_id == episode.id, LetterName.said == "fine")
                .limit(1)
            )
            return "lapsed" if fine is None else "fine"
        case Close.LEFT.value:
            return "lapsed"
        case _:
            return None


async def _add(
    session: AsyncSession, episode: QuietEpisode, told_at: datetime, **counts: int
) -> None:
    """Add to the counts of the week in which somebody was told of."""
    group = await session.get_one(Group, episode.group_id)
    if group.homes < LEAST_PEOPLE:
        return
    columns = {name: getattr(LetterOutcome, name) + count for name, count in counts.items()}
    zeros = {
        column.name: 0
        for column in LetterOutcome.__table__.columns
        if column.name not in {"group_id", "week", "kind", "server_id"}
    }
    await session.execute(
        upsert(session, LetterOutcome)
        .values(
            group_id=group.id,
            server_id=group.server_id,
            week=_monday(told_at),
            kind=episode.kind,
            **(zeros | counts),
        )
        .on_conflict_do_update(index_elements=["group_id", "week", "kind"], set_=columns)
    )


def _monday(at: datetime) -> str:
    day = at.astimezone(UTC).date()
    return (day - timedelta(days=day.weekday())).isoformat()


async def on_desk(
    session: AsyncSession, _actor: Actor, group: Group, now: datetime, _settings: Settings
) -> Sequence[Part]:
    """Return what the desk's page about people says of the season's letters."""
    found = await season(session, group, now)
    if found is None:
        return ()
    params = {
        "told": found.told,
        "since": int(found.since.timestamp()),
        "n": found.back,
        "word": found.after_word,
    }
    return (Part("people", (Line("letters.season", params),)),)
