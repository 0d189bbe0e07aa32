"""How a split reads: to facilitators, to the group, to each member who asks where they will be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe


@dataclass(frozen=True, slots=True)
class Child:
    """One of the groups to be; `agreed` False: the person would have to say yes first."""

    name: str
    emoji: str
    size: int
    facilitator_id: int | None = None
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """A split as those see it who decide on it."""

    split_id: int
    group_id: int
    group: str
    homes: int
    cap: int
    children: tuple[Child, ...]  # the first keeps the room
    state: str  # planned | told | moving
    kept_weight: float
    stranded: int
    between: int
    counted: bool  # whether anybody's talk has been counted: else the figures say nothing
    mark: str  # tells this plan from another
    by_itself: bool  # members are told without a word from facilitators
    ask_again_at: datetime | None = None
    runs_at: datetime | None = None
    early: bool = False  # asked for before the group was full
    no_until: datetime | None = None  # suggested: until when the others may say no
    with_owners: bool = False  # nobody said no: an owner has the last word
    refused_by: str | None = None  # who said no last: facilitators | owners
    by_owner: bool = False  # it is an owner who reads it
    many_lead: bool = False  # more than one person looks after the group
    by_hand: int = 0  # how many were put elsewhere by facilitators


@dataclass(frozen=True, slots=True)
class Place:
    """Where one member will be; `child` None: they do not live in the group."""

    split_id: int
    group: str
    state: str  # planned | told | moving | done | dropped
    child: int | None
    children: tuple[Child, ...]
    between: bool = False
    chosen: bool = False
    wishes: int | None = None  # the child they would rather be in, which can take nobody more
    runs_at: datetime | None = None
    room_id: int | None = None  # once it is done


def waits(split_id: int, group_id: int, asked: int, deciders: Sequence[int]) -> Message:
    """Return the line in a room where others read too: it names no group and nobody in the plan.

    `asked` tells one round of asking from the next.
    """
    people = " ".join(f"<@{user}>" for user in deciders)
    return Message(
        (Line("splits.for_you", {"people": people}) if people else Line("splits.for_owners"),),
        buttons=(Button("splits.open", f"split-look:{group_id}:{split_id}:{asked}", "primary"),),
        users=tuple(deciders),
    )


def on_desk(outline: Outline, group_id: int) -> Message:
    """Return the split behind the desk's button, with the way back."""
    return with_way_back(preview(outline), group_id)


def changed(outline: Outline, group_id: int) -> Message:
    """Return the plan as it is now, to who said yes to an older one."""
    now = on_desk(outline, group_id)
    return replace(now, lines=(Line("splits.changed"), *now.lines))


def with_way_back(message: Message, group_id: int) -> Message:
    """Return the message with a button that leads to the group's desk."""
    back = Button("desk.back", f"desk-open:{group_id}")
    return replace(message, buttons=(*message.buttons, back))


def preview(outline: Outline, asked: int | str = 0) -> Message:
    """Return the split as its deciders see it; `asked` tells one round of asking from the next.

    [Tell the members] carries the plan's mark, so that nobody agrees to another than they read.
    """
    key = "splits.preview" if len(outline.children) == 2 else "splits.preview_more"
    lines = [
        Line(
            "splits.preview_early" if outline.early else key,
            {
                "group": safe(outline.group),
                "homes": outline.homes,
                "cap": outline.cap,
                "count": len(outline.children),
            },
        ),
        *child_lines(outline.children),
        *(
            # A figure that changes with each move would tell of the ties of whoever is moved.
            (Line("splits.by_hand", {"n": outline.by_hand}),)
            if outline.by_hand
            else kept_lines(outline.kept_weight, outline.stranded, counted=outline.counted)
        ),
    ]
    if outline.counted and outline.between and not outline.by_hand:
        lines.append(Line("splits.between", {"n": outline.between}))
    if outline.state == "planned" and outline.refused_by is not None:
        lines.append(Line(f"splits.refused_{outline.refused_by}"))
    lines += _what_next(outline)
    return Message(tuple(lines), buttons=_decide(outline, asked))


