"""What the sandbox knows: one model of servers, people, rooms and messages.

Nothing here checks a permission, sends an event or knows the wire: `acts` changes this model and
tells the gateway, `payloads` turns it into Discord's JSON. Ids are plain ints and become strings
on the wire. Every id comes from the virtual clock (`State.snowflake`), so a message's id tells its
virtual time, as Discord's ids do.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sandbox.entrance import Entrance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.intents import Intent
    from sandbox.people import Person

DISCORD_EPOCH_MS = 1_420_070_400_000
"""Milliseconds from 1970 to the first second of 2015, where Discord's ids start counting."""

ADDED, STARTER = 1, 21
"""Message types: somebody was added to a thread; what a thread was started from."""

OutageStatus = Literal["500", "502", "503", "504"]
"""What requests about a server that has an outage are answered with."""

_EPOCH = datetime.fromtimestamp(DISCORD_EPOCH_MS / 1000, tz=UTC)


class Clock(Protocol):
    """Where virtual time comes from."""

    def now(self) -> datetime:
        """Return the current virtual moment, aware, in UTC."""
        ...


class Dispatcher(Protocol):
    """What the rest of the sandbox needs from the gateway."""

    def dispatch(
        self, event: str, data: dict[str, Any], *, intent: Intent | None, server: Server | None
    ) -> None:
        """Send an event to every connection that asked for `intent` (None: to all)."""
        ...


def snowflake_time(snowflake: int) -> datetime:
    """Return the moment that an id was made at (UTC, to the millisecond)."""
    return _EPOCH + timedelta(milliseconds=snowflake >> 22)


def time_snowflake(moment: datetime) -> int:
    """Return the smallest id that belongs to `moment`."""
    return ((moment - _EPOCH) // timedelta(milliseconds=1)) << 22


class ChannelType(IntEnum):
    """The kinds of channel the sandbox serves, with Discord's numbers."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13


TALKED_IN = frozenset({ChannelType.VOICE, ChannelType.STAGE})
"""The kinds of channel that people sit down in."""


class OverwriteType(IntEnum):
    """Whom an overwrite is for."""

    ROLE = 0
    MEMBER = 1


class AuditAction(IntEnum):
    """Audit log event numbers (Discord's docs, resources/audit-log)."""

    GUILD_UPDATE = 1
    CHANNEL_CREATE = 10
    CHANNEL_UPDATE = 11
    CHANNEL_DELETE = 12
    OVERWRITE_CREATE = 13
    OVERWRITE_UPDATE = 14
    OVERWRITE_DELETE = 15
    MEMBER_KICK = 20
    MEMBER_BAN_ADD = 22
    MEMBER_BAN_REMOVE = 23
    MEMBER_UPDATE = 24
    MEMBER_ROLE_UPDATE = 25
    ROLE_CREATE = 30
    ROLE_UPDATE = 31
    ROLE_DELETE = 32
    MESSAGE_DELETE = 72
    MESSAGE_PIN = 74
    MESSAGE_UNPIN = 75
    EVENT_CREATE = 100
    EVENT_UPDATE = 101
    EVENT_DELETE = 102
    THREAD_CREATE = 110
    THREAD_UPDATE = 111
    THREAD_DELETE = 112


@dataclass(slots=True, eq=False)
class User:
    """One account, in however many servers."""

    id: int
    name: str
    global_name: str | None = None
    bot: bool = False
    accepts_dms: bool = True
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        """The text that mentions this account in a message."""
        return f"<@{self.id}>"


@dataclass(slots=True, eq=False)
class Role:
    """A role; the one whose id is its server's id is @everyone."""

    id: int
    server_id: int
    name: str
    position: int = 1
    permissions: int = 0
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    managed: bool = False
    bot_id: int | None = None
    unicode_emoji: str | None = None

    @property
    def mention(self) -> str:
        """The text that mentions this role in a message."""
        return f"<@&{self.id}>"


@dataclass(slots=True, eq=False)
class Member:
    """One account in one server."""

    user: User
    server_id: int
    joined_at: datetime
    roles: set[int] = field(default_factory=set[int])
    nick: str | None = None
    timed_out_until: datetime | None = None
    pending: bool = False
    flags: int = 0
    voice_channel_id: int | None = None

    @property
    def id(self) -> int:
        """The account's id."""
        return self.user.id

    @property
    def mention(self) -> str:
        """The text that mentions this member in a message."""
        return self.user.mention


@dataclass(slots=True)
class Overwrite:
    """What one role or member may or may not do in one channel (permission bits)."""

    id: int
    type: OverwriteType
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, eq=False)
class Reaction:
    """One emoji under a message and who pressed it, in order.

    `emoji` is the character itself, or "name:id" for a custom one.
    """

    emoji: str
    users: dict[int, None] = field(default_factory=dict[int, None])


@dataclass(slots=True, eq=False)
class Message:
    """A message; one that only `ephemeral_for` may see is never in a channel's history."""

    id: int
    channel_id: int
    server_id: int | None
    author: User
    content: str = ""
    type: int = 0
    flags: int = 0
    nonce: str | int | None = None
    tts: bool = False
    mention_everyone: bool = False
    mentions: list[User] = field(default_factory=list[User])
    mention_roles: list[int] = field(default_factory=list[int])
    embeds: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    components: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    attachments: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    reactions: dict[str, Reaction] = field(default_factory=dict[str, Reaction])
    edited_at: datetime | None = None
    pinned_at: datetime | None = None
    reference_id: int | None = None
    """The message that this one answers; always in the same channel."""
    application_id: int | None = None
    webhook_id: int | None = None
    interaction_metadata: dict[str, Any] | None = None
    ephemeral_for: int | None = None

    @property
    def sent_at(self) -> datetime:
        """The virtual moment that the message was written."""
        return snowflake_time(self.id)


class History:
    """A channel's messages, oldest first, found by id or from any point in time."""

    __slots__ = ("_by_id", "_ids")

    def __init__(self) -> None:
        self._by_id: dict[int, Message] = {}
        self._ids: list[int] = []

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._by_id.values())

    def get(self, message_id: int) -> Message | None:
        """Return the message with this id, if it is here."""
        return self._by_id.get(message_id)

    def add(self, message: Message) -> None:
        """Append a message; its id must be the newest."""
        assert not self._ids or message.id > self._ids[-1]
        self._by_id[message.id] = message
        self._ids.append(message.id)

    def remove(self, message_id: int) -> None:
        """Forget a message that is here."""
        del self._by_id[message_id]
        del self._ids[bisect_left(self._ids, message_id)]

    def before(self, message_id: int | None, limit: int) -> list[Message]:
        """Return up to `limit` messages older than an id (None: the newest), oldest first."""
        end = len(self._ids) if message_id is None else bisect_left(self._ids, message_id)
        return [self._by_id[key] for key in self._ids[max(0, end - limit) : end]]

    def after(self, message_id: int, limit: int) -> list[Message]:
        """Return up to `limit` messages newer than an id, oldest first."""
        start = bisect_right(self._ids, message_id)
        return [self._by_id[key] for key in self._ids[start : start + limit]]


