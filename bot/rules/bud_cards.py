"""What is said about budding: asked privately, and begun by those who want it."""

from dataclasses import dataclass
from datetime import datetime

from bot.rules.budding import FEWEST, MOST, MOST_ASKED
from bot.rules.group_messages import plain
from bot.rules.message import Button, Line, Menu, Message
from bot.rules.naming import safe


@dataclass(frozen=True, slots=True)
class Bud:
    """A bud as its cards show it; who said no is not among the numbers."""

    id: int
    group_id: int
    group: str
    founder_id: int
    name: str
    emoji: str
    purpose: str
    yes: int
    asked: int  # how many have been asked so far, whatever they said
    least: int  # how many have to go with the founder
    most: int
    until: datetime


def offer(group_id: int, group: str, *, lives_there: bool) -> Message:
    """Return what budding is, to those who look after a group where nobody begins one yet."""
    lines = [Line("buds.what", {"group": safe(group), "fewest": FEWEST, "most": MOST})]
    lines.append(Line("buds.who"))
    buttons = [_back(group_id)]
    if lives_there:
        buttons.insert(0, Button("buds.myself", f"bud-myself:{group_id}", "primary"))
    menu = Menu("buds.who_menu", f"bud-ask:{group_id}", kind="people")
    return Message(tuple(lines), tuple(buttons), (menu,))


def waits(bud: Bud) -> Message:
    """Return how it stands, to those who look after the group: no names but the founder's."""
    names = {"group": safe(bud.group), "user": bud.founder_id, "at": _at(bud.until)}
    if not bud.name:
        lines = [Line("buds.founder_asked", names)]
    else:
        called = {"bud": safe(f"{bud.emoji} {bud.name}".strip())}
        lines = [Line("buds.gathers", {**names, **called, "n": bud.yes, "least": bud.least})]
    return Message(
        tuple(lines),
        (Button("buds.call_off", f"bud-off:{bud.id}", "danger"), _back(bud.group_id)),
    )


def line(user_id: int, bud_id: int, asked_at: datetime) -> Message:
    """Return the neutral line in the room: a button, and not what it is about."""
    return Message(
        (Line("buds.line", {"user": user_id}),),
        (Button("buds.look", f"bud-look:{bud_id}:{user_id}:{_at(asked_at)}", "primary"),),
        users=(user_id,),
    )


def question(bud: Bud) -> Message:
    """Return the question to somebody who might begin a group."""
    names = {"group": safe(bud.group), "fewest": FEWEST, "most": MOST, "at": _at(bud.until)}
    return Message(
        (Line("buds.question", names), Line("buds.question_free")),
        (
            Button("buds.yes_founder", f"bud-name:{bud.id}", "success"),
            Button("buds.no_thanks", f"bud-no:{bud.id}"),
        ),
    )


def gathering(bud: Bud) -> Message:
    """Return the founder's own card: who said yes is a number, who said no nothing at all."""
    called = {"bud": safe(f"{bud.emoji} {bud.name}".strip()), "group": safe(bud.group)}
    lines = [Line("buds.yours", {**called, "purpose": safe(bud.purpose)})]
    at = {"at": _at(bud.until), "least": bud.least}
    if bud.asked:
        lines.append(Line("buds.so_far", {"n": bud.yes, **at}))
    else:
        lines.append(Line("buds.whom", {"fewest": bud.least, "most": bud.most}))
    buttons: list[Button] = []
    if bud.yes >= bud.least:
        lines.append(Line("buds.enough"))
        buttons.append(Button("buds.begin", f"bud-begin:{bud.id}", "success"))
    buttons += [
        Button("buds.rename", f"bud-name:{bud.id}"),
        Button("buds.call_off", f"bud-off:{bud.id}", "danger"),
    ]
    left = MOST_ASKED - bud.asked
    menus: tuple[Menu, ...] = ()
    if left > 0:
        label = "buds.guests_more" if bud.asked else "buds.guests"
        menus = (Menu(label, f"bud-guests:{bud.id}", most=min(bud.most, left), kind="people"),)
    return Message(tuple(lines), tuple(buttons), menus)


def invitation(bud: Bud, *, said_yes: bool) -> Message:
    """Return what somebody reads who is asked along, for their eyes only."""
    called = {"bud": safe(f"{bud.emoji} {bud.name}".strip()), "group": safe(bud.group)}
    lines = [
        Line("buds.invited", {**called, "user": bud.founder_id}),
        Line("buds.invited_purpose", {"purpose": safe(bud.purpose)}),
        Line("buds.invited_how", {**called, "least": bud.least, "at": _at(bud.until)}),
    ]
    if said_yes:
        lines.append(Line("buds.you_are_in"))
        return Message(tuple(lines), (Button("buds.rather_stay", f"bud-out:{bud.id}"),))
    lines.append(Line("buds.free_to_say_no"))
    return Message(
        tuple(lines),
        (
            Button("buds.im_in", f"bud-in:{bud.id}", "success"),
            Button("buds.no_thanks", f"bud-out:{bud.id}"),
        ),
    )


def arrived(name: str, emoji: str, count: int, *, stem: str, until: datetime) -> tuple[Line, ...]:
    """Return what the new room reads first; `count` people live there, the founder among them."""
    return (
        Line("buds.arrived", {"bud": safe(plain(emoji, name)), "n": count}),
        Line("buds.arrived_doors", {"group": safe(stem), "at": _at(until)}),
    )


def left(
    bud_id: int, founder_id: int, others: int, *, bud: str | None, visit: int | None
) -> Message:
    """Return what the old room reads.

    `bud` is the new group's name, None where only its own room names it; `visit` is the group,
    where visitors come in.
    """
    key = "buds.left" if bud is not None else "buds.left_unnamed"
    params = {"user": founder_id, "n": others, "bud": safe(bud or "")}
    buttons = [Button("buds.my_home", f"home-open:bud:{bud_id}")]
    if visit is not None:
        buttons.append(Button("buds.visit", f"visit:{visit}"))
    return Message((Line(key, params), Line("buds.left_stay")), tuple(buttons))


def over(bud_id: int) -> Message:
    """Return what who said yes reads, for their eyes only, when it does not come to a beginning."""
    return Message((Line("buds.over"),), (Button("buds.my_home", f"home-open:bud:{bud_id}"),))


def _back(group_id: int) -> Button:
    return Button("desk.back", f"desk-open:{group_id}")


def _at(moment: datetime) -> int:
    return int(moment.timestamp())
