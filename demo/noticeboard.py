"""What the bot has posted since somebody last looked, wherever it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.answers import Answer
from sandbox.components import walk
from sandbox.state import Channel, Message, Server, State


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of the bot's with buttons; `verbs` are what they mean, with their arguments."""

    message: Message
    channel: Channel
    verbs: dict[str, tuple[str, ...]]


class Noticeboard:
    """Finds new notices; each is returned once."""

    def __init__(self, state: State, server: Server) -> None:
        self._state = state
        self._server = server
        self._seen: dict[int, int] = {}

    def new(self) -> Iterator[Notice]:
        """Yield what is new in the server's rooms and threads and in people's DMs, by room."""
        places = (self._server.channels, self._server.threads, self._state.dms)
        for channel in [place for places_of in places for place in places_of.values()]:
            last, seen = channel.last_message_id or 0, self._seen.get(channel.id, 0)
            if last <= seen:
                continue
            self._seen[channel.id] = last
            # What was deleted since may be the last one: ids only grow, so nothing is missed.
            at = seen
            while messages := channel.history.after(at, 100):
                at = messages[-1].id
                for message in messages:
                    if message.author is self._state.bot and message.components:
                        yield Notice(message, channel, verbs(message))


def verbs(message: Message) -> dict[str, tuple[str, ...]]:
    """Return what a message's buttons and menus mean, with their arguments; of equals the first."""
    found: dict[str, tuple[str, ...]] = {}
    for part in walk(message.components):
        custom_id = part.get("custom_id")
        if custom_id and not part.get("disabled"):
            verb, *arguments = str(custom_id).split(":")
            found.setdefault(verb, tuple(arguments))
    return found


def meanings(answer: Answer) -> dict[str, tuple[str, ...]]:
    """Return what the buttons and menus under an answer mean, with their arguments."""
    return {} if answer.message is None else verbs(answer.message)


def stands(answer: Answer, custom_id: str) -> bool:
    """Return whether an answer has exactly this button."""
    return any(part.get("custom_id") == custom_id for part in walk(answer.components))


def first_choice(message: Message, custom_id: str) -> str:
    """Return the value of a menu's first choice; LookupError if the message has no such menu."""
    for part in walk(message.components):
        if part.get("custom_id") == custom_id:
            return str(part["options"][0]["value"])
    raise LookupError(f"no menu {custom_id!r}")
