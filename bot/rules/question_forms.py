"""The owners' questions: what they type is read here, and how their cards look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.errors import UserError
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import clean, key, safe
from bot.rules.questions import CHOICES_LEAST, CHOICES_MOST, LABEL_MOST, TEXT_MOST

PER_PAGE = 20
NEW = 0  # in place of a question's id: one that is added
FORM = "questions-form"


@dataclass(frozen=True, slots=True)
class Typed:
    """A question as an owner typed it; `roles` are names or ids of roles, by the answer's place."""

    text: str
    labels: tuple[str, ...]
    roles: Mapping[int, str]
    most: int


@dataclass(frozen=True, slots=True)
class Owned:
    """A question as its owners see it."""

    question_id: int
    text: str
    choices: tuple[tuple[str, int | None], ...]  # label, role
    most: int
    off: bool


def typed(text: str, choices: str, most: str) -> Typed:
    """Read what was typed into the form; UserError says what to change."""
    question = clean(text)
    if not any(char.isalnum() for char in question) or len(question) > TEXT_MOST:
        raise UserError("find.bad_text", most=TEXT_MOST)
    labels: list[str] = []
    roles: dict[int, str] = {}
    for row in clean(choices, lines=True).splitlines():
        label, _, role = (part.strip() for part in row.partition("="))
        if not label:
            continue
        if len(label) > LABEL_MOST:
            raise UserError("find.bad_label", label=safe(label[:LABEL_MOST]), most=LABEL_MOST)
        if key(label) in map(key, labels):
            raise UserError("find.bad_twice", label=safe(label))
        if role:
            roles[len(labels)] = role
        labels.append(label)
    if not CHOICES_LEAST <= len(labels) <= CHOICES_MOST:
        raise UserError("find.bad_count", least=CHOICES_LEAST, most=CHOICES_MOST)
    if not most.strip().isdecimal() or not 1 <= int(most) <= len(labels):
        raise UserError("find.bad_most")
    return Typed(question, tuple(labels), roles, int(most))


def as_typed(choices: Sequence[tuple[str, str | None]]) -> str:
    """Return the answers as they are typed: one per line, with the role that says the same."""
    return "\n".join(label if role is None else f"{label} = @{role}" for label, role in choices)


def card(questions: Sequence[Owned], page: int) -> Message:
    """Return all questions, a page at a time, with a menu to open one."""
    here = questions[page * PER_PAGE : (page + 1) * PER_PAGE]
    lines = [Line("find.questions"), *(_row(one) for one in here)]
    buttons = [Button("find.questions_add", f"{FORM}:{NEW}")]
    if page:
        buttons.append(Button("find.questions_page_back", f"questions-page:{page - 1}"))
    if len(questions) > (page + 1) * PER_PAGE:
        buttons.append(Button("find.questions_page_on", f"questions-page:{page + 1}"))
    choices = tuple(Choice(one.text, str(one.question_id)) for one in here)
    menus = (Menu("find.questions_which", "questions-which", choices),) if choices else ()
    return Message(tuple(lines), tuple(buttons), menus)


def question(one: Owned) -> Message:
    """Return one question with its answers."""
    lines = [Line("find.question_head", {"text": safe(one.text)})]
    for label, role in one.choices:
        names = {"label": safe(label), "role": role}
        lines.append(Line("find.question_choice" if role is None else "find.question_role", names))
    lines.append(Line("find.question_most", {"n": one.most}))
    switch = "find.question_on" if one.off else "find.question_off"
    return Message(
        tuple(lines),
        (
            Button("find.question_edit", f"{FORM}:{one.question_id}", "primary"),
            Button(switch, f"questions-switch:{one.question_id}"),
            Button("find.question_back", "questions-page:0"),
        ),
    )


def refused(line: Line, question_id: int) -> Message:
    """Return why a question was refused, with the way back into its form."""
    return Message((line,), (Button("find.fix_it", f"{FORM}:{question_id}", "primary"),))


def kept(one: Owned) -> Message:
    """Return the answer to a question that was kept, and the question."""
    shown = question(one)
    return Message((Line("find.kept_question"), *shown.lines), shown.buttons)


def _row(one: Owned) -> Line:
    names = {"text": safe(one.text), "n": len(one.choices)}
    return Line("find.questions_row_off" if one.off else "find.questions_row", names)
