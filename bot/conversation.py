"""How cogs talk with people: whom a press reaches, how it is answered, what errors become.

A button, menu or form carries everything it needs in its custom_id, "verb:argument:argument". A cog
names the method that answers a verb with `@pressed("verb")` or, for forms, `@submitted("verb")`;
the client looks the verb up when the press arrives, however long ago the message was sent. Nothing
is kept in memory per message. What a message or a form is for Discord stands in
bot/gateway/payloads.py.
"""

import inspect
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import discord
from discord import app_commands, ui

from bot.errors import TablesDown, UserError
from bot.gateway import answers, onboarding
from bot.gateway.payloads import files_of, text_of, view_of
from bot.pictures import drawn
from bot.rules.actor import Actor
from bot.rules.message import Drawn, Message
from bot.texts import Say, catalogue

if TYPE_CHECKING:
    from bot.client import Hearth

log = logging.getLogger(__name__)

Interaction: TypeAlias = "discord.Interaction[Hearth]"
# (cog, interaction, the arguments after the verb as text, then what was chosen or typed)
Handler: TypeAlias = Callable[..., Awaitable[None]]
H = TypeVar("H", bound=Handler)

ANSWERS = "__hearth_answers__"
NO_NUMBER = "invalid literal for int() with base 10: {!r}"  # as Python says it
MOST = 2**63 - 1  # no id is larger: Discord's are 64 bits with the first 0, ours are SQLite's


def pressed(verb: str) -> Callable[[H], H]:
    """Mark the cog method that answers buttons and menus of `verb`.

    It is called as `method(interaction, *arguments)`, arguments as text from the custom_id; for a
    menu `values=[...]` comes by keyword.
    """
    return _marked(("press", verb))


def submitted(verb: str) -> Callable[[H], H]:
    """Mark the cog method that answers a form of `verb`.

    It is called as `method(interaction, *arguments, fields={name: text or list of chosen})`; the
    fresh token that every form carries is taken off before.
    """
    return _marked(("form", verb))


def _marked(what: tuple[str, str]) -> Callable[[H], H]:
    def mark(method: H) -> H:
        setattr(method, ANSWERS, what)
        return method

    return mark


class Answerers:
    """Who answers which press; filled when cogs are loaded."""

    def __init__(self) -> None:
        self._by_verb: dict[tuple[str, str], Handler] = {}

    def learn(self, cog: object) -> None:
        """Take in the marked methods of a cog; a verb that two methods want is an error."""
        for name in dir(type(cog)):
            what = getattr(getattr(type(cog), name), ANSWERS, None)
            if what is None:
                continue
            if what in self._by_verb:
                raise ValueError(f"two methods answer {what}")
            self._by_verb[what] = getattr(cog, name)

    def known(self) -> Mapping[tuple[str, str], Handler]:
        """Return who answers what, by kind ("press" or "form") and verb."""
        return dict(self._by_verb)

    async def answer(self, interaction: Interaction) -> None:
        """Call the method for this press or form; UserError when nobody answers its verb."""
        data: Mapping[str, Any] = cast("Mapping[str, Any]", interaction.data or {})
        verb, *arguments = str(data["custom_id"]).split(":")
        chosen: list[str] = []
        if interaction.type is discord.InteractionType.component:
            expired = "errors.expired"
            handler = self._by_verb.get(("press", verb))
            chosen = list(data.get("values", ()))
            extra: dict[str, Any] = {"values": chosen} if "values" in data else {}
        else:
            expired, arguments = "errors.form_expired", arguments[:-1]  # without the token
            handler = self._by_verb.get(("form", verb))
            extra = {"fields": _typed(data["components"])}
        if handler is None or not _takes(handler, arguments, extra):
            raise UserError(expired)
        try:
            await handler(interaction, *arguments, **extra)
        except ValueError as error:
            if str(error) in {NO_NUMBER.format(text) for text in (*arguments, *chosen)}:
                raise UserError(expired) from error
            raise


def _takes(handler: Handler, arguments: Sequence[str], extra: Mapping[str, Any]) -> bool:
    """Return whether a handler can be asked this: no id of ours is of another shape.

    Ids come back from people's clients as they were sent, or as somebody made them up.
    """
    try:
        inspect.signature(handler).bind(None, *arguments, **extra)
    except TypeError:
        return False
    chosen: Sequence[str] = extra.get("values", ())
    if any(one.removeprefix("-").isdecimal() and int(one) < 0 for one in chosen):
        return False
    return not any(one.isdecimal() and int(one) > MOST for one in (*arguments, *chosen))


