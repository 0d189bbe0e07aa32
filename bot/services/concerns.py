"""Private words to the facilitators of a group or to the moderators.

What is written stands as a draft until its author has seen who will read it and said whether it
bears their name. Then a line that names nobody waits in the room of those it is for. Replies reach
the author through /home alone: a line in the commons right after an answer would tell who it was.
Everything here works while Hearth is paused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import concern_cards as cards
from bot.rules.actor import Actor
from bot.rules.concern_cards import Card, Whom, Word, link_to
from bot.rules.home_messages import something_waits
from bot.rules.naming import clean
from bot.services import concern_places, drafts, rights
from bot.services.concern_places import Reach
from bot.services.outbox import owe
from models import Concern, ConcernReply, Draft, Server

FORM = "concern"
MOST_OPEN = 3  # words of one person that nobody has closed yet
MOST_A_DAY = 5  # words of one person: each is a line that calls others, and bears no name


@dataclass(frozen=True, slots=True)
class Half:
    """A word that is written and not sent; `mark` tells it from others of the same person."""

    mark: str
    said: str
    link: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class About:
    """The message that a word is about, and by whom; from the message's menu."""

    room_id: int
    message_id: int
    author_id: int


async def begun(session: AsyncSession, actor: Actor, mark: str) -> tuple[str, str]:
    """Return what was typed before into the form of this mark: the word and the link.

    UserError where Hearth is not set up: nobody types what cannot be kept.
    """
    await rights.server_row(session, actor.server_id, allow_paused=True)
    kept = await drafts.kept(
        session, server_id=actor.server_id, user_id=actor.user_id, form=_form(mark)
    )
    return kept.get("said", ""), kept.get("link", "")


async def keep(
    session: AsyncSession,
    actor: Actor,
    *,
    mark: str,
    whom: Whom,
    room_id: int | None,
    said: str,
    link: str,
    about: About | None = None,
    now: datetime,
) -> Half:
    """Keep what was typed as a draft, and return who would read it."""
    reach = await concern_places.reach(
        session, actor, whom, room_id, of=about.author_id if about is not None else None
    )
    text = clean(said, lines=True)[: cards.SAID_MOST]
    await drafts.keep(
        session,
        server_id=actor.server_id,
        user_id=actor.user_id,
        form=_form(mark),
        fields={"said": text, "link": link.strip()[:200], "reach": reach.packed()},
        now=now,
    )
    return Half(mark, text, link, reach)


async def mend(
    session: AsyncSession,
    actor: Actor,
    mark: str,
    *,
    said: str,
    link: str | None,
    now: datetime,
) -> Half:
    """Change what was typed; it reaches whom it reached. `link` None: it stays as it is."""
    found = await half(session, actor, mark)
    text = clean(said, lines=True)[: cards.SAID_MOST]
    kept = found.link if link is None else link.strip()[:200]
    await drafts.keep(
        session,
        server_id=actor.server_id,
        user_id=actor.user_id,
        form=_form(mark),
        fields={"said": text, "link": kept, "reach": found.reach.packed()},
        now=now,
    )
    return Half(mark, text, kept, found.reach)


async def half(session: AsyncSession, actor: Actor, mark: str) -> Half:
    """Return one's own word that is not sent yet; UserError when there is none."""
    kept = await drafts.kept(
        session, server_id=actor.server_id, user_id=actor.user_id, form=_form(mark)
    )
    if not kept:
        raise UserError("concerns.no_draft")
    reach = await concern_places.unpacked(session, actor, kept["reach"])
    return Half(mark, kept["said"], kept["link"], reach)


async def instead(session: AsyncSession, actor: Actor, mark: str, *, now: datetime) -> Half:
    """Let a word go to the moderators instead of the facilitators."""
    found = await half(session, actor, mark)
    return await keep(
        session,
        actor,
        mark=mark,
        whom="moderators",
        room_id=found.reach.room_id,
        said=found.said,
        link=found.link,
        now=now,
    )


async def drop(session: AsyncSession, actor: Actor, mark: str) -> None:
    """Throw away a word that was not sent."""
    await drafts.done(session, server_id=actor.server_id, user_id=actor.user_id, form=_form(mark))


