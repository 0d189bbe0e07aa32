"""/hearth setup without options: one step a screen, gone on with whenever the owner likes."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

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
from bot.errors import UserError
from bot.gateway.payloads import Field, form
from bot.rules import setup_answers, setup_cards, zones
from bot.rules.message import Line, Message, say
from bot.rules.setup_answers import PARTS, Answers, Step
from bot.rules.setup_cards import Seen
from bot.services import checks, rights, setting_up
from bot.services import types as group_types
from bot.services.setting_up import Draft
from bot.texts import catalogue, languages
from cogs.owners import setup_groups


class SetupFlow(commands.Cog):
    """Answers the buttons, menus and forms of the screens."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("setup-go")
    async def go(self, interaction: Interaction, step: str) -> None:
        """Show another screen."""
        if step not in setup_answers.STEPS:
            raise UserError("errors.expired")
        await defer_in_place(interaction)
        if await setup_groups.show_work(interaction):
            return
        seen = await setup_groups.look(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.writing() as session:
            draft = await setting_up.open_(session, who, seen, now=now)
            await setting_up.keep(session, who, draft.answers, step, now=now)
        await show(interaction, replace(draft, step=step, stopped_at=None), seen)

    @pressed("setup-roles")
    async def roles(self, interaction: Interaction, part: str, values: list[str]) -> None:
        """Take in who keeps the server safe, or who is held back."""
        await defer_in_place(interaction)
        seen = await setup_groups.look(interaction)
        there = {role.id for role in seen.roles}
        chosen = tuple(int(value) for value in values)
        if part == "safety":
            await self._choose(interaction, seen, "safety", safety=_among(chosen, there))
        else:
            await self._choose(interaction, seen, "restricted", restricted=_among(chosen, there))

    @pressed("setup-room")
    async def room(self, interaction: Interaction, part: str, values: list[str]) -> None:
        """Take in a room that was chosen; what Hearth cannot write in is refused with the fix."""
        if part not in PARTS:
            raise UserError("errors.expired")
        await defer_in_place(interaction)
        seen = await setup_groups.look(interaction)
        draft = await self._open(interaction, seen)
        room = int(values[0]) if values else None
        trouble: Line | None = None
        if room is not None and room not in seen.writable:
            key = "setup.room_closed" if room in seen.rooms else "setup.room_wrong"
            trouble = Line(key, {"room": f"<#{room}>"})
        else:
            draft = await self._keep(interaction, draft.answers.with_room(part, room), "rooms")
        await answer(interaction, setup_cards.rooms(draft.answers, seen, trouble=trouble))

    @pressed("setup-make")
    async def make(self, interaction: Interaction) -> None:
        """Have every room made that was not chosen."""
        await defer_in_place(interaction)
        seen = await setup_groups.look(interaction)
        draft = await self._open(interaction, seen)
        draft = await self._keep(interaction, draft.answers.making_the_rest(), "rooms")
        await show(interaction, draft, seen)

    @pressed("setup-zone")
    async def zone(self, interaction: Interaction, values: list[str]) -> None:
        """Take in a city's time zone from the menu."""
        await defer_in_place(interaction)
        await self._choose(
            interaction, await setup_groups.look(interaction), "place", zone=zones.zone(values[0])
        )

    @pressed("setup-city")
    async def city(self, interaction: Interaction) -> None:
        """Open the form for a city that is not in the menu."""
        async with interaction.client.database.reading() as session:
            await rights.require_owner(session, actor(interaction))
        fields = [Field("city", "setup.form_city_field", hint="setup.form_city_hint", most=60)]
        await give_form(
            interaction, form(language(interaction), "setup.form_city", "setup-city", fields)
        )

    @submitted("setup-city")
    async def city_typed(self, interaction: Interaction, fields: dict[str, str]) -> None:
        """Take in the city that was typed; a near miss is told and the screen stays."""
        await defer_in_place(interaction)
        zone = zones.zone(fields["city"] or "")
        await self._choose(interaction, await setup_groups.look(interaction), "place", zone=zone)

    @pressed("setup-language")
    async def speak(self, interaction: Interaction, values: list[str]) -> None:
        """Take in what Hearth speaks in rooms."""
        if values[0] not in languages():
            raise UserError("errors.expired")
        await defer_in_place(interaction)
        await self._choose(
            interaction, await setup_groups.look(interaction), "place", language=values[0]
        )

    @pressed("setup-types")
    async def types(self, interaction: Interaction, values: list[str]) -> None:
        """Take in the kinds to begin with."""
        await defer_in_place(interaction)
        kinds = tuple(kind for kind in setup_answers.KINDS if kind in values)
        await self._choose(interaction, await setup_groups.look(interaction), "types", kinds=kinds)

    @pressed("setup-switch")
    async def switch(self, interaction: Interaction, what: str) -> None:
        """Turn one of the three switches."""
        await defer_in_place(interaction)
        seen = await setup_groups.look(interaction)
        now = (await self._open(interaction, seen)).answers
        turned = {
            "facilitator": replace(now, needs_facilitator=not now.needs_facilitator),
            "paced": replace(now, paced=not now.paced),
            "cities": replace(now, shows_cities=not now.shows_cities),
        }
        if what not in turned:
            raise UserError("errors.expired")
        await show(interaction, await self._keep(interaction, turned[what], "ways"), seen)

    @pressed("setup-brake")
    async def brake(self, interaction: Interaction, values: list[str]) -> None:
        """Take in how hard the brake is."""
        if values[0] not in {*setup_answers.BRAKES, "own"}:
            raise UserError("errors.expired")
        await defer_in_place(interaction)
        await self._choose(
            interaction, await setup_groups.look(interaction), "ways", brake=values[0]
        )

    @pressed("setup-later")
    async def later(self, interaction: Interaction) -> None:
        """Put the setup away; everything is kept already."""
        await defer_in_place(interaction)
        await answer(interaction, say("setup.later_said"))

    async def _choose(
        self, interaction: Interaction, seen: Seen, step: Step, **chosen: object
    ) -> None:
        """Keep one more answer and show the screen anew."""
        draft = await self._open(interaction, seen)
        answers = replace(draft.answers, **chosen)  # pyright: ignore[reportArgumentType] - by name
        await show(interaction, await self._keep(interaction, answers, step), seen)

    async def _open(self, interaction: Interaction, seen: Seen) -> Draft:
        async with self.bot.database.writing() as session:
            return await setting_up.go_on(
                session, actor(interaction), seen, now=self.bot.clock.now()
            )

    async def _keep(self, interaction: Interaction, answers: Answers, step: Step) -> Draft:
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.writing() as session:
            await setting_up.keep(session, who, answers, step, now=now)
            server = await setting_up.is_set_up(session, who.server_id)
        return Draft(step, answers, None, first=not server, guessed_zone=False)


async def begin(interaction: Interaction) -> bool:
    """Show the setup where it stands: under way, half done, or at its beginning.

    False where all is set up and nothing is half done.
    """
    await defer(interaction)
    client, who = interaction.client, actor(interaction)
    async with client.database.reading() as session:
        await rights.require_owner(session, who)
        half_done = await setting_up.begun(session, who.server_id)
        set_up = await setting_up.is_set_up(session, who.server_id)
    if await setup_groups.show_work(interaction):
        return True
    if set_up and not half_done:
        return False
    seen = await setup_groups.look(interaction)
    async with client.database.writing() as session:
        draft = await setting_up.open_(session, who, seen, now=client.clock.now())
    if draft.stopped_at is not None and draft.step != "rights":
        message = await screen(interaction, draft, seen)
        back = Line("setup.welcome_back", {"at": int(draft.stopped_at.timestamp())})
        await answer(
            interaction, replace(message, lines=(message.lines[0], back, *message.lines[1:]))
        )
        return True
    await show(interaction, draft, seen)
    return True


async def show(interaction: Interaction, draft: Draft, seen: Seen) -> None:
    """Show a screen in place of the one before."""
    await answer(interaction, await screen(interaction, draft, seen))


async def screen(interaction: Interaction, draft: Draft, seen: Seen) -> Message:
    """Return the screen on which a setup stands."""
    answers, speak, now = draft.answers, language(interaction), interaction.client.clock.now()
    names = {kind: speak(f"types.kind_{kind}") for kind in setup_answers.KINDS}
    match draft.step:
        case "rights":
            missing = checks.permissions(seen.use)
            return setup_cards.rights(
                seen,
                [Line(one.key, one.params) for one in missing],
                blocked=bool(setup_groups.blocking(seen)),
                stopped_at=draft.stopped_at,
            )
        case "safety":
            return setup_cards.safety(answers, seen)
        case "restricted":
            return setup_cards.restricted(answers, seen)
        case "rooms":
            return setup_cards.rooms(answers, seen)
        case "place":
            return setup_cards.place(
                answers,
                clock=_clock(answers.zone, now),
                guessed=draft.guessed_zone,
                languages={code: catalogue(code)("setup.own_name") for code in languages()},
            )
        case "types":
            return setup_cards.types(answers, names)
        case "ways":
            brakes = {
                brake: speak(f"setup.brake_{brake}") for brake in ("off", "gentle", "strict", "own")
            }
            brakes["off_about"] = speak("setup.brake_off_about")
            for brake, (days, joins) in setup_answers.BRAKES.items():
                if joins:
                    brakes[f"{brake}_about"] = speak("setup.brake_figures", days=days, joins=joins)
            server_id = actor(interaction).server_id
            async with interaction.client.database.reading() as session:
                stands = await group_types.first_of_kinds(session, server_id)
            paces = {kind: rules.newcomers_per_week for kind, rules in stands.items()}
            return setup_cards.ways(answers, names, brakes, paces)
        case "groups":
            return await setup_groups.list_(interaction, answers, names)
        case "sum":
            return await setup_groups.sum_up(interaction, draft, seen)


def _among(chosen: tuple[int, ...], there: set[int]) -> tuple[int, ...]:
    """Return those of the chosen roles that can have a part; UserError for @everyone."""
    if any(role not in there for role in chosen):
        raise UserError("setup.role_unfit")
    return chosen


def _clock(zone: str, now: datetime) -> str:
    return f"{now.astimezone(ZoneInfo(zone)):%H:%M}"
