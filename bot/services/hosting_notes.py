"""What hosts are told without being pinged: their turn, and what they are asked.

At /home, at the desk's front, and on the card of what a group does together.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line
from bot.rules.naming import safe
from bot.rules.rota import REMINDED
from bot.rules.together_cards import Part as Shown
from bot.services import ritual_moves, rota
from bot.settings import Settings
from models import Group, Ritual, RitualHost, RitualSwap

TOLD_MOST = 3  # turns at /home and at the desk; further ones come later anyway
SHOWN_MOST = 8  # rituals on the card of what a group does together


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return what waits for one host: questions first, then turns within a week."""
    del settings
    lines: list[Line] = []
    buttons: list[Button] = []
    asked = await session.execute(
        select(RitualHost.ritual_id)
        .join(Ritual, Ritual.id == RitualHost.ritual_id)
        .join(Group, Group.id == Ritual.group_id)
        .where(
            Group.archived_at.is_(None),
            Ritual.server_id == who.server_id,
            RitualHost.user_id == who.user_id,
            RitualHost.state == "asked",
        )
        .order_by(RitualHost.ritual_id)
        .limit(TOLD_MOST)
    )
    for (ritual_id,) in asked.all():
        lines.append(Line("rota.home_asked"))
        buttons.append(Button("rota.home_open", f"ritual-host-open:{ritual_id}:home", "primary"))
    swaps = await session.execute(
        select(RitualSwap.ritual_id, Ritual.title)
        .join(Ritual, Ritual.id == RitualSwap.ritual_id)
        .join(Group, Group.id == Ritual.group_id)
        .where(Group.archived_at.is_(None))
        .where(Ritual.server_id == who.server_id, RitualSwap.host_id == who.user_id)
        .order_by(RitualSwap.at)
        .limit(TOLD_MOST)
    )
    for ritual_id, title in swaps.all():
        lines.append(Line("rota.home_swap", {"title": safe(title)}))
        buttons.append(Button("rota.home_open", f"ritual-swap-open:{ritual_id}:home", "primary"))
    urgent = bool(lines)
    for ritual, at in await _turns(session, who, now):
        lines.append(Line("rota.home_turn", _told(ritual, at)))
        to = {"title": ritual.title}
        buttons.append(Button("rota.home_turn_open", f"ritual-rota:{ritual.id}", params=to))
    return Note(lines, buttons, urgent=urgent) if lines else None


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return what the desk's front says: the reader's own turn, and rituals without a host."""
    del settings
    if group.archived_at is not None:
        return ()
    lines: list[Line] = []
    buttons: list[Button] = []
    for ritual, at in await _turns(session, actor, now, group_id=group.id):
        lines.append(Line("rota.home_turn", _told(ritual, at)))
        to = {"title": ritual.title}
        buttons.append(Button("rota.home_turn_open", f"ritual-rota:{ritual.id}", params=to))
    hostless = await session.scalars(
        select(Ritual)
        .where(
            Ritual.group_id == group.id,
            Ritual.host_id.is_(None),
            Ritual.hostless_at.is_not(None),
            Ritual.state == "paused",
        )
        .order_by(Ritual.id)
        .limit(TOLD_MOST)
    )
    for ritual in hostless.all():
        lines.append(Line("rota.desk_hostless", {"title": safe(ritual.title)}))
        to = {"title": ritual.title}
        buttons.append(
            Button("rota.desk_hostless_open", f"ritual-hostless:{ritual.id}:desk", params=to)
        )
    return (Part("front", tuple(lines), tuple(buttons)),) if lines else ()


async def together_part(
    session: AsyncSession, who: Actor, group: Group, now: datetime, settings: Settings
) -> Shown | None:
    """Return the rituals that run in a group, with a way to host them too."""
    del settings
    rituals = await session.scalars(
        select(Ritual)
        .where(
            Ritual.group_id == group.id, Ritual.state == "running", Ritual.next_due_at.is_not(None)
        )
        .order_by(Ritual.next_due_at, Ritual.id)
        .limit(SHOWN_MOST)
    )
    here = await rota.may_host(session, group, who.user_id)
    lines: list[Line] = []
    buttons: list[Button] = []
    for ritual in rituals.all():
        at, *_ = await ritual_moves.held_next(session, ritual, now, 1)
        host = await rota.whose_turn(session, ritual, at)
        told = _told(ritual, at)
        if host is None:
            lines.append(Line("rota.together_next_open", told))
        else:
            lines.append(Line("rota.together_next", {**told, "user": host}))
        title = {"title": ritual.title}
        if who.user_id in await rota.hosts(session, ritual):
            press = f"ritual-rota:{ritual.id}"
            buttons.append(Button("rota.together_mine", press, params=title))
        elif here:
            press = f"ritual-host-too:{ritual.id}"
            buttons.append(Button("rota.together_host", press, params=title))
    return Shown(tuple(lines), tuple(buttons)) if lines else None


def _told(ritual: Ritual, at: datetime) -> dict[str, object]:
    return {"title": safe(ritual.title), "at": int(at.timestamp())}


async def _turns(
    session: AsyncSession, who: Actor, now: datetime, *, group_id: int | None = None
) -> list[tuple[Ritual, datetime]]:
    """Return the rituals that somebody hosts next, within a week."""
    mine = select(RitualHost.ritual_id).where(
        RitualHost.user_id == who.user_id, RitualHost.state == "hosts"
    )
    wanted = (
        select(Ritual)
        .join(Group, Group.id == Ritual.group_id)
        .where(
            Group.state == "open",  # elsewhere none is held
            Ritual.server_id == who.server_id,
            Ritual.state == "running",
            Ritual.next_due_at <= now + REMINDED,
            or_(Ritual.host_id == who.user_id, Ritual.id.in_(mine)),
        )
        .order_by(Ritual.next_due_at, Ritual.id)
    )
    if group_id is not None:
        wanted = wanted.where(Ritual.group_id == group_id)
    found: list[tuple[Ritual, datetime]] = []
    for ritual in (await session.scalars(wanted)).all():
        at, *_ = await ritual_moves.held_next(session, ritual, now, 1)
        soon = now < at <= now + REMINDED
        if soon and await rota.whose_turn(session, ritual, at) == who.user_id:
            found.append((ritual, at))
    return found[:TOLD_MOST]
