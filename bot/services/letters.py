"""Letters to facilitators: a few names, what other matters tell, and nobody else reads them.

A letter is written only when there is something new for its facilitator, weekly unless they chose
otherwise, and by day: its line pings. Whom it tells of is one list per group and week
(`letter_names`); what it says is gathered anew each time it is opened (`letter_reading`). The names
count as told when the facilitator opens the letter or it went to them by DM.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import letter_bounds, letter_messages
from bot.rules.letter_messages import Often, Told
from bot.rules.letter_parts import Section
from bot.rules.split_times import pings_allowed_at
from bot.services import letter_names, letter_outcomes, letter_reading, letter_sections
from bot.services.outbox import owe, unpacked
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

KIND = "letter"  # by DM; bot.services.keepers names `sent` for it
LINE = "letter-line"  # the neutral line in the facilitators' room

FEWER: dict[str, Often] = {"daily": "weekly", "weekly": "none", "none": "none"}


async def due(session: AsyncSession, server_id: int, now: datetime) -> int:
    """Write the letters that are due in a server and owe their delivery; return how many.

    All in one transaction. At a large server the schedule takes one for each group: `groups_due`,
    `due_in`, `looked`.
    """
    found = await groups_due(session, server_id, now)
    written = 0
    for group_id in found or ():
        written += await due_in(session, group_id, now)
    if found is not None:
        await looked(session, server_id, now)
    return written


async def groups_due(session: AsyncSession, server_id: int, now: datetime) -> list[int] | None:
    """Return the groups of a server that somebody may get a letter about; None: not now.

    Letters are looked at once per day of the server's zone, between nine and nine: who was not
    there by day catches up in the morning.
    """
    server = await session.get(Server, server_id)
    if server is None or server.paused_at is not None or server.removed_at is not None:
        return None
    local = now.astimezone(ZoneInfo(server.zone))
    if pings_allowed_at(now, server.zone) > now:
        return None
    if (server.letters_looked_on or "") >= local.date().isoformat():
        return None
    rows = await session.scalars(
        select(Facilitator.group_id)
        .join(Group, Group.id == Facilitator.group_id)
        .where(Facilitator.server_id == server_id, Group.state != "archived", *_may_come(now))
        .order_by(Facilitator.group_id)
        .distinct()
    )
    return list(rows)


async def due_in(session: AsyncSession, group_id: int, now: datetime) -> int:
    """Write the letters that are due about one group; return how many."""
    group = await session.get_one(Group, group_id)
    server = await session.get_one(Server, group.server_id)
    await letter_names.choose(session, group, now)
    offices = await session.scalars(
        select(Facilitator)
        .where(Facilitator.group_id == group_id, *_may_come(now))
        .order_by(Facilitator.user_id)
    )
    written = 0
    for office in offices.all():
        names = await letter_names.untold(session, office, now)
        sections = await letter_sections.gather(session, office, group, now)
        known = await _known_sections(session, office)
        if any(letter_names.is_news(episode, now) for episode in names) or any(
            section.key and section.key not in known for section in sections
        ):
            await _write(session, office, group, server, names=names, sections=sections, now=now)
            written += 1
    await session.flush()
    return written


async def looked(session: AsyncSession, server_id: int, now: datetime) -> None:
    """Note that this day's letters are written, and count what came of earlier ones."""
    server = await session.get_one(Server, server_id)
    server.letters_looked_on = now.astimezone(ZoneInfo(server.zone)).date().isoformat()
    await letter_outcomes.count_ended(session, server_id, now)


async def opened(session: AsyncSession, group_id: int, user_id: int, now: datetime) -> Told:
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
    if row is not None:
        await _reached(session, row, now)
    return await letter_reading.told(session, office, group, row, now=now)


async def read_again(session: AsyncSession, letter_id: int, user_id: int, now: datetime) -> Told:
    """Return a letter as things are now, after its facilitator said something about a name."""
    row = await session.get(Letter, letter_id)
    if row is None or row.facilitator_id != user_id:
        raise UserError("letters.not_yours")
    office, group = await _office(session, row.group_id, user_id)
    return await letter_reading.told(session, office, group, row, now=now)


