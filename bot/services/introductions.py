"""Introductions: what people tell their own group about themselves, and who may read it.

They are read inside the room only: by those who live there, visit it or look after it. Nobody sees
them on a profile, in the directory, or in a search.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import introductions
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.introductions import PER_PAGE, Page, Told
from bot.rules.message import Button, Line
from bot.rules.naming import safe
from bot.services import drafts, facilitators, rights
from bot.services.groups import of_server
from bot.services.upserts import upsert
from bot.settings import Settings
from models import Draft, Group, Introduction, Membership, Visit


async def page(session: AsyncSession, who: Actor, group_id: int, number: int) -> Page:
    """Return a page of who lives in a group, to those who are inside its room.

    UserError for everyone else, which says nothing of who lives there.
    """
    await rights.server_row(session, who.server_id)
    home = await session.get(Membership, (who.server_id, who.user_id))
    lives = home is not None and home.group_id == group_id and home.state == "here"
    looks_after = who.user_id in await facilitators.active(session, group_id)
    if not lives and not looks_after and not await _visits(session, who, group_id):
        raise UserError("living.inside_only")
    group = await of_server(session, who.server_id, group_id)
    told = await session.scalar(select(func.count()).where(*_shown(group_id))) or 0
    pages = max(1, -(-told // PER_PAGE))
    number = min(max(number, 0), pages - 1)
    rows = await session.execute(
        select(Introduction, Membership.since)
        .where(*_shown(group_id))
        .order_by(Membership.since.desc(), Introduction.user_id)
        .offset(number * PER_PAGE)
        .limit(PER_PAGE)
    )
    mine = await session.get(Introduction, (group_id, who.user_id))
    return Page(
        group_id=group.id,
        group=group.name,
        homes=group.homes,
        told=told,
        here=[Told(row.user_id, since, row.said) for row, since in rows],
        page=number,
        pages=pages,
        lives_here=lives,
        own=mine is not None,
        hidden=mine is not None and mine.hidden_at is not None,
        may_hide=looks_after,
    )


async def own(session: AsyncSession, who: Actor, group_id: int) -> str:
    """Return what somebody wrote about themselves, "" for nothing; for who lives there."""
    await _lives_here(session, who, group_id)
    mine = await session.get(Introduction, (group_id, who.user_id))
    return "" if mine is None else mine.said


async def write(
    session: AsyncSession, who: Actor, group_id: int, typed: str, now: datetime
) -> None:
    """Keep what somebody tells their group about themselves, in place of what they told before."""
    await rights.server_row(session, who.server_id)
    await _lives_here(session, who, group_id)
    values = {"said": introductions.read(typed), "at": now, "hidden_at": None}
    await session.execute(
        upsert(session, Introduction)
        .values(group_id=group_id, user_id=who.user_id, server_id=who.server_id, **values)
        .on_conflict_do_update(index_elements=["group_id", "user_id"], set_=values)
    )


async def take_away(session: AsyncSession, server_id: int, user_id: int, group_id: int) -> bool:
    """Erase what somebody told; False if there was nothing. They may at any time."""
    mine = await session.get(Introduction, (group_id, user_id))
    if mine is None or mine.server_id != server_id:
        return False
    await session.delete(mine)
    await session.flush()
    return True


async def hide(
    session: AsyncSession, who: Actor, group_id: int, user_id: int, now: datetime
) -> None:
    """Let those who look after a group take an introduction down; its author finds it in /home."""
    await rights.require_facilitator(session, who, group_id)
    row = await session.get(Introduction, (group_id, user_id))
    if row is None or row.server_id != who.server_id or row.hidden_at is not None:
        raise UserError("living.nothing_to_hide")
    row.hidden_at = now
    await session.flush()


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return what stands in /home for whose introduction was taken down, or is half done."""
    del now, settings
    home = await session.get(Membership, (who.server_id, who.user_id))
    if home is None or home.state != "here":
        return None
    group = safe((await session.get_one(Group, home.group_id)).name)
    write = f"living-write:{home.group_id}"
    mine = await session.get(Introduction, (home.group_id, who.user_id))
    if mine is not None and mine.hidden_at is not None:
        return Note(
            lines=(Line("living.home_hidden", {"group": group}),),
            buttons=(
                Button("living.home_mend", write),
                Button("living.home_let_go", f"living-away:{home.group_id}"),
            ),
        )
    if await session.get(Draft, (who.server_id, who.user_id, form(home.group_id))) is None:
        return None
    return Note(
        lines=(Line("living.home_half_done", {"group": group}),),
        buttons=(Button("living.home_go_on", write),),
    )


