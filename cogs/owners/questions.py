"""/hearth questions: what people are asked when they look for a home."""

import re
from collections.abc import Mapping
from typing import Any

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
    give_form,
    language,
    pressed,
    submitted,
)
from bot.errors import UserError
from bot.gateway import onboarding
from bot.gateway.payloads import Field, form
from bot.rules import question_forms, taking_over
from bot.rules.message import Line
from bot.rules.naming import key, safe
from bot.rules.question_forms import NEW
from bot.rules.questions import TEXT_MOST
from bot.rules.taking_over import Prompt
from bot.services import asking, drafts, rights
from bot.services import questions as planted
from bot.services import taking_over as taking
from bot.texts import catalogue

TEXTS = catalogue()
MENTION = re.compile(r"<@&(\d{15,20})>|(\d{15,20})")
CHOICES_TEXT_MOST = 2_500
ROLE_SHOWN = 60


async def _show(interaction: Interaction, page: int) -> None:
    """Show a page of the questions; a server that has none yet begins with the usual ones."""
    await defer_in_place(interaction)
    who, database = actor(interaction), interaction.client.database
    async with database.writing() as session:
        await rights.require_owner(session, who)
        server = await rights.server_row(session, who.server_id, allow_paused=True)
        await planted.plant(session, server)
        found = await asking.read(session, who)
    card = question_forms.card(found, page)
    # Discord answers five such requests a minute: only the first page asks.
    prompts = await _prompts(interaction) if page == 0 else None
    if prompts:
        async with database.reading() as session:
            card = taking_over.beside(card, await taking.offers(session, who, prompts))
    await answer(interaction, card)


async def _prompts(interaction: Interaction) -> tuple[Prompt, ...] | None:
    """Return what Discord's own welcome asks here; None when that cannot be known now."""
    return None if interaction.guild is None else await onboarding.prompts(interaction.guild)


async def _take(interaction: Interaction, prompt_id: int) -> None:
    """Take a question over from Discord's own welcome."""
    await defer_in_place(interaction)
    async with interaction.client.database.reading() as session:
        await rights.require_owner(session, actor(interaction))  # before Discord is asked
    prompts = await _prompts(interaction)
    if prompts is None:
        raise UserError("taking.unread")
    async with interaction.client.database.writing() as session:
        made = await taking.take(
            session,
            actor(interaction),
            prompts,
            prompt_id,
            now=interaction.client.clock.now(),
        )
    await answer(interaction, taking_over.taken(made))


async def _open(interaction: Interaction, question_id: int) -> None:
    """Show one question with its answers."""
    await defer_in_place(interaction)
    async with interaction.client.database.reading() as session:
        found = await asking.one(session, actor(interaction), question_id)
    await answer(interaction, question_forms.question(found))


async def _give(interaction: Interaction, question_id: int) -> None:
    """Open the form: as it was typed last if that was refused, else as the question is."""
    who, database = actor(interaction), interaction.client.database
    async with database.reading() as session:
        await rights.require_owner(session, who)
        filled = await drafts.kept(
            session, server_id=who.server_id, user_id=who.user_id, form=_draft(question_id)
        )
        if not filled and question_id != NEW:
            found = await asking.one(session, who, question_id)
            named = [(label, _role_name(interaction, role)) for label, role in found.choices]
            filled = {
                "text": found.text,
                "choices": question_forms.as_typed(named),
                "most": str(found.most),
            }
    modal = form(
        language(interaction),
        "find.form",
        f"questions-keep:{question_id}",
        [
            Field(
                "text",
                "find.form_text",
                filled.get("text", ""),
                "find.form_text_hint",
                most=TEXT_MOST,
            ),
            Field(
                "choices",
                "find.form_choices",
                filled.get("choices", ""),
                "find.form_choices_hint",
                long=True,
                most=CHOICES_TEXT_MOST,
            ),
            Field("most", "find.form_most", filled.get("most", "1"), "find.form_most_hint", most=2),
        ],
    )
    await give_form(interaction, modal)


