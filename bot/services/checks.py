"""What is wrong in a server, or soon will be, and what to do about it: for /hearth check."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import access, capacity
from bot.rules.capacity import Use
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.services import effects
from bot.services.upkeep import ROOMS
from models import Group, GroupType, Server, SetupRole

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
)
MOST_FAILED_SHOWN = 10
# What Hearth stopped by itself, by the name of the text: Discord refused nothing.
OWN_REASONS = {effects.FLIPS: "flips", effects.REMOVALS: "removals"}


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


async def findings(session: AsyncSession, server_id: int, use: Use) -> list[Finding]:
    """Return what is wrong, then what soon will be, then how much still fits.

    UserError if the server is not set up. A paused server is checked all the same.
    """
    server = await session.get(Server, server_id)
    if server is None or server.removed_at is not None:
        raise UserError("errors.not_set_up")
    found = [
        *([Finding("wrong", "checks.paused")] if server.paused_at is not None else []),
        *_permissions(use),
        *_setup_rooms(server, use),
        *await _safety_roles(session, server_id, use),
        *await _groups(session, server_id, use),
        *await _failed(session, server_id),
        *await _twins(session, server_id, use),
        *_limits(use),
    ]
    fits = capacity.groups_that_fit(use)
    cap = max(await session.scalars(_caps(server_id)), default=150)
    found.append(
        Finding(
            "fine",
            "checks.fits",
            {"n": fits.by_role, "seats": fits.by_role * cap, "without": fits.without_role},
        )
    )
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


def _caps(server_id: int) -> Any:
    return select(GroupType.cap).where(GroupType.server_id == server_id)


def _permissions(use: Use) -> list[Finding]:
    if use.permissions & access.ADMINISTRATOR:
        return []
    return [
        Finding("wrong", f"checks.missing_{name}")
        for bit, name in NEEDED
        if not use.permissions & bit
    ]


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
    return found


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
    limits = (
        ("roles", use.roles, capacity.ROLES),
        ("channels", use.channels, capacity.CHANNELS),
        ("categories", use.categories, capacity.CATEGORIES),
    )
    return [
        Finding(
            "wrong" if used >= limit else "soon",
            f"checks.limit_{name}",
            {"used": used, "limit": limit},
        )
        for name, used, limit in limits
        if capacity.nearly_full(used, limit)
    ]
