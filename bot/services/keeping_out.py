"""Who must stay out of which room, though the role of a sibling group would let them in.

After a split a door lets everybody of one half into the other half's room. Somebody who is barred
there or was removed lately, or must not meet somebody who lives there or visits, is shut out of it
by name; and where two who must not meet could both come in by doors, neither does.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from models import Apart, Bar, Membership, Removal, Visit


@dataclass(frozen=True, slots=True)
class KeptOut:
    """Who is barred from where (group 0: everywhere), and which pairs must not meet."""

    bars: frozenset[tuple[int, int]]
    apart: frozenset[tuple[int, int]]  # each pair both ways round

    @property
    def concerned(self) -> set[int]:
        """Everybody who is named in either."""
        return {user for user, _group in self.bars} | {user for user, _other in self.apart}


# Built once: every look at a server reads it.
_SERVER = bindparam("server_id", type_=BigInteger())
_READ = union_all(
    select(literal("bar"), Bar.user_id, Bar.group_id).where(Bar.server_id == _SERVER),
    select(literal("bar"), Removal.user_id, Removal.group_id).where(
        Removal.server_id == _SERVER, Removal.shut, Removal.group_id.is_not(None)
    ),
    select(literal("apart"), Apart.low_id, Apart.high_id).where(Apart.server_id == _SERVER),
)


async def read(session: AsyncSession, server_id: int) -> KeptOut:
    """Return a server's bars, doors shut after a removal, and pairs; in one small read."""
    bars: set[tuple[int, int]] = set()
    apart: set[tuple[int, int]] = set()
    for what, first, second in await session.execute(_READ, {"server_id": server_id}):
        if what == "bar":
            bars.add((first, second))
        else:
            apart |= {(first, second), (second, first)}
    return KeptOut(bars=frozenset(bars), apart=frozenset(apart))


async def beside(
    session: AsyncSession, server_id: int, users: Collection[int], doors: dict[int, set[int]]
) -> set[int]:
    """Return where these people live and the rooms that a door opens to them."""
    homes = set(
        await session.scalars(
            select(Membership.group_id).where(
                Membership.server_id == server_id, Membership.user_id.in_(users)
            )
        )
    )
    return {group for group, siblings in doors.items() if group in homes or siblings & homes}


async def shut_out(
    session: AsyncSession, server_id: int, kept_out: KeptOut, doors: dict[int, set[int]]
) -> dict[int, set[int]]:
    """Return whom a sibling's open door must not let in: by group, who is barred or would meet."""
    shut: dict[int, set[int]] = defaultdict(set)
    if not doors or not kept_out.concerned:
        return shut
    concerned = kept_out.concerned
    rows = await session.execute(
        select(Membership.user_id, Membership.group_id).where(
            Membership.server_id == server_id, Membership.user_id.in_(concerned)
        )
    )
    lives = {row.user_id: row.group_id for row in rows}
    rows = await session.execute(
        select(Visit.user_id, Visit.group_id).where(
            Visit.server_id == server_id, Visit.ended_at.is_(None), Visit.user_id.in_(concerned)
        )
    )
    met = {*lives.items(), *((row.user_id, row.group_id) for row in rows)}
    for group, siblings in doors.items():
        by_door = {user for user, home in lives.items() if home in siblings}
        shut[group] |= {user for user, other in kept_out.apart if {user, other} <= by_door}
        shut[group] |= {
            user
            for user in by_door
            if (
                (user, group) in kept_out.bars
                or any((other, group) in met for one, other in kept_out.apart if one == user)
            )
        }
    return shut
