"""What owners read of circles, in sizes only, and what people of a circle are asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.rules.charter import Charter
from bot.rules.circle_offers import LEAST_TOLD
from bot.rules.group_messages import charter_lines
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

Answer = Literal["none", "yes", "no"]
MOST_CHOICES = 25  # of one menu, by Discord
MOST_OFFERED = 10  # that are told of, those whose people may still answer first
MOST_BUTTONS = 5  # that end an offer; of more a menu asks which


@dataclass(frozen=True, slots=True)
class Found:
    """A circle that was found and offered nothing yet."""

    id: int
    size: int
    at_home: bool  # its people live in one group together


@dataclass(frozen=True, slots=True)
class Offered:
    """A circle that was offered a group, as owners may know it.

    `forms`: the group is there and waits for something before anybody can move in.
    """

    id: int
    size: int
    state: str  # offered | founded | over
    name: str
    ends_at: datetime | None = None
    yes: int = 0
    open: bool = True  # its people may still answer
    forms: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """How it stands with circles in a server."""

    people: int  # who want to be suggested groups
    looked_at: datetime | None = None
    found: Sequence[Found] = ()
    offered: Sequence[Offered] = ()
    counts_commons: bool = False
    may_tell: bool = True  # everyone was not told lately


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What somebody of a circle is asked."""

    circle_id: int
    size: int
    charter: Charter
    minimum: int
    ends_at: datetime
    answer: Answer = "none"
    would_help: bool = False
    group_id: int | None = None  # it is founded
    invited: bool = False
    lives_in: str | None = None
    next_move_at: datetime | None = None


def overview(now: Overview, label: Sequence[str]) -> Message:
    """Return how it stands; `label` are the found circles' names in a menu, in their order."""
    lines = [Line("circles.head")]
    if now.people >= LEAST_TOLD:
        lines.append(Line("circles.people", {"n": now.people}))
    else:
        lines.append(Line("circles.people_few"))
    if now.looked_at is not None:
        lines += _looked(now)
    told = sorted(now.offered, key=lambda one: not one.open)
    lines += [_offered(one) for one in told[:MOST_OFFERED]]
    if len(told) > MOST_OFFERED:
        lines.append(Line("circles.offered_more", {"n": len(told) - MOST_OFFERED}))
    lines.append(Line("circles.commons_on" if now.counts_commons else "circles.commons_off"))
    lines.append(Line("circles.shown_to_nobody"))
    free = [
        Choice(name, str(one.id))
        for one, name in zip(now.found, label, strict=True)
        if not one.at_home
    ]
    menus: list[Menu] = []
    if free:
        menus.append(Menu("circles.offer_which", "circle-which", tuple(free[:MOST_CHOICES])))
    buttons = [Button("circles.look", "circle-look", "primary")]
    if now.may_tell:
        buttons.append(Button("circles.tell", "circle-tell"))
    way = "off" if now.counts_commons else "on"
    buttons.append(Button(f"circles.commons_{way}_button", f"circle-commons:{way}"))
    ends = [one for one in told if one.open]
    if len(ends) > MOST_BUTTONS:
        choices = tuple(Choice(one.name, str(one.id)) for one in ends[:MOST_CHOICES])
        menus.append(Menu("circles.end_which", "circle-off-one", choices))
        ends = []
    buttons += [
        Button(
            "circles.ask_no_more" if one.state == "founded" else "circles.call_off",
            f"circle-off:{one.id}",
            "danger",
            {"name": one.name},
        )
        for one in ends
    ]
    return Message(tuple(lines), tuple(buttons), tuple(menus))


def _looked(now: Overview) -> list[Line]:
    assert now.looked_at is not None
    when, found = int(now.looked_at.timestamp()), now.found
    if not found:
        asks = any(one.open for one in now.offered)
        return [Line("circles.none_further" if asks else "circles.none", {"at": when})]
    sizes = ", ".join(str(one.size) for one in found)
    people = sum(one.size for one in found)
    counts = {"at": when, "n": len(found), "people": people, "sizes": sizes}
    lines = [Line("circles.found", counts)]
    at_home = sum(one.at_home for one in found)
    if at_home:
        lines.append(Line("circles.at_home", {"n": at_home}))
    return lines


def _offered(one: Offered) -> Line:
    params = {"name": safe(one.name), "size": one.size, "n": one.yes}
    if one.ends_at is not None:
        params["at"] = int(one.ends_at.timestamp())
    if one.state == "founded":
        return Line("circles.state_forms" if one.forms else "circles.state_founded", params)
    if one.state == "over":
        return Line("circles.state_over", params)
    few = one.yes < LEAST_TOLD
    return Line("circles.state_offered_few" if few else "circles.state_offered", params)


def commons_asked() -> Message:
    """Ask once before the commons are counted: everyone is told."""
    return Message(
        (Line("circles.commons_asks"),),
        (
            Button("circles.commons_yes", "circle-commons-yes", "primary"),
            Button("circles.back", "circle-open"),
        ),
    )


def commons_told(at: int) -> Message:
    """Return what stands in the commons once they are counted."""
    return Message(
        (Line("circles.commons_told"),),
        (
            Button("circles.suggest_me", f"suggest-about:commons-{at}", "primary"),
            Button("circles.what_is_kept", "privacy-show"),
        ),
    )


