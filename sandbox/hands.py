"""What a member can see and do in a server by hand, with Discord's checks.

What Discord would refuse raises here: PermissionError (403), LookupError (404) or ValueError.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Unpack

from sandbox import acts
from sandbox.errors import ApiError
from sandbox.permissions import Permission, may_write
from sandbox.state import Channel, ChannelType, Overwrite, OverwriteType, Thread

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from sandbox.acts import ChannelSettings, EventSettings, RoleSettings, ThreadSettings
    from sandbox.state import EventStatus, Member, Message, Role, ScheduledEvent, Server, User
    from sandbox.world import World

_VIEW = int(Permission.VIEW_CHANNEL)
_REACT = int(Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY | Permission.ADD_REACTIONS)


@contextmanager
def refusals() -> Generator[None]:
    """Turn Discord's refusals into Python's."""
    try:
        yield
    except ApiError as refusal:
        told = f"{refusal.message} ({refusal.code}) {refusal.errors or ''}".rstrip()
        kinds: dict[int, type[Exception]] = {403: PermissionError, 404: LookupError}
        raise kinds.get(refusal.status, ValueError)(told) from refusal


class Hands:
    """One account in one server."""

    def __init__(self, world: World, server: Server, user: User) -> None:
        self.world = world
        self.server = server
        self.user = user

    @property
    def id(self) -> int:
        """The account's id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The account's name."""
        return self.user.name

    @property
    def mention(self) -> str:
        """The text that mentions this person in a message."""
        return self.user.mention

    @property
    def member(self) -> Member:
        """This person's membership; PermissionError while they are not in the server."""
        member = self.server.members.get(self.user.id)
        if member is None:
            raise PermissionError(f"{self.user.name} is not in {self.server.name}")
        return member

    @property
    def present(self) -> bool:
        """Whether this person is in the server."""
        return self.user.id in self.server.members

    @property
    def roles(self) -> list[Role]:
        """The roles this person has here, oldest first, without @everyone."""
        return [self.server.roles[role_id] for role_id in sorted(self.member.roles)]

    def has(self, role: Role) -> bool:
        """Return whether this person has a role."""
        return self.present and role.id in self.member.roles

    def sees(self, channel: Channel) -> bool:
        """Return whether this person may see a channel."""
        return self.present and bool(self.world.permissions(self.member, channel) & _VIEW)

    def can_send(self, channel: Channel) -> bool:
        """Return whether this person may write in a channel."""
        return self.present and bool(
            self.world.permissions(self.member, channel) & may_write(channel)
        )

    def can_react(self, channel: Channel) -> bool:
        """Return whether this person may put an emoji under what others wrote in a channel.

        Discord asks for reading the history, too, which visitors of a room may not always do.
        """
        may = self.world.permissions(self.member, channel) if self.present else 0
        return may & _REACT == _REACT

    # --- coming and going -----------------------------------------------------------------------

    async def leave(self) -> None:
        """Leave the server: roles are lost, messages stay."""
        acts.leave_server(self.world, self.server, self.member)

    async def rejoin(self, *, pending: bool = False) -> None:
        """Come back with no roles; PermissionError for someone who is banned."""
        if self.present:
            raise ValueError(f"{self.name} is here already")
        with refusals():
            acts.join_server(self.world, self.server, self.user, pending=pending)

    @property
    def pending(self) -> bool:
        """Whether they have not accepted the server's rules yet."""
        return self.member.pending

    async def onboard(self, *, finished: bool) -> None:
        """Begin the server's onboarding, or finish it."""
        acts.onboard(self.world, self.server, self.member, finished=finished)

    async def accept_rules(self) -> None:
        """Accept the server's rules."""
        acts.accept_rules(self.world, self.server, self.member)

    def _may_take_part(self) -> None:
        """PermissionError while their client only lets them look."""
        if self.present and self.pending:
            raise PermissionError(f"{self.name} has not accepted the rules of {self.server.name}")

    async def join_voice(self, channel: Channel) -> None:
        """Sit down in a voice room."""
        with refusals():
            acts.join_voice(self.world, self.server, self.member, channel)

    async def leave_voice(self) -> None:
        """Get up."""
        acts.leave_voice(self.world, self.server, self.member)

    # --- roles ----------------------------------------------------------------------------------

    async def create_role(
        self,
        name: str,
        *,
        permissions: int | Permission = 0,
        color: int = 0,
        mentionable: bool = False,
    ) -> Role:
        """Make a role."""
        settings: RoleSettings = {
            "name": name,
            "permissions": int(permissions),
            "color": color,
            "mentionable": mentionable,
        }
        with refusals():
            return acts.create_role(self.world, self.server, self.member, settings)

    async def edit_role(self, role: Role, **settings: Unpack[RoleSettings]) -> None:
        """Change a role."""
        with refusals():
            acts.edit_role(self.world, self.server, self.member, role, settings)

    async def move_role(self, role: Role, position: int) -> None:
        """Give a role another place in the order."""
        with refusals():
            acts.move_roles(self.world, self.server, self.member, {role.id: position})

    async def delete_role(self, role: Role) -> None:
        """Remove a role."""
        with refusals():
            acts.delete_role(self.world, self.server, self.member, role)

    async def give_role(self, person: Hands, role: Role) -> None:
        """Give someone a role."""
        with refusals():
            acts.give_role(self.world, self.server, self.member, person.member, role)

    async def take_role(self, person: Hands, role: Role) -> None:
        """Take a role from someone."""
        with refusals():
            acts.take_role(self.world, self.server, self.member, person.member, role)

    # --- channels -------------------------------------------------------------------------------

    async def create_channel(
        self,
        name: str,
        kind: ChannelType = ChannelType.TEXT,
        *,
        category: Channel | None = None,
        overwrites: list[Overwrite] | None = None,
    ) -> Channel:
        """Make a channel; without overwrites it takes those of its category."""
        settings: ChannelSettings = {"name": name, "parent_id": category.id if category else None}
        if overwrites is not None:
            settings["overwrites"] = overwrites
        with refusals():
            return acts.create_channel(self.world, self.server, self.member, kind, settings)

    async def edit_channel(self, channel: Channel, **settings: Unpack[ChannelSettings]) -> None:
        """Change a channel."""
        with refusals():
            acts.edit_channel(self.world, self.server, self.member, channel, settings)

    async def delete_channel(self, channel: Channel) -> None:
        """Remove a channel."""
        with refusals():
            acts.delete_channel(self.world, self.server, self.member, channel)

    # --- threads --------------------------------------------------------------------------------

    @property
    def threads(self) -> list[Thread]:
        """The active threads here that they see, oldest first."""
        seen = [one for one in self.server.threads.values() if self.sees(one) and not one.archived]
        return sorted(seen, key=lambda one: one.id)

    async def start_thread(
        self, where: Channel | Message, name: str, *, private: bool = False
    ) -> Thread:
        """Open a thread on a message, or in a room beside its messages."""
        on = None if isinstance(where, Channel) else where
        room = where if isinstance(where, Channel) else self._room_of(where)
        with refusals():
            return acts.start_thread(
                self.world, self.user, room, {"name": name}, on=on, private=private
            )

    def _room_of(self, message: Message) -> Channel:
        room = self.world.state.find_channel(message.channel_id)
        if room is None:
            raise LookupError(f"there is no channel {message.channel_id}")
        return room

    async def edit_thread(self, thread: Thread, **settings: Unpack[ThreadSettings]) -> None:
        """Rename a thread, archive it, lock it."""
        with refusals():
            acts.edit_thread(self.world, self.server, self.member, thread, settings)

    async def delete_thread(self, thread: Thread) -> None:
        """Remove a thread with all that was written in it."""
        with refusals():
            acts.delete_thread(self.world, self.server, self.member, thread)

    async def add_to_thread(self, thread: Thread, person: Hands) -> None:
        """Let someone into a thread."""
        with refusals():
            acts.add_to_thread(self.world, self.user, thread, person.user)

    async def leave_thread(self, thread: Thread) -> None:
        """Go from a thread."""
        with refusals():
            acts.leave_thread(self.world, self.user, thread, self.user)

    # --- scheduled events -----------------------------------------------------------------------

    @property
    def events(self) -> list[ScheduledEvent]:
        """The scheduled and active events that they see, oldest first."""
        found = [
            one
            for one in self.server.events.values()
            if acts.sees_event(self.world, self.server, self.member, one)
        ]
        return sorted(found, key=lambda one: one.id)

    async def create_event(self, **settings: Unpack[EventSettings]) -> ScheduledEvent:
        """Announce an event."""
        with refusals():
            return acts.create_event(self.world, self.server, self.member, settings)

    async def edit_event(
        self,
        event: ScheduledEvent,
        *,
        status: EventStatus | None = None,
        **settings: Unpack[EventSettings],
    ) -> None:
        """Change an event, begin it, end it or call it off."""
        with refusals():
            acts.edit_event(self.world, self.server, self.member, event, settings, status=status)

    async def delete_event(self, event: ScheduledEvent) -> None:
        """Take an event away."""
        with refusals():
            acts.delete_event(self.world, self.server, self.member, event)

    async def press_interested(self, event: ScheduledEvent) -> None:
        """Press ‹Interested› under an event; once more takes it back."""
        if event not in self.events:
            raise LookupError(f"{self.name} does not see {event.name}")
        acts.press_interested(self.world, self.server, self.member, event)

    # --- who may enter --------------------------------------------------------------------------

    async def set_overwrite(
        self,
        channel: Channel,
        target: Role | Hands,
        *,
        allow: int | Permission = 0,
        deny: int | Permission = 0,
    ) -> None:
        """Say what a role or a person may and may not do in a channel."""
        kind = OverwriteType.MEMBER if isinstance(target, Hands) else OverwriteType.ROLE
        overwrite = Overwrite(target.id, kind, int(allow), int(deny))
        with refusals():
            acts.set_overwrite(self.world, self.server, self.member, channel, overwrite)

    async def delete_overwrite(self, channel: Channel, target: Role | Hands) -> None:
        """Take back what was said of a role or a person in a channel."""
        with refusals():
            acts.delete_overwrite(self.world, self.server, self.member, channel, target.id)

    # --- people ---------------------------------------------------------------------------------

    async def kick(self, person: Hands) -> None:
        """Send someone out."""
        with refusals():
            acts.kick(self.world, self.server, self.member, person.member)

    async def ban(self, person: Hands) -> None:
        """Keep someone out."""
        with refusals():
            acts.ban(self.world, self.server, self.member, person.user)

    async def unban(self, person: Hands) -> None:
        """Let someone come back."""
        with refusals():
            acts.unban(self.world, self.server, self.member, person.user)

    async def timeout(self, person: Hands, until: datetime | None) -> None:
        """Let someone only look until a moment; None lets them speak again."""
        with refusals():
            acts.edit_member(
                self.world,
                self.server,
                self.member,
                person.member,
                {"timed_out_until": until},
            )

    def __repr__(self) -> str:
        return f"<{self.name} ({self.id}) in {self.server.name}>"
