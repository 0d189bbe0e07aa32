"""Group types of a server: those it starts out with, and the owners' own."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import naming
from bot.rules import types as rules
from bot.rules.actor import Actor
from bot.rules.scope import ServerScope
from bot.rules.types import TypeRules
from bot.services import log, rights
from bot.texts import Say, catalogue
from models import Group, GroupType, SetupRole, TypeRitual


@dataclass(frozen=True, slots=True)
class Listed:
    """One type, and how many groups and homes it has."""

    id: int
    rules: TypeRules
    groups: int
    homes: int


async def add_starting(session: AsyncSession, server_id: int, language: str) -> int:
    """Give a server the types that everyone starts out with; return how many were added.

    None where it has types already: what the owners removed or renamed does not come back.
    """
    if await session.scalar(select(GroupType.id).where(GroupType.server_id == server_id).limit(1)):
        return 0
    say = catalogue(language)
    made = [(_made(server_id, one, say, paced=False), one) for one in rules.STARTING]
    session.add_all(type_ for type_, _ in made)
    await session.flush()
    session.add_all(ritual for type_, one in made for ritual in _rituals(type_, one))
    await session.flush()
    return len(made)


async def add_kind(
    session: AsyncSession, server_id: int, kind: str, language: str, *, paced: bool
) -> GroupType:
    """Return the server's type of a kind, added from its template where there is none.

    With `paced` a new one takes in no more newcomers a week than its template thinks good.
    """
    there = await session.scalar(
        select(GroupType)
        .where(GroupType.server_id == server_id, GroupType.kind == kind)
        .order_by(GroupType.id)
        .limit(1)
    )
    if there is not None:
        return there
    starting = next(one for one in rules.STARTING if one.rules.kind == kind)
    return await _add_one(session, server_id, starting, catalogue(language), paced=paced)


async def repace(session: AsyncSession, server_id: int, kind: str, *, paced: bool) -> None:
    """Have the server's types of a kind keep its template's pace, or none.

    A pace of the owners' own stands.
    """
    pace = next(one.pace for one in rules.STARTING if one.rules.kind == kind)
    before, after = (0, pace) if paced else (pace, 0)
    await session.execute(
        update(GroupType)
        .where(
            GroupType.server_id == server_id,
            GroupType.kind == kind,
            GroupType.newcomers_per_week == before,
        )
        .values(newcomers_per_week=after)
    )


async def first_of_kinds(session: AsyncSession, server_id: int) -> dict[str, TypeRules]:
    """Return the rules of the first type of each kind that the server has."""
    rows = await session.scalars(
        select(GroupType).where(GroupType.server_id == server_id).order_by(GroupType.id.desc())
    )
    return {row.kind: rules_of(row) for row in rows}


async def _add_one(
    session: AsyncSession, server_id: int, starting: rules.StartingType, say: Say, *, paced: bool
) -> GroupType:
    type_ = _made(server_id, starting, say, paced=paced)
    try:
        async with session.begin_nested():
            session.add(type_)
    except IntegrityError:  # an owner's own type, of another kind, is called so
        raise UserError("types.name_taken", type=naming.safe(type_.name)) from None
    session.add_all(_rituals(type_, starting))
    await session.flush()
    return type_


def _made(server_id: int, starting: rules.StartingType, say: Say, *, paced: bool) -> GroupType:
    name = say(f"types.kind_{starting.rules.kind}")
    wanted = replace(starting.rules, newcomers_per_week=starting.pace if paced else 0)
    return GroupType(
        server_id=server_id,
        **{**_columns(wanted), "name": name, "name_key": naming.key(name)},
    )


def _rituals(type_: GroupType, starting: rules.StartingType) -> list[TypeRitual]:
    """Return what groups of a type usually do; the type must have its number."""
    return [
        TypeRitual(
            type_id=type_.id,
            kind=ritual.kind,
            cadence=ritual.cadence,
            weekday=ritual.weekday,
            nth=ritual.nth,
            hour=ritual.hour,
            minute=0,
        )
        for ritual in starting.rituals
    ]


async def find(session: AsyncSession, server_id: int, text: str) -> GroupType:
    """Return the type that `text` means: its id or its name; UserError with near misses."""
    rows = await session.scalars(
        select(GroupType).where(GroupType.server_id == server_id).order_by(GroupType.name_key)
    )
    types = rows.all()
    typed, wanted = text.strip(), naming.key(text)
    for type_ in types:
        if typed.isdecimal() and len(typed) < 19 and type_.id == int(typed):
            return type_
    for type_ in types:
        if wanted and type_.name_key == wanted:
            return type_
    guesses = naming.near(text, [type_.name for type_ in types])
    if guesses:
        raise UserError("types.did_you_mean", names=", ".join(map(naming.safe, guesses)))
    raise UserError("types.not_found")


async def suggest(session: AsyncSession, server_id: int, typed: str) -> list[tuple[str, str]]:
    """Return up to 25 pairs of a type's name and its id as text, for autocomplete."""
    rows = await session.execute(
        select(GroupType.name, GroupType.id)
        .where(GroupType.server_id == server_id)
        .order_by(GroupType.name_key)
    )
    wanted = naming.key(typed)
    return [(name[:100], str(id_)) for name, id_ in rows if wanted in naming.key(name)][:25]


