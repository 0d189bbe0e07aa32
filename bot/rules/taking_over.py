"""Questions of Discord's own welcome that give roles: taken over, nobody has to answer them twice.

A prompt of the server's onboarding becomes a question whose answers are linked with the roles that
it gives. Whoever answered there has the role, and is not asked again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import clean, key
from bot.rules.question_forms import Owned, Typed, question
from bot.rules.questions import CHOICES_LEAST, CHOICES_MOST, LABEL_MOST, TEXT_MOST


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that a prompt offers, and the roles that it gives."""

    label: str
    role_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question of the server's onboarding."""

    id: int
    text: str
    options: tuple[Option, ...]
    several: bool  # more than one answer may be chosen


@dataclass(frozen=True, slots=True)
class Offer:
    """What a prompt would become; `roles` by the answer's place."""

    prompt_id: int
    typed: Typed
    roles: Mapping[int, int]


def offer(prompt: Prompt, not_for: Collection[int]) -> Offer | None:
    """Return the question that a prompt would become, None where no role tells an answer.

    A role tells an answer that no other answer of the prompt gives. Roles in `not_for`, the
    groups', tell none: they are keys. Where there are more answers than a question holds, those
    that give no such role are left out first.
    """
    told: dict[str, tuple[str, int | None]] = {}
    for option in prompt.options:
        label = clean(option.label)[:LABEL_MOST].strip().replace("=", "-")
        others = {role for one in prompt.options if one is not option for role in one.role_ids}
        role = min(option.role_ids - others - set(not_for), default=None)
        if any(char.isalnum() for char in label):
            told.setdefault(key(label), (label, role))
    answers = list(told.values())
    if len(answers) > CHOICES_MOST:
        answers = [one for one in answers if one[1] is not None][:CHOICES_MOST]
    roles = {place: role for place, (_, role) in enumerate(answers) if role is not None}
    text = clean(prompt.text)[:TEXT_MOST].strip()
    if len(answers) < CHOICES_LEAST or not roles or not any(char.isalnum() for char in text):
        return None
    labels = tuple(label for label, _ in answers)
    return Offer(prompt.id, Typed(text, labels, {}, len(labels) if prompt.several else 1), roles)


def new(offers: Sequence[Offer], there: Sequence[Owned]) -> tuple[Offer, ...]:
    """Return the offers that say something new: neither the same words, nor only known roles."""
    known = {role for one in there for _, role in one.choices if role is not None}
    texts = {key(one.text) for one in there}
    return tuple(
        one
        for one in offers
        if key(one.typed.text) not in texts and not known >= set(one.roles.values())
    )


def beside(card: Message, offers: Sequence[Offer]) -> Message:
    """Return the questions' card with what could be taken over."""
    if not offers:
        return card
    shown = offers[:CHOICES_MOST]
    menu = Menu(
        "taking.menu",
        "questions-take",
        tuple(
            Choice(one.typed.text, str(one.prompt_id), ", ".join(one.typed.labels)) for one in shown
        ),
    )
    line = Line("taking.offer", {"n": len(shown)})
    return replace(card, lines=(*card.lines, line), menus=(*card.menus, menu))


def taken(one: Owned) -> Message:
    """Return the answer to a prompt that was taken over, and the question that it became."""
    shown = question(one)
    buttons: tuple[Button, ...] = shown.buttons
    return Message((Line("taking.taken"), *shown.lines, Line("taking.taken_next")), buttons)
