"""How long people stay: the curves that were to be seen when a week was closed.

Everything is read from counts that name nobody (`survival_counts`), and from the homes that are.
Nothing that came after the week is looked at: a later look shows the same, and who is forgotten
changes no curve.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import roll_calls
from bot.rules import survival as rules
from bot.rules.health import MEASURES, SERVER, Closing, Figure, Reckoned, Week, said, silent
from bot.rules.health_pooling import in_the_whole
from bot.rules.health_statistics import Rate
from bot.rules.roll_calls import Rolls
from bot.rules.survival import (
    ENDS,
    FOLLOWED_WEEKS,
    STAY_WEEKS,
    TENURE_WEEKS,
    Compared,
    Curve,
    Parted,
    Spell,
)
from bot.services.survival_counts import CAME_ALONG
from models import Group, HomeEnd, HomeWeek, Membership, RollCall, Server, Split, SplitChild

BESIDE_WEEKS = 8  # looked at before and after a split
LEAST_WEEKS = 4  # of them that were counted, on either side
AT_ONCE = 500  # rows; then others have their turn

Spells = Mapping[int, Sequence[Spell]]


@dataclass(frozen=True, slots=True)
class Homes:
    """How long homes lasted: each group's own, and all the server's by the group they began in.

    A home that went on in another group is over in its group's own, and goes on in the server's.
    """

    own: Spells
    all: Spells

    def whole(self, weeks: int = FOLLOWED_WEEKS) -> list[Spell]:
        """Return those of the server that began in the last so many weeks.

        Without groups where too few did, if the server's less the others' would tell of them.
        """
        lately = {
            group_id: [spell for spell in spells if spell.began_within(weeks)]
            for group_id, spells in self.all.items()
        }
        people = {group_id: sum(one.people for one in some) for group_id, some in lately.items()}
        return [spell for group_id in sorted(in_the_whole(people)) for spell in lately[group_id]]


@dataclass(frozen=True, slots=True)
class Curves:
    """How long people stay in a server, as it was to be seen at the end of `week`.

    `by_month`: by the month in which they joined the server, as in "2026-03", the oldest first.
    """

    week: Week
    joined: Curve
    by_month: tuple[tuple[str, Curve], ...]
    compared: Compared
    homes: Curve
    parted: Parted


async def curves(
    session: AsyncSession, server_id: int, *, week: Week | None = None
) -> Curves | None:
    """Return the curves of the last closed week, or of an earlier one; None before the first."""
    server = await session.get_one(Server, server_id)
    if week is None:
        if server.health_week is None:
            return None
        week = Week.keyed(server.health_week)
    rolls = await _rolls(session, server_id, week)
    homes = await homes_of(session, server_id, week, apart=False)
    parted = await _beside_splits(session, server_id, week)
    return await asyncio.to_thread(_drawn, week, rolls, homes, parted)


def _drawn(week: Week, rolls: Mapping[Week, Rolls], homes: Homes, parted: Parted) -> Curves:
    joined = {cohort: roll_calls.since_joining(cohort, called) for cohort, called in rolls.items()}
    arms = [roll_calls.since_landmark(cohort, called) for cohort, called in rolls.items()]
    return Curves(
        week,
        rules.curve(spell for spells in joined.values() for spell in spells),
        roll_calls.by_month(joined),
        rules.compare(
            (spell for homed, _ in arms for spell in homed),
            (spell for _, unhomed in arms for spell in unhomed),
        ),
        rules.curve(homes.whole()),
        parted,
    )


async def of_group(
    session: AsyncSession, group_id: int, *, week: Week | None = None
) -> Curve | None:
    """Return how long homes last that began in a group; None before the first closed week."""
    group = await session.get_one(Group, group_id)
    server = await session.get_one(Server, group.server_id)
    if week is None:
        if server.health_week is None:
            return None
        week = Week.keyed(server.health_week)
    homes = await homes_of(session, group.server_id, week)
    return await asyncio.to_thread(rules.curve, homes.own.get(group_id, ()))


async def source(session: AsyncSession, closing: Closing) -> list[Reckoned]:
    """Return how many homes last, and how long, of each group and of the server."""
    homes = await homes_of(session, closing.server_id, closing.week)
    scopes = [SERVER, *(group.group_id for group in closing.groups)]
    return await asyncio.to_thread(_reckoned, homes, scopes)


def _reckoned(homes: Homes, scopes: Sequence[int]) -> list[Reckoned]:
    found: list[Reckoned] = []
    for whose in scopes:
        spells = homes.own.get(whose, ())
        stay, tenure = (
            homes.whole(MEASURES[key].weeks)
            if whose == SERVER
            else [spell for spell in spells if spell.began_within(MEASURES[key].weeks)]
            for key in ("stay", "tenure")
        )
        found.append(Reckoned(whose, _stay(stay)))
        found.append(Reckoned(whose, _tenure(tenure)))
    return found


def _stay(lately: Sequence[Spell]) -> Figure:
    curve = rules.curve(lately)
    point = curve.at(STAY_WEEKS)
    if point is None:
        return silent("stay", curve.people, curve.silent or "young")
    return said("stay", curve.people, point.estimate)


def _tenure(lately: Sequence[Spell]) -> Figure:
    curve = rules.curve(lately)
    area = curve.area(TENURE_WEEKS)
    if area is None:
        return silent("tenure", curve.people, curve.silent or "young")
    return said("tenure", curve.people, area)


async def homes_of(
    session: AsyncSession, server_id: int, week: Week, *, apart: bool = True
) -> Homes:
    """Return how long the homes lasted that began within a year.

    Without `apart` of the server alone.
    """
    first = week.later(1 - FOLLOWED_WEEKS)
    own: defaultdict[int, _Counted] = defaultdict(Counter)
    every: defaultdict[int, _Counted] = defaultdict(Counter)
    ended = await session.stream(
        select(HomeEnd.group_id, HomeEnd.began, HomeEnd.weeks, HomeEnd.how, HomeEnd.people)
        .where(
            HomeEnd.server_id == server_id,
            HomeEnd.began >= first.key,
            HomeEnd.began <= week.key,
        )
        .execution_options(yield_per=AT_ONCE)
    )
    numbers = {one.key: number for number, one in enumerate(week.window(FOLLOWED_WEEKS))}
    async for some in ended.partitions():
        for group_id, began, weeks, how, people in some:
            one = (numbers[began], weeks, how in ENDS)
            if apart and group_id != CAME_ALONG:
                own[group_id][one] += people
            if how != "branched":  # that home goes on, and is counted there
                every[group_id][one] += people
        await asyncio.sleep(0)
    lived = await session.stream(
        select(Membership.group_id, Membership.since, Membership.course, Group.archived_at)
        .join(Group, Group.id == Membership.group_id)
        .where(
            Membership.server_id == server_id,
            Membership.course.is_not(None),
            Membership.since >= first.begins,
            Membership.since < week.ends,
        )
        .execution_options(yield_per=AT_ONCE)
    )
    begins, until = first.begins, week.ends
    async for some in lived.partitions():
        for group_id, since, course, archived_at in some:
            # With its group's end a home ends, and nobody left it.
            end = until if archived_at is None else min(until, archived_at)
            one = (rules.whole_weeks(begins, since), rules.whole_weeks(since, end), False)
            every[group_id if course == "begun" else CAME_ALONG][one] += 1
            if apart and course == "begun":
                own[group_id][one] += 1
        await asyncio.sleep(0)
    return await asyncio.to_thread(lambda: Homes(_spells(own, week), _spells(every, week)))


_Counted = Counter[tuple[int, int, bool]]
"""Homes by the number of the week in which they began, how many they lasted, and if they ended."""


def _spells(counted: Mapping[int, _Counted], week: Week) -> Spells:
    weeks = week.window(FOLLOWED_WEEKS)
    return {
        whose: [
            rules.home_spell(weeks[number], lasted, week, ended=is_over, people=people)
            for (number, lasted, is_over), people in homes.items()
        ]
        for whose, homes in counted.items()
    }


async def _rolls(session: AsyncSession, server_id: int, week: Week) -> dict[Week, Rolls]:
    """Return who was there, of those who joined within a year, by the week in which they joined."""
    since = week.later(1 - FOLLOWED_WEEKS)
    rows = await session.scalars(
        select(RollCall).where(
            RollCall.server_id == server_id,
            RollCall.joined >= since.key,
            RollCall.week <= week.key,
        )
    )
    found: defaultdict[Week, defaultdict[Week, dict[str, int]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for row in rows:
        found[Week.keyed(row.joined)][Week.keyed(row.week)][row.arm] = row.people
    return dict(found)


async def _beside_splits(session: AsyncSession, server_id: int, week: Week) -> Parted:
    """Return how homes ended before and after the splits of a year that lie long enough back."""
    rows = await session.execute(
        select(Split.group_id, Split.moved_at, SplitChild.group_id)
        .join(SplitChild, SplitChild.split_id == Split.id)
        .where(
            Split.server_id == server_id,
            Split.moved_at >= week.later(-FOLLOWED_WEEKS).begins,
            Split.moved_at < week.ends,
            Split.undone_at.is_(None),
        )
    )
    families: defaultdict[tuple[int, Week], set[int]] = defaultdict(set)
    for parent, moved_at, child in rows:
        assert moved_at is not None  # the statement leaves out what was not moved
        families[parent, Week.of(moved_at)].update({parent, child or parent})
    counted = await session.execute(
        select(HomeWeek.group_id, HomeWeek.week, HomeWeek.homes, HomeWeek.ended).where(
            HomeWeek.server_id == server_id, HomeWeek.homes.is_not(None)
        )
    )
    weeks = {(group, key): (homes or 0, ended) for group, key, homes, ended in counted}
    splits, before, after = 0, Rate(0, 0), Rate(0, 0)
    for (parent, at), family in families.items():
        if at.later(BESIDE_WEEKS) > week:
            continue
        earlier = _lived(weeks, {parent}, at.later(-1).window(BESIDE_WEEKS))
        later = _lived(weeks, family, at.later(BESIDE_WEEKS).window(BESIDE_WEEKS))
        if earlier is None or later is None:
            continue
        splits += 1
        before = Rate(before.events + earlier.events, before.time + earlier.time)
        after = Rate(after.events + later.events, after.time + later.time)
    if families and not splits:
        return Parted(0, silent="young")
    return rules.part(before, after, splits)


def _lived(
    weeks: Mapping[tuple[int, str], tuple[int, int]], groups: set[int], window: Sequence[Week]
) -> Rate | None:
    """Return how many homes ended in how many lived weeks; None where too few were counted.

    A home that ended in a week was lived in for half of it.
    """
    counted = [week for week in window if any((group, week.key) in weeks for group in groups)]
    if len(counted) < LEAST_WEEKS:
        return None
    found = [weeks.get((group, week.key), (0, 0)) for group in groups for week in counted]
    return Rate(sum(ended for _, ended in found), sum(homes + ended / 2 for homes, ended in found))
