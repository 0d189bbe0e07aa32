"""Pairs: what those press who take part, in the room, in their thread and at /home."""

import discord
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    defer_in_place,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.errors import NotAllowed
from bot.gateway.payloads import Field, form
from bot.rules import pair_cards, pair_hours, pair_messages
from bot.rules.message import Choice, Line, Message, say
from bot.rules.pair_cards import Mine
from bot.services import pair_answers, pair_talk, pairs

CITY_MOST = 60


class Pairs(commands.Cog):
    """Answers the buttons of who takes part."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    # --- in the room ----------------------------------------------------------------------------

    @pressed("pair-join")
    async def join(self, interaction: Interaction, pairing_id: str, at: str = "") -> None:
        """Let somebody take part."""
        on_card = at == "card"
        await (defer_in_place if on_card else defer)(interaction)
        async with self.bot.database.writing() as session:
            who = actor(interaction)
            new = await pairs.join(session, who, int(pairing_id), self.bot.clock.now())
            card = await pairs.card(session, who, int(pairing_id))
        line = _said("joined" if new else "already", card)
        await answer(interaction, pair_cards.mine(card, line) if on_card else Message((line,)))

    @pressed("pair-how")
    async def how(self, interaction: Interaction, pairing_id: str, *_mark: str) -> None:
        """Say how pairs work."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            row = await pairs.row(session, who.server_id, int(pairing_id))
        await answer(interaction, pair_messages.how(threads=row.threads))

    # --- in a pair's thread ---------------------------------------------------------------------

    @pressed("pair-met")
    async def met(self, interaction: Interaction, pair_id: str, *_mark: str) -> None:
        """Keep that a pair met."""
        await self._answered(interaction, int(pair_id), "met")

    @pressed("pair-not")
    async def not_met(self, interaction: Interaction, pair_id: str, *_mark: str) -> None:
        """Keep that it did not come to it."""
        await self._answered(interaction, int(pair_id), "not")

    @pressed("pair-more")
    async def another(self, interaction: Interaction, pair_id: str, *_mark: str) -> None:
        """Give a pair another question."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            said = await pair_answers.another(
                session, actor(interaction), int(pair_id), self.bot.clock.now()
            )
        await answer(interaction, said)

    @pressed("pair-break")
    async def break_(self, interaction: Interaction, pair_id: str) -> None:
        """Let one of a pair rest."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            said = await pair_answers.has_break(
                session, actor(interaction), int(pair_id), self.bot.clock.now()
            )
        await answer(interaction, said)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        """Send nobody to a thread that is gone."""
        async with self.bot.database.reading() as session:
            if not await pair_talk.is_open(session, event.thread_id):
                return
        async with self.bot.database.writing() as session:
            await pair_talk.thread_gone(session, event.thread_id)

    # --- at /home -------------------------------------------------------------------------------

    @pressed("pair-mine")
    async def mine(self, interaction: Interaction, pairing_id: str, _at: str = "") -> None:
        """Show somebody how they stand with pairs."""
        async with self.bot.database.reading() as session:
            card = await pairs.card(session, actor(interaction), int(pairing_id))
        await answer(interaction, pair_cards.mine(card), replace=True)

    @pressed("pair-leave")
    async def leave(self, interaction: Interaction, pairing_id: str) -> None:
        """Let somebody take part no more."""
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await pairs.leave(session, who, int(pairing_id))
        await self._show(interaction, int(pairing_id), Line("pairs.left"))

    @pressed("pair-rest")
    async def rest(self, interaction: Interaction, pairing_id: str) -> None:
        """Let somebody rest until they come back."""
        async with self.bot.database.writing() as session:
            await pairs.rest(session, actor(interaction), int(pairing_id), self.bot.clock.now())
        await self._show(interaction, int(pairing_id), Line("pairs.rests"))

    @pressed("pair-back")
    async def back(self, interaction: Interaction, pairing_id: str, _at: str = "") -> None:
        """End a break."""
        async with self.bot.database.writing() as session:
            await pairs.come_back(session, actor(interaction), int(pairing_id))
            card = await pairs.card(session, actor(interaction), int(pairing_id))
        await answer(interaction, pair_cards.mine(card, _said("is_back", card)), replace=True)

    @pressed("pair-noted")
    async def noted(self, interaction: Interaction, pairing_id: str) -> None:
        """Take a word about pairs off somebody's /home."""
        async with self.bot.database.writing() as session:
            await pairs.noted(session, actor(interaction), int(pairing_id))
        await answer(interaction, say("pairs.noted"), replace=True)

    @pressed("pair-hours")
    async def hours(self, interaction: Interaction, pairing_id: str) -> None:
        """Ask for the times of the day at which somebody likes to meet."""
        await self._hours(interaction, int(pairing_id))

    @pressed("pair-parts")
    async def parts(self, interaction: Interaction, pairing_id: str, *, values: list[str]) -> None:
        """Keep them."""
        async with self.bot.database.writing() as session:
            await pairs.set_hours(session, actor(interaction), int(pairing_id), values)
        said = Line("pairs.hours_kept" if values else "pairs.hours_none")
        await self._hours(interaction, int(pairing_id), said)

    @pressed("pair-city")
    async def city(self, interaction: Interaction, pairing_id: str) -> None:
        """Ask on whose clock they are."""
        async with self.bot.database.reading() as session:
            await pairs.hours(session, actor(interaction), int(pairing_id))
        field = Field("city", "pairs.city_field", most=CITY_MOST)
        submit = f"pair-clock:{pairing_id}"
        await give_form(
            interaction, form(language(interaction), "pairs.city_form", submit, [field])
        )

    @submitted("pair-clock")
    async def clock(
        self, interaction: Interaction, pairing_id: str, *, fields: dict[str, str]
    ) -> None:
        """Keep it."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            who = actor(interaction)
            await pairs.set_city(session, who, int(pairing_id), fields["city"])
        await self._hours(interaction, int(pairing_id))

    # --- shared ---------------------------------------------------------------------------------

    async def _answered(
        self, interaction: Interaction, pair_id: int, which: pair_answers.Answer
    ) -> None:
        await defer(interaction)
        async with self.bot.database.writing() as session:
            said = await pair_answers.answered(session, actor(interaction), pair_id, which)
        await answer(interaction, said)

    async def _show(self, interaction: Interaction, pairing_id: int, said: Line) -> None:
        """Show somebody's card with a word; the word alone where no card is theirs any more."""
        async with self.bot.database.reading() as session:
            try:
                card = await pairs.card(session, actor(interaction), pairing_id)
            except NotAllowed:
                await answer(interaction, Message((said,)), replace=True)
                return
        await answer(interaction, pair_cards.mine(card, said), replace=True)

    async def _hours(
        self, interaction: Interaction, pairing_id: int, said: Line | None = None
    ) -> None:
        async with self.bot.database.reading() as session:
            zone, chosen = await pairs.hours(session, actor(interaction), pairing_id)
        words = language(interaction)
        choices = [
            Choice(words(f"pairs.part_{part}"), part, chosen=part in chosen)
            for part in pair_hours.PARTS
        ]
        await answer(interaction, pair_cards.hours(pairing_id, zone, choices, said), replace=True)


def _said(key: str, card: Mine) -> Line:
    """Return a word about the next round, or that there is none just now."""
    if card.next_at is None:
        return Line(f"pairs.{key}_paused")
    return Line(f"pairs.{key}", {"at": int(card.next_at.timestamp())})


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Pairs(bot))