async def send(
    session: AsyncSession, actor: Actor, mark: str, *, named: bool, now: datetime
) -> Whom:
    """Send what was written, with its author's name or without; return to whom it went.

    UserError for nothing to send, for a wrong link, and beyond `MOST_OPEN` that nobody has closed
    or `MOST_A_DAY`.
    """
    found = await half(session, actor, mark)
    if not found.said:
        raise UserError("concerns.empty")
    link = link_to(found.link, actor.server_id)
    open_ = await session.scalar(
        select(func.count()).where(
            Concern.server_id == actor.server_id,
            Concern.user_id == actor.user_id,
            Concern.state != "closed",
        )
    )
    if (open_ or 0) >= MOST_OPEN:
        raise UserError("concerns.too_many", n=MOST_OPEN)
    today = await session.scalar(
        select(func.count()).where(
            Concern.server_id == actor.server_id,
            Concern.user_id == actor.user_id,
            Concern.at > now - timedelta(days=1),
        )
    )
    if (today or 0) >= MOST_A_DAY:
        raise UserError("concerns.enough_today", n=MOST_A_DAY)
    row = Concern(
        server_id=actor.server_id,
        group_id=found.reach.group_id,
        user_id=actor.user_id,
        named=named,
        for_whom=found.reach.whom,
        of_facilitator=found.reach.why == "of_facilitator",
        said=found.said,
        link=link,
        at=now,
        last_at=now,
    )
    session.add(row)
    await session.flush()
    await drop(session, actor, mark)
    await tell(session, row, now, but=actor.user_id)
    return found.reach.whom


async def tell(
    session: AsyncSession, row: Concern, now: datetime, *, but: int | None = None
) -> None:
    """Owe those a concern is for the line that says that something waits; it names no author.

    `but` is who wrote it: somebody who looks after the group is not asked about their own word.
    """
    server = await session.get_one(Server, row.server_id)
    words = await session.scalar(select(func.count()).where(ConcernReply.concern_id == row.id))
    mark = f"{row.for_whom[0]}{words or 0}-{int(now.timestamp())}"  # tells one round from the next
    key = f"concern:{row.id}:{mark}"
    if row.for_whom == "moderators":
        await owe(
            session,
            server_id=row.server_id,
            kind="concern",
            key=key,
            place="owners" if server.moderators_room_id is None else "moderators",
            message=cards.waits(row.id, mark, ()),
            now=now,
        )
        return
    people = [u for u in await concern_places.readers(session, row.group_id) if u != but]
    if server.facilitators_room_id is not None:
        await owe(
            session,
            server_id=row.server_id,
            kind="concern",
            key=key,
            place="facilitators",
            message=cards.waits(row.id, mark, people),
            now=now,
        )
        return
    for user_id in people:  # without a room of theirs, through /home
        await owe(
            session,
            server_id=row.server_id,
            kind="concern",
            key=f"{key}:{user_id}",
            place="commons",
            user_id=user_id,
            message=something_waits(user_id, f"{user_id}-{int(now.timestamp())}"),
            now=now,
        )


@dataclass(frozen=True, slots=True)
class Mine:
    """One's own word in a list; `news`: it was answered, and that is not read yet."""

    id: int
    for_whom: str
    state: str
    said: str
    news: bool


async def of_author(session: AsyncSession, actor: Actor) -> list[Mine]:
    """Return one's own words that are open or have news, those with news first."""
    news = (
        select(ConcernReply.id)
        .where(
            ConcernReply.concern_id == Concern.id,
            ConcernReply.user_id.is_(None),
            ConcernReply.read_at.is_(None),
        )
        .exists()
    )
    rows = await session.execute(
        select(Concern, news.label("news"))
        .where(Concern.server_id == actor.server_id, Concern.user_id == actor.user_id)
        .order_by(Concern.last_at.desc(), Concern.id.desc())
    )
    found = [
        Mine(row.id, row.for_whom, row.state, row.said, bool(new))
        for row, new in rows.all()
        if new or row.state != "closed"
    ]
    return sorted(found, key=lambda one: not one.news)


