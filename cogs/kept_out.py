"""The moderators' list of who is barred and who is kept apart."""

import discord
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer_in_place, pressed
from bot.errors import UserError
from bot.rules import kept_out_cards, safety_cards
from bot.services import kept_out, removals, safety


class KeptOut(commands.Cog):
    """Opened from /safety concerns; what is lifted from here is lifted by the safety cog."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("kept-page")
    async def page(self, interaction: Interaction, number: str) -> None:
        """Show a page of the list."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            found = await kept_out.page(session, actor(interaction), int(number))
        guild = interaction.guild
        await answer(interaction, kept_out_cards.page(found, lambda user: _name(guild, user)))

    @pressed("kept-choose")
    async def choose(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show somebody's bars, or a pair, with what lifts it."""
        await defer_in_place(interaction)
        who = actor(interaction)
        what, *ids = values[0].split("-")
        if not all(id_.isdecimal() for id_ in ids):
            raise UserError("errors.expired")
        async with self.bot.database.reading() as session:
            match what, [int(id_) for id_ in ids]:
                case "bar", [one]:
                    found = [
                        (group, await removals.named(session, group or None))
                        for user, group in await safety.bars(session, who)
                        if user == one
                    ]
                    card = safety_cards.bars(one, found)
                case "apart", [one, other]:
                    since = await safety.apart_since(session, who, one, other)
                    if since is None:
                        raise UserError("kept.not_apart")
                    pair = safety_cards.apart_already(one, other, since)
                    card = kept_out_cards.with_way_back(pair)
                case _:
                    raise UserError("errors.expired")
        await answer(interaction, card)


def _name(guild: discord.Guild | None, user_id: int) -> str:
    member = None if guild is None else guild.get_member(user_id)
    return str(user_id) if member is None else member.display_name


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(KeptOut(bot))
