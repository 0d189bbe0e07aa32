"""Pairs on the desk: begun, hosted, changed, paused and ended by those who look after the group."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import pair_messages, ritual_times
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.message import Button, Line
from bot.rules.naming import clean, safe
from bot.rules.pair_cards import AtDesk, Sibling
from bot.rules.ritual_times import When
from bot.rules.rituals import next_due
from bot.services import pair_closing, pair_rounds, pair_siblings, pairs, rights
from bot.services.groups import of_server
from bot.services.outbox import owe
from bot.settings import Settings
from models import Facilitator, Group, Membership, Pairing, PairRound, PairWish, Server

USUAL = {
    "weekly": When("weekly", weekday=0, hour=10),
    "fortnightly": When("fortnightly", weekday=0, hour=10),
    "monthly": When("monthly", weekday=0, nth=1, hour=10),
}
"""When pairs are made where nobody chose another time: a Monday morning on the group's clock."""


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return what the desk has of pairs: how they stand, and what waits to be decided."""
    del actor, now, settings
    if group.state == "archived":
        return ()
    row = await pairs.of_group(session, group.id)
    button = Button("pairs.desk_button", f"pair-desk:{group.id}")
    if row is None:
        line = Line("pairs.desk_none")
    elif row.next_due_at is not None:
        line = Line("pairs.desk_runs", {"at": int(row.next_due_at.timestamp())})
    else:
        line = Line("pairs.desk_paused")
    found = [Part("together", (line,), (button,))]
    if row is not None and row.state == "paused" and row.why:
        key = "pairs.desk_thin" if row.why == "thin" else "pairs.desk_lost_host"
        front = Button("pairs.desk_button", f"pair-desk:{group.id}:front", "primary")
        found.append(Part("front", (Line(key),), (front,)))
    for _, other in await pair_siblings.asking(session, group.id):
        front = Button("pairs.desk_button", f"pair-desk:{group.id}:asked", "primary")
        line = Line("pairs.desk_asks", {"group": safe(other.name)})
        found.append(Part("front", (line,), (front,)))
    return found


async def card(session: AsyncSession, actor: Actor, group_id: int) -> AtDesk:
    """Return how a group's pairs stand, to those who look after it and to owners."""
    group = await _group(session, actor, group_id)
    row = await pairs.of_group(session, group_id)
    asking = await pair_siblings.asking(session, group_id)
    with_them = await pair_siblings.with_them(session, group_id)
    if row is None:
        return AtDesk(group.id, group.emoji, group.name, asking=asking, with_them=with_them)
    last = await session.scalar(
        select(PairRound)
        .where(PairRound.pairing_id == row.id, PairRound.closed_at.is_not(None))
        .order_by(PairRound.at.desc(), PairRound.id.desc())
        .limit(1)
    )
    sibling = None if row.sibling_id is None else await session.get(Group, row.sibling_id)
    possible = await pair_siblings.possible(session, group) if sibling is None else ()
    return AtDesk(
        group_id=group.id,
        emoji=group.emoji,
        name=group.name,
        pairing_id=row.id,
        often=row.cadence,
        host_id=row.host_id,
        hosts_self=row.host_id == actor.user_id,
        next_at=row.next_due_at if row.state == "running" else None,
        why=row.why,
        people=await _taking_part(session, row),
        last_people=0 if last is None else last.people,
        last_pairs=0 if last is None else last.pairs,
        last_met=0 if last is None else last.met,
        threads=row.threads,
        sibling=None if sibling is None else Sibling(sibling.id, sibling.name),
        sibling_state=row.sibling_state,
        possible=tuple(possible),
        asking=asking,
        with_them=with_them,
    )


async def previewed(
    session: AsyncSession, actor: Actor, group_id: int, often: str, now: datetime
) -> tuple[datetime, datetime]:
    """Return when the first two rounds would be."""
    group = await _may_begin(session, actor, group_id)
    row = await _new(session, group, usual(often), now)
    first, second = await pair_rounds.coming(session, row, now, 2)
    return first, second


async def start(
    session: AsyncSession, actor: Actor, group_id: int, when: When, now: datetime
) -> datetime:
    """Begin pairs, hosted by who pressed; the room hears of it. Return the first round's moment."""
    group = await _may_begin(session, actor, group_id)
    if await pairs.of_group(session, group_id) is not None:
        raise UserError("pairs.already_here")
    await _is_inside(session, actor, group_id)
    row = await _new(session, group, when, now)
    first = next_due(pairs.schedule_of(row), now)
    row.host_id, row.state, row.next_due_at = actor.user_id, "running", first
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise UserError("pairs.already_here") from None
    await pair_rounds.mind_rests(session, now, group_id)
    first = row.next_due_at or first
    await _announce(session, row, actor.user_id, first, now)
    return first


def usual(often: str) -> When:
    """Return when pairs are made so often where nobody chose a time."""
    when = USUAL.get(often)
    if when is None:
        raise UserError("errors.expired")
    return when


async def change(
    session: AsyncSession, actor: Actor, group_id: int, when: When, now: datetime
) -> datetime | None:
    """Change how often and when; return the next round, None while pairs rest."""
    await _group(session, actor, group_id)
    row = await pairs.of_group(session, group_id)
    if row is None:
        raise NotAllowed("pairs.gone")
    group = await session.get_one(Group, group_id)
    fresh = await _new(session, group, when, now)
    for column in ("cadence", "weekday", "nth", "hour", "minute", "zone", "anchor"):
        setattr(row, column, getattr(fresh, column))
    if row.state == "running":
        following = next_due(pairs.schedule_of(row), now)
        row.next_due_at = following
        rounds = await session.scalars(
            select(PairRound).where(PairRound.pairing_id == row.id, PairRound.closed_at.is_(None))
        )
        for one in rounds.all():
            one.closes_at = following
    await session.flush()
    await pair_rounds.mind_rests(session, now, group_id)
    return row.next_due_at


