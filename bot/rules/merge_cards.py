"""What people read when one group may move in with another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.charter import Charter
from bot.rules.merging import Bond
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

LONGEST = 140  # characters of a charter's field that stand beside another's


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two groups as those see it who decide."""

    group_id: int
    charter: Charter
    homes: int
    cap: int
    type: str

    @property
    def name(self) -> str:
        """The group's name, ready for a text."""
        return safe(self.charter.name)


@dataclass(frozen=True, slots=True)
class Outline:
    """A merge, thought of or agreed on, as those see it who decide."""

    goes: Half
    stays: Half
    bond: Bond
    days: int  # between the notice and the move
    merge_id: int | None = None  # None: nobody has asked yet
    state: str = "thought"  # thought, or as in Merge.state
    goes_agreed: bool = False
    stays_agreed: bool = False
    mine: bool = False  # the reader's word is still missing
    runs_at: datetime | None = None
    left: int = 0  # whose seats cannot come along, because of what moderators decided
    by_owner: bool = False  # an owner brings any two together
    here: int = 0  # the group whose side the reader is on, for the way back


def outline(o: Outline) -> Message:
    """Return both groups side by side, and what can be said about it now."""
    both = {"goes": o.goes.name, "stays": o.stays.name}
    lines = [Line("merging.side_by_side"), *_half(o.goes), *_half(o.stays), *_common(o)]
    lines.append(
        Line(
            "merging.who_moves",
            {**both, "n": o.goes.homes, "days": o.days, "all": o.goes.homes + o.stays.homes},
        )
    )
    if o.left:
        lines.append(Line("merging.some_left", {**both, "n": o.left}))
    if o.state == "thought":
        if o.by_owner:
            press = f"merge-bring:{o.goes.group_id}:{o.stays.group_id}"
            ask = Button("merging.ask_both", press, "primary")
            return Message((*lines, Line("merging.owner_sure")), buttons=(ask,))
        other = o.stays if o.here == o.goes.group_id else o.goes
        press = f"merge-ask:{o.here}:{other.group_id}"
        return Message(
            tuple(lines),
            buttons=(
                Button("merging.ask_them", press, "primary"),
                Button("merging.back", f"merge-others:{o.here}"),
            ),
        )
    lines.append(_stands(o))
    if o.state == "planned":
        buttons = (
            *((Button("merging.yes", f"merge-yes:{o.merge_id}", "success"),) if o.mine else ()),
            Button(
                "merging.no" if o.mine else "merging.take_back",
                f"merge-no:{o.merge_id}",
            ),
        )
        return Message(tuple(lines), buttons=buttons)
    if o.state == "told":
        off = Button("merging.call_off", f"merge-off:{o.merge_id}", "danger")
        return Message(tuple(lines), buttons=(off,))
    return Message(tuple(lines))


def _half(half: Half) -> list[Line]:
    charter = half.charter
    lines = [
        Line(
            "merging.half",
            {
                "emoji": charter.emoji,
                "group": half.name,
                "n": half.homes,
                "cap": half.cap,
                "type": safe(half.type),
            },
        )
    ]
    lines += [
        Line(f"merging.half_{name}", {"said": safe(_short(said))})
        for name, said in (
            ("purpose", charter.purpose),
            ("for_whom", charter.for_whom),
            ("unites", charter.unites),
            ("norms", charter.norms),
        )
        if said
    ]
    return lines


def _short(said: str) -> str:
    flat = " · ".join(line.strip() for line in said.splitlines() if line.strip())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"


def _common(o: Outline) -> list[Line]:
    if o.bond.kin:
        return [Line("merging.kin")]
    if o.bond.visits:
        return [Line("merging.visits", {"n": o.bond.visits})]
    return []


def _stands(o: Outline) -> Line:
    both = {"goes": o.goes.name, "stays": o.stays.name}
    if o.state == "told" and o.runs_at is not None:
        return Line("merging.told_until", {"at": int(o.runs_at.timestamp())})
    if o.state in {"moving", "done"}:
        return Line("merging.has_moved", both)
    if o.state == "dropped":
        return Line("merging.dropped")
    if o.mine:
        return Line("merging.your_word")
    waits_for = o.stays.name if o.goes_agreed else o.goes.name
    return Line("merging.waits_for", {"group": waits_for})


def others(group_id: int, group: str, found: Sequence[tuple[int, str, str]]) -> Message:
    """Return which groups a small one could move in with, as a menu; best first.

    `found` are (id, what stands in the menu, what stands below it), in the reader's words.
    """
    back = Button("merging.back", f"small-open:{group_id}")
    if not found:
        return Message((Line("merging.nobody_fits", {"group": safe(group)}),), buttons=(back,))
    choices = tuple(Choice(label, str(id_), below) for id_, label, below in found)
    return Message(
        (Line("merging.choose", {"group": safe(group)}),),
        buttons=(back,),
        menus=(Menu("merging.choose_menu", f"merge-look:{group_id}", choices),),
    )


def waits(merge_id: int, side: int, deciders: Sequence[int], mark: str) -> Message:
    """Return the line that something waits, in a room where others read too.

    `mark` tells lines about the same merge from each other.
    """
    line = Line("merging.for_owners")
    if deciders:
        line = Line("merging.for_you", {"people": " ".join(f"<@{user}>" for user in deciders)})
    return Message(
        (line,),
        buttons=(Button("merging.open", f"merge-open:{merge_id}:{side}:{mark}", "primary"),),
        users=tuple(deciders),
    )