async def list_(session: AsyncSession, server_id: int) -> list[Listed]:
    """Return the server's types by name."""
    counts = {
        type_id: (groups, homes)
        for type_id, groups, homes in await session.execute(
            select(Group.type_id, func.count(), func.sum(Group.homes))
            .where(Group.server_id == server_id)
            .group_by(Group.type_id)
        )
    }
    rows = await session.scalars(
        select(GroupType).where(GroupType.server_id == server_id).order_by(GroupType.name_key)
    )
    return [Listed(row.id, rules_of(row), *counts.get(row.id, (0, 0))) for row in rows]


async def add(
    session: AsyncSession, actor: Actor, wanted: TypeRules, *, now: datetime
) -> GroupType:
    """Add a type; for owners."""
    await rights.require_owner(session, actor)
    checked = rules.checked(wanted, safety_roles=await safety_roles(session, actor.server_id))
    row = GroupType(
        server_id=actor.server_id, name_key=naming.key(checked.name), **_columns(checked)
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise UserError("types.name_taken", type=naming.safe(checked.name)) from None
    await _noted(session, actor, row, "type-add", {}, {"name": row.name}, now)
    return row


async def edit(
    session: AsyncSession,
    actor: Actor,
    type_id: int,
    changes: dict[str, Any],
    *,
    now: datetime,
) -> GroupType:
    """Change a type, and with it every group of it; for owners.

    A lower cap takes nobody's home: a group that stands above it is closed to joins until it has
    split. How rooms are opened (`access`) is decided when the type has no groups yet.
    """
    await rights.require_owner(session, actor)
    row = await session.get(GroupType, type_id)
    if row is None or row.server_id != actor.server_id:
        raise UserError("types.not_found")
    before = rules_of(row)
    after = rules.checked(
        rules.changed(before, changes), safety_roles=await safety_roles(session, actor.server_id)
    )
    if after == before:
        raise UserError("types.nothing_changed")
    of_type = select(Group.id).where(Group.type_id == row.id).limit(1)
    if after.access != before.access and await session.scalar(of_type):
        raise UserError("types.access_is_fixed", type=naming.safe(row.name))
    taken = await session.scalar(
        select(GroupType.id).where(
            GroupType.server_id == actor.server_id,
            GroupType.name_key == naming.key(after.name),
            GroupType.id != row.id,
        )
    )
    if taken:
        raise UserError("types.name_taken", type=naming.safe(after.name))
    for name, value in _columns(after).items():
        setattr(row, name, value)
    row.name_key = naming.key(after.name)
    await session.flush()
    if after.cap != before.cap:
        await session.execute(update(Group).where(Group.type_id == row.id).values(cap=after.cap))
    await _noted(session, actor, row, "type-edit", *log.changed(asdict(before), asdict(after)), now)
    note_after_commit(session, ServerScope(actor.server_id))
    return row


async def safety_roles(session: AsyncSession, server_id: int) -> int:
    """Return how many roles the setup writes into every room."""
    found = await session.scalar(
        select(func.count())
        .select_from(SetupRole)
        .where(SetupRole.server_id == server_id, SetupRole.part == "safety")
    )
    return found or 0


def rules_of(row: GroupType) -> TypeRules:
    """Return what the type decides, as a plain value."""
    return TypeRules(**{name: getattr(row, name) for name in TypeRules.__dataclass_fields__})


async def _noted(  # noqa: PLR0917 - all that the log keeps
    session: AsyncSession,
    actor: Actor,
    row: GroupType,
    action: str,
    before: dict[str, Any],
    after: dict[str, Any],
    now: datetime,
) -> None:
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action=action,
        now=now,
        before={"type_id": row.id, **before},
        after={"type_id": row.id, "type": row.name, **after},
    )


def _columns(wanted: TypeRules) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in TypeRules.__dataclass_fields__}
