"""What can be done, by the bot over REST or by a person's hand, on one path.

Each act checks the actor's permissions as Discord does, changes the model, writes the audit log and
tells the gateway. A refusal is an `ApiError` and leaves everything as it was.
"""

from sandbox.acts.channels import (
    ChannelSettings,
    create_channel,
    delete_channel,
    delete_overwrite,
    edit_channel,
    move_channels,
    set_overwrite,
)
from sandbox.acts.marks import add_reaction, pin, remove_reaction, unpin
from sandbox.acts.members import (
    MemberSettings,
    accept_rules,
    ban,
    edit_member,
    join_server,
    join_voice,
    kick,
    leave_server,
    leave_voice,
    onboard,
    unban,
)
from sandbox.acts.messages import (
    Draft,
    MessageEdit,
    delete_message,
    delete_messages,
    edit_message,
    send,
    start_typing,
)
from sandbox.acts.roles import (
    RoleSettings,
    create_role,
    delete_role,
    edit_role,
    give_role,
    move_roles,
    take_role,
)
from sandbox.acts.thread_life import archive_due
from sandbox.acts.threads import (
    DURATIONS,
    ThreadSettings,
    add_to_thread,
    check_name,
    delete_thread,
    edit_thread,
    leave_thread,
    start_thread,
)

__all__ = [
    "DURATIONS",
    "ChannelSettings",
    "Draft",
    "MemberSettings",
    "MessageEdit",
    "RoleSettings",
    "ThreadSettings",
    "accept_rules",
    "add_reaction",
    "add_to_thread",
    "archive_due",
    "ban",
    "check_name",
    "create_channel",
    "create_role",
    "delete_channel",
    "delete_message",
    "delete_messages",
    "delete_overwrite",
    "delete_role",
    "delete_thread",
    "edit_channel",
    "edit_member",
    "edit_message",
    "edit_role",
    "edit_thread",
    "give_role",
    "join_server",
    "join_voice",
    "kick",
    "leave_server",
    "leave_thread",
    "leave_voice",
    "move_channels",
    "move_roles",
    "onboard",
    "pin",
    "remove_reaction",
    "send",
    "set_overwrite",
    "start_thread",
    "start_typing",
    "take_role",
    "unban",
    "unpin",
]
