"""Notes about a group that its facilitators share: read by them alone, taken back by their author.

Owners who do not look after the group do not read them. A group keeps its newest notes; who goes on
looking after it finds what those before them wrote.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import note_cards
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.message import Button, Message
from bot.rules.naming import clean, safe
from bot.rules.note_cards import NOTES_MOST, SAID_MOST, Note
from bot.services import facilitators, rights
from bot.services.groups import of_server
from bot.settings import Settings
from models import FacilitatorNote, Group


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return the notes' button, for those who look after the group."""
    del now, settings
    if actor.user_id not in await facilitators.active(session, group.id):
        return ()
    return (Part("room", (), (Button("notes.button", f"notes:{group.id}"),)),)


async def card(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return the notes of a group."""
    group = await _looked_after(session, actor, group_id)
    rows = await session.scalars(
        select(FacilitatorNote)
        .where(FacilitatorNote.group_id == group_id)
        .order_by(FacilitatorNote.at.desc(), FacilitatorNote.id.desc())
        .limit(NOTES_MOST)
    )
    notes = [Note(row.id, row.by_user_id, row.said, row.at) for row in rows]
    return note_cards.card(group_id, group.emoji, group.name, notes, actor.user_id)


async def write(
    session: AsyncSession, actor: Actor, group_id: int, typed: str, now: datetime
) -> None:
    """Add a note; of more than a group keeps, the oldest goes."""
    group = await _looked_after(session, actor, group_id)
    said = clean(typed, lines=True)[:SAID_MOST]
    if not said:
        raise UserError("notes.empty")
    session.add(
        FacilitatorNote(
            server_id=group.server_id,
            group_id=group_id,
            by_user_id=actor.user_id,
            said=said,
            at=now,
        )
    )
    await session.flush()
    older = (
        select(FacilitatorNote.id)
        .where(FacilitatorNote.group_id == group_id)
        .order_by(FacilitatorNote.at.desc(), FacilitatorNote.id.desc())
        .offset(NOTES_MOST)
    )
    await session.execute(
        delete(FacilitatorNote)
        .where(FacilitatorNote.id.in_(list(await session.scalars(older))))
        .execution_options(synchronize_session=False)
    )


async def take_back(session: AsyncSession, actor: Actor, group_id: int, note_id: int) -> None:
    """Erase one of one's own notes; UserError when it is gone or somebody else's."""
    await _looked_after(session, actor, group_id)
    row = await session.get(FacilitatorNote, note_id)
    if row is None or row.group_id != group_id or row.by_user_id != actor.user_id:
        raise UserError("notes.gone")
    await session.delete(row)
    await session.flush()


async def _looked_after(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    if actor.user_id not in await facilitators.active(session, group_id):
        raise UserError("notes.facilitators_only", group=safe(group.name))
    return group
