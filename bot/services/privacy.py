"""What is kept about a person: shown, handed over, no longer counted, erased.

`server_ids=None` means every server; `/privacy` inside a server is about that server only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules.scope import LetGo
from bot.services import (
    ask_posts,
    bridge_sources,
    circle_lines,
    facilitators,
    letters,
    people,
    personal,
    safety_records,
    settling,
    survival_counts,
    visits,
)
from bot.services.outbox import packed, unpacked
from bot.settings import Settings
from models import (
    ActiveDay,
    Apart,
    Appeal,
    Bar,
    Base,
    Care,
    Circle,
    CircleMember,
    Cohort,
    CommonsTie,
    Concern,
    ConcernReply,
    Edition,
    Gathering,
    Goal,
    GroupAsk,
    GuestEvening,
    LogEntry,
    Member,
    Membership,
    OutboxMessage,
    Pairing,
    PreparedChild,
    Presence,
    QuietEpisode,
    Removal,
    Ritual,
    RitualPart,
    Server,
    SetupGroup,
    SplitChild,
    Tie,
    Unanswered,
    Undertaking,
)

COUNTED = (
    ActiveDay,
    Presence,
    Tie,
    Care,
    CommonsTie,
    CircleMember,
    QuietEpisode,
    RitualPart,
    Unanswered,
)
# Decided by moderators about someone, or kept as an empty place: not deleted with the person.
STAY: tuple[type[Base], ...] = (
    Bar,
    Apart,
    Circle,
    Cohort,
    Edition,
    Gathering,
    Goal,
    GroupAsk,
    GuestEvening,
    LogEntry,
    Member,
    Ritual,
    SplitChild,
    Pairing,
    PreparedChild,
    SetupGroup,
    Undertaking,
    # These have a way of their own, in `safety_records`.
    Concern,
    ConcernReply,
    Removal,
    Appeal,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept about someone: rows by table, and whether they are counted.

    `opted_out_in` is in how many servers they asked not to be; `opted_out`: they are in none.
    """

    rows: dict[str, int]
    counted_since: datetime | None
    opted_out_in: int

    @property
    def opted_out(self) -> bool:
        """Whether they asked not to be counted, and are counted nowhere."""
        return self.opted_out_in > 0 and self.counted_since is None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What `forget` erased, and what stays because a moderator or the person decided so."""

    rows: int
    homes_left: int
    bars_kept: int
    opt_outs_kept: int


async def show(
    session: AsyncSession, user_id: int, server_ids: Sequence[int] | None = None
) -> Kept:
    """Return how many rows each table holds about a person; tables without any are left out."""
    counted = case((Member.opted_out_at.is_(None), Member.counted_since))
    wanted = select(func.min(counted), func.count(Member.opted_out_at)).where(
        Member.user_id == user_id
    )
    if server_ids is not None:
        wanted = wanted.where(Member.server_id.in_(server_ids))
    since, opted_out = (await session.execute(wanted)).one()
    return Kept(
        rows=await personal.counts(session, user_id, server_ids),
        counted_since=since,
        opted_out_in=opted_out,
    )


async def export(
    session: AsyncSession,
    user_id: int,
    server_ids: Sequence[int] | None = None,
    *,
    settings: Settings,
) -> dict[str, Any]:
    """Return every row about a person by table, ready for JSON; other people's ids are left out.

    Each table says why it is kept and when it goes.
    """
    found: dict[str, Any] = {}
    for table, purpose, erase in personal.described(settings):
        rows = await personal.rows(session, table, user_id, server_ids)
        if rows:
            found[table.name] = {"purpose": purpose, "erased": erase, "rows": rows}
    return found


async def servers(
    session: AsyncSession, user_id: int, here: Sequence[int] | None, shared: Sequence[int]
) -> list[int]:
    """Return the servers that a wish is about: those of `here`, else all that may count someone.

    That is where something is kept already, and what is `shared` with them, so that nothing begins.
    """
    if here is not None:
        return list(here)
    return sorted({*shared, *await personal.servers_of(session, user_id)})


async def opt_out(
    session: AsyncSession, user_id: int, server_ids: Sequence[int], now: datetime
) -> int:
    """Stop counting and erase what was counted; return how many rows went."""
    gone = 0
    for server_id in await _known(session, server_ids):
        row = await people.member(session, server_id, user_id)
        row.counted_since, row.opted_out_at, row.suggested_since = None, now, None
        await circle_lines.withdraw_for(session, server_id, user_id)
        for owed in await personal.owed_naming(session, user_id, [server_id]):
            _opens_only(owed, user_id)
        for table in COUNTED:
            gone += await _erase(session, table, user_id, [server_id])
        # When they first wrote in their home was counted, too; that they did is not news again.
        await session.execute(
            update(Membership)
            .where(Membership.server_id == server_id, Membership.user_id == user_id)
            .values(wrote_at=Membership.since)
        )
    note_after_commit(session, LetGo(user_id, tuple(server_ids)))
    await session.flush()
    return gone


async def opt_in(
    session: AsyncSession, user_id: int, server_ids: Sequence[int], now: datetime
) -> None:
    """Count again from now on."""
    for server_id in await _known(session, server_ids):
        row = await people.member(session, server_id, user_id)
        if row.opted_out_at is not None:
            row.counted_since, row.opted_out_at = now, None
    await session.flush()


async def forget(
    session: AsyncSession,
    user_id: int,
    server_ids: Sequence[int] | None,
    now: datetime,
    *,
    joined: Mapping[int, datetime] | None = None,
) -> Forgotten:
    """Erase everything about a person by each table's own rule; their home's seat comes free.

    What moderators decided about them stays (a bar, a door that is shut, being kept apart from
    someone), and so does their wish not to be counted; nothing else. `joined`: when they joined
    each server, where that is known, so that they are not counted as having left.
    """
    note_after_commit(session, LetGo(user_id, None if server_ids is None else tuple(server_ids)))
    if server_ids is None:
        server_ids = await personal.servers_of(session, user_id)
    before = sum((await personal.counts(session, user_id, server_ids)).values())
    homes_left = 0
    for server_id in server_ids:
        if joined is not None and server_id in joined:
            await survival_counts.forgotten(session, server_id, user_id, joined[server_id], now)
        home = await session.get(Membership, (server_id, user_id))
        if home is not None:
            await settling.give_up(session, home, "forgotten", now)
            homes_left += 1
        await settling.leave_lines(session, server_id, user_id)
        await visits.end_for(session, server_id=server_id, user_id=user_id, group_id=None, now=now)
        await facilitators.gone(session, server_id, user_id)
        await bridge_sources.author_gone(session, server_id, user_id, now)
        await ask_posts.forget(session, server_id, user_id, now)
        await _bare(session, server_id, user_id)
    for row in await personal.owed_naming(session, user_id, server_ids):
        if not _opens_only(row, user_id):
            await session.delete(row)
    await session.flush()
    for mine in personal.untold(user_id, server_ids):
        await session.execute(mine)
    stay = {table.__tablename__ for table in STAY}
    for table in reversed(personal.tables()):
        if table.name not in stay:
            await session.execute(delete(table).where(personal.about(table, user_id, server_ids)))
    await safety_records.forget(session, user_id, server_ids)
    await _unname(session, user_id, server_ids)
    after = await personal.counts(session, user_id, server_ids)
    return Forgotten(
        rows=before - sum(after.values()),
        homes_left=homes_left,
        bars_kept=sum(after.get(name, 0) for name in ("bar", "apart", "removal")),
        opt_outs_kept=after.get("member", 0),
    )


def _opens_only(row: OutboxMessage, user_id: int) -> bool:
    """Let a letter that waits to go out by DM, and names somebody, be opened there instead.

    Opened, it says how things are by then. False for what is no letter, or one to them.
    """
    line = unpacked(row.content)[1]
    if row.kind != letters.KIND or row.user_id == user_id or line is None:
        return False
    row.content = packed(line, line)
    return True


async def _bare(session: AsyncSession, server_id: int, user_id: int) -> None:
    """Leave of a member's own row nothing but the opt-out, if there is one."""
    row = await session.get(Member, (server_id, user_id))
    if row is None:
        return
    opted_out_at = row.opted_out_at
    await session.delete(row)
    await session.flush()
    if opted_out_at is not None:
        session.add(Member(server_id=server_id, user_id=user_id, opted_out_at=opted_out_at))
        await session.flush()


