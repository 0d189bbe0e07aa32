"""What fits a group, as those who look after it say so: a card with the questions, then one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

MENU_MOST = 25  # of Discord's menus
SHOWN = 6  # answers of one question on the card that has all


@dataclass(frozen=True, slots=True)
class Fit:
    """One question, and which of its answers fit the group."""

    question_id: int
    text: str
    choices: Mapping[int, str]
    fits: frozenset[int]

    @property
    def labels(self) -> str:
        """The answers that fit, in their order; of many only the first ones."""
        fit = [safe(label) for id_, label in self.choices.items() if id_ in self.fits]
        more = [f"… +{len(fit) - SHOWN}"] if len(fit) > SHOWN else []
        return ", ".join((*fit[:SHOWN], *more))


def card(group_id: int, group: str, fits: Sequence[Fit]) -> Message:
    """Return all questions with what fits, and a menu to choose one."""
    back = Button("find.fits_desk", f"desk-open:{group_id}")
    if not fits:
        return Message((Line("find.fits_none"),), (back,))
    rows = [
        Line(
            "find.fits_row" if one.fits else "find.fits_row_open",
            {"text": safe(one.text), "answers": one.labels},
        )
        for one in fits[:MENU_MOST]
    ]
    lines = [Line("find.fits", {"group": safe(group)}), *rows]
    if all(one.fits for one in fits):
        lines.append(Line("find.fits_done"))
    choices = tuple(Choice(one.text, str(one.question_id)) for one in fits[:MENU_MOST])
    return Message(
        tuple(lines), (back,), (Menu("find.fits_which", f"fits-which:{group_id}", choices),)
    )


def question(group_id: int, group: str, fit: Fit) -> Message:
    """Return one question with all its answers, to tick those that fit."""
    to = f"{group_id}:{fit.question_id}"
    choices = tuple(
        Choice(label, str(id_), chosen=id_ in fit.fits) for id_, label in fit.choices.items()
    )
    buttons = [Button("find.fits_back", f"fits-open:{group_id}")]
    if fit.fits:
        buttons.insert(0, Button("find.fits_clear", f"fits-clear:{to}"))
    return Message(
        (Line("find.fits_question", {"group": safe(group), "text": safe(fit.text)}),),
        tuple(buttons),
        (Menu("find.fits_choose", f"fits-tick:{to}", choices, len(choices)),),
    )
