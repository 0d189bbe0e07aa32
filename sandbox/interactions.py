"""Interactions: what a person asks of the bot, and the bot's answer, under Discord's time limits.

Their ids and tokens live in real time, unlike everything else here: a client compares them with its
own clock. The messages that answer them have virtual ids like all messages. An ephemeral message
is kept by its interaction alone; no channel's history knows it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any, cast

from sandbox import payloads
from sandbox.acts.delivering import publish
from sandbox.acts.drafts import EPHEMERAL, Draft, compose, resolve_mentions
from sandbox.acts.messages import MessageEdit, delete_message, edit_message, rewrite
from sandbox.command_rules import CommandType, check_choices
from sandbox.components import check_modal
from sandbox.errors import ApiError, error, invalid_form
from sandbox.state import Message, time_snowflake
from sandbox.told import interaction_payload, metadata_payload

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord.types import interactions as wire

    from sandbox.state import Channel, Server, State, User
    from sandbox.world import World

Raw = dict[str, Any]

LOADING = 1 << 7
"""The message flag of an answer that was put off."""

_REPLY, _SLASH, _MENU = 19, 20, 23
"""Message types of what answers a message, a slash command and a menu's command."""


class Kind(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Reply(IntEnum):
    """How the bot may answer first."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, eq=False)
class Interaction:
    """One thing that a person did, and all that the bot answered so far."""

    id: int
    token: str
    kind: Kind
    user: User
    server: Server | None
    channel: Channel
    data: Raw
    message: Message | None
    """The message whose component was used, also of a form that it opened."""
    parent: Interaction | None
    """The interaction that opened this form."""
    opened: float
    """Monotonic seconds."""
    reply: Reply | None = None
    original: Message | None = None
    """The answer itself; for a component that is updated, the message it stands in."""
    edited: bool = False
    """Whether `original` was changed after a deferral."""
    withdrawn: bool = False
    """Whether `original` was deleted."""
    followups: list[Message] = field(default_factory=list[Message])
    modal: Raw | None = None
    choices: list[Raw] = field(default_factory=list[Raw])
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever something above changes; whoever waits clears it first."""

    @property
    def command(self) -> str | None:
        """The name of the command that was called, if one was."""
        return self.data["name"] if self.kind is Kind.COMMAND else None

    @property
    def loading(self) -> bool:
        """Whether the person sees "thinking…"."""
        return self.original is not None and bool(self.original.flags & LOADING)


class Interactions:
    """The open interactions of one sandbox.

    `answer_within` and `token_lifetime` are Discord's limits in real seconds (docs, Receiving and
    Responding); tests may shorten them.
    """

    def __init__(self, world: World) -> None:
        self.answer_within = 3.0
        self.token_lifetime = 900.0
        self.observer: Callable[[Interaction], None] | None = None
        """Called with everything that a person sends, to look on; None for nobody."""
        self._world = world
        self._by_token: dict[str, Interaction] = {}
        self._dismissed: set[int] = set()
        """Ids of ephemeral messages that were deleted."""
        self._last_id = 0

    @property
    def state(self) -> State:
        """The sandbox's state."""
        return self._world.state

    # --- opening --------------------------------------------------------------------------------

    def open(
        self,
        kind: Kind,
        user: User,
        channel: Channel,
        data: Raw,
        *,
        message: Message | None = None,
        parent: Interaction | None = None,
    ) -> Interaction:
        """Tell the bot that a person did something."""
        self._forget_expired()
        self._last_id = max(self._last_id + 1, time_snowflake(datetime.now(UTC)))
        interaction = Interaction(
            id=self._last_id,
            token=secrets.token_urlsafe(48),
            kind=kind,
            user=user,
            server=self.state.server_of(channel),
            channel=channel,
            data=data,
            message=message,
            parent=parent,
            opened=time.monotonic(),
        )
        self._by_token[interaction.token] = interaction
        if self.observer is not None:
            self.observer(interaction)
        payload = interaction_payload(self.state, interaction)
        self._world.emit("INTERACTION_CREATE", payload, None, interaction.server)
        return interaction

    def _forget_expired(self) -> None:
        oldest = time.monotonic() - self.token_lifetime
        while self._by_token:
            token, interaction = next(iter(self._by_token.items()))
            if interaction.opened >= oldest:
                return
            del self._by_token[token]

    # --- the first answer -----------------------------------------------------------------------

    def answer(
        self,
        interaction_id: int,
        token: str,
        reply: int,
        data: Raw,
        message: Draft | MessageEdit | None = None,
    ) -> Raw:
        """Take the bot's first answer and return what Discord says to it.

        `message` is what `data` describes: a draft for a new message, an edit for an update.
        """
        interaction = self._by_token.get(token)
        if interaction is None or interaction.id != interaction_id:
            raise error(10062)
        if time.monotonic() - interaction.opened > self.answer_within:
            raise error(10062)
        if interaction.reply is not None:
            raise error(40060)
        if reply not in _fitting(interaction):
            fitting = ", ".join(str(int(one)) for one in sorted(_fitting(interaction)))
            raise invalid_form("type", "BASE_TYPE_CHOICES", f"Value must be one of ({fitting}).")
        kind = Reply(reply)
        match kind:
            case Reply.MESSAGE:
                assert isinstance(message, Draft)
                interaction.original = self._say(interaction, message)
            case Reply.DEFERRED_MESSAGE:
                interaction.original = self._think(interaction, data)
            case Reply.DEFERRED_UPDATE:
                interaction.original = interaction.message
            case Reply.UPDATE:
                assert isinstance(message, MessageEdit)
                interaction.original = interaction.message
                self.edit(interaction, self.find(interaction, None), message)
            case Reply.CHOICES:
                interaction.choices = _choices(data)
            case Reply.MODAL:
                check_modal(data)
                interaction.modal = data
        interaction.reply = kind
        interaction.news.set()
        return self._receipt(interaction)

    def _think(self, interaction: Interaction, data: Raw) -> Message:
        waiting = self._blank(interaction)
        waiting.flags = LOADING | int(data.get("flags") or 0) & EPHEMERAL
        self._deliver(interaction, waiting)
        return waiting

    def _receipt(self, interaction: Interaction) -> Raw:
        original = interaction.original
        told: wire.InteractionCallbackResponse = {
            "id": str(interaction.id),
            "type": interaction.kind.value,
        }
        receipt: Raw = {"interaction": told}
        if original is not None:
            told["response_message_id"] = str(original.id)
            told["response_message_loading"] = interaction.loading
            told["response_message_ephemeral"] = bool(original.flags & EPHEMERAL)
        if interaction.reply in {Reply.MESSAGE, Reply.UPDATE} and original is not None:
            receipt["resource"] = {
                "type": int(cast("Reply", interaction.reply)),
                "message": payloads.message_payload(self.state, original),
            }
        return receipt

    # --- what comes after -----------------------------------------------------------------------

    def by_token(self, application_id: int, token: str) -> Interaction:
        """Return an answered interaction; 50027 once its token has expired, 10015 before."""
        interaction = self._by_token.get(token)
        if interaction is None or application_id != self.state.application.id:
            raise error(50027)
        if time.monotonic() - interaction.opened > self.token_lifetime:
            raise error(50027)
        if interaction.reply is None:
            raise error(10015)
        return interaction

    def find(self, interaction: Interaction, message_id: int | None) -> Message:
        """Return the answer (None) or one of the follow-ups; 10008 when it is gone."""
        candidates = [interaction.original, *interaction.followups]
        if message_id is None:
            candidates = candidates[:1]
        for message in candidates:
            if message is not None and message_id in {None, message.id} and self.exists(message):
                return message
        raise error(10008)

    def exists(self, message: Message) -> bool:
        """Return whether a message is still there for whoever may see it."""
        if message.ephemeral_for is not None:
            return message.id not in self._dismissed
        channel = self.state.find_channel(message.channel_id)
        return channel is not None and channel.history.get(message.id) is message

    def follow_up(self, interaction: Interaction, draft: Draft) -> Message:
        """Say more; right after a deferral this fills in the answer that is still thinking."""
        if interaction.loading:
            edit = _as_edit(draft)
            return self.edit(interaction, self.find(interaction, None), edit)
        message = self._say(interaction, draft)
        interaction.followups.append(message)
        interaction.news.set()
        return message

    def edit(self, interaction: Interaction, message: Message, edit: MessageEdit) -> Message:
        """Change an answer or a follow-up."""
        loading = message.flags & LOADING
        message.flags &= ~LOADING
        try:
            if message.ephemeral_for is None:
                edit_message(self._world, message.author, interaction.channel, message, edit)
            else:
                rewrite(message, edit)
                allowed = edit.allowed_mentions
                if allowed is not None:
                    resolve_mentions(self._world, interaction.channel, message, allowed)
                message.edited_at = self.state.now()
        except ApiError:
            message.flags |= loading
            raise
        if message is interaction.original:
            interaction.edited = True
        interaction.news.set()
        return message

    def delete(self, interaction: Interaction, message: Message) -> None:
        """Take an answer or a follow-up back."""
        if message.ephemeral_for is None:
            delete_message(self._world, message.author, interaction.channel, message)
        else:
            self._dismissed.add(message.id)
        if message is interaction.original:
            interaction.withdrawn = True
        interaction.news.set()

    # --- messages -------------------------------------------------------------------------------

    def _say(self, interaction: Interaction, draft: Draft) -> Message:
        message = compose(self._world, interaction.channel, self.state.bot, draft)
        blank = self._blank(interaction, message.id)
        message.type = blank.type
        message.reference_id = blank.reference_id
        message.application_id = blank.application_id
        message.webhook_id = blank.webhook_id
        message.interaction_metadata = blank.interaction_metadata
        self._deliver(interaction, message)
        return message

    def _deliver(self, interaction: Interaction, message: Message) -> None:
        if message.flags & EPHEMERAL:
            message.ephemeral_for = interaction.user.id
        else:
            publish(self._world, interaction.channel, message)

    def _blank(self, interaction: Interaction, message_id: int | None = None) -> Message:
        """Return an empty message that says what it answers."""
        application = self.state.application
        answered = interaction.original or interaction.message
        quotes = answered is not None and answered.ephemeral_for is None
        kind = _REPLY if quotes else 0
        if answered is None and interaction.kind is Kind.COMMAND:
            kind = _SLASH if interaction.data["type"] == CommandType.CHAT_INPUT else _MENU
        return Message(
            message_id or self.state.snowflake(),
            interaction.channel.id,
            interaction.server.id if interaction.server else None,
            self.state.bot,
            type=kind,
            reference_id=answered.id if answered is not None and quotes else None,
            application_id=application.id,
            webhook_id=application.id,
            interaction_metadata=metadata_payload(interaction),
        )


def _fitting(interaction: Interaction) -> set[Reply]:
    """Return the kinds of answer that Discord takes to what was done."""
    said = {Reply.MESSAGE, Reply.DEFERRED_MESSAGE}
    match interaction.kind:
        case Kind.AUTOCOMPLETE:
            return {Reply.CHOICES}
        case Kind.COMMAND:
            return said | {Reply.MODAL}
        case Kind.COMPONENT:
            return said | {Reply.DEFERRED_UPDATE, Reply.UPDATE, Reply.MODAL}
        case Kind.MODAL:
            if interaction.message is None:
                return said
            return said | {Reply.DEFERRED_UPDATE, Reply.UPDATE}


def _choices(data: Raw) -> list[Raw]:
    choices: list[Raw] = data.get("choices") or []
    check_choices(choices, "data.choices")
    return choices


def _as_edit(draft: Draft) -> MessageEdit:
    return MessageEdit(
        draft.content, draft.embeds, draft.components, draft.attachments, draft.flags
    )
