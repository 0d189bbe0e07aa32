"""What is wrong in a server, or soon will be, and what to do about it: for /hearth check."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import access, capacity
from bot.rules.capacity import Use
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.types import CAP_MOST
from bot.services import effects, stage_checks
from bot.services.upkeep import ROOMS
from models import Creation, Group, GroupType, Server, SetupRole

Weight = Literal["wrong", "soon", "fine"]

# What the bot needs, by the name of the text that says what for; in the order of harm.
NEEDED = (
    (access.VIEW, "view"),
    (access.MANAGE_ROLES, "manage_roles"),
    (access.MANAGE_CHANNELS, "manage_channels"),
    (access.SEND, "send"),
    (access.HISTORY, "history"),
    (access.VIEW_AUDIT_LOG, "audit_log"),
    (access.MENTION_EVERYONE, "mention"),
    (access.EMBED_LINKS, "embed"),
    (access.ATTACH_FILES, "attach"),
    (access.ADD_REACTIONS, "reactions"),
    (access.SEND_IN_THREADS, "threads"),
    (access.CREATE_PUBLIC_THREADS, "public_threads"),
    (access.CREATE_PRIVATE_THREADS, "private_threads"),
    (access.CONNECT, "connect"),
    (access.SPEAK, "speak"),
    (access.MANAGE_THREADS, "manage_threads"),
    (access.CREATE_EVENTS, "events"),
)
MOST_FAILED_SHOWN = 10
MAKING_TAKES = timedelta(minutes=2)  # from writing down to having made a role or room
# What mends a refusal, by Discord's code for it (topics/opcodes-and-status-codes).
MENDS = {
    50001: "missing_access",
    50013: "missing_permissions",
    30005: "too_many_roles",
    30013: "too_many_channels",
}
# What Hearth stopped by itself, by the name of the text: Discord refused nothing.
OWN_REASONS = {
    effects.FLIPS: "flips",
    effects.REMOVALS: "removals",
    effects.GIVE_BACK: "give_back",
    effects.EVENT: "event",
    effects.THREAD: "thread",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an owner should know; `key` names its text."""

    weight: Weight
    key: str
    params: dict[str, Any] = field(default_factory=dict[str, Any])


async def group_roles(session: AsyncSession, server_id: int) -> frozenset[int]:
    """Return the roles that belong to groups."""
    found = await session.scalars(
        select(Group.role_id).where(Group.server_id == server_id, Group.role_id.is_not(None))
    )
    return frozenset(role for role in found if role is not None)


async def findings(
    session: AsyncSession, server_id: int, use: Use, *, now: datetime
) -> list[Finding]:
    """Return what is wrong, then what soon will be, then how much still fits.

    UserError if the server is not set up. A paused server is checked all the same.
    """
    server = await session.get(Server, server_id)
    if server is None or server.removed_at is not None:
        raise UserError("errors.not_set_up")
    found = [
        *([Finding("wrong", "checks.paused")] if server.paused_at is not None else []),
        *permissions(use),
        *_setup_rooms(server, use),
        *await _safety_roles(session, server_id, use),
        *await _groups(session, server_id, use),
        *[Finding("fine", w.key, w.params) for w in await stage_checks.wanting(session, server_id)],
        *await _failed(session, server_id),
        *await _pending(session, server_id, now),
        *await _twins(session, server_id, use),
        *_limits(use),
    ]
    found.append(await _head_room(session, server_id, use))
    return sorted(found, key=lambda one: ("wrong", "soon", "fine").index(one.weight))


def message(found: Iterable[Finding]) -> Message:
    """Return the findings as they are shown to an owner."""
    shown = list(found)
    weights = {one.weight for one in shown}
    head = next((w for w in ("wrong", "soon") if w in weights), "well")
    stopped = any(one.key == "checks.failed_removals" for one in shown)
    return Message(
        (Line(f"checks.{head}"), *(Line(one.key, one.params) for one in shown)),
        buttons=(Button("checks.let_go_on", "removals-allow", "danger"),) if stopped else (),
    )


async def _head_room(session: AsyncSession, server_id: int, use: Use) -> Finding:
    """Return how many more groups fit, and about how many seats of the usual size.

    Where a type has voice rooms, as if every group had one.
    """
    room = capacity.groups_that_fit(use)
    talks = select(GroupType.id).where(GroupType.server_id == server_id, GroupType.voice).limit(1)
    voice = await session.scalar(talks) is not None
    fits = {kind: room.groups(by_role=kind, voice=voice) for kind in (True, False)}
    usual = await session.scalar(select(func.avg(Group.cap)).where(Group.server_id == server_id))
    if usual is None:
        caps = select(func.avg(GroupType.cap)).where(GroupType.server_id == server_id)
        usual = await session.scalar(caps)
    seats = round(fits[True] * float(usual or CAP_MOST), -2 if fits[True] > 1 else 0)
    key = "checks.fits" if fits[True] else "checks.fits_none"
    return Finding("fine", key, {"n": fits[True], "seats": int(seats), "without": fits[False]})


def permissions(use: Use) -> list[Finding]:
    """Return each permission that is missing, then how they are switched on."""
    if use.permissions & access.ADMINISTRATOR:
        return []
    missing = [
        Finding("wrong", f"checks.missing_{name}")
        for bit, name in NEEDED
        if not use.permissions & bit
    ]
    if missing:
        role = f"<@&{use.own_role}>" if use.own_role else "Hearth"
        missing.append(Finding("wrong", "checks.switch_on", {"role": role}))
    return missing


