"""The one change a month that is suggested for a ritual of a group, and what it would become."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import reconsidering
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.message import Button, Line
from bot.rules.naming import key, safe
from bot.rules.reconsidering import Change, Facts
from bot.rules.ritual_cards import Hosted
from bot.rules.ritual_effects import SHOWN_MOST, Suggested
from bot.rules.ritual_forms import PROMPTS_MOST, RITUALS_MOST, Filled
from bot.rules.ritual_kinds import KINDS, OWN
from bot.rules.ritual_times import written
from bot.services import hosting, rights
from bot.services.rituals import schedule_of
from bot.settings import Settings
from bot.texts.prompts import of_kind
from models import (
    Group,
    Occurrence,
    Ritual,
    RitualChange,
    RitualPart,
    RitualPrompt,
    Server,
    TalkHour,
)

HOURS = timedelta(weeks=8)  # of talk, for what is said about hours
AGAIN = timedelta(days=182)  # before the same change of the same ritual is suggested again
STANDS = timedelta(days=28)  # a suggestion that nobody looks at


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return the way to a suggestion that stands, on the desk's page of what a group does."""
    del actor, settings
    row = await session.execute(
        select(Ritual.id, Ritual.title)
        .join(RitualChange, RitualChange.ritual_id == Ritual.id)
        .where(
            RitualChange.group_id == group.id,
            RitualChange.closed_at.is_(None),
            RitualChange.at > now - STANDS,
        )
        .limit(1)
    )
    found = row.one_or_none()
    if found is None or group.archived_at is not None:
        return ()
    ritual_id, title = found
    line = Line("doing.desk_suggests", {"title": safe(title)})
    button = Button("doing.desk_look", f"ritual-does:{ritual_id}", params={"title": title})
    return (Part("together", (line,), (button,)),)


async def suggest_due(session: AsyncSession, server_id: int, now: datetime) -> int:
    """Suggest one change in each group that was left in peace for a month. Daily.

    Of a group's rituals the one that needs it most; none of one that was changed or looked at
    within the month. Return how many groups that was.
    """
    server = await session.get(Server, server_id)
    if server is None or server.paused_at is not None or server.removed_at is not None:
        return 0
    lately = select(RitualChange.group_id).where(
        RitualChange.server_id == server_id, RitualChange.at > now - reconsidering.A_MONTH
    )
    rows = await session.scalars(
        select(Ritual)
        .join(Group, Group.id == Ritual.group_id)
        .where(
            Ritual.server_id == server_id,
            Ritual.state == "running",
            Group.state == "open",
            Group.locked_at.is_(None),
            Ritual.group_id.not_in(lately),
        )
        .order_by(Ritual.group_id, Ritual.id)
    )
    by_group: defaultdict[int, list[Ritual]] = defaultdict(list)
    for ritual in rows:
        left_alone = ritual.reconsidered_at
        if left_alone is None or left_alone <= now - reconsidering.A_MONTH:
            by_group[ritual.group_id].append(ritual)
    made = 0
    for group_id, rituals in by_group.items():
        found: list[tuple[bool, int, Ritual, Change]] = []
        for ritual in rituals:
            facts = await _facts(session, ritual, now)
            change = reconsidering.change(facts)
            if change is not None:
                fades = reconsidering.why(facts.people) is not None
                found.append((not fades, ritual.id, ritual, change))
        if found:
            _, _, ritual, change = min(found, key=lambda one: one[:2])
            session.add(
                RitualChange(
                    server_id=server_id,
                    group_id=group_id,
                    ritual_id=ritual.id,
                    what=change.what,
                    to=_to(change),
                    at=now,
                )
            )
            made += 1
    await session.flush()
    return made


async def form(
    session: AsyncSession, actor: Actor, change_id: int, now: datetime
) -> tuple[str, dict[str, str]]:
    """Return what is suggested, and the ritual's form filled as it would be."""
    row, ritual = await _standing(session, actor, change_id, now)
    one = await hosting.one(session, actor, ritual.id, now)
    filled = {
        "title": one.title,
        "when": one.when,
        "prompts": "\n".join(one.prompts),
        "pings": one.pings,
    }
    server = await session.get_one(Server, ritual.server_id)
    group = await session.get_one(Group, ritual.group_id)
    language = group.language or server.language
    own_zone = ritual.zone != server.zone
    schedule = schedule_of(ritual)
    if row.what == "hour":
        moved = replace(schedule, hour=int(row.to), minute=0)
        filled["when"] = written(moved, own_zone=own_zone)
    elif row.what in {"fewer", "more"}:
        moved = replace(schedule, cadence=cast("Any", row.to), nth=1)
        filled["when"] = written(moved, own_zone=own_zone)
    elif row.what == "prompts":
        filled["prompts"] = "\n".join(_fresh(ritual.kind, one.prompts, language))
    elif row.what == "kind":
        other = of_kind(row.to, language)
        filled |= {"title": other.title, "prompts": "\n".join(other.prompts[:PROMPTS_MOST])}
    return row.what, filled


async def take(
    session: AsyncSession, actor: Actor, change_id: int, filled: Filled, now: datetime
) -> Hosted:
    """Change a ritual as the form says, and so that it is what was suggested."""
    row, ritual = await _standing(session, actor, change_id, now)
    if row.what == "thread":
        ritual.thread = True
    elif row.what == "kind":
        ritual.kind, ritual.thread = row.to, KINDS[row.to].thread
    row.closed_at = now
    await session.flush()
    return await hosting.edit(session, actor, ritual.id, filled, now)