async def less(session: AsyncSession, group_id: int, user_id: int) -> Often:
    """Write to this facilitator less often: weekly instead of daily, none instead of weekly."""
    office, _ = await _office(session, group_id, user_id)
    return await how_often(session, group_id, user_id, FEWER[office.letters])


async def how_often(session: AsyncSession, group_id: int, user_id: int, often: Often) -> Often:
    """Let a facilitator choose how often letters come; a pause of theirs is over."""
    office, _ = await _office(session, group_id, user_id)
    office.letters, office.letters_paused_until = often, None
    await session.flush()
    return often


async def pause(session: AsyncSession, group_id: int, user_id: int, now: datetime) -> str:
    """Write this facilitator no letters for a while; return their group's name."""
    office, group = await _office(session, group_id, user_id)
    office.letters_paused_until = now + letter_bounds.PAUSE
    await session.flush()
    return group.name


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
    """Note that a letter went out by DM: its names reached the facilitator.

    Not with one that became a line meanwhile, since somebody it named is not to be named.
    """
    letter = await session.get(Letter, int(row.key.rpartition(":")[2]))
    message, line = unpacked(row.content)
    if letter is not None and message != line:
        await _reached(session, letter, now)


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


async def _reached(session: AsyncSession, letter: Letter, now: datetime) -> None:
    if letter.opened_at is None:
        letter.opened_at = now
        await session.flush()
        await letter_outcomes.told(session, letter.id, now)


async def _office(session: AsyncSession, group_id: int, user_id: int) -> tuple[Facilitator, Group]:
    office = await session.get(Facilitator, (group_id, user_id))
    if office is None or office.state != "active":
        raise UserError("letters.not_yours")
    return office, await session.get_one(Group, group_id)


def _may_come(now: datetime) -> list[ColumnElement[bool]]:
    """Say of an office that its next letter may come by now."""
    return [
        Facilitator.state == "active",
        or_(Facilitator.letters_paused_until.is_(None), Facilitator.letters_paused_until <= now),
        or_(*(_waited(often, now) for often in FEWER)),
    ]


def _waited(often: str, now: datetime) -> ColumnElement[bool]:
    """Say of an office that chose letters so `often` that it has waited for long enough."""
    wait = letter_bounds.interval(often)
    if wait is None:
        return false()
    last = Facilitator.last_letter_at
    return and_(Facilitator.letters == often, or_(last.is_(None), last <= now - wait))


async def _known_sections(session: AsyncSession, office: Facilitator) -> set[str]:
    """Return what other matters told this facilitator in the letters that are kept."""
    rows = await session.scalars(
        select(Letter.sections).where(
            Letter.group_id == office.group_id, Letter.facilitator_id == office.user_id
        )
    )
    return {key for row in rows for key in row.split()}


async def _write(
    session: AsyncSession,
    office: Facilitator,
    group: Group,
    server: Server,
    *,
    names: Sequence[QuietEpisode],
    sections: Sequence[Section],
    now: datetime,
) -> None:
    letter = Letter(
        server_id=server.id,
        group_id=group.id,
        facilitator_id=office.user_id,
        written_at=now,
        sections=" ".join(section.key for section in sections if section.key),
    )
    session.add(letter)
    await session.flush()
    session.add_all(LetterName(letter_id=letter.id, episode_id=e.id) for e in names)
    office.last_letter_at = now
    await session.flush()
    line = letter_messages.waits(office.user_id, group.id, letter.id)
    if office.letters_by_dm:
        told = await letter_reading.told(session, office, group, letter, now=now)
        await owe(
            session,
            server_id=server.id,
            kind=KIND,
            key=f"{KIND}:{letter.id}",
            place="dm",
            user_id=office.user_id,
            group_id=group.id,
            message=letter_messages.letter(told),
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