def _setup_rooms(server: Server, use: Use) -> list[Finding]:
    found: list[Finding] = []
    for name in ROOMS:
        room_id: int | None = getattr(server, f"{name}_id")
        if room_id is None:
            if name != "commons":
                found.append(Finding("soon", f"checks.no_{name}"))
        elif room_id not in use.rooms:
            found.append(Finding("wrong", f"checks.gone_{name}"))
        elif room_id in use.hidden_rooms:
            found.append(Finding("wrong", "checks.hidden_setup_room", {"room": room_id}))
    return found


async def _safety_roles(session: AsyncSession, server_id: int, use: Use) -> list[Finding]:
    parts = set(
        await session.scalars(select(SetupRole.part).where(SetupRole.server_id == server_id))
    )
    found: list[Finding] = []
    if "safety" not in parts:
        found.append(Finding("soon", "checks.no_safety_roles"))
    if use.roles_above:
        shown = " ".join(f"<@&{role}>" for role in use.roles_above[:MOST_FAILED_SHOWN])
        found.append(
            Finding("wrong", "checks.too_low", {"n": len(use.roles_above), "roles": shown})
        )
    return found


async def _groups(session: AsyncSession, server_id: int, use: Use) -> list[Finding]:
    """Return rooms that cannot be seen, and rooms with too many overwrites for one edit."""
    rows = await session.execute(
        select(Group.name, Group.room_id).where(
            Group.server_id == server_id, Group.room_id.is_not(None)
        )
    )
    found: list[Finding] = []
    for row in rows:
        held = use.overwrites.get(row.room_id, 0)
        if row.room_id in use.hidden_rooms:
            found.append(Finding("wrong", "checks.hidden_room", {"group": safe(row.name)}))
        elif capacity.nearly_full(held, capacity.OVERWRITES):
            weight: Weight = "wrong" if held > capacity.OVERWRITES else "soon"
            params = {"room": row.room_id, "count": held, "most": capacity.OVERWRITES}
            found.append(Finding(weight, "checks.overwrites", params))
    return found


async def _failed(session: AsyncSession, server_id: int) -> list[Finding]:
    failed = await effects.unsettled(session, server_id)
    found: list[Finding] = []
    for one in failed[:MOST_FAILED_SHOWN]:
        kind, _, subject = one.subject.partition(":")
        params: dict[str, Any] = {"why": safe(one.why), "at": int(one.at.timestamp())}
        if kind == "group":
            group = await session.get(Group, int(subject))
            params["who"] = safe(group.name) if group is not None else subject
        elif kind == "member":
            params["who"] = f"<@{subject}>"
        own = "message" if one.action.startswith("message:") else OWN_REASONS.get(one.action)
        found.append(Finding("wrong", f"checks.failed_{own or kind}", params))
    rest = len(failed) - len(found)
    if rest > 0:
        found.append(Finding("wrong", "checks.failed_more", {"n": rest}))
    mends = dict.fromkeys(
        "message" if one.action.startswith("message:") else MENDS.get(one.code or 0, "other")
        for one in failed
        if one.action not in OWN_REASONS
    )
    return found + [Finding("wrong", f"checks.mend_{mend}") for mend in mends]


async def _twins(session: AsyncSession, server_id: int, use: Use) -> list[Finding]:
    """Return what looks like a group's role or room and is none.

    It may have been made twice, when Discord's answer was lost and the audit log's line, too; or
    it is the owners' own, so it is only shown.
    """
    rows = await session.execute(
        select(Group.role_id, Group.room_id).where(Group.server_id == server_id)
    )
    known = [(row.role_id, row.room_id) for row in rows]
    roles, rooms = {role for role, _ in known}, {room for _, room in known}
    found: list[Finding] = []
    for what, ours, shown in (("role", roles, "<@&{}>"), ("room", rooms, "<#{}>")):
        doubles = {twin for one in ours for twin in use.twins.get(one or 0, ())} - ours
        if doubles:
            places = " ".join(shown.format(one) for one in sorted(doubles)[:MOST_FAILED_SHOWN])
            found.append(Finding("soon", f"checks.twin_{what}", {"places": places}))
    return found


def _limits(use: Use) -> list[Finding]:
    return [
        Finding(
            "wrong" if limit.reached else "soon",
            f"checks.{'stop' if limit.reached else 'limit'}_{limit.name}",
            {"used": limit.used, "limit": limit.most, "stop": limit.stop},
        )
        for limit in capacity.limits(use)
        if limit.near
    ]


async def _pending(session: AsyncSession, server_id: int, now: datetime) -> list[Finding]:
    """Return what Hearth has begun to make and not finished for a while, in the tables' order."""
    rows = await session.execute(
        select(Creation.what, Creation.begun_at, Group.name)
        .outerjoin(Group, Group.id == Creation.subject_id)
        .where(Creation.server_id == server_id, Creation.begun_at <= now - MAKING_TAKES)
        .order_by(Creation.begun_at, Creation.id)
        .limit(MOST_FAILED_SHOWN)
    )
    return [
        Finding(
            "wrong",
            f"checks.pending_{row.what}",
            {"group": safe(row.name or ""), "at": int(row.begun_at.timestamp())},
        )
        for row in rows
    ]