async def put_away(session: AsyncSession, actor: Actor, change_id: int, now: datetime) -> int:
    """Let a suggestion be; return the ritual it was about."""
    row, ritual = await _standing(session, actor, change_id, now)
    row.closed_at = now
    await session.flush()
    return ritual.id


async def suggested(session: AsyncSession, ritual: Ritual, now: datetime) -> Suggested | None:
    """Return the suggestion that stands for a ritual."""
    row = await session.scalar(
        select(RitualChange)
        .where(
            RitualChange.ritual_id == ritual.id,
            RitualChange.closed_at.is_(None),
            RitualChange.at > now - STANDS,
        )
        .order_by(RitualChange.at.desc())
        .limit(1)
    )
    if row is None or ritual.state != "running":
        return None
    to = row.to
    if row.what == "hour":
        to = f"{int(row.to):02}:00"
    elif row.what == "kind":
        server = await session.get_one(Server, ritual.server_id)
        to = safe(of_kind(row.to, server.language).title)
    return Suggested(row.id, row.what, to)


async def held(
    session: AsyncSession, ritual_id: int, *, until: datetime | None = None
) -> list[tuple[Occurrence, int | None]]:
    """Return the last occurrences that were posted, oldest first, and how many took part."""
    wanted = (
        select(Occurrence)
        .where(Occurrence.ritual_id == ritual_id, Occurrence.state == "posted")
        .order_by(Occurrence.due_at.desc(), Occurrence.id.desc())
        .limit(SHOWN_MOST)
    )
    if until is not None:
        wanted = wanted.where(Occurrence.due_at <= until)
    rows = (await session.scalars(wanted)).all()
    parts = await session.execute(
        select(RitualPart.occurrence_id, func.count())
        .where(RitualPart.occurrence_id.in_([row.id for row in rows]))
        .group_by(RitualPart.occurrence_id)
    )
    counted = {occurrence: count for occurrence, count in parts}  # noqa: C416 - a row is not a pair to the type checker
    found: list[tuple[Occurrence, int | None]] = []
    for row in reversed(rows):
        people = row.people
        if people is None:  # not summed up: under way, or from before that was done
            people = counted.get(row.id, None if row.answers else 0)
        found.append((row, people))
    return found


async def mine(session: AsyncSession, actor: Actor, ritual_id: int) -> Ritual:
    """Return a ritual to who looks after its group; NotAllowed for others."""
    ritual = await session.get(Ritual, ritual_id)
    if ritual is None or ritual.server_id != actor.server_id:
        raise NotAllowed("rituals.gone")
    await rights.require_facilitator(session, actor, ritual.group_id)
    return ritual


async def _standing(
    session: AsyncSession, actor: Actor, change_id: int, now: datetime
) -> tuple[RitualChange, Ritual]:
    row = await session.get(RitualChange, change_id)
    if row is None or row.server_id != actor.server_id:
        raise NotAllowed("rituals.gone")
    ritual = await mine(session, actor, row.ritual_id)
    if row.closed_at is not None or row.at <= now - STANDS:
        raise UserError("doing.over")
    return row, ritual


def _to(change: Change) -> str:
    if change.hour is not None:
        return str(change.hour)
    return change.cadence or change.kind or ""


def _fresh(kind: str, there: Sequence[str], language: str) -> list[str]:
    """Return prompts of a kind that a ritual does not have; of a ritual of their own, questions."""
    known = {key(prompt) for prompt in there}
    for one in dict.fromkeys((kind if kind != OWN else "question", "question", "check_in")):
        found = [prompt for prompt in of_kind(one, language).prompts if key(prompt) not in known]
        if found:
            return found[:PROMPTS_MOST]
    return list(there)


async def _facts(session: AsyncSession, ritual: Ritual, now: datetime) -> Facts:
    there = await held(session, ritual.id, until=now - reconsidering.ANSWERED_WITHIN)
    used = await session.scalars(
        select(RitualPrompt.used).where(RitualPrompt.ritual_id == ritual.id)
    )
    before = await session.scalars(
        select(RitualChange.what).where(
            RitualChange.ritual_id == ritual.id, RitualChange.at > now - AGAIN
        )
    )
    others = await session.scalar(select(func.count()).where(Ritual.group_id == ritual.group_id))
    tried = set(before)
    kinds = set(
        await session.scalars(select(Ritual.kind).where(Ritual.group_id == ritual.group_id))
    )
    if reconsidering.NEXT_KIND[ritual.kind] in kinds or (others or 0) > RITUALS_MOST:
        tried.add("kind")  # the group has one of it
    return Facts(
        schedule=schedule_of(ritual),
        kind=ritual.kind,
        thread=ritual.thread,
        people=tuple(people for _, people in there if people is not None),
        prompts=tuple(used),
        hours=await _hours(session, ritual, now),
        before=tried,
    )


async def _hours(session: AsyncSession, ritual: Ritual, now: datetime) -> Counter[int]:
    """Return a group's turns of talk by the hour on the ritual's clock as it shows now."""
    since = (now - HOURS).date()
    rows = await session.execute(
        select(TalkHour.hour, func.sum(TalkHour.turns))
        .where(TalkHour.group_id == ritual.group_id, TalkHour.week >= since.isoformat())
        .group_by(TalkHour.hour)
    )
    offset = now.astimezone(ZoneInfo(ritual.zone)).utcoffset() or timedelta()
    shift = round(offset.total_seconds() / 3600)
    found: Counter[int] = Counter()
    for hour, turns in rows:
        found[(hour + shift) % 24] += int(turns)
    return found
