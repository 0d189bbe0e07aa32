"""Appeals: one question per removal, answered by moderators, kindly and with what follows.

Whoever removed somebody is not shown to them, and what they ask is shown to moderators only. An
appeal that succeeds opens the door again; a home that was given up is offered by an invitation, for
its seat may be somebody else's by now.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import safety_cards
from bot.rules.actor import Actor
from bot.rules.scope import MemberScope
from bot.services import log, people, removals, rights, standing
from bot.services.outbox import owe
from bot.services.removals import Taken
from models import Appeal, Bar, Invitation, Membership, Removal

LEFT_A_HOME = frozenset(("removed", "barred", "left-out"))


@dataclass(frozen=True, slots=True)
class Asked:
    """An appeal as moderators see it."""

    id: int
    user_id: int
    said: str
    at: datetime
    about: Taken
    by_user_id: int  # who removed them; 0: nobody knows
    own: bool  # whoever looks at it decided that themselves


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of somebody's own appeal; `let_back` None while nobody has answered."""

    removal_id: int
    asked_at: datetime
    let_back: bool | None
    answer: str
    seen: bool


async def ask(
    session: AsyncSession, actor: Actor, removal_id: int, said: str, *, now: datetime
) -> None:
    """Ask the moderators to look at one's own removal again, once; works while paused.

    UserError when it is somebody else's, over already, or was asked about before.
    """
    row = await may_ask(session, actor, removal_id)
    appeal = Appeal(
        server_id=actor.server_id, removal_id=row.id, user_id=actor.user_id, said=said, at=now
    )
    session.add(appeal)
    await session.flush()
    server = await rights.server_row(session, actor.server_id, allow_paused=True)
    await owe(
        session,
        server_id=actor.server_id,
        kind="appeal",
        key=f"appeal:{appeal.id}",
        place="owners" if server.moderators_room_id is None else "moderators",
        message=safety_cards.appeal_waits(appeal.id),
        now=now,
    )


async def may_ask(session: AsyncSession, actor: Actor, removal_id: int) -> Removal:
    """Return one's own removal that one may still ask about; UserError else."""
    await rights.server_row(session, actor.server_id, allow_paused=True)
    row = await own(session, actor, removal_id)
    if await session.scalar(select(Appeal.id).where(Appeal.removal_id == row.id)) is not None:
        raise UserError("safety.appealed_already")
    return row


async def own(session: AsyncSession, actor: Actor, removal_id: int) -> Removal:
    """Return one's own removal that is still so; UserError else."""
    row = await session.get(Removal, removal_id)
    if (
        row is None
        or (row.server_id, row.user_id) != (actor.server_id, actor.user_id)
        or row.over_at is not None
    ):
        raise UserError("safety.nothing_to_ask")
    return row


async def waiting(session: AsyncSession, actor: Actor) -> list[Asked]:
    """Return the appeals that nobody has answered, the oldest first. For moderators."""
    await rights.require_moderator(session, actor)
    rows = await session.execute(
        select(Appeal, Removal)
        .join(Removal, Removal.id == Appeal.removal_id)
        .where(
            Appeal.server_id == actor.server_id,
            Appeal.answered_at.is_(None),
            Removal.over_at.is_(None),
        )
        .order_by(Appeal.at, Appeal.id)
    )
    return [await _shown(session, actor, appeal, removal) for appeal, removal in rows.all()]


async def count(session: AsyncSession, server_id: int) -> int:
    """Return how many appeals wait."""
    wanted = (
        select(func.count())
        .select_from(Appeal)
        .join(Removal, Removal.id == Appeal.removal_id)
        .where(
            Appeal.server_id == server_id, Appeal.answered_at.is_(None), Removal.over_at.is_(None)
        )
    )
    return await session.scalar(wanted) or 0


async def look(session: AsyncSession, actor: Actor, appeal_id: int) -> Asked:
    """Return an appeal that waits for an answer. For moderators."""
    appeal, removal = await _open(session, actor, appeal_id)
    return await _shown(session, actor, appeal, removal)


async def answer(
    session: AsyncSession,
    actor: Actor,
    appeal_id: int,
    *,
    let_back: bool,
    said: str,
    now: datetime,
) -> int:
    """Answer an appeal, with what follows; return whose it was. For moderators."""
    appeal, removal = await _open(session, actor, appeal_id)
    appeal.answered_at, appeal.by_user_id, appeal.let_back = now, actor.user_id, let_back
    appeal.answer = said
    await session.flush()
    if let_back:
        await _let_back(session, actor, removal, now)
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action="appeal-let-back" if let_back else "appeal-stays",
        now=now,
        group_id=removal.group_id,
        user_id=removal.user_id,
    )
    await removals.tell(session, actor.server_id, appeal.user_id, f"answer:{appeal.id}", now)
    return appeal.user_id