def _typed(components: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a submitted form holds, by field name, whether labelled or in rows."""
    found: dict[str, Any] = {}
    for outer in components:
        inner: list[Mapping[str, Any]] = list(outer.get("components", ()))
        if "component" in outer:
            inner.append(outer["component"])
        for part in inner:
            if "custom_id" in part:
                found[part["custom_id"]] = part.get("values", part.get("value"))
    return found


def language(interaction: Interaction) -> Say:
    """Return the texts in the language of the person who asks."""
    return catalogue(str(interaction.locale))


def actor(interaction: Interaction) -> Actor:
    """Return who asks, with the rights that Discord vouched for in this interaction."""
    if interaction.guild_id is None or not isinstance(interaction.user, discord.Member):
        raise UserError("errors.server_only")
    rights = interaction.permissions
    return Actor(
        server_id=interaction.guild_id,
        user_id=interaction.user.id,
        role_ids=frozenset(role.id for role in interaction.user.roles),
        manages_server=rights.manage_guild or rights.administrator,
        moderates_members=rights.moderate_members or rights.administrator,
        arriving=onboarding.arriving(interaction.user),
    )


async def newcomer(interaction: Interaction) -> Actor:
    """Return who asks to be placed, as `actor` does; with what Discord alone knows of onboarding.

    Call it after the answer was deferred.
    """
    who = actor(interaction)
    server = interaction.guild
    if who.arriving == "onboarding" and server is not None and not await onboarding.is_on(server):
        return replace(who, arriving="")
    return who


async def defer(interaction: Interaction) -> None:
    """Win fifteen minutes for an ephemeral answer; Discord waits three seconds for this."""
    response = interaction.response
    if not response.is_done():
        kind = discord.InteractionResponseType.deferred_channel_message
        await answers.first(
            interaction, kind, lambda: response.defer(ephemeral=True, thinking=True)
        )


async def defer_in_place(interaction: Interaction) -> None:
    """Win fifteen minutes for an answer that takes the place of the message that was pressed on.

    Only where that message is ephemeral; a press in a room gets an answer of its own.
    """
    pressed_on = interaction.message
    if pressed_on is None or not pressed_on.flags.ephemeral:
        await defer(interaction)
    elif not interaction.response.is_done():
        kind = discord.InteractionResponseType.deferred_message_update
        await answers.first(interaction, kind, interaction.response.defer)


async def answer(interaction: Interaction, message: Message, *, replace: bool = False) -> None:
    """Answer ephemerally, whether or not the answer was deferred.

    With `replace` a press changes the ephemeral message that its button stands on; never use it for
    a button in a room.
    """
    say = language(interaction)
    content = text_of(message, say)
    view = view_of(message, say)
    pictures = await drawn(message.pictures, say)
    mentions = discord.AllowedMentions.none()
    response = interaction.response
    before = interaction.message
    # What took the place of a card with pictures would show them still.
    change = bool(pictures) or (before is not None and bool(before.attachments))

    def files() -> Any:
        return files_of(pictures) if change else discord.utils.MISSING

    if response.is_done():
        await answers.later(
            lambda: interaction.edit_original_response(
                content=content, view=view, attachments=files(), allowed_mentions=mentions
            )
        )
    elif replace:
        await answers.first(
            interaction,
            discord.InteractionResponseType.message_update,
            lambda: response.edit_message(
                content=content, view=view, attachments=files(), allowed_mentions=mentions
            ),
        )
    else:
        await _say_first(interaction, content, view, pictures)


async def give_form(interaction: Interaction, modal: ui.Modal) -> None:
    """Answer a command or a press with a form."""
    kind = discord.InteractionResponseType.modal
    await answers.first(interaction, kind, lambda: interaction.response.send_modal(modal))


async def _say_first(
    interaction: Interaction,
    content: str,
    view: ui.View | None = None,
    pictures: Sequence[Drawn] = (),
) -> None:
    mentions = discord.AllowedMentions.none()

    async def give() -> None:
        more: dict[str, Any] = {} if view is None else {"view": view}
        if pictures:
            more["files"] = files_of(pictures)
        await interaction.response.send_message(
            content, ephemeral=True, allowed_mentions=mentions, **more
        )

    await answers.first(interaction, discord.InteractionResponseType.channel_message, give)


async def answer_error(interaction: Interaction, error: BaseException) -> None:
    """Tell the person what to do next: the one place where errors become words.

    A `UserError` carries its text; that the tables are down is logged already. Anything else is
    logged with a reference that the person is shown; what they asked for was rolled back.
    """
    if isinstance(error, app_commands.TransformerError) and error.__cause__ is None:
        # What a member is needed for can be asked about anybody: an id can be typed.
        error = UserError("errors.not_here")
    if isinstance(
        error,
        app_commands.CommandInvokeError | app_commands.TransformerError | app_commands.CheckFailure,
    ):
        cause = error.__cause__ or getattr(error, "original", None)
        error = cause if cause is not None else error
    say = language(interaction)
    if isinstance(error, UserError):
        text = say(error.key, **error.params)
    elif isinstance(error, TablesDown):
        text = say("errors.tables_down")
    elif isinstance(error, answers.TooLate):
        log.info("An answer came too late: %s", error)
        return
    elif isinstance(error, answers.TurnedAway):
        log.warning("An answer was turned away with %s", error)
        return
    elif isinstance(error, answers.Unanswered):
        log.warning("An answer did not get through: %s", error)
        text = say("errors.unanswered")
    else:
        reference = secrets.token_hex(4)
        log.error("Unexpected error %s", reference, exc_info=error)
        text = say("errors.unexpected", reference=reference)
    mentions = discord.AllowedMentions.none()
    try:
        if interaction.response.type is discord.InteractionResponseType.deferred_message_update:
            # The original is the card that was pressed on: it stays as it is, buttons and all.
            await interaction.followup.send(text, ephemeral=True, allowed_mentions=mentions)
        elif interaction.response.is_done():
            await answers.later(
                lambda: interaction.edit_original_response(
                    content=text, view=None, allowed_mentions=mentions
                )
            )
        else:
            await _say_first(interaction, text)
    except (answers.Unanswered, discord.HTTPException, *answers.LOST) as failed:
        # The person's interaction has run out, or the line is down: nobody is left to tell.
        log.info("A person could not be told: %s", failed)
