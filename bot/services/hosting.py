"""What hosts do with rituals: add, edit, start, pause, remove. For facilitators and owners."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules.actor import Actor
from bot.rules.naming import key, safe
from bot.rules.ritual_cards import Hosted
from bot.rules.ritual_forms import RITUALS_MOST, Filled
from bot.rules.ritual_kinds import KINDS
from bot.rules.ritual_times import When, written
from bot.rules.rituals import next_due
from bot.services import rights, ritual_moves, rota
from bot.services.rituals import UNANSWERED_MOST, schedule_of
from bot.texts.prompts import Prompts, of_kind
from models import Group, Ritual, RitualPrompt, Server, TypeRitual


async def of_group(
    session: AsyncSession, actor: Actor, group_id: int, now: datetime
) -> list[Hosted]:
    """Return the group's rituals, those that run first."""
    await _group(session, actor, group_id)
    found = await session.scalars(
        select(Ritual).where(Ritual.group_id == group_id).order_by(Ritual.state.desc(), Ritual.id)
    )
    return [await _hosted(session, ritual, now) for ritual in list(found)]


async def one(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Hosted:
    """Return one ritual."""
    return await _hosted(session, await _ritual(session, actor, ritual_id), now)


async def add(
    session: AsyncSession, actor: Actor, group_id: int, form: Filled, now: datetime
) -> Hosted:
    """Add a ritual, paused until its host presses Start."""
    group = await _group(session, actor, group_id)
    await _title_is_free(session, group_id, form.title)
    counted = await session.scalar(select(func.count()).where(Ritual.group_id == group_id))
    if (counted or 0) >= RITUALS_MOST:
        raise UserError("rituals.too_many", most=RITUALS_MOST)
    ritual = await _new(
        session, group, title=form.title, when=form.when, prompts=form.prompts, now=now
    )
    ritual.pings = form.pings
    await session.flush()
    return await _hosted(session, ritual, now)


async def edit(
    session: AsyncSession, actor: Actor, ritual_id: int, form: Filled, now: datetime
) -> Hosted:
    """Change a ritual; prompts that stay keep their turn, and if it runs, it runs on."""
    ritual = await _ritual(session, actor, ritual_id)
    await _title_is_free(session, ritual.group_id, form.title, but_for=ritual.id)
    before = schedule_of(ritual)
    server = await session.get_one(Server, ritual.server_id)
    _set_when(ritual, form.when, server.zone)
    after = schedule_of(ritual)
    moved = before != after
    if (before.cadence, before.weekday, before.zone) != (after.cadence, after.weekday, after.zone):
        ritual.anchor = _today(now, ritual.zone)
    ritual.title, ritual.pings = form.title, form.pings
    ritual.reconsidered_at = now
    await _set_prompts(session, ritual, form.prompts)
    if ritual.state == "running" and moved:  # else its next moment stays, moved or not
        ritual.moved_from_at = None
        ritual.next_due_at = await ritual_moves.next_place(session, ritual, now)
    await session.flush()
    return await _hosted(session, ritual, now)


async def start(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Hosted:
    """Let a ritual run, hosted by who pressed; nothing that is past is made up for.

    Others who take turns with it still do, after who pressed. One that runs is left as it is.
    """
    ritual = await _ritual(session, actor, ritual_id)
    _goes_on(await session.get_one(Group, ritual.group_id))
    if ritual.state != "running":
        ritual.next_due_at = await ritual_moves.next_place(session, ritual, now)
        ritual.moved_from_at = ritual.paused_until = None
        if ritual.unanswered >= UNANSWERED_MOST:
            ritual.reconsidered_at = now
        ritual.state, ritual.unanswered = "running", 0
        await rota.begins(session, ritual, actor.user_id, now)
    elif ritual.host_id is None:
        await rota.begins(session, ritual, actor.user_id, now)
    await session.flush()
    return await _hosted(session, ritual, now)


async def pause(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Hosted:
    """Let a ritual rest until somebody starts it again."""
    ritual = await _ritual(session, actor, ritual_id)
    ritual.state, ritual.unanswered, ritual.hostless_at = "paused", 0, None
    ritual.next_due_at = ritual.moved_from_at = ritual.paused_until = None
    await session.flush()
    return await _hosted(session, ritual, now)


async def remove(session: AsyncSession, actor: Actor, ritual_id: int) -> tuple[int, str]:
    """Let a ritual go with its prompts and its past; return its group and title."""
    ritual = await _ritual(session, actor, ritual_id)
    gone = ritual.group_id, ritual.title
    await session.delete(ritual)
    await session.flush()
    return gone


async def usual_left(session: AsyncSession, group_id: int) -> bool:
    """Return whether groups of this type usually do something that this one does not have yet."""
    group = await session.get_one(Group, group_id)
    return bool(await _missing(session, group))


async def set_up_usual(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> int:
    """Add the rituals of the group's type that it does not have yet, paused; return how many."""
    group = await _group(session, actor, group_id)
    _goes_on(group)
    missing = await _missing(session, group)
    for pattern, ours in missing:
        ritual = await _new(
            session, group, title=ours.title, when=None, prompts=ours.prompts, now=now
        )
        ritual.kind, ritual.thread = pattern.kind, KINDS[pattern.kind].thread
        for column in ("cadence", "weekday", "nth", "hour", "minute", "cron"):
            setattr(ritual, column, getattr(pattern, column))
    await session.flush()
    return len(missing)


async def _missing(session: AsyncSession, group: Group) -> list[tuple[TypeRitual, Prompts]]:
    """Return what groups of this type usually do and this one does not, as far as there is room.

    It has it already where it has a ritual of that kind, or one that is called so.
    """
    server = await session.get_one(Server, group.server_id)
    kinds, titles = set[str](), set[str]()
    left = RITUALS_MOST
    for ritual in await session.scalars(select(Ritual).where(Ritual.group_id == group.id)):
        kinds.add(ritual.kind)
        titles.add(key(ritual.title))
        left -= 1
    usual = await session.scalars(
        select(TypeRitual).where(TypeRitual.type_id == group.type_id).order_by(TypeRitual.id)
    )
    found: list[tuple[TypeRitual, Prompts]] = []
    for pattern in usual:
        ours = of_kind(pattern.kind, group.language or server.language)
        if pattern.kind not in kinds and key(ours.title) not in titles and len(found) < left:
            kinds.add(pattern.kind)
            found.append((pattern, ours))
    return found


async def copy_to(
    session: AsyncSession,
    group_id: int,
    child_id: int,
    *,
    host_id: int | None,
    now: datetime,
    along: Collection[int] = (),
) -> int:
    """Give a split's child the rituals of the group it comes from; return how many.

    What runs there runs on in the child if it has a host, else it waits for one to press Start.
    Hosts who go `along` take turns there from now on.
    """
    child = await session.get_one(Group, child_id)
    rituals = await session.scalars(
        select(Ritual).where(Ritual.group_id == group_id).order_by(Ritual.id)
    )
    copied = 0
    for ritual in list(rituals):
        runs = ritual.state == "running"
        twin = await copy_one(session, ritual, child)
        await rota.follow(session, ritual, twin, along)
        if runs and host_id is not None:
            twin.state = "running"
            twin.next_due_at = next_due(schedule_of(ritual), now)
            await rota.begins(session, twin, host_id, now)
        copied += 1
    await session.flush()
    return copied


async def copy_one(session: AsyncSession, ritual: Ritual, group: Group) -> Ritual:
    """Give another group a ritual with its prompts; it waits there for somebody to press Start."""
    twin = Ritual(
        server_id=group.server_id,
        group_id=group.id,
        title=ritual.title,
        kind=ritual.kind,
        thread=ritual.thread,
        cadence=ritual.cadence,
        weekday=ritual.weekday,
        nth=ritual.nth,
        hour=ritual.hour,
        minute=ritual.minute,
        cron=ritual.cron,
        zone=ritual.zone,
        anchor=ritual.anchor,
        pings=ritual.pings,
        state="paused",
    )
    session.add(twin)
    await session.flush()
    for prompt in await _prompts(session, ritual.id):
        session.add(
            RitualPrompt(
                ritual_id=twin.id,
                position=prompt.position,
                prompt=prompt.prompt,
                used=prompt.used,
            )
        )
    await session.flush()
    return twin


async def _group(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    group = await session.get(Group, group_id)
    if group is None or group.server_id != actor.server_id:
        raise UserError("facilitators.no_such_group")
    await rights.require_facilitator(session, actor, group_id)
    return group


def _goes_on(group: Group) -> None:
    """UserError where a group has ended: nothing begins there any more."""
    if group.archived_at is not None:
        raise UserError("ritual_kinds.group_ended", group=safe(group.name))


async def _ritual(session: AsyncSession, actor: Actor, ritual_id: int) -> Ritual:
    ritual = await session.get(Ritual, ritual_id)
    if ritual is None or ritual.server_id != actor.server_id:
        raise NotAllowed("rituals.gone")
    await rights.require_facilitator(session, actor, ritual.group_id)
    return ritual


async def _title_is_free(
    session: AsyncSession, group_id: int, title: str, *, but_for: int | None = None
) -> None:
    """UserError for a title that another of the group's rituals has: nobody could tell which."""
    rows = await session.execute(select(Ritual.id, Ritual.title).where(Ritual.group_id == group_id))
    if any(key(row.title) == key(title) and row.id != but_for for row in rows):
        raise UserError("rituals.title_taken", title=safe(title))


async def _new(
    session: AsyncSession,
    group: Group,
    *,
    title: str,
    when: When | None,
    prompts: tuple[str, ...],
    now: datetime,
) -> Ritual:
    server = await session.get_one(Server, group.server_id)
    ritual = Ritual(
        server_id=group.server_id,
        group_id=group.id,
        title=title,
        cadence="weekly",
        zone=server.zone,
        anchor="",
        state="paused",
        pings="asked",
        unanswered=0,
    )
    _set_when(ritual, when or When("weekly", weekday=0), server.zone)
    ritual.anchor = _today(now, ritual.zone)
    session.add(ritual)
    await session.flush()
    await _set_prompts(session, ritual, prompts)
    return ritual


def _set_when(ritual: Ritual, when: When, server_zone: str) -> None:
    ritual.cadence, ritual.weekday, ritual.nth = when.cadence, when.weekday, when.nth
    ritual.hour, ritual.minute, ritual.cron = when.hour, when.minute, when.cron
    ritual.zone = when.zone or server_zone


def _today(now: datetime, zone: str) -> str:
    return now.astimezone(ZoneInfo(zone)).date().isoformat()


async def _prompts(session: AsyncSession, ritual_id: int) -> list[RitualPrompt]:
    found = await session.scalars(
        select(RitualPrompt)
        .where(RitualPrompt.ritual_id == ritual_id)
        .order_by(RitualPrompt.position, RitualPrompt.id)
    )
    return list(found)


async def _set_prompts(session: AsyncSession, ritual: Ritual, prompts: tuple[str, ...]) -> None:
    """Keep the prompts that stay with their turns; a new one waits as long as those used least."""
    there = {prompt.prompt: prompt for prompt in await _prompts(session, ritual.id)}
    least = min((p.used for text, p in there.items() if text in prompts), default=0)
    for text, prompt in there.items():
        if text not in prompts:
            await session.delete(prompt)
    for position, text in enumerate(prompts):
        if text in there:
            there[text].position = position
        else:
            session.add(
                RitualPrompt(ritual_id=ritual.id, position=position, prompt=text, used=least)
            )
    await session.flush()


async def _hosted(session: AsyncSession, ritual: Ritual, now: datetime) -> Hosted:
    server = await session.get_one(Server, ritual.server_id)
    schedule = schedule_of(ritual)
    return Hosted(
        id=ritual.id,
        group_id=ritual.group_id,
        title=ritual.title,
        when=written(schedule, own_zone=ritual.zone != server.zone),
        zone=ritual.zone,
        prompts=tuple(prompt.prompt for prompt in await _prompts(session, ritual.id)),
        pings=ritual.pings,
        state=ritual.state,
        host_id=ritual.host_id,
        coming=tuple(await ritual_moves.held_next(session, ritual, now)),
        hosts=tuple(await rota.hosts(session, ritual)),
        turn=await rota.whose_turn(session, ritual, ritual.next_due_at or now),
        moved=ritual.moved_from_at is not None,
        paused_until=ritual.paused_until,
    )
