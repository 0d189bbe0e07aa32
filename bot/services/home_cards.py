"""What a person is shown of their own place, gathered in one look."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import membership
from bot.rules.actor import Actor
from bot.rules.home_cards import HomeCard, Invited, Request
from bot.rules.place_names import Place
from bot.services import chartering, facilitators, home_notes, people, standing, visits
from bot.services.known_groups import known
from bot.services.requests import KEPT
from bot.settings import Settings
from models import (
    Draft,
    EntryRequest,
    FailedEffect,
    Group,
    GroupType,
    Invitation,
    Member,
    Membership,
    Waiting,
)

MOST_INVITED = 5  # invitations that a card shows, the oldest first


async def home(session: AsyncSession, who: Actor, *, now: datetime, settings: Settings) -> HomeCard:
    """Return all that /home shows of someone."""
    server_id, user_id = who.server_id, who.user_id
    member = await session.get(Member, (server_id, user_id))
    row = await session.get(Membership, (server_id, user_id))
    place: Place | None = None
    if row is not None:
        group = await session.get_one(Group, row.group_id)
        place = Place(group.id, group.name, group.emoji, group.room_id, row.seat_until)
    line = await session.get(Waiting, (server_id, user_id))
    offices = await facilitators.list_(session, server_id, user_id=user_id)
    away = member is not None and _is_away(member, now)
    return HomeCard(
        home=place,
        state=None if row is None else row.state,
        visits=[
            Place(visit.group_id, visit.group, "", visit.room_id, visit.ends_at)
            for visit in await visits.of_member(session, server_id, user_id)
            if not visit.by_old_role  # they are told of until a home is chosen
        ],
        requests=await _requests(session, server_id, user_id, now),
        invitations=await _invitations(session, server_id, user_id, row, line),
        next_move_at=membership.next_move_at(
            people.past(member, row), now, people.bounds(settings)
        ),
        away=away,
        away_until=member.away_until if member is not None and away else None,
        question_waits=any(office.state == "asked" for office in offices),
        looks_after=[office.group for office in offices if office.state == "active"],
        draft=await session.get(Draft, (server_id, user_id, chartering.FORM)) is not None,
        counted=member is not None and member.counted_since is not None,
        opted_out=member is not None and member.opted_out_at is not None,
        notes=await home_notes.gather(session, who, now, settings),
    )


async def _requests(
    session: AsyncSession, server_id: int, user_id: int, now: datetime
) -> list[Request]:
    rows = await session.execute(
        select(EntryRequest, Group.name)
        .join(Group, Group.id == EntryRequest.group_id)
        .where(
            EntryRequest.server_id == server_id,
            EntryRequest.user_id == user_id,
            EntryRequest.asked_at > now - KEPT,
        )
        .order_by(EntryRequest.asked_at)
    )
    asked = rows.all()
    # A group that is not listed may have been asked without its name being known.
    named = {one.id for one in await known(session, server_id, user_id)} if asked else set[int]()
    return [
        Request(
            r.group_id,
            name if r.group_id in named else "",
            r.kind,
            r.asked_at,
            r.refused_at is not None,
        )
        for r, name in asked
    ]


async def _invitations(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    home: Membership | None,
    line: Waiting | None,
) -> list[Invited]:
    """Return the invitations that lead somewhere: not home, not barred, not waited for anyway."""
    rows = await session.execute(
        select(Group, GroupType.visits)
        .join(Invitation, Invitation.group_id == Group.id)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(
            Invitation.server_id == server_id,
            Invitation.user_id == user_id,
            Group.state == "open",
        )
        .order_by(Invitation.at, Group.id)
    )
    nowhere = {row.group_id for row in (home, line) if row is not None}
    found: list[Invited] = []
    for group, visits_ in rows.all():
        stands = await standing.standing(session, server_id, user_id, group.id)
        if group.id not in nowhere and not (stands.barred or stands.apart):
            found.append(Invited(group.id, group.name, visits_ != "closed"))
    return found[:MOST_INVITED]


async def is_stuck(session: AsyncSession, server_id: int, user_id: int, card: HomeCard) -> bool:
    """Return whether Discord refuses to open one of their rooms until a person changes it."""
    places = [card.home, *card.visits]
    subjects = [f"group:{place.group_id}" for place in places if place is not None]
    return (
        await session.scalar(
            select(FailedEffect.id)
            .where(
                FailedEffect.server_id == server_id,
                FailedEffect.subject.in_([f"member:{user_id}", *subjects]),
            )
            .limit(1)
        )
        is not None
    )


async def is_counted(session: AsyncSession, server_id: int, user_id: int) -> bool:
    """Return whether someone's signs of life are counted."""
    member = await session.get(Member, (server_id, user_id))
    return member is not None and member.counted_since is not None


async def lives_somewhere(session: AsyncSession, server_id: int, user_id: int) -> bool:
    """Return whether someone has a home."""
    row = await session.get(Membership, (server_id, user_id))
    return row is not None and row.state == "here"


def _is_away(member: Member, now: datetime) -> bool:
    return member.away_from is not None and (member.away_until is None or member.away_until > now)


async def own_groups(session: AsyncSession, server_id: int, user_id: int) -> set[int]:
    """Return the ids of the groups that someone lives in or visits: what /leave offers."""
    row = await session.get(Membership, (server_id, user_id))
    ids = {visit.group_id for visit in await visits.of_member(session, server_id, user_id)}
    if row is not None and row.state == "here":
        ids.add(row.group_id)
    return ids
