"""Suggesting homes: what the tables know of a person and of the groups, put before the rule."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import matching, portraits
from bot.rules.matching import Candidate, Ranked, Suggestion, Told
from bot.rules.message import Line
from bot.rules.naming import safe
from bot.rules.pace import WEEK, room
from bot.services import answers, greeting, questions, standing
from bot.services.answers import Given
from bot.services.questions import Put
from bot.settings import Settings
from models import (
    Arrival,
    EntryRequest,
    Facilitator,
    Group,
    GroupType,
    Invitation,
    Membership,
    Portrait,
    Server,
    Waiting,
)

CLOSES_SOON = timedelta(days=14)
"""Nobody is sent into a group that ends within this time."""
REASONS = 2
NOTHING: Mapping[int, Told] = {}


@dataclass(frozen=True, slots=True)
class Open:
    """A group that takes people in right now, and what its card says of it."""

    candidate: Candidate
    name: str
    emoji: str
    purpose: str
    entry: str
    visits: str
    visit_days: int
    kind: str
    listed: bool
    seats: int  # that could be taken right now, by the group's pace too


async def suggest(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    *,
    now: datetime,
    settings: Settings,
    count: int = 3,
    role_ids: Collection[int] = (),
    without: Collection[int] = (),
) -> list[Suggestion]:
    """Return up to `count` groups that may be someone's home, the best first.

    Only groups that they could move into or ask right now: open, with a seat that is kept for
    nobody else, within their pace, not barred, nobody there whom they must not meet, not their own
    home, none of `without`. A group that is not listed only where an answer of theirs asks for such
    groups. Who has not answered anything gets groups with seats, warm ones first. `role_ids` are
    the person's roles where they are at hand: they may stand for answers. Reads only.
    """
    del settings
    put = await questions.read(session, server_id)
    given = await answers.of_member(session, server_id, user_id)
    told = told_by(put, given, role_ids)
    home = await session.get(Membership, (server_id, user_id))
    closed = await standing.closed_to(session, server_id, user_id)
    if 0 in closed:
        return []
    closed |= {*without, *(() if home is None else (home.group_id,))}
    invited = set(
        await session.scalars(
            union_all(
                select(Invitation.group_id).where(
                    Invitation.server_id == server_id, Invitation.user_id == user_id
                ),
                select(Facilitator.group_id).where(
                    Facilitator.server_id == server_id,
                    Facilitator.user_id == user_id,
                    Facilitator.state == "active",
                ),
            )
        )
    )
    groups = {
        one.candidate.group_id: one
        for one in await takes_people_in(session, server_id, now)
        if one.candidate.group_id not in closed
        and (one.entry != "invitation" or one.candidate.group_id in invited)
        and (one.listed or _asked_for(one, put, given))
    }
    ranked = matching.rank(
        told,
        [one.asked for one in put],
        [one.candidate for one in groups.values()],
        tie=user_id,
        now=now,
    )
    chosen: list[Ranked] = []
    for one in ranked:
        if len(chosen) == count:
            break
        if not groups[one.group_id].listed and (
            one.group_id in invited or await _has_asked(session, one.group_id, user_id)
        ):
            continue  # /home tells of both
        chosen.append(one)
    labels = {choice: label for one in put for choice, label in one.choices.items()}
    named = [one.group_id for one in chosen if groups[one.group_id].listed]
    greet = await greeting.greeters(session, named, newcomer=user_id, now=now)
    return [
        _suggestion(
            groups[one.group_id],
            one,
            labels,
            greet.get(one.group_id),
            invited=one.group_id in invited,
        )
        for one in chosen
    ]


async def takes_people_in(session: AsyncSession, server_id: int, now: datetime) -> list[Open]:
    """Return the groups that somebody could move into or ask right now; three reads.

    Open, with a seat that is kept for nobody, within their pace, with nobody waiting in line, and
    not about to end. Bars, and people who must not meet, are not looked at.
    """
    server = await session.get_one(Server, server_id)
    rows = await session.execute(
        select(
            Group.id,
            Group.type_id,
            Group.cap,
            Group.homes,
            Group.offered,
            Group.zone,
            Group.language,
            Group.name,
            Group.emoji,
            Group.purpose,
            GroupType.entry,
            GroupType.visits,
            GroupType.visit_days,
            GroupType.kind,
            GroupType.listed,
            GroupType.newcomers_per_week,
            Portrait.told,
            Portrait.warmth,
        )
        .join(GroupType, GroupType.id == Group.type_id)
        .outerjoin(Portrait, Portrait.group_id == Group.id)
        .where(
            Group.server_id == server_id,
            Group.state == "open",
            Group.locked_at.is_(None),
            Group.homes + Group.offered < Group.cap,
            (Group.closes_at.is_(None)) | (Group.closes_at > now + CLOSES_SOON),
        )
        .order_by(Group.id)
    )
    lately = await _by_group(
        session,
        select(Arrival.group_id, func.count())
        .where(Arrival.server_id == server_id, Arrival.at > now - WEEK)
        .group_by(Arrival.group_id),
    )
    waiting = await _by_group(
        session,
        select(Waiting.group_id, func.count())
        .where(Waiting.server_id == server_id, Waiting.offered_at.is_(None))
        .group_by(Waiting.group_id),
    )
    found: list[Open] = []
    for (
        group_id, type_id, cap, homes, offered, zone, language, name, emoji, purpose,
        entry, visits, visit_days, kind, listed, pace, told, warmth,
    ) in rows.all():  # fmt: skip
        seats = cap - homes - offered
        this_week = room(pace, lately.get(group_id, 0), offered)
        if this_week is not None:
            seats = min(seats, this_week)
        if seats <= waiting.get(group_id, 0):
            continue  # those in line come first
        candidate = Candidate(
            group_id=group_id,
            kin=type_id,
            cap=cap,
            taken=homes + offered,
            zone=zone or server.zone,
            language=language or server.language,
            told=NOTHING if told is None else portraits.unpacked(told),
            warmth=warmth,
        )
        found.append(
            Open(candidate, name, emoji, purpose, entry, visits, visit_days, kind, listed, seats)
        )
    return found


def told_by(
    put: Sequence[Put], given: Mapping[int, Given], role_ids: Collection[int]
) -> dict[int, frozenset[int]]:
    """Return what someone answered by question; roles speak where they said nothing themselves.

    A role says nothing on what is asked for the sake of groups that are not listed.
    """
    found: dict[int, frozenset[int]] = {}
    for one in put:
        said = given.get(one.id)
        if said is not None and said.answered:
            found[one.id] = said.choices
        elif not one.apart:
            found[one.id] = by_roles(one, role_ids)
    return found


def by_roles(one: Put, role_ids: Collection[int]) -> frozenset[int]:
    """Return the answers that someone's roles give already."""
    return frozenset(choice for choice, role in one.roles.items() if role in role_ids)


