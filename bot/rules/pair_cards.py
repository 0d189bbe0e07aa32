"""Pairs as one person sees them at /home, and as those who look after the group see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe
from bot.rules.pair_messages import mentions
from bot.rules.zones import city_of

LEAST_TOLD = 5  # people of whom a number is said
SIBLINGS_MOST = 3  # offered on the desk


@dataclass(frozen=True, slots=True)
class Mine:
    """How somebody stands with the pairs of a group; `rests` is why they are left out, if so.

    `people` are whom they are to meet now, `thread_id` where; `group_id` is whose card they came
    from.
    """

    pairing_id: int
    group_id: int
    often: str
    next_at: datetime | None  # None: pairs rest
    takes_part: bool = False
    rests: str = ""
    alone: bool = False
    people: tuple[int, ...] = ()
    thread_id: int | None = None
    zone: str = ""  # of their hours, if they told any


@dataclass(frozen=True, slots=True)
class Sibling:
    """A group that pairs could be had together with."""

    group_id: int
    name: str


@dataclass(frozen=True, slots=True)
class AtDesk:
    """How a group's pairs stand, for those who look after it.

    `sibling` is the group that takes part or was asked; `possible` those that could be; `asking`
    the groups that would like to have theirs together with this one; `with_them` those in whose
    pairs this one takes part.
    """

    group_id: int
    emoji: str
    name: str
    pairing_id: int | None = None
    often: str = "weekly"
    host_id: int | None = None
    hosts_self: bool = False
    next_at: datetime | None = None
    why: str = ""
    people: int = 0
    last_people: int = 0
    last_pairs: int = 0
    last_met: int = 0
    threads: bool = True
    sibling: Sibling | None = None
    sibling_state: str = "none"
    possible: tuple[Sibling, ...] = ()
    asking: tuple[tuple[int, Sibling], ...] = ()
    with_them: tuple[tuple[int, Sibling], ...] = ()


def line_of(mine: Mine) -> Line:
    """Return how often pairs are made, and when next."""
    if mine.next_at is None:
        return Line("pairs.card_paused")
    return Line(f"pairs.card_{mine.often}", {"at": int(mine.next_at.timestamp())})


def mine(card: Mine, said: Line | None = None) -> Message:
    """Return somebody's own card."""
    lines = [line_of(card)]
    if said is not None:
        lines.insert(0, said)
    pairing = card.pairing_id
    buttons: list[Button] = []
    if not card.takes_part:
        lines.append(Line("pairs.card_out"))
        buttons.append(Button("pairs.like", f"pair-join:{pairing}:card", "primary"))
    elif card.rests:
        lines.append(Line(f"pairs.card_rest_{card.rests}"))
        buttons.append(Button("pairs.back", f"pair-back:{pairing}", "primary"))
        buttons.append(Button("pairs.leave", f"pair-leave:{pairing}"))
    else:
        lines.append(_now(card))
        if card.zone:
            lines.append(Line("pairs.card_hours", {"city": city_of(card.zone)}))
        buttons += [
            Button("pairs.hours", f"pair-hours:{pairing}"),
            Button("pairs.rest", f"pair-rest:{pairing}"),
            Button("pairs.leave", f"pair-leave:{pairing}"),
        ]
    buttons.append(Button("pairs.how_button", f"pair-how:{pairing}:card"))
    buttons.append(Button("pairs.to_together", f"together:{card.group_id}:pairs"))
    return Message(tuple(lines), tuple(buttons))


def _now(card: Mine) -> Line:
    if card.people:
        said = {"people": mentions(card.people)}
        if card.thread_id is not None:
            return Line("pairs.card_now", {**said, "thread": card.thread_id})
        return Line("pairs.card_now_room", said)
    return Line("pairs.card_alone" if card.alone else "pairs.card_in")


def hours(
    pairing_id: int, zone: str, choices: Sequence[Choice], said: Line | None = None
) -> Message:
    """Return the question for somebody's hours; `choices` are in the reader's words."""
    lines = [] if said is None else [said]
    return Message(
        (*lines, Line("pairs.hours_title", {"city": city_of(zone)})),
        (
            Button("pairs.hours_city", f"pair-city:{pairing_id}"),
            Button("pairs.to_together", f"pair-mine:{pairing_id}"),
        ),
        (
            Menu(
                "pairs.hours_menu",
                f"pair-parts:{pairing_id}",
                tuple(choices),
                most=len(choices),
                least=0,
            ),
        ),
    )


