"""Rituals as their hosts see them: the list of a group, and one with all its buttons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

PROMPTS_SHOWN = 3
PROMPT_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Hosted:
    """A ritual as its hosts see it; `when` is as they would type it."""

    id: int
    group_id: int
    title: str
    when: str
    zone: str
    prompts: tuple[str, ...]
    pings: str  # asked | nobody | group
    state: str  # paused | running
    host_id: int | None
    coming: tuple[datetime, ...]  # the next moments, running or not
    hosts: tuple[int, ...] = ()  # in the order of their turns
    turn: int | None = None  # who hosts the next one; None: nobody, or all of them are away
    moved: bool = False  # the next one alone
    paused_until: datetime | None = None


def of_group(group_id: int, group: str, rituals: Sequence[Hosted], *, usual_left: bool) -> Message:
    """Return the rituals of a group, with a menu to pick one.

    `usual_left`: groups like it usually have rituals that this one does not.
    """
    lines = [Line("rituals.of_group", {"group": safe(group)})]
    for one in rituals:
        key = "rituals.line_running" if one.state == "running" else "rituals.line_paused"
        at = int((one.paused_until or one.coming[0]).timestamp())
        if one.paused_until is not None:
            key = "moving.line_until"
        lines.append(Line(key, {"title": safe(one.title), "when": safe(one.when), "at": at}))
    if not rituals:
        lines.append(Line("rituals.none_yet" if usual_left else "rituals.none"))
    buttons = [
        Button("rituals.add", f"ritual-add:{group_id}", "primary"),
        Button("resting.button", f"ritual-rests:{group_id}"),
        Button("desk.back", f"desk-open:{group_id}"),
    ]
    if usual_left:
        buttons.insert(1, Button("rituals.usual", f"ritual-usual:{group_id}"))
    choices = tuple(Choice(one.title, str(one.id), one.when) for one in rituals)
    return Message(
        tuple(lines),
        buttons=tuple(buttons),
        menus=(Menu("rituals.pick", "ritual-pick", choices),) if choices else (),
    )


def one(ritual: Hosted) -> Message:
    """Return one ritual with its next moments and what its host can do."""
    lines = [
        Line("rituals.card", {"title": safe(ritual.title)}),
        Line("rituals.card_when", {"when": safe(ritual.when), "zone": ritual.zone}),
        Line(
            "rituals.card_next" if ritual.state == "running" else "rituals.card_would",
            {"moments": " · ".join(f"<t:{int(at.timestamp())}:F>" for at in ritual.coming)},
        ),
        Line(f"rituals.card_pings_{ritual.pings}"),
    ]
    if ritual.moved:
        lines.append(Line("moving.card_moved", {"at": int(ritual.coming[0].timestamp())}))
    if ritual.paused_until is not None:
        until = int(ritual.paused_until.timestamp())
        lines.append(Line("moving.card_until", {"at": until}))
    lines += _hosts(ritual)
    lines.append(Line("rituals.card_prompts", {"n": len(ritual.prompts)}))
    lines += [
        Line("rituals.card_prompt", {"prompt": safe(prompt[:PROMPT_SHOWN])})
        for prompt in ritual.prompts[:PROMPTS_SHOWN]
    ]
    toggle = (
        Button("rituals.pause", f"ritual-pause:{ritual.id}")
        if ritual.state == "running"
        else Button("rituals.start", f"ritual-start:{ritual.id}", "success")
    )
    later: tuple[Button, ...] = ()
    if ritual.state == "running":
        later = (
            Button("moving.pause_button", f"ritual-pause-until:{ritual.id}"),
            Button("moving.next_button", f"ritual-next:{ritual.id}"),
        )
    return Message(
        tuple(lines),
        buttons=(
            toggle,
            *later,
            Button("rota.hosts", f"ritual-rota:{ritual.id}"),
            Button("doing.button", f"ritual-does:{ritual.id}"),
            Button("rituals.edit", f"ritual-edit:{ritual.id}"),
            Button("ritual_kinds.prompts", f"ritual-prompts:{ritual.id}"),
            Button("rituals.remove", f"ritual-remove:{ritual.id}"),
            Button("desk.back", f"rituals-list:{ritual.group_id}"),
        ),
    )


def _hosts(ritual: Hosted) -> list[Line]:
    if len(ritual.hosts) == 1:
        return [Line("rota.card_hosted", {"user": ritual.hosts[0]})]
    if not ritual.hosts:
        return []
    people = ", ".join(f"<@{host}>" for host in ritual.hosts)
    if ritual.turn is None:
        return [Line("rota.card_hosted_away", {"people": people})]
    return [Line("rota.card_hosts", {"people": people, "next": ritual.turn})]


def sure(ritual: Hosted) -> Message:
    """Return the one question before a ritual goes for good."""
    return Message(
        (Line("rituals.remove_sure", {"title": safe(ritual.title)}),),
        buttons=(
            Button("rituals.remove_yes", f"ritual-remove-yes:{ritual.id}", "danger"),
            Button("desk.back", f"ritual-show:{ritual.id}"),
        ),
    )


def refused(reason: str, params: dict[str, object], again: str) -> Message:
    """Return why a form was refused; `again` is the press that opens it as it was typed."""
    return Message((Line(reason, params),), buttons=(Button("rituals.fix_it", again, "primary"),))
