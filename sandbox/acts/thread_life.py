"""What happens to threads by themselves: they wake, fall asleep, and take in who is named."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.acts.delivering import member_in, publish
from sandbox.errors import error
from sandbox.event_payloads import members_update_payload
from sandbox.intents import Intent
from sandbox.permissions import Permission
from sandbox.state import ADDED, Message

if TYPE_CHECKING:
    from sandbox.state import Member, Server, Thread, User
    from sandbox.world import World

MAX_MEMBERS = 1000
"""Per thread (Discord's error 30033)."""


def come_in(world: World, thread: Thread, actor: User, users: list[User]) -> None:
    """Put people into a thread, with the notice that Discord posts about each."""
    server = world.state.server_of(thread)
    assert server is not None
    added = [user for user in users if user.id not in thread.members]
    if len(thread.members) + len(added) > MAX_MEMBERS:
        raise error(30033)
    now = world.state.now()
    for user in added:
        thread.members[user.id] = now
    if not added:
        return
    members_changed(world, server, thread, added=[user.id for user in added])
    for user in added:
        if user is not actor:
            notice = Message(
                world.state.snowflake(),
                thread.id,
                server.id,
                actor,
                type=ADDED,
                mentions=[user],
            )
            publish(world, thread, notice)


def members_changed(
    world: World,
    server: Server,
    thread: Thread,
    *,
    added: list[int] | None = None,
    removed: list[int] | None = None,
) -> None:
    """Tell who came and went: of the bot itself always, of others with the members intent."""
    told = world.state.bot.id in {*(added or ()), *(removed or ())}
    if not told and not world.bot_sees(thread):
        return
    data = members_update_payload(server, thread, added=added or [], removed=removed or [])
    intent = Intent.GUILDS if told else Intent.GUILD_MEMBERS
    world.emit("THREAD_MEMBERS_UPDATE", data, intent, server)


def came_by(world: World, thread: Thread, message: Message) -> None:
    """Take in who wrote in a thread, and whom they named there if those see its room."""
    server = world.state.server_of(thread)
    assert server is not None
    room = server.channels[thread.parent_id or 0]
    named = [
        user
        for user in message.mentions
        if user.id in server.members
        and world.permissions(server.members[user.id], room) & Permission.VIEW_CHANNEL
    ]
    come_in(world, thread, message.author, [message.author, *named])


def need_active(world: World, thread: Thread, actor: User) -> None:
    """Refuse what cannot be done in an archived thread (50083), or in a locked one (160005)."""
    if thread.archived:
        raise error(50083)
    member = member_in(world, thread, actor)
    if thread.locked and not world.permissions(member, thread) & Permission.MANAGE_THREADS:
        raise error(160005)


def awake(world: World, thread: Thread, author: Member) -> None:
    """Open an archived thread for a message; 50083 for one that is locked."""
    manages = world.permissions(author, thread) & Permission.MANAGE_THREADS
    if thread.locked and not manages:
        raise error(50083 if thread.archived else 160005)
    if thread.archived:
        thread.archived = False
        thread.changed_at = thread.active_at = world.state.now()
        world.emit_channel("THREAD_UPDATE", thread)


def archive_due(world: World) -> None:
    """Archive the threads in which nobody has written for as long as they say."""
    now = world.state.now()
    for server in world.state.servers.values():
        for thread in list(server.threads.values()):
            quiet = timedelta(minutes=thread.auto_archive)
            if not thread.archived and thread.active_at + quiet <= now:
                thread.archived = True
                thread.changed_at = thread.active_at + quiet
                world.emit_channel("THREAD_UPDATE", thread)