def _decide(outline: Outline, asked: int | str) -> tuple[Button, ...]:
    """Return what can be decided about a split by who reads it."""
    change = Button("splits.change", f"split-change:{outline.split_id}:{asked}")
    if outline.state == "told":
        off = Button("splits.call_off", f"split-off:{outline.split_id}", "danger")
        return (off, change)
    if outline.state != "planned":
        return ()
    ident = f"{outline.split_id}:{asked}"
    press = f"split-tell:{ident}:{outline.mark}"
    no = f"split-not-now:{ident}"
    if outline.no_until is not None:
        if outline.by_owner:
            return (
                Button("splits.yes_tell", press, "primary"),
                Button("splits.not_now", no),
            )
        return (Button("splits.no_not_now", no),)
    return (
        Button("splits.tell", press, "primary"),
        change,
        Button("splits.names", f"split-names:{ident}"),
        Button("splits.not_now", no),
    )


def child_lines(children: Sequence[Child]) -> list[Line]:
    """Return a line for each of the groups to be; the first keeps the room."""
    first, *others = children
    return [
        _child("splits.keeps_room", "splits.keeps_room_with", "splits.keeps_room_if", first),
        *(
            _child("splits.new_room", "splits.new_room_with", "splits.new_room_if", other)
            for other in others
        ),
    ]


def kept_lines(kept_weight: float, stranded: int, *, counted: bool) -> list[Line]:
    """Return what a plan keeps; `counted`: whether anybody's talk has been counted at all."""
    if not counted:
        return [Line("splits.nothing_counted")]
    return [
        # Rounded down: "100 %" is said only where it is true.
        Line("splits.kept", {"percent": int(kept_weight * 100 + 1e-9)}),
        Line("splits.some_alone", {"n": stranded}) if stranded else Line("splits.nobody_alone"),
    ]


def _child(key: str, with_key: str, if_key: str, child: Child) -> Line:
    params = {
        "emoji": child.emoji,
        "name": safe(child.name),
        "n": child.size,
        "user": child.facilitator_id,
    }
    if child.facilitator_id is None:
        return Line(key, params)
    return Line(with_key if child.agreed else if_key, params)


def _what_next(outline: Outline) -> list[Line]:
    if outline.state == "moving":
        return [Line("splits.moving_now")]
    if outline.state == "told" and outline.runs_at is not None:
        return [Line("splits.told_until", {"at": int(outline.runs_at.timestamp())})]
    if outline.with_owners:
        return [Line("splits.waits_for_owners")]
    if outline.no_until is not None:
        return [Line("splits.waits_for_no", {"at": int(outline.no_until.timestamp())})]
    if outline.by_itself and outline.ask_again_at is not None:
        at = {"at": int(outline.ask_again_at.timestamp())}
        return [Line("splits.tells_by_itself", at)]
    key = "splits.the_way" if outline.many_lead else "splits.the_way_alone"
    way = [] if outline.by_itself or outline.by_owner else [Line(key)]
    if outline.ask_again_at is None:
        return [*way, Line("splits.your_word")]
    return [*way, Line("splits.asks_again", {"at": int(outline.ask_again_at.timestamp())})]


def unanswered(split_id: int, group_id: int, group: str | None, rounds: int) -> Message:
    """Return the line to the owners when facilitators did not answer.

    `group` is None for a group that is named nowhere but in its own room.
    """
    line = (
        Line("splits.unanswered_unlisted", {"n": rounds})
        if group is None
        else Line("splits.unanswered", {"group": safe(group), "n": rounds})
    )
    return Message(
        (line,),
        buttons=(Button("splits.look", f"split-look:{group_id}:{split_id}", "primary"),),
    )


def no_place(group_id: int, group: str | None, deciders: Sequence[int]) -> Message:
    """Return the line that a full group stays one, in a room where others read too.

    `group` is None for a group that is named nowhere but in its own room. Without `deciders` it is
    for the owners, who can make place.
    """
    if deciders:
        line = Line("splits.for_you", {"people": " ".join(f"<@{user}>" for user in deciders)})
    elif group is None:
        line = Line("splits.no_place_unlisted")
    else:
        line = Line("splits.no_place_owners", {"group": safe(group)})
    return Message(
        (line,),
        buttons=(Button("splits.open", f"split-look:{group_id}", "primary"),),
        users=tuple(deciders),
    )


