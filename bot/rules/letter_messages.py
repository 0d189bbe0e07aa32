"""How a letter reads: names with one sentence and one act each, then what other matters tell.

Discord takes 2,000 characters and five rows of five buttons, a group has up to twelve names in a
week: so a letter has pages, and where more than three names of a page are open a menu asks whom it
is about, in place of four buttons for each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

LINES_ON_PAGE = 10  # a name with its act counts as one
BUTTONS_FOR = 3  # names that have their own row of buttons; of more a menu asks
BUTTONS_IN_ROW = 5

Outcome = Literal["reached", "away", "fine", "later", "back"]
Often = Literal["weekly", "daily", "none"]


@dataclass(frozen=True, slots=True)
class Named:
    """One name in a letter: a member, their silence, an act, and what became of it.

    `since` is when a newcomer moved in, None for who used to be around; `outcome` None: still
    quiet; `by` is who said so. `unusual`: longer than usual for them; who comes rarely is told of
    before that may be said.
    """

    episode_id: int
    user_id: int
    days: int
    act: Line | None = None
    since: datetime | None = None
    outcome: Outcome | None = None
    by: int | None = None
    unusual: bool = True


@dataclass(frozen=True, slots=True)
class Other:
    """What another matter adds: its lines, the first a heading, and its buttons."""

    lines: tuple[Line, ...]
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A letter as its facilitator reads it; `letter_id` 0: none was written yet."""

    letter_id: int
    server_id: int
    group_id: int
    group: str
    facilitator_id: int
    names: Sequence[Named]  # newcomers who fell silent last
    often: Often
    by_dm: bool
    others: Sequence[Other] = ()


@dataclass(frozen=True, slots=True)
class _Page:
    """What stands on one page: names with their numbers in the letter, and other matters."""

    names: Sequence[tuple[int, Named]]
    others: Sequence[Other]


def letter(told: Told, page: int = 0, called: Mapping[int, str] | None = None) -> Message:
    """Return a page of the letter, the first as 0; a page that is no more is the last.

    `called` are people's names, for the menu; without them it has their numbers.
    """
    pages = _pages(told)
    page = max(0, min(page, len(pages) - 1))
    here = pages[page]
    lines: list[Line] = []
    if page == 0:
        head = "letters.head_daily" if told.often == "daily" else "letters.head"
        lines.append(Line(head, {"user": told.facilitator_id, "group": safe(told.group)}))
    if not told.names and not told.others:
        lines.append(Line("letters.nobody"))
    only = len(told.names) == 1
    for number, named in here.names:
        if named.since is not None and not _newcomers_before(here, named):
            lines.append(Line("letters.newcomers"))
        lines += _lines(named, None if only else number, told.facilitator_id)
    still = [(number, named) for number, named in here.names if named.outcome is None]
    if still:
        lines.append(Line("letters.may_mean_nothing"))
    for other in here.others:
        lines += other.lines
    if told.often == "none":
        lines.append(Line("letters.none_any_more"))
    buttons: list[Button] = []
    menus: tuple[Menu, ...] = ()
    if len(still) > BUTTONS_FOR:
        menus = (_menu(told, page, still, called or {}),)
    else:
        for row, (number, named) in enumerate(still):
            buttons += _answers(told, page, named, "" if only else f"{number} · ", row)
    extra = [button for other in here.others for button in other.buttons]
    buttons += [_in_row(button, BUTTONS_FOR) for button in extra[:BUTTONS_IN_ROW]]
    buttons += _turning(told, page, len(pages))
    buttons += _wishes(told)
    return Message(tuple(lines), tuple(buttons), menus)


def about(told: Told, episode_id: int, page: int) -> Message:
    """Return one name of a letter with its four answers; the page itself if it is not open."""
    named = next((one for one in told.names if one.episode_id == episode_id), None)
    if named is None or named.outcome is not None:
        return letter(told, page)
    back = Button("letters.back", f"letter-page:{told.group_id}:{told.letter_id}:{page}", row=1)
    return Message(
        (*_lines(named, None, told.facilitator_id), Line("letters.what_now")),
        (*_answers(told, page, named, "", 0), back),
    )