@dataclass(slots=True, eq=False)
class Channel:
    """A room, a voice room, a category, or a DM (`server_id` None, with its `recipients`)."""

    id: int
    type: ChannelType
    server_id: int | None = None
    name: str = ""
    parent_id: int | None = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    slowmode: int = 0
    """Seconds between two messages of one person (rate_limit_per_user on the wire)."""
    bitrate: int = 64_000
    user_limit: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict[int, Overwrite])
    recipients: list[User] = field(default_factory=list[User])
    last_message_id: int | None = None
    history: History = field(default_factory=History)

    @property
    def mention(self) -> str:
        """The text that links this channel in a message."""
        return f"<#{self.id}>"


@dataclass(slots=True, eq=False)
class Thread(Channel):
    """A thread of a room (its `parent_id`): its own messages, no overwrites of its own."""

    owner_id: int = 0
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    auto_archive: int = 10080
    """Minutes without a message after which it is archived."""
    changed_at: datetime = _EPOCH
    """When it was made, archived, opened again, or its `auto_archive` changed."""
    active_at: datetime = _EPOCH
    """When somebody wrote last, or `changed_at`."""
    members: dict[int, datetime] = field(default_factory=dict[int, "datetime"])
    """Who is in it, since when; of a private one nobody else may look, but who manages threads."""
    made_at: datetime = _EPOCH
    written: int = 0
    """Messages that were ever written, without the one it began with."""

    @property
    def private(self) -> bool:
        """Whether only its members see it."""
        return self.type is ChannelType.PRIVATE_THREAD


class EventStatus(IntEnum):
    """How far a scheduled event is."""

    SCHEDULED = 1
    ACTIVE = 2
    COMPLETED = 3
    CANCELED = 4


@dataclass(slots=True, eq=False)
class ScheduledEvent:
    """What a server announces: in a room to talk in (`channel_id`), or elsewhere (`location`)."""

    id: int
    server_id: int
    creator: User
    name: str
    starts_at: datetime
    ends_at: datetime | None
    description: str | None = None
    channel_id: int | None = None
    on_stage: bool = False
    """Whether the room is a stage; Discord calls that another type of event."""
    location: str | None = None
    status: EventStatus = EventStatus.SCHEDULED
    interested: dict[int, None] = field(default_factory=dict[int, None])
    """Who pressed “Interested”."""


@dataclass(slots=True, eq=False)
class AuditEntry:
    """One line of a server's audit log."""

    id: int
    action: AuditAction
    actor_id: int
    target_id: int | None
    reason: str | None = None
    changes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    options: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True, eq=False)
