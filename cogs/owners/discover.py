"""/hearth discover: circles in sizes, and offering one a group of its own."""

from collections.abc import Mapping
from typing import Any

from discord import app_commands
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
from bot.gateway import observe
from bot.gateway.payloads import Field, form
from bot.rules import capacity, circle_cards, circle_offers
from bot.rules.circle_cards import Overview
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.services import checks, circles, drafts, rights, suggest_me
from bot.texts import Say, catalogue

TEXTS = catalogue()
MENDED = "groups."  # what the form can put right
BACK = Button("circles.back", "circle-open")
LABELS = {
    "name": ("hearth.form_name", "circles.form_name_hint"),
    "purpose": ("hearth.form_purpose", "hearth.form_purpose_hint"),
    "for_whom": ("hearth.form_for_whom", "stages.form_for_whom_hint"),
    "unites": ("stages.form_unites", "stages.form_unites_hint"),
    "norms": ("hearth.form_norms", "stages.form_norms_hint"),
}


async def _discover(interaction: Interaction) -> None:
    """Show how it stands with circles."""
    await defer(interaction)
    await show(interaction)


discover: app_commands.Command[Any, ..., None] = app_commands.Command(
    name="discover", description=TEXTS("circles.command"), callback=_discover
)


async def show(interaction: Interaction) -> None:
    """Show how it stands with circles, to owners."""
    client = interaction.client
    async with client.database.reading() as session:
        now = await circles.overview(session, actor(interaction), client.clock.now())
    await answer(interaction, _card(now, language(interaction)))


def _card(now: Overview, words: Say) -> Message:
    return circle_cards.overview(now, [words("circles.choice", n=one.size) for one in now.found])