async def drafts_of(session: AsyncSession, actor: Actor) -> list[str]:
    """Return the marks of one's words that are written and not sent."""
    forms = await session.scalars(
        select(Draft.form)
        .where(
            Draft.server_id == actor.server_id,
            Draft.user_id == actor.user_id,
            Draft.form.startswith(f"{FORM}:"),
        )
        .order_by(Draft.at.desc())
    )
    return [form.partition(":")[2] for form in forms]


async def own(session: AsyncSession, actor: Actor, concern_id: int, *, now: datetime) -> Card:
    """Return one's own concern, its replies read by this."""
    row = await _own(session, actor, concern_id)
    unread = await session.scalars(
        select(ConcernReply).where(
            ConcernReply.concern_id == row.id,
            ConcernReply.user_id.is_(None),
            ConcernReply.read_at.is_(None),
        )
    )
    for reply in unread:
        reply.read_at = now
    await session.flush()
    return await card(session, row, for_author=True)


async def write_back(
    session: AsyncSession, actor: Actor, concern_id: int, said: str, *, now: datetime
) -> Card:
    """Add a word of the author's; a closed concern is open again by it.

    Those it is for are called once; more words before they answer wait with the first.
    """
    row = await _own(session, actor, concern_id)
    last = await session.scalar(
        select(ConcernReply)
        .where(ConcernReply.concern_id == row.id)
        .order_by(ConcernReply.at.desc(), ConcernReply.id.desc())
        .limit(1)
    )
    session.add(
        ConcernReply(
            server_id=row.server_id,
            concern_id=row.id,
            user_id=actor.user_id,
            said=clean(said, lines=True)[: cards.REPLY_MOST],
            at=now,
        )
    )
    if row.state == "closed":
        row.state, row.closed_at = "open", None
    row.last_at = now
    await session.flush()
    if last is None or last.user_id is None:
        await tell(session, row, now, but=actor.user_id)
    return await card(session, row, for_author=True)


async def settled(session: AsyncSession, actor: Actor, concern_id: int, *, now: datetime) -> None:
    """Close one's own concern: nobody needs to do anything any more."""
    row = await _own(session, actor, concern_id)
    row.state, row.closed_at, row.last_at = "closed", now, now
    await session.flush()


async def own_to_moderators(
    session: AsyncSession, actor: Actor, concern_id: int, *, now: datetime
) -> Card:
    """Take one's own concern from the facilitators to the moderators."""
    row = await _own(session, actor, concern_id)
    await to_moderators(session, row, now)
    return await card(session, row, for_author=True)


async def to_moderators(session: AsyncSession, row: Concern, now: datetime) -> None:
    """Give a concern to the moderators, with all that was said; the others read no more of it."""
    if row.for_whom == "moderators":
        return
    row.for_whom, row.state, row.by_user_id = "moderators", "open", None
    row.passed_on, row.last_at, row.closed_at = True, now, None
    await session.flush()
    await tell(session, row, now)


async def card(session: AsyncSession, row: Concern, *, for_author: bool = False) -> Card:
    """Return a concern as it may be shown; its author's name only to those who may know it."""
    replies = await session.scalars(
        select(ConcernReply)
        .where(ConcernReply.concern_id == row.id)
        .order_by(ConcernReply.at, ConcernReply.id)
    )
    return Card(
        id=row.id,
        said=row.said,
        link=row.link,
        at=row.at,
        state=row.state,
        for_whom="moderators" if row.for_whom == "moderators" else "facilitators",
        group=await concern_places.name(session, row.group_id),
        user_id=row.user_id if row.named and not for_author else None,
        by_user_id=None if for_author else row.by_user_id,
        of_facilitator=row.of_facilitator,
        passed_on=row.passed_on,
        replies=[Word(reply.said, reply.at, reply.user_id is not None) for reply in replies],
    )


async def require_own(session: AsyncSession, actor: Actor, concern_id: int) -> None:
    """UserError unless a word is one's own and still there."""
    await _own(session, actor, concern_id)


async def _own(session: AsyncSession, actor: Actor, concern_id: int) -> Concern:
    await rights.server_row(session, actor.server_id, allow_paused=True)
    row = await session.get(Concern, concern_id)
    if row is None or (row.server_id, row.user_id) != (actor.server_id, actor.user_id):
        raise UserError("concerns.gone")
    return row


def _form(mark: str) -> str:
    return f"{FORM}:{mark}"[:60]
