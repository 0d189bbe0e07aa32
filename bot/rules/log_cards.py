"""What owners read in /hearth log: one line per act, what it changed, and what can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe

PER_PAGE = 6
SHOWN = 4  # changed things per act; what else changed is counted
LONGEST = 40  # characters of a value that are shown
ROOMS = frozenset(
    ("commons_id", "facilitators_room_id", "moderators_room_id", "owners_room_id", "room_id")
)
ROLES = frozenset(("owner_role_id", "role_id", "safety", "restricted"))
# Our own numbers, which say nothing to a person.
HIDDEN = frozenset(("type_id", "adoption_id", "split_id"))


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the log, ready to be shown; names are as they were typed."""

    id: int
    at: datetime
    by_user_id: int
    action: str
    group: str | None = None  # None: it was about no group, or the group is gone
    user_id: int | None = None
    before: Mapping[str, Any] = field(default_factory=dict[str, Any])
    after: Mapping[str, Any] = field(default_factory=dict[str, Any])
    undone_at: datetime | None = None
    undone_by_user_id: int | None = None
    undoable: bool = False
    would_be: tuple[Line, ...] = ()  # what undoing it does, where that is more than the act's turn


def page(acts: Sequence[Act], number: int, *, older: bool) -> Message:
    """Return one page of the log, newest first; `number` counts from 0."""
    lines = [Line("log.head") if acts else Line("log.empty")]
    buttons: list[Button] = []
    for place, act in enumerate(acts, start=1):
        lines += told(act, place)
        if act.undoable and act.undone_at is None:
            buttons.append(Button("log.undo", f"log-undo:{act.id}", params={"place": place}))
    if number:
        buttons.append(Button("log.newer", f"log-page:{number - 1}", row=4))
    if older:
        buttons.append(Button("log.older", f"log-page:{number + 1}", row=4))
    return Message(tuple(lines), tuple(buttons))


def told(act: Act, place: int | None = None) -> list[Line]:
    """Return who did what, and below it what changed."""
    params = {
        "mark": "" if place is None else f"**{place}** · ",
        "at": int(act.at.timestamp()),
        "by": f"<@{act.by_user_id}>" if act.by_user_id else "Hearth",
        "group": safe(act.group or _name(act)),
        "user": f"<@{act.user_id}>" if act.user_id else "—",
    }
    lines = [Line(f"log.did_{act.action.replace('-', '_')}", params)]
    changed = [
        key
        for key in sorted(act.before.keys() & act.after.keys() - HIDDEN)
        if act.before[key] != act.after[key]
    ]
    for key in changed[:SHOWN]:
        values = {"before": _value(key, act.before[key]), "after": _value(key, act.after[key])}
        lines.append(Line(f"log.now_{key}", values))
    if len(changed) > SHOWN:
        lines.append(Line("log.more_changed", {"n": len(changed) - SHOWN}))
    if act.undone_at is not None:
        by = f"<@{act.undone_by_user_id}>" if act.undone_by_user_id else "Hearth"
        lines.append(Line("log.undone_since", {"at": int(act.undone_at.timestamp()), "by": by}))
    return lines


def asked(act: Act) -> Message:
    """Return the question before an act is undone, with what it was."""
    buttons = (
        Button("log.undo_it", f"log-undo-sure:{act.id}", "danger"),
        Button("log.keep_it", "log-page:0"),
    )
    return Message((*told(act), *act.would_be, Line("log.undo_asks")), buttons)


def undone(act: Act) -> Message:
    """Return that an act is undone."""
    return Message((Line("log.undone"), *told(act)), (Button("log.back", "log-page:0"),))


def _name(act: Act) -> str:
    """Return what an act was about where that is no group any more, or never was one."""
    return str(act.after.get("name") or act.after.get("type") or act.before.get("name") or "—")


def _value(key: str, value: Any) -> str:
    if value is None or value in ("", [], ()):
        return "—"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if key in ROOMS:
        return f"<#{value}>"
    if key in ROLES:
        roles = cast("Sequence[int]", value if isinstance(value, Sequence) else (value,))
        return " ".join(f"<@&{role}>" for role in roles)
    if key == "closes_at":  # the end of a day is the beginning of the next: the day itself is shown
        return f"<t:{int(datetime.fromisoformat(str(value)).timestamp()) - 1}:D>"
    if key == "colour":
        return f"#{int(value):06x}"
    text = str(value)
    return safe(text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…")