class Discover(commands.Cog):
    """Answers the buttons, menus and the form of /hearth discover."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("circle-open")
    async def open(self, interaction: Interaction, *_mark: str) -> None:
        """Show how it stands with circles."""
        await defer_in_place(interaction)
        await show(interaction)

    @pressed("circle-look")
    async def look(self, interaction: Interaction) -> None:
        """Look for circles anew."""
        await defer_in_place(interaction)
        now = await circles.look(self.bot.database, actor(interaction), self.bot.clock.now())
        await answer(interaction, _card(now, language(interaction)))

    @pressed("circle-tell")
    async def tell(self, interaction: Interaction) -> None:
        """Tell everyone in the commons of Suggest me."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            room = await suggest_me.tell(session, actor(interaction), self.bot.clock.now())
        await answer(interaction, Message((Line("circles.told_done", {"room": room}),), (BACK,)))

    @pressed("circle-commons")
    async def commons(self, interaction: Interaction, way: str) -> None:
        """Ask before the commons are counted; stop it at once."""
        await defer_in_place(interaction)
        if way == "on":
            async with self.bot.database.reading() as session:
                await rights.require_owner(session, actor(interaction))
            await answer(interaction, circle_cards.commons_asked())
            return
        await self._count(interaction, on=False)

    @pressed("circle-commons-yes")
    async def commons_yes(self, interaction: Interaction) -> None:
        """Count the commons, and say so there."""
        await defer_in_place(interaction)
        await self._count(interaction, on=True)

    async def _count(self, interaction: Interaction, *, on: bool) -> None:
        async with self.bot.database.writing() as session:
            await suggest_me.count_commons(session, actor(interaction), self.bot.clock.now(), on=on)
        key = "circles.commons_done" if on else "circles.commons_undone"
        await answer(interaction, Message((Line(key),), (BACK,)))

    @pressed("circle-which")
    async def which(self, interaction: Interaction, values: list[str]) -> None:
        """Ask which type of group a circle is offered."""
        await defer_in_place(interaction)
        words = language(interaction)
        async with self.bot.database.reading() as session:
            circle = await circles.found_one(
                session, actor(interaction), int(values[0]), self.bot.clock.now()
            )
            types = [
                (
                    type_.name,
                    str(type_.id),
                    words("circles.type_below", minimum=type_.minimum, cap=type_.cap),
                )
                for type_ in await circles.types_for(session, circle)
            ]
        await answer(interaction, circle_cards.which_type(circle.id, circle.size, types))

    @pressed("circle-type")
    async def type_chosen(
        self, interaction: Interaction, circle_id: str, values: list[str]
    ) -> None:
        """Open the form of the group that a circle is offered."""
        await self._form(interaction, int(circle_id), int(values[0]))

    @pressed("circle-form")
    async def fix(self, interaction: Interaction, circle_id: str, type_id: str) -> None:
        """Open the form again with what was typed."""
        await self._form(interaction, int(circle_id), int(type_id))

    async def _form(self, interaction: Interaction, circle_id: int, type_id: int) -> None:
        who, words = actor(interaction), language(interaction)
        async with self.bot.database.reading() as session:
            circle = await circles.found_one(session, who, circle_id, self.bot.clock.now())
            _, name = await circles.spare_name(session, circle)
            typed = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=_draft(circle_id)
            )
        filled = {
            part: typed.get(part, name if part == "name" else words(f"circles.default_{part}"))
            for part in circles.FIELDS
        }
        fields = [
            Field(part, label, filled=filled[part], hint=hint, long=part != "name")
            for part, (label, hint) in LABELS.items()
        ]
        verb = f"circle-offer:{circle_id}:{type_id}"
        await give_form(interaction, form(words, "circles.form", verb, fields))

    @submitted("circle-offer")
    async def offer(
        self, interaction: Interaction, circle_id: str, type_id: str, fields: dict[str, str]
    ) -> None:
        """Offer a circle the group that was described; what is refused can be mended."""
        await defer_in_place(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        typed = {part: fields.get(part) or "" for part in circles.FIELDS}
        try:
            async with self.bot.database.writing() as session:
                room: capacity.Room | None = None
                if interaction.guild is not None:
                    roles = await checks.group_roles(session, who.server_id)
                    room = capacity.groups_that_fit(observe.use(interaction.guild, roles))
                circle, type_ = await circles.offer(
                    session, who, int(circle_id), int(type_id), typed, now=now, room=room
                )
                await drafts.done(
                    session,
                    server_id=who.server_id,
                    user_id=who.user_id,
                    form=_draft(int(circle_id)),
                )
                name = circles.charter_of(circle).name
        except UserError as refused:
            await self._mend(interaction, int(circle_id), int(type_id), typed, refused)
            return
        ends_at = now + circle_offers.ANSWER_FOR
        await answer(interaction, circle_cards.offered(circle.size, name, type_.minimum, ends_at))

    async def _mend(
        self,
        interaction: Interaction,
        circle_id: int,
        type_id: int,
        typed: Mapping[str, str],
        refused: UserError,
    ) -> None:
        """Keep what was typed and say how it is put right; raise what typing cannot mend."""
        if not refused.key.startswith(MENDED):
            raise refused
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await drafts.keep(
                session,
                server_id=who.server_id,
                user_id=who.user_id,
                form=_draft(circle_id),
                fields=typed,
                now=self.bot.clock.now(),
            )
        why = Line(refused.key, refused.params)
        await answer(interaction, circle_cards.refused(why, circle_id, type_id))

    @pressed("circle-off")
    async def call_off(self, interaction: Interaction, circle_id: str) -> None:
        """End an offer."""
        await self._call_off(interaction, int(circle_id))

    @pressed("circle-off-one")
    async def call_off_one(self, interaction: Interaction, values: list[str]) -> None:
        """End the offer that was chosen of many."""
        await self._call_off(interaction, int(values[0]))

    async def _call_off(self, interaction: Interaction, circle_id: int) -> None:
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            name, founded = await circles.call_off(
                session, actor(interaction), circle_id, self.bot.clock.now()
            )
        key = "circles.called_off_founded" if founded else "circles.called_off"
        await answer(interaction, Message((Line(key, {"name": safe(name)}),), (BACK,)))


def _draft(circle_id: int) -> str:
    return f"circle:{circle_id}"
