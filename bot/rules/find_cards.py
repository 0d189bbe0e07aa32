"""*Find a home* as a person sees it: a question a screen, then the groups that may suit them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rules.matching import Suggestion
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import CUSTOM_EMOJI, safe

PURPOSE_MOST = 120  # characters of a purpose below a suggestion
BUTTONS_ROW, LAST_ROW = 0, 4


@dataclass(frozen=True, slots=True)
class Step:
    """One question; `number` 0: on its own, to be changed. `unlisted` None: has no such tick."""

    question_id: int
    text: str
    choices: Mapping[int, str]
    most: int
    given: tuple[int, ...]
    answered: bool
    shown: bool
    unlisted: bool | None
    number: int
    of: int
    before: int | None  # the question before it

    @property
    def mode(self) -> str:
        """What the card's presses carry: one after the other, or this one alone."""
        return "on" if self.number else "mine"


@dataclass(frozen=True, slots=True)
class Mine:
    """What someone said to one question."""

    question_id: int
    text: str
    answers: tuple[str, ...]
    answered: bool
    shown: bool
    by_role: bool


def question(step: Step, *, head: str | None = None) -> Message:
    """Return one question; `head` is the text that stands above the first one."""
    lines: list[Line] = []
    if head is not None:
        lines.append(Line(head, {"n": step.of}))
    which = "find.question" if step.number else "find.question_again"
    lines.append(Line(which, {"number": step.number, "n": step.of, "text": safe(step.text)}))
    if step.most > 1:
        lines.append(Line("find.most", {"n": step.most}))
    if step.given:
        lines.append(Line("find.so_far", {"answers": _labels(step)}))
    if step.unlisted is not None:
        lines.append(Line("find.apart"))
    to = f"{step.question_id}:{step.mode}"
    choices = tuple(
        Choice(label, str(choice), chosen=choice in step.given)
        for choice, label in step.choices.items()
    )
    placeholder = "find.choose" if step.most == 1 else "find.choose_several"
    menu = Menu(placeholder, f"find-answer:{to}", choices, step.most)
    buttons: list[Button] = []
    if step.before is not None:
        buttons.append(Button("find.back", f"find-step:{step.before}:on", row=2))
    if step.number and step.given:
        buttons.append(Button("find.keep", "find-next", "primary", row=2))
    skip = "find.take_away" if step.given else "find.skip"
    buttons.append(Button(skip, f"find-skip:{to}", row=2))
    if not step.number:
        buttons.append(Button("find.back", "find-mine", row=2))
    buttons.append(Button("find.only_groups", "find-groups", row=2))
    ticks = [_tick("shown", on=step.shown, to=to)]
    if step.unlisted is not None:
        ticks.append(_tick("unlisted", on=step.unlisted, to=to))
    return Message(tuple(lines), (*ticks, *buttons), (menu,))


def suggestions(
    found: Sequence[Suggestion], *, lives: str | None, asks: bool, empty: bool
) -> Message:
    """Return the groups that may suit someone, with what they can do about each.

    `lives`: the home they have already. `asks`: there are questions to change answers of. `empty`:
    no group takes anybody in.
    """
    lines: list[Line] = []
    buttons: list[Button] = []
    if not found:
        lines.append(Line("find.none_yet" if empty else "find.none"))
    else:
        lines.append(Line("find.found", {"n": len(found)}))
        if lives is not None:
            lines.append(Line("find.lives", {"group": safe(lives)}))
    for row, one in enumerate(found):
        said, press = _suggestion(one, row, moves=lives is not None)
        lines += said
        buttons += press
    if asks:
        buttons.append(Button("find.mine_button", "find-mine", row=LAST_ROW))
    buttons.append(Button("find.all_groups", "groups-open", row=LAST_ROW))
    buttons.append(Button("find.not_now", "find-not-now", row=LAST_ROW))
    return Message(tuple(lines), tuple(buttons))


def mine(answers: Sequence[Mine]) -> Message:
    """Return what someone answered, with the way to change or take back each of it."""
    said = any(one.answered or one.by_role for one in answers)
    lines = [Line("find.mine" if said else "find.mine_none"), *map(_mine, answers)]
    buttons = [Button("find.suggest_again", "find-groups", "primary")]
    if any(one.answered for one in answers):
        buttons.append(Button("find.mine_forget", "find-forget", "danger"))
    choices = tuple(Choice(one.text, str(one.question_id)) for one in answers)
    menus = (Menu("find.mine_change", "find-change", choices),) if choices else ()
    return Message(tuple(lines), tuple(buttons), menus)


def asked_hidden(*, told: bool) -> Message:
    """Return the answer to who asked a group that is not listed; `told`: counting begins."""
    lines = [Line("find.asked_hidden")]
    if not told:
        return Message(tuple(lines))
    return Message((*lines, Line("home.consent")), (Button("home.opt_out", "privacy-opt-out"),))


def _labels(step: Step) -> str:
    return ", ".join(safe(step.choices[choice]) for choice in step.given)


def _tick(which: str, *, on: bool, to: str) -> Button:
    label = f"find.{which}_{'yes' if on else 'no'}"
    return Button(label, f"find-{which}:{to}", "success" if on else "secondary", row=1)


def _suggestion(one: Suggestion, row: int, *, moves: bool) -> tuple[list[Line], list[Button]]:
    if not one.listed:
        return _hidden(one, row)
    sign = one.emoji if CUSTOM_EMOJI.fullmatch(one.emoji) else safe(one.emoji)
    names = {"number": row + 1, "emoji": sign, "group": safe(one.name), "n": one.seats}
    lines = [Line("find.group", names)]
    if one.purpose:
        purpose = " ".join(one.purpose.split())
        if len(purpose) > PURPOSE_MOST:
            purpose = purpose[: PURPOSE_MOST - 1].rstrip() + "…"
        lines.append(Line("find.purpose", {"purpose": safe(purpose)}))
    lines += one.reasons
    if one.greeter is not None:
        lines.append(Line("find.greets", {"user": one.greeter}))
    to = {"group": one.name}
    label = "find.move" if moves else "find.join"
    if one.entry == "request":
        label = "find.ask"
    buttons = [Button(label, f"join:{one.group_id}", "primary", to, row)]
    if one.visits != "closed":
        buttons.append(Button("find.visit", f"visit:{one.group_id}", params=to, row=row))
    return lines, buttons


def _hidden(one: Suggestion, row: int) -> tuple[list[Line], list[Button]]:
    answers = one.reasons[0].params.get("answers", "") if one.reasons else ""
    return (
        [
            Line("find.hidden", {"number": row + 1, "answers": answers}),
            Line("find.hidden_asks"),
        ],
        [Button("find.ask_hidden", f"find-ask:{one.group_id}", "primary", row=row)],
    )


def _mine(one: Mine) -> Line:
    names = {"text": safe(one.text), "answers": ", ".join(map(safe, one.answers))}
    if one.by_role:
        return Line("find.mine_role", names)
    if not one.answered:
        return Line("find.mine_open", names)
    if not one.answers:
        return Line("find.mine_skipped", names)
    return Line("find.mine_shown" if one.shown else "find.mine_answer", names)
