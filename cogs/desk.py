"""`/desk`: what waits in a group, and pages with everything that looking after it takes."""

import re

import discord
from discord import app_commands
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
from bot.errors import UserError
from bot.gateway.payloads import Field, form
from bot.rules import desk_messages, home_messages
from bot.rules.actor import Actor
from bot.rules.desk_messages import Card
from bot.rules.desk_parts import Page, Part
from bot.rules.message import Choice, Message, say
from bot.rules.naming import key, near, safe
from bot.services import (
    desk,
    desk_sections,
    facilitators,
    inviting,
    known_groups,
    letters,
    requests,
    rights,
)
from bot.services.groups import of_server
from bot.texts import Say, catalogue

TEXTS = catalogue()
MENTION = re.compile(r"<@!?(\d+)>|(\d{15,20})")
LETTERS = ("weekly", "daily", "none", "dm", "room")
NAME_MOST = 100
PAGES: dict[str, Page] = {
    "people": "people",
    "together": "together",
    "room": "room",
    "growth": "growth",
}


class Desk(commands.Cog):
    """Opens the desk and does what its own buttons say; other areas answer theirs."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @app_commands.command(name="desk", description=TEXTS("desk.command"))
    @app_commands.describe(group=TEXTS("desk.option_group"))
    @app_commands.guild_install()
    @app_commands.guild_only()
    async def desk(self, interaction: Interaction, group: str | None = None) -> None:
        """Open the desk of one's only group, of the one that is named, or ask which."""
        await defer(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await rights.server_row(session, who.server_id)
            if group is not None:
                unlisted = await rights.is_owner(session, who)
                found = await known_groups.find(
                    session, who.server_id, group, for_user=who.user_id, unlisted=unlisted
                )
                ids = [(found.id, found.emoji, found.name)]
            else:
                mine = await desk.choices(session, who)
                ids = [(one.group_id, one.emoji, one.name) for one in mine]
        if not ids:
            raise UserError("desk.no_desk")
        if len(ids) > 1:
            await answer(interaction, desk_messages.chooser(ids))
            return
        await answer(interaction, await self._front(who, ids[0][0]))

    @desk.autocomplete("group")
    async def suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the groups that this person looks after; to owners all of them."""
        if interaction.guild_id is None:
            return []
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            owner = await rights.is_owner(session, who)
            mine = {one.group_id for one in await desk.choices(session, who)}
            found = await known_groups.suggest(
                session,
                who.server_id,
                typed,
                for_user=who.user_id,
                unlisted=owner,
                among=None if owner else mine,
            )
        return [app_commands.Choice(name=label, value=value) for label, value in found]

    @pressed("desk-open")
    async def back(self, interaction: Interaction, group_id: str) -> None:
        """Show the desk again."""
        await self._show(interaction, int(group_id))

    @pressed("desk-page")
    async def page(self, interaction: Interaction, group_id: str, which: str) -> None:
        """Show one of the desk's pages."""
        await self._page(interaction, int(group_id), which)

    @pressed("desk-choose")
    async def choose(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show the desk that was chosen."""
        await self._show(interaction, int(values[0]))

    @pressed("desk-charter")
    async def charter(self, interaction: Interaction, group_id: str) -> None:
        """Show the charter, where the group stands, and what can be changed."""
        async with self.bot.database.reading() as session:
            shown = await desk.charter(session, actor(interaction), int(group_id))
        await answer(interaction, shown, replace=True)

    @pressed("desk-letters")
    async def set_letters(
        self, interaction: Interaction, group_id: str, *, values: list[str]
    ) -> None:
        """Change how one's letter comes."""
        group, user = int(group_id), actor(interaction).user_id
        async with self.bot.database.writing() as session:
            match values[0]:
                case "dm" | "room":
                    await letters.by_dm(session, group, user, wanted=values[0] == "dm")
                case "weekly" | "daily" | "none" as often:
                    await letters.how_often(session, group, user, often)
                case _:
                    raise UserError("errors.expired")
        await self._page(interaction, group, "people")

    @pressed("desk-requests")
    async def show_requests(self, interaction: Interaction, group_id: str) -> None:
        """Show who asks to be let in."""
        async with self.bot.database.reading() as session:
            found = await desk.asked(session, actor(interaction), int(group_id))
        named = [(one, name_of(interaction.guild, user)) for one, user in found]
        await answer(interaction, desk_messages.asked(named, int(group_id)), replace=True)

    @pressed("desk-request")
    async def show_request(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show one request with its two answers."""
        async with self.bot.database.reading() as session:
            one = await requests.look(session, actor(interaction), int(values[0]))
        card = home_messages.request_card(
            one.id, one.user_id, (one.group_id, one.group), one.kind, one.asked_at
        )
        await answer(interaction, card, replace=True)

    @pressed("desk-hand-over")
    async def hand_over(self, interaction: Interaction, group_id: str) -> None:
        """Ask whom to ask."""
        await self._may(interaction, group_id)
        await give_form(
            interaction,
            who_form(language(interaction), "desk.who_form_ask", f"desk-ask:{group_id}"),
        )

    @submitted("desk-ask")
    async def ask(self, interaction: Interaction, group_id: str, *, fields: dict[str, str]) -> None:
        """Ask someone to look after the group too."""
        await defer(interaction)
        await self._may(interaction, group_id)
        user_id = person(interaction, fields["who"])
        async with self.bot.database.writing() as session:
            new = await facilitators.ask(
                session,
                server_id=actor(interaction).server_id,
                group_id=int(group_id),
                user_id=user_id,
                now=self.bot.clock.now(),
                actor=actor(interaction),
            )
        await answer(interaction, say("desk.asked" if new else "desk.asked_before", user=user_id))

    @pressed("desk-invite")
    async def invite(self, interaction: Interaction, group_id: str) -> None:
        """Ask whom to invite."""
        await self._may(interaction, group_id)
        await give_form(
            interaction,
            who_form(language(interaction), "desk.who_form_invite", f"desk-invite-who:{group_id}"),
        )

    @submitted("desk-invite-who")
    async def invite_who(
        self, interaction: Interaction, group_id: str, *, fields: dict[str, str]
    ) -> None:
        """Invite someone to live in the group, or to visit it."""
        await defer(interaction)
        await self._may(interaction, group_id)
        user_id = person(interaction, fields["who"])
        async with self.bot.database.writing() as session:
            await inviting.invite(
                session,
                actor(interaction),
                group_id=int(group_id),
                user_id=user_id,
                now=self.bot.clock.now(),
            )
        await answer(interaction, say("desk.invited", user=user_id))

    @pressed("desk-step-down")
    async def step_down(self, interaction: Interaction, group_id: str) -> None:
        """Ask once whether the office shall end."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            group = await of_server(session, who.server_id, int(group_id))
            await rights.require_facilitator(session, who, group.id)
            others = [u for u in await facilitators.active(session, group.id) if u != who.user_id]
        await answer(
            interaction, desk_messages.step_down(group.id, group.name, len(others)), replace=True
        )

    @pressed("desk-step-down-yes")
    async def stepped_down(self, interaction: Interaction, group_id: str) -> None:
        """End one's own office today."""
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            group = await of_server(session, who.server_id, int(group_id))
            await facilitators.step_down(
                session,
                server_id=who.server_id,
                group_id=group.id,
                user_id=who.user_id,
                now=self.bot.clock.now(),
            )
        await answer(interaction, say("desk.stepped_down", group=safe(group.name)), replace=True)

    async def _may(self, interaction: Interaction, group_id: str) -> None:
        """Tell who does not look after the group before they have written anything."""
        async with self.bot.database.reading() as session:
            await rights.require_facilitator(session, actor(interaction), int(group_id))

    async def _show(self, interaction: Interaction, group_id: int) -> None:
        card = await self._front(actor(interaction), group_id)
        await answer(interaction, card, replace=True)

    async def _front(self, who: Actor, group_id: int) -> Message:
        card, parts = await self._read(who, group_id)
        return desk_messages.desk(card, [part for part in parts if part.page == "front"])

    async def _page(self, interaction: Interaction, group_id: int, which: str) -> None:
        if which not in PAGES:
            raise UserError("errors.expired")
        card, parts = await self._read(actor(interaction), group_id)
        if which == "together" and card.stage == "archived":  # a press on an older desk
            raise UserError("room.ended", group=safe(card.name))
        speak = language(interaction)
        ways = tuple(Choice(speak(f"desk.letters_choice_{way}"), way) for way in LETTERS)
        here = [part for part in parts if part.page == which]
        await answer(interaction, desk_messages.page(card, PAGES[which], here, ways), replace=True)

    async def _read(self, who: Actor, group_id: int) -> tuple[Card, list[Part]]:
        now, settings = self.bot.clock.now(), self.bot.settings
        async with self.bot.database.reading() as session:
            card = await desk.card(session, who, group_id, now, settings)
            group = await of_server(session, who.server_id, group_id)
            return card, await desk_sections.parts(session, who, group, now, settings)


def who_form(speak: Say, title: str, submit: str) -> discord.ui.Modal:
    """Return the form that asks for one member."""
    return form(speak, title, submit, [Field("who", "desk.who", hint="desk.who_hint", most=100)])


def person(interaction: Interaction, typed: str) -> int:
    """Return the id of the member that `typed` means; UserError with near misses."""
    guild = interaction.guild
    if guild is None:
        raise UserError("errors.server_only")
    shown = safe(typed.strip()[:NAME_MOST])
    mention = MENTION.fullmatch(typed.strip())
    if mention is not None:
        found = [guild.get_member(int(mention[1] or mention[2]))]
        members = [member for member in found if member is not None]
    else:
        wanted = key(typed.strip().removeprefix("@"))
        members = [member for member in guild.members if key(member.name) == wanted]
        members = members or [m for m in guild.members if key(m.display_name) == wanted]
    if len(members) > 1:
        raise UserError("desk.who_several", typed=shown)
    if not members:
        names = near(typed.strip(), [m.display_name for m in guild.members if not m.bot])
        if names:
            raise UserError("desk.who_near", typed=shown, names=", ".join(map(safe, names)))
        raise UserError("desk.who_unknown", typed=shown)
    if members[0].bot:
        raise UserError("desk.who_bot")
    return members[0].id


def name_of(guild: discord.Guild | None, user_id: int) -> str:
    """Return a member's name as a menu shows it."""
    member = None if guild is None else guild.get_member(user_id)
    return str(user_id) if member is None else member.display_name


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Desk(bot))
