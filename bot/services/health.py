"""Weeks are closed, and what they showed is read: the figures of groups and of the server.

A week is closed once, after it is over; its figures are written and never reckoned again. So rows
about people can go early, and who is forgotten changes nothing for others.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.health import (
    BLIND_AFTER,
    MEASURES,
    SERVER,
    Closing,
    Figure,
    GroupThen,
    Reckoned,
    Scope,
    Series,
    Silent,
    Week,
    silent,
)
from bot.rules.quiet import silence
from bot.services import connected
from bot.services.health_lines import SHOWN_WEEKS, read_lines
from bot.services.health_sources import SOURCES, Source
from models import Base, Group, GroupType, HealthFigure, Membership, Server

MISSED_MOST = 12  # weeks that are closed afterwards; what is older is left out
AT_ONCE = 500  # figures that are written, or people who are read, in one go
GIVEN_UP_AFTER = timedelta(days=1)  # what cannot be reckoned keeps its week open no longer
# Who lives where, and since when, is known whatever was heard
KNOWN_DEAF = frozenset(("homes", "stay", "tenure"))
# Days with signs of life are the server's own: a week is over when it is in every zone.
SUNDAY_EVERYWHERE = timedelta(hours=12)
LOOKED_AT_BY = SUNDAY_EVERYWHERE + timedelta(hours=1)  # weeks are looked for once an hour

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WeekReckoned:
    """What a week showed, ready to be written: figures, and rows of tables beside them."""

    server_id: int
    week: Week
    figures: tuple[Reckoned, ...]
    rows: tuple[Base, ...]


@dataclass(frozen=True, slots=True)
class GroupHealth:
    """How a group is: its measures' series by key; a measure that was never reckoned has none."""

    group_id: int
    name: str
    emoji: str
    listed: bool
    homes: int
    lines: Mapping[str, Series]


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """How a server is, and each of its groups that is not archived, by name.

    `week` is the last closed one; None before the first.
    """

    server_id: int
    week: Week | None
    lines: Mapping[str, Series]
    groups: tuple[GroupHealth, ...]


async def due(session: AsyncSession, server_id: int, now: datetime) -> list[Week]:
    """Return the weeks of a server that are over and not closed yet, the oldest first."""
    server = await session.get_one(Server, server_id)
    last = Week.of(now - SUNDAY_EVERYWHERE).later(-1)
    first = Week.of(server.added_at).later(1)  # the first whole one
    if server.health_week is not None:
        first = Week.keyed(server.health_week).later(1)
    weeks = last.window(MISSED_MOST)
    return [week for week in weeks if week >= first]


async def next_figures_at(session: AsyncSession, server_id: int, now: datetime) -> datetime:
    """Return when the next week that can be told of is closed at the latest."""
    server = await session.get_one(Server, server_id)
    week = Week.of(now - LOOKED_AT_BY)
    if server.health_week is None:
        week = max(week, Week.of(server.added_at).later(1))
    return week.ends + LOOKED_AT_BY


async def reckon(
    session: AsyncSession,
    server_id: int,
    week: Week,
    joined: Mapping[int, datetime] | None = None,
    *,
    now: datetime | None = None,
    sources: Sequence[Source] = SOURCES,
) -> WeekReckoned:
    """Reckon what a week showed; reads only, and takes its time.

    `joined` says when everybody who is in the server now joined it, None if that is not known. A
    source that fails raises; a day after the week could be closed, as `now` tells, it is left out,
    so that what is wrong with one measure does not keep all of them from being told for ever.
    """
    server = await session.get_one(Server, server_id)
    closing = Closing(
        server_id,
        server.added_at,
        server.zone,
        week,
        await _groups(session, week, server_id),
        joined,
        server.talk_since,
    )
    found: dict[tuple[int, str], Figure] = {}
    rows: list[Base] = []
    is_late = now is not None and now - week.ends > SUNDAY_EVERYWHERE + GIVEN_UP_AFTER
    for source in sources:
        try:
            reckoned = await source(session, closing)
        except DBAPIError:  # that is the tables' trouble: it may pass
            raise
        except Exception:
            if not is_late:
                raise
            log.exception(
                "%s.%s left week %s of server %d out.",
                source.__module__,
                source.__name__,
                week.key,
                server_id,
            )
            continue
        for one in reckoned:
            if isinstance(one, Reckoned):
                found[one.group_id, one.figure.measure] = one.figure
            else:
                rows.append(one)
    deaf = await _deaf(session, server_id, week)
    figures = tuple(_all(closing, found, "blind" if deaf else None))
    return WeekReckoned(server_id, week, figures, tuple(rows))


