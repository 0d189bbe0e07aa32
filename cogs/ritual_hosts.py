"""Who hosts a ritual: turns, swaps, and the questions that go with them."""

import discord
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.rules import ritual_cards, rota_cards
from bot.rules.message import Line, Message, say
from bot.rules.naming import safe
from bot.rules.rota_cards import Rota
from bot.services import hosting, hostless, ritual_moves, rota, rota_swaps


class RitualHosts(commands.Cog):
    """The rota of a ritual, for those who host it and those who look after its group."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("ritual-rota")
    async def shown(self, interaction: Interaction, ritual_id: str) -> None:
        """Show who hosts a ritual."""
        async with self.bot.database.reading() as session:
            found = await rota.card(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, card(interaction, found), replace=True)

    # --- stepping in and out --------------------------------------------------------------------

    @pressed("ritual-host-too")
    async def offer(self, interaction: Interaction, ritual_id: str) -> None:
        """Let who presses take turns."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            found = await rota.offer(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, card(interaction, found, self._in_round(found)))

    @pressed("ritual-host-ask")
    async def ask(self, interaction: Interaction, ritual_id: str, *, values: list[str]) -> None:
        """Ask somebody whether they would take turns."""
        await defer_in_place(interaction)
        who, user_id, now = actor(interaction), int(values[0]), self.bot.clock.now()
        async with self.bot.database.writing() as session:
            new = await rota.ask(session, who, int(ritual_id), user_id, now)
            found = await rota.card(session, who, int(ritual_id), now)
        told = Line("rota.asked" if new else "rota.asked_before", {"user": user_id})
        await answer(interaction, card(interaction, found, told))

    @pressed("ritual-host-open")
    async def question(self, interaction: Interaction, ritual_id: str, *_at: str) -> None:
        """Show the question whether somebody would take turns."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            found = await rota.question(session, actor(interaction), int(ritual_id))
            when = await ritual_moves.as_typed(session, found)
        await answer(interaction, rota_cards.question(found.id, found.title, when))

    @pressed("ritual-host-yes")
    async def accept(self, interaction: Interaction, ritual_id: str) -> None:
        """Let somebody who was asked take turns."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            found = await rota.accept(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, card(interaction, found, self._in_round(found)))

    @pressed("ritual-host-no")
    async def decline(self, interaction: Interaction, ritual_id: str) -> None:
        """Let the question vanish."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await rota.decline(session, actor(interaction), int(ritual_id))
        await answer(interaction, say("rota.thanks_no"))

    @pressed("ritual-host-out")
    async def step_out(self, interaction: Interaction, ritual_id: str) -> None:
        """Let who presses host no more."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            title = await rota.step_out(session, actor(interaction), int(ritual_id))
        await answer(interaction, say("rota.out", title=safe(title)))

    @pressed("ritual-host-take-out")
    async def take_out(
        self, interaction: Interaction, ritual_id: str, *, values: list[str]
    ) -> None:
        """Take somebody out of the round."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            found = await rota.take_out(
                session, actor(interaction), int(ritual_id), int(values[0]), self.bot.clock.now()
            )
        await answer(interaction, card(interaction, found))

    # --- swapping -------------------------------------------------------------------------------

    @pressed("ritual-swap")
    async def swap_with(
        self, interaction: Interaction, ritual_id: str, *, values: list[str]
    ) -> None:
        """Ask one other host to swap."""
        await self._ask_to_swap(interaction, int(ritual_id), [int(one) for one in values])

    @pressed("ritual-swap-any")
    async def swap_with_any(self, interaction: Interaction, ritual_id: str) -> None:
        """Ask all other hosts to swap."""
        await self._ask_to_swap(interaction, int(ritual_id), [])

    @pressed("ritual-swap-open")
    async def swap_question(self, interaction: Interaction, ritual_id: str, *_who: str) -> None:
        """Show the question whether somebody would swap."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            found = await rota_swaps.question(session, actor(interaction), int(ritual_id))
        await answer(interaction, rota_cards.swap_question(found))

    @pressed("ritual-swap-yes")
    async def swap(self, interaction: Interaction, ritual_id: str) -> None:
        """Swap."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            found = await rota_swaps.accept(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, card(interaction, found, Line("rota.swapped")))

    @pressed("ritual-swap-no")
    async def refuse_swap(self, interaction: Interaction, ritual_id: str) -> None:
        """Let it be as it is."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await rota_swaps.refuse(session, actor(interaction), int(ritual_id))
        await answer(interaction, say("rota.swap_refused"))

    @pressed("ritual-swap-back")
    async def take_back_swap(self, interaction: Interaction, ritual_id: str) -> None:
        """Ask nobody any more."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            found = await rota_swaps.take_back(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, card(interaction, found))

    # --- nobody left ----------------------------------------------------------------------------

    @pressed("ritual-hostless")
    async def hostless(self, interaction: Interaction, ritual_id: str, *_at: str) -> None:
        """Show the question who hosts a ritual, or the ritual when that is settled."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.reading() as session:
            shown = await hostless.question(session, who, int(ritual_id))
            if shown is None:
                shown = ritual_cards.one(await hosting.one(session, who, int(ritual_id), now))
        await answer(interaction, shown)

    async def _ask_to_swap(
        self, interaction: Interaction, ritual_id: int, host_ids: list[int]
    ) -> None:
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            found = await rota_swaps.ask(
                session, actor(interaction), ritual_id, host_ids, self.bot.clock.now()
            )
        await answer(interaction, card(interaction, found))

    @staticmethod
    def _in_round(found: Rota) -> Line:
        return Line("rota.in_round", {"title": safe(found.title)})


def card(interaction: Interaction, found: Rota, told: Line | None = None) -> Message:
    """Return a rota with its hosts' names in the menus, and what was just done above it."""
    names = {host: name_of(interaction.guild, host) for host in found.hosts}
    shown = rota_cards.card(found, names)
    if told is None:
        return shown
    return Message((told, *shown.lines), shown.buttons, shown.menus)


def name_of(guild: discord.Guild | None, user_id: int) -> str:
    """Return a member's name as a menu shows it; their id where it is not known."""
    member = None if guild is None else guild.get_member(user_id)
    return str(user_id) if member is None else member.display_name


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(RitualHosts(bot))
