"""What was taken from somebody: written down, told to them kindly, and open to one appeal.

A removal may shut a group's door for a time. Whoever looks at bars sees it (`services.standing`,
`services.keeping_out`), so nothing leads around it: not the waiting list, not the door between
siblings. It opens when the time is over, when somebody of the group invites the person, or when
moderators look again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules.home_messages import something_waits
from bot.rules.scope import MemberScope
from bot.services.outbox import owe
from models import Group, GroupType, Member, Removal

# removed: a home · barred: home, visits and lines · asked-to-leave: a visit, by the group's own
# people · visit-ended: by moderators · held: the role was taken by hand · left-out: after that
Kind = Literal["removed", "barred", "asked-to-leave", "visit-ended", "held", "left-out"]

DAYS_SHUT = 30
MOST_DAYS_SHUT = 365
SHOWN_FOR = timedelta(days=30)  # in /home, to whom it happened

_OVER = and_(Removal.shut, Removal.shut_until <= bindparam("now"))
ANY_DUE = exists().where(_OVER)


@dataclass(frozen=True, slots=True)
class Taken:
    """A removal as the one whom it is about may see it: never who decided it.

    `group` is None for a group that is not named outside its room, and where all are meant.
    """

    id: int
    kind: str
    group_id: int | None
    group: str | None
    reason: str
    at: datetime
    shut_until: datetime | None


async def note(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    group_id: int | None,
    by_user_id: int,
    kind: Kind,
    now: datetime,
    reason: str = "",
    days_shut: int = 0,
    quietly: bool = False,
) -> int:
    """Write a removal down and tell whom it is about to look into /home; return its id.

    Nobody who left the server is written to, and with `quietly` nobody is: /home says it all the
    same. The line in the commons names no group, and its button tells nobody else anything.
    """
    await over(session, server_id, user_id, group_id, now=now)
    row = Removal(
        server_id=server_id,
        user_id=user_id,
        group_id=group_id,
        by_user_id=by_user_id,
        kind=kind,
        reason=reason,
        at=now,
        shut_until=now + timedelta(days=days_shut) if days_shut else None,
        shut=days_shut > 0,
    )
    session.add(row)
    await session.flush()
    note_after_commit(session, MemberScope(server_id, user_id))
    if not quietly:
        await tell(session, server_id, user_id, f"removal:{row.id}", now)
    return row.id


async def tell(
    session: AsyncSession, server_id: int, user_id: int, key: str, now: datetime
) -> None:
    """Owe somebody the neutral line in the commons; not to who has left the server."""
    member = await session.get(Member, (server_id, user_id))
    if member is not None and member.left_at is not None:
        return
    await owe(
        session,
        server_id=server_id,
        kind="safety",
        key=key,
        place="commons",
        user_id=user_id,
        message=something_waits(user_id, f"{user_id}-{int(now.timestamp())}"),
        now=now,
    )


async def over(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    group_id: int | None,
    *,
    now: datetime,
    kinds: Sequence[Kind] | None = None,
) -> None:
    """Take back what was written down about someone and a group: it is so no more."""
    wanted = select(Removal).where(
        Removal.server_id == server_id,
        Removal.user_id == user_id,
        Removal.group_id.is_(None) if group_id is None else Removal.group_id == group_id,
        Removal.over_at.is_(None),
    )
    if kinds is not None:
        wanted = wanted.where(Removal.kind.in_(kinds))
    for row in await session.scalars(wanted):
        row.over_at, row.shut = now, False
    await session.flush()
    note_after_commit(session, MemberScope(server_id, user_id))


async def invited(session: AsyncSession, server_id: int, user_id: int, group_id: int) -> None:
    """Open a group's door again to somebody whom its people invite; a bar is not touched."""
    rows = await session.scalars(
        select(Removal).where(
            Removal.server_id == server_id,
            Removal.user_id == user_id,
            Removal.group_id == group_id,
            Removal.shut,
        )
    )
    for row in rows:
        row.shut = False
        note_after_commit(session, MemberScope(server_id, user_id))
    await session.flush()


async def step_due(session: AsyncSession, now: datetime) -> int:
    """Open the doors whose time is over, in all servers; return how many. Called by the tick."""
    due = await session.scalars(select(Removal).where(_OVER), {"now": now})
    opened = due.all()
    for row in opened:
        row.shut = False
        note_after_commit(session, MemberScope(row.server_id, row.user_id))
    await session.flush()
    return len(opened)


async def of_person(
    session: AsyncSession, server_id: int, user_id: int, now: datetime
) -> list[Taken]:
    """Return what was taken from somebody lately and is still so, the newest first."""
    rows = await session.scalars(
        select(Removal)
        .where(
            Removal.server_id == server_id,
            Removal.user_id == user_id,
            Removal.over_at.is_(None),
            Removal.at > now - SHOWN_FOR,
        )
        .order_by(Removal.at.desc(), Removal.id.desc())
    )
    return [await taken(session, row) for row in rows.all()]


async def taken(session: AsyncSession, row: Removal) -> Taken:
    """Return a removal as it may be shown, by name only where the group may be named."""
    return Taken(
        row.id,
        row.kind,
        row.group_id,
        await named(session, row.group_id),
        row.reason,
        row.at,
        row.shut_until if row.shut else None,
    )


async def named(session: AsyncSession, group_id: int | None) -> str | None:
    """Return a group's name; None for one that is named nowhere but in its own room."""
    if group_id is None:
        return None
    found = await session.execute(
        select(Group.name, GroupType.listed)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(Group.id == group_id)
    )
    row = found.first()
    return row.name if row is not None and row.listed else None