def _asked_for(group: Open, put: Sequence[Put], given: Mapping[int, Given]) -> bool:
    """Return whether someone ticked that they want to hear of such groups, and this one fits."""
    for one in put:
        said = given.get(one.id)
        if one.kind == group.kind and said is not None and said.unlisted:
            known = group.candidate.told.get(one.id)
            if known is not None and known.fits & said.choices:
                # Whoever is let in there without being asked would learn its name by pressing.
                return group.entry == "request"
    return False


def _suggestion(
    group: Open, one: Ranked, labels: Mapping[int, str], greeter: int | None, *, invited: bool
) -> Suggestion:
    return Suggestion(
        group_id=one.group_id,
        name=group.name if group.listed else "",
        emoji=group.emoji if group.listed else "",
        purpose=group.purpose if group.listed else "",
        seats=group.seats,
        entry="open" if invited else group.entry,
        visits=group.visits if group.listed else "closed",
        visit_days=group.visit_days,
        listed=group.listed,
        score=one.score,
        reasons=_reasons(one, labels),
        greeter=greeter,
    )


def _reasons(one: Ranked, labels: Mapping[int, str]) -> tuple[Line, ...]:
    """Return why, in words: what they share first, then what is good about it now."""
    found: list[Line] = []
    if one.matched:
        shared = " · ".join(safe(labels[choice]) for choice in one.matched[:3])
        found.append(Line("find.because_answers", {"answers": shared}))
    elif one.alike:
        found.append(Line("find.because_alike"))
    if one.hours is not None and one.hours >= matching.SAME_HOURS:
        found.append(Line("find.because_hours"))
    if one.warm:
        found.append(Line("find.because_warm"))
    if not found:
        found.append(Line("find.because_seats"))
    return tuple(found[:REASONS])


async def _has_asked(session: AsyncSession, group_id: int, user_id: int) -> bool:
    """Return whether someone asked there already, whatever came of it."""
    asked = select(EntryRequest.id).where(
        EntryRequest.group_id == group_id, EntryRequest.user_id == user_id
    )
    return await session.scalar(asked.limit(1)) is not None


async def _by_group(session: AsyncSession, wanted: Select[int, int]) -> dict[int, int]:
    return {row[0]: row[1] for row in (await session.execute(wanted)).all()}