def notice(
    split_id: int,
    children: Sequence[Child],
    runs_at: datetime,
    role_id: int | None,
    *,
    doors: bool,
) -> Message:
    """Return what the group is told: once, loud, with its role where it has one."""
    names = [safe(child.name) for child in children]
    params = {
        "at": int(runs_at.timestamp()),
        "first": names[0],
        "second": names[1],
        "count": len(names),
        "names": " · ".join(f"**{name}**" for name in names),
    }
    more = "" if len(names) == 2 else "_more"
    lines = [
        Line(f"splits.notice{more}", params),
        Line(f"splits.notice_doors{more}" if doors else f"splits.notice_visits{more}", params),
    ]
    if role_id is not None:
        lines.insert(0, Line("splits.notice_role", {"role": role_id}))
    return Message(
        tuple(lines),
        buttons=(
            Button("splits.where", f"split-where:{split_id}", "primary"),
            Button("splits.with", f"split-with:{split_id}"),
        ),
        roles=() if role_id is None else (role_id,),
        loud=True,
    )


def called_off(split_id: int) -> Message:
    """Return the line in the room when a split that was told has become pointless."""
    return Message(
        (Line("splits.called_off"),),
        buttons=(Button("splits.where", f"split-where:{split_id}:off"),),
    )


def place(where: Place) -> Message:
    """Return one member's own place, for their eyes only, with the choice while there is one."""
    if where.state == "dropped":
        return Message((Line("splits.off"),))
    if where.child is None:
        return Message((Line("splits.not_a_member"),))
    mine = where.children[where.child]
    params = {"name": safe(mine.name), "n": max(mine.size - 1, 0)}
    if where.state in {"moving", "done"} or where.runs_at is None:
        if where.room_id is None:
            return Message((Line("splits.you_live", params),))
        return Message((Line("splits.you_live_here", {**params, "room": where.room_id}),))
    lines = [Line("splits.you_chose" if where.chosen else "splits.you_will", params)]
    if mine.facilitator_id is not None and mine.agreed:
        lines.append(Line("splits.led_by", {"user": mine.facilitator_id, "name": safe(mine.name)}))
    if where.wishes is not None:
        other = safe(where.children[where.wishes].name)
        lines.append(Line("splits.wish_kept", {**params, "other": other}))
    elif where.between and not where.chosen:
        lines.append(Line("splits.you_stand_between"))
    lines.append(Line("splits.until", {"at": int(where.runs_at.timestamp())}))
    return Message(
        tuple(lines),
        buttons=(
            _choose("splits.stay_with", where, where.child),
            *(
                _choose("splits.rather_with", where, index)
                for index in range(len(where.children))
                if index != where.child
            ),
        ),
    )


def _choose(key: str, where: Place, child: int) -> Button:
    press = f"split-choose:{where.split_id}:{child}"
    style = "success" if child == where.child else "secondary"
    return Button(key, press, style, {"name": where.children[child].name})


def arrived(
    child: Child,
    *,
    doors: Sequence[tuple[str, datetime]],
    rituals_wait: bool,
    charter: Message,
) -> Message:
    """Return the first words in a new group's room, above its charter: one message for both.

    `doors` are the names of the rooms that stay open to its people, and until when.
    """
    params = {"emoji": child.emoji, "name": safe(child.name), "n": child.size}
    lines = [Line("splits.arrived", params)]
    if child.facilitator_id is not None and child.agreed:
        lines.append(
            Line("splits.led_by", {"user": child.facilitator_id, "name": safe(child.name)})
        )
    for name, until in doors:
        lines.append(Line("splits.door", {"other": safe(name), "at": int(until.timestamp())}))
    if rituals_wait:
        lines.append(Line("splits.rituals_wait"))
    return replace(charter, lines=(*lines, *charter.lines))
