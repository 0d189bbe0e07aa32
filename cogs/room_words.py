"""What a group's room hears from Hearth by somebody's press: norms, a question, a call."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.gateway.payloads import Field, form
from bot.rules.message import Button, Line, Message, say
from bot.rules.room_messages import SAID_MOST
from bot.services import room_words


class RoomWords(commands.Cog):
    """Norms on request, conversation starters, and calling everyone together."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("room-norms")
    async def norms(self, interaction: Interaction, group_id: str) -> None:
        """Show the norms at the desk."""
        async with self.bot.database.reading() as session:
            card = await room_words.norms(session, actor(interaction), int(group_id))
        await answer(interaction, card, replace=True)

    @pressed("room-norms-show")
    async def show_norms(self, interaction: Interaction, group_id: str, *_mark: str) -> None:
        """Show the norms to whoever pressed the button in the room."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            card = await room_words.norms_asked(session, actor(interaction), int(group_id))
        await answer(interaction, card)

    @pressed("room-norms-post")
    async def post_norms(self, interaction: Interaction, group_id: str) -> None:
        """Have the norms stand in the room again."""
        async with self.bot.database.writing() as session:
            again = await room_words.recall_norms(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        said = Line("room.norms_done", {"again": int(again.timestamp())})
        await answer(interaction, _back(said, group_id), replace=True)

    @pressed("room-starter")
    async def starter(self, interaction: Interaction, group_id: str, place: str) -> None:
        """Show one of the week's starters."""
        async with self.bot.database.reading() as session:
            card = await room_words.starter(
                session, actor(interaction), int(group_id), int(place), self.bot.clock.now()
            )
        await answer(interaction, card, replace=True)

    @pressed("room-starter-post")
    async def post_starter(self, interaction: Interaction, group_id: str, name: str) -> None:
        """Put it into the room."""
        async with self.bot.database.writing() as session:
            await room_words.post_starter(
                session, actor(interaction), int(group_id), name, self.bot.clock.now()
            )
        await answer(interaction, _back(Line("room.starter_done"), group_id), replace=True)

    @pressed("room-starter-why")
    async def why(self, interaction: Interaction, *_mark: str) -> None:
        """Say where a question in the room comes from."""
        await answer(interaction, say("room.starter_because"))

    @pressed("room-call")
    async def call(self, interaction: Interaction, group_id: str) -> None:
        """Ask what for, if everyone can be called now."""
        async with self.bot.database.reading() as session:
            await room_words.may_call(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        fields = [Field("said", "room.call_said", hint="room.call_hint", least=3, most=SAID_MOST)]
        await give_form(
            interaction,
            form(language(interaction), "room.call_form", f"room-call-all:{group_id}", fields),
        )

    @submitted("room-call-all")
    async def call_all(
        self, interaction: Interaction, group_id: str, *, fields: dict[str, str]
    ) -> None:
        """Call them."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            again = await room_words.call(
                session, actor(interaction), int(group_id), fields["said"], self.bot.clock.now()
            )
        said = Line("room.call_done", {"again": int(again.timestamp())})
        await answer(interaction, _back(said, group_id))


def _back(said: Line, group_id: str) -> Message:
    """Return an answer with the way back to the desk's page of the room."""
    return Message((said,), (Button("desk.back", f"desk-page:{group_id}:room"),))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(RoomWords(bot))
