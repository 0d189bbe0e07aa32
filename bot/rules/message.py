"""What Hearth says, before anyone decided in which language or over which connection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Style = Literal["primary", "secondary", "success", "danger"]
MenuKind = Literal["choices", "roles", "rooms", "people"]


@dataclass(frozen=True, slots=True)
class Line:
    """One text of the catalogue with its fillings; names and numbers only, never rendered text."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Button:
    """A button that survives restarts: all it knows is in `press`, "verb:argument:argument".

    `label` is a text's key; at most 100 characters of `press` (Discord's custom_id). `row` is one
    of five, 0 to 4, each with room for five buttons; None: the next that has room.
    """

    label: str
    press: str
    style: Style = "secondary"
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a select menu, already in the reader's words (names, not catalogue texts)."""

    label: str
    value: str
    description: str = ""
    chosen: bool = False  # stands as chosen when the menu opens


@dataclass(frozen=True, slots=True)
class Menu:
    """A select menu; what is chosen arrives as the handler's `values`. At most 25 choices.

    With another `kind` Discord offers the server's own roles, text channels or people, in place of
    `choices`; `values` are then their ids as text, and those in `chosen` stand as chosen when the
    menu opens (25 at most). With `least` 0 a choice can be taken back.
    """

    placeholder: str  # a text's key
    press: str
    choices: tuple[Choice, ...] = ()
    most: int = 1
    least: int = 1
    kind: MenuKind = "choices"
    chosen: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes with a message, before anyone drew it (bot/pictures does).

    `kind` says what sort of picture it is, `values` what it shows: names and numbers only, as JSON
    holds them. `words` are the full sentences that people read who cannot see it.
    """

    kind: str
    values: Mapping[str, Any]
    words: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as it is sent: a file's name, the bytes of a PNG, and its words."""

    name: str
    content: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with an owed message: `kind` says which table holds it, `id` which row.

    It is read when the message is sent (bot/services/keepers.py, ATTACHED); one that is gone by
    then is left out.
    """

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread that an owed message comes with; `name` is cut at Discord's 100 characters.

    A name is plain text, in which Discord reads neither markdown nor mentions: its fillings are
    what people typed, not made `safe`.

    A public one is opened on the message after it was posted. A private one is opened first, the
    message goes into it, and whom it mentions (`Message.users`) come in by that. It is archived
    after so many quiet `minutes`: 60, 1440, 4320 or 10080.
    """

    name: Line
    private: bool = False
    minutes: int = 10080


@dataclass(frozen=True, slots=True)
class Message:
    """A message: lines, buttons, a menu, pictures, and exactly whom it may mention.

    Only `users` and `roles` are pinged, whatever the text contains. `loud` messages notify; all
    others are sent silently. A `thread` and `attached` files come only with messages that are owed.
    """

    lines: tuple[Line, ...]
    buttons: tuple[Button, ...] = ()
    menus: tuple[Menu, ...] = ()
    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    loud: bool = False
    pictures: tuple[Picture, ...] = ()
    attached: tuple[Attached, ...] = ()
    thread: Thread | None = None


def say(key: str, /, **params: Any) -> Message:
    """Return a message of one line."""
    return Message((Line(key, params),))