def told(at: int) -> Message:
    """Return the line in the commons that tells everyone of *Suggest me*."""
    button = Button("circles.suggest_me", f"suggest-about:told-{at}", "primary")
    return Message((Line("circles.told"),), (button,))


def which_type(circle_id: int, size: int, types: Sequence[tuple[str, str, str]]) -> Message:
    """Ask which type of group a circle is offered; `types` as (name, id, what it says below)."""
    choices = tuple(Choice(name, value, below) for name, value, below in types[:MOST_CHOICES])
    if not choices:
        lines = (Line("circles.no_type", {"n": size}),)
        return Message(lines, (Button("circles.back", "circle-open"),))
    return Message(
        (Line("circles.which_type", {"n": size}),),
        (Button("circles.back", "circle-open"),),
        (Menu("circles.choose_type", f"circle-type:{circle_id}", choices),),
    )


def refused(why: Line, circle_id: int, type_id: int) -> Message:
    """Return why a form cannot stand as it is, with the way to mend it."""
    fix = Button("circles.fix_it", f"circle-form:{circle_id}:{type_id}", "primary")
    return Message((why,), (fix,))


def offered(people: int, name: str, minimum: int, ends_at: datetime) -> Message:
    """Return what the owner reads once a circle is offered a group."""
    at = int(ends_at.timestamp())
    params = {"n": people, "name": safe(name), "minimum": minimum, "at": at}
    return Message((Line("circles.offered", params),), (Button("circles.back", "circle-open"),))


def ended(circle_id: int, name: str, *, founded: bool, forms: bool) -> Message:
    """Return the line for the owners' room: what came of a circle that was offered a group."""
    key = "circles.ended_founded" if founded else "circles.ended_over"
    lines = [Line(key, {"name": safe(name)})]
    if forms:
        lines.append(Line("circles.ended_forms"))
    way = "founded" if founded else "over"
    return Message(tuple(lines), (Button("circles.open", f"circle-open:{circle_id}:{way}"),))


# --- people of a circle -----------------------------------------------------------------------


def about(*, on: bool, counts_commons: bool) -> Message:
    """Return what *Suggest me* does, told plainly, with the yes; or the way back."""
    where = "circles.about_commons" if counts_commons else "circles.about_rooms"
    if on:
        return Message(
            (Line("circles.is_on"), Line(where)),
            (Button("circles.stop", "suggest-off"),),
        )
    return Message(
        (Line("circles.about"), Line(where), Line("circles.about_then")),
        (
            Button("circles.yes_suggest", "suggest-on", "success"),
            Button("circles.not_now", "home-open:suggest"),
        ),
    )


def is_on(*, counted: bool) -> Message:
    """Return that somebody is suggested groups from now on; `counted`: counting begins with it."""
    lines, buttons = [Line("circles.now_on")], [Button("circles.stop", "suggest-off")]
    if counted:
        lines.append(Line("home.consent"))
        buttons.append(Button("home.opt_out", "privacy-opt-out"))
    return Message(tuple(lines), tuple(buttons))


def is_off() -> Message:
    """Return that somebody is suggested nothing any more."""
    return Message((Line("circles.now_off"),), (Button("circles.suggest_me", "suggest-about"),))


def suggestion(one: Suggestion) -> Message:
    """Return the question to somebody of a circle, for their eyes only."""
    at = int(one.ends_at.timestamp())
    lines = [
        Line("circles.asked_founded" if one.group_id is not None else "circles.asked"),
        *charter_lines(one.charter),
    ]
    if one.lives_in is not None:
        lines.append(Line("circles.leaves", {"group": safe(one.lives_in)}))
    if one.next_move_at is not None:
        lines.append(Line("circles.moves_from", {"at": int(one.next_move_at.timestamp())}))
    if one.group_id is None:
        lines.append(Line("circles.how_many", {"n": one.minimum, "at": at}))
    if one.answer != "none":
        key = "circles.you_would_help" if one.would_help else f"circles.you_said_{one.answer}"
        lines.append(Line(key))
    lines.append(Line("circles.nobody_learns"))
    buttons: list[Button] = []
    if one.answer != "yes" or one.would_help:
        buttons.append(Button("circles.yes", f"circle-say:{one.circle_id}:yes", "success"))
    if not one.would_help or one.answer != "yes":
        buttons.append(Button("circles.yes_help", f"circle-say:{one.circle_id}:help", "success"))
    if one.answer != "no":
        buttons.append(Button("circles.no", f"circle-say:{one.circle_id}:no"))
    buttons.append(Button("circles.stop", "suggest-off"))
    return Message(tuple(lines), tuple(buttons))


def answered(one: Suggestion) -> Message:
    """Return the answer to a yes or a no."""
    at = int(one.ends_at.timestamp())
    if one.answer == "no":
        lines = [Line("circles.said_no")]
    elif one.group_id is not None:
        lines = [Line("circles.said_yes_founded")]
    else:
        lines = [Line("circles.said_yes", {"n": one.minimum, "at": at})]
        if one.would_help:
            lines.append(Line("circles.said_help"))
    if one.answer == "yes" and one.next_move_at is not None:
        lines.append(Line("circles.moves_from", {"at": int(one.next_move_at.timestamp())}))
    look = Button("circles.change", f"circle-see:{one.circle_id}")
    return Message(tuple(lines), (look,))
