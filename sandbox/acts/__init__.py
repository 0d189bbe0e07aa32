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

__all__ = [
    "ChannelSettings",
    "Draft",
    "MemberSettings",
    "MessageEdit",
    "RoleSettings",
    "accept_rules",
    "add_reaction",
    "ban",
    "create_channel",
    "create_role",
    "delete_channel",
    "delete_message",
    "delete_messages",
    "delete_overwrite",
    "delete_role",
    "edit_channel",
    "edit_member",
    "edit_message",
    "edit_role",
    "give_role",
    "join_server",
    "join_voice",
    "kick",
    "leave_server",
    "leave_voice",
    "move_channels",
    "move_roles",
    "onboard",
    "pin",
    "remove_reaction",
    "send",
    "set_overwrite",
    "start_typing",
    "take_role",
    "unban",
    "unpin",
]