def desk(card: AtDesk, choices: Sequence[Choice], said: Line | None = None) -> Message:
    """Return the card of those who look after the group.

    `choices` are how often pairs can be, in the reader's words.
    """
    title = Line("pairs.desk_title", {"emoji": card.emoji, "group": safe(card.name)})
    lines = [title] if said is None else [said, title]
    buttons: list[Button] = []
    menus: tuple[Menu, ...] = ()
    if card.pairing_id is None:
        lines.append(Line("pairs.desk_how"))
        menus = (Menu("pairs.desk_often", f"pair-often:{card.group_id}", tuple(choices)),)
    else:
        lines += _state(card)
        buttons += _what_to_do(card, card.pairing_id)
    for pairing_id, other in card.with_them:
        lines.append(Line("pairs.desk_with_them", {"group": safe(other.name)}))
        buttons.append(Button("pairs.without_sibling", f"pair-sibling-off:{pairing_id}:them"))
    for pairing_id, other in card.asking:
        lines.append(Line("pairs.desk_asked", {"group": safe(other.name)}))
        buttons.append(Button("pairs.sibling_yes", f"pair-sibling-yes:{pairing_id}", "success"))
        buttons.append(Button("pairs.sibling_no", f"pair-sibling-no:{pairing_id}"))
    buttons.append(Button("pairs.to_desk", f"desk-page:{card.group_id}:together"))
    return Message(tuple(lines), tuple(buttons), menus)


def preview(group_id: int, often: str, first: datetime, second: datetime) -> Message:
    """Return when the first rounds would be, before anything begins."""
    said = {"at": int(first.timestamp()), "next": int(second.timestamp())}
    return Message(
        (Line("pairs.desk_preview", said),),
        (
            Button("pairs.start", f"pair-start:{group_id}:{often}", "primary"),
            Button("pairs.other_time", f"pair-when:{group_id}:{often}"),
            Button("pairs.to_desk", f"pair-desk:{group_id}"),
        ),
    )


def end_sure(group_id: int, pairing_id: int) -> Message:
    """Ask once before pairs are ended."""
    return Message(
        (Line("pairs.end_sure"),),
        (
            Button("pairs.end_yes", f"pair-end-yes:{pairing_id}", "danger"),
            Button("pairs.to_desk", f"pair-desk:{group_id}"),
        ),
    )


def _state(card: AtDesk) -> list[Line]:
    lines: list[Line] = []
    if card.next_at is not None:
        lines.append(Line("pairs.desk_next", {"at": int(card.next_at.timestamp())}))
    else:
        resting = {"thin": "pairs.desk_thin", "host": "pairs.desk_lost_host"}
        lines.append(Line(resting.get(card.why, "pairs.desk_resting")))
    if card.host_id is not None:
        lines.append(Line("pairs.desk_host", {"host": card.host_id}))
    else:
        lines.append(Line("pairs.desk_no_host"))
    if card.people >= LEAST_TOLD:
        lines.append(Line("pairs.desk_many", {"n": card.people}))
    else:
        lines.append(Line("pairs.desk_few" if card.people else "pairs.desk_nobody"))
    if card.last_people >= LEAST_TOLD:
        said = {"pairs": card.last_pairs, "met": card.last_met}
        lines.append(Line("pairs.desk_last", said))
    lines.append(Line("pairs.desk_threads" if card.threads else "pairs.desk_mentions"))
    if card.sibling is not None and card.sibling_state != "none":
        key = "pairs.desk_with" if card.sibling_state == "yes" else "pairs.desk_with_asked"
        lines.append(Line(key, {"group": safe(card.sibling.name)}))
    return lines


def _what_to_do(card: AtDesk, pairing: int) -> list[Button]:
    buttons = (
        [Button("pairs.go_on", f"pair-go-on:{pairing}", "primary")]
        if card.next_at is None and card.why != "host"
        else []
    )
    if not card.hosts_self:
        style = "primary" if card.why == "host" else "secondary"
        buttons.append(Button("pairs.host_it", f"pair-host:{pairing}", style))
    buttons.append(Button("pairs.other_time", f"pair-when:{card.group_id}:{card.often}"))
    other = "pairs.only_mention" if card.threads else "pairs.own_thread"
    buttons.append(Button(other, f"pair-place:{pairing}:{'room' if card.threads else 'thread'}"))
    if card.next_at is not None:
        buttons.append(Button("pairs.pause", f"pair-pause:{pairing}"))
    if card.sibling is not None and card.sibling_state != "none":
        buttons.append(Button("pairs.without_sibling", f"pair-sibling-off:{pairing}"))
    else:
        buttons += [
            Button(
                "pairs.with_sibling",
                f"pair-sibling:{pairing}:{one.group_id}",
                params={"group": one.name},
            )
            for one in card.possible[:SIBLINGS_MOST]
        ]
    buttons.append(Button("pairs.end", f"pair-end:{pairing}", "danger"))
    return buttons