def notice_moving(o: Outline, role_id: int | None) -> Message:
    """Return what the group is told that moves: once, loud, with its role where it has one."""
    assert o.runs_at is not None
    params = {"goes": o.goes.name, "stays": o.stays.name, "at": int(o.runs_at.timestamp())}
    lines = [Line("merging.notice_moving", {**params, "n": o.stays.homes})]
    if role_id is not None:
        lines.insert(0, Line("splits.notice_role", {"role": role_id}))
    return Message(
        tuple(lines),
        buttons=_notice_buttons(o, o.goes.group_id),
        roles=() if role_id is None else (role_id,),
        loud=True,
    )


def notice_staying(o: Outline) -> Message:
    """Return what the group is told that others move in with."""
    assert o.runs_at is not None
    params = {"goes": o.goes.name, "at": int(o.runs_at.timestamp()), "n": o.goes.homes}
    return Message(
        (Line("merging.notice_staying", params),), buttons=_notice_buttons(o, o.stays.group_id)
    )


def _notice_buttons(o: Outline, group_id: int) -> tuple[Button, ...]:
    return (
        Button("merging.what_changes", f"merge-where:{o.merge_id}:{group_id}", "primary"),
        Button("merging.id_rather", f"merge-rather:{o.merge_id}:{group_id}"),
    )


def called_off(merge_id: int, group_id: int, *, full: bool) -> Message:
    """Return the line in a room when a merge that was told will not be."""
    return Message(
        (Line("merging.off_full" if full else "merging.off"),),
        buttons=(Button("merging.what_changes", f"merge-where:{merge_id}:{group_id}:off"),),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """What a merge means for one member."""

    merge_id: int
    state: str
    goes: str
    stays: str
    side: str | None  # goes | stays; None: they live in neither
    runs_at: datetime | None
    elsewhere: bool = False  # they said that they look for another home
    room_id: int | None = None  # once it is over: where they live now
    introduced: bool = False  # they told the group about themselves


def place(where: Place) -> Message:
    """Return what a merge means for one member, for their eyes only."""
    names = {"goes": safe(where.goes), "stays": safe(where.stays)}
    if where.state == "dropped":
        return Message((Line("merging.is_off_for_you"),))
    if where.side is None:
        return Message((Line("merging.nothing_for_you"),))
    if where.state in {"moving", "done"} or where.runs_at is None:
        if where.room_id is None:
            return Message((Line("merging.you_live", names),))
        return Message((Line("merging.you_live_here", {**names, "room": where.room_id}),))
    names |= {"at": int(where.runs_at.timestamp())}
    rather = Button("merging.id_rather", f"merge-rather:{where.merge_id}:0:own")
    if where.side == "stays":
        return Message((Line("merging.you_stay", names),), buttons=(rather,))
    if where.elsewhere:
        return Message(
            (Line("merging.you_go_elsewhere", names),),
            buttons=(
                Button("merging.come_along", f"merge-along:{where.merge_id}", "success"),
                *_ways_out(),
            ),
        )
    lines = [Line("merging.you_move", names)]
    if where.introduced:
        lines.append(Line("merging.introduction_too"))
    return Message(tuple(lines), buttons=(rather,))


def rather(where: Place) -> Message:
    """Return what a member may do who would rather not: another home, by a free move."""
    if where.state != "told" or where.side is None or where.runs_at is None:
        return place(where)
    names = {
        "goes": safe(where.goes),
        "stays": safe(where.stays),
        "at": int(where.runs_at.timestamp()),
    }
    if where.side == "stays":
        return Message((Line("merging.rather_stays", names),), buttons=_ways_out())
    if where.elsewhere:
        return place(where)
    return Message(
        (Line("merging.rather_goes", names),),
        buttons=(
            *_ways_out(),
            Button("merging.without_me", f"merge-without:{where.merge_id}", "danger"),
        ),
    )


def _ways_out() -> tuple[Button, ...]:
    return (
        Button("merging.find_home", "find-open", "primary"),
        Button("merging.all_groups", "groups-page:0"),
    )


def arrived(
    merge_id: int, o: Outline, moved: int, until: datetime, *, rituals_wait: bool
) -> Message:
    """Return the first words in the room of the two that are one now."""
    params = {
        "goes": o.goes.name,
        "stays": o.stays.name,
        "n": moved,
        "until": int(until.timestamp()),
    }
    lines = [Line("merging.arrived", params)]
    if rituals_wait:
        lines.append(Line("merging.rituals_wait", params))
    return Message(
        tuple(lines), buttons=(Button("merging.what_changes", f"merge-where:{merge_id}:0:in"),)
    )


def farewell(merge_id: int, stays: str, room_id: int | None, until: datetime) -> Message:
    """Return the last words in the room that is only read from now on."""
    params = {"stays": safe(stays), "room": room_id, "until": int(until.timestamp())}
    key = "merging.farewell" if room_id is not None else "merging.farewell_no_room"
    return Message(
        (Line(key, params),),
        buttons=(Button("merging.what_changes", f"merge-where:{merge_id}:0:out"),),
    )


def left(merge_id: int, user_id: int) -> Message:
    """Return the line in the commons for somebody whose seat could not come along."""
    return Message(
        (Line("merging.left_line", {"user": user_id}),),
        buttons=(Button("merging.open", f"home-open:merge-left-{merge_id}-{user_id}"),),
        users=(user_id,),
    )
