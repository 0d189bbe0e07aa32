"""Threads: opening, changing, closing, and who is in them (Discord's docs, Threads)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sandbox.acts.delivering import member_in
from sandbox.acts.thread_life import come_in, members_changed, need_active
from sandbox.errors import error, invalid_form
from sandbox.intents import Intent
from sandbox.permissions import Permission, may_write
from sandbox.state import (
    STARTER,
    AuditAction,
    ChannelType,
    Message,
    Thread,
)
from sandbox.thread_payloads import thread_payload
from sandbox.world import change

if TYPE_CHECKING:
    from sandbox.state import Channel, Member, Server, User
    from sandbox.world import World

MAX_ACTIVE = 1000
"""Active threads of a server (error 160006; the figure is [COMM], Discord publishes none)."""
DURATIONS = (60, 1440, 4320, 10080)
"""Minutes after which a thread may be archived by itself."""

_AUDITED = {
    "name": "name",
    "archived": "archived",
    "locked": "locked",
    "auto_archive": "auto_archive_duration",
    "invitable": "invitable",
    "slowmode": "rate_limit_per_user",
}


class ThreadSettings(TypedDict, total=False):
    """What can be set on a thread; what is left out stays."""

    name: str
    archived: bool
    locked: bool
    auto_archive: int
    invitable: bool
    slowmode: int


def start_thread(
    world: World,
    actor: User,
    room: Channel,
    settings: ThreadSettings,
    *,
    on: Message | None = None,
    private: bool = False,
    reason: str | None = None,
) -> Thread:
    """Open a thread in a room: on a message, whose id it takes, or beside the messages."""
    server = world.state.server_of(room)
    member = member_in(world, room, actor)
    assert server is not None
    if room.type is not ChannelType.TEXT:
        raise error(50024)
    bit = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    world.need(member, bit, room)
    if on is not None and on.id in server.threads:
        raise error(160004)
    if sum(1 for thread in server.threads.values() if not thread.archived) >= MAX_ACTIVE:
        raise error(160006)
    now = world.state.now()
    thread = Thread(
        on.id if on is not None else world.state.snowflake(),
        ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD,
        server.id,
        parent_id=room.id,
        owner_id=actor.id,
        made_at=now,
        changed_at=now,
        active_at=now,
        members={actor.id: now},
    )
    for key, value in settings.items():
        setattr(thread, key, value)
    world.state.add_channel(server, thread)
    told = thread_payload(thread, viewer_id=world.state.bot.id)
    if world.bot_sees(thread):
        world.emit("THREAD_CREATE", {**told, "newly_created": True}, Intent.GUILDS, server)
    members_changed(world, server, thread, added=[actor.id])
    changes = [{"key": "name", "new_value": thread.name}]
    world.audit(
        server, member, AuditAction.THREAD_CREATE, thread.id, reason=reason, changes=changes
    )
    if on is not None:
        _begin_with(world, server, thread, on)
    return thread


def _begin_with(world: World, server: Server, thread: Thread, on: Message) -> None:
    """Mark the message that a thread stands on, and say in the thread which it is."""
    on.flags |= 1 << 5  # HAS_THREAD
    notice = Message(
        world.state.snowflake(),
        thread.id,
        server.id,
        on.author,
        type=STARTER,
        reference_id=on.id,
    )
    thread.history.add(notice)
    thread.last_message_id = notice.id


def edit_thread(
    world: World,
    server: Server,
    actor: Member,
    thread: Thread,
    settings: ThreadSettings,
    *,
    reason: str | None = None,
) -> None:
    """Change a thread: its own maker nearly everything, others with MANAGE_THREADS."""
    may = world.permissions(actor, thread)
    if not may & Permission.VIEW_CHANNEL:
        raise error(50001)
    manages = bool(may & Permission.MANAGE_THREADS)
    own = thread.owner_id == actor.user.id
    asked = {key for key, value in settings.items() if getattr(thread, key) != value}
    opens = asked == {"archived"} and thread.archived
    allowed = manages or (
        own and not asked & {"locked", "slowmode"} and not (thread.locked and asked)
    )
    if opens and not thread.locked:
        allowed = allowed or actor.user.id in thread.members
    if not allowed:
        raise error(50013)
    if thread.archived and asked and settings.get("archived", True):
        raise error(50083)
    old = {key: getattr(thread, key) for key in _AUDITED}
    for key, value in settings.items():
        setattr(thread, key, value)
    if asked & {"archived", "auto_archive"}:
        thread.changed_at = thread.active_at = world.state.now()
    changes = [
        entry
        for key, wire in _AUDITED.items()
        for entry in change(wire, old[key], getattr(thread, key))
    ]
    if changes:
        action = AuditAction.THREAD_UPDATE
        world.audit(server, actor, action, thread.id, reason=reason, changes=changes)
        world.emit_channel("THREAD_UPDATE", thread)


def delete_thread(
    world: World, server: Server, actor: Member, thread: Thread, *, reason: str | None = None
) -> None:
    """Remove a thread with all that was written in it; the message it stands on stays."""
    world.need(actor, Permission.MANAGE_THREADS, thread)
    seen = world.bot_sees(thread)
    world.state.remove_channel(thread)
    if seen:
        data = {
            "id": str(thread.id),
            "guild_id": str(server.id),
            "parent_id": str(thread.parent_id),
            "type": int(thread.type),
        }
        world.emit("THREAD_DELETE", data, Intent.GUILDS, server)
    changes = [{"key": "name", "old_value": thread.name}]
    world.audit(server, actor, AuditAction.THREAD_DELETE, thread.id, reason=reason, changes=changes)


def add_to_thread(world: World, actor: User, thread: Thread, user: User) -> None:
    """Let somebody into a thread; who is in it already may be let in again."""
    server = world.state.server_of(thread)
    member = member_in(world, thread, actor)
    assert server is not None
    need_active(world, thread, actor)
    world.need(member, may_write(thread), thread)
    if user.id not in server.members:
        raise error(10007)
    if not world.permissions(server.members[user.id], server.channels[thread.parent_id or 0]):
        raise error(50001)
    if user is actor:
        if thread.private and user.id not in thread.members:
            world.need(member, Permission.MANAGE_THREADS, thread)
    elif thread.private and not thread.invitable and thread.owner_id != actor.id:
        world.need(member, Permission.MANAGE_THREADS, thread)
    come_in(world, thread, actor, [user])


def leave_thread(world: World, actor: User, thread: Thread, user: User) -> None:
    """Take somebody out of a thread, or go oneself; who is not in it may stay out."""
    server = world.state.server_of(thread)
    assert server is not None
    need_active(world, thread, actor)
    if user is not actor and not (thread.private and thread.owner_id == actor.id):
        world.need(member_in(world, thread, actor), Permission.MANAGE_THREADS, thread)
    if user.id in thread.members:
        del thread.members[user.id]
        members_changed(world, server, thread, removed=[user.id])


def check_name(name: str | None) -> str:
    """Return a thread's name as Discord keeps it; 50035 for none."""
    stripped = (name or "").strip()
    if not stripped:
        raise invalid_form("name", "BASE_TYPE_REQUIRED", "This field is required")
    return stripped
