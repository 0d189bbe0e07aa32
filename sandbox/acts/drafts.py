"""A message before it is sent: its limits, and whom it mentions.

The figures are Discord's (docs, Message Object, Embed Limits, Allowed Mentions Object).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from sandbox.components import SELECTS, V2_FLAG, Kind, check_message, walk
from sandbox.errors import error, invalid_form
from sandbox.permissions import Permission
from sandbox.state import Message

if TYPE_CHECKING:
    from sandbox.state import Channel, User
    from sandbox.world import World

MAX_CONTENT = 2000
MAX_EMBEDS = 10
MAX_EMBED_CHARACTERS = 6000
MAX_NONCE = 25

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
SUPPRESS_NOTIFICATIONS = 1 << 12

_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


@dataclass(frozen=True, slots=True)
class AllowedMentions:
    """Whom a message may ping; a set names them one by one."""

    everyone: bool = True
    roles: bool | frozenset[int] = True
    users: bool | frozenset[int] = True
    replied_user: bool = True

    def role(self, role_id: int) -> bool:
        """Return whether this role may be pinged."""
        return self.roles if isinstance(self.roles, bool) else role_id in self.roles

    def user(self, user_id: int) -> bool:
        """Return whether this account may be pinged."""
        return self.users if isinstance(self.users, bool) else user_id in self.users


@dataclass(slots=True)
class Draft:
    """What someone wants to say."""

    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    components: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    attachments: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    flags: int = 0
    tts: bool = False
    nonce: str | int | None = None
    enforce_nonce: bool = False
    allowed_mentions: AllowedMentions = field(default_factory=AllowedMentions)
    reference_id: int | None = None
    """The message that this one answers, in the same channel."""
    reference_required: bool = True


def check_draft(draft: Draft) -> None:
    """Refuse a draft that is empty or past one of Discord's limits."""
    draft.content = draft.content.strip()
    if draft.flags & V2_FLAG:
        if draft.content or draft.embeds:
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            message = "The 'content' and 'embeds' fields cannot be used with components v2"
            raise invalid_form("content" if draft.content else "embeds", code, message)
        if not draft.components:
            raise error(50006)
    if not (draft.content or draft.embeds or draft.components or draft.attachments):
        raise error(50006)
    if len(draft.content) > MAX_CONTENT:
        raise _too_long("content", MAX_CONTENT)
    if draft.nonce is not None and len(str(draft.nonce)) > MAX_NONCE:
        raise invalid_form("nonce", "NONCE_TYPE_TOO_LONG", "Nonce must be 25 or fewer in length.")
    _check_embeds(draft.embeds)
    check_message(draft.components, draft.flags)


