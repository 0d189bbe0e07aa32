"""Tests share from a small town: Kim and Lena live in Riverside, Lena hosts the neighbourhoods."""

from dataclasses import dataclass
from datetime import timedelta

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

MENU = "Share with the commons"
READY = timedelta(days=1, minutes=2)  # until what was shared is ready to be read through


@dataclass(frozen=True, slots=True)
class Town:
    """Who lives there, and where."""

    hearth: Running
    kim: Person
    lena: Person
    room: Channel
    commons: Channel

    @property
    def posts(self) -> list[str]:
        """What Hearth has in the commons, oldest first."""
        return [one.content for one in self._ours]

    @property
    def newest(self) -> Message:
        """The newest message of Hearth's in the commons."""
        return self._ours[-1]

    @property
    def _ours(self) -> list[Message]:
        bot = self.hearth.sandbox.world.state.bot
        return [one for one in self.commons.history if one.author is bot]

    async def share(self, message: Message, *presses: str, by: Person | None = None) -> Answer:
        """Let somebody share a message of theirs; after these presses on the preview."""
        author = by or self.kim
        preview = await author.menu(MENU, message)
        for press in presses:
            preview = await author.press(preview, press)
        answer = await author.press(preview, "Share")
        assert "Thank you" in answer.text, answer.text
        return answer

    async def shared(self, text: str, *presses: str, by: Person | None = None) -> Message:
        """Let somebody write in the room and share it; return what they wrote."""
        message = await (by or self.kim).write(self.room, text)
        await self.share(message, *presses, by=by)
        return message

    async def draft(self) -> Answer:
        """Open what is ready for Lena."""
        return await self.lena.press(await self.lena.command("desk"), "Read it through")

    async def publish(self) -> Answer:
        """Wait until it is ready, and let Lena publish it."""
        await self.hearth.advance(READY)
        answer = await self.lena.press(await self.draft(), "Publish")
        await self.hearth.settle()
        return answer

    async def mine(self, person: Person) -> Answer:
        """Return what somebody reads of what they shared."""
        together = await person.press(await person.command("home"), "Together")
        return await person.press(together, "What I shared")


async def bridge_town(hearth: Running, **options: object) -> Town:
    """Found it; `options` go to setup."""
    await set_up(hearth, **options)
    await group(hearth)
    kim = await at_home(hearth, "Kim")
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    together = await lena.press(await lena.command("desk"), "Together")
    board = await lena.press(together, "From the neighbourhoods")
    assert "Thank you" in (await lena.press(board, "I'd host it")).text
    return Town(hearth, kim, lena, channel(hearth, "🌊-riverside"), channel(hearth, "general"))
