"""The guided setup: what an owner chose so far, the groups that are planned, and the press.

What was chosen is a row per server, so anybody who owns it can go on with it, after a restart too.
The press writes the settings, and an undertaking does the rest (bot.services.setup_work).
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import setup_answers, setup_sums
from bot.rules import types as type_rules
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line
from bot.rules.setup_answers import PARTS, Answers, Step
from bot.rules.setup_cards import Seen
from bot.rules.setup_group_cards import Plan
from bot.rules.setup_sums import Sum
from bot.rules.types import STARTING, TypeRules
from bot.services import rights, servers, setup_plans, types, undertakings
from bot.services.undertakings import Step as WorkStep
from bot.settings import Settings
from models import Group, GroupType, Server, SetupDraft, SetupGroup

# What options of /hearth setup change of the answers; rooms come by their parts.
FROM_OPTIONS = (
    "safety",
    "restricted",
    "zone",
    "language",
    "needs_facilitator",
    "shows_cities",
    "brake",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """How far the setup is. `stopped_at`: when it was left, None where it begins now."""

    step: Step
    answers: Answers
    stopped_at: datetime | None
    first: bool  # the server is not set up yet
    guessed_zone: bool


async def open_(session: AsyncSession, actor: Actor, seen: Seen, *, now: datetime) -> Draft:
    """Return the setup as it was left, or begin one: filled with what is set up, or suggested."""
    await rights.require_owner(session, actor)
    server = await session.get(Server, actor.server_id)
    first = server is None or server.removed_at is not None
    guess = setup_answers.ZONES.get(seen.locale)
    row = await session.get(SetupDraft, actor.server_id)
    if row is not None:
        answers = Answers.from_plain(json.loads(row.answers))
        guessed = first and guess is not None and answers.zone == guess
        return Draft(_step(row.step), answers, row.at, first, guessed)
    answers = await _standing(session, actor.server_id) if not first else _suggested(seen)
    await _write(session, actor.server_id, answers, "rights", now)
    return Draft("rights", answers, None, first, first and guess is not None)


async def keep(
    session: AsyncSession, actor: Actor, answers: Answers, step: Step, *, now: datetime
) -> None:
    """Keep what was chosen, and the screen that it was chosen on."""
    await rights.require_owner(session, actor)
    for kind in answers.kinds:
        if kind not in setup_answers.KINDS:
            raise UserError("errors.expired")
    await _write(session, actor.server_id, answers, step, now)


async def begun(session: AsyncSession, server_id: int) -> bool:
    """Return whether a setup waits to be gone on with."""
    return await session.get(SetupDraft, server_id) is not None


async def took_options(
    session: AsyncSession, actor: Actor, given: Collection[str], *, now: datetime
) -> None:
    """Take into a half-done setup what was changed by options meanwhile, so that both agree.

    `given` are the names of `Answers`' fields, and of the rooms' parts.
    """
    row = await session.get(SetupDraft, actor.server_id)
    if row is None:
        return
    before = Answers.from_plain(json.loads(row.answers))
    stands = await _standing(session, actor.server_id)
    fields = {name: getattr(stands, name) for name in FROM_OPTIONS if name in given}
    if "brake" in given:
        fields["own_brake"] = stands.own_brake
    answers = replace(before, **fields)
    for part in PARTS:
        if part in given:
            answers = answers.with_room(part, stands.room(part))
    await _write(session, actor.server_id, answers, _step(row.step), now)


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return the way back to a half-done setup, for owners' /home."""
    del now, settings
    if not await rights.is_owner(session, who):
        return None
    if await undertakings.under_way(session, who.server_id, "setup") is not None:
        line, step = Line("setup.home_works"), "rights"
    else:
        row = await session.get(SetupDraft, who.server_id)
        if row is None:
            return None
        line, step = Line("setup.home_waits", {"at": int(row.at.timestamp())}), _step(row.step)
    return Note((line,), (Button("setup.home_go_on", f"setup-go:{step}"),))


