"""What hosts see of a ritual's kind: the choice when one is added, and the page of its prompts."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

SHOWN = 12  # prompts on the page; the file has them all
PROMPT_SHOWN = 110


@dataclass(frozen=True, slots=True)
class Offered:
    """A kind as it is offered, in the language of the group: its title and what it is."""

    key: str
    title: str
    what: str


@dataclass(frozen=True, slots=True)
class PromptPage:
    """The prompts of one ritual; `kind` is the title of its kind, "" for one of their own.

    `ours` is how many prompts of the kind it does not have and has room for.
    """

    ritual_id: int
    title: str
    kind: str
    thread: bool
    prompts: tuple[str, ...]
    ours: int


def choose(group_id: int, kinds: Sequence[Offered]) -> Message:
    """Return the question which kind of ritual shall be added."""
    choices = tuple(Choice(kind.title, kind.key, kind.what) for kind in kinds)
    return Message(
        (Line("ritual_kinds.choose"),),
        buttons=(Button("desk.back", f"rituals-list:{group_id}"),),
        menus=(Menu("ritual_kinds.pick", f"ritual-kind:{group_id}", choices),),
    )


def page(one: PromptPage, told: Line | None = None) -> Message:
    """Return the page of a ritual's prompts; `told` is what was just done."""
    title = safe(one.title)
    head = Line("ritual_kinds.page", {"title": title})
    lines = [head] if told is None else [told, head]
    if not one.kind:
        lines.append(Line("ritual_kinds.page_own"))
    elif one.kind != one.title:
        lines.append(Line("ritual_kinds.page_kind", {"kind": one.kind}))
    lines.append(Line("ritual_kinds.page_count", {"n": len(one.prompts)}))
    for prompt in one.prompts[:SHOWN]:
        shown = prompt if len(prompt) <= PROMPT_SHOWN else f"{prompt[:PROMPT_SHOWN]}…"
        lines.append(Line("ritual_kinds.page_prompt", {"prompt": safe(shown)}))
    if len(one.prompts) > SHOWN:
        lines.append(Line("ritual_kinds.page_more", {"n": len(one.prompts) - SHOWN}))
    which = "on" if one.thread else "off"
    lines.append(Line(f"ritual_kinds.page_thread_{which}"))
    toggle = "ritual_kinds.thread_off" if one.thread else "ritual_kinds.thread_on"
    buttons = [
        Button("ritual_kinds.as_file", f"ritual-file:{one.ritual_id}"),
        Button("ritual_kinds.send_file", f"ritual-send:{one.ritual_id}"),
        Button(toggle, f"ritual-thread:{one.ritual_id}:{0 if one.thread else 1}"),
        Button("desk.back", f"ritual-show:{one.ritual_id}"),
    ]
    if one.ours:
        button = Button("ritual_kinds.ours", f"ritual-ours:{one.ritual_id}", params={"n": one.ours})
        buttons.insert(2, button)
    return Message(tuple(lines), buttons=tuple(buttons))
