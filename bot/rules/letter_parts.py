"""What other matters put into a facilitator's letter."""

from dataclasses import dataclass

from bot.rules.message import Button, Line


@dataclass(frozen=True, slots=True)
class Section:
    """One matter in a letter.

    `key` names what it tells, at most 60 characters of which none is a space ("answers:1722…"):
    while it stays the same, this matter alone is no reason for another letter to the same person.
    With `key` "" it never is a reason, and only stands beside others. `lines` are at most nine,
    the first its heading, each at most 180 characters when read; people and links may stand in
    them, since only this facilitator reads them, words that somebody wrote may not. `buttons` are
    at most two: a row of a letter is all that is left for them.
    """

    key: str
    lines: tuple[Line, ...]
    buttons: tuple[Button, ...] = ()
