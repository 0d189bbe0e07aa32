"""/hearth setup, check and pause, and the buttons and forms of everything below it."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, pressed
from bot.errors import UserError
from bot.gateway import observe
from bot.permissions import for_owners
from bot.rules import owner_messages, zones
from bot.rules.message import say
from bot.services import checks, rights, servers, setting_up
from bot.services.servers import Setup
from bot.texts import catalogue, languages
from cogs.owners import facilitators, setup_flow, types
from cogs.owners.adopting import adopt
from cogs.owners.charters import GroupCommands
from cogs.owners.discover import discover
from cogs.owners.facilitators import FacilitatorCommands
from cogs.owners.health import health
from cogs.owners.log import log
from cogs.owners.panel import panel
from cogs.owners.questions import questions
from cogs.owners.rooms import TextRoom
from cogs.owners.types import TypeCommands

TEXTS = catalogue()
LANGUAGES = [app_commands.Choice(name=code, value=code) for code in languages()]


@for_owners
@app_commands.guild_install()
@app_commands.guild_only()
class Owners(commands.GroupCog, group_name="hearth", group_description=TEXTS("hearth.command")):
    """The owners' commands."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot
        tree = self.app_command
        assert tree is not None
        groups = GroupCommands()
        groups.add_command(adopt)
        others = log, panel, discover, questions, health
        for group in (groups, TypeCommands(), FacilitatorCommands(), *others):
            tree.add_command(group)

    @app_commands.command(name="setup", description=TEXTS("hearth.command_setup"))
    @app_commands.describe(
        commons=TEXTS("hearth.option_commons"),
        facilitators_room=TEXTS("hearth.option_facilitators_room"),
        moderators_room=TEXTS("hearth.option_moderators_room"),
        owners_room=TEXTS("hearth.option_owners_room"),
        safety_role_1=TEXTS("hearth.option_safety"),
        safety_role_2=TEXTS("hearth.option_safety"),
        safety_role_3=TEXTS("hearth.option_safety"),
        restricted_role_1=TEXTS("hearth.option_restricted"),
        restricted_role_2=TEXTS("hearth.option_restricted"),
        take_out=TEXTS("hearth.option_take_out"),
        owner_role=TEXTS("hearth.option_owner_role"),
        time_zone=TEXTS("hearth.option_time_zone"),
        language=TEXTS("hearth.option_language"),
        needs_facilitator=TEXTS("hearth.option_needs_facilitator"),
        shows_cities=TEXTS("hearth.option_shows_cities"),
        brake_account_days=TEXTS("hearth.option_brake_days"),
        brake_joins_per_hour=TEXTS("hearth.option_brake_joins"),
    )
    @app_commands.choices(language=LANGUAGES)
    async def set_up(
        self,
        interaction: Interaction,
        *,
        commons: TextRoom | None = None,
        facilitators_room: TextRoom | None = None,
        moderators_room: TextRoom | None = None,
        owners_room: TextRoom | None = None,
        safety_role_1: discord.Role | None = None,
        safety_role_2: discord.Role | None = None,
        safety_role_3: discord.Role | None = None,
        restricted_role_1: discord.Role | None = None,
        restricted_role_2: discord.Role | None = None,
        take_out: discord.Role | None = None,
        owner_role: discord.Role | None = None,
        time_zone: str | None = None,
        language: str | None = None,
        needs_facilitator: bool | None = None,
        shows_cities: bool | None = None,
        brake_account_days: app_commands.Range[int, 0, servers.BRAKE_DAYS_MOST] | None = None,
        brake_joins_per_hour: app_commands.Range[int, 0, servers.BRAKE_JOINS_MOST] | None = None,
    ) -> None:
        """Lead through the setup, or change what is given."""
        await defer(interaction)
        ids = {
            "commons_id": _room(interaction, commons),
            "facilitators_room_id": _room(interaction, facilitators_room),
            "moderators_room_id": _room(interaction, moderators_room),
            "owners_room_id": _room(interaction, owners_room),
            "owner_role_id": next(iter(_roles([owner_role])), None),
        }
        safety = _roles([safety_role_1, safety_role_2, safety_role_3])
        restricted = _roles([restricted_role_1, restricted_role_2])
        wishes = {
            "needs_facilitator": needs_facilitator,
            "shows_cities": shows_cities,
            "brake_account_days": brake_account_days,
            "brake_joins_per_hour": brake_joins_per_hour,
        }
        others = (take_out, time_zone, language, *wishes.values())
        changed = any(value is not None for value in (*ids.values(), *safety, *restricted, *others))
        if not changed and await setup_flow.begin(interaction):
            return
        now = self.bot.clock.now()
        async with self.bot.database.writing() as session:
            setup = await servers.set_up(
                session,
                actor(interaction),
                now=now,
                ids=ids,
                zone=time_zone,
                language=language,
                safety=safety,
                restricted=restricted,
                take_out=None if take_out is None else take_out.id,
                wishes=wishes,
            )
            options = {
                **ids,
                **wishes,
                "safety": safety or take_out,
                "restricted": restricted or take_out,
                "zone": time_zone,
                "language": language,
                "brake": brake_account_days if brake_joins_per_hour is None else 0,
            }
            given = {name for name, value in options.items() if value not in (None, [])}
            await setting_up.took_options(session, actor(interaction), given, now=now)
        clock = f"{now.astimezone(ZoneInfo(setup.zone)):%H:%M}"
        rooms = _shown(setup, clock)
        await answer(
            interaction,
            owner_messages.setup(rooms, first=setup.first, changed=changed, types=setup.types),
        )

    @set_up.autocomplete("time_zone")
    async def cities(
        self,
        interaction: Interaction,  # noqa: ARG002 - discord.py's signature
        typed: str,
    ) -> list[app_commands.Choice[str]]:
        """Offer time zones by city."""
        return [
            app_commands.Choice(name=label[:100], value=zone)
            for label, zone in zones.suggest(typed)
        ]

    @app_commands.command(name="check", description=TEXTS("hearth.command_check"))
    async def check(self, interaction: Interaction) -> None:
        """Say what is missing or in the way."""
        await defer(interaction)
        who = actor(interaction)
        assert interaction.guild is not None
        async with self.bot.database.reading() as session:
            await rights.require_owner(session, who)
            roles = await checks.group_roles(session, who.server_id)
            use = observe.use(interaction.guild, roles)
            found = await checks.findings(
                session, who.server_id, use, now=interaction.client.clock.now()
            )
        await answer(interaction, checks.message(found))

    @app_commands.command(name="pause", description=TEXTS("hearth.command_pause"))
    async def pause(self, interaction: Interaction) -> None:
        """Pause Hearth here, or let it go on."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            paused = await servers.pause(session, actor(interaction), now=self.bot.clock.now())
        await answer(interaction, say("hearth.paused" if paused else "hearth.goes_on"))

    # --- buttons and forms of what is below -----------------------------------------------------

    @pressed("types-page")
    async def types_page(self, interaction: Interaction, page: str) -> None:
        """Show another page of the types."""
        await types.show(interaction, int(page))

    @pressed("offices-page")
    async def offices_page(self, interaction: Interaction, page: str) -> None:
        """Show another page of who looks after what."""
        await facilitators.show(interaction, int(page))


def _room(interaction: Interaction, chosen: app_commands.AppCommandChannel | None) -> int | None:
    """Return the id of a room that Hearth can write in; UserError says what it lacks."""
    if chosen is None:
        return None
    guild = interaction.guild
    room = None if guild is None else guild.get_channel(chosen.id)
    if guild is None or not isinstance(room, discord.TextChannel) or observe.is_hidden(room):
        raise UserError("hearth.room_wrong", room=chosen.id)
    mine = room.permissions_for(guild.me)
    if not (mine.view_channel and mine.send_messages):
        raise UserError("hearth.room_closed", room=chosen.id)
    return room.id


def _roles(chosen: Iterable[discord.Role | None]) -> list[int]:
    roles = [role for role in chosen if role is not None]
    if any(role.is_default() for role in roles):
        raise UserError("hearth.role_everyone")
    return [role.id for role in roles]


def _shown(setup: Setup, clock: str) -> owner_messages.Rooms:
    return owner_messages.Rooms(
        commons=setup.commons_id,
        facilitators=setup.facilitators_room_id,
        moderators=setup.moderators_room_id,
        owners=setup.owners_room_id,
        owner_role=setup.owner_role_id,
        safety=setup.safety,
        restricted=setup.restricted,
        zone=setup.zone,
        clock=clock,
        language=setup.language,
        needs_facilitator=setup.needs_facilitator,
        shows_cities=setup.shows_cities,
        brake_account_days=setup.brake_account_days,
        brake_joins_per_hour=setup.brake_joins_per_hour,
    )
