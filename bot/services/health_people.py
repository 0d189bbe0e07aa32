"""Figures of who is around: in their home, in other groups, at rituals; and by how many voices.

Read are days with signs of life, in pieces, so that the loop goes on; made of them are shares of
whole groups, and for pairs of groups numbers of five people and more.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import health_activity, health_talk
from bot.rules.health import FEWEST, MEASURES, SERVER, Closing, Reckoned, said, silent
from bot.rules.health_activity import Between
from bot.rules.health_pooling import in_the_whole, pooled
from bot.services.health_windows import (
    AT_ONCE,
    Resident,
    by_home,
    days,
    heard,
    residents,
    seed,
    with_silences,
)
from models import ActiveDay, Base, Lent, Occurrence, RitualPart

if TYPE_CHECKING:
    from bot.rules.health_statistics import Estimate

ACTIVE, WINDOW = MEASURES["active"].weeks, MEASURES["voices"].weeks
RITUALS = MEASURES["rituals"].weeks


@dataclass(slots=True)
class Seen:
    """What the days of a window tell, in sets of people."""

    # group -> messages of each who wrote there
    messages: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list[int]))
    # group -> who was around there lately, whoever lives there
    around: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set[int]))
    # (person, home, other group)
    stays: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])


async def source(session: AsyncSession, closing: Closing) -> list[Reckoned | Base]:
    """Return who is around, where else they are, and how many voices a group has."""
    people = await residents(session, closing)
    homes = {group.group_id: set[int]() for group in closing.groups} | by_home(people)
    seen = await _seen(session, closing, people)
    between = health_activity.between(seen.stays)
    found = await asyncio.to_thread(_shares, homes, seen, between)
    found += await asyncio.to_thread(_voices, closing, seen)
    if len(await heard(session, closing, ACTIVE)) < ACTIVE:
        found = [
            Reckoned(one.group_id, silent("active", one.figure.people, "blind"))
            if one.figure.measure == "active"
            else one
            for one in found
        ]
    pairs: list[Base] = [
        Lent(
            server_id=closing.server_id,
            week=closing.week.key,
            from_group_id=home,
            to_group_id=other,
            people=count,
        )
        for (home, other), count in sorted(between.lent.items())
    ]
    return [*with_silences(closing, found), *pairs]


async def rituals(session: AsyncSession, closing: Closing) -> list[Reckoned | Base]:
    """Return how many of those who live in a group took part in its rituals."""
    first = closing.week.later(1 - RITUALS).begins
    window = (Occurrence.due_at >= first, Occurrence.due_at < closing.week.ends)
    groups = [group.group_id for group in closing.groups]
    rows: Any = await session.execute(
        select(Occurrence.group_id, func.count())
        .where(Occurrence.group_id.in_(groups), Occurrence.state == "posted", *window)
        .group_by(Occurrence.group_id)
    )
    held: dict[int, int] = {group_id: count for group_id, count in rows}  # noqa: C416 - rows are not pairs to the checker
    parts: defaultdict[int, set[int]] = defaultdict(set)
    rows = await session.execute(
        select(Occurrence.group_id, RitualPart.user_id)
        .join(RitualPart, RitualPart.occurrence_id == Occurrence.id)
        .where(RitualPart.server_id == closing.server_id, *window)
        .distinct()
    )
    for group_id, user_id in rows:
        parts[group_id].add(user_id)
    homes = by_home(await residents(session, closing))
    found = await asyncio.to_thread(_at_rituals, groups, homes, parts, held)
    return [*with_silences(closing, found)]


def _at_rituals(
    groups: Sequence[int],
    homes: Mapping[int, set[int]],
    parts: Mapping[int, set[int]],
    held: Mapping[int, int],
) -> list[Reckoned]:
    """Return the share who took part, of each group, and of all that held rituals."""
    nobody = set[int]()
    found = [
        Reckoned(
            group_id,
            health_activity.rituals(
                homes.get(group_id, nobody), parts.get(group_id, nobody), held.get(group_id, 0)
            ),
        )
        for group_id in groups
    ]
    whole = in_the_whole({group_id: len(homes.get(group_id, nobody)) for group_id in held})
    asked = {who for group_id in whole for who in homes.get(group_id, nobody)}
    came = {
        who
        for group_id in whole
        for who in homes.get(group_id, nobody) & parts.get(group_id, nobody)
    }
    found.append(Reckoned(SERVER, health_activity.rituals(asked, came, sum(held.values()))))
    return found


async def _seen(session: AsyncSession, closing: Closing, people: dict[int, Resident]) -> Seen:
    """Read the days of four weeks, each person's in each group as one row."""
    since, until = days(closing.week, WINDOW)
    lately, _ = days(closing.week, ACTIVE)
    open_then = {group.group_id for group in closing.groups}
    rows = await session.stream(
        select(
            ActiveDay.group_id,
            ActiveDay.user_id,
            func.max(ActiveDay.day),
            func.sum(ActiveDay.messages),
        )
        .where(
            ActiveDay.server_id == closing.server_id,
            ActiveDay.day >= since,
            ActiveDay.day < until,
        )
        .group_by(ActiveDay.group_id, ActiveDay.user_id)
        .execution_options(yield_per=AT_ONCE)
    )
    seen = Seen()
    async for some in rows.partitions():
        for group_id, user_id, last, messages in some:
            if group_id not in open_then:
                continue  # the commons, or a group that was closed since
            if messages:
                seen.messages[group_id].append(messages)
            if last >= lately:
                seen.around[group_id].add(user_id)
            resident = people.get(user_id)
            if resident is not None and resident.home != group_id and last >= resident.from_day:
                seen.stays.append((user_id, resident.home, group_id))
    return seen