async def write(session: AsyncSession, found: WeekReckoned) -> int:
    """Write down what a week showed; return how many figures. Closed before: none."""
    server = await session.get_one(Server, found.server_id)
    if server.health_week is not None and Week.keyed(server.health_week) >= found.week:
        return 0
    groups = frozenset(await session.scalars(select(Group.id).where(Group.server_id == server.id)))
    figures = [one for one in found.figures if one.group_id in groups or one.group_id == SERVER]
    into = await session.connection()
    for start in range(0, len(figures), AT_ONCE):  # others have their turn in between
        await into.execute(
            insert(HealthFigure),
            [
                {
                    "server_id": server.id,
                    "group_id": one.group_id,
                    "week": found.week.key,
                    **asdict(one.figure),
                }
                for one in figures[start : start + AT_ONCE]
            ],
        )
    session.add_all(found.rows)
    server.health_week = found.week.key
    await session.flush()
    return len(figures)


async def of_group(session: AsyncSession, group_id: int) -> GroupHealth:
    """Return how one group is."""
    group = await session.get_one(Group, group_id)
    kind = await session.get_one(GroupType, group.type_id)
    lines = await read_lines(session, group.server_id, group_id)
    return _shown(group, listed=kind.listed, lines=lines[group_id])


async def of_server(
    session: AsyncSession, server_id: int, *, weeks: int = SHOWN_WEEKS
) -> ServerHealth:
    """Return how a server and its groups are, by their lines of the last weeks."""
    server = await session.get_one(Server, server_id)
    rows = await session.execute(
        select(Group, GroupType.listed)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(Group.server_id == server_id, Group.state != "archived")
        .order_by(Group.name_key)
    )
    lines = await read_lines(session, server_id, weeks=weeks)
    groups = tuple(
        _shown(group, listed=is_listed, lines=lines[group.id]) for group, is_listed in rows
    )
    week = None if server.health_week is None else Week.keyed(server.health_week)
    return ServerHealth(server_id, week, lines[SERVER], groups)


def _shown(group: Group, *, listed: bool, lines: Mapping[str, Series]) -> GroupHealth:
    return GroupHealth(group.id, group.name, group.emoji, listed, group.homes, lines)


async def _groups(session: AsyncSession, week: Week, server_id: int) -> tuple[GroupThen, ...]:
    """Return the groups that were open when the week ended, with those who live there."""
    homes: defaultdict[int, set[int]] = defaultdict(set)
    rows = await session.stream(
        select(Membership.group_id, Membership.user_id)
        .where(
            Membership.server_id == server_id,
            Membership.state.in_(("here", "held")),
            Membership.since < week.ends,
        )
        .execution_options(yield_per=AT_ONCE)
    )
    async for some in rows.partitions():
        for group_id, user_id in some:
            homes[group_id].add(user_id)
    opened = func.coalesce(Group.opened_at, Group.created_at)
    groups = await session.execute(
        select(Group.id, opened)
        .where(Group.server_id == server_id, Group.state != "archived", opened < week.ends)
        .order_by(Group.id)
    )
    return tuple(
        GroupThen(group_id, opened_at, frozenset(homes[group_id])) for group_id, opened_at in groups
    )


async def _deaf(session: AsyncSession, server_id: int, week: Week) -> bool:
    """Return whether Hearth neither heard the server nor read what was written for too long."""
    hearing = await connected.hearing(session, server_id)
    heard = silence(week.begins, week.ends, hearing.written)
    return week.ends - week.begins - heard > BLIND_AFTER


def _all(
    closing: Closing, found: Mapping[tuple[int, str], Figure], instead: Silent | None
) -> Sequence[Reckoned]:
    """Return a figure of every measure for every group and the server, silent where need be."""
    scopes: list[tuple[int, Scope]] = [(group.group_id, "group") for group in closing.groups]
    scopes.append((SERVER, "server"))
    every: list[Reckoned] = []
    for group_id, scope in scopes:
        for key, measure in MEASURES.items():
            if scope not in measure.scopes:
                continue
            figure = found.get((group_id, key), silent(key, 0, "nothing"))
            if instead is not None and key not in KNOWN_DEAF:
                figure = silent(key, figure.people, instead)
            every.append(Reckoned(group_id, figure))
    return every