async def moved_out(session: AsyncSession, group_id: int, user_id: int) -> None:
    """Erase what somebody told a group that is no longer theirs."""
    await session.execute(
        delete(Introduction).where(
            Introduction.group_id == group_id, Introduction.user_id == user_id
        )
    )


async def follow(
    session: AsyncSession, *, from_group_id: int, to_group_id: int, user_ids: frozenset[int]
) -> None:
    """Take introductions along where a group splits: nobody reads them who could not before."""
    await session.execute(
        update(Introduction)
        .where(Introduction.group_id == from_group_id, Introduction.user_id.in_(user_ids))
        .values(group_id=to_group_id),
        execution_options={"synchronize_session": False},
    )


async def ask_again(
    session: AsyncSession, goes: Group, stays: Group, user_ids: Collection[int], now: datetime
) -> None:
    """Keep introductions as drafts where two groups become one: others would read them there.

    "Tell who I am" opens with what they told before, and they decide.
    """
    rows = await session.scalars(select(Introduction).where(Introduction.group_id == goes.id))
    for row in rows.all():
        if row.user_id in user_ids:
            await drafts.keep(
                session,
                server_id=row.server_id,
                user_id=row.user_id,
                form=form(stays.id),
                fields={"said": row.said},
                now=now,
            )
        await session.delete(row)
    await session.flush()


async def come_back(
    session: AsyncSession,
    goes: Group,
    stays: Group,
    user_ids: Collection[int],
    *,
    before: datetime,
    now: datetime,
) -> None:
    """Take introductions back where a split is undone: those from `before` it were read there.

    What was told since is kept as a draft: others would read it now, so its author decides.
    """
    rows = await session.scalars(
        select(Introduction).where(
            Introduction.group_id == goes.id, Introduction.user_id.in_(user_ids)
        )
    )
    for row in rows.all():
        if row.at <= before:
            row.group_id = stays.id
            continue
        await drafts.keep(
            session,
            server_id=row.server_id,
            user_id=row.user_id,
            form=form(stays.id),
            fields={"said": row.said},
            now=now,
        )
        await session.delete(row)
    await session.flush()


def form(group_id: int) -> str:
    """Return under which name a half-done introduction is kept; its form's verb and argument."""
    return f"living-write:{group_id}"


def _shown(group_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for what may be read: told by somebody who lives there now."""
    return (
        Introduction.group_id == group_id,
        Introduction.hidden_at.is_(None),
        Membership.server_id == Introduction.server_id,
        Membership.user_id == Introduction.user_id,
        Membership.group_id == Introduction.group_id,
        Membership.state == "here",
    )


async def _visits(session: AsyncSession, who: Actor, group_id: int) -> bool:
    found = select(Visit.id).where(
        Visit.group_id == group_id, Visit.user_id == who.user_id, Visit.ended_at.is_(None)
    )
    return await session.scalar(found) is not None


async def _lives_here(session: AsyncSession, who: Actor, group_id: int) -> None:
    home = await session.get(Membership, (who.server_id, who.user_id))
    if home is None or home.group_id != group_id or home.state != "here":
        raise NotAllowed("living.residents_only")
