"""*From the neighbourhoods*, for those who host it: read it through, and publish it."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.errors import UserError
from bot.gateway import sources
from bot.rules import neighbourhood_cards as cards
from bot.rules.message import Button, Line, Message, say
from bot.services import editions, neighbourhoods
from bot.services.bridge_sources import Seen


class Neighbourhoods(commands.Cog):
    """Answers hosts; services check who may."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("bridge-board")
    async def board(self, interaction: Interaction, group_id: str) -> None:
        """Show at the desk how it stands."""
        async with self.bot.database.reading() as session:
            card = await neighbourhoods.board(session, actor(interaction), int(group_id))
        await answer(interaction, card, replace=True)

    @pressed("bridge-host")
    async def host(self, interaction: Interaction, group_id: str, wants: str) -> None:
        """Offer to host it, or stop."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            told = await neighbourhoods.host(
                session,
                actor(interaction),
                int(group_id),
                self.bot.clock.now(),
                wants=wants == "1",
            )
        await answer(interaction, _back(told, group_id))

    @pressed("bridge-begin")
    async def begin(self, interaction: Interaction, group_id: str) -> None:
        """Begin again after a rest."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await neighbourhoods.begin(session, actor(interaction), int(group_id))
        await answer(interaction, _back("neighbourhoods.begun", group_id))

    @pressed("bridge-edition")
    async def edition(self, interaction: Interaction, edition_id: str, *mark: str) -> None:
        """Show what would be published; a press in the facilitators' room is answered apart."""
        await (defer(interaction) if mark else defer_in_place(interaction))
        async with self.bot.database.writing() as session:
            card = await editions.draft(session, actor(interaction), int(edition_id))
        await answer(interaction, card)

    @pressed("bridge-whole")
    async def whole(self, interaction: Interaction, edition_id: str, values: list[str]) -> None:
        """Show one of them as it would stand in the commons."""
        async with self.bot.database.reading() as session:
            card = await editions.whole(
                session, actor(interaction), int(edition_id), int(values[0])
            )
        await answer(interaction, card, replace=True)

    @pressed("bridge-out")
    async def out(self, interaction: Interaction, edition_id: str, values: list[str]) -> None:
        """Let one wait for the next time."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            card = await editions.leave_out(
                session, actor(interaction), int(edition_id), int(values[0])
            )
        await answer(interaction, card)

    @pressed("bridge-publish")
    async def publish(self, interaction: Interaction, edition_id: str) -> None:
        """Publish what was read, after a look whether its messages still stand."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            wanted = await editions.to_look_at(session, who, int(edition_id))
            commons_id = await editions.commons(session, who)
        if not sources.takes_posts(self.bot, commons_id):
            raise UserError("neighbourhoods.commons_shut")
        seen: dict[int, Seen] = {}
        for one in wanted:
            stands, edited_at = await sources.look(self.bot, one.channel_id, one.message_id)
            sight = "unknown" if stands is None else "stands" if stands else "gone"
            seen[one.bridge_id] = Seen(sight, edited_at)
        async with self.bot.database.writing() as session:
            count = await editions.publish(
                session, who, int(edition_id), seen, self.bot.clock.now()
            )
        await answer(
            interaction, cards.published(count) if count else say("neighbourhoods.none_stands")
        )

    @pressed("bridge-pass")
    async def pass_on(self, interaction: Interaction, edition_id: str) -> None:
        """Let somebody else have this turn."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            follows = await neighbourhoods.pass_on(
                session, actor(interaction), int(edition_id), self.bot.clock.now()
            )
        await answer(interaction, say("neighbourhoods.passed_on", user=follows))

    @pressed("bridge-rest")
    async def rest(self, interaction: Interaction, edition_id: str) -> None:
        """Let it rest."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await neighbourhoods.rest(
                session, actor(interaction), int(edition_id), self.bot.clock.now()
            )
        await answer(interaction, say("neighbourhoods.resting"))


def _back(told: str, group_id: str) -> Message:
    """Return an answer with the way back to the board."""
    return Message((Line(told),), (Button("neighbourhoods.back", f"bridge-board:{group_id}"),))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Neighbourhoods(bot))
