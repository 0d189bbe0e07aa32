"""The next moment of a ritual, apart from its series: where it is moved, put back or left out."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.rules import moments
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe


@dataclass(frozen=True, slots=True)
class Next:
    """A ritual's next moment; `place` is where it stands in the series, `after` the one after it.

    `at` None: it does not run. `left_out`: a moment that was left out and is still to come.
    """

    ritual_id: int
    title: str
    at: datetime | None
    place: datetime | None
    after: datetime | None
    host: int | None
    left_out: datetime | None
    rests: bool
    zone: str

    @property
    def moved(self) -> bool:
        """Whether it is held at another time than the series has it."""
        return self.at != self.place

    @property
    def typed(self) -> str:
        """Return the moment as it would be typed."""
        if self.at is None:
            return ""
        local = self.at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        return moments.written(local, self.zone, own_zone=False)


def card(found: Next) -> Message:
    """Return the next moment with what can be done about it alone."""
    ritual = found.ritual_id
    lines = [Line("moving.card", {"title": safe(found.title)})]
    buttons: list[Button] = []
    if found.at is None or found.place is None or found.after is None:
        lines.append(Line("moving.resting"))
        return Message(tuple(lines), (_back(ritual),))
    if found.moved:
        times = {"at": _at(found.at), "place": _at(found.place)}
        lines.append(Line("moving.moved", times))
    else:
        lines.append(Line("moving.at", {"at": _at(found.at)}))
    if found.rests:
        lines.append(Line("moving.on_a_rest"))
    elif found.host is not None:
        lines.append(Line("moving.host", {"user": found.host}))
    lines.append(Line("moving.then", {"at": _at(found.after)}))
    buttons.append(Button("moving.move", f"ritual-move:{ritual}", "primary"))
    if found.moved:
        buttons.append(Button("moving.put_back", f"ritual-move-back:{ritual}"))
    out = f"ritual-leave-out:{ritual}:{_at(found.place)}"
    buttons.append(Button("moving.leave_out", out))
    if found.left_out is not None:
        lines.append(Line("moving.left_out", {"at": _at(found.left_out)}))
        buttons.append(Button("moving.hold", f"ritual-hold:{ritual}"))
    return Message(tuple(lines), (*buttons, _back(ritual)))


def _back(ritual: int) -> Button:
    return Button("desk.back", f"ritual-rota:{ritual}")


def _at(moment: datetime) -> int:
    return int(moment.timestamp())
