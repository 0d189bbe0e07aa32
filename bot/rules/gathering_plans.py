"""Gatherings as their hosts see them: the list of a group, one with all its buttons, its dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.gathering_posts import place, when
from bot.rules.gathering_series import Ends, Repeat
from bot.rules.gatherings import EVENTS_MOST, EVENTS_WARN, LARGE, Seen
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

LISTED_MOST = 20
TITLE_IN_MENU = 80


@dataclass(frozen=True, slots=True)
class Planned:
    """A gathering as who plans it sees it; `seen` is its next date."""

    state: str  # draft | proposed | declined | running | paused | over | off
    seen: Seen
    ends: Ends
    event: bool  # also among Discord's own events
    can_event: bool  # that is possible at all
    repeats: tuple[Repeat, ...]  # how it can come round
    announces: bool  # whether the reader may announce it
    hostless: bool
    then: datetime | None  # the date after the one that is seen
    goes_at: datetime  # a draft that is left alone


@dataclass(frozen=True, slots=True)
class Listed:
    """One gathering in the list."""

    gathering_id: int
    title: str
    state: str
    at: datetime | None


def of_group(group_id: int, emoji: str, group: str, found: Sequence[Listed]) -> Message:
    """Return a group's gatherings, with a menu to open one."""
    lines = [Line("gathering.list_title", {"emoji": emoji, "group": safe(group)})]
    for one in found[:LISTED_MOST]:
        at = 0 if one.at is None else int(one.at.timestamp())
        state = one.state if one.state != "running" or one.at is not None else "over"
        lines.append(Line(f"gathering.list_{state}", {"title": safe(one.title), "at": at}))
    if not found:
        lines.append(Line("gathering.list_none"))
    choices = tuple(
        Choice(one.title[:TITLE_IN_MENU], str(one.gathering_id)) for one in found[:LISTED_MOST]
    )
    return Message(
        tuple(lines),
        (
            Button("gathering.new", f"gathering-new:{group_id}", "primary"),
            Button("desk.back", f"desk-page:{group_id}:together"),
        ),
        (Menu("gathering.list_menu", "gathering-open", choices),) if choices else (),
    )


def plan(planned: Planned, repeats: Sequence[Choice] = (), *, events: int = 0) -> Message:
    """Return a gathering with what can be done about it.

    `repeats` are the ways in which it can come round, in the reader's words; `events` is how many
    of Discord's events the server has.
    """
    seen = planned.seen
    lines = [Line("gathering.post", {"title": safe(seen.title)})]
    if seen.words:
        lines.append(Line("gathering.words", {"words": safe(seen.words)}))
    lines += [when(seen), *place(seen, link=True)]
    if seen.most is not None:
        lines.append(Line("gathering.seats", {"most": seen.most}))
    if seen.repeat != "once":
        lines.append(Line(f"gathering.every_{seen.repeat}"))
        if planned.then is not None:
            lines.append(Line("gathering.plan_then", {"at": int(planned.then.timestamp())}))
        lines.append(_ends(planned.ends))
    if seen.host_id is not None and not planned.hostless:
        lines.append(Line("gathering.host", {"user": seen.host_id}))
    if planned.hostless:
        lines.append(Line("gathering.plan_hostless"))
    once = "_once" if planned.state == "running" and seen.repeat == "once" else ""
    goes = {"goes": int(planned.goes_at.timestamp())} if planned.state == "draft" else {}
    lines.append(Line(f"gathering.plan_{planned.state}{once}", goes))
    if planned.event:
        key = "gathering.event_is_link" if seen.place == "link" else "gathering.event_is_voice"
        lines.append(Line(key))
        if events >= EVENTS_WARN:
            lines.append(Line("gathering.event_near", {"n": events, "most": EVENTS_MOST}))
    elif planned.can_event and seen.place == "voice":
        lines.append(Line("gathering.event_large", {"n": LARGE}))
    menus: tuple[Menu, ...] = ()
    if repeats and planned.state in {"draft", "proposed"}:
        menus = (
            Menu("gathering.repeat_menu", f"gathering-repeat:{seen.gathering_id}", tuple(repeats)),
        )
    return Message(tuple(lines), tuple(_plan_buttons(planned)), menus)


def sure(gathering_id: int, title: str, coming: int, *, state: str) -> Message:
    """Ask once before a gathering is called off, or what nobody was told of is removed."""
    told = state in {"running", "paused"}
    key = "gathering.remove_sure"
    if told:
        key = "gathering.off_sure" if coming else "gathering.off_sure_nobody"
    return Message(
        (Line(key, {"title": safe(title), "n": coming}),),
        (
            Button(
                "gathering.off_yes" if told else "gathering.remove_yes",
                f"gathering-off-yes:{gathering_id}",
                "danger",
            ),
            Button("gathering.back", f"gathering-plan:{gathering_id}"),
        ),
    )


def dates(gathering_id: int, title: str, choices: Sequence[Choice]) -> Message:
    """Return the next dates of a gathering, to pick one that shall be different."""
    key = "gathering.dates" if choices else "gathering.dates_none"
    return Message(
        (Line(key, {"title": safe(title)}),),
        (Button("gathering.back", f"gathering-plan:{gathering_id}"),),
        (Menu("gathering.dates_menu", f"gathering-date:{gathering_id}", tuple(choices)),)
        if choices
        else (),
    )


