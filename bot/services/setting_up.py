"""The guided setup: what an owner chose so far, the groups that are planned, and the press.

What was chosen is a row per server, so anybody who owns it can go on with it, after a restart too.
The press writes the settings, and an undertaking does the rest (bot.services.setup_work).
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import setup_answers
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line
from bot.rules.setup_answers import PARTS, Answers, Step
from bot.rules.setup_cards import Seen
from bot.services import rights, servers, types, undertakings
from bot.settings import Settings
from models import Server, SetupDraft

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
        answers = Answers.from_plain(json.loads(row.answers)).without_gone(seen.channels)
        guessed = first and guess is not None and answers.zone == guess
        return Draft(_step(row.step), answers, row.at, first, guessed)
    answers = await _standing(session, actor.server_id) if not first else _suggested(seen)
    await _write(session, actor.server_id, answers, "rights", now)
    return Draft("rights", answers, None, first, first and guess is not None)


async def go_on(session: AsyncSession, actor: Actor, seen: Seen, *, now: datetime) -> Draft:
    """Return the half-done setup; UserError where it is over, so that an old screen begins none."""
    await rights.require_owner(session, actor)
    if not await begun(session, actor.server_id):
        raise UserError("setup.over")
    return await open_(session, actor, seen, now=now)


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
    stands = await types.first_of_kinds(session, server_id)
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
