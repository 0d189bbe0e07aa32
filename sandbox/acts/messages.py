"""Messages: sending, changing, deleting."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox import payloads
from sandbox.acts.delivering import member_in, publish, tell
from sandbox.acts.drafts import (
    SUPPRESS_EMBEDS,
    AllowedMentions,
    Draft,
    check_draft,
    compose,
    number_components,
    resolve_mentions,
)
from sandbox.acts.thread_life import awake, came_by, need_active
from sandbox.components import V2_FLAG
from sandbox.errors import error, invalid_form
from sandbox.intents import Intent
from sandbox.permissions import Permission, may_write
from sandbox.state import AuditAction, ChannelType, Thread

if TYPE_CHECKING:
    from sandbox.state import Channel, Message, User
    from sandbox.world import World

NONCE_SECONDS = 180.0
"""How long a nonce is remembered, in real seconds; Discord says "the past few minutes"."""
BULK_DELETE_AGE = timedelta(days=14)
"""Older messages cannot be deleted in bulk (Discord's error 50034)."""


@dataclass(slots=True)
class MessageEdit:
    """What changes in a message; None leaves a part as it is."""

    content: str | None = None
    embeds: list[dict[str, Any]] | None = None
    components: list[dict[str, Any]] | None = None
    attachments: list[dict[str, Any]] | None = None
    flags: int | None = None
    allowed_mentions: AllowedMentions | None = None


def send(world: World, author: User, channel: Channel, draft: Draft) -> Message:
    """Send a message; with an enforced nonce, return the one already sent under it."""
    if draft.enforce_nonce and draft.nonce is not None:
        earlier = _sent_before(world, author, str(draft.nonce))
        if earlier is not None:
            return earlier
    if channel.type is ChannelType.CATEGORY:
        raise error(50008)
    if channel.server_id is None:
        _check_dm(world, author, channel)
    else:
        _check_room(world, author, channel, draft)
    if draft.reference_id is not None and channel.history.get(draft.reference_id) is None:
        if draft.reference_required:
            message = "Unknown message"
            raise invalid_form("message_reference", "REPLIES_UNKNOWN_MESSAGE", message)
        draft.reference_id = None
    message = compose(world, channel, author, draft)
    if draft.enforce_nonce and draft.nonce is not None:
        world.nonces[author.id, str(draft.nonce)] = (time.monotonic(), message)
    publish(world, channel, message)
    if isinstance(channel, Thread):
        came_by(world, channel, message)
    return message


def _sent_before(world: World, author: User, nonce: str) -> Message | None:
    oldest_kept = time.monotonic() - NONCE_SECONDS
    while world.nonces:
        key = next(iter(world.nonces))
        if world.nonces[key][0] >= oldest_kept:
            break
        del world.nonces[key]
    found = world.nonces.get((author.id, nonce))
    return found[1] if found else None


def _check_dm(world: World, author: User, channel: Channel) -> None:
    """Refuse the bot where the other closed their DMs or shares no server with it (50007)."""
    other = channel.recipients[0]
    if author is not world.state.bot:
        return
    shared = any(
        other.id in server.members and author.id in server.members
        for server in world.state.servers.values()
    )
    if not other.accepts_dms or not shared:
        raise error(50007)


def _check_room(world: World, author: User, channel: Channel, draft: Draft) -> None:
    server = world.state.server_of(channel)
    member = server.members.get(author.id) if server else None
    if member is None:
        raise error(50001)
    needed = may_write(channel)
    if draft.attachments:
        needed |= Permission.ATTACH_FILES
    if draft.embeds:
        needed |= Permission.EMBED_LINKS
    world.need(member, needed, channel)
    if draft.reference_id is not None and not (
        world.permissions(member, channel) & Permission.READ_MESSAGE_HISTORY
    ):
        raise error(160002)
    if isinstance(channel, Thread):
        awake(world, channel, member)


def edit_message(
    world: World, author: User, channel: Channel, message: Message, edit: MessageEdit
) -> None:
    """Change one's own message."""
    if message.author is not author:
        raise error(50005)
    if isinstance(channel, Thread):
        need_active(world, channel, author)
    rewrite(message, edit)
    message.edited_at = world.state.now()
    resolve_mentions(world, channel, message, edit.allowed_mentions or AllowedMentions())
    tell(world, "MESSAGE_UPDATE", channel, payloads.message_event(world.state, message))


def rewrite(message: Message, edit: MessageEdit) -> None:
    """Put an edit into a message after checking what would come out of it."""
    flags = message.flags
    if edit.flags is not None:
        settable = SUPPRESS_EMBEDS | V2_FLAG
        # Components v2 cannot be taken back from a message that has them.
        flags = flags & (~settable | V2_FLAG) | edit.flags & settable
    draft = Draft(
        message.content if edit.content is None else edit.content,
        message.embeds if edit.embeds is None else edit.embeds,
        message.components if edit.components is None else edit.components,
        message.attachments if edit.attachments is None else edit.attachments,
        flags,
    )
    check_draft(draft)
    number_components(draft.components)
    message.content = draft.content
    message.embeds = draft.embeds
    message.components = draft.components
    message.attachments = draft.attachments
    message.flags = flags


def delete_message(
    world: World, actor: User, channel: Channel, message: Message, *, reason: str | None = None
) -> None:
    """Delete one's own message, or with Manage Messages another's."""
    server = world.state.server_of(channel)
    if message.author is not actor:
        if server is None:
            raise error(50003)
        member = member_in(world, channel, actor)
        world.need(member, Permission.MANAGE_MESSAGES, channel)
        world.audit(
            server,
            member,
            AuditAction.MESSAGE_DELETE,
            message.author.id,
            reason=reason,
            options={"channel_id": str(channel.id), "count": "1"},
        )
    elif isinstance(channel, Thread) and channel.archived and channel.locked:
        need_active(world, channel, actor)
    channel.history.remove(message.id)
    data = {"id": str(message.id), "channel_id": str(channel.id)}
    if server is not None:
        data["guild_id"] = str(server.id)
    tell(world, "MESSAGE_DELETE", channel, data)


def delete_messages(world: World, actor: User, channel: Channel, message_ids: set[int]) -> None:
    """Delete 2 to 100 messages at once; those that are gone already do not matter."""
    world.need(member_in(world, channel, actor), Permission.MANAGE_MESSAGES, channel)
    if not 2 <= len(message_ids) <= 100:
        message = "Must be between 2 and 100 in length."
        raise invalid_form("messages", "BASE_TYPE_BAD_LENGTH", message)
    found = [m for key in sorted(message_ids) if (m := channel.history.get(key)) is not None]
    oldest = world.state.now() - BULK_DELETE_AGE
    if any(message.sent_at < oldest for message in found):
        raise error(50034)
    for message in found:
        channel.history.remove(message.id)
    data = {
        "ids": [str(message.id) for message in found],
        "channel_id": str(channel.id),
        "guild_id": str(channel.server_id),
    }
    tell(world, "MESSAGE_DELETE_BULK", channel, data)


def start_typing(world: World, actor: User, channel: Channel) -> None:
    """Show that someone is writing."""
    data: dict[str, Any] = {
        "channel_id": str(channel.id),
        "user_id": str(actor.id),
        "timestamp": int(world.state.now().timestamp()),
    }
    if channel.server_id is not None:
        member = member_in(world, channel, actor)
        world.need(member, may_write(channel), channel)
        data["guild_id"] = str(channel.server_id)
        data["member"] = payloads.member_payload(member)
    intents = (Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING)
    tell(world, "TYPING_START", channel, data, intents)
