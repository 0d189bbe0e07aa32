"""People to drive: each is one account in one server, with a client's eyes and hands.

They write, react, call commands, press buttons, choose, fill in forms, and wait for the bot's
answer. What their client would not let them do raises PermissionError, LookupError, TypeError or
ValueError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import acts
from sandbox.answers import Answer, Wait, answered
from sandbox.calls import (
    Resolved,
    command_data,
    find_button,
    find_select,
    menu_data,
    modal_data,
    select_values,
)
from sandbox.command_rules import CommandType
from sandbox.hands import Hands, refusals
from sandbox.interactions import Interaction, Kind
from sandbox.permissions import Permission
from sandbox.routes.files import kept
from sandbox.routing import Upload
from sandbox.state import Channel, ChannelType, Message, Thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.app import Sandbox
    from sandbox.calls import Somebody
    from sandbox.state import Server, User

    Raw = dict[str, Any]

_USE_COMMANDS = int(Permission.USE_APPLICATION_COMMANDS | Permission.VIEW_CHANNEL)

PATIENCE = 10.0
"""Real seconds that people wait for an answer that was put off."""


class Person(Hands):
    """One person at their client.

    `room` is where they call commands: by default the first text channel they may do so in; set
    it to another one, or to `dm`, to call them there.
    """

    def __init__(self, sandbox: Sandbox, server: Server, user: User) -> None:
        super().__init__(sandbox.world, server, user)
        self.patience = PATIENCE
        self._sandbox = sandbox
        self._room: Channel | None = None

    # --- talking --------------------------------------------------------------------------------

    @property
    def accepts_dms(self) -> bool:
        """Whether the bot may write to them in private."""
        return self.user.accepts_dms

    @accepts_dms.setter
    def accepts_dms(self, accepts: bool) -> None:
        self.user.accepts_dms = accepts

    @property
    def dm(self) -> Channel:
        """Their DM with the bot, opened if it never was."""
        return self.world.state.open_dm(self.user)

    @property
    def dms(self) -> list[Message]:
        """What the bot wrote to them in private, oldest first."""
        channel = self.world.state.find_dm(self.user.id)
        bot = self.world.state.bot
        return [] if channel is None else [m for m in channel.history if m.author is bot]

    async def write(
        self,
        channel: Channel | int,
        content: str = "",
        *,
        reply_to: Message | None = None,
        mentions: Iterable[Somebody] = (),
        files: Mapping[str, bytes] | None = None,
    ) -> Message:
        """Write a message; `mentions` are added to its text where it does not name them.

        `files` go with it, by name; the bot may fetch them from where their `url` says.
        """
        for person in mentions:
            if person.user.mention not in content:
                content = f"{content} {person.user.mention}".lstrip()
        draft = acts.Draft(content, reference_id=reply_to.id if reply_to else None)
        host = self._sandbox.base_url.removeprefix("http://") if files else ""
        draft.attachments = [
            kept(self.world.state, host, Upload(name, "application/octet-stream", held))
            for name, held in (files or {}).items()
        ]
        room = self._channel(channel)
        if room.server_id is not None:
            self._may_take_part()
        with refusals():
            return acts.send(self.world, self.user, room, draft)

    async def react(self, message: Message, emoji: str) -> None:
        """Put an emoji under a message."""
        if message.server_id is not None:
            self._may_take_part()
        with refusals():
            channel = self._channel(message.channel_id)
            acts.add_reaction(self.world, self.user, channel, message, emoji)

    async def unreact(self, message: Message, emoji: str) -> None:
        """Take an emoji back."""
        with refusals():
            channel = self._channel(message.channel_id)
            acts.remove_reaction(self.world, self.user, channel, message, emoji)

    async def edit(self, message: Message, content: str) -> None:
        """Change what they wrote in a message of their own."""
        with refusals():
            channel = self._channel(message.channel_id)
            edit = acts.MessageEdit(content=content)
            acts.edit_message(self.world, self.user, channel, message, edit)

    async def delete(self, message: Message) -> None:
        """Delete a message: their own, or another's if they may."""
        with refusals():
            channel = self._channel(message.channel_id)
            acts.delete_message(self.world, self.user, channel, message)

    def _channel(self, channel: Channel | int) -> Channel:
        if isinstance(channel, Channel):
            return channel
        found = self.world.state.find_channel(channel)
        if found is None:
            raise LookupError(f"there is no channel {channel}")
        return found

    # --- commands -------------------------------------------------------------------------------

    @property
    def room(self) -> Channel:
        """Where they call commands; PermissionError when they may do so nowhere."""
        if self._room is not None:
            return self._room
        for channel in self.server.channels.values():
            if channel.type is ChannelType.TEXT and self._may_call(channel):
                return channel
        raise PermissionError(f"{self.name} may call commands nowhere in {self.server.name}")

    @room.setter
    def room(self, channel: Channel | None) -> None:
        self._room = channel

    def _may_call(self, channel: Channel) -> bool:
        granted = self.world.permissions(self.member, channel)
        asleep = isinstance(channel, Thread) and channel.archived
        return granted & _USE_COMMANDS == _USE_COMMANDS and not asleep

    async def command(self, path: str, /, **options: object) -> Answer:
        """Call a slash command ("join", "hearth group create") and wait for its final answer.

        Options may be texts, numbers, booleans, people, roles and channels. LookupError for a
        command or option that is not registered, PermissionError for one not offered to them.
        """
        command, room, steps = self._offered(CommandType.CHAT_INPUT, path)
        resolved = self._resolved(room)
        data = command_data(command, steps, options, resolved)
        return await self._ask(Kind.COMMAND, room, data)

    async def menu(self, name: str, target: Somebody | Message) -> Answer:
        """Call a command from the menu of a member or a message."""
        kind = CommandType.MESSAGE if isinstance(target, Message) else CommandType.USER
        command, room, _ = self._offered(kind, name)
        if isinstance(target, Message):
            room = self._channel(target.channel_id)
            if room.server_id is not None and not (self.sees(room) and self._may_call(room)):
                raise PermissionError(f"{self.name} may not call commands in #{room.name}")
        data = menu_data(command, target, self._resolved(room))
        return await self._ask(Kind.COMMAND, room, data)

    async def autocomplete(
        self, path: str, option: str, text: str, /, **others: object
    ) -> list[tuple[str, Any]]:
        """Type into an option and return what is suggested: names, and the values behind them."""
        command, room, steps = self._offered(CommandType.CHAT_INPUT, path)
        values = {**others, option: text}
        data = command_data(command, steps, values, self._resolved(room), focused=option)
        answer = await self._ask(Kind.AUTOCOMPLETE, room, data)
        if answer.failed:
            raise TimeoutError("loading options failed")
        return [(choice["name"], choice["value"]) for choice in answer.interaction.choices]

    def _offered(self, kind: CommandType, path: str) -> tuple[Raw, Channel, list[str]]:
        """Return a command, where it is called, and the subcommand names that follow its own."""
        room = self.room
        name, *steps = path.split() if kind is CommandType.CHAT_INPUT else [path]
        server = self.world.state.server_of(room)
        command = self._sandbox.commands.offered(server, kind, name)
        if server is None:
            return command, room, steps
        if not self._may_call(room):
            raise PermissionError(f"{self.name} may not call commands in #{room.name}")
        needed = command["default_member_permissions"]
        if needed is not None:
            granted = self.world.permissions(self.member)
            # "0" hides a command from everyone but administrators.
            bits = int(needed) or int(Permission.ADMINISTRATOR)
            if granted & bits != bits:
                raise PermissionError(f"/{name} is not offered to {self.name}")
        return command, room, steps

    def _resolved(self, room: Channel) -> Resolved:
        host = self._sandbox.base_url.removeprefix("http://")
        return Resolved(self.world.state, self.user, room, host)

    # --- components -----------------------------------------------------------------------------

    async def press(
        self,
        where: Answer | Message,
        label: str | None = None,
        *,
        custom_id: str | None = None,
        wait: Wait = "final",
    ) -> Answer:
        """Press a button, found by its label or its id."""
        message = self._in_view(where)
        button = find_button(message.components, label, custom_id)
        data: Raw = {"custom_id": button["custom_id"], "component_type": 2, "id": button["id"]}
        return await self._use(message, data, wait)

    async def choose(
        self,
        where: Answer | Message,
        values: object,
        *,
        custom_id: str | None = None,
        wait: Wait = "final",
    ) -> Answer:
        """Choose in a menu: texts by value or label, or people, roles, channels; one or a list."""
        message = self._in_view(where)
        select = find_select(message.components, custom_id)
        resolved = self._resolved(self._channel(message.channel_id))
        chosen = select_values(select, values, resolved)
        data: Raw = {
            "custom_id": select["custom_id"],
            "component_type": select["type"],
            "id": select["id"],
            "values": chosen,
        }
        return await self._use(message, resolved.attach(data), wait)

    async def fill(self, modal: Answer, **fields: object) -> Answer:
        """Fill in a form, fields by id or label, and send it; files by name: {"a.txt": b"…"}."""
        if modal.modal is None:
            raise LookupError(f"{modal!r} is no form")
        opened = modal.interaction
        if opened.user is not self.user:
            raise PermissionError("the form opened for someone else")
        data = modal_data(modal.modal, fields, self._resolved(opened.channel))
        return await self._ask(
            Kind.MODAL, opened.channel, data, message=opened.message, parent=opened
        )

    def _in_view(self, where: Answer | Message) -> Message:
        message = where.message if isinstance(where, Answer) else where
        if message is None or not self._sandbox.interactions.exists(message):
            raise LookupError("there is no message with components")
        channel = self._channel(message.channel_id)
        if message.ephemeral_for not in {None, self.id}:
            raise PermissionError("the message is someone else's")
        if channel.server_id is None:
            if self.user not in channel.recipients:
                raise PermissionError("the message is in someone else's DM")
        elif not self.sees(channel):
            raise PermissionError(f"{self.name} does not see #{channel.name}")
        elif isinstance(channel, Thread) and channel.archived:
            # Discord's docs, Threads: archived ones take no commands; components count here too
            raise PermissionError(f"the thread {channel.name} is archived")
        return message

    async def _use(self, message: Message, data: Raw, wait: Wait) -> Answer:
        channel = self._channel(message.channel_id)
        return await self._ask(Kind.COMPONENT, channel, data, message=message, wait=wait)

    # --- asking ---------------------------------------------------------------------------------

    async def _ask(
        self,
        kind: Kind,
        channel: Channel,
        data: Raw,
        *,
        message: Message | None = None,
        parent: Interaction | None = None,
        wait: Wait = "final",
    ) -> Answer:
        if channel.server_id is not None:
            if not self.present:
                raise PermissionError(f"{self.name} is not in {self.server.name}")
            if not self.server.available:
                raise PermissionError(f"{self.server.name} has an outage")
            self._may_take_part()
        interactions = self._sandbox.interactions
        opened = interactions.open(kind, self.user, channel, data, message=message, parent=parent)
        if not self._sandbox.gateway.sessions:
            return Answer(interactions, opened)
        return await answered(
            interactions, opened, wait=wait, seconds=self.patience, idle=self._sandbox.settle
        )
