"""What gatherings have for the desk, ‹Together› and /home, and what a host's card shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import gathering_cards as cards
from bot.rules import gathering_series as rules
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.gathering_plans import Listed, Planned
from bot.rules.gatherings import Seen
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line
from bot.rules.naming import safe
from bot.rules.together_cards import Part as TogetherPart
from bot.services import gathering_dates, gatherings, rights
from bot.services.groups import of_server
from bot.settings import Settings
from models import Gathering, GatheringAnswer, GatheringDate, Group

SHOWN = ("draft", "proposed", "running", "paused")
FRONT_MOST = 2
DECLINED_SHOWN = timedelta(days=14)


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return the desk's way to the gatherings, and what of them waits for somebody."""
    del actor, settings
    rows = (
        await session.scalars(
            select(Gathering)
            .where(Gathering.group_id == group.id, Gathering.state.in_(SHOWN))
            .order_by(Gathering.id)
        )
    ).all()
    upcoming = await session.scalars(
        select(GatheringDate.starts_at)
        .join(Gathering, Gathering.id == GatheringDate.gathering_id)
        .where(
            Gathering.group_id == group.id,
            GatheringDate.state == "open",
            GatheringDate.starts_at > now,
        )
        .order_by(GatheringDate.starts_at)
        .limit(1)
    )
    first = upcoming.first()
    if first is not None:
        line = Line("gathering.desk_next", {"at": int(first.timestamp())})
    else:
        line = Line("gathering.desk_none")
    button = Button("gathering.desk_button", f"gathering-desk:{group.id}")
    parts = [Part("together", (line,), (button,))]
    waits: list[tuple[str, Gathering]] = [
        ("gathering.desk_proposed", row) for row in rows if row.state == "proposed"
    ]
    waits += [
        ("gathering.desk_hostless" if row.host_id is None else "gathering.desk_rests", row)
        for row in rows
        if row.state == "paused" or (row.state == "running" and row.host_id is None)
    ]
    for key, row in waits[:FRONT_MOST]:
        said = Line(key, {"title": safe(row.title), "user": row.host_id or 0})
        look = Button("gathering.desk_look", f"gathering-plan:{row.id}", "primary")
        parts.append(Part("front", (said,), (look,)))
    return parts


async def together_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> TogetherPart | None:
    """Return what is coming up, to who is inside; who lives there may propose something."""
    del settings
    if group.state == "archived":
        return None
    rows = await session.execute(
        select(GatheringDate, Gathering)
        .join(Gathering, Gathering.id == GatheringDate.gathering_id)
        .where(
            Gathering.group_id == group.id,
            GatheringDate.state == "open",
            GatheringDate.ends_at > now,
        )
        .order_by(GatheringDate.starts_at)
        .limit(cards.LISTED_MOST)
    )
    coming = [await gatherings.seen(session, date, row, group, actor) for date, row in rows.all()]
    own = await session.scalars(
        select(Gathering).where(
            Gathering.group_id == group.id,
            Gathering.host_id == actor.user_id,
            or_(
                Gathering.state == "proposed",
                (Gathering.state == "declined") & (Gathering.closed_at > now - DECLINED_SHOWN),
            ),
        )
    )
    mine = own.all()
    waits = [row.title for row in mine if row.state == "proposed"]
    hosts = await gatherings.may_host(session, group, actor.user_id)
    if not hosts and not coming:
        return None
    found = cards.part(
        group.id, coming, waits=waits, declined=any(row.state == "declined" for row in mine)
    )
    return found if hosts else TogetherPart(found.lines, found.buttons[:-1])


async def seat_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return that a seat came free for somebody who has not looked yet."""
    del settings
    rows = await session.execute(
        select(GatheringDate, Gathering, Group)
        .join(GatheringAnswer, GatheringAnswer.date_id == GatheringDate.id)
        .join(Gathering, Gathering.id == GatheringDate.gathering_id)
        .join(Group, Group.id == Gathering.group_id)
        .where(
            GatheringDate.server_id == who.server_id,
            GatheringAnswer.user_id == who.user_id,
            GatheringAnswer.advanced_at.is_not(None),
            GatheringDate.state == "open",
            GatheringDate.starts_at > now,
        )
        .order_by(GatheringDate.starts_at)
        .limit(1)
    )
    found = rows.first()
    if found is None:
        return None
    date, gathering, group = found
    return cards.seat_note(await gatherings.seen(session, date, gathering, group, who))


async def rests_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return that a series rests that somebody hosts."""
    del now, settings
    found = await session.scalar(
        select(Gathering)
        .where(
            Gathering.server_id == who.server_id,
            Gathering.host_id == who.user_id,
            Gathering.state == "paused",
        )
        .order_by(Gathering.id)
        .limit(1)
    )
    if found is None or not await rights.is_inside(
        session, who.server_id, who.user_id, found.group_id
    ):
        return None
    return cards.rests_note(found.id, found.title)


async def of_group(
    session: AsyncSession, actor: Actor, group_id: int, now: datetime
) -> tuple[Group, list[Listed]]:
    """Return a group's gatherings, to those who look after it."""
    await rights.server_row(session, actor.server_id)
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    rows = await session.scalars(
        select(Gathering)
        .where(Gathering.group_id == group_id, Gathering.state.in_(SHOWN))
        .order_by(Gathering.id.desc())
    )
    found: list[Listed] = []
    for row in rows.all():
        dates = await gathering_dates.coming(session, row, now)
        held = [one for one in dates if one.state != "left_out"]
        found.append(Listed(row.id, row.title, row.state, held[0].starts if held else None))
    return group, found


async def planned(
    session: AsyncSession, actor: Actor, gathering_id: int, now: datetime, settings: Settings
) -> Planned:
    """Return a gathering as its host and those who look after the group see it."""
    gathering, group = await gatherings.own(session, actor, gathering_id)
    try:
        await rights.require_facilitator(session, actor, group.id)
    except UserError:
        cares = False
    else:
        cares = True
    listed = await rights.listed(session, group)
    shown = await _next(session, gathering, group, actor, now)
    after = await gathering_dates.coming(session, gathering, now) if gathering.rule else []
    after = [one for one in after if one.state != "left_out" and one.starts > shown.starts]
    return Planned(
        state=gathering.state,
        seen=shown,
        ends=rules.ends_of(gathering.rule),
        event=gathering.event,
        repeats=rules.possible(rules.wall_of(gathering.first_local)),
        can_event=listed and gathering.place in {"voice", "link"},
        announces=cares,
        hostless=gathering.host_id is None,
        then=after[0].starts if after else None,
        goes_at=gathering.created_at + timedelta(days=settings.drafts_days),
    )


async def _next(
    session: AsyncSession, gathering: Gathering, group: Group, actor: Actor, now: datetime
) -> Seen:
    """Return the date that is up or comes next, else the last one; it may not be written down."""
    row = await gatherings.open_date(session, gathering.id)
    if row is None:
        dates = [
            one
            for one in await gathering_dates.coming(session, gathering, now)
            if one.state != "left_out"
        ]
        starts = (
            dates[0].starts
            if dates
            else gatherings.series_of(gathering).at(rules.wall_of(gathering.first_local))
        )
        row = GatheringDate(id=0, starts_at=starts, state="planned")
    return await gatherings.seen(session, row, gathering, group, actor)
