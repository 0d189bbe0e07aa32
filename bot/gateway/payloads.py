"""What a message or a form is for Discord: its text, buttons, menus and fields, within its bounds.

discord.py's views and modals only build what is sent; none is kept to wait for a press. See
bot/conversation.py for who answers it.
"""

import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import discord
from discord import ui

from bot.rules import naming
from bot.rules.message import Drawn, Menu, Message
from bot.texts import Say

LONGEST_TEXT = 2000  # characters in a message, by Discord
LONGEST_WORDS = 1024  # characters in a picture's words, by Discord
SHORTEST_LINE, SHORTENED_BY = 60, 20  # characters of a line in a text that is too long
NOT_SEEN = "?"  # for a name of which nothing can be seen: Discord takes no menu with an empty label
FILE = "file"  # what a form's field for a file is called
FORM_MINUTES = 15  # an interaction's token is good for no longer
STYLES = {
    "primary": discord.ButtonStyle.primary,
    "secondary": discord.ButtonStyle.secondary,
    "success": discord.ButtonStyle.success,
    "danger": discord.ButtonStyle.danger,
}


def text_of(message: Message, say: Say) -> str:
    """Return the message's text in the speaker's language, at most as long as Discord takes.

    Where it is too long its longest lines are shortened, so that none is lost: who looks after a
    group stands below its charter, and who reads a private word below that.
    """
    lines = [say(line.key, **line.params) for line in message.lines]
    # Names and charters keep their own bounds, but each escaped character counts twice.
    most = LONGEST_TEXT
    while len("\n".join(lines)) > LONGEST_TEXT and most > SHORTEST_LINE:
        most = min(most, max(map(len, lines))) - SHORTENED_BY
        lines = [line if len(line) <= most else _shortened(line, most) for line in lines]
    text = "\n".join(lines)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _shortened(line: str, most: int) -> str:
    """Return the beginning of a line; no backslash is left that would escape what follows."""
    return line.removesuffix("…")[: most - 1].rstrip("\\ ") + "…"


def view_of(message: Message, say: Say) -> ui.View | None:
    """Return the message's buttons and menus; stopped, so that discord.py keeps none of them."""
    if not message.buttons and not message.menus:
        return None
    view = ui.View(timeout=None)
    for menu in message.menus:
        view.add_item(_select(menu, say(menu.placeholder)[:150]))
    for button in message.buttons:
        view.add_item(
            ui.Button(
                label=say(button.label, **button.params)[:80],
                custom_id=button.press,
                style=STYLES[button.style],
                row=button.row,
            )
        )
    view.stop()
    return view


def _select(menu: Menu, placeholder: str) -> ui.Item[ui.View]:
    """Return a menu of texts, or one that Discord fills with the server's roles, rooms, people."""
    if menu.kind == "roles":
        return ui.RoleSelect(
            custom_id=menu.press,
            placeholder=placeholder,
            min_values=menu.least,
            max_values=menu.most,
            default_values=[discord.Object(one, type=discord.Role) for one in menu.chosen],
        )
    if menu.kind == "rooms":
        return ui.ChannelSelect(
            custom_id=menu.press,
            placeholder=placeholder,
            channel_types=[discord.ChannelType.text, discord.ChannelType.news],
            min_values=menu.least,
            max_values=menu.most,
            default_values=[
                discord.SelectDefaultValue(id=one, type=discord.SelectDefaultValueType.channel)
                for one in menu.chosen
            ],
        )
    if menu.kind == "people":
        return ui.UserSelect(
            custom_id=menu.press,
            placeholder=placeholder,
            min_values=menu.least,
            max_values=menu.most,
            default_values=[discord.Object(one, type=discord.User) for one in menu.chosen],
        )
    select: ui.Select[ui.View] = ui.Select(
        custom_id=menu.press,
        placeholder=placeholder,
        min_values=menu.least,
        max_values=menu.most,
    )
    for choice in menu.choices:
        select.add_option(
            # People's names are as they typed them; a menu shows everything as it is.
            label=(naming.clean(choice.label) or NOT_SEEN)[:100],
            value=choice.value,
            description=naming.clean(choice.description)[:100] or None,
            default=choice.chosen,
        )
    return select


def mentions_of(message: Message) -> discord.AllowedMentions:
    """Return exactly whom the message may ping."""
    return discord.AllowedMentions(
        everyone=False,
        users=[discord.Object(user) for user in message.users],
        roles=[discord.Object(role) for role in message.roles],
        replied_user=False,
    )


def files_of(pictures: Sequence[Drawn]) -> list[discord.File]:
    """Return pictures as files with their words; anew for each try, for sending closes them."""
    return [
        discord.File(io.BytesIO(one.content), one.name, description=one.words[:LONGEST_WORDS])
        for one in pictures
    ]


@dataclass(frozen=True, slots=True)
class Field:
    """One text field of a form; `label` and `hint` are texts' keys, `filled` what stands in it."""

    name: str
    label: str
    filled: str = ""
    hint: str = ""
    long: bool = False
    required: bool = True
    least: int | None = None
    most: int | None = None


def form(say: Say, title: str, submit: str, fields: Sequence[Field]) -> ui.Modal:
    """Build a form of one to five fields whose submission reaches the verb in `submit`.

    A fresh token in the custom_id keeps phones from showing what was typed into an older one.
    """
    modal = ui.Modal(
        title=say(title)[:45],
        custom_id=f"{submit}:{secrets.token_hex(4)}",
        timeout=FORM_MINUTES * 60,
    )
    for field in fields:
        modal.add_item(text_field(say, field))
    return modal


def file_form(say: Say, title: str, submit: str, label: str, hint: str) -> ui.Modal:
    """Build a form in which somebody sends one file, `file`; texts and submission as in `form`."""
    modal = form(say, title, submit, ())
    modal.add_item(
        ui.Label(
            text=say(label)[:45],
            description=say(hint)[:100],
            component=ui.FileUpload(custom_id=FILE, min_values=1, max_values=1),
        )
    )
    return modal


def text_field(say: Say, field: Field) -> ui.Label[ui.Modal]:
    """Return a field of a form in which somebody writes, below its label."""
    text: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id=field.name,
        style=discord.TextStyle.paragraph if field.long else discord.TextStyle.short,
        default=field.filled or None,
        required=field.required,
        min_length=field.least,
        max_length=field.most,
    )
    return ui.Label(
        text=say(field.label)[:45],
        description=say(field.hint)[:100] if field.hint else None,
        component=text,
    )