def _shares(homes: dict[int, set[int]], seen: Seen, between: Between) -> list[Reckoned]:
    """Return what is shares of people, for every group and the server."""
    found: list[Reckoned] = []
    for group_id, people in homes.items():
        around, abroad = seen.around[group_id], between.abroad.get(group_id, frozenset())
        found.append(Reckoned(group_id, health_activity.active(people, around)))
        found.append(Reckoned(group_id, health_activity.elsewhere(people, abroad)))
        found += health_activity.lending(group_id, len(people), between)
    numbers = {group_id: len(people) for group_id, people in homes.items()}
    whole = in_the_whole(numbers)
    everybody = frozenset[int]().union(*(homes[group_id] for group_id in whole))
    anywhere = frozenset[int]().union(*seen.around.values())
    travellers = frozenset[int]().union(*between.abroad.values())
    found.append(Reckoned(SERVER, health_activity.active(everybody, anywhere)))
    found.append(Reckoned(SERVER, health_activity.elsewhere(everybody, travellers)))
    found.append(Reckoned(SERVER, health_activity.islands(numbers, between)))
    return found


def _voices(closing: Closing, seen: Seen) -> list[Reckoned]:
    """Return how many voices each group sounds like, and the mean of all by who wrote there."""
    found: list[Reckoned] = []
    parts: list[tuple[Estimate, float]] = []
    for group in closing.groups:
        messages = sorted(seen.messages[group.group_id])
        writers = len(messages)
        if writers < FEWEST:
            why = "few" if writers else "nothing"
            found.append(Reckoned(group.group_id, silent("voices", writers, why)))
            continue
        estimate = health_talk.voices(messages, seed(closing, group.group_id, "voices"))
        parts.append((estimate, writers))
        found.append(Reckoned(group.group_id, said("voices", writers, estimate)))
    whole = pooled(parts)
    writers = int(sum(weight for _, weight in parts))
    figure = silent("voices", 0, "nothing") if whole is None else said("voices", writers, whole)
    return [*found, Reckoned(SERVER, figure)]
