"""Where discord.py's requests differ from the description, and where the description itself errs.

Both lists are written by hand and kept short. A deviation names the line of discord.py that makes
it, and the line is looked up in the installed discord.py: the list cannot outlive what it excuses.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trials.conformance.description import Fault, Kind
    from trials.conformance.sealing import Schema


@dataclass(frozen=True, slots=True)
class Deviation:
    """What discord.py sends otherwise than described, and where it does so."""

    kind: Kind
    field: str
    route: str
    """Method and template; "*" stands for anything."""
    file: str
    """Below the package `discord`."""
    line: int
    code: str
    """What stands in that line."""
    why: str

    def excuses(self, method: str, route: str, fault: Fault) -> bool:
        """Return whether this is what a fault in a request of discord.py's is."""
        return (self.kind, self.field) == (fault.kind, fault.field) and fnmatchcase(
            f"{method} {route}", self.route
        )

    def stands(self) -> bool:
        """Return whether the installed discord.py has the line."""
        found = importlib.util.find_spec("discord")
        assert found is not None
        assert found.origin is not None
        lines = (Path(found.origin).parent / self.file).read_text(encoding="utf-8").splitlines()
        return self.line <= len(lines) and self.code in lines[self.line - 1]

    def __str__(self) -> str:
        return f"{self.field} in {self.route} (discord/{self.file}:{self.line}): {self.why}"


_ID = "an id as a number"
_BITS = "a set of bits as text"
_FLAG = "a truth as 0 or 1"
_ALWAYS_TTS = "always sent, known only where a message is made"
_COMMANDS = "PUT /applications/*/commands"

DEVIATIONS = (
    Deviation(
        "unknown", "[].nsfw", _COMMANDS, "app_commands/commands.py", 789,
        "base['nsfw'] = self.nsfw", "documented, but not described for requests",
    ),
    Deviation(
        "unknown", "id", "PUT /channels/*/permissions/*", "http.py", 1987,
        "payload = {'id': target, 'allow': allow", "stands in the path already",
    ),
    Deviation(
        "form", "allow", "PUT /channels/*/permissions/*", "http.py", 1981, "allow: str", _BITS,
    ),
    Deviation(
        "form", "deny", "PUT /channels/*/permissions/*", "http.py", 1982, "deny: str", _BITS,
    ),
    Deviation(
        "form", "permission_overwrites[].id", "POST /guilds/*/channels", "guild.py", 1389,
        "'id': target.id}", _ID,
    ),
    Deviation(
        "form", "parent_id", "POST /guilds/*/channels", "guild.py", 1398,
        "parent_id = category.id if category else None", _ID,
    ),
    Deviation(
        "form", "permissions", "POST /guilds/*/roles", "guild.py", 3751,
        "fields['permissions'] = str(permissions.value)", _BITS,
    ),
    Deviation(
        "form", "roles[]", "PATCH /guilds/*/members/*", "member.py", 987,
        "payload['roles'] = tuple(r.id for r in roles)", _ID,
    ),
    Deviation(
        "form", "recipient_id", "POST /users/@me/channels", "http.py", 872,
        "'recipient_id': user_id", _ID,
    ),
    Deviation(
        "form", "allowed_mentions.users[]", "POST /channels/*/messages", "mentions.py", 126,
        "data['users'] = [x.id for x in self.users]", _ID,
    ),
    Deviation(
        "form", "allowed_mentions.roles[]", "POST /channels/*/messages", "mentions.py", 131,
        "data['roles'] = [x.id for x in self.roles]", _ID,
    ),
    Deviation(
        "form", "message_reference.message_id", "POST /channels/*/messages", "message.py", 1970,
        "'message_id': self.id", _ID,
    ),
    Deviation(
        "form", "message_reference.channel_id", "POST /channels/*/messages", "message.py", 1971,
        "'channel_id': self.channel.id", _ID,
    ),
    Deviation(
        "form", "message_reference.guild_id", "POST /channels/*/messages", "message.py", 1975,
        "data['guild_id'] = self.guild.id", _ID,
    ),
    Deviation(
        "unknown", "tts", "PATCH /channels/*/messages/*", "http.py", 219,
        "payload['tts'] = tts", _ALWAYS_TTS,
    ),
    Deviation(
        "unknown", "tts", "PATCH /webhooks/*", "http.py", 219, "payload['tts'] = tts", _ALWAYS_TTS,
    ),
    Deviation(
        "unknown", "data.tts", "POST /interactions/*/callback", "http.py", 219,
        "payload['tts'] = tts", _ALWAYS_TTS,
    ),
    Deviation(
        "type", "?with_response", "POST /interactions/*/callback", "webhook/async_.py", 451,
        "{'with_response': '1'}", _FLAG,
    ),
    Deviation(
        "type", "?wait", "POST /webhooks/*", "webhook/async_.py", 318, "'wait': int(wait)", _FLAG,
    ),
    Deviation(
        "type", "?with_components", "POST /webhooks/*", "webhook/async_.py", 318,
        "'with_components': int(with_components)", _FLAG,
    ),
    Deviation(
        "type", "?with_components", "PATCH /webhooks/*", "webhook/async_.py", 376,
        "'with_components': int(with_components)", _FLAG,
    ),
)  # fmt: skip
"""What discord.py 2.7.1 sends otherwise than described; Discord takes all of it."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """An error of the description's own: what stands at a place, and what must stand there."""

    place: tuple[str | int, ...]
    """The way from `components` to what is replaced."""
    wrong: Any
    right: Any
    why: str

    def apply(self, components: Schema) -> bool:
        """Mend a description's components in place; False where the error is not there."""
        found: Any = components
        try:
            for step in self.place[:-1]:
                found = found[step]
            if found[self.place[-1]] != self.wrong:
                return False
        except (LookupError, TypeError):
            return False
        found[self.place[-1]] = self.right
        return True


_ERROR = {"$ref": "#/components/schemas/Error"}
_TEXT = {"type": "string"}

AMENDMENTS = (
    Amendment(
        ("schemas", "InnerErrors", "properties", "_errors", "items"),
        _ERROR,
        {
            "type": "object",
            "properties": {"code": _TEXT, "message": _TEXT},
            "required": ["code", "message"],
        },
        "a field's error has a code of letters, as \"BASE_TYPE_REQUIRED\" in Discord's reference"
        " (Error Messages); the description takes it for the number of the whole answer",
    ),
    Amendment(
        ("schemas", "RatelimitedResponse", "allOf", 0),
        _ERROR,
        {
            "type": "object",
            "properties": {"code": {"type": "integer"}, "message": _TEXT},
            "required": ["message"],
        },
        "an answer with 429 has a code only for some limits, as Discord's reference says (Rate"
        " Limits: Rate Limit Response Structure) and its example shows",
    ),
)
"""Errors of the description, each with Discord's reference against it."""


def amended(document: Schema) -> tuple[Schema, list[Amendment]]:
    """Return a description with its errors mended in place, and which it had."""
    components = document.get("components", {})
    return document, [one for one in AMENDMENTS if one.apply(components)]
