"""Guest evenings: asked for by who looks after one group, agreed to by who looks after another.

What happens at their times is in `bot.services.guest_doors`, what is said of them in
`bot.services.guest_posts`.
"""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import guest_cards
from bot.rules import guest_evenings as rules
from bot.rules.actor import Actor
from bot.rules.guest_cards import Evening
from bot.rules.guest_evenings import Side, Span
from bot.rules.message import Message, say
from bot.rules.naming import safe
from bot.services import (
    facilitators,
    guest_doors,
    guest_posts,
    neighbours,
    people,
    rights,
    standing,
    visits,
)
from bot.services.groups import of_server
from bot.services.log import note
from models import Group, GroupType, GuestComing, GuestEvening, Membership, Server


async def choose(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Message:
    """Return whom a group could have over, the best fitting first, to who looks after it."""
    group = await _hosting(session, actor, group_id)
    await _has_room_for_plans(session, group)
    planned = await session.scalars(
        select(GuestEvening.guest_group_id).where(
            GuestEvening.group_id == group_id, GuestEvening.closed_at.is_(None)
        )
    )
    found = await neighbours.fitting(session, group, now, but=planned.all())
    return guest_cards.choose(group.id, group.name, found)


async def may_ask(session: AsyncSession, actor: Actor, group_id: int, other_id: int) -> str:
    """Return the zone that an evening of two groups is planned in; UserError where none can be.

    Said before anybody has typed anything, and again when they have.
    """
    group = await _hosting(session, actor, group_id)
    await _sides(session, actor, group_id, other_id)
    await _has_room_for_plans(session, group)
    await _no_other(session, group_id, other_id)
    server = await session.get_one(Server, actor.server_id)
    return group.zone or server.zone


async def ask(  # noqa: PLR0917 - who asks whom, for when
    session: AsyncSession,
    actor: Actor,
    group_id: int,
    other_id: int,
    span: Span,
    now: datetime,
) -> Message:
    """Ask the other group's facilitators over; who asks is the host."""
    await may_ask(session, actor, group_id, other_id)
    host, guest = await _sides(session, actor, group_id, other_id)
    row = GuestEvening(
        server_id=actor.server_id,
        group_id=group_id,
        guest_group_id=other_id,
        host_id=actor.user_id,
        by_door=rules.by_door(host, guest),
        opens_at=span.opens_at,
        ends_at=span.ends_at,
        asked_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:  # two at once, on a database with several writers
        raise UserError(
            "guests.there_is_one", group=safe(host.name), guest=safe(guest.name)
        ) from None
    await guest_posts.ask(session, row, other_id, now, mark="ask")
    return say("guests.asked", **(await guest_posts.evening(session, row)).names)


async def look(session: AsyncSession, actor: Actor, evening_id: int, group_id: int) -> Message:
    """Return how it stands with an evening, to who looks after this one of the two groups."""
    row = await _of(session, actor, evening_id)
    await _looks_after(session, actor, row, group_id)
    hosts = await facilitators.active(session, row.group_id)
    shown = await guest_posts.evening(session, row)
    return guest_cards.card(shown, group_id, may_host=actor.user_id in hosts)


async def agree(session: AsyncSession, actor: Actor, evening_id: int, now: datetime) -> Message:
    """Say yes for the guests; both rooms hear of it."""
    row = await _waiting(session, actor, evening_id, now)
    await _sides(session, actor, row.group_id, row.guest_group_id)
    if row.by_door:
        group = await session.get_one(Group, row.group_id)
        type_ = await session.get_one(GroupType, group.type_id)
        if not await visits.takes_one_more(session, group, type_, door_for=row.guest_group_id):
            raise UserError("guests.room_full", group=safe(group.name))
    row.agreed_at = now
    await session.flush()
    await guest_posts.announce(session, row, now)
    await _noted(session, actor, row, "guest-yes", now)
    return say("guests.said_yes", **(await guest_posts.evening(session, row)).names)


async def decline(session: AsyncSession, actor: Actor, evening_id: int, now: datetime) -> Message:
    """Say for the guests that it does not suit; nobody is told who said so."""
    row = await _waiting(session, actor, evening_id, now)
    await guest_doors.close(session, row, "declined", now)
    return say("guests.said_no")


async def call_off(
    session: AsyncSession, actor: Actor, evening_id: int, group_id: int, now: datetime
) -> Message:
    """Call an evening off, or end it while it runs, for either of the two groups."""
    row = await _of(session, actor, evening_id)
    await _looks_after(session, actor, row, group_id)
    if row.closed_at is not None:
        raise UserError("guests.gone")
    ran, known, groups = row.opened_at is not None, row.agreed_at is not None, 1
    if ran and group_id == row.group_id:
        groups = await guest_doors.end_all(session, row, now)
    else:
        await guest_doors.close(session, row, "off", now)
    if known:
        await _noted(session, actor, row, "guest-off", now)
    if groups > 1:
        return say("guests.are_ended", n=groups)
    return say("guests.is_ended" if ran else "guests.is_off")


async def host_it(session: AsyncSession, actor: Actor, evening_id: int) -> Message:
    """Take over an evening that lost its host."""
    row = await _of(session, actor, evening_id)
    await _hosting(session, actor, row.group_id)
    if row.closed_at is not None:
        raise UserError("guests.gone")
    if row.host_id is not None and row.host_id in await facilitators.active(session, row.group_id):
        raise UserError("guests.nobody_hosts_yet")
    row.host_id = actor.user_id
    await session.flush()
    return say("guests.now_host", **(await guest_posts.evening(session, row)).names)


async def come(session: AsyncSession, actor: Actor, evening_id: int, now: datetime) -> Message:
    """Note that one of the guests would come; while the evening runs they can at once."""
    row, shown = await _for_guests(session, actor, evening_id)
    if row.by_door:
        raise UserError("guests.no_need")
    await people.member(session, row.server_id, actor.user_id)
    stands = await standing.standing(session, row.server_id, actor.user_id, row.group_id)
    if stands.barred or stands.apart:
        raise UserError("guests.door_closed")
    if await session.get(GuestComing, (row.id, actor.user_id)) is None:
        session.add(GuestComing(evening_id=row.id, user_id=actor.user_id))
        await session.flush()
    runs = row.opened_at is not None
    if runs and not await guest_doors.let_in(session, row, actor.user_id, now):
        raise UserError("guests.room_full", group=safe(shown.group))
    return guest_cards.comes(shown, inside=runs)


async def stay(session: AsyncSession, actor: Actor, evening_id: int, now: datetime) -> Message:
    """Take back that somebody would come, with their key if they had one."""
    row = await _of(session, actor, evening_id)
    coming = await session.get(GuestComing, (row.id, actor.user_id))
    if coming is not None:
        await guest_doors.show_out(session, row, actor.user_id, now)
        await session.delete(coming)
        await session.flush()
    return say("guests.stays")


async def how(session: AsyncSession, actor: Actor, evening_id: int) -> Message:
    """Return what this is, to who reads of it in one of the two rooms."""
    row = await _of(session, actor, evening_id)
    for group_id in (row.group_id, row.guest_group_id):
        if await rights.is_inside(session, actor.server_id, actor.user_id, group_id):
            break
    else:
        if not await rights.is_owner(session, actor):
            raise UserError("guests.gone")
    return guest_cards.how(await guest_posts.evening(session, row))


async def of_group(session: AsyncSession, group_id: int) -> list[Evening]:
    """Return what a group has asked for, been asked and agreed to, the first to come first."""
    rows = await session.scalars(
        select(GuestEvening)
        .where(
            or_(GuestEvening.group_id == group_id, GuestEvening.guest_group_id == group_id),
            GuestEvening.closed_at.is_(None),
        )
        .order_by(GuestEvening.opens_at, GuestEvening.id)
    )
    return [await guest_posts.evening(session, row) for row in rows.all()]


async def missed(session: AsyncSession, group_id: int, since: datetime) -> list[Evening]:
    """Return the evenings of a group that Hearth was not there for."""
    rows = await session.scalars(
        select(GuestEvening)
        .where(
            or_(GuestEvening.group_id == group_id, GuestEvening.guest_group_id == group_id),
            GuestEvening.ending == "missed",
            GuestEvening.closed_at > since,
        )
        .order_by(GuestEvening.id)
    )
    return [await guest_posts.evening(session, row) for row in rows.all()]


async def _noted(
    session: AsyncSession, actor: Actor, row: GuestEvening, action: str, now: datetime
) -> None:
    """Tell the owners' log whose room was to open to another group, or is not to any more."""
    await note(
        session,
        server_id=row.server_id,
        by_user_id=actor.user_id,
        action=action,
        now=now,
        group_id=row.group_id,
    )


async def _of(session: AsyncSession, actor: Actor, evening_id: int) -> GuestEvening:
    await rights.server_row(session, actor.server_id)
    row = await session.get(GuestEvening, evening_id)
    if row is None or row.server_id != actor.server_id:
        raise UserError("guests.gone")
    return row


async def _waiting(
    session: AsyncSession, actor: Actor, evening_id: int, now: datetime
) -> GuestEvening:
    """Return an evening that waits for the guests' word, to who may give it; locked."""
    row = await _of(session, actor, evening_id)
    await rights.require_facilitator(session, actor, row.guest_group_id)
    await session.scalar(select(GuestEvening.id).where(GuestEvening.id == row.id).with_for_update())
    await session.refresh(row)
    if row.closed_at is not None or row.agreed_at is not None or row.opens_at <= now:
        raise UserError("guests.gone")
    return row


async def _looks_after(
    session: AsyncSession, actor: Actor, row: GuestEvening, group_id: int
) -> None:
    if group_id not in {row.group_id, row.guest_group_id}:
        raise UserError("guests.gone")
    await rights.require_facilitator(session, actor, group_id)


async def _hosting(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    """Return a group that the actor looks after; who only owns the server hosts nothing."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    if actor.user_id not in await facilitators.active(session, group_id):
        raise NotAllowed("guests.host_needed", group=safe(group.name))
    return group


async def _sides(
    session: AsyncSession, actor: Actor, group_id: int, other_id: int
) -> tuple[Side, Side]:
    """Return both groups; UserError where they cannot have an evening together."""
    other = await session.get(Group, other_id)
    if other is None or other.server_id != actor.server_id:
        raise UserError("guests.not_guest_unlisted")
    host, guest = (
        await guest_posts.side(session, group_id),
        await guest_posts.side(session, other_id),
    )
    reason = rules.why_not(host, guest)
    if reason is not None:
        # What is named nowhere is not named here, either.
        named = safe(guest.name) if guest.listed else ""
        raise UserError(f"guests.not_{reason}", group=safe(host.name), guest=named)
    return host, guest


async def _no_other(session: AsyncSession, group_id: int, other_id: int) -> None:
    planned = await session.scalar(
        select(GuestEvening.id).where(
            GuestEvening.group_id == group_id,
            GuestEvening.guest_group_id == other_id,
            GuestEvening.closed_at.is_(None),
        )
    )
    if planned is not None:
        group = await session.get_one(Group, group_id)
        guest = await session.get_one(Group, other_id)
        raise UserError("guests.there_is_one", group=safe(group.name), guest=safe(guest.name))


async def _has_room_for_plans(session: AsyncSession, group: Group) -> None:
    planned = await session.scalar(
        select(func.count()).where(
            GuestEvening.group_id == group.id, GuestEvening.closed_at.is_(None)
        )
    )
    if (planned or 0) >= rules.PLANNED_MOST:
        raise UserError("guests.too_many", group=safe(group.name), n=rules.PLANNED_MOST)


async def _for_guests(
    session: AsyncSession, actor: Actor, evening_id: int
) -> tuple[GuestEvening, Evening]:
    """Return an evening to one of the guests, before it is over."""
    row = await _of(session, actor, evening_id)
    home = await session.get(Membership, (actor.server_id, actor.user_id))
    shown = await guest_posts.evening(session, row)
    if home is None or home.group_id != row.guest_group_id or home.state != "here":
        # Whoever presses this reads the guests' room, where the name stands.
        raise NotAllowed("guests.guests_only", guest=safe(shown.guest))
    if row.closed_at is not None or row.agreed_at is None:
        raise UserError("guests.gone")
    return row, shown
