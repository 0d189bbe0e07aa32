"""`/hearth group create` and `edit`: what was typed becomes a group, or is kept to be mended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import charter
from bot.rules.actor import Actor
from bot.rules.capacity import Room
from bot.rules.naming import key
from bot.services import drafts, groups, rights, types
from models import Group

FORM = "group"  # one half-done charter per person, whether for a new group or an old one
# What the form and the commands fill; `type` and `group` say for what.
FIELDS = ("name", "purpose", "for_whom", "norms", "emoji", "colour")
SAME_WISH = timedelta(hours=1)  # the same charter again within this time is the same wish


@dataclass(frozen=True, slots=True)
class Chartered:
    """A group that was made or changed; `still_fit` more of its type fit, None when not known."""

    group_id: int
    group: str
    emoji: str
    made: bool
    still_fit: int | None = None


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
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id, allow_paused=True)
    fields = {name: typed[name] for name in FIELDS if name in typed}
    still_fit: int | None = None
    if "group" in typed:
        found = await groups.find(
            session, actor.server_id, typed["group"], for_user=actor.user_id, unlisted=True
        )
        wanted = charter.read(fields, groups.charter_of(found))
        group = await groups.edit(session, actor, found.id, charter=wanted, now=now)
    else:
        type_ = await types.find(session, actor.server_id, typed.get("type", ""))
        fields = {"name": "", "purpose": "", **fields}
        wanted = charter.read(fields)
        group = await _asked_again(session, actor, type_.id, wanted, now=now)
        if group is None:
            group = await groups.create(
                session, actor, type_id=type_.id, charter=wanted, now=now, room=room
            )
        if room is not None:
            still_fit = await groups.still_fit(session, type_, room)
    await drafts.done(session, server_id=actor.server_id, user_id=actor.user_id, form=FORM)
    return Chartered(group.id, group.name, group.emoji, "group" not in typed, still_fit)


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
        group = await groups.find(
            session, actor.server_id, found["group"], for_user=actor.user_id, unlisted=True
        )
        stands = groups.charter_of(group)
        filled = {name: str(getattr(stands, name)) for name in FIELDS if name != "colour"}
        found = {**filled, "colour": f"#{stands.colour:06X}", **found}
    return found
