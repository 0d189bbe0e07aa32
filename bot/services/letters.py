"""Quiet letters: a few names for the facilitators of those people's home, and nobody else.

A letter is written only when there are new names for its facilitator, weekly unless they chose
otherwise, with at most five names, those furthest beyond their usual first; the others wait for the
next. The names count as told (`opened_at`) when the facilitator opens the letter or it went to them
by DM.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.errors import UserError
from bot.rules import letter_messages
from bot.rules.letter_messages import MOST_NAMES, Named, Often, Outcome, Told
from bot.rules.message import Message
from bot.rules.quiet import Close, beyond_usual
from bot.services import quiet
from bot.services.outbox import owe
from models import (
    Facilitator,
    Group,
    Letter,
    LetterName,
    Member,
    OutboxMessage,
    QuietEpisode,
    Server,
)

KIND = "letter"  # by DM; bot.services.sending calls `sent` for it
LINE = "letter-line"  # the neutral line in the facilitators' room

FEWER: dict[str, Often] = {"daily": "weekly", "weekly": "none", "none": "none"}
Whose = int | InstrumentedAttribute[int]  # one office's, or the column of all offices
ENDED: dict[str, Outcome] = {
    Close.RETURNED.value: "back",
    Close.AWAY.value: "away",
    Close.RELEASED.value: "fine",
}


async def due(session: AsyncSession, server_id: int, now: datetime) -> int:
    """Write the letters that are due in a server and owe their delivery; return how many."""
    offices = await session.execute(
        select(Facilitator, Group, Server)
        .join(Group, Group.id == Facilitator.group_id)
        .join(Server, Server.id == Facilitator.server_id)
        .where(
            Facilitator.server_id == server_id,
            Facilitator.state == "active",
            Facilitator.letters != "none",
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
            or_(Facilitator.last_letter_at.is_(None), *(_waited(often, now) for often in FEWER)),
            exists().where(*_untold(Facilitator.group_id, Facilitator.user_id, now)),
        )
        .order_by(Facilitator.group_id, Facilitator.user_id)
    )
    written = 0
    for office, group, server in offices.all():
        new = await _new(session, office, now)
        await _write(session, office, group, server, new, now=now)
        written += 1
    return written


async def opened(session: AsyncSession, group_id: int, user_id: int, now: datetime) -> Message:
    """Return the newest letter with its names, for one of the group's facilitators only.

    UserError for anyone else. From this moment the names count as told.
    """
    office, group = await _office(session, group_id, user_id)
    row = await session.scalar(
        select(Letter)
        .where(Letter.group_id == group_id, Letter.facilitator_id == user_id)
        .order_by(Letter.id.desc())
        .limit(1)
    )
    if row is not None and row.opened_at is None:
        row.opened_at = now
        await session.flush()
    return letter_messages.letter(await _told(session, office, group, row, now=now))


async def read_again(session: AsyncSession, letter_id: int, user_id: int, now: datetime) -> Message:
    """Return a letter as things are now, after its facilitator said something about a name."""
    row = await session.get(Letter, letter_id)
    if row is None or row.facilitator_id != user_id:
        raise UserError("letters.not_yours")
    office, group = await _office(session, row.group_id, user_id)
    return letter_messages.letter(await _told(session, office, group, row, now=now))


async def less(session: AsyncSession, group_id: int, user_id: int) -> Often:
    """Write to this facilitator less often: weekly instead of daily, none instead of weekly."""
    office, _ = await _office(session, group_id, user_id)
    return await how_often(session, group_id, user_id, FEWER[office.letters])


async def how_often(session: AsyncSession, group_id: int, user_id: int, often: Often) -> Often:
    """Let a facilitator choose how often letters come."""
    office, _ = await _office(session, group_id, user_id)
    office.letters = often
    await session.flush()
    return often


async def by_dm(session: AsyncSession, group_id: int, user_id: int, *, wanted: bool) -> None:
    """Send this facilitator's letters by DM, or no more.

    Who asks for them has opened their DMs, as far as they know: closed ones are forgotten.
    """
    office, _ = await _office(session, group_id, user_id)
    office.letters_by_dm = wanted
    member = await session.get(Member, (office.server_id, user_id))
    if wanted and member is not None:
        member.dms_closed_at = None
    await session.flush()


async def sent(session: AsyncSession, row: OutboxMessage, _message_id: int, now: datetime) -> None:
    """Note that a letter went out by DM: its names reached the facilitator."""
    letter = await session.get(Letter, int(row.key.rpartition(":")[2]))
    if letter is not None and letter.opened_at is None:
        letter.opened_at = now
        await session.flush()


async def alerts(session: AsyncSession, server_id: int) -> int:
    """Return how many names reached a facilitator."""
    return (
        await session.scalar(
            select(func.count())
            .select_from(LetterName)
            .join(Letter, Letter.id == LetterName.letter_id)
            .where(Letter.server_id == server_id, Letter.opened_at.is_not(None))
        )
        or 0
    )


async def _office(session: AsyncSession, group_id: int, user_id: int) -> tuple[Facilitator, Group]:
    office = await session.get(Facilitator, (group_id, user_id))
    if office is None or office.state != "active":
        raise UserError("letters.not_yours")
    return office, await session.get_one(Group, group_id)


def _waited(often: str, now: datetime) -> ColumnElement[bool]:
    """Say of an office that chose letters so `often` that the next may come by now."""
    wait = letter_messages.interval(often)
    if wait is None:
        return false()
    return and_(Facilitator.letters == often, Facilitator.last_letter_at <= now - wait)


def _untold(group_id: Whose, user_id: Whose, now: datetime) -> list[ColumnElement[bool]]:
    """Say of a quiet episode that it is one of a group's that this facilitator was not told of.

    With columns of Facilitator it is said of every office at once: hourly, nearly none has any.
    """
    told = (
        exists()
        .where(
            LetterName.episode_id == QuietEpisode.id,
            LetterName.letter_id == Letter.id,
            Letter.facilitator_id == user_id,
            or_(
                QuietEpisode.snoozed_until.is_(None),
                Letter.written_at >= QuietEpisode.snoozed_until,
            ),
        )
        .correlate(QuietEpisode, Facilitator)
    )
    return [
        QuietEpisode.group_id == group_id,
        QuietEpisode.closed_at.is_(None),
        QuietEpisode.reached_out_at.is_(None),
        QuietEpisode.user_id != user_id,
        or_(QuietEpisode.snoozed_until.is_(None), QuietEpisode.snoozed_until <= now),
        ~told,
    ]


async def _new(session: AsyncSession, office: Facilitator, now: datetime) -> Sequence[QuietEpisode]:
    """Return the quiet members whom this facilitator was not told of, those to tell first first."""
    untold = _untold(office.group_id, office.user_id, now)
    found = (await session.scalars(select(QuietEpisode).where(*untold))).all()
    if len(found) <= MOST_NAMES:
        return found
    silences = await quiet.silences(session, office.server_id, [e.user_id for e in found], now)

    def beyond(episode: QuietEpisode) -> tuple[float, int]:
        lasted, days = silences.get(episode.user_id, (now - episode.silent_since, 1))
        return -beyond_usual(lasted, days), episode.user_id

    return sorted(found, key=beyond)[:MOST_NAMES]


async def _write(
    session: AsyncSession,
    office: Facilitator,
    group: Group,
    server: Server,
    names: Sequence[QuietEpisode],
    *,
    now: datetime,
) -> None:
    letter = Letter(
        server_id=server.id, group_id=group.id, facilitator_id=office.user_id, written_at=now
    )
    session.add(letter)
    await session.flush()
    session.add_all(LetterName(letter_id=letter.id, episode_id=e.id) for e in names)
    office.last_letter_at = now
    await session.flush()
    line = letter_messages.waits(office.user_id, group.id, letter.id)
    if office.letters_by_dm:
        await owe(
            session,
            server_id=server.id,
            kind=KIND,
            key=f"{KIND}:{letter.id}",
            place="dm",
            user_id=office.user_id,
            group_id=group.id,
            message=letter_messages.letter(await _told(session, office, group, letter, now=now)),
            fallback=line,
            now=now,
        )
    elif server.facilitators_room_id is not None:
        await owe(
            session,
            server_id=server.id,
            kind=LINE,
            key=f"{LINE}:{letter.id}",
            place="facilitators",
            user_id=office.user_id,
            message=line,
            now=now,
        )


async def _told(
    session: AsyncSession,
    office: Facilitator,
    group: Group,
    letter: Letter | None,
    *,
    now: datetime,
) -> Told:
    episodes: Sequence[QuietEpisode] = ()
    if letter is not None:
        episodes = (
            await session.scalars(
                select(QuietEpisode)
                .join(LetterName, LetterName.episode_id == QuietEpisode.id)
                .where(LetterName.letter_id == letter.id)
                .order_by(QuietEpisode.silent_since, QuietEpisode.user_id)
            )
        ).all()
    users = [episode.user_id for episode in episodes]
    silences = await quiet.silences(session, office.server_id, users, now)
    names = [
        Named(
            episode.id,
            episode.user_id,
            silences.get(episode.user_id, (now - episode.silent_since, 0))[0].days,
            _outcome(episode, now),
        )
        for episode in episodes
        # Whoever moved, left or is not counted any more is nobody's business here.
        if episode.closed_by is None or episode.closed_by in ENDED
    ]
    often: Often = "none" if office.letters == "none" else "daily"
    if office.letters == "weekly":
        often = "weekly"
    return Told(
        letter_id=0 if letter is None else letter.id,
        group_id=group.id,
        group=group.name,
        facilitator_id=office.user_id,
        names=names,
        often=often,
        by_dm=office.letters_by_dm,
    )


def _outcome(episode: QuietEpisode, now: datetime) -> Outcome | None:
    if episode.closed_by is not None:
        return ENDED[episode.closed_by]
    if episode.reached_out_at is not None:
        return "reached"
    if episode.snoozed_until is not None and episode.snoozed_until > now:
        return "later"
    return None
