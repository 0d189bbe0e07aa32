"""What Hearth notices, counted in memory and written down in batches.

`message` runs for every message of large servers, so it does next to nothing: it looks a channel up
in a dictionary and appends a tuple. Who is counted, and what for, is decided when a batch is
written (bot/services/signals.py), in the transaction that writes it.

After a start and after a connection that could not be resumed, what was missed is read from the
rooms' history (`catch_up`). Until that is done live messages wait, so that nothing is counted twice
and no cursor runs ahead of what was read. See bot/services/connected.py for what the times in
which nothing could be heard mean for people.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Self

import discord

from bot.clock import Clock
from bot.database import Database
from bot.errors import TablesDown
from bot.gateway import history
from bot.rules.signals import Heard, Kind, Place, first_id_at, moment_ms, without
from bot.rules.ties import LAST_MESSAGES, NEAR_MS, LastMessages
from bot.services import connected, signals

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)

# What people write; all other types are Discord's own notices and answers of bots.
WRITTEN, REPLY = discord.MessageType.default.value, discord.MessageType.reply.value
FULL = 5_000  # signals; a buffer of this size is written without waiting for the schedule
MOST_KEPT = 200_000  # signals that are kept while the tables cannot be written
FLUSH_AGAIN = 10.0  # seconds until a full buffer that could not be written is tried again
NOWHERE = Place(0, 0, 0)  # stands for a channel that counts for nothing


class Signals:
    """The buffer between the gateway and the tables.

    Invariants: a message is counted once, live or from history; while `behind`, nothing is written
    but by `catch_up`; a batch whose transaction fails is in the buffer again, before newer signals.
    """

    def __init__(self, client: discord.Client, database: Database, clock: Clock) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        self._buffer: list[Heard] = []
        self._places: dict[int, Place] = {}
        self._uncounted: dict[int, int] = {}  # channel -> server, of those set to NOWHERE
        self._stale: set[int] = set()  # servers that changed since the last batch was begun
        self._last: dict[int, LastMessages] = {}
        self._read: dict[int, int] = {}  # channel -> how far its history was read
        self._lock = asyncio.Lock()
        self._flushing: asyncio.Task[None] | None = None
        self._behind = False
        self._unread = False
        self._not_before = 0.0  # of the loop's time
        self._deaf = True
        self._deaf_since: datetime | None = None
        self._tidied: datetime | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what is left; what cannot be written is read from history at the next start."""
        if self._flushing is not None:
            await asyncio.wait([self._flushing])
        try:
            if self._behind:
                # The gap is read at the next start, and all messages since; the rest is only here.
                self._buffer = [heard for heard in self._buffer if not heard.message_id]
                self._behind = False
            await self.flush()
        except Exception as error:  # noqa: BLE001 - the process ends, and this is its last word
            log.error(  # noqa: TRY400 - one line for the operator; the reason stands in it
                "%d signs of life could not be written at the end: %s. Messages among them are"
                " read from the rooms at the next start.",
                len(self._buffer),
                error,
            )

    def message(self, message: discord.Message) -> None:
        """Note a message; bots, webhooks, Discord's own notices and DMs are not people writing."""
        place = self._places.get(message.channel.id)
        if place is NOWHERE:
            return
        heard = self._heard(message, place)
        if heard is not None:
            self._buffer.append(heard)
            if len(self._buffer) >= FULL:
                self._flush_soon()

    def reaction(self, event: discord.RawReactionActionEvent) -> None:
        """Note that someone reacted, at the moment it arrives."""
        guild = None if event.guild_id is None else self._client.get_guild(event.guild_id)
        if guild is None or (event.member is not None and event.member.bot):
            return
        author = event.message_author_id or 0
        self._note(
            Kind.REACTION, guild, event.channel_id, event.user_id, (author, event.message_id)
        )

    def gone(self, guild_id: int | None, channel_id: int, message_ids: Iterable[int]) -> None:
        """Note that messages were deleted: nobody needs to answer them any more."""
        guild = None if guild_id is None else self._client.get_guild(guild_id)
        if guild is None or self._places.get(channel_id) is NOWHERE:
            return
        for message_id in message_ids:
            self._note(Kind.GONE, guild, channel_id, 0, (0, message_id))

    def voice(self, member: discord.Member, channel_id: int) -> None:
        """Note that someone came into a voice channel."""
        if not member.bot:
            self._note(Kind.VOICE, member.guild, channel_id, member.id)

    def press(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Note that someone used a button, a form or a command of Hearth."""
        if interaction.guild is not None and interaction.channel_id is not None:
            self._note(Kind.PRESS, interaction.guild, interaction.channel_id, interaction.user.id)

    def let_go(self, user_id: int, server_ids: Collection[int] | None) -> None:
        """Drop what waits to be written about a person, and who they were among the last to write.

        In these servers, or in all.
        """
        kept: list[Heard] = []
        for heard in self._buffer:
            about = server_ids is None or heard.place.server_id in server_ids
            left = without(heard, user_id) if about else heard
            if left is not None:
                kept.append(left)
        self._buffer = kept
        for channel_id, last in self._last.items():
            place = self._places.get(channel_id)
            # A place that is not known (any more) may be one of theirs.
            if server_ids is None or place is None or place.server_id in server_ids:
                last.let_go(user_id)

    def stale(self, server_id: int) -> None:
        """Look anew at which channels of this server count; call after its rooms changed."""
        self._stale.add(server_id)
        for channel_id in [c for c, server in self._uncounted.items() if server == server_id]:
            del self._uncounted[channel_id]
            self._places.pop(channel_id, None)

    def changed(self, channel_id: int) -> None:
        """Look anew at this channel: it was changed or deleted, or its threads may count else."""
        for known in [c for c, p in self._places.items() if channel_id in (c, p.room_id)]:
            self._places.pop(known)
            self._uncounted.pop(known, None)

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be written and neither a flush nor catching up is running."""
        return not (self._buffer or self._behind or self._lock.locked())

    @property
    def waiting(self) -> int:
        """How many signs of life wait to be written."""
        return len(self._buffer)

    @property
    def behind(self) -> bool:
        """Whether something was missed that is not read yet."""
        return self._behind

    @property
    def unread(self) -> bool:
        """Whether reading what was missed failed with the tables: `catch_up` must come again."""
        return self._unread

    @property
    def hearing(self) -> frozenset[int]:
        """The servers that are heard right now, for `services.connected.heard`."""
        if self._deaf:
            return frozenset()
        return frozenset(guild.id for guild in self._client.guilds if not guild.unavailable)

    async def flush(self) -> None:
        """Write down what was noted, in one transaction; on an error it stays for the next time."""
        async with self._lock:
            if self._buffer and not self._behind:
                batch, self._buffer = self._buffer, []
                try:
                    await self._write(self._new(batch), {})
                except BaseException:
                    self._keep(batch)
                    raise
        self._tidy()

    def disconnected(self) -> None:
        """Note that the connection is gone; it may come back with nothing lost."""
        if not self._deaf:
            self._deaf, self._deaf_since = True, self._clock.now()

    def resumed(self) -> None:
        """Note that the connection is back and Discord sent all that was missed in this session.

        What was missed before it is heard of when it was read, not before.
        """
        if not self._behind:
            self._deaf, self._deaf_since = False, None

    def begun(self) -> None:
        """Note that a new session has begun: what came between must be read from history."""
        self.disconnected()
        self._behind = True

    async def catch_up(self, guilds: Iterable[discord.Guild]) -> None:
        """Read what was written in these servers' rooms while nothing was heard; then go on live.

        Where all of it could be read the gap is no blind time for those who write. While the
        tables cannot be used everything waits, and `unread` asks for another call.
        """
        self._behind = True
        async with self._lock:
            try:
                await self._catch_up([guild for guild in guilds if not guild.unavailable])
            except TablesDown:
                self._unread = True
                return
            except asyncio.CancelledError:
                raise  # still behind: what was not read must not be skipped
            except Exception:
                self._behind = False
                raise
            self._behind = self._unread = False
            self._deaf, self._deaf_since = False, None

    async def _catch_up(self, guilds: list[discord.Guild]) -> None:
        async with self._database.reading() as session:
            known = await signals.positions(session, [guild.id for guild in guilds])
        rooms = {room: first_id_at(at_ms) for room, at_ms in known.rooms.items()}
        gaps = {guild.id: history.gaps(guild, known.cursors, rooms) for guild in guilds}
        await history.fill(gap for found in gaps.values() for gap in found)
        batch: list[Heard] = []
        up_to: dict[int, tuple[int, int]] = {}
        for guild_id, found in gaps.items():
            for gap in found:
                batch += self._all_heard(gap.messages)
                if gap.messages:
                    up_to[gap.channel.id] = (guild_id, gap.messages[-1].id)
                if not gap.closed:
                    await self._recall(gap)
        self._read.update({channel_id: message for channel_id, (_, message) in up_to.items()})
        waited, self._buffer = self._buffer, []
        complete = {g for g, found in gaps.items() if all(gap.complete for gap in found)}
        try:
            await self._write(batch + self._new(waited), up_to, heard_again=gaps, read=complete)
        except BaseException:
            self._keep(waited)
            raise

    async def _recall(self, gap: history.Gap) -> None:
        """Remember who wrote last before a gap, if what follows may be soon after it."""
        moment = gap.messages[0].created_at if gap.messages else self._clock.now()
        last_ms = moment_ms(gap.after)
        if gap.channel.id in self._last or moment.timestamp() * 1000 - last_ms > NEAR_MS:
            return
        messages = await history.before(gap.channel, gap.after + 1, LAST_MESSAGES)
        last = self._last[gap.channel.id] = LastMessages()
        for heard in self._all_heard(messages):
            last.write(heard.user_id, heard.at_ms)

    def _all_heard(self, messages: Iterable[discord.Message]) -> list[Heard]:
        found = [self._heard(m, self._places.get(m.channel.id)) for m in messages]
        return [heard for heard in found if heard is not None]

    def _new(self, batch: list[Heard]) -> list[Heard]:
        """Leave out messages that came live as well as from history."""
        read = self._read
        if not read:
            return batch
        # Reactions, voice and presses have no message of their own, and no history tells of them.
        return [
            heard
            for heard in batch
            if not heard.message_id or heard.message_id > read.get(heard.place.channel_id, -1)
        ]

    async def _write(
        self,
        batch: list[Heard],
        up_to: dict[int, tuple[int, int]],
        *,
        heard_again: Collection[int] = (),
        read: Collection[int] = (),
    ) -> None:
        now = self._clock.now()
        me = self._client.user
        self._stale.clear()
        async with self._database.writing() as session:
            written = await signals.write(
                session,
                batch,
                self._last,
                now,
                bot_id=0 if me is None else me.id,
                read_up_to=up_to,
            )
            if heard_again:
                if self._deaf_since is not None:
                    await connected.closed(session, heard_again, self._deaf_since)
                await connected.opened(session, heard_again, now)
                await connected.gap_read(session, read)
        self._last.update(written.last)
        for channel_id in written.uncounted & self._places.keys():
            place = self._places[channel_id]
            if place.server_id not in self._stale:
                self._uncounted[channel_id] = place.server_id
                self._places[channel_id] = NOWHERE

    def _heard(self, message: discord.Message, place: Place | None) -> Heard | None:
        author = message.author
        kind = message.type.value
        if author.bot or message.webhook_id is not None or kind not in (WRITTEN, REPLY):
            return None
        if place is None or place is NOWHERE:
            if message.guild is None:
                return None
            place = self._place(message.guild, message.channel.id)
        to_user_id = to_message_id = 0
        reference = message.reference
        if reference is not None and kind == REPLY:
            to_message_id = reference.message_id or 0
            if isinstance(reference.resolved, discord.Message):
                to_user_id = reference.resolved.author.id
        mentions = tuple([m.id for m in message.mentions]) if message.mentions else ()
        return Heard(
            Kind.MESSAGE,
            place,
            author.id,
            moment_ms(message.id),
            message.id,
            to_user_id,
            to_message_id,
            mentions,
        )

    def _note(
        self,
        kind: Kind,
        guild: discord.Guild,
        channel_id: int,
        user_id: int,
        to: tuple[int, int] = (0, 0),
    ) -> None:
        place = self._places.get(channel_id) or self._place(guild, channel_id)
        if place is NOWHERE and kind is Kind.PRESS:
            place = Place(channel_id, channel_id, guild.id)
        if place is not NOWHERE:
            at_ms = int(self._clock.now().timestamp() * 1000)
            self._buffer.append(Heard(kind, place, user_id, at_ms, 0, *to))

    def _place(self, guild: discord.Guild, channel_id: int) -> Place:
        """Return where this is, and remember it if the channel is known."""
        channel = guild.get_channel_or_thread(channel_id)
        if channel is None:
            return Place(channel_id, channel_id, guild.id)
        room = channel.parent if isinstance(channel, discord.Thread) else channel
        private = isinstance(channel, discord.Thread) and channel.is_private()
        everyone = (
            room is not None
            and not private
            and room.permissions_for(guild.default_role).view_channel
        )
        room_id = channel.parent_id if isinstance(channel, discord.Thread) else channel_id
        place = Place(channel_id, room_id, guild.id, everyone, private)
        self._places[channel_id] = place
        return place

    def _keep(self, batch: list[Heard]) -> None:
        """Put signals back that could not be written; the oldest go if there are too many."""
        kept = batch + self._buffer
        if len(kept) > MOST_KEPT:
            log.warning("%d signs of life are let go, the oldest.", len(kept) - MOST_KEPT)
        self._buffer = kept[-MOST_KEPT:]

    def _flush_soon(self) -> None:
        loop = asyncio.get_running_loop()
        if self._flushing is None and not self._behind and loop.time() >= self._not_before:
            self._flushing = loop.create_task(self._flush_once())

    async def _flush_once(self) -> None:
        try:
            await self.flush()
        except TablesDown:
            self._not_before = asyncio.get_running_loop().time() + FLUSH_AGAIN
        except Exception:
            log.exception("Signals could not be written; they will be tried again.")
        finally:
            self._flushing = None

    def _tidy(self) -> None:
        """Once an hour forget who wrote last where that is no longer soon after, and look anew."""
        now = self._clock.now()
        if self._tidied is not None and (now - self._tidied).total_seconds() < NEAR_MS / 1000:
            return
        self._tidied = now
        earliest = now.timestamp() * 1000 - NEAR_MS
        self._last = {c: last for c, last in self._last.items() if last.newest_ms >= earliest}
        self._places.clear()
        self._uncounted.clear()
        self._read.clear()
