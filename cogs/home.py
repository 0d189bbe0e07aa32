"""One's own place: /home, /leave, and the small answers around them."""

import logging
from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    defer_in_place,
    language,
    pressed,
)
from bot.errors import UserError
from bot.gateway.answers import LOST
from bot.rules import absence_messages
from bot.rules.group_messages import plain
from bot.rules.home_cards import HomeCard, Key, home_card, notes_only
from bot.rules.message import Button, Choice, Line, Menu, Message, say
from bot.rules.naming import safe
from bot.rules.place_names import stamp
from bot.rules.scope import MemberScope
from bot.services import cards, home_cards, known_groups, leaving, rights
from bot.services.membership import Left
from bot.texts import catalogue

TEXTS = catalogue()
log = logging.getLogger(__name__)
WAVE = "👋"
KEY_WAIT = 1.0  # seconds that the card waits for a key that is not cut yet


class Home(commands.Cog):
    """Answers what people ask about their own place."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    # --- the card -------------------------------------------------------------------------------

    @app_commands.command(name="home", description=TEXTS("home.command"))
    @app_commands.guild_install()
    @app_commands.guild_only()
    async def home(self, interaction: Interaction) -> None:
        """Show one's own card."""
        await self._card(interaction)

    @pressed("home-open")
    async def open_home(self, interaction: Interaction, *_mark: str) -> None:
        """Show the card of whoever presses."""
        await self._card(interaction)

    @pressed("home-stay")
    async def stay(self, interaction: Interaction) -> None:
        """Confirm that nothing has changed."""
        await answer(interaction, say("home.stayed"), replace=True)

    @pressed("help-open")
    async def help(self, interaction: Interaction) -> None:
        """Say what can be done."""
        await defer_in_place(interaction)
        await answer(interaction, say("home.help"))

    @pressed("charter")
    async def charter(self, interaction: Interaction, group_id: str, *_mark: str) -> None:
        """Show how a room works."""
        await defer(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            card = await cards.charter(session, who.server_id, int(group_id), who.user_id)
        await answer(interaction, card)

    @pressed("wave")
    async def wave(self, interaction: Interaction, user_id: str, *_mark: str) -> None:
        """Put a wave under the welcome, the first time; that someone waved is counted elsewhere."""
        await defer(interaction)
        if int(user_id) == interaction.user.id:
            waved = "home.waved_self"
        else:
            waved = "home.waved" if await _is_seen(interaction.message) else "home.waved_unseen"
        await answer(interaction, say(waved, user=int(user_id)))

    async def _card(self, interaction: Interaction) -> None:
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            card = await home_cards.home(
                session, who, now=self.bot.clock.now(), settings=self.bot.settings
            )
            set_up = True
            paused = False
            try:
                server = await rights.server_row(session, who.server_id, allow_paused=True)
                paused = server.paused_at is not None
            except UserError:
                set_up = False
                if not card.notes:
                    raise
        if not set_up:
            # Setup is half done: whoever began it finds the way back to it here.
            await answer(interaction, notes_only(card.notes))
            return
        if card.has_rooms and not paused:
            card = replace(card, key=await self._key(who.server_id, who.user_id, card))
        await answer(interaction, home_card(card, who.user_id))

    async def _key(self, server_id: int, user_id: int, card: HomeCard) -> Key:
        """Return whether someone's rooms open by now, so that no link leads to a locked door."""
        if await self.bot.reconciler.settled(MemberScope(server_id, user_id), KEY_WAIT):
            return "fits"
        async with self.bot.database.reading() as session:
            stuck = await home_cards.is_stuck(session, server_id, user_id, card)
        return "stuck" if stuck else "cut"

    # --- leaving --------------------------------------------------------------------------------

    @app_commands.command(name="leave", description=TEXTS("home.command_leave"))
    @app_commands.describe(group=TEXTS("home.option_leave"))
    @app_commands.guild_install()
    @app_commands.guild_only()
    async def leave(self, interaction: Interaction, group: str | None = None) -> None:
        """Ask once, then leave."""
        await defer(interaction)
        await self._sure(interaction, group)

    @leave.autocomplete("group")
    async def own_groups(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer one's own groups."""
        if interaction.guild_id is None:
            return []
        async with self.bot.database.reading() as session:
            own = await home_cards.own_groups(session, interaction.guild_id, interaction.user.id)
            found = await known_groups.suggest(
                session,
                interaction.guild_id,
                typed,
                for_user=interaction.user.id,
                among=own,
                say=language(interaction),
            )
        return [app_commands.Choice(name=label, value=value) for label, value in found]

    @pressed("leave-choose")
    async def leave_chosen(self, interaction: Interaction, values: list[str]) -> None:
        """Ask about the group that was chosen."""
        await defer_in_place(interaction)
        await self._sure(interaction, values[0])

    @pressed("leave-ask")
    async def leave_asked(self, interaction: Interaction, group_id: str) -> None:
        """Ask about the group that the button names."""
        await defer_in_place(interaction)
        await self._sure(interaction, group_id)

    @pressed("leave-go")
    async def leave_now(self, interaction: Interaction, group_id: str) -> None:
        """Leave."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await rights.server_row(session, who.server_id)
            left = await leaving.leave(
                session,
                who,
                int(group_id),
                now=self.bot.clock.now(),
                settings=self.bot.settings,
            )
        if not isinstance(left, Left):
            await answer(interaction, say("home.visit_ended", group=safe(left.group)))
            return
        names = {"group": safe(left.group), "until": stamp(left.seat_until)}
        back = Button("home.go_back", f"join:{left.group_id}")
        await answer(interaction, Message((Line("home.left", names),), (back,)))

    async def _sure(self, interaction: Interaction, named: str | None) -> None:
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            own = await leaving.choices(session, who.server_id, who.user_id, named)
        if len(own) == 1:
            hours = self.bot.settings.seat_kept_hours
            one = own[0]
            card = absence_messages.leaving(
                one.group_id,
                one.group,
                is_home=one.is_home,
                looks_after=one.looks_after,
                hours=hours,
            )
        else:
            choices = tuple(Choice(plain(o.emoji, o.group), str(o.group_id)) for o in own[:25])
            card = Message(
                (Line("home.leave_which"),),
                menus=(Menu("home.leave_choose", "leave-choose", choices),),
            )
        await answer(interaction, card)


async def _is_seen(welcome: discord.Message | None) -> bool:
    """Return whether a wave stands under the welcome, put there now if there was none."""
    if welcome is None:
        return False
    if any(reaction.me and str(reaction.emoji) == WAVE for reaction in welcome.reactions):
        return True
    try:
        await welcome.add_reaction(WAVE)
    except (discord.HTTPException, discord.RateLimited, *LOST) as refused:
        log.info("No wave could be put under a welcome: %s", refused)
        return False
    return True


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Home(bot))