def waits(facilitator_id: int, group_id: int, letter_id: int) -> Message:
    """Return the line in the facilitators' room: whose letter is ready, and no other name."""
    return Message(
        (Line("letters.ready", {"user": facilitator_id}),),
        (Button("letters.open", f"letter-open:{group_id}:{letter_id}", "primary"),),
        users=(facilitator_id,),
    )


def _pages(told: Told) -> list[_Page]:
    """Lay the letter out: names in their order, then whole matters, each where it has room."""
    regulars = [pair for pair in enumerate(told.names, 1) if pair[1].since is None]
    newcomers = [pair for pair in enumerate(told.names, 1) if pair[1].since is not None]
    pages: list[_Page] = []
    names: list[tuple[int, Named]] = []
    others: list[Other] = []
    room = LINES_ON_PAGE
    blocks: list[tuple[int, Sequence[tuple[int, Named]], Other | None]] = [
        (len(regulars), regulars, None),
        (len(newcomers) + 1 if newcomers else 0, newcomers, None),
        *((len(other.lines), (), other) for other in told.others),
    ]
    for size, block, other in blocks:
        if size > room and (names or others):
            pages.append(_Page(names, others))
            names, others, room = [], [], LINES_ON_PAGE
        room -= size
        names += block
        if other is not None:
            others.append(other)
    pages.append(_Page(names, others))
    return pages


def _newcomers_before(page: _Page, named: Named) -> bool:
    first = next(one for _, one in page.names if one.since is not None)
    return first is not named


def _lines(named: Named, number: int | None, reader: int) -> list[Line]:
    params = {"user": named.user_id, "n": named.days, "number": number or 0}
    if named.outcome == "reached":
        if named.by in {reader, None}:
            return [Line("letters.was_reached_by_you", params)]
        return [Line("letters.was_reached", {**params, "by": named.by})]
    if named.outcome is not None:
        return [Line(f"letters.was_{named.outcome}", params)]
    key = "name" if named.unusual else "plain_name"
    if named.since is not None:
        key = "newcomer"
        params["since"] = int(named.since.timestamp())
    lines = [Line(f"letters.{key}" if number else f"letters.only_{key}", params)]
    return lines if named.act is None else [*lines, named.act]


def _menu(
    told: Told, page: int, still: Sequence[tuple[int, Named]], called: Mapping[int, str]
) -> Menu:
    choices = tuple(
        Choice(
            f"{number} · {called[named.user_id]}" if named.user_id in called else str(number),
            str(named.episode_id),
        )
        for number, named in still
    )
    return Menu("letters.who", f"letter-about:{told.letter_id}:{page}", choices)


def _answers(told: Told, page: int, named: Named, mark: str, row: int) -> list[Button]:
    which = f"{told.letter_id}:{named.episode_id}:{page}"
    params = {"mark": mark}
    return [
        Button("letters.reached", f"quiet-reached:{which}", "primary", params, row),
        Button("letters.away", f"quiet-away:{which}", params=params, row=row),
        Button("letters.fine", f"quiet-fine:{which}", params=params, row=row),
        Button("letters.later", f"quiet-later:{which}", params=params, row=row),
    ]


def _in_row(button: Button, row: int) -> Button:
    return Button(button.label, button.press, button.style, button.params, row)


def _turning(told: Told, page: int, pages: int) -> list[Button]:
    at = f"letter-page:{told.group_id}:{told.letter_id}"
    turning: list[Button] = []
    if page > 0:
        turning.append(Button("letters.page_before", f"{at}:{page - 1}", row=4))
    if page + 1 < pages:
        params = {"page": page + 2, "pages": pages}
        turning.append(Button("letters.page_after", f"{at}:{page + 1}", "primary", params, 4))
    return turning


def _wishes(told: Told) -> list[Button]:
    at = f"{told.group_id}:{told.letter_id}"
    if told.often == "none":
        return [Button("letters.again", f"letter-more:{at}", row=4)]
    # After a weekly letter there is nothing fewer than none.
    label = "letters.fewer" if told.often == "daily" else "letters.no_more"
    wishes = [Button(label, f"letter-fewer:{at}", row=4)]
    if told.by_dm:
        return [*wishes, Button("letters.no_dm", f"letter-room:{at}", row=4)]
    return [*wishes, Button("letters.by_dm", f"letter-dm:{at}", row=4)]
