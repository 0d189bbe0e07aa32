"""The sums of one batch of signals, and how they are added to what the tables hold."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.upserts import upsert
from models import ActiveDay, Presence, RoomCursor, Tie


@dataclass(slots=True)
class Sums:
    """What a batch adds up to; a few statements write it, however many signals there were."""

    # (server, user, group, local day) -> signals
    days: Counter[tuple[int, int, int, str]] = field(
        default_factory=Counter[tuple[int, int, int, str]]
    )
    # (group, low, high, week, server) -> worth
    ties: Counter[tuple[int, int, int, str, int]] = field(
        default_factory=Counter[tuple[int, int, int, str, int]]
    )
    # (server, user) -> last sign of life, in milliseconds since 1970
    lives: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    # channel -> (server, last message)
    cursors: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])

    async def store(self, session: AsyncSession) -> None:
        """Add days and ties, and move presence and cursors on; never back."""
        if self.days:
            statement = upsert(session, ActiveDay)
            statement = statement.on_conflict_do_update(
                index_elements=["server_id", "user_id", "group_id", "day"],
                set_={"signals": ActiveDay.signals + statement.excluded.signals},
            )
            await _many(
                session,
                statement,
                ("server_id", "user_id", "group_id", "day", "signals"),
                ((*key, count) for key, count in sorted(self.days.items())),
            )
        if self.lives:
            statement = upsert(session, Presence)
            statement = statement.on_conflict_do_update(
                index_elements=["server_id", "user_id"],
                set_={"last_at": statement.excluded.last_at},
                where=Presence.last_at < statement.excluded.last_at,
            )
            await _many(
                session,
                statement,
                ("server_id", "user_id", "last_at"),
                ((*who, moment(at_ms)) for who, at_ms in sorted(self.lives.items())),
            )
        if self.ties:
            statement = upsert(session, Tie)
            statement = statement.on_conflict_do_update(
                index_elements=["group_id", "low_id", "high_id", "week"],
                set_={"weight": Tie.weight + statement.excluded.weight},
            )
            await _many(
                session,
                statement,
                ("group_id", "low_id", "high_id", "week", "server_id", "weight"),
                ((*key, weight) for key, weight in sorted(self.ties.items())),
            )
        if self.cursors:
            statement = upsert(session, RoomCursor)
            statement = statement.on_conflict_do_update(
                index_elements=["room_id"],
                set_={"message_id": statement.excluded.message_id},
                where=RoomCursor.message_id < statement.excluded.message_id,
            )
            await _many(
                session,
                statement,
                ("room_id", "server_id", "message_id"),
                ((channel, *up_to) for channel, up_to in sorted(self.cursors.items())),
            )


def moment(at_ms: int) -> datetime:
    """Return this millisecond since 1970 as a moment."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


async def _many(
    session: AsyncSession, statement: Any, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    # On the connection, past the mapped classes: no identities are kept for rows written in bulk.
    connection = await session.connection()
    await connection.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])