async def is_set_up(session: AsyncSession, server_id: int) -> bool:
    """Return whether a server was set up, by the guided setup or by options."""
    server = await session.get(Server, server_id)
    return server is not None and server.removed_at is None


async def shows_cities(session: AsyncSession, server_id: int) -> bool:
    """Return whether, by what was chosen so far, cities will stand in the directory."""
    row = await session.get(SetupDraft, server_id)
    return row is not None and Answers.from_plain(json.loads(row.answers)).shows_cities


# --- the press ------------------------------------------------------------------------------------


async def the_sum(
    session: AsyncSession, server_id: int, answers: Answers, planned: Sequence[Plan], seen: Seen
) -> Sum:
    """Return what the press would make, and how far it carries."""
    stands = await _types(session, server_id)
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
    answers = Answers.from_plain(json.loads(row.answers))
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
    rows = await setup_plans.rows(session, actor.server_id)
    steps = _work(replace(answers, safety=safety), rows, seen, owner_id=actor.user_id)
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
    answers: Answers, planned: Sequence[SetupGroup], seen: Seen, *, owner_id: int
) -> list[WorkStep]:
    """Return the steps that carry a setup out, in their order."""
    steps = [
        WorkStep(
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
        WorkStep(
            "setup-types", {"kinds": kinds, "language": answers.language, "paced": answers.paced}
        )
    )
    for row in planned:
        fields = json.loads(row.fields)
        number = len(steps)
        steps.append(WorkStep("setup-group", {"kind": row.kind, "fields": fields}))
        if row.facilitator_id is not None:
            about = {
                "of": number,
                "name": setup_plans.read(fields).name,
                "mine": row.facilitator_id == owner_id,
            }
            steps.append(WorkStep("setup-care", about, row.facilitator_id))
    return [*steps, WorkStep("setup-finish")]


# --- reading and writing --------------------------------------------------------------------------


def _suggested(seen: Seen) -> Answers:
    """Return what a new server's owner finds filled in."""
    talk = [(room, name) for room, name in seen.talk if room in seen.writable]
    commons = setup_answers.suggested_commons(talk, seen.system_room)
    return Answers(
        safety=setup_answers.suggested_safety(seen.roles),
        restricted=setup_answers.suggested_restricted(seen.roles),
        rooms={PARTS[0]: commons},
        zone=setup_answers.ZONES.get(seen.locale, "UTC"),
    )


async def _standing(session: AsyncSession, server_id: int) -> Answers:
    """Return what is set up already, as answers."""
    setup = await servers.setup_of(session, server_id)
    stands = await _types(session, server_id)
    figures = (setup.brake_account_days, setup.brake_joins_per_hour)
    return Answers(
        safety=setup.safety,
        restricted=setup.restricted,
        rooms={part: getattr(setup, part) for part in PARTS},
        zone=setup.zone,
        language=setup.language,
        kinds=tuple(kind for kind in setup_answers.KINDS if kind in stands) or ("interest",),
        needs_facilitator=setup.needs_facilitator,
        paced=any(rules.newcomers_per_week for rules in stands.values()) or not stands,
        brake=setup_answers.brake_of(*figures),
        shows_cities=setup.shows_cities,
        own_brake=figures,
    )


async def _types(session: AsyncSession, server_id: int) -> dict[str, TypeRules]:
    """Return the first type of each kind that the server has."""
    rows = await session.scalars(
        select(GroupType).where(GroupType.server_id == server_id).order_by(GroupType.id.desc())
    )
    return {row.kind: types.rules_of(row) for row in rows}


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


async def _write(
    session: AsyncSession, server_id: int, answers: Answers, step: Step, now: datetime
) -> None:
    row = await session.get(SetupDraft, server_id)
    if row is None:
        row = SetupDraft(server_id=server_id, step=step, at=now)
        session.add(row)
    row.step, row.at = step, now
    row.answers = json.dumps(answers.to_plain(), ensure_ascii=False)
    await session.flush()


def _step(text: str) -> Step:
    for step in setup_answers.STEPS:
        if step == text:
            return step
    return "rights"