class Server:
    """A Discord guild."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    channels: dict[int, Channel] = field(default_factory=dict[int, Channel])
    threads: dict[int, Thread] = field(default_factory=dict[int, Thread])
    """By id, archived ones too."""
    events: dict[int, ScheduledEvent] = field(default_factory=dict[int, ScheduledEvent])
    """Scheduled and active ones, by id; those that are over are gone."""
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    bans: dict[int, str | None] = field(default_factory=dict[int, "str | None"])
    """Account id to reason."""
    audit_log: list[AuditEntry] = field(default_factory=list[AuditEntry])
    """Oldest first."""
    onboards: bool = False
    """Whether its onboarding is switched on."""
    prompts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What its onboarding asks: prompts as Discord's docs (Guild Onboarding) have them."""
    preferred_locale: str = "en-US"
    system_channel_id: int | None = None
    available: bool = True
    """Whether Discord itself reaches it; see `Gateway.take_away`."""
    outage_status: OutageStatus = "503"
    owner: Person = field(init=False, repr=False)
    """The owner's hands; set by `Sandbox.add_server`."""

    @property
    def everyone(self) -> Role:
        """The role that every member has."""
        return self.roles[self.id]

    def channel(self, name: str) -> Channel:
        """Return the first channel called `name`; KeyError if there is none."""
        for channel in self.channels.values():
            if channel.name == name:
                return channel
        raise KeyError(name)

    def role(self, name: str) -> Role:
        """Return the first role called `name`; KeyError if there is none."""
        for role in self.roles.values():
            if role.name == name:
                return role
        raise KeyError(name)


@dataclass(slots=True, eq=False)
class Application:
    """The one application whose bot talks to this sandbox."""

    id: int
    name: str
    bot: User
    owner: User
    token: str
    members_intent: bool = True
    """Whether the privileged members intent is switched on in the developer portal."""
    content_intent: bool = True
    """Whether the privileged message content intent is switched on; without it content is blank."""

    @property
    def flags(self) -> int:
        """The application's public flags: the limited forms of both privileged intents."""
        return (1 << 15 if self.members_intent else 0) | (1 << 19 if self.content_intent else 0)


class State:
    """Everything, and the source of ids."""

    def __init__(self, clock: Clock, application: Application) -> None:
        self.clock = clock
        self.application = application
        self.entrance = Entrance()
        """How often sessions of the gateway may begin."""
        self.servers: dict[int, Server] = {}
        self.users: dict[int, User] = {
            application.bot.id: application.bot,
            application.owner.id: application.owner,
        }
        self.dms: dict[int, Channel] = {}
        """The bot's DM channels by channel id."""
        self.files: dict[int, bytes] = {}
        """What the files hold that came with messages, by the attachment's id."""
        self._dm_by_user: dict[int, int] = {}
        self._channels: dict[int, Server] = {}
        self._last_snowflake = 0

    @property
    def bot(self) -> User:
        """The bot's account."""
        return self.application.bot

    def now(self) -> datetime:
        """Return the virtual moment."""
        return self.clock.now()

    def snowflake(self) -> int:
        """Return a new id: unique, increasing, carrying the virtual time."""
        self._last_snowflake = max(self._last_snowflake + 1, time_snowflake(self.clock.now()))
        return self._last_snowflake

    def add_channel(self, server: Server, channel: Channel) -> None:
        """File a channel or thread under its server, to be found by its id alone."""
        if isinstance(channel, Thread):
            server.threads[channel.id] = channel
        else:
            server.channels[channel.id] = channel
        self._channels[channel.id] = server

    def remove_channel(self, channel: Channel) -> None:
        """Forget a server's channel, with its threads, or a thread."""
        server = self._channels.pop(channel.id)
        if isinstance(channel, Thread):
            del server.threads[channel.id]
            return
        del server.channels[channel.id]
        for thread in [one for one in server.threads.values() if one.parent_id == channel.id]:
            self.remove_channel(thread)

    def server_of(self, channel: Channel) -> Server | None:
        """Return the server a channel stands in; None for a DM."""
        return self._channels.get(channel.id)

    def find_channel(self, channel_id: int) -> Channel | None:
        """Return a server's channel or thread, or a DM, by id."""
        server = self._channels.get(channel_id)
        if server is None:
            return self.dms.get(channel_id)
        return server.channels.get(channel_id) or server.threads.get(channel_id)

    def find_dm(self, user_id: int) -> Channel | None:
        """Return the bot's DM with an account, if it was ever opened."""
        channel_id = self._dm_by_user.get(user_id)
        return None if channel_id is None else self.dms[channel_id]

    def open_dm(self, user: User) -> Channel:
        """Return the bot's DM with an account, opening it when there is none."""
        found = self.find_dm(user.id)
        if found is None:
            found = Channel(id=self.snowflake(), type=ChannelType.DM, recipients=[user])
            self.dms[found.id] = found
            self._dm_by_user[user.id] = found.id
        return found