def date(
    gathering_id: int,
    moment: str,
    title: str,
    starts: datetime,
    *,
    state: str,
    moved: bool,
    series: bool,
) -> Message:
    """Return one date with what can be done about it."""
    at = int(starts.timestamp())
    lines = [Line("gathering.date", {"title": safe(title), "at": at})]
    end = f"{gathering_id}:{moment.replace(':', '.')}"
    buttons: list[Button] = []
    if state == "left_out":
        lines.append(Line("gathering.date_left_out"))
        buttons.append(Button("gathering.date_back", f"gathering-put-back:{end}", "primary"))
    else:
        if moved:
            key = "gathering.date_moved" if series else "gathering.date_moved_once"
            lines.append(Line(key))
        buttons.append(Button("gathering.date_move", f"gathering-move:{end}", "primary"))
        if series:
            buttons.append(Button("gathering.date_leave", f"gathering-leave-out:{end}"))
    back = f"gathering-dates:{gathering_id}" if series else f"gathering-plan:{gathering_id}"
    buttons.append(Button("gathering.back", back))
    return Message(tuple(lines), tuple(buttons))


@dataclass(frozen=True, slots=True)
class Retimed:
    """How a series would come round: with the date that stands in the room kept, and moved.

    `typed` is the wall time that was written, `zone` where it is meant. Without a date ahead in the
    room `stands` and `if_moved` are None.
    """

    gathering_id: int
    title: str
    typed: str
    zone: str
    stands: datetime | None
    if_kept: datetime
    if_moved: datetime | None


def regular(retimed: Retimed) -> Message:
    """Ask what shall become of the date that stands in the room, when a series changes its time."""
    assert retimed.stands is not None  # else there is nothing to ask
    assert retimed.if_moved is not None
    fillings = {
        "title": safe(retimed.title),
        "stands": int(retimed.stands.timestamp()),
        "kept": int(retimed.if_kept.timestamp()),
        "moved": int(retimed.if_moved.timestamp()),
    }
    lines = [f"gathering.regular_{part}" for part in ("ask", "if_kept", "if_moved")]
    end = f"{retimed.typed.replace(':', '.')}:{retimed.zone}"
    id_ = retimed.gathering_id
    return Message(
        tuple(Line(line, fillings) for line in lines),
        (
            Button("gathering.regular_keep", f"gathering-retime:{id_}:keep:{end}", "primary"),
            Button("gathering.regular_move", f"gathering-retime:{id_}:move:{end}", "primary"),
            Button("gathering.back", f"gathering-plan:{id_}"),
        ),
    )


def regular_done(gathering_id: int, first: datetime) -> Message:
    """Return that a series comes round at another time."""
    return Message(
        (Line("gathering.regular_done", {"at": int(first.timestamp())}),),
        (Button("gathering.back", f"gathering-plan:{gathering_id}"),),
    )


def proposed(group_id: int, title: str) -> Message:
    """Return the answer to who proposed a gathering."""
    return Message(
        (Line("gathering.proposed", {"title": safe(title)}),),
        (Button("gathering.back", f"together:{group_id}"),),
    )


def refused(reason: str, params: dict[str, object], again: str) -> Message:
    """Return why a form was refused; `again` is the press that opens it as it was typed."""
    return Message((Line(reason, params),), (Button("gathering.fix", again, "primary"),))


def _ends(ends: Ends) -> Line:
    if ends.count is not None:
        return Line("gathering.ends_after", {"n": ends.count})
    if ends.until is not None:
        return Line("gathering.ends_on", {"day": ends.until.isoformat()})
    return Line("gathering.ends_open")


def _plan_buttons(planned: Planned) -> list[Button]:
    seen, state = planned.seen, planned.state
    id_ = seen.gathering_id
    buttons: list[Button] = []
    if state in {"draft", "proposed"}:
        if planned.announces:
            buttons.append(Button("gathering.announce", f"gathering-announce:{id_}", "success"))
        if state == "proposed" and planned.announces:
            buttons.append(Button("gathering.decline", f"gathering-decline:{id_}"))
    if planned.hostless and state in {"running", "paused"}:
        buttons.append(Button("gathering.take", f"gathering-take:{id_}", "success"))
    elif state == "paused":
        buttons.append(Button("gathering.go_on", f"gathering-go-on:{id_}", "success"))
    if state in {"draft", "proposed", "running", "paused"}:
        buttons.append(Button("gathering.change", f"gathering-edit:{id_}"))
        if state in {"running", "paused"}:
            key = "gathering.date_move" if seen.repeat == "once" else "gathering.dates_open"
            buttons.append(Button(key, f"gathering-dates:{id_}"))
            if seen.repeat != "once":
                buttons.append(Button("gathering.regular", f"gathering-regular:{id_}"))
        if seen.repeat != "once":
            buttons.append(Button("gathering.until", f"gathering-until:{id_}"))
        if planned.event:
            buttons.append(Button("gathering.event_off", f"gathering-event:{id_}:off"))
        elif planned.can_event:
            key = "gathering.event_on_link" if seen.place == "link" else "gathering.event_on"
            buttons.append(Button(key, f"gathering-event:{id_}:on"))
        key = "gathering.remove" if state in {"draft", "proposed"} else "gathering.call_off"
        buttons.append(Button(key, f"gathering-off:{id_}", "danger"))
    if planned.announces:
        buttons.append(Button("gathering.back_list", f"gathering-desk:{seen.group_id}"))
    else:
        buttons.append(Button("gathering.back", f"together:{seen.group_id}"))
    return buttons