async def _keep(interaction: Interaction, question_id: int, fields: Mapping[str, str]) -> None:
    """Keep a question; one that is refused is kept as a draft."""
    await defer(interaction)
    who, database, now = (
        actor(interaction),
        interaction.client.database,
        interaction.client.clock.now(),
    )
    server, draft = who.server_id, _draft(question_id)
    try:
        read = question_forms.typed(fields["text"], fields["choices"], fields["most"])
        roles = {at: _role(interaction, name) for at, name in read.roles.items()}
        async with database.writing() as session:
            found = await asking.keep(session, who, question_id, read, roles=roles, now=now)
            await drafts.done(session, server_id=server, user_id=who.user_id, form=draft)
    except UserError as refused:
        if not refused.key.partition(".")[2].startswith("bad_"):
            raise
        async with database.writing() as session:
            await rights.require_owner(session, who)
            await drafts.keep(
                session,
                server_id=server,
                user_id=who.user_id,
                form=draft,
                fields=fields,
                now=now,
            )
        line = Line(refused.key, refused.params)
        await answer(interaction, question_forms.refused(line, question_id))
        return
    await answer(interaction, question_forms.kept(found))


async def _switch(interaction: Interaction, question_id: int) -> None:
    """Ask a question no more, or again."""
    await defer_in_place(interaction)
    async with interaction.client.database.writing() as session:
        found = await asking.switch(
            session, actor(interaction), question_id, now=interaction.client.clock.now()
        )
    await answer(interaction, question_forms.question(found))


async def _first(interaction: Interaction) -> None:
    """Show what people are asked."""
    await _show(interaction, 0)


questions: app_commands.Command[Any, ..., None] = app_commands.Command(
    name="questions", description=TEXTS("find.command_questions"), callback=_first
)


class Questions(commands.Cog):
    """Answers the buttons and the form of the questions' cards."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("questions-page")
    async def page(self, interaction: Interaction, page: str) -> None:
        """Show a page of the questions."""
        await _show(interaction, int(page))

    @pressed("questions-which")
    async def choose(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show the question that was chosen."""
        await _open(interaction, int(values[0]))

    @pressed("questions-form")
    async def give(self, interaction: Interaction, question_id: str) -> None:
        """Open the form of a question."""
        await _give(interaction, int(question_id))

    @submitted("questions-keep")
    async def keep(
        self, interaction: Interaction, question_id: str, *, fields: dict[str, str]
    ) -> None:
        """Keep what was typed."""
        await _keep(interaction, int(question_id), fields)

    @pressed("questions-take")
    async def take(self, interaction: Interaction, *, values: list[str]) -> None:
        """Take over what was chosen of Discord's own welcome."""
        await _take(interaction, int(values[0]))

    @pressed("questions-switch")
    async def switch(self, interaction: Interaction, question_id: str) -> None:
        """Ask a question no more, or again."""
        await _switch(interaction, int(question_id))


def _draft(question_id: int) -> str:
    return f"{question_forms.FORM}:{question_id}"


def _role_name(interaction: Interaction, role_id: int | None) -> str | None:
    if role_id is None or interaction.guild is None:
        return None
    role = interaction.guild.get_role(role_id)
    return str(role_id) if role is None else role.name


def _role(interaction: Interaction, typed: str) -> int:
    """Return the role that was named; UserError when there is none."""
    guild = interaction.guild
    roles: list[discord.Role] = [] if guild is None else list(guild.roles[1:])  # not @everyone
    mention = MENTION.fullmatch(typed)
    wanted = key(typed.removeprefix("@"))
    for role in roles:
        if mention is not None and role.id == int(mention[1] or mention[2]):
            return role.id
        if key(role.name) == wanted:
            return role.id
    raise UserError("find.bad_role", role=safe(typed.removeprefix("@")[:ROLE_SHOWN]))
