"""The books of the outbox: what is claimed for sending, and what became of it.

A row is `owed` until it is `claimed` for sending, and gone when it was sent, refused or expired. A
claimed row that nobody is sending is in doubt: the process died, or the answer was lost. It is
claimed again with `doubted_since`, so that the sender looks in the room before it sends.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.home_messages import something_waits
from bot.rules.message import Drawn, Message
from bot.services import effects, keepers, sending_queue
from bot.services.dm_wishes import Direct, wished
from bot.services.outbox import nonce, owe, unpacked
from bot.services.sending_queue import THREAD
from models import FailedEffect, Member, OutboxMessage, SentMessage, Server

CLOSED_DMS_LAST = timedelta(days=30)  # then a direct message is tried again
LATER_FIRST = timedelta(minutes=5)
LATER_MOST = timedelta(hours=1)
DM_WINDOW = 200  # people looked at when choosing whom a direct message goes to next


@dataclass(frozen=True, slots=True)
class Owed:
    """One message that was claimed for sending.

    `target` is the room, or for a direct message the person; messages to one target go in order.
    With `expired` it must not be sent any more, only found if it was.
    """

    id: int
    target: int
    is_dm: bool
    heals: bool  # whether a missing room will be made again
    kind: str
    key: str
    nonce: str
    language: str
    message: Message
    claimed_at: datetime
    in_doubt: bool
    expired: bool
    server_id: int
    in_thread: bool = False  # `target` is a thread that was opened before
    fallback: Message | None = None  # in place of a private thread that cannot be opened
    thread_id: int | None = None  # the private thread that was opened for it already
    message_id: int | None = None  # it stands already, its thread is missing

    @property
    def told(self) -> str:
        """What the log calls it: the key may hold whom it is for, its row holds the key."""
        return f"{self.kind} (row {self.id})"

    @property
    def marker(self) -> str:
        """Return the custom_id by which the message is recognised in its room."""
        return self.message.buttons[0].press


@dataclass(frozen=True, slots=True)
class Delivered:
    """Where a message stands, and the thread that was opened for it.

    `refusal` is why there is none, though one was wanted: Discord's words and its code.
    """

    message_id: int
    channel_id: int
    thread_id: int | None = None
    refusal: tuple[str, int | None] | None = None


async def anything_due(session: AsyncSession, now: datetime, *, busy: Collection[int]) -> bool:
    """Return whether there is something to claim, to give up, or to clear away."""
    for wanted in (
        sending_queue.heads(sending_queue.room(), now, busy),
        sending_queue.heads(OutboxMessage.user_id, now, busy, dms=True),
    ):
        if await session.scalar(wanted.limit(1)) is not None:
            return True
    if await session.scalar(sending_queue.expired(now).limit(1)) is not None:
        return True
    return await session.scalar(select(SentMessage).where(SentMessage.until <= now)) is not None


async def claim(
    session: AsyncSession,
    now: datetime,
    *,
    most: int,
    busy: Collection[int],
    open_dms: Collection[int],
    new_dms: int,
) -> list[Owed]:
    """Claim up to `most` messages: for each room and each person the oldest that is due.

    `busy` are the targets that something is being sent to. People in `open_dms` have a conversation
    with the bot already; at most `new_dms` others are written to. What has expired is dropped.
    """
    await _drop_expired(session, now)
    ids: list[tuple[int, int]] = []
    people = sending_queue.heads(OutboxMessage.user_id, now, busy, dms=True).limit(DM_WINDOW)
    for row_id, user_id in list(await session.execute(people)):
        if await _falls_back(session, row_id, now):
            continue
        if user_id not in open_dms:
            if new_dms <= 0:
                continue
            new_dms -= 1
        ids.append((row_id, user_id))
    # After the people: who takes no direct messages has just got a line in a room.
    ids += [
        (i, t)
        for i, t in await session.execute(
            sending_queue.heads(sending_queue.room(), now, busy).limit(most)
        )
    ]
    targets = dict(sorted(ids)[:most])
    rows = await session.execute(
        select(OutboxMessage, Server.language)
        .join(Server, Server.id == OutboxMessage.server_id)
        .where(OutboxMessage.id.in_(targets))
        .order_by(OutboxMessage.id)
    )
    claimed: list[Owed] = []
    for row, language in rows:
        message, fallback = unpacked(row.content)
        in_doubt = row.state == "claimed"
        if not in_doubt or row.claimed_at is None:
            # A doubt keeps its first moment: the message may stand in the room since then.
            row.claimed_at = now
        row.state = "claimed"
        claimed.append(
            Owed(
                id=row.id,
                target=targets[row.id],
                is_dm=row.place == "dm",
                heals=row.place == "room",
                kind=row.kind,
                key=row.key,
                nonce=nonce(row.server_id, row.key),
                language=language,
                message=message,
                claimed_at=row.claimed_at,
                in_doubt=in_doubt,
                expired=row.expires_at <= now,
                server_id=row.server_id,
                in_thread=row.place == THREAD,
                fallback=fallback,
                thread_id=None if row.place == THREAD else row.thread_id,
                message_id=row.message_id,
            )
        )
    await session.flush()
    return claimed


async def opened(session: AsyncSession, row_id: int, thread_id: int) -> None:
    """Record the private thread that was opened for a message, before that goes into it."""
    row = await session.get(OutboxMessage, row_id)
    if row is not None:
        row.thread_id = thread_id
        await session.flush()


async def posted(session: AsyncSession, row_id: int, message_id: int) -> None:
    """Record a message whose thread is still to be opened."""
    row = await session.get(OutboxMessage, row_id)
    if row is not None:
        row.message_id = message_id
        await session.flush()


async def known_threads(session: AsyncSession, server_id: int) -> frozenset[int]:
    """Return the threads that messages of a server are on their way to."""
    found = await session.scalars(
        select(OutboxMessage.thread_id).where(
            OutboxMessage.server_id == server_id, OutboxMessage.thread_id.is_not(None)
        )
    )
    return frozenset(one for one in found if one is not None)


async def attached(session: AsyncSession, message: Message) -> list[Drawn]:
    """Return the files that go with a message; those that are gone by now are left out."""
    found = [await keepers.ATTACHED[one.kind](session, one.id) for one in message.attached]
    return [one for one in found if one is not None]


async def sent(session: AsyncSession, row_id: int, where: Delivered, now: datetime) -> None:
    """Record where the message stands, and erase the row."""
    row = await session.get(OutboxMessage, row_id)
    if row is None:
        return
    row.channel_id = where.channel_id
    if row.place != THREAD:
        row.thread_id = where.thread_id
    keeper = keepers.KEEPERS.get(row.kind)
    if keeper is not None and keeper.sent is not None:
        await keeper.sent(session, row, where.message_id, now)
    await session.execute(delete(FailedEffect).where(*_failure(row)))
    if where.refusal is not None:
        why, code = where.refusal
        await effects.failed(
            session, row.server_id, _subject(row), effects.THREAD, code=code, why=why, now=now
        )
    elif where.thread_id is not None:
        await session.execute(
            delete(FailedEffect).where(
                FailedEffect.server_id == row.server_id,
                FailedEffect.subject == _subject(row),
                FailedEffect.action == effects.THREAD,
            )
        )
    session.add(
        SentMessage(
            nonce=nonce(row.server_id, row.key), server_id=row.server_id, until=row.expires_at
        )
    )
    await session.delete(row)
    await session.flush()


async def stands(session: AsyncSession, row_id: int) -> bool:
    """Return whether a message that was claimed is owed still."""
    return await session.get(OutboxMessage, row_id) is not None


async def later(
    session: AsyncSession,
    row_id: int,
    now: datetime,
    *,
    in_doubt: bool,
    wait: timedelta | None = None,
) -> None:
    """Put the message off, by `wait` or by a time that grows from 5 minutes to an hour.

    `in_doubt` when nobody knows whether it was sent: then it stays claimed.
    """
    row = await session.get(OutboxMessage, row_id)
    if row is None:
        return
    growing = min(LATER_FIRST * 2 ** min(row.attempts, 10), LATER_MOST)
    row.due_at = now + (growing if wait is None else wait)
    row.attempts += 1
    if not in_doubt:
        row.state, row.claimed_at = "owed", None
    await session.flush()


async def refused(
    session: AsyncSession, row_id: int, now: datetime, *, why: str, code: int | None
) -> None:
    """Give the message up for good, and write down why for /hearth check."""
    row = await session.get(OutboxMessage, row_id)
    if row is None:
        return
    await session.execute(delete(FailedEffect).where(*_failure(row)))
    session.add(
        FailedEffect(
            server_id=row.server_id,
            subject=_subject(row),
            action=f"message:{row.kind}",
            code=code,
            why=why[:300],
            at=now,
        )
    )
    await _drop(session, row)


async def dropped(session: AsyncSession, row_id: int) -> None:
    """Give up a message whose time is over and which is not in its room."""
    row = await session.get(OutboxMessage, row_id)
    if row is not None:
        await _drop(session, row)


async def dm_closed(session: AsyncSession, row_id: int, now: datetime) -> None:
    """Remember that the person takes no direct messages; leave a line in a room instead."""
    row = await session.get(OutboxMessage, row_id)
    if row is None or row.user_id is None:
        return
    member = await session.get(Member, (row.server_id, row.user_id))
    if member is None:
        member = Member(server_id=row.server_id, user_id=row.user_id)
        session.add(member)
    member.dms_closed_at = now
    await session.flush()
    await _fall_back(session, row, now)


async def _falls_back(session: AsyncSession, row_id: int, now: datetime) -> bool:
    """Turn a direct message into its line in a room, where it must not or cannot be sent.

    Somebody is known to take none, or has taken back the wish for it since it was owed.
    """
    row = await session.get_one(OutboxMessage, row_id)
    if row.state == "claimed":
        return False  # one in doubt may stand there already: only looking tells
    direct = Direct(row.kind, row.server_id, row.user_id or 0, row.group_id)
    if await wished(session, direct):
        member = await session.get(Member, (row.server_id, row.user_id))
        closed_at = None if member is None else member.dms_closed_at
        if closed_at is None or closed_at + CLOSED_DMS_LAST <= now:
            return False
    await _fall_back(session, row, now)
    return True


async def _fall_back(session: AsyncSession, row: OutboxMessage, now: datetime) -> None:
    server = await session.get_one(Server, row.server_id)
    assert row.user_id is not None  # a direct message is owed to somebody
    message = unpacked(row.content)[1]
    if message is None:
        message = something_waits(row.user_id, nonce(row.server_id, row.key))
    quietly = row.kind == "letter" and server.facilitators_room_id is not None
    await owe(
        session,
        server_id=row.server_id,
        kind="fallback",
        key=f"fallback:{nonce(row.server_id, row.key)}",
        place="facilitators" if quietly else "commons",
        message=message,
        now=now,
        group_id=row.group_id,
        user_id=row.user_id,
        expires_in=max(row.expires_at - now, timedelta(days=1)),
    )
    await session.delete(row)
    await session.flush()


async def _drop_expired(session: AsyncSession, now: datetime) -> None:
    for row in list(await session.scalars(sending_queue.expired(now))):
        await _drop(session, row)
    await session.execute(delete(SentMessage).where(SentMessage.until <= now))


async def _drop(session: AsyncSession, row: OutboxMessage) -> None:
    keeper = keepers.KEEPERS.get(row.kind)
    if keeper is not None and keeper.dropped is not None:
        await keeper.dropped(session, row)
    await session.delete(row)
    await session.flush()


def _subject(row: OutboxMessage) -> str:
    if row.place == "dm":
        return f"member:{row.user_id}"
    of_group = row.place in {"room", THREAD} and row.group_id is not None
    return f"group:{row.group_id}" if of_group else "server"


def _failure(row: OutboxMessage) -> tuple[Any, ...]:
    return (
        FailedEffect.server_id == row.server_id,
        FailedEffect.subject == _subject(row),
        FailedEffect.action == f"message:{row.kind}",
    )
