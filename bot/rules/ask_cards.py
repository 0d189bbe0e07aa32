"""What is said about questions from one group to another: to who asks, who decides, who answers."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.rules.group_messages import plain
from bot.rules.message import Button, Choice, Line, Menu, Message, Thread
from bot.rules.naming import safe
from bot.rules.neighbours import Neighbour

Whose = Literal["asking", "asked"]
DESCRIBED = 100  # characters of a charter below its name in a menu
TITLE_MOST = 60  # characters of a question in a thread's name


@dataclass(frozen=True, slots=True)
class Ask:
    """One question as its cards show it; `group` is None for one that is named nowhere."""

    id: int
    group_id: int
    group: str | None
    emoji: str
    to_id: int
    to: str
    to_emoji: str
    user_id: int | None
    named: bool
    text: str
    put: bool
    passed: bool
    ends_at: datetime
    ending: str | None
    answers: int = 0

    @property
    def names(self) -> dict[str, Any]:
        """What the texts are filled with."""
        return {
            "group": safe(self.group or ""),
            "emoji": self.emoji if self.group else "",
            "to": safe(self.to),
            "to_emoji": self.to_emoji,
            "user": self.user_id or 0,
            "text": quoted(self.text),
            "at": int(self.ends_at.timestamp()),
            "n": self.answers,
        }

    @property
    def from_whom(self) -> Line:
        """Who asks, as the other group reads it."""
        if self.group is None:
            return Line("asks.from_somewhere")
        named = self.named and self.user_id is not None
        return Line("asks.from_person" if named else "asks.from_group", self.names)


def quoted(text: str) -> str:
    """Return what somebody wrote as a quotation, line by line, without any power of its own."""
    return "\n".join(f"> {safe(row)}" if row else ">" for row in text.split("\n"))


def state(ask: Ask, *, mine: bool) -> Message:
    """Return how it stands with a group's question, to those of the group."""
    if ask.put:
        lines = [Line("asks.put_state", ask.names), Line("asks.text", ask.names)]
    else:
        lines = [Line("asks.offered_state", ask.names), Line("asks.text", ask.names)]
    buttons = [Button("asks.take_back", f"ask-group-back:{ask.id}", "danger")] if mine else []
    return Message(tuple(lines), tuple(buttons))


def choose(group_id: int, text: str, found: Sequence[Neighbour], *, listed: bool) -> Message:
    """Return whom a question could go to; with nobody, what could be done."""
    again = Button("asks.change", f"ask-group-new:{group_id}")
    head = Line("asks.preview", {"text": quoted(text)})
    if not found:
        return Message((head, Line("asks.nobody")), (again,))
    choices = tuple(
        Choice(plain(one.emoji, one.name)[:100], str(one.group_id), one.charter[:DESCRIBED])
        for one in found
    )
    menu = Menu("asks.choose_menu", f"ask-group-to:{group_id}", choices)
    lines = [head, Line("asks.choose")]
    if not listed:
        lines.append(Line("asks.unlisted"))
    return Message(tuple(lines), (again,), (menu,))


def sure(group_id: int, other: Neighbour, text: str, *, listed: bool) -> Message:
    """Return the last look before a question is sent: with one's name, or without."""
    names = {"text": quoted(text), "to": safe(other.name), "to_emoji": other.emoji}
    send = f"ask-group-send:{group_id}:{other.group_id}"
    buttons = [Button("asks.send_without", f"{send}:0", "primary")]
    if listed:
        buttons.append(Button("asks.send_with", f"{send}:1"))
    buttons.append(Button("asks.change", f"ask-group-new:{group_id}"))
    lines = (Line("asks.sure", names), Line("asks.text", names))
    return Message(lines, tuple(buttons))


def waits(ask: Ask, people: Collection[int]) -> Message:
    """Return the neutral line to who looks after the group that is asked."""
    names = " ".join(f"<@{user}>" for user in people)
    line = Line("guests.line", {"people": names}) if names else Line("guests.line_owners")
    open_ = Button("guests.open", f"ask-group-look:{ask.id}", "primary")
    return Message((line,), (open_,), users=tuple(people))


def look(ask: Ask) -> Message:
    """Return a question to who looks after the group that is asked."""
    back = Button("guests.back", f"guest-desk:{ask.to_id}")
    if ask.ending is not None:
        return Message((Line("asks.is_over"),), (back,))
    if ask.put:
        return Message((Line("asks.is_put", ask.names), Line("asks.text", ask.names)), (back,))
    return Message(
        (ask.from_whom, Line("asks.text", ask.names), Line("asks.decide", ask.names)),
        (
            Button("asks.put", f"ask-group-put:{ask.id}", "success"),
            Button("asks.pass", f"ask-group-pass:{ask.id}"),
            back,
        ),
    )


def at_home(ask: Ask) -> Message:
    """Return the post in the room of the group that asks; answers come into its thread."""
    return Message(
        (Line("asks.post_home", ask.names), Line("asks.text", ask.names)),
        (Button("asks.how_button", f"ask-group-how:{ask.id}:home"),),
        thread=Thread(Line("asks.thread", {"to": plain(ask.to_emoji, ask.to)})),
    )


def there(ask: Ask) -> Message:
    """Return the post in the room of the group that is asked."""
    return Message(
        (ask.from_whom, Line("asks.text", ask.names), Line("asks.post_there", ask.names)),
        (
            Button("asks.answer", f"ask-group-answer:{ask.id}", "primary"),
            Button("asks.how_button", f"ask-group-how:{ask.id}:there"),
        ),
    )


def consent(ask: Ask, text: str) -> Message:
    """Return an answer as it would be read, before its author sends it: that is their consent."""
    lines = [
        Line("asks.consent" if ask.group else "asks.consent_somewhere", ask.names),
        Line("asks.text", {"text": quoted(text)}),
    ]
    send = f"ask-group-reply:{ask.id}"
    return Message(
        tuple(lines),
        (
            Button("asks.reply_with", f"{send}:1:{seen(text)}", "primary"),
            Button("asks.reply_without", f"{send}:0:{seen(text)}"),
            Button("asks.change", f"ask-group-answer:{ask.id}:again"),
        ),
    )


def seen(text: str) -> str:
    """Return what tells the words that a card shows from others that were typed since."""
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def answered(ask: Ask, mark: str, *, again: bool) -> Message:
    """Return that an answer is under way or was sent, and how it can be taken back.

    `mark` is which one, "number:moment": a number may be given again once it is free.
    """
    if again:
        key = "asks.answered_already" if ask.group else "asks.answered_already_somewhere"
    else:
        key = "asks.sent" if ask.group else "asks.sent_somewhere"
    return Message(
        (Line(key, ask.names),),
        (Button("asks.take_answer_back", f"ask-group-mine:{mark}", "danger"),),
    )


def posted_answer(ask: Ask, mark: str, user_id: int | None, text: str) -> Message:
    """Return an answer as it is posted where the question was asked."""
    names = {**ask.names, "user": user_id or 0, "text": quoted(text)}
    key = "asks.answer_without" if user_id is None else "asks.answer_with"
    return Message(
        (Line(key, names), Line("asks.text", names)),
        (Button("asks.mine", f"ask-group-mine:{mark}"),),
    )


def how(ask: Ask) -> Message:
    """Return what asking another group is, to whoever wonders."""
    lines = [Line("asks.how"), Line("asks.how_answers")]
    if ask.ending is not None:
        lines.append(Line("asks.is_over"))
    elif ask.put:
        lines.append(Line("asks.how_until", ask.names))
    return Message(tuple(lines))
