"""Finding a group and moving in: /groups, /join, and the buttons that mean the same."""

from discord import app_commands
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer_in_place,
    give_form,
    language,
    newcomer,
    pressed,
    submitted,
)
from bot.errors import UserError
from bot.gateway.payloads import Field, form
from bot.rules import directory, moving_messages, seat_messages
from bot.rules.directory import ALL, NEAR, SEATS, Shelf, View
from bot.rules.membership import Full
from bot.rules.message import Line, Message
from bot.rules.place_names import Place
from bot.rules.scope import MemberScope
from bot.rules.types import KINDS
from bot.services import directory as directories
from bot.services import greeting, groups, home_cards, joining, known_groups, moving, rights
from bot.services.membership import Joined, Outlook
from bot.texts import Say, catalogue

TEXTS = catalogue()
KEY_WAIT = 5.0  # seconds that the reply to a join waits for the key to be cut
KIND_CHOICES = [app_commands.Choice(name=TEXTS(f"types.kind_{kind}"), value=kind) for kind in KINDS]


class Groups(commands.Cog):
    """The directory, and the way into a home."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    # --- the directory --------------------------------------------------------------------------

    @app_commands.command(name="groups", description=TEXTS("groups.command"))
    @app_commands.describe(find=TEXTS("groups.option_find"), kind=TEXTS("groups.option_kind"))
    @app_commands.choices(kind=KIND_CHOICES)
    @app_commands.guild_install()
    @app_commands.guild_only()
    async def listing(
        self, interaction: Interaction, find: str | None = None, kind: str | None = None
    ) -> None:
        """Show all groups, those of a kind, or what `find` names or speaks of."""
        if find is None:
            await self._shelf(interaction, View(only=f"kind-{kind}" if kind else ALL))
        else:
            await self._found(interaction, find)

    @pressed("groups-open")
    async def open_directory(self, interaction: Interaction, *_mark: str) -> None:
        """Show all groups."""
        await self._shelf(interaction, View())

    @pressed("groups-page")
    async def turn_page(
        self, interaction: Interaction, page: str, only: str = ALL, query: str = ""
    ) -> None:
        """Show another page of the same view."""
        await self._shelf(interaction, View(int(page), only or ALL, query))

    @pressed("groups-only")
    async def narrow(self, interaction: Interaction, query: str, values: list[str]) -> None:
        """Show only groups of a kind, with seats, near one's clock, of a language, or in a city."""
        await self._shelf(interaction, View(only=values[0], query=query))

    @pressed("groups-choose")
    async def choose(self, interaction: Interaction, values: list[str]) -> None:
        """Show the group that was chosen."""
        await self._card(interaction, int(values[0]))

    @pressed("groups-show")
    async def show(self, interaction: Interaction, group_id: str) -> None:
        """Show the group that the button names."""
        await self._card(interaction, int(group_id))

    @pressed("groups-search")
    async def ask_words(self, interaction: Interaction) -> None:
        """Ask what someone looks for."""
        words = Field("words", "directory.search_label", hint="directory.search_hint", most=60)
        speak = language(interaction)
        await give_form(interaction, form(speak, "directory.search_form", "groups-search", [words]))

    @submitted("groups-search")
    async def search(self, interaction: Interaction, fields: dict[str, str]) -> None:
        """Show the groups that speak of what was typed."""
        await self._shelf(interaction, View(query=directory.query(fields["words"])))

    async def _shelf(self, interaction: Interaction, view: View) -> None:
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await rights.server_row(session, who.server_id)
            shelf = await directories.shelf(
                session, who.server_id, who.user_id, view, now=self.bot.clock.now()
            )
        await answer(interaction, directory.page(shelf, _words(language(interaction))))

    async def _found(self, interaction: Interaction, typed: str) -> None:
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await rights.server_row(session, who.server_id)
            found = await directories.found(
                session, who.server_id, who.user_id, typed, now=self.bot.clock.now()
            )
        if isinstance(found, Shelf):
            found = directory.page(found, _words(language(interaction)))
        await answer(interaction, found)

    async def _card(self, interaction: Interaction, group_id: int) -> None:
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await rights.server_row(session, who.server_id)
            card = await directories.card(
                session, who.server_id, who.user_id, group_id, now=self.bot.clock.now()
            )
        await answer(interaction, card)

    # --- joining --------------------------------------------------------------------------------

    @app_commands.command(name="join", description=TEXTS("groups.command_join"))
    @app_commands.describe(group=TEXTS("groups.option_join"))
    @app_commands.guild_install()
    @app_commands.guild_only()
    async def join(self, interaction: Interaction, group: str) -> None:
        """Make a group one's home."""
        await self._join(interaction, group)

    @listing.autocomplete("find")
    @join.autocomplete("group")
    async def suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the groups that this person may know of."""
        if interaction.guild_id is None:
            return []
        async with self.bot.database.reading() as session:
            found = await known_groups.suggest(
                session,
                interaction.guild_id,
                typed,
                for_user=interaction.user.id,
                say=language(interaction),
            )
        return [app_commands.Choice(name=label, value=value) for label, value in found]

    @pressed("join")
    async def join_by_button(self, interaction: Interaction, group_id: str) -> None:
        """Do as /join does for the group that the button names."""
        await self._join(interaction, group_id)

    @pressed("move-go")
    async def move(self, interaction: Interaction, group_id: str) -> None:
        """Move: what ends and what stays was shown."""
        await self._join(interaction, group_id, sure=True)

    async def _join(self, interaction: Interaction, text: str, *, sure: bool = False) -> None:
        await defer_in_place(interaction)
        who = await newcomer(interaction)
        try:
            async with self.bot.database.writing() as session:
                found = await joining.join(
                    session,
                    who,
                    group=text,
                    sure=sure,
                    now=self.bot.clock.now(),
                    settings=self.bot.settings,
                )
        except Full as full:
            await answer(interaction, seat_messages.full(full))
            return
        except UserError as refused:
            if refused.key != "home.already_here":
                raise
            async with self.bot.database.reading() as session:
                counted = await home_cards.is_counted(session, who.server_id, who.user_id)
            line = Line(refused.key, refused.params)
            await answer(interaction, moving_messages.lives_here(line, counted=counted))
            return
        if isinstance(found, Joined):
            await answer(interaction, await self._moved_in(who.server_id, who.user_id, found))
        elif isinstance(found, Outlook):
            async with self.bot.database.reading() as session:
                ends = await moving.ends(session, who.server_id, who.user_id, found.group_id)
            await answer(
                interaction,
                moving_messages.moving(
                    found.group_id,
                    found.group,
                    found.leaves or "",
                    looks_after=found.looks_after,
                    visit_stays=found.visit_stays,
                    free=found.free,
                    asks=found.way == "ask",
                    ends=ends,
                ),
            )
        else:
            await answer(
                interaction, moving_messages.asked(found.group, told=found.told, again=found.again)
            )

    async def _moved_in(self, server_id: int, user_id: int, joined: Joined) -> Message:
        """Wait a moment for the key, so that the link works."""
        ready = await self.bot.reconciler.settled(MemberScope(server_id, user_id), KEY_WAIT)
        async with self.bot.database.reading() as session:
            group = await groups.of_server(session, server_id, joined.group_id)
            begin = await greeting.told(session, server_id, user_id)
        return moving_messages.joined(
            Place(group.id, group.name, group.emoji, group.room_id if ready else None),
            returned=joined.returned,
            office_open=joined.office_open,
            told=joined.told,
            left=joined.left,
            visit_until=joined.visit_until,
            next_move_at=joined.next_move_at,
            begin=begin,
        )


def _words(speak: Say) -> dict[str, str]:
    """Return the words of the menu that narrows the directory down."""
    kinds = {kind: speak(f"types.kind_{kind}") for kind in KINDS}
    return {
        ALL: speak("directory.only_all"),
        SEATS: speak("directory.only_seats"),
        NEAR: speak("directory.only_near"),
        **kinds,
    }


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Groups(bot))