def _too_long(path: str, most: int) -> Exception:
    return invalid_form(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def _check_embeds(embeds: list[dict[str, Any]]) -> None:
    if len(embeds) > MAX_EMBEDS:
        raise _too_long("embeds", MAX_EMBEDS)
    total = 0
    for index, embed in enumerate(embeds):
        fields = cast("list[dict[str, Any]]", embed.get("fields") or [])
        if len(fields) > 25:
            raise _too_long(f"embeds.{index}.fields", 25)
        texts: list[tuple[str, object, int]] = [
            ("title", embed.get("title"), 256),
            ("description", embed.get("description"), 4096),
            ("footer.text", _inner(embed, "footer", "text"), 2048),
            ("author.name", _inner(embed, "author", "name"), 256),
        ]
        for number, item in enumerate(fields):
            for key, most in (("name", 256), ("value", 1024)):
                if not item.get(key):
                    path = f"embeds.{index}.fields.{number}.{key}"
                    raise invalid_form(path, "BASE_TYPE_REQUIRED", "This field is required")
                texts.append((f"fields.{number}.{key}", item[key], most))
        for path, text, most in texts:
            length = len(str(text or ""))
            total += length
            if length > most:
                raise _too_long(f"embeds.{index}.{path}", most)
        embed.setdefault("type", "rich")
    if total > MAX_EMBED_CHARACTERS:
        message = f"Embed size exceeds maximum size of {MAX_EMBED_CHARACTERS}"
        raise invalid_form("embeds", "MAX_EMBED_SIZE_EXCEEDED", message)


def _inner(embed: dict[str, Any], part: str, key: str) -> object:
    inner: dict[str, Any] | None = embed.get(part)
    return None if inner is None else inner.get(key)


def number_components(components: list[dict[str, Any]]) -> None:
    """Give every component that has no id the next free one, as Discord does, and tidy the rest.

    Emoji lose what is null; menus lose `required`, which means something in forms only, and ids of
    what is chosen in them beforehand become text, as all ids that Discord sends.
    """
    everything = list(walk(components))
    taken = {component.get("id") for component in everything}
    following = 1
    for component in everything:
        if not component.get("id"):
            while following in taken:
                following += 1
            component["id"] = following
            following += 1
        if component.get("type") in SELECTS:
            component.pop("required", None)
            chosen = cast("list[dict[str, Any]]", component.get("default_values") or [])
            for one in chosen:
                one["id"] = str(one["id"])
        options = cast("list[dict[str, Any]]", component.get("options") or [])
        for item in (component, *options):
            emoji: dict[str, Any] | None = item.get("emoji")
            if emoji is not None:
                item["emoji"] = {key: part for key, part in emoji.items() if part is not None}


def compose(world: World, channel: Channel, author: User, draft: Draft) -> Message:
    """Return the message that a draft makes in a channel, without sending it."""
    check_draft(draft)
    number_components(draft.components)
    server = world.state.server_of(channel)
    message = Message(
        world.state.snowflake(),
        channel.id,
        server.id if server else None,
        author,
        draft.content,
        type=0 if draft.reference_id is None else 19,
        flags=draft.flags,
        nonce=draft.nonce,
        tts=draft.tts,
        embeds=draft.embeds,
        components=draft.components,
        attachments=draft.attachments,
        reference_id=draft.reference_id,
    )
    resolve_mentions(world, channel, message, draft.allowed_mentions)
    return message


def resolve_mentions(
    world: World, channel: Channel, message: Message, allowed: AllowedMentions
) -> None:
    """Fill in whom a message pings: whom its text names and its writer may ping."""
    text = message.content
    if message.flags & V2_FLAG:
        shown = (c for c in walk(message.components) if c.get("type") == Kind.TEXT)
        text = "\n".join(str(component.get("content", "")) for component in shown)
    mentioned: dict[int, User] = {}
    origin = channel.history.get(message.reference_id) if message.reference_id else None
    if origin is not None and allowed.replied_user:
        mentioned[origin.author.id] = origin.author
    message.mention_roles = []
    message.mention_everyone = False
    if "@" in text:
        users = world.state.users
        for found in _USER.finditer(text):
            user_id = int(found[1])
            if user_id in users and allowed.user(user_id):
                mentioned[user_id] = users[user_id]
        server = world.state.server_of(channel)
        if server is not None:
            _resolve_roles(world, channel, message, text, allowed)
    message.mentions = list(mentioned.values())


def _resolve_roles(
    world: World,
    channel: Channel,
    message: Message,
    text: str,
    allowed: AllowedMentions,
) -> None:
    server = world.state.servers[channel.server_id or 0]
    member = server.members.get(message.author.id)
    if member is None:
        return
    may_ping = bool(world.permissions(member, channel) & Permission.MENTION_EVERYONE)
    named = dict.fromkeys(int(found[1]) for found in _ROLE.finditer(text))
    message.mention_roles = [
        role_id
        for role_id in named
        if (role := server.roles.get(role_id)) is not None
        and (role.mentionable or may_ping)
        and allowed.role(role_id)
    ]
    message.mention_everyone = may_ping and allowed.everyone and _EVERYONE.search(text) is not None
