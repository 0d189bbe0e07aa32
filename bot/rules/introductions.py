"""Who lives here: what people tell their own group about themselves, read inside the room only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.rules.charter import CALLS
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import clean, safe
from bot.rules.place_names import stamp

SAID_MOST = 300  # characters of an introduction
SAID_LEAST = 3
PER_PAGE = 4  # four full ones fit a message
SHOWN_MOST = 340  # of one as it is shown: characters that are escaped count twice


@dataclass(frozen=True, slots=True)
class Told:
    """One introduction, and since when its author lives there."""

    user_id: int
    since: datetime
    said: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of introductions, for one reader."""

    group_id: int
    group: str
    homes: int
    told: int  # how many tell something, on all pages
    here: Sequence[Told]
    page: int
    pages: int
    lives_here: bool  # the reader may write one
    own: bool  # the reader has one
    hidden: bool  # which facilitators took down
    may_hide: bool  # the reader looks after the group


def read(typed: str) -> str:
    """Return an introduction as it may stand; UserError says what to mend."""
    said = clean(typed, lines=True)
    if sum(char.isalnum() for char in said) < SAID_LEAST:
        raise UserError("living.said_empty")
    if len(said) > SAID_MOST:
        raise UserError("living.said_too_long", n=len(said), most=SAID_MOST)
    if CALLS.search(said):
        raise UserError("living.calls")
    return said


def card(page: Page, names: dict[int, str]) -> Message:
    """Return a page of who lives here; `names` are the authors' for the facilitators' menu."""
    head = {"group": safe(page.group), "homes": page.homes, "n": page.told}
    lines = [Line("living.who_head" if page.told else "living.who_nobody", head)]
    for one in page.here:
        shown = safe(" ".join(one.said.split()))
        if len(shown) > SHOWN_MOST:
            shown = shown[: SHOWN_MOST - 1].rstrip("\\ ") + "…"
        names_ = {"user": one.user_id, "since": stamp(one.since), "said": shown}
        lines.append(Line("living.who_one", names_))
    if page.pages > 1:
        lines.append(Line("living.who_page", {"page": page.page + 1, "pages": page.pages}))
    if page.hidden:
        lines.append(Line("living.who_hidden"))
    elif page.lives_here and not page.own:
        lines.append(Line("living.who_yours"))
    group = page.group_id
    buttons: list[Button] = []
    if page.page > 0:
        buttons.append(Button("living.page_back", f"living-who:{group}:{page.page - 1}"))
    if page.page + 1 < page.pages:
        buttons.append(Button("living.page_on", f"living-who:{group}:{page.page + 1}"))
    if page.lives_here:
        label = "living.change" if page.own else "living.write"
        buttons.append(Button(label, f"living-write:{group}", "primary"))
        if page.own:
            buttons.append(Button("living.take_away", f"living-away:{group}"))
    menus: tuple[Menu, ...] = ()
    if page.may_hide and page.here:
        choices = tuple(
            Choice(names.get(one.user_id, str(one.user_id)), str(one.user_id)) for one in page.here
        )
        menus = (Menu("living.hide_menu", f"living-hide:{group}", choices),)
    return Message(tuple(lines), tuple(buttons), menus)
