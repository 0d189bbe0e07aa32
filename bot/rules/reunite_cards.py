"""How undoing a split reads: to those who decide, in the rooms, and to who is left behind."""

from typing import Any

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.reuniting import Part, Reunion


def card(reunion: Reunion, here: int, reason: str | None, *, owner: bool) -> Message:
    """Return what undoing would do, or why it cannot be; `here` is the group whose desk it is."""
    back = Button("desk.back", f"desk-open:{here}")
    if reason is not None:
        return Message((Line(f"reunite.not_{reason}", reason_params(reunion)),), buttons=(back,))
    do = (
        Button("reunite.do", f"reunite-do:{reunion.split_id}", "danger")
        if owner
        else Button("reunite.ask", f"reunite-ask:{reunion.split_id}", "primary")
    )
    asks = Line("reunite.sure" if owner else "reunite.owners_decide")
    return Message((*what_would_be(reunion), asks), buttons=(do, back))


def reason_params(reunion: Reunion) -> dict[str, Any]:
    """Return what the texts that say why not are filled with."""
    homes = reunion.homes + reunion.comes
    return {"group": safe(reunion.group), "homes": homes, "cap": reunion.cap}


def what_would_be(reunion: Reunion) -> tuple[Line, ...]:
    """Return what undoing would do, group by group, in sums and never by name."""
    params = {
        "group": safe(reunion.group),
        "at": int(reunion.parted_at.timestamp()),
        "until": int(reunion.until.timestamp()),
    }
    return (
        Line("reunite.head", params),
        *(_part(reunion, part) for part in reunion.parts),
        Line("reunite.would_be", reason_params(reunion)),
    )


def _part(reunion: Reunion, part: Part) -> Line:
    params = {
        "emoji": part.emoji,
        "name": safe(part.name),
        "n": part.comes,
        "stays": part.stays,
        "minimum": reunion.minimum,
    }
    if not part.stays:
        return Line("reunite.part_ends", params)
    return Line(
        "reunite.part_stays" if part.goes_on(reunion.minimum) else "reunite.part_small", params
    )


def desk_lines(reunion: Reunion) -> tuple[Line, ...]:
    """Return the line on the desk while a split is young."""
    at, until = int(reunion.parted_at.timestamp()), int(reunion.until.timestamp())
    return (Line("reunite.on_desk", {"group": safe(reunion.group), "at": at, "until": until}),)


def asked(reunion: Reunion, user_id: int, *, named: bool) -> Message:
    """Return the line to the owners that somebody would rather have a split undone."""
    params = {"user": user_id, "group": safe(reunion.group)}
    return Message(
        (Line("reunite.asked" if named else "reunite.asked_unlisted", params),),
        buttons=(
            Button(
                "reunite.look", f"reunite-look:{reunion.split_id}:{reunion.group_id}", "primary"
            ),
        ),
    )


def done(reunion: Reunion) -> Message:
    """Return that the split is undone, to who did it."""
    params = {"group": safe(reunion.group), "n": reunion.comes}
    return Message(
        (Line("reunite.done", params),),
        buttons=(Button("desk.back", f"desk-open:{reunion.group_id}"),),
    )


def at_home(reunion: Reunion, homes: int) -> Message:
    """Return the words in the room that everybody shares again."""
    params = {"n": reunion.comes, "homes": homes, "group": safe(reunion.group)}
    return Message((Line("reunite.at_home", params),), buttons=(_where(reunion, "home"),))


def farewell(reunion: Reunion, room_id: int | None, until: int) -> Message:
    """Return the last words in a room that is only read from now on."""
    params = {"group": safe(reunion.group), "room": room_id, "until": until}
    key = "reunite.farewell" if room_id is not None else "reunite.farewell_no_room"
    return Message((Line(key, params),), buttons=(_where(reunion, "left"),))


def goes_on(reunion: Reunion, part: Part, *, named: bool, small: bool) -> Message:
    """Return the words in the room of a child that goes on with who moved in since.

    `named` False: the group that the others went back to is named nowhere but in its own room.
    `small`: so few are left that each of them is asked whether they would come along.
    """
    params = {"group": safe(reunion.group), "name": safe(part.name), "n": part.stays}
    lines = [Line("reunite.goes_on" if named else "reunite.goes_on_unlisted", params)]
    if small:
        lines.append(Line("reunite.come_along"))
    return Message(tuple(lines), buttons=(_where(reunion, "on"),))


def _where(reunion: Reunion, which: str) -> Button:
    return Button("splits.where", f"split-where:{reunion.split_id}:{which}")
