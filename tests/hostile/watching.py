"""Reads everything that Hearth says while somebody types what they should not."""

import logging
from collections.abc import Iterator
from typing import Any, cast

from sandbox.answers import Answer
from sandbox.state import Channel, Message
from tests.conftest import Running
from tests.hostile.texts import Bystanders, alive, unfit, unseen

LABELS = ("label", "placeholder", "description", "title")


class Lines(logging.Handler):
    """Keeps what is written into the log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record)

    def failures(self) -> list[str]:
        """Return what the log calls an error."""
        return [r.getMessage() for r in self.lines if r.levelno >= logging.ERROR]

    def holding(self, *words: str) -> list[str]:
        """Return the lines in which one of these words stands, however it came there."""
        told = logging.Formatter()
        lines = [told.format(record) for record in self.lines]
        return [line for line in lines if any(word in line for word in words)]


def parts(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield every component, and every choice of a menu."""
    for one in components:
        yield one
        yield from parts(cast("list[dict[str, Any]]", one.get("components") or []))
        yield from parts(cast("list[dict[str, Any]]", one.get("options") or []))
        if "component" in one:
            yield from parts([one["component"]])


class Watch:
    """What was said so far, and what of it is wrong."""

    def __init__(self, hearth: Running, who: Bystanders) -> None:
        self._hearth = hearth
        self._who = who
        self._read: dict[int, str] = {}
        # What people made themselves they may call what they like.
        self.theirs = {who.role, who.room}
        self.wrong: dict[str, str] = {}
        self.typed = self.answers = self.messages = 0

    def saw(self, what: str, answer: Answer) -> Answer:
        """Look at an answer; return it."""
        self.answers += 1
        if answer.failed or answer.kind == "none":
            self._note(f"{what}: no answer")
        if "Something went wrong" in answer.text:
            self._note(f"{what}: something went wrong")
        if answer.modal is not None:
            self._labels(what, answer.modal["components"])
            self._note_all(
                what, "a form's title", answer.modal["title"], unfit(answer.modal["title"])
            )
        for said in (answer, *answer.followups):
            if said.message is not None:
                self._message(what, said.message)
        return answer

    def saw_choices(self, what: str, choices: list[tuple[str, Any]]) -> None:
        """Look at what is suggested while somebody types."""
        self.answers += 1
        for name, _ in choices:
            self._note_all(what, "a suggestion", name, unfit(name))

    def rooms(self, what: str) -> None:
        """Look at every message, room and role that is new or has changed since the last time."""
        state, server = self._hearth.sandbox.state, self._hearth.server
        # What people wrote themselves is theirs; what they called things, too.
        for channel in (*server.channels.values(), *state.dms.values()):
            self._room(what, channel)
        for role in server.roles.values():
            if role.id not in self.theirs:
                self._note_all(what, "a role", role.name, unseen(role.name))
        for entry in server.audit_log:
            self._note_all(what, "a reason", entry.reason or "", unseen(entry.reason or ""))

    def _room(self, what: str, channel: Channel) -> None:
        if channel.id not in self.theirs:
            self._note_all(what, "a room", channel.name, unseen(channel.name))
            topic = channel.topic or ""
            self._note_all(what, "a topic", topic, alive(topic, self._who))
        for message in channel.history:
            if message.author is self._hearth.sandbox.state.bot:
                if self._read.get(message.id) == message.content:
                    continue
                self._read[message.id] = message.content
                self._message(what, message)

    def _message(self, what: str, message: Message) -> None:
        self.messages += 1
        self._note_all(what, "a text", message.content, alive(message.content, self._who))
        self._labels(what, message.components)
        if message.mention_everyone:
            self._note(f"{what}: everybody is pinged")
        if self._who.role in message.mention_roles:
            self._note(f"{what}: a role is pinged")
        if any(user.id == self._who.person for user in message.mentions):
            self._note(f"{what}: somebody is pinged who has no part in it")
        for embed in message.embeds:
            self._note_all(what, "an embed", str(embed), alive(str(embed), self._who))

    def _labels(self, what: str, components: list[dict[str, Any]]) -> None:
        for part in parts(components):
            for name in LABELS:
                said = part.get(name)
                if isinstance(said, str):
                    self._note_all(what, f"a {name}", said, unfit(said))

    def _note_all(self, what: str, where: str, text: str, found: list[str]) -> None:
        for one in found:
            self._note(f"{what}: {where} holds {one}", text)

    def _note(self, wrong: str, text: str = "") -> None:
        self.wrong.setdefault(wrong, text[:300])
