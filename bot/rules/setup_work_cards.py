"""What an owner sees of a setup while it is carried out, and when it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.rules.message import Button, Line, Message
from bot.rules.setup_group_cards import Speaks

MOST_SHOWN = 16  # steps; what is over goes first where there are more
MOST_WITH_TROUBLE = 8  # a card holds no more beside what Discord says
MOST_TROUBLES = 2
State = Literal["running", "paused", "done", "cancelled"]


@dataclass(frozen=True, slots=True)
class Work:
    """One step of the work, in words: `key` and `params` are its text's."""

    key: str
    params: Mapping[str, Any]
    state: str  # due | begun | done | stuck | left_out
    trouble: Line | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """How far a setup is, as its owner is shown it."""

    id: int
    state: State
    work: tuple[Work, ...]
    rooms: tuple[int, ...] = ()  # those that are made by now
    forming: int = 0  # groups that are made and not open yet

    @property
    def over(self) -> int:
        """How many steps need nothing more."""
        return sum(one.state in {"done", "left_out"} for one in self.work)

    @property
    def stuck(self) -> bool:
        """Whether nothing goes on but what an owner mends."""
        states = {one.state for one in self.work}
        return self.state == "running" and "stuck" in states and "begun" not in states


def carried(found: Carried, speak: Speaks) -> Message:
    """Return how far a setup is, with what can be pressed meanwhile."""
    head = "stuck" if found.stuck else found.state
    lines = [Line(f"setup.work_head_{head}", {"over": found.over, "count": len(found.work)})]
    troubles: list[Line] = []
    for one in found.work:
        if one.trouble is not None and one.trouble not in troubles:
            troubles.append(one.trouble)
    shown = _shown(found.work, MOST_WITH_TROUBLE if troubles else MOST_SHOWN)
    lines += [
        Line(f"setup.work_step_{one.state}", {"what": speak(one.key, **one.params)})
        for one in shown
    ]
    if len(shown) < len(found.work):
        lines.append(Line("setup.work_more", {"n": len(found.work) - len(shown)}))
    lines += troubles[:MOST_TROUBLES]
    if found.state == "done":
        lines += _afterwards(found)
    return Message(tuple(lines), _buttons(found))


def _buttons(found: Carried) -> tuple[Button, ...]:
    if found.state in {"done", "cancelled"}:
        return (Button("setup.go_through", "setup-go:rights"),)
    buttons = [Button("setup.look_again", f"setup-work:look:{found.id}")]
    if any(one.state == "stuck" for one in found.work):
        buttons.append(Button("setup.try_again", f"setup-work:again:{found.id}", "primary"))
        buttons.append(Button("setup.leave_out", f"setup-work:leave:{found.id}"))
    if found.state == "paused":
        buttons.append(Button("setup.go_on", f"setup-work:on:{found.id}", "primary"))
    else:
        buttons.append(Button("setup.pause", f"setup-work:pause:{found.id}"))
    return (*buttons, Button("setup.cancel", f"setup-work:cancel:{found.id}", "danger"))


def _shown(work: Sequence[Work], most: int) -> Sequence[Work]:
    """Return the steps that a card holds: what needs somebody first, where not all fit."""
    if len(work) <= most:
        return work
    order = ("stuck", "begun", "due", "left_out", "done")
    return sorted(work, key=lambda one: order.index(one.state))[:most]


def _afterwards(found: Carried) -> list[Line]:
    lines: list[Line] = []
    if found.rooms:
        rooms = " ".join(f"<#{room}>" for room in found.rooms)
        lines.append(Line("setup.work_rooms", {"rooms": rooms}))
    if found.forming:
        lines.append(Line("setup.work_forming", {"n": found.forming}))
    return [*lines, Line("setup.work_next")]
