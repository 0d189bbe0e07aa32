"""`/hearth group create` and `edit`: what was typed becomes a group, or is kept to be mended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import charter, charter_cards, tongues
from bot.rules import stages as rules
from bot.rules.actor import Actor
from bot.rules.capacity import Room
from bot.rules.naming import key
from bot.rules.stages import Stage
from bot.services import drafts, groups, known_groups, rights, stages, types
from models import Group, GroupType

FORM = "group"  # one half-done charter per person, whether for a new group or an old one
# What the form and the commands fill; `type` and `group` say for what.
FIELDS = (
    "name",
    "purpose",
    "for_whom",
    "unites",
    "norms",
    "emoji",
    "colour",
    "language",
    "zone",
    "city",
    "venue",
)
# In a draft: the form asked for it, so every duty of a charter is to be fulfilled.
WHOLE = "whole"
SAME_WISH = timedelta(hours=1)  # the same charter again within this time is the same wish


@dataclass(frozen=True, slots=True)
class Chartered:
    """A group that was made or changed; `still_fit` more of its type fit, None when not known.

    `lacks` is what is asked for and not there, `waits` whether the group opens only with it.
    """

    group_id: int
    group: str
    emoji: str
    made: bool
    stage: Stage
    lacks: tuple[str, ...]
    waits: bool
    still_fit: int | None = None


@dataclass(frozen=True, slots=True)
class HalfWay:
    """A charter whose first step is done: kept as a draft, nothing made."""

    name: str
    type: str


async def apply(
    session: AsyncSession,
    actor: Actor,
    typed: Mapping[str, str],
    *,
    now: datetime,
    room: Room | None = None,
) -> Chartered:
    """Make the group that `typed` describes, or change the one that `typed["group"]` names.

    UserError says what to mend; `keep` then saves what was typed.
    """
    await rights.server_row(session, actor.server_id, allow_paused=True)
    fields = {name: typed[name] for name in FIELDS if name in typed}
    still_fit: int | None = None
    if "group" in typed:
        found = await _charted(session, actor, typed["group"])
        wanted = charter.read(fields, groups.charter_of(found))
        group = await groups.edit(session, actor, found.id, charter=wanted, now=now)
    else:
        await rights.require_owner(session, actor)
        wanted, type_ = await _wanted(session, actor, typed)
        group = await _asked_again(session, actor, type_.id, wanted, now=now)
        if group is None:
            group = await groups.create(
                session, actor, type_id=type_.id, charter=wanted, now=now, room=room
            )
        if room is not None:
            still_fit = await groups.still_fit(session, type_, room)
    await drafts.done(session, server_id=actor.server_id, user_id=actor.user_id, form=FORM)
    facts = await stages.facts(session, group)
    needed = rules.still_needed(facts) if not facts.opened else ()
    return Chartered(
        group_id=group.id,
        group=group.name,
        emoji=group.emoji,
        made="group" not in typed,
        stage=rules.stage(facts),
        lacks=needed or rules.asked_for(facts),
        waits=bool(needed),
        still_fit=still_fit,
    )


async def begin(
    session: AsyncSession, actor: Actor, typed: Mapping[str, str], *, now: datetime
) -> None:
    """Keep what a command said of a new group, over what was left half done before; for owners."""
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id, allow_paused=True)
    left = await drafts.kept(session, server_id=actor.server_id, user_id=actor.user_id, form=FORM)
    if "group" in left:  # a change to a group that is there is another matter
        left = {}
    await keep(session, actor, {**left, **typed, WHOLE: "yes"}, now=now)


async def first_step(
    session: AsyncSession, actor: Actor, typed: Mapping[str, str], *, now: datetime
) -> HalfWay:
    """Look at the first half of a new group's charter and keep it; UserError says what to mend."""
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id, allow_paused=True)
    wanted, type_ = await _wanted(session, actor, typed)
    await groups.free_name(session, actor.server_id, wanted.name, None)
    await keep(session, actor, typed, now=now)
    return HalfWay(wanted.name, type_.name)


async def _wanted(
    session: AsyncSession, actor: Actor, typed: Mapping[str, str]
) -> tuple[charter.Charter, GroupType]:
    """Return the charter and type that were typed for a new group."""
    fields = {name: typed[name] for name in FIELDS if name in typed}
    wanted = charter.read({"name": "", "purpose": "", **fields})
    if WHOLE in typed:
        charter.whole(wanted)
    return wanted, await types.find(session, actor.server_id, typed.get("type", ""))


async def _charted(session: AsyncSession, actor: Actor, text: str) -> Group:
    """Return the group whose charter is changed; owners know of all of them."""
    owner = await rights.is_owner(session, actor)
    return await known_groups.find(
        session, actor.server_id, text, for_user=actor.user_id, unlisted=owner
    )


async def _asked_again(
    session: AsyncSession, actor: Actor, type_id: int, wanted: charter.Charter, *, now: datetime
) -> Group | None:
    """Return the group if it was made exactly so a moment ago.

    Whoever got no answer, because Hearth stopped in the middle of it, asks again: they shall read
    that the group is made, not that its name is taken.
    """
    group = await session.scalar(
        select(Group).where(
            Group.server_id == actor.server_id,
            Group.type_id == type_id,
            Group.name_key == key(wanted.name),
            Group.created_at > now - SAME_WISH,
        )
    )
    return group if group is not None and groups.charter_of(group) == wanted else None


async def keep(
    session: AsyncSession, actor: Actor, typed: Mapping[str, str], *, now: datetime
) -> None:
    """Keep what was refused, so that the form opens with it."""
    await drafts.keep(
        session,
        server_id=actor.server_id,
        user_id=actor.user_id,
        form=FORM,
        fields=typed,
        now=now,
    )


async def kept(session: AsyncSession, actor: Actor) -> dict[str, str]:
    """Return what was typed last; UserError when there is nothing to go on with."""
    found = await drafts.kept(session, server_id=actor.server_id, user_id=actor.user_id, form=FORM)
    if not found:
        raise UserError("errors.expired")
    if "group" in found:
        # What was not typed stands as it is in the charter.
        found = {**await standing(session, actor, found["group"]), **found}
    return found


async def standing(session: AsyncSession, actor: Actor, group: str) -> dict[str, str]:
    """Return a group's charter as it would be typed, for whoever may change it.

    UserError for anybody else.
    """
    row = await _charted(session, actor, group)
    if not await rights.is_owner(session, actor):
        await rights.require_facilitator(session, actor, row.id)
    stands = groups.charter_of(row)
    filled = {name: str(getattr(stands, name)) for name in FIELDS}
    filled["colour"] = f"#{stands.colour:06X}"
    filled["zone"] = charter_cards.zone_named(stands.zone)
    filled["language"] = tongues.shown(stands.language)
    return {"group": str(row.id), **filled}