def read_when(text: str) -> When:
    """Return what somebody typed; UserError for what pairs cannot be made by."""
    try:
        when = ritual_times.read(clean(text))
    except UserError as error:
        if error.key == "rituals.when_word":  # it offers cron, too
            raise UserError("pairs.when_word", **error.params) from None
        raise
    if when.cadence == "cron":
        raise UserError("pairs.when_cron")
    return when


async def written_when(session: AsyncSession, actor: Actor, group_id: int, often: str) -> str:
    """Return when pairs are made, as it would be typed: now, or usually for so often."""
    group = await _group(session, actor, group_id)
    row = await pairs.of_group(session, group_id)
    server = await session.get_one(Server, group.server_id)
    if row is None:
        row = await _new(session, group, usual(often), server.added_at)
    return ritual_times.written(
        pairs.schedule_of(row), own_zone=row.zone != (group.zone or server.zone)
    )


async def go_on(session: AsyncSession, actor: Actor, pairing_id: int, now: datetime) -> Pairing:
    """Let pairs go on, or be hosted by who pressed."""
    row = await _row(session, actor, pairing_id)
    await _is_inside(session, actor, row.group_id)
    row.host_id = actor.user_id
    if row.state != "running":
        row.state, row.why, row.thin = "running", "", 0
        row.next_due_at = next_due(pairs.schedule_of(row), now)
    await session.flush()
    await pair_rounds.mind_rests(session, now, row.group_id)
    return row


async def pause(session: AsyncSession, actor: Actor, pairing_id: int) -> Pairing:
    """Let pairs rest until somebody lets them go on; pairs of now keep each other."""
    row = await _row(session, actor, pairing_id)
    row.state, row.why, row.next_due_at = "paused", "", None
    await session.flush()
    return row


async def set_place(
    session: AsyncSession, actor: Actor, pairing_id: int, *, threads: bool
) -> Pairing:
    """Give each pair a thread from the next round on, or name them in the room."""
    row = await _row(session, actor, pairing_id)
    row.threads = threads
    await session.flush()
    return row


async def own(session: AsyncSession, actor: Actor, pairing_id: int) -> Pairing:
    """Return a pairing to those who look after its group."""
    return await _row(session, actor, pairing_id)


async def end(session: AsyncSession, actor: Actor, pairing_id: int, now: datetime) -> int:
    """End pairs; return the group."""
    row = await _row(session, actor, pairing_id)
    group_id = row.group_id
    await pair_closing.end(session, row, now)
    return group_id


async def _announce(
    session: AsyncSession, row: Pairing, host_id: int, first: datetime, now: datetime
) -> None:
    """Tell the room that pairs are made, and how to take part."""
    mark = str(int(now.timestamp()))
    await owe(
        session,
        server_id=row.server_id,
        kind="pair-starts",
        key=f"pair-starts:{row.id}:{mark}",
        place="room",
        group_id=row.group_id,
        message=pair_messages.started(
            row.id, mark, host_id=host_id, often=row.cadence, first_at=first
        ),
        now=now,
    )


async def _taking_part(session: AsyncSession, row: Pairing) -> int:
    found = await session.scalar(
        select(func.count())
        .select_from(PairWish)
        .join(
            Membership,
            (Membership.server_id == PairWish.server_id) & (Membership.user_id == PairWish.user_id),
        )
        .where(
            PairWish.pairing_id == row.id,
            PairWish.rests_since.is_(None),
            Membership.state == "here",
            or_(*(Membership.group_id == group for group in pairs.homes(row))),
        )
    )
    return found or 0


async def _new(session: AsyncSession, group: Group, when: When, now: datetime) -> Pairing:
    """Return a pairing that is not written yet."""
    server = await session.get_one(Server, group.server_id)
    zone = when.zone or group.zone or server.zone
    row = Pairing(
        server_id=group.server_id,
        group_id=group.id,
        state="paused",
        why="",
        cadence=when.cadence,
        weekday=when.weekday or 0,
        nth=when.nth,
        hour=when.hour,
        minute=when.minute,
        zone=zone,
        anchor=now.date().isoformat(),
        begun_at=now,
        threads=True,
        thin=0,
        sibling_state="none",
    )
    # Fortnights begin with the first such day to come, so that nobody waits for two weeks.
    first = next_due(replace(pairs.schedule_of(row), cadence="weekly"), now)
    row.anchor = first.astimezone(ZoneInfo(zone)).date().isoformat()
    return row


async def _group(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    await rights.require_facilitator(session, actor, group_id)
    return await of_server(session, actor.server_id, group_id)


async def _may_begin(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    group = await _group(session, actor, group_id)
    if group.state == "archived":
        raise UserError("pairs.ended_group")
    if group.room_id is None:
        raise UserError("pairs.no_room")
    if group.locked_at is not None:
        raise UserError("pairs.locked")
    return group


async def _is_inside(session: AsyncSession, actor: Actor, group_id: int) -> None:
    """UserError unless somebody lives in the group or looks after it: people turn to the host."""
    home = await session.get(Membership, (actor.server_id, actor.user_id))
    if home is not None and home.group_id == group_id and home.state == "here":
        return
    office = await session.get(Facilitator, (group_id, actor.user_id))
    if office is None or office.state != "active":
        raise UserError("pairs.host_inside")


async def _row(session: AsyncSession, actor: Actor, pairing_id: int) -> Pairing:
    row = await pairs.row(session, actor.server_id, pairing_id)
    await rights.require_facilitator(session, actor, row.group_id)
    return row
