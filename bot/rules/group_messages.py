"""What is said about groups: their charter, in their room and behind a button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules import tongues
from bot.rules.charter import Charter
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import CUSTOM_EMOJI, safe

LINE_PURPOSE, MENU_PURPOSE = 80, 100  # characters of a purpose in a directory's line and menu


def charter_posted(group_id: int, charter: Charter, now: datetime) -> Message:
    """Return what stands in a group's room when it is new or its charter has changed.

    Short, and never edited: who looks after the room and who keeps it safe change, so they are
    behind the button.
    """
    at = int(now.timestamp())
    return Message(
        (*charter_lines(charter), *where_lines(charter)),
        buttons=(Button("groups.how", f"charter:{group_id}:{at}"),),
    )


def charter_card(
    charter: Charter,
    *,
    facilitators: Sequence[int],
    safety_roles: Sequence[int],
    visitors_read_history: bool,
    inside: bool = False,
) -> Message:
    """Return the whole charter, as it is now: for one person's eyes.

    `inside`: they see the room, so they may read where the group meets.
    """
    lines = [*charter_lines(charter), *(where_lines(charter) if inside else ())]
    if facilitators:
        people = ", ".join(f"<@{user}>" for user in facilitators)
        lines.append(Line("groups.card_facilitators", {"people": people}))
    else:
        lines.append(Line("groups.card_no_facilitators"))
    if safety_roles:
        roles = ", ".join(f"<@&{role}>" for role in safety_roles)
        lines.append(Line("groups.card_safety", {"roles": roles}))
    else:
        lines.append(Line("groups.card_no_safety"))
    lines.append(
        Line("groups.card_history_open" if visitors_read_history else "groups.card_history_closed")
    )
    return Message(tuple(lines))


def charter_lines(charter: Charter) -> tuple[Line, ...]:
    """Return what everyone who may know of the group may read of its charter."""
    lines = [
        Line("groups.card_title", {"emoji": charter.emoji, "group": safe(charter.name)}),
        Line("groups.card_purpose", {"purpose": safe(charter.purpose)}),
    ]
    if charter.for_whom:
        lines.append(Line("groups.card_for_whom", {"for_whom": safe(charter.for_whom)}))
    if charter.unites:
        lines.append(Line("groups.card_unites", {"unites": safe(charter.unites)}))
    if charter.norms:
        lines.append(Line("groups.card_norms", {"norms": safe(charter.norms)}))
    if charter.language:
        lines.append(Line("groups.card_language", {"language": tongues.shown(charter.language)}))
    if charter.zone:
        lines.append(Line("groups.card_zone", {"zone": charter.zone}))
    return tuple(lines)


def where_lines(charter: Charter) -> tuple[Line, ...]:
    """Return where the group meets, for its room and for those who see it."""
    places = [safe(place) for place in (charter.city, charter.venue) if place]
    return (Line("groups.card_where", {"where": ", ".join(places)}),) if places else ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One group as the directory shows it."""

    group_id: int
    name: str
    emoji: str
    purpose: str
    type: str
    state: str
    seats: int
    homes: int
    entry: str
    visits: str
    visit_days: int


def directory(groups: Sequence[Shown], page: int, pages: int, kind: str | None) -> Message:
    """Return a page of the directory: a line per group, and a menu to open one."""
    if not groups:
        return Message(
            (Line("groups.none_yet" if kind is None else "groups.none_of_kind"),),
            buttons=() if kind is None else (Button("groups.show_all", "groups-open"),),
        )
    lines = [Line("groups.directory_head")]
    for shown in groups:
        names = {
            "emoji": shown.emoji,
            "group": safe(shown.name),
            "purpose": safe(short(shown.purpose, LINE_PURPOSE)),
            "n": shown.seats,
        }
        lines.append(Line(_row_key(shown), names))
    choices = tuple(
        Choice(
            plain(shown.emoji, shown.name), str(shown.group_id), short(shown.purpose, MENU_PURPOSE)
        )
        for shown in groups
    )
    buttons: list[Button] = []
    asked = kind or ""
    if page > 0:
        buttons.append(Button("groups.page_back", f"groups-page:{page - 1}:{asked}"))
    if page + 1 < pages:
        buttons.append(Button("groups.page_on", f"groups-page:{page + 1}:{asked}"))
    return Message(tuple(lines), tuple(buttons), (Menu("groups.choose", "groups-choose", choices),))


def group_card(
    shown: Shown, charter: Charter, *, lives_here: bool, invited: bool = False
) -> Message:
    """Return one group with what someone can do about it: live there, visit, wait."""
    lines = list(charter_lines(charter))
    lines.append(Line("groups.card_homes", {"n": shown.homes, "type": safe(shown.type)}))
    lines.append(Line(_seats_key(shown), {"n": shown.seats}))
    buttons: list[Button] = []
    if lives_here:
        lines.append(Line("groups.you_live_here"))
    elif shown.state == "open":
        entry = "invited" if invited and shown.entry != "open" else shown.entry
        lines.append(Line(f"groups.entry_{entry}"))
        if entry == "invitation":
            pass  # nothing to press: somebody there has to ask them
        elif entry == "request":
            buttons.append(Button("groups.ask_button", f"join:{shown.group_id}", "primary"))
        elif not shown.seats:
            buttons.append(Button("groups.wait_button", f"wait:{shown.group_id}", "primary"))
        else:
            buttons.append(Button("groups.join_button", f"join:{shown.group_id}", "primary"))
        if shown.visits != "closed":
            days = {"n": shown.visit_days}
            asks = shown.visits == "request" and not invited
            label = "groups.visit_ask_button" if asks else "groups.visit_button"
            buttons.append(Button(label, f"visit:{shown.group_id}", params=days))
    buttons.append(Button("groups.how", f"charter:{shown.group_id}"))
    buttons.append(Button("groups.all_button", "groups-open"))
    return Message(tuple(lines), tuple(buttons))


def plain(emoji: str, name: str) -> str:
    """Return a group's sign and name where markdown is not read: menus, buttons, suggestions."""
    return name if CUSTOM_EMOJI.fullmatch(emoji) else f"{emoji} {name}"


def short(text: str, most: int) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _row_key(shown: Shown) -> str:
    if shown.state != "open":
        return "groups.row_resting"
    return "groups.row_seats" if shown.seats else "groups.row_full"


def _seats_key(shown: Shown) -> str:
    if shown.state != "open":
        return "groups.card_resting"
    return "groups.card_seats" if shown.seats else "groups.card_full"
