"""The panel in the commons: three buttons for everyone, posted anew when its figures are stale.

One message is not edited for ever: what nobody sees any more is posted again, and the old one goes
once the new one stands. Whoever deletes the panel by hand has decided that there is none.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.rules.message import Button, Line, Message

REPOST_AFTER = timedelta(days=1)  # at most one a day
SCROLLED = 15  # messages below it: by then a phone shows it no more
LITTLE_GROUPS, LITTLE_SEATS = 0.1, 0.2  # shares of what stood there; more is much


@dataclass(frozen=True, slots=True)
class Figures:
    """What the panel says: open groups, and seats that could be moved into."""

    groups: int
    seats: int


def changed_much(then: Figures, now: Figures) -> bool:
    """Return whether what stands there would mislead somebody by now."""
    if (then.seats == 0) != (now.seats == 0) or (then.groups == 0) != (now.groups == 0):
        return True
    return (
        abs(now.groups - then.groups) > LITTLE_GROUPS * then.groups
        or abs(now.seats - then.seats) > LITTLE_SEATS * then.seats
    )


def panel(panel_id: int, figures: Figures) -> Message:
    """Return the panel; each has ids of its own, by which it is recognised."""
    lines = [Line("panel.head"), Line("panel.home_is")]
    if figures.groups:
        # Two counts, and each has its own plural.
        lines.append(Line("panel.groups", {"n": figures.groups}))
        lines.append(
            Line("panel.seats", {"n": figures.seats}) if figures.seats else Line("panel.no_seats")
        )
    else:
        lines.append(Line("panel.no_groups"))
    return Message(
        tuple(lines),
        (
            Button("panel.find", f"find-open:panel-{panel_id}", "primary"),
            Button("panel.all", f"groups-open:panel-{panel_id}"),
            Button("panel.mine", f"home-open:panel-{panel_id}"),
        ),
    )


def posted(room_id: int, *, again: bool) -> Message:
    """Return what the owner reads once the panel is on its way."""
    return Message(
        (Line("panel.posted_again" if again else "panel.posted", {"room": room_id}),),
        (Button("panel.down", "panel-down"),),
    )