async def _unname(session: AsyncSession, user_id: int, server_ids: Sequence[int]) -> None:
    """Take the person's name off decisions that are about somebody else, and off offices."""
    for table in (Bar, Apart, Circle, Undertaking, LogEntry):
        await session.execute(
            update(table)
            .where(table.by_user_id == user_id, table.server_id.in_(server_ids))
            .values(by_user_id=0)
        )
    # Drafts and proposals are their author's own words.
    drafts = personal.about(Gathering.__table__, user_id, server_ids)  # pyright: ignore[reportArgumentType] - it is a Table
    await session.execute(
        delete(Gathering).where(drafts, Gathering.state.in_(("draft", "proposed", "declined")))
    )
    for table, office in (
        (Ritual, "host_id"),
        (Pairing, "host_id"),
        (GuestEvening, "host_id"),
        (GroupAsk, "user_id"),
        (Edition, "host_id"),
        (Goal, "host_id"),
        (Gathering, "host_id"),
        (Cohort, "host_id"),
        (SplitChild, "facilitator_id"),
        (PreparedChild, "facilitator_id"),
        (SetupGroup, "facilitator_id"),
    ):
        mine = personal.about(table.__table__, user_id, server_ids)  # pyright: ignore[reportArgumentType] - it is a Table
        await session.execute(update(table).where(mine).values({office: None}))
    for column, nobody in ((LogEntry.user_id, None), (LogEntry.undone_by_user_id, 0)):
        await session.execute(
            update(LogEntry)
            .where(column == user_id, LogEntry.server_id.in_(server_ids))
            .values({column.key: nobody})
        )


async def _erase(
    session: AsyncSession, table: type[Base], user_id: int, server_ids: Sequence[int]
) -> int:
    mine = personal.about(table.__table__, user_id, server_ids)  # pyright: ignore[reportArgumentType] - it is a Table
    result = await session.execute(delete(table).where(mine))
    return result.rowcount if isinstance(result, CursorResult) else 0


async def _known(session: AsyncSession, server_ids: Sequence[int]) -> list[int]:
    """Return those of the servers that Hearth serves."""
    return list(await session.scalars(select(Server.id).where(Server.id.in_(server_ids))))
