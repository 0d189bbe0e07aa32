"""How a ritual comes to be of a kind: what its form begins with, its prompts, its thread.

For those who look after a group, and for owners.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import ritual_files
from bot.rules.actor import Actor
from bot.rules.naming import safe
from bot.rules.ritual_cards import Hosted
from bot.rules.ritual_forms import PROMPTS_MOST, Filled
from bot.rules.ritual_kind_cards import Offered, PromptPage
from bot.rules.ritual_kinds import KINDS, OWN
from bot.rules.ritual_times import read, written
from bot.rules.rituals import Schedule
from bot.services import hosting, rights, ritual_closing
from bot.texts import catalogue
from bot.texts.prompts import Prompts, of_kind
from models import Group, Ritual, Server

if TYPE_CHECKING:
    from bot.rules.ritual_messages import Pings


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A ritual's prompts as a file: its name and content, and the ritual's title."""

    title: str
    name: str
    content: bytes
    prompts: int


async def kinds(session: AsyncSession, actor: Actor, group_id: int) -> list[Offered]:
    """Return the kinds that a group is offered when a ritual is added, its own one last."""
    group = await _open_group(session, actor, group_id)
    language = await _language(session, group)
    say = catalogue(language)
    ours = [(key, of_kind(key, language)) for key in KINDS if key != OWN]
    offered = [Offered(key, kind.title, kind.what) for key, kind in ours]
    own = Offered(OWN, say("ritual_kinds.own"), say("ritual_kinds.own_what"))
    return [*offered, own]


async def begun(session: AsyncSession, actor: Actor, group_id: int, kind: str) -> dict[str, str]:
    """Return what the form of a new ritual of a kind begins with, by field."""
    group = await _open_group(session, actor, group_id)
    if kind not in KINDS:
        raise UserError("errors.expired")
    if kind == OWN:
        return {}
    ours, usual = of_kind(kind, await _language(session, group)), KINDS[kind].usual
    schedule = Schedule(
        usual.cadence,
        "UTC",
        date.min,
        weekday=usual.weekday or 0,
        nth=usual.nth or 1,
        hour=usual.hour,
        minute=usual.minute,
    )
    return {
        "title": ours.title,
        "when": written(schedule, own_zone=False),
        "prompts": "\n".join(ours.prompts),
        "pings": "asked",
    }


async def add(
    session: AsyncSession, actor: Actor, group_id: int, form: Filled, *, kind: str, now: datetime
) -> Hosted:
    """Add a ritual of a kind, paused until its host presses Start."""
    await _open_group(session, actor, group_id)
    if kind not in KINDS:
        raise UserError("errors.expired")
    added = await hosting.add(session, actor, group_id, form, now)
    ritual = await session.get_one(Ritual, added.id)
    ritual.kind, ritual.thread = kind, KINDS[kind].thread
    await session.flush()
    return added


async def remove(
    session: AsyncSession, actor: Actor, ritual_id: int, now: datetime
) -> tuple[int, str]:
    """Let a ritual go, and close the threads in which it is under way; as `hosting.remove`."""
    await hosting.one(session, actor, ritual_id, now)
    await ritual_closing.removed(session, await session.get_one(Ritual, ritual_id), now)
    return await hosting.remove(session, actor, ritual_id)


async def page(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> PromptPage:
    """Return the page of a ritual's prompts."""
    one = await hosting.one(session, actor, ritual_id, now)
    ritual = await session.get_one(Ritual, ritual_id)
    ours = await _ours(session, ritual)
    return PromptPage(
        ritual_id,
        one.title,
        kind="" if ours is None else ours.title,
        thread=ritual.thread,
        prompts=one.prompts,
        ours=len(_further(ours, one.prompts)),
    )


async def as_file(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> PromptFile:
    """Return a ritual's prompts as a plain text file."""
    one = await hosting.one(session, actor, ritual_id, now)
    group = await session.get_one(Group, one.group_id)
    say = catalogue(await _language(session, group))
    head = say("ritual_kinds.file_head", title=one.title)
    return PromptFile(
        one.title,
        f"prompts-{ritual_id}.txt",
        ritual_files.laid_out(head, one.prompts),
        len(one.prompts),
    )


async def take_file(
    session: AsyncSession, actor: Actor, ritual_id: int, content: bytes, now: datetime
) -> int:
    """Let a ritual have the prompts of a file; return how many. Those that stay keep their turn."""
    one = await hosting.one(session, actor, ritual_id, now)
    prompts = ritual_files.read(content)
    await _with_prompts(session, actor, one, prompts, now)
    return len(prompts)


async def add_ours(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> int:
    """Give a ritual the prompts of its kind that it does not have, after its own; return how many.

    As many as there is room for.
    """
    one = await hosting.one(session, actor, ritual_id, now)
    further = _further(await _ours(session, await session.get_one(Ritual, ritual_id)), one.prompts)
    if further:
        await _with_prompts(session, actor, one, (*one.prompts, *further), now)
    return len(further)


async def give_thread(
    session: AsyncSession, actor: Actor, ritual_id: int, now: datetime, *, thread: bool
) -> None:
    """Let each occurrence of a ritual open a thread of its own from now on, or no more."""
    await hosting.one(session, actor, ritual_id, now)
    (await session.get_one(Ritual, ritual_id)).thread = thread
    await session.flush()


async def _with_prompts(
    session: AsyncSession, actor: Actor, one: Hosted, prompts: Sequence[str], now: datetime
) -> None:
    form = Filled(one.title, read(one.when), tuple(prompts), cast("Pings", one.pings))
    await hosting.edit(session, actor, one.id, form, now)


async def _ours(session: AsyncSession, ritual: Ritual) -> Prompts | None:
    if ritual.kind == OWN:
        return None
    group = await session.get_one(Group, ritual.group_id)
    return of_kind(ritual.kind, await _language(session, group))


def _further(ours: Prompts | None, there: Sequence[str]) -> tuple[str, ...]:
    if ours is None:
        return ()
    missing = [prompt for prompt in ours.prompts if prompt not in there]
    return tuple(missing[: max(PROMPTS_MOST - len(there), 0)])


async def _language(session: AsyncSession, group: Group) -> str:
    return group.language or (await session.get_one(Server, group.server_id)).language


async def _open_group(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    """Return a group to who looks after it; UserError where it has ended."""
    group = await session.get(Group, group_id)
    if group is None or group.server_id != actor.server_id:
        raise UserError("facilitators.no_such_group")
    await rights.require_facilitator(session, actor, group_id)
    if group.archived_at is not None:
        raise UserError("ritual_kinds.group_ended", group=safe(group.name))
    return group
