"""Who is barred and who is kept apart: a list that only moderators read, page by page."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Barred:
    """A bar; `group` None: all groups, or one that is named nowhere but in its own room."""

    user_id: int
    everywhere: bool
    group: str | None
    at: datetime
    by_user_id: int  # 0: somebody who was forgotten


@dataclass(frozen=True, slots=True)
class Parted:
    """Two people who are kept apart."""

    low_id: int
    high_id: int
    at: datetime
    by_user_id: int


Kept = Barred | Parted


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list, and how long it is."""

    rows: tuple[Kept, ...]
    number: int
    pages: int
    bars: int
    pairs: int


def beside(waits: Message, bars: int, pairs: int) -> Message:
    """Return what waits for the moderators, with the way to this list where it is not empty."""
    if not bars and not pairs:
        return waits
    return replace(waits, buttons=(*waits.buttons, Button("kept.open", "kept-page:0")))


def page(found: Page, name: Callable[[int], str]) -> Message:
    """Return one page, with a menu that opens what may be lifted; `name` as menus show people."""
    if not found.rows:
        return Message((Line("kept.nobody"),))
    lines = [Line("kept.head")]
    if found.bars:
        lines.append(Line("kept.bars", {"n": found.bars}))
    if found.pairs:
        lines.append(Line("kept.pairs", {"n": found.pairs}))
    choices: dict[str, Choice] = {}  # somebody may be barred from several groups
    for row in found.rows:
        lines.append(_line(row))
        if isinstance(row, Barred):
            choice = Choice(name(row.user_id), f"bar-{row.user_id}")
        else:
            both = f"{name(row.low_id)} · {name(row.high_id)}"
            choice = Choice(both, f"apart-{row.low_id}-{row.high_id}")
        choices.setdefault(choice.value, choice)
    buttons: list[Button] = []
    if found.pages > 1:
        lines.append(Line("directory.page", {"page": found.number + 1, "pages": found.pages}))
    if found.number:
        buttons.append(Button("directory.back", f"kept-page:{found.number - 1}"))
    if found.number + 1 < found.pages:
        buttons.append(Button("directory.on", f"kept-page:{found.number + 1}"))
    menus = (Menu("kept.choose", "kept-choose", tuple(choices.values())),)
    return Message(tuple(lines), tuple(buttons), menus)


def with_way_back(card: Message) -> Message:
    """Return what was opened from the list, with the way back to it."""
    return replace(card, buttons=(*card.buttons, Button("kept.list", "kept-page:0")))


def _line(row: Kept) -> Line:
    at = int(row.at.timestamp())
    by = f"<@{row.by_user_id}>" if row.by_user_id else "—"
    if isinstance(row, Parted):
        return Line("kept.pair", {"first": row.low_id, "second": row.high_id, "at": at, "by": by})
    where = "all" if row.everywhere else "unnamed" if row.group is None else "group"
    names = {"user": row.user_id, "group": safe(row.group or ""), "at": at, "by": by}
    return Line(f"kept.bar_{where}", names)
