"""Planning a gathering: proposed or drafted, announced by who hosts it, changed, called off."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import gathering_posts as posts
from bot.rules import gathering_series as rules
from bot.rules import gatherings as bounds
from bot.rules.actor import Actor
from bot.rules.gathering_forms import Filled, ends
from bot.rules.gathering_series import Repeat
from bot.rules.moments import Typed
from bot.rules.naming import safe
from bot.services import gathering_answers, gathering_dates, gatherings, rights
from bot.services.groups import of_server
from models import Gathering, Group, Membership

PLANNED = ("draft", "proposed")
HELD = ("running", "paused")


async def may_plan(session: AsyncSession, actor: Actor, group_id: int) -> bool:
    """Return whether somebody may announce gatherings of a group; False: they may propose one.

    NotAllowed for who neither looks after the group nor lives there.
    """
    await rights.server_row(session, actor.server_id)
    group = await of_server(session, actor.server_id, group_id)
    try:
        await rights.require_facilitator(session, actor, group_id)
    except NotAllowed:
        if not await _lives_there(session, actor, group_id):
            raise NotAllowed("gathering.homes_only") from None
        planner = False
    else:
        planner = True
    if group.state == "archived":
        raise UserError("room.ended", group=safe(group.name))
    return planner


async def add(
    session: AsyncSession, actor: Actor, group_id: int, form: Filled, now: datetime
) -> Gathering:
    """Write down a gathering: a draft of who looks after the group, a proposal of who lives there.

    Nobody else hears of a draft; a proposal waits on the desk.
    """
    planner = await may_plan(session, actor, group_id)
    count = select(func.count()).select_from(Gathering).where(Gathering.group_id == group_id)
    if planner:
        mine = count.where(Gathering.state.in_((*PLANNED, *HELD)))
        if (await session.scalar(mine) or 0) >= bounds.OPEN_MOST:
            raise UserError("gathering.too_many", most=bounds.OPEN_MOST)
    else:
        mine = count.where(Gathering.state == "proposed", Gathering.host_id == actor.user_id)
        if (await session.scalar(mine) or 0) >= bounds.PROPOSED_MOST:
            raise UserError("gathering.proposed_most", most=bounds.PROPOSED_MOST)
    assert form.when is not None  # a new one's form asks for it
    gathering = Gathering(
        server_id=actor.server_id,
        group_id=group_id,
        state="draft" if planner else "proposed",
        host_id=actor.user_id,
        created_at=now,
        zone=form.when.zone,
        first_local=rules.stamp(form.when.local),
        title=form.title,
        words=form.words,
        place=form.place,
        spot=form.spot,
        voice_id=form.voice_id,
        minutes=form.minutes,
        most=form.most,
        rule="",
        quiet=0,
        sequence=0,
    )
    session.add(gathering)
    await session.flush()
    await _room_is_there(session, gathering)
    return gathering


async def edit(
    session: AsyncSession, actor: Actor, gathering_id: int, form: Filled, now: datetime
) -> Gathering:
    """Change a gathering; where it is announced its room reads what changed.

    Its time is moved by date (gathering_dates) once it is announced.
    """
    gathering, group = await gatherings.own(session, actor, gathering_id)
    _is_in(gathering, *PLANNED, *HELD)
    before, told = _whole(gathering), _told(gathering)
    gathering.title, gathering.words = form.title, form.words
    gathering.place, gathering.spot, gathering.voice_id = form.place, form.spot, form.voice_id
    gathering.minutes, gathering.most = form.minutes, form.most
    if gathering.state in PLANNED and form.when is not None:
        _begin_at(gathering, form.when)
    await _room_is_there(session, gathering)
    _touched(gathering, now)
    if _whole(gathering) == before:
        return gathering
    gathering.sequence += 1
    await gathering_dates.resize(session, gathering)
    date = await gatherings.open_date(session, gathering.id)
    if date is None or date.starts_at <= now:
        return gathering
    await gathering_answers.advance(session, date, gathering, group, now)
    if _told(gathering) != told:
        mark = f"changed-{gathering.sequence}"
        words = [posts.changed(await gatherings.seen(session, date, gathering, group), mark)]
        await gatherings.post(session, date, gathering, words, mark, now=now, until=date.starts_at)
    return gathering


async def repeat(
    session: AsyncSession, actor: Actor, gathering_id: int, how: Repeat, now: datetime
) -> Gathering:
    """Let a gathering that is not announced yet come round, or not."""
    gathering, _ = await gatherings.own(session, actor, gathering_id)
    _is_in(gathering, *PLANNED)
    _touched(gathering, now)
    first = rules.wall_of(gathering.first_local)
    rule = rules.rule_of(how, first, rules.ends_of(gathering.rule))
    if rule != gathering.rule:
        gathering.rule, gathering.sequence = rule, gathering.sequence + 1
        await session.flush()
    return gathering


async def end_series(
    session: AsyncSession, actor: Actor, gathering_id: int, text: str, now: datetime
) -> Gathering:
    """Set when a series is over; with nothing said it goes on until somebody ends it."""
    gathering, _ = await gatherings.own(session, actor, gathering_id)
    _is_in(gathering, *PLANNED, *HELD)
    how = rules.repeat_of(gathering.rule)
    if how == "once":
        raise UserError("gathering.ends_once")
    first = rules.wall_of(gathering.first_local)
    rule = rules.rule_of(how, first, ends(text, first=first, now=now))
    _touched(gathering, now)
    if rule == gathering.rule:
        return gathering
    gathering.rule, gathering.sequence = rule, gathering.sequence + 1
    await session.flush()
    if gathering.state == "running" and await gatherings.open_date(session, gathering_id) is None:
        await gathering_dates.plan_next(session, gathering, now)
    return gathering


async def announce(
    session: AsyncSession, actor: Actor, gathering_id: int, now: datetime
) -> Gathering:
    """Let a gathering come into the room; who proposed it hosts it, else who announces it.

    A proposal is announced by who looks after the group.
    """
    gathering, group = await gatherings.own(session, actor, gathering_id)
    _is_in(gathering, *PLANNED)
    if gathering.state == "proposed":
        await rights.require_facilitator(session, actor, group.id)
    gatherings.meets(group)
    host = gathering.host_id
    if host is None or not await gatherings.may_host(session, group, host):
        host = actor.user_id
    if not await gatherings.may_host(session, group, host):
        raise UserError("gathering.host_inside")
    wall = rules.following(gatherings.series_of(gathering), now + bounds.HOUR / 2)
    if wall is None:
        raise UserError("gathering.first_past")
    gathering.state, gathering.host_id = "running", host
    await session.flush()
    date = await gatherings.date_of(session, gathering, rules.stamp(wall))
    await gatherings.put_up(session, date, gathering, group, now)
    return gathering


async def decline(session: AsyncSession, actor: Actor, gathering_id: int, now: datetime) -> int:
    """Leave a proposal for now: its words go, and nobody but who proposed it sees; its group."""
    gathering, group = await gatherings.own(session, actor, gathering_id)
    await rights.require_facilitator(session, actor, group.id)
    _is_in(gathering, "proposed")
    gathering.state, gathering.closed_at = "declined", now
    gathering.words = gathering.spot = gathering.place = ""
    await session.flush()
    return group.id


async def call_off(session: AsyncSession, actor: Actor, gathering_id: int, now: datetime) -> bool:
    """End a gathering: who said yes hears of it. A draft or proposal only goes; then False."""
    gathering, _ = await gatherings.own(session, actor, gathering_id)
    if gathering.state in {*PLANNED, "declined"}:
        await session.delete(gathering)
        await session.flush()
        return False
    _is_in(gathering, *HELD)
    await gathering_dates.end(session, gathering, now, reason="off")
    return True


async def take(session: AsyncSession, actor: Actor, gathering_id: int, now: datetime) -> Gathering:
    """Host a gathering that nobody hosts any more; what rested goes on."""
    await rights.server_row(session, actor.server_id)
    gathering = await session.get(Gathering, gathering_id)
    if gathering is None or gathering.server_id != actor.server_id:
        raise NotAllowed("gathering.gone")
    group = await session.get_one(Group, gathering.group_id)
    if not await rights.is_inside(session, actor.server_id, actor.user_id, group.id):
        raise NotAllowed("gathering.inside_only")
    if not await gatherings.may_host(session, group, actor.user_id):
        raise NotAllowed("gathering.homes_only")
    _is_in(gathering, *HELD)
    if gathering.host_id is not None:
        raise UserError("gathering.has_host", user=gathering.host_id)
    gathering.host_id, gathering.host_asked_at = actor.user_id, None
    await session.flush()
    date = await gatherings.open_date(session, gathering.id)
    if date is None:
        await go_on(session, actor, gathering_id, now)
        return gathering
    await gatherings.comes(session, date.id, actor.user_id, now)
    mark = f"host-{int(now.timestamp())}"
    shown = await gatherings.seen(session, date, gathering, group)
    words = [posts.new_host(shown, actor.user_id, mark)]
    await gatherings.post(session, date, gathering, words, mark, now=now, until=date.starts_at)
    return gathering


async def go_on(session: AsyncSession, actor: Actor, gathering_id: int, now: datetime) -> Gathering:
    """Let a series that rested go on, hosted by its host, else by who presses."""
    gathering, group = await gatherings.own(session, actor, gathering_id)
    if gathering.state == "running":
        return gathering
    _is_in(gathering, "paused")
    host = gathering.host_id or actor.user_id
    if not await gatherings.may_host(session, group, host):
        raise UserError("gathering.host_inside")
    gathering.state, gathering.host_id, gathering.quiet = "running", host, 0
    gathering.host_asked_at = None
    await gathering_dates.plan_next(session, gathering, now)
    return gathering


async def show_on_discord(
    session: AsyncSession,
    actor: Actor,
    gathering_id: int,
    *,
    wanted: bool,
    events: int,
    shut_stages: Collection[int] = (),
) -> Gathering:
    """Let a gathering stand among Discord's own events, or not.

    `events` is how many the server has, `shut_stages` where Hearth can announce none. UserError
    where that must not or cannot be: a place in the world is told to nobody outside, and an
    unlisted group is never named outside its room.
    """
    gathering, group = await gatherings.own(session, actor, gathering_id)
    _is_in(gathering, *PLANNED, *HELD)
    if wanted:
        if gathering.place not in {"voice", "link"}:
            raise UserError("gathering.event_place")
        if not await rights.listed(session, group):
            raise UserError("gathering.event_unlisted")
        if events >= bounds.EVENTS_MOST:
            raise UserError("gathering.event_full", most=bounds.EVENTS_MOST)
        if gathering.place == "voice" and gathering.voice_id in shut_stages:
            raise UserError("gathering.event_stage", room=gathering.voice_id)
    gathering.event = wanted
    date = await gatherings.open_date(session, gathering.id)
    if wanted and date is not None and date.event_state in {"refused", "stands"}:
        date.event_state = ""  # wanted anew, by a person
    await session.flush()
    return gathering


def _touched(gathering: Gathering, now: datetime) -> None:
    """Let what is not announced yet stay a while longer: somebody thinks about it."""
    if gathering.state in PLANNED:
        gathering.created_at = now


def _told(gathering: Gathering) -> tuple[object, ...]:
    """Return what the room is told of when it changes."""
    return (
        gathering.title,
        gathering.minutes,
        gathering.place,
        gathering.spot,
        gathering.voice_id,
    )


def _whole(gathering: Gathering) -> tuple[object, ...]:
    """Return all that a form can change."""
    when = gathering.first_local, gathering.zone, gathering.rule
    return (*_told(gathering), gathering.words, gathering.most, *when)


def _begin_at(gathering: Gathering, when: Typed) -> None:
    """Let what is not announced yet begin at another time; it comes round as before if it can."""
    gathering.first_local, gathering.zone = rules.stamp(when.local), when.zone
    how, ends_at = rules.repeat_of(gathering.rule), rules.ends_of(gathering.rule)
    fits = how in rules.possible(when.local)
    fits = fits and (ends_at.until is None or ends_at.until > when.local.date())
    gathering.rule = rules.rule_of(how, when.local, ends_at) if fits else ""


async def _room_is_there(session: AsyncSession, gathering: Gathering) -> None:
    """UserError for the group's own voice room where it has none."""
    if gathering.place != "voice" or gathering.voice_id is not None:
        return
    group = await session.get_one(Group, gathering.group_id)
    if group.voice_id is None:
        raise UserError("gathering.where_no_voice")


async def _lives_there(session: AsyncSession, actor: Actor, group_id: int) -> bool:
    home = await session.get(Membership, (actor.server_id, actor.user_id))
    return home is not None and home.group_id == group_id and home.state == "here"


def _is_in(gathering: Gathering, *states: str) -> None:
    if gathering.state not in states:
        raise UserError(f"gathering.state_{gathering.state}", title=safe(gathering.title))