async def lifted(
    session: AsyncSession, actor: Actor, user_id: int, group_id: int | None, *, now: datetime
) -> bool:
    """Answer the appeal against a bar that is lifted; False if nobody had asked.

    What was asked gets its answer also where it was not answered by its own card.
    """
    row = await session.scalar(
        select(Appeal)
        .join(Removal, Removal.id == Appeal.removal_id)
        .where(
            Appeal.server_id == actor.server_id,
            Appeal.user_id == user_id,
            Appeal.answered_at.is_(None),
            Removal.kind == "barred",
            Removal.over_at.is_(None),
            Removal.group_id.is_(None) if group_id is None else Removal.group_id == group_id,
        )
    )
    if row is None:
        return False
    row.answered_at, row.by_user_id, row.let_back = now, actor.user_id, True
    await session.flush()
    await removals.tell(session, actor.server_id, user_id, f"answer:{row.id}", now)
    return True


async def answers(session: AsyncSession, server_id: int, user_id: int) -> dict[int, Answered]:
    """Return somebody's own appeals by the removal that they are about."""
    rows = await session.scalars(
        select(Appeal).where(Appeal.server_id == server_id, Appeal.user_id == user_id)
    )
    return {
        row.removal_id: Answered(
            row.removal_id,
            row.at,
            None if row.answered_at is None else row.let_back,
            row.answer,
            seen=row.seen_at is not None,
        )
        for row in rows
    }


async def seen(session: AsyncSession, actor: Actor, removal_id: int, now: datetime) -> None:
    """Put what was read away: it stands no longer in /home. Somebody's own only."""
    row = await session.get(Removal, removal_id)
    if row is None or (row.server_id, row.user_id) != (actor.server_id, actor.user_id):
        raise UserError("safety.nothing_to_ask")
    row.seen_at = now
    appeal = await session.scalar(select(Appeal).where(Appeal.removal_id == removal_id))
    if appeal is not None and appeal.answered_at is not None:
        appeal.seen_at = now
    await session.flush()


async def _let_back(session: AsyncSession, actor: Actor, row: Removal, now: datetime) -> None:
    """Open the door that a removal shut, and offer the home that it ended.

    UserError where something else keeps it shut: nobody is told that they may come who may not.
    """
    server_id, user_id, group_id = row.server_id, row.user_id, row.group_id
    if row.kind == "barred":
        await session.execute(
            delete(Bar).where(
                Bar.server_id == server_id,
                Bar.user_id == user_id,
                Bar.group_id == (group_id or 0),
            )
        )
    if row.kind == "held":
        home = await session.get(Membership, (server_id, user_id))
        if home is not None and home.state == "held" and home.group_id == group_id:
            home.state, home.seat_until = "here", None
    elif group_id is not None:
        await session.merge(
            Invitation(
                group_id=group_id,
                user_id=user_id,
                server_id=server_id,
                by_user_id=actor.user_id,
                at=now,
            )
        )
    if row.kind in LEFT_A_HOME:
        (await people.member(session, server_id, user_id)).free_move = True
    if group_id is not None:
        row.shut = False
        await session.flush()
        stands = await standing.standing(session, server_id, user_id, group_id)
        if stands.apart or stands.barred:
            raise UserError("safety.still_apart")
    # Only the door: what happened, and the answer, still stand in /home until they are read.
    row.shut = False
    await session.flush()
    note_after_commit(session, MemberScope(server_id, user_id))


async def _open(session: AsyncSession, actor: Actor, appeal_id: int) -> tuple[Appeal, Removal]:
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_moderator(session, actor)
    appeal = await session.get(Appeal, appeal_id)
    if appeal is None or appeal.server_id != actor.server_id or appeal.answered_at is not None:
        raise UserError("safety.appeal_gone")
    removal = await session.get_one(Removal, appeal.removal_id)
    if removal.over_at is not None:
        raise UserError("safety.appeal_gone")
    return appeal, removal


async def _shown(session: AsyncSession, actor: Actor, appeal: Appeal, row: Removal) -> Asked:
    return Asked(
        appeal.id,
        appeal.user_id,
        appeal.said,
        appeal.at,
        await removals.taken(session, row),
        row.by_user_id,
        own=row.by_user_id == actor.user_id,
    )
