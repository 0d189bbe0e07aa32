"""What a person sees of the bot's answer, and waiting for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

from sandbox.acts.drafts import EPHEMERAL
from sandbox.components import SELECTS, Kind, texts, walk
from sandbox.interactions import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from sandbox.interactions import Interaction, Interactions
    from sandbox.state import Message

    Raw = dict[str, Any]

Wait = Literal["final", "callback"]


class Answer:
    """The bot's answer to one interaction, as it stands now: edits and follow-ups show up in it."""

    def __init__(
        self, interactions: Interactions, interaction: Interaction, followup: Message | None = None
    ) -> None:
        self.interaction = interaction
        self._interactions = interactions
        self._followup = followup

    @property
    def kind(self) -> Literal["message", "modal", "none"]:
        """What came: something to read, a form, or nothing."""
        if self.interaction.modal is not None and self._followup is None:
            return "modal"
        return "none" if self.message is None else "message"

    @property
    def failed(self) -> bool:
        """Whether the person read "The application did not respond"."""
        return self.interaction.reply is None

    @property
    def message(self) -> Message | None:
        """The message that answers: new or, for a component, the one that was changed."""
        interaction = self.interaction
        found = self._followup or interaction.original
        if self._followup is None and interaction.reply is Reply.DEFERRED_UPDATE:
            changed = interaction.edited or not interaction.followups
            found = interaction.original if changed else interaction.followups[0]
            if not interaction.edited and not interaction.followups:
                return None
        if found is None or interaction.loading or not self._interactions.exists(found):
            return None
        return found

    @property
    def modal(self) -> Raw | None:
        """The form that opened, as the bot sent it."""
        return self.interaction.modal if self._followup is None else None

    @property
    def content(self) -> str:
        """The message's plain text."""
        return "" if self.message is None else self.message.content

    @property
    def embeds(self) -> list[Raw]:
        """The message's embeds."""
        return [] if self.message is None else self.message.embeds

    @property
    def attachments(self) -> list[Raw]:
        """The message's files, as Discord tells of them; a picture's words are `description`."""
        return [] if self.message is None else self.message.attachments

    def opened(self, attachment: Raw) -> bytes:
        """Return what one of the files holds."""
        return self._interactions.state.files[int(attachment["id"])]

    @property
    def components(self) -> list[Raw]:
        """The components of the message or the form."""
        if self.modal is not None:
            return self.modal["components"]
        return [] if self.message is None else self.message.components

    @property
    def ephemeral(self) -> bool:
        """Whether nobody else sees it."""
        return self.message is not None and bool(self.message.flags & EPHEMERAL)

    @property
    def followups(self) -> list[Answer]:
        """What the bot said after its first answer."""
        if self._followup is not None:
            return []
        return [
            Answer(self._interactions, self.interaction, message)
            for message in self.interaction.followups
            if self._interactions.exists(message)
        ]

    @property
    def text(self) -> str:
        """Everything there is to read, follow-ups included, a line for each part."""
        return "\n".join(part for part in self._parts() if part)

    def _parts(self) -> Iterator[str]:
        if self.modal is not None:
            yield self.modal["title"]
        yield self.content
        for embed in self.embeds:
            yield from _embed_texts(embed)
        yield from texts(self.components)
        for followup in self.followups:
            if followup.message is not self.message:
                yield followup.text

    @property
    def buttons(self) -> list[str]:
        """What the buttons that can be pressed say."""
        return [
            button.get("label") or button["emoji"]["name"]
            for button in walk(self.components)
            if button["type"] == Kind.BUTTON and not button.get("disabled")
        ]

    @property
    def selects(self) -> list[str]:
        """The ids of the menus that can be used."""
        return [
            item["custom_id"]
            for item in walk(self.components)
            if item["type"] in SELECTS and not item.get("disabled")
        ]

    @property
    def choices(self) -> list[str]:
        """What the menus of texts offer."""
        return [
            option["label"]
            for item in walk(self.components)
            if item["type"] == Kind.STRING_SELECT
            for option in item["options"]
        ]

    def __repr__(self) -> str:
        if self.failed:
            return "<Answer: the application did not respond>"
        return f"<Answer {self.kind}{' ephemeral' if self.ephemeral else ''}: {self.text!r}>"


def _embed_texts(embed: Raw) -> Iterator[str]:
    inner: Raw = {"author": {}, "footer": {}, "fields": [], **embed}
    yield inner["author"].get("name", "")
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    for entry in inner["fields"]:
        yield f"{entry['name']}\n{entry['value']}"
    yield inner["footer"].get("text", "")


async def answered(
    interactions: Interactions,
    interaction: Interaction,
    *,
    wait: Wait,
    seconds: float,
    idle: Callable[[], Coroutine[Any, Any, None]],
) -> Answer:
    """Wait (real time) for the bot's answer.

    A deferral is followed to its end; TimeoutError after `seconds` of "thinking…". A component
    whose update was put off may well be left as it is: then `idle`, a wait for the bot to have
    finished, ends the matter. `wait="callback"` returns with the first answer, whatever it is.
    """
    answer = Answer(interactions, interaction)
    if not await _until(interaction, lambda: not answer.failed, interactions.answer_within):
        return answer
    if wait == "callback":
        return answer
    if interaction.reply is Reply.DEFERRED_MESSAGE:
        settled = await _until(
            interaction, lambda: not interaction.loading or interaction.withdrawn, seconds
        )
        if not settled:
            raise TimeoutError(f"{interaction.data} is still thinking after {seconds} s")
    if interaction.reply is Reply.DEFERRED_UPDATE:
        finished = asyncio.create_task(idle())
        news = asyncio.create_task(
            _until(
                interaction,
                lambda: interaction.edited or interaction.withdrawn or bool(interaction.followups),
                seconds,
            )
        )
        try:
            await asyncio.wait({finished, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            finished.cancel()
            news.cancel()
            await asyncio.gather(finished, news, return_exceptions=True)
    return answer


async def _until(interaction: Interaction, done: Callable[[], bool], seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            while not done():
                interaction.news.clear()
                await interaction.news.wait()
    except TimeoutError:
        return False
    return True
