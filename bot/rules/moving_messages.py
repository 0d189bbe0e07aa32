"""The answers to a wish to live somewhere: moved in, asked, or a question first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.place_names import Place, named, room, stamp


@dataclass(frozen=True, slots=True)
class Ends:
    """What else goes with a home that is left, and the visits that stay.

    `hosts` are titles of rituals there, `told` what they told about themselves, `waits_for` the
    group in whose line they stand.
    """

    hosts: tuple[str, ...] = ()
    greets: bool = False
    told: bool = False
    waits_for: str | None = None
    visits: bool = False


def moving(
    group_id: int,
    group: str,
    leaves: str,
    *,
    looks_after: bool,
    visit_stays: bool,
    free: bool,
    asks: bool,
    ends: Ends,
) -> Message:
    """Return what ends and what stays with a move, and the one question."""
    names = {"group": safe(group), "old": safe(leaves)}
    lines = [
        Line("home.move_head", names),
        Line("home.move_ends_office" if looks_after else "home.move_ends", names),
        *_also_ends(ends),
        Line("home.move_visit_stays" if visit_stays else "home.move_no_visit", names),
    ]
    if ends.visits:
        lines.append(Line("home.move_visits_stay"))
    if not free:
        lines.append(Line("home.move_cooldown"))
    if asks:
        lines.append(Line("home.move_asks", names))
    return Message(
        tuple(lines),
        buttons=(
            Button(
                "home.move_ask" if asks else "home.move_yes",
                f"move-go:{group_id}",
                "success",
                {"group": group},
            ),
            Button("home.move_no", "home-stay"),
        ),
    )


def _also_ends(ends: Ends) -> list[Line]:
    lines: list[Line] = []
    if ends.hosts:
        rituals = ", ".join(f"**{safe(title)}**" for title in ends.hosts)
        lines.append(Line("home.move_ends_hosting", {"rituals": rituals}))
    if ends.greets:
        lines.append(Line("home.move_ends_greeting"))
    if ends.told:
        lines.append(Line("home.move_ends_told"))
    if ends.waits_for is not None:
        lines.append(Line("home.move_ends_waiting", {"group": safe(ends.waits_for)}))
    return lines


def joined(
    where: Place,
    *,
    returned: bool,
    office_open: bool = False,
    told: bool,
    left: str | None,
    visit_until: datetime | None,
    next_move_at: datetime | None,
    begin: tuple[Sequence[Line], Sequence[Button]] = ((), ()),
) -> Message:
    """Return the answer to a join; a link only where it works by now.

    `begin` is what a newcomer reads on how to begin, and its buttons.
    """
    names = {"group": named(where), "room": room(where)}
    lines = [Line("home.joined_back" if returned else "home.joined", names)]
    if office_open:
        lines.append(Line("home.office_open", names))
    lines.append(Line("home.key_cut", names) if where.room_id else Line("home.key_being_cut"))
    lines.extend(begin[0])
    if left is not None and visit_until is not None:
        lines.append(Line("home.joined_door", {"old": safe(left), "until": stamp(visit_until)}))
    if next_move_at is not None:
        lines.append(Line("home.joined_next_move", {"at": stamp(next_move_at)}))
    return _with_consent(lines, list(begin[1]), told=told)


def asked(group: str, *, told: bool, again: bool) -> Message:
    """Return the answer to a request to live in a group."""
    key = "home.asked_again" if again else "home.asked"
    return _with_consent([Line(key, {"group": safe(group)})], [], told=told)


def lives_here(line: Line, *, counted: bool) -> Message:
    """Return the answer to a join where they live already; counting is said here too."""
    if not counted:
        return Message((line,))
    return Message((line, Line("home.card_counted")), (Button("home.opt_out", "privacy-opt-out"),))


def _with_consent(lines: list[Line], buttons: list[Button], *, told: bool) -> Message:
    if told:
        lines.append(Line("home.consent"))
        buttons.append(Button("home.opt_out", "privacy-opt-out"))
    return Message(tuple(lines), tuple(buttons))
