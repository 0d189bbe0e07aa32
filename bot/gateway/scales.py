"""A form of scales: one step of a few for each question, none of which must be answered."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import discord
from discord import ui

from bot.gateway.payloads import FORM_MINUTES, Field, text_field
from bot.texts import Say


@dataclass(frozen=True, slots=True)
class Scale:
    """One question with its steps, the first on top; `label`, `hint` and `steps` are texts' keys.

    `steps` by their values; Discord takes two to ten of them in a radio group.
    """

    name: str
    label: str
    steps: Sequence[tuple[str, str]]
    hint: str = ""


def scale_form(say: Say, title: str, submit: str, scales: Sequence[Scale], line: Field) -> ui.Modal:
    """Build a form of at most four scales and a line below; it reaches the verb in `submit`.

    A fresh token in the custom_id keeps phones from showing what was chosen in an older one.
    """
    modal = ui.Modal(
        title=say(title)[:45],
        custom_id=f"{submit}:{secrets.token_hex(4)}",
        timeout=FORM_MINUTES * 60,
    )
    for scale in scales:
        steps: ui.RadioGroup[ui.Modal] = ui.RadioGroup(
            custom_id=scale.name,
            required=False,
            options=[
                discord.RadioGroupOption(label=say(label)[:100], value=value)
                for value, label in scale.steps
            ],
        )
        modal.add_item(
            ui.Label(
                text=say(scale.label)[:45],
                description=say(scale.hint)[:100] if scale.hint else None,
                component=steps,
            )
        )
    modal.add_item(text_field(say, line))
    return modal
