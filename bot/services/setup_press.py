"""The press that ends the guided setup: the sum before it, the settings, and the work after it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import setup_answers, setup_sums
from bot.rules import types as type_rules
from bot.rules.actor import Actor
from bot.rules.setup_answers import PARTS, Answers
from bot.rules.setup_cards import Seen
from bot.rules.setup_group_cards import Plan
from bot.rules.setup_sums import Sum
from bot.rules.types import STARTING, TypeRules
from bot.services import rights, servers, setup_plans, types, undertakings
from bot.services.undertakings import Step
from models import Group, SetupDraft, SetupGroup


async def the_sum(
    session: AsyncSession, server_id: int, answers: Answers, planned: Sequence[Plan], seen: Seen
) -> Sum:
    """Return what the press would make, and how far it carries."""
    stands = await types.first_of_kinds(session, server_id)
    kinds = [stands.get(plan.kind) or _template(plan.kind, paced=answers.paced) for plan in planned]
    there = select(func.count()).where(Group.server_id == server_id)
    return setup_sums.reckon(
        seen.use, kinds, to_make=len(answers.to_make), groups=await session.scalar(there) or 0
    )


async def press(session: AsyncSession, actor: Actor, seen: Seen, *, now: datetime) -> int:
    """Set the server up as was chosen, and begin what takes longer; return the undertaking.

    UserError while an earlier press is still carried out.
    """
    await rights.require_owner(session, actor)
    row = await session.get(SetupDraft, actor.server_id)
    if row is None:
        raise UserError("errors.expired")
    if await undertakings.under_way(session, actor.server_id, "setup") is not None:
        raise UserError("setup.under_way")
    answers = Answers.from_plain(json.loads(row.answers)).without_gone(seen.channels)
    if answers.rooms.get(PARTS[0]) is None:
        raise UserError("hearth.commons_needed")
    there = {role.id for role in seen.roles}
    safety = tuple(role for role in answers.safety if role in there)
    restricted = tuple(role for role in answers.restricted if role in there)
    days, joins = setup_answers.brake_figures(answers)
    _check_overwrites(answers.kinds, len(safety))
    await servers.set_up(
        session,
        actor,
        now=now,
        ids={part: answers.room(part) for part in PARTS},
        zone=answers.zone,
        language=answers.language,
        safety=safety,
        restricted=restricted,
        wishes={
            "needs_facilitator": answers.needs_facilitator,
            "shows_cities": answers.shows_cities,
            "brake_account_days": days,
            "brake_joins_per_hour": joins,
        },
        whole=True,
    )
    stands = await types.first_of_kinds(session, actor.server_id)
    paced = any(rules.newcomers_per_week for rules in stands.values())
    turned = bool(stands) and paced != answers.paced
    rows = await setup_plans.rows(session, actor.server_id)
    steps = _work(
        replace(answers, safety=safety), rows, seen, owner_id=actor.user_id, turned=turned
    )
    begun_id = await undertakings.begin(
        session,
        server_id=actor.server_id,
        kind="setup",
        by_user_id=actor.user_id,
        steps=steps,
        now=now,
    )
    await session.execute(delete(SetupGroup).where(SetupGroup.server_id == actor.server_id))
    await session.delete(row)
    await session.flush()
    return begun_id


def _work(
    answers: Answers, planned: Sequence[SetupGroup], seen: Seen, *, owner_id: int, turned: bool
) -> list[Step]:
    """Return the steps that carry a setup out, in their order.

    `turned`: types that are there already shall keep a pace now, or none any more.
    """
    steps = [
        Step(
            "setup-room",
            {
                "part": part,
                "language": answers.language,
                "opens_to": setup_answers.opens_to(part, seen.roles, answers.safety),
            },
        )
        for part in answers.to_make
    ]
    wanted = {*answers.kinds, *(row.kind for row in planned)}
    kinds = [kind for kind in setup_answers.KINDS if kind in wanted]
    steps.append(
        Step(
            "setup-types",
            {
                "kinds": kinds,
                "language": answers.language,
                "paced": answers.paced,
                "turned": turned,
            },
        )
    )
    for row in planned:
        fields = json.loads(row.fields)
        number = len(steps)
        steps.append(Step("setup-group", {"kind": row.kind, "fields": fields}))
        if row.facilitator_id is not None:
            about = {
                "of": number,
                "name": setup_plans.read(fields).name,
                "mine": row.facilitator_id == owner_id,
            }
            steps.append(Step("setup-care", about, row.facilitator_id))
    return [*steps, Step("setup-finish")]


def _template(kind: str, *, paced: bool) -> TypeRules:
    starting = next(one for one in STARTING if one.rules.kind == kind)
    return replace(starting.rules, newcomers_per_week=starting.pace if paced else 0)


def _check_overwrites(kinds: Iterable[str], safety: int) -> None:
    """UserError when a kind that opens rooms person by person would not fit the safety roles."""
    for kind in kinds:
        wanted = _template(kind, paced=False)
        fits = type_rules.most_people(wanted.access, safety)
        people = wanted.cap + wanted.most_visitors
        if fits is not None and people > fits:
            raise UserError("setup.safety_too_many", n=safety, most=safety - (people - fits))
