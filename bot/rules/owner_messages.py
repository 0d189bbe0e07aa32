"""What owners read: how the server is set up, its types, who looks after what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules import tongues
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.types import TypeRules

TYPES_PER_PAGE = 4
OFFICES_PER_PAGE = 15
OFFERS_SHOWN = 5  # buttons for offers that wait for a yes or no


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms, roles and settings of a server's setup."""

    commons: int | None
    facilitators: int | None
    moderators: int | None
    owners: int | None
    owner_role: int | None
    safety: Sequence[int]
    restricted: Sequence[int]
    zone: str
    clock: str  # the time of day there
    language: str
    needs_facilitator: bool = False
    shows_cities: bool = False
    brake_account_days: int = 0
    brake_joins_per_hour: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """One person's office in one group."""

    group_id: int
    group: str
    user_id: int
    state: str  # asked | offered | active
    since: datetime


def setup(rooms: Rooms, *, first: bool, changed: bool, types: int) -> Message:
    """Return how the server is set up, and what comes next."""
    done = Line("hearth.set_up" if changed else "hearth.set_up_is")
    lines = [
        Line("hearth.set_up_first", {"n": types}) if first else done,
        Line("hearth.setup_commons", {"room": rooms.commons}),
    ]
    for key, room in (
        ("hearth.setup_facilitators", rooms.facilitators),
        ("hearth.setup_moderators", rooms.moderators),
        ("hearth.setup_owners", rooms.owners),
    ):
        lines.append(Line(key, {"room": "—" if room is None else f"<#{room}>"}))
    if rooms.owner_role is not None:
        lines.append(Line("hearth.setup_owner_role", {"role": f"<@&{rooms.owner_role}>"}))
        lines.append(Line("hearth.setup_owner_role_hidden"))
    if rooms.safety:
        lines.append(Line("hearth.setup_safety", {"roles": _roles(rooms.safety)}))
    if rooms.restricted:
        lines.append(Line("hearth.setup_restricted", {"roles": _roles(rooms.restricted)}))
    lines.append(
        Line(
            "hearth.setup_zone",
            {"zone": rooms.zone, "clock": rooms.clock, "language": tongues.shown(rooms.language)},
        )
    )
    lines += _ways(rooms)
    if not rooms.safety:
        lines.append(Line("hearth.setup_no_safety"))
    lines.append(Line("hearth.setup_next"))
    again = Button("setup.go_through", "setup-go:rights")
    return Message(tuple(lines), () if first else (again,))


def _ways(rooms: Rooms) -> list[Line]:
    """Return how groups open and grow, as far as owners wished anything."""
    lines: list[Line] = []
    if rooms.needs_facilitator:
        lines.append(Line("hearth.setup_needs_facilitator"))
    if rooms.brake_account_days:
        lines.append(Line("hearth.setup_brake_days", {"n": rooms.brake_account_days}))
    if rooms.brake_joins_per_hour:
        lines.append(Line("hearth.setup_brake_joins", {"n": rooms.brake_joins_per_hour}))
    if rooms.shows_cities:
        lines.append(Line("hearth.setup_shows_cities"))
    return lines


def type_list(types: Sequence[tuple[TypeRules, int, int]], page: int) -> Message:
    """Return a page of the types, each with its number of groups and homes."""
    lines: list[Line] = []
    for rules, groups, homes in types[page * TYPES_PER_PAGE : (page + 1) * TYPES_PER_PAGE]:
        lines.append(
            Line(
                "hearth.type_head",
                {"type": safe(rules.name), "kind": rules.kind, "n": groups},
            )
        )
        if groups:
            lines.append(Line("hearth.type_homes", {"n": homes}))
        lines += _about(rules)
    return Message(tuple(lines), _pages("types-page", page, len(types), TYPES_PER_PAGE))


def office_list(offices: Sequence[Held], page: int) -> Message:
    """Return a page of who looks after what; for owners, so what was asked is among it."""
    if not offices:
        return Message((Line("hearth.facilitators_none"),))
    lines = [Line("hearth.facilitators_head")]
    for office in offices[page * OFFICES_PER_PAGE : (page + 1) * OFFICES_PER_PAGE]:
        key = f"hearth.facilitator_{office.state}"
        names = {
            "group": safe(office.group),
            "user": office.user_id,
            "at": int(office.since.timestamp()),
        }
        lines.append(Line(key, names))
    offered = [one for one in offices if one.state == "offered"]
    answers = {
        one.group_id: Button(
            "facilitators.answer_offer",
            f"care-offers:{one.group_id}",
            "primary",
            {"group": one.group},
        )
        for one in offered
    }
    return Message(
        tuple(lines),
        (
            *tuple(answers.values())[:OFFERS_SHOWN],
            *_pages("offices-page", page, len(offices), OFFICES_PER_PAGE),
        ),
    )


def _about(rules: TypeRules) -> list[Line]:
    sizes = {"cap": rules.cap, "minimum": rules.minimum}
    visits = {"days": rules.visit_days, "most": rules.most_visitors}
    return [
        Line("hearth.type_sizes", sizes),
        Line(f"hearth.type_patience_{rules.patience}"),
        Line(f"hearth.type_entry_{rules.entry}"),
        Line(f"hearth.type_visits_{rules.visits}", visits),
        *([Line("hearth.type_history")] if rules.visitors_read_history else []),
        Line(f"hearth.type_access_{rules.access}"),
        Line("hearth.type_listed" if rules.listed else "hearth.type_unlisted"),
        Line(f"hearth.type_splits_{rules.splits}", {"delay": rules.split_delay_days}),
        *([Line("hearth.type_pace", {"n": pace})] if (pace := rules.newcomers_per_week) else []),
        *([Line("hearth.type_voice")] if rules.voice else []),
        *([Line("hearth.type_lasts", {"n": rules.lasts_days})] if rules.lasts_days else []),
        *(
            [Line("hearth.type_frees", {"n": rules.frees_after_days})]
            if rules.frees_after_days
            else []
        ),
    ]


def _pages(verb: str, page: int, total: int, per_page: int) -> tuple[Button, ...]:
    buttons: list[Button] = []
    if page > 0:
        buttons.append(Button("groups.page_back", f"{verb}:{page - 1}"))
    if (page + 1) * per_page < total:
        buttons.append(Button("groups.page_on", f"{verb}:{page + 1}"))
    return tuple(buttons)


def _roles(roles: Sequence[int]) -> str:
    return ", ".join(f"<@&{role}>" for role in roles)
