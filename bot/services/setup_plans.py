"""The groups that an owner plans in the guided setup, before any of them is made."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import charter, setup_answers
from bot.rules.actor import Actor
from bot.rules.naming import key
from bot.rules.setup_answers import MOST_GROUPS
from bot.rules.setup_group_cards import Plan, split_sign
from bot.services import groups, rights
from models import Server, SetupDraft, SetupGroup


async def rows(session: AsyncSession, server_id: int) -> Sequence[SetupGroup]:
    """Return the planned groups' rows, the first first."""
    found = await session.scalars(
        select(SetupGroup).where(SetupGroup.server_id == server_id).order_by(SetupGroup.id)
    )
    return found.all()


async def plans(session: AsyncSession, server_id: int) -> list[Plan]:
    """Return the groups that are planned, the first first."""
    return [_plan(row) for row in await rows(session, server_id)]


async def plan_of(session: AsyncSession, actor: Actor, plan_id: int) -> Plan:
    """Return one planned group; UserError when it is gone."""
    return _plan(await _planned(session, actor, plan_id))


async def typed(session: AsyncSession, actor: Actor, plan_id: int, kind: str) -> dict[str, str]:
    """Return what a charter's form opens with: what was refused last, else what is planned."""
    await rights.require_owner(session, actor)
    draft = await session.get(SetupDraft, actor.server_id)
    kept: dict[str, str] = {}
    if draft is not None:
        kept = json.loads(draft.refused).get(str(plan_id or kind), {})
    if kept or not plan_id:
        return kept
    row = await _planned(session, actor, plan_id)
    return json.loads(row.fields)


async def write_plan(
    session: AsyncSession,
    actor: Actor,
    plan_id: int,
    kind: str,
    fields: Mapping[str, str],
) -> Plan:
    """Plan a group (`plan_id` 0), or change one; UserError says what to mend in its charter.

    A name may begin with the group's emoji.
    """
    await rights.require_owner(session, actor)
    if await session.get(SetupDraft, actor.server_id) is None:
        raise UserError("errors.expired")
    row = await _planned(session, actor, plan_id) if plan_id else None
    filled: dict[str, str] = {} if row is None else json.loads(row.fields)
    filled = {**filled, **fields}
    sign, name = split_sign(filled.get("name", ""))
    filled["name"] = name
    if sign:
        filled["emoji"] = sign
    wanted = charter.whole(read(filled))
    others = [other for other in await plans(session, actor.server_id) if other.id != plan_id]
    if any(key(other.charter.name) == key(wanted.name) for other in others):
        raise UserError("groups.name_taken", group=wanted.name)
    if await session.get(Server, actor.server_id) is not None:
        await groups.free_name(session, actor.server_id, wanted.name, None)
    if row is None:
        if len(others) >= MOST_GROUPS:
            raise UserError("setup.groups_most", n=MOST_GROUPS)
        if kind not in setup_answers.KINDS:
            raise UserError("errors.expired")
        row = SetupGroup(server_id=actor.server_id, kind=kind, fields="{}")
        session.add(row)
    row.fields = json.dumps(filled, ensure_ascii=False)
    await session.flush()
    await _refused(session, actor.server_id, plan_id, kind, None)
    return _plan(row)


async def keep_refused(
    session: AsyncSession, actor: Actor, plan_id: int, kind: str, fields: Mapping[str, str]
) -> None:
    """Keep a charter that was refused, so that its form opens with it."""
    await rights.require_owner(session, actor)
    await _refused(session, actor.server_id, plan_id, kind, fields)


async def give_care(session: AsyncSession, actor: Actor, plan_id: int, user_id: int | None) -> Plan:
    """Say who shall look after a planned group; nobody is asked before the press."""
    row = await _planned(session, actor, plan_id)
    row.facilitator_id = user_id
    await session.flush()
    return _plan(row)


async def drop(session: AsyncSession, actor: Actor, plan_id: int) -> None:
    """Take a group off the list."""
    await session.delete(await _planned(session, actor, plan_id))
    await session.flush()


async def _planned(session: AsyncSession, actor: Actor, plan_id: int) -> SetupGroup:
    await rights.require_owner(session, actor)
    row = await session.get(SetupGroup, plan_id)
    if row is None or row.server_id != actor.server_id:
        raise UserError("setup.plan_gone")
    return row


def _plan(row: SetupGroup) -> Plan:
    found = read(json.loads(row.fields))
    lacks = charter.lacks(
        purpose=found.purpose, for_whom=found.for_whom, unites=found.unites, norms=found.norms
    )
    return Plan(row.id, row.kind, found, whole=not lacks, facilitator_id=row.facilitator_id)


def read(fields: Mapping[str, str]) -> charter.Charter:
    """Return the charter that was typed for a planned group."""
    return charter.read({"name": "", "purpose": "", **fields})


async def _refused(
    session: AsyncSession,
    server_id: int,
    plan_id: int,
    kind: str,
    fields: Mapping[str, str] | None,
) -> None:
    """Keep what was refused of a planned group or a new one of a kind; None: nothing any more.

    Drafts proper belong to a server that is set up; this one may not be yet.
    """
    draft = await session.get(SetupDraft, server_id)
    if draft is None:
        return
    kept = json.loads(draft.refused)
    kept.pop(str(plan_id or kind), None)
    if fields is not None:
        kept[str(plan_id or kind)] = dict(fields)
    draft.refused = json.dumps(kept, ensure_ascii=False)
    await session.flush()
